use anyhow::{Context, bail};

use crate::{
    domain::{AccountId, Region, ResourceType, Row},
    history::Reader,
    remediation::plan::Kind,
};

/// A finding that is open, as the history knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenFinding {
    /// Its number.
    pub id: i64,
    /// Which check failed.
    pub check_id: String,
    /// Where.
    pub account: AccountId,
    /// The account's name.
    pub account_name: String,
    /// The account's organizational unit.
    pub ou_path: String,
    /// Its Region.
    pub region: Region,
    /// The resource's ARN.
    pub arn: String,
    /// Its kind.
    pub resource_type: ResourceType,
    /// Its identifier.
    pub name: String,
    /// `fail` or `unknown`.
    pub status: String,
    /// Why.
    pub reason: String,
    /// Since when it is open.
    pub opened_at: String,
}

impl OpenFinding {
    /// Whether the key is to be mended, and not replaced.
    pub fn is_of_key(&self) -> bool {
        Kind::of(&self.check_id, self.resource_type) == Kind::Key
    }

    /// Reads a row of the view `findings`.
    ///
    /// # Errors
    /// Where a column holds what it never should.
    pub fn of(row: Row<'_>) -> anyhow::Result<Self> {
        let id = row.value("finding_id").as_i64().unwrap_or_default();
        let strange = |column: &str| format!("finding {id} has a strange {column}");
        let kind = row.text("resource_type");
        Ok(Self {
            id,
            check_id: row.text("check_id").to_owned(),
            account: row.text("account_id").parse().with_context(|| strange("account_id"))?,
            account_name: row.text("account_name").to_owned(),
            ou_path: row.text("ou_path").to_owned(),
            region: row.text("region").parse().with_context(|| strange("region"))?,
            arn: row.text("resource_arn").to_owned(),
            resource_type: ResourceType::ALL
                .into_iter()
                .find(|known| known.as_str() == kind)
                .with_context(|| strange("resource_type"))?,
            name: row.text("resource_name").to_owned(),
            status: row.text("status").to_owned(),
            reason: row.text("reason").to_owned(),
            opened_at: row.text("opened_at").to_owned(),
        })
    }
}

/// The open findings that are meant by a finding's number or a resource's ARN; at least one.
///
/// # Errors
/// Where there is no such finding, or none of them is open.
pub async fn find(reader: &Reader, arn_or_id: &str) -> anyhow::Result<Vec<OpenFinding>> {
    let found = reader.finding(arn_or_id).await?.findings;
    let open: Vec<OpenFinding> = found
        .iter()
        .filter(|row| row.text("state") == "open")
        .map(OpenFinding::of)
        .collect::<Result<_, _>>()?;
    if !open.is_empty() {
        return Ok(open);
    }
    match found.iter().next() {
        None => bail!(
            "the history has no finding {arn_or_id}: see `keywatch findings list --state open`, or scan first"
        ),
        Some(row) => match row.text("state") {
            "suppressed" => bail!(
                "finding {} is suppressed by exception {}: its risk was accepted; end that with `keywatch exceptions \
                 remove` first",
                row.value("finding_id"),
                row.value("exception_id"),
            ),
            _ => bail!(
                "finding {} is resolved since {} ({}): there is nothing to put right",
                row.value("finding_id"),
                row.text("resolved_at"),
                row.text("resolution"),
            ),
        },
    }
}
