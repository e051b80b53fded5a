//! A value by epoch that only its own contract reads: one write a change, whatever came before.
//!
//! Each value stands under its first epoch, so the one in force is found by a step back from any
//! epoch. Another contract cannot step through storage: what it must read is a
//! [`Timeline`](crate::Timeline).

use core::marker::PhantomData;

use cosmwasm_std::{Order, Storage};

use crate::epoch::Epoch;
use crate::fault::{fault, StdResult};
use crate::packed::Packed;
use crate::raw::key;
use crate::timeline::Span;

/// Values by epoch under any number of ids. No id may be the beginning of another.
pub struct History<T> {
    records: Records,
    value: PhantomData<fn() -> T>,
}

impl<T: Packed> History<T> {
    /// One namespace byte.
    pub const fn new(namespace: u8) -> Self {
        Self {
            records: Records { namespace },
            value: PhantomData,
        }
    }

    /// The newest value, which may take effect only in a coming epoch.
    pub fn newest(&self, storage: &dyn Storage, id: &[u8]) -> StdResult<Option<Span<T>>> {
        unpacked(self.records.newest(storage, id)?)
    }

    /// The value in force in `epoch`, none before the first one.
    pub fn at(&self, storage: &dyn Storage, id: &[u8], epoch: Epoch) -> StdResult<Option<T>> {
        Ok(self.begun(storage, id, epoch)?.map(|span| span.value))
    }

