//! `[notify]`: each channel is on if its section says where to; then the rest of it has to be there too.

use std::path::PathBuf;

use lettre::message::Mailbox;

use super::HomeRegion;
use crate::{
    config::{
        notify::{Address, Email, HookUrl, Login, Notify, Slack, Sns, Template, Tls, Webhook, is_loopback},
        problem::{Place, Wrong},
        reader::{Reader, Setting, Source},
        values::{Given, one_of, text, whole_number},
    },
    domain::{Occasion, Partition, Region},
};

/// Where PagerDuty takes events; an account in its EU region has another.
const PAGERDUTY: &str = "https://events.pagerduty.com/v2/enqueue";

impl Notify {
    pub(super) fn read(from: &mut Reader, home: &HomeRegion) -> Self {
        let on = from.read_list("notify.on", occasion);
        Self {
            on: on.map_or(Self::default().on, |(_, items)| super::distinct(items)),
            webhook: webhook(from),
            slack: from
                .read("notify.slack.url_file", None, |given| file(given).map(Some))
                .value
                .map(|url_file| Slack { url_file }),
            email: email(from),
            sns: from.read("notify.sns.topic_arn", None, |given| topic(given, home).map(Some)).value,
        }
    }
}

fn occasion(given: &Given) -> Result<Occasion, Wrong> {
    one_of(given, &Occasion::ALL.map(|occasion| (occasion.as_str(), occasion)))
}

fn file(given: &Given) -> Result<PathBuf, Wrong> {
    let path = text(given)?;
    if path.starts_with("https://") || path.starts_with("http://") {
        return Err(Wrong::new(
            "is an address where the name of a file is expected",
            "write the secret into a file that only keywatch's user may read, and name that file",
        ));
    }
    Ok(path.into())
}

/// An optional key: its value, and where it was set.
type Optional<T> = Setting<Option<T>>;

fn optional<T>(from: &mut Reader, key: &str, parse: impl Fn(&Given) -> Result<T, Wrong>) -> Optional<T> {
    from.read(key, None, |given| parse(given).map(Some))
}

fn place<T>(setting: &Setting<T>) -> Option<Place> {
    match &setting.source {
        Source::Set(place) => Some(place.clone()),
        Source::Default | Source::Broken => None,
    }
}

