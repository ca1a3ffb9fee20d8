//! How an answer or a refusal looks on the wire, in each of the three protocols.

use std::time::SystemTime;

use aws_smithy_types::{DateTime, date_time::Format};
use hyper::{Response, StatusCode, body::Bytes, header};

use super::{body::WireBody, request::Protocol};

/// What a service says no with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl Refusal {
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self { status, code: code.to_owned(), message: message.into() }
    }

    /// Whether the SDK takes it for throttling.
    pub fn is_throttle(&self) -> bool {
        matches!(&*self.code, "Throttling" | "ThrottlingException" | "TooManyRequestsException")
    }
}

/// A body in the words of its protocol, before it becomes bytes on a connection.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub content_type: &'static str,
    pub body: Vec<u8>,
    pub error_type: Option<String>,
}

impl Answer {
    /// A JSON document.
    pub fn json(protocol: Protocol, value: &serde_json::Value) -> Self {
        Self {
            status: 200,
            content_type: protocol.content_type(),
            body: value.to_string().into_bytes(),
            error_type: None,
        }
    }

    /// The `<…Result>` of a Query operation, put into its envelope.
    pub fn query(operation: &str, result: &str, request_id: &str) -> Self {
        let body = format!(
            "<{operation}Response xmlns=\"{STS_NAMESPACE}\"><{operation}Result>{result}</{operation}Result>\
             <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
        );
        Self {
            status: 200,
            content_type: Protocol::Query.content_type(),
            body: body.into_bytes(),
            error_type: None,
        }
    }

    /// A refusal in the words of the protocol.
    pub fn refusal(protocol: Protocol, refusal: &Refusal, request_id: &str) -> Self {
        let Refusal { status, code, message } = refusal;
        let (body, error_type) = match protocol {
            Protocol::Json11 => (serde_json::json!({ "__type": code, "message": message }).to_string(), None),
            Protocol::RestJson => {
                (serde_json::json!({ "message": message }).to_string(), Some(code.to_owned()))
            }
            Protocol::Query => (
                format!(
                    "<ErrorResponse xmlns=\"{STS_NAMESPACE}\"><Error><Type>Sender</Type><Code>{}</Code>\
                     <Message>{}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>",
                    escape(code),
                    escape(message),
                ),
                None,
            ),
        };
        Self { status: *status, content_type: protocol.content_type(), body: body.into_bytes(), error_type }
    }

    /// A page of HTML, as something between client and service might answer.
    pub fn html(status: u16) -> Self {
        let body = b"<html><head><title>Gateway</title></head><body><h1>Not AWS</h1></body></html>".to_vec();
        Self { status, content_type: "text/html", body, error_type: None }
    }

    /// An object that holds nothing, which a lenient reader takes for a place where nothing is.
    pub fn empty_object() -> Self {
        Self {
            status: 200,
            content_type: "application/x-amz-json-1.1",
            body: b"{}".to_vec(),
            error_type: None,
        }
    }

    /// The HTTP response, dated by the sandbox's clock.
    pub fn into_response(self, request_id: &str, now: SystemTime, cut: bool) -> Response<WireBody> {
        let bytes = Bytes::from(self.body);
        let mut response = Response::new(if cut { WireBody::cut(bytes) } else { WireBody::whole(bytes) });
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or_default();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(self.content_type));
        let date = DateTime::from_secs(DateTime::from(now).secs()).fmt(Format::HttpDate);
        if let Some(Ok(date)) = date.ok().as_deref().map(str::parse) {
            headers.insert(header::DATE, date);
        }
        if let Ok(id) = request_id.parse() {
            headers.insert("x-amzn-requestid", id);
        }
        if let Some(Ok(code)) = self.error_type.as_deref().map(str::parse) {
            headers.insert("x-amzn-errortype", code);
        }
        response
    }
}

/// Source: STS API, the namespace of version 2011-06-15.
const STS_NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// Text as XML content.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An id of the form AWS gives its requests.
pub(super) fn request_id() -> String {
    let hex = format!("{:032x}", fastrand::u128(..));
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
