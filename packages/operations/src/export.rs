//! Everything that a deployment has told and stored, for whoever keeps books of his own: all typed
//! events in order, and all raw records.

use std::cmp::Ordering;
use std::collections::{BTreeMap, VecDeque};
use std::io;

use cosmwasm_std::{Attribute, Event, HexBinary, Timestamp};
use noderev_api::common::DueResponse;
use noderev_chain::{ChainError, Client, Transaction, Transactions};
use serde::Serialize;
use serde_json::json;
use thiserror::Error;

use crate::{Contract, Contracts};

/// What a contract's own events begin with.
const TYPED: &str = "wasm-";
/// The attribute that the chain adds: whose event it is.
const ADDRESS: &str = "_contract_address";
/// Messages by which a contract tells anything, as the chain's events name them.
const MESSAGES: [&str; 3] = ["instantiate", "execute", "migrate"];
/// Transactions of a page.
const PAGE: u64 = 100;

/// Why an export ends early.
#[derive(Debug, Error)]
pub enum ExportError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Events are missing.
    #[error("{contract}: events {} are not among the node's transactions{}: it has forgotten them, or the chain itself did what they tell; another node may have them (--node)", range(*.from, *.until), before(*.height))]
    Gap {
        /// Whose.
        contract: &'static str,
        /// Number of the first that is missing.
        from: u64,
        /// Number of the first after those.
        until: u64,
        /// The block in which the events go on; none if they don't.
        height: Option<u64>,
    },
    /// A number is there again.
    #[error("{contract}: event {seq} is told again in block {height}, after event {latest}: a contract numbers its events once")]
    Twice {
        /// Whose.
        contract: &'static str,
        /// The number.
        seq: u64,
        /// The block in which it is told again.
        height: u64,
        /// Number of the latest event before that.
        latest: u64,
    },
    /// There is no event of that number yet.
    #[error("{contract}: event {from} has not happened; the latest is event {latest}")]
    NotYet {
        /// Whose.
        contract: &'static str,
        /// What was asked for.
        from: u64,
        /// The latest.
        latest: u64,
    },
    /// What is exported can't be written.
    #[error("standard output: {0}")]
    Output(#[from] io::Error),
}

fn range(from: u64, until: u64) -> String {
    let last = until.saturating_sub(1);
    match from == last {
        true => from.to_string(),
        false => format!("{from} to {last}"),
    }
}

fn before(height: Option<u64>) -> String {
    height.map_or_else(String::new, |height| format!(" before block {height}"))
}

/// A typed event of one of the contracts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Told {
    /// The block.
    pub height: u64,
    /// When it was made, nanoseconds since 1970; none if the node has forgotten it.
    pub time: Option<Timestamp>,
    /// Hash of the transaction.
    pub hash: String,
    /// The transaction's place in the block.
    pub index: u32,
    /// Name of the contract.
    pub contract: &'static str,
    /// Its running number.
    pub seq: u64,
    /// What happened, such as `paid`.
    pub event: String,
    /// All attributes, in their order; keys may repeat.
    pub attributes: Vec<Attribute>,
}

/// Whoever knows past transactions.
pub trait Past {
    /// A page of transactions, oldest first, from page 1 on.
    fn page(&self, query: &str, page: u32) -> Result<Transactions, ChainError>;
    /// When a block was made; none if that is forgotten.
    fn time(&self, height: u64) -> Result<Option<Timestamp>, ChainError>;
}

impl Past for Client {
    fn page(&self, query: &str, page: u32) -> Result<Transactions, ChainError> {
        self.transactions(query, page)
    }

    fn time(&self, height: u64) -> Result<Option<Timestamp>, ChainError> {
        self.block_time(height)
    }
}

/// Which events are exported.
#[derive(Clone, Debug)]
pub struct Events {
    /// The last block.
    pub height: u64,
    /// Contracts, each with its address, number of the first event wanted and of the latest one.
    pub of: Vec<Source>,
}

