//! `notify test` and `notify list`, and the sending after a scan.

use std::time::Duration;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    args::{GlobalArgs, NotifyListArgs, TestArgs},
    exit::{Exit, Failed},
    output::{Look, Out, table},
    settings,
};
use crate::{
    app::{self, Clock},
    config::Config,
    domain::{Channel, Rows},
    history::Reader,
};

/// The longest that a scan by hand goes on to send what it found.
const AFTER_A_SCAN: Duration = Duration::from_secs(30);

/// `notify test`.
pub async fn test(global: &GlobalArgs, args: &TestArgs, out: &mut Out) -> Result<Exit, Failed> {
    let config = settings::load(global)?.config;
    let on = config.notify.channels();
    let wanted: Vec<Channel> = args.channels.iter().filter_map(|name| Channel::from_name(name)).collect();
    if let Some(off) = wanted.iter().find(|channel| !on.contains(channel)) {
        return Err(Failed::usage(format!("the config has no [notify.{}] that says where to", off.as_str())));
    }
    let channels = if wanted.is_empty() { on } else { wanted };
    if channels.is_empty() {
        return Err(Failed::usage(
            "the config has no channel: [notify.webhook], [notify.slack], [notify.email] or [notify.sns]",
        ));
    }
    let cancel = CancellationToken::new();
    app::on_signal(cancel.clone()).map_err(Failed::could_not_run)?;
    let results = app::send_test(&config, &channels, args.clock.clock(), &cancel).await;
    let arrived = results.iter().all(|(_, result)| result.is_ok());
    let rows = Rows {
        columns: ["channel", "outcome", "error"].map(str::to_owned).to_vec(),
        rows: results
            .into_iter()
            .map(|(channel, result)| {
                let outcome = if result.is_ok() { "delivered" } else { "failed" };
                vec![channel.as_str().into(), outcome.into(), result.err().map_or(Value::Null, Value::from)]
            })
            .collect(),
    };
    out.rows(&rows, args.format, |rows, look| {
        table(&["CHANNEL", "OUTCOME", "ERROR"].map(str::to_owned), &rows.rows, look)
    })?;
    Ok(if arrived { Exit::Done } else { Exit::CouldNotRun })
}

/// `notify list`.
pub async fn list(reader: &Reader, args: &NotifyListArgs, out: &mut Out) -> Result<(), Failed> {
    let rows = reader.notifications().await?;
    out.rows(&rows, args.format, for_people)
}

fn for_people(messages: &Rows, look: Look) -> String {
    if messages.rows.is_empty() {
        return "No messages.\n".to_owned();
    }
    let columns = ["ID", "CHANNEL", "KIND", "CREATED", "STATE", "ATTEMPTS", "AT", "LAST ERROR"];
    let rows: Vec<Vec<Value>> = messages
        .iter()
        .map(|row| {
            let (state, at) =
                [("delivered", "delivered_at"), ("given up", "given_up_at"), ("waiting", "next_attempt_at")]
                    .into_iter()
                    .find(|(_, column)| !row.text(column).is_empty())
                    .unwrap_or(("", ""));
            vec![
                row.text("id").chars().take(8).collect::<String>().into(),
                row.value("channel"),
                row.value("kind"),
                row.value("created_at"),
                state.into(),
                row.value("attempts"),
                row.value(at),
                row.value("last_error"),
            ]
        })
        .collect();
    table(&columns.map(str::to_owned), &rows, look)
}

/// Sends what a scan by hand has queued, for a while; the rest goes with the next scan, or the daemon's.
pub async fn after_scan(config: &Config, clock: Clock, cancel: &CancellationToken) {
    if config.notify.channels().is_empty() {
        return;
    }
    let stop = cancel.child_token();
    let sending = app::deliver(config, clock, &stop);
    tokio::pin!(sending);
    // Told to stop, it puts back what was not sent.
    let result = tokio::select! {
        result = &mut sending => result,
        () = tokio::time::sleep(AFTER_A_SCAN) => {
            stop.cancel();
            sending.await
        }
    };
    match result {
        Ok(delivered) if delivered.waiting > 0 => tracing::warn!(
            "{} notification(s) could not be sent yet; they are tried again with the next scan: see `keywatch notify list`",
            delivered.waiting
        ),
        Ok(_) => {}
        Err(error) => tracing::warn!("notifications could not be sent: {error:#}"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_message_says_what_became_of_it() {
        let columns = [
            "id",
            "channel",
            "kind",
            "created_at",
            "attempts",
            "next_attempt_at",
            "delivered_at",
            "given_up_at",
            "last_error",
        ];
        let at = || json!("2026-11-24T09:30:00Z");
        let row = |id: &str, ends: [Value; 3], error: Value| {
            let mut row = vec![json!(id), json!("slack"), json!("scan"), at(), json!(2)];
            row.extend(ends);
            row.push(error);
            row
        };
        let rows = Rows {
            columns: columns.map(str::to_owned).to_vec(),
            rows: vec![
                row("00112233445566778899", [at(), json!(null), json!(null)], json!("503")),
                row("aa", [json!(null), json!(null), at()], json!("404")),
                row("bb", [json!(null), at(), json!(null)], json!(null)),
            ],
        };
        insta::assert_snapshot!(for_people(&rows, Look::default()), @r"
        ID        CHANNEL  KIND  CREATED               STATE      ATTEMPTS  AT                    LAST ERROR
        00112233  slack    scan  2026-11-24T09:30:00Z  waiting           2  2026-11-24T09:30:00Z  503
        aa        slack    scan  2026-11-24T09:30:00Z  given up          2  2026-11-24T09:30:00Z  404
        bb        slack    scan  2026-11-24T09:30:00Z  delivered         2  2026-11-24T09:30:00Z
        ");
        assert_eq!(for_people(&Rows::default(), Look::default()), "No messages.\n");
    }
}
