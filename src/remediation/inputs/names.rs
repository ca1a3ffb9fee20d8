/// The longest name of a replication instance. Source: DMS API, `CreateReplicationInstance$ReplicationInstanceIdentifier`.
pub const INSTANCE_NAME: usize = 63;

/// The longest name of anything else in DMS. Source: DMS API, `CreateReplicationTask$ReplicationTaskIdentifier`.
pub const NAME: usize = 255;

const SUFFIX: &str = "-cmk";

/// A name for what stands beside the source for a while, at most `longest` characters, in the letters that AWS takes.
///
/// Source: DMS API, the constraints of the `…Identifier` parameters: letters, digits and hyphens, a letter first, no hyphen
/// last, no two hyphens in a row.
pub fn beside(source: &str, longest: usize) -> String {
    let mut name = String::new();
    for letter in source.chars().map(|letter| letter.to_ascii_lowercase()) {
        match letter {
            'a'..='z' | '0'..='9' => name.push(letter),
            // Whatever else there may be in it.
            _ if !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    let name = name.trim_start_matches(|letter: char| !letter.is_ascii_lowercase());
    let name = if name.is_empty() { "dms" } else { name };
    let cut = name.get(..longest.saturating_sub(SUFFIX.len())).unwrap_or(name);
    format!("{}{SUFFIX}", cut.trim_end_matches('-'))
}

/// Why AWS would refuse a name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name:?} is no name that DMS takes: 1 to {longest} letters, digits and hyphens, a letter first, no hyphen last and no two in a row"
)]
pub struct InvalidName {
    /// What was given.
    pub name: String,
    /// How long it may be.
    pub longest: usize,
}

/// Checks a name that somebody chose.
///
/// # Errors
/// Where AWS would refuse it.
pub fn check_name(name: &str, longest: usize) -> Result<(), InvalidName> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let taken = (1..=longest).contains(&name.len())
        && name.bytes().all(plain)
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && !name.ends_with('-')
        && !name.contains("--");
    if taken { Ok(()) } else { Err(InvalidName { name: name.to_owned(), longest }) }
}
