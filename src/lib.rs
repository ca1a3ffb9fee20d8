//! keywatch finds the AWS DMS data of a whole organization that is encrypted with a key AWS manages
//! instead of one you manage, and remembers it.
//!
//! The modules stand in the order of the data's way; imports run one way along it
//! (`tests/it/imports.rs` holds them to it).

pub mod cli;

pub mod app;

pub mod organization;

pub mod credentials;

pub mod targets;

pub mod collection;

pub mod evaluation;

pub mod deployment;
pub mod remediation;

pub mod history;

pub mod charts;
pub mod reports;

pub mod notifications;
pub mod server;

pub mod aws;

pub mod config;
pub mod domain;
pub mod telemetry;

#[cfg(feature = "sandbox")]
pub mod sandbox;
