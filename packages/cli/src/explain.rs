//! Answers "why did I get this number?" from a finished run.

use std::path::Path;

use thiserror::Error;

/// What is to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A key's reward, by its number.
    Key(u32),
    /// The pool reward of an account.
    Pool(String),
}

/// Why there is no explanation.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// This program was built without the contracts.
    #[error("this build can't explain rewards yet")]
    NotAvailable,
}

/// The steps from the epoch's pot to the subject's reward, as text or JSON. `out` is the folder
/// that a run wrote.
pub fn explain(
    _out: &Path,
    _subject: &Subject,
    _epoch: u64,
    _json: bool,
) -> Result<String, ExplainError> {
    Err(ExplainError::NotAvailable)
}
