//! The history as it was known at a moment.
//!
//! The columns are those of the views of now. Pruning removes nothing that this needs of a day that stays, but
//! for findings that were resolved before that day, and of one resolved since then when it was last seen before;
//! everything is exact but these:
//! - A period that went on after the moment keeps only its newest attempt. Of it, `last_seen_at`,
//!   `last_attempt_at` and `last_scanned_at` are given as the end of the newest scan up to then, though that
//!   scan may have been a narrow one; they are never before the period's beginning and never after the moment.
//! - `evidence`, `severity`, `error_message` change without an event or a period of their own: of a finding to
//!   which nothing has happened since, and of a failure that still stood, they are the newest.
//! - The name and the OU of an account that had left are those of when it was last listed.

use std::path::Path;

use serde_json::json;
use sqlx::{Connection, SqliteConnection};

use super::{CoverageFilter, FindingFilter, FindingHistory, Reader, TrendFilter, rows};
use crate::{
    domain::{Rows, Timestamp, iso_utc},
    history::{HistoryError, checked::question},
};

/// The same questions as to a [`Reader`], answered as of a moment.
#[derive(Debug)]
pub struct Past<'a> {
    reader: &'a Reader,
    at: String,
}

/// The findings as of `?5`, asked by `$ask`, a macro like `question`. A finding to which nothing happened since is
/// as its row says; of any other, its events up to then tell.
///
/// `$columns` are those to answer, of the view's; `$account` is the period of the account `a` that tells of it, none
/// where its row does; `$evidence` and `$seen` are what the verdict rests on and when the finding was last seen.
macro_rules! findings_then {
    ($ask:ident, $columns:literal, $account:literal, $evidence:literal, $seen:literal, $which:literal, $order:literal,
     $($parameter:expr),+ $(,)?) => {
        $ask!(
            "WITH past AS (
                SELECT f.finding_id, f.resource_id, f.check_id, f.severity, f.state, f.status, f.reason, f.evidence,
                       f.opened_at, f.last_seen_at, f.resolved_at, f.resolution, f.times_opened, f.exception_id,
                       NULL AS seen_until
                FROM finding f
                WHERE NOT EXISTS (SELECT 1 FROM finding_event e WHERE e.finding_id = f.finding_id AND e.at > ?5)
                UNION ALL
                SELECT f.finding_id, f.resource_id, f.check_id, f.severity,
                       CASE s.event WHEN 'resolved' THEN 'resolved' WHEN 'suppressed' THEN 'suppressed' ELSE 'open' END,
                       coalesce(l.to_status, l.from_status),
                       -- Neither how a finding was resolved nor what became of an exception says how it is judged.
                       (SELECT e.reason FROM finding_event e
                        WHERE e.finding_id = f.finding_id AND e.at <= ?5 AND e.exception_id IS NULL AND e.reason IS NOT NULL
                        ORDER BY e.event_id DESC LIMIT 1),
                       (SELECT e.evidence FROM finding_event e
                        WHERE e.finding_id = f.finding_id AND e.at <= ?5 AND e.evidence IS NOT NULL
                        ORDER BY e.event_id DESC LIMIT 1),
                       (SELECT max(e.at) FROM finding_event e
                        WHERE e.finding_id = f.finding_id AND e.at <= ?5 AND e.event IN ('opened', 'reopened')),
                       NULL,
                       CASE s.event WHEN 'resolved' THEN s.at END,
                       CASE s.event WHEN 'resolved' THEN s.resolution END,
                       (SELECT count(*) FROM finding_event e
                        WHERE e.finding_id = f.finding_id AND e.at <= ?5 AND e.event IN ('opened', 'reopened')),
                       CASE s.event WHEN 'suppressed' THEN s.exception_id END,
                       -- What resolved it was a scan that did not see it any more.
                       CASE s.event WHEN 'resolved' THEN coalesce(
                           (SELECT coalesce(n.finished_at, n.started_at) FROM scan n
                            WHERE n.scan_id < s.scan_id ORDER BY n.scan_id DESC LIMIT 1), '') END
                FROM finding f
                JOIN finding_event l ON l.event_id =
                    (SELECT max(e.event_id) FROM finding_event e WHERE e.finding_id = f.finding_id AND e.at <= ?5)
                JOIN finding_event s ON s.event_id =
                    (SELECT max(e.event_id) FROM finding_event e
                     WHERE e.finding_id = f.finding_id AND e.at <= ?5 AND e.event <> 'status_changed')
                WHERE EXISTS (SELECT 1 FROM finding_event e WHERE e.finding_id = f.finding_id AND e.at > ?5)
             )
             SELECT " + $columns + " FROM (
                SELECT f.finding_id, f.check_id, f.severity, f.state, f.status, f.reason, t.account_id,
                       iif(p.period IS NULL, a.name, p.name) AS account_name,
                       iif(p.period IS NULL, a.ou_path, p.ou_path) AS ou_path,
                       t.region, r.arn AS resource_arn, r.resource_type,
                       iif(v.version_id IS NULL, r.name, v.name) AS resource_name,
                       iif(v.version_id IS NULL, r.key_arn, v.key_arn) AS key_arn,
                       CASE WHEN iif(v.version_id IS NULL, r.key_manager, v.key_manager) IS NULL
                                 AND f.reason = 'default_key' THEN 'AWS'
                            ELSE iif(v.version_id IS NULL, r.key_manager, v.key_manager) END AS key_manager,
                       iif(v.version_id IS NULL, r.key_state, v.key_state) AS key_state,
                       " + $evidence + " AS evidence, f.opened_at, " + $seen + " AS last_seen_at,
                       f.resolved_at, f.resolution, f.times_opened,
                       f.exception_id, x.expires_at AS exception_expires_at
                FROM past f
                JOIN resource r ON r.resource_id = f.resource_id
                JOIN target t ON t.target_id = r.target_id
                JOIN account a ON a.account_id = t.account_id
                LEFT JOIN account_period p ON p.account_id = a.account_id AND p.period = " + $account + "
                -- The newest form that began before, if the present one began later.
                LEFT JOIN resource_version v ON r.valid_from > ?5 AND v.version_id =
                    (SELECT b.version_id FROM resource_version b
                     WHERE b.resource_id = r.resource_id AND b.valid_from <= ?5
                     ORDER BY b.valid_from DESC LIMIT 1)
                LEFT JOIN exception x ON x.exception_id = f.exception_id
             ) " + $which + " ORDER BY " + $order,
            $($parameter),+
        )
    };
}
pub(super) use findings_then;

