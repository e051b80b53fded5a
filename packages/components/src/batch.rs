//! Lists: in messages at least one entry, not too many, none twice; what becomes of each entry.

use core::fmt::Display;

use thiserror::Error;

/// Why a list in a message is refused.
#[derive(Error, Debug, PartialEq, Eq)]
pub enum BatchError {
    /// No entry, or too many.
    #[error("name 1..={max} {what}, {count} are named")]
    Count {
        /// Of what.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        max: usize,
    },
    /// An entry comes twice.
    #[error("{what} {item} is named twice")]
    Twice {
        /// What.
        what: &'static str,
        /// Which.
        item: String,
    },
}

/// What a message may name several of.
#[derive(Clone, Copy, Debug)]
pub struct Batch {
    one: &'static str,
    many: &'static str,
    max: usize,
}

impl Batch {
    /// At most `max` of what is called `one` and `many`.
    pub const fn new(one: &'static str, many: &'static str, max: usize) -> Self {
        Self { one, many, max }
    }

    /// Refuses no entries and too many.
    pub fn ensure_count(&self, count: usize) -> Result<(), BatchError> {
        match (1..=self.max).contains(&count) {
            true => Ok(()),
            false => Err(BatchError::Count {
                what: self.many,
                count,
                max: self.max,
            }),
        }
    }

    /// Refuses no entries, too many, and any that comes twice.
    pub fn ensure<T: PartialEq + Display>(&self, items: &[T]) -> Result<(), BatchError> {
        self.ensure_count(items.len())?;
        // Few enough to compare each with those before.
        for (at, item) in items.iter().enumerate() {
            if items.iter().take(at).any(|before| before == item) {
                return Err(BatchError::Twice {
                    what: self.one,
                    item: item.to_string(),
                });
            }
        }
        Ok(())
    }
}

/// What becomes of each item, up to the first fault. As wasm a fraction of a collected iterator.
pub fn each<T, U, E>(
    items: impl IntoIterator<Item = T>,
    mut becomes: impl FnMut(T) -> Result<U, E>,
) -> Result<Vec<U>, E> {
    let mut all = vec![];
    for item in items {
        all.push(becomes(item)?);
    }
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_1_to_max_different_entries() {
        let batch = Batch::new("key", "keys", 3);
        for items in [&[7][..], &[3, 1, 2]] {
            assert_eq!(batch.ensure(items), Ok(()));
        }
        let refused = [
            (&[][..], "name 1..=3 keys, 0 are named"),
            (&[1, 2, 3, 4], "name 1..=3 keys, 4 are named"),
            (&[5, 1, 5], "key 5 is named twice"),
        ];
        for (items, why) in refused {
            assert_eq!(batch.ensure(items).unwrap_err().to_string(), why);
        }
        assert_eq!(batch.ensure_count(3), Ok(()));
        assert!(batch.ensure_count(4).is_err());
    }
}
