//! `[[exceptions]]`: what each covers, who accepted it, why, and until when.

use super::organization::{account, ou};
use crate::{
    config::{
        OuSelector,
        file::Entry,
        problem::{Place, Wrong},
        reader::Reader,
        values::{Given, Value, text},
    },
    domain::{CHECK_IDS, Covers, Exception, Timestamp, is_dms_arn, parse_expiry, parse_tag},
};

/// The name of the list.
pub(in crate::config) const NAME: &str = "exceptions";

/// The keys of an entry.
pub(in crate::config) const KEYS: [&str; 8] =
    ["check", "resource_arn", "account", "ou", "tag", "reason", "owner", "expires"];

/// Reads every entry that is whole.
pub(super) fn read(from: &mut Reader) -> Vec<Exception> {
    let entries = from.take_exceptions();
    entries.into_iter().filter_map(|entry| one(from, &entry)).collect()
}

fn one(from: &mut Reader, entry: &Entry) -> Option<Exception> {
    let check = optional(from, entry, "check", check);
    let covers: Vec<Option<Covers>> = [
        optional(from, entry, "resource_arn", resource),
        optional(from, entry, "account", |given| account(given).map(Covers::Account)),
        optional(from, entry, "ou", unit),
        optional(from, entry, "tag", tag),
    ]
    .into_iter()
    .flatten()
    .collect();
    let reason = required(from, entry, "reason", |given| text(given).map(str::to_owned), "say why");
    let owner =
        required(from, entry, "owner", |given| text(given).map(str::to_owned), "name who accepted it");
    let expires = required(from, entry, "expires", expires, "an end is required, such as \"2027-01-31\"");
    if covers.len() != 1 {
        let what = if covers.is_empty() { "covers nothing" } else { "covers more than one thing" };
        let help = "give one of resource_arn, account, ou, tag";
        from.problem(entry.place.clone(), NAME, Wrong::new(what, help));
        return None;
    }
    Some(Exception {
        check_id: check.unwrap_or_default(),
        covers: covers.into_iter().next()??,
        reason: reason?,
        owner: owner?,
        expires_at: expires?,
    })
}

/// `None` if the key is not there; `Some(None)` if its value is of no use, which is noted.
fn optional<T>(
    from: &mut Reader,
    entry: &Entry,
    key: &str,
    parse: impl Fn(&Given) -> Result<T, Wrong>,
) -> Option<Option<T>> {
    let (_, given) = entry.given.iter().find(|(name, _)| name == key)?;
    Some(parse(given).map_err(|wrong| from.problem(given.place.clone(), &path(key), wrong)).ok())
}

fn required<T>(
    from: &mut Reader,
    entry: &Entry,
    key: &str,
    parse: impl Fn(&Given) -> Result<T, Wrong>,
    help: &str,
) -> Option<T> {
    match optional(from, entry, key, parse) {
        Some(value) => value,
        None => {
            let place: Place = entry.place.clone();
            from.problem(place, &path(key), Wrong::new("is missing", help));
            None
        }
    }
}

fn path(key: &str) -> String {
    format!("{NAME}.{key}")
}

fn check(given: &Given) -> Result<String, Wrong> {
    let id = text(given)?;
    if CHECK_IDS.contains(&id) {
        return Ok(id.to_owned());
    }
    Err(Wrong::new(format!("{id:?} is no check"), format!("allowed: {}", CHECK_IDS.join(", "))))
}

fn resource(given: &Given) -> Result<Covers, Wrong> {
    let arn = text(given)?;
    if is_dms_arn(arn) {
        return Ok(Covers::Resource(arn.to_owned()));
    }
    Err(Wrong::new(
        format!("{arn:?} is not the ARN of a DMS resource"),
        "copy it from `keywatch findings list --format csv`: \"arn:aws:dms:eu-west-1:111122223333:rep:…\"",
    ))
}

fn unit(given: &Given) -> Result<Covers, Wrong> {
    match ou(given)? {
        OuSelector::Path(path) => Ok(Covers::Unit(path)),
        OuSelector::Id(id) => Err(Wrong::new(
            format!("{id:?} is an id, and the history knows units by their path"),
            "write the path, \"Root/Workloads/Prod\"",
        )),
    }
}

fn tag(given: &Given) -> Result<Covers, Wrong> {
    let tag = text(given)?;
    parse_tag(tag)
        .ok_or_else(|| Wrong::new(format!("{tag:?} is not a tag with its value"), "write \"key=value\""))
}

fn expires(given: &Given) -> Result<Timestamp, Wrong> {
    let said = match &given.value {
        Value::Date(date) => date,
        _ => text(given)?,
    };
    parse_expiry(said).map_err(|error| Wrong::new(error.to_string(), "write the last day, in UTC"))
}
