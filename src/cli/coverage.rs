//! `coverage`, and the gaps of a scan.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::{
    args::CoverageArgs,
    exit::Failed,
    findings::{account, day},
    lists,
    output::{Look, Out, table},
    past,
};
use crate::{
    domain::{Row, Rows},
    history::{List, Reader},
};

/// Up to so many Regions are named; more are counted.
const NAMED_REGIONS: usize = 3;

/// `coverage`.
pub async fn run(reader: &Reader, args: &CoverageArgs, out: &mut Out) -> Result<(), Failed> {
    match past(reader, args.as_of).await? {
        Some(past) => out.rows(&past.coverage(&args.filter()).await?, args.format, for_people),
        None => lists::print(reader, List::Coverage(&args.filter()), args.format, for_people, out).await,
    }
}

/// Targets that are one line.
struct Group<'a> {
    first: Row<'a>,
    /// More than one only where they are left out for the same reason in the same Regions.
    accounts: usize,
    regions: BTreeSet<&'a str>,
    since: &'a str,
    /// The oldest knowledge among them; empty where a target was never scanned.
    last_scanned: &'a str,
    /// How many hours old that is.
    age: Option<f64>,
}

/// Targets that were not scanned, for people: one line for each account and reason; accounts that are
/// left out alike share a line, or a large organization would fill the screen with what is as it should be.
pub fn for_people(not_scanned: &Rows, look: Look) -> String {
    if not_scanned.rows.is_empty() {
        return "Every target was scanned.\n".to_owned();
    }
    let columns =
        ["OUTCOME", "REASON", "ERROR", "ACCOUNT", "REGIONS", "SINCE", "LAST SCANNED"].map(str::to_owned);
    let rows: Vec<Vec<Value>> = groups(not_scanned)
        .iter()
        .map(|group| {
            let row = &group.first;
            let last = match group.last_scanned {
                "" => "never".to_owned(),
                moment => format!("{}{}", day(moment), age(group.age)),
            };
            vec![
                row.value("outcome"),
                row.value("reason"),
                error(row).into(),
                if group.accounts > 1 { format!("{} accounts", group.accounts) } else { account(row) }.into(),
                regions(&group.regions).into(),
                day(group.since).into(),
                last.into(),
            ]
        })
        .collect();
    table(&columns, &rows, look)
}

fn groups(rows: &Rows) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let same = |a: &Row<'_>, b: &Row<'_>| {
        ["account_id", "outcome", "reason"].iter().all(|name| a.text(name) == b.text(name))
            && error(a) == error(b)
    };
    let mut first_of_account = 0;
    for row in rows.iter() {
        // The rows come by outcome and account, so only this account's few groups are searched.
        if groups.last().is_some_and(|last| last.first.text("account_id") != row.text("account_id")) {
            first_of_account = groups.len();
        }
        let (region, since, last) = (row.text("region"), row.text("since"), row.text("last_scanned_at"));
        let age = row.value("age_hours").as_f64();
        match groups[first_of_account..].iter_mut().find(|group| same(&group.first, &row)) {
            Some(group) => {
                group.regions.insert(region);
                group.since = group.since.min(since);
                group.last_scanned = group.last_scanned.min(last);
                group.age = older(group.age, age);
            }
            None => {
                let regions = BTreeSet::from([region]);
                groups.push(Group { first: row, accounts: 1, regions, since, last_scanned: last, age });
            }
        }
    }
    alike(groups)
}

