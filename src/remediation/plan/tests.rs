use std::{fs, path::Path, process::Command};

use super::*;
use crate::{domain::Partition, remediation::sample};

fn choice() -> Choice {
    Choice {
        key: NewKey::Alias("alias/dms".to_owned()),
        name: None,
        administrators: Vec::new(),
        users: vec![KeyPrincipal::parse("arn:aws:iam::{account}:role/DmsOperator", Partition::Aws).unwrap()],
    }
}

fn plan(facts: Facts, check_id: &str) -> Plan {
    let finding = Finding {
        id: 17,
        check_id: check_id.to_owned(),
        severity: "high".to_owned(),
        reason: "aws_managed_key".to_owned(),
        opened_at: "2026-10-01T00:00:00Z".to_owned(),
        account_name: "orders-prod".to_owned(),
        resource_arn: facts.resource.arn.clone(),
        resource_name: facts.resource.name.clone(),
    };
    Plan::new(finding, facts, choice()).unwrap()
}

/// One plan of each kind.
fn plans() -> [(&'static str, Plan); 4] {
    [
        ("instance", plan(sample::instance(), "dms_instance_kms_cmk_encryption")),
        ("endpoint", plan(sample::endpoint(), "dms_endpoint_kms_cmk_encryption")),
        ("serverless", plan(sample::config(), "dms_serverless_kms_cmk_encryption")),
        ("key", plan(sample::key_in_danger(), KEY_USABLE)),
    ]
}

fn file<'a>(files: &'a [File], name: &str) -> &'a str {
    files.iter().find(|file| file.name == name).map_or("", |file| &file.content)
}

/// What stands above the part of a script that is the same for every plan.
fn head(files: &[File]) -> String {
    file(files, "remediate.sh").split("\n# ---- ").next().unwrap_or_default().to_owned()
}

#[test]
fn each_kind_has_its_files() {
    let names: Vec<(&str, Vec<String>)> = plans()
        .iter()
        .map(|(kind, plan)| (*kind, plan.files().into_iter().map(|file| file.name).collect()))
        .collect();
    insta::assert_debug_snapshot!(names);
}

#[test]
fn the_runbooks_read_as_they_should() {
    for (kind, plan) in plans() {
        let files = plan.files();
        insta::assert_snapshot!(format!("{kind}_runbook"), file(&files, "runbook.md"));
        insta::assert_snapshot!(format!("{kind}_head"), head(&files));
    }
}

#[test]
fn the_inputs_of_an_endpoint_have_marks_where_something_is_not_known_yet() {
    let (_, plan) = &plans()[1];
    let files = plan.files();
    for name in ["endpoint.json", "task-1.json", "task-1-from-checkpoint.json"] {
        insta::assert_snapshot!(name, file(&files, name));
    }
}

#[test]
fn what_a_zero_etl_integration_owns_gets_a_runbook_and_no_script() {
    let mut facts = sample::config();
    let mut document = facts.document();
    document["IsReadOnly"] = true.into();
    facts.resource.document = document.to_string();
    let files = plan(facts, "dms_serverless_kms_cmk_encryption").files();
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["runbook.md", "key-policy.json"]);
}

#[test]
fn an_arn_that_is_none_makes_no_plan() {
    let mut facts = sample::instance();
    facts.tasks[0].arn = "arn:aws:dms:x\"]}]".to_owned();
    let (_, sound) = &plans()[0];
    assert!(Plan::new(sound.finding.clone(), facts, choice()).is_err());
}

#[test]
fn folders_are_told_apart() {
    let (_, first) = &plans()[0];
    let mut second = first.clone();
    second.facts.resource.name = "ORDERS".to_owned();
    second.finding.id = 18;
    let mut third = first.clone();
    third.facts.resource.name = "../../etc/$(id)".to_owned();
    assert_eq!(
        folder_names(&[first.clone(), second, third]),
        [
            "111122223333-eu-central-1-instance-orders-17",
            "111122223333-eu-central-1-instance-orders-18",
            "111122223333-eu-central-1-instance-etc-id",
        ]
    );
}

