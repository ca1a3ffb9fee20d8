use axum::{
    extract::Path,
    http::{
        StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::LazyLock;

use crate::server::problem::problem;

const SHEET: &str = include_str!("keywatch.css");

/// The sheet's name has a digest of what it says in it, so that a browser may keep it for ever.
static NAME: LazyLock<String> = LazyLock::new(|| {
    let digest = Sha256::digest(SHEET.as_bytes());
    let short: String = digest.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    format!("keywatch-{short}.css")
});

/// Where the pages find their style sheet.
pub(super) fn sheet() -> String {
    format!("/assets/{}", *NAME)
}

/// `/assets/…`.
pub(super) async fn asset(Path(name): Path<String>) -> Response {
    if name != *NAME {
        return problem(StatusCode::NOT_FOUND, "there is no such asset", json!({}));
    }
    let headers =
        [(CONTENT_TYPE, "text/css; charset=utf-8"), (CACHE_CONTROL, "public, max-age=31536000, immutable")];
    (headers, SHEET).into_response()
}
