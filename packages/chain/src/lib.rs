#![doc = include_str!("../README.md")]

mod archive;
mod capability;
mod client;
mod delivery;
mod error;
mod fee_market;
mod key;
mod message;
mod network;
mod rpc;
mod signer;
mod transaction;

#[cfg(test)]
mod fake;

pub use archive::{Records, Transaction, Transactions};
pub use capability::CAPABILITIES;
pub use client::{is_among, AccountInfo, Client, CodeInfo, ContractInfo, Status, GAS_ADJUSTMENT};
pub use error::ChainError;
pub use fee_market::FeeMarket;
pub use key::{Key, DERIVATION};
pub use message::Message;
pub use network::{Network, Networks};
pub use signer::{Posted, Signer};
pub use transaction::{Outcome, Unsigned};

/// What goes well, or why it doesn't.
pub type Result<T> = core::result::Result<T, ChainError>;
