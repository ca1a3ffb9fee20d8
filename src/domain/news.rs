//! What is told to people: what a scan brought, or a few lines, and over which channel.

use serde_json::{Value, json};

/// A way to tell people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// An HTTP request to an address of your own, to Teams or to PagerDuty.
    Webhook,
    /// An incoming webhook of Slack.
    Slack,
    /// Mail over SMTP.
    Email,
    /// An Amazon SNS topic.
    Sns,
}

impl Channel {
    /// Every channel, in the order of every list.
    pub const ALL: [Self; 4] = [Self::Webhook, Self::Slack, Self::Email, Self::Sns];

    /// The word in the config, the database and every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Email => "email",
            Self::Sns => "sns",
        }
    }

    /// The channel of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.as_str() == name)
    }
}

/// Something that people may want to be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Occasion {
    /// A finding that was not there before.
    Opened,
    /// A finding that was resolved or suppressed, and is open again.
    Reopened,
    /// A target that was scanned before could not be scanned.
    CoverageLost,
    /// A key that data lies under can't be used, or soon can't.
    KeyInDanger,
    /// A report was written.
    Report,
}

impl Occasion {
    /// Every occasion.
    pub const ALL: [Self; 5] =
        [Self::Opened, Self::Reopened, Self::CoverageLost, Self::KeyInDanger, Self::Report];

    /// The word in the config.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Reopened => "reopened",
            Self::CoverageLost => "coverage_lost",
            Self::KeyInDanger => "key_in_danger",
            Self::Report => "report",
        }
    }
}

/// What kind of message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum NewsKind {
    /// What changed with a scan.
    Scan,
    /// What the first scan of a history found, in numbers.
    Baseline,
    /// A report was written.
    Report,
    /// Somebody tries whether messages arrive.
    Test,
}

impl NewsKind {
    const ALL: [Self; 4] = [Self::Scan, Self::Baseline, Self::Report, Self::Test];

    /// The word in the database and in every message.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Scan => "scan",
            Self::Baseline => "baseline",
            Self::Report => "report",
            Self::Test => "test",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }
}

/// The version of the form in which [`News::to_json`] writes; a field may be added without a new one.
pub const NEWS_VERSION: u64 = 1;

/// The most entries that a list of a message has; its `total` counts all.
pub const NEWS_LISTED: usize = 200;

/// One message, whatever the channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// What kind of message it is.
    pub kind: NewsKind,
    /// When it came about, as [`super::iso_utc`] writes it.
    pub at: String,
    /// The scan that it is of, if it is of one.
    pub scan: Option<ScanNews>,
    /// Findings that opened.
    pub opened: Listed<FindingNews>,
    /// Findings that are open again.
    pub reopened: Listed<FindingNews>,
    /// Keys that can't be used, or soon can't, each with what lies under it.
    pub keys_in_danger: Listed<FindingNews>,
    /// Targets that were scanned before and can't be now, by account and reason; `total` counts targets.
    pub coverage_lost: Listed<LossNews>,
    /// What else there is to say, a line each.
    pub lines: Vec<String>,
}

/// The beginning of a list, and how long it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// How many there are.
    pub total: u64,
    /// The first of them, the worst first.
    pub first: Vec<T>,
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self { total: 0, first: Vec::new() }
    }
}

impl<T> Listed<T> {
    /// Of these.
    pub fn of(all: impl IntoIterator<Item = T>) -> Self {
        let mut listed = Self::default();
        all.into_iter().for_each(|one| listed.add(one));
        listed
    }

    /// Counts one more, and lists it if there is room.
    pub fn add(&mut self, one: T) {
        self.total += 1;
        if self.first.len() < NEWS_LISTED {
            self.first.push(one);
        }
    }
}

