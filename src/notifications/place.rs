use super::{SendError, hook, secret::Secret};
use crate::{
    config::{Address, HookUrl, Notify},
    domain::Channel,
};

/// Where a channel's messages go, as far as a network knows it: host and port.
pub type Place = (String, u16);

/// The place of each channel that is on; an error where its address can't be read. Of SNS, which is reached as all
/// of AWS is, there is none.
pub fn places(notify: &Notify) -> Vec<(Channel, Result<Place, String>)> {
    let mut places = Vec::new();
    if let Some(webhook) = &notify.webhook {
        let url = match &webhook.address {
            Address::Url(url) => Ok(url.clone()),
            Address::File(path) => {
                let key = "notify.webhook.url_file";
                hook::read(key, path).and_then(|text: Secret| hook::address(&text, key))
            }
        };
        places.push((Channel::Webhook, place(url)));
    }
    if let Some(slack) = &notify.slack {
        let key = "notify.slack.url_file";
        let url = hook::read(key, &slack.url_file).and_then(|text| hook::address(&text, key));
        places.push((Channel::Slack, place(url)));
    }
    if let Some(email) = &notify.email {
        places.push((Channel::Email, Ok((email.host.clone(), email.port))));
    }
    places
}

fn place(url: Result<HookUrl, SendError>) -> Result<Place, String> {
    let url = url.map_err(|error| error.to_string())?;
    let url = url.reveal();
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    Ok((host, url.port_or_known_default().unwrap_or(443)))
}
