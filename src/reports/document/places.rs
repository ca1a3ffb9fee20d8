use super::parts::{Block, Cell, Column, MOST_PLACES, MOST_ROWS, REST, Section, Table};
use crate::{
    charts::Tone,
    reports::{
        Place, Weekly,
        words::{percent, thousands},
    },
};

/// By organizational unit, account and Region.
pub(super) fn section(weekly: &Weekly) -> Section {
    let table = |id, caption: &str, first: &'static str, places: &[Place], most, nothing: &str| {
        let columns = [
            Column::text(first),
            Column::number("Open"),
            Column::number("A week before"),
            Column::number("New"),
            Column::number("Resolved"),
            Column::number("Compliance"),
            Column::number("Targets seen"),
            Column::number("Failed"),
        ];
        Table::of((id, caption), &columns, places, (most, REST), nothing, row)
    };
    let blocks = vec![
        Block::Heading("By organizational unit".to_owned()),
        table(
            "ous",
            "Organizational units, the most open findings first",
            "Organizational unit",
            &weekly.ous,
            MOST_ROWS,
            "No organizational unit is known to hold anything that is judged.",
        ),
        Block::Heading("By account".to_owned()),
        table(
            "accounts",
            "Accounts in which something was open or resolved in the week, or a target failed; the most open findings first",
            "Account",
            &weekly.accounts,
            MOST_PLACES,
            "There is no account in which anything is open or unseen.",
        ),
        Block::Heading("By Region".to_owned()),
        table(
            "regions",
            "Regions, the most open findings first",
            "Region",
            &weekly.regions,
            MOST_ROWS,
            "No Region is known to hold anything that is judged.",
        ),
    ];
    Section { id: "places", heading: "Where the findings are", new_page: false, blocks }
}

fn row(place: &Place) -> Vec<Cell> {
    let id = if place.id.is_empty() { "not known" } else { &place.id };
    let name = if place.name == place.id || place.name.is_empty() {
        Cell::text(id)
    } else {
        Cell::text(place.name.as_str()).code(id).note(place.ou_path.as_deref().unwrap_or_default())
    };
    vec![
        name,
        Cell::bad(place.open, Tone::Bad),
        Cell::text(place.open_last_week.map_or_else(|| "–".to_owned(), thousands)),
        Cell::number(place.opened),
        Cell::number(place.resolved),
        Cell::text(
            percent(place.counts.pass, place.counts.judged()).unwrap_or_else(|| "nothing judged".to_owned()),
        ),
        Cell::number(place.targets.scanned),
        Cell::bad(place.targets.failed, Tone::Unsure),
    ]
}
