use std::fmt;

use crate::domain::{Timestamp, iso_utc};

/// What a named query can be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter {
    /// Its name, `:name` in the statement.
    pub name: &'static str,
    /// A whole number that holds where none is given; without one it is a text, or a moment if it is `now`.
    pub default: Option<i64>,
    /// What it means.
    pub meaning: &'static str,
}

/// A parameter that a named query cannot take. The message says which it can.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParameterError {
    /// The query has none of that name.
    #[error("the query {query} has no parameter {name:?}; {}", takes(.known))]
    Unknown {
        /// The query.
        query: &'static str,
        /// What was given.
        name: String,
        /// Those that it has.
        known: Vec<&'static str>,
    },
    /// The value is no whole number.
    #[error("--param {name}={value}: {name} is a whole number, 0 to 1000000")]
    NoNumber {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: String,
    },
    /// The value is no moment.
    #[error("--param {name}={value}: a moment is written 2026-11-24T09:30:00Z")]
    NoMoment {
        /// The parameter.
        name: &'static str,
        /// What was given.
        value: String,
    },
}

fn takes(known: &[&'static str]) -> String {
    if known.is_empty() { "it takes none".to_owned() } else { format!("it takes {}", known.join(", ")) }
}

/// A parameter's value, for SQLite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::history) enum Bound {
    Nothing,
    Number(i64),
    Text(String),
}

impl Parameter {
    /// Reads `param NAME = DEFAULT: meaning`; any other line is no parameter.
    pub(super) fn parse(line: &'static str) -> Option<Self> {
        let (head, meaning) = line.strip_prefix("param ")?.split_once(':')?;
        let (name, default) = match head.split_once('=') {
            Some((name, default)) => (name, Some(default.trim().parse().ok()?)),
            None => (head, None),
        };
        Some(Self { name: name.trim(), default, meaning: meaning.trim() })
    }

    fn value(self, given: Option<&str>, now: Timestamp) -> Result<Bound, ParameterError> {
        let Some(text) = given else {
            return Ok(match (self.default, self.name) {
                (Some(number), _) => Bound::Number(number),
                (None, "now") => Bound::Text(iso_utc(now)),
                (None, _) => Bound::Nothing,
            });
        };
        let (name, value) = (self.name, text.to_owned());
        if self.default.is_some() {
            let number = text.parse().ok().filter(|number| (0..=1_000_000).contains(number));
            return number.map(Bound::Number).ok_or(ParameterError::NoNumber { name, value });
        }
        if name == "now" {
            let moment: Option<Timestamp> = text.parse().ok();
            return moment
                .map(|moment| Bound::Text(iso_utc(moment)))
                .ok_or(ParameterError::NoMoment { name, value });
        }
        Ok(Bound::Text(value))
    }
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)?;
        self.default.map_or(Ok(()), |default| write!(f, "={default}"))
    }
}

/// The value of each parameter; of a name given twice the last one holds.
pub(super) fn values(
    query: &'static str,
    parameters: &[Parameter],
    given: &[(String, String)],
    now: Timestamp,
) -> Result<Vec<Bound>, ParameterError> {
    if let Some((name, _)) =
        given.iter().find(|(name, _)| parameters.iter().all(|parameter| parameter.name != name))
    {
        let known = parameters.iter().map(|parameter| parameter.name).collect();
        return Err(ParameterError::Unknown { query, name: name.clone(), known });
    }
    parameters
        .iter()
        .map(|parameter| {
            let given = given.iter().rev().find(|(name, _)| name == parameter.name);
            parameter.value(given.map(|(_, value)| value.as_str()), now)
        })
        .collect()
}
