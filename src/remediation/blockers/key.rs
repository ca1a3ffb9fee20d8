use super::Hindrance;
use crate::{
    domain::iso_utc,
    remediation::facts::{Facts, KeyFacts},
};

/// How a key that is not usable becomes usable again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyWay {
    /// It is usable.
    Usable,
    /// `kms:EnableKey`.
    Enable,
    /// `kms:CancelKeyDeletion`, which leaves it disabled, then `kms:EnableKey`.
    CancelDeletion,
    /// A person has to do something that no call of ours can.
    Person,
}

/// Source: KMS developer guide, "Key states of AWS KMS keys".
pub fn way_back(key: &KeyFacts) -> KeyWay {
    match (key.manager.as_str(), key.state.as_str()) {
        (_, "Enabled") => KeyWay::Usable,
        // Nobody but AWS may enable or disable a key that AWS manages.
        ("AWS", _) => KeyWay::Person,
        (_, "Disabled") => KeyWay::Enable,
        (_, "PendingDeletion" | "PendingReplicaDeletion") => KeyWay::CancelDeletion,
        _ => KeyWay::Person,
    }
}

/// Whether the new resource can have the key.
pub(super) fn fit(key: &KeyFacts, facts: &Facts, found: &mut Vec<Hindrance>) {
    let mut blocker = |code, what: String, fix: &str| {
        found.push(Hindrance::blocker(code, &key.arn, what, fix));
    };
    if key.manager == "AWS" {
        blocker(
            "key_not_yours",
            "AWS manages this key too".to_owned(),
            "name a customer managed key with --key",
        );
    }
    match way_back(key) {
        KeyWay::Usable => {}
        KeyWay::Enable => {
            blocker("key_unusable", "the key is disabled".to_owned(), "enable it, or name another with --key")
        }
        KeyWay::CancelDeletion => {
            let what = format!("the key is {}{}", key.state, until(key));
            blocker("key_unusable", what, "name another with --key, or cancel the deletion and enable it");
        }
        KeyWay::Person => {
            blocker("key_unusable", format!("the key is {}", key.state), "name another with --key");
        }
    }
    // Source: DMS user guide, "Security": DMS takes symmetric encryption keys only.
    if key.usage != "ENCRYPT_DECRYPT" || key.spec != "SYMMETRIC_DEFAULT" {
        // China's default, for which `SYMMETRIC_DEFAULT` stands too.
        let what = format!(
            "it is a {} key for {}, and DMS takes symmetric keys for encryption only",
            key.spec, key.usage
        );
        blocker("key_wrong_kind", what, "name another with --key");
    }
    let mut parts = key.arn.split(':').skip(3);
    let (region, account) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    if region != facts.region.as_str() {
        let what =
            format!("the key lies in {region}, and DMS takes keys of its own Region {} only", facts.region);
        blocker(
            "key_elsewhere",
            what,
            "name a key of that Region with --key; a multi-Region key has a replica there",
        );
    }
    if account != facts.account.as_str() {
        found.push(Hindrance::warning(
            "key_of_another_account",
            &key.arn,
            format!("the key belongs to account {account}: its policy has to let account {} use it and create grants", facts.account),
            "AWS does not document that DMS takes such a key: try it where nothing depends on it, or use a key of the same account",
        ));
    }
}

/// What stands in the way of making the resource's own key usable.
pub(super) fn mend(facts: &Facts, found: &mut Vec<Hindrance>) {
    let Some(key) = &facts.key else {
        found.push(Hindrance::blocker(
            "key_not_read",
            facts.resource.key.as_ref().map_or("", |key| key.as_str()),
            "kms:DescribeKey did not answer for this key",
            "have its owner look at it, in the account that its ARN names",
        ));
        return;
    };
    let what = format!("the key is {}{}", key.state, until(key));
    let fix = match (way_back(key), key.state.as_str()) {
        (KeyWay::Usable | KeyWay::Enable | KeyWay::CancelDeletion, _) => {
            if key.account.is_some_and(|owner| owner != facts.account) {
                found.push(Hindrance::warning(
                    "key_of_another_account",
                    &key.arn,
                    format!("the key belongs to another account than its data, {}", facts.account),
                    "run the script with credentials of the key's account",
                ));
            }
            return;
        }
        (KeyWay::Person, "PendingImport") => {
            "whoever has the key material imports it again (GetParametersForImport, ImportKeyMaterial); it has to be the same"
        }
        (KeyWay::Person, "Unavailable") if key.origin == "AWS_CLOUDHSM" => {
            "connect the CloudHSM key store again (ConnectCustomKeyStore), and look at its cluster"
        }
        (KeyWay::Person, "Unavailable") => {
            "connect the external key store again (ConnectCustomKeyStore), and look at its proxy and the key behind it"
        }
        (KeyWay::Person, "Creating" | "Updating") => "wait: a multi-Region key is being made or changed",
        (KeyWay::Person, _) => "have its owner look at it",
    };
    found.push(Hindrance::blocker("key_needs_a_person", &key.arn, what, fix));
}

fn until(key: &KeyFacts) -> String {
    key.deletion_date.map(|date| format!(", and gone for good on {}", iso_utc(date))).unwrap_or_default()
}
