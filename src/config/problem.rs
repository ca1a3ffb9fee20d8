use std::{fmt, path::Path};

/// Where something was said: in the file, or in an environment variable.
///
/// The order is that of the list of problems: the file from its top to its end, then the variables.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Place {
    /// The file as a whole.
    File,
    /// Line and column of the file, both counted from 1, the column in characters.
    At { line: usize, column: usize },
    /// An environment variable, by its name.
    Variable(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("the file"),
            Self::At { line, .. } => write!(f, "line {line}"),
            Self::Variable(name) => write!(f, "{name}"),
        }
    }
}

/// What is wrong with one value, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Wrong {
    what: String,
    help: String,
}

impl Wrong {
    pub(super) fn new(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { what: what.into(), help: help.into() }
    }
}

/// Something wrong (or, among the warnings, something risky) in a known place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) place: Place,
    /// The key's whole path, `scan.concurrency`; `None` where the problem is not one of a key.
    pub(super) key: Option<String>,
    pub(super) wrong: Wrong,
}

impl Problem {
    pub(super) fn new(place: Place, key: Option<&str>, wrong: Wrong) -> Self {
        Self { place, key: key.map(str::to_owned), wrong }
    }

    /// The problem as one line that reads alone: place, key, what is wrong, what to do.
    fn render(&self, file: Option<&Path>) -> String {
        let file = file.unwrap_or(Path::new("config")).display();
        let place = match &self.place {
            Place::File => file.to_string(),
            Place::At { line, column } => format!("{file}:{line}:{column}"),
            Place::Variable(name) => name.clone(),
        };
        let key = self.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
        let Wrong { what, help } = &self.wrong;
        format!("{place}: {key}{what}; {help}")
    }
}

/// Renders problems in the order of their places.
pub(super) fn render_all(mut problems: Vec<Problem>, file: Option<&Path>) -> Vec<String> {
    problems.sort_by(|a, b| a.place.cmp(&b.place));
    problems.iter().map(|problem| problem.render(file)).collect()
}

/// Everything that is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigErrors(Vec<String>);

impl ConfigErrors {
    pub(super) fn new(problems: Vec<Problem>, file: Option<&Path>) -> Self {
        Self(render_all(problems, file))
    }

    /// One line per problem, the file's from its top to its end, then those of environment variables.
    pub fn problems(&self) -> &[String] {
        &self.0
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has a problem:")?,
            count => write!(f, "the configuration has {count} problems:")?,
        }
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for ConfigErrors {}
