//! What the public views say when a week is over, and reports of histories that are held against it.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use serde_json::Value;

use super::{holds::holds, *};
use crate::{
    domain::Rows,
    history::{
        FindingFilter,
        tests::{
            lived::lived,
            model::{play, step},
            plain::Model,
        },
    },
    reports::{Counts, TargetCounts},
};

/// What the views say now, when nothing has happened since the end of the week.
pub(super) struct Views {
    /// week, check_id, account_id, region, then the four numbers.
    pub(super) weekly: Vec<Vec<Value>>,
    pub(super) findings: Vec<Value>,
    /// event_id, finding_id, at, scan_id, event, reason.
    pub(super) events: Vec<Vec<Value>>,
    pub(super) coverage: Vec<Value>,
    /// account_id, ou_path, left_at.
    pub(super) accounts: Vec<Vec<Value>>,
    /// finished_at, outcome, api_calls, throttled_calls.
    pub(super) scans: Vec<Vec<Value>>,
    /// finding_id, check_id, resolved_at, resolution, hours_open.
    pub(super) openings: Vec<Vec<Value>>,
    pub(super) exceptions: Vec<Vec<Value>>,
    pub(super) evidence: Vec<Vec<Value>>,
}

fn objects(rows: &Rows) -> Vec<Value> {
    let object = |row: &Vec<Value>| rows.columns.iter().cloned().zip(row.iter().cloned()).collect();
    rows.rows.iter().map(object).collect()
}

impl Views {
    async fn of(lab: &mut Lab) -> Self {
        let reader = lab.reader().await;
        let coverage = lab
            .rows(
                "SELECT json_object('account_id', account_id, 'account_name', account_name, 'region', region,
                     'outcome', outcome, 'reason', reason, 'error_code', error_code, 'error_message', error_message,
                     'since', since, 'last_scanned_at', last_scanned_at)
                 FROM coverage ORDER BY outcome, account_id, region",
            )
            .await;
        Self {
            weekly: lab
                .rows("SELECT week, check_id, account_id, region, pass, fail, unknown, suppressed FROM compliance_weekly")
                .await,
            findings: objects(&reader.findings(&FindingFilter::default()).await.unwrap()),
            events: lab
                .rows("SELECT event_id, finding_id, at, scan_id, event, reason FROM finding_events ORDER BY at, event_id")
                .await,
            coverage: coverage.iter().map(|row| serde_json::from_str(row[0].as_str().unwrap()).unwrap()).collect(),
            accounts: lab.rows("SELECT account_id, ou_path, left_at FROM accounts").await,
            scans: lab.rows("SELECT finished_at, outcome, api_calls, throttled_calls FROM scans").await,
            openings: lab
                .rows("SELECT finding_id, check_id, resolved_at, resolution, hours_open FROM remediation_times")
                .await,
            exceptions: lab
                .rows("SELECT exception_id, state, created_at, ended_at, findings FROM exceptions")
                .await,
            evidence: lab
                .rows("SELECT evidence, status, count(*) FROM evaluation WHERE valid_to IS NULL GROUP BY 1, 2 ORDER BY 1, 2")
                .await,
        }
    }

    /// The verdicts of a week where `which` says so of check, account and Region.
    pub(super) fn counts(&self, week: &str, which: impl Fn(&str, &str, &str) -> bool) -> Counts {
        let mut counts = Counts::default();
        for row in &self.weekly {
            let [name, check, account, region] = [0, 1, 2, 3].map(|at| row[at].as_str().unwrap());
            if name == week && which(check, account, region) {
                counts.pass += row[4].as_u64().unwrap();
                counts.fail += row[5].as_u64().unwrap();
                counts.unknown += row[6].as_u64().unwrap();
                counts.suppressed += row[7].as_u64().unwrap();
            }
        }
        counts
    }

    /// The findings open before a moment.
    pub(super) fn open_before(&self, moment: &str) -> BTreeSet<i64> {
        let mut open = BTreeSet::new();
        let mut events: Vec<_> = self.events.iter().collect();
        events.sort_by_key(|row| row[0].as_i64());
        for row in events.into_iter().filter(|row| row[2].as_str().unwrap() < moment) {
            let finding = row[1].as_i64().unwrap();
            match row[4].as_str().unwrap() {
                "opened" | "reopened" => open.insert(finding),
                "status_changed" => false,
                _ => open.remove(&finding),
            };
        }
        open
    }

    pub(super) fn targets(&self, which: impl Fn(&Value) -> bool) -> TargetCounts {
        let count =
            |outcome| self.coverage.iter().filter(|row| row["outcome"] == outcome && which(row)).count();
        let [scanned, failed, skipped] = ["scanned", "failed", "skipped"].map(|word| count(word) as u64);
        TargetCounts { scanned, failed, skipped }
    }

    pub(super) fn ou(&self, account: &str) -> &str {
        let row = self.accounts.iter().find(|row| row[0] == account).unwrap();
        row[1].as_str().unwrap_or("")
    }
}

/// The week of an hour.
const fn week_of(h: i64) -> i64 {
    (h + 72) / 168 + 1
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn a_report_says_what_the_views_say(steps in prop::collection::vec(step(), 1..8)) {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
            let (mut lab, mut model, mut h) = (Lab::new().await, Model::default(), 0);
            let mut at_end: BTreeMap<i64, TargetCounts> = BTreeMap::new();
            for step in &steps {
                h = play(&mut lab, &mut model, step, h).await;
                let n = week_of(h);
                let report = over(&lab, n).await;
                let before = at_end.range(..n).next_back().map(|(_, targets)| *targets);
                holds(&report, &Views::of(&mut lab).await, before);
                at_end.insert(n, report.coverage.targets);
            }
        });
    }
}

#[tokio::test]
async fn the_report_of_a_history_in_which_everything_happened_says_what_the_views_say() {
    let mut lab = lived().await;
    let report = over(&lab, 2).await;
    let some = [
        report.coverage.gaps.len(),
        report.changes.resolved.len(),
        report.slowest.len(),
        report.findings.len(),
    ];
    assert!(some.iter().all(|some| *some > 0), "too little happens: {some:?}");
    let views = Views::of(&mut lab).await;
    let before = over(&lab, 1).await.coverage.targets;
    holds(&report, &views, Some(before));
}
