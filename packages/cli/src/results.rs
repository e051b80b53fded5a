//! What a run produced: the figures behind the tables, the CSV files and the report.
//!
//! Amounts are smallest units of their denomination. `denom` is always an index into
//! [`Network::denominations`], or one more for the token of the delegations
//! ([`Network::currency`]). Lists per denomination are in that order and without that token.

use serde::{Deserialize, Serialize};

use crate::input::{Bitmap, Network, RemainderTo};

mod csv_files;
mod delegation_files;
mod delegations;

pub use csv_files::write;
pub use delegations::{
    DelegationRow, Delegations, Growth, MemberRow, MintRow, ShareRow, Standing, WeightFrom,
};

/// Writes amounts as decimal text, because JSON readers lose digits of large numbers.
mod amount {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(amount: &u128, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(amount)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<u128, D::Error> {
        String::deserialize(from)?.parse().map_err(D::Error::custom)
    }
}

/// A finished run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunResult {
    /// The network and its parameters.
    pub network: Network,
    /// Every closed epoch, in order.
    pub epochs: Vec<EpochRow>,
    /// What each account earned, was paid and is owed, per role and denomination.
    pub accruals: Vec<Accrual>,
    /// Every payment, per role and denomination, in order of receipt, the distributor's first.
    pub payouts: Vec<Payout>,
    /// The receipts that the contracts wrote, in order, the distributor's first.
    pub receipts: Vec<Receipt>,
    /// Every key, in order.
    pub keys: Vec<KeyRow>,
    /// The distributor's books at the end, per denomination.
    pub books: Vec<Books>,
    /// Who ran, was staked and owned what: what explains a reward.
    pub trail: Trail,
    /// Delegations, if the network has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delegations: Option<Delegations>,
    /// How long each part of the run took.
    pub phases: Vec<Phase>,
    /// Largest resident memory, in bytes, where the system tells.
    pub peak_memory: Option<u64>,
}

/// A closed epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochRow {
    /// Number, from 0 on.
    pub epoch: u64,
    /// First second, since 1970.
    pub start: u64,
    /// First second of the next epoch.
    pub end: u64,
    /// Keys that existed.
    pub issued: u32,
    /// Keys that ran and are not held.
    pub running: u32,
    /// Keys whose result is disputed.
    pub held: u32,
    /// Running keys without a stake (U).
    pub unstaked: u32,
    /// Running keys with a stake.
    pub staked: u32,
    /// QST units in the global pool, times the split factor (S*F).
    #[serde(with = "amount")]
    pub pool_stake: u128,
    /// QST units that a fully funded pool has: U * 200,000 QST.
    #[serde(with = "amount")]
    pub pool_required: u128,
    /// Whether enough attesters reported.
    pub quorum: bool,
    /// Attesters that reported.
    pub reports: u32,
    /// Attesters there are.
    pub attesters: u32,
    /// The epoch's money, per denomination.
    pub money: Vec<EpochMoney>,
}

/// An epoch's money in one denomination: `network + carry_in + drip_in = pot`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochMoney {
    /// Gross revenue of the epoch: `network + treasury`.
    #[serde(with = "amount")]
    pub revenue: u128,
    /// The network's share of it.
    #[serde(with = "amount")]
    pub network: u128,
    /// The treasury's share of it.
    #[serde(with = "amount")]
    pub treasury: u128,
    /// Left over by the epoch before.
    #[serde(with = "amount")]
    pub carry_in: u128,
    /// Moved in from the drip.
    #[serde(with = "amount")]
    pub drip_in: u128,
    /// What is divided.
    #[serde(with = "amount")]
    pub pot: u128,
    /// What a staked node gets (p).
    #[serde(with = "amount")]
    pub per_node: u128,
    /// What an unstaked node gets (d).
    #[serde(with = "amount")]
    pub per_unstaked: u128,
    /// The global pool's part.
    #[serde(with = "amount")]
    pub pool: u128,
    /// What each node gets besides, from an underfunded pool (r).
    #[serde(with = "amount")]
    pub remainder: u128,
    /// Moved into the drip, in an epoch without a quorum.
    #[serde(with = "amount")]
    pub drip_out: u128,
    /// Left over for the next epoch.
    #[serde(with = "amount")]
    pub carry_out: u128,
}

/// Where an epoch's revenue and pot went: the parts add up to `pot + treasury`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PotSplit {
    /// To staked nodes.
    pub staked: u128,
    /// To unstaked nodes.
    pub unstaked: u128,
    /// Set aside for held keys.
    pub held: u128,
    /// To the global pool.
    pub pool: u128,
    /// To the treasury.
    pub treasury: u128,
    /// Carried: to the next epoch and into the drip.
    pub carried: u128,
}

/// In which role an account earns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Owner of a key that ran.
    Node,
    /// Staker of the global pool.
    Pool,
    /// The treasury.
    Treasury,
    /// Member of a delegation.
    Member,
    /// Owner of a delegation, by commission.
    Commission,
}

/// Who pays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Contract {
    /// The revenue distributor.
    Distributor,
    /// The delegation contract.
    Delegation,
}

