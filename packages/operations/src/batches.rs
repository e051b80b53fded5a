//! Long lists, as several messages of one transaction.

use thiserror::Error;

/// Messages in one transaction at most: more would come near a block's gas.
pub(crate) const MESSAGES: usize = 5;

/// A list is too long for one transaction.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{count} {what}: one transaction takes at most {most}, {MESSAGES} messages of {each}")]
pub struct TooMany {
    /// Of what.
    pub what: &'static str,
    /// How many there are.
    pub count: usize,
    /// How many a message takes.
    pub each: usize,
    /// How many a transaction takes.
    pub most: usize,
}

/// The list in pieces of at most `each`, one a message, in order.
pub(crate) fn in_messages<'a, T: Clone>(
    what: &'static str,
    list: &'a [T],
    each: usize,
) -> Result<impl Iterator<Item = Vec<T>> + 'a, TooMany> {
    let (count, most) = (list.len(), each.saturating_mul(MESSAGES));
    match count <= most {
        true => Ok(list.chunks(each.max(1)).map(<[T]>::to_vec)),
        false => Err(TooMany {
            what,
            count,
            each,
            most,
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_messages_take_what_fits_and_no_more() {
        let sizes = |count: u32| {
            let all: Vec<u32> = (0..count).collect();
            let batches = in_messages("keys", &all, 100);
            let sizes = batches.map(|batches| batches.map(|batch| batch.len()).collect::<Vec<_>>());
            sizes.map_err(|error| error.to_string())
        };
        assert_eq!(sizes(1), Ok(vec![1]));
        assert_eq!(sizes(101), Ok(vec![100, 1]));
        assert_eq!(sizes(500), Ok(vec![100; 5]));
        let refused = "501 keys: one transaction takes at most 500, 5 messages of 100";
        assert_eq!(sizes(501), Err(refused.to_owned()));
    }
}
