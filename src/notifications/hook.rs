//! Webhooks: keywatch's own, Teams', PagerDuty's and Slack's.

use super::{
    SendError,
    http::Client,
    render::{generic, pagerduty, slack, teams},
    secret::{self, Secret},
    sign::signature,
};
use crate::{
    config::{Address, HookUrl, Slack, Template, Webhook},
    domain::{News, Timestamp},
};

/// The header with the message's id: the same at every attempt.
const ID: &str = "keywatch-id";

/// The header with the signature.
const SIGNATURE: &str = "keywatch-signature";

/// One attempt over `[notify.webhook]`.
pub async fn send(
    client: &Client,
    webhook: &Webhook,
    id: &str,
    news: &News,
    now: Timestamp,
) -> Result<(), SendError> {
    let url = match &webhook.address {
        Address::Url(url) => url.clone(),
        Address::File(path) => address(&read("notify.webhook.url_file", path)?, "notify.webhook.url_file")?,
    };
    let key = match &webhook.secret_file {
        Some(path) => Some(read("notify.webhook.secret_file", path)?),
        None => None,
    };
    let routing_key = match &webhook.template {
        Template::PagerDuty { routing_key_file } => {
            Some(read("notify.webhook.routing_key_file", routing_key_file)?)
        }
        Template::Generic | Template::Teams => None,
    };
    let body = match (&webhook.template, &routing_key) {
        (Template::Teams, _) => teams::body(id, news),
        (Template::PagerDuty { .. }, Some(key)) => pagerduty::body(id, news, key.reveal()),
        _ => generic::body(id, news),
    };
    let mut headers = vec![(ID, id.to_owned())];
    if let Some(key) = &key {
        headers.push((SIGNATURE, signature(key, now, body.as_bytes())));
    }
    let secrets: Vec<&str> = [&key, &routing_key].into_iter().flatten().map(Secret::reveal).collect();
    client.post(&url, &headers, body, &secrets).await
}

/// One attempt over `[notify.slack]`.
pub async fn send_slack(client: &Client, slack: &Slack, id: &str, news: &News) -> Result<(), SendError> {
    let url = address(&read("notify.slack.url_file", &slack.url_file)?, "notify.slack.url_file")?;
    client.post(&url, &[(ID, id.to_owned())], slack::body(id, news), &[]).await
}

/// A file that is not as it should be can be mended while the message waits.
pub(super) fn read(key: &str, path: &std::path::Path) -> Result<Secret, SendError> {
    secret::read(path).map_err(|error| SendError::transient(format!("{key}: {error}")))
}

pub(super) fn address(text: &Secret, key: &str) -> Result<HookUrl, SendError> {
    HookUrl::parse(text.reveal())
        .map_err(|error| SendError::transient(format!("{key}: what the file holds {error}")))
}