/// A contract whose events are exported.
#[derive(Clone, Debug)]
pub struct Source {
    /// Which.
    pub contract: Contract,
    /// Its address.
    pub address: String,
    /// Number of the first event that is wanted, 1 or more.
    pub from: u64,
    /// Number of the latest event, as the contract says.
    pub latest: u64,
}

impl Events {
    /// Events of these contracts from this number on, up to the block as of which the contracts are
    /// asked.
    pub fn of(
        contracts: &Contracts,
        height: u64,
        chosen: &[Contract],
        from: u64,
    ) -> Result<Self, ExportError> {
        let source = |contract: &Contract| -> Result<Source, ExportError> {
            let contract = *contract;
            let address = contracts.address(contract);
            let due: DueResponse = contracts.client().smart(address, &json!({ "due": {} }))?;
            let latest = due.as_of.seq;
            if from > latest.saturating_add(1) {
                let contract = contract.name();
                return Err(ExportError::NotYet {
                    contract,
                    from,
                    latest,
                });
            }
            Ok(Source {
                contract,
                address: address.to_owned(),
                from: from.max(1),
                latest,
            })
        };
        Ok(Self {
            height,
            of: chosen.iter().map(source).collect::<Result<_, _>>()?,
        })
    }

    /// How many they are.
    pub fn count(&self) -> u64 {
        let of = self.of.iter();
        let counts = of.map(|source| source.latest.saturating_add(1).saturating_sub(source.from));
        counts.fold(0, u64::saturating_add)
    }

    /// Tells all of them in order of height, place in the block and number. A number that is missing or
    /// there twice is an error.
    pub fn export(
        &self,
        past: &impl Past,
        mut tell: impl FnMut(&Told) -> io::Result<()>,
    ) -> Result<(), ExportError> {
        let mut streams = Vec::new();
        for source in &self.of {
            for message in MESSAGES {
                streams.push(Stream::open(past, source, message, self.height)?);
            }
        }
        let mut next: BTreeMap<Contract, u64> = BTreeMap::new();
        while let Some(transaction) = oldest(&mut streams)? {
            let told = self.told(&transaction);
            let mut time = None;
            for (source, mut told) in told {
                if !is_next(&mut next, source, &told)? {
                    continue;
                }
                // Only blocks with something to tell are asked for.
                if time.is_none() {
                    time = Some(past.time(told.height)?);
                }
                told.time = time.flatten();
                tell(&told)?;
            }
        }
        self.ensure_all(&next)
    }

    /// The contracts' events in a transaction, by number.
    fn told(&self, transaction: &Transaction) -> Vec<(&Source, Told)> {
        let events = transaction.events.iter();
        let mut told: Vec<(&Source, Told)> = events
            .filter_map(|event| {
                let source = self.of.iter().find(|source| source.told(event))?;
                Some((source, source.read(transaction, event)?))
            })
            .collect();
        told.sort_by_key(|(source, told)| (told.seq, source.contract));
        told
    }

    fn ensure_all(&self, next: &BTreeMap<Contract, u64>) -> Result<(), ExportError> {
        for source in &self.of {
            let from = next.get(&source.contract).copied().unwrap_or(source.from);
            if from <= source.latest {
                return Err(ExportError::Gap {
                    contract: source.contract.name(),
                    from,
                    until: source.latest.saturating_add(1),
                    height: None,
                });
            }
        }
        Ok(())
    }
}

/// Whether an event is the next one of its contract; false if it is older than wanted.
fn is_next(
    next: &mut BTreeMap<Contract, u64>,
    source: &Source,
    told: &Told,
) -> Result<bool, ExportError> {
    let (contract, seq, height) = (source.contract.name(), told.seq, told.height);
    if seq < source.from {
        return Ok(false);
    }
    let expected = next.entry(source.contract).or_insert(source.from);
    match seq.cmp(expected) {
        Ordering::Less => Err(ExportError::Twice {
            contract,
            seq,
            height,
            latest: expected.saturating_sub(1),
        }),
        Ordering::Greater => Err(ExportError::Gap {
            contract,
            from: *expected,
            until: seq,
            height: Some(height),
        }),
        Ordering::Equal => {
            *expected = expected.saturating_add(1);
            Ok(true)
        }
    }
}

