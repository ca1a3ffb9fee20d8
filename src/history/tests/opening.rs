use std::{fs, path::Path};

use super::build::*;
use crate::history::{HistoryError, Limits, MIGRATIONS, NewScan, Reader, Writer};

async fn write_error(path: &Path) -> HistoryError {
    Writer::open(path, hour(0)).await.map(|_| ()).unwrap_err()
}

async fn read_error(path: &Path) -> HistoryError {
    Reader::open(path).await.map(|_| ()).unwrap_err()
}

#[tokio::test]
async fn a_missing_history_names_the_command_that_makes_one() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("none.db");
    let error = read_error(&path).await;
    assert!(matches!(error, HistoryError::Missing(_)));
    assert!(error.to_string().contains("keywatch scan") && error.to_string().contains("none.db"), "{error}");
    assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0, "looking makes no file");
    fs::write(&path, "").unwrap();
    assert!(matches!(read_error(&path).await, HistoryError::Missing(_)));
}

#[tokio::test]
async fn a_path_that_cannot_hold_a_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let deep = dir.path().join("no/such/dir/keywatch.db");
    assert!(matches!(write_error(&deep).await, HistoryError::NoParent { .. }));
    assert!(matches!(write_error(dir.path()).await, HistoryError::IsDirectory(_)));
    assert!(matches!(read_error(dir.path()).await, HistoryError::IsDirectory(_)));
    if cfg!(target_os = "linux") {
        // Nobody, not even root, makes a file there.
        assert!(matches!(write_error(Path::new("/proc/keywatch.db")).await, HistoryError::Open { .. }));
    }
}

#[tokio::test]
async fn a_strangers_file_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let text = dir.path().join("notes.txt");
    fs::write(&text, "not a database at all, but long enough to look at".repeat(100)).unwrap();
    let before = fs::read(&text).unwrap();
    assert!(matches!(write_error(&text).await, HistoryError::NotKeywatch(_)));
    assert!(matches!(read_error(&text).await, HistoryError::NotKeywatch(_)));
    assert_eq!(fs::read(&text).unwrap(), before);

    let other = dir.path().join("other.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&other).create_if_missing(true);
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    sqlx::query("CREATE TABLE theirs (a)").execute(&mut db).await.unwrap();
    sqlx::Connection::close(db).await.unwrap();
    let before = fs::read(&other).unwrap();
    assert!(matches!(write_error(&other).await, HistoryError::NotKeywatch(_)));
    assert!(matches!(read_error(&other).await, HistoryError::NotKeywatch(_)));
    assert_eq!(fs::read(&other).unwrap(), before);
}

#[tokio::test]
async fn a_newer_schema_is_not_touched() {
    let mut lab = Lab::new().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
         VALUES (9999, 'from the future', TRUE, x'00', 0)",
    )
    .execute(&mut lab.writer.db)
    .await
    .unwrap();
    let error = read_error(&lab.path).await;
    assert!(error.to_string().contains("newer keywatch (schema 9999"), "{error}");
    let Lab { writer, path, _dir } = lab;
    writer.close().await.unwrap();
    assert!(matches!(write_error(&path).await, HistoryError::NewerSchema { found: 9999, .. }));
}

#[tokio::test]
async fn an_older_schema_waits_for_the_writer() {
    let mut lab = Lab::new().await;
    sqlx::query("DELETE FROM _sqlx_migrations WHERE version > 1").execute(&mut lab.writer.db).await.unwrap();
    assert!(matches!(read_error(&lab.path).await, HistoryError::OlderSchema { found: 1, .. }));
}

/// A version that had the later migrations but not this one, as two branches of a development make them.
#[tokio::test]
async fn a_schema_with_a_gap_is_older_and_the_writer_fills_it() {
    let gap = 3;
    let mut without = MIGRATIONS.iter().cloned().collect::<Vec<_>>();
    without.retain(|migration| migration.version != gap);
    assert!(without.last().unwrap().version > gap);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("gap.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path).create_if_missing(true);
    let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.unwrap();
    let older = sqlx::migrate::Migrator { migrations: without.into(), ..sqlx::migrate::Migrator::DEFAULT };
    older.run(&mut db).await.unwrap();
    sqlx::Connection::close(db).await.unwrap();

    let error = read_error(&path).await;
    assert!(matches!(error, HistoryError::OlderSchema { found: 2, .. }), "{error}");
    let writer = Writer::open(&path, hour(0)).await.unwrap();
    let mut lab = Lab { writer, path, _dir: dir };
    lab.scan(1, &[account(1)], &[record(target(1, "eu-west-1"), 1, instances(vec![failing("a")]))]).await;
    let reader = lab.reader().await;
    assert_eq!(reader.check(3).await.unwrap().broken, []);
    assert_eq!(lab.rows("SELECT count(*) FROM compliance_daily").await, [[serde_json::json!(1)]]);

    // One that is not known here, below the newest that is.
    sqlx::query("UPDATE _sqlx_migrations SET version = 0 WHERE version = 3")
        .execute(&mut lab.writer.db)
        .await
        .unwrap();
    assert!(matches!(read_error(&lab.path).await, HistoryError::SchemaDiffers { version: 0, .. }));
    let Lab { writer, path, _dir } = lab;
    writer.close().await.unwrap();
    assert!(matches!(write_error(&path).await, HistoryError::SchemaDiffers { version: 0, .. }));
}

#[tokio::test]
async fn a_damaged_file_is_called_damaged() {
    let mut lab = Lab::new().await;
    let records: Vec<_> = (1..200)
        .map(|n| record(target(n, "eu-west-1"), 1, instances(vec![failing("a"), passing("b")])))
        .collect();
    lab.scan(1, &[account(1)], &records).await;
    let Lab { writer, path, _dir } = lab;
    writer.close().await.unwrap();
    let mut bytes = fs::read(&path).unwrap();
    // The first page, with the schema, stays whole.
    bytes[4096..].fill(0xAB);
    fs::write(&path, bytes).unwrap();
    assert!(matches!(write_error(&path).await, HistoryError::Corrupt { .. }));
    assert!(matches!(read_error(&path).await, HistoryError::Corrupt { .. }));
}

#[tokio::test]
async fn one_writer_at_a_time_and_readers_beside_it() {
    let mut lab = Lab::new().await;
    let error = write_error(&lab.path).await;
    assert!(matches!(error, HistoryError::Locked(_)));
    let reader = lab.reader().await;
    let new = NewScan {
        trigger: "manual",
        started_at: hour(1),
        accounts: &[],
        complete_roster: true,
        scope: None,
        resumes: None,
    };
    let scan = lab.writer.begin_scan(&new).await.unwrap();
    assert_eq!(column(&reader.last_scan().await.unwrap(), "outcome"), [serde_json::json!("running")]);
    reader.query("SELECT 1", &Limits::default(), |_| std::ops::ControlFlow::Continue(())).await.unwrap();
    lab.finish(scan, 2).await;

    let Lab { writer, path, _dir } = lab;
    drop(writer);
    Writer::open(&path, hour(3)).await.unwrap().close().await.unwrap();
    Reader::open(&path).await.unwrap().last_scan().await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_its_owner_may_read_a_new_history() {
    use std::os::unix::fs::PermissionsExt;
    let mut lab = Lab::new().await;
    lab.scan(1, &[account(1)], &[]).await;
    for end in ["", "-wal", "-shm", ".lock"] {
        let file = format!("{}{end}", lab.path.display());
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600, "{file}");
    }
}
