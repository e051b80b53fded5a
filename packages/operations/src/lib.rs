#![doc = include_str!("../README.md")]

pub mod attest;
mod contracts;
pub mod daemon;
mod deployment;
pub mod keeper;
pub mod revenue;

pub use contracts::Contracts;
pub use deployment::{CodeState, ContractState, Deployment, DeploymentError, CONTRACTS};