/// An event's attribute of this name, the first if there are several.
pub(crate) fn attribute<'a>(event: &'a Event, key: &str) -> Option<&'a str> {
    let mut fields = event.attributes.iter();
    let field = fields.find(|field| field.key == key);
    field.map(|field| field.value.as_str())
}

impl Source {
    fn told(&self, event: &Event) -> bool {
        event.ty.starts_with(TYPED) && attribute(event, ADDRESS) == Some(&self.address)
    }

    fn read(&self, transaction: &Transaction, event: &Event) -> Option<Told> {
        let (contract, what) = event.ty.strip_prefix(TYPED)?.split_once('_')?;
        if contract != self.contract.name() {
            return None;
        }
        let own = event.attributes.iter().filter(|field| field.key != ADDRESS);
        Some(Told {
            height: transaction.height,
            time: None,
            hash: transaction.hash.clone(),
            index: transaction.index,
            contract: self.contract.name(),
            seq: attribute(event, "seq")?.parse().ok()?,
            event: what.to_owned(),
            attributes: own.cloned().collect(),
        })
    }

    /// The lowest number of its events on a page; none if there are none.
    fn lowest(&self, page: &Transactions) -> Option<u64> {
        let transactions = page.transactions.iter();
        let told = transactions.flat_map(|transaction| {
            let events = transaction.events.iter().filter(|event| self.told(event));
            events.filter_map(|event| self.read(transaction, event))
        });
        told.map(|told| told.seq).min()
    }
}

/// A contract's transactions of one kind, oldest first.
struct Stream<'a, P> {
    past: &'a P,
    query: String,
    /// The page that is read next; none after the last.
    page: Option<u32>,
    waiting: VecDeque<Transaction>,
}

impl<'a, P: Past> Stream<'a, P> {
    /// From the page on that may have the first event that is wanted.
    fn open(past: &'a P, source: &Source, message: &str, height: u64) -> Result<Self, ChainError> {
        let address = &source.address;
        let query = format!("{message}.{ADDRESS}='{address}' AND tx.height<={height}");
        let mut stream = Self {
            past,
            query,
            page: Some(1),
            waiting: VecDeque::new(),
        };
        if source.from > 1 {
            stream.page = Some(stream.first_page(source)?);
        }
        Ok(stream)
    }

    fn first_page(&self, source: &Source) -> Result<u32, ChainError> {
        let all = self.past.page(&self.query, 1)?.all;
        let pages = u32::try_from(all.div_ceil(PAGE)).unwrap_or(u32::MAX);
        let (mut low, mut high) = (1_u32, pages.saturating_add(1));
        // The page `low` begins with nothing later than what is wanted, `high` may.
        while high.saturating_sub(low) > 1 {
            let middle = low.midpoint(high);
            let page = self.past.page(&self.query, middle)?;
            match source.lowest(&page).is_some_and(|seq| seq <= source.from) {
                true => low = middle,
                false => high = middle,
            }
        }
        Ok(low)
    }

    /// Where its next transaction is; none at the end.
    fn place(&mut self) -> Result<Option<(u64, u32)>, ChainError> {
        while self.waiting.is_empty() {
            let Some(page) = self.page else {
                return Ok(None);
            };
            let found = self.past.page(&self.query, page)?;
            let read = u64::from(page).saturating_mul(PAGE);
            self.page = (read < found.all).then_some(page.saturating_add(1));
            self.waiting.extend(found.transactions);
        }
        Ok(self.waiting.front().map(place_of))
    }
}

const fn place_of(transaction: &Transaction) -> (u64, u32) {
    (transaction.height, transaction.index)
}

