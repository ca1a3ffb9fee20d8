use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;

use crate::{
    domain::ReportFormat,
    reports::{self, ReportWeek, Weekly},
};

/// Writes a report in each of these formats into a directory, which has to be there; where one is there already, it
/// stays unless `over` is set. Returns what was written.
///
/// # Errors
/// Where a file can't be written; each stands under its name only once it is whole.
pub fn write_files(
    directory: &Path,
    weekly: &Weekly,
    formats: &[ReportFormat],
    over: bool,
) -> anyhow::Result<Vec<PathBuf>> {
    let mut written = Vec::new();
    for format in formats {
        let path = directory.join(format.file_name(&weekly.period.week));
        if !over && path.exists() {
            continue;
        }
        let content = reports::render(weekly, *format)?;
        write_whole(&path, &content).with_context(|| format!("cannot write {}", path.display()))?;
        written.push(path);
    }
    Ok(written)
}

fn write_whole(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut unfinished = path.as_os_str().to_owned();
    unfinished.push(".part");
    let unfinished = PathBuf::from(unfinished);
    let write = || {
        let mut file = File::create(&unfinished)?;
        file.write_all(content)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    let written = write();
    if written.is_err() {
        // The first error is the one to tell.
        let _ = fs::remove_file(&unfinished);
    }
    written
}

/// Removes the files of all but the newest weeks; returns how many. Only what has the name of a report goes.
pub(super) fn keep(directory: &Path, weeks: usize) -> io::Result<usize> {
    let mut reports = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some(week) = week_of(&name) {
            reports.push((week, name));
        }
    }
    let known: BTreeSet<ReportWeek> = reports.iter().map(|(week, _)| *week).collect();
    let Some(oldest) = known.iter().rev().nth(weeks.saturating_sub(1)) else { return Ok(0) };
    let mut removed = 0;
    for (_, name) in reports.iter().filter(|(week, _)| week < oldest) {
        fs::remove_file(directory.join(name))?;
        removed += 1;
    }
    Ok(removed)
}

/// The week of a report's file.
fn week_of(name: &str) -> Option<ReportWeek> {
    let week = name.strip_prefix("keywatch-")?.get(..8)?;
    let is_one = ReportFormat::ALL.iter().any(|format| format.file_name(week) == name);
    week.parse().ok().filter(|_| is_one)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn only_reports_of_older_weeks_are_removed() {
        let dir = TempDir::new().unwrap();
        let names = [
            "keywatch-2026-W52.html",
            "keywatch-2026-W53.html",
            "keywatch-2026-W53.ocsf.jsonl",
            "keywatch-2027-W01.xlsx",
            "keywatch-2027-W02.html",
            "keywatch-2026-W50.html.part",
            "keywatch-2026-W50.txt",
            "keywatch-2026-W60.html",
            "keywatch.db",
        ];
        for name in names {
            fs::write(dir.path().join(name), "").unwrap();
        }
        assert_eq!(keep(dir.path(), 4).unwrap(), 0);
        assert_eq!(keep(dir.path(), 2).unwrap(), 3);
        assert_eq!(keep(dir.path(), 2).unwrap(), 0);
        let left: Vec<&str> = names.into_iter().filter(|name| dir.path().join(name).exists()).collect();
        assert_eq!(left, names[3..]);
    }

    #[test]
    fn what_cannot_be_written_whole_is_not_there() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("a.html");
        write_whole(&path, b"whole").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"whole");
        // A directory in the way: the content is written, but can't take its name.
        let taken = dir.path().join("b.html");
        fs::create_dir(&taken).unwrap();
        write_whole(&taken, b"whole").unwrap_err();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2, "nothing unfinished is left");
    }
}
