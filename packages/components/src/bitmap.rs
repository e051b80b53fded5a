//! One bit per key or validator: bit i is the (i + 1)th, least significant bit first in a byte.

use cosmwasm_std::Binary;
use thiserror::Error;

use crate::fault::{unreadable, StdResult};
use crate::packed::{Packed, Reader};

/// Why a bitmap from outside is refused.
#[derive(Error, Debug, PartialEq, Eq)]
pub enum BitmapError {
    /// The number of bytes is not the one for this number of bits.
    #[error("bitmap has {have} bytes, {need} are needed for {bits} bits")]
    Length {
        /// Bytes given.
        have: usize,
        /// Bytes needed.
        need: usize,
        /// Bits covered.
        bits: u32,
    },
    /// A bit beyond the last key is set.
    #[error("bitmap sets a bit beyond the last of {bits}")]
    Excess {
        /// Bits covered.
        bits: u32,
    },
}

/// A fixed number of bits.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bitmap {
    len: u32,
    bytes: Vec<u8>,
}

/// Bytes for `bits` bits.
pub const fn bytes_for(bits: u32) -> usize {
    bits.div_ceil(8) as usize
}

impl Bitmap {
    /// `len` bits, all clear.
    pub fn zeros(len: u32) -> Self {
        Self {
            len,
            bytes: vec![0; bytes_for(len)],
        }
    }

    /// `len` bits of which the given ones are set; bits beyond `len` are ignored.
    pub fn from_bits(len: u32, bits: impl IntoIterator<Item = u32>) -> Self {
        let mut bitmap = Self::zeros(len);
        bits.into_iter().for_each(|bit| bitmap.set(bit, true));
        bitmap
    }

    /// Bytes from outside: exactly as many as needed, and no bit beyond `len`.
    pub fn checked(len: u32, bytes: &[u8]) -> Result<Self, BitmapError> {
        let need = bytes_for(len);
        if bytes.len() != need {
            return Err(BitmapError::Length {
                have: bytes.len(),
                need,
                bits: len,
            });
        }
        let bitmap = Self {
            len,
            bytes: bytes.to_vec(),
        };
        match bitmap.clone().masked() == bitmap {
            true => Ok(bitmap),
            false => Err(BitmapError::Excess { bits: len }),
        }
    }

    /// The first `len` bits of stored bytes; missing bytes are zero.
    pub fn fitted(len: u32, bytes: &[u8]) -> Self {
        let mut bytes = bytes.to_vec();
        bytes.resize(bytes_for(len), 0);
        Self { len, bytes }.masked()
    }

    fn masked(mut self) -> Self {
        let used = self.len.checked_rem(8).unwrap_or(0);
        if let (true, Some(last)) = (used > 0, self.bytes.last_mut()) {
            *last &= (1u8 << used).wrapping_sub(1);
        }
        self
    }

    /// Number of bits.
    pub const fn len(&self) -> u32 {
        self.len
    }

    /// True if there are no bits.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes for a message or event.
    pub fn to_binary(&self) -> Binary {
        self.bytes.clone().into()
    }

    /// A bit; bits beyond the end are clear.
    pub fn get(&self, bit: u32) -> bool {
        let byte = self.bytes.get((bit / 8) as usize).copied().unwrap_or(0);
        bit < self.len && byte & Self::mask(bit) != 0
    }

    /// Changes a bit; bits beyond the end are ignored.
    pub fn set(&mut self, bit: u32, value: bool) {
        if bit >= self.len {
            return;
        }
        if let Some(byte) = self.bytes.get_mut((bit / 8) as usize) {
            if value {
                *byte |= Self::mask(bit);
            } else {
                *byte &= !Self::mask(bit);
            }
        }
    }

    const fn mask(bit: u32) -> u8 {
        1 << (bit % 8)
    }

    /// Number of set bits.
    pub fn count(&self) -> u32 {
        self.bytes
            .iter()
            .fold(0u32, |count, byte| count.saturating_add(byte.count_ones()))
    }

