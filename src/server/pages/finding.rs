//! `/findings/{id}`: what, where, since when, why, and what was before.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{self, Path},
    response::Response,
};
use serde_json::Value;

use super::{
    NoPage, finish,
    frame::{Frame, Tab},
    view::{Cells, cells},
    words,
};
use crate::{
    domain::{Rows, visible, visible_json},
    evaluation::{CHECKS, Check},
    server::State,
};

#[derive(Template)]
#[template(path = "server/pages/templates/finding.html")]
struct FindingPage<'a> {
    frame: Frame,
    finding: Cells<'a>,
    /// None for a check that this version does not have.
    check: Option<&'static Check>,
    resource: Option<Cells<'a>>,
    /// As AWS gave it, but for what it could do to a page.
    document: Option<String>,
    events: Vec<Cells<'a>>,
    verdicts: Vec<Cells<'a>>,
    /// The last verdict that was no pass.
    was: Option<Cells<'a>>,
    exceptions: Vec<Cells<'a>>,
    siblings: Vec<Cells<'a>>,
}

/// `/findings/{id}`.
pub(super) async fn page(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
) -> Result<Response, NoPage> {
    let nobody =
        || NoPage::not_found(format!("there is no finding {:?}; /findings lists them", visible(&id)));
    let number: i64 = id.parse().map_err(|_| nobody())?;
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let (found, beside) = (reader.finding(&number.to_string()).await?, reader.surroundings(number).await?);
    let now = (state.now)();
    let Some(finding) = cells(&found.findings, now).into_iter().next() else { return Err(nobody()) };
    let resource = cells(&beside.resource, now).into_iter().next();
    let verdicts = cells(&found.evaluations, now);
    finish(&FindingPage {
        frame: Frame::below(Tab::Findings, &format!("Finding {number}")),
        check: CHECKS.into_iter().find(|check| check.id == finding.text("check_id")),
        finding,
        resource,
        document: document(&beside.resource),
        events: cells(&found.events, now),
        was: verdicts.iter().rev().find(|verdict| verdict.text("status") != "pass").copied(),
        verdicts,
        exceptions: cells(&beside.exceptions, now),
        siblings: cells(&beside.siblings, now),
    })
}

/// The resource's document, a line for each member.
fn document(resource: &Rows) -> Option<String> {
    let text = resource.iter().next()?.text("document");
    let document: Value = serde_json::from_str(text).ok()?;
    Some(visible_json(&format!("{document:#}")).into_owned())
}

/// What an exception covers.
fn covers(exception: &Cells<'_>) -> String {
    for (column, what) in [("resource_arn", ""), ("account_id", "account "), ("ou", "OU ")] {
        if !exception.lacks(column) {
            return format!("{what}{}", exception.text(column));
        }
    }
    format!("tag {}={}", exception.text("tag_key"), exception.text("tag_value"))
}
