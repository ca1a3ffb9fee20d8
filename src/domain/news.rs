//! What is told to people: what a scan brought, or a few lines, and over which channel.

mod json;

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
    /// The ISO week of the report that it is of, `2026-W47`, if it is of one.
    pub week: Option<String>,
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
            week: None,
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
}

#[cfg(test)]
mod tests {
    use super::*;

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
