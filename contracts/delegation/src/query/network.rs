//! The network at a glance, closed epochs, and injections.

use cosmwasm_std::Uint128;
use noderev_api::common::{DepositInfo, DepositsResponse, EpochStep};
use noderev_api::delegation::{EpochInfo, EpochsResponse, NetworkResponse};
use noderev_components::{each, page_limit, Epoch, Local, OpenEpoch, StdResult};
use noderev_economics::PoolSplit;

use super::evidence::bits;
use super::{admin, at, Context};
use crate::error::Refusal;
use crate::execute::claim::Chart;
use crate::pool::{scheduled, shared};
use crate::state::{
    load_counts, load_sum, load_summary, mint_owed, Summary, DEPOSITS, EVIDENCE, PARAMS, TOTAL,
};

pub fn network(c: &Context) -> Result<NetworkResponse, Refusal> {
    let (storage, clock, epoch) = (c.deps.storage, c.moment.clock, c.moment.epoch);
    let next_close = c.closed()?;
    let last = last_closed(c)?;
    let last = last.map(|last| epoch_info(c, last.epoch, &last.summary));
    let (total, total_next) = c.now_and_next(&TOTAL, &[])?;
    let counts = load_counts(storage)?;
    let mint_owed = mint_owed(storage)?;
    // The sum holds what the token has refused so far, too.
    let minted = load_sum(storage, next_close)?.minted;
    Ok(NetworkResponse {
        epoch,
        start: at(clock.start_of(epoch)),
        end: at(clock.end_of(epoch)),
        next_close,
        step: step(c, next_close)?,
        total: total.unwrap_or(0).into(),
        total_next: total_next.unwrap_or(0).into(),
        delegations: counts.delegations,
        validators: counts.validators,
        seats: bits(c, epoch)?,
        mint: scheduled(&PARAMS.at(&Local(storage), epoch)?, epoch).into(),
        minted: minted.saturating_sub(mint_owed).into(),
        mint_owed: mint_owed.into(),
        last: last.transpose()?,
        paused: paused_names(c)?,
        as_of: c.as_of()?,
    })
}

fn paused_names(c: &Context) -> StdResult<Vec<String>> {
    let activities = admin::paused(c)?.activities.into_iter();
    let paused = activities.filter(|activity| activity.until.is_some());
    Ok(paused.map(|activity| activity.activity).collect())
}

/// Where an epoch stands.
pub fn step(c: &Context, epoch: Epoch) -> Result<EpochStep, Refusal> {
    if epoch < c.closed()? {
        return Ok(EpochStep::Closed {});
    }
    Ok(EpochStep::of(&open(c, epoch)?, &c.moment.clock))
}

/// An epoch that is not closed.
pub fn open(c: &Context, epoch: Epoch) -> Result<OpenEpoch, Refusal> {
    let (store, clock) = (Local(c.deps.storage), &c.moment.clock);
    let rules = PARAMS.at(&store, epoch)?.evidence;
    Ok(EVIDENCE.open(&store, clock, c.moment.now, epoch, rules, 0)?)
}

pub fn epochs(
    c: &Context,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> Result<EpochsResponse, Refusal> {
    let epochs = closed_page(c, start_after, page_limit(limit))?;
    Ok(EpochsResponse {
        epochs: each(epochs, |epoch| {
            epoch_info(c, epoch, &load_summary(c.deps.storage, epoch)?)
        })?,
        as_of: c.as_of()?,
    })
}

/// Closed epochs before `start_after`, newest first.
pub fn closed_page(c: &Context, start_after: Option<Epoch>, limit: usize) -> StdResult<Vec<Epoch>> {
    let progress = EVIDENCE.progress(&Local(c.deps.storage))?;
    Ok(progress.closed(c.moment.first, start_after, limit))
}

/// A closed epoch and what is stored of it.
pub struct ClosedEpoch {
    pub epoch: Epoch,
    pub summary: Summary,
}

/// The last closed epoch, by whose figures front ends judge delegations.
pub fn last_closed(c: &Context) -> StdResult<Option<ClosedEpoch>> {
    let last = closed_page(c, None, 1)?.pop();
    last.map(|epoch| {
        Ok(ClosedEpoch {
            epoch,
            summary: load_summary(c.deps.storage, epoch)?,
        })
    })
    .transpose()
}

/// A closed epoch on the wire.
pub fn epoch_info(c: &Context, epoch: Epoch, summary: &Summary) -> StdResult<EpochInfo> {
    let clock = c.moment.clock;
    let split = shared(summary)?;
    let of = |part: fn(&PoolSplit) -> u128| Uint128::new(split.as_ref().map_or(0, part));
    let kept = summary.injected.saturating_add(summary.carry_in);
    let pool = kept
        .saturating_add(summary.drip_in)
        .saturating_add(summary.mint);
    let (pool, drip_out) = match split {
        Some(_) => (pool, 0),
        None => (0, kept),
    };
    Ok(EpochInfo {
        epoch,
        start: at(clock.start_of(epoch)),
        end: at(clock.end_of(epoch)),
        closed: at(summary.closed_at),
        quorum: summary.quorum,
        total: summary.total.into(),
        slots: summary.slots,
        eligible: summary.eligible,
        captured: summary.captured,
        mint: summary.mint.into(),
        injected: summary.injected.into(),
        carry_in: summary.carry_in.into(),
        drip_in: summary.drip_in.into(),
        pool: pool.into(),
        per_slot: of(|split| split.per_slot),
        rewards: of(|split| split.rewards),
        minted: of(|split| split.minted),
        carry_out: of(|split| split.carry),
        drip_out: drip_out.into(),
        slot_size: summary.slot_size.into(),
        params_version: summary.params_version,
    })
}

pub fn injections(
    c: &Context,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<DepositsResponse> {
    let (token, limit) = (c.token()?, page_limit(limit));
    Ok(DepositsResponse {
        deposits: DepositInfo::page(&DEPOSITS, c.deps, &Chart(&token), start_after, limit)?,
        as_of: c.as_of()?,
    })
}
