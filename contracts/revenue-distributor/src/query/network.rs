//! The network at a glance, closed epochs, deposits, and what-if.

use cosmwasm_std::Uint128;
use noderev_api::common::{DepositInfo, DepositsResponse, EpochStep};
use noderev_api::distributor::{
    Activity, EpochInfo, EpochMoney, EpochsResponse, NetworkResponse, SimulateResponse,
};
use noderev_components::{fault, page_limit, ChartOfAccounts, Epoch, Local, StdResult};
use noderev_economics::{
    funding_bps, mul_div_floor, network_share_ceil, split_pot, EpochFacts, PotSplit,
};

use super::{at, Context};
use crate::chain::Chain;
use crate::error::Refusal;
use crate::execute::evidence::open_epoch;
use crate::shares::{share_rules, ClosedEpoch};
use crate::state::{next_epoch, DEPOSITS, EVIDENCE, PARAMS, PAUSES};

pub fn network(c: &Context) -> Result<NetworkResponse, Refusal> {
    let (clock, epoch) = (c.moment.config.clock, c.moment.epoch);
    let chain = Chain::new(c.deps.querier, &c.moment.config);
    let lineage = chain.lineage()?;
    let next_close = next_epoch(c.deps.storage)?;
    let last = next_close
        .prev()
        .filter(|last| *last >= c.moment.config.first)
        .map(|last| epoch_info(c, last))
        .transpose()?;
    let funding = last.as_ref().and_then(|last| {
        funding_bps(
            last.pool_stake.u128(),
            last.unstaked,
            last.requirement.u128(),
        )
    });
    let paused = PAUSES.until(&Local(c.deps.storage), Activity::Deposits, c.moment.now)?;
    Ok(NetworkResponse {
        epoch,
        start: at(clock.start_of(epoch)),
        end: at(clock.end_of(epoch)),
        next_close,
        step: step(c, next_close)?,
        issued: chain.keys_at(&lineage, epoch)?,
        cap: lineage.cap_at(epoch),
        factor: lineage.factor_at(epoch),
        requirement: lineage.requirement_at(epoch).into(),
        last,
        funding: funding.map(Into::into),
        paused: paused.is_some(),
        as_of: c.as_of()?,
    })
}

/// Where an epoch stands.
pub fn step(c: &Context, epoch: Epoch) -> Result<EpochStep, Refusal> {
    if epoch < next_epoch(c.deps.storage)? {
        return Ok(EpochStep::Closed {});
    }
    let (open, _) = open_epoch(c.deps, &c.moment, epoch)?;
    Ok(EpochStep::of(&open, &c.moment.config.clock))
}

pub fn epochs(
    c: &Context,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> Result<EpochsResponse, Refusal> {
    let epochs = closed_page(c, start_after, page_limit(limit))?;
    let epochs = epochs
        .into_iter()
        .map(|epoch| epoch_info(c, epoch))
        .collect::<StdResult<_>>()?;
    Ok(EpochsResponse {
        epochs,
        as_of: c.as_of()?,
    })
}

/// Closed epochs before `start_after`, newest first.
pub fn closed_page(c: &Context, start_after: Option<Epoch>, limit: usize) -> StdResult<Vec<Epoch>> {
    let progress = EVIDENCE.progress(&Local(c.deps.storage))?;
    Ok(progress.closed(c.moment.config.first, start_after, limit))
}

/// A closed epoch.
pub fn epoch_info(c: &Context, epoch: Epoch) -> StdResult<EpochInfo> {
    let clock = c.moment.config.clock;
    let closed = ClosedEpoch::load(c.deps.storage, epoch)?;
    let money = (0..closed.denoms()).map(|index| epoch_money(c, &closed, index));
    let summary = &closed.summary;
    Ok(EpochInfo {
        epoch,
        start: at(clock.start_of(epoch)),
        end: at(clock.end_of(epoch)),
        closed: at(summary.closed_at),
        keys: summary.keys,
        quorum: summary.quorum,
        running: summary.running,
        held: summary.held,
        unstaked: summary.unstaked,
        pool_stake: summary.pool_stake.into(),
        requirement: summary.requirement.into(),
        params_version: summary.params_version,
        money: money.collect::<StdResult<_>>()?,
    })
}

fn epoch_money(c: &Context, closed: &ClosedEpoch, index: u8) -> StdResult<EpochMoney> {
    let money = closed.money(index)?;
    let split = money.split.as_ref();
    let of = |part: fn(&PotSplit) -> u128| Uint128::new(split.map_or(0, part));
    let held = split.map_or(0, |split| {
        split.held_rate().saturating_mul(closed.facts.held.into())
    });
    let drip_out = match split {
        Some(_) => 0,
        None => money.network.saturating_add(money.inflow.carry_in),
    };
    Ok(EpochMoney {
        denom: c.moment.config.denom(index),
        revenue: money.inflow.revenue.into(),
        network: money.network.into(),
        treasury: money.treasury.into(),
        carry_in: money.inflow.carry_in.into(),
        drip_in: money.inflow.drip_in.into(),
        pot: money.pot.into(),
        per_node: of(|split| split.per_node),
        unstaked: of(|split| split.unstaked),
        remainder: of(|split| split.remainder),
        staked_rate: of(PotSplit::staked_rate),
        unstaked_rate: of(PotSplit::unstaked_rate),
        pool: of(|split| split.pool),
        held: held.into(),
        carry_out: of(|split| split.carry),
        drip_out: drip_out.into(),
    })
}

/// Figures of an epoch that might be.
pub struct WhatIf {
    pub running: u32,
    pub unstaked: u32,
    pub pool_stake: Uint128,
    pub my_stake: Uint128,
}

pub fn simulate(
    c: &Context,
    revenue: Uint128,
    what_if: &WhatIf,
) -> Result<SimulateResponse, Refusal> {
    let epoch = c.moment.epoch;
    let params = PARAMS.at(&Local(c.deps.storage), epoch)?;
    let lineage = Chain::new(c.deps.querier, &c.moment.config).lineage()?;
    let network = network_share_ceil(revenue.u128(), params.network_share);
    let facts = EpochFacts {
        running: what_if.running,
        held: 0,
        unstaked: what_if.unstaked,
        pool_stake: what_if.pool_stake.u128(),
        requirement: lineage.requirement_at(epoch),
    };
    let split = split_pot(network, &facts, &share_rules(&params))?;
    let mine = match facts.pool_stake {
        0 => 0,
        stake => mul_div_floor(split.pool, what_if.my_stake.u128().min(stake), stake)
            .map_err(|error| fault(error.to_string()))?,
    };
    Ok(SimulateResponse {
        network: network.into(),
        per_node: split.per_node.into(),
        staked: split.staked_rate().into(),
        unstaked: split.unstaked_rate().into(),
        pool: split.pool.into(),
        mine: mine.into(),
        carry: split.carry.into(),
    })
}

pub fn deposits(
    c: &Context,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<DepositsResponse> {
    let limit = page_limit(limit);
    let deposits = DepositInfo::page(&DEPOSITS, c.deps, &c.moment.config, start_after, limit)?;
    Ok(DepositsResponse {
        deposits,
        as_of: c.as_of()?,
    })
}
