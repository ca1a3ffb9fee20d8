//! `scan`: runs one, shows how far it has come, and tells what came of it.

use std::{sync::Arc, time::Duration};

use jiff::SignedDuration;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    args::{Format, GlobalArgs, ScanArgs},
    coverage,
    exit::{Exit, Failed},
    findings, lists, notify,
    output::{Look, Out, counted, row_object, thousands, visible_json},
};
use super::{progress::Progress, settings};
use crate::{
    app::{self, Scope},
    domain::Rows,
    history::{CoverageFilter, FindingFilter, List, Reader},
    telemetry::LogLines,
};

/// Scans once and prints the open findings and what was not scanned.
pub async fn run(
    global: &GlobalArgs,
    args: &ScanArgs,
    lines: &LogLines,
    out: &mut Out,
) -> Result<Exit, Failed> {
    let config = settings::load(global)?.config;
    settings::check_exceptions(&config, args.clock.clock().now())?;
    let scope = Scope {
        accounts: args.accounts.clone(),
        regions: args.regions.clone(),
        resume: args.resume,
        full: args.full,
        ..Scope::default()
    };
    let cancel = CancellationToken::new();
    app::on_signal(cancel.clone()).map_err(Failed::could_not_run)?;
    let progress = Arc::new(app::Progress::default());
    let shown = {
        let progress = Arc::clone(&progress);
        Progress::start(global.quiet, lines, move || progress.snapshot())
    };
    let result = app::scan(&config, &scope, "manual", args.clock.clock(), &cancel, &progress).await;
    drop(shown);
    let report = result.map_err(|error| Failed::could_not_run(format!("{error:#}")))?;
    for note in &report.notes {
        tracing::warn!("{note}");
    }
    let reader = Reader::open(&config.database.path).await?;
    let scan = reader.scan(report.scan).await?;
    let open = FindingFilter { states: vec!["open".to_owned()], ..FindingFilter::default() };
    let (found, all) = (List::Findings(&open), CoverageFilter::default());
    let counts = reader.open_findings().await?;
    match args.format {
        // The contract's one object, written piece by piece.
        Format::Json => {
            let scan = scan.rows.first().map_or(Value::Null, |row| row_object(&scan.columns, row));
            out.text(&format!("{{\"scan\": {},\n\"findings\": ", visible_json(&scan.to_string())))?;
            lists::print(&reader, found, Format::Json, findings::for_people, out).await?;
            out.text(",\"coverage\": ")?;
            lists::print(&reader, List::Coverage(&all), Format::Json, coverage::for_people, out).await?;
            out.text("}\n")?;
        }
        Format::Csv => lists::print(&reader, found, Format::Csv, findings::for_people, out).await?,
        Format::Table => {
            let failed = CoverageFilter { outcomes: vec!["failed".to_owned()], ..CoverageFilter::default() };
            let gaps = Gaps {
                failed: reader.coverage(&failed).await?,
                skipped: reader.skipped().await?,
                not_asked: not_asked(&scan, config.cadence.longest_age),
            };
            let found = reader.list(found).await?;
            out.text(&render_summary(&scan, &counts, &found, &gaps, out.look))?;
        }
    }
    notify::after_scan(&config, args.clock.clock(), &cancel).await;
    Ok(exit(&scan, &counts))
}

/// What was not scanned, for people.
#[derive(Debug, Default)]
struct Gaps {
    /// Each target that failed.
    failed: Rows,
    /// Those left out, counted by reason.
    skipped: Rows,
    /// What is to be said of targets that were not asked; nothing if all were.
    not_asked: Option<String>,
}

/// Says how many targets were not asked, and why.
fn not_asked(scan: &Rows, longest_age: Duration) -> Option<String> {
    let (deferred, targets) = (total(scan, "deferred"), total(scan, "targets"));
    let were = if deferred == 1 { "was" } else { "were" };
    let age = SignedDuration::try_from(longest_age).unwrap_or(SignedDuration::MAX);
    (deferred > 0).then(|| {
        format!(
            "{} of {} {were} not asked: what is known of them is younger than {age:#} (scan --full asks all)",
            thousands(deferred),
            counted(targets, "target"),
        )
    })
}

