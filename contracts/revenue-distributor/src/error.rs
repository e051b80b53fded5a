//! Why a message is refused.

use cosmwasm_std::{Addr, StdError, Uint128};
use noderev_components::quorum::QuorumError;
use noderev_components::{
    BitmapError, BooksError, Denom, Epoch, FundsError, KeyId, MigrationError, ParamsError,
    PauseError, RoleError, MAX_DENOMS,
};
use noderev_economics::EconomicsError;
use thiserror::Error;

/// Why a message is refused. A refused message changes nothing.
#[derive(Error, Debug, PartialEq)]
#[allow(missing_docs)] // each variant says in words what it is
pub enum ContractError {
    #[error(transparent)]
    Std(#[from] StdError),
    #[error(transparent)]
    Ownership(#[from] cw_ownable::OwnershipError),
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error(transparent)]
    Funds(#[from] FundsError),
    #[error(transparent)]
    Params(#[from] ParamsError),
    #[error(transparent)]
    Pause(#[from] PauseError),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error(transparent)]
    Quorum(#[from] QuorumError),
    #[error(transparent)]
    Bitmap(#[from] BitmapError),
    #[error(transparent)]
    Economics(#[from] EconomicsError),
    #[error("accounting: {0}")]
    Books(#[from] BooksError),

    #[error("{contract} names {named} as its distributor, not {this}")]
    WrongWiring {
        contract: &'static str,
        named: Addr,
        this: Addr,
    },
    #[error("{what} is {have}, it must be {need}")]
    OtherWiring {
        what: &'static str,
        have: Addr,
        need: Addr,
    },
    #[error(
        "report_window {report} s + appeal_window {appeal} s must be shorter than an epoch of \
         {epoch} s, or closing could never catch up"
    )]
    Windows {
        report: u64,
        appeal: u64,
        epoch: u64,
    },
    #[error("{field} is {value}: must be {min}..={max}")]
    OutOfBounds {
        field: &'static str,
        value: u128,
        min: u128,
        max: u128,
    },
    #[error("{count} currencies: must be 1..={MAX_DENOMS} different ones")]
    DenomCount { count: usize },
    #[error("{denom} is a currency of revenue already")]
    DenomExists { denom: Denom },
    #[error("{denom} is not a currency of revenue")]
    UnknownDenom { denom: Denom },
    #[error("only {expected} may call this with its tokens, {sender} is not")]
    WrongToken {
        expected: &'static str,
        sender: Addr,
    },
    #[error("the amount must be more than 0")]
    ZeroAmount,
    #[error("the deposit from {source_name:?} with reference {reference:?} was already made")]
    ReferenceUsed {
        source_name: String,
        reference: String,
    },

    #[error("{sender} is not an attester of epoch {epoch}")]
    NotAttester { sender: Addr, epoch: Epoch },
    #[error("epoch {epoch} has not ended: it ends at {ends} (Unix seconds)")]
    NotEnded { epoch: Epoch, ends: u64 },
    #[error("epoch {epoch} is closed")]
    AlreadyClosed { epoch: Epoch },
    #[error("the result of epoch {epoch} is fixed: reports are no longer taken")]
    ResultFixed { epoch: Epoch },
    #[error("epoch {next} must be closed next, not {epoch}")]
    NotNext { epoch: Epoch, next: Epoch },
    #[error("epoch {epoch} is not due: {why}")]
    NotDue { epoch: Epoch, why: String },
    #[error("nothing to roll: {closed} epochs are closed, the block is complete at {needed}")]
    NothingToRoll { closed: u32, needed: u32 },

    #[error("epoch {epoch} cannot be disputed now: {why}")]
    NoDisputes { epoch: Epoch, why: String },
    #[error("the bond for {keys} keys is {need} QST units, {have} came")]
    WrongBond {
        keys: usize,
        need: Uint128,
        have: Uint128,
    },
    #[error("key {key} was judged running: it can be challenged, not appealed for")]
    JudgedRunning { key: KeyId },
    #[error("key {key} was judged not running: it can be appealed for, not challenged")]
    JudgedNotRunning { key: KeyId },
    #[error(
        "only the owner of key {key} at the end of epoch {epoch}, or its operator, may appeal"
    )]
    NotPayee { key: KeyId, epoch: Epoch },
    #[error("key {key} is already disputed for epoch {epoch}")]
    AlreadyDisputed { key: KeyId, epoch: Epoch },
    #[error("key {key} is not disputed for epoch {epoch}")]
    NotDisputed { key: KeyId, epoch: Epoch },
    #[error("the dispute over key {key} in epoch {epoch} has ended")]
    DisputeEnded { key: KeyId, epoch: Epoch },
    #[error("epoch {epoch} is not closed: disputes are ruled on after its close")]
    NotClosed { epoch: Epoch },
    #[error("the time to rule on epoch {epoch} ended at {deadline} (Unix seconds)")]
    RulingOver { epoch: Epoch, deadline: u64 },
    #[error("the arbiter may rule on epoch {epoch} until {deadline} (Unix seconds)")]
    RulingOpen { epoch: Epoch, deadline: u64 },

    #[error("name 1..={max} keys, {count} are named")]
    KeyCount { count: usize, max: usize },
    #[error("key {key} is named twice")]
    DuplicateKey { key: KeyId },
    #[error("there is no key {key}: {keys} keys exist")]
    UnknownKey { key: KeyId, keys: u32 },
    #[error("{account} lets only himself claim; others may settle")]
    SelfClaimOnly { account: Addr },
    #[error("only an account itself may send its money elsewhere")]
    NotYours,
    #[error("{payee} is a contract of this network: money sent there could not be used")]
    PayeeIsContract { payee: Addr },
    #[error("{count} currencies are named: name at most {max}, each once")]
    TooManyDenoms { count: usize, max: usize },
    #[error("no QST is owed to {account}")]
    NothingToCompound { account: Addr },
}
