use super::*;

#[tokio::test]
async fn a_week_ends_where_the_zone_says_also_when_the_clock_changes() {
    let berlin = TimeZone::get("Europe/Berlin").unwrap();
    // The clock goes forward on the Sunday of week 13: it ends an hour early.
    let (begin, end) = (week(13) - 1, week(14) - 2);
    assert_eq!(end - begin, 7 * 24 - 1);
    let mut lab = Lab::new().await;
    let mut found = vec![failing("z")];
    for (h, name) in [(begin - 1, "a"), (begin, "b"), (end - 1, "c"), (end, "d")] {
        found.push(failing(name));
        lab.scan(h, &[account(1)], &[record(target(1, "eu-west-1"), h, instances(found.clone()))]).await;
    }
    let report = async |name: &str| {
        let reader = lab.reader().await;
        weekly(&reader, name.parse().unwrap(), ("Europe/Berlin", &berlin), hour(end + 200)).await.unwrap()
    };
    let names = |report: &Weekly| {
        let opened = report.changes.opened.iter();
        opened.map(|change| change.finding.resource_name.clone()).collect::<Vec<_>>()
    };
    let own = report("2026-W13").await;
    assert_eq!(names(&own), ["b", "c"]);
    assert_eq!(
        [&own.period.begins_at, &own.period.ends_at, &own.period.as_of],
        [&iso(begin), &iso(end), &iso(end)]
    );
    assert_eq!((own.period.time_zone.as_str(), own.period.scans.complete), ("Europe/Berlin", 2));
    assert_eq!((own.changes.open, own.changes.open_last_week, own.changes.still_open), (4, Some(2), 2));
    let last = &own.overall.weeks[10..];
    assert_eq!(
        last.iter().map(|week| (week.week.as_str(), week.open)).collect::<Vec<_>>(),
        [("2026-W12", Some(2)), ("2026-W13", Some(4))]
    );
    assert_eq!(names(&report("2026-W12").await), ["a", "z"]);
    assert_eq!(names(&report("2026-W14").await), ["d"]);
}
