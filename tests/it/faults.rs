//! What goes wrong in a real organization: the scan ends, says what it did not see, judges the rest
//! rightly, and resolves nothing that it did not see to be resolved.

use keywatch::{
    domain::{AccountId, Region},
    sandbox::{Fault, FaultKind, world::World},
};
use serde_json::Value;

use crate::support::scene::{REGIONS, Scene, empty_world, findings, gaps};

const INSTANCES: &str = "dms:DescribeReplicationInstances";

/// Two members with one bad instance each in each of two Regions.
struct Two {
    scene: Scene,
    hit: AccountId,
    other: AccountId,
    here: Region,
    there: Region,
}

impl Two {
    fn new() -> Self {
        Self::with(|_, _| {})
    }

    fn with(build: impl FnOnce(&mut World, AccountId)) -> Self {
        let mut world = empty_world();
        let (hit, other) = (world.add_account("Hit"), world.add_account("Other"));
        let [here, there]: [Region; 2] = [REGIONS[0], REGIONS[1]].map(|name| name.parse().unwrap());
        for account in [hit, other] {
            for region in [&here, &there] {
                let key = world.aws_managed_key(account, region, "dms");
                world.add_instance(account, region, &format!("i-{account}-{region}"), Some(&key));
            }
        }
        build(&mut world, hit);
        Self { scene: Scene::new(world), hit, other, here, there }
    }

    fn seen_in(&self, scan: &Value) -> Vec<String> {
        findings(scan).into_iter().map(|finding| finding.1).collect()
    }

    fn name(&self, account: AccountId, region: &Region) -> String {
        format!("i-{account}-{region}")
    }

    /// All four, sorted as findings are.
    fn all(&self) -> Vec<String> {
        let mut all: Vec<String> = [self.hit, self.other]
            .iter()
            .flat_map(|account| [&self.here, &self.there].map(|region| self.name(*account, region)))
            .collect();
        all.sort();
        all
    }

    /// A good scan, then one with the fault in the hit account's first Region: the target is lost with
    /// that reason, and everything stays as it was known; then a good one again.
    #[track_caller]
    fn loses_one_target(&self, fault: Fault, reason: &str) -> Value {
        let before = self.scene.scan().exits(3).json();
        assert_eq!(self.seen_in(&before), self.all());
        self.scene.sandbox.inject(fault.in_account(self.hit).in_region(&self.here));
        let during = self.scene.scan().exits(4).json();
        assert_eq!(self.seen_in(&during), self.all(), "nothing is resolved that was not seen to be");
        let gaps: Vec<_> =
            gaps(&during).into_iter().filter(|(_, (outcome, _))| outcome == "failed").collect();
        let lost = ((self.hit.to_string(), self.here.to_string()), ("failed".to_owned(), reason.to_owned()));
        assert_eq!(gaps, [lost]);
        assert_eq!(during["scan"]["outcome"], "incomplete");
        assert_eq!(during["scan"]["failed"], 1);
        self.scene.sandbox.clear_faults();
        let after = self.scene.scan().exits(3).json();
        assert_eq!(self.seen_in(&after), self.all());
        assert_eq!(
            self.scene.ask("SELECT count(*) AS n FROM finding_events")[0]["n"],
            4,
            "each was opened once, and nothing else happened"
        );
        during
    }

    /// A fault that passes by itself is not even noticed.
    #[track_caller]
    fn loses_nothing(&self, fault: Fault) -> Value {
        self.scene.sandbox.inject(fault.in_account(self.hit).in_region(&self.here));
        let scan = self.scene.scan().exits(3).json();
        assert_eq!(self.seen_in(&scan), self.all());
        assert_eq!(scan["scan"]["outcome"], "complete");
        scan
    }
}

fn instances(kind: FaultKind) -> Fault {
    Fault::new(kind).on(INSTANCES)
}

#[test]
fn access_denied() {
    let during = Two::new().loses_one_target(instances(FaultKind::AccessDenied), "access_denied");
    let gap = &during["coverage"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["outcome"] == "failed")
        .unwrap()
        .clone();
    assert_eq!(gap["error_code"], "AccessDeniedException");
    assert!(gap["error_message"].as_str().unwrap().contains(INSTANCES), "{gap}");
}

#[test]
fn denied_by_a_service_control_policy() {
    Two::new().loses_one_target(instances(FaultKind::DeniedByScp), "denied_by_scp");
}

#[test]
fn a_region_that_fails_for_good() {
    Two::new().loses_one_target(instances(FaultKind::InternalError), "service_error");
}

#[test]
fn a_region_that_fails_twice_and_recovers() {
    Two::new().loses_nothing(instances(FaultKind::InternalError).times(2));
}

#[test]
fn throttled_for_good() {
    Two::new().loses_one_target(instances(FaultKind::Throttle), "throttled");
}

