use std::collections::HashSet;

use super::{CallError, Operation};
use crate::domain::CoverageReason;

/// Watches the tokens of a paged answer, so that a service that repeats itself can't keep us for ever.
pub struct Pages {
    operation: Operation,
    seen: HashSet<String>,
}

impl Pages {
    /// Begins with the first page, which has no token.
    pub fn of(operation: Operation) -> Self {
        Self { operation, seen: HashSet::new() }
    }

    /// Takes the token that a page ended with: the one to ask for next, or `None` at the end. An empty
    /// page with a token is no end.
    ///
    /// # Errors
    /// `invalid_response` for a token that was given before.
    pub fn next(&mut self, token: Option<String>) -> Result<Option<String>, CallError> {
        match token.filter(|token| !token.is_empty()) {
            Some(token) if !self.seen.insert(token.clone()) => Err(CallError::defect(
                self.operation,
                CoverageReason::InvalidResponse,
                format!("page {} ends with a token that an earlier page ended with", self.seen.len() + 1),
            )),
            next => Ok(next),
        }
    }
}
