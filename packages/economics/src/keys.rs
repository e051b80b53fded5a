use crate::{EconomicsError, MathError};

/// Stake of one node before any split: 200,000 QST of 10^6 units (the network's own page).
pub const NODE_STAKE: u128 = 200_000_000_000;

/// Keys before any split (the network's own page).
pub const KEY_CAP: u32 = 4_732;

/// The factors by which keys may be split: those up to 25 that divide [`NODE_STAKE`] exactly.
pub const SPLIT_FACTORS: [u32; 8] = [2, 4, 5, 8, 10, 16, 20, 25];

/// The product of all splits is at most this: 118,300 keys.
pub const MAX_SPLIT_PRODUCT: u32 = 25;

/// What a node must stake, in units, once keys were split by `factor` in all: `base / factor`.
///
/// # Errors
/// [`EconomicsError::InexactRequirement`] if that leaves a rest,
/// [`EconomicsError::ZeroRequirement`] if `base` is 0,
/// [`MathError::DivideByZero`] if `factor` is 0.
pub fn requirement(base: u128, factor: u32) -> Result<u128, EconomicsError> {
    let divisor = u128::from(factor);
    match (base, base.checked_rem(divisor)) {
        (0, _) => Err(EconomicsError::ZeroRequirement),
        (_, None) => Err(MathError::DivideByZero.into()),
        (_, Some(0)) => Ok(base.div_euclid(divisor)),
        _ => Err(EconomicsError::InexactRequirement { base, factor }),
    }
}

/// The product of all splits once keys already split by `product_in_force` (1 if never) are
/// split by `factor`. Any product this returns divides [`NODE_STAKE`].
///
/// # Errors
/// [`EconomicsError::SplitFactor`] if the factor is not one of [`SPLIT_FACTORS`],
/// [`EconomicsError::SplitProduct`] if splits can't have led to `product_in_force`,
/// [`EconomicsError::SplitTooLarge`] above [`MAX_SPLIT_PRODUCT`].
pub fn check_split(product_in_force: u32, factor: u32) -> Result<u32, EconomicsError> {
    if !SPLIT_FACTORS.contains(&factor) {
        return Err(EconomicsError::SplitFactor { factor });
    }
    if product_in_force != 1 && !SPLIT_FACTORS.contains(&product_in_force) {
        return Err(EconomicsError::SplitProduct {
            product: product_in_force,
        });
    }
    product_in_force
        .checked_mul(factor)
        .filter(|product| *product <= MAX_SPLIT_PRODUCT)
        .ok_or(EconomicsError::SplitTooLarge {
            in_force: product_in_force,
            factor,
            max: MAX_SPLIT_PRODUCT,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_requirement_is_divided_exactly_or_not_at_all() {
        assert_eq!(requirement(NODE_STAKE, 1), Ok(200_000_000_000));
        assert_eq!(requirement(NODE_STAKE, 16), Ok(12_500_000_000));
        assert_eq!(requirement(NODE_STAKE, 25), Ok(8_000_000_000));
        let refused = EconomicsError::InexactRequirement {
            base: NODE_STAKE,
            factor: 3,
        };
        assert_eq!(requirement(NODE_STAKE, 3), Err(refused));
        assert_eq!(
            requirement(NODE_STAKE, 0),
            Err(MathError::DivideByZero.into())
        );
        assert_eq!(requirement(0, 2), Err(EconomicsError::ZeroRequirement));
    }

    #[test]
    fn the_factors_are_all_that_divide_the_stake_exactly() {
        let exact: Vec<u32> = (2..=MAX_SPLIT_PRODUCT)
            .filter(|f| requirement(NODE_STAKE, *f).is_ok())
            .collect();
        assert_eq!(exact, SPLIT_FACTORS);
    }

    #[test]
    fn whatever_is_split_the_stake_divides_and_the_keys_are_bounded() {
        for in_force in [1].into_iter().chain(SPLIT_FACTORS) {
            for factor in SPLIT_FACTORS {
                let expected = in_force * factor;
                match check_split(in_force, factor) {
                    Ok(product) => {
                        assert_eq!(product, expected);
                        assert!(requirement(NODE_STAKE, product).is_ok());
                        assert!(KEY_CAP * product <= 118_300);
                    }
                    Err(refused) => {
                        let (max, too_large) = (25, expected > 25);
                        assert!(too_large);
                        assert_eq!(
                            refused,
                            EconomicsError::SplitTooLarge {
                                in_force,
                                factor,
                                max
                            }
                        );
                    }
                }
            }
        }
        assert_eq!(check_split(5, 5), Ok(25));
    }

    #[test]
    fn other_factors_and_products_are_refused() {
        for factor in [0, 1, 3, 6, 7, 24, 26, 50, u32::MAX] {
            assert_eq!(
                check_split(1, factor),
                Err(EconomicsError::SplitFactor { factor })
            );
        }
        for product in [0, 3, 6, 24, 26, u32::MAX] {
            assert_eq!(
                check_split(product, 2),
                Err(EconomicsError::SplitProduct { product })
            );
        }
    }
}
