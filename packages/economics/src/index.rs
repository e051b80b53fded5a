use cosmwasm_std::{Uint128, Uint256, Uint512};

use crate::math::{narrow, product};
use crate::{Bps, EconomicsError, MathError};

/// Parts of a unit in which an index counts, 10^18.
pub const SCALE: u128 = 1_000_000_000_000_000_000;
/// Parts of an index in one basis point of a unit: [`SCALE`] / 10,000.
pub(crate) const PARTS_PER_BASIS_POINT: u128 = SCALE / 10_000;

/// What one unit of weight has earned since the beginning, and what didn't divide.
///
/// An account's reward is its weight times the index's growth ([`accrue`]). For any step, with
/// `weight` the sum of all accounts' weights, exactly
/// `weight * (index after - index before) + remainder after = amount * SCALE + remainder before`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RewardIndex {
    /// Earned by one unit of weight, in 10^-18 units. Never falls.
    pub index: Uint256,
    /// Not divided yet, in 10^-18 units: less than the weight of the last step that had one.
    pub remainder: u128,
}

impl RewardIndex {
    /// The index after `amount` units were shared by `weight`. The quotient is rounded down;
    /// the remainder is carried and shared by the next step. Nothing shared by nobody changes
    /// nothing.
    ///
    /// # Errors
    /// [`EconomicsError::NoWeight`] if there is an amount but no weight,
    /// [`MathError::Overflow`] if the index needs more than 256 bits.
    pub fn advance(&self, amount: u128, weight: u128) -> Result<Self, EconomicsError> {
        self.advance_share(amount, Bps::FULL, weight)
    }

    /// As [`Self::advance`] with only a `share` of the amount, not rounded.
    ///
    /// # Errors
    /// As [`Self::advance`].
    pub fn advance_share(
        &self,
        amount: u128,
        share: Bps,
        weight: u128,
    ) -> Result<Self, EconomicsError> {
        match (amount, weight) {
            (0, 0) => Ok(*self),
            (_, 0) => Err(EconomicsError::NoWeight { amount }),
            _ => Ok(self.step(amount, share, weight.into())?),
        }
    }

    fn step(&self, amount: u128, share: Bps, weight: Uint256) -> Result<Self, MathError> {
        let parts = u128::from(share.get()).saturating_mul(PARTS_PER_BASIS_POINT);
        let to_share = product(amount, parts)
            .checked_add(self.remainder.into())
            .map_err(|_| MathError::Overflow)?;
        let growth = to_share
            .checked_div(weight)
            .map_err(|_| MathError::DivideByZero)?;
        let remainder = to_share
            .checked_rem(weight)
            .map_err(|_| MathError::DivideByZero)?;
        let index = self
            .index
            .checked_add(growth)
            .map_err(|_| MathError::Overflow)?;
        Ok(Self {
            index,
            remainder: narrow(remainder)?,
        })
    }
}

/// What `weight` earned while the index grew `from` one reading `to` a later one: whole units,
/// rounded down, and the fraction of a unit left over, in 10^-18 units. The `fraction` left over
/// by the account's last accrual goes in, so that accruing often or seldom gives the same.
///
/// # Errors
/// [`EconomicsError::IndexFell`] if `to` is smaller than `from`,
/// [`EconomicsError::FractionOutOfRange`] unless `fraction` is below [`SCALE`],
/// [`MathError::Overflow`] if more than `u128::MAX` units were earned.
pub fn accrue(
    weight: u128,
    from: Uint256,
    to: Uint256,
    fraction: u128,
) -> Result<(u128, u128), EconomicsError> {
    if fraction >= SCALE {
        return Err(EconomicsError::FractionOutOfRange { fraction });
    }
    let growth = to
        .checked_sub(from)
        .map_err(|_| EconomicsError::IndexFell)?;
    let earned = growth
        .full_mul(weight)
        .checked_add(fraction.into())
        .map_err(|_| MathError::Overflow)?;
    Ok(whole_and_fraction(earned)?)
}