/// What an account earned in one role and denomination: `earned = paid + owed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accrual {
    /// Who.
    pub account: String,
    /// As what.
    pub role: Role,
    /// In which denomination.
    pub denom: usize,
    /// All in all.
    #[serde(with = "amount")]
    pub earned: u128,
    /// Paid out.
    #[serde(with = "amount")]
    pub paid: u128,
    /// Not claimed.
    #[serde(with = "amount")]
    pub owed: u128,
}

/// A payment in one role and denomination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    /// Number of the receipt that it belongs to.
    pub receipt: u64,
    /// Who earned it.
    pub account: String,
    /// As what.
    pub role: Role,
    /// In which denomination.
    pub denom: usize,
    /// How much.
    #[serde(with = "amount")]
    pub amount: u128,
    /// Epoch in which it was paid.
    pub epoch: u64,
    /// Block in which it was paid.
    pub height: u64,
}

/// A numbered receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Who paid.
    pub contract: Contract,
    /// Number, ascending within a contract.
    pub number: u64,
    /// Who earned it.
    pub account: String,
    /// Who got it.
    pub payee: String,
    /// Block in which it was paid.
    pub height: u64,
    /// First epoch in which it was earned; none for the treasury's, which no epoch earned.
    pub from_epoch: Option<u64>,
    /// First epoch after those in which it was earned.
    pub until_epoch: Option<u64>,
    /// What was paid.
    pub amounts: Vec<Paid>,
}

impl Receipt {
    /// Adds an amount; amounts of one denomination are one.
    pub fn add(&mut self, denom: usize, amount: u128) {
        match self.amounts.iter_mut().find(|paid| paid.denom == denom) {
            Some(paid) => paid.amount = paid.amount.saturating_add(amount),
            None => self.amounts.push(Paid { denom, amount }),
        }
    }
}

/// An amount of one denomination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The denomination.
    pub denom: usize,
    /// Smallest units.
    #[serde(with = "amount")]
    pub amount: u128,
}

/// A key over the whole run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    /// Its number.
    pub key: u32,
    /// Who owns it at the end.
    pub owner: String,
    /// Epochs with a quorum in which it existed.
    pub judged: u64,
    /// Those in which it ran.
    pub ran: u64,
    /// Those in which it ran with a stake.
    pub staked: u64,
    /// What it earned for its owners, per denomination.
    #[serde(with = "amounts")]
    pub earned: Vec<u128>,
}

/// The distributor's books in one denomination at the end of the run:
/// `received = paid + owed + undistributed + carried + drip`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Books {
    /// Revenue deposited.
    #[serde(with = "amount")]
    pub received: u128,
    /// Paid out.
    #[serde(with = "amount")]
    pub paid: u128,
    /// Owed to nodes, pool stakers, treasury and held keys.
    #[serde(with = "amount")]
    pub owed: u128,
    /// Deposited for epochs that aren't closed.
    #[serde(with = "amount")]
    pub undistributed: u128,
    /// Carried to the next epoch, in the nodes' and the pool's part.
    #[serde(with = "amount")]
    pub carried: u128,
    /// In the drip.
    #[serde(with = "amount")]
    pub drip: u128,
    /// What the distributor's account holds.
    #[serde(with = "amount")]
    pub balance: u128,
}

/// Who ran, was staked and owned what, by epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trail {
    /// Every closed epoch, in order.
    pub epochs: Vec<Evidence>,
    /// Owners of keys, by key and epoch.
    pub owners: Vec<OwnedFrom>,
    /// Pool stakes, by account and epoch.
    pub pool: Vec<StakedFrom>,
}

/// Who ran and who was staked in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// Keys that ran; nobody without a quorum.
    pub ran: Bitmap,
    /// Keys whose stake counted.
    pub staked: Bitmap,
}

/// From when on an account owns a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnedFrom {
    /// The key.
    pub key: u32,
    /// First epoch at whose end he owns it.
    pub epoch: u64,
    /// Its owner.
    pub owner: String,
}

/// From when on an account has so much in the pool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StakedFrom {
    /// Who.
    pub account: String,
    /// First epoch in which it counts.
    pub epoch: u64,
    /// QST units.
    #[serde(with = "amount")]
    pub stake: u128,
}

/// How long a part of the run took.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// What it was, such as `close epochs`.
    pub name: String,
    /// Wall-clock seconds.
    pub seconds: f64,
}

impl Trail {
    /// Who owned a key at the end of an epoch; none if it did not exist.
    pub fn owner(&self, key: u32, epoch: u64) -> Option<&str> {
        let from = self
            .owners
            .partition_point(|row| (row.key, row.epoch) < (key, 0));
        let to = self
            .owners
            .partition_point(|row| (row.key, row.epoch) <= (key, epoch));
        let rows = self.owners.get(from..to)?;
        rows.last().map(|row| row.owner.as_str())
    }

    /// What an account had in the pool in an epoch.
    pub fn pool_stake(&self, account: &str, epoch: u64) -> u128 {
        let mine = self.pool.iter().rev();
        let mut before = mine.filter(|row| row.account == account && row.epoch <= epoch);
        before.next().map_or(0, |row| row.stake)
    }
}

