use std::fmt::Write;

use serde_json::{Value, json};

use super::{
    File, Kind, NewKey, Plan,
    bash::{quote, shown},
};
use crate::{
    domain::{KeyRef, iso_utc},
    remediation::{
        inputs::{self, captures_changes, secrets},
        policy::description,
        steps::Secret,
    },
};

const COMMON: &str = include_str!("script/common.sh");
const KEY: &str = include_str!("script/key.sh");
const TASKS: &str = include_str!("script/tasks.sh");
const INSTANCE: &str = include_str!("script/instance.sh");
const ENDPOINT: &str = include_str!("script/endpoint.sh");
const SERVERLESS: &str = include_str!("script/serverless.sh");
const USABLE: &str = include_str!("script/usable.sh");

/// The script, and the files that it reads. What is known stands at the script's head, as values; what it does is the same text
/// for every plan.
pub(super) fn files(plan: &Plan) -> Vec<File> {
    let mut head = Head::new(plan);
    let mut files = Vec::new();
    let parts: &[&str] = match plan.kind {
        Kind::Instance => {
            head.of_new_key(plan, "replication-instance-arn", "replication-instance-id");
            // The key is an option of its own, for it may not be there yet.
            let mut input = inputs::instance(&plan.facts, &plan.new_name, "");
            input.as_object_mut().map(|input| input.remove("KmsKeyId"));
            files.push(File::json("instance.json", &input));
            &[COMMON, KEY, TASKS, INSTANCE]
        }
        Kind::Endpoint => {
            head.of_new_key(plan, "endpoint-arn", "endpoint-id");
            files.extend(endpoint(plan, &mut head));
            &[COMMON, KEY, TASKS, ENDPOINT]
        }
        Kind::Serverless => {
            head.of_new_key(plan, "replication-config-arn", "replication-config-id");
            files.extend(serverless(plan, &mut head));
            &[COMMON, KEY, SERVERLESS]
        }
        Kind::Key => {
            head.value("key_arn", plan.facts.key.as_ref().map_or("", |key| &key.arn));
            &[COMMON, USABLE]
        }
    };
    let content = format!("{}{}", head.text, parts.concat());
    files.push(File { name: "remediate.sh".to_owned(), content, executable: true });
    files
}

struct Head {
    text: String,
}

impl Head {
    fn new(plan: &Plan) -> Self {
        let Plan { finding, facts, .. } = plan;
        let mut text = String::from("#!/usr/bin/env bash\n");
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "# Finding {} of keywatch ({}): {}.",
            finding.id,
            shown(&finding.check_id),
            shown(&facts.resource.arn)
        );
        let _ = writeln!(
            text,
            "# Planned {} from what AWS said then. Read runbook.md first.",
            iso_utc(facts.read_at)
        );
        text.push_str(
            "# shellcheck disable=SC2016 # Nothing is expanded in single quotes, and nothing shall be.\n",
        );
        text.push_str("set -euo pipefail\nset -f\n\n");
        let mut head = Self { text };
        // A key of another account is mended there.
        let home = facts.key.as_ref().filter(|_| plan.kind == Kind::Key);
        let home = home.and_then(|key| KeyRef::parse(&key.arn)).and_then(|key| key.home());
        let (account, region) =
            home.map_or((facts.account, facts.region.clone()), |home| (home.account, home.region));
        head.value("account", account.as_str());
        head.value("partition", facts.partition().as_str());
        head.value("region", region.as_str());
        head.value("source_arn", &facts.resource.arn);
        head
    }

    fn value(&mut self, name: &str, value: &str) {
        let _ = writeln!(self.text, "{name}={}", quote(value));
    }

    fn of_new_key(&mut self, plan: &Plan, by_arn: &str, by_name: &str) {
        let arn = &plan.facts.resource.arn;
        self.value("tag", inputs::TAG);
        self.value("source_filter", &json!([{ "Name": by_arn, "Values": [arn] }]).to_string());
        self.value("new_filter", &json!([{ "Name": by_name, "Values": [plan.new_name] }]).to_string());
        let is_alias = matches!(plan.choice.key, NewKey::Alias(_));
        self.value("key_name", plan.choice.key.as_str());
        self.value("key_is_alias", if is_alias { "yes" } else { "no" });
        self.value("key_description", &description(plan.choice.key.as_str()));
        self.value("key_tags", &json!([{ "TagKey": inputs::TAG, "TagValue": arn }]).to_string());
    }
}

