use super::parts::{Block, Cell, Column, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{Weekly, words::percent},
};

/// The controls that the checks support.
pub(super) fn section(weekly: &Weekly) -> Section {
    let text = "A check supports a control; it does not prove it. Each control asks for more than these checks look \
                at, and of what they look at, only what was seen is counted.";
    let table = Table::of(
        ("controls", "Controls, with the verdicts of the checks that support them"),
        &[
            Column::text("Framework"),
            Column::short("Control"),
            Column::text("Checks"),
            Column::number("Pass"),
            Column::number("Fail"),
            Column::number("Not judged"),
            Column::number("Accepted"),
            Column::number("Compliance"),
        ],
        &weekly.controls,
        (MOST_ROWS, REST),
        "The checks support no control.",
        |control| {
            let counts = control.counts;
            vec![
                Cell::text(control.framework.as_str()),
                Cell::text(control.id.as_str()),
                Cell::text("").code(control.check_ids.join(", ")),
                Cell::number(counts.pass),
                Cell::bad(counts.fail, Tone::Bad),
                Cell::bad(counts.unknown, Tone::Unsure),
                Cell::bad(counts.suppressed, Tone::Muted),
                Cell::text(
                    percent(counts.pass, counts.judged()).unwrap_or_else(|| "nothing judged".to_owned()),
                ),
            ]
        },
    );
    Section {
        id: "controls",
        heading: "Controls that the checks support",
        new_page: false,
        blocks: vec![Block::Notice(text.to_owned()), table],
    }
}
