//! A sandbox organization with the binary set to scan it.

use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use keywatch::{
    domain::{AccountId, Partition, Region},
    sandbox::{Sandbox, Settings, world::World},
};
use serde_json::Value;
use tempfile::TempDir;

use super::{Keywatch, Output};

/// One finding as the tests compare it: check, resource's name, status, reason.
pub type Finding = (String, String, String, String);

/// An organization, a config and a database.
pub struct Scene {
    pub sandbox: Sandbox,
    pub dir: TempDir,
    config: PathBuf,
}

impl Scene {
    /// Serves the world and writes a config for it.
    pub fn new(world: World) -> Self {
        Self::with_latency(world, Duration::ZERO)
    }

    /// The same, each answer late by that much.
    pub fn with_latency(world: World, latency: Duration) -> Self {
        let sandbox = Sandbox::start_blocking(world, Settings { latency, ..Settings::default() }).unwrap();
        let dir = TempDir::new().unwrap();
        let scene = Self { sandbox, config: dir.path().join("keywatch.toml"), dir };
        scene.configure("");
        scene
    }

    /// Adds to the config, which otherwise only makes failing attempts quick.
    pub fn configure(&self, more: &str) {
        let quick = if more.contains("[scan]") {
            ""
        } else {
            "[scan]\nattempt_timeout = \"1s\"\ntarget_timeout = \"10s\"\n"
        };
        let rates = "[rate_limits.organizations]\nper_second = 1000\nburst = 1000\n[rate_limits.account]\nper_second = 1000\nburst = 1000\n";
        fs::write(&self.config, format!("{quick}{rates}{more}")).unwrap();
    }

    /// The binary with the sandbox's environment.
    pub fn keywatch(&self, arguments: &[&str]) -> Keywatch {
        self.keywatch_on("history.db", arguments)
    }

    /// The same with another database.
    pub fn keywatch_on(&self, db: &str, arguments: &[&str]) -> Keywatch {
        let run = Keywatch::new(&self.dir)
            .args(["--config", self.config.to_str().unwrap(), "--db", db])
            .args(arguments);
        self.sandbox.environment().into_iter().fold(run, |run, (name, value)| run.env(name, value))
    }

    /// One scan, as JSON.
    pub fn scan(&self) -> Output {
        self.keywatch(&["scan", "--format", "json"]).run()
    }

    /// The answer to a question in SQL.
    #[track_caller]
    pub fn ask(&self, sql: &str) -> Vec<Value> {
        let answer = self.keywatch(&["query", "--format", "json", sql]).run().exits(0).json();
        answer.as_array().expect("a list of rows").clone()
    }
}

/// Two Regions that every account has, the home Region first, and one to opt in to.
pub const REGIONS: [&str; 3] = ["us-east-1", "us-west-2", "eu-south-1"];

/// An organization of the commercial partition with these three Regions and nothing in it.
pub fn empty_world() -> World {
    let mut world = World::empty(Partition::Aws);
    world.regions.retain(|region, _| REGIONS.contains(&region.as_str()));
    world
}

/// The same with a member, and the home Region.
pub fn small_world() -> (World, AccountId, Region) {
    let mut world = empty_world();
    let account = world.add_account("Payments");
    (world, account, REGIONS[0].parse().unwrap())
}

/// The open findings of a scan.
#[track_caller]
pub fn findings(scan: &Value) -> Vec<Finding> {
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let mut findings: Vec<Finding> = scan["findings"]
        .as_array()
        .expect("a list of findings")
        .iter()
        .map(|row| {
            (text(row, "check_id"), text(row, "resource_name"), text(row, "status"), text(row, "reason"))
        })
        .collect();
    findings.sort();
    findings
}

/// The targets that were not scanned: outcome and reason by account and Region.
#[track_caller]
pub fn gaps(scan: &Value) -> BTreeMap<(String, String), (String, String)> {
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    scan["coverage"]
        .as_array()
        .expect("a list of targets")
        .iter()
        .map(|row| {
            ((text(row, "account_id"), text(row, "region")), (text(row, "outcome"), text(row, "reason")))
        })
        .collect()
}
