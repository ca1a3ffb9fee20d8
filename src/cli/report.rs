//! `report weekly`.

use std::{fs, path::Path};

use super::{
    args::{GlobalArgs, WeeklyArgs},
    exit::Failed,
    output::{Out, visible},
    settings,
};
use crate::{app, domain::ReportFormat, history::HistoryError, reports::Weekly};

/// `report weekly`.
pub async fn weekly(global: &GlobalArgs, args: &WeeklyArgs, out: &mut Out) -> Result<(), Failed> {
    let config = settings::load(global)?.config;
    let formats = args.formats();
    if args.out.is_none() && formats.len() > 1 {
        return Err(Failed::usage(
            "standard output takes one format; name a directory with --out for several",
        ));
    }
    let single = formats.first().copied().unwrap_or(ReportFormat::Markdown);
    if args.out.is_none() && single == ReportFormat::Xlsx && out.look.width.is_some() {
        return Err(Failed::usage(
            "a workbook is nothing for a terminal; name a directory with --out, or redirect",
        ));
    }
    let (weekly, not_kept) =
        app::weekly_report(&config, args.week, args.clock.clock()).await.map_err(failed)?;
    if let Some(why) = not_kept {
        tracing::warn!("{why}");
    }
    match &args.out {
        None => out.document(&app::render_report(&weekly, single).map_err(Failed::could_not_run)?),
        Some(directory) if formats.is_empty() => write(directory, &weekly, &config.report.formats, out),
        Some(directory) => write(directory, &weekly, &formats, out),
    }
}

fn write(directory: &Path, weekly: &Weekly, formats: &[ReportFormat], out: &mut Out) -> Result<(), Failed> {
    fs::create_dir_all(directory)
        .map_err(|error| Failed::could_not_run(format!("cannot make {}: {error}", directory.display())))?;
    let written = app::write_files(directory, weekly, formats, true)
        .map_err(|error| Failed::could_not_run(format!("{error:#}")))?;
    written.iter().try_for_each(|path| out.text(&format!("{}\n", visible(&path.to_string_lossy()))))
}

/// What the history does not cover is for the user to name otherwise.
fn failed(error: anyhow::Error) -> Failed {
    match error.downcast::<HistoryError>() {
        Ok(error) => error.into(),
        Err(error) => Failed::could_not_run(format!("{error:#}")),
    }
}