/// The numbers of a scan, and of the findings after it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ScanNews {
    /// Its number.
    pub scan_id: i64,
    /// `complete`, `incomplete` or `interrupted`.
    pub outcome: String,
    /// Targets.
    pub targets: i64,
    /// Those that could not be scanned.
    pub failed: i64,
    /// Those left out.
    pub skipped: i64,
    /// Open findings of severity critical.
    pub open_critical: i64,
    /// Open findings of severity high.
    pub open_high: i64,
    /// Those among the open findings that could not be judged.
    pub open_unknown: i64,
}

/// A finding, as far as a message tells of it; the words are those of the view `findings`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "each is the column of the same name")]
pub struct FindingNews {
    pub finding_id: i64,
    pub check_id: String,
    pub severity: String,
    pub status: String,
    pub reason: String,
    pub account_id: String,
    pub account_name: String,
    pub region: String,
    pub resource_type: String,
    pub resource_name: String,
    pub resource_arn: String,
    pub key_arn: Option<String>,
}

/// Targets of one account that can't be scanned any longer, for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LossNews {
    /// The account.
    pub account_id: String,
    /// Its name.
    pub account_name: String,
    /// Why.
    pub reason: String,
    /// Which Regions.
    pub regions: Vec<String>,
}

impl News {
    /// A few lines without a scan.
    pub fn lines(kind: NewsKind, at: String, lines: Vec<String>) -> Self {
        Self {
            kind,
            at,
            scan: None,
            opened: Listed::default(),
            reopened: Listed::default(),
            keys_in_danger: Listed::default(),
            coverage_lost: Listed::default(),
            lines,
        }
    }

    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        let totals = [
            self.opened.total,
            self.reopened.total,
            self.keys_in_danger.total,
            self.coverage_lost.total,
            self.lines.len() as u64,
        ];
        totals.iter().all(|total| *total == 0)
    }

    /// As it is stored, and as a webhook gets it (with the message's id in front).
    pub fn to_json(&self) -> Value {
        json!({
            "version": NEWS_VERSION,
            "kind": self.kind.as_str(),
            "at": self.at,
            "scan": self.scan.as_ref().map(ScanNews::to_json),
            "opened": self.opened.to_json("findings", FindingNews::to_json),
            "reopened": self.reopened.to_json("findings", FindingNews::to_json),
            "keys_in_danger": self.keys_in_danger.to_json("findings", FindingNews::to_json),
            "coverage_lost": self.coverage_lost.to_json("accounts", LossNews::to_json),
            "lines": self.lines,
        })
    }

    /// Reads what [`News::to_json`] wrote; `None` if it is of another form.
    pub fn from_json(value: &Value) -> Option<Self> {
        if value["version"].as_u64()? != NEWS_VERSION {
            return None;
        }
        Some(Self {
            kind: NewsKind::from_name(value["kind"].as_str()?)?,
            at: text(value, "at")?,
            scan: match &value["scan"] {
                Value::Null => None,
                scan => Some(ScanNews::from_json(scan)?),
            },
            opened: Listed::from_json(&value["opened"], "findings", FindingNews::from_json)?,
            reopened: Listed::from_json(&value["reopened"], "findings", FindingNews::from_json)?,
            keys_in_danger: Listed::from_json(&value["keys_in_danger"], "findings", FindingNews::from_json)?,
            coverage_lost: Listed::from_json(&value["coverage_lost"], "accounts", LossNews::from_json)?,
            lines: texts(&value["lines"])?,
        })
    }
}

impl<T> Listed<T> {
    fn to_json(&self, name: &str, one: impl Fn(&T) -> Value) -> Value {
        json!({ "total": self.total, name: self.first.iter().map(one).collect::<Vec<_>>() })
    }

    fn from_json(value: &Value, name: &str, one: impl Fn(&Value) -> Option<T>) -> Option<Self> {
        let first = value[name].as_array()?.iter().map(one).collect::<Option<_>>()?;
        Some(Self { total: value["total"].as_u64()?, first })
    }
}