/// The exit that a scan's result asks for. A scan that was stopped did not see everything, whatever its counts
/// say.
fn exit(scan: &Rows, counts: &Rows) -> Exit {
    if !scan.iter().any(|scan| ended(scan.text("outcome"))) {
        return Exit::CoverageIncomplete;
    }
    Exit::of_scan(total(scan, "failed"), count(counts, "status", "fail"))
}

fn ended(outcome: &str) -> bool {
    matches!(outcome, "complete" | "incomplete")
}

/// A scan for people: the numbers, the findings, the gaps, and what the exit code means.
fn render_summary(scan: &Rows, counts: &Rows, findings: &Rows, gaps: &Gaps, look: Look) -> String {
    let mut text = numbers(scan, counts);
    if let Some(line) = &gaps.not_asked {
        text.push_str(&format!("  {line}\n"));
    }
    if !findings.rows.is_empty() {
        text.push_str("\nOpen findings\n");
        text.push_str(&findings::for_people(findings, look));
    }
    if !gaps.failed.rows.is_empty() {
        text.push_str("\nCould not be scanned\n");
        text.push_str(&coverage::for_people(&gaps.failed, look));
    }
    if !gaps.skipped.rows.is_empty() {
        text.push_str("\nLeft out (each one: keywatch coverage)\n");
        for row in gaps.skipped.iter() {
            let (targets, accounts) = (row.count("targets"), row.count("accounts"));
            let line = format!("{} in {}", counted(targets, "target"), counted(accounts, "account"));
            text.push_str(&format!("  {:<20}  {line}\n", row.text("reason")));
        }
    }
    text.push('\n');
    text.push_str(&verdict(scan, counts));
    text
}

fn numbers(scan: &Rows, counts: &Rows) -> String {
    let Some(row) = scan.iter().next() else { return String::new() };
    let n = |column| row.count(column);
    let unknown = count(counts, "status", "unknown");
    let mut lines = vec![
        format!("Scan {}: {}", n("scan_id"), row.text("outcome")),
        format!(
            "  {}: {} scanned, {} failed, {} skipped",
            counted(n("targets"), "target"),
            n("scanned"),
            n("failed"),
            n("skipped")
        ),
        format!(
            "  {}, {}: {} critical, {} high{}{}",
            counted(n("resources"), "resource"),
            counted(count(counts, "state", "open"), "open finding"),
            count(counts, "severity", "critical"),
            count(counts, "severity", "high"),
            if unknown > 0 { format!(" ({unknown} could not be judged)") } else { String::new() },
            match suppressed(counts) {
                0 => String::new(),
                n => format!("; {n} more suppressed by exceptions"),
            }
        ),
        format!("  {} opened, {} resolved by this scan", n("findings_opened"), n("findings_resolved")),
        format!("  {}, {} throttled", counted(n("api_calls"), "call"), n("throttled_calls")),
    ];
    lines.push(String::new());
    lines.join("\n")
}

fn verdict(scan: &Rows, counts: &Rows) -> String {
    let exit = exit(scan, counts);
    let failed = total(scan, "failed");
    let meaning = match exit {
        Exit::CoverageIncomplete if failed == 0 => "coverage is incomplete: the scan was stopped".to_owned(),
        Exit::CoverageIncomplete => format!("coverage is incomplete: {} failed", counted(failed, "target")),
        Exit::FindingsOpen => {
            let failing = count(counts, "status", "fail");
            format!("no target failed; {} open", counted(failing, "failing finding"))
        }
        _ => match count(counts, "status", "unknown") {
            0 => "no target failed, and no finding is failing".to_owned(),
            unknown => format!(
                "no target failed, and no finding is failing, but {} could not be judged",
                counted(unknown, "finding")
            ),
        },
    };
    let skipped = match total(scan, "skipped") {
        0 => String::new(),
        n => format!(" ({} skipped)", counted(n, "target")),
    };
    format!("Exit code {}: {meaning}{skipped}.\n", exit.code())
}

fn total(scan: &Rows, column: &str) -> u64 {
    scan.iter().map(|scan| scan.count(column)).sum()
}

/// How many of the open findings have that word.
fn count(counts: &Rows, column: &str, word: &str) -> u64 {
    let open = counts.iter().filter(|row| row.text("state") == "open");
    open.filter(|row| row.text(column) == word).map(|row| row.count("findings")).sum()
}

