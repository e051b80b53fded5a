//! What happens to delegations: NFTs, validators, who was eligible, and injections.

mod read;
mod tokens;
mod write;

use super::bitmap::Bitmap;
use super::in_epoch;

pub(super) use read::read;
pub(super) use write::write;

pub(super) const NFTS: &str = "nfts.csv";
pub(super) const VALIDATORS: &str = "validators.csv";
pub(super) const ELIGIBILITY: &str = "eligibility.csv";
pub(super) const INJECTIONS: &str = "injections.csv";

/// Everything that happens to delegations in a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Delegations {
    /// What accounts do with NFTs and delegations, by epoch.
    pub moves: Vec<NftMove>,
    /// What operators do with validators, by epoch.
    pub validators: Vec<ValidatorMove>,
    /// Attesters' reports, by epoch and attester.
    pub eligibility: Vec<Eligibility>,
    /// Injections into the pools, by epoch.
    pub injections: Vec<Injection>,
}

/// What an account does with its NFTs or its delegation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NftMove {
    /// Epoch in which it is done; it counts from the next, a rise of a commission seven later.
    pub epoch: u64,
    /// Who does it.
    pub account: String,
    /// What.
    pub action: NftAction,
}

/// Some NFTs of a collection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Index into the collections of `[delegation]`.
    pub collection: usize,
    /// Their ids, none twice.
    pub ids: Vec<String>,
}

/// What is done. Delegations are numbered 1, 2, ... in the order in which they are created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NftAction {
    /// Stakes NFTs, in a delegation or in none.
    Stake {
        /// Which.
        tokens: Tokens,
        /// Where.
        delegation: Option<u16>,
    },
    /// Moves staked NFTs to another delegation, or out of any.
    Move {
        /// Which.
        tokens: Tokens,
        /// Where to.
        delegation: Option<u16>,
    },
    /// Takes NFTs out; they return when they may.
    Unstake {
        /// Which.
        tokens: Tokens,
    },
    /// Creates a delegation, which everything undelegated of the account joins.
    Create {
        /// Its number.
        delegation: u16,
        /// What the owner keeps, basis points.
        commission: u16,
    },
    /// Changes the commission of the account's delegation.
    Commission {
        /// Basis points.
        commission: u16,
    },
    /// Releases a member of the account's delegation.
    Release {
        /// Who.
        member: String,
    },
    /// Hands the account's delegation over, which the other one accepts at once.
    HandOver {
        /// To whom.
        to: String,
    },
}

/// What an operator does with a validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValidatorMove {
    /// Epoch in which it is done; it counts from the next.
    pub epoch: u64,
    /// Who runs it.
    pub operator: String,
    /// Its number: 1, 2, ... in the order of registration.
    pub validator: u32,
    /// What.
    pub action: ValidatorAction,
}

/// What is done with a validator. A delegation's owner agrees at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValidatorAction {
    /// Registers it and, if named, assigns it.
    Register(Option<u16>),
    /// Assigns it to a delegation.
    Assign(u16),
    /// Takes it out of its delegation.
    Remove,
}

/// One attester's report on the validators of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligibility {
    /// The epoch reported on.
    pub epoch: u64,
    /// Index into the network's attesters.
    pub attester: usize,
    /// Which validators were eligible, of those registered before the epoch.
    pub eligible: Bitmap,
}

/// Tokens added to pools.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Injection {
    /// Epoch in which they come, the first over which they are spread.
    pub epoch: u64,
    /// Who gives them.
    pub account: String,
    /// Smallest units, from 1 on.
    pub amount: u128,
    /// Epochs over which they are spread in equal parts: 1 to 366.
    pub over: u32,
    /// Where they come from.
    pub source: String,
    /// Hash or URI, unique per source.
    pub reference: String,
}

impl Delegations {
    /// Whether nothing happens.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What accounts do in an epoch.
    pub fn moves_in(&self, epoch: u64) -> &[NftMove] {
        in_epoch(&self.moves, epoch, |row| row.epoch)
    }

    /// What operators do in an epoch.
    pub fn validators_in(&self, epoch: u64) -> &[ValidatorMove] {
        in_epoch(&self.validators, epoch, |row| row.epoch)
    }

    /// Reports on an epoch.
    pub fn eligibility_on(&self, epoch: u64) -> &[Eligibility] {
        in_epoch(&self.eligibility, epoch, |row| row.epoch)
    }

    /// Injections in an epoch.
    pub fn injections_in(&self, epoch: u64) -> &[Injection] {
        in_epoch(&self.injections, epoch, |row| row.epoch)
    }

    /// Validators registered before an epoch, which reports on it cover.
    pub fn reported_validators(&self, epoch: u64) -> u32 {
        let before = self.validators.partition_point(|row| row.epoch < epoch);
        let rows = self.validators.get(..before).unwrap_or(&[]);
        let registered = |row: &&ValidatorMove| matches!(row.action, ValidatorAction::Register(_));
        u32::try_from(rows.iter().filter(registered).count()).unwrap_or(u32::MAX)
    }
}
