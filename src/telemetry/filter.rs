use tracing::Metadata;
use tracing_subscriber::EnvFilter;

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Level {
    /// Errors only.
    Error,
    /// What an operator wants to know.
    #[default]
    Info,
    /// What helps to find a fault.
    Debug,
    /// Everything of keywatch's own.
    Trace,
}

/// Directives that are not understood.
#[derive(Debug, thiserror::Error)]
#[error("cannot understand the log filter {directives:?}: {source}; an example is keywatch=debug")]
pub struct InvalidFilter {
    directives: String,
    source: tracing_subscriber::filter::ParseError,
}

/// Crates that log requests, answers or statements below `warn`; these can hold credentials.
const CONFIDENTIAL: [&str; 9] =
    ["aws_", "h2", "http", "hyper", "lettre", "opentelemetry", "reqwest", "rustls", "sqlx"];

/// Whether the event may be logged at all, whatever the filter says.
pub(super) fn may_be_logged(metadata: &Metadata<'_>) -> bool {
    *metadata.level() <= tracing::Level::WARN
        || !CONFIDENTIAL.iter().any(|start| metadata.target().starts_with(start))
}

pub(super) fn filter(level: Level, directives: Option<&str>) -> Result<EnvFilter, InvalidFilter> {
    let directives = directives.map(str::trim).filter(|text| !text.is_empty()).unwrap_or(match level {
        Level::Error => "error",
        // The SDK's credentials chain warns of every role it is refused; the scan reports these itself.
        Level::Info => "warn,aws_config=error,keywatch=info",
        Level::Debug => "warn,aws_config=error,keywatch=debug",
        Level::Trace => "warn,aws_config=error,keywatch=trace",
    });
    EnvFilter::builder()
        .parse(directives)
        .map_err(|source| InvalidFilter { directives: directives.to_owned(), source })
}
