//! Small numbers in few bytes.

use crate::fault::{unreadable, StdResult};
use crate::packed::{Packed, Reader};

/// A number in as many bytes as it needs: seven bits a byte, the low ones first, the top bit set
/// while more follow (LEB128). Epochs and counters take one or two bytes of the up to ten.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short(pub u64);

const MORE: u8 = 0x80;

impl Packed for Short {
    fn pack(&self, out: &mut Vec<u8>) {
        let mut rest = self.0;
        loop {
            let [low, ..] = rest.to_le_bytes();
            rest >>= 7;
            if rest == 0 {
                return out.push(low & !MORE);
            }
            out.push(low | MORE);
        }
    }

    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let mut number: u64 = 0;
        for place in 0..10u32 {
            let byte = u8::unpack(input)?;
            let bits = u64::from(byte & !MORE);
            let shifted = bits.checked_shl(place.saturating_mul(7)).unwrap_or(0);
            // The tenth byte has room for one bit; a last byte of 0 would be a longer way to say it.
            if (place == 9 && bits > 1) || (byte == 0 && place > 0) {
                break;
            }
            number |= shifted;
            if byte & MORE == 0 {
                return Ok(Self(number));
            }
        }
        Err(unreadable("packed record", "number"))
    }
}

impl Short {
    /// Reads a number of 32 bits.
    pub fn unpack_u32(input: &mut Reader<'_>) -> StdResult<u32> {
        let Self(number) = Self::unpack(input)?;
        u32::try_from(number).map_err(|_| unreadable("packed record", "number"))
    }
}

/// A number as an amount is: its length, then its bytes without leading zeros, so that those in keys
/// are in order. Older records and what is in keys are written so; a [`Short`] takes a byte less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trimmed(pub u64);

impl Packed for Trimmed {
    fn pack(&self, out: &mut Vec<u8>) {
        u128::from(self.0).pack(out);
    }

    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        whole(u128::unpack(input)?).map(Self)
    }
}

impl Trimmed {
    /// Reads a number of 32 bits.
    pub fn unpack_u32(input: &mut Reader<'_>) -> StdResult<u32> {
        whole(u128::unpack(input)?)
    }
}

fn whole<T: TryFrom<u128>>(amount: u128) -> StdResult<T> {
    T::try_from(amount).map_err(|_| unreadable("packed record", "number"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn few_bytes_for_small_numbers_and_one_way_to_write_each() {
        let bytes = |number| Short(number).to_packed();
        assert_eq!(bytes(0), [0]);
        assert_eq!(bytes(127), [127]);
        assert_eq!(bytes(128), [0x80, 1]);
        assert_eq!(bytes(u64::MAX).len(), 10);
        let [mut fits, mut too_large] = [[0xff; 10]; 2];
        (fits[9], too_large[9]) = (1, 2);
        assert_eq!(Short::from_packed(&fits), Ok(Short(u64::MAX)));
        for wrong in [&[0x80][..], &[0x80, 0], &[0xff; 10], &too_large, &[]] {
            assert!(Short::from_packed(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn trimmed_numbers_are_written_as_amounts() {
        for number in [0, 1, 255, 256, u64::MAX] {
            let bytes = Trimmed(number).to_packed();
            assert_eq!(bytes, u128::from(number).to_packed());
            assert_eq!(Trimmed::from_packed(&bytes).unwrap(), Trimmed(number));
        }
        assert!(Trimmed::from_packed(&(1u128 << 64).to_packed()).is_err());
        let long = Trimmed(1 << 32).to_packed();
        assert!(Trimmed::unpack_u32(&mut Reader::new(&long)).is_err());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(number: u64, shift in 0u32..64) {
            let number = Short(number >> shift);
            prop_assert_eq!(Short::from_packed(&number.to_packed()).unwrap(), number);
        }
    }
}
