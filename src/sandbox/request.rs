//! From an HTTP request to the AWS call it is.

use std::borrow::Cow;

use hyper::{body::Bytes, http::request::Parts};
use serde_json::Value;

use super::answer::Refusal;
use crate::domain::{AccountId, Region};

/// The services that the sandbox speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Service {
    Organizations,
    Sts,
    Account,
    Dms,
    Kms,
}

/// How a service is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Protocol {
    /// `awsJson1_1`.
    Json11,
    /// `awsQuery`: a form in, XML out.
    Query,
    /// `restJson1`.
    RestJson,
}

impl Protocol {
    pub const fn content_type(self) -> &'static str {
        match self {
            Self::Json11 => "application/x-amz-json-1.1",
            Self::Query => "text/xml",
            Self::RestJson => "application/json",
        }
    }
}

impl Service {
    /// The service of a credential scope.
    pub fn from_scope(name: &str) -> Option<Self> {
        Some(match name {
            "organizations" => Self::Organizations,
            "sts" => Self::Sts,
            "account" => Self::Account,
            "dms" => Self::Dms,
            "kms" => Self::Kms,
            _ => return None,
        })
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Organizations => "organizations",
            Self::Sts => "sts",
            Self::Account => "account",
            Self::Dms => "dms",
            Self::Kms => "kms",
        }
    }

    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Sts => Protocol::Query,
            Self::Account => Protocol::RestJson,
            Self::Organizations | Self::Dms | Self::Kms => Protocol::Json11,
        }
    }

    /// What the service answers when it is called too often.
    pub fn throttle(self) -> Refusal {
        match self {
            Self::Sts => Refusal::new(400, "Throttling", "Rate exceeded"),
            Self::Dms | Self::Kms => Refusal::new(400, "ThrottlingException", "Rate exceeded"),
            Self::Organizations => Refusal::new(400, "TooManyRequestsException", "Rate exceeded"),
            Self::Account => Refusal::new(429, "TooManyRequestsException", "Rate exceeded"),
        }
    }

    /// What the service answers to a token whose time has passed.
    pub fn expired_token(self) -> Refusal {
        let (status, code) =
            if self == Self::Sts { (403, "ExpiredToken") } else { (400, "ExpiredTokenException") };
        Refusal::new(status, code, "The security token included in the request is expired")
    }

    /// What the service answers to an access key or a token it does not know.
    pub fn unknown_token(self) -> Refusal {
        let (status, code) = if self == Self::Sts {
            (403, "InvalidClientTokenId")
        } else {
            (400, "UnrecognizedClientException")
        };
        Refusal::new(status, code, "The security token included in the request is invalid.")
    }

    /// What the service answers to a signature that does not fit.
    pub fn bad_signature(self, message: impl Into<String>) -> Refusal {
        let (status, code) = if self == Self::Sts {
            (403, "SignatureDoesNotMatch")
        } else {
            (400, "InvalidSignatureException")
        };
        Refusal::new(status, code, message)
    }

    /// What the service answers to what it lacks the right for.
    pub fn denied(self, message: impl Into<String>) -> Refusal {
        match self {
            Self::Sts => Refusal::new(403, "AccessDenied", message),
            Self::Account => Refusal::new(403, "AccessDeniedException", message),
            _ => Refusal::new(400, "AccessDeniedException", message),
        }
    }

    /// What the service answers to an operation it does not have.
    pub fn unknown_operation(self, operation: &str) -> Refusal {
        match self {
            Self::Sts => {
                let message = format!("Could not find operation {operation} for version 2011-06-15");
                Refusal::new(400, "InvalidAction", message)
            }
            Self::Account => Refusal::new(404, "UnknownOperationException", ""),
            _ => Refusal::new(400, "UnknownOperationException", ""),
        }
    }
}

/// An AWS call.
#[derive(Debug)]
pub(super) struct Call {
    pub service: Service,
    pub region: Region,
    /// The operation's own name: `DescribeEndpoints`.
    pub operation: Cow<'static, str>,
    /// Its parameters, an object.
    pub input: Value,
}

impl Call {
    /// Reads what is called from the request that the service and Region were already read from.
    pub fn read(service: Service, region: Region, parts: &Parts, body: &Bytes) -> Result<Self, Refusal> {
        let (operation, input) = match service.protocol() {
            Protocol::Query => {
                let form = form(body);
                let action = form.get("Action").and_then(Value::as_str).unwrap_or_default().to_owned();
                (action, form)
            }
            Protocol::RestJson => {
                let path = parts.uri.path();
                let name = if path == "/listRegions" { "ListRegions" } else { path };
                (name.to_owned(), json(body)?)
            }
            Protocol::Json11 => {
                let prefix = match service {
                    Service::Organizations => "AWSOrganizationsV20161128.",
                    Service::Dms => "AmazonDMSv20160101.",
                    _ => "TrentService.",
                };
                let target =
                    parts.headers.get("x-amz-target").and_then(|v| v.to_str().ok()).unwrap_or_default();
                (target.strip_prefix(prefix).unwrap_or(target).to_owned(), json(body)?)
            }
        };
        Ok(Self { service, region, operation: operation.into(), input })
    }

    /// `service:Operation`, the form of an IAM action.
    pub fn action(&self) -> String {
        format!("{}:{}", self.service.as_str(), self.operation)
    }

    /// A parameter's text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.input.get(name).and_then(Value::as_str)
    }

    /// A parameter as it came.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.input.get(name).filter(|value| !value.is_null())
    }

    /// A parameter that is true or false.
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.input.get(name).and_then(Value::as_bool)
    }

    /// A parameter that is a whole number.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.input.get(name).and_then(Value::as_i64)
    }

    /// The texts of a parameter that is a list; none where it is absent.
    pub fn texts(&self, name: &str) -> Vec<String> {
        let list = self.input.get(name).and_then(Value::as_array);
        list.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// A parameter's text, without which there is no call.
    ///
    /// # Errors
    /// Where it is absent or empty, in the words that AWS's JSON services have for it.
    pub fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| {
            let message = format!(
                "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must \
                 not be null"
            );
            Refusal::new(400, "ValidationException", message)
        })
    }

    /// The account that the call is about: the role's for AssumeRole, else the caller's.
    pub fn about(&self, caller: AccountId) -> AccountId {
        let role_account = || self.text("RoleArn")?.split(':').nth(4)?.parse().ok();
        if self.service == Service::Sts && self.operation == "AssumeRole" {
            role_account().unwrap_or(caller)
        } else {
            caller
        }
    }
}

fn json(body: &Bytes) -> Result<Value, Refusal> {
    if body.is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    serde_json::from_slice(body).map_err(|e| Refusal::new(400, "SerializationException", e.to_string()))
}

/// A form's fields as a JSON object of texts.
fn form(body: &Bytes) -> Value {
    let text = String::from_utf8_lossy(body);
    text.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), Value::String(decode(value))))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let byte = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, byte) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            (b'+', _) => {
                bytes.push(b' ');
                rest = tail;
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
