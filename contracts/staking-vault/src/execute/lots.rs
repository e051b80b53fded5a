//! Lots: QST on its way out, each with its own number and fixed release.

use cosmwasm_std::{Addr, Deps, DepsMut, Response};
use noderev_api::vault::raw::NODES;
use noderev_api::vault::MAX_BATCH;
use noderev_components::{
    fault, page_limit, Account, Batch, Denom, Epoch, KeyId, Lineage, StdResult,
};

use super::{listed, nodes, pool};
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{
    load_lots, may_load_lot, remove_lot, update_books, Lot, EVENTS, LOT_AMOUNTS, NODE_STAKES,
    POOL_STAKES,
};

/// Lots that a message names.
const LOTS: Batch = Batch::new("lot", "lots", MAX_BATCH);

/// Pays released lots of the sender: those named, or those of a page.
pub fn withdraw_lots(
    mut deps: DepsMut,
    moment: &Moment,
    owner: &Addr,
    numbers: Option<Vec<u64>>,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> Result<Response, Refusal> {
    let account = Account::of(deps.api, owner)?;
    let lots = match numbers {
        Some(_) if start_after.is_some() || limit.is_some() => {
            return Err(ContractError::NumbersAndPage.into())
        }
        Some(numbers) => named_lots(deps.as_ref(), moment, owner, &account, &numbers)?,
        None => released_page(deps.as_ref(), moment, &account, start_after, limit)?,
    };
    let amount = sum(&lots)?;
    for (number, _) in &lots {
        remove_lot(deps.storage, &account, *number);
    }
    update_books(&mut deps, |books| books.pay(LOT_AMOUNTS, amount))?;
    let event = EVENTS
        .emit(deps.storage, "lot_withdrawn", moment.epoch)?
        .add_attribute("account", owner)
        .add_attribute("lots", listed(lots.iter().map(|(number, _)| number)))
        .add_attribute("amounts", listed(lots.iter().map(|(_, lot)| lot.amount)))
        .add_attribute("amount", amount.to_string());
    let payment = Denom::Cw20(moment.config.qst.to_string()).transfer(owner, amount)?;
    Ok(Response::new()
        .add_message(payment)
        .add_attribute("action", "withdraw_lots")
        .add_event(event))
}

/// Lots by number, all of which must be there and released.
fn named_lots(
    deps: Deps,
    moment: &Moment,
    owner: &Addr,
    account: &Account,
    numbers: &[u64],
) -> Result<Vec<(u64, Lot)>, Refusal> {
    LOTS.ensure(numbers)?;
    let now = moment.now.seconds();
    let released = |number: &u64| {
        let lot = load_lot(deps, owner, account, *number)?;
        match lot.is_released(now) {
            true => Ok((*number, lot)),
            false => Err(ContractError::NotReleased {
                lot: *number,
                release: lot.release,
                now,
            }
            .into()),
        }
    };
    numbers.iter().map(released).collect()
}

/// The released lots of a page.
fn released_page(
    deps: Deps,
    moment: &Moment,
    account: &Account,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> Result<Vec<(u64, Lot)>, Refusal> {
    let now = moment.now.seconds();
    let mut lots = load_lots(deps.storage, account, start_after, page_limit(limit))?;
    let seen = lots.len();
    lots.retain(|(_, lot)| lot.is_released(now));
    match lots.is_empty() {
        true => Err(ContractError::NothingReleased { seen, now }.into()),
        false => Ok(lots),
    }
}

fn sum(lots: &[(u64, Lot)]) -> StdResult<u128> {
    lots.iter()
        .try_fold(0u128, |sum, (_, lot)| sum.checked_add(lot.amount))
        .ok_or_else(|| fault("lots overflow"))
}

fn load_lot(deps: Deps, owner: &Addr, account: &Account, number: u64) -> Result<Lot, Refusal> {
    let unknown = || ContractError::UnknownLot {
        account: owner.clone(),
        lot: number,
    };
    Ok(may_load_lot(deps.storage, account, number)?.ok_or_else(unknown)?)
}

/// Puts a lot back before its release, to count from the next epoch on. A lot asked for in the
/// running epoch has not left yet, so its stake goes on as if nothing had been.
pub fn cancel_lot(
    mut deps: DepsMut,
    moment: &Moment,
    owner: &Addr,
    number: u64,
) -> Result<Response, Refusal> {
    moment.ensure_running(deps.as_ref())?;
    let account = Account::of(deps.api, owner)?;
    let lot = load_lot(deps.as_ref(), owner, &account, number)?;
    let now = moment.now.seconds();
    if lot.is_released(now) {
        return Err(ContractError::AlreadyReleased {
            lot: number,
            release: lot.release,
            now,
        }
        .into());
    }
    remove_lot(deps.storage, &account, number);
    let counts_from = match lot.key {
        Some(key) => restake_node(&mut deps, moment, owner, number, &lot, key)?,
        None => restake_pool(&mut deps, moment, &account, &lot)?,
    };
    let event = EVENTS
        .emit(deps.storage, "lot_cancelled", moment.epoch)?
        .add_attribute("account", owner)
        .add_attribute("lot", number.to_string())
        .add_attribute("amount", lot.amount.to_string())
        .add_attribute("kind", if lot.key.is_some() { "node" } else { "pool" })
        .add_attributes(lot.key.map(|key| ("key", key.to_string())))
        .add_attribute("from_epoch", moment.epoch.next().to_string())
        .add_attribute("counts_from", counts_from.to_string());
    Ok(Response::new()
        .add_attribute("action", "cancel_lot")
        .add_event(event))
}

fn restake_pool(
    deps: &mut DepsMut,
    moment: &Moment,
    account: &Account,
    lot: &Lot,
) -> Result<Epoch, Refusal> {
    update_books(deps, |books| {
        books.shift(LOT_AMOUNTS, POOL_STAKES, lot.amount)
    })?;
    pool::add_stake(deps.storage, moment, account, lot.amount)?;
    Ok(moment.epoch.next())
}

fn restake_node(
    deps: &mut DepsMut,
    moment: &Moment,
    owner: &Addr,
    number: u64,
    lot: &Lot,
    key: KeyId,
) -> Result<Epoch, Refusal> {
    let lineage = moment.lineage(deps.querier)?;
    nodes::check_unstaked(deps.as_ref(), moment, &lineage, owner, key)?;
    check_requirement(moment, &lineage, number, lot, key)?;
    update_books(deps, |books| {
        books.shift(LOT_AMOUNTS, NODE_STAKES, lot.amount)
    })?;
    let stake = match lot.until > moment.epoch {
        true => NODES.resume(deps.storage, &lineage, moment.epoch, key)?,
        false => NODES.toggle(deps.storage, &lineage, moment.epoch, key)?,
    };
    Ok(stake.from)
}

fn check_requirement(
    moment: &Moment,
    lineage: &Lineage,
    number: u64,
    lot: &Lot,
    key: KeyId,
) -> Result<(), Refusal> {
    let need = lineage.requirement_at(moment.epoch);
    match lot.amount == need {
        true => Ok(()),
        false => Err(ContractError::RequirementChanged {
            lot: number,
            key,
            have: lot.amount,
            need,
        }
        .into()),
    }
}
