#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)
)]

pub mod contract;
mod error;
mod execute;
mod migrate;
mod moment;
mod permissions;
mod pool;
mod query;
mod settlement;
mod stakes;
mod state;
#[cfg(test)]
mod tests;

pub use error::ContractError;
pub use permissions::{required_caller, Caller};
