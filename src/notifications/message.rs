//! What a message says, before any channel's form: a title, a few sentences, and lists.

use crate::domain::{FindingNews, Listed, LossNews, News, NewsKind};

/// The longest line, in characters. Names are the owners' to choose, and AWS allows long ones.
const LONGEST_LINE: usize = 400;

/// Regions named in one line.
const REGIONS_NAMED: usize = 5;

/// A message in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// One line that says the most.
    pub title: String,
    /// How urgent it is.
    pub level: Level,
    /// Sentences.
    pub intro: Vec<String>,
    /// Lists.
    pub sections: Vec<Section>,
}

/// How urgent a message is; the words are PagerDuty's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Data is about to become unreadable.
    Critical,
    /// Something fails.
    Error,
    /// Something can't be seen or judged.
    Warning,
    /// Good to know.
    Info,
}

impl Level {
    /// The word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// A list with its heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The heading.
    pub heading: String,
    /// A line each.
    pub lines: Vec<String>,
    /// How many more there are than lines.
    pub more: u64,
}

impl Section {
    /// The first lines, at most so many, and how many there are beside them.
    pub fn first(&self, most: usize) -> (&[String], u64) {
        let shown = &self.lines[..self.lines.len().min(most)];
        (shown, self.more + (self.lines.len() - shown.len()) as u64)
    }
}

impl Message {
    /// Puts news into words.
    pub fn of(news: &News) -> Self {
        let mut sections = Vec::new();
        section(&mut sections, "Keys in danger", &news.keys_in_danger, key_line);
        section(&mut sections, "Opened", &news.opened, finding_line);
        section(&mut sections, "Reopened", &news.reopened, finding_line);
        if news.coverage_lost.total > 0 {
            let listed = &news.coverage_lost;
            let named: u64 = listed.first.iter().map(|loss| loss.regions.len() as u64).sum();
            sections.push(Section {
                heading: format!("Coverage lost in {}", counted(listed.total, "target")),
                lines: listed.first.iter().map(loss_line).collect(),
                more: listed.total.saturating_sub(named),
            });
        }
        Self { title: title(news), level: level(news), intro: intro(news), sections }
    }
}

fn section<T>(sections: &mut Vec<Section>, heading: &str, listed: &Listed<T>, line: impl Fn(&T) -> String) {
    if listed.total > 0 {
        sections.push(Section {
            heading: format!("{heading} ({})", listed.total),
            lines: listed.first.iter().map(line).collect(),
            more: listed.total.saturating_sub(listed.first.len() as u64),
        });
    }
}

fn title(news: &News) -> String {
    let what = match (news.kind, &news.scan) {
        (NewsKind::Test, _) => "test message".to_owned(),
        (NewsKind::Report, _) => news.lines.first().map_or_else(|| "report".to_owned(), |line| clean(line)),
        (NewsKind::Baseline, Some(scan)) => {
            format!("first scan, {} critical and {} high findings open", scan.open_critical, scan.open_high)
        }
        _ => {
            let parts = [
                (news.keys_in_danger.total, "key finding", "in danger"),
                (news.opened.total, "finding", "opened"),
                (news.reopened.total, "finding", "reopened"),
                (news.coverage_lost.total, "target", "no longer scanned"),
            ];
            let parts: Vec<String> = parts
                .into_iter()
                .filter(|(total, ..)| *total > 0)
                .map(|(total, what, how)| match what {
                    "key finding" if total == 1 => "1 resource under a key in danger".to_owned(),
                    "key finding" => format!("{total} resources under keys in danger"),
                    _ => format!("{} {how}", counted(total, what)),
                })
                .collect();
            parts.join(", ")
        }
    };
    format!("keywatch: {what}")
}

fn level(news: &News) -> Level {
    let findings = || news.opened.first.iter().chain(&news.reopened.first);
    let fails = |severity: Option<&str>| {
        findings().any(|found| found.status == "fail" && severity.is_none_or(|one| one == found.severity))
    };
    let (critical, high) = news
        .scan
        .as_ref()
        .filter(|_| news.kind == NewsKind::Baseline)
        .map_or((0, 0), |scan| (scan.open_critical, scan.open_high));
    if news.keys_in_danger.total > 0 || fails(Some("critical")) || critical > 0 {
        Level::Critical
    } else if fails(None) {
        Level::Error
    } else if news.coverage_lost.total > 0 || findings().next().is_some() || high > 0 {
        Level::Warning
    } else {
        Level::Info
    }
}

