use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::EconomicsError;

/// A share in basis points (hundredths of a percent), 0 to 10,000.
///
/// On the wire it is a plain number. A larger one is refused when deserialised, so a `Bps` is
/// never more than 100 %.
#[derive(
    Serialize,
    Deserialize,
    JsonSchema,
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
)]
#[serde(try_from = "u16", into = "u16")]
pub struct Bps(#[schemars(range(min = 0, max = 10_000))] u16);

impl Bps {
    /// 0 %.
    pub const ZERO: Self = Self(0);
    /// 100 %.
    pub const FULL: Self = Self(10_000);

    /// A share of `bps` basis points.
    ///
    /// # Errors
    /// [`EconomicsError::BpsOutOfRange`] above 10,000.
    pub const fn new(bps: u16) -> Result<Self, EconomicsError> {
        match bps {
            0..=10_000 => Ok(Self(bps)),
            _ => Err(EconomicsError::BpsOutOfRange { bps }),
        }
    }

    /// A share of whole percents, for constants in code. 0 to 100; more is taken as 100.
    /// Input goes through [`Bps::new`], which refuses instead.
    pub const fn percent(percent: u16) -> Self {
        match percent {
            0..=100 => Self(percent.saturating_mul(100)),
            _ => Self::FULL,
        }
    }

    /// The basis points, 0 to 10,000.
    pub const fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u16> for Bps {
    type Error = EconomicsError;

    fn try_from(bps: u16) -> Result<Self, EconomicsError> {
        Self::new(bps)
    }
}

impl From<Bps> for u16 {
    fn from(bps: Bps) -> u16 {
        bps.0
    }
}

/// `amount * bps / 10,000`, rounded down. Any unit; never more than `amount`.
pub const fn mul_floor(amount: u128, bps: Bps) -> u128 {
    let (wholes, parts) = share_in_parts(amount, bps);
    wholes.saturating_add(parts / 10_000)
}

/// `amount * bps / 10,000`, rounded up. Any unit; never more than `amount`.
pub const fn mul_ceil(amount: u128, bps: Bps) -> u128 {
    let (wholes, parts) = share_in_parts(amount, bps);
    wholes.saturating_add(parts.div_ceil(10_000))
}

/// The share as whole units and ten-thousandths of one. With `amount = 10,000 q + m` it is
/// `q * bps` wholes and `m * bps` parts: as `bps <= 10,000`, nothing here can saturate.
const fn share_in_parts(amount: u128, bps: Bps) -> (u128, u128) {
    let bps = bps.0 as u128;
    let wholes = (amount / 10_000).saturating_mul(bps);
    let parts = (amount % 10_000).saturating_mul(bps);
    (wholes, parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_accepts_the_whole_range_and_nothing_beyond() {
        assert_eq!(Bps::new(0), Ok(Bps::ZERO));
        assert_eq!(Bps::new(10_000), Ok(Bps::FULL));
        assert_eq!(
            Bps::new(10_001),
            Err(EconomicsError::BpsOutOfRange { bps: 10_001 })
        );
        assert_eq!(
            Bps::new(u16::MAX),
            Err(EconomicsError::BpsOutOfRange { bps: u16::MAX })
        );
    }

    #[test]
    fn percents_are_hundreds_of_basis_points() {
        const SIXTY: Bps = Bps::percent(60);
        assert_eq!(SIXTY.get(), 6_000);
        assert_eq!(Bps::percent(0), Bps::ZERO);
        assert_eq!(Bps::percent(100), Bps::FULL);
        assert_eq!(Bps::percent(101), Bps::FULL);
        assert_eq!(Bps::percent(u16::MAX), Bps::FULL);
    }

    #[test]
    fn json_is_a_plain_number_checked_when_read() {
        assert_eq!(serde_json::to_string(&Bps::percent(30)).unwrap(), "3000");
        assert_eq!(serde_json::from_str::<Bps>("10000").unwrap(), Bps::FULL);
        let refused = serde_json::from_str::<Bps>("10001")
            .unwrap_err()
            .to_string();
        assert!(
            refused.contains("10001 basis points is more than 10000"),
            "{refused}"
        );
        for wrong in ["-1", "65536", "\"30\"", "0.3", "null", "[30]"] {
            assert!(serde_json::from_str::<Bps>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn schema_states_the_range() {
        let schema = serde_json::to_value(schemars::schema_for!(Bps)).unwrap();
        assert_eq!(schema["type"], "integer");
        assert_eq!(schema["minimum"], 0.0);
        assert_eq!(schema["maximum"], 10_000.0);
    }

    #[test]
    fn rounding_goes_where_the_name_says() {
        // 30 % of 1 is 0.3, of 10 is 3, of 11 is 3.3.
        let share = Bps::percent(30);
        assert_eq!((mul_floor(1, share), mul_ceil(1, share)), (0, 1));
        assert_eq!((mul_floor(10, share), mul_ceil(10, share)), (3, 3));
        assert_eq!((mul_floor(11, share), mul_ceil(11, share)), (3, 4));
        assert_eq!((mul_floor(0, share), mul_ceil(0, share)), (0, 0));
    }

    #[test]
    fn the_largest_amount_is_shared_exactly() {
        assert_eq!(mul_floor(u128::MAX, Bps::FULL), u128::MAX);
        assert_eq!(mul_ceil(u128::MAX, Bps::FULL), u128::MAX);
        assert_eq!(mul_ceil(u128::MAX, Bps::ZERO), 0);
        // u128::MAX is odd, so its half ends in .5.
        assert_eq!(mul_floor(u128::MAX, Bps::percent(50)), u128::MAX / 2);
        assert_eq!(mul_ceil(u128::MAX, Bps::percent(50)), u128::MAX / 2 + 1);
    }
}
