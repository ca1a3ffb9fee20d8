//! `doctor`: what keywatch needs, and what to do where it is missing.

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::{
    args::{DoctorArgs, Format, GlobalArgs},
    exit::{Exit, Failed},
    output::{Out, counted, visible},
    settings,
};
use crate::{
    app::{self, CheckResult, Examined, Health},
    domain::Rows,
};

/// Looks over every precondition and prints what was found.
pub async fn run(global: &GlobalArgs, args: &DoctorArgs, out: &mut Out) -> Result<Exit, Failed> {
    let loaded = settings::load(global)?;
    settings::check_exceptions(&loaded.config, app::now())?;
    let cancel = CancellationToken::new();
    app::on_signal(cancel.clone()).map_err(Failed::could_not_run)?;
    let examined = Examined {
        config: &loaded.config,
        config_file: loaded.path.as_deref(),
        warnings: &loaded.warnings,
        account: args.account,
        extra: app::doctor_of_notifications(&loaded.config),
    };
    let results = app::doctor(examined, &cancel).await;
    match args.format {
        Format::Table => out.text(&for_people(&results))?,
        Format::Json | Format::Csv => out.rows(&rows(&results), args.format, |_, _| String::new())?,
    }
    Ok(exit(&results))
}

fn exit(results: &[CheckResult]) -> Exit {
    if results.iter().any(|result| result.outcome == Health::Failed) { Exit::CouldNotRun } else { Exit::Done }
}

fn rows(results: &[CheckResult]) -> Rows {
    let row = |CheckResult { name, outcome, detail, fix }: &CheckResult| {
        let fix = fix.as_deref().map_or(Value::Null, Value::from);
        vec![Value::from(*name), outcome.as_str().into(), detail.as_str().into(), fix]
    };
    Rows {
        columns: ["check", "outcome", "detail", "fix"].map(str::to_owned).into(),
        rows: results.iter().map(row).collect(),
    }
}

/// A line for each, and below it what to do. Unlike in a table, a statement of a policy can be copied.
fn for_people(results: &[CheckResult]) -> String {
    let widest = results.iter().map(|result| result.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for CheckResult { name, outcome, detail, fix } in results {
        text.push_str(&format!("{:<7}  {name:<widest$}  {}\n", outcome.as_str(), visible(detail)));
        for line in fix.iter().flat_map(|fix| fix.lines()) {
            text.push_str(&format!("         {}\n", visible(line)));
        }
    }
    let count = |health| results.iter().filter(|result| result.outcome == health).count() as u64;
    text.push_str(&format!(
        "\n{} ok, {}, {} failed, {} skipped\n",
        count(Health::Ok),
        counted(count(Health::Warning), "warning"),
        count(Health::Failed),
        count(Health::Skipped)
    ));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results() -> Vec<CheckResult> {
        vec![
            CheckResult::ok("config", "keywatch.toml"),
            CheckResult::failed(
                "audit_role",
                "Root: evil\x1b[31m (1)",
                "Add this:\n{\n  \"Effect\": \"Allow\"\n}",
            ),
            CheckResult::warning("disk", "little", "Free some"),
            CheckResult::skipped("regions", "needs an account"),
        ]
    }

    #[test]
    fn what_to_do_stands_below_what_was_found() {
        insta::assert_snapshot!(for_people(&results()), @r#"
        ok       config      keywatch.toml
        failed   audit_role  Root: evil\u{1b}[31m (1)
                 Add this:
                 {
                   "Effect": "Allow"
                 }
        warning  disk        little
                 Free some
        skipped  regions     needs an account

        1 ok, 1 warning, 1 failed, 1 skipped
        "#);
    }

    #[test]
    fn only_what_failed_sets_the_exit_code() {
        let mut results = results();
        assert_eq!(exit(&results), Exit::CouldNotRun);
        results.retain(|result| result.outcome != Health::Failed);
        assert_eq!(exit(&results), Exit::Done);
        assert_eq!(rows(&results).rows[0][3], Value::Null);
    }
}
