//! Whether notifications have a way out. No message is sent: `keywatch notify test` does that.

use std::time::Duration;

use tokio::{net::TcpStream, time::timeout};

use super::{CheckResult, Extra};
use crate::{
    config::Config,
    domain::Channel,
    notifications::{check_secrets, places},
};

const NAME: &str = "notifications";

/// The longest that one connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// One result, of all channels.
pub fn doctor_of_notifications(config: &Config) -> Vec<Extra> {
    let config = config.clone();
    vec![Extra { name: NAME, look: Box::pin(async move { check(&config).await }) }]
}

async fn check(config: &Config) -> CheckResult {
    let channels = config.notify.channels();
    if channels.is_empty() {
        return CheckResult::ok(NAME, "no channel is configured: nobody is told of anything");
    }
    let mut problems = check_secrets(&config.notify);
    for (channel, place) in places(&config.notify) {
        // A file that can't be read stands in the list already.
        let Ok((host, port)) = place else { continue };
        let connecting = timeout(CONNECT, TcpStream::connect((host.as_str(), port))).await;
        let failed = match connecting {
            Ok(Ok(_)) => continue,
            Ok(Err(error)) => error.to_string(),
            Err(_) => format!("no answer within {CONNECT:?}"),
        };
        problems.push(format!("{}: {host}:{port} cannot be reached: {failed}", channel.as_str()));
    }
    let names: Vec<&str> = channels.iter().map(|channel| channel.as_str()).collect();
    if problems.is_empty() {
        let sns = if channels.contains(&Channel::Sns) { " (SNS was not tried)" } else { "" };
        return CheckResult::ok(NAME, format!("{} can be reached{sns}", names.join(", ")));
    }
    CheckResult::failed(
        NAME,
        problems.join("; "),
        "mend what is named, let the machine reach that address, then try `keywatch notify test`",
    )
}
