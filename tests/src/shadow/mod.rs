//! A naive ledger of the whole suite: loops over everybody, keeps everything, divides once.
//!
//! It is written from the rules alone and shares no arithmetic with the contracts: children of a
//! split are real keys, every epoch leaves a full snapshot, every close walks over every key and
//! every staker. Each message is a method that either does what the rules say or refuses; so it
//! predicts whether the contracts accept a message as well as what they then owe.

pub mod delegation;
mod distributor;
mod registry;
mod vault;

use std::collections::BTreeMap;

use num_bigint::BigUint;
use num_rational::BigRational;

pub use distributor::{Class, Closed, Dispute, Kind, Outcome, Pot, Role, ShareParams, Step};
pub use registry::{KeyFacts, Listing, Purchase, RegistryParams, SplitFact};
pub use vault::{Lot, VaultParams};

/// An epoch's number.
pub type Epoch = u32;
/// A key's number.
pub type Key = u32;
/// A currency's place in the list of currencies.
pub type Denom = usize;

/// Somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Who(pub usize);

/// Why a message is refused, in a word or two.
pub type Refusal = &'static str;
/// What a message comes to.
pub type Answer<T = ()> = Result<T, Refusal>;

/// A node's stake before any split: 200,000 QST of 6 decimals.
pub const NODE_STAKE: u128 = 200_000_000_000;
/// Keys at most, before any split.
pub const CAP: u32 = 4_732;
/// Parts of a unit in which shares of the pool are kept.
pub const FIXED: u128 = 1_000_000_000_000_000_000;
/// Seconds in a day.
pub const DAY: u64 = 86_400;

/// Values by the epoch from which on they are in force; the last one may be still to come.
#[derive(Clone, Debug)]
pub struct Versions<T> {
    values: Vec<(Epoch, T)>,
}

impl<T> Versions<T> {
    fn new(first: T) -> Self {
        Self {
            values: vec![(0, first)],
        }
    }

    /// In force in `epoch`.
    pub fn at(&self, epoch: Epoch) -> &T {
        let in_force = self.values.iter().rev().find(|(from, _)| *from <= epoch);
        &in_force.expect("there are parameters of epoch 0").1
    }

    /// What waits at `now`, and from when on it is in force.
    pub fn queued(&self, now: Epoch) -> Option<&(Epoch, T)> {
        self.values.last().filter(|(from, _)| *from > now)
    }

    fn queue(&mut self, now: Epoch, value: T) -> Answer<Epoch> {
        refuse_if(self.queued(now).is_some(), "a change waits already")?;
        let from = now + 1 + 7; // Seven whole epochs of notice.
        self.values.push((from, value));
        Ok(from)
    }

    fn cancel(&mut self, now: Epoch) -> Answer {
        refuse_if(self.queued(now).is_none(), "nothing waits")?;
        self.values.pop();
        Ok(())
    }
}

/// One activity's pause.
#[derive(Clone, Copy, Debug, Default)]
pub struct Pause {
    until: Option<u64>,
}

impl Pause {
    /// Whether the activity is paused.
    pub fn is_on(&self, now: u64) -> bool {
        self.until.is_some_and(|until| until > now)
    }

    fn pause(&mut self, now: u64, seconds: u64) -> Answer {
        refuse_if(!(1..=14 * DAY).contains(&seconds), "length of the pause")?;
        let soon = self.until.is_some_and(|until| now < until + 7 * DAY);
        refuse_if(soon, "paused a short while ago")?;
        self.until = Some(now + seconds);
        Ok(())
    }

    fn resume(&mut self, now: u64) -> Answer {
        refuse_if(!self.is_on(now), "not paused")?;
        self.until = Some(now);
        Ok(())
    }
}

/// What an epoch looked like when it ended.
#[derive(Clone, Debug)]
pub struct Ended {
    /// Owner of every key, key 1 first.
    pub owners: Vec<Who>,
    /// How often each key had changed hands.
    pub hands: Vec<u32>,
    /// Whether each key's node counted as staked.
    pub staked: Vec<bool>,
    /// What everybody had in the pool.
    pub pool: BTreeMap<Who, u128>,
    /// Stake of a node.
    pub requirement: u128,
    /// The keys that each bit of a report stands for.
    pub reported: Vec<Vec<Key>>,
}

/// Who holds which office.
#[derive(Clone, Copy, Debug)]
pub struct Offices {
    /// Owner of all contracts.
    pub owner: Who,
    /// Guardian of all contracts.
    pub guardian: Who,
    /// Issues keys.
    pub minter: Who,
    /// Receives fees and what is not the network's.
    pub treasury: Who,
    /// Rules.
    pub arbiter: Who,
}

/// What a ledger starts from.
#[derive(Clone, Debug)]
pub struct Genesis {
    /// Start of epoch 0, Unix seconds.
    pub start: u64,
    /// Seconds per epoch.
    pub length: u64,
    /// Number of currencies of revenue.
    pub denoms: usize,
    /// Which of them is QST, if it is one.
    pub qst: Option<Denom>,
    /// Offices.
    pub offices: Offices,
    /// Registry's parameters of epoch 0.
    pub registry: RegistryParams,
    /// Vault's.
    pub vault: VaultParams,
    /// Distributor's.
    pub share: ShareParams,
}

