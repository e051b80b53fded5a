//! Accounts in storage: canonical bytes, which are half as long as the text form.

use cosmwasm_std::{Addr, Api, CanonicalAddr};

use crate::fault::StdResult;
use crate::packed::{Packed, Reader};

/// An account's canonical address (20 bytes for a wallet, 32 for a contract).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Account(Vec<u8>);

impl Account {
    /// An address that the chain vouches for, such as a message's sender.
    pub fn of(api: &dyn Api, addr: &Addr) -> StdResult<Self> {
        let canonical = api.addr_canonicalize(addr.as_str())?;
        Ok(Self(canonical.to_vec()))
    }

    /// An address from a message: checked, then canonical.
    pub fn parse(api: &dyn Api, human: &str) -> StdResult<Self> {
        Self::of(api, &api.addr_validate(human)?)
    }

    /// The text form.
    pub fn human(&self, api: &dyn Api) -> StdResult<Addr> {
        Ok(api.addr_humanize(&CanonicalAddr::from(self.0.clone()))?)
    }

    /// As part of a storage key: length first, so that keys of different lengths cannot collide.
    pub fn key(&self) -> Vec<u8> {
        self.to_packed()
    }
}

/// Addresses that are needed as text, which costs nothing to get back: as texts.
impl Packed for Addr {
    fn pack(&self, out: &mut Vec<u8>) {
        self.as_str().to_owned().pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        String::unpack(input).map(Self::unchecked)
    }
}

impl Packed for Account {
    fn pack(&self, out: &mut Vec<u8>) {
        out.push(u8::try_from(self.0.len()).unwrap_or(u8::MAX));
        out.extend_from_slice(&self.0);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let len = usize::from(u8::unpack(input)?);
        input.take(len).map(|bytes| Self(bytes.to_vec()))
    }
}
