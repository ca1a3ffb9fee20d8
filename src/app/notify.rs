//! Telling people: what a scan has to tell is queued in the history, and sent from there.

use futures_util::future::join_all;
use jiff::SignedDuration;
use tokio_util::sync::CancellationToken;

use super::{
    Clock,
    report::{kept_report, render_report},
};
use crate::{
    config::Config,
    domain::{Channel, News, NewsKind, Occasion, ReportFormat, Timestamp, iso_utc},
    history::{Claimed, HistoryError, Outbox, ScanId, Writer},
    notifications::{self, Courier, Enclosed, LONGEST_ATTEMPT, SendError, next_attempt},
};

/// How long a message belongs to the attempt that took it; well over what an attempt may take.
const LEASE: SignedDuration = SignedDuration::from_secs(5 * LONGEST_ATTEMPT.as_secs().cast_signed());

/// Attempts over one channel that may fail in a round: one may be the message's own fault, several are the channel's.
const FAILURES: u64 = 3;

/// What one round of sending came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Delivered {
    /// Messages that arrived.
    pub sent: u64,
    /// Attempts that failed and will be made again.
    pub failed: u64,
    /// Messages that were given up.
    pub given_up: u64,
    /// Messages that are still to be sent.
    pub waiting: u64,
    /// When the first of them is due.
    pub next: Option<Timestamp>,
}

/// Tells the history which channels there are, before a scan.
pub(super) async fn register(writer: &mut Writer, config: &Config) -> Result<(), HistoryError> {
    writer.register_channels(&config.notify.channels()).await
}

/// Queues what a scan that has ended has to tell.
pub(super) async fn queue(
    writer: &mut Writer,
    config: &Config,
    scan: ScanId,
    now: Timestamp,
) -> Result<(), HistoryError> {
    let queued = writer.queue_notifications(scan, now, &config.notify.on).await?;
    if queued > 0 {
        tracing::debug!(%scan, queued, "notifications queued");
    }
    Ok(())
}

/// Queues the news of a week's report: once, however often this is called. The first line says what report it is.
///
/// # Errors
/// Where the history can't be written.
pub(super) async fn queue_report(
    config: &Config,
    week: &str,
    lines: Vec<String>,
    clock: Clock,
) -> anyhow::Result<u64> {
    let channels = config.notify.channels();
    if channels.is_empty() || !config.notify.on.contains(&Occasion::Report) {
        return Ok(0);
    }
    let now = clock.now();
    let week = Some(week.to_owned());
    let news = News { week, ..News::lines(NewsKind::Report, iso_utc(now), lines) };
    let mut outbox = Outbox::open(&config.database.path).await?;
    let queued = outbox
        .queue(&format!("report {}", news.week.as_deref().unwrap_or_default()), &channels, &news, now)
        .await?;
    outbox.close().await?;
    Ok(queued)
}

/// Sends what is due, each channel beside the others, and notes what became of it. What fails stays queued and is
/// logged; so is what is given up.
///
/// # Errors
/// Where the history can't be read or written.
pub async fn deliver(config: &Config, clock: Clock, cancel: &CancellationToken) -> anyhow::Result<Delivered> {
    let mut outbox = match Outbox::open(&config.database.path).await {
        Ok(outbox) => outbox,
        // Nothing has happened yet.
        Err(HistoryError::Missing(_)) => return Ok(Delivered::default()),
        Err(error) => return Err(error.into()),
    };
    let due = outbox.due(clock.now()).await?;
    let mut delivered = Delivered::default();
    if !due.is_empty() {
        let courier = courier(config);
        let rounds = due.into_iter().map(|channel| send_due(config, &courier, channel, clock, cancel));
        for round in join_all(rounds).await {
            let round = round?;
            delivered.sent += round.sent;
            delivered.failed += round.failed;
            delivered.given_up += round.given_up;
        }
    }
    (delivered.waiting, delivered.next) = outbox.waiting().await?;
    outbox.close().await?;
    Ok(delivered)
}

fn courier(config: &Config) -> Courier {
    Courier::new(&config.notify, &config.aws, &config.scan, &config.rate_limits)
}

