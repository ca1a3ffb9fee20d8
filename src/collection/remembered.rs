use std::collections::BTreeMap;

use crate::domain::{KeyFacts, KeyManager, KeyMetadata, KeyRef, Region, Target};

/// The AWS managed keys of one account that `DescribeKey` has told of before. Who manages a key never changes, and
/// an AWS managed one can be neither disabled nor deleted, so it need not be asked for again.
///
/// Sources: KMS API, `KeyMetadata$KeyManager`; KMS developer guide, "AWS managed keys".
#[derive(Debug, Clone, Default)]
pub struct Remembered {
    managed: BTreeMap<KeyRef, KeyMetadata>,
    /// What is not to be asked again now though it was not answered, by the target's Region and its name there.
    unanswered: BTreeMap<(Region, KeyRef), KeyFacts>,
}

impl FromIterator<KeyMetadata> for Remembered {
    /// Keeps those that are certain: AWS's, by a key's own ARN and not an alias, which may point elsewhere today.
    fn from_iter<I: IntoIterator<Item = KeyMetadata>>(keys: I) -> Self {
        let keys = keys.into_iter().filter(|key| key.manager == Some(KeyManager::Aws));
        let by_ref = keys.filter_map(|key| Some((KeyRef::parse(&key.arn)?, key)));
        let managed =
            by_ref.filter(|(named, _)| named.home().is_some() && named.key_id().is_some()).collect();
        Self { managed, unanswered: BTreeMap::new() }
    }
}

impl Remembered {
    /// Takes keys as they were when last asked for, of targets in these Regions.
    pub fn with_unanswered(mut self, keys: impl IntoIterator<Item = (Region, KeyRef, KeyFacts)>) -> Self {
        self.unanswered.extend(keys.into_iter().map(|(region, key, facts)| ((region, key), facts)));
        self
    }

    /// What is known of a key that a resource of the target names so.
    pub fn facts(&self, named: &KeyRef, target: &Target) -> Option<KeyFacts> {
        match self.get(named, target) {
            Some(metadata) => Some(KeyFacts { described: Some(Ok(metadata.clone())), aliases: None }),
            None => self.unanswered.get(&(target.region.clone(), named.clone())).cloned(),
        }
    }

    /// The key that a resource of the target names so, by its ARN or by the bare id that is looked up in the
    /// target itself.
    fn get(&self, named: &KeyRef, target: &Target) -> Option<&KeyMetadata> {
        let key = match (named.home(), named.key_id()) {
            (Some(_), Some(_)) => self.managed.get(named),
            (None, Some(id)) => self.managed.iter().find_map(|(key, metadata)| {
                let here = key
                    .home()
                    .is_some_and(|home| home.account == target.account && home.region == target.region);
                (here && key.key_id() == Some(id)).then_some(metadata)
            }),
            _ => None,
        };
        // An AWS managed key serves only its own account.
        key.filter(|key| {
            let home = KeyRef::parse(&key.arn).and_then(|key| key.home());
            home.is_some_and(|home| home.account == target.account)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:kms:eu-west-1:111122223333:key/k-aws";

    fn metadata(arn: &str, manager: KeyManager) -> KeyMetadata {
        KeyMetadata { arn: arn.to_owned(), manager: Some(manager), state: "Enabled".to_owned() }
    }

    fn target(account: &str, region: &str) -> Target {
        Target { account: account.parse().unwrap(), region: region.parse().unwrap() }
    }

    #[test]
    fn a_key_is_remembered_by_its_own_name_and_no_other() {
        let remembered: Remembered = [
            metadata(ARN, KeyManager::Aws),
            metadata("arn:aws:kms:eu-west-1:111122223333:key/k-mine", KeyManager::Customer),
            metadata("arn:aws:kms:eu-west-1:111122223333:alias/app", KeyManager::Aws),
            metadata("k-bare", KeyManager::Aws),
        ]
        .into_iter()
        .collect();
        let get = |named: &str, account: &str, region: &str| {
            let found = remembered.get(&KeyRef::parse(named).unwrap(), &target(account, region));
            found.map(|key| key.arn.clone())
        };
        let own = "111122223333";
        assert_eq!(get(ARN, own, "eu-west-1").as_deref(), Some(ARN));
        assert_eq!(get(ARN, own, "us-east-1").as_deref(), Some(ARN), "an ARN names its Region itself");
        assert_eq!(get("k-aws", own, "eu-west-1").as_deref(), Some(ARN));
        assert_eq!(get("k-aws", own, "us-east-1"), None, "the same id elsewhere is another key");
        assert_eq!(get(ARN, "999999999999", "eu-west-1"), None);
        for other in [
            "arn:aws:kms:eu-west-1:111122223333:key/k-mine",
            "arn:aws:kms:eu-west-1:111122223333:alias/app",
            "k-bare",
        ] {
            assert_eq!(get(other, own, "eu-west-1"), None, "{other}");
        }
    }
}
