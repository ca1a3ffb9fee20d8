use std::collections::BTreeSet;

use super::{Bench, refusal, region};
use crate::{
    domain::KeyManager,
    sandbox::world::{KeySpec, MultiRegion},
};

const HERE: &str = "eu-central-1";

#[tokio::test]
async fn private_instances_break_the_stock_sdk_and_public_ones_do_not() {
    let (bench, (private, public)) = Bench::new(|world| {
        let (private, public) = (world.add_account("private"), world.add_account("public"));
        world.add_instance(private, &region(HERE), "a", None);
        let arn = world.add_instance(public, &region(HERE), "b", None);
        world.resource_mut(&arn).public = true;
        (private, public)
    })
    .await;
    let broken = bench.dms(private, HERE).await.describe_replication_instances().send().await.unwrap_err();
    let text = format!("{broken:?}");
    assert!(text.contains("dense list cannot contain null values"), "{text}");

    let answer = bench.dms(public, HERE).await.describe_replication_instances().send().await.unwrap();
    let instance = &answer.replication_instances()[0];
    assert_eq!(instance.replication_instance_identifier(), Some("b"));
    assert!(instance.kms_key_id().unwrap().starts_with("arn:aws:kms:eu-central-1:"));
    assert!(instance.instance_create_time().is_some());
}

#[tokio::test]
async fn each_account_and_region_has_its_own_resources() {
    let (bench, (one, other)) = Bench::new(|world| {
        let (one, other) = (world.add_account("one"), world.add_account("other"));
        world.add_endpoint(one, &region(HERE), "source", Some("alias/app"));
        world.add_replication_config(one, &region(HERE), "serverless", Some("1234abcd"));
        (one, other)
    })
    .await;
    let here = bench.dms(one, HERE).await;
    let endpoints = here.describe_endpoints().send().await.unwrap();
    assert_eq!(endpoints.endpoints()[0].kms_key_id(), Some("alias/app"));
    let configs = here.describe_replication_configs().send().await.unwrap();
    let compute = configs.replication_configs()[0].compute_config().unwrap();
    assert_eq!(compute.kms_key_id(), Some("1234abcd"));

    for elsewhere in [bench.dms(one, "eu-west-1").await, bench.dms(other, HERE).await] {
        assert!(elsewhere.describe_endpoints().send().await.unwrap().endpoints().is_empty());
    }
}

#[tokio::test]
async fn an_instance_names_no_key_while_it_is_being_made() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("new");
        let arn = world.add_instance(account, &region(HERE), "a", None);
        let instance = world.resource_mut(&arn);
        (instance.status, instance.public) = ("creating".to_owned(), true);
        account
    })
    .await;
    let answer = bench.dms(account, HERE).await.describe_replication_instances().send().await.unwrap();
    assert_eq!(answer.replication_instances()[0].kms_key_id(), None);
}

#[tokio::test]
async fn pages_of_dms_are_20_to_100_long_and_follow_their_marker() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("big");
        for number in 0..45 {
            world.add_endpoint(account, &region(HERE), &format!("e{number}"), None);
        }
        account
    })
    .await;
    let dms = bench.dms(account, HERE).await;
    let (mut names, mut marker, mut pages) = (BTreeSet::new(), None, 0);
    loop {
        let page = dms.describe_endpoints().max_records(20).set_marker(marker).send().await.unwrap();
        names.extend(page.endpoints().iter().filter_map(|e| e.endpoint_identifier().map(str::to_owned)));
        (marker, pages) = (page.marker().map(str::to_owned), pages + 1);
        if marker.is_none() {
            break;
        }
    }
    assert_eq!((names.len(), pages), (45, 3));

    for bad in [19, 101, 0] {
        let (status, code, _) = refusal(dms.describe_endpoints().max_records(bad).send().await);
        assert_eq!((status, &*code), (400, "InvalidParameterValueException"), "{bad}");
    }
    let (_, code, _) = refusal(dms.describe_endpoints().marker("made-up").send().await);
    assert_eq!(code, "InvalidParameterValueException");
}

#[tokio::test]
async fn a_marker_fits_only_the_list_it_came_with() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("big");
        for number in 0..25 {
            world.add_endpoint(account, &region(HERE), &format!("e{number}"), None);
        }
        account
    })
    .await;
    let dms = bench.dms(account, HERE).await;
    let page = dms.describe_endpoints().max_records(20).send().await.unwrap();
    let marker = page.marker().unwrap();
    let (_, code, _) = refusal(dms.describe_replication_configs().marker(marker).send().await);
    assert_eq!(code, "InvalidParameterValueException");
}

