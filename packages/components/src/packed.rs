//! Compact byte encoding for records that are written often or read by another contract.
//!
//! On a Cosmos chain every stored byte costs 30 gas to write and 3 to read, so hot records are
//! packed: fixed-width integers big-endian, amounts without their leading zero bytes.

use cosmwasm_std::Uint256;

use crate::fault::{unreadable, Fault, StdResult};

/// A value with a compact byte form. The form is part of the storage layout: changing it needs a
/// migration.
pub trait Packed: Sized {
    /// Appends the value's bytes.
    fn pack(&self, out: &mut Vec<u8>);
    /// Reads the value back.
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self>;

    /// The bytes of this value alone.
    fn to_packed(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.pack(&mut out);
        out
    }

    /// Reads a value from exactly these bytes; left-over bytes are an error.
    fn from_packed(bytes: &[u8]) -> StdResult<Self> {
        let mut input = Reader(bytes);
        let value = Self::unpack(&mut input)?;
        input.end()?;
        Ok(value)
    }
}

/// A cursor over packed bytes.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// Takes the next `len` bytes.
    pub fn take(&mut self, len: usize) -> StdResult<&'a [u8]> {
        if self.0.len() < len {
            return Err(corrupt("too short"));
        }
        let (head, tail) = self.0.split_at(len);
        self.0 = tail;
        Ok(head)
    }

    /// Takes all values that are left: a list at the end of a record needs no count.
    pub fn rest<T: Packed>(&mut self) -> StdResult<Vec<T>> {
        let mut values = vec![];
        while !self.is_empty() {
            values.push(T::unpack(self)?);
        }
        Ok(values)
    }

    fn array<const N: usize>(&mut self) -> StdResult<[u8; N]> {
        let Some((head, tail)) = self.0.split_first_chunk() else {
            return Err(corrupt("too short"));
        };
        self.0 = tail;
        Ok(*head)
    }

    /// True when nothing is left.
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn end(&self) -> StdResult<()> {
        match self.is_empty() {
            true => Ok(()),
            false => Err(corrupt("trailing bytes")),
        }
    }
}

fn corrupt(what: &str) -> Fault {
    unreadable("packed record", what)
}

macro_rules! packed_integer {
    ($($int:ty),*) => {$(
        impl Packed for $int {
            fn pack(&self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_be_bytes());
            }
            fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
                Ok(Self::from_be_bytes(input.array()?))
            }
        }
    )*};
}
packed_integer!(u8, u16, u32, u64);

impl Packed for bool {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        match u8::unpack(input)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(corrupt("bool")),
        }
    }
}

/// Amounts: one length byte, then the big-endian bytes without leading zeros.
impl Packed for u128 {
    fn pack(&self, out: &mut Vec<u8>) {
        pack_trimmed(&self.to_be_bytes(), out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        unpack_trimmed::<16>(input).map(Self::from_be_bytes)
    }
}

impl Packed for Uint256 {
    fn pack(&self, out: &mut Vec<u8>) {
        pack_trimmed(&self.to_be_bytes(), out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        unpack_trimmed::<32>(input).map(Self::from_be_bytes)
    }
}

fn pack_trimmed(bytes: &[u8], out: &mut Vec<u8>) {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let significant = bytes.get(zeros..).unwrap_or_default();
    out.push(u8::try_from(significant.len()).unwrap_or(u8::MAX));
    out.extend_from_slice(significant);
}

fn unpack_trimmed<const N: usize>(input: &mut Reader<'_>) -> StdResult<[u8; N]> {
    let len = usize::from(u8::unpack(input)?);
    let significant = input.take(len)?;
    let mut bytes = [0u8; N];
    let start = N
        .checked_sub(len)
        .ok_or_else(|| corrupt("amount too wide"))?;
    bytes
        .get_mut(start..)
        .ok_or_else(|| corrupt("amount"))?
        .copy_from_slice(significant);
    Ok(bytes)
}

/// Lists: a two-byte count, then the items.
impl<T: Packed> Packed for Vec<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        u16::try_from(self.len()).unwrap_or(u16::MAX).pack(out);
        self.iter().for_each(|item| item.pack(out));
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let mut items = vec![];
        for _ in 0..u16::unpack(input)? {
            items.push(T::unpack(input)?);
        }
        Ok(items)
    }
}

/// Texts: as lists of their bytes.
impl Packed for String {
    fn pack(&self, out: &mut Vec<u8>) {
        u16::try_from(self.len()).unwrap_or(u16::MAX).pack(out);
        out.extend_from_slice(self.as_bytes());
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let len = u16::unpack(input)?;
        Self::from_utf8(input.take(len.into())?.to_vec()).map_err(|_| corrupt("text"))
    }
}

/// Optional values: one byte that tells whether a value follows.
impl<T: Packed> Packed for Option<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.is_some().pack(out);
        if let Some(value) = self {
            value.pack(out);
        }
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(match bool::unpack(input)? {
            true => Some(T::unpack(input)?),
            false => None,
        })
    }
}

/// Gives a struct the packed form of its fields in the order named.
#[macro_export]
macro_rules! packed_struct {
    ($name:ident { $($field:ident),+ $(,)? }) => {
        impl $crate::Packed for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                $( $crate::Packed::pack(&self.$field, out); )+
            }
            fn unpack(input: &mut $crate::Reader<'_>) -> $crate::StdResult<Self> {
                Ok(Self { $( $field: $crate::Packed::unpack(input)? ),+ })
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_amount_comes_back(value: u128, wide: [u8; 32]) {
            prop_assert_eq!(u128::from_packed(&value.to_packed()).unwrap(), value);
            let wide = Uint256::from_be_bytes(wide);
            prop_assert_eq!(Uint256::from_packed(&wide.to_packed()).unwrap(), wide);
        }

        #[test]
        fn foreign_bytes_never_panic(bytes: Vec<u8>) {
            let _ = Vec::<Option<u128>>::from_packed(&bytes);
        }
    }

    #[test]
    fn the_layout_is_frozen() {
        assert_eq!(0u128.to_packed(), [0]);
        assert_eq!(258u128.to_packed(), [2, 1, 2]);
        assert_eq!(7u32.to_packed(), [0, 0, 0, 7]);
        assert_eq!(vec![1u8, 2].to_packed(), [0, 2, 1, 2]);
        assert_eq!(Some(9u8).to_packed(), [1, 9]);
        assert_eq!("ab".to_string().to_packed(), [0, 2, 97, 98]);
    }

    #[test]
    fn short_long_and_wide_input_is_refused() {
        assert!(u32::from_packed(&[0, 0, 0]).is_err());
        assert!(u32::from_packed(&[0, 0, 0, 0, 0]).is_err());
        assert!(u128::from_packed(&[17; 18]).is_err());
        assert!(bool::from_packed(&[2]).is_err());
        assert!(String::from_packed(&[0, 1, 255]).is_err());
    }
}
