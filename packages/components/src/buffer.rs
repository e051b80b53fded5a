//! A contract's storage during one message or query: every record is read once and written once.
//!
//! On a Cosmos chain each read costs 1,000 gas, each write 2,000, whatever the size. Code that asks
//! for the same record at several places, or changes it twice, would pay each time. A [`Buffer`]
//! remembers what was read and holds back what is written until the message has succeeded, so code
//! need not carry records about to save gas. A [`Bundle`] goes further: small records that most
//! messages touch stand side by side under one key.
//!
//! What is held back is seen by nobody else: a query that leads back into the contract during its
//! own message, asked by another contract, answers from the state before the message.

use std::cell::RefCell;
use std::cmp::Ordering;

use cosmwasm_std::{Deps, DepsMut, Order, Record, Storage};

use crate::fault::{unreadable, Fault, StdResult};
use crate::packed::{Packed, Reader};
use crate::raw::RawRead;

/// Small records that are stored as one: their lengths and bytes in a fixed order.
///
/// Which ones: those whose keys begin with one of `parts`. What follows in the key, such as an
/// account, follows the bundle's key too, so that records of one account stand together. None of
/// them can be found by a range of keys.
///
/// An absent record has length 0, which no record has; absent ones at the end are left out. The
/// order is part of the storage layout: new ones go to the end.
#[derive(Clone, Copy, Debug)]
pub struct Bundle {
    /// What the one key begins with.
    pub key: u8,
    /// What the keys of the records in it begin with.
    pub parts: &'static [&'static [u8]],
}

/// A length of this many bytes or more follows in two bytes.
const LONG: u8 = u8::MAX;

impl Bundle {
    /// No record.
    pub const NONE: Self = Self { key: 0, parts: &[] };

    /// Reads through it.
    pub const fn over<R: RawRead>(self, store: R) -> Bundled<R> {
        Bundled {
            store,
            bundle: self,
        }
    }

    /// Does some work in front of a buffer with this bundle alone.
    pub fn change<T, E: From<Fault>>(
        self,
        storage: &mut dyn Storage,
        work: impl FnOnce(&mut dyn Storage) -> Result<T, E>,
    ) -> Result<T, E> {
        change(storage, &[self], work)
    }

    /// A record's place in it, and what follows in its key.
    fn place<'k>(&self, key: &'k [u8]) -> Option<(usize, &'k [u8])> {
        let mut parts = self.parts.iter().enumerate();
        parts.find_map(|(place, part)| Some((place, key.strip_prefix(*part)?)))
    }

    fn stored_key(&self, id: &[u8]) -> Vec<u8> {
        [&[self.key], id].concat()
    }

    fn split(&self, bytes: &[u8]) -> StdResult<Vec<Option<Vec<u8>>>> {
        let (mut reader, mut parts) = (Reader::new(bytes), vec![]);
        for _ in self.parts {
            let length = match reader.is_empty() {
                true => 0,
                false => unpack_length(&mut reader)?,
            };
            let part = reader.take(length.into())?;
            parts.push((length > 0).then(|| part.to_vec()));
        }
        match reader.is_empty() {
            true => Ok(parts),
            false => Err(unreadable("bundle", "trailing bytes")),
        }
    }

    fn join(parts: &[Option<Vec<u8>>]) -> StdResult<Option<Vec<u8>>> {
        let mut bytes = vec![];
        let present = parts.iter().rposition(Option::is_some);
        let Some(last) = present else {
            return Ok(None);
        };
        for part in parts.iter().take(last.saturating_add(1)) {
            let part = part.as_deref().unwrap_or_default();
            pack_length(part.len(), &mut bytes)?;
            bytes.extend_from_slice(part);
        }
        Ok(Some(bytes))
    }
}

impl AsRef<[Bundle]> for Bundle {
    fn as_ref(&self) -> &[Self] {
        std::slice::from_ref(self)
    }
}

fn pack_length(length: usize, out: &mut Vec<u8>) -> StdResult<()> {
    let length = u16::try_from(length);
    let length = length.map_err(|_| unreadable("bundle", "a record is too long"))?;
    match u8::try_from(length) {
        Ok(short) if short < LONG => short.pack(out),
        _ => {
            LONG.pack(out);
            length.pack(out);
        }
    }
    Ok(())
}

