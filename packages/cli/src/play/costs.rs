//! What messages cost on the chain.

use std::collections::BTreeMap;
use std::path::Path;

use cosmwasm_std::coin;
use noderev_chain::{Client, Message, Signer, Unsigned};
use serde::Serialize;

use super::player::Told;
use super::PlayError;
use crate::input::{write_csv, WriteError};

/// File with what messages cost.
const FILE: &str = "gas.csv";
/// Gas that chains take for each byte of a transaction.
const PER_BYTE: u64 = 10;
/// Gas that a transaction of coins may use.
const GAS: u64 = 300_000;

/// What a transaction used, and how long it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Used {
    /// Gas, all of it.
    pub gas: u64,
    /// Bytes.
    pub bytes: u64,
    /// Gas that it was allowed.
    pub allowed: u64,
    /// Whether it was its account's first one, with which the chain writes down the public key.
    pub first: bool,
}

/// What a transaction takes besides its messages and bytes.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(super) struct Overhead {
    /// Signature, sequence and fee.
    pub transaction: u64,
    /// More if it is the account's first one.
    pub first: u64,
}

/// What messages of one kind used that were alone in a transaction.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Kind {
    /// Contract and message.
    pub message: String,
    /// How many there were.
    pub count: usize,
    /// Gas of the transaction: least, middle, most.
    pub gas: [u64; 3],
    /// The most that was allowed.
    pub allowed: u64,
    /// Bytes of the middle one.
    pub bytes: u64,
    /// Gas of the message alone, without what its transaction takes: least, middle, most.
    pub alone: [u64; 3],
}

/// Costs of a run.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Costs {
    /// Gas that a transaction takes without its messages and its bytes.
    #[serde(flatten)]
    pub overhead: Overhead,
    /// By kind of message.
    pub kinds: Vec<Kind>,
}

impl Costs {
    /// Of all messages that were alone in a transaction.
    pub fn new(told: &[Told], overhead: Overhead) -> Self {
        let mut kinds = BTreeMap::<&str, Vec<Used>>::new();
        for (what, used) in told.iter().filter_map(|one| one.cost.as_ref()) {
            kinds.entry(what).or_default().push(*used);
        }
        let kinds = kinds.into_iter().map(|(what, mut all)| {
            all.sort_unstable();
            Kind::of(what, &all, overhead)
        });
        Self {
            overhead,
            kinds: kinds.collect(),
        }
    }

    /// Writes one row per kind of message.
    pub fn write(&self, dir: &Path) -> Result<(), WriteError> {
        let header = [
            "message",
            "count",
            "gas_min",
            "gas_median",
            "gas_max",
            "gas_allowed",
            "bytes",
            "message_min",
            "message_median",
            "message_max",
        ];
        let rows = self.kinds.iter().map(|kind| {
            let mut row = vec![kind.message.clone(), kind.count.to_string()];
            let figures = [kind.allowed, kind.bytes];
            let figures = kind.gas.iter().chain(&figures).chain(&kind.alone);
            row.extend(figures.map(ToString::to_string));
            row
        });
        write_csv(dir, FILE, &header, rows)
    }
}

impl Kind {
    /// Sorted by gas.
    fn of(what: &str, all: &[Used], overhead: Overhead) -> Self {
        let middle = all.get(all.len() / 2);
        let three = [all.first(), middle, all.last()];
        let alone = |used: Option<&Used>| used.map_or(0, |used| used.alone(overhead));
        Self {
            message: what.to_owned(),
            count: all.len(),
            gas: three.map(|used| used.map_or(0, |used| used.gas)),
            allowed: all.iter().map(|used| used.allowed).max().unwrap_or(0),
            bytes: middle.map_or(0, |used| used.bytes),
            alone: three.map(alone),
        }
    }
}

impl Used {
    /// Without what a transaction takes.
    fn alone(self, overhead: Overhead) -> u64 {
        let first = if self.first { overhead.first } else { 0 };
        self.gas
            .saturating_sub(self.bytes.saturating_mul(PER_BYTE))
            .saturating_sub(overhead.transaction)
            .saturating_sub(first)
    }
}

/// What a transaction takes without messages and bytes: that of one sent coin, less what a second
/// one in the same transaction adds; and how much more that was when the account had sent nothing
/// yet. The first account pays for the new one.
pub(super) fn overhead(
    client: &Client,
    payer: &mut Signer,
    new: &mut Signer,
) -> Result<Overhead, PlayError> {
    let network = client.network();
    let fees = network.fee(GAS).saturating_mul(3);
    let to = new.address().to_owned();
    let amount = vec![coin(fees.saturating_add(10), &network.denom)];
    payer.execute(client, &[Message::Send { to, amount }])?;
    let first = coins(client, new, 1)?;
    let one = coins(client, new, 1)?;
    let two = coins(client, new, 2)?;
    Ok(Overhead {
        transaction: one.saturating_sub(two.saturating_sub(one)),
        first: first.saturating_sub(one),
    })
}

/// Gas of a transaction that sends so many coins, without its bytes.
fn coins(client: &Client, signer: &mut Signer, count: usize) -> Result<u64, PlayError> {
    let send = Message::Send {
        to: signer.address().to_owned(),
        amount: vec![coin(1, &client.network().denom)],
    };
    let unsigned = Unsigned {
        messages: vec![send; count],
        memo: String::new(),
        gas: GAS,
    };
    let posted = signer.post(client, &unsigned)?;
    let bytes = u64::try_from(posted.size()).unwrap_or(u64::MAX);
    let used = posted.wait(client)?.gas_used;
    Ok(used.saturating_sub(bytes.saturating_mul(PER_BYTE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(what: &str, gas: u64, bytes: u64) -> Told {
        let used = Used {
            gas,
            bytes,
            allowed: 500,
            first: what == "b",
        };
        Told {
            entry: 0,
            height: 1,
            events: Vec::new(),
            cost: Some((what.to_owned(), used)),
        }
    }

    #[test]
    fn least_middle_and_most_of_each_kind_without_what_its_transaction_takes() {
        let all = [
            told("a", 900, 30),
            told("a", 700, 20),
            told("b", 260, 7),
            told("a", 800, 10),
        ];
        let overhead = Overhead {
            transaction: 100,
            first: 20,
        };
        let costs = Costs::new(&all, overhead);
        let [a, b] = costs.kinds.as_slice() else {
            panic!("{} kinds", costs.kinds.len());
        };
        assert_eq!((a.count, a.gas, a.bytes), (3, [700, 800, 900], 10));
        assert_eq!(a.alone, [400, 600, 500]);
        assert_eq!((b.count, b.alone), (1, [70, 70, 70]));
    }
}
