use aws_sdk_kms::types::Tag;

use super::{Bench, refusal, region};
use crate::{
    domain::AccountId,
    sandbox::world::{KeySpec, World},
};

const HERE: &str = "eu-central-1";

impl Bench {
    /// KMS for the role that may change things.
    async fn key_operator(&self, account: AccountId) -> aws_sdk_kms::Client {
        let role = self.sandbox.edit(|world| world.remediation_role.clone());
        aws_sdk_kms::Client::new(&self.config(&self.assume_role(account, &role).await, HERE))
    }
}

fn policy(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn allow(principal: &str, actions: &str) -> String {
    format!(r#"{{"Effect":"Allow","Principal":{{"AWS":"{principal}"}},"Action":{actions},"Resource":"*"}}"#)
}

#[tokio::test]
async fn a_key_is_made_named_described_and_used_by_its_policy() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let kms = bench.key_operator(account).await;
    let root = format!("arn:aws:iam::{account}:root");
    let auditor = format!("arn:aws:iam::{account}:role/KeywatchAudit");
    let text = policy(
        &[
            allow(
                &root,
                r#"["kms:PutKeyPolicy","kms:CreateAlias","kms:Describe*","kms:List*","kms:GetKeyPolicy"]"#,
            ),
            allow(&auditor, r#""kms:DescribeKey""#),
        ]
        .join(","),
    );
    let tag = Tag::builder().tag_key("keywatch:remediates").tag_value("arn").build().unwrap();
    let made = kms
        .create_key()
        .description("for DMS")
        .policy(&text)
        .tags(tag.clone())
        .send()
        .await
        .unwrap()
        .key_metadata
        .unwrap();
    let arn = made.arn().unwrap();
    assert_eq!((made.description(), made.key_state().unwrap().as_str()), (Some("for DMS"), "Enabled"));
    assert!(made.creation_date().unwrap().secs() > 1_750_000_000);
    kms.create_alias().alias_name("alias/dms").target_key_id(arn).send().await.unwrap();
    let again = kms.create_alias().alias_name("alias/dms").target_key_id(arn);
    assert_eq!(refusal(again.send().await).1, "AlreadyExistsException");
    let reserved = kms.create_alias().alias_name("alias/aws/dms").target_key_id(arn);
    assert_eq!(refusal(reserved.send().await).1, "NotAuthorizedException");

    let key = bench.kms(account, HERE).await.describe_key().key_id("alias/dms").send().await.unwrap();
    assert_eq!(key.key_metadata().unwrap().arn(), Some(arn));
    assert_eq!(kms.get_key_policy().key_id(arn).send().await.unwrap().policy(), Some(&*text));
    assert_eq!(kms.list_resource_tags().key_id(arn).send().await.unwrap().tags(), [tag]);
    let listed = kms.list_keys().send().await.unwrap();
    assert_eq!(listed.keys()[0].key_arn(), Some(arn));
    // Nobody may use it for DMS: not the root either, and so not the caller.
    let (_, code, _) = refusal(kms.disable_key().key_id(arn).send().await);
    assert_eq!(code, "AccessDeniedException");
    let actions: Vec<String> = bench.sandbox.changes().into_iter().map(|change| change.action).collect();
    assert_eq!(actions, ["kms:CreateKey", "kms:CreateAlias"]);

    let other = kms.create_key().send().await.unwrap().key_metadata.unwrap();
    kms.update_alias().alias_name("alias/dms").target_key_id(other.key_id()).send().await.unwrap_err();
    kms.put_key_policy().key_id(arn).policy(policy(&allow(&root, r#""kms:*""#))).send().await.unwrap();
    kms.update_alias().alias_name("alias/dms").target_key_id(other.key_id()).send().await.unwrap();
    kms.delete_alias().alias_name("alias/dms").send().await.unwrap();
    let gone = kms.delete_alias().alias_name("alias/dms").send().await;
    assert_eq!(refusal(gone).1, "NotFoundException");
}

#[tokio::test]
async fn a_policy_that_locks_out_or_names_nobody_is_refused() {
    let (bench, account) = Bench::new(|world| world.add_account("member")).await;
    let kms = bench.key_operator(account).await;
    let root = format!("arn:aws:iam::{account}:root");
    let me = format!("arn:aws:iam::{account}:role/KeywatchRemediation");
    let nobody = format!("arn:aws:iam::{account}:role/Nobody");
    for (text, wanted) in [
        (policy(&allow(&root, r#""kms:Describe*""#)), "will not allow you to update"),
        (policy(&[allow(&root, r#""kms:*""#), allow(&nobody, r#""kms:*""#)].join(",")), "invalid principals"),
        ("{".to_owned(), "EOF"),
    ] {
        let (_, code, message) = refusal(kms.create_key().policy(text).send().await);
        assert_eq!(code, "MalformedPolicyDocumentException");
        assert!(message.contains(wanted), "{message}");
    }
    kms.create_key().policy(policy(&allow(&me, r#""kms:*""#))).send().await.unwrap();
    let reckless = kms.create_key().policy(policy(&allow(&root, r#""kms:Describe*""#)));
    reckless.bypass_policy_lockout_safety_check(true).send().await.unwrap();
}

#[tokio::test]
async fn a_key_is_switched_given_up_and_saved() {
    let (bench, (account, arn)) = Bench::new(|world: &mut World| {
        let account = world.add_account("member");
        (account, world.add_key(account, &region(HERE), KeySpec::default()))
    })
    .await;
    let kms = bench.key_operator(account).await;
    let describe = || async { kms.describe_key().key_id(&arn).send().await.unwrap().key_metadata.unwrap() };
    let state = |key: &aws_sdk_kms::types::KeyMetadata| key.key_state().unwrap().as_str().to_owned();
    kms.disable_key().key_id(&arn).send().await.unwrap();
    assert_eq!(state(&describe().await), "Disabled");
    kms.enable_key().key_id(&arn).send().await.unwrap();
    let (_, code, _) = refusal(kms.cancel_key_deletion().key_id(&arn).send().await);
    assert_eq!(code, "KMSInvalidStateException");
    let (_, code, _) =
        refusal(kms.schedule_key_deletion().key_id(&arn).pending_window_in_days(6).send().await);
    assert_eq!(code, "ValidationException");
    let given_up = kms.schedule_key_deletion().key_id(&arn).pending_window_in_days(7).send().await.unwrap();
    let key = describe().await;
    assert_eq!((state(&key), key.deletion_date()), ("PendingDeletion".to_owned(), given_up.deletion_date()));
    let (_, code, _) = refusal(kms.enable_key().key_id(&arn).send().await);
    assert_eq!(code, "KMSInvalidStateException");
    kms.cancel_key_deletion().key_id(&arn).send().await.unwrap();
    let key = describe().await;
    assert_eq!((state(&key), key.deletion_date()), ("Disabled".to_owned(), None));
    kms.enable_key().key_id(&arn).send().await.unwrap();
    kms.enable_key_rotation().key_id(&arn).send().await.unwrap();
    assert_eq!(state(&describe().await), "Enabled");

    let by_aws = bench.sandbox.edit(|world| world.aws_managed_key(account, &region(HERE), "dms"));
    let (_, code, _) = refusal(kms.disable_key().key_id(&by_aws).send().await);
    assert_eq!(code, "AccessDeniedException");
}
