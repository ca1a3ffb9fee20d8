//! What a scan has to tell each channel, found out and queued in one transaction with how far it was told: killed
//! at any point, each event is queued once.

use futures_util::TryStreamExt;
use sqlx::SqliteConnection;

use crate::{
    domain::{
        Channel, FindingNews, KEY_USABLE, Listed, LossNews, NEWS_LISTED, News, NewsKind, Occasion, ScanNews,
        Timestamp, iso_utc,
    },
    history::{HistoryError, ScanId, Writer, writer::begin},
};

/// How far a channel has been told.
struct Told {
    channel: String,
    last_event_id: i64,
    last_loss_id: i64,
    awaits_baseline: bool,
}

impl Writer {
    /// Says which channels there are, before a scan: one that is new is told of what happens from now on, and one
    /// that is not among them is forgotten.
    ///
    /// # Errors
    /// Where the file can't be written.
    pub async fn register_channels(&mut self, channels: &[Channel]) -> Result<(), HistoryError> {
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let names: Vec<&str> = channels.iter().map(|channel| channel.as_str()).collect();
        let names = serde_json::Value::from(names).to_string();
        let mut tx = begin(&path, &mut self.db).await?;
        sqlx::query!(
            "DELETE FROM notification_channel WHERE channel NOT IN (SELECT value FROM json_each(?))",
            names
        )
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        sqlx::query!(
            "INSERT OR IGNORE INTO notification_channel (channel, last_event_id, last_loss_id, awaits_baseline)
             SELECT value, (SELECT coalesce(max(event_id), 0) FROM finding_event),
                    (SELECT coalesce(max(loss_id), 0) FROM coverage_loss),
                    NOT EXISTS (SELECT 1 FROM scan WHERE outcome IN ('complete', 'incomplete'))
             FROM json_each(?)",
            names
        )
        .execute(&mut *tx)
        .await
        .map_err(fail)?;
        forget_told_losses(&mut tx).await.map_err(fail)?;
        tx.commit().await.map_err(fail)
    }

    /// Queues, for each channel that was registered, one message of everything that happened since the last one,
    /// the scan's changes above all; none if there is nothing among `on` to tell. Returns how many were queued.
    ///
    /// # Errors
    /// Where the file can't be written; then the next scan tells it.
    pub async fn queue_notifications(
        &mut self,
        scan: ScanId,
        now: Timestamp,
        on: &[Occasion],
    ) -> Result<u64, HistoryError> {
        let path = self.path.clone();
        let fail = |error| HistoryError::sqlite(&path, error);
        let at = iso_utc(now);
        let mut queued = 0;
        let mut tx = begin(&path, &mut self.db).await?;
        for told in channels(&mut tx).await.map_err(fail)? {
            let numbers = numbers(&mut tx, scan).await.map_err(fail)?;
            let interrupted = numbers.outcome == "interrupted";
            if told.awaits_baseline && interrupted {
                // The scan that goes on with it, or begins anew, is the one to sum up.
                continue;
            }
            let mut news =
                News { scan: Some(numbers), ..News::lines(NewsKind::Scan, at.clone(), Vec::new()) };
            if told.awaits_baseline {
                baseline(&mut tx, &mut news, on).await.map_err(fail)?;
            } else {
                changes(&mut tx, &mut news, &told, on).await.map_err(fail)?;
            }
            if !news.is_empty() {
                insert(&mut tx, &told.channel, scan, &at, &news).await.map_err(fail)?;
                queued += 1;
            }
            advance(&mut tx, &told.channel).await.map_err(fail)?;
        }
        forget_told_losses(&mut tx).await.map_err(fail)?;
        tx.commit().await.map_err(fail)?;
        Ok(queued)
    }
}

async fn channels(db: &mut SqliteConnection) -> Result<Vec<Told>, sqlx::Error> {
    sqlx::query_as!(
        Told,
        r#"SELECT channel, last_event_id, last_loss_id, awaits_baseline AS "awaits_baseline: bool"
           FROM notification_channel ORDER BY channel"#
    )
    .fetch_all(db)
    .await
}

