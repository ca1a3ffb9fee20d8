//! What whoever manages it with Terraform writes, so that Terraform neither deletes nor replaces anything.

use serde_json::Value;

use super::{Kind, Plan};
use crate::{domain::visible, remediation::inputs};

/// Of the provider's resource: its type, the argument that names it, the argument of its key, what it is imported by.
struct Managed {
    kind: &'static str,
    name: &'static str,
    key: &'static str,
}

fn managed(kind: Kind) -> Managed {
    match kind {
        Kind::Instance | Kind::Key => Managed {
            kind: "aws_dms_replication_instance",
            name: "replication_instance_id",
            key: "kms_key_arn",
        },
        Kind::Endpoint => Managed { kind: "aws_dms_endpoint", name: "endpoint_id", key: "kms_key_arn" },
        Kind::Serverless => Managed {
            kind: "aws_dms_replication_config",
            name: "replication_config_identifier",
            key: "compute_config[0].kms_key_id",
        },
    }
}

/// The blocks of the first change, after the script: Terraform lets the old one go and takes the new one.
pub(super) fn hand_over(plan: &Plan, key: &str) -> String {
    let Managed { kind, name, key: key_argument } = managed(plan.kind);
    let (old, new) = (label(&plan.facts.resource.name), label(&plan.new_name));
    let id = match plan.kind {
        // Imported by its ARN, which is known once it is there.
        Kind::Serverless => "\"ARN of the new config, as the script says it\"".to_owned(),
        _ => text(&plan.new_name),
    };
    let arguments = match plan.kind {
        Kind::Instance => instance(plan, key),
        _ => format!(
            "  {name} = {}\n  # {key_argument} = {}\n  # every other argument as it stands in {kind}.{old}\n",
            text(&plan.new_name),
            text(key)
        ),
    };
    format!(
        "removed {{\n  from = {kind}.{old}\n\n  lifecycle {{\n    destroy = false\n  }}\n}}\n\nimport {{\n  to = {kind}.{new}\n  id \
         = {id}\n}}\n\nresource \"{kind}\" \"{new}\" {{\n{arguments}}}\n"
    )
}

/// The block of a later change, for those who want the old address back.
pub(super) fn moved(plan: &Plan) -> String {
    let Managed { kind, .. } = managed(plan.kind);
    let (old, new) = (label(&plan.facts.resource.name), label(&plan.new_name));
    format!("moved {{\n  from = {kind}.{new}\n  to   = {kind}.{old}\n}}\n")
}

/// The argument that Terraform replaces the resource for.
pub(super) fn key_argument(kind: Kind) -> String {
    let Managed { kind, key, .. } = managed(kind);
    format!("{kind}.{key}")
}

/// The arguments of `aws_dms_replication_instance`, beside what `CreateReplicationInstance` calls them.
const OF_INSTANCE: [(&str, &str); 13] = [
    ("replication_instance_id", "ReplicationInstanceIdentifier"),
    ("replication_instance_class", "ReplicationInstanceClass"),
    ("allocated_storage", "AllocatedStorage"),
    ("engine_version", "EngineVersion"),
    ("multi_az", "MultiAZ"),
    ("availability_zone", "AvailabilityZone"),
    ("publicly_accessible", "PubliclyAccessible"),
    ("auto_minor_version_upgrade", "AutoMinorVersionUpgrade"),
    ("preferred_maintenance_window", "PreferredMaintenanceWindow"),
    ("replication_subnet_group_id", "ReplicationSubnetGroupIdentifier"),
    ("vpc_security_group_ids", "VpcSecurityGroupIds"),
    ("dns_name_servers", "DnsNameServers"),
    ("network_type", "NetworkType"),
];

fn instance(plan: &Plan, key: &str) -> String {
    let input = inputs::instance(&plan.facts, &plan.new_name, key);
    let mut lines: Vec<(String, String)> = OF_INSTANCE
        .iter()
        .filter_map(|(argument, name)| Some(((*argument).to_owned(), hcl(input.get(*name)?))))
        .collect();
    lines.push(("kms_key_arn".to_owned(), text(key)));
    let widest = lines.iter().map(|(argument, _)| argument.len()).max().unwrap_or(0);
    let lines = lines.iter().map(|(argument, value)| format!("  {argument:<widest$} = {value}\n"));
    let mut block: String = lines.collect();
    let settings = &input["KerberosAuthenticationSettings"];
    if settings.is_object() {
        block.push_str("\n  kerberos_authentication_settings {\n    # as it stands in the old one\n  }\n");
    }
    block.push_str("\n  tags = {\n");
    for tag in input["Tags"].as_array().into_iter().flatten() {
        let part = |name: &str| text(tag[name].as_str().unwrap_or_default());
        block.push_str(&format!("    {} = {}\n", part("Key"), part("Value")));
    }
    block.push_str("  }\n");
    block
}

fn hcl(value: &Value) -> String {
    match value {
        Value::String(value) => text(value),
        Value::Array(list) => format!("[{}]", list.iter().map(hcl).collect::<Vec<_>>().join(", ")),
        other => other.to_string(),
    }
}

/// A string of HCL. Source: the HCL native syntax specification, "Template expressions".
fn text(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => quoted.push_str(&format!("\\u{:04x}", u32::from(letter))),
            // What turns the text round it, or hides.
            letter if visible(letter.encode_utf8(&mut [0; 4])).starts_with('\\') => {
                quoted.push_str(&format!("\\U{:08x}", u32::from(letter)));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted.replace("${", "$${").replace("%{", "%%{")
}

/// A name of Terraform's, made of one of AWS's.
fn label(name: &str) -> String {
    let mut label = String::new();
    for letter in name.chars().map(|letter| letter.to_ascii_lowercase()) {
        match letter {
            'a'..='z' | '0'..='9' => label.push(letter),
            _ if !label.ends_with('_') => label.push('_'),
            _ => {}
        }
    }
    let label = label.trim_matches('_');
    if label.starts_with(|first: char| first.is_ascii_lowercase()) {
        label.to_owned()
    } else {
        format!("dms_{label}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_expression() {
        assert_eq!(text("a\"${x}%{y}\\\n"), r#""a\"$${x}%%{y}\\\u000a""#);
        assert_eq!(text("a\u{202e}b"), r#""a\U0000202eb""#);
        assert_eq!(label("9-Orders.1"), "dms_9_orders_1");
        assert_eq!(label("orders--x-"), "orders_x");
    }
}
