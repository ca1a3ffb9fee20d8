//! `db …`: looking after the history.

pub mod args;
mod check;
mod prune;

use tokio_util::sync::CancellationToken;

use super::{
    args::{BackupArgs, DbCommand, GlobalArgs},
    exit::{Exit, Failed},
    history,
    output::{Out, visible},
    settings,
};
use crate::{app, history::Reader};

/// Does what the command says.
pub async fn run(global: &GlobalArgs, command: &DbCommand, out: &mut Out) -> Result<Exit, Failed> {
    match command {
        DbCommand::Check(args) => check::run(&history(global).await?, args, out).await,
        DbCommand::Backup(args) => {
            backup(&history(global).await?, args, out).await?;
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
    out.text(&format!("{}: {}\n", visible(&args.file.to_string_lossy()), size(bytes)))
}

/// `1.5 MiB`.
fn size(bytes: u64) -> String {
    if bytes < 1024 * 1024 {
        return format!("{} KiB", bytes.div_ceil(1024));
    }
    let tenths = bytes.saturating_mul(10) / (1024 * 1024);
    format!("{}.{} MiB", tenths / 10, tenths % 10)
}
