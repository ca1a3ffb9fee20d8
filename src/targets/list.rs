use std::collections::BTreeMap;

use aws_config::SdkConfig;
use aws_sdk_account::{Client, config};

use crate::{
    aws::{Bounds, CallError, Caller, Operation, Page, Session},
    domain::{CoverageReason, InvalidRegion, Region},
};

/// The largest page of ListRegions.
const PAGE: i32 = 50;

/// What `account:ListRegions` says of each Region, in AWS's words: `ENABLED`, `DISABLED`, …
pub type Listed = BTreeMap<Region, String>;

/// Asks an account which Regions it has enabled, with its own session.
///
/// # Errors
/// Whatever the call says.
pub async fn list_regions(
    sdk: &SdkConfig,
    caller: &Caller,
    session: &Session,
    home: &Region,
    bounds: &Bounds,
) -> Result<Listed, CallError> {
    let operation = Operation::ListRegions;
    let client = Client::new(sdk);
    let regions = caller
        .all_pages(operation, session, home, bounds, |credentials, token| {
            let call = client.list_regions().max_results(PAGE).set_next_token(token).customize();
            let call = call.config_override(config::Builder::new().credentials_provider(credentials));
            async move {
                let page = call.send().await.map_err(|error| CallError::from_sdk(operation, &error))?;
                Page::new(operation, page.regions, page.next_token)
            }
        })
        .await?;
    let invalid = |message: String| CallError::defect(operation, CoverageReason::InvalidResponse, message);
    // Every account has Regions, so an empty list would only hide them all.
    if regions.is_empty() {
        return Err(invalid("an empty list of Regions".to_owned()));
    }
    regions
        .into_iter()
        .map(|region| {
            let name = region.region_name.unwrap_or_default();
            let name = name.parse().map_err(|error: InvalidRegion| invalid(error.to_string()))?;
            let status = region.region_opt_status.map(|status| status.as_str().to_owned());
            Ok((name, status.unwrap_or_else(|| "UNKNOWN".to_owned())))
        })
        .collect()
}
