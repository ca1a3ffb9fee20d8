//! How reports write dates, numbers and the words of the history, for people.

mod dates;
mod numbers;
mod sparkline;
mod texts;
mod visible;

pub use dates::Dates;
pub use numbers::{change, counted, hours, percent, thousands};
pub use sparkline::sparkline;
pub use texts::{evidence, outcome_reason, resolution, resource_type, verdict_reason};
pub use visible::visible;
