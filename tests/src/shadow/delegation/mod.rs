//! The delegation contract: staked NFTs, Delegation IDs, validators, the daily mint.
//!
//! Every epoch leaves a full snapshot of what was in force in it: each NFT with its place, each
//! delegation's owner and rate, each seat. Messages change the snapshot of the next epoch only. An
//! advance walks over all delegations and all NFTs.

mod admin;
mod close;
mod ids;
mod money;
mod nfts;
#[cfg(test)]
mod tests;
mod validators;

use std::collections::{BTreeMap, BTreeSet};

use num_bigint::BigUint;
use num_rational::BigRational;

use super::{refuse_if, Answer, Epoch, Pause, Versions, Who};

pub use admin::{Activity, Params};
pub use close::{Closed, Part, Reason};
pub use ids::{Joining, Metadata, Profile};
pub use money::{Books, Link, Role};
pub use nfts::{Class, Holder, Nft, Record, Rules, TokenRule};
pub use validators::Validator;

/// A delegation's number.
pub type Id = u16;
/// A validator's number.
pub type ValidatorNo = u32;
/// A bit of reports.
pub type Seat = usize;
/// A cw721 contract's place in the caller's list of them, allowed or not.
pub type CollectionNo = usize;

/// Epochs from the first short one to the first without slots.
const DORMANCY: Epoch = 7;
/// Most entries of a list in a message.
const BATCH: usize = 30;

/// An NFT that counts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stake {
    /// Whose.
    pub staker: Who,
    /// Quintessence.
    pub weight: u128,
    /// Where it counts; none: undelegated.
    pub place: Option<Id>,
}

/// A delegation in an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who earns the commission.
    pub owner: Who,
    /// Commission in basis points, before it is suspended because the owner's part is short.
    pub rate: u128,
    /// What the owner's part must be.
    pub required: u128,
    /// The first of the epochs in a row in which it was short.
    pub short_since: Option<Epoch>,
}

/// Whether a delegation has slots.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The owner's part is large enough.
    Active,
    /// It is not; no slots from that epoch on.
    Short(Epoch),
    /// No slots.
    Dormant,
}

/// All that is in force in an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Which epoch.
    pub epoch: Epoch,
    /// NFTs that count.
    pub nfts: BTreeMap<Nft, Stake>,
    /// Delegations.
    pub terms: BTreeMap<Id, Terms>,
    /// Validators by seat, each with its delegation. As many bits does a report have.
    pub seats: Vec<Option<(ValidatorNo, Id)>>,
}

impl Facts {
    fn sum(&self, counts: impl Fn(&Stake) -> bool) -> u128 {
        let stakes = self.nfts.values().filter(|stake| counts(stake));
        stakes.map(|stake| stake.weight).sum()
    }

    /// All Quintessence.
    pub fn total(&self) -> u128 {
        self.sum(|_| true)
    }

    /// All Quintessence in a delegation, or undelegated.
    pub fn total_of(&self, place: Option<Id>) -> u128 {
        self.sum(|stake| stake.place == place)
    }

    /// Somebody's Quintessence in a delegation, or undelegated.
    pub fn weight(&self, who: Who, place: Option<Id>) -> u128 {
        self.sum(|stake| stake.staker == who && stake.place == place)
    }

    /// All of somebody's Quintessence.
    pub fn weight_of(&self, who: Who) -> u128 {
        self.sum(|stake| stake.staker == who)
    }

    /// Everybody's Quintessence in a delegation.
    pub fn members(&self, id: Id) -> BTreeMap<Who, u128> {
        let stakes = self.nfts.values().filter(|stake| stake.place == Some(id));
        let mut members = BTreeMap::new();
        for stake in stakes {
            *members.entry(stake.staker).or_default() += stake.weight;
        }
        members
    }

    /// The owner's own part of a delegation.
    pub fn own_part(&self, id: Id) -> u128 {
        let owner = self.terms.get(&id).map(|terms| terms.owner);
        owner.map_or(0, |owner| self.weight(owner, Some(id)))
    }

    /// How a delegation stands; none before it was created.
    pub fn standing(&self, id: Id) -> Option<Standing> {
        let terms = self.terms.get(&id)?;
        Some(match terms.short_since.map(|since| since + DORMANCY) {
            None => Standing::Active,
            Some(from) if self.epoch >= from => Standing::Dormant,
            Some(from) => Standing::Short(from),
        })
    }

