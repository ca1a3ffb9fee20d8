//! Long lists page by page. A page begins behind a row of the page before, found by its key: so a deep page costs
//! no more than the first, and what is written meanwhile makes none skip or repeat what stood all the time.

mod accounts;
mod coverage;
mod events;
mod findings;
mod resources;
mod scans;

pub use accounts::AccountPages;
pub use coverage::CoveragePages;
pub use events::EventPages;
pub use findings::FindingPages;
pub use resources::ResourcePages;
pub use scans::ScanPages;

use super::{Question, Reader, filter::list, rows};
use crate::{domain::Rows, history::HistoryError};

/// A list that is read in pages, with its filters: of each, an empty one keeps everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pages {
    /// `findings`, the newest first.
    Findings(FindingPages),
    /// `finding_events`, the newest first.
    Events(EventPages),
    /// `resources`, in the order in which they were first seen.
    Resources(ResourcePages),
    /// `coverage`, in the order in which the targets were first seen.
    Coverage(CoveragePages),
    /// `scans`, the newest first.
    Scans(ScanPages),
    /// `accounts`, by their ids.
    Accounts(AccountPages),
}

/// Where a page begins, and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// [`Page::next`] of the page before; `None` for the first page.
    pub after: Option<i64>,
    /// Rows, at most.
    pub limit: u32,
}

/// One page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    /// Its rows, with the columns of the view.
    pub rows: Rows,
    /// Behind what the next page begins; `None` if this is the last.
    pub next: Option<i64>,
}

impl Pages {
    /// The question whose first column is the key, which the view need not have.
    fn question(&self, place: Place) -> Question {
        // One more row tells whether another page follows.
        let limit = Some((u64::from(place.limit) + 1).to_string());
        let after = |first: i64| Some(place.after.unwrap_or(first).to_string());
        match self {
            Self::Findings(pages) => pages.question(after(i64::MAX), limit),
            Self::Events(pages) => pages.question(after(i64::MAX), limit),
            Self::Resources(pages) => pages.question(after(i64::MIN), limit),
            Self::Coverage(pages) => pages.question(after(i64::MIN), limit),
            Self::Scans(pages) => pages.question(after(i64::MAX), limit),
            Self::Accounts(pages) => pages.question(after(-1), limit),
        }
    }
}

impl Reader {
    /// One page of a list.
    ///
    /// # Errors
    /// Where the file can't be read.
    pub async fn page(&self, pages: &Pages, place: Place) -> Result<Page, HistoryError> {
        let mut db = self.connection().await?;
        let found = rows(&mut db, pages.question(place)).await;
        let Rows { mut columns, mut rows } =
            found.map_err(|error| HistoryError::sqlite(&self.path, error))?;
        let is_last = rows.len() <= place.limit as usize;
        rows.truncate(place.limit as usize);
        let next = rows.last().filter(|_| !is_last).and_then(|row| row.first()?.as_i64());
        columns.remove(0);
        for row in &mut rows {
            row.remove(0);
        }
        Ok(Page { rows: Rows { columns, rows }, next })
    }
}

/// A list of words as a JSON array; nothing for an empty one.
fn words(words: &[String]) -> Option<String> {
    list(words.iter().map(String::as_str))
}
