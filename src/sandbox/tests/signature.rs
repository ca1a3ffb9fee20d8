use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_smithy_async::time::StaticTimeSource;

use super::{Bench, auth, refusal};

#[tokio::test]
async fn the_hub_is_who_its_key_says() {
    let (bench, ()) = Bench::new(|_| ()).await;
    let identity = bench.sts().get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("222222222222"));
    assert_eq!(identity.arn(), Some("arn:aws:iam::222222222222:user/keywatch"));
    assert!(aws_types::request_id::RequestId::request_id(&identity).is_some());
}

#[tokio::test]
async fn a_session_is_the_assumed_role() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let session = bench.assume(account).await;
    let sts = aws_sdk_sts::Client::new(&bench.config(&session, "us-east-1"));
    let identity = sts.get_caller_identity().send().await.unwrap();
    let arn = format!("arn:aws:sts::{account}:assumed-role/KeywatchAudit/keywatch");
    assert_eq!(identity.arn(), Some(&*arn));
}

#[tokio::test]
async fn a_wrong_secret_is_found_out() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let wrong = Credentials::new(auth::HUB_ACCESS_KEY, "wrong", None, None, "test");
    let sts = aws_sdk_sts::Client::new(&bench.config(&wrong, "us-east-1"));
    let (status, code, _) = refusal(sts.get_caller_identity().send().await);
    assert_eq!((status, &*code), (403, "SignatureDoesNotMatch"));

    let good = bench.assume(account).await;
    let wrong = Credentials::new(
        good.access_key_id(),
        "wrong",
        good.session_token().map(str::to_owned),
        None,
        "test",
    );
    let kms = aws_sdk_kms::Client::new(&bench.config(&wrong, "us-east-1"));
    let (status, code, _) = refusal(kms.list_aliases().send().await);
    assert_eq!((status, &*code), (400, "InvalidSignatureException"));
}

#[tokio::test]
async fn keys_and_tokens_nobody_gave_out_are_unknown() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let good = bench.assume(account).await;
    let other = Credentials::new("ASIA0000000000000000", "secret", Some("token".to_owned()), None, "test");
    let swapped = Credentials::new(
        good.access_key_id(),
        good.secret_access_key(),
        Some("token".to_owned()),
        None,
        "test",
    );
    let bare = Credentials::new(good.access_key_id(), good.secret_access_key(), None, None, "test");
    for credentials in [other, swapped, bare] {
        let config = bench.config(&credentials, "us-east-1");
        let (_, code, _) = refusal(aws_sdk_kms::Client::new(&config).list_aliases().send().await);
        assert_eq!(code, "UnrecognizedClientException");
        let (_, code, _) = refusal(aws_sdk_sts::Client::new(&config).get_caller_identity().send().await);
        assert_eq!(code, "InvalidClientTokenId");
    }
}

#[tokio::test]
async fn sessions_expire() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let session = bench.assume(account).await;
    let config = bench.config(&session, "us-east-1");
    let kms = aws_sdk_kms::Client::new(&config);
    kms.list_aliases().send().await.unwrap();
    bench.sandbox.expire_sessions();
    assert_eq!(refusal(kms.list_aliases().send().await).1, "ExpiredTokenException");
    let sts = aws_sdk_sts::Client::new(&config);
    assert_eq!(refusal(sts.get_caller_identity().send().await).1, "ExpiredToken");
    bench.kms(account, "us-east-1").await.list_aliases().send().await.unwrap();
}

#[tokio::test]
async fn a_clock_may_be_off_by_fifteen_minutes() {
    let (bench, ()) = Bench::new(|_| ()).await;
    let at = |seconds: i64| {
        let offset = Duration::from_secs(seconds.unsigned_abs());
        let now = SystemTime::now();
        let time = if seconds < 0 { now - offset } else { now + offset };
        let config = aws_sdk_kms::config::Builder::from(&bench.config(&bench.hub, "us-east-1"))
            .time_source(StaticTimeSource::new(time))
            .build();
        aws_sdk_kms::Client::from_conf(config)
    };
    for fine in [-840, 840] {
        at(fine).list_aliases().send().await.unwrap();
    }
    for off in [-960, 960] {
        assert_eq!(refusal(at(off).list_aliases().send().await).1, "InvalidSignatureException");
    }
}
