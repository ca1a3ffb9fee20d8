//! The operations of each service.

mod account;
mod dms;
mod kms;
mod organizations;
mod sts;

use serde_json::Value;

use super::{
    answer::{Answer, Refusal},
    context::Context,
    request::Service,
    world::{SandboxAccount, World},
};

/// Answers the call, or refuses it.
pub(super) fn answer(context: &Context<'_>) -> Result<Answer, Refusal> {
    let call = context.call;
    let protocol = call.service.protocol();
    let json = |value: Value| Answer::json(protocol, &value);
    match (call.service, &*call.operation) {
        (Service::Organizations, operation) => organizations::answer(context, operation).map(json),
        (Service::Account, "ListRegions") => account::list_regions(context).map(json),
        (Service::Dms, operation) => dms::answer(context, operation).map(json),
        (Service::Kms, operation) => kms::answer(context, operation).map(json),
        (Service::Sts, "GetCallerIdentity") => sts::get_caller_identity(context),
        (Service::Sts, "AssumeRole") => sts::assume_role(context),
        (service, operation) => Err(unknown(context, service, operation)),
    }
}

/// Refuses an operation that the sandbox does not have, and remembers it.
fn unknown(context: &Context<'_>, service: Service, operation: &str) -> Refusal {
    context.shared.counter.change(|calls| *calls.unknown.entry(context.call.action()).or_default() += 1);
    service.unknown_operation(operation)
}

/// Refuses a Region that the caller's account cannot use. Source: what JSON services say in an opt-in
/// Region that is off.
fn require_region(context: &Context<'_>, world: &World) -> Result<(), Refusal> {
    if world.is_enabled(context.caller.account, &context.call.region) {
        Ok(())
    } else {
        Err(context.call.service.unknown_token())
    }
}

/// The caller's account; one that left the organization meanwhile is not known any more.
fn own_account<'a>(context: &Context<'_>, world: &'a World) -> Result<&'a SandboxAccount, Refusal> {
    world.accounts.get(&context.caller.account).ok_or_else(|| context.call.service.unknown_token())
}
