use std::{
    fs,
    io::ErrorKind,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};

use super::plan::Planned;
use crate::remediation::plan::{File, folder_names, index};

/// A folder of a plan that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenPlan {
    /// Where.
    pub folder: PathBuf,
    /// Its name within the directory.
    pub name: String,
}

/// Writes a folder for each plan into the directory, and an index if asked for. What another plan wrote there is not touched
/// unless `force`d.
///
/// # Errors
/// Where a file of another plan is in the way, before anything is written; or where it can't be written.
pub fn write_plans(
    planned: &Planned,
    directory: &Path,
    with_index: bool,
    force: bool,
) -> anyhow::Result<Vec<WrittenPlan>> {
    let names = folder_names(&planned.plans);
    let mut files: Vec<(PathBuf, File)> = Vec::new();
    for (plan, name) in planned.plans.iter().zip(&names) {
        files.extend(plan.files().into_iter().map(|file| (directory.join(name).join(&file.name), file)));
    }
    if with_index {
        let content = index(&planned.plans, &names, &planned.missed());
        let file = File { name: "README.md".to_owned(), content, executable: false };
        files.push((directory.join(&file.name), file));
    }
    if !force {
        let in_the_way = files.iter().find(|(path, file)| is_another(path, file));
        if let Some((path, _)) = in_the_way {
            bail!(
                "{} is there, of another plan: choose another directory, or say --force to write over it",
                path.display()
            );
        }
    }
    for (path, file) in &files {
        write(path, file).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(names.into_iter().map(|name| WrittenPlan { folder: directory.join(&name), name }).collect())
}

/// Whether something else stands there. What can't be read is something else.
fn is_another(path: &Path, file: &File) -> bool {
    match fs::read(path) {
        Ok(content) => content != file.content.as_bytes(),
        Err(error) => !matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory),
    }
}

fn write(path: &Path, file: &File) -> std::io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, &file.content)?;
    let mode = if file.executable { 0o755 } else { 0o644 };
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}
