//! What a document is made of.

use crate::{
    charts::{Chart, Tone},
    reports::{Finding, words},
};

/// Rows of a list that are shown; the files of rows have all of them.
pub(super) const MOST_ROWS: usize = 100;
/// Accounts and gaps that are shown.
pub(super) const MOST_PLACES: usize = 50;

/// A part of the report under its own heading.
pub struct Section {
    /// Unique in the document, fit for a link.
    pub id: &'static str,
    /// The heading.
    pub heading: &'static str,
    /// Whether it begins a page when printed.
    pub new_page: bool,
    /// What stands in it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
pub enum Block {
    /// A smaller heading.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A paragraph that must not be overlooked.
    Notice(String),
    /// What is done one after the other.
    Steps(Vec<String>),
    /// A list.
    Items(Vec<String>),
    /// Commands to type, each with what it does.
    Commands(Vec<Command>),
    /// Charts beside each other.
    Charts(Vec<Plot>),
    /// A table.
    Table(Table),
}

/// A number to look at first.
pub struct Figure {
    /// What is counted.
    pub name: String,
    /// The number.
    pub value: String,
    /// What it is to be seen beside.
    pub note: String,
}

/// A chart with its heading and, where it can't be drawn, its first and last value.
pub struct Plot {
    /// The heading.
    pub heading: String,
    /// The chart.
    pub chart: Chart,
    /// `93.4 % to 95.2 %`
    pub way: String,
}

/// A command to type.
pub struct Command {
    /// The command.
    pub line: String,
    /// What it does.
    pub does: String,
}

/// A table; never an empty one.
pub struct Table {
    /// Unique in the document, fit for a link.
    pub id: &'static str,
    /// What it lists.
    pub caption: String,
    /// Its columns; the first names the row.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for each column.
    pub rows: Vec<Vec<Cell>>,
    /// How many rows are not here, and where they are.
    pub more: Option<String>,
}

/// A column.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its heading.
    pub name: &'static str,
    /// What stands in it.
    pub kind: ColumnKind,
}

/// What stands in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// A word or a date that is not broken over lines.
    Short,
    /// Numbers, which stand right.
    Number,
}

impl Column {
    /// A column of text.
    pub const fn text(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Text }
    }

    /// A column of words or dates that are not broken over lines.
    pub const fn short(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Short }
    }

    /// A column of numbers.
    pub const fn number(name: &'static str) -> Self {
        Self { name, kind: ColumnKind::Number }
    }
}

/// A cell.
#[derive(Default)]
pub struct Cell {
    /// What is read first.
    pub text: String,
    /// An identifier below it, which may be long.
    pub code: Option<String>,
    /// What else is to be known, below both.
    pub note: Option<String>,
    /// What it stands for, where that has a colour.
    pub tone: Option<Tone>,
}

impl Cell {
    /// Just a text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number.
    pub fn number(n: u64) -> Self {
        Self::text(words::thousands(n))
    }

    /// A number of which there should be none: without tone where there is none.
    pub fn bad(n: u64, tone: Tone) -> Self {
        Self { tone: (n > 0).then_some(tone), ..Self::number(n) }
    }

    /// With an identifier below it; an empty one is none.
    pub fn code(self, code: impl Into<String>) -> Self {
        Self { code: Some(code.into()).filter(|code| !code.is_empty()), ..self }
    }

    /// With a note below it; an empty one is none.
    pub fn note(self, note: impl Into<String>) -> Self {
        Self { note: Some(note.into()).filter(|note| !note.is_empty()), ..self }
    }

    /// With a tone.
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone: Some(tone), ..self }
    }
}

impl Table {
    /// A table of at most so many of the items, or the sentence that there are none.
    ///
    /// `rest` says where the rows are that are left out.
    pub(super) fn of<T>(
        (id, caption): (&'static str, impl Into<String>),
        columns: &[Column],
        items: &[T],
        (most, rest): (usize, &str),
        nothing: &str,
        row: impl Fn(&T) -> Vec<Cell>,
    ) -> Block {
        if items.is_empty() {
            return Block::Text(nothing.to_owned());
        }
        let left = items.len().saturating_sub(most) as u64;
        Block::Table(Self {
            id,
            caption: caption.into(),
            columns: columns.to_vec(),
            rows: items.iter().take(most).map(row).collect(),
            more: (left > 0).then(|| format!("{} more: {rest}", words::thousands(left))),
        })
    }
}

/// Where the rest of a list of findings is.
pub(super) const REST_OF_FINDINGS: &str = "the CSV and the workbook (XLSX) of this week have every row.";
/// Where the rest of any other list is.
pub(super) const REST: &str = "the workbook (XLSX) and the JSON of this week have every row.";

/// A finding's resource.
pub(super) fn resource(finding: &Finding) -> Cell {
    Cell::text(finding.resource_name.as_str())
        .code(finding.resource_arn.as_str())
        .note(words::resource_type(&finding.resource_type))
}

/// A finding's account, with its OU.
pub(super) fn account(finding: &Finding) -> Cell {
    Cell::text(finding.account_name.as_str())
        .code(finding.account_id.as_str())
        .note(finding.ou_path.as_deref().unwrap_or_default())
}

/// Why a finding is one, with its key.
pub(super) fn why(finding: &Finding) -> Cell {
    let (tone, status) = match (finding.state.as_str(), finding.status.as_str()) {
        ("suppressed", _) => (Tone::Muted, "accepted"),
        (_, "unknown") => (Tone::Unsure, "not judged"),
        (_, "pass") => (Tone::Good, "passes"),
        _ => (Tone::Bad, "fails"),
    };
    Cell::text(words::verdict_reason(&finding.reason))
        .tone(tone)
        .code(finding.key_arn.as_deref().unwrap_or_default())
        .note(format!("{status}, {}: {}", finding.severity, finding.check_id))
}
