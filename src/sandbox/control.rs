//! The sandbox's own HTTP interface, for a sandbox in another process.

use std::time::Duration;

use hyper::{Method, Response, StatusCode, body::Bytes, header, http::request::Parts};
use serde_json::{Value, json};

use super::{
    body::WireBody,
    context::Shared,
    environment,
    faults::{Fault, FaultKind},
};

/// Answers below `/_sandbox/`.
pub(super) fn answer(shared: &Shared, parts: &Parts, body: &Bytes) -> Response<WireBody> {
    let (status, value) = match (&parts.method, parts.uri.path()) {
        (&Method::GET, "/_sandbox/calls") => (200, shared.counter.change(|calls| calls.to_json())),
        (&Method::DELETE, "/_sandbox/calls") => {
            shared.counter.reset();
            (200, json!({}))
        }
        (&Method::GET, "/_sandbox/changes") => (200, shared.changes.to_json()),
        (&Method::GET, "/_sandbox/environment") => {
            let host =
                parts.headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
            let pairs = environment(&shared.world(), &format!("http://{host}"));
            (200, pairs.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
        }
        // Seam: `GET /_sandbox/truth` answers what a perfect scan of the world would find, once the world
        // can tell.
        (&Method::POST, "/_sandbox/faults") => match fault(body) {
            Ok(fault) => {
                shared.faults.inject(fault);
                (200, json!({}))
            }
            Err(message) => (400, json!({ "error": message })),
        },
        (&Method::DELETE, "/_sandbox/faults") => {
            shared.faults.clear();
            (200, json!({}))
        }
        _ => (404, json!({ "error": "the sandbox has no such page" })),
    };
    let mut response = Response::new(WireBody::whole(Bytes::from(value.to_string())));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    response
}

/// Reads `{"kind": "throttle", "operation": …, "account": …, "region": …, "times": …, "after": …}`.
fn fault(body: &Bytes) -> Result<Fault, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let fields = value.as_object().ok_or("a fault is an object")?;
    if let Some(name) = fields.keys().find(|name| !FIELDS.contains(&name.as_str())) {
        return Err(format!("a fault has no {name:?}"));
    }
    let text = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.as_str())),
        Some(_) => Err(format!("{name} is a text")),
    };
    let number = |name: &str| match fields.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(number) => number
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .map(Some)
            .ok_or(format!("{name} is a whole number")),
    };
    let kind = match (text("kind")?.ok_or("kind is missing")?, number("milliseconds")?) {
        ("delay", Some(milliseconds)) => FaultKind::Delay(Duration::from_millis(milliseconds.into())),
        ("delay", None) => return Err("a delay needs milliseconds".to_owned()),
        ("refused", _) => {
            let wanted = text("code")?.ok_or("a refusal needs a code")?;
            let known = FaultKind::REFUSALS.into_iter().find(|code| *code == wanted);
            FaultKind::Refused(known.ok_or_else(|| format!("no service refuses with {wanted:?}"))?)
        }
        (word, _) => KINDS
            .iter()
            .find(|(name, _)| *name == word)
            .map(|(_, kind)| *kind)
            .ok_or_else(|| format!("there is no fault {word:?}"))?,
    };
    Ok(Fault {
        operation: text("operation")?.map(str::to_owned),
        account: text("account")?.map(str::parse).transpose().map_err(|error| format!("{error}"))?,
        region: text("region")?.map(str::parse).transpose().map_err(|error| format!("{error}"))?,
        times: number("times")?,
        after: number("after")?.unwrap_or_default(),
        per_thousand: number("per_thousand")?.map(|share| u16::try_from(share).unwrap_or(1000)),
        kind,
    })
}

const FIELDS: [&str; 9] =
    ["kind", "operation", "account", "region", "times", "after", "per_thousand", "milliseconds", "code"];

const KINDS: [(&str, FaultKind); 16] = [
    ("access_denied", FaultKind::AccessDenied),
    ("denied_by_scp", FaultKind::DeniedByScp),
    ("internal_error", FaultKind::InternalError),
    ("throttle", FaultKind::Throttle),
    ("hang", FaultKind::Hang),
    ("expired_token", FaultKind::ExpiredToken),
    ("unrecognized_client", FaultKind::UnrecognizedClient),
    ("truncated_json", FaultKind::TruncatedJson),
    ("truncated_body", FaultKind::TruncatedBody),
    ("html_500", FaultKind::Html500),
    ("html_200", FaultKind::Html200),
    ("empty_object", FaultKind::EmptyObject),
    ("empty_page_with_marker", FaultKind::EmptyPageWithMarker),
    ("repeat_marker", FaultKind::RepeatMarker),
    ("disconnect", FaultKind::Disconnect),
    ("answer_lost", FaultKind::AnswerLost),
];
