#![doc = include_str!("../README.md")]
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        reason = "in tests an overflow is a failing test"
    )
)]

mod addresses;
pub mod appeals;
pub mod attest;
mod audit;
mod batches;
mod contracts;
pub mod daemon;
pub mod delegations;
pub mod deploy;
mod deployment;
mod due;
pub mod export;
pub mod governance;
pub mod import;
pub mod keeper;
mod manifest;
pub mod market;
mod moment;
pub mod nodes;
mod once;
pub mod pool;
pub mod revenue;
pub mod rewards;
pub mod stakes;
pub mod statement;

pub use addresses::{AddressError, Addresses};
pub use audit::{audit, Audit, Finding, Source};
pub use batches::TooMany;
pub use contracts::{Contract, Contracts};
pub use deployment::{CodeState, ContractState, Deployment, DeploymentError, CONTRACTS};
pub use manifest::{Manifest, ManifestError};
pub use moment::{rfc3339, Hindrance, Moment};
pub use once::send_once;
