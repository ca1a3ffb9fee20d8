use std::collections::{HashMap, HashSet};

use crate::domain::{Aliases, KeyRef};

/// Every alias of one account and Region that points to a key.
#[derive(Debug, Clone, Default)]
pub struct AliasList {
    targets: HashMap<String, String>,
    aws_managed: HashSet<String>,
}

impl FromIterator<(String, String)> for AliasList {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(aliases: I) -> Self {
        let mut list = Self::default();
        for (name, key_id) in aliases {
            if name.starts_with("alias/aws/") {
                list.aws_managed.insert(key_id.clone());
            }
            list.targets.insert(name, key_id);
        }
        list
    }
}

impl AliasList {
    /// What the list says of a key of its own account.
    pub fn says_of(&self, key: &KeyRef) -> Aliases {
        let key_id = match key.alias_name() {
            Some(alias) => self.targets.get(alias).map(String::as_str),
            None => key.key_id(),
        };
        match key_id {
            None => Aliases::NoSuchAlias,
            Some(id) if self.aws_managed.contains(id) => Aliases::AwsManaged,
            Some(_) => Aliases::NotAwsManaged,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_aws_managed_if_a_reserved_alias_points_to_it() {
        let list: AliasList =
            [("alias/aws/dms", "k-aws"), ("alias/mine", "k-mine"), ("alias/awsome", "k-mine")]
                .map(|(name, id)| (name.to_owned(), id.to_owned()))
                .into_iter()
                .collect();
        let says = |text: &str| list.says_of(&KeyRef::parse(text).unwrap());
        assert_eq!(says("arn:aws:kms:eu-west-1:111122223333:key/k-aws"), Aliases::AwsManaged);
        assert_eq!(says("k-aws"), Aliases::AwsManaged);
        assert_eq!(says("k-mine"), Aliases::NotAwsManaged);
        assert_eq!(says("k-without-alias"), Aliases::NotAwsManaged);
        assert_eq!(says("alias/mine"), Aliases::NotAwsManaged);
        assert_eq!(says("arn:aws:kms:eu-west-1:111122223333:alias/gone"), Aliases::NoSuchAlias);
    }
}
