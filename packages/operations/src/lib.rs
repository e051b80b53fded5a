#![doc = include_str!("../README.md")]

mod contracts;
mod deployment;

pub use contracts::Contracts;
pub use deployment::{CodeState, ContractState, Deployment, DeploymentError, CONTRACTS};
