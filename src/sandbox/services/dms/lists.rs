//! What all lists of DMS have in common: filters, pages, and that being looked at settles what is on its way.

use serde_json::Value;

use super::refusals::{invalid, not_found};
use crate::sandbox::{answer::Refusal, context::Context, world::World};

/// A list's filters: names, and the values of which one has to fit.
pub(super) struct Filters(Vec<(String, Vec<String>)>);

impl Filters {
    /// Reads the call's; refuses names that the list does not know.
    pub fn read(context: &Context<'_>, known: &[&str]) -> Result<Self, Refusal> {
        let given = context.call.value("Filters").and_then(Value::as_array);
        let mut filters = Vec::new();
        for filter in given.into_iter().flatten() {
            let name = filter.get("Name").and_then(Value::as_str).unwrap_or_default();
            if !known.contains(&name) {
                return Err(invalid(format!("Unrecognized filter name: {name}")));
            }
            let values = filter.get("Values").and_then(Value::as_array);
            let values = values.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect();
            filters.push((name.to_owned(), values));
        }
        Ok(Self(filters))
    }

    /// Whether something fits, that has these values under a filter's name.
    pub fn fit<'a>(&self, values: impl Fn(&str) -> Vec<&'a str>) -> bool {
        self.0
            .iter()
            .all(|(name, wanted)| values(name).iter().any(|value| wanted.iter().any(|one| one == value)))
    }
}

/// Something that is listed.
pub(super) trait Listed {
    /// Whether a look at it changes it.
    fn is_settling(&self) -> bool;
}

/// The page that the call asks for, and whether a look at any of it changes it.
pub(super) fn page<'a, T: Listed>(
    context: &Context<'_>,
    name: &str,
    filters: &Filters,
    all: Vec<&'a T>,
    render: impl Fn(&T) -> Value,
) -> Result<(Value, Vec<&'a T>), Refusal> {
    // Source: DMS API, `DescribeReplicationInstances`: nothing that fits is an error, not an empty list.
    if all.is_empty() && !filters.0.is_empty() {
        return Err(not_found(format!("No {name} found matching provided parameters")));
    }
    // Source: DMS API, `MaxRecords`: minimum 20, maximum 100, default 100.
    let size = context.size("MaxRecords", 20..=100, 100, invalid)?;
    let page =
        context.page("Marker", size, all.len()).ok_or_else(|| invalid("Invalid marker value".to_owned()))?;
    let shown = &all[page.items];
    let items: Vec<Value> = shown.iter().map(|item| render(item)).collect();
    let mut answer = serde_json::Map::new();
    answer.insert(name.to_owned(), items.into());
    if let Some(marker) = page.next {
        answer.insert("Marker".to_owned(), marker.into());
    }
    let settling = shown.iter().copied().filter(|item| item.is_settling()).collect();
    Ok((answer.into(), settling))
}

/// Counts the looks that an answer gave. Nothing of it may be held while it is called.
pub(super) fn looked<T>(context: &Context<'_>, seen: &[T], look: impl FnOnce(&mut World, &[T])) {
    if !seen.is_empty() {
        look(&mut context.world_mut(), seen);
    }
}