/// The same with all columns of the view, as the live question has them.
macro_rules! live_form {
    ($which:literal, $order:literal, $($parameter:expr),+ $(,)?) => {
        findings_then!(
            question,
            "*",
            // The account as it was then: that period, if another followed it or it ended later; else as it is now.
            "(SELECT b.period FROM account_period b
              WHERE b.account_id = a.account_id AND b.valid_from <= ?5
                AND (b.valid_to > ?5 OR EXISTS (SELECT 1 FROM account_period l
                                              WHERE l.account_id = b.account_id AND l.valid_from > ?5))
              ORDER BY b.period DESC LIMIT 1)",
            "f.evidence",
            // Only the newest look is kept: if it came later, the end of the newest scan by then (the moment itself,
            // if that still ran), but not before the period began.
            "coalesce(f.last_seen_at,
                      (SELECT max(min(coalesce(s.last_at, t.last_attempt_at), max(s.valid_from, u.until)))
                       FROM coverage_period s,
                            (SELECT coalesce(f.seen_until,
                                             (SELECT max(min(coalesce(finished_at, ?5), ?5)) FROM scan
                                              WHERE started_at <= ?5)) AS until) u
                       WHERE s.target_id = r.target_id AND s.part = r.resource_type
                         AND s.outcome = 'scanned' AND s.valid_from <= coalesce(f.resolved_at, ?5)),
                      f.opened_at)",
            $which,
            $order,
            $($parameter),+
        )
    };
}

