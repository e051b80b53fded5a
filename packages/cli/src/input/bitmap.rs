//! One bit per key: who ran in an epoch.

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Who ran in an epoch: bit `i - 1`, least significant first within a byte, is key `i`.
/// Always `ceil(keys / 8)` bytes, the bits above `keys` zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bitmap {
    keys: u32,
    bytes: Vec<u8>,
}

/// A bitmap in JSON: how many keys it covers, and hex or ranges.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    keys: u32,
    set: String,
}

impl Serialize for Bitmap {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let (keys, set) = (self.keys, self.to_string());
        Text { keys, set }.serialize(to)
    }
}

impl<'de> Deserialize<'de> for Bitmap {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(from)?;
        Self::parse(&text.set, text.keys).map_err(D::Error::custom)
    }
}

/// Why a bitmap is refused. What the bits stand for is called a key.
#[derive(Debug, PartialEq, Eq)]
pub enum BitmapError {
    /// Hex of the wrong length.
    Length {
        /// Digits found.
        found: usize,
        /// Digits needed: two per byte.
        expected: usize,
        /// Keys that the bitmap covers.
        keys: u32,
    },
    /// A character that is no hex digit.
    NotHex(char),
    /// A bit above the last key is set.
    ExcessBits(u32),
    /// A part that is neither `n` nor `n-m`.
    NotARange(String),
    /// A key outside the set.
    OutOfRange {
        /// The key named.
        key: u32,
        /// Keys that the bitmap covers.
        keys: u32,
    },
    /// Ranges that overlap, run backwards or aren't ascending.
    NotAscending(String),
}

impl std::error::Error for BitmapError {}

impl fmt::Display for BitmapError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.about("key"))
    }
}

impl BitmapError {
    /// The refusal in words, with what the bits stand for.
    pub fn about(&self, noun: &str) -> String {
        match self {
            Self::Length {
                found,
                expected,
                keys,
            } => format!("{found} hex digits, {keys} {noun}s take {expected}"),
            Self::NotHex(digit) => format!("`{digit}` is no hex digit"),
            Self::ExcessBits(keys) => format!("a bit above {noun} {keys} is set"),
            Self::NotARange(part) => {
                format!("`{part}` is neither a {noun} nor a range of {noun}s")
            }
            Self::OutOfRange { key, keys } => format!("{noun} {key} is outside 1 to {keys}"),
            Self::NotAscending(part) => format!("`{part}` does not ascend"),
        }
    }
}

impl Bitmap {
    /// A bitmap for keys `1..=keys`, nobody running.
    pub fn new(keys: u32) -> Self {
        Self {
            keys,
            bytes: vec![0; byte_len(keys)],
        }
    }

    /// Reads `0x...` hex or ascending ranges such as `1-4000,4003`; empty text means nobody.
    pub fn parse(text: &str, keys: u32) -> Result<Self, BitmapError> {
        match text.strip_prefix("0x") {
            Some(hex) => Self::from_hex(hex, keys),
            None => Self::from_ranges(text, keys),
        }
    }

    /// The bitmap of these bytes; missing bytes are zero, bits above `keys` are dropped.
    pub fn from_bytes(keys: u32, bytes: &[u8]) -> Self {
        let mut bitmap = Self::new(keys);
        for key in 1..=keys {
            let (byte, mask) = position(key);
            bitmap.set(key, bytes.get(byte).is_some_and(|b| b & mask != 0));
        }
        bitmap
    }

    /// Keys that the bitmap covers, `1..=keys`.
    pub fn keys(&self) -> u32 {
        self.keys
    }

    /// The bytes as they go on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Whether the key ran; false for a key that the bitmap doesn't cover.
    pub fn contains(&self, key: u32) -> bool {
        let (byte, mask) = position(key);
        (1..=self.keys).contains(&key) && self.bytes.get(byte).is_some_and(|b| b & mask != 0)
    }

    /// Marks the key as running or not; a key outside the bitmap changes nothing.
    pub fn set(&mut self, key: u32, ran: bool) {
        if !(1..=self.keys).contains(&key) {
            return;
        }
        let (byte, mask) = position(key);
        if let Some(b) = self.bytes.get_mut(byte) {
            *b = if ran { *b | mask } else { *b & !mask };
        }
    }

    /// Number of keys that ran.
    pub fn count(&self) -> u32 {
        self.bytes.iter().map(|b| b.count_ones()).sum()
    }

