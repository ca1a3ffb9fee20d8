//! What a running keywatch serves, over a history that a scan has made.

mod pages;

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

use keywatch::{
    aws::CallCounts,
    config,
    domain::Timestamp,
    history::ScanOutcome,
    sandbox::{Fault, FaultKind, world::KeySpec},
    server::{JobState, Server, State, metrics::METRICS},
};
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use crate::support::{
    Process, python_with,
    scene::{REGIONS, Scene, empty_world},
};

const MINUTE: Duration = Duration::from_secs(60);

/// A server in this process, over the scene's history, at that moment.
struct Served {
    address: SocketAddr,
    state: Arc<State>,
    cancel: CancellationToken,
    runtime: Option<Runtime>,
}

impl Served {
    fn new(scene: &Scene, now: Timestamp) -> Self {
        let config = config::Server { listen: Some("127.0.0.1:0".parse().unwrap()), ..Default::default() };
        let jobs = move || {
            vec![
                JobState { name: "scan".to_owned(), last_success: Some(now) },
                JobState { name: "backup".to_owned(), last_success: None },
            ]
        };
        let counts = Arc::new(CallCounts::default());
        let database = scene.dir.path().join("history.db");
        let state = Arc::new(State::new(&config, &database, counts, move || now, jobs).unwrap());
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(Server::bind(&config)).unwrap().unwrap();
        let (address, cancel) = (server.address(), CancellationToken::new());
        drop(runtime.spawn(server.serve(Arc::clone(&state), cancel.clone())));
        Self { address, state, cancel, runtime: Some(runtime) }
    }

    /// Status and body.
    #[track_caller]
    fn get(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(MINUTE)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.cancel.cancel();
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
    }
}

/// Two accounts with a finding of each kind; in one, a Region fails.
fn scanned() -> Scene {
    let mut world = empty_world();
    for name in ["Payments", "Billing"] {
        let account = world.add_account(name);
        let region = REGIONS[0].parse().unwrap();
        let key = world.add_key(account, &region, KeySpec::default());
        world.add_instance(account, &region, "good", Some(&key));
        world.add_instance(account, &region, "bad", None);
        world.add_endpoint(account, &region, "bad", None);
    }
    let failing = *world.accounts.keys().next_back().unwrap();
    let scene = Scene::new(world);
    let denied = Fault::new(FaultKind::AccessDenied).on("dms:DescribeReplicationInstances");
    scene.sandbox.inject(denied.in_account(failing));
    scene.scan().exits(4);
    scene
}

/// When the scene's last scan ended, and so much later.
fn after(scene: &Scene, seconds: i64) -> Timestamp {
    let last = scene.ask("SELECT max(finished_at) AS at FROM scans");
    let at: Timestamp = last[0]["at"].as_str().unwrap().parse().unwrap();
    at + jiff::SignedDuration::from_secs(seconds)
}

/// The samples, by name with labels.
fn samples(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, value) = line.rsplit_once(' ').expect(line);
            (name.to_owned(), value.parse().expect(line))
        })
        .collect()
}

