use aws_sdk_databasemigration::types::{
    ComputeConfig, MigrationTypeValue, PostgreSqlSettings, ReplicationEndpointTypeValue as End, Tag,
};

use super::{Bench, filter, refusal, region};
use crate::sandbox::world::{EndpointSettings, KeySpec};

const HERE: &str = "eu-central-1";

#[tokio::test]
async fn an_endpoint_is_made_with_its_settings_and_never_tells_the_password() {
    let (bench, (account, key, instance)) = Bench::new(|world| {
        let account = world.add_account("member");
        let key = world.add_key(account, &region(HERE), KeySpec::default());
        (account, key, world.add_instance(account, &region(HERE), "i", None))
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    let settings = PostgreSqlSettings::builder()
        .server_name("db.example.test")
        .port(5433)
        .database_name("shop")
        .username("dms")
        .plugin_name("pglogical".into())
        .slot_name("slot")
        .password("secret-of-the-test");
    let call = |name: &str| {
        dms.create_endpoint().endpoint_identifier(name).endpoint_type(End::Source).engine_name("postgres")
    };
    let made = call("Shop-CMK")
        .ssl_mode("verify-full".into())
        .extra_connection_attributes("heartbeatEnable=Y")
        .postgre_sql_settings(settings.build())
        .kms_key_id(&key)
        .tags(Tag::builder().key("a").value("b").build())
        .send()
        .await
        .unwrap()
        .endpoint
        .unwrap();
    assert!(!format!("{made:?}").contains("secret-of-the-test"));
    let arn = made.endpoint_arn().unwrap();
    let found = dms.describe_endpoints().filters(filter("endpoint-arn", arn)).send().await.unwrap();
    let found = &found.endpoints()[0];
    assert_eq!((found.endpoint_identifier(), found.status()), (Some("shop-cmk"), Some("active")));
    assert_eq!((found.kms_key_id(), found.server_name()), (Some(&*key), Some("db.example.test")));
    assert_eq!((found.port(), found.ssl_mode().unwrap().as_str()), (Some(5433), "verify-full"));
    assert_eq!(found.extra_connection_attributes(), Some("heartbeatEnable=Y"));
    let inner = found.postgre_sql_settings().unwrap();
    assert_eq!((inner.slot_name(), inner.password()), (Some("slot"), None));
    assert_eq!(refusal(call("shop-cmk").send().await).1, "ResourceAlreadyExistsFault");
    let bad = call("x").engine_name("postgresql");
    assert_eq!(refusal(bad.send().await).1, "InvalidParameterValueException");

    // A name without its password opens nothing.
    let without = call("without").username("dms").send().await.unwrap().endpoint.unwrap();
    let tested = [(arn, "successful"), (without.endpoint_arn().unwrap(), "failed")];
    for (endpoint, wanted) in tested {
        dms.test_connection()
            .replication_instance_arn(&instance)
            .endpoint_arn(endpoint)
            .send()
            .await
            .unwrap();
        let by = filter("endpoint-arn", endpoint);
        for status in ["testing", "testing", wanted] {
            let answer = dms.describe_connections().filters(by.clone()).send().await.unwrap();
            assert_eq!(answer.connections()[0].status(), Some(status));
        }
    }
    for (name, value, count) in
        [("endpoint-id", "without", 1), ("endpoint-type", "source", 2), ("engine-name", "postgres", 2)]
    {
        let answer = dms.describe_endpoints().filters(filter(name, value)).send().await.unwrap();
        assert_eq!(answer.endpoints().len(), count, "{name}");
    }
    let call = dms.describe_endpoints().filters(filter("endpoint-type", "target"));
    assert_eq!(refusal(call.send().await).1, "ResourceNotFoundFault");
}

#[tokio::test]
async fn an_endpoint_stays_while_something_uses_it() {
    let (bench, (account, ends)) = Bench::new(|world| {
        let account = world.add_account("member");
        let here = region(HERE);
        let ends = ["s", "t", "free"].map(|name| world.add_endpoint(account, &here, name, None));
        let instance = world.add_instance(account, &here, "i", None);
        world.add_task(account, &here, "copy", &instance, [&ends[0], &ends[1]]);
        (account, ends)
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    for used in &ends[..2] {
        let (_, code, _) = refusal(dms.delete_endpoint().endpoint_arn(used).send().await);
        assert_eq!(code, "InvalidResourceStateFault");
    }
    dms.delete_endpoint().endpoint_arn(&ends[2]).send().await.unwrap();
    let describe = || dms.describe_endpoints().filters(filter("endpoint-arn", &ends[2])).send();
    for _ in 0..2 {
        assert_eq!(describe().await.unwrap().endpoints()[0].status(), Some("deleting"));
    }
    assert_eq!(refusal(describe().await).1, "ResourceNotFoundFault");
}

#[tokio::test]
async fn a_serverless_config_is_made_run_stopped_and_deleted() {
    let (bench, (account, key, ends)) = Bench::new(|world| {
        let account = world.add_account("member");
        let here = region(HERE);
        let key = world.add_key(account, &here, KeySpec::default());
        let ends = ["SOURCE", "TARGET"].map(|word| {
            let arn = world.add_endpoint(account, &here, &word.to_ascii_lowercase(), None);
            *world.resource_mut(&arn).endpoint_mut() = EndpointSettings::postgres(word);
            arn
        });
        (account, key, ends)
    })
    .await;
    let dms = bench.operator(account, HERE).await;
    let compute = ComputeConfig::builder().max_capacity_units(8).multi_az(true).kms_key_id(&key).build();
    let call = || {
        dms.create_replication_config()
            .replication_config_identifier("serverless")
            .source_endpoint_arn(&ends[0])
            .target_endpoint_arn(&ends[1])
            .replication_type(MigrationTypeValue::FullLoadAndCdc)
            .table_mappings(r#"{"rules":[]}"#)
            .compute_config(compute.clone())
    };
    let zone =
        ComputeConfig::builder().max_capacity_units(8).multi_az(true).availability_zone("eu-central-1a");
    let (_, code, _) = refusal(call().compute_config(zone.build()).send().await);
    assert_eq!(code, "InvalidParameterCombinationException");
    let made = call().send().await.unwrap().replication_config.unwrap();
    let arn = made.replication_config_arn().unwrap();
    assert_eq!(made.compute_config().unwrap().kms_key_id(), Some(&*key));
    assert_eq!(refusal(call().send().await).1, "ResourceAlreadyExistsFault");
    let (_, code, _) = refusal(dms.delete_endpoint().endpoint_arn(&ends[0]).send().await);
    assert_eq!(code, "InvalidResourceStateFault");

    let look = || async {
        let by = filter("replication-config-arn", arn);
        dms.describe_replications().filters(by).send().await.unwrap().replications()[0].clone()
    };
    assert_eq!(look().await.status(), Some("created"));
    let start =
        |how: &str| dms.start_replication().replication_config_arn(arn).start_replication_type(how).send();
    assert_eq!(refusal(start("resume-processing").await).1, "InvalidParameterCombinationException");
    start("start-replication").await.unwrap();
    for wanted in ["initializing", "initializing", "running"] {
        assert_eq!(look().await.status(), Some(wanted));
    }
    let delete = || dms.delete_replication_config().replication_config_arn(arn).send();
    assert_eq!(refusal(delete().await).1, "InvalidResourceStateFault");
    dms.stop_replication().replication_config_arn(arn).send().await.unwrap();
    for wanted in ["stopping", "stopping", "stopped"] {
        assert_eq!(look().await.status(), Some(wanted));
    }
    assert!(look().await.recovery_checkpoint().unwrap().starts_with("checkpoint:"));
    start("resume-processing").await.unwrap();
    for _ in 0..2 {
        look().await;
    }
    dms.stop_replication().replication_config_arn(arn).send().await.unwrap();
    for _ in 0..2 {
        look().await;
    }
    delete().await.unwrap();
    for _ in 0..2 {
        assert_eq!(look().await.status(), Some("deleting"));
    }
    let call = dms.describe_replication_configs().filters(filter("replication-config-arn", arn));
    assert_eq!(refusal(call.send().await).1, "ResourceNotFoundFault");
}
