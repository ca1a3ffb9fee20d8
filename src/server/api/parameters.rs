use axum::{
    extract::Query,
    http::{StatusCode, Uri},
};
use serde_json::json;

use super::{answer::Stopped, values::Value};
use crate::server::problem::problem;

/// Values of one parameter, at most.
const MAX_VALUES: usize = 100;

/// What was sent in a query: each parameter is taken out by its name, and what is left over is unknown.
///
/// All that is wrong is told at once, so a bad value does not stop the taking.
pub(super) struct Parameters {
    given: Vec<(String, String)>,
    known: Vec<&'static str>,
    wrong: Vec<Wrong>,
}

/// What is wrong with a parameter.
#[derive(Debug, PartialEq, Eq)]
struct Wrong {
    name: String,
    detail: String,
}

impl Parameters {
    pub(super) fn of(uri: &Uri) -> Self {
        let (given, wrong) = match Query::<Vec<(String, String)>>::try_from_uri(uri) {
            Ok(Query(given)) => (given, Vec::new()),
            Err(error) => {
                let detail = format!("cannot be understood: {error}");
                (Vec::new(), vec![Wrong { name: "query".to_owned(), detail }])
            }
        };
        Self { given, known: Vec::new(), wrong }
    }

    /// Of nothing, to refuse what only the answer shows to be wrong.
    pub(super) fn none() -> Self {
        Self { given: Vec::new(), known: Vec::new(), wrong: Vec::new() }
    }

    /// Every value of a parameter that may be repeated.
    pub(super) fn all<T: Value>(&mut self, name: &'static str) -> Vec<T> {
        let found = self.take(name);
        if found.len() > MAX_VALUES {
            self.refuse(name, format!("may be given {MAX_VALUES} times, and was {} times", found.len()));
            return Vec::new();
        }
        found.iter().filter_map(|value| self.read(name, value)).collect()
    }

    /// The value of a parameter that may be given once.
    pub(super) fn one<T: Value>(&mut self, name: &'static str) -> Option<T> {
        match self.take(name).as_slice() {
            [] => None,
            [value] => self.read(name, value),
            several => {
                let detail = format!("may be given once, and was {} times", several.len());
                self.refuse(name, detail);
                None
            }
        }
    }

    /// Says that the value of a parameter won't do.
    pub(super) fn refuse(&mut self, name: &str, detail: String) {
        self.wrong.push(Wrong { name: name.to_owned(), detail });
    }

    /// The end: an answer that says what is wrong, if anything is.
    pub(super) fn end(mut self) -> Result<(), Stopped> {
        let known = self.known.join(", ");
        let mut unknown: Vec<String> = self.given.drain(..).map(|(name, _)| name).collect();
        unknown.dedup();
        for name in unknown {
            let detail = if known.is_empty() {
                "is not known: there are no parameters here".to_owned()
            } else {
                format!("is not known; there are {known}")
            };
            self.wrong.push(Wrong { name: shortened(&name), detail });
        }
        if self.wrong.is_empty() {
            return Ok(());
        }
        let told: Vec<String> =
            self.wrong.iter().map(|wrong| format!("{} {}", wrong.name, wrong.detail)).collect();
        let listed: Vec<_> =
            self.wrong.iter().map(|wrong| json!({"parameter": wrong.name, "detail": wrong.detail})).collect();
        let more = json!({ "parameters": listed });
        Err(problem(StatusCode::BAD_REQUEST, &told.join("; "), more).into())
    }

    /// The names that were asked for, in order.
    #[cfg(test)]
    pub(super) fn known(&self) -> &[&'static str] {
        &self.known
    }

    fn take(&mut self, name: &'static str) -> Vec<String> {
        self.known.push(name);
        self.given.extract_if(.., |(given, _)| given == name).map(|(_, value)| value).collect()
    }

    fn read<T: Value>(&mut self, name: &'static str, value: &str) -> Option<T> {
        match T::read(value) {
            Ok(read) => Some(read),
            Err(wanted) => {
                self.refuse(name, format!("is {:?}, and has to be {wanted}", shortened(value)));
                None
            }
        }
    }
}

/// A text from outside, short enough to repeat.
fn shortened(text: &str) -> String {
    const LONGEST: usize = 64;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    text.chars().take(LONGEST).chain(['…']).collect()
}