fn intro(news: &News) -> Vec<String> {
    let mut intro: Vec<String> = Vec::new();
    if let Some(scan) = &news.scan {
        intro.push(format!(
            "Scan {} ({}, {}): {}, {} failed, {} skipped.",
            scan.scan_id,
            scan.outcome,
            news.at,
            counted(scan.targets.unsigned_abs(), "target"),
            scan.failed,
            scan.skipped
        ));
        let unknown = match scan.open_unknown {
            0 => String::new(),
            n => format!(" ({n} could not be judged)"),
        };
        intro.push(format!(
            "Open findings now: {} critical, {} high{unknown}.",
            scan.open_critical, scan.open_high
        ));
    }
    // The first line of a report's is the title.
    let said = usize::from(news.kind == NewsKind::Report);
    intro.extend(news.lines.iter().skip(said).map(|line| clean(line)));
    intro
}

fn place(found: &FindingNews) -> String {
    format!(
        "{} {} in {} ({}), {}",
        found.resource_type.replace('_', " "),
        found.resource_name,
        found.account_name,
        found.account_id,
        found.region
    )
}

fn finding_line(found: &FindingNews) -> String {
    let key = found.key_arn.as_ref().map(|key| format!("; key {key}")).unwrap_or_default();
    clean(&format!("{}, {}: {}{key}; {}", found.status, found.reason, place(found), found.check_id))
}

fn key_line(found: &FindingNews) -> String {
    let key = found.key_arn.as_deref().unwrap_or("the default key");
    clean(&format!("{}: {key}; under it: {}", found.reason, place(found)))
}

fn loss_line(loss: &LossNews) -> String {
    let named: Vec<&str> = loss.regions.iter().take(REGIONS_NAMED).map(String::as_str).collect();
    let more = match loss.regions.len().saturating_sub(REGIONS_NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    clean(&format!(
        "{}: {} ({}), {}{more}",
        loss.reason,
        loss.account_name,
        loss.account_id,
        named.join(", ")
    ))
}

/// One line without anything that a terminal, a mail or a chat would obey, and not endless.
fn clean(text: &str) -> String {
    let visible = |c: char| match c {
        // Marks that turn the direction of what follows.
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
        c if c.is_control() || c == '\u{2028}' || c == '\u{2029}' => ' ',
        c => c,
    };
    cut(&text.chars().map(visible).collect::<String>(), LONGEST_LINE)
}

/// The first characters, and a sign that there were more.
pub(super) fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some(_) => text.chars().take(most.saturating_sub(1)).chain(['…']).collect(),
    }
}

