//! What a weekly report is made of: rows, as of the end of a week, that one read transaction answers.
//!
//! Whatever is read here says the same when it is asked again later. So what keeps only its newest look
//! ([`super::past`] tells of it) is answered by what does not move: of a target or a part that is scanned, the newest
//! scan that had come to its end by then stands for the last look, and of a failure that lasts it is the first message
//! that is told. The name of an account that was no member by then and an OU's path that was not known yet are the newest.

mod accounts;
mod coverage;
mod exceptions;
mod findings;
mod numbers;
mod scans;

use sqlx::Connection;

pub use accounts::AccountThen;
pub use coverage::{AccountTargets, GapThen, TargetPeriod};
pub use exceptions::ExceptionThen;
pub use findings::{EventThen, FindingThen, OpeningThen};
pub use numbers::{EvidenceThen, NumbersThen, OpenChange, VerdictsThen};
pub use scans::ScansThen;

use super::{Reader, past::covered};
use crate::{
    domain::{Timestamp, iso_utc},
    history::HistoryError,
};

/// How many weeks a report looks back, its own among them.
pub const REPORT_WEEKS: usize = 12;

/// The twelve weeks of a report; its own is the last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeekSpan {
    /// What the last is called in an error, `2026-W47`.
    pub name: String,
    /// When the first begins.
    pub first_begins_at: Timestamp,
    /// When each ends, and so the next one begins.
    pub ends_at: [Timestamp; REPORT_WEEKS],
}

/// What the history says of a week. What happened in it is as of its end, or as of `now` while it lasts.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekFacts {
    /// The first scan of the history.
    pub first_scan: FirstScan,
    /// The newest moment before which the past was removed.
    pub pruned_before: Option<String>,
    /// Of each of the twelve weeks, whether the history reaches back to its end.
    pub known: [bool; REPORT_WEEKS],
    /// When the newest scan that came to its end did so.
    pub newest_finished_at: Option<String>,
    /// The scans that ended, by week and outcome.
    pub scans: Vec<ScansThen>,
    /// What changed in the verdicts, by week and check; what changed before is in the first week.
    pub numbers: Vec<NumbersThen>,
    /// What changed in the number of open findings.
    pub open: Vec<OpenChange>,
    /// The findings that are open or suppressed, and those to which something happened in the week.
    pub findings: Vec<FindingThen>,
    /// What happened in the week to findings, but changes of their status.
    pub events: Vec<EventThen>,
    /// The openings that were resolved in the twelve weeks.
    pub openings: Vec<OpeningThen>,
    /// Every account that there ever was.
    pub accounts: Vec<AccountThen>,
    /// The targets by account.
    pub targets: Vec<AccountTargets>,
    /// More of the targets that were not seen: of those that failed, and of those skipped that hold an open finding.
    pub gaps: Vec<GapThen>,
    /// The verdicts by account and Region.
    pub verdicts: Vec<VerdictsThen>,
    /// The verdicts by what they rest on.
    pub evidence: Vec<EvidenceThen>,
    /// The exceptions that were in force in the week.
    pub exceptions: Vec<ExceptionThen>,
}

/// The first scan of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstScan {
    /// Its number.
    pub scan_id: i64,
    /// When it began.
    pub started_at: String,
}

/// The moments that the questions name. Each is the last second that counts, for times are kept to the second.
#[derive(Debug)]
struct Moments {
    /// The first second of the week.
    begin: String,
    /// The last one of the week before; none in a first week.
    before: Option<String>,
    /// The last one of the week, or now.
    until: String,
    /// The last ones of the twelve weeks.
    ends: [String; REPORT_WEEKS],
}

impl Reader {
    /// What the history says of a week; `now` is the time of asking.
    ///
    /// # Errors
    /// [`HistoryError::NotCovered`] for a week that has not begun, or of which the history does not know the end.
    pub async fn week(&self, span: &WeekSpan, now: Timestamp) -> Result<WeekFacts, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.path, error);
        let mut db = self.connection().await?;
        // One transaction, so that a scan that writes meanwhile can't mix two states.
        let mut tx = db.begin().await.map_err(fail)?;
        let covered = covered(&mut tx, &self.path).await?;
        let [.., begin, end] = span.ends_at;
        if begin > now {
            return Err(covered.refuse(&self.path, &span.name, "in the future"));
        }
        let until = last_second_before(end).min(now);
        if let Some(why) = covered.missing(&iso_utc(until)) {
            return Err(covered.refuse(&self.path, &span.name, why));
        }
        let known =
            span.ends_at.map(|end| covered.missing(&iso_utc(last_second_before(end).min(now))).is_none());
        let [.., had_begun, _] = known;
        let moments = Moments {
            begin: iso_utc(begin),
            before: had_begun.then(|| iso_utc(last_second_before(begin))),
            until: iso_utc(until),
            ends: span.ends_at.map(|end| iso_utc(last_second_before(end).min(now))),
        };

        let first_scan = scans::first(&mut tx).await.map_err(fail)?;
        let newest_finished_at = scans::newest_finished(&mut tx, &moments).await.map_err(fail)?;
        let scans = scans::ended(&mut tx, &iso_utc(span.first_begins_at), &moments).await.map_err(fail)?;
        let numbers = numbers::changes(&mut tx, &moments).await.map_err(fail)?;
        let open = numbers::open(&mut tx, &moments).await.map_err(fail)?;
        let findings = findings::all(&mut tx, &moments, newest_finished_at.as_deref()).await.map_err(fail)?;
        let events = findings::events(&mut tx, &moments).await.map_err(fail)?;
        let openings =
            findings::openings(&mut tx, &iso_utc(span.first_begins_at), &moments).await.map_err(fail)?;
        let accounts = accounts::all(&mut tx, &moments).await.map_err(fail)?;
        let targets =
            coverage::targets(&mut tx, &moments, newest_finished_at.as_deref()).await.map_err(fail)?;
        let gaps = coverage::gaps(&mut tx, &moments, &targets, &findings).await.map_err(fail)?;
        let verdicts = numbers::verdicts(&mut tx, &moments).await.map_err(fail)?;
        let evidence = numbers::evidence(&mut tx, &moments).await.map_err(fail)?;
        let exceptions = exceptions::in_force(&mut tx, &moments).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok(WeekFacts {
            first_scan,
            pruned_before: covered.pruned,
            known,
            newest_finished_at,
            scans,
            numbers,
            open,
            findings,
            events,
            openings,
            accounts,
            targets,
            gaps,
            verdicts,
            evidence,
            exceptions,
        })
    }
}

fn last_second_before(moment: Timestamp) -> Timestamp {
    moment.saturating_sub(jiff::SignedDuration::from_secs(1)).unwrap_or(Timestamp::MIN)
}
