//! A TOML file as a flat list of keys with their values and places.

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use super::{
    names,
    problem::{Place, Problem, Wrong},
    read::{exceptions, server},
    values::{Given, Value},
};

/// What a file says.
#[derive(Default)]
pub(super) struct Parsed {
    pub(super) given: Vec<(String, Given)>,
    pub(super) exceptions: Vec<Entry>,
    pub(super) problems: Vec<Problem>,
}

/// One `[[exceptions]]`.
pub(super) struct Entry {
    pub(super) place: Place,
    pub(super) given: Vec<(String, Given)>,
}

/// Takes a file apart. Keys that do not exist become problems.
///
/// # Errors
/// Where the text is not TOML; nothing else can then be said of it.
pub(super) fn parse(text: &str) -> Result<Parsed, Vec<Problem>> {
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(errors.iter().map(|error| not_toml(text, error)).collect());
    }
    let mut walk = Walk { text, parsed: Parsed::default() };
    walk.table("", table.get_ref());
    Ok(walk.parsed)
}

fn not_toml(text: &str, error: &toml::de::Error) -> Problem {
    let place = error.span().map_or(Place::File, |span| position(text, span.start));
    let help = match error.message() {
        message if message.contains("leading zero") => "an account id goes in double quotes",
        _ => "see https://toml.io for the format",
    };
    Problem::new(place, None, Wrong::new(format!("is not TOML: {}", error.message()), help))
}

struct Walk<'t> {
    text: &'t str,
    parsed: Parsed,
}

impl Walk<'_> {
    fn table(&mut self, section: &str, table: &DeTable<'_>) {
        for (name, value) in table {
            let path = match section {
                "" => name.get_ref().to_string(),
                _ => format!("{section}.{}", name.get_ref()),
            };
            let place = position(self.text, name.span().start);
            if path == exceptions::NAME {
                self.exceptions(place, value);
            } else if names::KEYS.contains(&path) {
                let given = self.value(value);
                self.parsed.given.push((path, given));
            } else if names::children(&path).is_empty() {
                let wrong = unknown(section, name.get_ref(), &path);
                self.parsed.problems.push(Problem::new(place, Some(&path), wrong));
            } else if let DeValue::Table(inner) = value.get_ref() {
                self.table(&path, inner);
            } else {
                let keys = names::children(&path).join(", ");
                let wrong = Wrong::new(
                    format!("is a section, not {}", kind(value.get_ref())),
                    format!("write [{path}] on a line of its own, and below it any of {keys}"),
                );
                self.parsed.problems.push(Problem::new(place, Some(&path), wrong));
            }
        }
    }

    /// A list of tables with keys of their own; a variable has no way to say one.
    fn exceptions(&mut self, place: Place, value: &Spanned<DeValue<'_>>) {
        let tables = match value.get_ref() {
            DeValue::Array(items) => items.iter().map(|item| (item.span().start, item.get_ref())).collect(),
            _ => vec![(0, value.get_ref())],
        };
        for (start, table) in tables {
            let DeValue::Table(table) = table else {
                let wrong = Wrong::new(
                    format!("is {} where a table is expected", kind(table)),
                    "write [[exceptions]] on a line of its own for each, and its keys below it",
                );
                self.parsed.problems.push(Problem::new(place.clone(), Some(exceptions::NAME), wrong));
                continue;
            };
            let mut given = Vec::new();
            for (name, value) in table {
                if exceptions::KEYS.contains(&name.get_ref().as_ref()) {
                    given.push((name.get_ref().to_string(), self.value(value)));
                    continue;
                }
                let help = match names::nearest(name.get_ref(), exceptions::KEYS) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("allowed: {}", exceptions::KEYS.join(", ")),
                };
                let path = format!("{}.{}", exceptions::NAME, name.get_ref());
                let place = position(self.text, name.span().start);
                self.parsed.problems.push(Problem::new(
                    place,
                    Some(&path),
                    Wrong::new("there is no such key", help),
                ));
            }
            self.parsed.exceptions.push(Entry { place: position(self.text, start), given });
        }
    }

    fn value(&self, value: &Spanned<DeValue<'_>>) -> Given {
        let plain = match value.get_ref() {
            DeValue::String(text) => Value::Text(text.to_string()),
            DeValue::Integer(number) => match i64::from_str_radix(number.as_str(), number.radix()) {
                Ok(number) => Value::Integer(number),
                Err(_) => Value::Other("a number beyond 64 bits"),
            },
            DeValue::Float(number) => match number.as_str().parse() {
                Ok(number) => Value::Float(number),
                Err(_) => Value::Other("a number that cannot be read"),
            },
            DeValue::Boolean(value) => Value::Boolean(*value),
            DeValue::Array(items) => Value::List(items.iter().map(|item| self.value(item)).collect()),
            DeValue::Datetime(date) => Value::Date(date.to_string()),
            other => Value::Other(kind(other)),
        };
        Given { place: position(self.text, value.span().start), value: plain }
    }
}

fn unknown(section: &str, name: &str, path: &str) -> Wrong {
    if let Some(wrong) = server::refused(path) {
        return wrong;
    }
    let siblings = names::children(section);
    let elsewhere = || names::KEYS.iter().find(|key| key.rsplit('.').next() == Some(name));
    let help = if let Some(near) = names::nearest(name, siblings.iter().copied()) {
        format!("did you mean {near}?")
    } else if let Some(key) = elsewhere() {
        format!("did you mean {key}?")
    } else {
        format!("allowed: {}", siblings.join(", "))
    };
    let what = if section.is_empty() { "there is no such section or key" } else { "there is no such key" };
    Wrong::new(what, help)
}

fn kind(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

fn position(text: &str, offset: usize) -> Place {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Place::At { line: before.matches('\n').count() + 1, column: before[line_start..].chars().count() + 1 }
}