impl RunResult {
    /// Share of judged key-epochs in which the key ran, 0 to 1.
    pub fn uptime(&self) -> f64 {
        let judged: u64 = self.keys.iter().map(|key| key.judged).sum();
        let ran: u64 = self.keys.iter().map(|key| key.ran).sum();
        ratio(ran, judged)
    }

    /// Whether the books of every denomination and of the mint add up and are covered.
    pub fn is_solvent(&self) -> bool {
        let minted = self.delegations.iter().map(|all| &all.books);
        let mut books = self.books.iter().chain(minted);
        !self.books.is_empty() && books.all(|books| books.adds_up() && books.is_covered())
    }

    /// Seconds that the whole run took.
    pub fn seconds(&self) -> f64 {
        self.phases.iter().map(|phase| phase.seconds).sum()
    }

    /// What every account earned in a denomination in the given roles, largest first.
    pub fn earnings(&self, denom: usize, roles: &[Role]) -> Vec<(&str, u128)> {
        let mut sums = std::collections::BTreeMap::<&str, u128>::new();
        let counted = |row: &&Accrual| row.denom == denom && roles.contains(&row.role);
        for row in self.accruals.iter().filter(counted) {
            let sum = sums.entry(&row.account).or_default();
            *sum = sum.saturating_add(row.earned);
        }
        let mut ranked: Vec<(&str, u128)> = sums.into_iter().collect();
        ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        ranked
    }
}

impl EpochMoney {
    /// What a staked running node gets.
    pub fn staked_rate(&self, remainder_to: RemainderTo) -> u128 {
        match remainder_to {
            RemainderTo::AllRunning => self.per_node.saturating_add(self.remainder),
            RemainderTo::UnstakedRunning => self.per_node,
        }
    }

    /// What an unstaked running node gets.
    pub fn unstaked_rate(&self) -> u128 {
        self.per_unstaked.saturating_add(self.remainder)
    }
}

impl EpochRow {
    /// Where the money of a denomination went.
    pub fn split(&self, denom: usize, remainder_to: RemainderTo) -> PotSplit {
        let Some(money) = self.money.get(denom) else {
            return PotSplit::default();
        };
        let times = |amount: u128, keys: u32| amount.saturating_mul(u128::from(keys));
        let staked = money.staked_rate(remainder_to);
        PotSplit {
            staked: times(staked, self.staked),
            unstaked: times(money.unstaked_rate(), self.unstaked),
            held: times(staked, self.held),
            pool: money.pool,
            treasury: money.treasury,
            carried: money.carry_out.saturating_add(money.drip_out),
        }
    }

    /// The pool's stake as a share of what it needs; `None` when nothing is needed.
    pub fn funding(&self) -> Option<f64> {
        let needed = self.pool_required > 0;
        needed.then(|| self.pool_stake as f64 / self.pool_required as f64)
    }
}

impl PotSplit {
    /// The parts in the order in which charts stack them.
    pub fn parts(&self) -> [u128; 6] {
        [
            self.staked,
            self.unstaked,
            self.held,
            self.pool,
            self.treasury,
            self.carried,
        ]
    }

    /// All parts together.
    pub fn total(&self) -> u128 {
        self.parts().into_iter().fold(0, u128::saturating_add)
    }
}

impl KeyRow {
    /// Share of judged epochs in which it ran, 0 to 1; 0 when none was judged.
    pub fn uptime(&self) -> f64 {
        ratio(self.ran, self.judged)
    }
}

impl Books {
    /// Everything that isn't paid out.
    pub fn liabilities(&self) -> u128 {
        [self.owed, self.undistributed, self.carried, self.drip]
            .into_iter()
            .fold(0, u128::saturating_add)
    }

    /// Whether received = paid + liabilities, to the unit.
    pub fn adds_up(&self) -> bool {
        self.paid.checked_add(self.liabilities()) == Some(self.received)
    }

    /// Whether the balance covers the liabilities.
    pub fn is_covered(&self) -> bool {
        self.balance >= self.liabilities()
    }
}

impl Role {
    /// The name in CSV files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Pool => "pool",
            Self::Treasury => "treasury",
            Self::Member => "member",
            Self::Commission => "commission",
        }
    }

    /// Who pays what is earned in this role.
    pub fn contract(self) -> Contract {
        match self {
            Self::Node | Self::Pool | Self::Treasury => Contract::Distributor,
            Self::Member | Self::Commission => Contract::Delegation,
        }
    }
}

impl Contract {
    /// The name in CSV files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Distributor => "distributor",
            Self::Delegation => "delegation",
        }
    }
}

fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        0.0
    } else {
        part as f64 / whole as f64
    }
}

/// As [`amount`], for lists.
mod amounts {
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<S: Serializer>(amounts: &[u128], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(amounts.iter().map(ToString::to_string))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u128>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        texts
            .iter()
            .map(|text| text.parse().map_err(D::Error::custom))
            .collect()
    }
}