    /// The set bits in order.
    pub fn ones(&self) -> impl Iterator<Item = u32> + '_ {
        (0..self.len).filter(|bit| self.get(*bit))
    }

    /// Bits set in both. The result has this bitmap's length; where the other is shorter its bits
    /// are clear.
    pub fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Bits set in either.
    pub fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Bits that differ.
    pub fn xor(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a ^ b)
    }

    /// Bits set here and not in the other.
    pub fn minus(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    fn zip(&self, other: &Self, combine: impl Fn(u8, u8) -> u8) -> Self {
        let others = other.bytes.iter().copied().chain(core::iter::repeat(0));
        let bytes = self
            .bytes
            .iter()
            .zip(others)
            .map(|(a, b)| combine(*a, b))
            .collect();
        Self {
            len: self.len,
            bytes,
        }
        .masked()
    }

    /// Cut to `len` bits or filled up with clear ones.
    pub fn resized(&self, len: u32) -> Self {
        Self::fitted(len, &self.bytes)
    }

    /// The first `at` bits and the rest.
    pub fn split_at(&self, at: u32) -> (Self, Self) {
        let rest = self.len.saturating_sub(at);
        let tail = (0..rest).filter(|bit| self.get(bit.saturating_add(at)));
        (self.resized(at.min(self.len)), Self::from_bits(rest, tail))
    }

    /// These bits followed by others.
    pub fn joined(&self, tail: &Self) -> Self {
        let mut joined = self.resized(self.len.saturating_add(tail.len));
        tail.ones()
            .for_each(|bit| joined.set(bit.saturating_add(self.len), true));
        joined
    }

    /// The first `len` bits repeated `times` times.
    pub fn tiled(&self, len: u32, times: u32) -> Self {
        let tile = self.resized(len);
        (0..times).fold(Self::zeros(0), |tiled, _| tiled.joined(&tile))
    }

    /// A piece of `len` bits that begins at bit `from`, which must be a multiple of 8; clear beyond
    /// the end.
    pub fn page(&self, from: u32, len: u32) -> Self {
        let start = (from / 8) as usize;
        let bytes = self.bytes.get(start..).unwrap_or_default();
        Self::fitted(len.min(self.len.saturating_sub(from)), bytes)
    }

    /// Bits set in at least `threshold` of the given bitmaps.
    pub fn quorum(len: u32, votes: &[Self], threshold: u32) -> Self {
        let mut result = Self::zeros(len);
        for bit in 0..len {
            let count = votes.iter().filter(|vote| vote.get(bit)).count();
            result.set(bit, u32::try_from(count).unwrap_or(u32::MAX) >= threshold);
        }
        result
    }
}

/// Stored as its bit count and bytes.
impl Packed for Bitmap {
    fn pack(&self, out: &mut Vec<u8>) {
        self.len.pack(out);
        out.extend_from_slice(&self.bytes);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let len = u32::unpack(input)?;
        let bytes = input.take(bytes_for(len))?;
        Self::checked(len, bytes).map_err(|error| unreadable("bitmap", error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bitmap() -> impl Strategy<Value = Bitmap> {
        prop::collection::vec(any::<bool>(), 0..70).prop_map(|bits| {
            let set = (0u32..)
                .zip(&bits)
                .filter(|(_, set)| **set)
                .map(|(bit, _)| bit);
            Bitmap::from_bits(u32::try_from(bits.len()).unwrap(), set)
        })
    }

    fn bits(bitmap: &Bitmap) -> Vec<bool> {
        (0..bitmap.len()).map(|bit| bitmap.get(bit)).collect()
    }

    #[test]
    fn the_least_significant_bit_is_the_first_key() {
        let bitmap = Bitmap::checked(12, &[0b0000_0101, 0b0000_1000]).unwrap();
        assert_eq!(bitmap.ones().collect::<Vec<_>>(), [0, 2, 11]);
    }

    #[test]
    fn length_is_exact_and_excess_bits_are_zero() {
        assert_eq!(
            Bitmap::checked(12, &[0]),
            Err(BitmapError::Length {
                have: 1,
                need: 2,
                bits: 12
            })
        );
        assert_eq!(
            Bitmap::checked(12, &[0; 3]),
            Err(BitmapError::Length {
                have: 3,
                need: 2,
                bits: 12
            })
        );
        assert_eq!(
            Bitmap::checked(12, &[0, 0x10]),
            Err(BitmapError::Excess { bits: 12 })
        );
        assert!(Bitmap::checked(12, &[0xff, 0x0f]).is_ok());
        assert!(Bitmap::checked(0, &[]).is_ok());
    }

    proptest! {
        #[test]
        fn bit_by_bit_equal_to_a_list(a in bitmap(), b in bitmap(), times in 0u32..5, threshold in 0u32..4) {
            let (x, y) = (bits(&a), bits(&b));
            let other = |i: usize| y.get(i).copied().unwrap_or(false);
            let expect = |f: &dyn Fn(bool, bool) -> bool| -> Vec<bool> {
                x.iter().enumerate().map(|(i, bit)| f(*bit, other(i))).collect()
            };
            prop_assert_eq!(bits(&a.and(&b)), expect(&|p, q| p && q));
            prop_assert_eq!(bits(&a.or(&b)), expect(&|p, q| p || q));
            prop_assert_eq!(bits(&a.xor(&b)), expect(&|p, q| p != q));
            prop_assert_eq!(bits(&a.minus(&b)), expect(&|p, q| p && !q));
            prop_assert_eq!(bits(&a.joined(&b)), [x.clone(), y.clone()].concat());
            prop_assert_eq!(bits(&a.tiled(a.len(), times)), x.repeat(times as usize));
            let (head, tail) = a.split_at(a.len() / 3);
            prop_assert_eq!(&head.joined(&tail), &a);
            prop_assert_eq!(a.count() as usize, x.iter().filter(|bit| **bit).count());
            prop_assert_eq!(Bitmap::from_packed(&a.to_packed()).unwrap(), a.clone());
            let votes = [a.clone(), b.clone(), a.clone()];
            let quorum = Bitmap::quorum(a.len(), &votes, threshold);
            for bit in 0..a.len() {
                let yes = votes.iter().filter(|vote| vote.get(bit)).count();
                prop_assert_eq!(quorum.get(bit), yes >= threshold as usize);
            }
        }
    }
}
