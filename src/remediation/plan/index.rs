use super::{
    Kind, Plan,
    markdown::{Page, code},
};
use crate::remediation::blockers::Severity;

/// A plan that could not be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missed {
    /// The finding's resource.
    pub resource_arn: String,
    /// Why.
    pub why: String,
}

/// The page over all plans: what to do first, and how much there is. `folders` stand beside the plans.
pub fn index(plans: &[Plan], folders: &[String], missed: &[Missed]) -> String {
    let mut page = Page::default();
    page.heading(1, "Plans of keywatch");
    let mut order: Vec<(usize, &Plan)> = plans.iter().enumerate().collect();
    order.sort_by_key(|(_, plan)| rank(plan));
    let count = |kind: Kind| plans.iter().filter(|plan| plan.kind == kind).count();
    let blocked = plans.iter().filter(|plan| plan.count(Severity::Blocker) > 0).count();
    page.paragraph(&format!(
        "{} findings: {} keys to be made usable, {} instances, {} endpoints and {} serverless configs to be given another key. \
         {blocked} of them can't be done yet, for the reasons in their runbooks. {} could not be read.",
        plans.len() + missed.len(),
        count(Kind::Key),
        count(Kind::Instance),
        count(Kind::Endpoint),
        count(Kind::Serverless),
        missed.len(),
    ));
    let tasks: usize =
        plans.iter().filter(|plan| plan.kind != Kind::Key).map(|plan| plan.facts.tasks.len()).sum();
    page.paragraph(&format!("{tasks} replication tasks are moved or made anew on the way."));
    page.heading(2, "In which order");
    page.list(&[
        "Keys first: what is not usable is about to become unreadable.".to_owned(),
        "Endpoints before instances: an endpoint's tasks are made anew where they are, and then move with their instance."
            .to_owned(),
        "What has no task before what has many: it shows that the key and the rights are right.".to_owned(),
        "One at a time in an account and Region, so that a quota of room for one is enough.".to_owned(),
    ]);
    let rows: Vec<Vec<String>> = order
        .iter()
        .enumerate()
        .map(|(number, (at, plan))| {
            let folder = folders.get(*at).map_or("", String::as_str);
            vec![
                (number + 1).to_string(),
                format!("[{folder}]({folder}/runbook.md)"),
                code(&plan.facts.resource.name),
                plan.facts.tasks.len().to_string(),
                plan.count(Severity::Blocker).to_string(),
                plan.count(Severity::Warning).to_string(),
            ]
        })
        .collect();
    page.table(&["", "Runbook", "Name", "Tasks", "Blockers", "Warnings"], &rows);
    if !missed.is_empty() {
        page.heading(2, "Could not be read");
        let rows: Vec<Vec<String>> =
            missed.iter().map(|missed| vec![code(&missed.resource_arn), code(&missed.why)]).collect();
        page.table(&["Resource", "Why"], &rows);
    }
    page.into_text()
}

/// Keys, then endpoints, then the rest; what can be done before what can't, and few tasks before many.
fn rank(plan: &Plan) -> (u8, bool, usize, i64) {
    let kind = match plan.kind {
        Kind::Key => 0,
        Kind::Endpoint => 1,
        Kind::Instance | Kind::Serverless => 2,
    };
    (kind, plan.count(Severity::Blocker) > 0, plan.facts.tasks.len(), plan.finding.id)
}
