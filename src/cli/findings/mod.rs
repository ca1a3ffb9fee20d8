//! `findings list` and `findings show`.

mod show;

use serde_json::{Value, json};

use super::{
    args::{ListArgs, ShowArgs, ShowFormat},
    exit::Failed,
    lists,
    output::{Look, Out, row_object, table, visible},
    past,
};
use crate::{
    domain::{Row, Rows},
    history::{List, Reader},
};

/// The narrowest terminal on which findings are a table; below, each is a block of lines.
const TABLE_FROM: u16 = 120;

/// `findings list`.
pub async fn list(reader: &Reader, args: &ListArgs, out: &mut Out) -> Result<(), Failed> {
    match past(reader, args.as_of).await? {
        Some(past) => out.rows(&past.findings(&args.filter()).await?, args.format, for_people),
        None => lists::print(reader, List::Findings(&args.filter()), args.format, for_people, out).await,
    }
}

/// `findings show`.
pub async fn show(reader: &Reader, args: &ShowArgs, out: &mut Out) -> Result<(), Failed> {
    let found = match past(reader, args.as_of).await? {
        Some(past) => past.finding(&args.arn_or_id).await?,
        None => reader.finding(&args.arn_or_id).await?,
    };
    if found.findings.rows.is_empty() {
        let (has, list) = match args.as_of {
            Some(_) => ("had, by then,", "keywatch findings list --as-of …"),
            None => ("has", "keywatch findings list"),
        };
        return Err(Failed::could_not_run(format!(
            "no finding {has} the number or resource ARN {:?}; `{list}` shows all",
            visible(&args.arn_or_id)
        )));
    }
    match args.format {
        ShowFormat::Json => {
            let [findings, events, evaluations] =
                [&found.findings, &found.events, &found.evaluations].map(objects);
            out.json(&json!({"findings": findings, "events": events, "evaluations": evaluations}))
        }
        ShowFormat::Table => {
            let when = if args.as_of.is_some() { "Then" } else { "Now" };
            out.text(&show::timeline(&found, when))
        }
    }
}

/// The rows as JSON objects.
pub fn objects(rows: &Rows) -> Vec<Value> {
    rows.rows.iter().map(|row| row_object(&rows.columns, row)).collect()
}

/// Findings for people: what one needs to know where to go.
pub fn for_people(findings: &Rows, look: Look) -> String {
    if findings.rows.is_empty() {
        return "No findings.\n".to_owned();
    }
    if look.width.is_some_and(|width| width < TABLE_FROM) {
        return findings.iter().map(|row| block(&row)).collect();
    }
    let with_state = findings.iter().any(|row| row.text("state") != "open");
    let mut columns =
        vec!["ID", "SEVERITY", "CHECK", "STATUS", "ACCOUNT", "REGION", "RESOURCE", "KEY", "SINCE"];
    if with_state {
        columns.insert(1, "STATE");
    }
    let rows: Vec<Vec<Value>> = findings
        .iter()
        .map(|row| {
            let mut cells = vec![
                row.value("finding_id"),
                row.value("severity"),
                row.value("check_id"),
                status(&row).into(),
                account(&row).into(),
                row.value("region"),
                row.value("resource_name"),
                key(&row).into(),
                day(row.text("opened_at")).into(),
            ];
            if with_state {
                cells.insert(1, row.value("state"));
            }
            cells
        })
        .collect();
    let columns: Vec<String> = columns.into_iter().map(str::to_owned).collect();
    table(&columns, &rows, look)
}

fn block(row: &Row<'_>) -> String {
    let state = if row.text("state") == "open" { String::new() } else { format!("{}, ", row.text("state")) };
    let name = row.text("resource_name");
    let lines = [
        format!("{:<8}  {name}  {state}{}  #{}", row.text("severity"), status(row), row.value("finding_id")),
        format!("          {}, {}", account(row), row.text("region")),
        format!("          {} since {}", row.text("check_id"), day(row.text("opened_at"))),
        format!("          key {}", key(row)),
    ];
    lines.iter().map(|line| format!("{}\n", visible(line))).collect()
}

/// `fail: aws_managed_key`.
fn status(row: &Row<'_>) -> String {
    format!("{}: {}", row.text("status"), row.text("reason"))
}

/// `payments (000000000001)`.
pub fn account(row: &Row<'_>) -> String {
    match row.text("account_name") {
        "" => row.text("account_id").to_owned(),
        name => format!("{name} ({})", row.text("account_id")),
    }
}

/// The key without what the row says elsewhere: its alias or id, and its account where that is another one.
fn key(row: &Row<'_>) -> String {
    let arn = row.text("key_arn");
    if arn.is_empty() {
        return if row.text("reason") == "default_key" {
            "default (aws/dms)".to_owned()
        } else {
            "-".to_owned()
        };
    }
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [_, _, _, _, owner, resource] = parts[..] else { return arn.to_owned() };
    let name = resource.strip_prefix("key/").unwrap_or(resource);
    if owner == row.text("account_id") { name.to_owned() } else { format!("{name} of {owner}") }
}

/// The day of a moment.
pub fn day(at: &str) -> &str {
    at.get(..10).unwrap_or(at)
}

#[cfg(test)]
pub(super) mod tests;