fn counted(n: u64, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::domain::ScanNews;

    pub(in crate::notifications) fn finding(name: &str) -> FindingNews {
        FindingNews {
            finding_id: 7,
            check_id: "dms_endpoint_kms_cmk_encryption".to_owned(),
            severity: "high".to_owned(),
            status: "fail".to_owned(),
            reason: "default_key".to_owned(),
            account_id: "000000000001".to_owned(),
            account_name: "R&D <prod>".to_owned(),
            region: "eu-west-1".to_owned(),
            resource_type: "endpoint".to_owned(),
            resource_name: name.to_owned(),
            resource_arn: format!("arn:aws:dms:eu-west-1:000000000001:endpoint:{name}"),
            key_arn: None,
        }
    }

    /// One of everything.
    pub(in crate::notifications) fn news() -> News {
        let key = FindingNews {
            check_id: "dms_kms_key_usable".to_owned(),
            severity: "critical".to_owned(),
            reason: "key_pending_deletion".to_owned(),
            key_arn: Some("arn:aws:kms:eu-west-1:000000000001:key/1b2c".to_owned()),
            ..finding("orders")
        };
        let unknown = FindingNews {
            status: "unknown".to_owned(),
            reason: "key_access_denied".to_owned(),
            ..finding("crm")
        };
        News {
            scan: Some(ScanNews {
                scan_id: 7,
                outcome: "incomplete".to_owned(),
                targets: 204,
                failed: 7,
                skipped: 10,
                open_critical: 1,
                open_high: 12,
                open_unknown: 1,
            }),
            keys_in_danger: Listed::of(vec![key]),
            opened: Listed { total: 202, first: vec![finding("shop"), unknown] },
            reopened: Listed::of(vec![finding("old")]),
            coverage_lost: Listed {
                total: 7,
                first: vec![LossNews {
                    account_id: "000000000002".to_owned(),
                    account_name: "payments".to_owned(),
                    reason: "assume_role_denied".to_owned(),
                    regions: (1..=7).map(|n| format!("eu-west-{n}")).collect(),
                }],
            },
            ..News::lines(NewsKind::Scan, "2026-11-24T09:30:00Z".to_owned(), Vec::new())
        }
    }

    /// As much as there can be, of the longest names.
    pub(in crate::notifications) fn flood() -> News {
        let long = finding(&"<&\"ü".repeat(100));
        let many = Listed { total: 70_000, first: vec![long; crate::domain::NEWS_LISTED] };
        let mut news = news();
        (news.opened, news.reopened, news.keys_in_danger) = (many.clone(), many.clone(), many);
        let loss = news.coverage_lost.first[0].clone();
        news.coverage_lost = Listed { total: 100_000, first: vec![loss; crate::domain::NEWS_LISTED] };
        news
    }

    #[test]
    fn a_scan_in_words() {
        let message = Message::of(&news());
        assert_eq!(message.level, Level::Critical);
        let mut text = format!("{}\n{}\n", message.title, message.intro.join("\n"));
        for section in &message.sections {
            text += &format!("{}\n  {}\n  +{}\n", section.heading, section.lines.join("\n  "), section.more);
        }
        insta::assert_snapshot!(text, @r"
        keywatch: 1 resource under a key in danger, 202 findings opened, 1 finding reopened, 7 targets no longer scanned
        Scan 7 (incomplete, 2026-11-24T09:30:00Z): 204 targets, 7 failed, 10 skipped.
        Open findings now: 1 critical, 12 high (1 could not be judged).
        Keys in danger (1)
          key_pending_deletion: arn:aws:kms:eu-west-1:000000000001:key/1b2c; under it: endpoint orders in R&D <prod> (000000000001), eu-west-1
          +0
        Opened (202)
          fail, default_key: endpoint shop in R&D <prod> (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption
          unknown, key_access_denied: endpoint crm in R&D <prod> (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption
          +200
        Reopened (1)
          fail, default_key: endpoint old in R&D <prod> (000000000001), eu-west-1; dms_endpoint_kms_cmk_encryption
          +0
        Coverage lost in 7 targets
          assume_role_denied: payments (000000000002), eu-west-1, eu-west-2, eu-west-3, eu-west-4, eu-west-5 and 2 more
          +0
        ");
    }

    #[test]
    fn the_level_is_that_of_the_worst() {
        let level = |change: fn(&mut News)| {
            let mut news = News::lines(NewsKind::Scan, String::new(), Vec::new());
            change(&mut news);
            Message::of(&news).level
        };
        assert_eq!(level(|_| {}), Level::Info);
        assert_eq!(level(|news| news.coverage_lost.total = 1), Level::Warning);
        assert_eq!(level(|news| news.reopened = Listed::of(vec![finding("a")])), Level::Error);
        assert_eq!(level(|news| news.keys_in_danger = Listed::of(vec![finding("a")])), Level::Critical);
        let unknown = |news: &mut News| {
            news.opened = Listed::of(vec![FindingNews { status: "unknown".to_owned(), ..finding("a") }]);
        };
        assert_eq!(level(unknown), Level::Warning, "what is not known is not said to fail");
        let baseline = |news: &mut News| {
            news.kind = NewsKind::Baseline;
            news.scan = Some(ScanNews { open_high: 3, ..ScanNews::default() });
        };
        assert_eq!(level(baseline), Level::Warning);
    }

    #[test]
    fn a_name_breaks_no_line_and_turns_no_text() {
        let line = finding_line(&finding("a\r\nBcc: x\u{202e}\u{1b}[2J"));
        assert!(line.contains("a  Bcc: x\u{fffd} [2J"), "{line:?}");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("äöüx", 3), "äö…");
        assert_eq!(clean(&"x".repeat(1000)).chars().count(), LONGEST_LINE);
    }
}
