use std::time::Duration;

/// Why a message did not arrive. No text of it holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Another attempt may help.
    #[error("{message}")]
    Transient {
        /// What happened.
        message: String,
        /// How long the receiver asked to be left alone.
        retry_after: Option<Duration>,
    },
    /// The same attempt would fail again.
    #[error("{0}")]
    Permanent(String),
    /// keywatch was asked to stop.
    #[error("stopped before it was sent")]
    Stopped,
}

impl SendError {
    /// An error that may pass.
    pub fn transient(message: impl Into<String>) -> Self {
        Self::Transient { message: message.into(), retry_after: None }
    }
}
