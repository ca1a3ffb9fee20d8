use crate::domain::Timestamp;

/// The wall clock: the one place that reads it, so that everything else takes time as an argument.
#[expect(clippy::disallowed_methods, reason = "this is the place that the lint points to")]
pub fn now() -> Timestamp {
    Timestamp::now()
}
