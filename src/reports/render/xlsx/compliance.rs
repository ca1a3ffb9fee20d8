//! The checks now, over twelve weeks, and as a line chart.

use rust_xlsxwriter::{Chart, ChartMarker, ChartMarkerType, XlsxError};

use super::book::{Rows, Sheet};
use crate::reports::{
    Counts, Trend, Weekly,
    render::table::{Cell, share},
};

/// The checks, the weeks, and their chart.
pub fn write(weekly: &Weekly, sheet: &mut Sheet) -> Result<(), XlsxError> {
    write_checks(weekly, sheet)?;
    let weeks = write_weeks(weekly, sheet)?;
    if weeks.first <= weeks.last {
        let chart = chart(weekly, sheet.name(), weeks);
        sheet.chart(&chart)?;
    }
    Ok(())
}

const ALL: &str = "All checks";

fn write_checks(weekly: &Weekly, sheet: &mut Sheet) -> Result<(), XlsxError> {
    let header = [
        ("Check", 36),
        ("Title", 64),
        ("Severity", 12),
        ("Pass", 12),
        ("Fail", 12),
        ("Unknown", 12),
        ("Suppressed", 12),
        ("Share", 12),
        ("Share a week before", 20),
    ];
    let row = |id, title, severity, trend| [vec![id, title, severity], numbers(trend)].concat();
    let checks = weekly.compliance.iter().map(|check| {
        row((&check.check_id).into(), (&check.title).into(), (&check.severity).into(), &check.trend)
    });
    let all = row(ALL.into(), Cell::Empty, Cell::Empty, &weekly.overall);
    sheet.table(&header, checks.chain([all]))?;
    Ok(())
}

fn numbers(trend: &Trend) -> Vec<Cell<'static>> {
    let Counts { pass, fail, unknown, suppressed } = trend.now;
    let before = trend.last_week.as_ref().and_then(Counts::compliance);
    let counts = [pass, fail, unknown, suppressed].map(Cell::from);
    counts.into_iter().chain([share(trend.now.compliance()), share(before)]).collect()
}

/// Each week is a row: the shares first, those of the checks after that of all, for the chart.
fn write_weeks(weekly: &Weekly, sheet: &mut Sheet) -> Result<Rows, XlsxError> {
    let mut header = vec![("Week", 36), ("Open findings", 14), ("A scan ended", 14), (ALL, 12)];
    header.extend(weekly.compliance.iter().map(|check| (check.check_id.as_str(), 36)));
    let rows = weekly.overall.weeks.iter().map(|point| {
        let of = |trend: &Trend| {
            let same = trend.weeks.iter().find(|other| other.week == point.week);
            share(same.and_then(|other| other.counts?.compliance()))
        };
        let first: [Cell; 4] = [
            (&point.week).into(),
            point.open.into(),
            if point.scanned { "yes" } else { "no" }.into(),
            of(&weekly.overall),
        ];
        first.into_iter().chain(weekly.compliance.iter().map(move |check| of(&check.trend)))
    });
    sheet.table(&header, rows)
}

/// A line for each check; a week of which nothing is known is a gap in it.
fn chart(weekly: &Weekly, sheet: &str, Rows { first, last }: Rows) -> Chart {
    let mut chart = Chart::new_line();
    let names = [ALL].into_iter().chain(weekly.compliance.iter().map(|check| check.check_id.as_str()));
    for (column, name) in (3..).zip(names) {
        let mut marker = ChartMarker::new();
        marker.set_type(ChartMarkerType::Circle).set_size(5);
        let series = chart.add_series().set_name(name).set_marker(&marker);
        series.set_categories((sheet, first, 0, last, 0)).set_values((sheet, first, column, last, column));
    }
    chart.title().set_name("Share that passes, of all judged");
    chart.x_axis().set_name("Week");
    chart.y_axis().set_min(0).set_max(1).set_num_format("0%");
    chart.set_width(1100).set_height(380);
    chart
}
