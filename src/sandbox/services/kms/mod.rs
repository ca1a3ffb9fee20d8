//! Key Management Service.

mod aliases;
mod describe;
mod keys;
pub(super) mod names;
mod policies;
mod tags;

use serde_json::Value;

use super::unknown;
use crate::sandbox::{answer::Refusal, context::Context};

/// When everything was made of which nobody said when: 2024-01-01T00:00:00Z.
const CREATED: f64 = 1_704_067_200.123;

pub(super) fn answer(context: &Context<'_>, operation: &str) -> Result<Value, Refusal> {
    match operation {
        "DescribeKey" => describe::describe(context),
        "CreateKey" => keys::create(context),
        "ListKeys" => keys::list(context),
        "EnableKey" => keys::enable(context),
        "DisableKey" => keys::disable(context),
        "EnableKeyRotation" => keys::rotate(context),
        "ScheduleKeyDeletion" => keys::schedule_deletion(context),
        "CancelKeyDeletion" => keys::cancel_deletion(context),
        "ListAliases" => aliases::list(context),
        "CreateAlias" => aliases::create(context),
        "UpdateAlias" => aliases::update(context),
        "DeleteAlias" => aliases::delete(context),
        "GetKeyPolicy" => policies::get(context),
        "PutKeyPolicy" => policies::put(context),
        "ListResourceTags" => tags::list(context),
        "TagResource" => tags::add(context),
        "UntagResource" => tags::remove(context),
        _ => Err(unknown(context, context.call.service, operation)),
    }
}

fn not_found(message: String) -> Refusal {
    Refuse::with("NotFoundException", message)
}

/// The refusals of KMS.
struct Refuse;

impl Refuse {
    fn with(code: &str, message: impl Into<String>) -> Refusal {
        Refusal::new(400, code, message)
    }

    fn validation(message: String) -> Refusal {
        Self::with("ValidationException", message)
    }

    fn marker() -> Refusal {
        Self::with("InvalidMarkerException", "Could not deserialize marker")
    }
}