#[test]
fn the_index_puts_keys_first() {
    let plans = plans().map(|(_, plan)| plan);
    let folders = folder_names(&plans);
    let missed = [Missed { resource_arn: "arn:gone".to_owned(), why: "AWS knows it no more".to_owned() }];
    insta::assert_snapshot!(index(&plans, &folders, &missed));
}

/// The names that people could give to do harm or to be funny.
fn hostile(mut plan: Plan) -> Plan {
    let name =
        "-x$(touch /tmp/keywatch-was-here)`id`'\"\\;&|\n# heading\n```\u{202e}’\u{1b}[31m@CHECKPOINT@|a";
    plan.facts.resource.name = name.to_owned();
    plan.finding.account_name = name.to_owned();
    plan.facts.tags.insert(name.to_owned(), name.to_owned());
    for task in &mut plan.facts.tasks {
        task.name = name.to_owned();
        task.document["ReplicationTaskIdentifier"] = name.into();
        task.document["TableMappings"] = name.into();
    }
    for endpoint in &mut plan.facts.endpoints {
        endpoint.name = name.to_owned();
        endpoint.engine = name.to_owned();
    }
    let mut document = plan.facts.document();
    document["Username"] = name.into();
    plan.facts.resource.document = document.to_string();
    Plan::new(plan.finding, plan.facts, plan.choice).unwrap()
}

#[test]
fn a_hostile_name_runs_nothing_and_marks_up_nothing() {
    for (kind, plan) in plans().map(|(kind, plan)| (kind, hostile(plan))) {
        let files = plan.files();
        let script = file(&files, "remediate.sh");
        assert!(script.is_ascii(), "{kind}");
        // The head alone: it sets values, and nothing else happens.
        let scene = tempfile::tempdir().unwrap();
        let answer = Command::new("bash")
            .args(["-c", &format!("{}\nprintf '%s' \"$source_arn\"", head(&files))])
            .current_dir(scene.path())
            .output()
            .unwrap();
        assert!(answer.status.success() && answer.stderr.is_empty(), "{kind}: {answer:?}");
        assert_eq!(String::from_utf8(answer.stdout).unwrap(), plan.facts.resource.arn);
        assert!(!Path::new("/tmp/keywatch-was-here").exists());
        let runbook = file(&files, "runbook.md");
        assert!(!runbook.lines().any(|line| line == "# heading"), "{kind}");
        assert!(!runbook.contains(['\u{202e}', '\u{1b}']), "{kind}");
        // Every block is closed, so nothing of a name opened or ended one.
        assert_eq!(runbook.lines().filter(|line| line.starts_with("```")).count() % 2, 0, "{kind}");
        for file in files.iter().filter(|file| file.name.ends_with(".json")) {
            serde_json::from_str::<Value>(&file.content).unwrap();
        }
    }
}

#[test]
fn every_block_of_bash_in_a_runbook_is_bash() {
    for (kind, plan) in plans().into_iter().chain(plans().map(|(kind, plan)| (kind, hostile(plan)))) {
        let files = plan.files();
        let mut blocks = file(&files, "runbook.md").split("```bash\n");
        blocks.next();
        for block in blocks {
            let block = block.split("\n```").next().unwrap_or_default();
            let scene = tempfile::tempdir().unwrap();
            let path = scene.path().join("block.sh");
            fs::write(&path, block).unwrap();
            let answer = Command::new("bash").arg("-n").arg(&path).output().unwrap();
            assert!(answer.status.success(), "{kind}: {block}\n{answer:?}");
        }
    }
}

#[test]
fn a_script_is_bash() {
    for (kind, plan) in plans() {
        let files = plan.files();
        let answer = Command::new("bash").args(["-n", "-c", file(&files, "remediate.sh")]).output().unwrap();
        assert!(answer.status.success(), "{kind}: {answer:?}");
    }
}
