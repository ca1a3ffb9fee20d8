use std::fmt;

/// A step of a remediation; its word is in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Whether anything stands in the way.
    Check,
    /// A key for the data.
    CreateKey,
    /// The key's name.
    CreateAlias,
    /// The replacement is asked for.
    CreateReplacement,
    /// It is there.
    AwaitReplacement,
    /// It is the source again in every setting but the key.
    CompareSettings,
    /// It reaches an endpoint.
    TestConnection,
    /// A task, or what DMS Serverless runs, stops.
    StopTask,
    /// A task goes over to the replacement.
    MoveTask,
    /// A task is made anew, with the replacement.
    CreateTask,
    /// A task that ran before runs again.
    StartTask,
    /// A task that could not be moved runs again where it was.
    PutBackTask,
    /// A task that was made anew is deleted in its old form.
    DeleteTask,
    /// The source is deleted.
    DeleteSource,
    /// A key is not deleted after all.
    CancelKeyDeletion,
    /// A key is usable again.
    EnableKey,
}

impl Step {
    /// Every one, in the order above.
    pub const ALL: [Self; 16] = [
        Self::Check,
        Self::CreateKey,
        Self::CreateAlias,
        Self::CreateReplacement,
        Self::AwaitReplacement,
        Self::CompareSettings,
        Self::TestConnection,
        Self::StopTask,
        Self::MoveTask,
        Self::CreateTask,
        Self::StartTask,
        Self::PutBackTask,
        Self::DeleteTask,
        Self::DeleteSource,
        Self::CancelKeyDeletion,
        Self::EnableKey,
    ];

    /// The step of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == word)
    }

    /// The word in the journal and in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::CreateKey => "create_key",
            Self::CreateAlias => "create_alias",
            Self::CreateReplacement => "create_replacement",
            Self::AwaitReplacement => "await_replacement",
            Self::CompareSettings => "compare_settings",
            Self::TestConnection => "test_connection",
            Self::StopTask => "stop_task",
            Self::MoveTask => "move_task",
            Self::CreateTask => "create_task",
            Self::StartTask => "start_task",
            Self::PutBackTask => "put_back_task",
            Self::DeleteTask => "delete_task",
            Self::DeleteSource => "delete_source",
            Self::CancelKeyDeletion => "cancel_key_deletion",
            Self::EnableKey => "enable_key",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