    fn from_hex(hex: &str, keys: u32) -> Result<Self, BitmapError> {
        if let Some(bad) = hex.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(BitmapError::NotHex(bad));
        }
        let expected = byte_len(keys).saturating_mul(2);
        if hex.len() != expected {
            return Err(BitmapError::Length {
                found: hex.len(),
                expected,
                keys,
            });
        }
        let nibbles: Vec<u8> = hex
            .chars()
            .filter_map(|c| c.to_digit(16))
            .filter_map(|d| u8::try_from(d).ok())
            .collect();
        let bytes = nibbles
            .chunks_exact(2)
            .map(|pair| (pair[0] << 4) | pair[1])
            .collect();
        let bitmap = Self { keys, bytes };
        let spare = u8::try_from(keys.wrapping_rem(8)).unwrap_or(0);
        let excess = spare != 0 && bitmap.bytes.last().is_some_and(|last| last >> spare != 0);
        if excess {
            Err(BitmapError::ExcessBits(keys))
        } else {
            Ok(bitmap)
        }
    }

    fn from_ranges(text: &str, keys: u32) -> Result<Self, BitmapError> {
        let mut bitmap = Self::new(keys);
        let mut last = 0;
        for part in text.split(',').filter(|_| !text.is_empty()) {
            let (low, high) = parse_range(part)?;
            if low <= last || high < low {
                return Err(BitmapError::NotAscending(part.to_owned()));
            }
            if high > keys {
                return Err(BitmapError::OutOfRange { key: high, keys });
            }
            (low..=high).for_each(|key| bitmap.set(key, true));
            last = high;
        }
        Ok(bitmap)
    }

    fn to_hex(&self) -> String {
        self.bytes
            .iter()
            .fold(String::from("0x"), |hex, byte| hex + &format!("{byte:02x}"))
    }

    fn to_ranges(&self) -> String {
        let mut runs: Vec<(u32, u32)> = Vec::new();
        for key in (1..=self.keys).filter(|key| self.contains(*key)) {
            match runs.last_mut() {
                Some((_, high)) if high.checked_add(1) == Some(key) => *high = key,
                _ => runs.push((key, key)),
            }
        }
        let parts: Vec<String> = runs
            .into_iter()
            .map(|(low, high)| {
                if low == high {
                    low.to_string()
                } else {
                    format!("{low}-{high}")
                }
            })
            .collect();
        parts.join(",")
    }
}

/// Ranges or hex, whichever is shorter.
impl fmt::Display for Bitmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (ranges, hex) = (self.to_ranges(), self.to_hex());
        f.write_str(if ranges.len() <= hex.len() {
            &ranges
        } else {
            &hex
        })
    }
}

fn byte_len(keys: u32) -> usize {
    usize::try_from(keys.div_ceil(8)).unwrap_or(usize::MAX)
}

/// Byte index and mask of a key from 1 on.
fn position(key: u32) -> (usize, u8) {
    let bit = key.saturating_sub(1);
    (
        usize::try_from(bit / 8).unwrap_or(usize::MAX),
        1_u8.wrapping_shl(bit % 8),
    )
}

fn parse_range(part: &str) -> Result<(u32, u32), BitmapError> {
    let bad = || BitmapError::NotARange(part.to_owned());
    let (low, high) = part.split_once('-').unwrap_or((part, part));
    Ok((
        parse_key(low).ok_or_else(bad)?,
        parse_key(high).ok_or_else(bad)?,
    ))
}

fn parse_key(text: &str) -> Option<u32> {
    let canonical = text.bytes().all(|b| b.is_ascii_digit()) && !text.starts_with('0');
    canonical.then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_least_significant_first() {
        let bitmap = Bitmap::parse("1,9-10", 12).unwrap();
        assert_eq!(bitmap.as_bytes(), [0b0000_0001, 0b0000_0011]);
        assert_eq!(Bitmap::parse("0x0103", 12).unwrap(), bitmap);
        assert_eq!(bitmap.count(), 3);
        assert!(bitmap.contains(9) && !bitmap.contains(8) && !bitmap.contains(13));
    }

    #[test]
    fn whatever_is_written_reads_back() {
        for text in ["", "1", "1-12", "2,4,6,8,10,12", "1-3,5-12"] {
            let bitmap = Bitmap::parse(text, 12).unwrap();
            assert_eq!(Bitmap::parse(&bitmap.to_hex(), 12).unwrap(), bitmap);
            assert_eq!(Bitmap::parse(&bitmap.to_ranges(), 12).unwrap(), bitmap);
            assert_eq!(bitmap.to_ranges(), text);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let refusal = |text: &str| Bitmap::parse(text, 12).unwrap_err().to_string();
        assert_eq!(refusal("0x01"), "2 hex digits, 12 keys take 4");
        assert_eq!(refusal("0x010g"), "`g` is no hex digit");
        assert_eq!(refusal("0x0010"), "a bit above key 12 is set");
        assert_eq!(refusal("1-13"), "key 13 is outside 1 to 12");
        assert_eq!(refusal("1-3,3"), "`3` does not ascend");
        assert_eq!(refusal("5-3"), "`5-3` does not ascend");
        assert_eq!(refusal("01"), "`01` is neither a key nor a range of keys");
        assert_eq!(refusal("1,,2"), "`` is neither a key nor a range of keys");
        assert_eq!(refusal("0"), "`0` is neither a key nor a range of keys");
    }
}
