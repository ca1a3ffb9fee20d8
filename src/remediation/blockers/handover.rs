//! What would be lost where a new task or replication goes on for another, as is done for endpoints and DMS Serverless.

use serde_json::Value;

use super::Hindrance;
use crate::remediation::facts::{Facts, Replication, Task};

/// Whether tables are still to be loaded by what is of that migration type: one that only captures changes never would.
pub(super) fn loading(name: &str, migration_type: &str, statistics: &Value, found: &mut Vec<Hindrance>) {
    // Nobody says what AWS counts for what loads nothing.
    if !migration_type.contains("full-load") {
        return;
    }
    let count = |field: &str| statistics[field].as_i64().unwrap_or(0);
    let percent = statistics["FullLoadProgressPercent"].as_i64().unwrap_or(100);
    let left = count("TablesLoading") + count("TablesQueued");
    if percent < 100 || left > 0 {
        found.push(Hindrance::blocker(
            "full_load_not_over",
            name,
            format!(
                "its full load is at {percent} % ({left} tables loading or queued), and what goes on for it captures changes \
                 only: the rest would never be loaded"
            ),
            "let it finish loading, then plan again",
        ));
    }
}

/// Whether changes fall between two replication slots of PostgreSQL.
///
/// Sources: DMS API, `CreateReplicationTask$CdcStartPosition` (a slot has to be there, and be named on the endpoint); DMS user
/// guide, "Using a PostgreSQL database as an AWS DMS source" (a slot is opened when a task starts, keeps what was written
/// since, stays while the task rests, and goes with the task that opened it).
pub(super) fn slot(facts: &Facts, name: &str, source: &str, found: &mut Vec<Hindrance>) {
    let own = facts.document();
    let document = if facts.resource.arn == source {
        &own
    } else {
        let Some(endpoint) = facts.endpoints.iter().find(|endpoint| endpoint.arn == source) else { return };
        &endpoint.document
    };
    let engine = document["EngineName"].as_str().unwrap_or_default();
    if !engine.contains("postgres") {
        return;
    }
    let named = document["PostgreSQLSettings"]["SlotName"].as_str().is_some_and(|slot| !slot.is_empty())
        || document["ExtraConnectionAttributes"]
            .as_str()
            .is_some_and(|text| text.to_ascii_lowercase().contains("slotname="));
    if !named {
        found.push(Hindrance::blocker(
            "replication_slot",
            name,
            format!(
                "it reads from PostgreSQL through a replication slot that DMS made for it alone: what is written between its \
                 stop and the start of what goes on for it ({engine}) would be lost, and its slot keeps the source's log for \
                 as long as it rests"
            ),
            "make a slot yourself and name it on the source endpoint (PostgreSQLSettings.SlotName), load the tables again with \
             it, then plan again; or make what uses the endpoint anew by hand, with a full load",
        ));
    }
}

/// What stands against deleting a task when `new` goes on for it; `ran` if it ran when it was stopped for that.
pub fn task_not_taken_over(old: &Task, new: &Task, ran: bool) -> Option<String> {
    let reason = || new.stop_reason.as_deref().unwrap_or("AWS gives no reason");
    match new.status.as_str() {
        "running" => None,
        "stopped" if !ran || reason().contains("FULL_LOAD_ONLY_FINISHED") => None,
        // It knows where to begin, and rests as the other did.
        "ready" if !ran => None,
        status => Some(format!(
            "its replacement {} is {status} ({}): {} is all there is",
            new.name,
            reason(),
            old.name
        )),
    }
}

