#![expect(clippy::disallowed_methods, reason = "tests ask what they like")]

mod backup;
pub(crate) mod build;
mod check;
mod exceptions;
mod hostile;
pub(crate) mod lived;
mod measure;
pub(crate) mod model;
mod opening;
mod outbox;
mod pages;
mod past;
pub(crate) mod plain;
mod prune;
mod reports;
mod resume;
mod standing;
mod story;
mod time;
mod trend;
mod views;
