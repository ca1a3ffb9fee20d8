//! What the forms of the lists ask for.

use super::NoPage;
use crate::{
    domain::visible,
    history::{HistoryError, Place, Reader},
};

/// Rows of a page.
pub(super) const PAGE: u32 = 50;

/// Accounts that a part of a name may stand for.
const ACCOUNTS: u32 = 500;

/// One choice of a form.
pub(super) struct Choice {
    pub value: &'static str,
    pub label: String,
    pub chosen: bool,
}

/// The choices of a field, of which one is chosen; the first is what holds where nothing is chosen.
///
/// # Errors
/// Where the word is no choice.
pub(super) fn choices(
    field: &str,
    word: Option<&str>,
    all: impl IntoIterator<Item = (&'static str, String)>,
) -> Result<Vec<Choice>, NoPage> {
    let all: Vec<(&str, String)> = all.into_iter().collect();
    let word = said(word).or(all.first().map(|(value, _)| *value)).unwrap_or_default();
    if !all.iter().any(|(value, _)| *value == word) {
        let known: Vec<&str> =
            all.iter().map(|(value, _)| *value).filter(|value| !value.is_empty()).collect();
        return Err(NoPage::bad(format!("{field} is one of {}, not {:?}", known.join(", "), visible(word))));
    }
    Ok(all.into_iter().map(|(value, label)| Choice { value, label, chosen: value == word }).collect())
}

/// The chosen one.
pub(super) fn chosen(choices: &[Choice]) -> &'static str {
    choices.iter().find(|choice| choice.chosen).map_or("", |choice| choice.value)
}

/// A choice as a list's filter; the empty one keeps everything.
pub(super) fn only(word: &str) -> Vec<String> {
    said(Some(word)).map(str::to_owned).into_iter().collect()
}

/// What was said, if anything was: forms send fields that were left empty too.
pub(super) fn said(field: Option<&str>) -> Option<&str> {
    field.map(str::trim).filter(|text| !text.is_empty())
}

/// Where a page begins.
///
/// # Errors
/// Where `after` is none of ours.
pub(super) fn place(after: Option<&str>) -> Result<Place, NoPage> {
    let after = said(after)
        .map(|text| {
            text.parse().map_err(|_| NoPage::bad("after is what the link to the next page says".to_owned()))
        })
        .transpose()?;
    Ok(Place { after, limit: PAGE })
}

/// The accounts that a text stands for: an id, or a part of names. Nothing was said: `None`, which is all of them.
pub(super) async fn accounts(
    reader: &Reader,
    field: Option<&str>,
) -> Result<Option<Vec<String>>, HistoryError> {
    let Some(text) = said(field) else { return Ok(None) };
    let found = reader.accounts_like(text, ACCOUNTS).await?;
    Ok(Some(found.iter().map(|account| account.text("account_id").to_owned()).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_one_of_those_there_are() {
        let all = || [("open", "open".to_owned()), ("all", "all".to_owned())];
        let word = |said| choices("state", said, all()).map(|choices| chosen(&choices));
        assert_eq!(word(None).ok(), Some("open"));
        assert_eq!(word(Some(" ")).ok(), Some("open"));
        assert_eq!(word(Some("all")).ok(), Some("all"));
        let error = word(Some("<b>\u{202e}")).err().unwrap().detail;
        assert_eq!(error, "state is one of open, all, not \"<b>\\\\u{202e}\"");
    }
}