#[test]
fn throttled_a_few_times() {
    let scan = Two::new().loses_nothing(instances(FaultKind::Throttle).times(3));
    assert_eq!(scan["scan"]["throttled_calls"], 3);
}

#[test]
fn a_region_that_hangs() {
    let two = Two::new();
    two.scene.configure("[scan]\nattempt_timeout = \"200ms\"\ntarget_timeout = \"3s\"\n");
    two.loses_one_target(instances(FaultKind::Hang), "timeout");
}

#[test]
fn a_token_that_an_enabled_region_does_not_accept() {
    Two::new().loses_one_target(instances(FaultKind::UnrecognizedClient), "access_denied");
}

#[test]
fn credentials_that_expire_on_the_way_are_renewed() {
    let two = Two::new();
    two.loses_nothing(Fault::new(FaultKind::ExpiredToken).on("dms:DescribeEndpoints").times(1));
    assert_eq!(two.scene.sandbox.calls().of_account("sts:AssumeRole", two.hit), 2);
}

#[test]
fn credentials_that_are_never_good() {
    Two::new().loses_one_target(instances(FaultKind::ExpiredToken), "expired_credentials");
}

#[test]
fn json_that_is_cut_off() {
    Two::new().loses_one_target(instances(FaultKind::TruncatedJson), "invalid_response");
}

#[test]
fn an_answer_that_is_cut_off() {
    Two::new().loses_one_target(instances(FaultKind::TruncatedBody), "service_error");
}

#[test]
fn html_instead_of_json() {
    Two::new().loses_one_target(instances(FaultKind::Html200), "invalid_response");
    Two::new().loses_one_target(instances(FaultKind::Html500), "service_error");
}

#[test]
fn an_answer_without_its_list_is_not_an_empty_place() {
    Two::new().loses_one_target(instances(FaultKind::EmptyObject), "invalid_response");
}

#[test]
fn a_list_of_regions_without_regions_hides_none() {
    let two = Two::new();
    two.scene.configure(&format!("[regions]\ninclude = {REGIONS:?}\n"));
    two.scene
        .sandbox
        .inject(Fault::new(FaultKind::EmptyObject).on("account:ListRegions").in_account(two.hit));
    let scan = two.scene.scan().exits(3);
    assert_eq!(two.seen_in(&scan.json()), two.all(), "every known Region was tried");
    assert!(scan.stderr.contains("account:ListRegions"), "{}", scan.stderr);
}

#[test]
fn a_list_of_aliases_without_aliases_passes_no_key() {
    let two = Two::with(|world, account| {
        world.audit_role_mut(account).denied_actions.insert("kms:DescribeKey".to_owned());
    });
    two.scene.sandbox.inject(Fault::new(FaultKind::EmptyObject).on("kms:ListAliases").in_account(two.hit));
    let scan = two.scene.scan().exits(3).json();
    let of_hit: Vec<_> = findings(&scan).into_iter().filter(|f| f.1.contains(two.hit.as_str())).collect();
    let encryption = "dms_instance_kms_cmk_encryption";
    assert_eq!(of_hit.iter().filter(|f| f.0 == encryption && f.2 == "unknown").count(), 2, "{of_hit:?}");
}

#[test]
fn a_connection_that_ends() {
    Two::new().loses_one_target(instances(FaultKind::Disconnect), "service_error");
}

#[test]
fn an_empty_page_is_not_the_end() {
    Two::new().loses_nothing(instances(FaultKind::EmptyPageWithMarker).times(1));
}

#[test]
fn a_marker_that_never_ends() {
    Two::new().loses_one_target(instances(FaultKind::RepeatMarker), "invalid_response");
}

#[test]
fn one_kind_of_resource_denied_and_the_others_seen() {
    let two = Two::new();
    two.scene
        .sandbox
        .inject(Fault::new(FaultKind::AccessDenied).on("dms:DescribeEndpoints").in_account(two.hit));
    let scan = two.scene.scan().exits(4).json();
    assert_eq!(two.seen_in(&scan), two.all(), "the instances were seen");
    let parts = two.scene.ask(&format!(
        "SELECT resource_type, outcome, reason FROM coverage_parts WHERE account_id = '{}' AND region = '{}' ORDER BY 1",
        two.hit, two.here
    ));
    let words: Vec<_> = parts
        .iter()
        .map(|row| (row["resource_type"].as_str().unwrap(), row["outcome"].as_str().unwrap()))
        .collect();
    assert_eq!(
        words,
        [("endpoint", "failed"), ("replication_config", "scanned"), ("replication_instance", "scanned")]
    );
}

