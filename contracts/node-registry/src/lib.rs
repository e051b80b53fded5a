#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

pub mod contract;
mod error;
mod execute;
mod keys;
mod listing;
mod migrate;
mod moment;
mod owned;
mod permissions;
mod query;
mod state;

#[cfg(test)]
mod tests;

pub use error::ContractError;
pub use permissions::{required_caller, Caller};
