//! A value by epoch: what is in force now, what will be, and what was at any earlier epoch.
//!
//! The newest value and a few before it stand in one head record, so that a change is one write and
//! the recent past one read; what no longer has room there moves to numbered past records. A change
//! in the epoch of the newest value overwrites it. An old value is a binary search over the past
//! records. Another contract can read a timeline by exact keys alone.

use core::marker::PhantomData;

use cosmwasm_std::Storage;

use crate::epoch::Epoch;
use crate::fault::{fault, StdResult};
use crate::packed::{Packed, Reader};
use crate::raw::{key, write_packed, Local, RawRead};
use crate::short::Short;

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
    kept: usize,
    value: PhantomData<fn() -> T>,
}

struct Record<T> {
    from: Epoch,
    value: T,
}

/// The newest values, the last one in force from its epoch on. Packed from the newest to the
/// oldest: its first epoch, then how many epochs earlier each one before begins.
struct Records<T>(Vec<Record<T>>);

impl<T: Packed> Packed for Records<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        let mut later = None;
        for Record { from, value } in self.0.iter().rev() {
            let number = later.map_or(from.0, |later: Epoch| later.since(*from));
            Short(number.into()).pack(out);
            value.pack(out);
            later = Some(*from);
        }
    }

    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let (mut records, mut later) = (vec![], None);
        while !input.is_empty() {
            let number = Short::unpack_u32(input)?;
            let from = later.map_or(Some(number), |later: Epoch| later.0.checked_sub(number));
            let from = Epoch(from.ok_or_else(|| fault("epochs of a timeline"))?);
            let value = T::unpack(input)?;
            records.push(Record { from, value });
            later = Some(from);
        }
        records.reverse();
        Ok(Self(records))
    }
}

impl<T> Records<T> {
    /// The place of the value in force in `epoch`; none before the first one.
    fn place(&self, epoch: Epoch) -> Option<usize> {
        self.0.iter().rposition(|record| record.from <= epoch)
    }

    /// The value at a place; the one after the last begins in `until`.
    fn take(mut self, place: usize, until: Option<Epoch>) -> Option<Span<T>> {
        let next = self.0.get(place.saturating_add(1)).map(|next| next.from);
        let record = (place < self.0.len()).then(|| self.0.swap_remove(place))?;
        Some(Span {
            from: record.from,
            until: next.or(until),
            value: record.value,
        })
    }
}

/// The number of the first of some past values, these, and the start of the value after them.
type Past<T> = (u32, Records<T>, Option<Epoch>);

struct Head<T> {
    /// Values in past records.
    past: u32,
    recent: Records<T>,
}

impl<T: Packed> Packed for Head<T> {
    fn pack(&self, out: &mut Vec<u8>) {
        Short(self.past.into()).pack(out);
        self.recent.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            past: Short::unpack_u32(input)?,
            recent: Records::unpack(input)?,
        })
    }
}

impl<T: Packed> Timeline<T> {
    /// Two namespace bytes: of the head records and of the past ones.
    pub const fn new(head: u8, past: u8) -> Self {
        Self {
            head,
            past,
            kept: 0,
            value: PhantomData,
        }
    }

    /// Keeps so many values beside the newest one in the head record, and as many in each past one.
    /// Each costs its bytes at every change and saves a past record's write at most changes: worth
    /// it for values of a few bytes.
    pub const fn keeping(self, kept: usize) -> Self {
        Self { kept, ..self }
    }

