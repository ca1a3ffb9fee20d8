use serde_json::Value;

use super::super::{
    args::{CheckArgs, Format},
    exit::{Exit, Failed},
    output::{Out, counted, visible},
};
use crate::{
    domain::Rows,
    history::{CheckReport, Reader},
};

const COLUMNS: [&str; 5] = ["invariant", "offender", "offenders", "sentence", "remedy"];

/// `db check`.
pub async fn run(reader: &Reader, args: &CheckArgs, out: &mut Out) -> Result<Exit, Failed> {
    let report = reader.check(args.limit).await?;
    match args.format {
        Format::Table => out.text(&for_people(&report))?,
        Format::Json | Format::Csv => out.rows(&rows(&report), args.format, |_, _| String::new())?,
    }
    if report.stopped {
        tracing::warn!("the file itself is damaged, so what it holds was not looked at");
    }
    Ok(if report.broken.is_empty() { Exit::Done } else { Exit::CouldNotRun })
}

/// One row per offender; one without a name where none was to be named.
fn rows(report: &CheckReport) -> Rows {
    let rows = report.broken.iter().flat_map(|broken| {
        let named: Vec<Value> = match broken.offenders.as_slice() {
            [] => vec![Value::Null],
            some => some.iter().map(|offender| offender.as_str().into()).collect(),
        };
        let invariant = broken.invariant;
        named.into_iter().map(move |offender| {
            vec![
                invariant.name.into(),
                offender,
                broken.count.into(),
                invariant.sentence.into(),
                invariant.remedy.into(),
            ]
        })
    });
    Rows { columns: COLUMNS.map(str::to_owned).to_vec(), rows: rows.collect() }
}

fn for_people(report: &CheckReport) -> String {
    let checked = counted(report.checked as u64, "invariant");
    if report.broken.is_empty() {
        return format!("Sound: {checked} checked, all hold.\n");
    }
    let mut text = format!("{} of {checked} broken.\n", report.broken.len());
    for broken in &report.broken {
        let invariant = broken.invariant;
        text += &format!(
            "\n{}: {}\n  does not hold for {}\n",
            invariant.name,
            invariant.sentence,
            counted(broken.count, "row")
        );
        for offender in &broken.offenders {
            text += &format!("    {}\n", visible(offender));
        }
        text += &format!("  what to do: {}\n", invariant.remedy);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::{Broken, Invariant};

    #[test]
    fn what_is_broken_is_named_with_its_offenders_and_the_way_out() {
        let sound = CheckReport { checked: 30, ..CheckReport::default() };
        assert_eq!(for_people(&sound), "Sound: 30 invariants checked, all hold.\n");
        assert_eq!(rows(&sound).rows.len(), 0);

        let invariant = Invariant {
            name: "scan_targets",
            sentence: "targets add up",
            remedy: "restore a backup",
            sql: "",
        };
        let offenders = vec!["scan 7\u{1b}".to_owned(), "scan 9".to_owned()];
        let broken = vec![
            Broken { invariant, count: 3, offenders },
            Broken { invariant, count: 1, offenders: vec![] },
        ];
        let report = CheckReport { checked: 30, broken, stopped: false };
        insta::assert_snapshot!(for_people(&report), @r"
        2 of 30 invariants broken.

        scan_targets: targets add up
          does not hold for 3 rows
            scan 7\u{1b}
            scan 9
          what to do: restore a backup

        scan_targets: targets add up
          does not hold for 1 row
          what to do: restore a backup
        ");
        assert_eq!(rows(&report).rows.len(), 3);
    }
}
