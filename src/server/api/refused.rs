//! What is answered where there is no good answer, for the document.

use serde::Serialize;
use utoipa::{IntoResponses, ToSchema};

/// An error, as RFC 9457 has it.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({
    "type": "about:blank",
    "title": "Bad Request",
    "status": 400,
    "detail": "state is \"closed\", and has to be one of open, resolved, suppressed",
    "parameters": [
        {"parameter": "state", "detail": "is \"closed\", and has to be one of open, resolved, suppressed"}
    ]
}))]
pub(super) struct Problem {
    /// Always about:blank.
    r#type: String,
    /// The name of the status.
    title: String,
    /// The status.
    status: u16,
    /// What is wrong, and what to do.
    detail: String,
    /// Each parameter that is wrong, where it is for that.
    #[serde(skip_serializing_if = "Option::is_none")]
    parameters: Option<Vec<WrongParameter>>,
}

/// A parameter that is wrong.
#[derive(Serialize, ToSchema)]
pub(super) struct WrongParameter {
    /// Its name.
    parameter: String,
    /// What it has to be.
    detail: String,
}

/// Answers that every question can have.
#[derive(IntoResponses)]
#[expect(dead_code, reason = "it is for the document")]
pub(super) enum Refused {
    /// The answer that If-None-Match names still holds
    #[response(status = 304)]
    NotModified,
    /// A parameter is not known, or its value won't do
    #[response(status = 400, content_type = "application/problem+json")]
    BadRequest(Problem),
    /// A token is asked for, and was not sent
    #[response(status = 401, content_type = "application/problem+json",
               headers(("www-authenticate" = String, description = "How it can be sent")))]
    Unauthorized(Problem),
    /// The query is too long
    #[response(status = 414, content_type = "application/problem+json")]
    TooLong(Problem),
    /// Without a token, only who asks for localhost or a loopback address is answered
    #[response(status = 421, content_type = "application/problem+json")]
    Misdirected(Problem),
    /// The history can't be read now, or too many ask at the same time
    #[response(status = 503, content_type = "application/problem+json",
               headers(("retry-after" = u32, description = "Seconds to wait, where waiting helps")))]
    Unavailable(Problem),
}
