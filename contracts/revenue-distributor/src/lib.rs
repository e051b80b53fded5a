#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(clippy::arithmetic_side_effects, clippy::cast_possible_truncation)
)]

mod chain;
pub mod contract;
mod earnings;
mod error;
mod execute;
mod migrate;
mod moment;
mod permissions;
mod query;
mod settlement;
mod shares;
mod state;
#[cfg(test)]
mod tests;

pub use error::ContractError;
pub use permissions::{required_caller, Caller};
