//! Governance: parameters with notice, roles, pauses, ownership. None of it touches NFTs or what is
//! earned.

use cosmwasm_std::{Deps, DepsMut, Response};
use noderev_api::delegation::{Mint, Params, Role, MAX_MINTS};
use noderev_components::{ensure_within, EpochClock, Local, NOTICE_EPOCHS};

use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{PARAMS, ROLES, SLOT_SIZES};

/// Largest slot size, and largest own part asked of an owner.
const MAX_QUINTESSENCE: u128 = 1_000_000_000_000;
/// Longest unbonding period: 30 days.
const MAX_UNBONDING_PERIOD: u128 = 30 * 86_400;
/// Most units minted per epoch.
const MAX_MINT: u128 = 1_000_000_000_000_000_000_000_000_000_000;

/// The hard bounds.
pub fn check_params(deps: Deps, clock: &EpochClock, params: &Params) -> Result<(), Refusal> {
    let (slot, own) = (params.slot_size.u128(), params.own_quintessence.u128());
    ensure_within("slot_size", slot, 1, MAX_QUINTESSENCE)?;
    ensure_within("own_quintessence", own, 1, MAX_QUINTESSENCE)?;
    let unbonding = params.unbonding_period.into();
    ensure_within("unbonding_period", unbonding, 0, MAX_UNBONDING_PERIOD)?;
    check_schedule(&params.schedule)?;
    Ok(params.evidence.check(deps.api, clock, 0)?)
}

fn check_schedule(schedule: &[Mint]) -> Result<(), Refusal> {
    let count = schedule.len() as u128;
    ensure_within("entries of the schedule", count, 0, MAX_MINTS as u128)?;
    for mint in schedule {
        ensure_within("mint per epoch", mint.amount.u128(), 0, MAX_MINT)?;
    }
    let mut pairs = schedule.iter().zip(schedule.iter().skip(1));
    match pairs.find(|(earlier, later)| earlier.from >= later.from) {
        Some((earlier, later)) => Err(ContractError::ScheduleOrder {
            earlier: earlier.from,
            later: later.from,
        }
        .into()),
        None => Ok(()),
    }
}

/// All parameters as attributes.
pub fn describe_params(params: &Params) -> Vec<(&'static str, String)> {
    let schedule = params.schedule.iter();
    let schedule = schedule.map(|mint| format!("{}:{}", mint.from, mint.amount));
    let mut attributes = vec![
        ("slot_size", params.slot_size.to_string()),
        ("own_quintessence", params.own_quintessence.to_string()),
        ("unbonding_period", params.unbonding_period.to_string()),
        ("schedule", schedule.collect::<Vec<_>>().join(",")),
    ];
    attributes.extend(params.evidence.describe());
    attributes
}

/// Queues parameters for seven epochs after the next boundary.
pub fn queue_params(deps: DepsMut, moment: &Moment, params: Params) -> Result<Response, Refusal> {
    check_params(deps.as_ref(), &moment.clock, &params)?;
    let (slot_size, described) = (params.slot_size.u128(), describe_params(&params));
    let governance = moment.governance(deps.storage);
    let response = governance.queue_params(&PARAMS, params, described)?;
    let from = moment.next().plus(NOTICE_EPOCHS);
    SLOT_SIZES.set(deps.storage, &[], from, &slot_size)?;
    Ok(response)
}

/// Drops parameters that wait.
pub fn cancel_params(deps: DepsMut, moment: &Moment) -> Result<Response, Refusal> {
    let queued = PARAMS.queued(&Local(deps.storage), moment.epoch)?;
    if let Some((from, _)) = queued {
        SLOT_SIZES.remove(deps.storage, &[], from);
    }
    Ok(moment.governance(deps.storage).cancel_params(&PARAMS)?)
}

/// Fills or empties a role.
pub fn set_role(
    deps: DepsMut,
    moment: &Moment,
    role: Role,
    account: Option<String>,
) -> Result<Response, Refusal> {
    let holder = account.map(|account| deps.api.addr_validate(&account));
    let holder = holder.transpose()?;
    let governance = moment.governance(deps.storage);
    Ok(governance.set_role(&ROLES, role, holder.as_ref())?)
}
