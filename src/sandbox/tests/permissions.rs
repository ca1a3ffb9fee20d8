use aws_sdk_sts::operation::assume_role::builders::AssumeRoleFluentBuilder;

use super::{Bench, refusal, region};
use crate::domain::{AccountId, AccountState};

impl Bench {
    /// AssumeRole with everything right; a test spoils one thing.
    fn assume_call(&self, account: AccountId) -> AssumeRoleFluentBuilder {
        self.sts()
            .assume_role()
            .role_arn(format!("arn:aws:iam::{account}:role/KeywatchAudit"))
            .role_session_name("keywatch")
            .external_id("sandbox-external-id")
    }
}

#[tokio::test]
async fn a_role_opens_only_to_whom_its_trust_names() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    bench.assume_call(account).send().await.unwrap();

    let nobody: AccountId = "999999999999".parse().unwrap();
    let denied = [
        bench.assume_call(account).external_id("wrong"),
        bench.assume_call(account).set_external_id(None),
        bench.assume_call(account).role_arn(format!("arn:aws:iam::{account}:role/Missing")),
        bench.assume_call(account).role_arn(format!("arn:aws-cn:iam::{account}:role/KeywatchAudit")),
        bench.assume_call(nobody),
    ];
    for call in denied {
        let wanted = call.get_role_arn().clone().unwrap();
        let (status, code, message) = refusal(call.send().await);
        assert_eq!((status, &*code), (403, "AccessDenied"));
        let text = format!(
            "User: arn:aws:iam::222222222222:user/keywatch is not authorized to perform: sts:AssumeRole on \
             resource: {wanted}"
        );
        assert_eq!(message, text);
    }
    bench.sandbox.edit(|world| world.audit_role_mut(account).trusted_account = nobody);
    assert_eq!(refusal(bench.assume_call(account).send().await).1, "AccessDenied");
}

#[tokio::test]
async fn a_role_may_have_a_path_and_ask_for_no_external_id() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("member");
        let role = world.account_mut(account).roles.remove("KeywatchAudit").unwrap();
        let role = crate::sandbox::world::Role { external_id: None, ..role };
        world.account_mut(account).roles.insert("audit/Scan".to_owned(), role);
        account
    })
    .await;
    let call = bench.assume_call(account).role_arn(format!("arn:aws:iam::{account}:role/audit/Scan"));
    let answer = call.set_external_id(None).send().await.unwrap();
    let arn = format!("arn:aws:sts::{account}:assumed-role/Scan/keywatch");
    assert_eq!(answer.assumed_role_user().unwrap().arn(), arn);
    assert_eq!(refusal(bench.assume_call(account).send().await).1, "AccessDenied");
}

#[tokio::test]
async fn only_usable_accounts_can_be_entered() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    for (state, open) in [
        (AccountState::Suspended, false),
        (AccountState::Closed, false),
        (AccountState::PendingActivation, false),
        (AccountState::PendingClosure, true),
        (AccountState::Other("NOVEL".to_owned()), true),
    ] {
        bench.sandbox.edit(|world| world.account_mut(account).state = state.clone());
        assert_eq!(bench.assume_call(account).send().await.is_ok(), open, "{state:?}");
    }
}

#[tokio::test]
async fn sessions_have_a_shortest_and_a_longest_time() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    for (seconds, fine) in [(899, false), (900, true), (3600, true), (3601, false), (43_201, false)] {
        let result = bench.assume_call(account).duration_seconds(seconds).send().await;
        assert_eq!(result.is_ok(), fine, "{seconds}");
    }
    bench.sandbox.edit(|world| world.audit_role_mut(account).max_session = 43_200);
    bench.assume_call(account).duration_seconds(43_200).send().await.unwrap();
    assert_eq!(
        refusal(bench.assume_call(account).role_session_name("a b").send().await).1,
        "ValidationError"
    );
}