#[test]
fn an_instance_that_is_gone_is_resolved_only_where_it_was_looked_for() {
    let two = Two::new();
    two.scene.scan().exits(3);
    two.scene.sandbox.edit(|world| {
        world.accounts.get_mut(&two.hit).unwrap().resources.clear();
    });
    two.scene.sandbox.inject(instances(FaultKind::AccessDenied).in_account(two.hit).in_region(&two.here));
    two.scene.scan().exits(4);
    let open = two.scene.ask(&format!(
        "SELECT region, state, resolution FROM findings WHERE account_id = '{}' ORDER BY region",
        two.hit
    ));
    let states: Vec<_> =
        open.iter().map(|row| (row["state"].as_str().unwrap(), row["resolution"].as_str())).collect();
    assert_eq!(states, [("open", None), ("resolved", Some("resource_deleted"))]);
}

#[test]
fn a_role_that_is_missing_or_asks_for_another_external_id() {
    for missing in [true, false] {
        let two = Two::new();
        two.scene.scan().exits(3);
        two.scene.sandbox.edit(|world| {
            if missing {
                world.account_mut(two.hit).roles.clear();
            } else {
                world.audit_role_mut(two.hit).external_id = Some("another".to_owned());
            }
        });
        let scan = two.scene.scan().exits(4).json();
        assert_eq!(two.seen_in(&scan), two.all());
        let gaps = gaps(&scan);
        for region in [&two.here, &two.there] {
            assert_eq!(gaps[&(two.hit.to_string(), region.to_string())].1, "assume_role_denied");
        }
        assert!(
            gaps.iter()
                .filter(|(_, gap)| gap.0 == "failed")
                .all(|(target, _)| target.0 == two.hit.to_string())
        );
    }
}

#[test]
fn a_region_that_the_account_has_not_enabled() {
    let two = Two::new();
    let optional = REGIONS[2].to_owned();
    two.scene.configure(&format!("[regions]\ninclude = {REGIONS:?}\n"));
    // Told by ListRegions, and without it by the token that is not accepted.
    for denied in [false, true] {
        if denied {
            two.scene.sandbox.edit(|world| {
                world.audit_role_mut(two.hit).denied_actions.insert("account:ListRegions".to_owned());
            });
        }
        let scan = two.scene.scan();
        let gap = gaps(&scan.json())[&(two.hit.to_string(), optional.clone())].clone();
        assert_eq!(gap, ("skipped".to_owned(), "region_not_enabled".to_owned()));
        assert_eq!(
            scan.stderr.contains("account:ListRegions"),
            denied,
            "the fallback is said: {}",
            scan.stderr
        );
    }
}

#[test]
fn an_account_that_left_and_one_that_was_suspended() {
    let two = Two::new();
    two.scene.scan().exits(3);
    two.scene.sandbox.edit(|world| {
        world.accounts.remove(&two.hit);
        world.account_mut(two.other).state = "SUSPENDED".into();
    });
    let scan = two.scene.scan().exits(0).json();
    assert!(two.seen_in(&scan).is_empty());
    let ends = two.scene.ask("SELECT DISTINCT state, resolution FROM findings");
    assert_eq!(ends.len(), 1);
    assert_eq!(
        (ends[0]["state"].as_str(), ends[0]["resolution"].as_str()),
        (Some("resolved"), Some("account_left"))
    );
    assert_eq!(gaps(&scan)[&(two.other.to_string(), two.here.to_string())].1, "account_not_active");
}

#[test]
fn five_thousand_instances_in_one_target() {
    let two = Two::with(|world, account| {
        let region = REGIONS[0].parse().unwrap();
        let key = world.add_key(account, &region, keywatch::sandbox::world::KeySpec::default());
        for n in 0..5000 {
            world.add_instance(account, &region, &format!("many-{n}"), Some(&key));
        }
    });
    let scan = two.scene.scan().exits(3).json();
    assert_eq!(two.seen_in(&scan), two.all());
    assert_eq!(scan["scan"]["resources"], 5004);
    assert_eq!(two.scene.sandbox.calls().of("kms:DescribeKey"), 5, "each distinct key once");
}

#[test]
fn a_narrower_scan_closes_nothing_outside_what_it_read() {
    let two = Two::new();
    two.scene.scan().exits(3);
    two.scene.sandbox.edit(|world| {
        world.accounts.get_mut(&two.hit).unwrap().resources.clear();
        world.accounts.get_mut(&two.other).unwrap().resources.clear();
    });
    let (account, region) = (two.hit.to_string(), two.here.to_string());
    two.scene.keywatch(&["scan", "--account", &account, "--region", &region]).run().exits(3);
    let open = two.scene.ask("SELECT account_id, region FROM findings WHERE state = 'resolved'");
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0]["account_id"].as_str(), open[0]["region"].as_str()),
        (Some(&*account), Some(&*region))
    );
}
