//! What things cost, and what a transaction has used.
//!
//! Prices of the store are the Cosmos SDK's, those of calls are wasmd's.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// Gas of the virtual machine per gas of the chain.
pub const VM_PER_GAS: u64 = 140_000;
/// Loading a code for the first time in a transaction or query.
pub const FIRST_LOAD: u64 = 60_000;
/// Loading it again.
pub const NEXT_LOAD: u64 = 2_000;
/// Reading, per call.
const READ: u64 = 1_000;
/// Reading, per byte of key and value; iterating as well.
const READ_BYTE: u64 = 3;
/// Writing, per call.
const WRITE: u64 = 2_000;
/// Writing, per byte of key and value.
const WRITE_BYTE: u64 = 30;
/// Deleting.
const DELETE: u64 = 1_000;
/// Looking at an entry of an iterator.
const ITERATE: u64 = 30;
/// Text form of an address from its bytes, in the virtual machine's gas.
pub(crate) const HUMANIZE: u64 = 5 * VM_PER_GAS;
/// Bytes of an address from its text form, in the virtual machine's gas.
pub(crate) const CANONICALIZE: u64 = 4 * VM_PER_GAS;

fn bytes(key: usize, value: usize) -> u64 {
    (key + value) as u64
}

/// Reading a value; none costs as an empty one.
pub(crate) fn read(key: usize, value: usize) -> u64 {
    READ + READ_BYTE * bytes(key, value)
}

/// Writing a value.
pub(crate) fn write(key: usize, value: usize) -> u64 {
    WRITE + WRITE_BYTE * bytes(key, value)
}

/// Deleting a value, whether it is there or not.
pub(crate) const fn delete() -> u64 {
    DELETE
}

/// Standing on an entry of an iterator; at its end there is none.
pub(crate) fn iterate(entry: Option<(usize, usize)>) -> u64 {
    ITERATE + entry.map_or(0, |(key, value)| READ_BYTE * bytes(key, value))
}

/// What one contract used in a transaction, in the chain's gas.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Use {
    /// Gas of the virtual machine, each call rounded up.
    pub vm: u64,
    /// Gas of the store.
    pub store: u64,
    /// Gas of loading its code.
    pub loads: u64,
    /// Times that its code was loaded.
    pub calls: u32,
}

/// What a transaction or query used, in the chain's gas.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// By contract.
    pub contracts: BTreeMap<String, Use>,
    /// Gas of the bank's store: no contract's doing, and not in any sum here.
    pub bank: u64,
}

impl Report {
    fn sum(&self, part: impl Fn(&Use) -> u64) -> u64 {
        self.contracts.values().map(part).sum()
    }

    /// Gas of the virtual machine.
    pub fn vm(&self) -> u64 {
        self.sum(|part| part.vm)
    }

    /// Gas of the store.
    pub fn store(&self) -> u64 {
        self.sum(|part| part.store)
    }

    /// Gas of loading codes.
    pub fn loads(&self) -> u64 {
        self.sum(|part| part.loads)
    }

    /// Virtual machine and store.
    pub fn work(&self) -> u64 {
        self.vm() + self.store()
    }

    /// Virtual machine and store of these contracts only.
    pub fn work_of(&self, contracts: &[&str]) -> u64 {
        let named = contracts.iter().filter_map(|it| self.contracts.get(*it));
        named.map(|part| part.vm + part.store).sum()
    }

    /// Virtual machine, store and loads.
    pub fn total(&self) -> u64 {
        self.work() + self.loads()
    }
}

/// There is no gas left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutOfGas;

/// Counts what a transaction uses, under the limits of its messages.
#[derive(Debug)]
pub(crate) struct Meter {
    used: u64,
    limits: Vec<u64>,
    loaded: BTreeSet<usize>,
    report: Report,
}

/// Where gas is used.
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Vm,
    Store,
    Load,
}

impl Meter {
    pub(crate) fn new(limit: u64) -> Self {
        Self {
            used: 0,
            limits: vec![limit],
            loaded: BTreeSet::new(),
            report: Report::default(),
        }
    }

    /// All gas used.
    pub(crate) fn used(&self) -> u64 {
        self.used
    }

    /// What the innermost limit leaves.
    pub(crate) fn left(&self) -> u64 {
        let limit = self.limits.last().copied().unwrap_or_default();
        limit.saturating_sub(self.used)
    }

    /// A contract uses gas.
    pub(crate) fn charge(&mut self, contract: &str, kind: Kind, gas: u64) -> Result<(), OutOfGas> {
        let part = self.report.contracts.entry(contract.to_owned());
        let part = part.or_default();
        match kind {
            Kind::Vm => part.vm += gas,
            Kind::Store => part.store += gas,
            Kind::Load => {
                part.loads += gas;
                part.calls += 1;
            }
        }
        self.consume(gas)
    }

    /// The bank uses gas.
    pub(crate) fn charge_bank(&mut self, gas: u64) {
        self.report.bank += gas;
    }

    /// A contract's code is loaded.
    pub(crate) fn load(&mut self, contract: &str, code: usize) -> Result<(), OutOfGas> {
        let gas = match self.loaded.insert(code) {
            true => FIRST_LOAD,
            false => NEXT_LOAD,
        };
        self.charge(contract, Kind::Load, gas)
    }

    fn consume(&mut self, gas: u64) -> Result<(), OutOfGas> {
        let enough = gas <= self.left();
        self.used = self.used.saturating_add(gas);
        enough.then_some(()).ok_or(OutOfGas)
    }

    /// From here on no more than this.
    pub(crate) fn push_limit(&mut self, gas: u64) {
        let limit = self.used.saturating_add(gas.min(self.left()));
        self.limits.push(limit);
    }

    /// Ends that; what went beyond it is given back.
    pub(crate) fn pop_limit(&mut self) {
        if let Some(limit) = self.limits.pop() {
            self.used = self.used.min(limit);
        }
    }

    pub(crate) fn into_report(self) -> Report {
        self.report
    }
}