fn unpack_length(reader: &mut Reader<'_>) -> StdResult<u16> {
    match u8::unpack(reader)? {
        LONG => u16::unpack(reader),
        short => Ok(short.into()),
    }
}

/// Reads through a bundle: the records in it are found there, all others under their keys.
#[derive(Clone, Copy)]
pub struct Bundled<R> {
    /// Where the keys are looked up.
    pub store: R,
    /// What stands together.
    pub bundle: Bundle,
}

impl<R: RawRead> RawRead for Bundled<R> {
    fn read(&self, key: &[u8]) -> StdResult<Option<Vec<u8>>> {
        let Some((place, id)) = self.bundle.place(key) else {
            return self.store.read(key);
        };
        let Some(bytes) = self.store.read(&self.bundle.stored_key(id))? else {
            return Ok(None);
        };
        let mut parts = self.bundle.split(&bytes)?;
        Ok(parts.get_mut(place).and_then(Option::take))
    }
}

/// A record as it is now.
#[derive(Clone)]
struct Entry {
    key: Vec<u8>,
    value: Option<Vec<u8>>,
    changed: bool,
}

/// The first stored record of a range that was looked at.
struct Scan {
    range: Range,
    first: Option<Record>,
}

/// A range of keys and the direction.
#[derive(Clone, PartialEq, Eq)]
struct Range {
    start: Vec<u8>,
    end: Option<Vec<u8>>,
    downwards: bool,
}

impl Range {
    fn holds(&self, key: &[u8]) -> bool {
        key >= self.start.as_slice() && self.end.as_ref().is_none_or(|end| key < end.as_slice())
    }

    fn records<'a>(&self, storage: &'a dyn Storage) -> Box<dyn Iterator<Item = Record> + 'a> {
        let order = match self.downwards {
            true => Order::Descending,
            false => Order::Ascending,
        };
        storage.range(Some(&self.start), self.end.as_deref(), order)
    }

    /// What of it follows this key.
    fn after(mut self, key: &[u8]) -> Self {
        match self.downwards {
            true => self.end = Some(key.to_vec()),
            false => self.start = [key, &[0]].concat(),
        }
        self
    }
}

/// What a message has learned and changed.
#[derive(Default)]
struct Known {
    /// In the order of their keys.
    entries: Vec<Entry>,
    scans: Vec<Scan>,
    /// Those that were read, each with what follows in its key.
    bundles: Vec<(Bundle, Vec<u8>)>,
    fault: Option<Fault>,
}

impl Known {
    fn search(&self, key: &[u8]) -> Result<usize, usize> {
        self.entries
            .binary_search_by(|entry| entry.key.as_slice().cmp(key))
    }

    fn get(&self, key: &[u8]) -> Option<&Entry> {
        self.search(key).ok().and_then(|at| self.entries.get(at))
    }

    fn learn(&mut self, key: &[u8], value: Option<Vec<u8>>) {
        if let Err(at) = self.search(key) {
            self.insert(at, key, value, false);
        }
    }

    fn change(&mut self, key: &[u8], value: Option<Vec<u8>>) {
        match self.search(key) {
            Err(at) => self.insert(at, key, value, true),
            Ok(at) => {
                if let Some(entry) = self.entries.get_mut(at) {
                    // What stays as it was costs nothing.
                    entry.changed |= entry.value != value;
                    entry.value = value;
                }
            }
        }
    }

    fn insert(&mut self, at: usize, key: &[u8], value: Option<Vec<u8>>, changed: bool) {
        let key = key.to_vec();
        self.entries.insert(
            at,
            Entry {
                key,
                value,
                changed,
            },
        );
    }
}

/// A key and what is to be written under it; nothing if it is to be removed.
type Change = (Vec<u8>, Option<Vec<u8>>);

/// Storage that remembers what was read and holds back what is written.
struct Buffer<'a> {
    under: &'a dyn Storage,
    bundles: &'a [Bundle],
    known: RefCell<Known>,
}

impl<'a> Buffer<'a> {
    fn new(under: &'a dyn Storage, bundles: &'a [Bundle]) -> Self {
        Self {
            under,
            bundles,
            known: RefCell::default(),
        }
    }

