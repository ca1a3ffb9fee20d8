//! The runbook: what a person needs to put one finding right, in order, to be copied and pasted.

mod endpoint;
mod instance;
mod key;
mod managed;
mod parts;
mod serverless;

use super::{
    Kind, NewKey, Plan,
    bash::quote,
    markdown::{Page, code},
};
use crate::{
    domain::iso_utc,
    remediation::{blockers::Severity, inputs},
};

pub(super) fn render(plan: &Plan) -> String {
    let mut page = Page::default();
    let name = code(&plan.facts.resource.name);
    page.heading(
        1,
        &match plan.kind {
            Kind::Instance => format!("Give the replication instance {name} a key of yours"),
            Kind::Endpoint => format!("Give the endpoint {name} a key of yours"),
            Kind::Serverless => format!("Give the DMS Serverless config {name} a key of yours"),
            Kind::Key => format!("Make the key of {name} usable again"),
        },
    );
    head(plan, &mut page);
    hindrances(plan, &mut page);
    match plan.kind {
        Kind::Instance => instance::write(plan, &mut page),
        Kind::Endpoint => endpoint::write(plan, &mut page),
        Kind::Serverless => serverless::write(plan, &mut page),
        Kind::Key => key::write(plan, &mut page),
    }
    page.into_text()
}

fn head(plan: &Plan, page: &mut Page) {
    let Plan { finding, facts, .. } = plan;
    page.paragraph(&format!(
        "Finding {} ({}, {}), open since {}. Read from AWS at {}; what has changed since is not in here, but the script looks before \
         each step.",
        finding.id,
        code(&finding.check_id),
        finding.severity,
        finding.opened_at,
        iso_utc(facts.read_at),
    ));
    let key = match (&facts.key, &facts.resource.key) {
        (Some(key), _) => {
            format!("{} (manager {}, {})", code(&key.arn), code(&key.manager), code(&key.state))
        }
        (None, Some(key)) => code(key.as_str()),
        (None, None) => "none named: DMS took its default key".to_owned(),
    };
    let mut rows = vec![
        vec![
            "Account".to_owned(),
            format!("{} {}", code(facts.account.as_str()), code(&finding.account_name)),
        ],
        vec!["Region".to_owned(), code(facts.region.as_str())],
        vec!["ARN".to_owned(), code(&facts.resource.arn)],
        vec!["Key now".to_owned(), key],
    ];
    if plan.kind != Kind::Key {
        rows.push(vec!["New key".to_owned(), new_key(plan)]);
        rows.push(vec!["New name".to_owned(), code(&plan.new_name)]);
    }
    page.table(&["What", "Value"], &rows);
}

fn new_key(plan: &Plan) -> String {
    match (&plan.facts.target_key, &plan.choice.key) {
        (Some(key), NewKey::Alias(alias)) => format!("{}, which is {}", code(alias), code(&key.arn)),
        (Some(key), NewKey::Given(_)) => code(&key.arn),
        (None, key) => format!("{}, which is not there yet and is made", code(key.as_str())),
    }
}

fn hindrances(plan: &Plan, page: &mut Page) {
    page.heading(2, "What stands in the way");
    if plan.hindrances.is_empty() {
        page.paragraph("Nothing, when this was read.");
        return;
    }
    if plan.count(Severity::Blocker) > 0 {
        page.paragraph("**It can't be done yet.** Mend each blocker, then plan again.");
    }
    let rows: Vec<Vec<String>> = plan
        .hindrances
        .iter()
        .map(|one| vec![one.severity.as_str().to_owned(), code(&one.place), code(&one.what), code(&one.fix)])
        .collect();
    page.table(&["", "Where", "What", "What to do"], &rows);
}

/// The variables that every step by hand uses.
fn variables(plan: &Plan) -> String {
    format!(
        "export AWS_REGION={0} AWS_DEFAULT_REGION={0} AWS_PAGER=''\nsource={1}\naws sts get-caller-identity --query Account \
         --output text    # has to say {2}",
        quote(plan.facts.region.as_str()),
        quote(&plan.facts.resource.arn),
        plan.facts.account
    )
}

/// How the script is run.
fn run_it(page: &mut Page, asks: &str) {
    page.heading(2, "Do it");
    page.paragraph(
        "With credentials of this account (`aws sts get-caller-identity` says whose they are), in this folder. First look, then do:",
    );
    page.block("bash", "./remediate.sh --check\n./remediate.sh");
    page.paragraph(&format!(
        "{asks} It can be stopped and run again at any point: each step looks first, and what it made it knows by the tag {}. Keep \
         the folder: `resume.txt` in it remembers what has to be started again. Exit code 3 says that all is done but the deletion.",
        code(inputs::TAG)
    ));
}

/// A step by hand: what to do, how to see that it worked, how to go back.
fn step(page: &mut Page, title: &str, lines: &str, worked: &str, back: &str) {
    page.heading(3, title);
    page.block("bash", lines);
    page.list(&[format!("It worked if: {worked}"), format!("Back: {back}")]);
}
