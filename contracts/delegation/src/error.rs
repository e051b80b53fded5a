//! Why a message is refused.

use cosmwasm_std::{Addr, StdError, Uint128};
use noderev_api::delegation::{DelegationId, ValidatorId, MAX_DELEGATIONS, MAX_SEATS};
use noderev_components::{
    BatchError, BooksError, ClockError, DepositError, Epoch, EvidenceError, FundsError,
    MigrationError, OutOfBounds, ParamsError, PauseError, PayoutError, RoleError,
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
    Clock(#[from] ClockError),
    #[error(transparent)]
    Params(#[from] ParamsError),
    #[error(transparent)]
    Pause(#[from] PauseError),
    #[error(transparent)]
    Migration(#[from] MigrationError),
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    #[error(transparent)]
    Deposit(#[from] DepositError),
    #[error(transparent)]
    Payout(#[from] PayoutError),
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Economics(#[from] EconomicsError),
    #[error("accounting: {0}")]
    Books(#[from] BooksError),

    #[error("the token's minter is {minter:?}, it must be this contract, {this}")]
    NotMinter { minter: Option<String>, this: Addr },
    #[error("the schedule's epochs must ascend: {later} follows {earlier}")]
    ScheduleOrder { earlier: Epoch, later: Epoch },
    #[error("unknown reply {id}")]
    UnexpectedReply { id: u64 },

    #[error("{collection} is not an allowed collection")]
    UnknownCollection { collection: String },
    #[error("{collection} is an allowed collection already")]
    CollectionExists { collection: String },
    #[error("{count} collections: at most {max}")]
    TooManyCollections { count: usize, max: usize },
    #[error("class {name:?} must be a range from a first to a later or the same number")]
    EmptyRange { name: String },
    #[error("a change of {collection} waits for epoch {from}: cancel it first")]
    CollectionQueued { collection: String, from: Epoch },
    #[error("no change of {collection} waits")]
    NoCollectionQueued { collection: String },
    #[error("NFT {token_id:?} of {collection} weighs nothing: it is in no class, or its class was taken off")]
    Weightless {
        collection: String,
        token_id: String,
    },
    #[error("NFT {token_id:?} of {collection} is staked already")]
    AlreadyStaked {
        collection: String,
        token_id: String,
    },
    #[error("NFT {token_id:?} of {collection} belongs to {owner}, not to {sender}")]
    NotOwnNft {
        collection: String,
        token_id: String,
        owner: String,
        sender: Addr,
    },
    #[error("NFT {token_id:?} of {collection} is not staked here")]
    NotStaked {
        collection: String,
        token_id: String,
    },
    #[error("NFT {token_id:?} of {collection} was staked by {staker}, not by {sender}")]
    NotStaker {
        collection: String,
        token_id: String,
        staker: Addr,
        sender: Addr,
    },
    #[error("NFT {token_id:?} of {collection} is on its way out")]
    Leaving {
        collection: String,
        token_id: String,
    },
    #[error("NFT {token_id:?} of {collection} counts: unstake it first")]
    NotLeaving {
        collection: String,
        token_id: String,
    },
    #[error(
        "NFT {token_id:?} of {collection} can be withdrawn at {at} (Unix seconds), now is {now}"
    )]
    TooEarly {
        collection: String,
        token_id: String,
        at: u64,
        now: u64,
    },
    #[error(
        "an account's NFTs can be in at most {max} places at a time: withdraw or join them first"
    )]
    TooManyPositions { max: usize },

    #[error("there is no delegation {delegation}")]
    UnknownDelegation { delegation: DelegationId },
    #[error("{account} owns delegation {delegation} already: one per account")]
    OwnsAlready {
        account: Addr,
        delegation: DelegationId,
    },
    #[error("{account} owns no delegation")]
    OwnsNone { account: Addr },
    #[error("there can be at most {MAX_DELEGATIONS} delegations")]
    TooManyDelegations,
    #[error("a delegation needs {need} undelegated Quintessence of its owner that counts now and is not leaving, {have} is there")]
    InsufficientQuintessence { have: Uint128, need: Uint128 },
    #[error(
        "delegation {delegation} takes nobody: its owner's part is too small since epoch {since}"
    )]
    Frozen {
        delegation: DelegationId,
        since: Epoch,
    },
    #[error("delegation {delegation} is closed")]
    JoiningClosed { delegation: DelegationId },
    #[error("the owner of delegation {delegation} has not approved {account}: request_approval asks for it")]
    NotApproved {
        delegation: DelegationId,
        account: Addr,
    },
    #[error("a member of delegation {delegation} needs {need} Quintessence, it would have {have}")]
    BelowMinimum {
        delegation: DelegationId,
        have: Uint128,
        need: Uint128,
    },
    #[error(
        "a rise of the commission waits for epoch {from}: set the rate in force to drop it first"
    )]
    RiseQueued { from: Epoch },
    #[error("who takes delegation {delegation} over needs {need} Quintessence of his own in it, {have} is there")]
    InsufficientOwnPart {
        delegation: DelegationId,
        have: Uint128,
        need: Uint128,
    },
    #[error("nobody is proposed as the owner of delegation {delegation}, or somebody else than {sender}")]
    NotProposed {
        delegation: DelegationId,
        sender: Addr,
    },
    #[error("{account} asked delegation {delegation} already, or is approved")]
    AlreadyAsked {
        delegation: DelegationId,
        account: Addr,
    },
    #[error("{account} has no Quintessence in delegation {delegation}")]
    NotMember {
        delegation: DelegationId,
        account: Addr,
    },
    #[error("the owner of delegation {delegation} cannot release himself: move or unstake NFTs")]
    OwnerAsMember { delegation: DelegationId },

    #[error("there is no validator {validator}")]
    UnknownValidator { validator: ValidatorId },
    #[error("{sender} is not the operator of validator {validator}")]
    NotOperator {
        validator: ValidatorId,
        sender: Addr,
    },
    #[error("validator {validator} is in delegation {delegation} already")]
    AlreadyAssigned {
        validator: ValidatorId,
        delegation: DelegationId,
    },
    #[error("validator {validator} asks for delegation {delegation} already")]
    AlreadyRequested {
        validator: ValidatorId,
        delegation: DelegationId,
    },
    #[error("validator {validator} does not ask for delegation {delegation}")]
    NotRequested {
        validator: ValidatorId,
        delegation: DelegationId,
    },
    #[error("validator {validator} is in no delegation and asks for none")]
    NotAssigned { validator: ValidatorId },
    #[error("validator {validator} is not in delegation {delegation}")]
    NotInDelegation {
        validator: ValidatorId,
        delegation: DelegationId,
    },
    #[error(
        "delegation {delegation} holds {have} validators, with {slots} slots it can hold {max}"
    )]
    TooManyValidators {
        delegation: DelegationId,
        have: u32,
        slots: u16,
        max: u32,
    },
    #[error("delegation {delegation} may keep its {have} validators: it can hold {max}")]
    NoSurplus {
        delegation: DelegationId,
        have: u32,
        max: u32,
    },
    #[error("all {MAX_SEATS} seats are taken")]
    NoSeat,

    #[error("only the token {token} may call this, {sender} is not")]
    WrongToken { token: Addr, sender: Addr },
    #[error("the amount must be more than 0")]
    ZeroAmount,
    #[error("no mint is owed")]
    NoMintOwed,
    #[error("{need} units are owed, the token has minted {have} for rewards so far and refused {mint_owed}: retry_mint makes up for it")]
    AwaitingMint {
        need: Uint128,
        have: Uint128,
        mint_owed: Uint128,
    },

    #[error("the signature does not fit: client {client_id:?} must sign chain id, this contract, the sender, its id and the number of links so far, {links}")]
    WrongSignature { client_id: String, links: u64 },
    #[error("the sender is not linked to a client")]
    NotLinked,
}

/// Why a message is refused, boxed: see [`noderev_components::Fault`].
pub type Refusal = Box<ContractError>;
noderev_components::boxed_errors!(ContractError: StdError, cw_ownable::OwnershipError, RoleError, FundsError, ClockError, ParamsError, PauseError, MigrationError, EvidenceError, DepositError, PayoutError, OutOfBounds, BatchError, EconomicsError, BooksError);