impl ScanNews {
    fn to_json(&self) -> Value {
        json!({
            "scan_id": self.scan_id,
            "outcome": self.outcome,
            "targets": self.targets,
            "failed": self.failed,
            "skipped": self.skipped,
            "open_critical": self.open_critical,
            "open_high": self.open_high,
            "open_unknown": self.open_unknown,
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        let number = |name: &str| value[name].as_i64();
        Some(Self {
            scan_id: number("scan_id")?,
            outcome: text(value, "outcome")?,
            targets: number("targets")?,
            failed: number("failed")?,
            skipped: number("skipped")?,
            open_critical: number("open_critical")?,
            open_high: number("open_high")?,
            open_unknown: number("open_unknown")?,
        })
    }
}

impl FindingNews {
    fn to_json(&self) -> Value {
        json!({
            "finding_id": self.finding_id,
            "check_id": self.check_id,
            "severity": self.severity,
            "status": self.status,
            "reason": self.reason,
            "account_id": self.account_id,
            "account_name": self.account_name,
            "region": self.region,
            "resource_type": self.resource_type,
            "resource_name": self.resource_name,
            "resource_arn": self.resource_arn,
            "key_arn": self.key_arn,
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            finding_id: value["finding_id"].as_i64()?,
            check_id: text(value, "check_id")?,
            severity: text(value, "severity")?,
            status: text(value, "status")?,
            reason: text(value, "reason")?,
            account_id: text(value, "account_id")?,
            account_name: text(value, "account_name")?,
            region: text(value, "region")?,
            resource_type: text(value, "resource_type")?,
            resource_name: text(value, "resource_name")?,
            resource_arn: text(value, "resource_arn")?,
            key_arn: text(value, "key_arn"),
        })
    }
}

impl LossNews {
    fn to_json(&self) -> Value {
        json!({
            "account_id": self.account_id,
            "account_name": self.account_name,
            "reason": self.reason,
            "regions": self.regions,
        })
    }

    fn from_json(value: &Value) -> Option<Self> {
        Some(Self {
            account_id: text(value, "account_id")?,
            account_name: text(value, "account_name")?,
            reason: text(value, "reason")?,
            regions: texts(&value["regions"])?,
        })
    }
}

fn text(value: &Value, name: &str) -> Option<String> {
    value[name].as_str().map(str::to_owned)
}

fn texts(value: &Value) -> Option<Vec<String>> {
    value.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let finding = FindingNews {
            finding_id: 7,
            check_id: "c".to_owned(),
            key_arn: Some("k".to_owned()),
            ..FindingNews::default()
        };
        let loss = LossNews { regions: vec!["eu-west-1".to_owned()], ..LossNews::default() };
        let news = News {
            scan: Some(ScanNews { scan_id: 3, outcome: "complete".to_owned(), ..ScanNews::default() }),
            opened: Listed { total: 9, first: vec![finding.clone(), FindingNews::default()] },
            keys_in_danger: Listed::of(vec![finding]),
            coverage_lost: Listed { total: 17, first: vec![loss] },
            ..News::lines(NewsKind::Scan, "2026-11-24T09:30:00Z".to_owned(), vec!["one".to_owned()])
        };
        assert!(!news.is_empty());
        assert_eq!(News::from_json(&news.to_json()), Some(news.clone()));
        let mut later = news.to_json();
        later["version"] = 2.into();
        assert_eq!(News::from_json(&later), None, "another form is not guessed at");
        let mut broken = news.to_json();
        broken["opened"]["findings"][0]["region"] = 1.into();
        assert_eq!(News::from_json(&broken), None);
    }

    #[test]
    fn a_list_is_cut_and_counted() {
        let all = Listed::of(0..1000);
        assert_eq!((all.total, all.first.len()), (1000, NEWS_LISTED));
        let nothing = News::lines(NewsKind::Scan, String::new(), Vec::new());
        assert!(nothing.is_empty());
    }

    #[test]
    fn names_are_found_again() {
        assert!(Channel::ALL.iter().all(|one| Channel::from_name(one.as_str()) == Some(*one)));
        assert_eq!(Channel::from_name("fax"), None);
    }
}
