use std::time::Duration;

use super::{accepted, load, problems_of};

#[test]
fn every_key_reaches_its_field() {
    let cadence = accepted("[cadence]\nenabled = false\nafter = 1\nlongest_age = \"36h\"\n").cadence;
    assert_eq!((cadence.enabled, cadence.after.get()), (false, 1));
    assert_eq!(cadence.longest_age, Duration::from_secs(36 * 3600));
    for (word, enabled) in [("true", true), ("false", false)] {
        let loaded = load("", &[("KEYWATCH_CADENCE__ENABLED", word)]).unwrap();
        assert_eq!(loaded.config.cadence.enabled, enabled);
    }
}

#[test]
fn what_is_no_cadence() {
    let lines = [
        "enabled = 1",
        "enabled = \"true\"",
        "after = 0",
        "after = true",
        "longest_age = \"59s\"",
        "longest_age = \"31d\"",
    ];
    insta::assert_snapshot!(problems_of("cadence", &lines), @r#"
    "#);
    insta::assert_snapshot!(super::problems("", &[("KEYWATCH_CADENCE__ENABLED", "yes")]), @r#"
    "#);
}
