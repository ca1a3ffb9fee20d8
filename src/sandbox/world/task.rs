use std::collections::{BTreeMap, BTreeSet};

use super::settling::{Look, Settling, look};
use crate::domain::Timestamp;

/// A replication task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Task {
    /// Its ARN.
    pub arn: String,
    /// Its identifier.
    pub name: String,
    /// AWS's word: `ready`, `running`, `stopped`, `moving`, …
    pub status: String,
    /// `full-load`, `cdc` or `full-load-and-cdc`.
    pub migration_type: String,
    /// The ARN of the endpoint that it reads.
    pub source_endpoint: String,
    /// The ARN of the endpoint that it writes.
    pub target_endpoint: String,
    /// The ARN of the instance that it is on.
    pub instance: String,
    /// The ARN of the instance that it is being moved to.
    pub target_instance: Option<String>,
    /// Its table mappings, JSON as text.
    pub table_mappings: String,
    /// Its settings, JSON as text.
    pub settings: String,
    /// Its supplemental data, JSON as text.
    pub data: Option<String>,
    /// Where its change data capture began, if somebody said.
    pub cdc_start_position: Option<String>,
    /// Where it is to stop, if somebody said.
    pub cdc_stop_position: Option<String>,
    /// Where its change data capture can go on from, once it was stopped.
    pub recovery_checkpoint: Option<String>,
    /// Why it stopped.
    pub stop_reason: Option<String>,
    /// What went wrong last.
    pub last_failure: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was started last; `None` if it never ran.
    pub started_at: Option<Timestamp>,
    /// How often it stopped; each stop has a checkpoint of its own.
    pub stops: u32,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// How it misbehaves.
    pub quirks: BTreeSet<TaskQuirk>,
    /// What its status is on its way to.
    pub settling: Option<Settling>,
}

/// A way in which a task misbehaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TaskQuirk {
    /// DMS refuses to stop it.
    StopRefused,
    /// It goes on stopping for ever.
    StopsForEver,
    /// It fails where it should stop.
    FailsAtStop,
    /// Its moves end in `failed-move`.
    MoveFails,
    /// It fails where it should run.
    FailsAtStart,
}

/// Settings of a task as DMS fills them in.
const SETTINGS: &str = r#"{"TargetMetadata":{"SupportLobs":true,"FullLobMode":false,"LobChunkSize":64,"LimitedSizeLobMode":true,"LobMaxSize":32},"FullLoadSettings":{"TargetTablePrepMode":"DROP_AND_CREATE","MaxFullLoadSubTasks":8,"CommitRate":10000},"Logging":{"EnableLogging":true}}"#;

/// Every table.
const MAPPINGS: &str = r#"{"rules":[{"rule-type":"selection","rule-id":"1","rule-name":"1","object-locator":{"schema-name":"%","table-name":"%"},"rule-action":"include"}]}"#;

impl Task {
    /// A task of that name that captures changes after a full load, of every table; it never ran.
    pub fn new(
        arn: &str,
        name: &str,
        instance: &str,
        source_endpoint: &str,
        target_endpoint: &str,
        created_at: Timestamp,
    ) -> Self {
        Self {
            arn: arn.to_owned(),
            name: name.to_owned(),
            status: "ready".to_owned(),
            migration_type: "full-load-and-cdc".to_owned(),
            source_endpoint: source_endpoint.to_owned(),
            target_endpoint: target_endpoint.to_owned(),
            instance: instance.to_owned(),
            target_instance: None,
            table_mappings: MAPPINGS.to_owned(),
            settings: SETTINGS.to_owned(),
            data: None,
            cdc_start_position: None,
            cdc_stop_position: None,
            recovery_checkpoint: None,
            stop_reason: None,
            last_failure: None,
            created_at,
            started_at: None,
            stops: 0,
            tags: BTreeMap::new(),
            quirks: BTreeSet::new(),
            settling: None,
        }
    }

    /// Whether it captures changes.
    pub fn captures_changes(&self) -> bool {
        self.migration_type != "full-load"
    }

    /// Whether it reads from, or writes to, that endpoint.
    pub fn uses_endpoint(&self, arn: &str) -> bool {
        self.source_endpoint == arn || self.target_endpoint == arn
    }

    /// Puts it on its way to another status; `None` if it is going to be gone.
    pub fn begin(&mut self, status: &str, looks: u32, then: Option<&str>) {
        status.clone_into(&mut self.status);
        self.settling = Some(Settling { looks, then: then.map(str::to_owned) });
    }

    /// Counts a look at it; tells whether it is gone.
    pub(in crate::sandbox) fn look(&mut self) -> bool {
        let before = self.status.clone();
        match look(&mut self.status, &mut self.settling) {
            Look::Same => false,
            Look::Gone => true,
            Look::Settled => {
                self.arrive(&before);
                false
            }
        }
    }

    fn arrive(&mut self, before: &str) {
        match (before, &*self.status) {
            ("stopping", "stopped") => {
                self.stops += 1;
                self.stop_reason = Some("Stop Reason NORMAL".to_owned());
                if self.captures_changes() {
                    self.recovery_checkpoint = Some(checkpoint(self.stops));
                }
            }
            // A full load alone is over some time.
            ("starting", "running") if !self.captures_changes() => self.begin("running", 2, Some("stopped")),
            ("running", "stopped") => {
                self.stops += 1;
                self.stop_reason = Some("Stop Reason FULL_LOAD_ONLY_FINISHED".to_owned());
            }
            ("moving", "failed-move") => {
                self.target_instance = None;
                self.last_failure = Some("The task could not be moved".to_owned());
            }
            ("moving", _) => {
                if let Some(instance) = self.target_instance.take() {
                    self.instance = instance;
                }
            }
            (_, "failed") => {
                self.stop_reason = Some("Stop Reason FATAL_ERROR".to_owned());
                self.last_failure =
                    Some("Last Error Task error notification received from subtask 0".to_owned());
            }
            _ => {}
        }
    }
}

/// Where change data capture can go on from after its nth stop. Source: DMS API, `CreateReplicationTask$CdcStartPosition`.
pub(super) fn checkpoint(stop: u32) -> String {
    format!(
        "checkpoint:V1#{stop}#mysql-bin-changelog.{stop:06}:1975:-1:2002:677883278264080:mysql-bin-changelog.{stop:06}:1876#0#0#*#0#93"
    )
}
