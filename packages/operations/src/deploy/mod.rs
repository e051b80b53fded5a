//! Storing the codes and creating the contracts, once, whatever happens in between.
//!
//! Every contract's address follows from the deployer, its code and its salt, so it is known before
//! anything is sent. Codes are stored one by one; then all contracts are created by one transaction:
//! all of them or none.

mod apply;
mod artifacts;
mod error;
mod migrate;
mod order;
mod plan;
mod verify;

pub use apply::{apply, ensure_possible, gas, hindrances, Done};
pub use artifacts::{Artifact, Artifacts};
pub use error::DeployError;
pub use migrate::{migrate, plan_migration};
pub use order::Order;
pub use plan::{plan, Plan};
pub use verify::{verify, Check};
