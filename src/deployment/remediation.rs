use serde_json::json;

use super::{
    Place, Policy, Statement,
    audit::{plan, scan},
};
use crate::{aws::Operation, domain::REMEDIATES as TAG};

/// Actions that no operation of keywatch's names, and for what AWS asks for them all the same.
///
/// Sources: KMS API, CreateKey (`kms:TagResource`); DMS user guide, "Setting an encryption key" and KMS developer
/// guide, "How AWS DMS uses AWS KMS" (what DMS does with a key in the caller's name); IAM user guide, "Granting a
/// user permissions to pass a role to an AWS service".
pub const INDIRECT: [(&str, &str); 7] = [
    ("kms:TagResource", "CreateKey with tags"),
    ("dms:AddTagsToResource", "whatever is made in DMS, with tags"),
    ("kms:CreateGrant", "an instance, endpoint or serverless config with a key, through DMS"),
    ("kms:Encrypt", "an endpoint with a key, through DMS"),
    ("kms:ReEncryptFrom", "an endpoint with a key, through DMS"),
    ("kms:ReEncryptTo", "an endpoint with a key, through DMS"),
    ("iam:PassRole", "an endpoint that names a role which DMS shall use"),
];

/// What the remediation role needs in an account: what the plan reads, a key, and DMS resources beside the old ones.
/// What it makes must bear keywatch's tag. `with_deletes` lets it delete what was replaced, which a tag can't
/// narrow, for that was made by others.
pub fn remediation(place: &Place, with_deletes: bool) -> Policy {
    let mut statements = Vec::from(scan(place));
    statements.push(plan());
    statements.extend(keys(place));
    statements.extend(make(place));
    statements.extend(move_over(place));
    if with_deletes {
        statements.push(
            Statement::allow(
                "DeleteWhatWasReplaced",
                &[
                    Operation::DeleteEndpoint,
                    Operation::DeleteReplicationConfig,
                    Operation::DeleteReplicationInstance,
                    Operation::DeleteReplicationTask,
                ],
            )
            .on(["endpoint", "rep", "replication-config", "task"].map(|kind| place.dms(kind))),
        );
    }
    Policy::new(statements)
}

/// A key of its own, and the use of any through DMS alone.
fn keys(place: &Place) -> [Statement; 7] {
    let alias = format!("arn:{}:kms:*:*:{}", place.partition, place.key_alias);
    let through_dms = |statement: Statement| {
        statement.on([place.keys()]).if_("StringLike", "kms:ViaService", json!(dms_by_host(place)))
    };
    [
        Statement::allow("FindKeys", &[Operation::ListKeys]),
        Statement::allow("MakeKey", &[Operation::CreateKey])
            // What is not said is just that.
            .if_("StringEqualsIfExists", "kms:KeySpec", "SYMMETRIC_DEFAULT")
            .if_("StringEqualsIfExists", "kms:KeyUsage", "ENCRYPT_DECRYPT")
            .if_("BoolIfExists", "kms:BypassPolicyLockoutSafetyCheck", "false")
            .if_("Null", format!("aws:RequestTag/{TAG}"), "false"),
        Statement::allow_actions("TagKey", &["kms:TagResource"]).on([place.keys()]).if_(
            "ForAllValues:StringEquals",
            "aws:TagKeys",
            TAG,
        ),
        Statement::allow("NameKey", &[Operation::CreateAlias]).on([alias, place.keys()]),
        Statement::allow("RescueKey", &[Operation::CancelKeyDeletion, Operation::EnableKey])
            .on([place.keys()]),
        through_dms(Statement::allow_actions("GrantKeyToDms", &["kms:CreateGrant"]).if_(
            "Bool",
            "kms:GrantIsForAWSResource",
            "true",
        )),
        through_dms(Statement::allow_actions(
            "EncryptThroughDms",
            &["kms:Encrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"],
        )),
    ]
}

/// New resources, each with keywatch's tag.
fn make(place: &Place) -> [Statement; 3] {
    let tag = format!("aws:RequestTag/{TAG}");
    let kinds = ["cert", "endpoint", "rep", "replication-config", "subgrp", "task"];
    let make = [
        Operation::CreateEndpoint,
        Operation::CreateReplicationConfig,
        Operation::CreateReplicationInstance,
        Operation::CreateReplicationTask,
    ];
    [
        Statement::allow("MakeWithTag", &make).on(kinds.map(|kind| place.dms(kind))).if_(
            "Null",
            tag.clone(),
            "false",
        ),
        Statement::allow_actions("TagWhatIsMade", &["dms:AddTagsToResource"])
            .on(["endpoint", "rep", "replication-config", "task"].map(|kind| place.dms(kind)))
            .if_("Null", tag, "false"),
        Statement::allow_actions("PassRolesToDms", &["iam:PassRole"])
            .on([format!("arn:{}:iam::*:role/*", place.partition)])
            .if_("StringLike", "iam:PassedToService", json!(dms_by_name(place))),
    ]
}

/// Tasks go over to what was made.
fn move_over(place: &Place) -> [Statement; 2] {
    [
        Statement::allow(
            "MoveTasks",
            &[
                Operation::MoveReplicationTask,
                Operation::StartReplicationTask,
                Operation::StopReplicationTask,
                Operation::TestConnection,
            ],
        )
        .on(["endpoint", "rep", "task"].map(|kind| place.dms(kind))),
        Statement::allow("RunServerless", &[Operation::StartReplication, Operation::StopReplication])
            .on([place.dms("replication-config")]),
    ]
}

/// DMS as `kms:ViaService` names it: `dms.<Region>.<domain>`, the domain being the partition's own or, whatever the
/// partition, AWS's first. Source: KMS developer guide, "kms:ViaService".
fn dms_by_host(place: &Place) -> Vec<String> {
    let mut domains = vec!["amazonaws.com"];
    if !domains.contains(&&*place.domain) {
        domains.push(&place.domain);
    }
    domains.into_iter().map(|domain| format!("dms.*.{domain}")).collect()
}

/// DMS as a principal: its own name, and that of a Region, which its roles for secrets trust. Source: DMS user guide,
/// "Using secrets to access AWS Database Migration Service endpoints".
fn dms_by_name(place: &Place) -> Vec<String> {
    let mut names = vec!["dms.amazonaws.com".to_owned()];
    names.extend(dms_by_host(place));
    names
}
