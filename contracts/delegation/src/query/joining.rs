//! What joining a delegation would change.

use cosmwasm_std::{StdError, Uint128, Uint256};
use noderev_api::delegation::{DelegationId, JoinFigures, PreviewJoinResponse};
use noderev_components::{fault, Account, Packed, StdResult};
use noderev_economics::Bps;

use super::delegations::{missing_for_slot, Frame};
use super::evidence::eligible_of;
use super::Context;
use crate::error::{ContractError, Refusal};
use crate::execute::delegations::{check_joining, ensure_staking};
use crate::pool::shared;
use crate::stakes::{load_terms, newest_share, newest_weight, owner_of};
use crate::state::{load_account, Share, COMMISSIONS};

/// The Quintessence by which front ends compare delegations.
const THOUSAND: u128 = 1_000;

pub fn preview_join(
    c: &Context,
    id: DelegationId,
    quintessence: Uint128,
    account: Option<String>,
) -> Result<PreviewJoinResponse, Refusal> {
    load_terms(c.deps.storage, id)?;
    let account = account.map(|account| c.account(&account)).transpose()?;
    let (account, joining) = (account.as_ref(), quintessence.u128());
    let share = newest_share(c.deps.storage, id)?;
    let joined = joined(c, id, &share, account, joining)?;
    let rates = Rates::load(c, id)?;
    let (before, after) = (rates.figures(c, &share)?, rates.figures(c, &joined)?);
    Ok(PreviewJoinResponse {
        lowers: rates.lowers((&share, &before), (&joined, &after)),
        missing_for_slot: missing_for_slot(joined.total, rates.frame.slot_size_next).into(),
        before,
        after,
        refused: refused(c, id, account, joining)?,
        from: c.moment.next(),
        as_of: c.as_of()?,
    })
}

/// A delegation after somebody has joined. Its owner may restore his own part by it.
fn joined(
    c: &Context,
    id: DelegationId,
    share: &Share,
    account: Option<&Account>,
    joining: u128,
) -> Result<Share, Refusal> {
    let terms = load_terms(c.deps.storage, id)?;
    let mut joined = Share {
        total: share.total.saturating_add(joining),
        ..*share
    };
    let owner = owner_of(c.deps.storage, id)?;
    if account == Some(&owner) {
        let own = newest_weight(c.deps.storage, id, &owner)?;
        if own.saturating_add(joining) >= terms.own_required {
            joined.short_since = None;
        }
    }
    Ok(joined)
}

/// What a delegation's reward depends on, beside its Quintessence.
struct Rates {
    frame: Frame,
    /// What a captured slot earned in the last closed epoch.
    per_slot: u128,
    /// Validators that were eligible in it.
    eligible: u16,
    /// The owner's commission in the next epoch, unless his part is short.
    commission: Bps,
}

impl Rates {
    fn load(c: &Context, id: DelegationId) -> Result<Self, Refusal> {
        let frame = Frame::load(c)?;
        let (per_slot, eligible) = match &frame.last {
            None => (0, 0),
            Some(last) => {
                let split = shared(&last.summary)?;
                let per_slot = split.map_or(0, |split| split.per_slot);
                (per_slot, eligible_of(c, id, last.epoch)?)
            }
        };
        let commission = COMMISSIONS.at(c.deps.storage, &id.to_packed(), c.moment.next())?;
        Ok(Self {
            frame,
            per_slot,
            eligible,
            commission: Bps::new(commission.unwrap_or(0))?,
        })
    }

    fn figures(&self, c: &Context, share: &Share) -> StdResult<JoinFigures> {
        let slots = share.slots_in(c.moment.next(), self.frame.slot_size_next);
        let captured = slots.min(self.eligible);
        let reward = self.per_slot.saturating_mul(captured.into());
        let commission = share.commission(self.commission);
        let per_thousand = per_thousand(reward, commission, share.total)?;
        Ok(JoinFigures {
            total: share.total.into(),
            slots,
            captured,
            reward: reward.into(),
            per_thousand: per_thousand.into(),
        })
    }

    /// Whether one unit of Quintessence earns less after than before, compared without rounding.
    fn lowers(&self, before: (&Share, &JoinFigures), after: (&Share, &JoinFigures)) -> bool {
        let shared = |(share, figures): (&Share, &JoinFigures)| {
            let parts = shared_parts(share.commission(self.commission));
            figures.reward.full_mul(parts)
        };
        let (less, more) = (shared(after), shared(before));
        less.full_mul(before.0.total) < more.full_mul(after.0.total)
    }
}

/// What the members share of 10,000 parts.
fn shared_parts(commission: Bps) -> u16 {
    Bps::FULL.get().saturating_sub(commission.get())
}

/// `reward * (10,000 - commission) / 10,000 * 1,000 / total`, rounded down at the end only.
fn per_thousand(reward: u128, commission: Bps, total: u128) -> StdResult<u128> {
    if total == 0 {
        return Ok(0);
    }
    let parts = Uint256::from(THOUSAND)
        .checked_mul(shared_parts(commission).into())
        .map_err(StdError::from)?;
    let whole = Uint128::from(total).full_mul(Bps::FULL.get());
    let earned = Uint256::from(reward)
        .checked_mul(parts)
        .map_err(StdError::from)?
        .checked_div(whole);
    let earned = earned.map_err(|error| fault(error.to_string()))?;
    Ok(Uint128::try_from(earned).map_err(StdError::from)?.u128())
}

/// Why joining would be refused now.
fn refused(
    c: &Context,
    id: DelegationId,
    account: Option<&Account>,
    joining: u128,
) -> Result<Option<String>, Refusal> {
    let storage = c.deps.storage;
    let stake = account.map(|account| load_account(storage, account));
    let stake = stake.transpose()?;
    let joiner = account.zip(stake.as_ref());
    let allowed = ensure_staking(storage, &c.moment)
        .and_then(|()| check_joining(storage, c.deps.api, id, joiner, joining));
    match allowed {
        Ok(()) => Ok(None),
        Err(error) if matches!(*error, ContractError::Std(_)) => Err(error),
        Err(error) => Ok(Some(error.to_string())),
    }
}
