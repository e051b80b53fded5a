#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

pub mod contract;
mod error;
mod execute;
mod migrate;
mod moment;
mod permissions;
mod query;
mod state;
#[cfg(test)]
mod tests;

pub use error::ContractError;
pub use permissions::{required_caller, Caller};
