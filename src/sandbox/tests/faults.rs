use std::time::Duration;

use aws_smithy_types::timeout::TimeoutConfig;

use super::{Bench, refusal, region};
use crate::domain::Partition;
use crate::sandbox::{Fault, FaultKind, Quota, Sandbox, Settings, world::World};

const HERE: &str = "us-east-1";

#[tokio::test]
async fn a_fault_hits_what_it_names_as_often_as_it_says() {
    let (bench, (one, other)) =
        Bench::new(|world| (world.add_account("one"), world.add_account("other"))).await;
    let fault = Fault::new(FaultKind::Throttle).on("dms:DescribeEndpoints").in_account(one);
    bench.sandbox.inject(fault.in_region(&region(HERE)).after(1).times(2));
    let (here, there) = (bench.dms(one, HERE).await, bench.dms(other, HERE).await);
    let elsewhere = bench.dms(one, "eu-west-1").await;

    here.describe_endpoints().send().await.unwrap();
    there.describe_endpoints().send().await.unwrap();
    elsewhere.describe_endpoints().send().await.unwrap();
    here.describe_replication_configs().send().await.unwrap();
    for _ in 0..2 {
        let (status, code, _) = refusal(here.describe_endpoints().send().await);
        assert_eq!((status, &*code), (400, "ThrottlingException"));
    }
    here.describe_endpoints().send().await.unwrap();
    let calls = bench.sandbox.calls();
    assert_eq!((calls.throttled, calls.of_account("dms:DescribeEndpoints", one)), (2, 5));
}

#[tokio::test]
async fn each_service_refuses_in_its_own_words() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let (kms, client) = (bench.kms(account, HERE).await, bench.account(account).await);
    for (kind, sts_code, kms_code, account_code) in [
        (FaultKind::Throttle, "Throttling", "ThrottlingException", "TooManyRequestsException"),
        (FaultKind::AccessDenied, "AccessDenied", "AccessDeniedException", "AccessDeniedException"),
        (FaultKind::ExpiredToken, "ExpiredToken", "ExpiredTokenException", "ExpiredTokenException"),
        (
            FaultKind::UnrecognizedClient,
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "UnrecognizedClientException",
        ),
        (FaultKind::InternalError, "InternalFailure", "KMSInternalException", "InternalServerException"),
    ] {
        bench.sandbox.inject(Fault::new(kind));
        assert_eq!(refusal(bench.sts().get_caller_identity().send().await).1, sts_code);
        assert_eq!(refusal(kms.list_aliases().send().await).1, kms_code);
        assert_eq!(refusal(client.list_regions().send().await).1, account_code);
        bench.sandbox.clear_faults();
    }
}

#[tokio::test]
async fn broken_answers_break_the_client_and_not_the_sandbox() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("member");
        world.add_endpoint(account, &region(HERE), "source", None);
        account
    })
    .await;
    let dms = bench.dms(account, HERE).await;
    for kind in [
        FaultKind::TruncatedJson,
        FaultKind::TruncatedBody,
        FaultKind::Html500,
        FaultKind::Html200,
        FaultKind::Disconnect,
    ] {
        bench.sandbox.inject(Fault::new(kind).times(1));
        assert!(dms.describe_endpoints().send().await.is_err(), "{kind:?}");
        dms.describe_endpoints().send().await.unwrap();
    }
}

#[tokio::test]
async fn a_body_that_breaks_off_is_no_service_error() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let dms = bench.dms(account, HERE).await;
    bench.sandbox.inject(Fault::new(FaultKind::TruncatedBody));
    let error = dms.describe_endpoints().send().await.unwrap_err();
    assert!(error.as_service_error().is_none(), "{error:?}");
}

#[tokio::test]
async fn pages_can_be_empty_and_markers_lead_nowhere() {
    let (bench, ()) = Bench::new(|_| ()).await;
    let organizations = bench.organizations();
    bench.sandbox.inject(Fault::new(FaultKind::EmptyPageWithMarker).times(1));
    let empty = organizations.list_accounts().send().await.unwrap();
    assert!(empty.accounts().is_empty());
    let next = organizations.list_accounts().next_token(empty.next_token().unwrap()).send().await.unwrap();
    assert_eq!((next.accounts().len(), next.next_token()), (2, None));

    bench.sandbox.inject(Fault::new(FaultKind::RepeatMarker));
    let first = organizations.list_accounts().send().await.unwrap();
    let token = first.next_token().unwrap();
    let second = organizations.list_accounts().next_token(token).send().await.unwrap();
    assert_eq!((second.accounts().len(), second.next_token()), (2, Some(token)));
}