#[tokio::test]
async fn keys_across_accounts() {
    let (bench, (owner, user, shared, hidden, locked)) = Bench::new(|world| {
        let (owner, user) = (world.add_account("owner"), world.add_account("user"));
        let here = region(HERE);
        let spec = KeySpec { shared_with: BTreeSet::from([user]), ..KeySpec::default() };
        let shared = world.add_key(owner, &here, spec);
        world.add_alias(owner, &here, "alias/shared", &shared);
        let hidden = world.add_key(owner, &here, KeySpec::default());
        let locked = KeySpec { delegates_to_iam: false, ..KeySpec::default() };
        let locked = world.add_key(owner, &here, locked);
        (owner, user, shared, hidden, locked)
    })
    .await;
    let from = |account| bench.kms(account, HERE);
    let alias = format!("arn:aws:kms:{HERE}:{owner}:alias/shared");
    for name in [&*shared, &*alias] {
        let key = from(user).await.describe_key().key_id(name).send().await.unwrap().key_metadata.unwrap();
        assert_eq!(key.arn(), Some(&*shared));
        assert_eq!(key.key_manager().unwrap().as_str(), KeyManager::Customer.as_str());
    }
    let missing = format!("arn:aws:kms:{HERE}:{owner}:key/00000000-0000-0000-0000-000000000000");
    for name in [&*hidden, &*missing] {
        let (status, code, message) = refusal(from(user).await.describe_key().key_id(name).send().await);
        assert_eq!((status, &*code), (400, "AccessDeniedException"), "{name}");
        assert!(message.ends_with("because no resource-based policy allows the kms:DescribeKey action"));
    }
    let own = from(owner).await;
    let (_, code, _) = refusal(own.describe_key().key_id(&locked).send().await);
    assert_eq!(code, "AccessDeniedException");
    for name in [&*missing, "00000000-0000-0000-0000-000000000000", "alias/none"] {
        let (_, code, _) = refusal(own.describe_key().key_id(name).send().await);
        assert_eq!(code, "NotFoundException", "{name}");
    }
    let bare = hidden.rsplit('/').next().unwrap();
    for name in [&*hidden, bare, "alias/shared"] {
        own.describe_key().key_id(name).send().await.unwrap();
    }
    let elsewhere = bench.kms(owner, "eu-west-1").await;
    let (_, code, message) = refusal(elsewhere.describe_key().key_id(&hidden).send().await);
    assert_eq!((&*code, &*message), ("NotFoundException", "Invalid arn eu-central-1"));
}

#[tokio::test]
async fn describing_an_alias_of_aws_makes_the_key_and_counts_as_a_change() {
    let (bench, account) = Bench::new(|world| world.add_account("untouched")).await;
    let kms = bench.kms(account, HERE).await;
    assert!(kms.list_aliases().send().await.unwrap().aliases().is_empty());
    let key = kms.describe_key().key_id("alias/aws/dms").send().await.unwrap().key_metadata.unwrap();
    assert_eq!(key.key_manager().unwrap().as_str(), "AWS");
    assert_eq!(bench.sandbox.calls().mutations, 1);

    let aliases = kms.list_aliases().send().await.unwrap();
    assert_eq!(aliases.aliases()[0].alias_name(), Some("alias/aws/dms"));
    assert_eq!(aliases.aliases()[0].target_key_id(), Some(key.key_id()));
    kms.describe_key().key_id("alias/aws/dms").send().await.unwrap();
    assert_eq!(bench.sandbox.calls().mutations, 1);
}

#[tokio::test]
async fn aliases_come_in_pages_of_50() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("many");
        let key = world.add_key(account, &region(HERE), KeySpec::default());
        for number in 0..60 {
            world.add_alias(account, &region(HERE), &format!("alias/a{number}"), &key);
        }
        account
    })
    .await;
    let kms = bench.kms(account, HERE).await;
    let first = kms.list_aliases().send().await.unwrap();
    assert_eq!((first.aliases().len(), first.truncated()), (50, true));
    let second = kms.list_aliases().marker(first.next_marker().unwrap()).send().await.unwrap();
    assert_eq!((second.aliases().len(), second.truncated()), (10, false));
    let (_, code, _) = refusal(kms.list_aliases().marker("x").send().await);
    assert_eq!(code, "InvalidMarkerException");
    let (_, code, _) = refusal(kms.list_aliases().limit(101).send().await);
    assert_eq!(code, "ValidationException");
}

#[tokio::test]
async fn a_replica_has_the_id_of_its_primary_key() {
    let (bench, (account, arn)) = Bench::new(|world| {
        let account = world.add_account("global");
        let (here, there) = (region(HERE), region("us-east-1"));
        let spec = KeySpec { multi_region: Some(MultiRegion::Primary), ..KeySpec::default() };
        let primary = world.add_key(account, &there, spec);
        let id = primary.rsplit('/').next().unwrap().to_owned();
        let spec = KeySpec { multi_region: Some(MultiRegion::ReplicaOf(there)), ..KeySpec::default() };
        (account, world.add_key_with_id(account, &here, &id, spec))
    })
    .await;
    let answer = bench.kms(account, HERE).await.describe_key().key_id(arn).send().await.unwrap();
    let key = answer.key_metadata.unwrap();
    let part = key.multi_region_configuration().unwrap();
    assert_eq!(part.multi_region_key_type().unwrap().as_str(), "REPLICA");
    assert_eq!(part.primary_key().unwrap().region(), Some("us-east-1"));
    assert_eq!(part.replica_keys().len(), 1);
}
