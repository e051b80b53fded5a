//! Why a message or query is refused: the numbers in it, and what to do.

use cosmwasm_std::{Addr, StdError};
use noderev_components::{
    BatchError, BooksError, Epoch, FundsError, KeyId, MigrationError, OutOfBounds, ParamsError,
    PauseError, RoleError,
};
use thiserror::Error;

/// A refusal.
#[derive(Error, Debug, PartialEq)]
pub enum ContractError {
    /// Storage, a query or an address.
    #[error(transparent)]
    Std(#[from] StdError),
    /// Two-step ownership.
    #[error(transparent)]
    Ownership(#[from] cw_ownable::OwnershipError),
    /// Coins came along.
    #[error(transparent)]
    Funds(#[from] FundsError),
    /// Somebody else must send this.
    #[error(transparent)]
    Role(#[from] RoleError),
    /// Migration.
    #[error(transparent)]
    Migration(#[from] MigrationError),
    /// The queue of parameters.
    #[error(transparent)]
    Params(#[from] ParamsError),
    /// Paused, or a pause that is not possible.
    #[error(transparent)]
    Pause(#[from] PauseError),
    /// A parameter is out of its bounds.
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    /// Too many entries, none, or one twice.
    #[error(transparent)]
    Batch(#[from] BatchError),
    /// The books refuse: a fault of the contract, never of the sender.
    #[error(transparent)]
    Books(#[from] BooksError),

    /// The registry works with another vault.
    #[error("registry {registry} names {named} as its vault, this contract is {own}: instantiate the registry with this contract's address")]
    OtherVault {
        /// The registry.
        registry: String,
        /// Its vault.
        named: Addr,
        /// This contract.
        own: Addr,
    },
    /// Nothing was sent or asked for.
    #[error("the amount is 0: it must be more")]
    ZeroAmount,
    /// No such key.
    #[error("key {key} does not exist")]
    UnknownKey {
        /// The key.
        key: KeyId,
    },
    /// The key is somebody else's.
    #[error(
        "key {key} belongs to {owner}, not to {account}: only its owner stakes and unstakes it"
    )]
    NotKeyOwner {
        /// The key.
        key: KeyId,
        /// Its owner.
        owner: Addr,
        /// Who tried.
        account: Addr,
    },
    /// The amount is not the stake of these nodes.
    #[error("{have} units came, {keys} nodes take exactly {need}")]
    WrongStake {
        /// Units sent.
        have: u128,
        /// Units needed.
        need: u128,
        /// Number of nodes.
        keys: usize,
    },
    /// The node is staked from the next epoch on.
    #[error("node {key} is staked in epoch {epoch}: a node is staked once or not at all")]
    AlreadyStaked {
        /// Its key.
        key: KeyId,
        /// The coming epoch.
        epoch: Epoch,
    },
    /// The node is not staked from the next epoch on.
    #[error("node {key} is not staked in epoch {epoch}: there is nothing to take off")]
    NotStaked {
        /// Its key.
        key: KeyId,
        /// The coming epoch.
        epoch: Epoch,
    },
    /// More is asked than there is.
    #[error("{need} units asked for, {account} has {have} in the pool from epoch {epoch} on")]
    InsufficientPoolStake {
        /// Whose.
        account: Addr,
        /// What there is.
        have: u128,
        /// What is asked.
        need: u128,
        /// The coming epoch.
        epoch: Epoch,
    },
    /// No such lot.
    #[error("{account} has no lot {lot}: it never existed, was withdrawn or was cancelled")]
    UnknownLot {
        /// Whose.
        account: Addr,
        /// Its number.
        lot: u64,
    },
    /// The lot is still bound.
    #[error("lot {lot} is released at {release}, now is {now} (Unix seconds): wait or cancel it")]
    NotReleased {
        /// Its number.
        lot: u64,
        /// When it is.
        release: u64,
        /// Block time.
        now: u64,
    },
    /// The lot can no longer be cancelled.
    #[error("lot {lot} was released at {release}, now is {now} (Unix seconds): withdraw it")]
    AlreadyReleased {
        /// Its number.
        lot: u64,
        /// When it was.
        release: u64,
        /// Block time.
        now: u64,
    },
    /// No lot of the page can be withdrawn.
    #[error("none of the {seen} lots on this page is released at {now} (Unix seconds)")]
    NothingReleased {
        /// Lots on the page.
        seen: usize,
        /// Block time.
        now: u64,
    },
    /// Both ways of naming lots at once.
    #[error("name lots by number or by page, not both: leave out start_after and limit")]
    NumbersAndPage,
    /// The stake of a node has changed since.
    #[error("lot {lot} holds {have} units, node {key} takes {need} since a split: withdraw it")]
    RequirementChanged {
        /// Its number.
        lot: u64,
        /// The key it came from.
        key: KeyId,
        /// What it holds.
        have: u128,
        /// What the node takes now.
        need: u128,
    },
}

/// Why a message is refused, boxed: see [`noderev_components::Fault`].
pub type Refusal = Box<ContractError>;
noderev_components::boxed_errors!(ContractError: StdError, cw_ownable::OwnershipError, FundsError, RoleError, MigrationError, ParamsError, PauseError, OutOfBounds, BatchError, BooksError);
