use crate::{
    config::{Organization, Remediation, Sns},
    domain::Partition,
};

/// What the policies are filled in with. Its texts may be expressions of a template's language in place of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The partition of all ARNs: `aws`.
    pub partition: String,
    /// The domain of the partition's services: `amazonaws.com`.
    pub domain: String,
    /// `organization.audit_role`: a name, or `path/name`.
    pub audit_role: String,
    /// `remediation.role`, likewise.
    pub remediation_role: String,
    /// `organization.reader_role_arn`.
    pub reader_role_arn: Option<String>,
    /// `remediation.key_alias`: `alias/…`.
    pub key_alias: String,
    /// `notify.sns.topic_arn`.
    pub topic_arn: Option<String>,
    /// The organization's id, `o-…`, where it is known.
    pub organization_id: Option<String>,
    /// Whether the roles ask for an external id.
    pub with_external_id: bool,
}

impl Place {
    /// What the sections of the config say.
    pub fn of(
        partition: Partition,
        organization: &Organization,
        remediation: &Remediation,
        sns: Option<&Sns>,
    ) -> Self {
        Self {
            partition: partition.to_string(),
            domain: domain(partition).to_owned(),
            audit_role: organization.audit_role.clone(),
            remediation_role: remediation.role.clone(),
            reader_role_arn: organization.reader_role_arn.clone(),
            key_alias: remediation.key_alias.clone(),
            topic_arn: sns.map(|sns| sns.topic_arn.clone()),
            organization_id: None,
            with_external_id: organization.external_id.is_some(),
        }
    }

    /// An ARN of DMS, in any Region and account; what of a role in one account is of that account.
    pub(super) fn dms(&self, kind: &str) -> String {
        format!("arn:{}:dms:*:*:{kind}:*", self.partition)
    }

    /// The same place in a template, which finds out the partition where it is deployed.
    pub(super) fn in_template(&self, partition: &str, domain: &str) -> Self {
        Self { partition: partition.to_owned(), domain: domain.to_owned(), ..self.clone() }
    }

    /// Any key.
    pub(super) fn keys(&self) -> String {
        format!("arn:{}:kms:*:*:key/*", self.partition)
    }
}

/// Source: botocore's `partitions.json`.
const fn domain(partition: Partition) -> &'static str {
    match partition {
        Partition::Aws | Partition::UsGov => "amazonaws.com",
        Partition::China => "amazonaws.com.cn",
        Partition::Eusc => "amazonaws.eu",
        Partition::Iso => "c2s.ic.gov",
        Partition::IsoB => "sc2s.sgov.gov",
        Partition::IsoE => "cloud.adc-e.uk",
        Partition::IsoF => "csp.hci.ic.gov",
    }
}

/// The ARN of that role in every account.
pub fn roles(partition: &str, role: &str) -> String {
    format!("arn:{partition}:iam::*:role/{}", role.trim_start_matches('/'))
}
