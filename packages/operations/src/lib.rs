#![doc = include_str!("../README.md")]

mod addresses;
mod contracts;
pub mod deploy;
mod deployment;
pub mod import;
mod manifest;
mod once;

pub use addresses::{AddressError, Addresses};
pub use contracts::Contracts;
pub use deployment::{CodeState, ContractState, Deployment, DeploymentError, CONTRACTS};
pub use manifest::{Manifest, ManifestError};
pub use once::send_once;
