//! `/`: how bad it is, whether it gets better, and what nobody sees.

mod facts;

use std::sync::Arc;

use askama::Template;
use axum::{extract, response::Response};

use super::{
    NoPage, finish,
    frame::{Frame, Tab},
    running::Running,
    view::{Cells, When, cells},
    words,
};
use crate::{
    domain::{Rows, Timestamp, thousands},
    history::{FindingCount, Measures, Posture},
    server::State,
};
use facts::{Compliance, Open, Unseen};

/// Keys in danger that are listed here; all of them are findings.
const KEYS_LISTED: usize = 8;

#[derive(Template)]
#[template(path = "server/pages/templates/posture.html")]
struct PosturePage<'a> {
    frame: Frame,
    running: Option<Running>,
    /// When the newest scan that came to its end did; there is nothing to show before the first.
    last_scan: Option<When>,
    last_complete: Option<When>,
    next_scan: Option<When>,
    oldest: Option<When>,
    accounts: String,
    open: Open,
    compliance: Compliance,
    unseen: Unseen,
    charts: Vec<String>,
    weeks: Vec<Cells<'a>>,
    gaps: Vec<Cells<'a>>,
    keys: Vec<Cells<'a>>,
    more_keys: usize,
    worst: Vec<Cells<'a>>,
    checks: &'a [FindingCount],
    changed: String,
    changes: Vec<Cells<'a>>,
}

/// `/`.
pub(super) async fn page(extract::State(state): extract::State<Arc<State>>) -> Result<Response, NoPage> {
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let (measures, posture) = state.posture(reader).await?;
    let jobs = reader.jobs().await?;
    finish(&fill(&measures, &posture, &jobs, Running::of(&state), (state.now)()))
}

fn fill<'a>(
    measures: &'a Measures,
    posture: &'a Posture,
    jobs: &Rows,
    running: Option<Running>,
    now: Timestamp,
) -> PosturePage<'a> {
    let when = |at| When::of(at, now);
    let scan = cells(jobs, now).into_iter().find(|job| job.text("job") == "scan");
    let weeks = cells(&posture.trend, now);
    let mut keys = cells(&posture.keys, now);
    let more_keys = keys.len().saturating_sub(KEYS_LISTED);
    keys.truncate(KEYS_LISTED);
    PosturePage {
        frame: Frame::of(Tab::Posture, "Posture"),
        running,
        last_scan: measures.last_scan.map(|scan| when(scan.finished_at)),
        last_complete: measures.last_complete_at.map(when),
        next_scan: scan.and_then(|job| job.when("next_at")),
        oldest: measures.oldest_knowledge.map(when),
        accounts: posture.size.iter().map(|size| thousands(size.count("accounts"))).collect(),
        open: Open::of(&posture.findings, &weeks),
        compliance: Compliance::of(&weeks),
        unseen: Unseen::of(&measures.targets),
        charts: facts::charts(&weeks),
        gaps: cells(&posture.gaps, now),
        keys,
        more_keys,
        worst: cells(&posture.accounts, now),
        checks: &measures.findings,
        changed: facts::changed(&posture.changed),
        changes: cells(&posture.changes, now),
        weeks,
    }
}
