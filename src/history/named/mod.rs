//! Questions worth asking, each one SQL file that anyone can read and change: `query --list` shows them.
//!
//! A file begins with comments: the first line is what it answers, and `-- param NAME = DEFAULT: what` names a
//! parameter, which stands in the statement as `:NAME`. They run as user SQL does, over the same guarded
//! connection.

mod parameter;

use std::{cmp::Reverse, ops::ControlFlow};

use serde_json::json;

pub(super) use parameter::Bound;
pub use parameter::{Parameter, ParameterError};

use super::{Answer, Ended, HistoryError, Limits, Reader};
use crate::domain::{Rows, Timestamp};

/// The files; `query --list` keeps their order.
const FILES: [(&str, &str); 13] = [
    ("newest-scan", include_str!("newest-scan.sql")),
    ("oldest-open", include_str!("oldest-open.sql")),
    ("worst-accounts", include_str!("worst-accounts.sql")),
    ("worst-ous", include_str!("worst-ous.sql")),
    ("regions", include_str!("regions.sql")),
    ("week-over-week", include_str!("week-over-week.sql")),
    ("time-to-remediate", include_str!("time-to-remediate.sql")),
    ("violation-days", include_str!("violation-days.sql")),
    ("reopened", include_str!("reopened.sql")),
    ("keys-in-danger", include_str!("keys-in-danger.sql")),
    ("exceptions-ending", include_str!("exceptions-ending.sql")),
    ("coverage-gaps", include_str!("coverage-gaps.sql")),
    ("never-scanned", include_str!("never-scanned.sql")),
];

/// A question with a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NamedQuery {
    /// What it is asked by.
    pub name: &'static str,
    /// The statement, comments included, with its parameters as `:NAME`.
    pub sql: &'static str,
}

impl NamedQuery {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        FILES.into_iter().map(|(name, sql)| Self { name, sql })
    }

    /// The one of this name.
    pub fn find(name: &str) -> Option<Self> {
        Self::all().find(|query| query.name == name)
    }

    /// What it answers, in one line.
    pub fn title(self) -> &'static str {
        self.comments().next().unwrap_or_default()
    }

    /// What it can be told, in the order in which it is bound.
    pub fn parameters(self) -> Vec<Parameter> {
        self.comments().filter_map(Parameter::parse).collect()
    }

    /// The lines of the comments that the file begins with.
    fn comments(self) -> impl Iterator<Item = &'static str> {
        self.sql.lines().map_while(|line| line.strip_prefix("--")).map(str::trim)
    }

    /// The list of all: `name`, `description`, `parameters` (`days=7 now`).
    pub fn list() -> Rows {
        let rows = Self::all()
            .map(|query| {
                let parameters: Vec<String> =
                    query.parameters().iter().map(|parameter| parameter.to_string()).collect();
                vec![json!(query.name), json!(query.title()), json!(parameters.join(" "))]
            })
            .collect();
        Rows { columns: ["name", "description", "parameters"].map(str::to_owned).into(), rows }
    }
}

impl Reader {
    /// Asks a named query, as [`Reader::query`] asks any other. `given` are the parameters that the user set;
    /// `now` is the moment that ages count to where no other was set.
    ///
    /// # Errors
    /// [`HistoryError::Parameter`] for a parameter that the query does not have, or a value that is none;
    /// else as [`Reader::query`].
    pub async fn ask(
        &self,
        query: NamedQuery,
        given: &[(String, String)],
        now: Timestamp,
        limits: &Limits,
        on: impl FnMut(Answer) -> ControlFlow<()>,
    ) -> Result<Ended, HistoryError> {
        let parameters = query.parameters();
        let values = parameter::values(query.name, &parameters, given, now)?;
        // The driver binds by number only. The longest name first: another may be its beginning.
        let mut numbered: Vec<(usize, Parameter)> = parameters.into_iter().enumerate().collect();
        numbered.sort_by_key(|(_, parameter)| Reverse(parameter.name.len()));
        let sql = numbered.iter().fold(query.sql.to_owned(), |sql, (at, parameter)| {
            sql.replace(&format!(":{}", parameter.name), &format!("?{}", at + 1))
        });
        self.guarded(&sql, &values, limits, on).await
    }
}
