use std::time::Instant;

use super::build::*;

/// `cargo test --release --lib history::tests::scale -- --ignored --nocapture`: what issue-sized scans cost.
#[tokio::test]
#[ignore = "a measure, not a test"]
async fn an_unchanged_scan_of_170_000_targets() {
    let accounts: Vec<_> = (1..=10_000).map(account).collect();
    let regions: Vec<String> = (1..=17).map(|n| format!("eu-west-{n}")).collect();
    let document = format!(r#"{{"Padding":"{}"}}"#, "x".repeat(1500));
    let mut lab = Lab::new().await;
    for h in 1..=3 {
        let records: Vec<_> = accounts
            .iter()
            .flat_map(|account| regions.iter().map(move |region| (account, region)))
            .enumerate()
            .map(|(at, (account, region))| {
                let mut found = vec![];
                if at % 17 == 0 {
                    found = vec![failing("a"), passing("b")];
                    found.iter_mut().for_each(|one| one.resource.document.clone_from(&document));
                }
                let target = crate::domain::Target { account: account.id, region: region.parse().unwrap() };
                record(target, h, instances(found))
            })
            .collect();
        let start = Instant::now();
        let scan = lab.begin(h, &accounts).await;
        let begun = start.elapsed();
        for slice in records.chunks(256) {
            lab.writer.apply(scan, slice).await.unwrap();
        }
        lab.finish(scan, h).await;
        let size = std::fs::metadata(&lab.path).unwrap().len() >> 20;
        println!("scan {h}: begin {begun:?}, all {:?}, file {size} MiB", start.elapsed());
    }
    let reader = lab.reader().await;
    let start = Instant::now();
    let rows = reader.findings(&Default::default()).await.unwrap();
    println!("{} findings in {:?}", rows.rows.len(), start.elapsed());
    let start = Instant::now();
    let rows = reader.coverage(&Default::default()).await.unwrap();
    println!("{} gaps in {:?}", rows.rows.len(), start.elapsed());
}
