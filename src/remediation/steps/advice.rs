//! How things stand after a step that failed, and how to go on or back: for people, in sentences.

use super::{Order, Step};

/// What to do after that step failed; `moved` once something was moved to the replacement, or made for it.
pub(super) fn after(step: Step, subject: &str, order: &Order, moved: bool) -> String {
    let source = &order.source_arn;
    let and_delete = if order.delete_source { " --delete-source" } else { "" };
    let go_on = format!(
        "To go on, mend that and run `keywatch remediate apply {source} --yes{and_delete}` again: it looks where it was"
    );
    match step {
        Step::Check
        | Step::CreateKey
        | Step::CreateAlias
        | Step::CreateReplacement
        | Step::AwaitReplacement
        | Step::CompareSettings
        | Step::TestConnection
            if moved =>
        {
            format!(
                "Tasks are on the replacement {} already; the source was not deleted (`keywatch remediate status {source}` tells \
                 what stands where). {go_on}.",
                order.replacement_name
            )
        }
        Step::Check | Step::CreateKey | Step::CreateAlias | Step::CreateReplacement => {
            format!("The source is as it was. {go_on}.")
        }
        Step::AwaitReplacement | Step::CompareSettings | Step::TestConnection => format!(
            "The source is as it was, and its tasks run on it. {go_on}. To go back, delete the replacement {}: nothing is on \
             it.",
            order.replacement_name
        ),
        Step::StopTask => format!(
            "The task was not moved: look at it in the console, start it if it has stopped. The source and its other tasks are \
             as they were, or have been moved already (`keywatch remediate status {source}`). {go_on}."
        ),
        Step::MoveTask | Step::CreateTask => format!(
            "The task is where it was, and has been started there again if it ran before (the next entry of `keywatch \
             remediate status {source}` tells). The source was not deleted. {go_on}."
        ),
        Step::StartTask if is_instance(source) => format!(
            "The task {subject} has been moved and does not run. {go_on}. To go back, move it to the source again (`aws dms \
             move-replication-task`), and resume it there; the source was not deleted."
        ),
        Step::StartTask => format!(
            "What was to go on for {subject} does not run; {subject} itself has been started again, if the next entry of \
             `keywatch remediate status {source}` says so, and else has to be (resume-processing). The source was not deleted. \
             {go_on}."
        ),
        Step::PutBackTask => format!(
            "The task {subject} could not be moved and does not run: start it by hand (`aws dms start-replication-task \
             --start-replication-task-type resume-processing`). The source was not deleted."
        ),
        Step::DeleteTask | Step::DeleteSource => format!(
            "All has been moved and works on the replacement {}; only what it replaces is still there. {go_on}.",
            order.replacement_name
        ),
        Step::CancelKeyDeletion | Step::EnableKey => {
            format!("The key is as it was. Who may mend it stands in the plan's runbook. {go_on}.")
        }
    }
}

/// Whether tasks are moved, not made anew.
fn is_instance(arn: &str) -> bool {
    arn.contains(":rep:")
}
