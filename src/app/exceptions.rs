use anyhow::bail;

use super::Clock;
use crate::{
    config::{Config, ExceptionLimits},
    domain::{Exception, Timestamp, iso_utc},
    history::{HistoryError, Settled, Writer},
};

/// Stores an exception, which suppresses at once what it covers. Returns its number.
///
/// # Errors
/// Where it ends in the past or lasts longer than the config allows, and where the history can't be written.
pub async fn add_exception(
    config: &Config,
    exception: &Exception,
    clock: Clock,
) -> anyhow::Result<(i64, Settled)> {
    let now = clock.now();
    if exception.expires_at <= now {
        bail!("it would end at {}, which has passed", iso_utc(exception.expires_at));
    }
    if let Some(problem) = too_long(config.exception_limits, exception, now) {
        bail!("{problem}");
    }
    let mut writer = open(config, now).await?;
    let done = writer.add_exception(exception, now).await?;
    writer.close().await?;
    Ok(done)
}

/// Ends an exception; what it suppressed is open again. `None` if none of this number is in force.
///
/// # Errors
/// Where the config has it, and where the history can't be written.
pub async fn remove_exception(config: &Config, id: i64, clock: Clock) -> anyhow::Result<Option<Settled>> {
    let now = clock.now();
    let mut writer = open(config, now).await?;
    let done = writer.remove_exception(id, now).await?;
    writer.close().await?;
    Ok(done)
}

/// The history, which must be there: a mistyped path would make a new one, and the exception would be nowhere.
async fn open(config: &Config, now: Timestamp) -> Result<Writer, HistoryError> {
    let path = &config.database.path;
    if !path.exists() {
        return Err(HistoryError::Missing(path.clone()));
    }
    Writer::open(path, now).await
}

/// What is wrong with the exceptions of the config at this time, and what is only worth a warning, a line each.
pub fn check_exceptions(config: &Config, now: Timestamp) -> (Vec<String>, Vec<String>) {
    let name = |exception: &Exception| format!("the one of {} for {}", exception.owner, exception.covers);
    let errors = config.exceptions.iter().filter_map(|exception| {
        let problem = too_long(config.exception_limits, exception, now)?;
        Some(format!("exceptions: {}: {problem}", name(exception)))
    });
    let expired = config.exceptions.iter().filter(|exception| exception.expires_at <= now);
    let warnings = expired.map(|exception| {
        format!("exceptions: {} ended at {}; take it out", name(exception), iso_utc(exception.expires_at))
    });
    (errors.collect(), warnings.collect())
}

fn too_long(limits: ExceptionLimits, exception: &Exception, now: Timestamp) -> Option<String> {
    let days = i64::from(limits.longest_days.get());
    // The last day counts whole.
    let longest = jiff::SignedDuration::from_hours(24 * (days + 1));
    (exception.expires_at.duration_since(now) > longest).then(|| {
        format!(
            "it would end at {}, more than {days} days from now; give it an earlier end, or raise \
             exception_limits.longest_days",
            iso_utc(exception.expires_at)
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Covers, parse_expiry};

    #[test]
    fn the_longest_exception_ends_with_its_last_day() {
        let now = "2026-11-24T09:30:00Z".parse().unwrap();
        let until = |day: &str| {
            let exception = Exception {
                check_id: None,
                covers: Covers::Unit("Root".to_owned()),
                reason: "r".to_owned(),
                owner: "o".to_owned(),
                expires_at: parse_expiry(day).unwrap(),
            };
            let config = Config { exceptions: vec![exception], ..Config::default() };
            check_exceptions(&config, now)
        };
        assert_eq!(until("2027-11-24"), (vec![], vec![]));
        let (errors, _) = until("2027-11-26");
        assert!(errors[0].contains("OU Root") && errors[0].contains("longest_days"), "{errors:?}");
        let (errors, warnings) = until("2026-11-23");
        assert!(errors.is_empty() && warnings[0].contains("take it out"), "{warnings:?}");
    }
}
