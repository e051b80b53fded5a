//! Slots, the daily mint, and the sharing of a delegation's reward (rules G3 to G14).

use cosmwasm_std::Uint256;

use crate::index::{RewardIndex, PARTS_PER_BASIS_POINT};
use crate::math::{minus, narrow, plus, product};
use crate::{Bps, EconomicsError, MathError};

/// Quintessence that unlocks one validator slot, in the seed's network.
pub const SLOT_SIZE: u128 = 20_000;
/// Own Quintessence that a new delegation needs, in the seed's network.
pub const OWN_QUINTESSENCE: u128 = 10_000;
/// The most that a delegation's owner may keep of its reward, 10 %.
pub const MAX_COMMISSION: Bps = Bps::percent(10);
/// The most by which a commission may rise at a time, 2 points.
pub const MAX_COMMISSION_RISE: Bps = Bps::percent(2);
/// Epochs for which a delegation keeps its slots after its owner's part has fallen short.
pub const DORMANCY_EPOCHS: u32 = 7;

/// Slots of a delegation, `floor(quintessence / slot_size)`, at most 65,535; 0 if `slot_size` is 0.
pub fn slots(quintessence: u128, slot_size: u128) -> u16 {
    let slots = quintessence.checked_div(slot_size).unwrap_or(0);
    u16::try_from(slots).unwrap_or(u16::MAX)
}

/// Validators that a delegation with these slots may hold: twice as many and two more.
pub const fn max_validators(slots: u16) -> u32 {
    (slots as u32).saturating_mul(2).saturating_add(2)
}

/// Refuses a commission above the maximum.
///
/// # Errors
/// [`EconomicsError::CommissionTooHigh`].
pub const fn check_commission(commission: Bps) -> Result<(), EconomicsError> {
    if commission.get() > MAX_COMMISSION.get() {
        return Err(EconomicsError::CommissionTooHigh {
            commission: commission.get(),
            max: MAX_COMMISSION.get(),
        });
    }
    Ok(())
}

/// Refuses a commission that rises by too much at a time.
///
/// # Errors
/// [`EconomicsError::CommissionRise`], and those of [`check_commission`].
pub fn check_commission_change(from: Bps, to: Bps) -> Result<(), EconomicsError> {
    check_commission(to)?;
    let rise = to.get().saturating_sub(from.get());
    match rise <= MAX_COMMISSION_RISE.get() {
        true => Ok(()),
        false => Err(EconomicsError::CommissionRise {
            from: from.get(),
            to: to.get(),
            max: MAX_COMMISSION_RISE.get(),
        }),
    }
}

/// What decides how an epoch's pool is shared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolFacts {
    /// What the schedule mints for this epoch, units.
    pub mint: u128,
    /// The rest of the pool: injections, carry and drip part, units.
    pub other: u128,
    /// All Quintessence staked before the epoch, undelegated and dormant included.
    pub total: u128,
    /// Quintessence per slot.
    pub slot_size: u128,
    /// Slots that have an eligible validator, over all delegations.
    pub captured: u32,
}

/// How an epoch's pool was shared. `rewards + unminted + carry = mint + other`, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PoolSplit {
    /// What a captured slot earns, rounded down. If none was captured, what it would have earned, at
    /// most `u128::MAX`.
    pub per_slot: u128,
    /// What all captured slots earn.
    pub rewards: u128,
    /// What is minted.
    pub minted: u128,
    /// What the schedule would have minted and nobody captured: it is not minted.
    pub unminted: u128,
    /// What is left of the rest: it joins the next pool.
    pub carry: u128,
}

/// Shares an epoch's pool: `per_slot = floor(pool * slot_size / total)`. The number of potential
/// slots, `total / slot_size`, is not rounded. What nobody captures comes off the mint first, so
/// that idle slots raise nobody's later reward.
///
/// # Errors
/// [`EconomicsError::NobodyStaked`] if nothing is staked, [`EconomicsError::TooManySlots`] if more
/// slots were captured than the stake can have, overflow.
pub fn split_pool(facts: &PoolFacts) -> Result<PoolSplit, EconomicsError> {
    if facts.total == 0 {
        return Err(EconomicsError::NobodyStaked);
    }
    let captured = u128::from(facts.captured);
    let covered = product(captured, facts.slot_size);
    if covered > Uint256::from(facts.total) {
        return Err(EconomicsError::TooManySlots {
            captured: facts.captured,
            total: facts.total,
            slot_size: facts.slot_size,
        });
    }
    let pool = plus(facts.mint, facts.other)?;
    let per_slot = match crate::mul_div_floor(pool, facts.slot_size, facts.total) {
        // Only with less than a slot's worth staked: nobody is paid by it, so nobody is held up.
        Err(MathError::Overflow) if facts.captured == 0 => u128::MAX,
        per_slot => per_slot?,
    };
    let rewards = narrow(product(per_slot, captured))?;
    let left = minus(pool, rewards)?;
    let unminted = facts.mint.min(left);
    Ok(PoolSplit {
        per_slot,
        rewards,
        minted: minus(facts.mint, unminted)?,
        unminted,
        carry: minus(left, unminted)?,
    })
}

