//! The pages of the API's lists: the first, and one deep in.

use std::{error::Error, path::Path, time::Duration};

use keywatch::history::{
    AccountPages, CoveragePages, EventPages, FindingPages, Page, Pages, Place, Reader, ResourcePages,
    ScanPages,
};

use super::measure::{Table, least};

/// A page, however deep.
const PAGE: Duration = Duration::from_millis(50);

/// Rows of a page where nobody asks for more or fewer.
const USUAL: u32 = 100;

/// The most that can be asked for.
const MOST: u32 = 1000;

pub async fn pages(path: &Path, table: &mut Table) -> Result<(), Box<dyn Error>> {
    let reader = Reader::open(path).await?;
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    for (name, pages) in [
        ("findings", Pages::Findings(FindingPages::default())),
        (
            "findings of an account",
            Pages::Findings(FindingPages { accounts: words(&["100000005000"]), ..FindingPages::default() }),
        ),
        (
            "findings named as none is",
            Pages::Findings(FindingPages { name: Some("nothing".to_owned()), ..FindingPages::default() }),
        ),
        ("finding-events", Pages::Events(EventPages::default())),
        ("resources", Pages::Resources(ResourcePages::default())),
        ("coverage", Pages::Coverage(CoveragePages::default())),
        (
            "coverage that failed",
            Pages::Coverage(CoveragePages { outcomes: words(&["failed"]), ..CoveragePages::default() }),
        ),
        (
            "coverage for a rare reason",
            Pages::Coverage(CoveragePages { reasons: words(&["denied_by_scp"]), ..CoveragePages::default() }),
        ),
        ("scans", Pages::Scans(ScanPages::default())),
        ("accounts", Pages::Accounts(AccountPages::default())),
    ] {
        let (deep, depth) = deep(&reader, &pages).await?;
        for (which, after, limit) in
            [("the first", None, USUAL), ("the first", None, MOST), ("a deep", deep, USUAL)]
        {
            let mut page = Page::default();
            let time = least(async || {
                page = reader.page(&pages, Place { after, limit }).await?;
                Ok(())
            })
            .await?;
            let behind = if after.is_some() { format!(", behind {depth}") } else { String::new() };
            table.time(
                &format!("{name}, {which} {limit}"),
                time,
                PAGE,
                &format!("{} rows{behind}", page.rows.rows.len()),
            );
        }
    }
    Ok(())
}

/// Where the last full page begins, and how many rows are before it.
async fn deep(reader: &Reader, pages: &Pages) -> Result<(Option<i64>, usize), Box<dyn Error>> {
    let (mut after, mut rows) = (None, 0);
    loop {
        let page = reader.page(pages, Place { after, limit: MOST }).await?;
        match page.next {
            Some(next) => (after, rows) = (Some(next), rows + page.rows.rows.len()),
            None => return Ok((after, rows)),
        }
    }
}
