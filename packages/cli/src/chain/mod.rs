//! The commands that work with contracts on a real chain.

mod doctor;
mod error;
mod play;
mod query;
mod session;

use clap::Subcommand;

use crate::answer::Answer;

pub use error::CommandError;
pub use session::{Connection, Sending, Sent, Session};

/// A command to contracts on a chain.
#[derive(Debug, Subcommand)]
pub enum ChainCommand {
    /// Check the node, the account and what the chain allows, before anything is sent.
    Doctor(doctor::Doctor),
    /// Ask a contract anything, in JSON.
    Query(query::Query),
    /// Play a network's files on a test chain and compare every payout with the embedded chain's.
    Play(play::Play),
}

impl ChainCommand {
    /// Does what is asked.
    pub fn execute(self, json: bool) -> Result<Answer, CommandError> {
        match self {
            Self::Doctor(doctor) => doctor.execute(json),
            Self::Query(query) => query.execute(json),
            Self::Play(play) => play.execute(json),
        }
    }
}
