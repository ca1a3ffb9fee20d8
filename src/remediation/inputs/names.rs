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
