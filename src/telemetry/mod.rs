//! Logs: levels, formats, and where they go.

mod filter;
mod lines;

use tracing_subscriber::{Layer, filter::filter_fn, fmt, layer::SubscriberExt, util::SubscriberInitExt};

pub use filter::{InvalidFilter, Level};
pub use lines::LogLines;

/// How to log.
#[derive(Debug, Clone, Default)]
pub struct Logging {
    /// One JSON object a line, instead of text.
    pub json: bool,
    /// How much.
    pub level: Level,
    /// Directives that replace the level (`KEYWATCH_LOG`), in the syntax of tracing's `EnvFilter`.
    pub directives: Option<String>,
    /// Whether stderr may be coloured.
    pub color: bool,
}

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The directives are not understood.
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
    /// Something in this process logs already.
    #[error("logging was set up twice")]
    Twice,
}

/// Sends this process's logs to stderr. What comes back lets a progress display make room for a line.
pub fn init(logging: &Logging) -> Result<LogLines, LoggingError> {
    let lines = LogLines::stderr();
    let filter = filter::filter(logging.level, logging.directives.as_deref())?;
    let layer = fmt::layer().with_writer(lines.clone()).with_ansi(logging.color);
    let layer = if logging.json {
        layer.json().flatten_event(true).boxed()
    } else {
        layer.compact().with_target(logging.level >= Level::Debug).boxed()
    };
    tracing_subscriber::registry()
        .with(layer.with_filter(filter_fn(filter::may_be_logged)).with_filter(filter))
        .try_init()
        .map_err(|_| LoggingError::Twice)?;
    Ok(lines)
}

#[cfg(test)]
mod tests;
