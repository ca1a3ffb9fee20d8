//! What whoever manages it with CloudFormation writes, so that a stack neither deletes nor replaces anything.

use super::{Kind, Plan};
use crate::domain::visible;

/// The type of the resource.
pub(super) fn type_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Instance | Kind::Key => "AWS::DMS::ReplicationInstance",
        Kind::Endpoint => "AWS::DMS::Endpoint",
        Kind::Serverless => "AWS::DMS::ReplicationConfig",
    }
}

/// The stack that says that it made the resource, and the name it has there.
pub(super) fn stack(plan: &Plan) -> Option<(String, String)> {
    let tag = |name: &str| plan.facts.tags.get(name).cloned();
    let stack = tag("aws:cloudformation:stack-name")?;
    Some((stack, tag("aws:cloudformation:logical-id").unwrap_or_default()))
}

/// What the resource in the template gets before anything else.
pub(super) fn retain(plan: &Plan) -> String {
    let logical = stack(plan).map(|(_, logical)| logical).filter(|name| !name.is_empty());
    let logical = logical.map_or_else(|| "TheOldOne".to_owned(), |name| visible(&name).into_owned());
    let kind = type_of(plan.kind);
    format!(
        "Resources:\n  {logical}:\n    Type: {kind}\n    DeletionPolicy: Retain\n    UpdateReplacePolicy: Retain\n    # Properties \
         stay as they are. Don't change KmsKeyId: CloudFormation would replace it.\n"
    )
}
