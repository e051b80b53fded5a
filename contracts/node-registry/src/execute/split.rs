//! Splitting every key, in one message of constant cost.

use cosmwasm_std::{Response, Storage};
use noderev_api::registry::raw::SUPPLY;
use noderev_api::registry::Params;
use noderev_components::{Epoch, KeyId, Split};
use noderev_economics::{check_split, EconomicsError};

use super::issue::{joined, minted};
use super::{Ctx, KEYS};
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;

/// Announces a split.
pub fn split(mut ctx: Ctx<'_>, factor: u32) -> Result<Response, Refusal> {
    let params = ctx.params()?;
    let split = plan(ctx.deps.storage, &ctx.now, &params, factor)?;
    let event = ctx
        .event("split")?
        .add_attribute("from_epoch", split.from.to_string())
        .add_attribute("factor", split.factor.to_string())
        .add_attribute("keys", split.keys.to_string())
        .add_attribute("grace", split.grace.to_string());
    let mut lineage = ctx.now.lineage;
    lineage.splits.push(split);
    SUPPLY.set_lineage(ctx.deps.storage, &lineage);
    Ok(Response::new()
        .add_attribute("action", "split")
        .add_event(event))
}

/// The split that would be announced now, or why none can be.
pub fn plan(
    storage: &dyn Storage,
    now: &Moment,
    params: &Params,
    factor: u32,
) -> Result<Split, Refusal> {
    if let Some(pending) = now.lineage.pending(now.epoch) {
        return Err(ContractError::SplitPending { from: pending.from }.into());
    }
    check_split(now.lineage.factor_at(now.epoch), factor)?;
    let keys = now.keys(storage)?;
    if keys == 0 {
        return Err(ContractError::NothingToSplit.into());
    }
    let from = first_epoch(now, params);
    if let Some(last) = now.lineage.grace_at(from) {
        let earliest = last.from.plus(last.grace);
        return Err(ContractError::SplitInGrace { from, earliest }.into());
    }
    Ok(Split {
        from,
        factor: u8::try_from(factor).map_err(|_| EconomicsError::SplitFactor { factor })?,
        keys,
        grace: params.split_grace,
    })
}

/// The first epoch after the notice, which is a whole epoch at least, so that nobody is surprised by
/// a split announced a moment before the boundary.
pub fn first_epoch(now: &Moment, params: &Params) -> Epoch {
    let clock = &now.config.clock;
    let notice = params.split_notice.max(clock.length);
    clock.boundary_after(now.block.time, notice)
}

/// Takes an announced split back, until the last epoch before it.
pub fn cancel(mut ctx: Ctx<'_>) -> Result<Response, Refusal> {
    let pending = ctx.now.lineage.pending(ctx.now.epoch);
    let from = pending.ok_or(ContractError::NoSplitPending)?.from;
    if from <= ctx.now.epoch.next() {
        return Err(ContractError::SplitIrrevocable { from }.into());
    }
    let event = ctx
        .event("split_cancelled")?
        .add_attribute("from_epoch", from.to_string());
    let mut lineage = ctx.now.lineage;
    lineage.splits.pop();
    SUPPLY.set_lineage(ctx.deps.storage, &lineage);
    Ok(Response::new()
        .add_attribute("action", "cancel_split")
        .add_event(event))
}

/// Emits the mint events of keys that a split has created.
pub fn announce(mut ctx: Ctx<'_>, ids: &[KeyId]) -> Result<Response, Refusal> {
    KEYS.ensure(ids)?;
    let registry = ctx.env.contract.address.clone();
    let (mut response, mut owners) = (Response::new(), vec![]);
    for id in ids {
        let held = ctx.held(*id)?;
        let (_, by_split) = ctx.now.lineage.birth(*id);
        if !by_split {
            return Err(ContractError::NotBornBySplit { key: *id }.into());
        }
        let owner = held.owner_addr.to_string();
        response = response.add_attributes(minted(registry.as_str(), &owner, *id));
        owners.push(owner);
    }
    let event = ctx
        .event("announced")?
        .add_attribute("keys", joined(ids.iter().map(ToString::to_string)))
        .add_attribute("owners", joined(owners.into_iter()));
    Ok(response.add_event(event))
}
