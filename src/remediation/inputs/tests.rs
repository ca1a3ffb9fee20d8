use std::{collections::BTreeSet, fmt::Debug};

use aws_sdk_databasemigration::{operation, types};

use super::*;
use crate::remediation::sample;

/// The fields of one of the SDK's types, by its `Debug` form: what the API has, as of the SDK that is linked. Written
/// without underscores and in small letters, for the SDK writes `my_sql_settings` and AWS `MySQLSettings`.
fn fields(value: &impl Debug) -> BTreeSet<String> {
    let text = format!("{value:?}");
    let inside = text.split_once('{').map_or("", |(_, inside)| inside);
    let mut depth = 0;
    let mut fields = BTreeSet::new();
    for part in inside.split(", ") {
        if depth == 0
            && let Some((name, _)) = part.split_once(':')
        {
            fields.insert(plain(name));
        }
        depth += part.matches(['{', '[', '(']).count();
        depth = depth.saturating_sub(part.matches(['}', ']', ')']).count());
    }
    assert!(fields.len() > 5, "{text}");
    fields
}

fn pretty(value: &Value) -> String {
    format!("{value:#}")
}

fn plain(name: &str) -> String {
    name.trim().replace('_', "").to_ascii_lowercase()
}

fn names(lists: &[&[&str]]) -> BTreeSet<String> {
    lists.iter().flat_map(|list| list.iter()).map(|name| plain(name)).collect()
}

/// What `Create…` takes and nothing of the source gives: each has its reason.
fn made(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| plain(name)).collect()
}

#[test]
fn every_field_that_an_instance_has_is_carried_turned_or_known_to_be_no_setting() {
    let described = fields(&types::ReplicationInstance::builder().build());
    assert_eq!(described, names(&[&instance::CARRIED, &instance::TURNED, &instance::OUTPUT_ONLY]));

    let taken = fields(
        &operation::create_replication_instance::CreateReplicationInstanceInput::builder().build().unwrap(),
    );
    // The last part of the ARN, which AWS chooses.
    let not_given = made(&["ResourceIdentifier"]);
    let input = instance(&sample::instance(), "new", "arn:key");
    let given: BTreeSet<String> = input.as_object().unwrap().keys().map(|name| plain(name)).collect();
    // The sample has a value in every field, but AWS takes no zone beside Multi-AZ.
    let zone = made(&["AvailabilityZone"]);
    assert_eq!(&(&taken - &not_given) - &zone, given);
}

#[test]
fn every_field_that_an_endpoint_has_is_carried_or_known_to_be_no_setting() {
    let described = fields(&types::Endpoint::builder().build());
    assert_eq!(described, names(&[&endpoint::CARRIED, &endpoint::OUTPUT_ONLY]));

    let taken = fields(&operation::create_endpoint::CreateEndpointInput::builder().build().unwrap());
    let not_given = made(&["ResourceIdentifier", "Password"]);
    let ours = &names(&[&endpoint::CARRIED]) | &made(&["EndpointIdentifier", "Tags"]);
    assert_eq!(&taken - &not_given, ours);
}

#[test]
fn every_field_that_a_config_has_is_carried_turned_or_known_to_be_no_setting() {
    let described = fields(&types::ReplicationConfig::builder().build());
    assert_eq!(described, names(&[&config::CARRIED, &config::TURNED, &config::OUTPUT_ONLY]));

    let taken = fields(
        &operation::create_replication_config::CreateReplicationConfigInput::builder().build().unwrap(),
    );
    let input = config(&sample::config(), "new", "arn:key");
    let given: BTreeSet<String> = input.as_object().unwrap().keys().map(|name| plain(name)).collect();
    assert_eq!(&taken - &made(&["ResourceIdentifier"]), given);
    let compute = fields(&types::ComputeConfig::builder().build());
    let given: BTreeSet<String> =
        input["ComputeConfig"].as_object().unwrap().keys().map(|name| plain(name)).collect();
    assert_eq!(compute, given);
}

#[test]
fn every_field_that_a_task_has_is_carried_turned_or_known_to_be_no_setting() {
    let described = fields(&types::ReplicationTask::builder().build());
    assert_eq!(described, names(&[&task::CARRIED, &task::TURNED, &task::OUTPUT_ONLY]));

    let taken =
        fields(&operation::create_replication_task::CreateReplicationTaskInput::builder().build().unwrap());
    // A position says it better than a time.
    let not_given = made(&["ResourceIdentifier", "CdcStartTime"]);
    let ours = &names(&[&task::CARRIED]) | &made(&["ReplicationTaskIdentifier", "CdcStartPosition", "Tags"]);
    assert_eq!(&taken - &not_given, ours);
}

#[test]
fn an_instance_is_made_again_with_its_traps() {
    let facts = sample::instance();
    insta::assert_snapshot!(pretty(&instance(
        &facts,
        "orders-cmk",
        "arn:aws:kms:eu-central-1:111122223333:key/1"
    )));
}