#[tokio::test]
async fn a_hanging_call_ends_when_the_client_gives_up() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    bench.sandbox.inject(Fault::new(FaultKind::Hang).on("kms:ListAliases"));
    let patience = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_millis(200)).build();
    let config = aws_sdk_kms::config::Builder::from(&bench.config(&bench.assume(account).await, HERE))
        .timeout_config(patience)
        .build();
    let kms = aws_sdk_kms::Client::from_conf(config);
    assert!(kms.list_aliases().send().await.is_err());
    assert!(kms.describe_key().key_id("alias/none").send().await.unwrap_err().as_service_error().is_some());
    let calls = bench.sandbox.calls();
    assert_eq!((calls.of("kms:ListAliases"), calls.total), (1, 3));
    while bench.sandbox.calls().in_flight > 0 {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_sandbox_on_its_own_thread_stops() {
    let sandbox = Sandbox::start_blocking(World::empty(Partition::Aws), Settings::default()).unwrap();
    let address = sandbox.endpoint_url().strip_prefix("http://").unwrap().to_owned();
    let environment: std::collections::BTreeMap<_, _> = sandbox.environment().into_iter().collect();
    assert_eq!(environment["AWS_ENDPOINT_URL"], sandbox.endpoint_url());
    std::net::TcpStream::connect(&address).unwrap();
    sandbox.stop();
    assert!(std::net::TcpStream::connect(&address).is_err());
}

#[test]
fn another_process_can_count_calls_and_make_faults() {
    use std::io::{Read, Write};
    let sandbox = Sandbox::start_blocking(World::empty(Partition::Aws), Settings::default()).unwrap();
    let address = sandbox.endpoint_url().strip_prefix("http://").unwrap().to_owned();
    let ask = |method: &str, path: &str, body: &str| {
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} /_sandbox/{path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\ncontent-length: \
             {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head[9..12].to_owned(), serde_json::from_str::<serde_json::Value>(body).unwrap())
    };
    assert_eq!(ask("GET", "calls", "").1["total"], 0);
    assert_eq!(ask("GET", "environment", "").1["AWS_ENDPOINT_URL"], sandbox.endpoint_url());
    let fault = r#"{"kind": "delay", "milliseconds": 5, "operation": "kms:DescribeKey", "times": 2}"#;
    assert_eq!(ask("POST", "faults", fault).0, "200");
    assert_eq!(ask("DELETE", "faults", "").0, "200");
    for good in [r#"{"kind": "refused", "code": "StorageQuotaExceededFault"}"#, r#"{"kind": "answer_lost"}"#]
    {
        assert_eq!(ask("POST", "faults", good).0, "200", "{good}");
    }
    assert_eq!(ask("POST", "faults", r#"{"kind": "refused", "code": "Unheard"}"#).0, "400");
    assert_eq!(ask("GET", "changes", ""), ("200".to_owned(), serde_json::json!([])));
    for bad in ["{}", "[]", r#"{"kind": "none"}"#, r#"{"kind": "hang", "acount": "1"}"#, "{"] {
        assert_eq!(ask("POST", "faults", bad).0, "400", "{bad}");
    }
    assert_eq!(ask("GET", "nothing", "").0, "404");
}

#[tokio::test]
async fn a_quota_throttles_what_goes_over_it_and_nobody_else() {
    let (bench, (one, other)) =
        Bench::new(|world| (world.add_account("one"), world.add_account("other"))).await;
    // An hour for one more.
    let quota = Quota { per_second: 1.0 / 3600.0, burst: 2 };
    assert!(bench.sandbox.set_quota("kms", Some(quota)));
    assert!(!bench.sandbox.set_quota("s3", Some(quota)), "no such service here");
    let (here, there) = (bench.kms(one, HERE).await, bench.kms(other, HERE).await);
    for _ in 0..2 {
        here.list_aliases().send().await.unwrap();
        there.list_aliases().send().await.unwrap();
    }
    let (status, code, _) = refusal(here.list_aliases().send().await);
    assert_eq!((status, &*code), (400, "ThrottlingException"));
    bench.dms(one, HERE).await.describe_endpoints().send().await.unwrap();
    let calls = bench.sandbox.calls();
    assert_eq!((calls.throttled, calls.throttled_by["kms:ListAliases"]), (1, 1));
    bench.sandbox.set_quota("kms", None);
    here.list_aliases().send().await.unwrap();
}

#[tokio::test]
async fn a_change_may_be_refused_by_code_or_done_without_an_answer() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let dms = bench.operator(account, HERE).await;
    let create = || {
        dms.create_replication_instance()
            .replication_instance_identifier("new")
            .replication_instance_class("dms.t3.medium")
            .send()
    };
    let on = |kind| Fault::new(kind).on("dms:CreateReplicationInstance").times(1);
    bench.sandbox.inject(on(FaultKind::Refused("StorageQuotaExceededFault")));
    assert_eq!(refusal(create().await).1, "StorageQuotaExceededFault");
    bench.sandbox.inject(on(FaultKind::Disconnect));
    assert!(create().await.unwrap_err().as_service_error().is_none());
    assert!(bench.sandbox.changes().is_empty());
    bench.sandbox.inject(on(FaultKind::AnswerLost));
    assert!(create().await.unwrap_err().as_service_error().is_none());
    assert_eq!(bench.sandbox.changes().len(), 1);
    assert_eq!(refusal(create().await).1, "ResourceAlreadyExistsFault");
}
