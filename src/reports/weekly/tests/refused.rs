use super::*;

#[tokio::test]
async fn a_week_that_the_history_does_not_know_is_refused() {
    let lab = Lab::new().await;
    assert!(matches!(asked(&lab, "2026-W02", week(3)).await, Err(HistoryError::Missing(_))));

    let mut lab = Lab::new().await;
    let seen = |h| [record(target(1, "eu-west-1"), h, instances(vec![failing("a")]))];
    // On the Wednesday of the second week, and on that of the seventh.
    for h in [week(2) + 60, week(7) + 60] {
        lab.scan(h, &[account(1)], &seen(h)).await;
    }
    let refused = async |lab: &Lab, name: &str, now| {
        let error = asked(lab, name, now).await.unwrap_err();
        assert!(matches!(error, HistoryError::NotCovered { .. }), "{error}");
        error.to_string()
    };
    let now = week(8) + 5;
    let covers = format!("covers {} to {}, its newest scan", iso(week(2) + 60), iso(week(7) + 60));
    for (name, why) in [
        ("2025-W52", "2025-W52 is before the first scan"),
        ("2026-W01", "2026-W01 is before the first scan"),
        ("2026-W09", "2026-W09 is in the future"),
        ("9998-W52", "9998-W52 is in the future"),
    ] {
        let error = refused(&lab, name, now).await;
        assert!(error.starts_with(why) && error.contains(&covers), "{error}");
    }
    // The week in which the first scan was, and the one that has just begun, are fine.
    asked(&lab, "2026-W02", now).await.unwrap();
    asked(&lab, "2026-W08", week(8)).await.unwrap();

    let Lab { writer, path, _dir } = lab;
    writer.prune(hour(week(5) + 24), hour(now)).await.unwrap();
    let writer = crate::history::Writer::open(&path, hour(now)).await.unwrap();
    let lab = Lab { writer, path, _dir };
    let error = refused(&lab, "2026-W04", now).await;
    assert!(error.starts_with("2026-W04 is in the past that `keywatch db prune` removed"), "{error}");
    let cut = asked(&lab, "2026-W05", now).await.unwrap();
    assert_eq!(cut.period.pruned_before, Some(iso(week(5) + 24)));
    assert_eq!(cut.overall.last_week, None, "the week before is gone");
    assert_eq!(cut.changes.still_open, 1);
}
