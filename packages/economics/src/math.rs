use cosmwasm_std::{Uint128, Uint256};

use crate::MathError;

/// `a * b / c`, rounded down, the product taken in 256 bits.
///
/// # Errors
/// [`MathError::DivideByZero`] if `c` is 0, [`MathError::Overflow`] if the result needs more
/// than 128 bits.
pub fn mul_div_floor(a: u128, b: u128, c: u128) -> Result<u128, MathError> {
    let quotient = product(a, b)
        .checked_div(c.into())
        .map_err(|_| MathError::DivideByZero)?;
    narrow(quotient)
}

/// `a * b / c`, rounded up, the product taken in 256 bits.
///
/// # Errors
/// As [`mul_div_floor`].
pub fn mul_div_ceil(a: u128, b: u128, c: u128) -> Result<u128, MathError> {
    let floor = mul_div_floor(a, b, c)?;
    let exact = product(floor, c) == product(a, b);
    if exact {
        Ok(floor)
    } else {
        floor.checked_add(1).ok_or(MathError::Overflow)
    }
}

/// `a * b`, which always fits 256 bits.
pub(crate) fn product(a: u128, b: u128) -> Uint256 {
    Uint128::new(a).full_mul(b)
}

/// Back to 128 bits, or `Overflow`.
pub(crate) fn narrow(wide: Uint256) -> Result<u128, MathError> {
    Uint128::try_from(wide)
        .map(|narrow| narrow.u128())
        .map_err(|_| MathError::Overflow)
}

/// `each * count`.
pub(crate) fn times(each: u128, count: u32) -> Result<u128, MathError> {
    each.checked_mul(count.into()).ok_or(MathError::Overflow)
}

/// `a + b`.
pub(crate) fn plus(a: u128, b: u128) -> Result<u128, MathError> {
    a.checked_add(b).ok_or(MathError::Overflow)
}

/// `whole - part`.
pub(crate) fn minus(whole: u128, part: u128) -> Result<u128, MathError> {
    whole.checked_sub(part).ok_or(MathError::Overflow)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_wider_than_128_bits_are_exact() {
        let max = u128::MAX;
        assert_eq!(mul_div_floor(max, max, max), Ok(max));
        assert_eq!(mul_div_ceil(max, max, max), Ok(max));
        // (2^128 - 1)(2^128 - 2) / (2^128 - 1)
        assert_eq!(mul_div_floor(max, max - 1, max), Ok(max - 1));
    }

    #[test]
    fn floor_and_ceil_differ_by_one_unless_exact() {
        assert_eq!(
            (mul_div_floor(7, 3, 2), mul_div_ceil(7, 3, 2)),
            (Ok(10), Ok(11))
        );
        assert_eq!(
            (mul_div_floor(8, 3, 2), mul_div_ceil(8, 3, 2)),
            (Ok(12), Ok(12))
        );
        assert_eq!(
            (mul_div_floor(0, 9, 2), mul_div_ceil(0, 9, 2)),
            (Ok(0), Ok(0))
        );
    }

    #[test]
    fn a_zero_divisor_is_an_error() {
        assert_eq!(mul_div_floor(1, 1, 0), Err(MathError::DivideByZero));
        assert_eq!(mul_div_ceil(0, 0, 0), Err(MathError::DivideByZero));
    }

    #[test]
    fn a_result_that_does_not_fit_is_an_error() {
        assert_eq!(mul_div_floor(u128::MAX, 2, 1), Err(MathError::Overflow));
        assert_eq!(mul_div_ceil(u128::MAX, 2, 1), Err(MathError::Overflow));
        assert_eq!(
            mul_div_floor(u128::MAX, u128::MAX, u128::MAX - 1),
            Err(MathError::Overflow)
        );
    }

    #[test]
    fn a_ceiling_one_past_the_largest_amount_is_an_error() {
        // (2^128 - 2)(2^127 + 1) = 2^255 - 2; over 2^127 it is a little less than 2^128.
        let (a, c) = (u128::MAX - 1, 1 << 127);
        assert_eq!(mul_div_floor(a, c + 1, c), Ok(u128::MAX));
        assert_eq!(mul_div_ceil(a, c + 1, c), Err(MathError::Overflow));
    }
}
