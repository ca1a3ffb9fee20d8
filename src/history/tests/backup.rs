use std::fs;

use tokio_util::sync::CancellationToken;

use super::{
    build::*,
    lived::{day, lived},
};
use crate::history::{HistoryError, Reader, Writer};

fn names(dir: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_backup_is_the_history_of_one_moment_however_busy_its_writer_is() {
    let mut lab = lived().await;
    let dir = tempfile::tempdir().unwrap();
    let reader = lab.reader().await;
    let accounts: Vec<_> = (1..=40).map(account).collect();
    let stop = CancellationToken::new();
    let copies = async {
        for n in 0..6 {
            reader.backup(&dir.path().join(format!("{n}.db")), &stop).await.unwrap();
        }
        stop.cancel();
    };
    let writes = async {
        let mut h = day(10);
        while !stop.is_cancelled() {
            h += 1;
            let seen = |n: u64| if (n + h as u64).is_multiple_of(2) { failing("a") } else { passing("a") };
            let records: Vec<_> =
                (1..=40).map(|n| record(target(n, "eu-west-1"), h, instances(vec![seen(n)]))).collect();
            lab.scan(h, &accounts, &records).await;
        }
        h - day(10)
    };
    let ((), scans) = tokio::join!(copies, writes);
    assert!(scans > 1, "the writer went on");
    for n in 0..6 {
        let copy = Reader::open(&dir.path().join(format!("{n}.db"))).await.unwrap();
        let report = copy.check(3).await.unwrap();
        // A scan may have been at work; everything else holds.
        assert_eq!(report.broken, []);
        let judged = copy.findings(&Default::default()).await.unwrap();
        assert!(judged.rows.len() >= 5);
    }
    assert_eq!(names(dir.path()), ["0.db", "1.db", "2.db", "3.db", "4.db", "5.db"]);
    // It is a history like any other: one can go on with it.
    let copy = dir.path().join("5.db");
    Writer::open(&copy, hour(day(90))).await.unwrap().close().await.unwrap();
    assert_eq!(Reader::open(&copy).await.unwrap().check(3).await.unwrap().broken, []);
}

#[cfg(unix)]
#[tokio::test]
async fn a_backup_is_private_and_overwrites_nothing() {
    use std::os::unix::fs::PermissionsExt;
    let lab = lived().await;
    let dir = tempfile::tempdir().unwrap();
    let (reader, stop) = (lab.reader().await, CancellationToken::new());
    let to = dir.path().join("it's a copy.db");
    let bytes = reader.backup(&to, &stop).await.unwrap();
    let found = fs::metadata(&to).unwrap();
    assert_eq!((found.len(), found.permissions().mode() & 0o777), (bytes, 0o600));
    for taken in [to.as_path(), &lab.path, dir.path()] {
        let before = fs::metadata(taken).unwrap().modified().unwrap();
        assert!(matches!(reader.backup(taken, &stop).await, Err(HistoryError::Exists(_))));
        assert_eq!(fs::metadata(taken).unwrap().modified().unwrap(), before);
    }
    std::os::unix::fs::symlink("nowhere", dir.path().join("link")).unwrap();
    assert!(matches!(reader.backup(&dir.path().join("link"), &stop).await, Err(HistoryError::Exists(_))));
    let missing = reader.backup(&dir.path().join("no/such/x.db"), &stop).await.unwrap_err();
    assert!(missing.to_string().contains("no/such/x.db"), "{missing}");
    assert_eq!(names(dir.path()), ["it's a copy.db", "link"]);
}

#[tokio::test]
async fn a_backup_that_is_stopped_leaves_nothing() {
    let lab = lived().await;
    let dir = tempfile::tempdir().unwrap();
    let reader = lab.reader().await;
    let stop = CancellationToken::new();
    stop.cancel();
    let stopped = reader.backup(&dir.path().join("x.db"), &stop).await.unwrap_err();
    assert!(matches!(stopped, HistoryError::Stopped), "{stopped}");
    assert_eq!(names(dir.path()), [] as [String; 0]);
}
