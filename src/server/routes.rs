use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{self, Request},
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{
            CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
            X_FRAME_OPTIONS,
        },
    },
    middleware::{Next, from_fn, from_fn_with_state, map_response},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::time::timeout;
use tower_http::compression::{
    CompressionLayer, Predicate,
    predicate::{NotForContentType, SizeAbove},
};

use super::{State, api, guard, health, metrics, pages, problem::problem};

/// The longest path with its query.
const MAX_TARGET: usize = 8 * 1024;

/// Bytes from which on to compress is worth it.
const COMPRESSED_FROM: u64 = 1024;

/// Everything that is served. `exposed` says that it can be reached from other machines.
pub(super) fn routes(state: Arc<State>, exposed: bool, request_timeout: Duration) -> Router {
    let guarded = Router::new()
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(numbers))
        .merge(api::routes())
        .merge(pages::routes())
        .route_layer(compression())
        .route_layer(map_response(acceptable))
        .route_layer(from_fn_with_state((Arc::clone(&state), exposed), guard::only_who_may));
    Router::new()
        .route("/healthz", get(health::healthz))
        .merge(guarded)
        .merge(pages::assets())
        .fallback(not_found)
        .method_not_allowed_fallback(only_reading)
        .layer(from_fn(move |request, next| within(request_timeout, request, next)))
        .layer(from_fn(short_enough))
        .layer(from_fn(pages::for_people))
        .layer(map_response(harmless))
        .with_state(state)
}

/// Images and workbooks are compressed already.
fn compression() -> CompressionLayer<impl Predicate> {
    let workbooks = NotForContentType::const_new("application/vnd.openxmlformats");
    CompressionLayer::new()
        .compress_when(SizeAbove::new(COMPRESSED_FROM).and(NotForContentType::IMAGES).and(workbooks))
}

/// What cannot be sent in a form that was asked for is not sent.
async fn acceptable(answer: Response) -> Response {
    if answer.status() != StatusCode::NOT_ACCEPTABLE {
        return answer;
    }
    let detail = "answers come compressed with gzip or as they are; allow one of the two in Accept-Encoding";
    problem(StatusCode::NOT_ACCEPTABLE, detail, json!({}))
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
    problem(StatusCode::METHOD_NOT_ALLOWED, "keywatch only answers GET and HEAD", json!({}))
}

/// What is longer than any question is no question.
async fn short_enough(request: Request, next: Next) -> Response {
    let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
    if target <= MAX_TARGET {
        return next.run(request).await;
    }
    let detail = format!("the path and the query may have {MAX_TARGET} bytes, and have {target}");
    problem(StatusCode::URI_TOO_LONG, &detail, json!({}))
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

/// What is said now is of now, and is what it says it is; unless an answer says otherwise.
async fn harmless(mut answer: Response) -> Response {
    const USUAL: [(HeaderName, &str); 5] = [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (X_FRAME_OPTIONS, "DENY"),
    ];
    let headers = answer.headers_mut();
    for (name, value) in USUAL {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    answer
}
