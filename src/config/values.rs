//! What can be given for a key, and how the common kinds of values are read.

use std::{num::NonZeroU32, ops::RangeInclusive, time::Duration};

use jiff::fmt::friendly::SpanParser;

use super::problem::{Place, Wrong};

/// A value as it was given. Not `Debug`: it may be the external id.
pub(super) struct Given {
    pub(super) place: Place,
    pub(super) value: Value,
}

/// The kinds of values of TOML, as far as a key may have them.
pub(super) enum Value {
    Text(String),
    Integer(i64),
    Float(f64),
    Boolean(bool),
    List(Vec<Given>),
    /// A date, with or without a time.
    Date(String),
    /// A kind that no key has, by its name.
    Other(&'static str),
}

impl Given {
    fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "a text",
            Value::Integer(_) => "a whole number",
            Value::Float(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::List(_) => "a list",
            Value::Date(_) => "a date",
            Value::Other(kind) => kind,
        }
    }

    /// A variable is text, whatever the key's kind is.
    fn variable(&self) -> Option<&str> {
        match (&self.value, &self.place) {
            (Value::Text(text), Place::Variable(_)) => Some(text.trim()),
            _ => None,
        }
    }
}

/// A text that is not empty.
pub(super) fn text(given: &Given) -> Result<&str, Wrong> {
    match &given.value {
        Value::Text(text) if text.is_empty() => {
            Err(Wrong::new("is empty", "give it a value, or leave the key out for its default"))
        }
        Value::Text(text) => Ok(text),
        _ => Err(Wrong::new(
            format!("is {} where a text is expected", given.kind()),
            "put one text in double quotes",
        )),
    }
}

/// The items of a list; a variable's are separated by commas.
pub(super) fn items(given: Given) -> Result<Vec<Given>, Wrong> {
    match (given.variable(), given.kind()) {
        (Some(""), _) => Ok(Vec::new()),
        (Some(text), _) => {
            let item =
                |text: &str| Given { place: given.place.clone(), value: Value::Text(text.trim().to_owned()) };
            Ok(text.split(',').map(item).collect())
        }
        (None, kind) => match given.value {
            Value::List(items) => Ok(items),
            _ => Err(Wrong::new(
                format!("is {kind} where a list is expected"),
                "put it in brackets, [\"…\", \"…\"]",
            )),
        },
    }
}

/// A whole number in a range that begins above zero.
pub(super) fn whole_number(given: &Given, range: RangeInclusive<u32>) -> Result<NonZeroU32, Wrong> {
    let allowed = format!("allowed: whole numbers from {} to {}", range.start(), range.end());
    let number = match (&given.value, given.variable()) {
        (Value::Integer(number), _) => *number,
        (_, Some(text)) => {
            text.parse().map_err(|_| Wrong::new(format!("{text:?} is not a whole number"), &allowed))?
        }
        (Value::Float(number), _) => {
            return Err(Wrong::new(format!("{number} is not a whole number"), allowed));
        }
        _ => return Err(not_a_number(given, allowed)),
    };
    u32::try_from(number)
        .ok()
        .filter(|number| range.contains(number))
        .and_then(NonZeroU32::new)
        .ok_or_else(|| Wrong::new(format!("{number} is out of range"), allowed))
}

/// A number, whole or not, in a range.
pub(super) fn number(given: &Given, range: RangeInclusive<f64>) -> Result<f64, Wrong> {
    let allowed = format!("allowed: numbers from {} to {}", range.start(), range.end());
    let number = match (&given.value, given.variable()) {
        // Every number in range is far below 2^53, where the conversion would begin to round.
        (Value::Integer(number), _) => *number as f64,
        (Value::Float(number), _) => *number,
        (_, Some(text)) => {
            text.parse().map_err(|_| Wrong::new(format!("{text:?} is not a number"), &allowed))?
        }
        _ => return Err(not_a_number(given, allowed)),
    };
    if range.contains(&number) {
        Ok(number)
    } else {
        Err(Wrong::new(format!("{number} is out of range"), allowed))
    }
}

fn not_a_number(given: &Given, allowed: String) -> Wrong {
    let hint = if matches!(given.value, Value::Text(_)) { ", without quotes" } else { "" };
    Wrong::new(format!("is {} where a number is expected", given.kind()), allowed + hint)
}

/// `true` or `false`.
pub(super) fn true_or_false(given: &Given) -> Result<bool, Wrong> {
    match (&given.value, given.variable()) {
        (Value::Boolean(value), _) => Ok(*value),
        (_, Some("true")) => Ok(true),
        (_, Some("false")) => Ok(false),
        (_, Some(text)) => {
            Err(Wrong::new(format!("{text:?} is neither true nor false"), "allowed: true, false"))
        }
        _ => {
            let kind = given.kind();
            Err(Wrong::new(format!("is {kind} where true or false is expected"), "allowed: true, false"))
        }
    }
}

/// The bounds of a duration, both allowed.
pub(super) struct Bounds {
    /// The shortest.
    pub(super) shortest: Duration,
    /// The longest.
    pub(super) longest: Duration,
}

/// A duration with its unit: `"10s"`, `"2m"`, `"1h 30m"`.
pub(super) fn duration(given: &Given, bounds: &Bounds) -> Result<Duration, Wrong> {
    let (shortest, longest) = (show_duration(bounds.shortest), show_duration(bounds.longest));
    let allowed = format!(
        "allowed: a text with a unit, such as \"10s\", \"2m\" or \"1h\", from {shortest} to {longest}"
    );
    let given_text = match (&given.value, given.variable()) {
        (Value::Integer(number), _) => return Err(Wrong::new(format!("{number} has no unit"), allowed)),
        (Value::Float(number), _) => return Err(Wrong::new(format!("{number} has no unit"), allowed)),
        (_, Some(text)) => text,
        (_, None) => text(given)?,
    };
    if !given_text.is_empty() && given_text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        return Err(Wrong::new(format!("{given_text:?} has no unit"), allowed));
    }
    let duration = SpanParser::new()
        .parse_unsigned_duration(given_text)
        .map_err(|_| Wrong::new(format!("{given_text:?} is not a duration"), &allowed))?;
    if (bounds.shortest..=bounds.longest).contains(&duration) {
        Ok(duration)
    } else {
        Err(Wrong::new(format!("{} is out of range", show_duration(duration)), allowed))
    }
}

/// A duration as the config writes it.
pub(super) fn show_duration(duration: Duration) -> String {
    match jiff::SignedDuration::try_from(duration) {
        Ok(duration) => format!("{duration:#}"),
        Err(_) => format!("{duration:?}"),
    }
}

/// One of a few words.
pub(super) fn one_of<T: Copy>(given: &Given, words: &[(&str, T)]) -> Result<T, Wrong> {
    let word = text(given)?;
    let known = words.iter().find(|(name, _)| *name == word);
    known.map(|(_, value)| *value).ok_or_else(|| {
        let names: Vec<String> = words.iter().map(|(name, _)| format!("{name:?}")).collect();
        Wrong::new(format!("{word:?} is none of the choices"), format!("allowed: {}", names.join(", ")))
    })
}

/// Whether every character is one that IAM writes as `\w` or one of `more`.
pub(super) fn only_word_characters(text: &str, more: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || more.contains(c))
}
