//! A value by epoch: what is in force now, what will be, and what was at any earlier epoch.
//!
//! The newest value stands in a head record; a change that takes effect in a later epoch moves the
//! head to a numbered past record, a change in the same epoch overwrites it. Reading the newest
//! value is one read, an older one a binary search over the past records. Another contract can
//! read a timeline by exact keys alone.

use core::marker::PhantomData;

use cosmwasm_std::Storage;

use crate::epoch::Epoch;
use crate::fault::{fault, not_found, StdResult};
use crate::packed::{Packed, Reader};
use crate::raw::{key, write_packed, Local, RawRead};

/// A value and the epochs in which it is in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span<T> {
    /// First epoch.
    pub from: Epoch,
    /// First epoch in which the next value is in force; none for the newest value.
    pub until: Option<Epoch>,
    /// The value.
    pub value: T,
}

/// Values by epoch under any number of keys.
pub struct Timeline<T> {
    head: u8,
    past: u8,
    value: PhantomData<fn() -> T>,
}

struct Record<T> {
    from: Epoch,
    value: T,
}

impl<T: Packed> Packed for Record<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.from.pack(out);
        self.value.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            from: Epoch::unpack(input)?,
            value: T::unpack(input)?,
        })
    }
}

struct Head<T> {
    past: u32,
    newest: Record<T>,
}

impl<T: Packed> Packed for Head<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        self.past.pack(out);
        self.newest.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            past: u32::unpack(input)?,
            newest: Record::unpack(input)?,
        })
    }
}

impl<T: Packed> Timeline<T> {
    /// Two namespace bytes: of the head records and of the past ones.
    pub const fn new(head: u8, past: u8) -> Self {
        Self {
            head,
            past,
            value: PhantomData,
        }
    }

    /// The newest value, which may take effect only in a coming epoch.
    pub fn newest(&self, store: &impl RawRead, id: &[u8]) -> StdResult<Option<Span<T>>> {
        let head = self.head(store, id)?;
        Ok(head.map(|head| Span {
            from: head.newest.from,
            until: None,
            value: head.newest.value,
        }))
    }

    /// The value in force in `epoch`, none before the first one.
    pub fn at(&self, store: &impl RawRead, id: &[u8], epoch: Epoch) -> StdResult<Option<T>> {
        Ok(self.span_at(store, id, epoch)?.map(|span| span.value))
    }

