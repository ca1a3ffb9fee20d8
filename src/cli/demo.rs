//! `keywatch demo`: the main job on a sandbox organization, without credentials or network.

use std::{ffi::OsString, fs, path::Path, process::Stdio, time::Duration};

use tokio::process::Command;

use super::{
    args::DemoArgs,
    exit::{Exit, Failed},
    output::Out,
};
use crate::app::{self, SandboxPlan, ServedSandbox};

/// Serves a sandbox organization, scans it with this same program as a user would, and leaves a config
/// and a database that the other commands read.
pub async fn run(args: &DemoArgs, out: &mut Out) -> Result<Exit, Failed> {
    fs::create_dir_all(&args.dir)
        .map_err(|error| Failed::could_not_run(format!("can't make {}: {error}", args.dir.display())))?;
    let plan = SandboxPlan {
        accounts: args.size.accounts,
        regions: args.size.regions,
        seed: args.size.seed,
        listen: (std::net::Ipv4Addr::LOCALHOST, 0).into(),
        latency: Duration::from_millis(2),
    };
    let sandbox = app::serve_sandbox(plan).await.map_err(Failed::could_not_run)?;
    let config = args.dir.join("keywatch.toml");
    let database = args.dir.join("keywatch.db");
    sandbox.write_config(&config).map_err(Failed::could_not_run)?;
    out.text(&format!(
        "An organization of {} accounts in {} Regions, answering on {} like AWS.\n\n",
        sandbox.accounts(),
        sandbox.regions().len(),
        sandbox.endpoint_url(),
    ))?;
    out.finish()?;

    let status = scan(&sandbox, &config, &database).await?;
    match status {
        Some(0 | 3 | 4) => {}
        Some(code) => return Err(Failed::could_not_run(format!("the scan ended with exit code {code}"))),
        None => return Err(Failed::could_not_run("the scan was ended by a signal")),
    }
    let program = program();
    let program = program.to_string_lossy();
    let database = database.display();
    out.text(&format!(
        "\nThe history is in {database}. Ask it:\n  \
         {program} --db {database} findings list --state open\n  \
         {program} --db {database} findings show 1\n  \
         {program} --db {database} coverage\n  \
         {program} --db {database} query \"SELECT reason, count(*) AS findings FROM findings GROUP BY reason\"\n"
    ))?;
    out.finish()?;
    Ok(Exit::Done)
}

/// The scan runs as a process of its own: the AWS SDK takes its endpoint and credentials from the
/// environment, and nothing of the user's real environment may reach it.
async fn scan(sandbox: &ServedSandbox, config: &Path, database: &Path) -> Result<Option<i32>, Failed> {
    let program = std::env::current_exe().map_err(Failed::could_not_run)?;
    let mut command = Command::new(program);
    command.arg("--config").arg(config).arg("--db").arg(database).arg("scan").stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if text.starts_with("AWS_")
            || text.starts_with("KEYWATCH_")
            || text.to_ascii_lowercase().ends_with("_proxy")
        {
            command.env_remove(name);
        }
    }
    command
        .envs(sandbox.environment())
        .env("AWS_CONFIG_FILE", "/dev/null")
        .env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
    // Ctrl-C reaches the child as well, which ends the scan in order.
    let status = command.status().await.map_err(Failed::could_not_run)?;
    Ok(status.code())
}

fn program() -> OsString {
    std::env::args_os().next().unwrap_or_else(|| "keywatch".into())
}
