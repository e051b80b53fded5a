//! Errors that are one pointer wide.
//!
//! Every `?` copies the error it hands on, so a wide one costs code at thousands of places: thin
//! ones make a contract a tenth smaller. Entry points unbox.

use cosmwasm_std::StdError;

/// A fault of storage or of a format, boxed.
pub type Fault = Box<StdError>;

/// What reads and writes records answers.
pub type StdResult<T> = Result<T, Fault>;

/// A fault in words.
#[cold]
#[inline(never)]
pub fn fault(text: impl Into<String>) -> Fault {
    Box::new(StdError::generic_err(text))
}

/// Something is not there that should be.
#[cold]
#[inline(never)]
pub fn not_found(what: impl Into<String>) -> Fault {
    Box::new(StdError::not_found(what))
}

/// Bytes or text are not what they should be.
#[cold]
#[inline(never)]
pub fn unreadable(what: impl Into<String>, why: impl ToString) -> Fault {
    Box::new(StdError::parse_err(what, why))
}

/// Lets `?` turn errors into a contract's error, boxed; each of them must turn into it unboxed.
/// Faults do as well.
#[macro_export]
macro_rules! boxed_errors {
    ($error:ty: $($from:ty),+ $(,)?) => {
        $(impl From<$from> for Box<$error> {
            #[cold]
            #[inline(never)]
            fn from(error: $from) -> Self {
                Box::new(error.into())
            }
        })+

        impl From<$crate::Fault> for Box<$error> {
            #[cold]
            #[inline(never)]
            fn from(fault: $crate::Fault) -> Self {
                Box::new((*fault).into())
            }
        }

        impl From<Box<$error>> for $error {
            fn from(error: Box<$error>) -> Self {
                *error
            }
        }
    };
}

/// Lets `?` turn faults into errors that hold them unboxed.
macro_rules! hold_faults {
    ($($error:ty),+ $(,)?) => {
        $(impl From<Fault> for $error {
            #[cold]
            #[inline(never)]
            fn from(fault: Fault) -> Self {
                (*fault).into()
            }
        })+
    };
}
hold_faults!(
    crate::deposits::DepositError,
    crate::evidence::EvidenceError,
    crate::governance::MigrationError,
    crate::governance::RoleError,
    crate::params::ParamsError,
    crate::pause::PauseError,
    crate::payout::PayoutError,
    crate::quorum::QuorumError,
);
