//! Governance: parameters with notice, roles, pauses, ownership. None of it touches principal.

use cosmwasm_std::{DepsMut, Response};
use noderev_api::vault::{Params, Role};
use noderev_components::ensure_within;

use super::validated;
use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::{PARAMS, ROLES};

/// Longest unbonding period: 90 days.
pub const MAX_UNBONDING_PERIOD: u64 = 90 * 86_400;
/// Longest minimum lock: 365 days.
pub const MAX_MINIMUM_LOCK: u64 = 365 * 86_400;

/// The hard bounds.
pub fn check_params(params: &Params) -> Result<(), Refusal> {
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
pub fn queue_params(deps: DepsMut, moment: &Moment, params: Params) -> Result<Response, Refusal> {
    check_params(&params)?;
    let described = describe_params(&params);
    Ok(moment
        .governance(deps.storage)
        .queue_params(&PARAMS, params, described)?)
}

/// Fills or empties a role.
pub fn set_role(
    deps: DepsMut,
    moment: &Moment,
    role: Role,
    account: Option<String>,
) -> Result<Response, Refusal> {
    let holder = account.map(|account| validated(deps.as_ref(), &account));
    let holder = holder.transpose()?;
    let governance = moment.governance(deps.storage);
    Ok(governance.set_role(&ROLES, role, holder.as_ref())?)
}
