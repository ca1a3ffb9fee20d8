//! The API's description of itself, in OpenAPI 3.1.

use std::sync::Arc;

use axum::{
    Router,
    http::{HeaderMap, Uri},
    routing::get,
};
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

use super::{answer::answer, described, parameters::Parameters};
use crate::server::State;

/// What stands around the paths.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "keywatch",
        description = "Which AWS DMS data of an organization is encrypted with keys that AWS manages, since when, \
                       and what nobody could see. All of it only reads.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/")),
    tags(
        (name = "findings", description = "What is wrong, what happened to it, and the numbers over time"),
        (name = "organization", description = "What there is, and what of it was seen"),
        (name = "reports", description = "The compliance report of each week"),
        (name = "work", description = "What keywatch did and will do"),
    ),
    security(("bearer" = []), ("basic" = [])),
    modifiers(&Schemes),
)]
struct Frame;

/// The two ways to send the token.
struct Schemes;

impl Modify for Schemes {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let scheme = |scheme, description: &str| {
            SecurityScheme::Http(HttpBuilder::new().scheme(scheme).description(Some(description)).build())
        };
        let components = document.components.get_or_insert_default();
        let bearer = "The token of server.token_file; none is asked for where none is set.";
        components.add_security_scheme("bearer", scheme(HttpAuthScheme::Bearer, bearer));
        let basic = "The same as the password of any user, for browsers.";
        components.add_security_scheme("basic", scheme(HttpAuthScheme::Basic, basic));
    }
}

pub(super) fn frame() -> openapi::OpenApi {
    Frame::openapi()
}

/// The document as it stands in `docs/openapi.json`.
///
/// # Errors
/// None that can happen: everything in it can be written in JSON.
pub fn document() -> serde_json::Result<String> {
    let (_, described) = described().split_for_parts();
    Ok(described.to_pretty_json()? + "\n")
}

/// The document's own path.
pub(super) fn routes(described: openapi::OpenApi) -> Router<Arc<State>> {
    let described = Arc::new(described);
    let handler = move |uri: Uri, headers: HeaderMap| {
        let described = Arc::clone(&described);
        async move {
            Parameters::of(&uri).end()?;
            answer(&headers, &*described)
        }
    };
    Router::new().route("/api/v1/openapi.json", get(handler))
}
