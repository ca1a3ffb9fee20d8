use std::{fmt, path::PathBuf};

use reqwest::Url;

use crate::domain::{Channel, Occasion, Region};

/// `[notify]`: whom to tell of what, and how. A channel is on if its section says where to.
#[derive(Debug, Clone, PartialEq)]
pub struct Notify {
    /// What is told.
    pub on: Vec<Occasion>,
    /// An HTTP request.
    pub webhook: Option<Webhook>,
    /// Slack.
    pub slack: Option<Slack>,
    /// Mail.
    pub email: Option<Email>,
    /// SNS.
    pub sns: Option<Sns>,
}

/// `[notify.webhook]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Webhook {
    /// Where to.
    pub address: Address,
    /// The file with the key that each request is signed with.
    pub secret_file: Option<PathBuf>,
    /// Who is listening.
    pub template: Template,
}

/// Where a webhook is: written down, or in a file because its address is itself a secret.
#[derive(Debug, Clone, PartialEq)]
pub enum Address {
    /// This one.
    Url(HookUrl),
    /// The one in this file.
    File(PathBuf),
}

/// An address that may be called. It may hold a secret, so only its host is ever shown.
#[derive(Clone, PartialEq, Eq)]
pub struct HookUrl(Url);

/// What a webhook's listener understands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// keywatch's own JSON.
    Generic,
    /// An Adaptive Card, for a workflow of Microsoft Teams.
    Teams,
    /// An event of PagerDuty's Events API v2.
    PagerDuty {
        /// The file with the integration's routing key.
        routing_key_file: PathBuf,
    },
}

/// `[notify.slack]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Slack {
    /// The file with the address of the incoming webhook.
    pub url_file: PathBuf,
}

/// `[notify.email]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Email {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// Whom to log in as, and the file with the password; neither where the server asks for none.
    pub login: Option<Login>,
    /// The sender, as `Name <address>` or an address alone.
    pub from: String,
    /// Who gets it.
    pub to: Vec<String>,
}

/// How keywatch logs in to a mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name.
    pub username: String,
    /// The file with the password.
    pub password_file: PathBuf,
}

/// How a connection to a mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// It begins in the clear and changes to TLS before anything is said; without TLS nothing is sent.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Not at all; only on the machine itself.
    None,
}

/// `[notify.sns]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Sns {
    /// The topic.
    pub topic_arn: String,
    /// The topic's Region.
    pub region: Region,
}

impl Default for Notify {
    fn default() -> Self {
        Self { on: Occasion::ALL.to_vec(), webhook: None, slack: None, email: None, sns: None }
    }
}

impl Notify {
    /// The channels that are on.
    pub fn channels(&self) -> Vec<Channel> {
        let is_on = |channel: &Channel| match channel {
            Channel::Webhook => self.webhook.is_some(),
            Channel::Slack => self.slack.is_some(),
            Channel::Email => self.email.is_some(),
            Channel::Sns => self.sns.is_some(),
        };
        Channel::ALL.into_iter().filter(is_on).collect()
    }
}

/// Why an address may not be called. The address itself is not repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// No URL at all.
    #[error("is no URL")]
    NotAUrl,
    /// Its content could be read on the way.
    #[error("does not begin with https:// (http:// is allowed on the machine itself only)")]
    NotHttps,
    /// A password belongs into no URL.
    #[error("has a user name or password in it")]
    Credentials,
}

impl HookUrl {
    /// An address over HTTPS, or over HTTP to the machine itself.
    ///
    /// # Errors
    /// Where it is none.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let url = Url::parse(text.trim()).map_err(|_| InvalidUrl::NotAUrl)?;
        let host = url.host_str().ok_or(InvalidUrl::NotAUrl)?;
        match url.scheme() {
            "https" => {}
            "http" if is_loopback(host) => {}
            _ => return Err(InvalidUrl::NotHttps),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(InvalidUrl::Credentials);
        }
        Ok(Self(url))
    }

    /// The address, to call it.
    pub fn reveal(&self) -> &Url {
        &self.0
    }
}

impl fmt::Display for HookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", self.0.scheme(), self.0.host_str().unwrap_or_default())?;
        self.0.port().map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

impl fmt::Debug for HookUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "HookUrl({self}/…)")
    }
}

/// Whether the host is the machine itself, by its name alone.
pub(super) fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
