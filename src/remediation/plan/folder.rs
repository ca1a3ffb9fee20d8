use std::collections::HashMap;

use super::Plan;

/// The longest part of a folder's name that a resource's name may be.
const LONGEST: usize = 64;

/// A folder for each plan: account, Region, kind and name, in letters that any file system takes; where two would be the same,
/// the finding's number tells them apart.
pub fn folder_names(plans: &[Plan]) -> Vec<String> {
    let names: Vec<String> = plans.iter().map(name).collect();
    let mut times: HashMap<&str, usize> = HashMap::new();
    for name in &names {
        *times.entry(name).or_default() += 1;
    }
    let distinct = |(name, plan): (&String, &Plan)| match times.get(name.as_str()) {
        Some(1) | None => name.clone(),
        Some(_) => format!("{name}-{}", plan.finding.id),
    };
    names.iter().zip(plans).map(distinct).collect()
}

fn name(plan: &Plan) -> String {
    let mut name = String::new();
    for letter in plan.facts.resource.name.chars() {
        match letter.to_ascii_lowercase() {
            letter @ ('a'..='z' | '0'..='9' | '_' | '.') => name.push(letter),
            _ if !name.ends_with('-') => name.push('-'),
            _ => {}
        }
    }
    name.truncate(LONGEST);
    let name = name.trim_matches(['-', '.']);
    let name = if name.is_empty() { "unnamed" } else { name };
    let of = match plan.kind {
        super::Kind::Key => {
            format!("key-of-{}", super::Kind::of("", plan.facts.resource.resource_type).as_str())
        }
        kind => kind.as_str().to_owned(),
    };
    format!("{}-{}-{of}-{name}", plan.facts.account, plan.facts.region)
}
