//! `status`: the daemon's jobs, the last scans, the age of what is known, and what it costs in calls.

use std::{fmt::Write, time::Duration};

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{
    args::{GlobalArgs, ShowFormat, StatusArgs},
    exit::Failed,
    output::{Look, Out, counted, row_object, table, thousands},
    settings,
};
use crate::{
    app::{self, Estimate, Size},
    config::Config,
    domain::{Rows, Timestamp, iso_utc},
    history::{DaemonLock, Overview, Reader},
};

/// The newest scans that are shown.
const SCANS: u32 = 5;

/// Prints it.
pub async fn run(global: &GlobalArgs, args: &StatusArgs, out: &mut Out) -> Result<(), Failed> {
    let config = settings::load(global)?.config;
    let path = &config.database.path;
    let now = app::now();
    let reader = Reader::open(path).await?;
    let a_day_ago = now.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN);
    let overview = reader.overview(SCANS, &iso_utc(a_day_ago)).await?;
    let daemon = DaemonLock::is_taken(path)?;
    let costs = costs(&config, &overview.size, now);
    match args.format {
        ShowFormat::Json => out.json(&as_json(&overview, daemon, costs)),
        ShowFormat::Table => out.text(&for_people(&overview, daemon, costs, now, out.look)),
    }
}

/// About what the config makes of a day, in calls; `None` before the first scan, or without an interval.
fn costs(config: &Config, size: &Rows, now: Timestamp) -> Option<Estimate> {
    let size = size.iter().next()?;
    let size = Size {
        accounts: size.count("accounts"),
        targets: size.count("targets"),
        always: size.count("targets_with_resources"),
        keys: size.count("customer_keys"),
    };
    let interval = config.cycle.schedule.period(now, &config.cycle.time_zone)?;
    let interval = Duration::try_from(interval).ok()?;
    (size.targets > 0).then(|| app::estimate(&size, interval, &config.cadence))
}

fn as_json(overview: &Overview, daemon: bool, costs: Option<Estimate>) -> Value {
    let all = |rows: &Rows| -> Value { rows.rows.iter().map(|row| row_object(&rows.columns, row)).collect() };
    let one = |rows: &Rows| rows.rows.first().map_or(Value::Null, |row| row_object(&rows.columns, row));
    json!({
        "daemon_runs": daemon,
        "jobs": all(&overview.jobs),
        "scans": all(&overview.scans),
        "knowledge": all(&overview.knowledge),
        "last_24_hours": one(&overview.day),
        "organization": one(&overview.size),
        "notifications": one(&overview.outbox),
        "estimate": costs.map(|costs| json!({
            "calls_of_a_full_scan": costs.full_scan,
            "calls_of_the_least_scan": costs.least_scan,
            "calls_a_day": costs.a_day,
            "calls_a_day_if_all_is_asked": costs.a_day_of_full_scans,
        })),
    })
}

fn for_people(
    overview: &Overview,
    daemon: bool,
    costs: Option<Estimate>,
    now: Timestamp,
    look: Look,
) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = writeln!(text, "Daemon: {}\n", if daemon { "running" } else { "not running" });
    if overview.jobs.rows.is_empty() {
        text.push_str("No job has run yet: `keywatch daemon` does them.\n");
    } else {
        let columns = ["JOB", "LAST RUN", "OUTCOME", "WHAT CAME OF IT", "NEXT"].map(str::to_owned);
        let rows: Vec<Vec<Value>> = overview
            .jobs
            .iter()
            .map(|job| {
                let outcome = match job.count("failures") {
                    0 => job.text("outcome").to_owned(),
                    n => format!("{} ({n} in a row)", job.text("outcome")),
                };
                vec![
                    job.value("job"),
                    ago(job.text("started_at"), now).into(),
                    outcome.into(),
                    job.value("message"),
                    if daemon { ahead(job.text("next_at"), now).into() } else { Value::Null },
                ]
            })
            .collect();
        text.push_str(&table(&columns, &rows, look));
    }
    text.push('\n');
    if overview.scans.rows.is_empty() {
        text.push_str("Nothing was scanned yet.\n");
        return text;
    }
    let columns = [
        "SCAN", "TRIGGER", "BEGAN", "OUTCOME", "TARGETS", "DEFERRED", "FAILED", "OPENED", "RESOLVED", "CALLS",
    ]
    .map(str::to_owned);
    let rows: Vec<Vec<Value>> = overview
        .scans
        .iter()
        .map(|scan| {
            let mut row =
                vec![scan.value("scan_id"), scan.value("trigger"), ago(scan.text("started_at"), now).into()];
            row.extend(
                [
                    "outcome",
                    "targets",
                    "deferred",
                    "failed",
                    "findings_opened",
                    "findings_resolved",
                    "api_calls",
                ]
                .map(|name| scan.value(name)),
            );
            row
        })
        .collect();
    text.push_str(&table(&columns, &rows, look));
    text.push('\n');
    for outcome in overview.knowledge.iter() {
        let _ = writeln!(
            text,
            "{:8} {:>9} targets; the oldest answer is from {}",
            outcome.text("outcome"),
            thousands(outcome.count("targets")),
            ago(outcome.text("oldest"), now)
        );
    }
    for day in overview.day.iter() {
        let _ = writeln!(
            text,
            "\nLast 24 hours: {} to AWS in {}, {} of them throttled. Each is a management event of CloudTrail.",
            counted(day.count("calls"), "call"),
            counted(day.count("scans"), "scan"),
            thousands(day.count("throttled"))
        );
    }
    if let Some(costs) = costs {
        let _ = writeln!(
            text,
            "The schedule makes that about {} calls a day, and {} if every scan asked every target.",
            thousands(costs.a_day),
            thousands(costs.a_day_of_full_scans)
        );
    }
    for outbox in
        overview.outbox.iter().filter(|outbox| outbox.count("waiting") + outbox.count("given_up") > 0)
    {
        let _ = writeln!(
            text,
            "Notifications: {} waiting, {} given up in the last 30 days; see `keywatch notify list`.",
            thousands(outbox.count("waiting")),
            thousands(outbox.count("given_up"))
        );
    }
    text
}

/// `3 h ago`; the moment itself where it is none.
fn ago(moment: &str, now: Timestamp) -> String {
    match moment.parse::<Timestamp>() {
        Ok(at) => format!("{} ago", span(now.duration_since(at))),
        Err(_) => moment.to_owned(),
    }
}

fn ahead(moment: &str, now: Timestamp) -> String {
    match moment.parse::<Timestamp>() {
        Ok(at) if at <= now => "now".to_owned(),
        Ok(at) => format!("in {}", span(at.duration_since(now))),
        Err(_) => moment.to_owned(),
    }
}

/// A length of time, to one unit.
fn span(length: SignedDuration) -> String {
    let seconds = length.as_secs().max(0);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => format!("{} days", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_from_now() {
        let now: Timestamp = "2026-11-24T09:30:00Z".parse().unwrap();
        assert_eq!(ago("2026-11-24T09:29:01Z", now), "59 s ago");
        assert_eq!(ago("2026-11-24T03:30:00Z", now), "6 h ago");
        assert_eq!(ago("2026-11-14T03:30:00Z", now), "10 days ago");
        assert_eq!(ahead("2026-11-24T10:00:00Z", now), "in 30 min");
        assert_eq!(ahead("2026-11-24T09:00:00Z", now), "now");
        assert_eq!(ago("", now), "");
    }
}
