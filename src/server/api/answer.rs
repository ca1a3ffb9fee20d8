use std::fmt::Write;

use axum::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, RETRY_AFTER},
    },
    response::{IntoResponse, Response},
};
use serde::{Serialize, de::DeserializeOwned, de::value::MapDeserializer};
use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    domain::Rows,
    history::HistoryError,
    server::{history::Refused, problem::problem},
};

/// What ends a request early, and is answered.
#[derive(Debug)]
pub(super) struct Stopped(Box<Response>);

impl From<Response> for Stopped {
    fn from(problem: Response) -> Self {
        Self(Box::new(problem))
    }
}

impl IntoResponse for Stopped {
    fn into_response(self) -> Response {
        *self.0
    }
}

/// A good answer; or, to who has it already, only that it still holds.
pub(super) fn answer(asked: &HeaderMap, body: &impl Serialize) -> Result<Response, Stopped> {
    let json = json_of(body)?;
    Ok(conditional(asked, &tag(&json), json))
}

/// The same with another tag than its own.
pub(super) fn answer_tagged(
    asked: &HeaderMap,
    tag: &str,
    body: &impl Serialize,
) -> Result<Response, Stopped> {
    Ok(conditional(asked, tag, json_of(body)?))
}

/// The tag of what makes answers differ.
pub(super) fn tag_of(differs: &impl Serialize) -> Result<String, Stopped> {
    json_of(differs).map(|json| tag(&json))
}

fn json_of(body: &impl Serialize) -> Result<Vec<u8>, Stopped> {
    serde_json::to_vec(body).map_err(|error| defect(&error))
}

/// A document of another type.
pub(in crate::server) fn document(
    asked: &HeaderMap,
    content_type: &'static str,
    content: Vec<u8>,
) -> Response {
    conditional_of(asked, &tag(&content), content_type, content)
}

fn conditional(asked: &HeaderMap, tag: &str, json: Vec<u8>) -> Response {
    conditional_of(asked, tag, "application/json", json)
}

fn conditional_of(asked: &HeaderMap, tag: &str, content_type: &'static str, content: Vec<u8>) -> Response {
    let holds = asked.get_all(IF_NONE_MATCH).iter().any(|value| names(value.as_bytes(), tag));
    let mut answer = if holds {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(CONTENT_TYPE, content_type)], content).into_response()
    };
    let headers = answer.headers_mut();
    // It may be kept, but has to be asked for each time.
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    if let Ok(tag) = HeaderValue::from_str(tag) {
        headers.insert(ETAG, tag);
    }
    answer
}

/// What differs where the text does. Weak, because the same tag stands for it compressed.
fn tag(text: &[u8]) -> String {
    let mut tag = "W/\"".to_owned();
    for byte in Sha256::digest(text).iter().take(16) {
        // Writing to a String cannot fail.
        let _ = write!(tag, "{byte:02x}");
    }
    tag + "\""
}

/// Whether a list of tags has this one, or is `*`. Weak or not is the same here (RFC 9110, section 13.1.2).
fn names(list: &[u8], tag: &str) -> bool {
    let opaque = tag.trim_start_matches("W/").as_bytes();
    list.split(|byte| *byte == b',')
        .map(<[u8]>::trim_ascii)
        .any(|one| one == b"*" || one.strip_prefix(b"W/").unwrap_or(one) == opaque)
}

/// The rows as what they are said to be.
pub(super) fn typed<T: DeserializeOwned>(rows: Rows) -> Result<Vec<T>, Stopped> {
    let Rows { columns, rows } = rows;
    let row = |row: Vec<serde_json::Value>| {
        let named = columns.iter().map(String::as_str).zip(row);
        T::deserialize(MapDeserializer::<_, serde_json::Error>::new(named))
    };
    rows.into_iter().map(row).collect::<Result<_, _>>().map_err(|error| defect(&error))
}

fn defect(error: &dyn std::error::Error) -> Stopped {
    tracing::error!(%error, "a defect in keywatch, please report it: a row is not what it is said to be");
    let detail = "a defect in keywatch, please report it: see its log";
    problem(StatusCode::INTERNAL_SERVER_ERROR, detail, json!({})).into()
}

impl From<Refused> for Stopped {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Busy => {
                let detail = "too many ask at the same time; ask again in a moment";
                let mut busy = problem(StatusCode::SERVICE_UNAVAILABLE, detail, json!({}));
                busy.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static("1"));
                busy.into()
            }
            Refused::History(error) => error.into(),
        }
    }
}

impl From<HistoryError> for Stopped {
    fn from(error: HistoryError) -> Self {
        let status = match error {
            HistoryError::NotCovered { .. } => StatusCode::NOT_FOUND,
            _ => StatusCode::SERVICE_UNAVAILABLE,
        };
        problem(status, &error.to_string(), json!({})).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_is_found_in_a_list_of_tags() {
        let tag = tag(b"text");
        let strong = tag.trim_start_matches("W/");
        for list in [
            tag.clone(),
            strong.to_owned(),
            format!("\"a\", {tag}"),
            format!("W/\"b\",{strong}"),
            "*".to_owned(),
        ] {
            assert!(names(list.as_bytes(), &tag), "{list}");
        }
        for list in ["", "\"a\"", "a", strong.trim_matches('"'), "W/*"] {
            assert!(!names(list.as_bytes(), &tag), "{list}");
        }
        assert_ne!(self::tag(b"text"), self::tag(b"texT"));
    }
}