fn suppressed(counts: &Rows) -> u64 {
    counts.iter().filter(|row| row.text("state") == "suppressed").map(|row| row.count("findings")).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::cli::findings::tests::sample;

    fn scan(failed: u64) -> Rows {
        Rows {
            columns: [
                "scan_id",
                "outcome",
                "targets",
                "scanned",
                "failed",
                "skipped",
                "resources",
                "findings_opened",
                "findings_resolved",
                "api_calls",
                "throttled_calls",
            ]
            .map(str::to_owned)
            .to_vec(),
            rows: vec![vec![
                json!(7),
                json!("incomplete"),
                json!(12),
                json!(10),
                json!(failed),
                json!(1),
                json!(2041),
                json!(1),
                json!(0),
                json!(88),
                json!(2),
            ]],
        }
    }

    /// The sample's two findings, counted, and four that are suppressed.
    fn two() -> Rows {
        let row = |state: &str, severity: &str, n: u64| {
            vec![json!(state), json!(severity), json!("fail"), json!(n)]
        };
        Rows {
            columns: ["state", "severity", "status", "findings"].map(str::to_owned).to_vec(),
            rows: vec![row("open", "critical", 1), row("open", "high", 1), row("suppressed", "high", 4)],
        }
    }

    #[test]
    fn a_scan_for_people() {
        insta::assert_snapshot!(render_summary(&scan(1), &two(), &sample(), &Gaps::default(), Look::default()), @r"
        Scan 7: incomplete
          12 targets: 10 scanned, 1 failed, 1 skipped
          2,041 resources, 2 open findings: 1 critical, 1 high; 4 more suppressed by exceptions
          1 opened, 0 resolved by this scan
          88 calls, 2 throttled

        Open findings
        ID  SEVERITY  CHECK                            STATUS              ACCOUNT                       REGION     RESOURCE  KEY                   SINCE
         1  critical  dms_kms_key_usable               fail: key_disabled  payments-prod (000000000001)  eu-west-1  orders    1b2c of 000000000009  2026-11-02
         2  high      dms_endpoint_kms_cmk_encryption  fail: default_key   \u{1b}[2Jgone (000000000002)  us-east-1  crm       default (aws/dms)     2026-11-20

        Exit code 4: coverage is incomplete: 1 target failed (1 target skipped).
        ");
        insta::assert_snapshot!(render_summary(&scan(0), &Rows::default(), &Rows::default(), &Gaps::default(), Look::default()), @r"
        Scan 7: incomplete
          12 targets: 10 scanned, 0 failed, 1 skipped
          2,041 resources, 0 open findings: 0 critical, 0 high
          1 opened, 0 resolved by this scan
          88 calls, 2 throttled

        Exit code 0: no target failed, and no finding is failing (1 target skipped).
        ");
    }

    #[test]
    fn what_was_not_asked_is_said() {
        let mut rows = scan(0);
        let longest = Duration::from_secs(24 * 3600);
        assert_eq!(not_asked(&rows, longest), None);
        rows.columns.push("deferred".to_owned());
        rows.rows[0].push(json!(1234));
        rows.rows[0][2] = json!(2000);
        let not_asked = not_asked(&rows, longest);
        let gaps = Gaps { not_asked, ..Gaps::default() };
        insta::assert_snapshot!(render_summary(&rows, &Rows::default(), &Rows::default(), &gaps, Look::default()), @r"
        Scan 7: incomplete
          2,000 targets: 10 scanned, 0 failed, 1 skipped
          2,041 resources, 0 open findings: 0 critical, 0 high
          1 opened, 0 resolved by this scan
          88 calls, 2 throttled
          1,234 of 2,000 targets were not asked: what is known of them is younger than 24h (scan --full asks all)

        Exit code 0: no target failed, and no finding is failing (1 target skipped).
        ");
    }

    #[test]
    fn the_exit_never_claims_more_than_was_seen() {
        let none = Rows::default();
        assert_eq!(exit(&scan(0), &two()), Exit::FindingsOpen);
        assert_eq!(exit(&scan(0), &none), Exit::Done);
        assert_eq!(exit(&none, &none), Exit::CoverageIncomplete);
        assert_eq!(exit(&scan(1), &two()), Exit::CoverageIncomplete);
        let mut stopped = scan(0);
        stopped.rows[0][1] = json!("interrupted");
        assert_eq!(exit(&stopped, &two()), Exit::CoverageIncomplete);
    }
}
