//! `/findings`: a page of them, by what is asked for.

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
    view::{Cells, cells},
    words,
};
use crate::{
    domain::{CHECK_IDS, Rows, thousands},
    history::{FindingPages, Page, Pages},
    server::State,
};

/// What the form asks for; a field left empty keeps everything.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Asked {
    state: Option<String>,
    check: Option<String>,
    severity: Option<String>,
    status: Option<String>,
    account: Option<String>,
    region: Option<String>,
    name: Option<String>,
    after: Option<String>,
}

#[derive(Template)]
#[template(path = "server/pages/templates/findings.html")]
struct FindingsPage<'a> {
    frame: Frame,
    states: Vec<Choice>,
    checks: Vec<Choice>,
    severities: Vec<Choice>,
    statuses: Vec<Choice>,
    account: String,
    region: String,
    name: String,
    /// How many accounts the account field stands for.
    accounts: Option<usize>,
    findings: Vec<Cells<'a>>,
    is_first: bool,
    next: Option<i64>,
}

impl FindingsPage<'_> {
    /// What was asked for, for the link to the next page.
    fn asked(&self) -> [(&'static str, &str); 7] {
        [
            ("state", chosen(&self.states)),
            ("check", chosen(&self.checks)),
            ("severity", chosen(&self.severities)),
            ("status", chosen(&self.statuses)),
            ("account", &self.account),
            ("region", &self.region),
            ("name", &self.name),
        ]
    }
}

/// `/findings`.
pub(super) async fn page(
    extract::State(state): extract::State<Arc<State>>,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, NoPage> {
    let Query(asked) = asked?;
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let states = states(&reader.findings_by_state().await?, asked.state.as_deref())?;
    let every = |what: &str| ("", format!("every {what}"));
    let word = |word: &'static str| (word, word.to_owned());
    let checks =
        choices("check", asked.check.as_deref(), [every("check")].into_iter().chain(CHECK_IDS.map(word)))?;
    let severities =
        choices("severity", asked.severity.as_deref(), [every("severity"), word("critical"), word("high")])?;
    let statuses =
        choices("status", asked.status.as_deref(), [every("status"), word("fail"), word("unknown")])?;
    let place = filter::place(asked.after.as_deref())?;
    let accounts = filter::accounts(reader, asked.account.as_deref()).await?;
    let text = |field: &Option<String>| said(field.as_deref()).unwrap_or_default().to_owned();
    let pages = Pages::Findings(FindingPages {
        states: if chosen(&states) == "all" { Vec::new() } else { only(chosen(&states)) },
        checks: only(chosen(&checks)),
        severities: only(chosen(&severities)),
        statuses: only(chosen(&statuses)),
        regions: only(&text(&asked.region)),
        accounts: accounts.clone().unwrap_or_default(),
        name: said(asked.name.as_deref()).map(str::to_owned),
        ..FindingPages::default()
    });
    // An account that nobody has is not every account.
    let nobody = accounts.as_ref().is_some_and(Vec::is_empty);
    let found = if nobody { Page::default() } else { reader.page(&pages, place).await? };
    finish(&FindingsPage {
        frame: Frame::of(Tab::Findings, "Findings"),
        states,
        checks,
        severities,
        statuses,
        account: text(&asked.account),
        region: text(&asked.region),
        name: text(&asked.name),
        accounts: accounts.map(|accounts| accounts.len()),
        findings: cells(&found.rows, (state.now)()),
        is_first: place.after.is_none(),
        next: found.next,
    })
}

/// The states to choose from, each with how many findings are in it.
fn states(counts: &Rows, word: Option<&str>) -> Result<Vec<Choice>, NoPage> {
    let of = |state: &str| -> u64 {
        counts.iter().filter(|row| row.text("state") == state).map(|row| row.count("findings")).sum()
    };
    let label = |state: &str, what: &str| format!("{what} ({})", thousands(of(state)));
    choices(
        "state",
        word,
        [
            ("open", label("open", "open")),
            ("suppressed", label("suppressed", "accepted")),
            ("resolved", label("resolved", "resolved")),
            ("all", "all".to_owned()),
        ],
    )
}
