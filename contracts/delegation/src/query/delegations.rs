//! Delegations, with everything that a front end shows of them.

use noderev_api::delegation::{
    CommissionChange, DelegationId, DelegationInfo, DelegationResponse, DelegationsResponse,
    Standing,
};
use noderev_components::{each, page_limit, Account, Packed, StdResult};
use noderev_economics::{max_validators, Bps};

use super::evidence::eligible_of;
use super::history::recent;
use super::network::{last_closed, ClosedEpoch};
use super::Context;
use crate::error::Refusal;
use crate::stakes::{load_terms, owner_of};
use crate::state::{
    load_counts, load_metadata, weight_id, Share, Terms, CAPTURES, COMMISSIONS, SHARES, SLOT_SIZES,
    WEIGHTS,
};

pub fn delegations(
    c: &Context,
    start_after: Option<DelegationId>,
    limit: Option<u32>,
) -> Result<DelegationsResponse, Refusal> {
    let frame = Frame::load(c)?;
    let first = start_after.map_or(1, |after| after.0.saturating_add(1));
    let last = load_counts(c.deps.storage)?.delegations;
    let page = (first..=last).take(page_limit(limit));
    Ok(DelegationsResponse {
        delegations: each(page, |id| View::load(c, DelegationId(id))?.info(c, &frame))?,
        as_of: c.as_of()?,
    })
}

/// What delegations are measured by.
pub struct Frame {
    /// Quintessence per slot in the running epoch.
    pub slot_size: u128,
    /// And in the next.
    pub slot_size_next: u128,
    pub last: Option<ClosedEpoch>,
}

impl Frame {
    pub fn load(c: &Context) -> StdResult<Self> {
        let (now, next) = c.now_and_next(&SLOT_SIZES, &[])?;
        Ok(Self {
            slot_size: now.unwrap_or(1),
            slot_size_next: next.unwrap_or(1),
            last: last_closed(c)?,
        })
    }
}

/// A delegation in the running epoch and in the next.
struct View {
    id: DelegationId,
    terms: Terms,
    owner: Account,
    now: Share,
    next: Share,
}

impl View {
    fn load(c: &Context, id: DelegationId) -> Result<Self, Refusal> {
        let terms = load_terms(c.deps.storage, id)?;
        let (now, next) = c.now_and_next(&SHARES, &id.to_packed())?;
        Ok(Self {
            id,
            terms,
            owner: owner_of(c.deps.storage, id)?,
            now: now.unwrap_or_default(),
            next: next.unwrap_or_default(),
        })
    }

    fn info(&self, c: &Context, frame: &Frame) -> Result<DelegationInfo, Refusal> {
        let (storage, epoch) = (c.deps.storage, c.moment.epoch);
        let set = COMMISSIONS.at(storage, &self.id.to_packed(), epoch)?;
        Ok(DelegationInfo {
            delegation: self.id,
            owner: self.owner.human(c.deps.api)?,
            name: load_metadata(storage, self.id)?.name,
            joining: self.terms.joining,
            minimum: self.terms.minimum.into(),
            commission: self.now.commission(Bps::new(set.unwrap_or(0))?),
            standing: self.standing(c),
            total: self.now.total.into(),
            total_next: self.next.total.into(),
            slots: self.now.slots_in(epoch, frame.slot_size),
            slots_next: self.slots_next(c, frame),
            captured: self.captured(c, frame.last.as_ref())?,
            validators: self.terms.validators,
        })
    }

    fn standing(&self, c: &Context) -> Standing {
        match self.now.dormant_from() {
            None => Standing::Active {},
            Some(from) if from <= c.moment.epoch => Standing::Dormant {},
            Some(dormant_from) => Standing::Short { dormant_from },
        }
    }

    fn slots_next(&self, c: &Context, frame: &Frame) -> u16 {
        self.next.slots_in(c.moment.next(), frame.slot_size_next)
    }

    /// Slots captured in the last closed epoch: without a quorum nobody captures.
    fn captured(&self, c: &Context, last: Option<&ClosedEpoch>) -> StdResult<u16> {
        let Some(last) = last.filter(|last| last.summary.quorum) else {
            return Ok(0);
        };
        let captured = CAPTURES.at(c.deps.storage, &self.id.to_packed(), last.epoch)?;
        Ok(captured.unwrap_or(0))
    }

    fn commission_change(&self, c: &Context) -> Result<Option<CommissionChange>, Refusal> {
        let (storage, id) = (c.deps.storage, self.id.to_packed());
        let Some(from) = COMMISSIONS.next_change(storage, &id, c.moment.epoch)? else {
            return Ok(None);
        };
        let commission = COMMISSIONS.at(storage, &id, from)?.unwrap_or(0);
        Ok(Some(CommissionChange {
            from,
            commission: Bps::new(commission)?,
        }))
    }
}

pub fn delegation(c: &Context, id: DelegationId) -> Result<DelegationResponse, Refusal> {
    let (frame, view) = (Frame::load(c)?, View::load(c, id)?);
    let (own, own_next) = c.now_and_next(&WEIGHTS, &weight_id(id, &view.owner))?;
    let proposed = view.terms.proposed.as_ref();
    let proposed = proposed.map(|account| account.human(c.deps.api));
    let (idle_slots, idle_validators) = idle(c, id, frame.last.as_ref())?;
    let (per_thousand, sum) = recent(c, id)?;
    Ok(DelegationResponse {
        info: view.info(c, &frame)?,
        metadata: load_metadata(c.deps.storage, id)?,
        proposed_owner: proposed.transpose()?,
        own: own.unwrap_or(0).into(),
        own_next: own_next.unwrap_or(0).into(),
        own_required: view.terms.own_required.into(),
        commission_change: view.commission_change(c)?,
        missing_for_slot: missing_for_slot(view.next.total, frame.slot_size_next).into(),
        idle_slots,
        idle_validators,
        max_validators: max_validators(view.slots_next(c, &frame)),
        per_thousand: per_thousand.into_iter().map(Into::into).collect(),
        per_thousand_sum: sum.into(),
        as_of: c.as_of()?,
    })
}

/// Quintessence that is missing for one more slot.
pub fn missing_for_slot(total: u128, slot_size: u128) -> u128 {
    let begun = total.checked_rem(slot_size).unwrap_or(0);
    slot_size.saturating_sub(begun)
}

/// Slots without an eligible validator, and eligible validators without a slot, in the last closed
/// epoch.
fn idle(c: &Context, id: DelegationId, last: Option<&ClosedEpoch>) -> StdResult<(u16, u16)> {
    let Some(last) = last else {
        return Ok((0, 0));
    };
    let share = SHARES.at(c.deps.storage, &id.to_packed(), last.epoch)?;
    let slots = share.map_or(0, |share| {
        share.slots_in(last.epoch, last.summary.slot_size)
    });
    let eligible = eligible_of(c, id, last.epoch)?;
    Ok((
        slots.saturating_sub(eligible),
        eligible.saturating_sub(slots),
    ))
}
