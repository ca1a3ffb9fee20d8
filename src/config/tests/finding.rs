use std::{fs, path::Path};

use crate::config::{find_and_load, load::find};

fn write(path: &Path, concurrency: u32) {
    fs::write(path, format!("[scan]\nconcurrency = {concurrency}")).unwrap();
}

#[test]
fn a_named_file_is_the_one() {
    let dir = tempfile::tempdir().unwrap();
    let (named, by_variable) = (dir.path().join("named.toml"), dir.path().join("variable.toml"));
    write(&named, 11);
    write(&by_variable, 22);
    let env = [("KEYWATCH_CONFIG".to_owned(), by_variable.to_str().unwrap().to_owned())];

    let loaded = find_and_load(Some(&named), env.clone()).unwrap();
    assert_eq!((loaded.config.scan.concurrency.get(), loaded.path), (11, Some(named)));
    let loaded = find_and_load(None, env).unwrap();
    assert_eq!((loaded.config.scan.concurrency.get(), loaded.path), (22, Some(by_variable)));
}

#[test]
fn a_named_file_has_to_be_readable() {
    let dir = tempfile::tempdir().unwrap();
    let text = |path: &Path| {
        let error = find_and_load(Some(path), []).unwrap_err().to_string();
        error.replace(dir.path().to_str().unwrap(), "DIR")
    };
    insta::assert_snapshot!(text(&dir.path().join("missing.toml")), @r"
    the configuration has a problem:
      DIR/missing.toml: cannot be read: No such file or directory (os error 2); name a readable file with --config or KEYWATCH_CONFIG
    ");
    insta::assert_snapshot!(text(dir.path()), @r"
    the configuration has a problem:
      DIR: cannot be read: Is a directory (os error 21); name a readable file with --config or KEYWATCH_CONFIG
    ");
    let latin = dir.path().join("latin1.toml");
    fs::write(&latin, b"# \xfcber\n").unwrap();
    insta::assert_snapshot!(text(&latin), @r"
    the configuration has a problem:
      DIR/latin1.toml: cannot be read: stream did not contain valid UTF-8; name a readable file with --config or KEYWATCH_CONFIG
    ");
    let env = [("KEYWATCH_CONFIG".to_owned(), "/no/such/file".to_owned())];
    insta::assert_snapshot!(find_and_load(None, env).unwrap_err(), @r"
    the configuration has a problem:
      /no/such/file: cannot be read: No such file or directory (os error 2); name a readable file with --config or KEYWATCH_CONFIG
    ");
}

#[test]
fn without_a_name_the_first_that_is_there_counts() {
    let dir = tempfile::tempdir().unwrap();
    let (first, second) = (dir.path().join("1.toml"), dir.path().join("2.toml"));
    let found = || find(None, &[&first, &second]).map(|found| found.map(|(path, _)| path));
    assert_eq!(found(), Ok(None));
    write(&second, 2);
    assert_eq!(found(), Ok(Some(second.clone())));
    write(&first, 1);
    assert_eq!(found(), Ok(Some(first.clone())));
    // One that is there but can't be read is not passed over.
    fs::remove_file(&first).unwrap();
    fs::create_dir(&first).unwrap();
    assert!(found().is_err());
}
