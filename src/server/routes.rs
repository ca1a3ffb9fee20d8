use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{self, Request},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, WWW_AUTHENTICATE, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::time::timeout;

use super::{State, health, metrics, pages, problem::problem};

/// Everything that is served. `exposed` says that it can be reached from other machines.
pub(super) fn routes(state: Arc<State>, exposed: bool, request_timeout: Duration) -> Router {
    let guarded = Router::new()
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(numbers))
        .merge(pages::routes())
        .route_layer(from_fn_with_state((Arc::clone(&state), exposed), only_with_token));
    Router::new()
        .route("/healthz", get(health::healthz))
        .merge(guarded)
        .merge(pages::assets())
        .fallback(not_found)
        .method_not_allowed_fallback(only_reading)
        .layer(from_fn(move |request, next| within(request_timeout, request, next)))
        .layer(from_fn(pages::for_people))
        .layer(map_response(harmless))
        .with_state(state)
}

/// `/metrics`.
async fn numbers(extract::State(state): extract::State<Arc<State>>) -> Response {
    match metrics::scrape(&state).await {
        Ok(text) => ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response(),
        Err(error) => problem(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string(), json!({})),
    }
}

async fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, "there is nothing of that name here", json!({}))
}

async fn only_reading() -> Response {
    problem(StatusCode::METHOD_NOT_ALLOWED, "keywatch only answers GET", json!({}))
}

async fn only_with_token(
    extract::State((state, exposed)): extract::State<(Arc<State>, bool)>,
    request: Request,
    next: Next,
) -> Response {
    if state.admits(bearer(request.headers()), exposed) {
        return next.run(request).await;
    }
    let detail = "send the token of server.token_file as \"Authorization: Bearer TOKEN\"";
    let mut refusal = problem(StatusCode::UNAUTHORIZED, detail, json!({}));
    refusal.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"keywatch\""));
    refusal
}

fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let (scheme, token) = value.split_at_checked(b"Bearer ".len())?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then(|| token.trim_ascii())
}

/// No answer keeps a connection for ever.
async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match timeout(limit, next.run(request)).await {
        Ok(answer) => answer,
        Err(_) => {
            let detail = format!("no answer within {} s; is the database's disk slow?", limit.as_secs());
            problem(StatusCode::SERVICE_UNAVAILABLE, &detail, json!({}))
        }
    }
}

/// What is said now is of now, where it does not say otherwise, and is what it says it is.
async fn harmless(mut answer: Response) -> Response {
    let headers = answer.headers_mut();
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}