async fn numbers(db: &mut SqliteConnection, scan: ScanId) -> Result<ScanNews, sqlx::Error> {
    sqlx::query_as!(
        ScanNews,
        r#"SELECT s.scan_id, s.outcome, s.targets, s.failed, s.skipped, f.open_critical AS "open_critical!: i64",
                  f.open_high AS "open_high!: i64", f.open_unknown AS "open_unknown!: i64"
           FROM scan s,
                (SELECT count(*) FILTER (WHERE severity = 'critical') AS open_critical,
                        count(*) FILTER (WHERE severity = 'high') AS open_high,
                        count(*) FILTER (WHERE status = 'unknown') AS open_unknown
                 FROM finding WHERE state = 'open') f
           WHERE s.scan_id = ?"#,
        scan.0
    )
    .fetch_one(db)
    .await
}

/// The first scan of a history would be thousands of findings: their numbers, and the keys in danger.
async fn baseline(db: &mut SqliteConnection, news: &mut News, on: &[Occasion]) -> Result<(), sqlx::Error> {
    let wanted = [Occasion::Opened, Occasion::CoverageLost, Occasion::KeyInDanger];
    if !on.iter().any(|occasion| wanted.contains(occasion)) {
        return Ok(());
    }
    news.kind = NewsKind::Baseline;
    news.lines.push(
        "The first scan of this history: from now on, each message tells what has changed since the last."
            .to_owned(),
    );
    if on.contains(&Occasion::KeyInDanger) {
        // From before the first event on.
        each_open_since(db, -1, Some(KEY_USABLE), |found| {
            if is_key_in_danger(&found.finding) {
                news.keys_in_danger.add(found.finding);
            }
        })
        .await?;
    }
    Ok(())
}

async fn changes(
    db: &mut SqliteConnection,
    news: &mut News,
    told: &Told,
    on: &[Occasion],
) -> Result<(), sqlx::Error> {
    each_open_since(db, told.last_event_id, None, |Found { finding, was_opened, was_reopened }| {
        if is_key_in_danger(&finding) && on.contains(&Occasion::KeyInDanger) {
            // Whatever happened: a key that was disabled and is about to be deleted is news too.
            news.keys_in_danger.add(finding);
        } else if was_opened && on.contains(&Occasion::Opened) {
            news.opened.add(finding);
        } else if was_reopened && !was_opened && on.contains(&Occasion::Reopened) {
            news.reopened.add(finding);
        }
    })
    .await?;
    if on.contains(&Occasion::CoverageLost) {
        news.coverage_lost = losses(db, told.last_loss_id).await?;
    }
    Ok(())
}

fn is_key_in_danger(finding: &FindingNews) -> bool {
    finding.check_id == KEY_USABLE && finding.status == "fail"
}

/// A finding that is open now, and what happened to it.
struct Found {
    finding: FindingNews,
    was_opened: bool,
    was_reopened: bool,
}

