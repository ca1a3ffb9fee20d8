//! `exceptions add`, `list` and `remove`.

use serde_json::Value;

use super::{
    args::{AddArgs, ExceptionsArgs, GlobalArgs, RemoveArgs},
    exit::Failed,
    findings::day,
    output::{Look, Out, counted, table, visible},
    settings,
};
use crate::{
    app,
    domain::{Row, Rows, iso_utc},
    history::{HistoryError, Reader, Settled},
};

/// `exceptions add`.
pub async fn add(global: &GlobalArgs, args: &AddArgs, out: &mut Out) -> Result<(), Failed> {
    let config = settings::load(global)?.config;
    let Some(exception) = args.exception() else {
        return Err(Failed::usage("give one of --resource, --account, --ou, --tag"));
    };
    let (id, settled) = app::add_exception(&config, &exception, args.clock.clock()).await.map_err(failed)?;
    let suppressed = counted(settled.suppressed.unsigned_abs(), "finding");
    let until = iso_utc(exception.expires_at);
    out.text(&visible(&format!(
        "Exception {id}, for {}: {suppressed} suppressed until {until}.",
        exception.covers
    )))?;
    out.text("\n")?;
    if exception.needs_tags() && settled.suppressed == 0 {
        out.text(
            "The tags of resources are read by the next scan; what bears the tag is suppressed then.\n",
        )?;
    }
    Ok(())
}

/// `exceptions remove`.
pub async fn remove(global: &GlobalArgs, args: &RemoveArgs, out: &mut Out) -> Result<(), Failed> {
    let config = settings::load(global)?.config;
    match app::remove_exception(&config, args.id, args.clock.clock()).await.map_err(failed)? {
        Some(Settled { reopened, .. }) => {
            let reopened = counted(reopened.unsigned_abs(), "finding");
            out.text(&format!("Exception {} has ended: {reopened} open again.\n", args.id))
        }
        None => Err(Failed::could_not_run(format!(
            "no exception {} is in force; `keywatch exceptions list` shows those that are",
            args.id
        ))),
    }
}

fn failed(error: anyhow::Error) -> Failed {
    match error.downcast::<HistoryError>() {
        Ok(error) => error.into(),
        Err(error) => Failed::usage(format!("{error:#}")),
    }
}

/// `exceptions list`.
pub async fn list(reader: &Reader, args: &ExceptionsArgs, out: &mut Out) -> Result<(), Failed> {
    let rows = reader.exceptions(args.all).await?;
    out.rows(&rows, args.format, for_people)
}

fn for_people(exceptions: &Rows, look: Look) -> String {
    if exceptions.rows.is_empty() {
        return "No exceptions.\n".to_owned();
    }
    let columns = ["ID", "STATE", "COVERS", "CHECK", "FINDINGS", "OWNER", "REASON", "UNTIL", "FROM"];
    let rows: Vec<Vec<Value>> = exceptions
        .iter()
        .map(|row| {
            let check = if row.text("check_id").is_empty() { "all" } else { row.text("check_id") };
            vec![
                row.value("exception_id"),
                row.value("state"),
                covers(&row).into(),
                check.into(),
                row.value("findings"),
                row.value("owner"),
                row.value("reason"),
                day(row.text("expires_at")).into(),
                row.value("source"),
            ]
        })
        .collect();
    table(&columns.map(str::to_owned), &rows, look)
}

fn covers(row: &Row<'_>) -> String {
    if !row.text("tag_key").is_empty() {
        return format!("tag {}={}", row.text("tag_key"), row.text("tag_value"));
    }
    for (column, word) in [("resource_arn", ""), ("account_id", "account "), ("ou", "OU ")] {
        if !row.text(column).is_empty() {
            return format!("{word}{}", row.text(column));
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_says_what_it_covers_for_whom_and_until_when() {
        let columns = [
            "exception_id",
            "state",
            "source",
            "check_id",
            "resource_arn",
            "account_id",
            "ou",
            "tag_key",
            "tag_value",
            "reason",
            "owner",
            "created_at",
            "expires_at",
            "ended_at",
            "findings",
        ];
        let null = || json!(null);
        let end = || [json!("because"), json!("platform"), null(), json!("2027-01-31T23:59:59Z"), null()];
        let row = |id: i64, covers: [Value; 5], check: Value, findings: i64| {
            let mut row = vec![json!(id), json!("active"), json!("command"), check];
            row.extend(covers);
            row.extend(end());
            row.push(json!(findings));
            row
        };
        let rows = Rows {
            columns: columns.map(str::to_owned).to_vec(),
            rows: vec![
                row(
                    1,
                    [json!("arn:aws:dms:eu-west-1:000000000001:rep:A"), null(), null(), null(), null()],
                    null(),
                    1,
                ),
                row(
                    2,
                    [null(), json!("000000000001"), null(), null(), null()],
                    json!("dms_kms_key_usable"),
                    12,
                ),
                row(3, [null(), null(), json!("Root/Sandbox"), null(), null()], null(), 0),
                row(4, [null(), null(), null(), json!("Stage"), json!("\u{1b}[2Jtest")], null(), 3),
            ],
        };
        insta::assert_snapshot!(for_people(&rows, Look::default()), @r"
        ID  STATE   COVERS                                    CHECK               FINDINGS  OWNER     REASON   UNTIL       FROM
         1  active  arn:aws:dms:eu-west-1:000000000001:rep:A  all                        1  platform  because  2027-01-31  command
         2  active  account 000000000001                      dms_kms_key_usable        12  platform  because  2027-01-31  command
         3  active  OU Root/Sandbox                           all                        0  platform  because  2027-01-31  command
         4  active  tag Stage=\u{1b}[2Jtest                   all                        3  platform  because  2027-01-31  command
        ");
        assert_eq!(for_people(&Rows::default(), Look::default()), "No exceptions.\n");
    }
}
