use aws_sdk_databasemigration::types::Tag;

use super::{Bench, filter, refusal, region};
use crate::{
    domain::AccountId,
    sandbox::world::{DmsQuotas, KeySpec, World},
};

const HERE: &str = "eu-central-1";

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// A world with a public instance, whose answers the stock SDK can read.
fn public(world: &mut World, account: AccountId, name: &str) -> String {
    let arn = world.add_instance(account, &region(HERE), name, None);
    world.resource_mut(&arn).public = true;
    arn
}

#[tokio::test]
async fn an_instance_is_made_as_asked_and_settles_by_being_looked_at() {
    let (bench, (account, key)) = Bench::new(|world| {
        let account = world.add_account("member");
        (account, world.add_key(account, &region(HERE), KeySpec::default()))
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    let made = dms
        .create_replication_instance()
        .replication_instance_identifier("Orders-CMK")
        .replication_instance_class("dms.c5.large")
        .allocated_storage(120)
        .multi_az(true)
        .engine_version("3.5.3")
        .auto_minor_version_upgrade(false)
        .preferred_maintenance_window("mon:01:00-mon:01:30")
        .vpc_security_group_ids("sg-00000000000000001")
        .dns_name_servers("10.0.0.2")
        .network_type("DUAL")
        .kms_key_id(&key)
        .tags(tag("Stage", "test"))
        .send()
        .await
        .unwrap()
        .replication_instance
        .unwrap();
    assert_eq!(made.replication_instance_status(), Some("creating"));
    let arn = made.replication_instance_arn().unwrap();

    let mut seen = Vec::new();
    for _ in 0..3 {
        let by_id = filter("replication-instance-id", "orders-cmk");
        let answer = dms.describe_replication_instances().filters(by_id).send().await.unwrap();
        let instance = answer.replication_instances()[0].clone();
        seen.push(instance.replication_instance_status().unwrap().to_owned());
        if seen.len() == 3 {
            assert_eq!(instance.replication_instance_class(), Some("dms.c5.large"));
            assert_eq!((instance.allocated_storage(), instance.multi_az()), (120, true));
            assert_eq!(instance.availability_zone(), Some("eu-central-1a"));
            assert_eq!(instance.secondary_availability_zone(), Some("eu-central-1b"));
            assert_eq!(instance.engine_version(), Some("3.5.3"));
            assert!(!instance.auto_minor_version_upgrade() && instance.publicly_accessible());
            assert_eq!(instance.preferred_maintenance_window(), Some("mon:01:00-mon:01:30"));
            assert_eq!(
                instance.vpc_security_groups()[0].vpc_security_group_id(),
                Some("sg-00000000000000001")
            );
            assert_eq!(instance.dns_name_servers(), Some("10.0.0.2"));
            assert_eq!(instance.network_type(), Some("DUAL"));
            assert_eq!(instance.kms_key_id(), Some(&*key));
        }
    }
    assert_eq!(seen, ["creating", "creating", "available"]);
    let tags = dms.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tag_list(), [tag("Stage", "test")]);
    dms.add_tags_to_resource().resource_arn(arn).tags(tag("Stage", "prod")).send().await.unwrap();
    let tags = dms.list_tags_for_resource().resource_arn(arn).send().await.unwrap();
    assert_eq!(tags.tag_list(), [tag("Stage", "prod")]);

    let none = filter("replication-instance-arn", "arn:aws:dms:eu-central-1:1:rep:NONE");
    let call = dms.describe_replication_instances().filters(none);
    assert_eq!(refusal(call.send().await).1, "ResourceNotFoundFault");
    let changes = bench.sandbox.changes();
    let actions: Vec<&str> = changes.iter().map(|change| &*change.action).collect();
    assert_eq!(actions, ["dms:CreateReplicationInstance", "dms:AddTagsToResource"]);
    assert_eq!((bench.sandbox.calls().mutations, &*changes[0].arn), (2, arn));
}

#[tokio::test]
async fn an_instance_is_refused_for_every_reason_that_dms_has() {
    let (bench, (account, keys)) = Bench::new(|world| {
        let account = world.add_account("member");
        public(world, account, "taken");
        let here = region(HERE);
        let states = ["Disabled", "PendingDeletion", "PendingImport"];
        let mut keys = states
            .map(str::to_owned)
            .map(|state| world.add_key(account, &here, KeySpec { state, ..KeySpec::default() }));
        keys[2] = world.add_key(account, &here, KeySpec { delegates_to_iam: false, ..KeySpec::default() });
        (account, keys)
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    let call = || {
        dms.create_replication_instance()
            .replication_instance_identifier("new")
            .replication_instance_class("dms.t3.medium")
    };
    let refused = [
        (call().replication_instance_identifier("taken"), "ResourceAlreadyExistsFault"),
        (call().replication_instance_identifier("no--good"), "InvalidParameterValueException"),
        (call().replication_instance_class("dms.t9.medium"), "InvalidParameterValueException"),
        (call().engine_version("3.1.1"), "InvalidParameterValueException"),
        (call().allocated_storage(4), "InvalidParameterValueException"),
        (call().availability_zone("us-east-1a"), "InvalidParameterValueException"),
        (call().availability_zone("eu-central-1a").multi_az(true), "InvalidParameterCombinationException"),
        (call().replication_subnet_group_identifier("nowhere"), "ResourceNotFoundFault"),
        (call().tags(tag("aws:mine", "x")), "InvalidParameterValueException"),
        (call().kms_key_id(&keys[0]), "KMSKeyNotAccessibleFault"),
        (call().kms_key_id(&keys[1]), "KMSKeyNotAccessibleFault"),
        (call().kms_key_id(&keys[2]), "KMSKeyNotAccessibleFault"),
        (call().kms_key_id("alias/none"), "KMSKeyNotAccessibleFault"),
        (call().kms_key_id("arn:aws:kms:eu-west-1:111111111111:key/x"), "KMSKeyNotAccessibleFault"),
    ];
    for (call, code) in refused {
        let (status, found, message) = refusal(call.send().await);
        assert_eq!((status, &*found), (400, code), "{message}");
    }
    for (quotas, code) in [
        (DmsQuotas { instances: 1, ..DmsQuotas::default() }, "ResourceQuotaExceededFault"),
        (DmsQuotas { storage: 99, ..DmsQuotas::default() }, "StorageQuotaExceededFault"),
    ] {
        bench.sandbox.edit(|world| world.account_mut(account).dms_quotas = quotas);
        assert_eq!(refusal(call().send().await).1, code);
    }
    bench.sandbox.edit(|world| {
        world.account_mut(account).dms_quotas = DmsQuotas::default();
        let role = world.remediation_role.clone();
        let role = world.account_mut(account).roles.get_mut(&role).unwrap();
        role.denied_actions.insert("kms:CreateGrant".to_owned());
    });
    let key = bench.sandbox.edit(|world| world.add_key(account, &region(HERE), KeySpec::default()));
    let (_, code, message) = refusal(call().kms_key_id(key).send().await);
    assert_eq!(code, "KMSKeyNotAccessibleFault");
    assert!(message.contains("kms:CreateGrant"), "{message}");
    assert_eq!(bench.sandbox.changes(), []);
}

#[tokio::test]
async fn an_instance_goes_only_when_no_task_is_on_it() {
    let (bench, (account, arn, task)) = Bench::new(|world| {
        let account = world.add_account("member");
        let arn = public(world, account, "old");
        let ends = ["s", "t"].map(|name| world.add_endpoint(account, &region(HERE), name, None));
        let task = world.add_task(account, &region(HERE), "copy", &arn, [&ends[0], &ends[1]]);
        (account, arn, task)
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    let delete = || dms.delete_replication_instance().replication_instance_arn(&arn).send();
    let (_, code, message) = refusal(delete().await);
    assert_eq!(code, "InvalidResourceStateFault", "{message}");
    bench.sandbox.edit(|world| {
        world.place_mut(account, &region(HERE)).tasks.retain(|other| other.arn != task);
    });
    delete().await.unwrap();
    let describe =
        || dms.describe_replication_instances().filters(filter("replication-instance-arn", &arn)).send();
    for _ in 0..2 {
        let answer = describe().await.unwrap();
        assert_eq!(answer.replication_instances()[0].replication_instance_status(), Some("deleting"));
    }
    assert_eq!(refusal(describe().await).1, "ResourceNotFoundFault");
    let left = bench.sandbox.edit(|world| world.place(account, &region(HERE)).connections.len());
    assert_eq!(left, 0);
}

#[tokio::test]
async fn an_instance_may_be_renamed_and_its_making_may_fail() {
    let (bench, (account, arn)) = Bench::new(|world| {
        let account = world.add_account("member");
        world.settling = 0;
        world.account_mut(account).new_instances_end = Some("incompatible-network".to_owned());
        (account, public(world, account, "old"))
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    let rename = dms.modify_replication_instance().replication_instance_arn(&arn);
    rename.replication_instance_identifier("new").send().await.unwrap();
    dms.create_replication_instance()
        .replication_instance_identifier("old")
        .replication_instance_class("dms.t3.small")
        .send()
        .await
        .unwrap();
    let answer = dms.describe_replication_instances().send().await.unwrap();
    let seen: Vec<_> = answer
        .replication_instances()
        .iter()
        .map(|i| [i.replication_instance_identifier().unwrap(), i.replication_instance_status().unwrap()])
        .collect();
    assert_eq!(seen, [["new", "available"], ["old", "incompatible-network"]]);
}

#[tokio::test]
async fn quotas_and_what_can_be_had_are_told() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("member");
        public(world, account, "one");
        account
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    let answer = dms.describe_account_attributes().send().await.unwrap();
    let quota = |name: &str| {
        let quota = answer.account_quotas().iter().find(|quota| quota.account_quota_name() == Some(name));
        quota.map(|quota| (quota.used(), quota.max())).unwrap()
    };
    assert_eq!((quota("ReplicationInstances"), quota("AllocatedStorage")), ((1, 60), (50, 30_000)));
    let (mut offers, mut marker, mut pages) = (Vec::new(), None, 0);
    loop {
        let page = dms.describe_orderable_replication_instances().set_marker(marker).send().await.unwrap();
        offers.extend(page.orderable_replication_instances().to_vec());
        (marker, pages) = (page.marker().map(str::to_owned), pages + 1);
        if marker.is_none() {
            break;
        }
    }
    assert!(pages > 1 && offers.len() > 100);
    assert!(offers.iter().any(|offer| offer.replication_instance_class() == Some("dms.t3.medium")
        && offer.engine_version() == Some("3.5.4")
        && offer.availability_zones().len() == 3));
}
