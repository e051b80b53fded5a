//! What a running contract sees of the chain: its part of the store, queries, addresses.

use std::ops::Bound;
use std::rc::Rc;

use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{Addr, Api as _, CanonicalAddr};
use cosmwasm_std_vm::{Binary, ContractResult, Order, Record, SystemError, SystemResult};
use cosmwasm_vm::{BackendApi, BackendError, BackendResult, GasInfo, Querier, Storage};

use crate::gas::{self, Kind, VM_PER_GAS};
use crate::machine::{Access, Core, State};
use crate::query::Refusal;

/// Addresses with the prefix of cw-multi-test.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Api;

impl Api {
    /// The bytes of an address.
    pub(crate) fn bytes(self, address: &str) -> Result<Vec<u8>, String> {
        let bytes = MockApi::default().addr_canonicalize(address);
        bytes.map(Into::into).map_err(|error| error.to_string())
    }

    /// The text form of an address.
    pub(crate) fn text(self, bytes: &[u8]) -> Result<Addr, String> {
        let text = MockApi::default().addr_humanize(&CanonicalAddr::from(bytes));
        text.map_err(|error| error.to_string())
    }

    /// An address in its one valid form.
    pub(crate) fn valid(self, address: &str) -> Result<Addr, String> {
        let valid = MockApi::default().addr_validate(address);
        valid.map_err(|error| error.to_string())
    }
}

fn costing<T>(result: Result<T, String>, cost: u64) -> BackendResult<T> {
    (
        result.map_err(BackendError::user_err),
        GasInfo::with_cost(cost),
    )
}

impl BackendApi for Api {
    fn addr_validate(&self, input: &str) -> BackendResult<()> {
        let cost = gas::CANONICALIZE + gas::HUMANIZE;
        costing(self.valid(input).map(drop), cost)
    }

    fn addr_canonicalize(&self, human: &str) -> BackendResult<Vec<u8>> {
        costing(self.bytes(human), gas::CANONICALIZE)
    }

    fn addr_humanize(&self, canonical: &[u8]) -> BackendResult<String> {
        costing(self.text(canonical).map(String::from), gas::HUMANIZE)
    }
}

/// Where a contract's entries begin: one byte and its address, as wasmd keeps them.
pub(crate) fn prefix_of(contract: &str) -> Vec<u8> {
    let mut prefix = vec![3];
    prefix.extend(Api.bytes(contract).unwrap_or_default());
    prefix
}

/// What is left of a range after the entries that were read.
struct Cursor {
    range: (Bound<Vec<u8>>, Bound<Vec<u8>>),
    order: Order,
}

impl Cursor {
    fn pass(&mut self, key: &[u8]) {
        match self.order {
            Order::Ascending => self.range.0 = Bound::Excluded(key.to_vec()),
            Order::Descending => self.range.1 = Bound::Excluded(key.to_vec()),
        }
    }

    fn entry(&self, state: &State) -> Option<Record> {
        let entry = state.store.first_of(self.range.clone(), self.order);
        entry.map(|(key, value)| (key.to_vec(), value.to_vec()))
    }
}

/// A contract's part of the store.
pub(crate) struct Space {
    core: Rc<Core>,
    contract: String,
    prefix: Vec<u8>,
    cursors: Vec<Cursor>,
}

impl Space {
    pub(crate) fn new(core: Rc<Core>, contract: &str) -> Self {
        Self {
            core,
            contract: contract.to_owned(),
            prefix: prefix_of(contract),
            cursors: Vec::new(),
        }
    }

    fn full(&self, key: &[u8]) -> Vec<u8> {
        [self.prefix.as_slice(), key].concat()
    }

    /// The first key after all of this contract's.
    fn end(&self) -> Vec<u8> {
        let mut end = self.prefix.clone();
        for at in (0..end.len()).rev() {
            if end[at] < u8::MAX {
                end[at] += 1;
                break;
            }
            end.pop();
        }
        end
    }

    /// Does something with the chain's state that costs something, and notes it.
    fn with<T>(
        &self,
        kind: &'static str,
        act: impl FnOnce(&mut State) -> (T, Option<Touch>),
    ) -> BackendResult<T> {
        let state = &mut self.core.state.borrow_mut();
        let (value, touch) = act(state);
        let Some(touch) = touch else {
            return (Ok(value), GasInfo::free());
        };
        let charged = state.meter.charge(&self.contract, Kind::Store, touch.gas);
        let result = charged.map(|()| value);
        let used = GasInfo::with_externally_used(touch.gas.saturating_mul(VM_PER_GAS));
        state.accesses.push(Access {
            contract: self.contract.clone(),
            kind,
            key: touch
                .key
                .get(self.prefix.len()..)
                .unwrap_or_default()
                .into(),
            value: touch.value,
            gas: touch.gas,
        });
        (result.map_err(|_| BackendError::out_of_gas()), used)
    }
}

