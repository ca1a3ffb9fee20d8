use std::collections::BTreeMap;

use super::{
    file::Entry,
    problem::{Place, Problem, Wrong},
    values::{Given, items},
};

/// Hands out what was given for each key, and collects what is wrong with it.
///
/// A key is known because a section asks for it; there is no second list of keys.
#[derive(Default)]
pub(super) struct Reader {
    given: BTreeMap<String, Vec<Given>>,
    asked: Vec<String>,
    exceptions: Vec<Entry>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

/// The value of a key, and where it comes from.
pub(super) struct Setting<T> {
    pub(super) value: T,
    pub(super) source: Source,
}

/// Where a value comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Source {
    /// Nobody set the key.
    Default,
    /// It was set to something unusable; the value is the default, for the sake of the other checks.
    Broken,
    /// It was set here.
    Set(Place),
}

/// An item of a list, and where it stands.
pub(super) struct Item<T> {
    pub(super) value: T,
    pub(super) place: Place,
}

impl Reader {
    /// A reader of these values; of several for one key the last holds, but all are checked.
    pub(super) fn new(given: impl IntoIterator<Item = (String, Given)>, exceptions: Vec<Entry>) -> Self {
        let mut reader = Self { exceptions, ..Self::default() };
        for (key, value) in given {
            reader.given.entry(key).or_default().push(value);
        }
        reader
    }

    /// The value of a key, or its default.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        default: T,
        parse: impl Fn(&Given) -> Result<T, Wrong>,
    ) -> Setting<T> {
        let mut setting = Setting { value: default, source: Source::Default };
        for given in self.take(key) {
            match parse(&given) {
                Ok(value) => setting = Setting { value, source: Source::Set(given.place) },
                Err(wrong) => {
                    setting.source = Source::Broken;
                    self.problem(given.place, key, wrong);
                }
            }
        }
        setting
    }

    /// The items of a list that are usable; `None` if the key was not set, or not to a list.
    pub(super) fn read_list<T>(
        &mut self,
        key: &str,
        parse: impl Fn(&Given) -> Result<T, Wrong>,
    ) -> Option<(Place, Vec<Item<T>>)> {
        let mut list = None;
        for given in self.take(key) {
            let place = given.place.clone();
            match items(given) {
                Ok(items) => list = Some((place, self.parse_items(key, items, &parse))),
                Err(wrong) => self.problem(place, key, wrong),
            }
        }
        list
    }

    fn parse_items<T>(
        &mut self,
        key: &str,
        items: Vec<Given>,
        parse: &impl Fn(&Given) -> Result<T, Wrong>,
    ) -> Vec<Item<T>> {
        let mut parsed = Vec::with_capacity(items.len());
        for item in items {
            match parse(&item) {
                Ok(value) => parsed.push(Item { value, place: item.place }),
                Err(wrong) => self.problem(item.place, key, wrong),
            }
        }
        parsed
    }

    /// The tables of `[[exceptions]]`.
    pub(super) fn take_exceptions(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.exceptions)
    }

    fn take(&mut self, key: &str) -> Vec<Given> {
        self.asked.push(key.to_owned());
        self.given.remove(key).unwrap_or_default()
    }

    pub(super) fn problem(&mut self, place: Place, key: &str, wrong: Wrong) {
        self.problems.push(Problem::new(place, Some(key), wrong));
    }

    pub(super) fn warning(&mut self, place: Place, key: &str, wrong: Wrong) {
        self.warnings.push(Problem::new(place, Some(key), wrong));
    }

    /// Whether something is wrong with what was given for the key.
    pub(super) fn is_broken(&self, key: &str) -> bool {
        self.problems.iter().any(|problem| problem.key.as_deref() == Some(key))
    }

    /// The keys that were asked for.
    pub(super) fn into_asked(self) -> Vec<String> {
        self.asked
    }

    /// The problems, then the warnings.
    pub(super) fn into_findings(self) -> (Vec<Problem>, Vec<Problem>) {
        (self.problems, self.warnings)
    }
}
