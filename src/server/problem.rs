use axum::{
    http::{StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// What went wrong, beside the answer that says so, for those who are shown a page instead.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    pub status: StatusCode,
    pub detail: String,
}

/// An error as RFC 9457 wants it; `more` is an object of further members.
pub(super) fn problem(status: StatusCode, detail: &str, more: Value) -> Response {
    let mut body = json!({
        "type": "about:blank",
        "title": status.canonical_reason().unwrap_or("Error"),
        "status": status.as_u16(),
        "detail": detail,
    });
    if let (Value::Object(body), Value::Object(more)) = (&mut body, more) {
        body.extend(more);
    }
    let mut answer = (status, [(CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response();
    answer.extensions_mut().insert(Problem { status, detail: detail.to_owned() });
    answer
}

/// A good answer.
pub(super) fn json_body(body: &Value) -> Response {
    ([(CONTENT_TYPE, "application/json")], body.to_string()).into_response()
}