/// Sends what is due over one channel, the oldest first, unless several fail: the others would too.
async fn send_due(
    config: &Config,
    courier: &Courier,
    channel: Channel,
    clock: Clock,
    cancel: &CancellationToken,
) -> Result<Delivered, HistoryError> {
    // A connection of its own, so that a slow channel holds nobody up.
    let mut outbox = Outbox::open(&config.database.path).await?;
    let mut round = Delivered::default();
    while !cancel.is_cancelled() {
        let now = clock.now();
        let until = now.checked_add(LEASE).unwrap_or(Timestamp::MAX);
        let Some(message) = outbox.claim(channel, now, until).await? else { break };
        let sent = attempt(config, courier, channel, &message, now, cancel).await;
        settle(&mut outbox, channel, &message, sent, clock.now(), &mut round).await?;
        if round.failed >= FAILURES {
            break;
        }
    }
    outbox.close().await?;
    Ok(round)
}

async fn attempt(
    config: &Config,
    courier: &Courier,
    channel: Channel,
    message: &Claimed,
    now: Timestamp,
    cancel: &CancellationToken,
) -> Result<(), SendError> {
    let Some(news) = &message.news else {
        return Err(SendError::Permanent(
            "another version of keywatch wrote it in a form unknown here".to_owned(),
        ));
    };
    let enclosed = match (channel, &news.week) {
        (Channel::Email, Some(week)) => enclosed(config, week)
            .await
            .map_err(|error| SendError::transient(format!("the report of {week}: {error:#}")))?,
        _ => None,
    };
    courier.send(channel, &message.id, news, enclosed.as_ref(), now, cancel).await
}

/// The report that a mail tells of, as long as the history has it.
async fn enclosed(config: &Config, week: &str) -> anyhow::Result<Option<Enclosed>> {
    let Some(weekly) = kept_report(&config.database.path, week).await? else { return Ok(None) };
    let file = ReportFormat::Xlsx;
    Ok(Some(Enclosed {
        html: String::from_utf8(render_report(&weekly, ReportFormat::Html)?)?,
        file_name: file.file_name(week),
        content_type: file.content_type(),
        file: render_report(&weekly, file)?,
    }))
}

/// Notes what became of an attempt.
async fn settle(
    outbox: &mut Outbox,
    channel: Channel,
    message: &Claimed,
    sent: Result<(), SendError>,
    now: Timestamp,
    round: &mut Delivered,
) -> Result<(), HistoryError> {
    let (channel, id) = (channel.as_str(), message.id.as_str());
    let error = match sent {
        Ok(()) => {
            outbox.delivered(message.notification_id, now).await?;
            tracing::debug!(channel, id, attempts = message.attempts, "notification delivered");
            round.sent += 1;
            return Ok(());
        }
        Err(error) => error,
    };
    let again = next_attempt(&error, message.created_at, now, message.attempts, fastrand::f64());
    let text = (error != SendError::Stopped).then(|| error.to_string());
    outbox.failed(message.notification_id, now, again, text.as_deref()).await?;
    match again {
        Some(again) if error != SendError::Stopped => {
            let again = iso_utc(again);
            tracing::warn!(
                channel,
                id,
                attempts = message.attempts,
                "notification not delivered, tried again at {again}: {error}"
            );
            round.failed += 1;
        }
        Some(_) => {}
        None => {
            tracing::error!(channel, id, attempts = message.attempts, "notification given up: {error}");
            round.given_up += 1;
        }
    }
    Ok(())
}

/// Sends a test message to each of these channels, past the queue, and says what became of it.
pub async fn send_test(
    config: &Config,
    channels: &[Channel],
    clock: Clock,
    cancel: &CancellationToken,
) -> Vec<(Channel, Result<(), String>)> {
    let courier = courier(config);
    let now = clock.now();
    let lines = vec!["Somebody ran `keywatch notify test`: messages arrive here.".to_owned()];
    let news = News::lines(NewsKind::Test, iso_utc(now), lines);
    let id = format!("{:032x}", fastrand::u128(..));
    let (courier, news, id) = (&courier, &news, id.as_str());
    join_all(channels.iter().map(|channel| async move {
        let sent = courier.send(*channel, id, news, None, now, cancel).await;
        (*channel, sent.map_err(|error| error.to_string()))
    }))
    .await
}

/// What is wrong with the files of secrets that the channels need, a line each.
pub fn check_notify(config: &Config) -> Vec<String> {
    notifications::check_secrets(&config.notify)
}
