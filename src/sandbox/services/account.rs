use serde_json::{Value, json};

use crate::{
    domain::AccountId,
    sandbox::{answer::Refusal, context::Context, world::RegionKind},
};

/// Source: Account Management API, `ListRegions$MaxResults`.
const LARGEST_PAGE: usize = 50;

/// `ListRegions`, of the caller's account, or of a member's if the caller runs the organization.
pub(super) fn list_regions(context: &Context<'_>) -> Result<Value, Refusal> {
    let invalid = |message: String| Refusal::new(400, "ValidationException", message);
    let world = context.world();
    let account = match context.call.text("AccountId") {
        None => context.caller.account,
        Some(text) => {
            let member: AccountId = text.parse().map_err(|_| invalid("AccountId is not valid".to_owned()))?;
            if member == world.management_account {
                return Err(invalid("The management account can't be named".to_owned()));
            }
            if !world.may_read_organization(context.caller.account) || !world.accounts.contains_key(&member) {
                return Err(context.denied(&format!("arn:{}:account::{member}:account", world.partition), ""));
            }
            member
        }
    };
    context.allow(&world, &format!("arn:{}:account::{account}:account", world.partition))?;
    let wanted: Option<Vec<&str>> = context
        .call
        .value("RegionOptStatusContains")
        .and_then(Value::as_array)
        .map(|words| words.iter().filter_map(Value::as_str).collect());
    let regions: Vec<_> = world
        .regions
        .iter()
        .map(|(region, kind)| match kind {
            RegionKind::Default => (region, "ENABLED_BY_DEFAULT"),
            RegionKind::OptIn if world.is_enabled(account, region) => (region, "ENABLED"),
            RegionKind::OptIn => (region, "DISABLED"),
        })
        .filter(|(_, status)| wanted.as_ref().is_none_or(|words| words.contains(status)))
        .collect();
    let size = context.size("MaxResults", 1..=LARGEST_PAGE, LARGEST_PAGE, invalid)?;
    let page = context
        .page("NextToken", size, regions.len())
        .ok_or_else(|| invalid("The provided NextToken is invalid".to_owned()))?;
    let items: Vec<Value> = regions[page.items]
        .iter()
        .map(|(region, status)| json!({ "RegionName": region.as_str(), "RegionOptStatus": status }))
        .collect();
    Ok(match page.next {
        Some(token) => json!({ "Regions": items, "NextToken": token }),
        None => json!({ "Regions": items }),
    })
}
