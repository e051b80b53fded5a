//! What delegations and their members earned, epoch by epoch, and why.

use cosmwasm_std::{Decimal256, StdError, Uint128, Uint256};
use noderev_api::delegation::{
    DelegationEpoch, DelegationId, EpochInfo, ExplainResponse, HistoryResponse, Reason,
};
use noderev_components::{
    each, fault, not_found, page_limit, Account, Epoch, Local, Packed, StdResult,
};
use noderev_economics::{accrue, Bps, DelegationIndex};

use super::evidence::eligible_of;
use super::network::epoch_info;
use super::Context;
use crate::error::Refusal;
use crate::pool::shared;
use crate::settlement::{Settler, Stretch};
use crate::stakes::load_terms;
use crate::state::{load_summary, weight_id, Summary, OWNERS, PARAMS, SHARES, WEIGHTS};

/// Epochs over which front ends compare delegations.
const RECENT_EPOCHS: usize = 30;
/// The Quintessence by which they do.
const THOUSAND: u128 = 1_000;
/// Decimals of an index.
const DECIMALS: u32 = 18;

/// A delegation in a closed epoch.
struct Earned {
    epoch: Epoch,
    stretch: Stretch,
    before: DelegationIndex,
    after: DelegationIndex,
}

impl Earned {
    /// What one unit of Quintessence earned, in 10^-18 units.
    fn rate(&self) -> StdResult<Uint256> {
        let (before, after) = (self.before.members.index, self.after.members.index);
        Ok(after.checked_sub(before).map_err(StdError::from)?)
    }

    /// What the owner earned by commission, in 10^-18 units.
    fn commission(&self) -> StdResult<Uint256> {
        Ok(self
            .after
            .commission
            .checked_sub(self.before.commission)
            .map_err(StdError::from)?)
    }
}

/// What a delegation earned in closed epochs from one up to, not including, another, oldest first.
/// It existed in the first. Every epoch goes on from the one before.
fn earnings(
    c: &Context,
    id: DelegationId,
    from: Epoch,
    until: Epoch,
) -> Result<Vec<Earned>, Refusal> {
    let mut earned = vec![];
    if from >= until {
        return Ok(earned);
    }
    let mut settler = Settler::new(c.deps.storage)?;
    let mut at = settler.index_before(id, from)?;
    let mut stretch = settler.stretch(id, from)?;
    while at.epoch < until {
        if stretch.until <= at.epoch {
            stretch = settler.stretch(id, at.epoch)?;
        }
        let after = settler.advanced(&at, &stretch, at.epoch.next())?;
        earned.push(Earned {
            epoch: at.epoch,
            stretch,
            before: at.index,
            after: after.index,
        });
        at = after;
    }
    Ok(earned)
}

/// The last closed epochs before `before` in which a delegation existed: the first of them, and the
/// first after them.
fn closed_range(
    c: &Context,
    id: DelegationId,
    before: Option<Epoch>,
    limit: usize,
) -> StdResult<(Epoch, Epoch)> {
    let closed = c.closed()?;
    let until = before.map_or(closed, |before| before.min(closed));
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    let first = SHARES.first(c.deps.storage, &id.to_packed())?;
    let from = first.map_or(until, |first| {
        first.max(Epoch(until.0.saturating_sub(limit)))
    });
    Ok((from, until))
}

/// What 1,000 Quintessence earned in each of the last closed epochs, newest first, and in all of
/// them together.
pub fn recent(c: &Context, id: DelegationId) -> Result<(Vec<u128>, u128), Refusal> {
    let (from, until) = closed_range(c, id, None, RECENT_EPOCHS)?;
    let earned = earnings(c, id, from, until)?;
    let between = |before: &Earned, after: &Earned| -> Result<u128, Refusal> {
        let (from, to) = (before.before.members.index, after.after.members.index);
        Ok(accrue(THOUSAND, from, to, 0)?.0)
    };
    let by_epoch = each(earned.iter().rev(), |earned| between(earned, earned))?;
    let sum = match (earned.first(), earned.last()) {
        (Some(first), Some(last)) => between(first, last)?,
        _ => 0,
    };
    Ok((by_epoch, sum))
}

