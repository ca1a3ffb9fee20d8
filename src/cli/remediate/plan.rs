use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::{
    app::{self, OpenFinding, Planned, Which, WrittenPlan},
    cli::{
        args::{Format, GlobalArgs, PlanArgs},
        exit::{Exit, Failed},
        output::{Out, counted, table, visible},
        settings,
    },
    domain::Rows,
    remediation::{blockers::Severity, plan::Plan},
};

const COLUMNS: [&str; 12] = [
    "folder",
    "finding_id",
    "check_id",
    "account_id",
    "region",
    "resource_name",
    "resource_arn",
    "tasks",
    "blockers",
    "warnings",
    "hindrances",
    "error",
];

/// For people: the rest is in the folder's name.
const SHOWN: [&str; 6] = ["folder", "finding_id", "tasks", "blockers", "warnings", "error"];

/// `remediate plan`.
pub(super) async fn plan(global: &GlobalArgs, args: &PlanArgs, out: &mut Out) -> Result<Exit, Failed> {
    let config = settings::load(global)?.config;
    let options = super::key_options(&args.key, &config)?;
    let which = args.arn_or_id.clone().map_or(Which::All, Which::One);
    let cancel = CancellationToken::new();
    app::on_signal(cancel.clone()).map_err(Failed::could_not_run)?;
    let could_not = |error: anyhow::Error| Failed::could_not_run(format!("{error:#}"));
    let planned = app::plan_remediation(&config, &which, &options, args.clock.clock(), &cancel)
        .await
        .map_err(could_not)?;
    if let (Which::One(_), [(_, why)], []) = (&which, planned.missed.as_slice(), planned.plans.as_slice()) {
        return Err(Failed::could_not_run(why));
    }
    let written = app::write_plans(&planned, &args.out, args.all, args.force).map_err(could_not)?;
    let rows = rows(&planned, &written);
    match args.format {
        Format::Table => out.text(&for_people(&planned, &written, &rows, out))?,
        Format::Json | Format::Csv => out.rows(&rows, args.format, |_, _| String::new())?,
    }
    Ok(if planned.missed.is_empty() { Exit::Done } else { Exit::CouldNotRun })
}

fn rows(planned: &Planned, written: &[WrittenPlan]) -> Rows {
    let of_plan = |(plan, written): (&Plan, &WrittenPlan)| {
        let codes: Vec<&str> = plan.hindrances.iter().map(|one| one.code).collect();
        vec![
            Value::from(written.folder.to_string_lossy()),
            plan.finding.id.into(),
            plan.finding.check_id.as_str().into(),
            plan.facts.account.as_str().into(),
            plan.facts.region.as_str().into(),
            plan.facts.resource.name.as_str().into(),
            plan.facts.resource.arn.as_str().into(),
            plan.facts.tasks.len().into(),
            plan.count(Severity::Blocker).into(),
            plan.count(Severity::Warning).into(),
            codes.join(" ").into(),
            Value::Null,
        ]
    };
    let of_missed = |(finding, why): &(OpenFinding, String)| {
        vec![
            Value::Null,
            finding.id.into(),
            finding.check_id.as_str().into(),
            finding.account.as_str().into(),
            finding.region.as_str().into(),
            finding.name.as_str().into(),
            finding.arn.as_str().into(),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Null,
            why.as_str().into(),
        ]
    };
    let plans = planned.plans.iter().zip(written).map(of_plan);
    Rows {
        columns: COLUMNS.map(str::to_owned).into(),
        rows: plans.chain(planned.missed.iter().map(of_missed)).collect(),
    }
}

fn for_people(planned: &Planned, written: &[WrittenPlan], rows: &Rows, out: &Out) -> String {
    if rows.rows.is_empty() {
        return "Nothing is open: there is nothing to put right.\n".to_owned();
    }
    let mut shown = SHOWN.map(str::to_owned).to_vec();
    if planned.missed.is_empty() {
        shown.pop();
    }
    let cells: Vec<Vec<Value>> =
        rows.iter().map(|row| shown.iter().map(|column| row.value(column)).collect()).collect();
    let mut text = table(&shown, &cells, out.look);
    for (plan, written) in planned.plans.iter().zip(written) {
        if plan.hindrances.is_empty() {
            continue;
        }
        text.push_str(&format!("\n{}\n", visible(&written.name)));
        for one in &plan.hindrances {
            let line = format!("  {}: {}: {}; {}\n", one.severity.as_str(), one.place, one.what, one.fix);
            text.push_str(&format!("{}\n", visible(line.trim_end())));
        }
    }
    let missed = u64::try_from(planned.missed.len()).unwrap_or(u64::MAX);
    if missed > 0 {
        text.push_str(&format!(
            "\n{} could not be read; the others are planned.\n",
            counted(missed, "finding")
        ));
    }
    if !planned.plans.is_empty() {
        text.push_str("\nRead runbook.md first, then run ./remediate.sh --check.\n");
    }
    text
}
