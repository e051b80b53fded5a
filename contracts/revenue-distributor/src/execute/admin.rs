//! Governance: parameters with notice, roles, pauses, ownership. None of it touches what is owed.

use cosmwasm_std::{Deps, DepsMut, Response};
use noderev_api::distributor::{Params, Role};
use noderev_components::{
    ensure_within, Coded, Denom, DenomInfo, EpochClock, Local, RoleError, MAX_DENOMS,
};
use noderev_economics::RemainderTo;

use super::validated;
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{save_config, ARBITER, EVENTS, PARAMS, ROLES};

const DAY: u64 = 86_400;

/// The hard bounds.
pub fn check_params(deps: Deps, clock: &EpochClock, params: &Params) -> Result<(), Refusal> {
    let bounds: [(&'static str, u128, u128, u128); 5] = [
        (
            "network_share",
            params.network_share.get().into(),
            6_000,
            10_000,
        ),
        (
            "unstaked_share",
            params.unstaked_share.get().into(),
            2_000,
            4_000,
        ),
        (
            "appeal_window",
            params.appeal_window.into(),
            0,
            (7 * DAY).into(),
        ),
        (
            "ruling_window",
            params.ruling_window.into(),
            1,
            (30 * DAY).into(),
        ),
        (
            "appeal_bond",
            params.appeal_bond.u128(),
            1,
            1_000_000_000_000_000,
        ),
    ];
    for (field, value, min, max) in bounds {
        ensure_within(field, value, min, max)?;
    }
    Ok(params
        .evidence
        .check(deps.api, clock, params.appeal_window)?)
}

/// 1 to 8 different currencies; tokens must be addresses.
pub fn check_denoms(deps: Deps, denoms: &[DenomInfo]) -> Result<(), Refusal> {
    let refuse = || ContractError::DenomCount {
        count: denoms.len(),
    };
    if !(1..=MAX_DENOMS).contains(&denoms.len()) {
        return Err(refuse().into());
    }
    let repeated = denoms.iter().enumerate().any(|(at, info)| {
        let mut later = denoms.iter().skip(at.saturating_add(1));
        later.any(|other| other.denom == info.denom)
    });
    if repeated {
        return Err(refuse().into());
    }
    denoms.iter().try_for_each(|info| check_denom(deps, info))
}

fn check_denom(deps: Deps, info: &DenomInfo) -> Result<(), Refusal> {
    ensure_within("decimals", info.decimals.into(), 0, 18)?;
    ensure_within("symbol length", info.symbol.len() as u128, 1, 16)?;
    match &info.denom {
        Denom::Native(denom) => ensure_within("denomination length", denom.len() as u128, 3, 128)?,
        Denom::Cw20(token) => drop(validated(deps, token)?),
    }
    Ok(())
}

/// Adds a currency of revenue.
pub fn add_denom(deps: DepsMut, moment: &Moment, denom: DenomInfo) -> Result<Response, Refusal> {
    let mut config = moment.config.clone();
    if config.denoms.iter().any(|info| info.denom == denom.denom) {
        return Err(ContractError::DenomExists { denom: denom.denom }.into());
    }
    config.denoms.push(denom.clone());
    check_denoms(deps.as_ref(), &config.denoms)?;
    save_config(deps.storage, deps.api, &config)?;
    let event = EVENTS
        .emit(deps.storage, "denom_added", moment.epoch)?
        .add_attribute("denom", denom.denom.to_string())
        .add_attribute("symbol", denom.symbol)
        .add_attribute("decimals", denom.decimals.to_string());
    Ok(Response::new()
        .add_attribute("action", "add_denom")
        .add_event(event))
}

/// All parameters as attributes.
pub fn describe_params(params: &Params) -> Vec<(&'static str, String)> {
    let remainder_to = remainder_name(params.remainder_to).to_string();
    let mut described = vec![
        ("network_share", params.network_share.get().to_string()),
        ("unstaked_share", params.unstaked_share.get().to_string()),
        ("remainder_to", remainder_to),
        ("appeal_window", params.appeal_window.to_string()),
        ("ruling_window", params.ruling_window.to_string()),
        ("appeal_bond", params.appeal_bond.to_string()),
    ];
    described.extend(params.evidence.describe());
    described
}

const fn remainder_name(to: RemainderTo) -> &'static str {
    match to {
        RemainderTo::AllRunning => "all_running",
        RemainderTo::UnstakedRunning => "unstaked_running",
    }
}

/// Queues parameters for seven epochs after the next boundary.
pub fn queue_params(deps: DepsMut, moment: &Moment, params: Params) -> Result<Response, Refusal> {
    check_params(deps.as_ref(), &moment.config.clock, &params)?;
    let described = describe_params(&params);
    Ok(moment
        .governance(deps.storage)
        .queue_params(&PARAMS, params, described)?)
}

/// Fills or empties a role. An arbiter takes office with the notice of a parameter.
pub fn set_role(
    deps: DepsMut,
    moment: &Moment,
    role: Role,
    account: Option<String>,
) -> Result<Response, Refusal> {
    let holder = account.map(|account| validated(deps.as_ref(), &account));
    let holder = holder.transpose()?;
    if holder.is_none() && !matches!(role, Role::Guardian) {
        return Err(RoleError::Mandatory { role: role.name() }.into());
    }
    let from = match (&holder, role) {
        (Some(holder), Role::Arbiter) => {
            // A later choice replaces one that waits, and its notice begins anew.
            if ARBITER
                .queued(&Local(deps.storage), moment.epoch)?
                .is_some()
            {
                ARBITER.cancel(deps.storage, moment.epoch)?;
            }
            let clock = &moment.config.clock;
            ARBITER.queue(deps.storage, clock, moment.now, holder.clone())?
        }
        _ => {
            ROLES.set(deps.storage, role, holder.as_ref());
            moment.epoch
        }
    };
    let event = EVENTS
        .emit(deps.storage, "role_set", moment.epoch)?
        .add_attribute("role", role.name())
        .add_attribute("from_epoch", from.to_string())
        .add_attributes(holder.map(|holder| ("account", holder)));
    Ok(Response::new()
        .add_attribute("action", "set_role")
        .add_event(event))
}