pub fn history(
    c: &Context,
    id: DelegationId,
    member: Option<String>,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> Result<HistoryResponse, Refusal> {
    load_terms(c.deps.storage, id)?;
    let member = member.map(|member| c.account(&member)).transpose()?;
    let (from, until) = closed_range(c, id, start_after, page_limit(limit))?;
    let earned = earnings(c, id, from, until)?;
    let epochs = each(earned.iter().rev(), |earned| {
        let summary = load_summary(c.deps.storage, earned.epoch)?;
        delegation_epoch(c, id, member.as_ref(), earned, &summary)
    })?;
    Ok(HistoryResponse {
        epochs,
        as_of: c.as_of()?,
    })
}

/// A delegation in an epoch in which nothing was earned, or it is not known what.
fn unpaid(epoch: Epoch, reason: Reason) -> DelegationEpoch {
    DelegationEpoch {
        epoch,
        reason,
        owner: None,
        total: Uint128::zero(),
        slots: 0,
        eligible: None,
        captured: 0,
        reward: Uint128::zero(),
        commission: Bps::ZERO,
        commission_exact: Uint256::zero(),
        rate: Uint256::zero(),
        per_thousand: Uint128::zero(),
        member: Uint128::zero(),
        mine: Uint128::zero(),
    }
}

/// What a delegation was like in an epoch, and whose it and the member's part were.
fn standing(
    c: &Context,
    id: DelegationId,
    member: Option<&Account>,
    epoch: Epoch,
    stretch: &Stretch,
    reason: Reason,
) -> StdResult<DelegationEpoch> {
    let storage = c.deps.storage;
    let owner = OWNERS.at(storage, &id.to_packed(), epoch)?;
    let weight = match member {
        Some(member) => WEIGHTS.at(storage, &weight_id(id, member), epoch)?,
        None => None,
    };
    Ok(DelegationEpoch {
        owner: owner.map(|owner| owner.human(c.deps.api)).transpose()?,
        total: stretch.share.total.into(),
        commission: stretch.commission,
        member: weight.unwrap_or(0).into(),
        ..unpaid(epoch, reason)
    })
}

fn delegation_epoch(
    c: &Context,
    id: DelegationId,
    member: Option<&Account>,
    earned: &Earned,
    summary: &Summary,
) -> Result<DelegationEpoch, Refusal> {
    let reason = reason(earned, summary);
    let known = standing(c, id, member, earned.epoch, &earned.stretch, reason)?;
    // What a delegation would capture stays as it was in epochs in which nobody captures.
    let captured = match reason {
        Reason::Captured => earned.stretch.captured,
        _ => 0,
    };
    let per_slot = shared(summary)?.map_or(0, |split| split.per_slot);
    let rate = earned.rate()?;
    let whole = |weight: u128| accrue(weight, Uint256::zero(), rate, 0);
    Ok(DelegationEpoch {
        slots: slots(earned, summary),
        captured,
        reward: per_slot.saturating_mul(captured.into()).into(),
        commission_exact: earned.commission()?,
        rate,
        per_thousand: whole(THOUSAND)?.0.into(),
        mine: whole(known.member.u128())?.0.into(),
        ..known
    })
}

fn slots(earned: &Earned, summary: &Summary) -> u16 {
    let share = &earned.stretch.share;
    share.slots_in(earned.epoch, summary.slot_size)
}

fn reason(earned: &Earned, summary: &Summary) -> Reason {
    let dormant_from = earned.stretch.share.dormant_from();
    if !summary.quorum || summary.total == 0 {
        Reason::NoQuorum
    } else if dormant_from.is_some_and(|from| from <= earned.epoch) {
        Reason::Dormant
    } else if slots(earned, summary) == 0 {
        Reason::NoSlots
    } else if earned.stretch.captured == 0 {
        Reason::NoValidators
    } else {
        Reason::Captured
    }
}

pub fn explain(
    c: &Context,
    id: DelegationId,
    member: &str,
    epoch: Epoch,
) -> Result<ExplainResponse, Refusal> {
    load_terms(c.deps.storage, id)?;
    let member = c.account(member)?;
    let closed = epoch >= c.moment.first && epoch < c.closed()?;
    let network = match closed {
        true => Some(epoch_info(c, epoch, &load_summary(c.deps.storage, epoch)?)?),
        false => None,
    };
    let figures = figures(c, id, &member, epoch, closed)?;
    let weight = Uint256::from(figures.member);
    let owned = OWNERS.at(c.deps.storage, &id.to_packed(), epoch)?;
    let commission_exact = match owned == Some(member) {
        true => figures.commission_exact,
        false => Uint256::zero(),
    };
    Ok(ExplainResponse {
        member_exact: figures.rate.checked_mul(weight).map_err(StdError::from)?,
        commission_exact,
        steps: steps(&figures, network.as_ref(), commission_exact)?,
        figures,
        network,
        as_of: c.as_of()?,
    })
}

/// A delegation and a member's part in any epoch.
fn figures(
    c: &Context,
    id: DelegationId,
    member: &Account,
    epoch: Epoch,
    closed: bool,
) -> Result<DelegationEpoch, Refusal> {
    if SHARES.at(c.deps.storage, &id.to_packed(), epoch)?.is_none() {
        return Ok(unpaid(epoch, Reason::NotCreated));
    }
    if !closed {
        return Ok(expected(c, id, member, epoch)?);
    }
    let earned = earnings(c, id, epoch, epoch.next())?.pop();
    let earned = earned.ok_or_else(|| not_found("epoch of a delegation"))?;
    let summary = load_summary(c.deps.storage, epoch)?;
    let figures = delegation_epoch(c, id, Some(member), &earned, &summary)?;
    Ok(DelegationEpoch {
        eligible: Some(eligible_of(c, id, epoch)?),
        ..figures
    })
}

/// A delegation and a member's part in an epoch that is not closed, as far as known now.
fn expected(
    c: &Context,
    id: DelegationId,
    member: &Account,
    epoch: Epoch,
) -> StdResult<DelegationEpoch> {
    let stretch = Settler::new(c.deps.storage)?.stretch(id, epoch)?;
    let params = PARAMS.at(&Local(c.deps.storage), epoch)?;
    let slots = stretch.share.slots_in(epoch, params.slot_size.u128());
    let known = standing(c, id, Some(member), epoch, &stretch, Reason::NotClosed)?;
    Ok(DelegationEpoch { slots, ..known })
}

/// The way from the pool to the amount, one sentence a step.
fn steps(
    figures: &DelegationEpoch,
    network: Option<&EpochInfo>,
    commission: Uint256,
) -> StdResult<Vec<String>> {
    let Some(network) = network else {
        let why = match figures.reason {
            Reason::NotCreated => "the delegation did not exist",
            _ => "the epoch is not closed: nothing is earned yet",
        };
        return Ok(vec![why.to_string()]);
    };
    let mut steps = vec![pool_step(network), delegation_step(figures, network)];
    if figures.reason == Reason::Captured {
        steps.extend(shared_steps(figures)?);
        if !commission.is_zero() {
            let units = decimal(commission)?;
            steps.push(format!(
                "as the owner the member earned {units} by commission, too"
            ));
        }
    }
    Ok(steps)
}

fn pool_step(network: &EpochInfo) -> String {
    if !network.quorum || network.total.is_zero() {
        return format!(
            "too few attesters reported or nobody had staked: nothing is minted; injected {} and \
             carry {} drip into later pools",
            network.injected, network.carry_in
        );
    }
    format!(
        "pool = mint {} + injected {} + carry {} + drip {} = {}; all Quintessence = {}; a captured \
         slot earns floor({} * {} / {}) = {}",
        network.mint,
        network.injected,
        network.carry_in,
        network.drip_in,
        network.pool,
        network.total,
        network.pool,
        network.slot_size,
        network.total,
        network.per_slot
    )
}

fn delegation_step(figures: &DelegationEpoch, network: &EpochInfo) -> String {
    let (total, slots, size) = (figures.total, figures.slots, network.slot_size);
    let eligible = figures.eligible.unwrap_or(0);
    match figures.reason {
        Reason::NotCreated => "the delegation did not exist".to_string(),
        Reason::NotClosed => "the epoch is not closed".to_string(),
        Reason::NoQuorum => "nobody is paid, whatever the delegation had".to_string(),
        Reason::Dormant => {
            "the owner's own part was short for seven epochs: no slots, nothing".to_string()
        }
        Reason::NoSlots => {
            format!("floor({total} Quintessence / {size}) = 0 slots: nothing")
        }
        Reason::NoValidators => format!(
            "floor({total} Quintessence / {size}) = {slots} slots, but none of the delegation's \
             validators was eligible: nothing"
        ),
        Reason::Captured => format!(
            "floor({total} Quintessence / {size}) = {slots} slots, {eligible} eligible validators: \
             {} slots captured; reward = {} * {} = {}",
            figures.captured, figures.captured, network.per_slot, figures.reward
        ),
    }
}

fn shared_steps(figures: &DelegationEpoch) -> StdResult<[String; 2]> {
    let commission = decimal(figures.commission_exact)?;
    let rate = decimal(figures.rate)?;
    let exact = Uint256::from(figures.member)
        .checked_mul(figures.rate)
        .map_err(StdError::from)?;
    Ok([
        format!(
            "commission = {} of 10000 parts of {} = {commission}; the rest, with what did not \
             divide before, / {} Quintessence = {rate} each",
            figures.commission.get(),
            figures.reward,
            figures.total
        ),
        format!(
            "the member's {} Quintessence * {rate} = {}: {} whole units, the fraction is kept and \
             joins later rewards",
            figures.member,
            decimal(exact)?,
            figures.mine
        ),
    ])
}

/// 10^-18 units as units.
fn decimal(parts: Uint256) -> StdResult<Decimal256> {
    Decimal256::from_atomics(parts, DECIMALS).map_err(|error| fault(error.to_string()))
}
