//! Everything that is tested from outside: the binary, the peers, the rules of the source.

// A test that cannot go on should say where.
#![allow(clippy::unwrap_used)]

#[cfg(feature = "sandbox")]
mod api;
#[cfg(feature = "sandbox")]
mod browser;
#[cfg(feature = "sandbox")]
mod cadence;
#[cfg(feature = "sandbox")]
mod calls;
#[cfg(feature = "sandbox")]
mod daemon;
#[cfg(feature = "sandbox")]
mod demo;
#[cfg(feature = "sandbox")]
mod doctor;
#[cfg(feature = "sandbox")]
mod exceptions;
#[cfg(feature = "sandbox")]
mod export;
#[cfg(feature = "sandbox")]
mod faults;
#[cfg(feature = "sandbox")]
mod fire;
#[cfg(feature = "sandbox")]
mod iam;
mod imports;
#[cfg(feature = "sandbox")]
mod kills;
#[cfg(feature = "sandbox")]
mod life;
#[cfg(feature = "sandbox")]
mod limits;
#[cfg(feature = "sandbox")]
mod listing;
#[cfg(feature = "sandbox")]
mod logs;
mod moto;
#[cfg(feature = "sandbox")]
mod notify;
#[cfg(feature = "sandbox")]
mod organization;
#[cfg(feature = "sandbox")]
mod plan;
mod policies;
#[cfg(feature = "sandbox")]
mod remediate;
mod reports;
#[cfg(feature = "sandbox")]
mod runs;
#[cfg(feature = "sandbox")]
mod seeds;
#[cfg(feature = "sandbox")]
mod server;
mod shipping;
mod sql;
mod support;
mod time;
#[cfg(all(feature = "otlp", feature = "sandbox"))]
mod traces;
#[cfg(feature = "sandbox")]
mod truth_table;
#[cfg(feature = "sandbox")]
mod upkeep;
#[cfg(feature = "sandbox")]
mod weekly;
mod year;
