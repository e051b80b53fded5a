use cosmwasm_std::{Addr, StdError, Uint128};
use cw_ownable::OwnershipError;
use cw_utils::Expiration;
use noderev_components::{
    BatchError, BooksError, ClockError, Epoch, FundsError, KeyId, KeyIdError, MigrationError,
    OutOfBounds, ParamsError, PauseError, RoleError,
};
use noderev_economics::EconomicsError;
use thiserror::Error;

/// Why the registry refuses a message.
#[derive(Error, Debug, PartialEq)]
#[allow(missing_docs)] // The texts say it.
pub enum ContractError {
    #[error(transparent)]
    Std(#[from] StdError),
    #[error(transparent)]
    Funds(#[from] FundsError),
    #[error(transparent)]
    Role(#[from] RoleError),
    #[error(transparent)]
    Params(#[from] ParamsError),
    #[error(transparent)]
    Pause(#[from] PauseError),
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    #[error(transparent)]
    Batch(#[from] BatchError),
    #[error(transparent)]
    Books(#[from] BooksError),
    #[error(transparent)]
    Clock(#[from] ClockError),
    #[error(transparent)]
    KeyId(#[from] KeyIdError),
    #[error(transparent)]
    Economics(#[from] EconomicsError),
    #[error(transparent)]
    Ownership(#[from] OwnershipError),
    #[error(transparent)]
    Migration(#[from] MigrationError),

    // Instantiation and parameters.
    #[error("{first} and {second} are both {address}: they must be different contracts")]
    SameAddress {
        first: &'static str,
        second: &'static str,
        address: Addr,
    },
    #[error("QST must have {need} decimals, {token} has {have}")]
    QstDecimals { token: Addr, need: u8, have: u8 },
    #[error("the registry itself ({registry}) cannot be the {role}")]
    RegistryAsRole { role: &'static str, registry: Addr },
    #[error("the {contract} ({addr}) cannot be the {role}")]
    ContractAsRole {
        role: &'static str,
        contract: &'static str,
        addr: Addr,
    },

    // Keys and who may do what with them.
    #[error("there is no key {key}: keys 1 to {issued} exist")]
    NoSuchKey { key: KeyId, issued: u32 },
    #[error("key {key} belongs to {owner}: only the owner may do this, {sender} is not")]
    NotKeyOwner {
        key: KeyId,
        owner: Addr,
        sender: Addr,
    },
    #[error("key {key} belongs to {owner}: only the owner or the key's operator may do this, {sender} is neither")]
    NotKeyOperator {
        key: KeyId,
        owner: Addr,
        sender: Addr,
    },
    #[error(
        "key {key} belongs to {owner}: {sender} has no approval to move it, or it has expired"
    )]
    MayNotMove {
        key: KeyId,
        owner: Addr,
        sender: Addr,
    },
    #[error("key {key} belongs to {owner}: only the owner or who may move all the owner's keys may approve, {sender} may not")]
    MayNotApprove {
        key: KeyId,
        owner: Addr,
        sender: Addr,
    },
    #[error("{expires} is past: choose a later end")]
    Expired { expires: Expiration },
    #[error("key {key} has {most} approvals, which is the most: revoke one first")]
    TooManyApprovals { key: KeyId, most: usize },
    #[error("a key sent to the registry itself ({registry}) would be lost: choose another owner")]
    RegistryAsOwner { registry: Addr },
    #[error("a key sent to the {contract} ({addr}) would be lost: choose another owner")]
    ContractAsOwner { contract: &'static str, addr: Addr },

    // Issuance.
    #[error("issuance has been sealed for ever: {issued} keys were issued")]
    Sealed { issued: u32 },
    #[error("row {row} issues no key: count at least 1")]
    EmptyRow { row: usize },
    #[error("{given} keys in one message: issue at most {most}")]
    IssueTooLarge { given: u32, most: u32 },
    #[error(
        "{issued} keys and {asked} more would exceed the cap of {cap}: issue at most {room} more"
    )]
    CapExceeded {
        issued: u32,
        asked: u32,
        cap: u32,
        room: u32,
    },

    // Node binding.
    #[error("a public key of {len} bytes: give 33 (compressed secp256k1) or 32 (ed25519)")]
    PublicKeyLength { len: usize },
    #[error("the signature does not prove the public key for key {key}: sign SHA-256 of {text:?}")]
    BadSignature { key: KeyId, text: String },
    #[error("this public key is bound to key {key}: unbind it there first")]
    PublicKeyTaken { key: KeyId },
    #[error("key {key} has no bound node")]
    NotBound { key: KeyId },

    // Split.
    #[error("a split already takes effect at epoch {from}: wait for it or cancel it first")]
    SplitPending { from: Epoch },
    #[error("no split is announced")]
    NoSplitPending,
    #[error("no key has been issued yet: there is nothing to split")]
    NothingToSplit,
    #[error("the split would take effect at epoch {from}, within the grace of the one before: from epoch {earliest} on it can")]
    SplitInGrace { from: Epoch, earliest: Epoch },
    #[error("the split takes effect at epoch {from}, the next one: it is irrevocable now")]
    SplitIrrevocable { from: Epoch },
    #[error("key {key} was issued, not born by a split: it has been announced")]
    NotBornBySplit { key: KeyId },

    // Market.
    #[error("a price of nothing: ask for at least 1 unit")]
    ZeroPrice,
    #[error("{buyer} owns key {key} already")]
    BuyerIsOwner { key: KeyId, buyer: Addr },
    #[error("the node of key {key} is not staked: list it without stake")]
    NotStaked { key: KeyId },
    #[error("key {key} is not listed")]
    NotListed { key: KeyId },
    #[error("the listing of key {key} is void: {why}")]
    ListingVoid { key: KeyId, why: String },
    #[error("key {key} is listed under number {listed}, not {named}: look at the new listing")]
    OtherListing { key: KeyId, listed: u64, named: u64 },
    #[error("key {key} is listed at {listed} units, not {named}")]
    OtherPrice {
        key: KeyId,
        listed: Uint128,
        named: Uint128,
    },
    #[error("key {key} is reserved for {reserved}, not for {buyer}")]
    Reserved {
        key: KeyId,
        reserved: Addr,
        buyer: Addr,
    },
    #[error("the keys cost {need} units in all, {sent} were sent: send exactly that")]
    WrongAmount { need: Uint128, sent: Uint128 },
    #[error("the prices add up to more than there can be")]
    PriceOverflow,
    #[error("only QST ({qst}) is accepted, {sender} is another token")]
    NotQst { qst: Addr, sender: Addr },
    #[error("no market fee is owed to the treasury")]
    NothingOwed,

    // Queries.
    #[error("epoch {epoch} has not begun: epoch {now} is running")]
    FutureEpoch { epoch: Epoch, now: Epoch },
    #[error("{what} not found")]
    NotFound { what: &'static str },
}

/// Why a message is refused, boxed: see [`noderev_components::Fault`].
pub type Refusal = Box<ContractError>;
noderev_components::boxed_errors!(ContractError: StdError, FundsError, RoleError, ParamsError, PauseError, OutOfBounds, BatchError, BooksError, ClockError, KeyIdError, EconomicsError, OwnershipError, MigrationError);