    /// Commission in force, basis points: 0 while the owner's part is short.
    pub fn commission(&self, id: Id) -> u128 {
        match self.standing(id) {
            Some(Standing::Active) => self.terms[&id].rate,
            _ => 0,
        }
    }

    /// Slots of a delegation, with so much Quintessence per slot.
    pub fn slots(&self, id: Id, slot_size: u128) -> u128 {
        match self.standing(id) {
            None | Some(Standing::Dormant) => 0,
            Some(_) => (self.total_of(Some(id)) / slot_size).min(u16::MAX.into()),
        }
    }

    /// Validators of a delegation.
    pub fn validators(&self, id: Id) -> Vec<ValidatorNo> {
        let seated = self.seats.iter().flatten();
        let of = seated.filter(|(_, delegation)| *delegation == id);
        of.map(|(validator, _)| *validator).collect()
    }

    /// A validator's seat and delegation.
    pub fn seat_of(&self, validator: ValidatorNo) -> Option<(Seat, Id)> {
        let mut seats = self.seats.iter().enumerate();
        seats.find_map(|(seat, seated)| {
            let (_, id) = seated.filter(|(there, _)| *there == validator)?;
            Some((seat, id))
        })
    }

    /// Whose part is short, and since when, once nothing more changes before this epoch.
    fn judge_owners(&mut self) {
        let ids: Vec<Id> = self.terms.keys().copied().collect();
        for id in ids {
            let (own, epoch) = (self.own_part(id), self.epoch);
            let terms = self.terms.get_mut(&id).expect("it is listed");
            terms.short_since = match own < terms.required {
                true => Some(terms.short_since.unwrap_or(epoch)),
                false => None,
            };
        }
    }
}

/// What a ledger starts from.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// Start of epoch 0, Unix seconds.
    pub start: u64,
    /// Seconds per epoch.
    pub length: u64,
    /// Owner of the contract.
    pub owner: Who,
    /// Its guardian.
    pub guardian: Option<Who>,
    /// Collections that are allowed from the beginning.
    pub collections: Vec<(CollectionNo, Rules)>,
    /// Parameters of epoch 0.
    pub params: Params,
}

/// The ledger.
pub struct Ledger {
    /// What it started from.
    pub genesis: Genesis,
    /// Block time, Unix seconds.
    pub now: u64,
    /// The running epoch.
    pub epoch: Epoch,
    /// Every epoch that has ended.
    pub ended: Vec<Facts>,
    /// The running one.
    pub current: Facts,
    next: Facts,

    /// What NFTs weigh when they are staked, per collection.
    pub collections: BTreeMap<CollectionNo, Versions<Option<Rules>>>,
    /// Who holds which NFT, by its collection.
    pub holders: BTreeMap<Nft, Holder>,
    operators: BTreeSet<(CollectionNo, Who, Holder)>,
    /// NFTs that their collections do not let go.
    pub stuck: BTreeSet<Nft>,
    /// Staked NFTs, those on their way out included.
    pub records: BTreeMap<Nft, Record>,

    /// Delegations.
    pub profiles: BTreeMap<Id, Profile>,
    /// Who asked for approval (false) or has it (true).
    pub approvals: BTreeMap<(Id, Who), bool>,
    /// Validators, number 1 first.
    pub validators: Vec<Validator>,
    free_seats: Vec<Seat>,

    /// Parameters.
    pub params: Versions<Params>,
    /// Who may pause beside the owner.
    pub guardian: Option<Who>,
    /// The pause of staking.
    pub staking: Pause,
    /// The pause of injections.
    pub injections: Pause,

