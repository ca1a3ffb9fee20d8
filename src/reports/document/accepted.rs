use super::parts::{Block, Cell, Column, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{ExceptionRow, Weekly, words::Dates},
};

/// Accepted risks, with who accepted them and until when.
pub(super) fn section(weekly: &Weekly, dates: &Dates) -> Section {
    let table = Table::of(
        ("exceptions", "Accepted risks in force at any time of the week, those that end first first"),
        &[
            Column::text("Covers"),
            Column::text("Reason"),
            Column::text("Owner"),
            Column::short("From"),
            Column::short("Until"),
            Column::number("Findings"),
        ],
        &weekly.exceptions,
        (MOST_ROWS, REST),
        "No risk was accepted.",
        |exception| row(exception, dates),
    );
    let text = "A finding that an exception covers is put aside until the exception ends; then it opens again. It is \
                never counted as compliant.";
    Section {
        id: "exceptions",
        heading: "Accepted risks",
        new_page: false,
        blocks: vec![Block::Text(text.to_owned()), table],
    }
}

fn row(exception: &ExceptionRow, dates: &Dates) -> Vec<Cell> {
    let until = Cell::text(dates.day(&exception.expires_at));
    let until = match (&exception.ended_at, exception.state.as_str()) {
        (_, "active") => until,
        (Some(at), state) => until.note(format!("{state} on {}", dates.day(at))).tone(Tone::Muted),
        (None, state) => until.note(state).tone(Tone::Muted),
    };
    vec![
        Cell::text(exception.covers.as_str())
            .note(format!("no. {}", exception.exception_id))
            .code(exception.check_id.as_deref().unwrap_or("all checks")),
        Cell::text(exception.reason.as_str()),
        Cell::text(exception.owner.as_str()),
        Cell::text(dates.day(&exception.created_at)),
        until,
        Cell::number(exception.findings),
    ]
}
