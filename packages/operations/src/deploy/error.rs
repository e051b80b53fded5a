//! Why nothing is deployed, or not all of it.

use std::path::PathBuf;

use cosmwasm_std::Checksum;
use noderev_chain::ChainError;
use noderev_components::{ClockError, Fault};
use thiserror::Error;

use crate::{AddressError, DeploymentError, ManifestError};

/// Why nothing is deployed, or not all of it.
#[derive(Debug, Error)]
pub enum DeployError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The state file can't be used.
    #[error(transparent)]
    State(#[from] DeploymentError),
    /// The manifest is refused.
    #[error("manifest: {0}")]
    Manifest(#[from] ManifestError),
    /// An address is none.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// A file of wasm can't be read.
    #[error("{}: {reason}; scripts/artifacts builds it", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// A file of wasm isn't what the list of checksums says.
    #[error("{}: checksum {found}, not what {} says: build it again by scripts/artifacts, or name another folder by --artifacts", path.display(), list.display())]
    WrongChecksum {
        /// The file.
        path: PathBuf,
        /// Its checksum.
        found: Checksum,
        /// The list.
        list: PathBuf,
    },
    /// There is no such code.
    #[error("no artifact {0}")]
    NoArtifact(String),
    /// A code is longer than the chain takes.
    #[error("{name}.wasm: {bytes} bytes, {chain_id} takes at most {max}")]
    TooLong {
        /// The code.
        name: String,
        /// Its length.
        bytes: usize,
        /// The chain.
        chain_id: String,
        /// What it takes.
        max: u64,
    },
    /// The account may not store code.
    #[error("{account} may not store code on {chain_id}: have the codes stored by a proposal; they are found by their checksums")]
    MayNotStore {
        /// The account.
        account: String,
        /// The chain.
        chain_id: String,
    },
    /// The account can't pay.
    #[error("{account} has {have} {denom}, storing and creating takes about {need}")]
    NoMoney {
        /// The account.
        account: String,
        /// What it has.
        have: u128,
        /// What it needs.
        need: u128,
        /// In this.
        denom: String,
    },
    /// The state file was made by another account.
    #[error("the state file is {found}'s, not {expected}'s: use that account, or another file by --deployment")]
    OtherDeployer {
        /// Whose it is.
        found: String,
        /// Who deploys.
        expected: String,
    },
    /// The state file has another address for a contract.
    #[error("the manifest puts {name} at {expected}, the state file has it at {found}: use the manifest it was deployed with, or another state file by --deployment and another salt")]
    OtherAddress {
        /// The contract.
        name: String,
        /// By the manifest.
        expected: String,
        /// By the state file.
        found: String,
    },
    /// The state file has another code.
    #[error("{name}.wasm has checksum {found}, the state file has {expected}: `noderev deploy migrate` puts other code in place; if nothing was created yet, delete the state file")]
    OtherCode {
        /// The code.
        name: String,
        /// Of the file.
        found: Checksum,
        /// By the state file.
        expected: Checksum,
    },
    /// The contracts on chain were created by another manifest.
    #[error("what is deployed was created by another manifest, and this can't change: {}; use that manifest, or another salt and another file by --deployment", .0.join("; "))]
    OtherManifest(Vec<String>),
    /// Epoch 0 does not run.
    #[error("[clock] {0}; \"now\" starts when the deployment begins")]
    Clock(#[from] ClockError),
    /// The clock is not one.
    #[error("[clock] {0}")]
    NoClock(Fault),
    /// Something that must be there isn't.
    #[error("{what} {address}: {reason}")]
    NotThere {
        /// What it is.
        what: String,
        /// Its address.
        address: String,
        /// What is wrong.
        reason: String,
    },
    /// What was stored or created is not found.
    #[error("{0} was sent and is not on chain: run the same command again")]
    Lost(String),
}
