//! Why a scenario could not be played on a chain.

use std::path::PathBuf;

use noderev_chain::ChainError;
use noderev_operations::DeploymentError;
use thiserror::Error;

use crate::input::WriteError;
use crate::report::ReportError;
use crate::run::RunError;

/// Why a scenario could not be played on a chain.
#[derive(Debug, Error)]
pub enum PlayError {
    /// The chain could not be asked, or refused something that belongs to no row.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The run on the embedded chain failed.
    #[error(transparent)]
    Run(#[from] RunError),
    /// A file can't be written.
    #[error(transparent)]
    Write(#[from] WriteError),
    /// The report can't be made.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The deployment's file can't be written.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// Results can't be expressed as JSON.
    #[error("results: {0}")]
    Json(#[from] serde_json::Error),
    /// A contract's code is missing.
    #[error("{file} is in none of: {}; scripts/artifacts builds the contracts, scripts/localnet/play the collection", list(folders))]
    NoWasm {
        /// The file.
        file: String,
        /// Where it was looked for.
        folders: Vec<PathBuf>,
    },
    /// The chain refused what the embedded chain accepted.
    #[error("{what} of {who}, in epoch {epoch} of the embedded chain: {reason}")]
    Refused {
        /// Contract and message.
        what: String,
        /// Who sent it.
        who: String,
        /// The epoch in which it belongs.
        epoch: u32,
        /// What the chain says.
        reason: Box<ChainError>,
    },
    /// The chain was slower than the clock.
    #[error(
        "epoch {epoch} was over {seconds} s before everything that belongs into it was in a block: \
         make epoch_length longer by more than that, or the network smaller"
    )]
    Late {
        /// The epoch.
        epoch: u32,
        /// By how much.
        seconds: u64,
    },
    /// An epoch is not where it must be to be closed.
    #[error(
        "{contract}: epoch {expected} is to be closed, the chain stands at epoch {found}, {step}"
    )]
    Step {
        /// The contract.
        contract: &'static str,
        /// The epoch to be closed.
        expected: u32,
        /// The oldest epoch that is not closed.
        found: u32,
        /// How it stands.
        step: String,
    },
    /// The journal can't be played.
    #[error("journal: {0}")]
    Journal(String),
}

impl PlayError {
    /// Whether the chain refused something.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Refused { reason, .. } => reason.is_refusal(),
            Self::Chain(error) => error.is_refusal(),
            _ => false,
        }
    }
}

fn list(folders: &[PathBuf]) -> String {
    let names: Vec<String> = folders
        .iter()
        .map(|folder| folder.display().to_string())
        .collect();
    names.join(", ")
}
