use crate::{mul_floor, Bps};

/// The highest fee on a sale, 5 % (decided).
pub const MAX_MARKET_FEE: Bps = Bps::percent(5);

/// A price in QST units, divided. Both parts add up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sale {
    /// To the seller.
    pub to_seller: u128,
    /// To the treasury.
    pub fee: u128,
}

/// Divides a `price`: the fee is rounded down, the seller gets the rest. Whoever sets the fee
/// keeps it within [`MAX_MARKET_FEE`].
pub const fn sale(price: u128, fee: Bps) -> Sale {
    let fee = mul_floor(price, fee);
    Sale {
        to_seller: price.saturating_sub(fee),
        fee,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fee_is_five_percent_at_most() {
        assert_eq!(MAX_MARKET_FEE.get(), 500);
        assert_eq!(
            sale(1_000, MAX_MARKET_FEE),
            Sale {
                to_seller: 950,
                fee: 50
            }
        );
    }
}
