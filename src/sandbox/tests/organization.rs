use std::collections::BTreeSet;

use super::{Bench, refusal};

#[tokio::test]
async fn the_organization_is_listed_in_pages_of_20() {
    let (bench, ()) = Bench::new(|world| {
        for number in 0..43 {
            world.add_account(&format!("member {number}"));
        }
    })
    .await;
    let organizations = bench.organizations();
    let (mut ids, mut token, mut sizes) = (BTreeSet::new(), None, Vec::new());
    loop {
        let page = organizations.list_accounts().set_next_token(token).send().await.unwrap();
        sizes.push(page.accounts().len());
        ids.extend(page.accounts().iter().filter_map(|account| account.id().map(str::to_owned)));
        token = page.next_token().map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    assert_eq!(sizes, [20, 20, 5]);
    assert_eq!(ids.len(), 45);
    let (_, code, _) = refusal(organizations.list_accounts().max_results(21).send().await);
    assert_eq!(code, "InvalidInputException");
    let (_, code, _) = refusal(organizations.list_accounts().next_token("made-up").send().await);
    assert_eq!(code, "InvalidInputException");
    assert_eq!(bench.sandbox.calls().of("organizations:ListAccounts"), 5);
}

#[tokio::test]
async fn the_tree_can_be_walked_from_the_root() {
    let (bench, account) = Bench::new(|world| {
        let root = world.root.clone();
        let units = world.add_ou(&root, "Sandbox");
        let deep = world.add_ou(&units, "Deep");
        world.add_account_in(&deep, "member")
    })
    .await;
    let organizations = bench.organizations();
    let roots = organizations.list_roots().send().await.unwrap();
    let root = roots.roots()[0].id().unwrap();
    let units = organizations.list_organizational_units_for_parent().parent_id(root).send().await.unwrap();
    let names: BTreeSet<_> = units.organizational_units().iter().filter_map(|unit| unit.name()).collect();
    assert_eq!(names, BTreeSet::from(["Sandbox", "Workloads"]));
    let unit = units.organizational_units().iter().find(|unit| unit.name() == Some("Sandbox")).unwrap();
    let below = organizations
        .list_organizational_units_for_parent()
        .parent_id(unit.id().unwrap())
        .send()
        .await
        .unwrap();
    let deep = below.organizational_units()[0].id().unwrap();
    let accounts = organizations.list_accounts_for_parent().parent_id(deep).send().await.unwrap();
    assert_eq!(accounts.accounts()[0].id(), Some(account.as_str()));
    assert_eq!(accounts.accounts()[0].state().unwrap().as_str(), "ACTIVE");
    assert!(accounts.accounts()[0].joined_timestamp().is_some());

    let call = organizations.list_accounts_for_parent().parent_id("ou-none-00000000");
    assert_eq!(refusal(call.send().await).1, "ParentNotFoundException");
}

#[tokio::test]
async fn only_who_runs_the_organization_may_read_it() {
    let (bench, ()) = Bench::new(|_| ()).await;
    let answer = bench.organizations().describe_organization().send().await.unwrap();
    assert_eq!(answer.organization().unwrap().master_account_id(), Some("111111111111"));

    let reader = bench.sandbox.edit(|world| world.hub_behind_reader_role("OrgReader"));
    let (status, code, message) = refusal(bench.organizations().list_accounts().send().await);
    assert_eq!((status, &*code), (400, "AccessDeniedException"));
    assert_eq!(message, "You don't have permissions to access this resource.");

    let session = bench.sts().assume_role().role_arn(reader).role_session_name("hub").send().await.unwrap();
    let given = session.credentials.unwrap();
    let credentials = aws_credential_types::Credentials::new(
        given.access_key_id,
        given.secret_access_key,
        Some(given.session_token),
        None,
        "test",
    );
    let config = bench.config(&credentials, "us-east-1");
    let organizations = aws_sdk_organizations::Client::new(&config);
    assert_eq!(organizations.list_accounts().send().await.unwrap().accounts().len(), 2);
}

#[tokio::test]
async fn the_hub_can_be_the_management_account() {
    let (bench, ()) = Bench::new(|world| world.hub_in_management_account()).await;
    let identity = bench.sts().get_caller_identity().send().await.unwrap();
    assert_eq!(identity.account(), Some("111111111111"));
    bench.organizations().list_accounts().send().await.unwrap();
    bench.assume("222222222222".parse().unwrap()).await;
}

#[tokio::test]
async fn older_organizations_have_no_state_field() {
    let (bench, account) = Bench::new(|world| {
        let account = world.add_account("old");
        world.account_mut(account).has_state_field = false;
        world.account_mut(account).state = crate::domain::AccountState::Closed;
        account
    })
    .await;
    let page = bench.organizations().list_accounts().send().await.unwrap();
    let old = page.accounts().iter().find(|a| a.id() == Some(account.as_str())).unwrap();
    assert_eq!(old.state(), None);
    // The service answers the retired field still; the SDK marks it as deprecated.
    #[allow(deprecated)]
    let status = old.status().unwrap().as_str();
    assert_eq!(status, "SUSPENDED");
}

#[tokio::test]
async fn an_operation_that_is_not_there_is_refused_and_remembered() {
    let (bench, ()) = Bench::new(|_| ()).await;
    let (_, code, _) = refusal(
        bench
            .organizations()
            .list_policies_for_target()
            .target_id("r-sb01")
            .filter("TAG_POLICY".into())
            .send()
            .await,
    );
    assert_eq!(code, "UnknownOperationException");
    let (_, code, _) = refusal(bench.sts().get_session_token().send().await);
    assert_eq!(code, "InvalidAction");
    let unknown: Vec<_> = bench.sandbox.calls().unknown.into_keys().collect();
    assert_eq!(unknown, ["organizations:ListPoliciesForTarget", "sts:GetSessionToken"]);
}
