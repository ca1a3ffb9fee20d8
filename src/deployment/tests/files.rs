//! The templates in `deploy/`, and the policies in the documents. `KEYWATCH_WRITE_DOCS=1 cargo test --lib deployment`
//! writes them anew.

use std::{env, fs, path::Path};

use serde_json::Value;

use super::place;
use crate::{
    deployment::{
        EXTERNAL_ID, Hub, Place, RoleOfHub, TemplateFile, TrustedRole, Wanted, audit, cloudformation, hub,
        remediation, terraform, trust,
    },
    domain::Partition,
};

fn wanted() -> Wanted {
    Wanted { hub_account: None, hub_role: "keywatch".to_owned(), home_region: "us-east-1".parse().unwrap() }
}

/// Fails if the directory does not hold these files; with `KEYWATCH_WRITE_DOCS` it does from then on.
#[track_caller]
fn kept(directory: &str, files: &[TemplateFile]) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy").join(directory);
    for TemplateFile { name, text } in files {
        let path = directory.join(name);
        if env::var_os("KEYWATCH_WRITE_DOCS").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, text).unwrap();
        }
        let is = fs::read_to_string(&path).unwrap_or_default();
        assert!(is == *text, "{} is behind: KEYWATCH_WRITE_DOCS=1 writes it anew", path.display());
    }
}

#[test]
fn the_templates_of_cloudformation_are_kept() {
    kept("cloudformation", &cloudformation(&place(), &wanted()).unwrap());
}

#[test]
fn the_modules_of_terraform_are_kept() {
    kept("terraform", &terraform(&place(), &wanted()).unwrap());
}

#[test]
fn what_is_known_is_a_default_and_no_parameter_names_a_secret() {
    let mut place = place();
    place.audit_role = "security/Audit".to_owned();
    place.organization_id = Some("o-example1234".to_owned());
    place.with_external_id = true;
    let wanted = Wanted {
        hub_account: Some("111122223333".parse().unwrap()),
        hub_role: "x/hub".to_owned(),
        ..wanted()
    };
    let files = cloudformation(&place, &wanted).unwrap();
    let member = &files[1].text;
    for part in [
        "RoleName: Audit\n      Path: /security/\n",
        "    Default: \"111122223333\"\n",
        "    Default: x/hub\n",
        "    Default: o-example1234\n",
        "NoEcho: true\n    AllowedPattern",
    ] {
        assert!(member.contains(part), "{part:?} in\n{member}");
    }
    assert!(files[0].text.contains("RoleName: hub\n      Path: /x/\n"), "{}", files[0].text);
    assert!(files[0].text.contains("role/security/Audit"), "{}", files[0].text);
    // CloudFormation takes 51,200 bytes at most. Source: CloudFormation user guide, "Quotas".
    assert!(files.iter().all(|file| file.text.len() < 40_000));
    let modules = terraform(&place, &wanted).unwrap();
    let text = |name: &str| &modules.iter().find(|file| file.name == name).unwrap().text;
    assert!(text("modules/member/main.tf").contains("path                 = \"/security/\""));
    assert_eq!(text("modules/stackset/member-roles.yaml"), member);
}

/// The policies as the documents show them, by the mark that stands before each.
fn shown() -> [(&'static str, Value); 5] {
    let place = place();
    let account = "111122223333".parse().unwrap();
    let keywatch = RoleOfHub::parse("keywatch", Partition::Aws).unwrap();
    let caller = Hub::named(Partition::Aws, account, &keywatch);
    let member =
        Place { organization_id: Some("o-example1234".to_owned()), with_external_id: true, ..place.clone() };
    [
        ("<!-- keywatch iam hub-policy -->", hub(&place, false).json()),
        ("<!-- keywatch iam audit-policy -->", audit(&place, false).json()),
        ("<!-- keywatch iam audit-policy --with-plans -->", audit(&place, true).json()),
        ("<!-- keywatch iam trust-policy -->", trust(&member, &caller, TrustedRole::Audit, EXTERNAL_ID)),
        ("<!-- keywatch iam remediation-policy -->", remediation(&place, true).json()),
    ]
}

#[test]
fn the_documents_show_the_policies_as_they_are() {
    for (name, least) in [("README.md", 3), ("docs/iam.md", 4)] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let is = fs::read_to_string(&path).unwrap();
        let mut should = is.clone();
        let mut found = 0;
        for (mark, policy) in shown() {
            let Some(at) = should.find(mark) else { continue };
            found += 1;
            let start = at + mark.len();
            let block = should[start..].find("```json\n").unwrap();
            assert!(should[start..start + block].trim().is_empty(), "{name}: the policy follows {mark}");
            let start = start + block + "```json\n".len();
            let end = start + should[start..].find("```").unwrap();
            should.replace_range(start..end, &format!("{policy:#}\n"));
        }
        assert!(found >= least, "{name} shows {found} policies");
        if env::var_os("KEYWATCH_WRITE_DOCS").is_some() {
            fs::write(&path, &should).unwrap();
        } else {
            assert!(is == should, "{name} is behind: KEYWATCH_WRITE_DOCS=1 writes it anew");
        }
    }
}
