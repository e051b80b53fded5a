//! What a command answers: text and exit code.

/// What a command answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// For standard output.
    pub text: String,
    /// How it went.
    pub exit: Exit,
}

/// Exit codes; 2, wrong usage, is the argument parser's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// What was asked is done.
    Done = 0,
    /// It failed.
    Failed = 1,
    /// What was asked makes no sense.
    Usage = 2,
    /// There was nothing to do.
    NothingDue = 3,
    /// The chain or a contract refused.
    Refused = 4,
    /// A part is done; the same command goes on from there.
    PartlyDone = 5,
}

impl Answer {
    /// Done.
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            exit: Exit::Done,
        }
    }

    /// There was nothing to do.
    pub fn nothing_due(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            exit: Exit::NothingDue,
        }
    }
}
