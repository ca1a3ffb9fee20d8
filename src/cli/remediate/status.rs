//! `remediate status`.

use serde_json::Value;

use crate::{
    cli::{
        args::{GlobalArgs, RemediateStatusArgs},
        exit::{Exit, Failed},
        output::{Look, Out, table},
        settings,
    },
    domain::Rows,
    history::{Reader, RemediationLock},
};

/// The remediations, or one with its journal.
pub async fn run(global: &GlobalArgs, args: &RemediateStatusArgs, out: &mut Out) -> Result<Exit, Failed> {
    let config = settings::load(global)?.config;
    let reader = Reader::open(&config.database.path).await?;
    let Some(which) = &args.arn_or_id else {
        let all = reader.remediations(None).await?;
        let runs = RemediationLock::is_taken(&config.database.path)?;
        out.rows(&all, args.format, |rows, look| list(rows, runs, look))?;
        return Ok(Exit::Done);
    };
    if reader.remediations(Some(which)).await?.rows.is_empty() {
        return Err(Failed::could_not_run(format!(
            "there is no remediation of {which}: `keywatch remediate status` lists them"
        )));
    }
    let steps = reader.remediation_steps(which).await?;
    out.rows(&steps, args.format, journal)?;
    Ok(Exit::Done)
}

fn list(remediations: &Rows, runs: bool, look: Look) -> String {
    if remediations.rows.is_empty() {
        return "No remediations.\n".to_owned();
    }
    let columns =
        ["ID", "FINDING", "ACCOUNT", "REGION", "SOURCE", "REPLACEMENT", "STATE", "SINCE", "MESSAGE"];
    let rows: Vec<Vec<Value>> = remediations
        .iter()
        .map(|row| {
            let state = match row.text("state") {
                // Nobody is at work on it: its process was killed.
                "running" if !runs => "crashed: apply it again",
                state => state,
            };
            vec![
                row.value("remediation_id"),
                row.value("finding_id"),
                row.value("account_id"),
                row.value("region"),
                row.text("resource_arn").rsplit(':').next().unwrap_or_default().into(),
                row.value("replacement_name"),
                state.into(),
                row.value("updated_at"),
                row.text("message").lines().next().unwrap_or_default().into(),
            ]
        })
        .collect();
    table(&columns.map(str::to_owned), &rows, look)
}

/// The journal of a remediation for people.
pub(super) fn journal(steps: &Rows, look: Look) -> String {
    let columns = ["AT", "STEP", "OF", "EVENT", "MESSAGE"];
    let rows: Vec<Vec<Value>> = steps
        .iter()
        .map(|row| ["at", "step", "subject", "event", "message"].map(|name| row.value(name)).to_vec())
        .collect();
    table(&columns.map(str::to_owned), &rows, look)
}
