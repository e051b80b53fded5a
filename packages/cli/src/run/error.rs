//! Why a run ends early.

use thiserror::Error;

/// Why a run ended early.
#[derive(Debug, Error)]
pub enum RunError {
    /// The contracts refuse the network's parameters.
    #[error("the network can't be set up: {0}")]
    SetUp(String),
    /// A contract refuses something that the scenario does.
    #[error("epoch {epoch}: {what}: {reason}")]
    Refused {
        /// The epoch in which it was tried.
        epoch: u64,
        /// What was tried.
        what: String,
        /// What the contract said.
        reason: String,
    },
    /// A contract does not answer a query as it should.
    #[error("{what}: {reason}")]
    Answer {
        /// What was asked.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The books of a contract are wrong.
    #[error("epoch {epoch}: the books are wrong: {}", .faults.join("; "))]
    Books {
        /// The epoch after which they are.
        epoch: u64,
        /// All that is wrong.
        faults: Vec<String>,
    },
    /// What was paid and is owed is not what the epochs' figures say.
    #[error("{} differences, such as: {}", .0.len(), .0.iter().take(5).cloned().collect::<Vec<_>>().join("; "))]
    Differences(Vec<String>),
}

impl RunError {
    /// A query that went wrong.
    pub(super) fn answer(what: &str, reason: impl ToString) -> Self {
        Self::Answer {
            what: what.to_owned(),
            reason: reason.to_string(),
        }
    }
}
