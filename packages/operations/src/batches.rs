//! Long lists, as several messages of one transaction.

use thiserror::Error;

/// Messages in one transaction at most.
pub(crate) const MESSAGES: usize = 5;

/// A list is too long for one transaction.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("{count} of them: one transaction takes at most {most}, {MESSAGES} messages of {each}")]
pub struct TooMany {
    /// How many there are.
    pub count: usize,
    /// How many a message takes.
    pub each: usize,
    /// How many a transaction takes.
    pub most: usize,
}

/// The list in pieces, one a message, in order.
pub(crate) fn in_messages<T: Clone>(list: &[T], each: usize) -> Result<Vec<Vec<T>>, TooMany> {
    let (count, most) = (list.len(), each.saturating_mul(MESSAGES));
    match count <= most {
        true => Ok(list.chunks(each.max(1)).map(<[T]>::to_vec).collect()),
        false => Err(TooMany { count, each, most }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_messages_take_what_fits_and_no_more() {
        let list: Vec<u32> = (0..11).collect();
        assert_eq!(
            in_messages(&list[..5], 2),
            Ok(vec![vec![0, 1], vec![2, 3], vec![4]])
        );
        assert_eq!(in_messages(&list[..10], 2).map(|all| all.len()), Ok(5));
        assert_eq!(
            in_messages(&list, 2).unwrap_err().to_string(),
            "11 of them: one transaction takes at most 10, 5 messages of 2"
        );
    }
}