/// Takes the oldest transaction out of all streams in which it is.
fn oldest<P: Past>(streams: &mut [Stream<'_, P>]) -> Result<Option<Transaction>, ChainError> {
    let mut first = None;
    for stream in streams.iter_mut() {
        let place = stream.place()?;
        first = [first, place].into_iter().flatten().min();
    }
    let Some(first) = first else {
        return Ok(None);
    };
    let mut oldest = None;
    for stream in streams.iter_mut() {
        let here = stream.waiting.front().map(place_of) == Some(first);
        if here {
            oldest = stream.waiting.pop_front();
        }
    }
    Ok(oldest)
}

/// Something that a contract has stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record<'a> {
    /// After this block.
    pub height: u64,
    /// Name of the contract in the deployment.
    pub contract: &'a str,
    /// Its address.
    pub address: &'a str,
    /// Where, hexadecimal.
    pub key: HexBinary,
    /// What, hexadecimal.
    pub value: HexBinary,
}

/// Tells everything that a contract had stored after a block, in the order of the keys' bytes, and
/// answers how many records that were. `client` asks as of that block.
pub fn state(
    client: &Client,
    height: u64,
    (contract, address): (&str, &str),
    mut tell: impl FnMut(&Record<'_>) -> io::Result<()>,
) -> Result<u64, ExportError> {
    let (mut from, mut count) = (None, 0_u64);
    loop {
        let page = client.records(address, from)?;
        for (key, value) in page.records {
            count = count.saturating_add(1);
            tell(&Record {
                height,
                contract,
                address,
                key: key.into(),
                value: value.into(),
            })?;
        }
        from = page.next;
        if from.is_none() {
            return Ok(count);
        }
    }
}

/// An event as the chain tells it, with its own attributes.
#[cfg(test)]
pub(crate) fn told_event(kind: &str, fields: &[(&str, &str)]) -> Event {
    let fields = fields.iter().map(|(key, value)| Attribute {
        key: (*key).to_owned(),
        value: (*value).to_owned(),
    });
    let mut event = Event::new(kind);
    event.attributes = fields.collect();
    event
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    /// A chain of one transaction a block.
    #[derive(Default)]
    struct Chain {
        transactions: Vec<Transaction>,
        pages: RefCell<u32>,
    }

    fn event(contract: &str, seq: u64) -> Event {
        let fields = [
            ("_contract_address", contract),
            ("v", "1"),
            ("seq", &seq.to_string()),
            ("amount", "a"),
            ("amount", "b"),
        ];
        told_event(&format!("wasm-{contract}_paid"), &fields)
    }

    impl Chain {
        /// Each transaction is sent to the contract of its first event.
        fn of(blocks: &[&[(&str, u64)]]) -> Self {
            let transaction = |(height, told): (u64, &&[(&str, u64)])| {
                let to = told_event("execute", &[("_contract_address", told[0].0)]);
                let others = told.iter().map(|(contract, seq)| event(contract, *seq));
                Transaction {
                    hash: format!("{height}"),
                    height,
                    index: 0,
                    events: std::iter::once(to).chain(others).collect(),
                }
            };
            let transactions = (1..).zip(blocks).map(transaction).collect();
            Self {
                transactions,
                ..Self::default()
            }
        }
    }

    impl Past for Chain {
        fn page(&self, query: &str, page: u32) -> Result<Transactions, ChainError> {
            *self.pages.borrow_mut() += 1;
            let (what, height) = query.split_once(" AND tx.height<=").unwrap();
            let (kind, address) = what.split_once("._contract_address=").unwrap();
            let height: u64 = height.parse().unwrap();
            let address = address.trim_matches('\'');
            let all = self.transactions.iter().filter(|it| it.height <= height);
            let all = all.filter(|it| {
                let mut events = it.events.iter();
                events.any(|one| {
                    one.ty == kind && attribute(one, "_contract_address") == Some(address)
                })
            });
            let all: Vec<Transaction> = all.cloned().collect();
            let from = (page as usize - 1) * 100;
            Ok(Transactions {
                all: all.len() as u64,
                transactions: all.into_iter().skip(from).take(100).collect(),
            })
        }
        fn time(&self, height: u64) -> Result<Option<Timestamp>, ChainError> {
            Ok((height != 2).then(|| Timestamp::from_seconds(height)))
        }
    }

    fn events(from: u64, latest: [u64; 2]) -> Events {
        let source = |contract: Contract, latest| Source {
            contract,
            address: contract.name().to_owned(),
            from,
            latest,
        };
        Events {
            height: 1_000,
            of: vec![
                source(Contract::Registry, latest[0]),
                source(Contract::Vault, latest[1]),
            ],
        }
    }

    fn exported(events: &Events, chain: &Chain) -> (Vec<(&'static str, u64)>, Option<String>) {
        let mut all = Vec::new();
        let result = events.export(chain, |told| {
            all.push((told.contract, told.seq));
            Ok(())
        });
        (all, result.err().map(|error| error.to_string()))
    }

    #[test]
    fn events_come_in_order_each_once_with_all_that_they_tell() {
        let chain = Chain::of(&[
            &[("registry", 1), ("vault", 1)],
            &[("vault", 3), ("registry", 2), ("vault", 2), ("other", 1)],
        ]);
        let (all, error) = exported(&events(1, [2, 3]), &chain);
        assert_eq!(error, None);
        let expected = [
            ("registry", 1),
            ("vault", 1),
            ("registry", 2),
            ("vault", 2),
            ("vault", 3),
        ];
        assert_eq!(all, expected);
        let mut lines = Vec::new();
        let write = |told: &Told| {
            lines.push(serde_json::to_string(told).unwrap());
            Ok(())
        };
        events(2, [2, 3]).export(&chain, write).unwrap();
        let line = r#"{"height":2,"time":null,"hash":"2","index":0,"contract":"registry","seq":2,"#;
        assert!(lines[0].starts_with(line), "{}", lines[0]);
        assert_eq!(lines[0].matches("amount").count(), 2);
        assert_eq!(lines.len(), 3);
    }

    #[test]
    fn what_is_missing_is_named() {
        let chain = Chain::of(&[&[("registry", 1)], &[("registry", 5)]]);
        let (all, error) = exported(&events(1, [5, 0]), &chain);
        assert_eq!(all, [("registry", 1)]);
        let error = error.unwrap();
        let gap = "registry: events 2 to 4 are not among the node's transactions before block 2:";
        assert!(error.starts_with(gap), "{error}");
        // What comes after that can be had.
        let (all, error) = exported(&events(5, [5, 4]), &chain);
        assert_eq!((all, error), (vec![("registry", 5)], None));
        // The end is missing.
        let (_, error) = exported(&events(5, [6, 4]), &chain);
        let gap = "registry: events 6 are not among the node's transactions:";
        assert!(error.unwrap().starts_with(gap));
    }

    #[test]
    fn a_number_that_is_there_twice_is_named() {
        let blocks: [&[(&str, u64)]; 4] = [
            &[("registry", 1), ("registry", 2)],
            &[("vault", 1)],
            &[("registry", 3), ("registry", 2)],
            &[("registry", 4)],
        ];
        let chain = Chain::of(&blocks);
        let (all, error) = exported(&events(1, [4, 1]), &chain);
        let expected = [("registry", 1), ("registry", 2), ("vault", 1)];
        assert_eq!(all, expected);
        let error = error.unwrap();
        let twice = "registry: event 2 is told again in block 3, after event 2:";
        assert!(error.starts_with(twice), "{error}");
        // Before what is asked for it is as it may.
        let (all, error) = exported(&events(3, [4, 1]), &chain);
        assert_eq!((all, error), (vec![("registry", 3), ("registry", 4)], None));
    }

    #[test]
    fn going_on_reads_few_pages() {
        let blocks: Vec<Vec<(&str, u64)>> = (1..=900).map(|seq| vec![("vault", seq)]).collect();
        let blocks: Vec<&[(&str, u64)]> = blocks.iter().map(Vec::as_slice).collect();
        let chain = Chain::of(&blocks);
        let mut all = events(750, [749, 900]);
        all.of.remove(0);
        let (told, error) = exported(&all, &chain);
        assert_eq!(error, None);
        let expected: Vec<_> = (750..=900).map(|seq| ("vault", seq)).collect();
        assert_eq!(told, expected);
        assert!(*chain.pages.borrow() < 12);
    }
}