#[tokio::test]
async fn a_chained_session_lasts_an_hour_at_most() {
    let (bench, (hop, account)) = Bench::new(|world| {
        let (hop, account) = (world.add_account("hop"), world.add_account("member"));
        let role = world.audit_role_mut(account);
        (role.trusted_account, role.max_session) = (hop, 43_200);
        (hop, account)
    })
    .await;
    let session = bench.assume(hop).await;
    let chained = aws_sdk_sts::Client::new(&bench.config(&session, "us-east-1"));
    for (seconds, fine) in [(3600, true), (3601, false)] {
        let result =
            bench.assume_call(account).duration_seconds(seconds).as_input().clone().send_with(&chained).await;
        assert_eq!(result.is_ok(), fine, "{seconds}");
    }
}

#[tokio::test]
async fn a_role_without_a_right_is_told_so() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("member");
        for action in ["kms:ListAliases", "dms:DescribeEndpoints", "account:ListRegions"] {
            world.audit_role_mut(account).denied_actions.insert(action.to_owned());
        }
        account
    })
    .await;
    let dms = bench.dms(account, "us-east-1").await;
    dms.describe_replication_configs().send().await.unwrap();
    let (status, code, message) = refusal(dms.describe_endpoints().send().await);
    assert_eq!((status, &*code), (400, "AccessDeniedException"));
    assert!(message.ends_with("because no identity-based policy allows the dms:DescribeEndpoints action"));
    let (status, code, _) = refusal(bench.account(account).await.list_regions().send().await);
    assert_eq!((status, &*code), (403, "AccessDeniedException"));

    bench.sandbox.edit(|world| world.audit_role_mut(account).scp_denied = true);
    let kms = bench.kms(account, "us-east-1").await;
    let (_, code, message) = refusal(kms.list_aliases().send().await);
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("with an explicit deny in a service control policy"), "{message}");
}

#[tokio::test]
async fn a_region_that_is_off_does_not_know_the_session() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let dms = bench.dms(account, "af-south-1").await;
    let (status, code, _) = refusal(dms.describe_endpoints().send().await);
    assert_eq!((status, &*code), (400, "UnrecognizedClientException"));
    let kms = bench.kms(account, "af-south-1").await;
    assert_eq!(refusal(kms.list_aliases().send().await).1, "UnrecognizedClientException");

    bench.sandbox.edit(|world| world.account_mut(account).opted_in.insert(region("af-south-1")));
    dms.describe_endpoints().send().await.unwrap();
}

#[tokio::test]
async fn list_regions_shows_what_is_on() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("member");
        world.account_mut(account).opted_in.insert(region("af-south-1"));
        account
    })
    .await;
    let client = bench.account(account).await;
    let answer = client
        .list_regions()
        .region_opt_status_contains("ENABLED".into())
        .region_opt_status_contains("ENABLED_BY_DEFAULT".into())
        .send()
        .await
        .unwrap();
    assert_eq!(answer.regions().len(), 18);
    let first = client.list_regions().max_results(30).send().await.unwrap();
    let token = first.next_token().unwrap();
    let second = client.list_regions().max_results(30).next_token(token).send().await.unwrap();
    assert_eq!((first.regions().len(), second.regions().len()), (30, 4));
    for bad in [0, 51] {
        let (status, code, _) = refusal(client.list_regions().max_results(bad).send().await);
        assert_eq!((status, &*code), (400, "ValidationException"));
    }
}

#[tokio::test]
async fn a_denied_region_refuses_dms_and_kms_but_to_the_management_account() {
    let (bench, account) = Bench::new(|world| {
        world.denied_regions.insert(region("eu-west-1"));
        world.add_account("member")
    })
    .await;
    let call = bench.dms(account, "eu-west-1").await.describe_endpoints();
    let (_, code, message) = refusal(call.send().await);
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("with an explicit deny in a service control policy"), "{message}");
    let call = bench.kms(account, "eu-west-1").await.list_aliases();
    assert_eq!(refusal(call.send().await).1, "AccessDeniedException");
    bench.dms(account, "us-east-1").await.describe_endpoints().send().await.unwrap();
    let management = bench.sandbox.edit(|world| world.management_account);
    bench.dms(management, "eu-west-1").await.describe_endpoints().send().await.unwrap();
}
