//! Per-key totals at block starts: written page by page by whoever keeps the network, so that a
//! claim need not look further back than the running block.

use cosmwasm_std::{DepsMut, Response, Storage};
use noderev_components::{fault, Epoch, StdResult};

use crate::earnings::{block_start, Pay};
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{
    load_roll, load_row, load_summary, load_sums, load_totals, next_epoch, save_roll, save_totals,
    Roll, Sum, Totals, BLOCK, EVENTS, KEYS_PER_PAGE, KEYS_PER_TOTALS,
};

/// Writes the totals of one page of rows at the end of the oldest block that lacks them.
pub fn roll(deps: DepsMut, moment: &Moment) -> Result<Response, Refusal> {
    let roll = load_roll(deps.storage)?;
    let end = block_start(roll.block.saturating_add(1));
    let closed = next_epoch(deps.storage)?;
    if closed < end {
        return Err(ContractError::NothingToRoll {
            closed: closed.0,
            needed: end.0,
        }
        .into());
    }
    let last = Epoch(end.0.saturating_sub(1));
    let keys = load_summary(deps.storage, last)?.keys;
    roll_page(deps.storage, &roll, keys, moment.config.denom_count())?;

    let page = roll.page.saturating_add(1);
    let finished = page >= keys.div_ceil(KEYS_PER_PAGE);
    let next = match finished {
        true => Roll {
            block: roll.block.saturating_add(1),
            page: 0,
        },
        false => Roll {
            block: roll.block,
            page,
        },
    };
    save_roll(deps.storage, &next);
    let event = EVENTS
        .emit(deps.storage, "rolled", moment.epoch)?
        .add_attribute("block", roll.block.to_string())
        .add_attribute("page", roll.page.to_string())
        .add_attribute("block_finished", finished.to_string());
    Ok(Response::new()
        .add_attribute("action", "roll")
        .add_event(event))
}

pub fn roll_page(storage: &mut dyn Storage, roll: &Roll, keys: u32, denoms: u8) -> StdResult<()> {
    let first = roll.page.saturating_mul(KEYS_PER_PAGE);
    let count = keys.saturating_sub(first).min(KEYS_PER_PAGE);
    let earned = earned_in_block(storage, roll, count, denoms)?;
    let next = roll.block.saturating_add(1);
    for piece in 0..count.div_ceil(KEYS_PER_TOTALS) {
        let from = piece.saturating_mul(KEYS_PER_TOTALS);
        let page = first.saturating_add(from) / KEYS_PER_TOTALS;
        let mut totals = load_totals(storage, roll.block, page)?;
        totals.resize(denoms.into(), vec![]);
        let len = count.saturating_sub(from).min(KEYS_PER_TOTALS);
        for (keys, earned) in totals.iter_mut().zip(&earned) {
            keys.resize(len as usize, 0);
            for (total, more) in keys.iter_mut().zip(earned.iter().skip(from as usize)) {
                let sum = total.checked_add(*more);
                *total = sum.ok_or_else(|| fault("total overflow"))?;
            }
        }
        save_totals(storage, next, page, &totals);
    }
    Ok(())
}

/// What each key of a page of rows earned in a block, by currency number.
fn earned_in_block(
    storage: &dyn Storage,
    roll: &Roll,
    count: u32,
    denoms: u8,
) -> StdResult<Totals> {
    let mut earned = vec![vec![0u128; count as usize]; denoms.into()];
    let start = block_start(roll.block);
    let mut before = load_sums(storage, start)?;
    for epoch in (0..BLOCK).map(|offset| start.plus(offset)) {
        let row = load_row(storage, epoch, roll.page)?;
        let after = load_sums(storage, epoch.next())?;
        for (denom, keys) in (0u8..).zip(earned.iter_mut()) {
            let rate = |pay| rate(&before, &after, denom, pay);
            let (staked, unstaked) = (rate(Pay::Staked), rate(Pay::Unstaked));
            if staked == 0 && unstaked == 0 {
                continue;
            }
            for (bit, key) in (0u32..).zip(keys.iter_mut()) {
                *key = key.saturating_add(match row.pay(bit) {
                    Pay::Nothing => 0,
                    Pay::Unstaked => unstaked,
                    Pay::Staked => staked,
                });
            }
        }
        before = after;
    }
    Ok(earned)
}

fn rate(before: &[Sum], after: &[Sum], denom: u8, pay: Pay) -> u128 {
    let of = |sums: &[Sum]| sums.get(usize::from(denom)).map_or(0, |sum| sum.of(pay));
    of(after).saturating_sub(of(before))
}