    /// The value in force in `epoch` and since when; when it ends is left open.
    pub fn begun(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Span<T>>> {
        unpacked(self.records.begun(storage, id, epoch)?)
    }

    /// The value in force in `epoch` with the epochs in which it is.
    pub fn span_at(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Span<T>>> {
        unpacked(self.records.span_at(storage, id, epoch)?)
    }

    /// The first epoch with a value.
    pub fn first(&self, storage: &dyn Storage, id: &[u8]) -> StdResult<Option<Epoch>> {
        self.records.first_from(storage, id, Epoch(0))
    }

    /// The first change after `epoch`.
    pub fn next_change(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Epoch>> {
        self.records.next_change(storage, id, epoch)
    }

    /// Sets the value from epoch `from` on. It cannot be set for an epoch before the newest value.
    pub fn set(
        &self,
        storage: &mut dyn Storage,
        id: &[u8],
        from: Epoch,
        value: &T,
    ) -> StdResult<()> {
        self.records.set(storage, id, from, &value.to_packed())
    }

    /// Takes the value that begins in `from` back. Only for one that has not taken effect.
    pub fn remove(&self, storage: &mut dyn Storage, id: &[u8], from: Epoch) {
        storage.remove(&self.records.key(id, from));
    }

    /// Ids that begin with `prefix` and follow `after`, which lacks the prefix, in order.
    pub fn ids_after(
        &self,
        storage: &dyn Storage,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> StdResult<Vec<Vec<u8>>> {
        self.records.ids_after(storage, prefix, after, limit)
    }
}

fn unpacked<T: Packed>(span: Option<Span<Vec<u8>>>) -> StdResult<Option<Span<T>>> {
    let Some(Span { from, until, value }) = span else {
        return Ok(None);
    };
    let value = T::from_packed(&value)?;
    Ok(Some(Span { from, until, value }))
}

/// The records of a history, whatever they hold. Mostly the newest value is the one in force, so it
/// is looked at first: one scan answers what is in force and that no change follows.
struct Records {
    namespace: u8,
}

impl Records {
    fn newest(&self, storage: &dyn Storage, id: &[u8]) -> StdResult<Option<Span<Vec<u8>>>> {
        self.last_until(storage, id, Epoch(u32::MAX))
    }

    fn begun(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Span<Vec<u8>>>> {
        match self.newest(storage, id)? {
            Some(newest) if newest.from > epoch => self.last_until(storage, id, epoch),
            newest => Ok(newest),
        }
    }

    fn span_at(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Span<Vec<u8>>>> {
        let Some(span) = self.begun(storage, id, epoch)? else {
            return Ok(None);
        };
        let until = self.next_change(storage, id, epoch)?;
        Ok(Some(Span { until, ..span }))
    }

    fn next_change(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Epoch>> {
        match self.newest(storage, id)? {
            Some(newest) if newest.from > epoch => self.first_from(storage, id, epoch.next()),
            _ => Ok(None),
        }
    }

    fn set(
        &self,
        storage: &mut dyn Storage,
        id: &[u8],
        from: Epoch,
        value: &[u8],
    ) -> StdResult<()> {
        let newest = self.newest(storage, id)?;
        if newest.is_some_and(|newest| newest.from > from) {
            return Err(fault("a history cannot be changed in the past"));
        }
        storage.set(&self.key(id, from), value);
        Ok(())
    }

    fn ids_after(
        &self,
        storage: &dyn Storage,
        prefix: &[u8],
        after: Option<&[u8]>,
        limit: usize,
    ) -> StdResult<Vec<Vec<u8>>> {
        let end = after_all(&key(self.namespace, &[prefix]));
        let mut start = match after {
            None => key(self.namespace, &[prefix]),
            Some(after) => after_all(&key(self.namespace, &[prefix, after])),
        };
        let mut ids = vec![];
        while ids.len() < limit {
            let record = storage
                .range(Some(&start), Some(&end), Order::Ascending)
                .next();
            let Some((key, _)) = record else {
                break;
            };
            let id = key.get(1..key.len().saturating_sub(EPOCH_BYTES));
            let id = id.ok_or_else(|| fault("key of a history"))?;
            start = after_all(&crate::raw::key(self.namespace, &[id]));
            ids.push(id.get(prefix.len()..).unwrap_or_default().to_vec());
        }
        Ok(ids)
    }

    fn last_until(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Span<Vec<u8>>>> {
        let (start, end) = (self.key(id, Epoch(0)), after(self.key(id, epoch)));
        let record = storage
            .range(Some(&start), Some(&end), Order::Descending)
            .next();
        let Some((key, value)) = record else {
            return Ok(None);
        };
        Ok(Some(Span {
            from: epoch_of(&key)?,
            until: None,
            value,
        }))
    }

    fn first_from(
        &self,
        storage: &dyn Storage,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Epoch>> {
        let (start, end) = (self.key(id, epoch), after(self.key(id, Epoch(u32::MAX))));
        let record = storage
            .range(Some(&start), Some(&end), Order::Ascending)
            .next();
        record.map(|(key, _)| epoch_of(&key)).transpose()
    }

    fn key(&self, id: &[u8], from: Epoch) -> Vec<u8> {
        key(self.namespace, &[id, &from.0.to_be_bytes()])
    }
}

const EPOCH_BYTES: usize = 4;

fn epoch_of(key: &[u8]) -> StdResult<Epoch> {
    let tail = key.len().saturating_sub(EPOCH_BYTES);
    Epoch::from_packed(key.get(tail..).unwrap_or_default())
}

/// The first key after this one.
fn after(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// A key after all that begin with this one and go on with an id and an epoch that exists.
fn after_all(prefix: &[u8]) -> Vec<u8> {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if let Some(next) = last.checked_add(1) {
            end.push(next);
            break;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const HISTORY: History<u32> = History::new(0x80);

    fn span(from: u32, until: Option<u32>, value: u32) -> Option<Span<u32>> {
        Some(Span {
            from: Epoch(from),
            until: until.map(Epoch),
            value,
        })
    }

    #[test]
    fn the_value_in_force_is_the_last_one_begun() {
        let mut storage = MockStorage::new();
        for (from, value) in [(2, 20), (5, 50), (5, 51), (9, 90)] {
            HISTORY
                .set(&mut storage, &[7], Epoch(from), &value)
                .unwrap();
        }
        let at = |epoch| HISTORY.span_at(&storage, &[7], Epoch(epoch)).unwrap();
        assert_eq!(at(1), None);
        assert_eq!(at(4), span(2, Some(5), 20));
        assert_eq!(at(5), span(5, Some(9), 51));
        assert_eq!(at(100), span(9, None, 90));
        assert_eq!(HISTORY.first(&storage, &[7]).unwrap(), Some(Epoch(2)));
        assert_eq!(HISTORY.newest(&storage, &[8]).unwrap(), None);
        assert!(HISTORY.set(&mut storage, &[7], Epoch(8), &1).is_err());
        HISTORY.remove(&mut storage, &[7], Epoch(9));
        assert_eq!(HISTORY.newest(&storage, &[7]).unwrap(), span(5, None, 51));
    }

    #[test]
    fn ids_are_listed_once_each_whatever_they_are_made_of() {
        let mut storage = MockStorage::new();
        for id in [[1, 0xff], [1, 3], [2, 0], [0xff, 0xff], [1, 0]] {
            for from in [0, 7] {
                HISTORY.set(&mut storage, &id, Epoch(from), &1).unwrap();
            }
        }
        let list = |prefix: &[u8], after: Option<&[u8]>, limit| {
            HISTORY.ids_after(&storage, prefix, after, limit).unwrap()
        };
        assert_eq!(list(&[1], None, 9), [[0], [3], [0xff]]);
        assert_eq!(list(&[1], Some(&[0]), 1), [[3]]);
        assert_eq!(list(&[1], Some(&[0xff]), 9), [[0u8; 1]; 0]);
        assert_eq!(list(&[0xff], None, 9), [[0xff]]);
    }

    proptest! {
        #[test]
        fn a_history_is_a_map_read_downwards(
            changes in prop::collection::vec((0u32..4, any::<u32>()), 1..30),
            asked in 0u32..80,
        ) {
            let (mut storage, mut naive, mut from) = (MockStorage::new(), BTreeMap::new(), 0);
            for (step, value) in changes {
                from += step;
                HISTORY.set(&mut storage, &[1, 2], Epoch(from), &value).unwrap();
                naive.insert(from, value);
            }
            let before = naive.range(..=asked).next_back();
            let after = naive.range(asked + 1..).next();
            let expected = before.map(|(from, value)| Span {
                from: Epoch(*from),
                until: after.map(|(until, _)| Epoch(*until)),
                value: *value,
            });
            prop_assert_eq!(HISTORY.span_at(&storage, &[1, 2], Epoch(asked)).unwrap(), expected);
        }
    }
}
