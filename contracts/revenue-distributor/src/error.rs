//! Why a message is refused.

use cosmwasm_std::{Addr, StdError, Uint128};
use noderev_components::{
    BatchError, BooksError, Denom, DepositError, Epoch, EvidenceError, FundsError, KeyId,
    MigrationError, OutOfBounds, ParamsError, PauseError, PayoutError, RoleError, MAX_DENOMS,
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
    Batch(#[from] BatchError),
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    #[error(transparent)]
    Payout(#[from] PayoutError),
    #[error(transparent)]
    Deposit(#[from] DepositError),
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

    #[error("there is no key {key}: {keys} keys exist")]
    UnknownKey { key: KeyId, keys: u32 },
    #[error("{count} currencies are named: name at most {max}, each once")]
    TooManyDenoms { count: usize, max: usize },
    #[error("no QST is owed to {account}")]
    NothingToCompound { account: Addr },
}

/// Why a message is refused, boxed: see [`noderev_components::Fault`].
pub type Refusal = Box<ContractError>;
noderev_components::boxed_errors!(ContractError: StdError, cw_ownable::OwnershipError, RoleError, FundsError, ParamsError, PauseError, MigrationError, BatchError, OutOfBounds, EvidenceError, PayoutError, DepositError, EconomicsError, BooksError);
