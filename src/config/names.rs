//! The names of keys and variables: which exist, which came to mind, and which were meant.

use std::sync::LazyLock;

use super::{Config, read::exceptions, reader::Reader};

/// Every key, as the sections ask for them.
pub(super) static KEYS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let mut reader = Reader::default();
    Config::read(&mut reader);
    reader.into_asked()
});

/// The names one level below `section`, in the order of the sections; of the whole config if empty.
pub(super) fn children(section: &str) -> Vec<&'static str> {
    let mut names = Vec::new();
    for key in KEYS.iter() {
        let below = match section {
            "" => Some(key.as_str()),
            _ => key.strip_prefix(section).and_then(|rest| rest.strip_prefix('.')),
        };
        if let Some(name) = below.and_then(|path| path.split('.').next())
            && !names.contains(&name)
        {
            names.push(name);
        }
    }
    if section.is_empty() {
        names.push(exceptions::NAME);
    }
    names
}

/// The variable that overrides a key: `KEYWATCH_SCAN__CONCURRENCY` for `scan.concurrency`.
pub(super) fn variable(key: &str) -> String {
    format!("KEYWATCH_{}", key.replace('.', "__").to_ascii_uppercase())
}

/// The name most like `name`, if any is like it at all.
pub(super) fn nearest<'n>(name: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let distance = |candidate: &str| strsim::damerau_levenshtein(name, candidate);
    let (closest, edits) = names.into_iter().map(|name| (name, distance(name))).min_by_key(|(_, d)| *d)?;
    // A third of the letters: enough for a slip or a plural, too little for another word.
    (edits <= (name.chars().count().max(3)) / 3).then_some(closest)
}
