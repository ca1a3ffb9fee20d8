use super::parts::{Block, Cell, Column, Command, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{CheckCompliance, Weekly},
};

/// What to do about what is not as it should be.
pub(super) fn section(weekly: &Weekly) -> Section {
    let failing: Vec<&CheckCompliance> =
        weekly.compliance.iter().filter(|check| check.trend.now.fail + check.trend.now.unknown > 0).collect();
    let mut blocks = vec![Table::of(
        ("remedies", "Checks that do not pass everywhere, and what to do"),
        &[
            Column::text("Check"),
            Column::text("Why it matters"),
            Column::text("What to do"),
            Column::number("Fail"),
            Column::number("Not judged"),
        ],
        &failing,
        (MOST_ROWS, REST),
        "There is nothing to do: no check fails in what was seen.",
        |check| {
            vec![
                Cell::text(check.title.as_str()).code(check.check_id.as_str()),
                Cell::text(check.rationale.as_str()),
                Cell::text(check.remediation.as_str()),
                Cell::bad(check.trend.now.fail, Tone::Bad),
                Cell::bad(check.trend.now.unknown, Tone::Unsure),
            ]
        },
    )];
    if !failing.is_empty() {
        blocks.push(Block::Text(
            "What could not be judged needs no new key but a look at why: most often the audit role lacks \
             kms:DescribeKey on it."
                .to_owned(),
        ));
        blocks.push(Block::Commands(vec![
            Command {
                line: "keywatch findings show ARN".to_owned(),
                does: "shows the whole history of one finding.".to_owned(),
            },
            Command {
                line: "keywatch remediate plan ARN --out DIR".to_owned(),
                does: "writes a runbook, a script and a key policy for one finding, with its real values."
                    .to_owned(),
            },
        ]));
    }
    Section { id: "remediation", heading: "What to do", new_page: false, blocks }
}
