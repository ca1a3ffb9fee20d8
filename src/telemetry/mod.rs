//! Logs: levels, formats, and where they go.

mod filter;
mod lines;
#[cfg(feature = "otlp")]
mod otlp;

use tracing::Subscriber;
use tracing_subscriber::{
    Layer, filter::filter_fn, fmt, layer::SubscriberExt, registry::LookupSpan, util::SubscriberInitExt,
};

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
    /// Whether the environment names a collector of traces, as OpenTelemetry's own variables do.
    pub traces: bool,
}

/// Why logging could not begin.
#[derive(Debug, thiserror::Error)]
pub enum LoggingError {
    /// The directives are not understood.
    #[error(transparent)]
    Filter(#[from] InvalidFilter),
    /// Traces can't be sent as the environment says.
    #[error("cannot send traces: {0}; see the variables OTEL_EXPORTER_OTLP_…")]
    Traces(String),
    /// Something in this process logs already.
    #[error("logging was set up twice")]
    Twice,
}

/// Sends this process's logs to stderr. What comes back lets a progress display make room for a line.
pub fn init(logging: &Logging) -> Result<LogLines, LoggingError> {
    let lines = LogLines::stderr();
    let registry = tracing_subscriber::registry().with(layer(logging, lines.clone())?);
    #[cfg(feature = "otlp")]
    let registry = registry.with(if logging.traces { Some(otlp::layer()?) } else { None });
    registry.try_init().map_err(|_| LoggingError::Twice)?;
    #[cfg(not(feature = "otlp"))]
    if logging.traces {
        tracing::warn!("this build of keywatch sends no traces: it lacks the feature otlp");
    }
    Ok(lines)
}

/// Sends what is still to be sent, at the end of the process.
pub fn end() {
    #[cfg(feature = "otlp")]
    otlp::end();
}

/// Writes events with the spans that they happen in: the scan, the account, the target, the call. As text only where
/// much is logged, for an event says by itself what it is about, and spans that nobody sees cost nothing.
fn layer<S>(logging: &Logging, lines: LogLines) -> Result<impl Layer<S>, InvalidFilter>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    let filter = filter::filter(logging.level, logging.directives.as_deref())?;
    let layer = fmt::layer().with_writer(lines).with_ansi(logging.color);
    let layer = if logging.json {
        layer.json().flatten_event(true).with_current_span(false).boxed()
    } else {
        layer.compact().with_target(logging.level >= Level::Debug).boxed()
    };
    let with_spans = logging.json || logging.level >= Level::Debug || logging.directives.is_some();
    let shown =
        filter_fn(move |metadata| filter::may_be_logged(metadata) && (with_spans || metadata.is_event()));
    Ok(layer.with_filter(shown).with_filter(filter))
}

#[cfg(test)]
mod tests;
