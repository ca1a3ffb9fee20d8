use std::fmt::Write;

use super::{account, key, status};
use crate::{
    domain::{Row, visible},
    history::FindingHistory,
};

/// Each finding: what it is, how it stands `when` (now, or then), and everything that happened to it.
pub(super) fn timeline(found: &FindingHistory, when: &str) -> String {
    let mut text = String::new();
    for (at, finding) in found.findings.iter().enumerate() {
        if at > 0 {
            text.push('\n');
        }
        let id = finding.value("finding_id");
        head(&mut text, &finding, when);
        text.push_str("\n  History\n");
        for event in found.events.iter().filter(|event| event.value("finding_id") == id) {
            line(&mut text, &happened(&event));
        }
    }
    text
}

fn head(text: &mut String, finding: &Row<'_>, when: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(
        text,
        "Finding {}: {} ({})",
        finding.value("finding_id"),
        finding.text("check_id"),
        finding.text("severity")
    );
    let times = match finding.count("times_opened") {
        0 | 1 => String::new(),
        n => format!(", opened {n} times"),
    };
    let now = match finding.text("state") {
        "resolved" => {
            format!("resolved {}: {}{times}", moment(finding.text("resolved_at")), finding.text("resolution"))
        }
        "suppressed" => format!(
            "suppressed until {} by exception {}, {}{times}",
            moment(finding.text("exception_expires_at")),
            finding.value("exception_id"),
            status(finding)
        ),
        state => format!("{state} since {}, {}{times}", moment(finding.text("opened_at")), status(finding)),
    };
    let mut key = key(finding);
    let known: Vec<&str> = ["key_manager", "key_state"]
        .iter()
        .map(|name| finding.text(name))
        .filter(|w| !w.is_empty())
        .collect();
    if !known.is_empty() {
        let _ = write!(key, " ({})", known.join(", "));
    }
    let kind = finding.text("resource_type").replace('_', " ");
    for (name, value) in [
        ("Resource", format!("{} ({kind})", finding.text("resource_name"))),
        ("ARN", finding.text("resource_arn").to_owned()),
        ("Account", account(finding)),
        ("OU", finding.text("ou_path").to_owned()),
        ("Region", finding.text("region").to_owned()),
        ("Key", key),
        (when, now),
        ("Evidence", finding.text("evidence").to_owned()),
        ("Last seen", moment(finding.text("last_seen_at"))),
    ] {
        if !value.is_empty() {
            line(text, &format!("{name:<10} {value}"));
        }
    }
}

fn happened(event: &Row<'_>) -> String {
    let (from, to) = (event.text("from_status"), event.text("to_status"));
    let change = match (from, to) {
        ("", "") => String::new(),
        ("", to) => to.to_owned(),
        (from, "") => format!("was {from}"),
        (from, to) if from == to => to.to_owned(),
        (from, to) => format!("{from} -> {to}"),
    };
    let scan = match event.count("scan_id") {
        0 => String::new(),
        n => format!("scan {n}"),
    };
    let reason = event.text("reason");
    format!(
        "{}  {:<14}  {change:<15}  {reason:<34}  {scan}",
        moment(event.text("at")),
        event.text("event").replace('_', " ")
    )
}

fn line(text: &mut String, content: &str) {
    let _ = writeln!(text, "  {}", visible(content.trim_end()));
}

/// `2026-11-24 09:30 UTC`.
fn moment(at: &str) -> String {
    match (at.get(..10), at.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time} UTC"),
        _ => at.to_owned(),
    }
}
