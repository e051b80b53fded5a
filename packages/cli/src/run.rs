//! Drives a scenario through the contracts.

use indicatif::ProgressBar;
use thiserror::Error;

use crate::input::Scenario;
use crate::results::RunResult;

/// Why a run ended early.
#[derive(Debug, Error)]
pub enum RunError {
    /// This program was built without the contracts.
    #[error("this build can't run the contracts yet")]
    NotAvailable,
}

/// Runs every epoch of the scenario; the bar moves one step per epoch.
pub fn run(_scenario: &Scenario, _progress: &ProgressBar) -> Result<RunResult, RunError> {
    Err(RunError::NotAvailable)
}
