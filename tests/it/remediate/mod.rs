//! `remediate apply`: from a finding to its end, disturbed in every way.

mod apply;
mod kills;
mod refused;
mod ward;
