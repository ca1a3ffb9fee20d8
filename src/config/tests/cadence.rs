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
        "longest_age = \"721h\"",
    ];
    insta::assert_snapshot!(problems_of("cadence", &lines), @r#"
    k.toml:2:11: cadence.enabled: is a whole number where true or false is expected; allowed: true, false
    k.toml:2:11: cadence.enabled: is a text where true or false is expected; allowed: true, false
    k.toml:2:9: cadence.after: 0 is out of range; allowed: whole numbers from 1 to 1000
    k.toml:2:9: cadence.after: is true or false where a number is expected; allowed: whole numbers from 1 to 1000
    k.toml:2:15: cadence.longest_age: 59s is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 1m to 720h
    k.toml:2:15: cadence.longest_age: 721h is out of range; allowed: a text with a unit, such as "10s", "2m" or "1h", from 1m to 720h
    "#);
    assert!(
        super::problems("", &[("KEYWATCH_CADENCE__ENABLED", "yes")])
            .contains("\"yes\" is neither true nor false; allowed: true, false")
    );
}
