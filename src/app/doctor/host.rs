//! What does not take AWS: the config, the history's file, its disk, the time zone database.

use std::path::Path;

use jiff::tz::TimeZone;
use rustix::fs::statvfs;

use super::{advice, result::CheckResult};
use crate::history::Standing;

const CONFIG: &str = "config";
const DATABASE: &str = "database";
const DISK: &str = "disk";
const TIME_ZONE: &str = "time_zone";

/// Less than this is soon used up by others.
const LITTLE: u64 = 1 << 30;

/// Less than this does not hold a scan's log.
const NOTHING: u64 = 16 << 20;

/// A config that was read without an error.
pub fn config(file: Option<&Path>, warnings: &[String]) -> CheckResult {
    let file = match file {
        Some(file) => file.display().to_string(),
        None => "no file, so the defaults and the environment hold; `keywatch init` writes one".to_owned(),
    };
    match warnings {
        [] => CheckResult::ok(CONFIG, file),
        warnings => {
            let fix = "Change what is named; `keywatch config check` reads it again";
            CheckResult::warning(CONFIG, format!("{file}: {}", warnings.join("; ")), fix)
        }
    }
}

/// The history's file, and the room it has.
pub async fn check(path: &Path) -> Vec<CheckResult> {
    let standing = Standing::of(path).await;
    let bytes = standing.as_ref().ok().and_then(|standing| standing.bytes).unwrap_or(0);
    let database = match standing {
        Ok(standing) => CheckResult::ok(DATABASE, described(path, &standing)),
        Err(error) => {
            let (user, group) = (rustix::process::geteuid().as_raw(), rustix::process::getegid().as_raw());
            let fix = advice::history(&error, path, user, group);
            CheckResult::failed(DATABASE, error.to_string(), fix)
        }
    };
    vec![database, disk(path, bytes)]
}

fn described(path: &Path, standing: &Standing) -> String {
    let path = path.display();
    let Standing { bytes, schema, known, writer } = standing;
    let file = match (bytes, schema) {
        (None, _) => format!("{path} is not there yet; the first scan makes it"),
        (Some(_), None) => format!("{path} is empty; the first scan fills it"),
        (Some(bytes), Some(schema)) if schema < known => {
            format!("{path}, {}, schema {schema}; the next scan brings it to {known}", size(*bytes))
        }
        (Some(bytes), Some(schema)) => format!("{path}, {}, schema {schema}", size(*bytes)),
    };
    match writer {
        None => file,
        Some(holder) => match holder.pid {
            Some(pid) => format!("{file}; a running keywatch (process {pid}) writes to it"),
            None => format!("{file}; a running keywatch writes to it"),
        },
    }
}

fn disk(path: &Path, bytes: u64) -> CheckResult {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Where the directory is yet to be made, the disk is that of the one it will lie in.
    let Some(place) = parent.ancestors().find(|place| place.is_dir()) else {
        return CheckResult::skipped(DISK, format!("{} is not there", parent.display()));
    };
    match statvfs(place) {
        Ok(found) => room(found.f_bavail.saturating_mul(found.f_frsize), bytes, place),
        Err(error) => CheckResult::warning(
            DISK,
            format!("how much of {} is free cannot be told: {error}", place.display()),
            "Look at the file system; keywatch may work all the same",
        ),
    }
}

/// So much is free where a history of so many bytes lies.
fn room(free: u64, bytes: u64, place: &Path) -> CheckResult {
    let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
    let detail = format!("{} free at {}", size(free), place.display());
    let fix = "Free some space, give the file system more, remove the oldest past (`keywatch db prune --before DATE`), \
               or set database.path to another disk. Migrations and backups take the file's size once more";
    if free < NOTHING {
        CheckResult::failed(DISK, detail, fix)
    } else if free < LITTLE || free < bytes.saturating_mul(2) {
        CheckResult::warning(DISK, format!("{detail}, with a history of {}", size(bytes)), fix)
    } else {
        CheckResult::ok(DISK, detail)
    }
}

/// Whether local times can be told, for reports.
pub fn time_zone() -> CheckResult {
    let fix = "Install the package tzdata (or set TZDIR to a directory that has it), and name the zone in TZ or /etc/localtime";
    if jiff::tz::db().is_definitively_empty() {
        return CheckResult::warning(TIME_ZONE, "there is no time zone database: only UTC is known", fix);
    }
    match TimeZone::try_system() {
        Ok(zone) => {
            let name = zone.iana_name().unwrap_or("without a name").to_owned();
            CheckResult::ok(TIME_ZONE, format!("this machine's zone is {name}"))
        }
        Err(error) => {
            CheckResult::warning(TIME_ZONE, format!("this machine's zone is not known: {error}"), fix)
        }
    }
}

fn size(bytes: u64) -> String {
    let units = ["kB", "MB", "GB", "TB"];
    let mut value = bytes as f64 / 1000.0;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < units.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::{super::Health, *};
    use crate::history::Holder;

    #[test]
    fn room_is_short_by_itself_or_beside_the_file() {
        let outcome = |free, bytes| room(free, bytes, Path::new("/data")).outcome;
        let gib = 1 << 30;
        assert_eq!(outcome(10 * gib, gib), Health::Ok);
        assert_eq!(outcome(gib - 1, 0), Health::Warning);
        assert_eq!(outcome(10 * gib, 6 * gib), Health::Warning);
        assert_eq!(outcome(1 << 20, 0), Health::Failed);
    }

    #[test]
    fn a_history_is_described_as_it_stands() {
        let standing = |bytes, schema, pid: Option<Option<u32>>| Standing {
            bytes,
            schema,
            known: 7,
            writer: pid.map(|pid| Holder { pid }),
        };
        let text = |standing| described(Path::new("/data/k.db"), &standing);
        assert_eq!(text(standing(None, None, None)), "/data/k.db is not there yet; the first scan makes it");
        assert_eq!(text(standing(Some(0), None, None)), "/data/k.db is empty; the first scan fills it");
        assert_eq!(
            text(standing(Some(2_500_000), Some(5), None)),
            "/data/k.db, 2.5 MB, schema 5; the next scan brings it to 7"
        );
        assert_eq!(
            text(standing(Some(2_500), Some(7), Some(Some(4711)))),
            "/data/k.db, 2.5 kB, schema 7; a running keywatch (process 4711) writes to it"
        );
        assert!(text(standing(Some(1), Some(7), Some(None))).ends_with("a running keywatch writes to it"));
    }

    #[test]
    fn warnings_of_the_config_are_told() {
        assert_eq!(config(None, &[]).outcome, Health::Ok);
        let risky = config(Some(Path::new("k.toml")), &["line 3: risky".to_owned()]);
        assert_eq!((risky.outcome, risky.detail.as_str()), (Health::Warning, "k.toml: line 3: risky"));
    }
}