/// 10^-18 units as whole units and what is left over.
fn whole_and_fraction(earned: Uint512) -> Result<(u128, u128), MathError> {
    let scale = Uint512::from(SCALE);
    let whole = earned
        .checked_div(scale)
        .map_err(|_| MathError::DivideByZero)?;
    let fraction = earned
        .checked_rem(scale)
        .map_err(|_| MathError::DivideByZero)?;
    let narrow = |wide| Uint128::try_from(wide).map_err(|_| MathError::Overflow);
    Ok((narrow(whole)?.u128(), narrow(fraction)?.u128()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(index: u128) -> Uint256 {
        Uint256::from(index)
    }

    #[test]
    fn an_indivisible_amount_is_carried_not_lost() {
        // 10^18 = 3 * 333,333,333,333,333,333 + 1; after three units nothing is left over.
        let one = RewardIndex::default().advance(1, 3).unwrap();
        assert_eq!(
            one,
            RewardIndex {
                index: at(333_333_333_333_333_333),
                remainder: 1
            }
        );
        let three = one.advance(1, 3).unwrap().advance(1, 3).unwrap();
        assert_eq!(
            three,
            RewardIndex {
                index: at(SCALE),
                remainder: 0
            }
        );
    }

    #[test]
    fn a_remainder_is_shared_even_when_nothing_comes_in() {
        let before = RewardIndex {
            index: at(5),
            remainder: 7,
        };
        let after = before.advance(0, 3).unwrap();
        assert_eq!(
            after,
            RewardIndex {
                index: at(7),
                remainder: 1
            }
        );
    }

    #[test]
    fn nothing_for_nobody_changes_nothing_and_something_is_refused() {
        let index = RewardIndex {
            index: at(5),
            remainder: 7,
        };
        assert_eq!(index.advance(0, 0), Ok(index));
        assert_eq!(
            index.advance(9, 0),
            Err(EconomicsError::NoWeight { amount: 9 })
        );
    }

    #[test]
    fn the_largest_amounts_advance_or_fail_without_panic() {
        let full = RewardIndex {
            index: Uint256::zero(),
            remainder: u128::MAX,
        };
        assert!(full.advance(u128::MAX, 1).is_ok());
        let end = RewardIndex {
            index: Uint256::MAX,
            remainder: 0,
        };
        assert_eq!(end.advance(1, 1), Err(MathError::Overflow.into()));
        assert_eq!(
            end.advance(1, u128::MAX).map(|after| after.index),
            Ok(Uint256::MAX)
        );
    }

    #[test]
    fn accrual_gives_whole_units_and_keeps_the_fraction() {
        // 3 * 0.4 = 1.2; 0.2 + 3 * 0.6 = 2.
        let (two_fifths, one) = (at(400_000_000_000_000_000), at(SCALE));
        assert_eq!(
            accrue(3, at(0), two_fifths, 0),
            Ok((1, 200_000_000_000_000_000))
        );
        assert_eq!(
            accrue(3, two_fifths, one, 200_000_000_000_000_000),
            Ok((2, 0))
        );
        assert_eq!(accrue(0, at(0), one, SCALE - 1), Ok((0, SCALE - 1)));
    }

    #[test]
    fn what_can_not_be_accrued_is_refused() {
        assert_eq!(accrue(1, at(2), at(1), 0), Err(EconomicsError::IndexFell));
        let refused = EconomicsError::FractionOutOfRange { fraction: SCALE };
        assert_eq!(accrue(1, at(0), at(1), SCALE), Err(refused));
        let overflow = Err(EconomicsError::Math(MathError::Overflow));
        assert_eq!(
            accrue(u128::MAX, Uint256::zero(), Uint256::MAX, SCALE - 1),
            overflow
        );
    }

    #[test]
    fn the_largest_reward_is_accrued_exactly() {
        assert_eq!(
            accrue(u128::MAX, at(0), at(SCALE), SCALE - 1),
            Ok((u128::MAX, SCALE - 1))
        );
        let overflow = Err(EconomicsError::Math(MathError::Overflow));
        assert_eq!(accrue(u128::MAX, at(0), at(SCALE + 1), 0), overflow);
    }
}
