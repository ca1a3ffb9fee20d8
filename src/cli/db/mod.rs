//! `db …`: looking after the history.

pub mod args;
mod check;
mod prune;

use tokio_util::sync::CancellationToken;

use super::{
    args::{BackupArgs, DbCommand, ExportArgs, FileFormat, GlobalArgs},
    exit::{Exit, Failed},
    history,
    output::{Look, Out, table, visible},
    settings,
};
use crate::{
    app,
    history::{ExportFormat, Reader},
};

/// Does what the command says.
pub async fn run(global: &GlobalArgs, command: &DbCommand, out: &mut Out) -> Result<Exit, Failed> {
    match command {
        DbCommand::Check(args) => check::run(&history(global).await?, args, out).await,
        DbCommand::Backup(args) => {
            backup(&history(global).await?, args, out).await?;
            Ok(Exit::Done)
        }
        DbCommand::Export(args) => {
            export(&history(global).await?, args, out).await?;
            Ok(Exit::Done)
        }
        DbCommand::Prune(args) => {
            prune::run(&settings::load(global)?.config.database.path, args, out).await?;
            Ok(Exit::Done)
        }
    }
}

async fn backup(reader: &Reader, args: &BackupArgs, out: &mut Out) -> Result<(), Failed> {
    let stop = CancellationToken::new();
    app::on_signal(stop.clone()).map_err(Failed::could_not_run)?;
    let bytes = reader.backup(&args.file, &stop).await?;
    out.text(&format!("Copied to {}, {}.\n", visible(&args.file.to_string_lossy()), size(bytes)))
}

async fn export(reader: &Reader, args: &ExportArgs, out: &mut Out) -> Result<(), Failed> {
    let stop = CancellationToken::new();
    app::on_signal(stop.clone()).map_err(Failed::could_not_run)?;
    let format = match args.format {
        FileFormat::Parquet => ExportFormat::Parquet,
        FileFormat::Csv => ExportFormat::Csv,
        FileFormat::Jsonl => ExportFormat::Jsonl,
    };
    let views = reader.export(&args.dir, format, &stop).await?;
    let columns = ["VIEW", "ROWS", "FILES"].map(str::to_owned);
    let rows: Vec<_> =
        views.into_iter().map(|view| vec![view.view.into(), view.rows.into(), view.files.into()]).collect();
    out.text(&table(&columns, &rows, Look { color: false, ..out.look }))
}

/// `1.5 MiB`.
fn size(bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        return format!("{} KiB", bytes.div_ceil(1024));
    }
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
