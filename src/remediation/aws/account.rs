use std::collections::BTreeMap;

use super::{Place, acting_as, dms_call};
use crate::{
    aws::{CallError, Operation, Page},
    remediation::facts::{Orderable, Quota},
};

impl Place {
    /// The quotas of DMS, and how much of each is used.
    ///
    /// # Errors
    /// The call's.
    pub async fn quotas(&self) -> Result<Vec<Quota>, CallError> {
        let operation = Operation::DescribeAccountAttributes;
        let answer = dms_call!(self, operation, self.dms.describe_account_attributes())?;
        let quotas = answer.account_quotas.unwrap_or_default().into_iter();
        Ok(quotas
            .filter_map(|quota| {
                Some(Quota { name: quota.account_quota_name?, used: quota.used, max: quota.max })
            })
            .collect())
    }

    /// What can be had of a class of instances, and whether it can be had with that engine version.
    ///
    /// # Errors
    /// The call's.
    pub async fn orderable(&self, class: &str, engine_version: &str) -> Result<Orderable, CallError> {
        let operation = Operation::DescribeOrderableReplicationInstances;
        let all = self.all_pages(operation, |credentials, marker| {
            let call = self.dms.describe_orderable_replication_instances().set_marker(marker);
            let call = call.customize().config_override(acting_as(credentials));
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                Page::new(operation, page.orderable_replication_instances, page.marker)
            }
        });
        let of_class = all.await?.into_iter();
        let of_class = of_class.filter(|one| one.replication_instance_class.as_deref() == Some(class));
        let mut found = Orderable { as_it_is: false, engine_versions: Vec::new(), zones: Vec::new() };
        for one in of_class {
            let Some(version) = one.engine_version else { continue };
            if version == engine_version {
                found.as_it_is = true;
                found.zones = one.availability_zones.unwrap_or_default();
            }
            found.engine_versions.push(version);
        }
        Ok(found)
    }

    /// The tags of a DMS resource.
    ///
    /// # Errors
    /// The call's.
    pub async fn tags(&self, arn: &str) -> Result<BTreeMap<String, String>, CallError> {
        let request = self.dms.list_tags_for_resource().resource_arn(arn);
        let answer = dms_call!(self, Operation::ListTagsForResource, request)?;
        let tags = answer.tag_list.unwrap_or_default().into_iter();
        Ok(tags.filter_map(|tag| Some((tag.key?, tag.value.unwrap_or_default()))).collect())
    }
}
