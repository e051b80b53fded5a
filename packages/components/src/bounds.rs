//! Hard bounds of parameters and of texts from outside.

use thiserror::Error;

/// Longest text from outside that is stored for good, bytes: a URI, a source, a reference.
pub const MAX_TEXT: usize = 256;

/// A value lies out of its bounds.
#[derive(Error, Debug, PartialEq, Eq)]
#[error("{field} is {value}: must be {min}..={max}")]
pub struct OutOfBounds {
    /// Which value.
    pub field: &'static str,
    /// What it is.
    pub value: u128,
    /// The least that it may be.
    pub min: u128,
    /// The most that it may be.
    pub max: u128,
}

/// Refuses a value out of its bounds.
pub fn ensure_within(
    field: &'static str,
    value: u128,
    min: u128,
    max: u128,
) -> Result<(), OutOfBounds> {
    match (min..=max).contains(&value) {
        true => Ok(()),
        false => Err(OutOfBounds {
            field,
            value,
            min,
            max,
        }),
    }
}

/// Refuses an empty text and one of more than [`MAX_TEXT`] bytes.
pub fn ensure_text(field: &'static str, text: &str) -> Result<(), OutOfBounds> {
    ensure_within(field, text.len() as u128, 1, MAX_TEXT as u128)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_bounds_are_allowed_and_nothing_beyond() {
        assert_eq!(ensure_within("share", 2, 2, 4), Ok(()));
        assert_eq!(ensure_within("share", 4, 2, 4), Ok(()));
        for value in [1, 5] {
            let error = ensure_within("share", value, 2, 4).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("share is {value}: must be 2..=4")
            );
        }
    }

    #[test]
    fn a_text_has_1_to_256_bytes() {
        assert_eq!(ensure_text("source", &"x".repeat(256)), Ok(()));
        for text in [String::new(), "x".repeat(257)] {
            assert!(ensure_text("source", &text).is_err());
        }
    }
}
