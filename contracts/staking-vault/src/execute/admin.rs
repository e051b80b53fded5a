//! Governance: parameters with notice, roles, pauses, ownership. None of it touches principal.

use cosmwasm_std::{Addr, DepsMut, Env, Event, Response};
use noderev_api::vault::{Activity, Params, Role};
use noderev_components::{nanoseconds, ownership_attributes, Activity as _};

use super::validated;
use crate::error::ContractError;
use crate::moment::Moment;
use crate::permissions::{role_code, role_name};
use crate::state::{EVENTS, PARAMS, PAUSES, ROLES};

/// Longest unbonding period: 90 days.
pub const MAX_UNBONDING_PERIOD: u64 = 90 * 86_400;
/// Longest minimum lock: 365 days.
pub const MAX_MINIMUM_LOCK: u64 = 365 * 86_400;

/// The hard bounds.
pub fn check_params(params: &Params) -> Result<(), ContractError> {
    let bounds = [
        (
            "unbonding_period",
            params.unbonding_period,
            MAX_UNBONDING_PERIOD,
        ),
        ("minimum_lock", params.minimum_lock, MAX_MINIMUM_LOCK),
    ];
    match bounds.into_iter().find(|(_, have, max)| have > max) {
        Some((param, have, max)) => Err(ContractError::ParamBound { param, have, max }),
        None => Ok(()),
    }
}

/// All parameters as attributes.
pub fn describe_params(event: Event, params: &Params) -> Event {
    event
        .add_attribute("unbonding_period", params.unbonding_period.to_string())
        .add_attribute("minimum_lock", params.minimum_lock.to_string())
}

/// Queues parameters for seven epochs after the next boundary.
pub fn queue_params(
    deps: DepsMut,
    moment: &Moment,
    params: Params,
) -> Result<Response, ContractError> {
    check_params(&params)?;
    let clock = &moment.config.clock;
    let from = PARAMS.queue(deps.storage, clock, moment.now, params.clone())?;
    let event = EVENTS
        .emit(deps.storage, "param_queued", moment.epoch)?
        .add_attribute("from_epoch", from.to_string());
    Ok(Response::new()
        .add_attribute("action", "queue_params")
        .add_event(describe_params(event, &params)))
}

/// Drops the queued parameters.
pub fn cancel_params(deps: DepsMut, moment: &Moment) -> Result<Response, ContractError> {
    let from = PARAMS.cancel(deps.storage, moment.epoch)?;
    let event = EVENTS
        .emit(deps.storage, "param_cancelled", moment.epoch)?
        .add_attribute("from_epoch", from.to_string());
    Ok(Response::new()
        .add_attribute("action", "cancel_params")
        .add_event(event))
}

/// Fills or empties a role.
pub fn set_role(
    deps: DepsMut,
    moment: &Moment,
    role: Role,
    account: Option<String>,
) -> Result<Response, ContractError> {
    let holder = account.map(|account| validated(deps.as_ref(), &account));
    let holder = holder.transpose()?;
    ROLES.set(deps.storage, role_code(role), holder.as_ref());
    let event = EVENTS
        .emit(deps.storage, "role_set", moment.epoch)?
        .add_attribute("role", role_name(role))
        .add_attributes(holder.map(|holder| ("account", holder)));
    Ok(Response::new()
        .add_attribute("action", "set_role")
        .add_event(event))
}

/// Pauses an activity for a limited time.
pub fn pause(
    deps: DepsMut,
    moment: &Moment,
    by: &Addr,
    activity: Activity,
    seconds: u64,
) -> Result<Response, ContractError> {
    let until = PAUSES.pause(deps.storage, activity, moment.now, seconds)?;
    let event = EVENTS
        .emit(deps.storage, "paused", moment.epoch)?
        .add_attribute("activity", activity.name())
        .add_attribute("until", nanoseconds(until))
        .add_attribute("by", by);
    Ok(Response::new()
        .add_attribute("action", "pause")
        .add_event(event))
}

/// Ends a pause early.
pub fn resume(
    deps: DepsMut,
    moment: &Moment,
    by: &Addr,
    activity: Activity,
) -> Result<Response, ContractError> {
    PAUSES.resume(deps.storage, activity, moment.now)?;
    let event = EVENTS
        .emit(deps.storage, "resumed", moment.epoch)?
        .add_attribute("activity", activity.name())
        .add_attribute("by", by);
    Ok(Response::new()
        .add_attribute("action", "resume")
        .add_event(event))
}

/// Two-step ownership.
pub fn update_ownership(
    mut deps: DepsMut,
    env: &Env,
    moment: &Moment,
    sender: &Addr,
    action: cw_ownable::Action,
) -> Result<Response, ContractError> {
    let ownership = cw_ownable::update_ownership(deps.branch(), &env.block, sender, action)?;
    let event = EVENTS
        .emit(deps.storage, "ownership_updated", moment.epoch)?
        .add_attributes(ownership_attributes(&ownership));
    Ok(Response::new()
        .add_attribute("action", "update_ownership")
        .add_event(event))
}
