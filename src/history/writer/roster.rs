//! The accounts of the organization, and what ends with one that leaves.

use std::collections::HashMap;

use sqlx::SqliteConnection;

use super::{end_target, resume::uncount};
use crate::{
    domain::{Account, AccountState, iso_utc},
    history::{ScanId, apply::record::Resolution},
};

/// An account as stored.
#[derive(sqlx::FromRow)]
struct Stored {
    account_id: String,
    name: String,
    email: String,
    ou_path: Option<String>,
    state: String,
    joined_at: Option<String>,
    last_seen_at: String,
    left_at: Option<String>,
}

/// Brings the accounts up to date; with `complete`, those that are not among them have left. Returns how
/// many findings were resolved.
pub(super) async fn sync(
    db: &mut SqliteConnection,
    scan: ScanId,
    at: &str,
    accounts: &[Account],
    complete: bool,
) -> Result<i64, sqlx::Error> {
    let listed: Vec<&str> = accounts.iter().map(|account| account.id.as_str()).collect();
    let listed = serde_json::json!(listed).to_string();
    let stored: Vec<Stored> = sqlx::query_as(
        "SELECT account_id, name, email, ou_path, state, joined_at, last_seen_at, left_at FROM account
         WHERE ?1 OR account_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(complete)
    .bind(&listed)
    .fetch_all(&mut *db)
    .await?;
    let mut missing: HashMap<String, Stored> =
        stored.into_iter().map(|account| (account.account_id.clone(), account)).collect();

    let mut resolved = 0;
    for account in accounts {
        let before = missing.remove(account.id.as_str());
        let member = !matches!(account.state, AccountState::Suspended | AccountState::Closed);
        let was_member = before.as_ref().is_none_or(|before| before.left_at.is_none());
        let changed = before.as_ref().is_none_or(|before| differs(before, account) || member != was_member);
        if changed {
            let at = not_before(at, before.as_ref());
            store(db, at, account, member, was_member).await?;
            if !member && was_member {
                resolved += leave(db, scan, at, account.id.as_str()).await?;
            }
        } else if before.is_some_and(|before| before.ou_path.is_none()) && account.ou_path.is_some() {
            learn_path(db, account).await?;
        }
    }
    if complete {
        for account in missing.values().filter(|account| account.left_at.is_none()) {
            let at = not_before(at, Some(account));
            end_period(db, at, &account.account_id).await?;
            sqlx::query("UPDATE account SET left_at = ? WHERE account_id = ?")
                .bind(at)
                .bind(&account.account_id)
                .execute(&mut *db)
                .await?;
            resolved += leave(db, scan, at, &account.account_id).await?;
        }
    }
    // One statement, however many accounts did not change.
    sqlx::query(
        "UPDATE account SET last_seen_at = max(last_seen_at, ?)
         WHERE account_id IN (SELECT value FROM json_each(?))",
    )
    .bind(at)
    .bind(listed)
    .execute(&mut *db)
    .await?;
    Ok(resolved)
}

/// A clock that was set back must not end a period before it began.
fn not_before<'a>(at: &'a str, before: Option<&'a Stored>) -> &'a str {
    before.map_or(at, |before| at.max(before.last_seen_at.as_str()))
}

fn differs(before: &Stored, account: &Account) -> bool {
    // A tree that could not be read says nothing about where the account stands, and one that is read for
    // the first time says no news of it.
    let moved = matches!((&before.ou_path, &account.ou_path), (Some(before), Some(now)) if before != now);
    let joined = account.joined_at.is_some() && before.joined_at != account.joined_at.map(iso_utc);
    moved
        || joined
        || before.name != account.name
        || before.email != account.email
        || before.state != account.state.as_str()
}

async fn store(
    db: &mut SqliteConnection,
    at: &str,
    account: &Account,
    member: bool,
    was_member: bool,
) -> Result<(), sqlx::Error> {
    // A member's `left_at` is empty; one that left keeps the day it left.
    sqlx::query(
        "INSERT INTO account (account_id, name, email, ou_path, state, joined_at, first_seen_at, last_seen_at, left_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, iif(?8, NULL, ?7))
         ON CONFLICT (account_id) DO UPDATE SET
             name = excluded.name, email = excluded.email, ou_path = coalesce(excluded.ou_path, ou_path),
             state = excluded.state, joined_at = coalesce(excluded.joined_at, joined_at),
             left_at = iif(?8, NULL, iif(?9, ?7, left_at))",
    )
    .bind(account.id.as_str())
    .bind(&account.name)
    .bind(&account.email)
    .bind(&account.ou_path)
    .bind(account.state.as_str())
    .bind(account.joined_at.map(iso_utc))
    .bind(at)
    .bind(member)
    .bind(was_member)
    .execute(&mut *db)
    .await?;
    end_period(db, at, account.id.as_str()).await?;
    if member {
        sqlx::query(
            "INSERT INTO account_period (account_id, period, name, email, ou_path, state, valid_from)
             SELECT account_id, (SELECT coalesce(max(period), 0) + 1 FROM account_period WHERE account_id = ?1),
                    name, email, ou_path, state, ?2
             FROM account WHERE account_id = ?1",
        )
        .bind(account.id.as_str())
        .bind(at)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

/// Fills in where the account stands, which was not known yet: that is no change, so no new period.
async fn learn_path(db: &mut SqliteConnection, account: &Account) -> Result<(), sqlx::Error> {
    for sql in [
        "UPDATE account SET ou_path = ? WHERE account_id = ?",
        "UPDATE account_period SET ou_path = ? WHERE account_id = ? AND valid_to IS NULL",
    ] {
        sqlx::query(sql).bind(&account.ou_path).bind(account.id.as_str()).execute(&mut *db).await?;
    }
    Ok(())
}

async fn end_period(db: &mut SqliteConnection, at: &str, account: &str) -> Result<(), sqlx::Error> {
    sqlx::query("UPDATE account_period SET valid_to = ? WHERE account_id = ? AND valid_to IS NULL")
        .bind(at)
        .bind(account)
        .execute(db)
        .await?;
    Ok(())
}

/// Ends the findings and the coverage of an account's targets. Their digests go, so that everything is
/// looked at anew should the account return.
async fn leave(db: &mut SqliteConnection, scan: ScanId, at: &str, account: &str) -> Result<i64, sqlx::Error> {
    let targets: Vec<(i64, String)> =
        sqlx::query_as("SELECT target_id, last_attempt_at FROM target WHERE account_id = ?")
            .bind(account)
            .fetch_all(&mut *db)
            .await?;
    uncount(&mut *db, scan, account).await?;
    let mut resolved = 0;
    for (target, last_attempt_at) in targets {
        let at = at.max(last_attempt_at.as_str());
        resolved += end_target(db, scan, at, target, Resolution::AccountLeft).await?;
        sqlx::query(
            "UPDATE coverage_period SET valid_to = ?, last_at = ? WHERE target_id = ? AND valid_to IS NULL",
        )
        .bind(at)
        .bind(&last_attempt_at)
        .bind(target)
        .execute(&mut *db)
        .await?;
        sqlx::query("UPDATE target SET digest = NULL WHERE target_id = ?")
            .bind(target)
            .execute(&mut *db)
            .await?;
    }
    Ok(resolved)
}
