//! `keywatch sandbox`: an organization to try keywatch on.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::{
    args::SandboxArgs,
    exit::{Exit, Failed},
    output::Out,
};
use crate::app::{self, SandboxPlan};

/// Serves a sandbox organization until it is told to stop, and prints what to export.
pub async fn run(args: &SandboxArgs, out: &mut Out) -> Result<Exit, Failed> {
    if !args.listen.ip().is_loopback() {
        return Err(Failed::usage(format!(
            "--listen {}: the sandbox gives its credentials to everyone who asks, so it listens on a loopback \
             address only, such as 127.0.0.1:4577",
            args.listen
        )));
    }
    let plan = SandboxPlan {
        accounts: args.size.accounts,
        regions: args.size.regions,
        seed: args.size.seed,
        listen: args.listen,
        latency: Duration::from_millis(args.latency),
    };
    let sandbox = app::serve_sandbox(plan)
        .await
        .map_err(|error| Failed::could_not_run(format!("can't listen on {}: {error}", args.listen)))?;
    let cancel = CancellationToken::new();
    app::on_signal(cancel.clone()).map_err(Failed::could_not_run)?;
    let exports: String = sandbox
        .environment()
        .into_iter()
        .map(|(name, value)| format!("export {name}='{}'\n", value.replace('\'', r"'\''")))
        .collect();
    out.text(&exports)?;
    out.finish()?;
    eprintln!(
        "{} accounts in {} Regions answer at {}; run the lines above in another shell, then `keywatch scan` \
         (Ctrl-C ends the sandbox)",
        sandbox.accounts(),
        sandbox.regions().len(),
        sandbox.endpoint_url(),
    );
    cancel.cancelled().await;
    Ok(Exit::Done)
}
