//! What the logs say of a scan in which something goes wrong.

use keywatch::sandbox::{Fault, FaultKind};
use serde_json::Value;

use crate::support::scene::{Scene, small_world};

#[test]
fn a_failed_call_is_logged_with_its_request_and_where_it_belongs() {
    let (world, account, region) = small_world();
    let external_id = world.external_id.clone();
    let scene = Scene::new(world);
    let fault = Fault::new(FaultKind::InternalError).on("dms:DescribeEndpoints").in_account(account);
    scene.sandbox.inject(fault);
    let log =
        scene.keywatch(&["--log-format", "json", "-v", "scan", "--format", "json"]).run().exits(4).stderr;

    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).expect(line)).collect();
    let failed: Vec<&Value> = lines.iter().filter(|line| line["message"] == "attempt failed").collect();
    let last = failed
        .iter()
        .find(|line| line["region"] == region.as_str() && line["attempt"] == 5)
        .unwrap_or_else(|| panic!("the last attempt is not in\n{log}"));
    assert!(!last["request_id"].as_str().unwrap().is_empty(), "{last}");
    assert_eq!(last["operation"], "dms:DescribeEndpoints");
    let spans = last["spans"].as_array().unwrap();
    let names: Vec<&str> = spans.iter().map(|span| span["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["scan", "account", "target", "call"], "{last}");
    assert_eq!(spans[0]["scan.id"], 1);
    assert_eq!(spans[2]["account.id"], account.as_str());
    assert_eq!(spans[2]["region"], region.as_str());
    assert_eq!((&spans[3]["attempt"], &spans[3]["request_id"]), (&last["attempt"], &last["request_id"]));
    for secret in [external_id.as_str(), "SecretAccessKey", "SessionToken"] {
        assert!(!log.contains(secret), "{secret} is in\n{log}");
    }
}
