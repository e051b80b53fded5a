//! Reading records by exact key, from the contract's own storage or from another contract's.
//!
//! A raw query of another contract's storage costs about 1,200 gas; a smart query loads the code,
//! 60,000. So what one contract records and another needs is read raw; the key and byte layouts
//! are an interface, kept in one place and frozen by golden tests.

use std::cell::RefCell;

use cosmwasm_std::{Addr, ContractResult, QuerierWrapper, Storage, SystemResult, WasmQuery};

use crate::fault::{fault, not_found, StdResult};
use crate::packed::Packed;

/// Something that answers "what bytes stand under this key".
pub trait RawRead {
    /// The bytes under `key`, none if the key is absent.
    fn read(&self, key: &[u8]) -> StdResult<Option<Vec<u8>>>;

    /// The packed value under `key`, none if the key is absent.
    fn read_packed<T: Packed>(&self, key: &[u8]) -> StdResult<Option<T>>
    where
        Self: Sized,
    {
        Ok(match self.read(key)? {
            Some(bytes) => Some(T::from_packed(&bytes)?),
            None => None,
        })
    }

    /// The packed value under `key`; an error that names it if the key is absent.
    fn require_packed<T: Packed>(&self, key: &[u8], what: &str) -> StdResult<T>
    where
        Self: Sized,
    {
        self.read_packed(key)?.ok_or_else(|| not_found(what))
    }
}

/// The contract's own storage.
#[derive(Clone, Copy)]
pub struct Local<'a>(pub &'a dyn Storage);

impl RawRead for Local<'_> {
    fn read(&self, key: &[u8]) -> StdResult<Option<Vec<u8>>> {
        Ok(self.0.get(key))
    }
}

/// Another contract's storage, read raw.
#[derive(Clone, Copy)]
pub struct Remote<'a> {
    querier: QuerierWrapper<'a>,
    contract: &'a Addr,
}

impl<'a> Remote<'a> {
    /// Reads from `contract`.
    pub const fn new(querier: QuerierWrapper<'a>, contract: &'a Addr) -> Self {
        Self { querier, contract }
    }
}

impl RawRead for Remote<'_> {
    fn read(&self, key: &[u8]) -> StdResult<Option<Vec<u8>>> {
        let query = WasmQuery::Raw {
            contract_addr: self.contract.to_string(),
            key: key.into(),
        };
        let bytes = cosmwasm_std::to_json_vec(
            &cosmwasm_std::QueryRequest::<cosmwasm_std::Empty>::Wasm(query),
        )?;
        match self.querier.raw_query(&bytes) {
            SystemResult::Err(error) => Err(fault(error.to_string())),
            SystemResult::Ok(ContractResult::Err(error)) => Err(fault(error)),
            SystemResult::Ok(ContractResult::Ok(value)) if value.is_empty() => Ok(None),
            SystemResult::Ok(ContractResult::Ok(value)) => Ok(Some(value.to_vec())),
        }
    }
}

/// A key and what stands under it.
type Known = (Vec<u8>, Option<Vec<u8>>);

/// Records that nothing changes meanwhile, each read once: those of another contract.
pub struct Remembered<R> {
    store: R,
    /// In the order of their keys.
    known: RefCell<Vec<Known>>,
}

impl<R> Remembered<R> {
    /// Reads from `store`.
    pub const fn new(store: R) -> Self {
        Self {
            store,
            known: RefCell::new(vec![]),
        }
    }
}

impl<R: RawRead> RawRead for Remembered<R> {
    fn read(&self, key: &[u8]) -> StdResult<Option<Vec<u8>>> {
        let mut known = self.known.borrow_mut();
        let place = known.binary_search_by(|(known, _)| known.as_slice().cmp(key));
        let at = match place {
            Ok(at) => at,
            Err(at) => {
                known.insert(at, (key.to_vec(), self.store.read(key)?));
                at
            }
        };
        Ok(known.get(at).and_then(|(_, value)| value.clone()))
    }
}

/// Writes a packed value.
pub fn write_packed<T: Packed>(storage: &mut dyn Storage, key: &[u8], value: &T) {
    storage.set(key, &value.to_packed());
}

/// A storage key: a namespace byte, then fixed-width parts. Namespace bytes are 0x80 and above, so
/// no packed record can collide with a named item (ASCII) or a map (which starts with 0x00).
pub fn key(namespace: u8, parts: &[&[u8]]) -> Vec<u8> {
    let mut key = vec![namespace];
    parts.iter().for_each(|part| key.extend_from_slice(part));
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    /// Answers keys that begin with 1, and counts the questions.
    struct Asked(Cell<u32>);

    impl RawRead for &Asked {
        fn read(&self, key: &[u8]) -> StdResult<Option<Vec<u8>>> {
            self.0.set(self.0.get() + 1);
            match key {
                [0] => Err(fault("no answer")),
                [1, ..] => Ok(Some(key.to_vec())),
                _ => Ok(None),
            }
        }
    }

    #[test]
    fn what_is_remembered_is_asked_for_once_and_faults_again() {
        let asked = Asked(Cell::new(0));
        let store = Remembered::new(&asked);
        for _ in 0..2 {
            for key in [&[1, 3][..], &[1], &[1, 1], &[1, 2]] {
                assert_eq!(store.read(key).unwrap(), Some(key.to_vec()));
            }
            assert_eq!(store.read(&[2]).unwrap(), None);
        }
        assert_eq!(asked.0.get(), 5);
        for _ in 0..2 {
            assert!(store.read(&[0]).is_err());
        }
        assert_eq!(asked.0.get(), 7);
    }

    #[test]
    fn what_is_required_and_absent_is_named() {
        let asked = Asked(Cell::new(0));
        let store = &asked;
        assert_eq!(store.require_packed::<u16>(&[1, 4], "it").unwrap(), 260);
        let absent = store.require_packed::<u16>(&[2], "the thing").unwrap_err();
        assert!(absent.to_string().contains("the thing"), "{absent}");
    }
}
