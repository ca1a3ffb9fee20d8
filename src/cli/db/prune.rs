use std::path::Path;

use serde_json::Value;

use super::{
    super::{
        args::{Format, PruneArgs},
        exit::Failed,
        output::{Look, Out, counted, table},
    },
    size,
};
use crate::{
    app,
    domain::Rows,
    history::{PrunedTable, Reader, Writer},
};

/// `db prune`.
pub async fn run(path: &Path, args: &PruneArgs, out: &mut Out) -> Result<(), Failed> {
    let now = app::now();
    if !args.yes {
        let tables = Reader::open(path).await?.prune_plan(args.before, now).await?;
        print(&tables, "would_remove", args.format, out)?;
        if removed(&tables) > 0 {
            tracing::warn!("nothing was changed; the same with --yes removes {}", total(&tables));
        }
        return Ok(());
    }
    // A writer would make what is not there.
    Reader::open(path).await?;
    let pruned = Writer::open(path, now).await?.prune(args.before, now).await?;
    print(&pruned.tables, "removed", args.format, out)?;
    if let Some(error) = pruned.not_shrunk {
        return Err(Failed::could_not_run(format!(
            "{} removed, but the file did not shrink: {error}",
            total(&pruned.tables)
        )));
    }
    if removed(&pruned.tables) > 0 {
        tracing::info!(
            "removed {}; the file had {} and has {}",
            total(&pruned.tables),
            size(pruned.bytes_before),
            size(pruned.bytes_after)
        );
    }
    Ok(())
}

fn removed(tables: &[PrunedTable]) -> i64 {
    tables.iter().map(|table| table.removed).sum()
}

fn total(tables: &[PrunedTable]) -> String {
    counted(removed(tables).unsigned_abs(), "row")
}

fn print(tables: &[PrunedTable], removed: &str, format: Format, out: &mut Out) -> Result<(), Failed> {
    let columns = ["table", removed, "kept"].map(str::to_owned).to_vec();
    let rows = tables.iter().map(|row| vec![row.table.into(), row.removed.into(), row.kept.into()]).collect();
    out.rows(&Rows { columns, rows }, format, for_people)
}

fn for_people(rows: &Rows, look: Look) -> String {
    if rows.rows.iter().all(|row| row.get(1).and_then(Value::as_i64) == Some(0)) {
        return "Nothing ended before that day.\n".to_owned();
    }
    let columns: Vec<String> =
        rows.columns.iter().map(|name| name.to_uppercase().replace('_', " ")).collect();
    table(&columns, &rows.rows, look)
}
