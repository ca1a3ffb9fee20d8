//! What all lists have in common: pages, cursors, and the form of the answer.

use axum::{
    http::{HeaderMap, HeaderValue, Uri, header::LINK},
    response::Response,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::{
    answer::{Stopped, answer, answer_tagged, tag_of, typed},
    cursor::Cursor,
    parameters::Parameters,
    values::Limit,
};
use crate::{
    history::{Pages, Place},
    server::State,
};

/// A list: its filters, and what its rows are.
pub(super) trait List: Sized {
    /// A row, with the columns of the view.
    type Row: Serialize + DeserializeOwned;

    /// Takes the filters out of the query.
    fn read(parameters: &mut Parameters) -> Self;

    /// The list in the history.
    fn pages(self) -> Pages;

    /// What of the rows makes two answers differ, where time alone changes some of the rest; `None` for all of it.
    fn lasting(_: &[Self::Row]) -> Option<Vec<Value>> {
        None
    }
}

/// What every list in pages can be asked for.
#[derive(IntoParams)]
#[into_params(parameter_in = Query, style = Form)]
#[expect(dead_code, reason = "it says what there is; `read` takes it")]
pub(super) struct PageParameters {
    /// Rows of the page.
    #[param(minimum = 1, maximum = 1000, default = 100)]
    limit: Option<u32>,
    /// The `next` of the page before, with the same filters. It holds for the version of keywatch that made it.
    #[param(pattern = "^[0-9a-f]{32}$", min_length = 32, max_length = 32)]
    cursor: Option<String>,
}

/// A page of a list, or a whole one.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Items<T> {
    /// The rows.
    pub(super) items: Vec<T>,
    /// The `cursor` of the next page; null on the last.
    #[schema(required = true)]
    pub(super) next: Option<String>,
}

impl<T> Items<T> {
    /// All there are.
    pub(super) fn all(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// Answers with one page.
pub(super) async fn page<L: List>(
    state: &State,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Stopped> {
    let mut parameters = Parameters::of(uri);
    let pages = L::read(&mut parameters).pages();
    let limit = parameters.one("limit").map_or(Limit::USUAL, |Limit(limit)| limit);
    let list = format!("{pages:?}");
    let mut after = None;
    if let Some(cursor) = parameters.one::<Cursor>("cursor") {
        after = cursor.key(&list);
        if after.is_none() {
            let detail = "was made for other filters, or by another version: begin with the first page";
            parameters.refuse("cursor", detail.to_owned());
        }
    }
    parameters.end()?;

    let turn = state.history.turn().await?;
    let page = turn.reader.page(&pages, Place { after, limit }).await?;
    drop(turn);
    let next = page.next.map(|key| Cursor::behind(key, &list).text());
    let link = next.as_deref().and_then(|next| link(uri, next));
    let items = Items { items: typed::<L::Row>(page.rows)?, next };
    let mut answer = match L::lasting(&items.items) {
        None => answer(headers, &items)?,
        Some(lasting) => answer_tagged(headers, &tag_of(&(lasting, &items.next))?, &items)?,
    };
    if let Some(link) = link {
        answer.headers_mut().insert(LINK, link);
    }
    Ok(answer)
}

/// The way to the next page: the same query with another cursor.
fn link(uri: &Uri, cursor: &str) -> Option<HeaderValue> {
    let given = uri.query().unwrap_or_default().split('&');
    let mut query: Vec<&str> =
        given.filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).collect();
    let cursor = format!("cursor={cursor}");
    query.push(&cursor);
    let target = format!("<{}?{}>; rel=\"next\"", uri.path(), query.join("&"));
    HeaderValue::from_maybe_shared(target).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_the_next_page_keeps_the_filters() {
        let link = |uri: &'static str| link(&Uri::from_static(uri), "00ff").unwrap();
        assert_eq!(link("/api/v1/scans"), "</api/v1/scans?cursor=00ff>; rel=\"next\"");
        assert_eq!(
            link("/api/v1/scans?cursor=11&outcome=complete&limit=2"),
            "</api/v1/scans?outcome=complete&limit=2&cursor=00ff>; rel=\"next\""
        );
        assert_eq!(link("/f?ou=a%20%26%3E&q=b"), "</f?ou=a%20%26%3E&q=b&cursor=00ff>; rel=\"next\"");
    }
}