impl Reader {
    /// The history as it was known at a moment; `now` is the time of asking.
    ///
    /// # Errors
    /// [`HistoryError::NotCovered`] for a moment before the first scan, before what pruning left, or after `now`.
    pub async fn as_of(&self, at: Timestamp, now: Timestamp) -> Result<Past<'_>, HistoryError> {
        let mut db = self.connection().await?;
        let covered = covered(&mut db, &self.path).await?;
        let asked = iso_utc(at);
        let why = if at > now { Some("in the future") } else { covered.missing(&asked) };
        match why {
            Some(why) => Err(covered.refuse(&self.path, &asked, why)),
            None => Ok(Past { reader: self, at: asked }),
        }
    }
}

/// What of the past a history knows.
pub(super) struct Covered {
    first_scan_at: String,
    newest_scan_at: String,
    /// The newest moment before which the past was removed.
    pub(super) pruned: Option<String>,
}

/// What of the past this history knows; without a scan it is none.
pub(super) async fn covered(db: &mut SqliteConnection, path: &Path) -> Result<Covered, HistoryError> {
    let covered = sqlx::query!(
        r#"SELECT min(started_at) AS first, max(coalesce(finished_at, started_at)) AS "last: String",
                  (SELECT max(pruned_before) FROM pruning) AS "pruned: String"
           FROM scan"#
    )
    .fetch_one(db)
    .await
    .map_err(|error| HistoryError::sqlite(path, error))?;
    match covered.first.zip(covered.last) {
        Some((first_scan_at, newest_scan_at)) => {
            Ok(Covered { first_scan_at, newest_scan_at, pruned: covered.pruned })
        }
        None => Err(HistoryError::Missing(path.to_owned())),
    }
}

impl Covered {
    /// From when on it tells what was. Some scans stay that are older than what was removed: what is open goes back
    /// to them.
    fn from(&self) -> &str {
        self.pruned.as_ref().map_or(&self.first_scan_at, |pruned| pruned.max(&self.first_scan_at))
    }

    /// Why it can't tell of a moment, if it can't.
    pub(super) fn missing(&self, at: &str) -> Option<&'static str> {
        if at >= self.from() {
            None
        } else if self.from() == self.first_scan_at {
            Some("before the first scan")
        } else {
            Some("in the past that `keywatch db prune` removed")
        }
    }

    /// The error of a moment or a span that it can't tell of.
    pub(super) fn refuse(self, path: &Path, asked: &str, why: &'static str) -> HistoryError {
        let first = self.from().to_owned();
        let last = self.newest_scan_at.max(first.clone());
        HistoryError::NotCovered { path: path.to_owned(), asked: asked.to_owned(), why, first, last }
    }
}

