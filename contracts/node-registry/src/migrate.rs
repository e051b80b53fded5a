//! From an earlier version of this contract.

use cosmwasm_std::{DepsMut, Env, Response};
use noderev_components::migrate_version;

use crate::contract::{CONTRACT_NAME, CONTRACT_VERSION};
use crate::keys::Now;
use crate::state::EVENTS;
use crate::ContractError;

/// Stores the new version; the records of all earlier versions are read as they are.
pub fn migrate(deps: DepsMut<'_>, env: &Env) -> Result<Response, ContractError> {
    migrate_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    let epoch = Now::load(deps.storage, env)?.epoch;
    let event = EVENTS.emit(deps.storage, "migrated", epoch)?;
    Ok(Response::new()
        .add_attribute("action", "migrate")
        .add_event(event.add_attribute("version", CONTRACT_VERSION)))
}