#[test]
fn it_is_ready_while_the_last_scan_is_young() {
    let scene = scanned();
    let (status, body) = Served::new(&scene, after(&scene, 24 * 3600)).get("/readyz");
    assert_eq!(status, 200, "{body}");
    assert!(body.contains(r#""status":"ready""#), "{body}");
    let late = Served::new(&scene, after(&scene, 24 * 3600 + 1));
    let (status, body) = late.get("/readyz");
    assert_eq!(status, 503, "{body}");
    assert!(body.contains(r#""missing":["recent_scan"]"#) && body.contains("server.ready_age"), "{body}");
    assert_eq!(late.get("/healthz").0, 200, "what is not ready is healthy all the same");
}

#[test]
fn the_numbers_are_those_of_the_history() {
    let scene = scanned();
    let served = Served::new(&scene, after(&scene, 100));
    served.state.begin_scan().end(ScanOutcome::Complete);
    let running = served.state.begin_scan();
    let (status, text) = served.get("/metrics");
    assert_eq!(status, 200);
    let samples = samples(&text);
    let of = |name: &str| *samples.get(name).unwrap_or_else(|| panic!("{name} is not in\n{text}"));

    let mut expected = BTreeMap::from([("scanned".to_owned(), 0.0), ("failed".to_owned(), 0.0)]);
    expected.insert("skipped".to_owned(), 0.0);
    for row in scene.ask("SELECT outcome, count(*) AS n FROM coverage GROUP BY outcome") {
        expected.insert(row["outcome"].as_str().unwrap().to_owned(), row["n"].as_f64().unwrap());
    }
    assert!(
        expected["scanned"] > 0.0 && expected["failed"] > 0.0 && expected["skipped"] > 0.0,
        "{expected:?}"
    );
    for (outcome, targets) in expected {
        assert_eq!(of(&format!("keywatch_targets{{outcome=\"{outcome}\"}}")), targets, "{outcome}");
    }
    let findings = scene
        .ask("SELECT check_id, severity, count(*) AS n FROM findings WHERE state = 'open' GROUP BY 1, 2");
    assert!(findings.len() > 1, "{findings:?}");
    for row in findings {
        let (check, severity) = (row["check_id"].as_str().unwrap(), row["severity"].as_str().unwrap());
        let name = format!("keywatch_findings_open{{check=\"{check}\",severity=\"{severity}\"}}");
        assert_eq!(of(&name), row["n"].as_f64().unwrap(), "{name}");
    }
    let scan = &scene.ask("SELECT unixepoch(finished_at) AS finished, unixepoch(finished_at) - unixepoch(started_at) AS took FROM scans")[0];
    assert_eq!(of("keywatch_last_scan_timestamp_seconds"), scan["finished"].as_f64().unwrap());
    assert_eq!(of("keywatch_scan_duration_seconds"), scan["took"].as_f64().unwrap());
    assert!(!text.contains("keywatch_last_complete_scan"), "none was complete");
    let oldest = of("keywatch_oldest_knowledge_seconds");
    assert!((100.0..=100.0 + scan["took"].as_f64().unwrap()).contains(&oldest), "{oldest}");
    assert_eq!(of("keywatch_scan_running"), 1.0);
    assert_eq!(of("keywatch_scans_total{outcome=\"complete\"}"), 1.0);
    assert_eq!(of("keywatch_database_readable"), 1.0);
    assert_eq!(
        of("keywatch_job_last_success_timestamp_seconds{job=\"scan\"}"),
        scan["finished"].as_f64().unwrap() + 100.0
    );
    assert!(!text.contains("job=\"backup\""), "it was never done");
    drop(running);
}

#[test]
fn numbers_follow_the_history_down_to_zero() {
    let scene = scanned();
    let endpoints = "keywatch_findings_open{check=\"dms_endpoint_kms_cmk_encryption\",severity=\"high\"}";
    let before = samples(&Served::new(&scene, after(&scene, 0)).get("/metrics").1);
    assert_eq!(before[endpoints], 2.0);
    scene.sandbox.clear_faults();
    scene.sandbox.edit(|world| {
        for account in world.accounts.values_mut() {
            for resources in account.resources.values_mut() {
                let key = resources.iter().find_map(|resource| resource.kms_key_id.clone());
                for resource in resources.iter_mut().filter(|resource| resource.arn.contains(":endpoint:")) {
                    resource.kms_key_id.clone_from(&key);
                }
            }
        }
    });
    scene.scan().exits(3);
    let now = samples(&Served::new(&scene, after(&scene, 0)).get("/metrics").1);
    assert_eq!(now[endpoints], 0.0, "it was fixed, and does not vanish");
    assert_eq!(now["keywatch_targets{outcome=\"failed\"}"], 0.0);
    assert!(now.contains_key("keywatch_last_complete_scan_timestamp_seconds"));
}

/// All families that a scrape tells, by name, with their types.
fn families(text: &str) -> Vec<(String, String)> {
    text.lines()
        .filter_map(|line| line.strip_prefix("# TYPE "))
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, kind)| (name.to_owned(), kind.to_owned()))
        .collect()
}

#[cfg(target_os = "linux")]
#[test]
fn every_metric_is_in_the_list_and_is_what_others_understand() {
    let scene = scanned();
    scene.sandbox.clear_faults();
    // A complete one, so that no metric is without a value.
    scene.scan().exits(3);
    let served = Served::new(&scene, after(&scene, 100));
    let text = served.get("/metrics").1;
    let listed: Vec<(String, String)> =
        METRICS.iter().map(|metric| (metric.name.to_owned(), metric.kind.as_str().to_owned())).collect();
    assert_eq!(families(&text), listed);
    for metric in METRICS {
        let sample =
            text.lines().find(|line| !line.starts_with('#') && line.starts_with(metric.name)).unwrap();
        let labels: Vec<&str> = match sample.split_once('{') {
            Some((_, rest)) => rest.split("\",").filter_map(|label| Some(label.split_once('=')?.0)).collect(),
            None => Vec::new(),
        };
        let labels: Vec<&str> = labels.into_iter().filter(|label| *label != "le").collect();
        assert_eq!(labels, metric.labels, "{sample}");
    }

    let file = scene.dir.path().join("metrics.txt");
    fs::write(&file, &text).unwrap();
    // Prometheus' own library for Python.
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut python = Command::new(python_with("prometheus", &root.join("tests/prometheus/requirements.txt")));
    python.args(["-c", PARSE]).arg(&file);
    let parsed = Process::spawn(python).finish(MINUTE).exits(0).stdout;
    // It calls a counter by its name without the ending.
    let told: BTreeSet<String> = listed
        .iter()
        .map(|(name, kind)| format!("{} {kind}", name.strip_suffix("_total").unwrap_or(name)))
        .collect();
    assert_eq!(parsed.lines().map(str::to_owned).collect::<BTreeSet<_>>(), told);
    if let Some(promtool) = promtool() {
        let mut check = Command::new("sh");
        check.args(["-c", "exec \"$1\" check metrics <\"$2\"", "sh"]).args([&promtool, &file]);
        let checked = Process::spawn(check).finish(MINUTE).exits(0);
        assert_eq!(checked.stdout + &checked.stderr, "", "promtool has something to say");
    }
}

const PARSE: &str = "
import sys
from prometheus_client.parser import text_string_to_metric_families
for family in text_string_to_metric_families(open(sys.argv[1], encoding='utf-8').read()):
    assert family.samples and family.documentation, family
    print(family.name, family.type)
";

/// The one that `.ci/run` names, or that it has fetched before, or that is installed; elsewhere there may be none.
fn promtool() -> Option<PathBuf> {
    if let Some(named) = env::var_os("KEYWATCH_PROMTOOL") {
        return Some(named.into());
    }
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().expect("the target directory");
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .map(|directory| directory.join("promtool"))
        .chain([target.join("promtool/usr/bin/promtool")])
        .find(|file| file.is_file())
}

/// `KEYWATCH_WRITE_DOCS=1 cargo test --test it server::docs` writes the table anew.
#[test]
fn docs_have_every_metric() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/metrics.md");
    let page = fs::read_to_string(&file).unwrap();
    let (before, rest) = page.split_once("<!-- metrics -->\n").expect("the beginning of the table");
    let (_, behind) = rest.split_once("<!-- end -->\n").expect("the end of the table");
    let mut table = "| metric | type | labels | says |\n| --- | --- | --- | --- |\n".to_owned();
    for metric in METRICS {
        let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
        let kind = metric.kind.as_str();
        table += &format!("| `{}` | {kind} | {} | {} |\n", metric.name, labels.join(", "), metric.help);
    }
    let anew = format!("{before}<!-- metrics -->\n{table}<!-- end -->\n{behind}");
    if env::var_os("KEYWATCH_WRITE_DOCS").is_some() {
        fs::write(&file, &anew).unwrap();
    } else {
        assert_eq!(page, anew, "docs/metrics.md is behind: KEYWATCH_WRITE_DOCS=1 writes it anew");
    }
}
