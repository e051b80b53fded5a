//! Why the chain did not do what was asked.

use cosmwasm_std::Decimal;
use thiserror::Error;

/// Why the chain did not do what was asked.
#[derive(Debug, Error)]
pub enum ChainError {
    /// No network of that name is known.
    #[error("no network {name} in the networks file; it has: {known}")]
    UnknownNetwork {
        /// What was asked for.
        name: String,
        /// Names that there are.
        known: String,
    },
    /// The networks file is wrong.
    #[error("networks file: {0}")]
    Networks(String),
    /// No node answers.
    #[error("{url}: {reason}; is the node running?")]
    Unreachable {
        /// Address of the node.
        url: String,
        /// What the connection says.
        reason: String,
    },
    /// The node is one of another chain.
    #[error("{url} is a node of {found}, not of {expected}")]
    WrongChain {
        /// Address of the node.
        url: String,
        /// Its chain.
        found: String,
        /// The network's chain.
        expected: String,
    },
    /// The node has not reached the chain's present.
    #[error("{url} is still catching up, at height {height}: wait, or use another node")]
    CatchingUp {
        /// Address of the node.
        url: String,
        /// Where it is.
        height: u64,
    },
    /// Gas costs more than the networks file allows.
    #[error("gas costs {price} {denom}, max_gas_price of the networks file is {max}")]
    GasPrice {
        /// What a unit of gas would be paid with.
        price: Decimal,
        /// What it may cost at most.
        max: Decimal,
        /// In this.
        denom: String,
    },
    /// An answer is not what it should be.
    #[error("unexpected answer to {what}: {reason}")]
    Answer {
        /// What was asked.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A query was refused.
    #[error("{what} refused: {log}")]
    Query {
        /// What was asked.
        what: String,
        /// The chain's code of the refusal.
        code: u32,
        /// The chain's words.
        log: String,
    },
    /// A transaction was refused. Nothing of it happened but the fee, if it is in a block.
    #[error("refused by the chain: {log}")]
    Refused {
        /// Hash, if it is in a block.
        hash: Option<String>,
        /// Part of the chain that refuses.
        codespace: String,
        /// Its code of the refusal.
        code: u32,
        /// The chain's words.
        log: String,
    },
    /// A transaction ran out of the gas that it was allowed.
    #[error("transaction {hash} used {used} gas and was allowed {wanted}")]
    OutOfGas {
        /// Hash.
        hash: String,
        /// Gas allowed.
        wanted: u64,
        /// Gas used until it was stopped.
        used: u64,
    },
    /// Another transaction of this account was faster.
    #[error("account {account}: another transaction took sequence number {sequence}")]
    Sequence {
        /// The account.
        account: String,
        /// Number of the transaction that was not sent.
        sequence: u64,
    },
    /// A transaction did not get into a block. It may still.
    #[error("transaction {hash} is in no block after {seconds} s; it may still get into one")]
    NotSeen {
        /// Hash.
        hash: String,
        /// How long was waited.
        seconds: u64,
    },
    /// The account does not exist on chain, so it can't pay a fee.
    #[error("account {account} doesn't exist on {chain_id}: send it some {denom} for fees")]
    NoAccount {
        /// The account.
        account: String,
        /// The chain.
        chain_id: String,
        /// What fees are paid in.
        denom: String,
    },
    /// The words or the derivation of a key are wrong. Never contains the words.
    #[error("key: {0}")]
    Key(String),
    /// A message can't be expressed as the chain wants it.
    #[error("message: {0}")]
    Message(String),
}

impl ChainError {
    /// An answer that is not what it should be.
    pub fn answer(what: &str, reason: impl core::fmt::Display) -> Self {
        Self::Answer {
            what: what.to_owned(),
            reason: reason.to_string(),
        }
    }

    /// Whether the chain or a contract refused, rather than that the chain could not be asked.
    pub const fn is_refusal(&self) -> bool {
        matches!(
            self,
            Self::Refused { .. } | Self::OutOfGas { .. } | Self::Query { .. }
        )
    }
}
