//! One HTTP request, bounded in time and in what is taken in of the answer.

use std::{
    sync::{Once, OnceLock},
    time::Duration,
};

use reqwest::{
    StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect::Policy,
};

use super::{SendError, message::cut};
use crate::config::HookUrl;

/// The longest that a connection may take.
const CONNECT: Duration = Duration::from_secs(10);

/// The longest that a request may take, connecting included.
const REQUEST: Duration = Duration::from_secs(30);

/// The most that is read of an answer, in bytes; only an error's is looked at.
const LONGEST_ANSWER: usize = 4096;

/// The most that is told of an answer, in characters.
const LONGEST_TOLD: usize = 200;

/// The client, made with the first request.
#[derive(Default)]
pub struct Client(OnceLock<reqwest::Client>);

impl Client {
    /// Posts a body of JSON. Whatever answer of success is fine.
    ///
    /// # Errors
    /// Anything else. Of `secrets` and of the address, nothing is told.
    pub async fn post(
        &self,
        url: &HookUrl,
        headers: &[(&'static str, String)],
        body: String,
        secrets: &[&str],
    ) -> Result<(), SendError> {
        let mut request =
            self.client()?.post(url.reveal().clone()).header(CONTENT_TYPE, "application/json").body(body);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let mut answer = request.send().await.map_err(|error| failed(url, error))?;
        let status = answer.status();
        if status.is_success() {
            return Ok(());
        }
        let retry_after = retry_after(answer.headers());
        let mut text = Vec::new();
        // An answer that breaks off is an answer all the same: its status is what counts.
        while let Ok(Some(chunk)) = answer.chunk().await {
            text.extend_from_slice(&chunk);
            if text.len() >= LONGEST_ANSWER {
                break;
            }
        }
        text.truncate(LONGEST_ANSWER);
        let told = told(&String::from_utf8_lossy(&text), url, secrets);
        let message = format!("{url} answered {status}{told}");
        Err(match status {
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS => {
                SendError::Transient { message, retry_after }
            }
            _ if status.is_server_error() => SendError::Transient { message, retry_after },
            _ if status.is_redirection() => SendError::Permanent(format!(
                "{message}; redirects are not followed: write the address it leads to"
            )),
            _ => SendError::Permanent(message),
        })
    }

    fn client(&self) -> Result<&reqwest::Client, SendError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        install_provider();
        let client = reqwest::Client::builder()
            .user_agent(concat!("keywatch/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .timeout(REQUEST)
            .build()
            .map_err(|error| SendError::transient(format!("cannot set up HTTPS: {}", chain(&error))))?;
        Ok(self.0.get_or_init(|| client))
    }
}

/// Chooses the cryptography of TLS for the whole process, unless somebody has: reqwest asks for it.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // The error says that there is one already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

fn failed(url: &HookUrl, error: reqwest::Error) -> SendError {
    let what = if error.is_timeout() { "gave no answer in time" } else { "could not be reached" };
    SendError::transient(format!("{url} {what}: {}", chain(&error.without_url())))
}

/// An error with what lies behind it; reqwest's own text says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{text}: {error}");
        source = error.source();
    }
    cut(&text, LONGEST_TOLD)
}

/// Seconds only: the other form, a date, needs two clocks to agree.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    Some(Duration::from_secs(seconds))
}

/// What the answer says, if it is a short text in which nothing of a secret stands: pages of errors like to repeat
/// what they were asked for.
fn told(answer: &str, url: &HookUrl, secrets: &[&str]) -> String {
    let text = answer.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = text.chars().all(|c| c.is_ascii_graphic() || c == ' ') && !text.contains('<');
    let url = url.reveal();
    let parts = url.path().split('/').chain(url.query().unwrap_or_default().split(['&', '=']));
    let repeated = parts.chain(secrets.iter().copied()).any(|part| part.len() >= 6 && text.contains(part));
    if text.is_empty() || !plain || repeated {
        String::new()
    } else {
        format!(": {}", cut(&text, LONGEST_TOLD))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_repeats_a_secret_is_not_told() {
        let url = HookUrl::parse("https://hooks.example.com/services/T0SECRET?sig=S1GNED").unwrap();
        let told = |answer: &str| told(answer, &url, &["r0utingkey"]);
        assert_eq!(told("invalid_blocks\n"), ": invalid_blocks");
        for answer in [
            "",
            "Cannot POST /services/T0SECRET",
            "bad sig S1GNED",
            "no r0utingkey",
            "<html>oh</html>",
            "\u{1b}[2J",
        ] {
            assert_eq!(told(answer), "", "{answer}");
        }
        assert_eq!(told(&"x ".repeat(1000)).chars().count(), LONGEST_TOLD + 2);
    }

    #[test]
    fn retry_after_is_seconds() {
        let header = |value: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, value.parse().unwrap());
            retry_after(&headers)
        };
        assert_eq!(header(" 120 "), Some(Duration::from_secs(120)));
        assert_eq!(header("Wed, 21 Oct 2026 07:28:00 GMT"), None);
        assert_eq!(header("-1"), None);
    }
}
