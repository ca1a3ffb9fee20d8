//! OUs, accounts and Regions in one table, told apart by their first column.

use rust_xlsxwriter::XlsxError;

use super::book::Book;
use crate::reports::{
    Place, Weekly,
    render::table::{Column, share},
};

struct Row<'a> {
    kind: &'static str,
    place: &'a Place,
}

/// The table of places.
pub fn write(weekly: &Weekly, book: &mut Book) -> Result<(), XlsxError> {
    let kinds = [("OU", &weekly.ous), ("account", &weekly.accounts), ("Region", &weekly.regions)];
    let rows: Vec<Row> = kinds
        .into_iter()
        .flat_map(|(kind, places)| places.iter().map(move |place| Row { kind, place }))
        .collect();
    let columns: [Column<Row>; 17] = [
        Column::new("Kind", 10, |row| row.kind.into()),
        Column::new("Id", 30, |row| (&row.place.id).into()),
        Column::new("Name", 30, |row| (&row.place.name).into()),
        Column::new("OU", 30, |row| (&row.place.ou_path).into()),
        Column::new("Open", 10, |row| row.place.open.into()),
        Column::new("Open a week before", 19, |row| row.place.open_last_week.into()),
        Column::new("Opened", 10, |row| row.place.opened.into()),
        Column::new("Resolved", 10, |row| row.place.resolved.into()),
        Column::new("Pass", 10, |row| row.place.counts.pass.into()),
        Column::new("Fail", 10, |row| row.place.counts.fail.into()),
        Column::new("Unknown", 10, |row| row.place.counts.unknown.into()),
        Column::new("Suppressed", 12, |row| row.place.counts.suppressed.into()),
        Column::new("Share", 10, |row| share(row.place.counts.compliance())),
        Column::new("Targets scanned", 16, |row| row.place.targets.scanned.into()),
        Column::new("Targets failed", 16, |row| row.place.targets.failed.into()),
        Column::new("Targets skipped", 16, |row| row.place.targets.skipped.into()),
        Column::new("Seen", 10, |row| share(row.place.targets.seen())),
    ];
    book.table("Places", &columns, &rows)
}