    /// The bundle of a record, and what follows in its key.
    fn bundle_of<'k>(&self, key: &'k [u8]) -> Option<(Bundle, &'k [u8])> {
        let mut bundles = self.bundles.iter();
        bundles.find_map(|bundle| Some((*bundle, bundle.place(key)?.1)))
    }

    /// What is to be written: single records in the order of their keys, then bundles.
    fn into_changes(self) -> StdResult<Vec<Change>> {
        let mut known = self.known.take();
        if let Some(fault) = known.fault {
            return Err(fault);
        }
        let mut bundles = vec![];
        for (bundle, id) in &known.bundles {
            let (mut parts, mut changed) = (vec![], false);
            for part in bundle.parts {
                let entry = known.get(&[*part, id].concat());
                changed |= entry.is_some_and(|entry| entry.changed);
                parts.push(entry.and_then(|entry| entry.value.clone()));
            }
            if changed {
                bundles.push((bundle.stored_key(id), Bundle::join(&parts)?));
            }
        }
        let single = |entry: &Entry| entry.changed && self.bundle_of(&entry.key).is_none();
        known.entries.retain(single);
        let entries = known.entries.into_iter();
        let singles = entries.map(|entry| (entry.key, entry.value));
        Ok(singles.chain(bundles).collect())
    }

    /// Learns all records of the bundle if this is one of them.
    fn read_bundle(&self, key: &[u8]) {
        let Some((bundle, id)) = self.bundle_of(key) else {
            return;
        };
        if self.known.borrow().get(key).is_some() {
            return;
        }
        let bytes = self.under.get(&bundle.stored_key(id)).unwrap_or_default();
        let parts = bundle.split(&bytes);
        let mut known = self.known.borrow_mut();
        known.bundles.push((bundle, id.to_vec()));
        let parts = match parts {
            Ok(parts) => parts,
            // A message that went on would overwrite it.
            Err(fault) => {
                known.fault = Some(fault);
                vec![]
            }
        };
        let parts = parts.into_iter().chain(std::iter::repeat(None));
        for (key, part) in bundle.parts.iter().zip(parts) {
            known.learn(&[*key, id].concat(), part);
        }
    }

    fn change(&self, key: &[u8], value: Option<Vec<u8>>) {
        self.read_bundle(key);
        self.known.borrow_mut().change(key, value);
    }
}

impl Storage for Buffer<'_> {
    fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.read_bundle(key);
        if let Some(entry) = self.known.borrow().get(key) {
            return entry.value.clone();
        }
        let value = self.under.get(key);
        self.known.borrow_mut().learn(key, value.clone());
        value
    }

    fn set(&mut self, key: &[u8], value: &[u8]) {
        self.change(key, Some(value.to_vec()));
    }

    fn remove(&mut self, key: &[u8]) {
        self.change(key, None);
    }

    fn range<'b>(
        &'b self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> Box<dyn Iterator<Item = Record> + 'b> {
        let range = Range {
            start: start.unwrap_or_default().to_vec(),
            end: end.map(<[u8]>::to_vec),
            downwards: matches!(order, Order::Descending),
        };
        let in_range = |entry: &&Entry| {
            entry.changed && range.holds(&entry.key) && self.bundle_of(&entry.key).is_none()
        };
        let known = self.known.borrow();
        let mut changed: Vec<Entry> = known.entries.iter().filter(in_range).cloned().collect();
        // The next one is taken from the end.
        if !range.downwards {
            changed.reverse();
        }
        Box::new(Merged {
            changed,
            stored: Stored {
                buffer: self,
                range,
                asked: false,
                rest: None,
            },
            ahead: None,
        })
    }
}

/// The stored records of a range. The first one is asked for once in a message.
struct Stored<'b> {
    buffer: &'b Buffer<'b>,
    range: Range,
    asked: bool,
    rest: Option<Box<dyn Iterator<Item = Record> + 'b>>,
}

impl Stored<'_> {
    fn first(&mut self) -> Option<Record> {
        let mut known = self.buffer.known.borrow_mut();
        let seen = known.scans.iter().find(|scan| scan.range == self.range);
        if let Some(seen) = seen {
            let first = seen.first.clone();
            match &first {
                Some((key, _)) => self.range = self.range.clone().after(key),
                None => self.rest = Some(Box::new(std::iter::empty())),
            }
            return first;
        }
        let mut rest = self.range.records(self.buffer.under);
        let first = rest.next();
        if let Some((key, value)) = &first {
            known.learn(key, Some(value.clone()));
        }
        known.scans.push(Scan {
            range: self.range.clone(),
            first: first.clone(),
        });
        self.rest = Some(rest);
        first
    }
}