/// What stands against deleting a serverless config whose replication is `old` while its replacement's is `new`: nothing may
/// know any more where to go on from.
pub fn position_only_here(
    old: Option<&Replication>,
    new: Option<&Replication>,
    source: &str,
    replacement: &str,
) -> Option<Hindrance> {
    let position = old?.recovery_checkpoint.as_deref()?;
    let knows = |new: &Replication| new.status == "running" || new.recovery_checkpoint.is_some();
    if new.is_some_and(knows) {
        return None;
    }
    Some(Hindrance::blocker(
        "position_not_handed_over",
        source,
        format!(
            "its replication rests at {position}, which its replacement learns only when it is started: with the config the \
             position would be gone"
        ),
        format!(
            "start the replacement (`aws dms start-replication --replication-config-arn {replacement} --start-replication-type \
             start-replication --cdc-start-position '{}'`), then run this again; or delete the config by hand if its \
             replication is not to go on",
            position.replace('\'', "'\\''")
        ),
    ))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::remediation::sample;

    fn codes(look: impl FnOnce(&mut Vec<Hindrance>)) -> Vec<&'static str> {
        let mut found = Vec::new();
        look(&mut found);
        found.iter().map(|hindrance| hindrance.code).collect()
    }

    #[test]
    fn tables_that_are_still_to_be_loaded_are_in_the_way() {
        let of = |statistics: Value| codes(|found| loading("task", "full-load-and-cdc", &statistics, found));
        assert_eq!(
            codes(|found| loading("task", "cdc", &json!({ "FullLoadProgressPercent": 0 }), found)),
            [""; 0]
        );
        assert_eq!(of(json!({ "FullLoadProgressPercent": 100, "TablesLoaded": 3 })), [""; 0]);
        assert_eq!(of(Value::Null), [""; 0]);
        assert_eq!(of(json!({ "FullLoadProgressPercent": 40 })), ["full_load_not_over"]);
        assert_eq!(of(json!({ "FullLoadProgressPercent": 100, "TablesQueued": 1 })), ["full_load_not_over"]);
    }

    #[test]
    fn a_slot_of_dms_own_is_in_the_way_and_a_named_one_is_not() {
        let of = |document: Value| {
            let mut facts = sample::endpoint();
            facts.resource.document = document.to_string();
            codes(|found| slot(&facts, "task", &facts.resource.arn, found))
        };
        assert_eq!(of(json!({ "EngineName": "mysql" })), [""; 0]);
        for engine in ["postgres", "aurora-postgresql"] {
            assert_eq!(of(json!({ "EngineName": engine })), ["replication_slot"]);
            assert_eq!(
                of(json!({ "EngineName": engine, "PostgreSQLSettings": { "SlotName": "mine" } })),
                [""; 0]
            );
            assert_eq!(
                of(json!({ "EngineName": engine, "ExtraConnectionAttributes": "a=b;slotName=mine" })),
                [""; 0]
            );
        }
    }

    #[test]
    fn a_task_goes_only_when_the_other_does_its_work() {
        let old = &sample::endpoint().tasks[0];
        let of = |status: &str, reason: Option<&str>, ran| {
            let stop_reason = reason.map(str::to_owned);
            task_not_taken_over(old, &Task { status: status.to_owned(), stop_reason, ..old.clone() }, ran)
        };
        for (status, reason, ran, may_go) in [
            ("running", None, true, true),
            ("running", None, false, true),
            ("ready", None, false, true),
            ("ready", None, true, false),
            ("stopped", None, true, false),
            ("stopped", Some("Stop Reason FULL_LOAD_ONLY_FINISHED"), true, true),
            ("stopped", None, false, true),
            ("failed", None, true, false),
            ("failed", None, false, false),
            ("starting", None, true, false),
        ] {
            assert_eq!(of(status, reason, ran).is_none(), may_go, "{status} {ran}");
        }
    }

    #[test]
    fn the_only_record_of_a_position_stays() {
        let replication = |status: &str, checkpoint: Option<&str>| Replication {
            status: status.to_owned(),
            recovery_checkpoint: checkpoint.map(str::to_owned),
            document: Value::Null,
        };
        let of = |old: &Replication, new: Option<&Replication>| {
            position_only_here(Some(old), new, "old", "new").map(|hindrance| hindrance.fix)
        };
        let rests = replication("stopped", Some("here"));
        assert!(of(&rests, None).is_some_and(|fix| fix.contains("--cdc-start-position 'here'")));
        assert!(of(&rests, Some(&replication("created", None))).is_some());
        assert!(of(&rests, Some(&replication("failed", None))).is_some());
        assert!(of(&rests, Some(&replication("running", None))).is_none());
        assert!(of(&rests, Some(&replication("stopped", Some("there")))).is_none());
        assert!(of(&replication("created", None), None).is_none());
    }
}
