//! Reading records by exact key, from the contract's own storage or from another contract's.
//!
//! A raw query of another contract's storage costs about 1,200 gas; a smart query loads the code,
//! 60,000. So what one contract records and another needs is read raw; the key and byte layouts
//! are an interface, kept in one place and frozen by golden tests.

use cosmwasm_std::{Addr, QuerierWrapper, Storage, WasmQuery};
use cosmwasm_std::{ContractResult, SystemResult};

use crate::fault::{fault, StdResult};
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
