//! Migration: the same contract, an older version.

use cosmwasm_std::{DepsMut, Env, Response};
use noderev_components::migrate_version;

use crate::contract::{CONTRACT_NAME, CONTRACT_VERSION};
use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::EVENTS;

/// Checks name and version. Storage has had one layout so far, so nothing is converted.
pub fn migrate(deps: DepsMut, env: &Env) -> Result<Response, Refusal> {
    migrate_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    let moment = Moment::load(deps.as_ref(), env)?;
    let event = EVENTS
        .emit(deps.storage, "migrated", moment.epoch)?
        .add_attribute("version", CONTRACT_VERSION);
    Ok(Response::new()
        .add_attribute("action", "migrate")
        .add_event(event))
}