/// The open findings that something happened to after that event, of one check or of all, the worst first, one by one:
/// there may be many. What was resolved or suppressed since is no news.
async fn each_open_since(
    db: &mut SqliteConnection,
    event: i64,
    check: Option<&str>,
    mut on: impl FnMut(Found),
) -> Result<(), sqlx::Error> {
    let mut rows = sqlx::query!(
        r#"SELECT f.finding_id, f.check_id, f.severity, f.status, f.reason, t.account_id, a.name AS account_name,
                  t.region, r.resource_type, r.name AS resource_name, r.arn AS resource_arn, r.key_arn,
                  e.opened AS "opened!: bool", e.reopened AS "reopened!: bool"
           FROM (SELECT finding_id, max(event = 'opened') AS opened, max(event = 'reopened') AS reopened
                 FROM finding_event WHERE event_id > ?1 AND event IN ('opened', 'reopened', 'status_changed')
                 GROUP BY finding_id) e
           JOIN finding f ON f.finding_id = e.finding_id AND f.state = 'open' AND (?2 IS NULL OR f.check_id = ?2)
           JOIN resource r ON r.resource_id = f.resource_id
           JOIN target t ON t.target_id = r.target_id
           JOIN account a ON a.account_id = t.account_id
           ORDER BY f.severity = 'critical' DESC, f.status = 'fail' DESC, t.account_id, t.region, r.arn, f.finding_id"#,
        event,
        check
    )
    .fetch(db);
    while let Some(row) = rows.try_next().await? {
        on(Found {
            was_opened: row.opened,
            was_reopened: row.reopened,
            finding: FindingNews {
                finding_id: row.finding_id,
                check_id: row.check_id,
                severity: row.severity,
                status: row.status,
                reason: row.reason,
                account_id: row.account_id,
                account_name: row.account_name,
                region: row.region,
                resource_type: row.resource_type,
                resource_name: row.resource_name,
                resource_arn: row.resource_arn,
                key_arn: row.key_arn,
            },
        });
    }
    Ok(())
}

/// The targets that were lost since, and still are, by account and reason.
async fn losses(db: &mut SqliteConnection, loss: i64) -> Result<Listed<LossNews>, sqlx::Error> {
    let rows = sqlx::query!(
        r#"SELECT t.account_id, a.name AS account_name, coalesce(c.reason, 'unknown') AS "reason!: String", t.region
           FROM (SELECT DISTINCT target_id FROM coverage_loss WHERE loss_id > ?) l
           JOIN target t ON t.target_id = l.target_id
           JOIN account a ON a.account_id = t.account_id
           JOIN coverage_period c
             ON c.target_id = t.target_id AND c.part = '' AND c.valid_to IS NULL AND c.outcome = 'failed'
           ORDER BY t.account_id, 3, t.region"#,
        loss
    )
    .fetch_all(db)
    .await?;
    let mut lost = Listed { total: rows.len() as u64, first: Vec::<LossNews>::new() };
    for row in rows {
        match lost.first.last_mut() {
            Some(last) if last.account_id == row.account_id && last.reason == row.reason => {
                last.regions.push(row.region);
            }
            _ => lost.first.push(LossNews {
                account_id: row.account_id,
                account_name: row.account_name,
                reason: row.reason,
                regions: vec![row.region],
            }),
        }
    }
    lost.first.truncate(NEWS_LISTED);
    Ok(lost)
}

async fn insert(
    db: &mut SqliteConnection,
    channel: &str,
    scan: ScanId,
    at: &str,
    news: &News,
) -> Result<(), sqlx::Error> {
    // Random, not counted: two histories may tell the same receiver.
    sqlx::query!(
        "INSERT INTO notification (id, channel, kind, scan_id, created_at, payload, next_attempt_at)
         VALUES (lower(hex(randomblob(16))), ?1, ?2, ?3, ?4, ?5, ?4)",
        channel,
        news.kind.as_str(),
        scan.0,
        at,
        news.to_json().to_string()
    )
    .execute(db)
    .await?;
    Ok(())
}

async fn advance(db: &mut SqliteConnection, channel: &str) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "UPDATE notification_channel
         SET last_event_id = max(last_event_id, (SELECT coalesce(max(event_id), 0) FROM finding_event)),
             last_loss_id = max(last_loss_id, (SELECT coalesce(max(loss_id), 0) FROM coverage_loss)),
             awaits_baseline = 0
         WHERE channel = ?",
        channel
    )
    .execute(db)
    .await?;
    Ok(())
}

/// What every channel was told of is no longer needed; without a channel, nothing is.
async fn forget_told_losses(db: &mut SqliteConnection) -> Result<(), sqlx::Error> {
    sqlx::query!(
        "DELETE FROM coverage_loss
         WHERE loss_id <= (SELECT coalesce(min(last_loss_id), 9223372036854775807) FROM notification_channel)"
    )
    .execute(db)
    .await?;
    Ok(())
}
