//! The commands that work with contracts on a real chain.

mod audit;
mod claim;
mod doctor;
mod error;
mod explain;
mod query;
mod session;

use clap::Subcommand;

use crate::answer::Answer;

pub use error::CommandError;
pub use explain::explain;
pub use session::{Connection, Sending, Sent, Session};

/// A command to contracts on a chain.
#[derive(Debug, Subcommand)]
pub enum ChainCommand {
    /// Check the node, the account and what the chain allows, before anything is sent.
    Doctor(doctor::Doctor),
    /// Show everything that an account is owed.
    Rewards(claim::Rewards),
    /// Claim everything that an account is owed.
    Claim(claim::Claim),
    /// Recompute every closed epoch from public evidence, and compare books with balances.
    Audit(audit::Audit),
    /// Ask a contract anything, in JSON.
    Query(query::Query),
}

impl ChainCommand {
    /// Does what is asked.
    pub fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self {
            Self::Doctor(doctor) => doctor.execute(json),
            Self::Rewards(rewards) => rewards.execute(json),
            Self::Claim(claim) => claim.execute(json),
            Self::Audit(audit) => audit.execute(json),
            Self::Query(query) => query.execute(json),
        }
    }
}
