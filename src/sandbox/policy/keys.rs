use std::collections::BTreeMap;

/// The condition keys of a request; a key may have several values, and its name has no case.
#[derive(Debug, Clone, Default)]
pub(in crate::sandbox) struct Keys(BTreeMap<String, Vec<String>>);

impl Keys {
    /// Adds a value.
    pub fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.entry(name.to_ascii_lowercase()).or_default().push(value.into());
    }

    /// The values; `None` where the request does not have the key.
    pub fn get(&self, name: &str) -> Option<&[String]> {
        self.0.get(&name.to_ascii_lowercase()).map(Vec::as_slice)
    }

    /// The text with its policy variables (`${aws:PrincipalAccount}`) put in; `None` where one has no value, for
    /// then nothing matches. Source: IAM user guide, "IAM policy elements: Variables and tags".
    pub fn fill_in(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, behind) = after.split_once('}')?;
            filled.push_str(before);
            match name {
                "*" | "?" | "$" => filled.push_str(name),
                _ => match self.get(name)? {
                    [one] => filled.push_str(one),
                    _ => return None,
                },
            }
            rest = behind;
        }
        Some(filled + rest)
    }
}

impl<N: AsRef<str>, V: Into<String>> FromIterator<(N, V)> for Keys {
    fn from_iter<T: IntoIterator<Item = (N, V)>>(pairs: T) -> Self {
        let mut keys = Self::default();
        for (name, value) in pairs {
            keys.add(name.as_ref(), value);
        }
        keys
    }
}
