use std::{collections::HashSet, future::Future};

use aws_credential_types::Credentials;

use super::{Bounds, CallError, Caller, Operation, Session};
use crate::domain::{CoverageReason, Region};

/// One page of a list, with the token of the next.
pub struct Page<T> {
    /// What is on it; may be empty before the end.
    pub items: Vec<T>,
    /// The token to ask for the next page with; `None` or empty on the last.
    pub next: Option<String>,
}

impl<T> Page<T> {
    /// A page as the SDK gives it.
    ///
    /// # Errors
    /// `invalid_response` where the list is missing: AWS answers an empty one as `[]`, and an answer
    /// without it must not look like a place where nothing is.
    pub fn new(operation: Operation, items: Option<Vec<T>>, next: Option<String>) -> Result<Self, CallError> {
        match items {
            Some(items) => Ok(Self { items, next }),
            None => Err(CallError::transient(
                operation,
                CoverageReason::InvalidResponse,
                "an answer without the list that was asked for",
            )),
        }
    }
}

impl Caller {
    /// Makes one call for each page until the list is complete.
    ///
    /// # Errors
    /// The first page's that fails, so that there is no half a list; `invalid_response` for a token that
    /// comes a second time, which would go on for ever.
    pub async fn all_pages<T, F>(
        &self,
        operation: Operation,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
        page: impl Fn(Credentials, Option<String>) -> F,
    ) -> Result<Vec<T>, CallError>
    where
        F: Future<Output = Result<Page<T>, CallError>>,
    {
        let mut pages = Pages::default();
        let mut items = Vec::new();
        while let Some(found) = self.next_page(operation, session, region, bounds, &page, &mut pages).await? {
            items.extend(found);
        }
        Ok(items)
    }

    /// Makes the call for the next page of a list; `None` after the last.
    ///
    /// # Errors
    /// As [`Caller::all_pages`].
    pub async fn next_page<T, F>(
        &self,
        operation: Operation,
        session: &Session,
        region: &Region,
        bounds: &Bounds,
        page: impl Fn(Credentials, Option<String>) -> F,
        pages: &mut Pages,
    ) -> Result<Option<Vec<T>>, CallError>
    where
        F: Future<Output = Result<Page<T>, CallError>>,
    {
        if pages.ended {
            return Ok(None);
        }
        let answer = self
            .call(operation, session, region, bounds, |credentials| page(credentials, pages.token.clone()))
            .await?;
        pages.token = answer.next.filter(|token| !token.is_empty());
        match &pages.token {
            None => pages.ended = true,
            Some(next) if !pages.seen.insert(next.clone()) => {
                return Err(CallError::defect(
                    operation,
                    CoverageReason::InvalidResponse,
                    format!(
                        "page {} ends with a token that an earlier page ended with",
                        pages.seen.len() + 1
                    ),
                ));
            }
            Some(_) => {}
        }
        Ok(Some(answer.items))
    }
}

/// How far a list has been read.
#[derive(Default)]
pub struct Pages {
    token: Option<String>,
    seen: HashSet<String>,
    ended: bool,
}
