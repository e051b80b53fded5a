//! The commands that work with contracts on a real chain.

mod acting;
mod attest;
mod audit;
mod claim;
mod dated;
mod delegation;
mod deploy;
mod doctor;
mod error;
mod explain;
mod export;
mod form;
mod gov;
mod import;
mod keeper;
mod market;
mod node;
mod numbers;
mod play;
mod pool;
mod query;
mod revenue;
mod session;
mod stakes;
mod statement;
mod words;

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
    /// Store the contracts' code, create the contracts, compare them with their manifest.
    Deploy(deploy::Deploy),
    /// Bring in what a network begins with, from a file.
    Import(import::Import),
    /// Govern the contracts: parameters, pauses, roles, splits, rulings, ownership.
    Gov(gov::Gov),
    /// Deposit revenue, and list what was deposited.
    Revenue(revenue::Revenue),
    /// Report who ran in an epoch, and see how the attesters agree.
    Attest(attest::Attest),
    /// Close epochs and do whatever else anybody may do, when it is due.
    Keeper(keeper::Keeper),
    /// An account's keys and their nodes: list, stake, unstake, bind, unbind, operator, transfer, appeal.
    Node(node::NodeCommand),
    /// The market of keys: list, delist, buy, floor.
    Market(market::Market),
    /// Stake in the global pool: status, deposit, withdraw, cancel, collect, compound.
    Pool(pool::Pool),
    /// Create delegations, stake NFTs into them, run validators for them.
    Delegation(Box<delegation::Delegation>),
    /// Show everything that an account is owed.
    Rewards(claim::Rewards),
    /// Claim everything that an account is owed.
    Claim(claim::Claim),
    /// Show an account's statement from one day to another: opening + earned - paid = closing.
    Statement(statement::Statement),
    /// Recompute every closed epoch from public evidence, and compare books with balances.
    Audit(audit::Audit),
    /// Write all typed events, or everything stored, as JSON lines.
    Export(export::Export),
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
            Self::Rewards(rewards) => rewards.execute(json),
            Self::Claim(claim) => claim.execute(json),
            Self::Statement(statement) => statement.execute(json),
            Self::Audit(audit) => audit.execute(json),
            Self::Deploy(deploy) => deploy.execute(json),
            Self::Import(import) => import.execute(json),
            Self::Revenue(revenue) => revenue.execute(json),
            Self::Attest(attest) => attest.execute(json),
            Self::Node(node) => node.execute(json),
            Self::Market(market) => market.execute(json),
            Self::Pool(pool) => pool.execute(json),
            Self::Keeper(keeper) => keeper.execute(json),
            Self::Export(export) => export.execute(json),
            Self::Gov(gov) => gov.execute(json),
            Self::Delegation(delegation) => delegation.execute(json),
            Self::Query(query) => query.execute(json),
            Self::Play(play) => play.execute(json),
        }
    }
}
