//! Environment variables as values of keys.

use super::{
    names,
    problem::{Place, Problem, Wrong},
    read::server,
    values::{Given, Value},
};

/// What the environment says.
#[derive(Default)]
pub(super) struct Environment {
    pub(super) given: Vec<(String, Given)>,
    pub(super) problems: Vec<Problem>,
    pub(super) warnings: Vec<Problem>,
}

/// Picks the variables that override a key.
///
/// `KEYWATCH_DB` is one more name of `database.path` and wins over `KEYWATCH_DATABASE__PATH`.
pub(super) fn read(variables: impl IntoIterator<Item = (String, String)>) -> Environment {
    let mut environment = Environment::default();
    let mut database = None;
    for (name, text) in variables {
        if !name.starts_with("KEYWATCH_") {
            continue;
        }
        let key = names::KEYS.iter().find(|key| names::variable(key) == name);
        let given = Given { place: Place::Variable(name.clone()), value: Value::Text(text) };
        if let Some(key) = key {
            environment.given.push((key.clone(), given));
        } else if name == "KEYWATCH_DB" {
            database = Some(given);
        } else if name.contains("__") {
            environment.problems.push(Problem::new(given.place, None, unknown(&name)));
        } else if let Some(meant) = single_underscore(&name) {
            let wrong = Wrong::new("is not read", format!("did you mean {meant}, with two underscores?"));
            environment.warnings.push(Problem::new(given.place, None, wrong));
        }
    }
    environment.given.extend(database.map(|given| ("database.path".to_owned(), given)));
    environment
}

fn unknown(name: &str) -> Wrong {
    let path = name.strip_prefix("KEYWATCH_").unwrap_or(name).replace("__", ".").to_ascii_lowercase();
    if let Some(wrong) = server::refused(&path) {
        return wrong;
    }
    let all: Vec<String> = names::KEYS.iter().map(|key| names::variable(key)).collect();
    let help = match names::nearest(&name.to_ascii_uppercase(), all.iter().map(String::as_str)) {
        Some(near) => format!("did you mean {near}?"),
        None => "unset it, or name a section and a key, as in KEYWATCH_SCAN__CONCURRENCY".to_owned(),
    };
    Wrong::new("overrides no key", help)
}

fn single_underscore(name: &str) -> Option<String> {
    names::KEYS.iter().map(|key| names::variable(key)).find(|variable| variable.replace("__", "_") == name)
}
