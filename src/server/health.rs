//! Whether the process works, and whether what it answers can be relied on.

use std::{sync::Arc, time::Duration};

use axum::{extract, http::StatusCode, response::Response};
use jiff::SignedDuration;
use serde_json::json;

use super::{
    State,
    problem::{json_body, problem},
};
use crate::{
    domain::{Timestamp, iso_utc},
    history::ScanSpan,
};

/// A loop that has said nothing for so long hangs.
const SILENCE: Duration = Duration::from_secs(60);

/// `/healthz`.
pub(super) async fn healthz(extract::State(state): extract::State<Arc<State>>) -> Response {
    let silent = state.silent_for();
    if silent > SILENCE {
        let detail = format!("the loop that drives all work has not moved for {} s", silent.as_secs());
        return problem(StatusCode::SERVICE_UNAVAILABLE, &detail, json!({}));
    }
    json_body(&json!({"status": "ok"}))
}

/// `/readyz`.
pub(super) async fn readyz(extract::State(state): extract::State<Arc<State>>) -> Response {
    match last_scan(&state).await {
        Ok(scan) => {
            json_body(&json!({"status": "ready", "last_scan_finished_at": iso_utc(scan.finished_at)}))
        }
        Err(Unready { missing, detail }) => {
            problem(StatusCode::SERVICE_UNAVAILABLE, &detail, json!({"missing": [missing]}))
        }
    }
}

/// What is missing, in a word that a program can go by, and in a sentence.
#[derive(Debug, PartialEq, Eq)]
struct Unready {
    missing: &'static str,
    detail: String,
}

async fn last_scan(state: &State) -> Result<ScanSpan, Unready> {
    let unreadable =
        |error: crate::history::HistoryError| Unready { missing: "database", detail: error.to_string() };
    let reader = state.history.reader().await.map_err(unreadable)?;
    let last = reader.last_finished_scan().await.map_err(unreadable)?;
    young_enough(last, (state.now)(), state.ready_age())
}

fn young_enough(last: Option<ScanSpan>, now: Timestamp, ready_age: Duration) -> Result<ScanSpan, Unready> {
    let Some(last) = last else {
        let detail = "no scan has come to its end yet".to_owned();
        return Err(Unready { missing: "scan", detail });
    };
    let age = now.duration_since(last.finished_at);
    if age > SignedDuration::try_from(ready_age).unwrap_or(SignedDuration::MAX) {
        let detail = format!(
            "the last scan that came to its end did so at {}, {} s ago; server.ready_age allows {} s",
            iso_utc(last.finished_at),
            age.as_secs(),
            ready_age.as_secs()
        );
        return Err(Unready { missing: "recent_scan", detail });
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_is_young_enough_up_to_its_age() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let scan =
            ScanSpan { started_at: at("2026-11-24T08:00:00Z"), finished_at: at("2026-11-24T09:00:00Z") };
        let check = |now: &str| young_enough(Some(scan), at(now), Duration::from_secs(3600));
        assert_eq!(check("2026-11-24T10:00:00Z"), Ok(scan));
        // A clock that was set back makes no scan old.
        assert_eq!(check("2026-11-24T08:30:00Z"), Ok(scan));
        let late = check("2026-11-24T10:00:01Z").unwrap_err();
        assert_eq!(late.missing, "recent_scan");
        assert!(late.detail.contains("2026-11-24T09:00:00Z, 3601 s ago"), "{}", late.detail);
        assert_eq!(young_enough(None, at("2026-11-24T10:00:00Z"), SILENCE).unwrap_err().missing, "scan");
    }
}