/// A text that stands nowhere in `around`, in whose place the script puts a value that nobody knows yet.
fn marker(name: &str, around: &str) -> String {
    let mut marker = format!("@{name}@");
    while around.contains(&marker) {
        marker.insert(0, '@');
        marker.push('@');
    }
    marker
}

/// The table mappings exactly as AWS gave them: the script compares them with those that it finds.
fn mappings(document: &Value) -> &str {
    document["TableMappings"].as_str().unwrap_or_default()
}

/// A word of AWS's that becomes part of a list; it differs from every word of AWS's where it is none.
fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '?' }).collect()
}

fn endpoint(plan: &Plan, head: &mut Head) -> Vec<File> {
    let facts = &plan.facts;
    let around = facts.resource.document.clone()
        + &facts.tasks.iter().map(|task| task.document.to_string()).collect::<String>()
        + &format!("{:?}{:?}", facts.tags, facts.task_tags);
    let mut input = inputs::endpoint(facts, &plan.new_name, "");
    input.as_object_mut().map(|input| input.remove("KmsKeyId"));
    let mut of_secrets = String::new();
    for secret in secrets(facts) {
        // It stands in no file: the script hands it over beside this input.
        let at = format!("/{}", secret.path.replace('.', "/"));
        let (parent, name) = at.rsplit_once('/').unwrap_or_default();
        if let Some(settings) = input.pointer_mut(parent).and_then(Value::as_object_mut) {
            settings.remove(name);
        }
        let how = if secret.told_by_aws { "told" } else { "asked" };
        let _ = writeln!(of_secrets, "{}|{}|{how}", secret.path, Secret::variable(&secret.path));
    }
    head.value("secrets", &of_secrets);
    let mut files = vec![File::json("endpoint.json", &input)];
    let (at_endpoint, at_checkpoint) = (marker("NEW_ENDPOINT_ARN", &around), marker("CHECKPOINT", &around));
    let mut of_tasks = String::new();
    for (at, task) in facts.tasks.iter().enumerate() {
        let (name, file) = (inputs::beside(&task.name, inputs::NAME), format!("task-{}", at + 1));
        let _ = writeln!(of_tasks, "{}|{name}|{file}|{}", task.arn, word(&task.migration_type));
        files.push(File::text(format!("{file}.mappings.txt"), mappings(&task.document)));
        let no_tags = std::collections::BTreeMap::new();
        let tags = facts.task_tags.get(&task.arn).unwrap_or(&no_tags);
        let endpoints = (facts.resource.arn.as_str(), at_endpoint.as_str());
        let input = |checkpoint: Option<&str>| inputs::task(task, &name, endpoints, checkpoint, tags);
        files.push(File::json(format!("{file}.json"), &input(None)));
        if captures_changes(&task.migration_type) {
            files.push(File::json(format!("{file}-from-checkpoint.json"), &input(Some(&at_checkpoint))));
        }
    }
    head.value("tasks", &of_tasks);
    head.value("endpoint_marker", &at_endpoint);
    head.value("checkpoint_marker", &at_checkpoint);
    files
}

fn serverless(plan: &Plan, head: &mut Head) -> Vec<File> {
    let facts = &plan.facts;
    let marker = marker("KEY_ARN", &format!("{}{:?}", facts.resource.document, facts.tags));
    let mut input = inputs::config(facts, &plan.new_name, &marker);
    let captures = captures_changes(input["ReplicationType"].as_str().unwrap_or_default());
    head.value("replication_type", &word(input["ReplicationType"].as_str().unwrap_or_default()));
    head.value("captures_changes", if captures { "yes" } else { "no" });
    head.value("key_marker", &marker);
    let mut files = vec![
        File::json("config.json", &input),
        File::text("config.mappings.txt", mappings(&facts.document())),
    ];
    if captures {
        input["ReplicationType"] = Value::from("cdc");
        files.push(File::json("config-from-checkpoint.json", &input));
    }
    files
}