#[test]
fn without_multi_az_the_zone_goes_over_and_what_is_absent_is_said_to_be_off() {
    let mut facts = sample::instance();
    facts.resource.document = json!({
        "ReplicationInstanceIdentifier": "orders", "AvailabilityZone": "eu-central-1b", "AllocatedStorage": 50,
        "DnsNameServers": null, "NetworkType": "", "ReplicationInstancePublicIpAddresses": [null], "Later": { "Is": 1 },
    })
    .to_string();
    facts.tags.clear();
    let input = instance(&facts, "orders-cmk", "arn:key");
    let expected = json!({
        "ReplicationInstanceIdentifier": "orders-cmk", "AllocatedStorage": 50, "MultiAZ": false,
        "AutoMinorVersionUpgrade": false, "PubliclyAccessible": false, "AvailabilityZone": "eu-central-1b",
        "Tags": [{ "Key": TAG, "Value": facts.resource.arn }], "KmsKeyId": "arn:key",
    });
    assert_eq!(input, expected);
    assert_eq!(unknown_fields(&facts), ["Later"]);
}

#[test]
fn an_endpoint_is_made_again_without_what_nobody_knows() {
    let facts = sample::endpoint();
    let input = endpoint(&facts, "orders-source-cmk", "arn:aws:kms:eu-central-1:111122223333:key/1");
    let paths: Vec<String> = secrets(&facts).into_iter().map(|secret| secret.path).collect();
    assert_eq!(paths, ["ExtraConnectionAttributes", "PostgreSQLSettings.Password", "Password"]);
    insta::assert_snapshot!(pretty(&input));
}

#[test]
fn what_is_secret_is_asked_for_only_where_nothing_has_its_place() {
    let mut facts = sample::endpoint();
    for (document, asked) in [
        (json!({ "Username": "dms" }), vec!["Password"]),
        (json!({ "MySQLSettings": { "Username": "dms" } }), vec!["MySQLSettings.Password"]),
        (
            json!({ "Username": "dms", "PostgreSQLSettings": { "SecretsManagerSecretId": "arn:secret" } }),
            vec![],
        ),
        (json!({ "Username": "dms", "PostgreSQLSettings": { "AuthenticationMethod": "iam" } }), vec![]),
        (json!({ "EngineName": "s3", "S3Settings": { "BucketName": "b" } }), vec![]),
        (json!({ "KafkaSettings": { "SaslUsername": "u" } }), vec!["KafkaSettings.SaslPassword"]),
        (json!({ "RedisSettings": { "AuthType": "auth-token" } }), vec!["RedisSettings.AuthPassword"]),
        (json!({ "RedisSettings": { "AuthType": "none" } }), vec![]),
        (
            json!({ "OracleSettings": { "Username": "o", "SecretsManagerSecretId": "s", "AsmUser": "a" } }),
            vec!["OracleSettings.AsmPassword"],
        ),
    ] {
        facts.resource.document = document.to_string();
        let paths: Vec<String> = secrets(&facts).into_iter().map(|secret| secret.path).collect();
        assert_eq!(paths, asked, "{document}");
    }
}

#[test]
fn a_secret_is_put_where_it_belongs() {
    let facts = sample::endpoint();
    let mut input = endpoint(&facts, "orders-source-cmk", "arn:key");
    for secret in secrets(&facts) {
        put(&mut input, &secret.path, "hunter2");
    }
    assert_eq!(input["PostgreSQLSettings"]["Password"], "hunter2");
    assert_eq!(input["Password"], "hunter2");
    assert!(!input.to_string().contains(WITHHELD));
}

#[test]
fn a_config_is_made_again() {
    let facts = sample::config();
    insta::assert_snapshot!(pretty(&config(
        &facts,
        "orders-cmk",
        "arn:aws:kms:eu-central-1:111122223333:key/1"
    )));
}

#[test]
fn a_task_goes_on_from_its_checkpoint_with_the_new_endpoint() {
    let source = &sample::endpoint().tasks[0];
    let (old, new) = (source.source_endpoint_arn.as_str(), "arn:new");
    let tags =
        BTreeMap::from([("team".to_owned(), "orders".to_owned()), ("aws:x".to_owned(), String::new())]);
    insta::assert_snapshot!(pretty(&task(source, "orders-cmk", (old, new), Some("checkpoint:V1#27"), &tags)));
    let anew = task(source, "orders-cmk", (old, new), None, &tags);
    assert_eq!(anew["MigrationType"], "full-load-and-cdc");
    assert_eq!(anew.get("CdcStartPosition"), None);
}

#[test]
fn a_name_beside_is_one_that_aws_takes() {
    assert_eq!(beside("Orders-1", 63), "orders-1-cmk");
    assert_eq!(beside("a".repeat(63).as_str(), 63), format!("{}-cmk", "a".repeat(59)));
    assert_eq!(beside("9-$(rm -rf /)\n'x", 63), "rm-rf-x-cmk");
    assert_eq!(beside("…", 63), "dms-cmk");
    assert_eq!(beside(&format!("{}-b", "a".repeat(58)), 63), format!("{}-cmk", "a".repeat(58)));
}

#[test]
fn a_name_that_was_chosen_is_checked() {
    for good in ["orders-2", "a", "Orders"] {
        check_name(good, INSTANCE_NAME).unwrap();
    }
    for bad in ["", "-a", "a-", "a--b", "9a", "a_b", "a b", "é", "$(id)", &"a".repeat(64)] {
        check_name(bad, INSTANCE_NAME).unwrap_err();
    }
}
