//! News as JSON: as they are stored, and as a webhook gets them.

use serde_json::{Value, json};

use super::{FindingNews, Listed, LossNews, NEWS_VERSION, News, NewsKind, ScanNews};

impl News {
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
            "week": self.week,
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
            // Messages of before there were reports have none.
            week: text(value, "week"),
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
            week: Some("2026-W47".to_owned()),
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
}
