use alloc::string::String;
use alloc::vec::Vec;

use super::{texts, Error, Result};

/// The text of a string that has escapes.
#[inline(never)]
pub(super) fn unescape(source: &[u8]) -> Result<String> {
    if source.iter().any(|byte| *byte < b' ') {
        return Err(Error::new(texts::CONTROL));
    }
    let mut text = Vec::with_capacity(source.len());
    // The first half of a pair of surrogates. Other escapes may stand before the second half.
    let mut high = None;
    let mut rest = source.iter();
    while let Some(byte) = rest.next() {
        if *byte != b'\\' {
            if high.is_some() {
                return Err(Error::new(texts::LONE_SURROGATE));
            }
            text.push(*byte);
            continue;
        }
        match rest.next() {
            Some(byte @ (b'"' | b'/' | b'\\')) => text.push(*byte),
            Some(b'b') => text.push(0x08),
            Some(b'f') => text.push(0x0C),
            Some(b'n') => text.push(b'\n'),
            Some(b'r') => text.push(b'\r'),
            Some(b't') => text.push(b'\t'),
            Some(b'u') => {
                let unit = four_digits(&mut rest)?;
                if let Some(character) = character(unit, &mut high)? {
                    text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            _ => return Err(Error::new(texts::ESCAPE)),
        }
    }
    if high.is_some() {
        return Err(Error::new(texts::LONE_SURROGATE));
    }
    String::from_utf8(text).map_err(|_| Error::new(texts::UNICODE))
}

fn four_digits(rest: &mut core::slice::Iter<'_, u8>) -> Result<u32> {
    let mut number = 0;
    for _ in 0..4 {
        let digit = rest
            .next()
            .and_then(|byte| char::from(*byte).to_digit(16))
            .ok_or_else(|| Error::new(texts::ESCAPE))?;
        number = number << 4 | digit;
    }
    Ok(number)
}

/// The character that a unit of UTF-16 completes: none when it is the first half of a pair.
fn character(unit: u32, high: &mut Option<u32>) -> Result<Option<char>> {
    let code = match (unit, *high) {
        (0xD800..=0xDBFF, Some(_)) => return Err(Error::new(texts::LOW_SURROGATE)),
        (0xD800..=0xDBFF, None) => {
            *high = Some(unit & 0x3FF);
            return Ok(None);
        }
        (0xDC00..=0xDFFF, None) => return Err(Error::new(texts::HIGH_SURROGATE)),
        (0xDC00..=0xDFFF, Some(upper)) => {
            *high = None;
            (upper << 10 | unit & 0x3FF).saturating_add(0x1_0000)
        }
        _ => unit,
    };
    char::from_u32(code)
        .map(Some)
        .ok_or_else(|| Error::new(texts::ESCAPE))
}
