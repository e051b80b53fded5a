use crate::{mul_ceil, Bps, EconomicsError};

/// The network's share of the revenue, 60 % (the network's own page).
pub const NETWORK_SHARE: Bps = Bps::percent(60);

/// Most epochs over which a deposit may be spread.
pub const MAX_SPREAD: u32 = 366;

/// Each close with a running node moves one part in this many out of the drip.
pub const DRIP_EPOCHS: u32 = 30;

/// A deposit in equal parts: `part` in each epoch but the last, `last` in the last.
/// `part * (over - 1) + last` is the deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// Units in every epoch but the last.
    pub part: u128,
    /// Units in the last epoch: `part` and the odd units, fewer than `over` of them.
    pub last: u128,
}

/// What the network gets of an epoch's `revenue`: `share` of it, rounded up. The rest is the
/// treasury's, so the odd unit is the network's and both together are the revenue.
pub const fn network_share_ceil(revenue: u128, share: Bps) -> u128 {
    mul_ceil(revenue, share)
}

/// `amount` in equal parts over `over` epochs, 1 to [`MAX_SPREAD`]; parts are rounded down and
/// the odd units come in the last.
///
/// # Errors
/// [`EconomicsError::SpreadOutOfRange`].
pub fn spread(amount: u128, over: u32) -> Result<Spread, EconomicsError> {
    if !(1..=MAX_SPREAD).contains(&over) {
        return Err(EconomicsError::SpreadOutOfRange {
            over,
            max: MAX_SPREAD,
        });
    }
    let epochs = u128::from(over);
    let (part, odd) = (amount.div_euclid(epochs), amount.rem_euclid(epochs));
    Ok(Spread {
        part,
        last: part.saturating_add(odd),
    }) // never above `amount`
}

/// What one close takes out of a `drip` of so many units: a thirtieth, rounded up, so that a
/// drip ends.
pub fn drip_part_ceil(drip: u128) -> u128 {
    drip.div_ceil(DRIP_EPOCHS.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_spread_evenly_and_ends_with_the_odd_units() {
        // 100 over 30: 3 a day, 3 + 10 on the last.
        assert_eq!(spread(100, 30), Ok(Spread { part: 3, last: 13 }));
        assert_eq!(
            spread(100, 1),
            Ok(Spread {
                part: 100,
                last: 100
            })
        );
        assert_eq!(spread(5, 366), Ok(Spread { part: 0, last: 5 }));
        assert_eq!(spread(0, 7), Ok(Spread { part: 0, last: 0 }));
        assert_eq!(
            spread(u128::MAX, 1),
            Ok(Spread {
                part: u128::MAX,
                last: u128::MAX
            })
        );
    }

    #[test]
    fn no_epoch_or_more_than_a_leap_year_is_refused() {
        for over in [0, 367, u32::MAX] {
            let refused = EconomicsError::SpreadOutOfRange { over, max: 366 };
            assert_eq!(spread(100, over), Err(refused));
        }
    }

    #[test]
    fn the_drip_gives_a_thirtieth_and_never_stalls() {
        assert_eq!(
            [0, 1, 29, 30, 31, 60, 61].map(drip_part_ceil),
            [0, 1, 1, 1, 2, 2, 3]
        );
        assert_eq!(drip_part_ceil(u128::MAX), u128::MAX / 30 + 1);
    }

    #[test]
    fn a_drip_is_empty_after_finitely_many_closes() {
        // Above 30 units a close takes at least 1/30; 10^18 * (29/30)^1,200 < 30 < 1,200 more.
        let mut drip = 10u128.pow(18);
        let mut closes = 0;
        while drip > 0 {
            drip -= drip_part_ceil(drip);
            closes += 1;
        }
        assert!((1_000..1_300).contains(&closes), "{closes}");
    }
}
