//! Each format, a pure function of the report: the same value gives the same bytes.

pub mod html;
pub mod markdown;