    /// Closed epochs, epoch 0 first.
    pub closed: Vec<Closed>,
    reports: BTreeMap<(Epoch, Who), Vec<bool>>,
    completed: BTreeMap<Epoch, u64>,
    references: Vec<(String, String)>,
    /// Whether the token refuses to mint.
    pub token_refuses: bool,
    /// How much more the token lets be minted; none: as much as one likes.
    pub token_room: Option<u128>,
    /// Where the money is.
    pub books: Books,
    fixed: BTreeMap<(Who, Id, Role), BigUint>,
    remainders: BTreeMap<Id, BigUint>,
    /// Members' shares without any rounding; kept only if asked for.
    pub exact: Option<BTreeMap<(Who, Id), BigRational>>,
    settled: BTreeMap<(Who, Id, Role), u128>,
    /// Paid, per account and role.
    pub paid: BTreeMap<(Who, Role), u128>,
    /// Where somebody's payouts go.
    pub payees: BTreeMap<Who, Who>,
    /// Who lets only himself claim.
    pub self_claim: BTreeSet<Who>,
    /// Links to clients of the Hub, and how many there were.
    pub links: BTreeMap<Who, Link>,
}

impl Ledger {
    /// Nothing staked, epoch 0.
    pub fn new(genesis: Genesis) -> Self {
        let allowed = genesis.collections.iter().cloned();
        let mut ledger = Self {
            now: genesis.start,
            epoch: 0,
            ended: vec![],
            current: Facts::default(),
            next: Facts::default(),
            collections: allowed
                .map(|(number, rules)| (number, Versions::new(Some(rules))))
                .collect(),
            holders: BTreeMap::new(),
            operators: BTreeSet::new(),
            stuck: BTreeSet::new(),
            records: BTreeMap::new(),
            profiles: BTreeMap::new(),
            approvals: BTreeMap::new(),
            validators: vec![],
            free_seats: vec![],
            params: Versions::new(genesis.params.clone()),
            guardian: genesis.guardian,
            staking: Pause::default(),
            injections: Pause::default(),
            closed: vec![],
            reports: BTreeMap::new(),
            completed: BTreeMap::new(),
            references: vec![],
            token_refuses: false,
            token_room: None,
            books: Books::default(),
            fixed: BTreeMap::new(),
            remainders: BTreeMap::new(),
            exact: None,
            settled: BTreeMap::new(),
            paid: BTreeMap::new(),
            payees: BTreeMap::new(),
            self_claim: BTreeSet::new(),
            links: BTreeMap::new(),
            genesis,
        };
        ledger.next.epoch = 1;
        ledger
    }

    /// First second of an epoch.
    pub fn start_of(&self, epoch: Epoch) -> u64 {
        self.genesis.start + self.genesis.length * u64::from(epoch)
    }

    /// First second after the running epoch.
    pub fn boundary(&self) -> u64 {
        self.start_of(self.epoch + 1)
    }

    /// Time goes on; every boundary on the way ends an epoch.
    pub fn pass(&mut self, seconds: u64) {
        self.now += seconds;
        while self.now >= self.boundary() {
            self.end_epoch();
        }
    }

    fn end_epoch(&mut self) {
        let coming = self.coming();
        self.ended
            .push(std::mem::replace(&mut self.current, coming));
        self.epoch += 1;
        self.next = self.current.clone();
        self.next.epoch = self.epoch + 1;
        self.begin_rises();
    }

    /// What will be in force in the next epoch, as far as known now.
    pub fn coming(&self) -> Facts {
        let mut coming = self.next.clone();
        coming.judge_owners();
        coming
    }

    /// What was, is or will be in force in an epoch up to the next one.
    pub fn at(&self, epoch: Epoch) -> Option<Facts> {
        match epoch {
            epoch if epoch == self.epoch => Some(self.current.clone()),
            epoch if epoch == self.epoch + 1 => Some(self.coming()),
            epoch => self.ended.get(epoch as usize).cloned(),
        }
    }

    /// Slots of a delegation in an epoch up to the next one.
    pub fn slots(&self, id: Id, epoch: Epoch) -> u128 {
        let slot_size = self.params.at(epoch).slot_size;
        let facts = self.at(epoch);
        facts.map_or(0, |facts| facts.slots(id, slot_size))
    }
}

/// 1 to 30 entries, none twice.
fn check_batch<T: PartialEq>(list: &[T]) -> Answer {
    refuse_if(list.is_empty() || list.len() > BATCH, "size of the list")?;
    check_different(list)
}

fn check_different<T: PartialEq>(list: &[T]) -> Answer {
    let twice = (1..list.len()).any(|at| list[..at].contains(&list[at]));
    refuse_if(twice, "named twice")
}