/// Joins accounts that are left out for the same reason in the same Regions; a failure stays by itself.
fn alike(groups: Vec<Group<'_>>) -> Vec<Group<'_>> {
    let mut joined: Vec<Group<'_>> = Vec::new();
    let mut places = HashMap::new();
    for group in groups {
        if group.first.text("outcome") == "failed" {
            joined.push(group);
            continue;
        }
        let key = (group.first.text("reason"), group.regions.clone());
        match places.get(&key).and_then(|&at: &usize| joined.get_mut(at)) {
            Some(first) => {
                first.accounts += 1;
                first.since = first.since.min(group.since);
                first.last_scanned = first.last_scanned.min(group.last_scanned);
                first.age = older(first.age, group.age);
            }
            None => {
                places.insert(key, joined.len());
                joined.push(group);
            }
        }
    }
    joined
}

/// The larger of two ages.
fn older(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    one.into_iter().chain(other).reduce(f64::max)
}

/// ` (9h ago)`, ` (12d ago)`; nothing of what is not known, or lies ahead on somebody else's clock.
fn age(hours: Option<f64>) -> String {
    match hours {
        Some(hours) if hours >= 48.0 => format!(" ({:.0}d ago)", (hours / 24.0).floor()),
        Some(hours) if hours >= 0.0 => format!(" ({:.0}h ago)", hours.floor()),
        _ => String::new(),
    }
}

/// The error's code with the call that got it: `dms:DescribeEndpoints AccessDeniedException`.
fn error(row: &Row<'_>) -> String {
    let code = row.text("error_code");
    let call = row.text("error_message").split_once(": ").map_or("", |(call, _)| call);
    let is_call = call.contains(':') && !call.contains(' ');
    if is_call { format!("{call} {code}").trim_end().to_owned() } else { code.to_owned() }
}

fn regions(names: &BTreeSet<&str>) -> String {
    if names.len() > NAMED_REGIONS {
        format!("{} regions", names.len())
    } else {
        names.iter().copied().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn gaps() -> Rows {
        let columns = [
            "account_id",
            "account_name",
            "region",
            "outcome",
            "reason",
            "error_code",
            "since",
            "last_scanned_at",
        ];
        let mut rows = Vec::new();
        for region in ["us-east-1", "eu-west-1"] {
            rows.push(vec![
                json!("000000000001"),
                json!("pay\u{1b}[2J"),
                json!(region),
                json!("failed"),
                json!("assume_role_denied"),
                json!("AccessDenied"),
                json!("2026-11-02T00:00:00Z"),
                json!("2026-11-01T00:00:00Z"),
            ]);
        }
        for n in 1..=34 {
            rows.push(vec![
                json!("000000000002"),
                json!("closed"),
                json!(format!("eu-west-{n}")),
                json!("skipped"),
                json!("account_not_active"),
                Value::Null,
                json!("2026-10-02T00:00:00Z"),
                Value::Null,
            ]);
        }
        Rows { columns: columns.map(str::to_owned).to_vec(), rows }
    }

    #[test]
    fn the_age_of_what_is_known_is_shown() {
        let mut rows = gaps();
        rows.columns.push("age_hours".to_owned());
        for (row, hours) in rows
            .rows
            .iter_mut()
            .zip([json!(9.9), json!(26.5)].into_iter().chain(std::iter::repeat(Value::Null)))
        {
            row.push(hours);
        }
        assert!(
            for_people(&rows, Look::default()).contains("2026-11-01 (26h ago)"),
            "the oldest of the line"
        );
        let words = [(Some(50.0), " (2d ago)"), (Some(0.2), " (0h ago)"), (Some(-3.0), ""), (None, "")];
        assert_eq!(words.map(|(hours, _)| age(hours)), words.map(|(_, word)| word.to_owned()));
    }

    #[test]
    fn targets_of_one_account_and_reason_are_one_line() {
        insta::assert_snapshot!(for_people(&gaps(), Look::default()), @r"
        OUTCOME  REASON              ERROR         ACCOUNT                      REGIONS               SINCE       LAST SCANNED
        failed   assume_role_denied  AccessDenied  pay\u{1b}[2J (000000000001)  eu-west-1, us-east-1  2026-11-02  2026-11-01
        skipped  account_not_active                closed (000000000002)        34 regions            2026-10-02  never
        ");
        let mut three = gaps();
        for account in ["000000000003", "000000000004"] {
            let more: Vec<_> = three.rows.iter().filter(|row| row[0] == "000000000002").cloned().collect();
            three.rows.extend(more.into_iter().map(|mut row| {
                row[0] = json!(account);
                row
            }));
        }
        assert!(for_people(&three, Look::default()).contains("3 accounts"), "left out alike");
        assert_eq!(for_people(&Rows::default(), Look::default()), "Every target was scanned.\n");
    }
}