    /// The value in force in `epoch` with the epochs in which it is.
    pub fn span_at(
        &self,
        store: &impl RawRead,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<Span<T>>> {
        let Some(head) = self.head(store, id)? else {
            return Ok(None);
        };
        if head.newest.from <= epoch {
            let Record { from, value } = head.newest;
            return Ok(Some(Span {
                from,
                until: None,
                value,
            }));
        }
        let found = self.search(store, id, epoch, head.past, head.newest.from)?;
        Ok(found.map(|(_, span)| span))
    }

    /// The first epoch with a value.
    pub fn first(&self, store: &impl RawRead, id: &[u8]) -> StdResult<Option<Epoch>> {
        Ok(match self.head(store, id)? {
            None => None,
            Some(head) if head.past == 0 => Some(head.newest.from),
            Some(_) => Some(self.past_record(store, id, 0)?.from),
        })
    }

    /// How many values were in force before the one of `epoch`.
    pub fn count_before(&self, store: &impl RawRead, id: &[u8], epoch: Epoch) -> StdResult<u32> {
        let Some(head) = self.head(store, id)? else {
            return Ok(0);
        };
        if head.newest.from <= epoch {
            return Ok(head.past);
        }
        let found = self.search(store, id, epoch, head.past, head.newest.from)?;
        Ok(found.map_or(0, |(number, _)| number))
    }

    /// Sets the value from epoch `from` on. It cannot be set for an epoch before the newest value.
    pub fn set(
        &self,
        storage: &mut dyn Storage,
        id: &[u8],
        from: Epoch,
        value: T,
    ) -> StdResult<()> {
        let past = match self.head(&Local(storage), id)? {
            None => 0,
            Some(head) if head.newest.from == from => head.past,
            Some(head) if head.newest.from > from => {
                return Err(fault("a timeline cannot be changed in the past").into());
            }
            Some(head) => {
                write_packed(storage, &self.past_key(id, head.past), &head.newest);
                head.past
                    .checked_add(1)
                    .ok_or_else(|| fault("timeline is full"))?
            }
        };
        write_packed(
            storage,
            &self.head_key(id),
            &Head {
                past,
                newest: Record { from, value },
            },
        );
        Ok(())
    }

    /// Takes the newest value back, so that the one before it is in force again. Only for a value
    /// that has not taken effect. False if there is no earlier value.
    pub fn undo(&self, storage: &mut dyn Storage, id: &[u8]) -> StdResult<bool> {
        let Some(head) = self.head(&Local(storage), id)? else {
            return Ok(false);
        };
        let Some(last) = head.past.checked_sub(1) else {
            return Ok(false);
        };
        let newest = self.past_record(&Local(storage), id, last)?;
        storage.remove(&self.past_key(id, last));
        write_packed(storage, &self.head_key(id), &Head { past: last, newest });
        Ok(true)
    }

    /// Binary search for the last past record that begins at or before `epoch`. `until` is the
    /// start of the head, which is later than `epoch`. Answers the record's number too.
    fn search(
        &self,
        store: &impl RawRead,
        id: &[u8],
        epoch: Epoch,
        past: u32,
        until: Epoch,
    ) -> StdResult<Option<(u32, Span<T>)>> {
        let (mut low, mut high, mut until, mut found) = (0, past, until, None);
        // The newest past record is by far the one most asked for: look there first.
        let mut probe = past.checked_sub(1);
        while let Some(middle) = probe {
            let record = self.past_record(store, id, middle)?;
            if record.from <= epoch {
                low = middle.saturating_add(1);
                found = Some((middle, record));
            } else {
                high = middle;
                until = record.from;
            }
            probe = (low < high).then(|| low.midpoint(high));
        }
        Ok(found.map(|(number, Record { from, value })| {
            let until = Some(until);
            (number, Span { from, until, value })
        }))
    }

    fn head(&self, store: &impl RawRead, id: &[u8]) -> StdResult<Option<Head<T>>> {
        store.read_packed(&self.head_key(id))
    }

    fn past_record(&self, store: &impl RawRead, id: &[u8], number: u32) -> StdResult<Record<T>> {
        let record = store.read_packed(&self.past_key(id, number))?;
        record.ok_or_else(|| not_found("timeline record"))
    }

    fn head_key(&self, id: &[u8]) -> Vec<u8> {
        key(self.head, &[id])
    }

    fn past_key(&self, id: &[u8], number: u32) -> Vec<u8> {
        key(self.past, &[id, &number.to_be_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const VALUES: Timeline<u32> = Timeline::new(0x80, 0x81);
    const ID: &[u8] = b"x";

    #[test]
    fn a_change_counts_from_its_epoch_and_not_before() {
        let mut storage = MockStorage::new();
        VALUES.set(&mut storage, ID, Epoch(3), 30).unwrap();
        VALUES.set(&mut storage, ID, Epoch(5), 50).unwrap();
        let at = |epoch| VALUES.at(&Local(&storage), ID, Epoch(epoch)).unwrap();
        assert_eq!(
            [at(2), at(3), at(4), at(5), at(900)],
            [None, Some(30), Some(30), Some(50), Some(50)]
        );
        assert!(VALUES.set(&mut storage, ID, Epoch(4), 40).is_err());
    }

    #[test]
    fn a_value_taken_back_never_was() {
        let mut storage = MockStorage::new();
        VALUES.set(&mut storage, ID, Epoch(0), 1).unwrap();
        let before = VALUES.newest(&Local(&storage), ID).unwrap();
        VALUES.set(&mut storage, ID, Epoch(9), 2).unwrap();
        assert!(VALUES.undo(&mut storage, ID).unwrap());
        assert_eq!(VALUES.newest(&Local(&storage), ID).unwrap(), before);
        assert!(!VALUES.undo(&mut storage, ID).unwrap());
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_map(steps in prop::collection::vec((0u32..4, 0u32..1_000), 1..60)) {
            let (mut storage, mut plain, mut epoch) = (MockStorage::new(), BTreeMap::new(), 0);
            for (gap, value) in steps {
                epoch += gap;
                VALUES.set(&mut storage, ID, Epoch(epoch), value).unwrap();
                plain.insert(epoch, value);
            }
            for asked in 0..=epoch + 1 {
                let span = VALUES.span_at(&Local(&storage), ID, Epoch(asked)).unwrap();
                let expected = plain.range(..=asked).next_back().map(|(from, value)| Span {
                    from: Epoch(*from),
                    until: plain.range(asked + 1..).next().map(|(from, _)| Epoch(*from)),
                    value: *value,
                });
                prop_assert_eq!(span, expected);
                let before = VALUES.count_before(&Local(&storage), ID, Epoch(asked)).unwrap();
                let in_force = plain.range(..=asked).count();
                prop_assert_eq!(before as usize, in_force.saturating_sub(1));
            }
        }
    }
}