impl Iterator for Stored<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        if !self.asked {
            self.asked = true;
            return self.first();
        }
        let under = self.buffer.under;
        let rest = self.rest.get_or_insert_with(|| self.range.records(under));
        rest.next()
    }
}

/// Stored records of a range with the changes to them.
struct Merged<'b> {
    /// The next one last.
    changed: Vec<Entry>,
    stored: Stored<'b>,
    /// The next stored one, if it was looked at.
    ahead: Option<Option<Record>>,
}

impl Iterator for Merged<'_> {
    type Item = Record;

    fn next(&mut self) -> Option<Record> {
        loop {
            let stored = self.ahead.take().unwrap_or_else(|| self.stored.next());
            let order = match (self.changed.last(), &stored) {
                (None, _) => return stored,
                (Some(_), None) => Ordering::Less,
                (Some(changed), Some((key, _))) if self.stored.range.downwards => {
                    key.cmp(&changed.key)
                }
                (Some(changed), Some((key, _))) => changed.key.cmp(key),
            };
            if order == Ordering::Greater {
                return stored;
            }
            // A changed record stands for the stored one with its key.
            if order == Ordering::Less {
                self.ahead = Some(stored);
            }
            if let Some(Entry {
                key,
                value: Some(value),
                ..
            }) = self.changed.pop()
            {
                return Some((key, value));
            }
        }
    }
}

fn change<T, E: From<Fault>>(
    storage: &mut dyn Storage,
    bundles: &[Bundle],
    work: impl FnOnce(&mut dyn Storage) -> Result<T, E>,
) -> Result<T, E> {
    let mut buffer = Buffer::new(&*storage, bundles);
    let done = work(&mut buffer)?;
    for (key, value) in buffer.into_changes()? {
        match value {
            Some(value) => storage.set(&key, &value),
            None => storage.remove(&key),
        }
    }
    Ok(done)
}

/// Does a message's work in front of a buffer, and writes what has changed if it succeeds.
pub fn buffered<T, E: From<Fault>>(
    deps: DepsMut,
    bundles: impl AsRef<[Bundle]>,
    work: impl FnOnce(DepsMut) -> Result<T, E>,
) -> Result<T, E> {
    let (api, querier) = (deps.api, deps.querier);
    change(deps.storage, bundles.as_ref(), |storage| {
        work(DepsMut {
            storage,
            api,
            querier,
        })
    })
}