    /// The newest value, which may take effect only in a coming epoch.
    pub fn newest(&self, store: &impl RawRead, id: &[u8]) -> StdResult<Option<Span<T>>> {
        let head = self.head(store, id)?;
        Ok(head.and_then(|head| {
            let last = head.recent.0.len().saturating_sub(1);
            head.recent.take(last, None)
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
        Ok(self.find(store, id, epoch)?.map(|(_, span)| span))
    }

    /// The first epoch with a value.
    pub fn first(&self, store: &impl RawRead, id: &[u8]) -> StdResult<Option<Epoch>> {
        let oldest = match self.head(store, id)? {
            None => return Ok(None),
            Some(head) if head.past == 0 => head.recent,
            Some(_) => self.past_records(store, id, 0)?,
        };
        Ok(oldest.0.first().map(|record| record.from))
    }

    /// How many values were in force before the one of `epoch`.
    pub fn count_before(&self, store: &impl RawRead, id: &[u8], epoch: Epoch) -> StdResult<u32> {
        Ok(self.find(store, id, epoch)?.map_or(0, |(number, _)| number))
    }

    /// Sets the value from epoch `from` on. It cannot be set for an epoch before the newest value.
    pub fn set(
        &self,
        storage: &mut dyn Storage,
        id: &[u8],
        from: Epoch,
        value: T,
    ) -> StdResult<()> {
        let mut head = self.head(&Local(storage), id)?.unwrap_or(Head {
            past: 0,
            recent: Records(vec![]),
        });
        match head.recent.0.last_mut() {
            Some(newest) if newest.from > from => {
                return Err(fault("a timeline cannot be changed in the past"));
            }
            Some(newest) if newest.from == from => newest.value = value,
            _ => {
                if head.recent.0.len() > self.kept {
                    self.move_to_past(storage, id, &mut head)?;
                }
                head.recent.0.push(Record { from, value });
            }
        }
        write_packed(storage, &self.head_key(id), &head);
        Ok(())
    }

    /// Sets the first value under a new id, without looking whether there is one.
    pub fn begin(&self, storage: &mut dyn Storage, id: &[u8], from: Epoch, value: T) {
        let recent = Records(vec![Record { from, value }]);
        write_packed(storage, &self.head_key(id), &Head { past: 0, recent });
    }

    /// Takes the newest value back, so that the one before it is in force again. Only for a value
    /// that has not taken effect. False if there is no earlier value.
    pub fn undo(&self, storage: &mut dyn Storage, id: &[u8]) -> StdResult<bool> {
        let Some(mut head) = self.head(&Local(storage), id)? else {
            return Ok(false);
        };
        head.recent.0.pop();
        if head.recent.0.is_empty() {
            let Some(past) = head.past.checked_sub(self.per_past_record()) else {
                return Ok(false);
            };
            head.past = past;
            let last = self.past_key(id, past);
            head.recent = self.past_records(&Local(storage), id, past)?;
            storage.remove(&last);
        }
        write_packed(storage, &self.head_key(id), &head);
        Ok(true)
    }

    /// The value in force in `epoch`, and how many were before it.
    fn find(
        &self,
        store: &impl RawRead,
        id: &[u8],
        epoch: Epoch,
    ) -> StdResult<Option<(u32, Span<T>)>> {
        let Some(head) = self.head(store, id)? else {
            return Ok(None);
        };
        let (number, records, until) = match head.recent.place(epoch) {
            Some(_) => (head.past, head.recent, None),
            None => {
                let until = head.recent.0.first().map(|record| record.from);
                match self.search(store, id, epoch, head.past, until)? {
                    Some(found) => found,
                    None => return Ok(None),
                }
            }
        };
        let Some(place) = records.place(epoch) else {
            return Ok(None);
        };
        let before = u32::try_from(place).unwrap_or(u32::MAX);
        let span = records.take(place, until);
        Ok(span.map(|span| (number.saturating_add(before), span)))
    }

    /// Binary search for the last past record that begins at or before `epoch`: the number of its
    /// first value, its values, and the start of the value after them. `until` is the start of the
    /// first value that is not past, which is later than `epoch`.
    fn search(
        &self,
        store: &impl RawRead,
        id: &[u8],
        epoch: Epoch,
        past: u32,
        until: Option<Epoch>,
    ) -> StdResult<Option<Past<T>>> {
        let size = self.per_past_record();
        let records = past.checked_div(size).unwrap_or(0);
        let (mut low, mut high, mut until, mut found) = (0, records, until, None);
        // The newest past record is by far the one most asked for: look there first.
        let mut probe = records.checked_sub(1);
        while let Some(middle) = probe {
            let number = middle.saturating_mul(size);
            let values = self.past_records(store, id, number)?;
            let first = values.0.first().map(|record| record.from);
            if first.is_some_and(|first| first <= epoch) {
                low = middle.saturating_add(1);
                found = Some((number, values));
            } else {
                high = middle;
                until = first;
            }
            probe = (low < high).then(|| low.midpoint(high));
        }
        Ok(found.map(|(number, values)| (number, values, until)))
    }

    /// Moves the oldest values of the head to a past record.
    fn move_to_past(
        &self,
        storage: &mut dyn Storage,
        id: &[u8],
        head: &mut Head<T>,
    ) -> StdResult<()> {
        let size = self.per_past_record();
        let rest = head.recent.0.split_off(usize::try_from(size).unwrap_or(0));
        let moved = core::mem::replace(&mut head.recent.0, rest);
        write_packed(storage, &self.past_key(id, head.past), &Records(moved));
        let past = head.past.checked_add(size);
        head.past = past.ok_or_else(|| fault("timeline is full"))?;
        Ok(())
    }

    /// Values per past record.
    fn per_past_record(&self) -> u32 {
        u32::try_from(self.kept).unwrap_or(u32::MAX).max(1)
    }

    fn head(&self, store: &impl RawRead, id: &[u8]) -> StdResult<Option<Head<T>>> {
        store.read_packed(&self.head_key(id))
    }

    /// The past record whose first value has this number.
    fn past_records(&self, store: &impl RawRead, id: &[u8], number: u32) -> StdResult<Records<T>> {
        store.require_packed(&self.past_key(id, number), "timeline record")
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
    use cosmwasm_std::Order;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const VALUES: Timeline<u32> = Timeline::new(0x80, 0x81);
    const ID: &[u8] = b"x";

    #[test]
    fn every_id_of_every_timeline_has_values_of_its_own() {
        const OTHERS: Timeline<u32> = Timeline::new(0x82, 0x83);
        let mut storage = MockStorage::new();
        VALUES.begin(&mut storage, b"x", Epoch(1), 10);
        VALUES.begin(&mut storage, b"y", Epoch(2), 20);
        VALUES.set(&mut storage, b"y", Epoch(3), 30).unwrap();
        OTHERS.begin(&mut storage, b"x", Epoch(4), 40);
        let newest = |timeline: &Timeline<u32>, id: &[u8]| {
            let span = timeline.newest(&Local(&storage), id).unwrap();
            span.map(|span| (span.from.0, span.value))
        };
        assert_eq!(newest(&VALUES, b"x"), Some((1, 10)));
        assert_eq!(newest(&VALUES, b"y"), Some((3, 30)));
        assert_eq!(newest(&OTHERS, b"x"), Some((4, 40)));
        assert_eq!(newest(&OTHERS, b"y"), None);
        assert_eq!(VALUES.at(&Local(&storage), b"y", Epoch(2)), Ok(Some(20)));
    }

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
    fn recent_values_stand_in_the_head_and_move_on_together() {
        let values = VALUES.keeping(2);
        let mut storage = MockStorage::new();
        let entries = |storage: &MockStorage| storage.range(None, None, Order::Ascending).count();
        for (epoch, records) in [(1, 1), (2, 1), (3, 1), (4, 2), (5, 2), (6, 3)] {
            values.set(&mut storage, ID, Epoch(epoch), epoch).unwrap();
            assert_eq!(entries(&storage), records, "epoch {epoch}");
        }
        assert_eq!(values.first(&Local(&storage), ID).unwrap(), Some(Epoch(1)));
    }

    proptest! {
        #[test]
        fn agrees_with_a_plain_map(
            kept in 0usize..5,
            steps in prop::collection::vec((0u32..4, 0u32..1_000, prop::bool::weighted(0.2)), 1..60),
        ) {
            let values = VALUES.keeping(kept);
            let (mut storage, mut plain, mut epoch) = (MockStorage::new(), BTreeMap::new(), 0);
            for (gap, value, undo) in steps {
                epoch += gap;
                values.set(&mut storage, ID, Epoch(epoch), value).unwrap();
                plain.insert(epoch, value);
                if undo {
                    let earlier = plain.len() > 1;
                    prop_assert_eq!(values.undo(&mut storage, ID).unwrap(), earlier);
                    if earlier {
                        plain.pop_last();
                    }
                }
            }
            let store = Local(&storage);
            let first = plain.first_key_value().map(|(from, _)| Epoch(*from));
            prop_assert_eq!(values.first(&store, ID).unwrap(), first);
            let newest = plain.last_key_value().map(|(from, value)| (Epoch(*from), *value));
            let found = values.newest(&store, ID).unwrap();
            prop_assert_eq!(found.map(|span| (span.from, span.value)), newest);
            for asked in 0..=epoch + 1 {
                let span = values.span_at(&store, ID, Epoch(asked)).unwrap();
                let expected = plain.range(..=asked).next_back().map(|(from, value)| Span {
                    from: Epoch(*from),
                    until: plain.range(asked + 1..).next().map(|(from, _)| Epoch(*from)),
                    value: *value,
                });
                prop_assert_eq!(span, expected);
                let before = values.count_before(&store, ID, Epoch(asked)).unwrap();
                let in_force = plain.range(..=asked).count();
                prop_assert_eq!(before as usize, in_force.saturating_sub(1));
            }
        }
    }
}
