#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        reason = "in tests an overflow is a failing test"
    )
)]

mod audit;
mod contracts;
mod deployment;
pub mod rewards;

pub use audit::{audit, Audit, Contract, Finding, Source};
pub use contracts::Contracts;
pub use deployment::{CodeState, ContractState, Deployment, DeploymentError, CONTRACTS};
