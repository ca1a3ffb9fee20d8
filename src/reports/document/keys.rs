use super::parts::{Block, Cell, Column, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{
        Finding, KeyInDanger, Weekly,
        words::{Dates, counted, resource_type, verdict_reason},
    },
};

/// Resources named for one key.
const MOST_NAMED: usize = 5;

/// The keys that data lies under and that can't be used, or soon can't.
pub(super) fn section(weekly: &Weekly, dates: &Dates) -> Section {
    let table = Table::of(
        ("keys", "Keys that can't be used, or soon can't"),
        &[
            Column::text("Key"),
            Column::text("Why"),
            Column::text("Account"),
            Column::text("Data under it"),
            Column::short("Since"),
        ],
        &weekly.keys_in_danger,
        (MOST_ROWS, REST),
        "No key is in danger in what was seen.",
        |key| row(key, dates),
    );
    let text = "Data under a key that is disabled, about to be deleted or unavailable can't be read, or soon can't \
                be. A key that was deleted never comes back.";
    Section {
        id: "keys",
        heading: "Keys in danger",
        new_page: false,
        blocks: vec![Block::Text(text.to_owned()), table],
    }
}

fn row(key: &KeyInDanger, dates: &Dates) -> Vec<Cell> {
    let mut accounts: Vec<&str> = key.findings.iter().map(|finding| finding.account_name.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    let since = key.findings.iter().map(|finding| finding.opened_at.as_str()).min();
    let state =
        key.key_state.as_ref().map_or_else(String::new, |state| format!("AWS calls its state {state}"));
    vec![
        Cell::text("").code(key.key_arn.as_deref().unwrap_or("not known")),
        Cell::text(verdict_reason(&key.reason)).tone(Tone::Bad).note(state),
        Cell::text(named(&accounts)),
        Cell::text(counted(key.findings.len() as u64, "resource"))
            .note(named(&key.findings.iter().map(name).collect::<Vec<_>>())),
        Cell::text(since.map_or_else(|| "–".to_owned(), |at| dates.day(at))),
    ]
}

fn name(finding: &Finding) -> String {
    format!("{} {}", resource_type(&finding.resource_type), finding.resource_name)
}

fn named<T: AsRef<str>>(names: &[T]) -> String {
    let shown: Vec<&str> = names.iter().take(MOST_NAMED).map(AsRef::as_ref).collect();
    match names.len().saturating_sub(MOST_NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