/// What was touched in the store, and what that costs.
struct Touch {
    key: Vec<u8>,
    value: usize,
    gas: u64,
}

/// Standing on an entry of an iterator.
fn stand(entry: Option<&Record>) -> Touch {
    let sizes = entry.map(|(key, value)| (key.len(), value.len()));
    Touch {
        key: entry.map(|(key, _)| key.clone()).unwrap_or_default(),
        value: sizes.map_or(0, |(_, value)| value),
        gas: gas::iterate(sizes),
    }
}

impl Storage for Space {
    fn get(&self, key: &[u8]) -> BackendResult<Option<Vec<u8>>> {
        let key = self.full(key);
        self.with("read", |state| {
            let found = state.store.get(&key).map(<[u8]>::to_vec);
            let value = found.as_ref().map_or(0, Vec::len);
            let gas = gas::read(key.len(), value);
            (found, Some(Touch { key, value, gas }))
        })
    }

    fn set(&mut self, key: &[u8], value: &[u8]) -> BackendResult<()> {
        let key = self.full(key);
        self.with("write", |state| {
            state.store.set(&key, value);
            let value = value.len();
            let gas = gas::write(key.len(), value);
            ((), Some(Touch { key, value, gas }))
        })
    }

    fn remove(&mut self, key: &[u8]) -> BackendResult<()> {
        let key = self.full(key);
        self.with("delete", |state| {
            state.store.remove(&key);
            let (value, gas) = (0, gas::delete());
            ((), Some(Touch { key, value, gas }))
        })
    }

    fn scan(
        &mut self,
        start: Option<&[u8]>,
        end: Option<&[u8]>,
        order: Order,
    ) -> BackendResult<u32> {
        let from = self.full(start.unwrap_or_default());
        let until = end.map_or_else(|| self.end(), |end| self.full(end));
        let cursor = Cursor {
            range: (Bound::Included(from), Bound::Excluded(until)),
            order,
        };
        let number = self.cursors.len() as u32;
        let opened = self.with("iterate", |state| {
            (number, Some(stand(cursor.entry(state).as_ref())))
        });
        self.cursors.push(cursor);
        opened
    }

    fn next(&mut self, iterator: u32) -> BackendResult<Option<Record>> {
        let Some(cursor) = self.cursors.get(iterator as usize) else {
            let missing = BackendError::iterator_does_not_exist(iterator);
            return (Err(missing), GasInfo::free());
        };
        let (found, gas) = self.with("iterate", |state| {
            let entry = cursor.entry(state);
            let touch = entry.is_some().then(|| stand(entry.as_ref()));
            (entry, touch)
        });
        if let Ok(Some((key, _))) = &found {
            self.cursors[iterator as usize].pass(key);
        }
        let skip = self.prefix.len();
        let own = found.map(|entry| entry.map(|(key, value)| (key[skip..].to_vec(), value)));
        (own, gas)
    }
}

/// A contract's queries.
pub(crate) struct Asker {
    core: Rc<Core>,
    contract: String,
}

impl Asker {
    pub(crate) fn new(core: Rc<Core>, contract: &str) -> Self {
        Self {
            core,
            contract: contract.to_owned(),
        }
    }
}

impl Querier for Asker {
    fn query_raw(
        &self,
        request: &[u8],
        gas_limit: u64,
    ) -> BackendResult<SystemResult<ContractResult<Binary>>> {
        let before = self.core.state.borrow().meter.used();
        let limit = gas_limit / VM_PER_GAS;
        self.core.state.borrow_mut().meter.push_limit(limit);
        let answer = self.core.query(&self.contract, request);
        let mut state = self.core.state.borrow_mut();
        state.meter.pop_limit();
        let used = state.meter.used() - before;
        let used = GasInfo::with_externally_used(used.saturating_mul(VM_PER_GAS));
        let answer = match answer {
            Ok(bytes) => Ok(SystemResult::Ok(ContractResult::Ok(bytes.into()))),
            Err(Refusal::Contract(text)) => Ok(SystemResult::Ok(ContractResult::Err(text))),
            Err(Refusal::NoContract(addr)) => {
                Ok(SystemResult::Err(SystemError::NoSuchContract { addr }))
            }
            Err(Refusal::Unsupported(kind)) => {
                Ok(SystemResult::Err(SystemError::UnsupportedRequest { kind }))
            }
            Err(Refusal::OutOfGas) => Err(BackendError::out_of_gas()),
        };
        (answer, used)
    }
}
