//! One page for people: no script, nothing outside it, for the screen and for paper.

use std::fmt;

use askama::{
    Template,
    filters::{Escaper, Html},
};

use crate::{
    charts::line_chart,
    reports::{
        Weekly,
        document::{Block, Cell, Column, ColumnKind, Document, Plot, document},
        words::visible,
    },
};

/// The report as one HTML page.
///
/// # Errors
///
/// Never of its own: only if formatting fails, which writing to memory does not.
pub fn html(weekly: &Weekly) -> Result<String, askama::Error> {
    Page { document: &document(weekly) }.render()
}

#[derive(Template)]
#[template(path = "report.html", config = "src/reports/render/askama.toml")]
struct Page<'a> {
    document: &'a Document,
}

/// Escapes text for HTML, with everything in it seen.
#[derive(Debug, Clone, Copy, Default)]
pub struct Visible;

impl Escaper for Visible {
    fn write_escaped_str<W: fmt::Write>(&self, dest: W, text: &str) -> fmt::Result {
        Html.write_escaped_str(dest, &visible(text))
    }
}

impl Plot {
    fn svg(&self) -> String {
        line_chart(&self.chart)
    }
}

impl Cell {
    /// The attribute, if it has a class.
    fn class(&self) -> String {
        self.tone.map_or_else(String::new, |tone| format!(" class=\"{}\"", tone.class()))
    }
}

impl Column {
    /// The attribute, if it has a class.
    fn class(&self) -> &'static str {
        match self.kind {
            ColumnKind::Text => "",
            ColumnKind::Short => " class=\"short\"",
            ColumnKind::Number => " class=\"num\"",
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::{charts::tests::parsed, reports::sample};

    fn snapshot(name: &str, weekly: &Weekly) {
        let page = html(weekly).unwrap();
        let page = without(&page, "<style>", "</style>", "<style>[the style sheet]</style>");
        insta::assert_snapshot!(name, without(&page, "<svg", "</svg>", "[a chart]"));
    }

    /// The text with `instead` for each part from `start` to `end`.
    fn without(text: &str, start: &str, end: &str, instead: &str) -> String {
        let mut parts = text.split(start);
        let mut kept = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            kept.push_str(instead);
            kept.push_str(part.split_once(end).unwrap().1);
        }
        kept
    }

    #[test]
    fn a_week() {
        snapshot("html_week", &sample::weekly());
    }

    #[test]
    fn names_that_try_to_be_markup() {
        snapshot("html_hostile", &sample::hostile());
    }

    #[test]
    fn a_first_week_without_anything() {
        snapshot("html_empty", &sample::empty());
    }

    #[test]
    fn the_same_report_has_the_same_bytes() {
        assert_eq!(html(&sample::hostile()).unwrap(), html(&sample::hostile()).unwrap());
    }

    #[test]
    fn whatever_is_in_names_the_page_has_no_other_tags_and_nothing_that_acts() {
        let (plain, plain_attributes) = parsed(&html(&sample::weekly()).unwrap());
        let (tags, attributes) = parsed(&html(&sample::hostile()).unwrap());
        let kinds = |tags: Vec<String>| tags.into_iter().collect::<BTreeSet<_>>();
        let names = |all: &[String]| -> BTreeSet<String> {
            all.iter().filter_map(|attribute| Some(attribute.split_once('=')?.0.to_owned())).collect()
        };
        assert_eq!(names(&attributes), names(&plain_attributes));
        for attribute in attributes {
            let (name, value) = attribute.split_once('=').unwrap();
            let (_, name) = name.split_once('.').unwrap();
            assert!(!name.starts_with("on") && name != "style" && name != "src", "{attribute}");
            assert!(name != "href" || value.starts_with('#'), "{attribute}");
        }
        let tags = kinds(tags);
        assert_eq!(tags, kinds(plain));
        for never in ["script", "link", "img", "iframe", "base", "form", "object"] {
            assert!(!tags.contains(never), "{never}");
        }
    }

    #[test]
    fn the_page_is_whole_and_can_be_read_out() {
        for weekly in [sample::weekly(), sample::empty()] {
            let (tags, attributes) = parsed(&html(&weekly).unwrap());
            let mut open = Vec::new();
            for tag in tags.iter().filter(|tag| !matches!(tag.trim_start_matches('!'), "doctype" | "meta")) {
                match tag.strip_prefix('/') {
                    Some(name) => assert_eq!(open.pop(), Some(name)),
                    None => open.push(tag.as_str()),
                }
                // SVG's own closed tags.
                if matches!(tag.as_str(), "circle" | "line" | "polyline" | "polygon" | "rect") {
                    open.pop();
                }
            }
            assert_eq!(open, [""; 0]);
            let count = |name: &str| tags.iter().filter(|tag| *tag == name).count();
            assert_eq!(
                (count("h1"), count("main"), count("header"), count("footer"), count("nav")),
                (1, 1, 1, 1, 1)
            );
            assert_eq!(count("table"), count("caption"));
            assert_eq!(count("tbody"), count("thead"));

            let values = |end: &str| -> Vec<String> {
                let end = format!(".{end}");
                let pairs = attributes.iter().filter_map(|attribute| attribute.split_once('='));
                pairs.filter(|(name, _)| name.ends_with(&end)).map(|(_, value)| value.to_owned()).collect()
            };
            let ids: BTreeSet<String> = values("id").into_iter().collect();
            assert_eq!(ids.len(), values("id").len(), "an id stands twice");
            let named = values("aria-labelledby").into_iter().chain(values("href"));
            for id in named.flat_map(|ids| {
                ids.split(' ').map(|id| id.trim_start_matches('#').to_owned()).collect::<Vec<_>>()
            }) {
                assert!(ids.contains(&id), "nothing is called {id}");
            }
        }
    }

    #[test]
    fn long_lists_are_cut_and_say_so() {
        let mut weekly = sample::weekly();
        weekly.findings = vec![weekly.findings[0].clone(); 1_234];
        weekly.accounts = vec![weekly.accounts[0].clone(); 51];
        let page = html(&weekly).unwrap();
        assert!(
            page.contains("1,134 more: the CSV and the workbook (XLSX) of this week have every row."),
            "{page}"
        );
        assert!(
            page.contains("1 more: the workbook (XLSX) and the JSON of this week have every row."),
            "{page}"
        );
        assert!(parsed(&page).0.iter().filter(|tag| *tag == "tr").count() < 300);
    }
}
