//! The global pool: any amount, from the next epoch on.

use cosmwasm_std::{Addr, DepsMut, Response, Storage, Uint128};
use noderev_api::vault::raw::{POOL, POOL_TOTAL};
use noderev_components::{fault, nanoseconds, Account, Epoch, Local, StdResult};

use super::{nonzero, validated};
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{add_lot, update_books, Lot, EVENTS, LOT_AMOUNTS, POOL_STAKES};

/// Puts QST that has come into the pool.
pub fn deposit_pool(
    deps: DepsMut,
    moment: &Moment,
    account: &Addr,
    amount: u128,
) -> Result<Response, Refusal> {
    deposit(deps, moment, account, amount, "deposit_pool")
}

/// The distributor puts an account's rewards into the pool for it.
pub fn deposit_pool_for(
    deps: DepsMut,
    moment: &Moment,
    account: &str,
    amount: u128,
) -> Result<Response, Refusal> {
    let account = validated(deps.as_ref(), account)?;
    deposit(deps, moment, &account, amount, "deposit_pool_for")
}

fn deposit(
    mut deps: DepsMut,
    moment: &Moment,
    account: &Addr,
    amount: u128,
    action: &str,
) -> Result<Response, Refusal> {
    moment.ensure_running(deps.as_ref())?;
    update_books(&mut deps, |books| books.receive(POOL_STAKES, amount))?;
    let stake = Account::of(deps.api, account)?;
    let counted = add_stake(deps.storage, moment, &stake, amount)?;
    let event = EVENTS
        .emit(deps.storage, "pool_deposited", moment.epoch)?
        .add_attribute("account", account)
        .add_attribute("amount", amount.to_string())
        .add_attribute("from_epoch", moment.epoch.next().to_string())
        .add_attribute("stake", counted.stake.to_string())
        .add_attribute("total", counted.total.to_string())
        .add_attributes((action == "deposit_pool_for").then_some(("compounded", "true")));
    Ok(Response::new()
        .add_attribute("action", action)
        .add_event(event))
}

/// Takes QST out of the pool: it counts to the end of the running epoch, then unbonds in a lot.
pub fn unbond_pool(
    mut deps: DepsMut,
    moment: &Moment,
    account: &Addr,
    amount: Uint128,
) -> Result<Response, Refusal> {
    let amount = nonzero(amount)?;
    let until = moment.epoch.next();
    let staker = Account::of(deps.api, account)?;
    let have = load_stake(deps.storage, &staker)?;
    if amount > have {
        return Err(ContractError::InsufficientPoolStake {
            account: account.clone(),
            have,
            need: amount,
            epoch: until,
        }
        .into());
    }
    let counted = subtract_stake(deps.storage, until, &staker, amount)?;
    update_books(&mut deps, |books| {
        books.shift(POOL_STAKES, LOT_AMOUNTS, amount)
    })?;
    let unbonding = moment.params(deps.storage)?.unbonding_period;
    let lot = Lot {
        amount,
        release: moment.boundary().saturating_add(unbonding),
        until,
        key: None,
    };
    let number = add_lot(deps.storage, &staker, &lot)?;
    let event = EVENTS
        .emit(deps.storage, "pool_leaving", moment.epoch)?
        .add_attribute("account", account)
        .add_attribute("amount", amount.to_string())
        .add_attribute("until_epoch", until.to_string())
        .add_attribute("lot", number.to_string())
        .add_attribute("release", nanoseconds(lot.release))
        .add_attribute("stake", counted.stake.to_string())
        .add_attribute("total", counted.total.to_string());
    Ok(Response::new()
        .add_attribute("action", "unbond_pool")
        .add_event(event))
}

/// What counts in the pool from an epoch on.
pub struct Counted {
    /// The account's.
    pub stake: u128,
    /// All.
    pub total: u128,
}

/// Adds to what an account has in the pool from the next epoch on.
pub fn add_stake(
    storage: &mut dyn Storage,
    moment: &Moment,
    account: &Account,
    amount: u128,
) -> StdResult<Counted> {
    change(storage, moment.epoch.next(), account, |stake| {
        stake.checked_add(amount)
    })
}

fn subtract_stake(
    storage: &mut dyn Storage,
    from: Epoch,
    account: &Account,
    amount: u128,
) -> StdResult<Counted> {
    change(storage, from, account, |stake| stake.checked_sub(amount))
}

fn change(
    storage: &mut dyn Storage,
    from: Epoch,
    account: &Account,
    change: impl Fn(u128) -> Option<u128>,
) -> StdResult<Counted> {
    let overflow = || fault("pool stake overflow");
    let stake = change(load_stake(storage, account)?).ok_or_else(overflow)?;
    let total = change(load_total(storage)?).ok_or_else(overflow)?;
    POOL.set(storage, &account.key(), from, stake)?;
    POOL_TOTAL.set(storage, &[], from, total)?;
    Ok(Counted { stake, total })
}

/// What an account has in the pool from the next epoch on.
fn load_stake(storage: &dyn Storage, account: &Account) -> StdResult<u128> {
    let newest = POOL.newest(&Local(storage), &account.key())?;
    Ok(newest.map_or(0, |span| span.value))
}

fn load_total(storage: &dyn Storage) -> StdResult<u128> {
    let newest = POOL_TOTAL.newest(&Local(storage), &[])?;
    Ok(newest.map_or(0, |span| span.value))
}
