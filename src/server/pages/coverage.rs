//! `/coverage`: what is not seen, why, and how old it is what is known.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{self, Query, rejection::QueryRejection},
    response::Response,
};
use serde::Deserialize;

use super::{
    NoPage,
    filter::{self, Choice, choices, chosen, only, said},
    finish,
    frame::{Frame, Tab},
    view::{Cells, When, cells},
    words,
};
use crate::{
    domain::{CoverageReason, thousands},
    history::{CoveragePages, Page, Pages},
    server::State,
};

/// What the form asks for; a field left empty keeps everything.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    outcome: Option<String>,
    reason: Option<String>,
    account: Option<String>,
    region: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "server/pages/templates/coverage.html")]
struct CoveragePage<'a> {
    frame: Frame,
    /// How many targets are scanned, failed, skipped.
    counts: Vec<(&'static str, String)>,
    oldest: Option<When>,
    gaps: Vec<Cells<'a>>,
    outcomes: Vec<Choice>,
    reasons: Vec<Choice>,
    account: String,
    region: String,
    /// How many accounts the account field stands for.
    accounts: Option<usize>,
    targets: Vec<Cells<'a>>,
    is_first: bool,
    next: Option<i64>,
}

impl CoveragePage<'_> {
    /// What was asked for, for the link to the next page.
    fn asked(&self) -> [(&'static str, &str); 4] {
        [
            ("outcome", chosen(&self.outcomes)),
            ("reason", chosen(&self.reasons)),
            ("account", &self.account),
            ("region", &self.region),
        ]
    }
}

/// `/coverage`.
pub(super) async fn page(
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, NoPage> {
    let Query(asked) = asked?;
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let outcomes = choices(
        "outcome",
        asked.outcome.as_deref(),
        [
            ("failed", "failed"),
            ("skipped", "skipped"),
            ("gaps", "failed or skipped"),
            ("scanned", "scanned"),
            ("all", "all"),
        ]
        .map(|(value, label)| (value, label.to_owned())),
    )?;
    let word = |reason: CoverageReason| (reason.as_str(), reason.as_str().replace('_', " "));
    let reasons = [("", "every reason".to_owned())].into_iter().chain(CoverageReason::ALL.map(word));
    let reasons = choices("reason", asked.reason.as_deref(), reasons)?;
    let place = filter::place(asked.after.as_deref())?;
    let accounts = filter::accounts(reader, asked.account.as_deref()).await?;
    let text = |field: &Option<String>| said(field.as_deref()).unwrap_or_default().to_owned();
    let pages = Pages::Coverage(CoveragePages {
        accounts: accounts.clone().unwrap_or_default(),
        regions: only(&text(&asked.region)),
        outcomes: match chosen(&outcomes) {
            "gaps" => ["failed", "skipped"].map(str::to_owned).into(),
            "all" => Vec::new(),
            one => only(one),
        },
        reasons: only(chosen(&reasons)),
    });
    // An account that nobody has is not every account.
    let nobody = accounts.as_ref().is_some_and(Vec::is_empty);
    let found = if nobody { Page::default() } else { reader.page(&pages, place).await? };
    let (measures, posture) = state.posture(reader).await?;
    let now = (state.now)();
    finish(&CoveragePage {
        frame: Frame::of(Tab::Coverage, "Coverage"),
        counts: measures.targets.iter().map(|(outcome, n)| (*outcome, thousands(*n))).collect(),
        oldest: measures.oldest_knowledge.map(|at| When::of(at, now)),
        gaps: cells(&posture.gaps, now),
        outcomes,
        reasons,
        account: text(&asked.account),
        region: text(&asked.region),
        accounts: accounts.map(|accounts| accounts.len()),
        targets: cells(&found.rows, now),
        is_first: place.after.is_none(),
        next: found.next,
    })
}
