//! `/accounts/{id}`: what is open there, what is not seen, and what became of what was.

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{self, Path},
    response::Response,
};

use super::{
    NoPage,
    filter::PAGE,
    finish,
    frame::{Frame, Tab},
    view::{Cells, cells},
    words,
};
use crate::{
    domain::visible,
    history::{CoveragePages, FindingPages, Pages, Place},
    server::State,
};

/// More Regions than there are.
const REGIONS: u32 = 200;

#[derive(Template)]
#[template(path = "server/pages/templates/account.html")]
struct AccountPage<'a> {
    frame: Frame,
    account: Cells<'a>,
    numbers: Cells<'a>,
    findings: Vec<Cells<'a>>,
    more_findings: bool,
    /// What failed, then what was scanned.
    targets: Vec<Cells<'a>>,
    skipped: Vec<Skipped>,
    remedies: Vec<Cells<'a>>,
}

/// Regions that are left out for the same reason.
struct Skipped {
    reason: String,
    why: &'static str,
    regions: Vec<String>,
}

impl Skipped {
    fn group(targets: Vec<Cells<'_>>) -> Vec<Self> {
        let mut groups: Vec<Self> = Vec::new();
        for target in targets {
            let (reason, region) = (target.text("reason"), target.text("region").into_owned());
            match groups.iter_mut().find(|group| group.reason == reason) {
                Some(group) => group.regions.push(region),
                None => {
                    let why = words::gap(&reason);
                    groups.push(Self { reason: reason.into_owned(), why, regions: vec![region] });
                }
            }
        }
        groups
    }
}

/// `/accounts/{id}`.
pub(super) async fn page(
    extract::State(state): extract::State<Arc<State>>,
    Path(id): Path<String>,
) -> Result<Response, NoPage> {
    let nobody =
        || NoPage::not_found(format!("there is no account {:?}; /accounts lists them", visible(&id)));
    if id.len() != 12 {
        return Err(nobody());
    }
    let turn = state.history.turn().await?;
    let reader = &turn.reader;
    let (account, numbers) =
        (reader.accounts_like(&id, 1).await?, reader.account_numbers(std::slice::from_ref(&id)).await?);
    let now = (state.now)();
    let of_account = |rows| cells(rows, now).into_iter().next();
    let Some((account, numbers)) = of_account(&account).zip(of_account(&numbers)) else {
        return Err(nobody());
    };
    if account.text("account_id") != id {
        return Err(nobody());
    }
    let findings = Pages::Findings(FindingPages {
        accounts: vec![id.clone()],
        states: vec!["open".to_owned(), "suppressed".to_owned()],
        ..FindingPages::default()
    });
    let findings = reader.page(&findings, Place { after: None, limit: PAGE }).await?;
    let targets = Pages::Coverage(CoveragePages { accounts: vec![id.clone()], ..CoveragePages::default() });
    let targets = reader.page(&targets, Place { after: None, limit: REGIONS }).await?;
    let (skipped, mut seen): (Vec<_>, Vec<_>) =
        cells(&targets.rows, now).into_iter().partition(|target| target.text("outcome") == "skipped");
    seen.sort_by_key(|target| (target.text("outcome"), target.text("region")));
    let remedies = reader.account_remedies(&id).await?;
    finish(&AccountPage {
        frame: Frame::below(Tab::Accounts, &format!("Account {id}")),
        account,
        numbers,
        findings: cells(&findings.rows, now),
        more_findings: findings.next.is_some(),
        targets: seen,
        skipped: Skipped::group(skipped),
        remedies: cells(&remedies, now),
    })
}
