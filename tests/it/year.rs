//! The benchmark of a year writes only what leaves a trace. Here a few days are written whole and so, and the
//! two files are held against each other.

#![expect(clippy::disallowed_methods, reason = "tests ask what they like")]

#[path = "../../benches/history/organization.rs"]
mod organization;
#[path = "../../benches/history/resource.rs"]
mod resource;
#[path = "../../benches/history/write.rs"]
mod write;

use std::path::Path;

use keywatch::history::Writer;
use organization::{Organization, Size, start};
use sqlx::{Connection, Row, SqliteConnection, sqlite::SqliteConnectOptions};
use tempfile::TempDir;

/// Every row of every table, as text.
async fn rows(path: &Path) -> Vec<String> {
    let options = SqliteConnectOptions::new().filename(path).read_only(true);
    let mut db = SqliteConnection::connect_with(&options).await.unwrap();
    let tables: Vec<String> = sqlx::query_scalar(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> '_sqlx_migrations' ORDER BY name",
    )
    .fetch_all(&mut db)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut all = Vec::new();
    for table in tables {
        // A target that was applied less often has said less often the same.
        let columns: Vec<String> =
            sqlx::query_scalar("SELECT name FROM pragma_table_info(?) WHERE name <> 'streak'")
                .bind(&table)
                .fetch_all(&mut db)
                .await
                .unwrap();
        let quoted: Vec<String> = columns.iter().map(|column| format!("quote(\"{column}\")")).collect();
        let sql = format!("SELECT {} FROM {table} ORDER BY 1", quoted.join(" || ' ' || "));
        let found = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_all(&mut db).await.unwrap();
        all.extend(found.iter().map(|row| format!("{table}: {}", row.get::<String, _>(0))));
    }
    all
}

#[test]
fn scans_that_apply_only_what_changes_leave_what_whole_scans_leave() {
    let size =
        Size { accounts: 20, regions: 5, resources: 60, hours: 60, changes_a_week: 250, outages_a_week: 30 };
    let organization = Organization::new(size);
    let dir = TempDir::new().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let [whole, thrifty] = [false, true].map(|thrifty| {
        let path = dir.path().join(format!("{thrifty}.db"));
        runtime.block_on(async {
            write::write(&organization, &path, thrifty).await.unwrap();
            let mut writer = Writer::open(&path, start()).await.unwrap();
            let all: Vec<usize> = (0..organization.targets()).collect();
            let last = size.hours - 1;
            write::scan(&mut writer, &organization, last, &all, true, &mut |_, _| ()).await.unwrap();
            writer.close().await.unwrap();
            rows(&path).await
        })
    });
    let events = whole.iter().filter(|row| row.starts_with("finding_event:")).count();
    let gaps =
        whole.iter().filter(|row| row.contains("'throttled'") && row.starts_with("coverage_period:")).count();
    assert!(events > 80 && gaps > 20, "too little happens: {events} events, {gaps} gaps");
    for (whole, thrifty) in whole.iter().zip(&thrifty) {
        assert_eq!(whole, thrifty);
    }
    assert_eq!(whole.len(), thrifty.len());
}
