use super::*;
use crate::reports::sample::weekly;

#[test]
fn a_table_too_long_for_a_sheet_goes_on_in_the_next() {
    let weekly = weekly();
    let count = |rows: usize| {
        let book = Book::new(&weekly).unwrap().with_rows_a_sheet(rows);
        let bytes = write(&weekly, book).unwrap();
        // The names of a package's files stand in it as they are; once in front of each, once in the list at its end.
        let name = b"xl/worksheets/sheet";
        bytes.windows(name.len()).filter(|part| part == name).count() / 2
    };
    assert_eq!(count(1_000), 12);
    // Four rows under each header: six findings need two sheets, and so do five places.
    assert_eq!(count(5), 14);
}

#[test]
fn what_excel_can_not_hold_is_still_there() {
    let mut weekly = weekly();
    let finding = &mut weekly.findings[0];
    finding.resource_name = "🔑".repeat(40_000);
    finding.account_name = "<r><t>not markup</t></r>".to_owned();
    finding.opened_at = "1815-12-10T00:00:00Z".to_owned();
    finding.last_seen_at = "no moment".to_owned();
    finding.key_arn = Some("\0\u{1b}\u{fffe}".to_owned());
    assert!(render(&weekly).is_ok());
    weekly.period.as_of = "no moment".to_owned();
    assert!(render(&weekly).is_err());
}

#[test]
fn thirteen_thousand_findings_are_written() {
    let mut weekly = weekly();
    let one = weekly.findings[1].clone();
    weekly.findings =
        (0..13_000).map(|id| crate::reports::Finding { finding_id: id, ..one.clone() }).collect();
    assert!(render(&weekly).unwrap().len() > 100_000);
}
