#![expect(clippy::disallowed_methods, reason = "tests ask what they like")]

mod backup;
mod build;
mod check;
mod exceptions;
mod hostile;
mod lived;
mod measure;
mod model;
mod opening;
mod outbox;
mod pages;
mod past;
mod plain;
mod prune;
mod resume;
mod standing;
mod story;
mod time;
mod trend;
mod views;
