//! `/metrics`: what each number is called, where it comes from, and how it is written.

mod gather;
mod names;
mod process;
mod text;

use std::fmt;

pub use names::{Kind, METRICS, Metric};
pub(super) use text::CONTENT_TYPE;

use super::State;

/// All numbers of now, in Prometheus' text format. Where the history can't be read, the others are still told.
pub(super) async fn scrape(state: &State) -> Result<String, fmt::Error> {
    let measures = state.measures().await;
    if let Err(error) = &measures {
        tracing::warn!(%error, "metrics without those of the history");
    }
    text::text(gather::gather(state, measures.ok().as_ref()))
}
