//! Governance: parameters with notice, roles, pauses, ownership. None of it touches principal.

use cosmwasm_std::{Addr, DepsMut, Env, Response};
use noderev_api::vault::{Activity, Params, Role};
use noderev_components::ensure_within;

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
    for (field, value, max) in bounds {
        ensure_within(field, value.into(), 0, max.into())?;
    }
    Ok(())
}

/// All parameters as attributes.
pub fn describe_params(params: &Params) -> Vec<(&'static str, String)> {
    vec![
        ("unbonding_period", params.unbonding_period.to_string()),
        ("minimum_lock", params.minimum_lock.to_string()),
    ]
}

/// Queues parameters for seven epochs after the next boundary.
pub fn queue_params(
    deps: DepsMut,
    moment: &Moment,
    params: Params,
) -> Result<Response, ContractError> {
    check_params(&params)?;
    let described = describe_params(&params);
    Ok(moment
        .governance(deps.storage)
        .queue_params(&PARAMS, params, described)?)
}

/// Drops the queued parameters.
pub fn cancel_params(deps: DepsMut, moment: &Moment) -> Result<Response, ContractError> {
    Ok(moment.governance(deps.storage).cancel_params(&PARAMS)?)
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
    Ok(moment
        .governance(deps.storage)
        .pause(&PAUSES, activity, seconds, by)?)
}

/// Ends a pause early.
pub fn resume(
    deps: DepsMut,
    moment: &Moment,
    by: &Addr,
    activity: Activity,
) -> Result<Response, ContractError> {
    Ok(moment
        .governance(deps.storage)
        .resume(&PAUSES, activity, by)?)
}

/// Two-step ownership.
pub fn update_ownership(
    deps: DepsMut,
    env: &Env,
    moment: &Moment,
    sender: &Addr,
    action: cw_ownable::Action,
) -> Result<Response, ContractError> {
    let governance = moment.governance(deps.storage);
    Ok(governance.update_ownership(deps.api, deps.querier, &env.block, sender, action)?)
}