/// What a section needs and has not, at the place of what made it be needed; a broken value is a problem already.
fn missing<T>(from: &mut Reader, setting: &Optional<T>, at: Option<&Place>, key: &str, help: &str) {
    if let (Source::Default, Some(at)) = (&setting.source, at) {
        from.problem(at.clone(), key, Wrong::new("is missing", help));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Listener {
    Generic,
    Teams,
    PagerDuty,
}

fn webhook(from: &mut Reader) -> Option<Webhook> {
    let url = optional(from, "notify.webhook.url", |given| {
        HookUrl::parse(text(given)?).map_err(|error| {
            Wrong::new(
                error.to_string(),
                "write the whole of it, as in \"https://hooks.example.com/keywatch\"",
            )
        })
    });
    let url_file = optional(from, "notify.webhook.url_file", file);
    let listeners =
        [("generic", Listener::Generic), ("teams", Listener::Teams), ("pagerduty", Listener::PagerDuty)];
    let template = from.read("notify.webhook.template", Listener::Generic, |given| one_of(given, &listeners));
    let secret_file = optional(from, "notify.webhook.secret_file", file);
    let routing_key_file = optional(from, "notify.webhook.routing_key_file", file);

    let pagerduty = template.value == Listener::PagerDuty;
    let at = place(&url).or(place(&url_file)).or(pagerduty.then(|| place(&template)).flatten());
    if at.is_none() {
        // Something is said of a webhook, and not where it is.
        let at = place(&secret_file).or(place(&routing_key_file)).or(place(&template));
        // The template alone, at its default, changes nothing.
        let at = at.filter(|_| template.value != Listener::Generic || secret_file.value.is_some());
        missing(
            from,
            &url,
            at.as_ref(),
            "notify.webhook.url",
            "say where the webhook is, in url or url_file",
        );
    }
    let at = at?;
    if template.value == Listener::Generic {
        let help = "name a file with the key that each request is signed with: `openssl rand -hex 32 > FILE`";
        missing(from, &secret_file, Some(&at), "notify.webhook.secret_file", help);
    }
    let routing = "name the file with the routing key of the integration";
    if pagerduty {
        missing(from, &routing_key_file, Some(&at), "notify.webhook.routing_key_file", routing);
    }
    let address = match (url_file.value, url.value) {
        (Some(file), _) => Address::File(file),
        (None, Some(url)) => Address::Url(url),
        (None, None) => Address::Url(HookUrl::parse(PAGERDUTY).ok()?),
    };
    let template = match template.value {
        Listener::Generic => Template::Generic,
        Listener::Teams => Template::Teams,
        Listener::PagerDuty => Template::PagerDuty { routing_key_file: routing_key_file.value? },
    };
    Some(Webhook { address, secret_file: secret_file.value, template })
}

fn email(from: &mut Reader) -> Option<Email> {
    let host = optional(from, "notify.email.host", |given| {
        let host = text(given)?;
        if host.contains(['/', ':', '@', ' ']) && host.parse::<std::net::IpAddr>().is_err() {
            let help = "write its name alone, as in \"smtp.example.com\"; the port has a key of its own";
            return Err(Wrong::new(format!("{host:?} is not the name of a host"), help));
        }
        Ok(host.to_owned())
    });
    let port = optional(from, "notify.email.port", |given| {
        // In the range of a port, so nothing is cut off.
        whole_number(given, 1..=65_535).map(|port| u16::try_from(port.get()).unwrap_or(u16::MAX))
    });
    let ways = [("starttls", Tls::StartTls), ("tls", Tls::Tls), ("none", Tls::None)];
    let tls = from.read("notify.email.tls", Tls::StartTls, |given| one_of(given, &ways));
    let username = optional(from, "notify.email.username", |given| text(given).map(str::to_owned));
    let password_file = optional(from, "notify.email.password_file", file);
    let sender = optional(from, "notify.email.from", mailbox);
    let to = from.read_list("notify.email.to", mailbox);

    let Some(at) = place(&host) else {
        let at = place(&sender).or(place(&username)).or(place(&password_file)).or(place(&port));
        let at = at.or(to.map(|(place, _)| place));
        missing(from, &host, at.as_ref(), "notify.email.host", "name the mail server");
        return None;
    };
    let host = host.value?;
    missing(from, &sender, Some(&at), "notify.email.from", "say who it is from: \"keywatch@example.com\"");
    match &to {
        None => {
            let wrong = Wrong::new("is missing", "say who gets it: [\"security@example.com\"]");
            from.problem(at.clone(), "notify.email.to", wrong);
        }
        Some((place, items)) if items.is_empty() && !from.is_broken("notify.email.to") => {
            from.problem(
                place.clone(),
                "notify.email.to",
                Wrong::new("is empty", "name at least one address"),
            );
        }
        Some(_) => {}
    }
    if tls.value == Tls::None && !is_loopback(&host) {
        let at = place(&tls).unwrap_or_else(|| at.clone());
        let wrong = Wrong::new(
            format!("mail to {host} would go over the network in the clear"),
            "allowed: \"starttls\" or \"tls\"; \"none\" is for a mail server on the machine itself",
        );
        from.problem(at, "notify.email.tls", wrong);
    }
    let login = match (username.value, password_file.value) {
        (Some(username), Some(password_file)) => Some(Login { username, password_file }),
        (Some(_), None) => {
            let wrong = Wrong::new("is missing", "name the file with the password of notify.email.username");
            from.problem(at, "notify.email.password_file", wrong);
            None
        }
        (None, Some(_)) => {
            let wrong = Wrong::new("is missing", "say whose password notify.email.password_file is");
            from.problem(at, "notify.email.username", wrong);
            None
        }
        (None, None) => None,
    };
    let usual = if tls.value == Tls::Tls { 465 } else { 587 };
    Some(Email {
        host,
        port: port.value.unwrap_or(usual),
        tls: tls.value,
        login,
        from: sender.value?,
        to: super::distinct(to?.1),
    })
}

fn mailbox(given: &Given) -> Result<String, Wrong> {
    let address = text(given)?;
    address.parse::<Mailbox>().map(|_| address.to_owned()).map_err(|_| {
        Wrong::new(
            format!("{address:?} is not a mail address"),
            "write \"security@example.com\", or \"Security team <security@example.com>\"",
        )
    })
}

fn topic(given: &Given, home: &HomeRegion) -> Result<Sns, Wrong> {
    let arn = text(given)?;
    let partition = home.value.partition();
    let help = format!("copy it from SNS: \"arn:{partition}:sns:{}:111122223333:keywatch\"", home.value);
    let wrong = || Wrong::new(format!("{arn:?} is not the ARN of a topic"), help.clone());
    let parts: Vec<&str> = arn.split(':').collect();
    let ["arn", named, "sns", region, account, name] = parts[..] else { return Err(wrong()) };
    let region: Region = region.parse().map_err(|_| wrong())?;
    if Partition::from_name(named) != Some(region.partition())
        || account.parse::<crate::domain::AccountId>().is_err()
        || name.is_empty()
    {
        return Err(wrong());
    }
    if name.ends_with(".fifo") {
        let help = "name a standard topic; a FIFO topic serves queues, not people";
        return Err(Wrong::new(format!("{arn:?} is a FIFO topic"), help));
    }
    if region.partition() != partition {
        return Err(Wrong::new(
            format!(
                "the topic lies in the partition {named}, aws.home_region ({}) in {partition}",
                home.value
            ),
            "name a topic of that partition",
        ));
    }
    Ok(Sns { topic_arn: arn.to_owned(), region })
}