/// A delegation's earnings since it was created: what one unit of its Quintessence has earned, and
/// what its owner has. Both count in 10^-18 units, so that nothing is rounded before it is paid and
/// settling often or seldom gives the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DelegationIndex {
    /// The members', the owner's own part included.
    pub members: RewardIndex,
    /// The owner's commission, in 10^-18 units. Never falls.
    pub commission: Uint256,
}

impl DelegationIndex {
    /// The index after the delegation has earned `reward` units with `total` Quintessence: first
    /// the commission, the rest in proportion.
    ///
    /// # Errors
    /// [`EconomicsError::NoWeight`] if there is a reward and nobody to share it, overflow.
    pub fn advance(
        &self,
        reward: u128,
        commission: Bps,
        total: u128,
    ) -> Result<Self, EconomicsError> {
        let parts = |bps: Bps| product(reward, u128::from(bps.get()));
        let shared = Bps::new(Bps::FULL.get().saturating_sub(commission.get()))?;
        let kept = parts(commission)
            .checked_mul(PARTS_PER_BASIS_POINT.into())
            .map_err(|_| MathError::Overflow)?;
        Ok(Self {
            members: self.members.advance_share(reward, shared, total)?,
            commission: self
                .commission
                .checked_add(kept)
                .map_err(|_| MathError::Overflow)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accrue;

    #[test]
    fn slots_are_whole_twenty_thousands() {
        let slots = |quintessence| slots(quintessence, SLOT_SIZE);
        let at = [0, 19_999, 20_000, 39_999, 40_000, 55_000, 60_000, 61_000];
        assert_eq!(at.map(slots), [0, 0, 1, 1, 2, 2, 3, 3]);
        assert_eq!(slots(u128::MAX), u16::MAX);
        assert_eq!([0, 1, 2].map(max_validators), [2, 4, 6]);
    }

    /// The seed: a pool of 1,000 at a total of 1,000,000 makes 20 per slot.
    #[test]
    fn the_seeds_pool() {
        let facts = PoolFacts {
            mint: 1_000,
            other: 0,
            total: 1_000_000,
            slot_size: SLOT_SIZE,
            captured: 5,
        };
        let split = split_pool(&facts).unwrap();
        assert_eq!((split.per_slot, split.rewards), (20, 100));
        assert_eq!((split.minted, split.unminted, split.carry), (100, 900, 0));
        let injected = PoolFacts {
            mint: 600,
            other: 400,
            ..facts
        };
        let split = split_pool(&injected).unwrap();
        assert_eq!((split.minted, split.unminted, split.carry), (0, 600, 300));
    }

    #[test]
    fn impossible_facts_are_refused() {
        let facts = PoolFacts {
            mint: 1_000,
            other: 0,
            total: 39_999,
            slot_size: SLOT_SIZE,
            captured: 2,
        };
        let error = split_pool(&facts).unwrap_err();
        assert_eq!(
            error.to_string(),
            "2 slots of 20000 can't be captured with 39999 staked"
        );
        let nobody = PoolFacts {
            total: 0,
            captured: 0,
            ..facts
        };
        assert_eq!(split_pool(&nobody), Err(EconomicsError::NobodyStaked));
    }

    #[test]
    fn a_huge_pool_and_a_tiny_stake_hold_nothing_up() {
        let facts = PoolFacts {
            mint: 10u128.pow(30),
            other: 7,
            total: 1,
            slot_size: 10u128.pow(12),
            captured: 0,
        };
        let split = split_pool(&facts).unwrap();
        assert_eq!((split.per_slot, split.rewards), (u128::MAX, 0));
        assert_eq!((split.unminted, split.carry), (facts.mint, 7));
    }

    #[test]
    fn commission_comes_first_and_the_rest_is_shared() {
        let index = DelegationIndex::default()
            .advance(1_000, Bps::percent(10), 40_000)
            .unwrap();
        let zero = Uint256::zero();
        assert_eq!(accrue(1, zero, index.commission, 0), Ok((100, 0)));
        assert_eq!(accrue(10_000, zero, index.members.index, 0), Ok((225, 0)));
    }

    #[test]
    fn a_commission_is_bounded_and_rises_slowly() {
        assert_eq!(check_commission(MAX_COMMISSION), Ok(()));
        let error = check_commission(Bps::new(1_001).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a commission of 1001 basis points is more than 1000"
        );
        let from = Bps::percent(3);
        assert_eq!(check_commission_change(from, Bps::percent(5)), Ok(()));
        assert_eq!(check_commission_change(from, Bps::ZERO), Ok(()));
        let error = check_commission_change(from, Bps::new(501).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "a commission can't rise from 300 to 501 basis points: 200 at a time at most"
        );
    }
}
