//! Who may ask.

use std::{net::IpAddr, sync::Arc};

use aws_smithy_types::base64;
use axum::{
    extract::{self, Request},
    http::{
        HeaderMap, HeaderValue, StatusCode, Uri,
        header::{AUTHORIZATION, HOST, VARY, WWW_AUTHENTICATE},
        uri::Authority,
    },
    middleware::Next,
    response::Response,
};
use serde_json::json;

use super::{State, problem::problem};

/// With a token, whoever sends it; without one, whoever asks this machine by a name of this machine.
pub(super) async fn only_who_may(
    extract::State((state, exposed)): extract::State<(Arc<State>, bool)>,
    request: Request,
    next: Next,
) -> Response {
    let mut answer = if !state.admits(token(request.headers()).as_deref(), exposed) {
        unauthorized()
    } else if state.asks_for_a_token() {
        next.run(request).await
    } else {
        match host(request.uri(), request.headers()) {
            Some(host) if is_loopback(&host) => next.run(request).await,
            Some(_) => misdirected(),
            None => problem(
                StatusCode::BAD_REQUEST,
                "the head has to have one Host, a name or an address",
                json!({}),
            ),
        }
    };
    // Compression says its part only where it does something.
    answer.headers_mut().insert(VARY, HeaderValue::from_static("authorization, accept-encoding"));
    answer
}

fn unauthorized() -> Response {
    let detail = "send the token of server.token_file as \"Authorization: Bearer TOKEN\", or as the password of \
                  any user";
    let mut refusal = problem(StatusCode::UNAUTHORIZED, detail, json!({}));
    for way in ["Bearer realm=\"keywatch\"", "Basic realm=\"keywatch\", charset=\"UTF-8\""] {
        refusal.headers_mut().append(WWW_AUTHENTICATE, HeaderValue::from_static(way));
    }
    refusal
}

/// A page from elsewhere can make a browser ask this machine, by a name of its own that leads here; but the browser
/// then says that name.
fn misdirected() -> Response {
    let detail = "without server.token_file, keywatch only answers who asks for localhost or a loopback address; \
                  ask so, or set a token";
    problem(StatusCode::MISDIRECTED_REQUEST, detail, json!({}))
}

/// The token that was sent: as `Bearer`, or as the password of whatever user in `Basic`, which browsers can ask for.
fn token(headers: &HeaderMap) -> Option<Vec<u8>> {
    let value = headers.get(AUTHORIZATION)?.as_bytes();
    let at = value.iter().position(|byte| *byte == b' ')?;
    let (scheme, sent) = (&value[..at], value[at..].trim_ascii());
    if scheme.eq_ignore_ascii_case(b"bearer") {
        return Some(sent.to_vec());
    }
    if !scheme.eq_ignore_ascii_case(b"basic") {
        return None;
    }
    let pair = base64::decode(std::str::from_utf8(sent).ok()?).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    Some(pair[colon + 1..].to_vec())
}

/// The host that is asked for: of the whole address, if one was sent, else of the header.
fn host(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    if let Some(host) = uri.host() {
        return Some(host.to_owned());
    }
    let mut named = headers.get_all(HOST).iter();
    let (Some(only), None) = (named.next(), named.next()) else { return None };
    let authority: Authority = only.to_str().ok()?.parse().ok()?;
    (!authority.as_str().contains('@')).then(|| authority.host().to_owned())
}

fn is_loopback(host: &str) -> bool {
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    if name == "localhost" || name.ends_with(".localhost") {
        return true;
    }
    let address = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(&name);
    address.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: &str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name.parse().unwrap(), HeaderValue::from_str(value).unwrap())])
    }

    #[test]
    fn a_token_is_a_bearer_or_a_password() {
        let of =
            |value: &str| token(&with("authorization", value)).map(|token| String::from_utf8(token).unwrap());
        let basic = |pair: &str| of(&format!("Basic {}", base64::encode(pair)));
        for (sent, expected) in [
            (of("Bearer secret"), Some("secret")),
            (of("bEARER  secret "), Some("secret")),
            (basic("anyone:secret"), Some("secret")),
            (basic(":se:cret"), Some("se:cret")),
            (basic("secret"), None),
            (of("Basic no base64"), None),
            (of("Basic"), None),
            (of("Digest secret"), None),
            (of("secret"), None),
        ] {
            assert_eq!(sent.as_deref(), expected);
        }
        assert_eq!(token(&HeaderMap::new()), None);
    }

    #[test]
    fn only_names_of_this_machine_are_loopback() {
        let asked = |value: &str| {
            host(&Uri::from_static("/readyz"), &with("host", value)).is_some_and(|host| is_loopback(&host))
        };
        for good in [
            "localhost",
            "LocalHost:8080",
            "keywatch.localhost",
            "localhost.",
            "127.0.0.1:8080",
            "127.8.9.1",
            "[::1]:8080",
            "[::ffff:127.0.0.1]",
        ] {
            assert!(asked(good), "{good}");
        }
        for bad in [
            "",
            "keywatch",
            "evil.example",
            "localhost.evil.example",
            "notlocalhost",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "evil@127.0.0.1",
            "10.0.0.1",
            "0.0.0.0",
            "[::]",
            "2130706433",
        ] {
            assert!(!asked(bad), "{bad}");
        }
        // The whole address counts, whatever the header says.
        let whole = Uri::from_static("http://evil.example/readyz");
        assert_eq!(host(&whole, &with("host", "localhost")).as_deref(), Some("evil.example"));
        assert_eq!(host(&Uri::from_static("/"), &HeaderMap::new()), None);
        let mut both = HeaderMap::new();
        both.append(HOST, HeaderValue::from_static("localhost"));
        both.append(HOST, HeaderValue::from_static("evil.example"));
        assert_eq!(host(&Uri::from_static("/"), &both), None);
    }
}
