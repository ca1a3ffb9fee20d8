use std::collections::HashMap;

use serde_json::{Value, json};

use super::{build::*, time::fortnight};
use crate::history::{Period, Reader, TrendFilter};

/// Holds the trend against the public views: the sums over all places, and the events of each period.
pub(super) async fn agrees_with_the_views(lab: &mut Lab, reader: &Reader) {
    let all = |by| TrendFilter { by, from: Some("2025-12-01".parse().unwrap()), ..TrendFilter::default() };
    let days = reader.trend(&all(Period::Day)).await.unwrap();
    let weeks = reader.trend(&all(Period::Week)).await.unwrap();
    let sums = "SELECT d.day, coalesce(sum(pass), 0), coalesce(sum(fail), 0), coalesce(sum(unknown), 0),
                       coalesce(sum(suppressed), 0), 1.0 * sum(pass) / sum(pass + fail + unknown + suppressed)
                FROM day d LEFT JOIN compliance_daily c ON c.day = d.day GROUP BY d.day ORDER BY d.day";
    let state = |row: &Vec<Value>| [&row[..1], &row[5..]].concat();
    assert_eq!(days.rows.iter().map(state).collect::<Vec<_>>(), lab.rows(sums).await);
    let sums = "SELECT w.week, coalesce(sum(pass), 0), coalesce(sum(fail), 0), coalesce(sum(unknown), 0),
                       coalesce(sum(suppressed), 0), 1.0 * sum(pass) / sum(pass + fail + unknown + suppressed)
                FROM week w LEFT JOIN compliance_weekly c ON c.week = w.week GROUP BY w.week ORDER BY w.week";
    assert_eq!(weeks.rows.iter().map(state).collect::<Vec<_>>(), lab.rows(sums).await);

    let events = lab
        .rows(
            "SELECT min(substr(at, 1, 10), (SELECT max(day) FROM day)), sum(event = 'opened'),
                    sum(event = 'resolved'), sum(event = 'reopened')
             FROM finding_events GROUP BY 1",
        )
        .await;
    let events: HashMap<Value, Vec<Value>> =
        events.into_iter().map(|row| (row[0].clone(), row[1..].to_vec())).collect();
    let none = vec![json!(0); 3];
    for row in &days.rows {
        assert_eq!(&row[2..5], events.get(&row[0]).unwrap_or(&none), "{row:?}");
        // Each finding that is open stands for a verdict that is no pass, and the other way round.
        assert_eq!(row[1].as_i64(), Some(row[6].as_i64().unwrap() + row[7].as_i64().unwrap()), "{row:?}");
    }
    let total =
        |rows: &[Vec<Value>], at: usize| rows.iter().map(|row| row[at].as_i64().unwrap()).sum::<i64>();
    for at in 2..5 {
        assert_eq!(total(&days.rows, at), total(&weeks.rows, at));
    }
    let now = lab
        .rows("SELECT coalesce(sum(state = 'open'), 0), coalesce(sum(state = 'suppressed'), 0) FROM findings")
        .await;
    for rows in [&days.rows, &weeks.rows] {
        let newest = rows.last().unwrap();
        assert_eq!([&newest[1], &newest[8]], [&now[0][0], &now[0][1]]);
    }
}

#[tokio::test]
async fn the_trend_is_what_the_views_and_the_events_say() {
    let mut lab = fortnight().await;
    let reader = lab.reader().await;
    agrees_with_the_views(&mut lab, &reader).await;
    let check = TrendFilter { checks: vec![CHECK.to_owned()], ..TrendFilter::default() };
    let weeks = reader.trend(&check).await.unwrap();
    assert_eq!(
        weeks.columns.join(" "),
        "period open new resolved reopened pass fail unknown suppressed compliance"
    );
    assert_eq!(
        json!(weeks.rows),
        json!([
            ["2026-W01", 1, 2, 1, 0, 2, 1, 0, 0, 2.0 / 3.0],
            // b reopened because its exception expired, a because it fails again.
            ["2026-W02", 1, 0, 1, 2, 1, 1, 0, 0, 0.5],
        ])
    );
}

#[tokio::test]
async fn a_trend_is_narrowed_by_check_account_and_time() {
    let mut lab = fortnight().await;
    let reader = lab.reader().await;
    let periods = async |filter: TrendFilter| {
        let rows = reader.trend(&filter).await.unwrap();
        column(&rows, "period").iter().map(|period| period.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let date = |day: &str| Some(format!("2026-01-{day}").parse().unwrap());
    let by = Period::Day;
    let days = periods(TrendFilter { by, from: date("03"), to: date("05"), ..Default::default() }).await;
    assert_eq!(days, ["2026-01-03", "2026-01-04", "2026-01-05"]);
    // A week that begins or ends in the span is in it whole; a day to come ends nothing early.
    let by = Period::Week;
    assert_eq!(
        periods(TrendFilter { by, from: date("04"), to: date("05"), ..Default::default() }).await.len(),
        2
    );
    assert_eq!(
        periods(TrendFilter { by, from: date("05"), to: date("31"), ..Default::default() }).await,
        ["2026-W02"]
    );
    assert_eq!(periods(TrendFilter { by, from: date("20"), ..Default::default() }).await, [""; 0]);

    let stranger = TrendFilter { accounts: vec![account_id(2)], ..Default::default() };
    let rows = reader.trend(&stranger).await.unwrap();
    assert_eq!(json!(rows.rows[0][1..]), json!([0, 0, 0, 0, 0, 0, 0, 0, null]));
    lab.scan(
        250,
        &[account(1), account(2)],
        &[record(target(2, "eu-west-1"), 250, instances(vec![failing("z")]))],
    )
    .await;
    let rows = reader.trend(&stranger).await.unwrap();
    assert_eq!(json!(rows.rows[1][1..]), json!([1, 1, 0, 0, 0, 1, 0, 0, 0.0]));
    let usable = TrendFilter { checks: vec![USABLE.to_owned()], ..Default::default() };
    assert_eq!(
        json!(reader.trend(&usable).await.unwrap().rows[1][1..]),
        json!([0, 0, 0, 0, 1, 0, 0, 0, 1.0])
    );
}

#[tokio::test]
async fn twelve_weeks_are_shown_where_nothing_is_said() {
    let mut lab = Lab::new().await;
    assert_eq!(lab.reader().await.trend(&TrendFilter::default()).await.unwrap().rows.len(), 0);
    lab.scan(1, &[account(1)], &[record(target(1, "eu-west-1"), 1, instances(vec![failing("a")]))]).await;
    lab.scan(24 * 200, &[account(1)], &[]).await;
    let reader = lab.reader().await;
    let weeks = reader.trend(&TrendFilter::default()).await.unwrap();
    assert_eq!(weeks.rows.len(), 12);
    assert_eq!((&weeks.rows[0][0], &weeks.rows[11][0]), (&json!("2026-W19"), &json!("2026-W30")));
    // What happened before the first row is in its state, not in its events.
    assert_eq!(json!(weeks.rows[0][1..3]), json!([1, 0]));
    let days = reader.trend(&TrendFilter { by: Period::Day, ..Default::default() }).await.unwrap();
    assert_eq!(days.rows.len(), 84);
    agrees_with_the_views(&mut lab, &reader).await;
}
