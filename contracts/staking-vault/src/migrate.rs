//! Migration: the same contract, an older version.

use cosmwasm_std::{DepsMut, Response};
use noderev_components::migrate_version;

use crate::contract::{CONTRACT_NAME, CONTRACT_VERSION};
use crate::error::ContractError;

/// Checks name and version. Storage has had one layout so far, so nothing is converted.
pub fn migrate(deps: DepsMut) -> Result<Response, ContractError> {
    migrate_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    Ok(Response::new()
        .add_attribute("action", "migrate")
        .add_attribute("version", CONTRACT_VERSION))
}