impl Past<'_> {
    /// As [`Reader::findings`].
    pub async fn findings(&self, filter: &FindingFilter) -> Result<Rows, HistoryError> {
        let [states, checks, accounts, regions] = filter.parameters();
        let mut db = self.reader.connection().await?;
        let findings = live_form!(
            "WHERE (?1 IS NULL OR state IN (SELECT value FROM json_each(?1)))
                   AND (?2 IS NULL OR check_id IN (SELECT value FROM json_each(?2)))
                   AND (?3 IS NULL OR account_id IN (SELECT value FROM json_each(?3)))
                   AND (?4 IS NULL OR region IN (SELECT value FROM json_each(?4)))",
            "state, severity = 'critical' DESC, account_id, region, resource_arn, check_id, finding_id",
            states,
            checks,
            accounts,
            regions,
            Some(self.at.clone())
        );
        rows(&mut db, findings).await.map_err(|error| HistoryError::sqlite(&self.reader.path, error))
    }

    /// As [`Reader::finding`]: a finding that was opened later is none.
    pub async fn finding(&self, id_or_arn: &str) -> Result<FindingHistory, HistoryError> {
        let fail = |error| HistoryError::sqlite(&self.reader.path, error);
        let at = Some(self.at.clone());
        let mut db = self.reader.connection().await?;
        let mut tx = db.begin().await.map_err(fail)?;
        let findings = live_form!(
            "WHERE resource_arn = ?1 OR finding_id = CAST(?1 AS INTEGER) AND ?1 NOT GLOB '*[^0-9]*'",
            "finding_id",
            Some(id_or_arn.trim().to_owned()),
            None::<String>,
            None::<String>,
            None::<String>,
            at.clone()
        );
        let findings = rows(&mut tx, findings).await.map_err(fail)?;
        let ids: Vec<_> = findings.rows.iter().filter_map(|row| row.first()).collect();
        let ids = Some(json!(ids).to_string());
        let events = question!(
            "SELECT * FROM finding_events
             WHERE finding_id IN (SELECT value FROM json_each(?1)) AND at <= ?2 ORDER BY event_id",
            ids.clone(),
            at.clone()
        );
        let events = rows(&mut tx, events).await.map_err(fail)?;
        let evaluations = question!(
            "SELECT e.check_id, r.arn AS resource_arn, t.account_id, t.region, e.status, e.reason,
                    e.valid_from, iif(e.valid_to <= ?2, e.valid_to, NULL) AS valid_to
             FROM finding f
             JOIN evaluation e ON e.resource_id = f.resource_id AND e.check_id = f.check_id
             JOIN resource r ON r.resource_id = f.resource_id
             JOIN target t ON t.target_id = r.target_id
             WHERE f.finding_id IN (SELECT value FROM json_each(?1)) AND e.valid_from <= ?2
             ORDER BY e.valid_from, e.evaluation_id",
            ids,
            at
        );
        let evaluations = rows(&mut tx, evaluations).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok(FindingHistory { findings, events, evaluations })
    }

    /// As [`Reader::coverage`].
    pub async fn coverage(&self, filter: &CoverageFilter) -> Result<Rows, HistoryError> {
        let [accounts, regions, outcomes] = filter.parameters();
        let mut db = self.reader.connection().await?;
        let coverage = question!(
            "SELECT *, (unixepoch(?4) - unixepoch(last_scanned_at)) / 3600.0 AS age_hours FROM (
             SELECT t.account_id, iif(p.period IS NULL, a.name, p.name) AS account_name, t.region, c.outcome,
                    c.reason, c.error_code, c.error_message, c.valid_from AS since,
                    -- Only the newest look is kept; see the findings.
                    min(coalesce(c.last_at, t.last_attempt_at), max(c.valid_from, u.until)) AS last_attempt_at,
                    (SELECT max(min(coalesce(s.last_at, t.last_attempt_at), max(s.valid_from, u.until)))
                     FROM coverage_period s
                     WHERE s.target_id = t.target_id AND s.part = '' AND s.outcome = 'scanned'
                       AND s.valid_from <= ?4) AS last_scanned_at
             FROM (SELECT (SELECT max(min(coalesce(finished_at, ?4), ?4)) FROM scan
                           WHERE started_at <= ?4) AS until) u
             JOIN target t
             JOIN coverage_period c ON c.target_id = t.target_id AND c.part = ''
                 AND c.valid_from <= ?4 AND (c.valid_to IS NULL OR c.valid_to > ?4)
             JOIN account a ON a.account_id = t.account_id
             -- The account as it was then: that period, if another followed it or it ended later; else as it is now.
             LEFT JOIN account_period p ON p.account_id = a.account_id AND p.period =
                 (SELECT b.period FROM account_period b
                  WHERE b.account_id = a.account_id AND b.valid_from <= ?4
                    AND (b.valid_to > ?4 OR EXISTS (SELECT 1 FROM account_period l
                                                  WHERE l.account_id = b.account_id AND l.valid_from > ?4))
                  ORDER BY b.period DESC LIMIT 1)
             WHERE c.outcome <> 'scanned'
               AND (?1 IS NULL OR t.account_id IN (SELECT value FROM json_each(?1)))
               AND (?2 IS NULL OR t.region IN (SELECT value FROM json_each(?2)))
               AND (?3 IS NULL OR c.outcome IN (SELECT value FROM json_each(?3)))
             ) ORDER BY outcome, account_id, region",
            accounts,
            regions,
            outcomes,
            Some(self.at.clone())
        );
        rows(&mut db, coverage).await.map_err(|error| HistoryError::sqlite(&self.reader.path, error))
    }

    /// As [`Reader::trend`], which ends with the moment.
    pub async fn trend(&self, filter: &TrendFilter) -> Result<Rows, HistoryError> {
        self.reader.trend_at(filter, &self.at).await
    }
}
