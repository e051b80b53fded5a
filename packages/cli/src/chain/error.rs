//! Why a command to a chain failed.

use std::path::PathBuf;

use noderev_chain::ChainError;
use noderev_operations::attest::AttestError;
use noderev_operations::delegations::DelegationError;
use noderev_operations::deploy::DeployError;
use noderev_operations::governance::GovernanceError;
use noderev_operations::import::ImportError;
use noderev_operations::revenue::RevenueError;
use noderev_operations::DeploymentError;
use thiserror::Error;

use crate::answer::Exit;
use crate::input::InputError;
use crate::play::PlayError;

/// Why a command to a chain failed.
#[derive(Debug, Error)]
pub enum CommandError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The deployment's file can't be used.
    #[error(transparent)]
    Deployment(#[from] DeploymentError),
    /// It can't be deployed.
    #[error(transparent)]
    Deploy(#[from] DeployError),
    /// Keys can't be imported.
    #[error(transparent)]
    Import(#[from] ImportError),
    /// There is no report.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// Revenue is not deposited.
    #[error(transparent)]
    Revenue(#[from] RevenueError),
    /// Nothing is governed.
    #[error(transparent)]
    Governance(#[from] GovernanceError),
    /// Nothing is done with a delegation.
    #[error(transparent)]
    Delegation(Box<DelegationError>),
    /// A scenario's files are wrong.
    #[error(transparent)]
    Input(#[from] InputError),
    /// A scenario could not be played.
    #[error(transparent)]
    Play(Box<PlayError>),
    /// A file can't be read.
    #[error("{}: {reason}", path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// What was asked makes no sense.
    #[error("{0}")]
    Usage(String),
    /// Whoever was asked said no.
    #[error("not sent")]
    Declined,
}

impl From<PlayError> for CommandError {
    fn from(error: PlayError) -> Self {
        Self::Play(Box::new(error))
    }
}

impl From<DelegationError> for CommandError {
    fn from(error: DelegationError) -> Self {
        Self::Delegation(Box::new(error))
    }
}

impl CommandError {
    /// Exit code of the program.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Chain(error) if error.is_refusal() => Exit::Refused,
            Self::Play(error) if error.is_refusal() => Exit::Refused,
            Self::Deploy(DeployError::Chain(error)) if error.is_refusal() => Exit::Refused,
            Self::Import(ImportError::Chain(error)) if error.is_refusal() => Exit::Refused,
            Self::Attest(AttestError::Chain(error)) | Self::Revenue(RevenueError::Chain(error))
                if error.is_refusal() =>
            {
                Exit::Refused
            }
            Self::Attest(AttestError::NotReporting { .. } | AttestError::NotAttester { .. })
            | Self::Revenue(RevenueError::Used { .. } | RevenueError::Paused) => Exit::Refused,
            Self::Governance(GovernanceError::NothingChanges { .. }) => Exit::NothingDue,
            Self::Governance(error) if error.is_usage() => Exit::Usage,
            Self::Governance(error) if error.is_refusal() => Exit::Refused,
            Self::Delegation(error) if error.is_nothing() => Exit::NothingDue,
            Self::Delegation(error) if error.is_usage() => Exit::Usage,
            Self::Delegation(error) if error.is_refusal() => Exit::Refused,
            Self::Usage(_)
            | Self::Revenue(
                RevenueError::Zero | RevenueError::Over { .. } | RevenueError::Text { .. },
            ) => Exit::Usage,
            _ => Exit::Failed,
        }
    }
}
