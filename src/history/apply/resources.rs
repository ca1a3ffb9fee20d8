//! One part that was read: it replaces what was known of that kind of resource in that target.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::{
    Applied, findings,
    record::{Judged, Resolution},
};
use crate::{
    domain::{JudgedResource, KeyManager, ResourceType},
    history::{
        ScanId,
        writer::{end_resources, update_last_seen},
    },
};

/// Where and when a part was read.
pub(super) struct Place<'a> {
    pub(super) scan: ScanId,
    pub(super) target: i64,
    pub(super) kind: ResourceType,
    pub(super) at: &'a str,
    /// Nothing is stored of the target yet.
    pub(super) new: bool,
}

/// A resource as stored.
struct Stored {
    resource_id: i64,
    arn: String,
    name: String,
    status: Option<String>,
    key_arn: Option<String>,
    key_manager: Option<String>,
    key_state: Option<String>,
    document: String,
    deleted_at: Option<String>,
}

pub(super) async fn store(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    found: &[Judged<'_>],
    applied: &mut Applied,
) -> Result<(), sqlx::Error> {
    let mut stored = if place.new { HashMap::new() } else { load(db, place).await? };
    if found.is_empty() && stored.is_empty() {
        return Ok(());
    }
    let mut judged = Vec::with_capacity(found.len());
    for one in found {
        let id = match stored.remove(&one.facts.resource.arn) {
            None => insert(db, place, one.facts).await?,
            Some(before) => {
                if before.deleted_at.is_some() || differs(&before, one.facts) {
                    change(db, place.at, &before, one.facts).await?;
                }
                before.resource_id
            }
        };
        if let Some(tags) = &one.facts.tags {
            // Of no period: they only serve the exceptions in force.
            sqlx::query!(
                "UPDATE resource SET tags = ? WHERE resource_id = ?",
                serde_json::json!(tags).to_string(),
                id
            )
            .execute(&mut *db)
            .await?;
        }
        judged.push((id, one));
    }
    let mut missing: Vec<i64> = stored
        .values()
        .filter(|before| before.deleted_at.is_none())
        .map(|before| before.resource_id)
        .collect();
    missing.sort_unstable();
    if !missing.is_empty() {
        applied.findings_resolved += delete(db, place, &missing).await?;
    }
    findings::judge(db, place, &judged, applied).await
}

/// Whether anything is known to be in the target.
pub(super) async fn any(db: &mut SqliteConnection, target: i64) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar!(
        r#"SELECT EXISTS (SELECT 1 FROM resource WHERE target_id = ? AND deleted_at IS NULL) AS "any!: bool""#,
        target
    )
    .fetch_one(db)
    .await
}

async fn load(db: &mut SqliteConnection, place: &Place<'_>) -> Result<HashMap<String, Stored>, sqlx::Error> {
    let stored = sqlx::query_as!(
        Stored,
        "SELECT resource_id, arn, name, status, key_arn, key_manager, key_state, document, deleted_at
         FROM resource WHERE target_id = ? AND resource_type = ?",
        place.target,
        place.kind.as_str()
    )
    .fetch_all(db)
    .await?;
    Ok(stored.into_iter().map(|resource| (resource.arn.clone(), resource)).collect())
}

fn manager(facts: &JudgedResource) -> Option<&'static str> {
    facts.key.manager.map(KeyManager::as_str)
}

fn differs(before: &Stored, now: &JudgedResource) -> bool {
    before.document != now.resource.document
        || before.name != now.resource.name
        || before.status != now.resource.status
        || before.key_arn != now.key.arn
        || before.key_manager.as_deref() != manager(now)
        || before.key_state != now.key.state
}

async fn insert(
    db: &mut SqliteConnection,
    place: &Place<'_>,
    facts: &JudgedResource,
) -> Result<i64, sqlx::Error> {
    let done = sqlx::query!(
        "INSERT INTO resource (target_id, resource_type, arn, name, status, key_arn, key_manager, key_state,
                               document, valid_from, first_seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?10)",
        place.target,
        place.kind.as_str(),
        facts.resource.arn,
        facts.resource.name,
        facts.resource.status,
        facts.key.arn,
        manager(facts),
        facts.key.state,
        facts.resource.document,
        place.at
    )
    .execute(db)
    .await?;
    Ok(done.last_insert_rowid())
}

async fn change(
    db: &mut SqliteConnection,
    at: &str,
    before: &Stored,
    now: &JudgedResource,
) -> Result<(), sqlx::Error> {
    // What lasted no time at all is no period.
    sqlx::query!(
        "INSERT INTO resource_version
             (resource_id, name, status, key_arn, key_manager, key_state, document, valid_from, valid_to)
         SELECT resource_id, name, status, key_arn, key_manager, key_state, document, valid_from,
                coalesce(deleted_at, ?1)
         FROM resource WHERE resource_id = ?2 AND valid_from < coalesce(deleted_at, ?1)",
        at,
        before.resource_id
    )
    .execute(&mut *db)
    .await?;
    sqlx::query!(
        "UPDATE resource SET name = ?, status = ?, key_arn = ?, key_manager = ?, key_state = ?, document = ?,
                valid_from = ?, deleted_at = NULL, last_seen_at = NULL
         WHERE resource_id = ?",
        now.resource.name,
        now.resource.status,
        now.key.arn,
        manager(now),
        now.key.state,
        now.resource.document,
        at,
        before.resource_id
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn delete(db: &mut SqliteConnection, place: &Place<'_>, missing: &[i64]) -> Result<i64, sqlx::Error> {
    let ids = serde_json::json!(missing).to_string();
    update_last_seen!(
        "UPDATE resource AS outside SET deleted_at = ?, last_seen_at = ",
        " WHERE resource_id IN (SELECT value FROM json_each(?))",
        place.at,
        ids
    )
    .execute(&mut *db)
    .await?;
    end_resources(db, place.scan, place.at, &ids, Resolution::ResourceDeleted).await
}
