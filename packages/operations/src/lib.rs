#![doc = include_str!("../README.md")]

mod addresses;
pub mod attest;
mod contracts;
pub mod daemon;
pub mod deploy;
mod deployment;
pub mod import;
pub mod keeper;
mod manifest;
mod once;
pub mod revenue;

pub use addresses::{AddressError, Addresses};
pub use contracts::Contracts;
pub use deployment::{CodeState, ContractState, Deployment, DeploymentError, CONTRACTS};
pub use manifest::{Manifest, ManifestError};
pub use once::send_once;
