use serde_json::{Value, json};

use super::unknown;
use crate::{
    domain::AccountState,
    sandbox::{
        answer::Refusal,
        context::Context,
        world::{ROOT_NAME, SandboxAccount, World},
    },
};

/// Source: Organizations API, `MaxResults`: at most 20 everywhere.
const PAGE: usize = 20;

pub(super) fn answer(context: &Context<'_>, operation: &str) -> Result<Value, Refusal> {
    let known = [
        "ListAccounts",
        "DescribeOrganization",
        "ListRoots",
        "ListOrganizationalUnitsForParent",
        "ListAccountsForParent",
    ];
    if !known.contains(&operation) {
        return Err(unknown(context, context.call.service, operation));
    }
    let world = context.world();
    if !world.may_read_organization(context.caller.account) {
        return Err(context.call.service.denied("You don't have permissions to access this resource."));
    }
    context.allow(&world, &resource(context, &world, operation))?;
    match operation {
        "DescribeOrganization" => Ok(describe(&world)),
        "ListAccounts" => {
            let accounts: Vec<_> = world.accounts.values().collect();
            list(context, "Accounts", &accounts, |account| account_json(&world, account))
        }
        "ListAccountsForParent" => {
            let parent = parent(context, &world)?;
            let accounts: Vec<_> = world.accounts.values().filter(|a| a.parent == parent).collect();
            list(context, "Accounts", &accounts, |account| account_json(&world, account))
        }
        "ListOrganizationalUnitsForParent" => {
            let parent = parent(context, &world)?;
            let units: Vec<_> = world.ous.iter().filter(|(_, unit)| unit.parent == parent).collect();
            list(
                context,
                "OrganizationalUnits",
                &units,
                |(id, unit)| json!({ "Id": id, "Arn": arn(&world, "ou", id), "Name": unit.name }),
            )
        }
        _ => list(
            context,
            "Roots",
            &[&world.root],
            |root| json!({ "Id": root, "Arn": arn(&world, "root", root), "Name": ROOT_NAME, "PolicyTypes": [] }),
        ),
    }
}

fn list<T>(
    context: &Context<'_>,
    name: &str,
    all: &[T],
    item: impl Fn(&T) -> Value,
) -> Result<Value, Refusal> {
    let invalid = |message| Refusal::new(400, "InvalidInputException", message);
    let size = context.size("MaxResults", 1..=PAGE, PAGE, invalid)?;
    let page = context
        .page("NextToken", size, all.len())
        .ok_or_else(|| invalid("You specified an invalid value for nextToken.".to_owned()))?;
    let items: Vec<Value> = all[page.items].iter().map(item).collect();
    Ok(match page.next {
        Some(token) => json!({ name: items, "NextToken": token }),
        None => json!({ name: items }),
    })
}

fn parent<'a>(context: &'a Context<'_>, world: &World) -> Result<&'a str, Refusal> {
    let parent = context.call.text("ParentId").unwrap_or_default();
    if parent == world.root || world.ous.contains_key(parent) {
        Ok(parent)
    } else {
        let message = "You specified parent that doesn't exist.";
        Err(Refusal::new(400, "ParentNotFoundException", message))
    }
}

/// What IAM is asked about: the parent whose children are listed; the rest has no resource. Source: Service Authorization
/// Reference, Organizations.
fn resource(context: &Context<'_>, world: &World, operation: &str) -> String {
    match context.call.text("ParentId").filter(|_| operation.ends_with("ForParent")) {
        Some(parent) => arn(world, if parent.starts_with("r-") { "root" } else { "ou" }, parent),
        None => "*".to_owned(),
    }
}

fn arn(world: &World, kind: &str, id: &str) -> String {
    let World { partition, management_account, organization_id, .. } = world;
    format!("arn:{partition}:organizations::{management_account}:{kind}/{organization_id}/{id}")
}

fn describe(world: &World) -> Value {
    let World { partition, management_account, organization_id, .. } = world;
    let email = world.accounts.get(management_account).map(|account| account.email.as_str());
    json!({ "Organization": {
        "Id": organization_id,
        "Arn": format!("arn:{partition}:organizations::{management_account}:organization/{organization_id}"),
        "FeatureSet": "ALL",
        "MasterAccountArn": arn(world, "account", management_account.as_str()),
        "MasterAccountId": management_account.as_str(),
        "MasterAccountEmail": email,
        "AvailablePolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
    } })
}

fn account_json(world: &World, account: &SandboxAccount) -> Value {
    // The older field has no words for the newer states. Source: Organizations user guide, "Monitor the
    // state of your AWS accounts".
    let status = match &account.state {
        AccountState::Closed => "SUSPENDED",
        AccountState::PendingActivation => "ACTIVE",
        state => state.as_str(),
    };
    let mut value = json!({
        "Id": account.id.as_str(),
        "Arn": arn(world, "account", account.id.as_str()),
        "Email": account.email,
        "Name": account.name,
        "Status": status,
        "JoinedMethod": "CREATED",
        "JoinedTimestamp": account.joined_at.as_second() as f64 + 0.123,
        "Paths": [path(world, account)],
        "SandboxExtra": { "Unknown": [1, 2, 3] },
    });
    if account.has_state_field {
        value["State"] = json!(account.state.as_str());
    }
    value
}

/// `o-…/r-…/ou-…/id/`. Source: Organizations API, `Account$Paths`.
fn path(world: &World, account: &SandboxAccount) -> String {
    let mut ids = vec![account.id.as_str(), account.parent.as_str()];
    // A tree edited into a circle ends here all the same.
    for _ in 0..world.ous.len() {
        let Some(unit) = ids.last().and_then(|id| world.ous.get(*id)) else { break };
        ids.push(&unit.parent);
    }
    ids.push(&world.organization_id);
    ids.reverse();
    ids.join("/") + "/"
}
