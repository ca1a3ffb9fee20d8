use axum::{
    extract::{FromRequestParts, Path},
    http::{StatusCode, request::Parts},
};
use serde_json::json;

use super::answer::Stopped;
use crate::server::problem::problem;

/// The one part of the path that is not fixed.
pub(super) struct Named(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Stopped;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Stopped> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(name)) => Ok(Self(name)),
            Err(error) => Err(problem(StatusCode::BAD_REQUEST, &error.body_text(), json!({})).into()),
        }
    }
}
