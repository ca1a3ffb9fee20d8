//! Verdicts become evaluation periods, and findings live by them.
//!
//! A finding opens when a check fails or cannot tell, changes with the verdict, resolves when the check
//! passes or no longer applies, and reopens when it fails again. A reason that changes under the same
//! status (a disabled key that is now about to be deleted) is a `status_changed` event too: it changes what
//! has to be done. Evidence or severity alone are brought up to date without an event; other evidence is another
//! evaluation, so that what a verdict rested on stays known.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::{
    Applied,
    record::{Judged, Resolution},
    resources::Place,
};
use crate::{
    domain::{Status, Verdict},
    history::writer::update_last_seen,
};

/// An evaluation that still holds.
struct Evaluation {
    evaluation_id: i64,
    resource_id: i64,
    check_id: String,
    status: String,
    reason: String,
    evidence: String,
}

/// A finding as stored.
struct Finding {
    finding_id: i64,
    resource_id: i64,
    check_id: String,
    severity: String,
    state: String,
    status: String,
    reason: String,
    evidence: String,
}

type Key = (i64, String);

/// Brings the evaluations and findings of one part up to date.
pub(super) async fn judge(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    judged: &[(i64, &Judged<'_>)],
    applied: &mut Applied,
) -> Result<(), sqlx::Error> {
    let mut evaluations: HashMap<Key, Evaluation> = HashMap::new();
    let mut findings: HashMap<Key, Finding> = HashMap::new();
    if !place.new {
        for one in load_evaluations(db, place).await? {
            evaluations.insert((one.resource_id, one.check_id.clone()), one);
        }
        for one in load_findings(db, place).await? {
            findings.insert((one.resource_id, one.check_id.clone()), one);
        }
    }
    for (resource, one) in judged {
        for verdict in one.verdicts.values() {
            let key = (*resource, verdict.check_id.to_owned());
            evaluate(db, place.at, *resource, verdict, evaluations.remove(&key)).await?;
            live(db, place, *resource, verdict, findings.remove(&key), applied).await?;
        }
    }
    // What is left is of checks that no longer apply (and of resources that are gone: ended already).
    let mut left: Vec<&Evaluation> = evaluations.values().collect();
    left.sort_unstable_by_key(|one| one.evaluation_id);
    for one in left {
        end_evaluation(db, place.at, one.evaluation_id).await?;
    }
    let mut left: Vec<&Finding> = findings.values().filter(|one| one.state != "resolved").collect();
    left.sort_unstable_by_key(|one| one.finding_id);
    for one in left {
        resolve(db, place, one, None).await?;
        applied.findings_resolved += 1;
    }
    Ok(())
}

async fn load_evaluations(
    db: &mut SqliteConnection,
    place: &Place<'_>,
) -> Result<Vec<Evaluation>, sqlx::Error> {
    sqlx::query_as!(
        Evaluation,
        "SELECT e.evaluation_id, e.resource_id, e.check_id, e.status, e.reason, e.evidence
         FROM resource r JOIN evaluation e ON e.resource_id = r.resource_id AND e.valid_to IS NULL
         WHERE r.target_id = ? AND r.resource_type = ?",
        place.target,
        place.kind.as_str()
    )
    .fetch_all(db)
    .await
}

async fn load_findings(db: &mut SqliteConnection, place: &Place<'_>) -> Result<Vec<Finding>, sqlx::Error> {
    sqlx::query_as!(
        Finding,
        "SELECT f.finding_id, f.resource_id, f.check_id, f.severity, f.state, f.status, f.reason, f.evidence
         FROM resource r JOIN finding f ON f.resource_id = r.resource_id
         WHERE r.target_id = ? AND r.resource_type = ?",
        place.target,
        place.kind.as_str()
    )
    .fetch_all(db)
    .await
}

async fn evaluate(
    db: &mut SqliteConnection,
    at: &str,
    resource: i64,
    verdict: &Verdict,
    before: Option<Evaluation>,
) -> Result<(), sqlx::Error> {
    if let Some(before) = before {
        if before.status == verdict.status.as_str()
            && before.reason == verdict.reason.as_str()
            && before.evidence == verdict.evidence.as_str()
        {
            return Ok(());
        }
        end_evaluation(db, at, before.evaluation_id).await?;
    }
    sqlx::query!(
        "INSERT INTO evaluation (resource_id, check_id, status, reason, evidence, valid_from)
         VALUES (?, ?, ?, ?, ?, ?)",
        resource,
        verdict.check_id,
        verdict.status.as_str(),
        verdict.reason.as_str(),
        verdict.evidence.as_str(),
        at
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn end_evaluation(db: &mut SqliteConnection, at: &str, id: i64) -> Result<(), sqlx::Error> {
    sqlx::query!("UPDATE evaluation SET valid_to = ? WHERE evaluation_id = ?", at, id).execute(db).await?;
    Ok(())
}

/// One step in a finding's life.
async fn live(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    resource: i64,
    verdict: &Verdict,
    before: Option<Finding>,
    applied: &mut Applied,
) -> Result<(), sqlx::Error> {
    let passes = verdict.status == Status::Pass;
    match before {
        None if passes => Ok(()),
        None => {
            applied.findings_opened += 1;
            open(db, place, resource, verdict).await
        }
        Some(before) if before.state == "resolved" => {
            if passes {
                return Ok(());
            }
            applied.findings_opened += 1;
            reopen(db, place, &before, verdict).await
        }
        Some(before) if passes => {
            applied.findings_resolved += 1;
            resolve(db, place, &before, Some(verdict)).await
        }
        Some(before) => update(db, place, &before, verdict).await,
    }
}

async fn open(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    resource: i64,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    let finding = sqlx::query!(
        "INSERT INTO finding (resource_id, check_id, severity, state, status, reason, evidence, opened_at)
         VALUES (?, ?, ?, 'open', ?, ?, ?, ?)",
        resource,
        verdict.check_id,
        verdict.severity.as_str(),
        verdict.status.as_str(),
        verdict.reason.as_str(),
        verdict.evidence.as_str(),
        place.at
    )
    .execute(&mut *db)
    .await?
    .last_insert_rowid();
    event(db, place, finding, "opened", None, Some(verdict), None).await
}

async fn reopen(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    before: &Finding,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE finding SET state = 'open', severity = ?, status = ?, reason = ?, evidence = ?, opened_at = ?,
                last_seen_at = NULL, resolved_at = NULL, resolution = NULL, times_opened = times_opened + 1
         WHERE finding_id = ?",
        verdict.severity.as_str(),
        verdict.status.as_str(),
        verdict.reason.as_str(),
        verdict.evidence.as_str(),
        place.at,
        before.finding_id
    )
    .execute(&mut *db)
    .await?;
    event(db, place, before.finding_id, "reopened", Some(before), Some(verdict), None).await
}

/// Still failing or unknown.
async fn update(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    before: &Finding,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    let changed = before.status != verdict.status.as_str() || before.reason != verdict.reason.as_str();
    if !changed
        && before.evidence == verdict.evidence.as_str()
        && before.severity == verdict.severity.as_str()
    {
        return Ok(());
    }
    sqlx::query!(
        "UPDATE finding SET severity = ?, status = ?, reason = ?, evidence = ? WHERE finding_id = ?",
        verdict.severity.as_str(),
        verdict.status.as_str(),
        verdict.reason.as_str(),
        verdict.evidence.as_str(),
        before.finding_id
    )
    .execute(&mut *db)
    .await?;
    if changed {
        event(db, place, before.finding_id, "status_changed", Some(before), Some(verdict), None).await?;
    }
    Ok(())
}

/// Fixed: the check passes now, or (without a verdict) no longer applies.
async fn resolve(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    before: &Finding,
    verdict: Option<&Verdict>,
) -> Result<(), sqlx::Error> {
    update_last_seen!(
        "UPDATE finding AS outside SET state = 'resolved', resolved_at = ?, resolution = ?, exception_id = NULL,
                status = coalesce(?, status), reason = coalesce(?, reason), evidence = coalesce(?, evidence),
                last_seen_at = ",
        " WHERE finding_id = ?",
        place.at,
        Resolution::Fixed.as_str(),
        verdict.map(|verdict| verdict.status.as_str()),
        verdict.map(|verdict| verdict.reason.as_str()),
        verdict.map(|verdict| verdict.evidence.as_str()),
        before.finding_id
    )
    .execute(&mut *db)
    .await?;
    event(db, place, before.finding_id, "resolved", Some(before), verdict, Some(Resolution::Fixed)).await
}

async fn event(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    finding: i64,
    event: &str,
    before: Option<&Finding>,
    verdict: Option<&Verdict>,
    resolution: Option<Resolution>,
) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "INSERT INTO finding_event
             (finding_id, at, scan_id, event, from_status, to_status, reason, evidence, resolution)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        finding,
        place.at,
        place.scan.0,
        event,
        before.map(|before| before.status.as_str()),
        verdict.map(|verdict| verdict.status.as_str()),
        verdict.map(|verdict| verdict.reason.as_str()),
        verdict.map(|verdict| verdict.evidence.as_str()),
        resolution.map(Resolution::as_str)
    )
    .execute(db)
    .await?;
    Ok(())
}