/// The ledger.
pub struct Shadow {
    /// What it started from.
    pub genesis: Genesis,
    /// Block time, Unix seconds.
    pub now: u64,
    /// Block height.
    pub height: u64,
    /// The running epoch.
    pub epoch: Epoch,
    /// Every epoch that has ended.
    pub ended: Vec<Ended>,

    /// All keys, key 1 first.
    pub keys: Vec<KeyFacts>,
    /// All splits, the announced one last.
    pub splits: Vec<SplitFact>,
    /// Whether issuance is over.
    pub sealed: bool,
    /// Market fees owed to the treasury.
    pub fees: u128,
    /// Registry's parameters.
    pub registry_params: Versions<RegistryParams>,
    /// The market's pause.
    pub market: Pause,
    listings: u64,

    /// Pool stakes that count in the running epoch.
    pub pool_now: BTreeMap<Who, u128>,
    /// Pool stakes from the next epoch on.
    pub pool_next: BTreeMap<Who, u128>,
    /// Stake on its way out.
    pub lots: BTreeMap<(Who, u64), Lot>,
    lot_count: u64,
    /// All QST that ever came into the vault, and all that left.
    pub vault_in: u128,
    /// All that left it.
    pub vault_out: u128,
    /// Vault's parameters.
    pub vault_params: Versions<VaultParams>,
    /// Staking's pause.
    pub staking: Pause,

    /// Distributor's parameters.
    pub share_params: Versions<ShareParams>,
    /// The pause of deposits.
    pub deposits: Pause,
    /// Per currency.
    pub money: Vec<distributor::Money>,
    /// Closed epochs, epoch 0 first.
    pub closed: Vec<Closed>,
    reports: BTreeMap<(Epoch, Who), Vec<bool>>,
    completed: BTreeMap<Epoch, u64>,
    references: Vec<(String, String)>,
    /// Disputes.
    pub disputes: BTreeMap<(Epoch, Key), Dispute>,
    /// Earned, per account, role and currency.
    pub earned: BTreeMap<(Who, Role, Denom), u128>,
    /// Paid, per account and currency.
    pub paid: BTreeMap<(Who, Denom), u128>,
    /// Earned with one key and possibly not settled, per account, key and currency.
    pub by_key: BTreeMap<(Who, Key, Denom), u128>,
    pool_fixed: BTreeMap<(Who, Denom), BigUint>,
    /// Exact shares of the pool; kept only if asked for.
    pub exact: Option<BTreeMap<(Who, Denom), BigRational>>,
}

impl Shadow {
    /// An empty network in epoch 0.
    pub fn new(genesis: Genesis) -> Self {
        Self {
            now: genesis.start,
            height: 0,
            epoch: 0,
            ended: vec![],
            keys: vec![],
            splits: vec![],
            sealed: false,
            fees: 0,
            registry_params: Versions::new(genesis.registry.clone()),
            market: Pause::default(),
            listings: 0,
            pool_now: BTreeMap::new(),
            pool_next: BTreeMap::new(),
            lots: BTreeMap::new(),
            lot_count: 0,
            vault_in: 0,
            vault_out: 0,
            vault_params: Versions::new(genesis.vault.clone()),
            staking: Pause::default(),
            share_params: Versions::new(genesis.share.clone()),
            deposits: Pause::default(),
            money: vec![distributor::Money::default(); genesis.denoms],
            closed: vec![],
            reports: BTreeMap::new(),
            completed: BTreeMap::new(),
            references: vec![],
            disputes: BTreeMap::new(),
            earned: BTreeMap::new(),
            paid: BTreeMap::new(),
            by_key: BTreeMap::new(),
            pool_fixed: BTreeMap::new(),
            exact: None,
            genesis,
        }
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
    pub fn advance(&mut self, seconds: u64) {
        self.now += seconds;
        self.height += 1;
        while self.now >= self.boundary() {
            self.end_epoch();
        }
    }

    fn end_epoch(&mut self) {
        self.ended.push(Ended {
            owners: self.keys.iter().map(|key| key.owner).collect(),
            hands: self.keys.iter().map(|key| key.hands).collect(),
            staked: self.keys.iter().map(|key| key.staked_now).collect(),
            pool: self.pool_now.clone(),
            requirement: self.requirement(),
            reported: self.reported_now(),
        });
        self.epoch += 1;
        self.pool_next.retain(|_, stake| *stake > 0);
        self.pool_now = self.pool_next.clone();
        for key in &mut self.keys {
            key.staked_now = key.staked_next;
        }
        self.split_now();
    }

    /// Whether the office's holder sends.
    fn only(&self, office: Who, by: Who) -> Answer {
        refuse_if(by != office, "somebody else must send this")
    }

    fn only_owner_or_guardian(&self, by: Who) -> Answer {
        let Offices {
            owner, guardian, ..
        } = self.genesis.offices;
        refuse_if(by != owner && by != guardian, "only owner or guardian")
    }
}

/// Refuses with a reason.
pub fn refuse_if(refused: bool, why: Refusal) -> Answer {
    if refused {
        Err(why)
    } else {
        Ok(())
    }
}

/// 1 to 100 entries, none twice.
pub fn check_list<T: PartialEq>(list: &[T]) -> Answer {
    refuse_if(list.is_empty() || list.len() > 100, "size of the list")?;
    let twice = (1..list.len()).any(|at| list[..at].contains(&list[at]));
    refuse_if(twice, "named twice")
}
