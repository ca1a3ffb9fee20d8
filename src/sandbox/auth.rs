//! Who calls: signatures are checked the way AWS checks them, by making them again.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
    time::{Duration, SystemTime},
};

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use hyper::{body::Bytes, http::request::Parts};
use jiff::{civil::DateTime, tz::TimeZone};

use super::{answer::Refusal, request::Service};
use crate::domain::AccountId;

/// The hub's long-term access key.
pub(super) const HUB_ACCESS_KEY: &str = "AKIASANDBOXHUB000000";
/// Its secret; it opens nothing but this sandbox.
pub(super) const HUB_SECRET: &str = "sandbox-secret-that-opens-nothing-else00";
/// Source: IAM user guide, "Troubleshooting Signature Version 4": requests are good for 15 minutes.
const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

/// What the `Authorization` header says.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    access_key: &'a str,
    date: &'a str,
    pub region: &'a str,
    pub service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Scope<'a> {
    /// Reads the header of the request; `None` if it isn't one of SigV4.
    pub fn read(parts: &'a Parts) -> Option<Self> {
        let header = parts.headers.get("authorization")?.to_str().ok()?;
        let fields = header.strip_prefix("AWS4-HMAC-SHA256 ")?;
        let field = |name: &str| {
            fields.split(',').find_map(|field| field.trim().strip_prefix(name)?.strip_prefix('='))
        };
        let mut credential = field("Credential")?.split('/');
        let mut next = || credential.next();
        Some(Self {
            access_key: next()?,
            date: next()?,
            region: next()?,
            service: next()?,
            signed_headers: field("SignedHeaders")?,
            signature: field("Signature")?,
        })
    }
}

/// A principal that has proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Caller {
    pub account: AccountId,
    /// The role's name with its path; `None` for the hub's own user.
    pub role: Option<String>,
    /// Its ARN as CloudTrail and denials show it.
    pub arn: String,
    pub user_id: String,
}

/// A session that AssumeRole gave out.
#[derive(Debug, Clone)]
pub(super) struct Session {
    pub secret: String,
    pub token: String,
    pub caller: Caller,
    pub expires_at: SystemTime,
}

/// The sessions by their access key.
#[derive(Debug, Default)]
pub(super) struct Sessions(RwLock<HashMap<String, Session>>);

impl Sessions {
    pub fn insert(&self, access_key: String, session: Session) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).insert(access_key, session);
    }

    pub fn get(&self, access_key: &str) -> Option<Session> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(access_key).cloned()
    }

    /// Ends every session given out so far.
    pub fn expire(&self) {
        let mut sessions = self.0.write().unwrap_or_else(PoisonError::into_inner);
        sessions.values_mut().for_each(|session| session.expires_at = SystemTime::UNIX_EPOCH);
    }
}

/// Whose access key it is, before anything is proved; for counting.
pub(super) fn claimed_account(scope: &Scope<'_>, sessions: &Sessions, hub: &Caller) -> AccountId {
    if scope.access_key == HUB_ACCESS_KEY {
        return hub.account;
    }
    sessions.get(scope.access_key).map_or(AccountId::NONE, |session| session.caller.account)
}

/// Checks the request's signature, date and session.
pub(super) fn authenticate(
    scope: &Scope<'_>,
    service: Service,
    parts: &Parts,
    body: &Bytes,
    sessions: &Sessions,
    hub: Caller,
    now: SystemTime,
) -> Result<Caller, Refusal> {
    let given_token = parts.headers.get("x-amz-security-token").and_then(|value| value.to_str().ok());
    let (secret, token, caller, expires_at) = if scope.access_key == HUB_ACCESS_KEY {
        (HUB_SECRET.to_owned(), None, hub, None)
    } else {
        let session = sessions.get(scope.access_key).ok_or_else(|| service.unknown_token())?;
        (session.secret, Some(session.token), session.caller, Some(session.expires_at))
    };
    if given_token != token.as_deref() {
        return Err(service.unknown_token());
    }
    let signed_at = signing_time(scope, parts).ok_or_else(|| {
        service.bad_signature(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP",
        )
    })?;
    if signature(scope, parts, body, &secret, signed_at).as_deref() != Some(scope.signature) {
        return Err(service.bad_signature(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ));
    }
    let skew = now.duration_since(signed_at).unwrap_or_else(|early| early.duration());
    if skew > MAX_SKEW {
        let word = if signed_at < now { "Signature expired" } else { "Signature not yet current" };
        return Err(service.bad_signature(format!("{word}: it is {} seconds off", skew.as_secs())));
    }
    if expires_at.is_some_and(|end| end <= now) {
        return Err(service.expired_token());
    }
    Ok(caller)
}

fn signing_time(scope: &Scope<'_>, parts: &Parts) -> Option<SystemTime> {
    let text = parts.headers.get("x-amz-date")?.to_str().ok()?;
    text.starts_with(scope.date).then_some(())?;
    let at = DateTime::strptime("%Y%m%dT%H%M%SZ", text).ok()?;
    TimeZone::UTC.to_timestamp(at).ok()?.try_into().ok()
}

/// The signature that the request should have; `None` if it leaves out a header that has to be signed.
fn signature(
    scope: &Scope<'_>,
    parts: &Parts,
    body: &Bytes,
    secret: &str,
    signed_at: SystemTime,
) -> Option<String> {
    let names = || scope.signed_headers.split(';');
    let must = ["host", "x-amz-date", "x-amz-security-token", "x-amz-target"];
    if must.iter().any(|name| parts.headers.contains_key(*name) && !names().any(|signed| signed == *name)) {
        return None;
    }
    let headers = names()
        .map(|name| Some((name, parts.headers.get(name)?.to_str().ok()?)))
        .collect::<Option<Vec<_>>>()?;
    let identity = Credentials::new(scope.access_key, secret, None, None, "sandbox").into();
    let params = v4::SigningParams::builder()
        .identity(&identity)
        .region(scope.region)
        .name(scope.service)
        .time(signed_at)
        .settings(SigningSettings::default())
        .build()
        .ok()?
        .into();
    // The host that counts is the header's; the address only has to be a complete one.
    let uri = format!("http://sandbox{}", parts.uri.path_and_query().map_or("/", |path| path.as_str()));
    let request =
        SignableRequest::new(parts.method.as_str(), uri, headers.into_iter(), SignableBody::Bytes(body))
            .ok()?;
    Some(sign(request, &params).ok()?.into_parts().1)
}
