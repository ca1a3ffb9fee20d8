//! `remediate apply`.

use std::{ffi::OsString, fmt::Write};

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::{
    app::{self, Applied, ApplyOptions, Prepared},
    cli::{
        args::{ApplyArgs, Format, GlobalArgs, ShowFormat},
        exit::{Exit, Failed},
        findings,
        output::{Look, Out, row_object, table, visible},
        settings,
    },
    domain::Rows,
    history::{HistoryError, Reader},
    remediation::{
        blockers,
        steps::{End, Secret},
    },
};

/// Says what would be done, or does it and looks what came of it.
pub async fn run(global: &GlobalArgs, args: &ApplyArgs, out: &mut Out) -> Result<Exit, Failed> {
    let config = settings::load(global)?.config;
    let clock = args.clock.clock();
    let stop = CancellationToken::new();
    app::on_signal(stop.clone()).map_err(Failed::could_not_run)?;
    let options = ApplyOptions {
        key: super::key_options(&args.key, &config)?,
        act: args.yes,
        secrets: std::env::vars_os().filter_map(secret).collect(),
        delete_source: args.delete_source,
    };
    let prepared =
        app::prepare_remediation(&config, &args.arn_or_id, &options, clock, &stop).await.map_err(failed)?;
    let blocked = blockers::block(&prepared.hindrances);
    if !args.yes {
        match args.format {
            ShowFormat::Json => out.json(&dry_run(&prepared))?,
            ShowFormat::Table => out.text(&describe(&prepared, out.look))?,
        }
        return Ok(if blocked { Exit::CouldNotRun } else { Exit::Done });
    }
    if prepared.is_gone() {
        let which = prepared.finding.id.to_string();
        let verified = app::verify(&config, &prepared.finding, &which, clock, &stop).await.map_err(failed)?;
        let format = if args.format == ShowFormat::Json { Format::Json } else { Format::Table };
        out.rows(&verified.findings, format, findings::for_people)?;
        return Ok(Exit::Done);
    }
    let applied = app::apply_remediation(&config, &prepared, clock).await.map_err(failed)?;
    let which = prepared.finding.id.to_string();
    let reader = Reader::open(&config.database.path).await?;
    // What was done stands, whoever writes to the history just now.
    if let Err(error) = app::verify(&config, &prepared.finding, &which, clock, &stop).await {
        tracing::warn!("no scan has seen it yet: {error:#}; `keywatch remediate verify {which}` scans again");
    }
    let finding = reader.finding(&which).await?.findings;
    let number = applied.remediation.to_string();
    let (row, steps) = (reader.remediations(Some(&number)).await?, reader.remediation_steps(&number).await?);
    match args.format {
        ShowFormat::Json => {
            let objects = |rows: &Rows| -> Vec<Value> {
                rows.rows.iter().map(|row| Value::Object(object(&rows.columns, row))).collect()
            };
            out.json(&json!({
                "remediation": objects(&row).first(),
                "steps": objects(&steps),
                "finding": objects(&finding).first(),
            }))?;
        }
        ShowFormat::Table => {
            let text = result(&prepared, &applied, &finding, super::status::journal(&steps, out.look));
            out.text(&text)?;
        }
    }
    Ok(Exit::Done)
}

/// What the environment says of an endpoint that AWS tells nobody. An empty one says nothing.
fn secret((name, text): (OsString, OsString)) -> Option<(String, Secret)> {
    let name = name.into_string().ok().filter(|name| name.starts_with(Secret::PREFIX))?;
    let text = text.into_string().ok().filter(|text| !text.is_empty())?;
    Some((name, Secret::new(text)))
}

fn object(columns: &[String], row: &[Value]) -> Map<String, Value> {
    match row_object(columns, row) {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// What the history or the finding is to blame for is for the user to change.
fn failed(error: anyhow::Error) -> Failed {
    match error.downcast::<HistoryError>() {
        Ok(error) => error.into(),
        Err(error) => Failed::could_not_run(format!("{error:#}")),
    }
}

fn dry_run(prepared: &Prepared) -> Value {
    json!({
        "finding_id": prepared.finding.id,
        "check_id": prepared.finding.check_id,
        "resource_arn": prepared.finding.arn,
        "account_id": prepared.finding.account.as_str(),
        "region": prepared.finding.region.as_str(),
        "replacement_name": prepared.replacement_name(),
        "hindrances": prepared.hindrances.iter().map(|hindrance| json!({
            "severity": hindrance.severity.as_str(), "code": hindrance.code, "place": hindrance.place,
            "what": hindrance.what, "fix": hindrance.fix,
        })).collect::<Vec<_>>(),
        "steps": prepared.steps.iter().map(|step| json!({
            "step": step.step.as_str(), "subject": step.subject, "what": step.what,
        })).collect::<Vec<_>>(),
    })
}

fn describe(prepared: &Prepared, look: Look) -> String {
    let finding = &prepared.finding;
    let mut text = format!(
        "Finding {} ({}): {} {} in {}, account {} {}\n",
        finding.id,
        finding.check_id,
        finding.resource_type.as_str().replace('_', " "),
        visible(&finding.name),
        finding.region,
        finding.account,
        visible(&finding.account_name),
    );
    if prepared.facts.is_none() {
        text.push_str("\nAWS does not have it any more.\n");
    }
    if !prepared.hindrances.is_empty() {
        text.push_str("\nTo know before\n");
        for hindrance in &prepared.hindrances {
            // Writing to a String cannot fail.
            let _ = writeln!(
                text,
                "  {}: {}: {}\n    {}",
                hindrance.severity.as_str(),
                visible(&hindrance.place),
                visible(&hindrance.what),
                visible(&hindrance.fix)
            );
        }
    }
    let rows: Vec<Vec<Value>> = prepared
        .steps
        .iter()
        .map(|step| vec![step.step.as_str().into(), step.subject.as_str().into(), step.what.as_str().into()])
        .collect();
    if !rows.is_empty() {
        text.push('\n');
        text.push_str(&table(&["STEP", "OF", "WHAT"].map(str::to_owned), &rows, look));
    }
    text.push_str(if blockers::block(&prepared.hindrances) {
        "\nNothing was changed, and nothing can be as long as a blocker stands.\n"
    } else {
        "\nNothing was changed. With --yes it is done.\n"
    });
    text
}

fn result(prepared: &Prepared, applied: &Applied, finding: &Rows, journal: String) -> String {
    let mut text = journal;
    let state = finding.iter().next().map_or("gone", |row| row.text("state"));
    let _ = writeln!(text, "\nFinding {} is {state}.", prepared.finding.id);
    if applied.end == End::SourceKept {
        let _ = writeln!(
            text,
            "Everything is on {} now; {} is still there. Once you trust it:\n  keywatch remediate apply {} --yes --delete-source",
            prepared.replacement_name(),
            visible(&prepared.finding.name),
            prepared.finding.id
        );
    }
    text
}
