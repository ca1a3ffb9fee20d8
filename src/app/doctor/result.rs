use std::{future::Future, pin::Pin};

/// How a precondition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// As it should be.
    Ok,
    /// keywatch works, but not as well as it could, or not for long.
    Warning,
    /// keywatch does not work, or does not see all.
    Failed,
    /// Could not be looked at, mostly because something before it failed.
    Skipped,
}

impl Health {
    /// The word in every output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckResult {
    /// The check; one that looks at several things may stand there several times.
    pub name: &'static str,
    /// How it stands.
    pub outcome: Health,
    /// What was found; never a secret.
    pub detail: String,
    /// What to do about it, in lines.
    pub fix: Option<String>,
}

impl CheckResult {
    /// It is as it should be.
    pub fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self::new(name, Health::Ok, detail.into(), None)
    }

    /// It could be better.
    pub fn warning(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(name, Health::Warning, detail.into(), Some(fix.into()))
    }

    /// It is wrong.
    pub fn failed(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(name, Health::Failed, detail.into(), Some(fix.into()))
    }

    /// It could not be looked at.
    pub fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self::new(name, Health::Skipped, why.into(), None)
    }

    /// Each of these could not be looked at.
    pub fn all_skipped(names: &[&'static str], why: &str) -> Vec<Self> {
        names.iter().map(|name| Self::skipped(name, why)).collect()
    }

    fn new(name: &'static str, outcome: Health, detail: String, fix: Option<String>) -> Self {
        Self { name, outcome, detail, fix }
    }
}

/// A check of something that the doctor itself knows nothing of, such as a place that notifications go to.
pub struct Extra {
    /// Its name.
    pub name: &'static str,
    /// Looks. The doctor gives up on it after half a minute.
    pub look: Pin<Box<dyn Future<Output = CheckResult> + Send>>,
}
