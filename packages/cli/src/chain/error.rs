//! Why a command to a chain failed.

use std::path::PathBuf;

use noderev_chain::ChainError;
use noderev_operations::appeals::AppealError;
use noderev_operations::attest::AttestError;
use noderev_operations::delegations::DelegationError;
use noderev_operations::deploy::DeployError;
use noderev_operations::export::ExportError;
use noderev_operations::governance::GovernanceError;
use noderev_operations::import::ImportError;
use noderev_operations::market::MarketError;
use noderev_operations::nodes::NodeError;
use noderev_operations::pool::PoolError;
use noderev_operations::revenue::RevenueError;
use noderev_operations::stakes::StakeError;
use noderev_operations::statement::StatementError;
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
    /// Stakes can't be imported.
    #[error(transparent)]
    Stakes(Box<StakeError>),
    /// There is no report.
    #[error(transparent)]
    Attest(#[from] AttestError),
    /// Revenue is not deposited.
    #[error(transparent)]
    Revenue(#[from] RevenueError),
    /// There is no statement.
    #[error(transparent)]
    Statement(Box<StatementError>),
    /// An export ended early.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// Nothing is done with a key.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// Nothing is offered or bought.
    #[error(transparent)]
    Market(#[from] MarketError),
    /// Nothing is disputed.
    #[error(transparent)]
    Appeal(#[from] AppealError),
    /// A pool stake does not change.
    #[error(transparent)]
    Pool(#[from] PoolError),
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

impl From<StatementError> for CommandError {
    fn from(error: StatementError) -> Self {
        Self::Statement(Box::new(error))
    }
}

impl From<StakeError> for CommandError {
    fn from(error: StakeError) -> Self {
        Self::Stakes(Box::new(error))
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
            Self::Export(ExportError::Chain(error)) if error.is_refusal() => Exit::Refused,
            Self::Statement(error) => of_statement(error),
            Self::Export(ExportError::NotYet { .. }) => Exit::Usage,
            Self::Node(error) if error.is_refusal() => Exit::Refused,
            Self::Node(error) if error.is_usage() => Exit::Usage,
            Self::Appeal(error) if error.is_refusal() => Exit::Refused,
            Self::Appeal(error) if error.is_usage() => Exit::Usage,
            Self::Market(error) if error.is_refusal() => Exit::Refused,
            Self::Market(error) if error.is_usage() => Exit::Usage,
            Self::Pool(error) if error.is_refusal() => Exit::Refused,
            Self::Stakes(error) if error.is_refusal() => Exit::Refused,
            Self::Pool(error) if error.is_usage() => Exit::Usage,
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

const fn of_statement(error: &StatementError) -> Exit {
    match error {
        StatementError::Chain(error) if error.is_refusal() => Exit::Refused,
        StatementError::Unsettled { .. } => Exit::PartlyDone,
        StatementError::Date(_)
        | StatementError::Backwards { .. }
        | StatementError::Future { .. } => Exit::Usage,
        _ => Exit::Failed,
    }
}
