use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};

use aws_sdk_sts::{config::ConfigBag, error::BoxError};
use aws_smithy_runtime_api::client::{
    interceptors::{Intercept, context::BeforeDeserializationInterceptorContextRef},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::{DateTime, date_time::Format};

/// How far AWS's clock is from this machine's, by the `Date` of the last answer; a refusal has one too, so
/// it is known just when it is the clock that AWS refuses.
#[derive(Debug, Clone, Default)]
pub struct ClockSkew(Arc<Mutex<Option<i64>>>);

impl ClockSkew {
    /// Seconds that AWS is ahead, negative where it is behind; good to about a second. `None` before an answer.
    pub fn seconds(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Intercept for ClockSkew {
    fn name(&self) -> &'static str {
        "ClockSkew"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let theirs = context.response().headers().get("date").and_then(read);
        let ours = components.time_source().map(|clock| seconds(clock.now()));
        if let (Some(theirs), Some(ours)) = (theirs, ours) {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(theirs - ours);
        }
        Ok(())
    }
}

/// A `Date` header, in seconds since 1970.
fn read(header: &str) -> Option<i64> {
    DateTime::from_str(header, Format::HttpDate).ok().map(|date| date.secs())
}

fn seconds(at: SystemTime) -> i64 {
    let whole = |duration: std::time::Duration| i64::try_from(duration.as_secs()).unwrap_or(i64::MAX);
    match at.duration_since(UNIX_EPOCH) {
        Ok(after) => whole(after),
        Err(before) => -whole(before.duration()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_header_is_read_and_nothing_else_is() {
        assert_eq!(read("Tue, 24 Nov 2026 09:30:00 GMT"), Some(1_795_512_600));
        assert_eq!(read("yesterday"), None);
        assert_eq!(seconds(UNIX_EPOCH - std::time::Duration::from_secs(5)), -5);
    }
}
