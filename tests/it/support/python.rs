//! Python, with what a test needs of it.

use std::{
    fs,
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use super::Process;

/// The Python of a virtual environment that has what the file lists in it: made below `target` on the first run, kept for
/// the next ones.
pub fn python_with(name: &str, requirements: &Path) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let venv = target.join(format!("{name}-venv"));
    let marker = venv.join("installed.txt");
    let python = venv.join("bin/python");
    let wanted = fs::read_to_string(requirements).unwrap();

    // Two runs of the tests at a time may not install into the same directory.
    let lock = File::create(target.join(format!("{name}-venv.lock"))).unwrap();
    lock.lock().unwrap();
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return python;
    }
    assert!(
        Command::new("python3").arg("--version").output().is_ok_and(|answer| answer.status.success()),
        "this test runs {name}: it needs python3 (3.10 or newer, with the module venv) on the PATH, and on its \
         first run a package index for {}",
        requirements.display()
    );
    if venv.exists() {
        fs::remove_dir_all(&venv).unwrap();
    }
    let mut command = Command::new("python3");
    command.args(["-m", "venv"]).arg(&venv);
    Process::spawn(command).finish(Duration::from_secs(60)).exits(0);
    let mut command = Command::new(&python);
    command.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"]);
    command.arg(requirements);
    Process::spawn(command).finish(Duration::from_secs(300)).exits(0);
    fs::write(&marker, wanted).unwrap();
    python
}