/// Answers a query in front of a buffer. A bundle that cannot be read is an error, whatever the
/// answer.
pub fn buffered_query<T, E: From<Fault>>(
    deps: Deps,
    bundles: impl AsRef<[Bundle]>,
    work: impl FnOnce(Deps) -> Result<T, E>,
) -> Result<T, E> {
    let buffer = Buffer::new(deps.storage, bundles.as_ref());
    let answer = work(Deps {
        storage: &buffer,
        api: deps.api,
        querier: deps.querier,
    });
    match buffer.known.take().fault {
        Some(fault) => Err(fault.into()),
        None => answer,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raw::Local;
    use cosmwasm_std::testing::{mock_dependencies, MockStorage};
    use proptest::prelude::*;

    const BUNDLE: Bundle = Bundle {
        key: 0x7f,
        parts: &[&[0x80], &[0x81, 3], &[0x82]],
    };
    /// Two records of each id.
    const BY_ID: Bundle = Bundle {
        key: 0x7e,
        parts: &[&[0x84], &[0x85]],
    };

    fn bundled(storage: &MockStorage) -> Bundled<Local<'_>> {
        BUNDLE.over(Local(storage))
    }

    #[test]
    fn bundled_records_stand_under_one_key_and_are_read_from_there() {
        let mut deps = mock_dependencies();
        buffered(deps.as_mut(), BUNDLE, |deps| {
            deps.storage.set(&[0x81, 3], b"two");
            deps.storage.set(&[0x83], b"alone");
            Ok::<_, Fault>(())
        })
        .unwrap();
        assert_eq!(deps.storage.get(&[0x7f]), Some(b"\0\x03two".to_vec()));
        assert_eq!(deps.storage.get(&[0x81, 3]), None);
        let store = bundled(&deps.storage);
        assert_eq!(store.read(&[0x81, 3]).unwrap(), Some(b"two".to_vec()));
        assert_eq!(store.read(&[0x80]).unwrap(), None);
        assert_eq!(store.read(&[0x82]).unwrap(), None);
        assert_eq!(store.read(&[0x83]).unwrap(), Some(b"alone".to_vec()));
        buffered(deps.as_mut(), BUNDLE, |deps| {
            assert_eq!(deps.storage.get(&[0x81, 3]), Some(b"two".to_vec()));
            deps.storage.remove(&[0x81, 3]);
            Ok::<_, Fault>(())
        })
        .unwrap();
        assert_eq!(deps.storage.get(&[0x7f]), None);
    }

    #[test]
    fn records_of_one_id_stand_together() {
        let mut deps = mock_dependencies();
        let long = vec![7; 255];
        buffered(deps.as_mut(), [BUNDLE, BY_ID], |deps| {
            deps.storage.set(&[0x85, 1, 2], &long);
            deps.storage.set(&[0x84, 1, 2], b"one");
            deps.storage.set(&[0x84, 1], b"other");
            Ok::<_, Fault>(())
        })
        .unwrap();
        let together = [&b"\x03one\xff\0\xff"[..], &long].concat();
        assert_eq!(deps.storage.get(&[0x7e, 1, 2]), Some(together));
        assert_eq!(deps.storage.get(&[0x7e, 1]), Some(b"\x05other".to_vec()));
        let store = Bundled {
            store: Local(&deps.storage),
            bundle: BY_ID,
        };
        assert_eq!(store.read(&[0x85, 1, 2]).unwrap(), Some(long));
        assert_eq!(store.read(&[0x85, 1]).unwrap(), None);
    }

    #[test]
    fn a_refused_message_writes_nothing() {
        let mut deps = mock_dependencies();
        let refused = buffered(deps.as_mut(), BUNDLE, |deps| {
            deps.storage.set(&[0x80], b"x");
            deps.storage.set(&[0x90], b"x");
            Err::<(), _>(crate::fault("refused"))
        });
        assert!(refused.is_err());
        assert_eq!(deps.storage.range(None, None, Order::Ascending).count(), 0);
    }

    #[test]
    fn a_broken_bundle_is_never_overwritten() {
        let mut deps = mock_dependencies();
        deps.storage.set(&[0x7f], &[9, 1]);
        let refused = buffered(deps.as_mut(), BUNDLE, |deps| {
            deps.storage.set(&[0x80], b"x");
            Ok::<_, Fault>(())
        });
        assert!(refused.is_err());
        assert_eq!(deps.storage.get(&[0x7f]), Some(vec![9, 1]));
        let long = buffered(mock_dependencies().as_mut(), BUNDLE, |deps| {
            deps.storage.set(&[0x80], &[1; 65_536]);
            Ok::<_, Fault>(())
        });
        assert!(long.is_err());
    }

    #[test]
    fn a_query_through_a_broken_bundle_is_an_error() {
        let mut deps = mock_dependencies();
        let ask = |deps: Deps| {
            buffered_query(deps, BUNDLE, |deps| {
                Ok::<_, Fault>(deps.storage.get(&[0x80]))
            })
        };
        assert_eq!(ask(deps.as_ref()).unwrap(), None);
        deps.storage.set(&[0x7f], &[9, 1]);
        assert!(ask(deps.as_ref()).is_err());
    }

    /// Counts what reaches the storage under the buffer.
    struct Counting {
        storage: MockStorage,
        reads: RefCell<u32>,
    }

    impl Storage for Counting {
        fn get(&self, key: &[u8]) -> Option<Vec<u8>> {
            *self.reads.borrow_mut() += 1;
            self.storage.get(key)
        }
        fn set(&mut self, _: &[u8], _: &[u8]) {}
        fn remove(&mut self, _: &[u8]) {}
        fn range<'a>(
            &'a self,
            start: Option<&[u8]>,
            end: Option<&[u8]>,
            order: Order,
        ) -> Box<dyn Iterator<Item = Record> + 'a> {
            *self.reads.borrow_mut() += 1;
            self.storage.range(start, end, order)
        }
    }

    #[test]
    fn a_record_and_the_first_of_a_range_are_read_once() {
        let mut storage = MockStorage::new();
        storage.set(&[1], b"one");
        storage.set(&[2], b"two");
        let reads = RefCell::new(0);
        let counting = Counting { storage, reads };
        let buffer = Buffer::new(&counting, &[]);
        for _ in 0..3 {
            assert_eq!(buffer.get(&[9]), None);
            let mut range = buffer.range(Some(&[0]), Some(&[5]), Order::Descending);
            assert_eq!(range.next(), Some((vec![2], b"two".to_vec())));
        }
        assert_eq!(buffer.get(&[2]), Some(b"two".to_vec()));
        assert_eq!(*counting.reads.borrow(), 2);
        let both: Vec<_> = buffer
            .range(Some(&[0]), Some(&[5]), Order::Descending)
            .collect();
        assert_eq!(both.len(), 2);
    }

    #[test]
    fn what_stays_as_it_was_is_not_written() {
        let mut storage = MockStorage::new();
        storage.set(&[1], b"one");
        let mut buffer = Buffer::new(&storage, &[]);
        assert_eq!(buffer.get(&[1]), Some(b"one".to_vec()));
        buffer.set(&[1], b"one");
        assert_eq!(buffer.get(&[2]), None);
        buffer.remove(&[2]);
        assert_eq!(buffer.into_changes().unwrap(), vec![]);
    }

    #[derive(Clone, Debug)]
    enum Step {
        Set(Vec<u8>, u8),
        Remove(Vec<u8>),
        Get(Vec<u8>),
        Range(Vec<u8>, Vec<u8>, bool, usize),
    }

    fn some_key() -> impl Strategy<Value = Vec<u8>> {
        prop_oneof![
            3 => prop::collection::vec(0u8..4, 1..3),
            1 => prop::sample::select(vec![
                vec![0x80], vec![0x81, 3], vec![0x82],
                vec![0x84, 1], vec![0x84, 2], vec![0x85, 1],
            ]),
        ]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (some_key(), any::<u8>()).prop_map(|(key, value)| Step::Set(key, value)),
            some_key().prop_map(Step::Remove),
            some_key().prop_map(Step::Get),
            (some_key(), some_key(), any::<bool>(), 0usize..4)
                .prop_map(|(start, end, down, take)| Step::Range(start, end, down, take)),
        ]
    }

    proptest! {
        #[test]
        fn a_buffer_answers_like_the_storage_it_stands_before(
            messages in prop::collection::vec(prop::collection::vec(step(), 1..20), 1..5),
        ) {
            let (mut deps, mut plain) = (mock_dependencies(), MockStorage::new());
            for steps in messages {
                buffered(deps.as_mut(), [BUNDLE, BY_ID], |deps| {
                    for step in steps {
                        match step {
                            Step::Set(key, value) => {
                                deps.storage.set(&key, &[value]);
                                plain.set(&key, &[value]);
                            }
                            Step::Remove(key) => {
                                deps.storage.remove(&key);
                                plain.remove(&key);
                            }
                            Step::Get(key) => assert_eq!(deps.storage.get(&key), plain.get(&key)),
                            // Bundled records are in no range, so they are left out.
                            Step::Range(start, end, down, take) if start[0] < 0x80 && end[0] < 0x80 => {
                                let order = if down { Order::Descending } else { Order::Ascending };
                                let list = |storage: &dyn Storage| -> Vec<Record> {
                                    storage.range(Some(&start), Some(&end), order).take(take).collect()
                                };
                                assert_eq!(list(deps.storage), list(&plain));
                            }
                            Step::Range(..) => {}
                        }
                    }
                    Ok::<_, Fault>(())
                })
                .unwrap();
                for key in [&[0x80][..], &[0x81, 3], &[0x82], &[1], &[2, 3]] {
                    prop_assert_eq!(bundled(&deps.storage).read(key).unwrap(), plain.get(key));
                }
                let by_id = Bundled { store: Local(&deps.storage), bundle: BY_ID };
                for key in [&[0x84, 1][..], &[0x84, 2], &[0x85, 1]] {
                    prop_assert_eq!(by_id.read(key).unwrap(), plain.get(key));
                }
            }
        }
    }
}
