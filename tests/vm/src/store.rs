//! The store that all contracts and the bank share, with an undo log.

use std::collections::BTreeMap;
use std::ops::Bound;

use cosmwasm_std_vm::Order;

/// Keys, values, and what they were before.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: BTreeMap<Vec<u8>, Vec<u8>>,
    undo: Vec<(Vec<u8>, Option<Vec<u8>>)>,
}

/// A point to which the store can go back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

impl Store {
    pub(crate) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        self.entries.get(key).map(Vec::as_slice)
    }

    pub(crate) fn set(&mut self, key: &[u8], value: &[u8]) {
        let before = self.entries.insert(key.to_vec(), value.to_vec());
        self.undo.push((key.to_vec(), before));
    }

    pub(crate) fn remove(&mut self, key: &[u8]) {
        let before = self.entries.remove(key);
        self.undo.push((key.to_vec(), before));
    }

    /// The first entry of a range of keys, in this order.
    pub(crate) fn first_of(
        &self,
        range: (Bound<Vec<u8>>, Bound<Vec<u8>>),
        order: Order,
    ) -> Option<(&[u8], &[u8])> {
        if is_empty(&range) {
            return None;
        }
        let mut entries = self.entries.range(range);
        let entry = match order {
            Order::Ascending => entries.next(),
            Order::Descending => entries.next_back(),
        };
        entry.map(|(key, value)| (key.as_slice(), value.as_slice()))
    }

    /// All entries whose key begins so.
    pub(crate) fn with_prefix<'a>(
        &'a self,
        prefix: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        let from = (Bound::Included(prefix.to_vec()), Bound::Unbounded);
        let entries = self.entries.range::<Vec<u8>, _>(from);
        entries
            .take_while(move |(key, _)| key.starts_with(prefix))
            .map(|(key, value)| (key.as_slice(), value.as_slice()))
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.undo.len())
    }

    /// Undoes everything since.
    pub(crate) fn roll_back(&mut self, to: Mark) {
        while self.undo.len() > to.0 {
            match self.undo.pop() {
                Some((key, Some(value))) => self.entries.insert(key, value),
                Some((key, None)) => self.entries.remove(&key),
                None => return,
            };
        }
    }

    /// Nothing of what was done so far can be undone any more.
    pub(crate) fn commit(&mut self) {
        self.undo.clear();
    }
}

/// A range that a map would not accept, or that has no keys.
fn is_empty((from, until): &(Bound<Vec<u8>>, Bound<Vec<u8>>)) -> bool {
    use Bound::{Excluded, Included, Unbounded};
    match (from, until) {
        (Unbounded, _) | (_, Unbounded) => false,
        (Included(from), Included(until)) => from > until,
        (Included(from) | Excluded(from), Excluded(until)) | (Excluded(from), Included(until)) => {
            from >= until
        }
    }
}
