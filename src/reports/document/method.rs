use super::parts::{Block, Cell, Column, Command, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{Weekly, words},
};

/// How it was judged, what that rests on, and how to check it.
pub(super) fn section(weekly: &Weekly) -> Section {
    let text = |text: &str| Block::Text(text.to_owned());
    let blocks = vec![
        Block::Heading("How a key is judged".to_owned()),
        text("In this order; the first that gives an answer decides:"),
        Block::Steps(STEPS.map(str::to_owned).to_vec()),
        Block::Heading("What is not known".to_owned()),
        Block::Items(UNKNOWN.map(str::to_owned).to_vec()),
        Block::Heading("What the verdicts rest on".to_owned()),
        evidence(weekly),
        Block::Heading("How to check these numbers".to_owned()),
        text(
            "Every number here can be worked out again from the history. The commands count weeks and days in UTC; \
             where the report's zone is another, what happened around midnight may fall into the next one.",
        ),
        Block::Commands(commands(weekly)),
    ];
    Section { id: "method", heading: "Method and evidence", new_page: false, blocks }
}

const STEPS: [&str; 5] = [
    "The resource names no key: DMS used its default key, which AWS manages. Fails.",
    "KMS describes the key (kms:DescribeKey) and says who manages it: AWS fails, the customer passes. A name under \
     alias/aws/ is an AWS managed key without asking.",
    "The key's ARN names another account: an AWS managed key serves only its own account, so it is customer managed. \
     Passes; where keywatch may enter that account, the key is described there.",
    "Looking at the key is refused: the account's aliases (kms:ListAliases) are read to the last page. Every AWS \
     managed key has one under alias/aws/; a key with such an alias fails, one without passes.",
    "Otherwise it is not known.",
];

const UNKNOWN: [&str; 4] = [
    "What could not be judged never counts as compliant, in no number of this report.",
    "What was not seen is never compliant: a target that was not scanned keeps its findings as they were last known.",
    "A finding is resolved only where its resource was seen to pass or was seen to be gone, or where it left the \
     organization or the scope; each resolution says which.",
    "A Region that an account has not enabled can't be looked at. It counts as not seen, not as clean.",
];

fn evidence(weekly: &Weekly) -> Block {
    Table::of(
        ("evidence", "Verdicts by what they rest on, exceptions not regarded"),
        &[Column::text("Evidence"), Column::short("Result"), Column::number("Verdicts")],
        &weekly.evidence,
        (MOST_ROWS, REST),
        "Nothing was judged.",
        |evidence| {
            let result = match evidence.status.as_str() {
                "pass" => Cell::text("pass"),
                "fail" => Cell::text("fail").tone(Tone::Bad),
                "unknown" => Cell::text("not judged").tone(Tone::Unsure),
                other => Cell::text(other),
            };
            vec![
                Cell::text(words::evidence(&evidence.evidence)).code(evidence.evidence.as_str()),
                result,
                Cell::number(evidence.verdicts),
            ]
        },
    )
}

fn commands(weekly: &Weekly) -> Vec<Command> {
    let period = &weekly.period;
    let as_of =
        if period.is_over { words::Dates::last_second_before(&period.as_of) } else { period.as_of.clone() };
    let week = &period.week;
    let command = |line: String, does: &str| Command { line, does: does.to_owned() };
    vec![
        command(format!("keywatch report weekly --week {week}"), "writes this report again."),
        command(
            format!("keywatch findings list --state open --as-of {as_of}"),
            "lists the findings that were open at the end of it.",
        ),
        command(
            format!("keywatch coverage --as-of {as_of}"),
            "lists the targets that were not seen, as of then.",
        ),
        command(
            "keywatch trend --by week".to_owned(),
            "shows open, new and resolved findings and compliance by week.",
        ),
        command(
            format!(
                "keywatch query \"SELECT check_id, sum(pass), sum(fail), sum(unknown), sum(suppressed) FROM \
                 compliance_weekly WHERE week = '{week}' GROUP BY check_id\""
            ),
            "gives the verdicts of each check.",
        ),
        command(
            format!(
                "keywatch query \"SELECT at, event, reason, finding_id FROM finding_events WHERE at >= '{}' AND at < \
                 '{}' ORDER BY at\"",
                period.begins_at, period.ends_at
            ),
            "gives every event of the week.",
        ),
    ]
}
