//! What the distributor stores, and under which key.

use cosmwasm_std::{Addr, Api, Deps, Order, Storage};
use noderev_api::distributor::{DisputeKind, DisputeOutcome, KeyCursor, Params};
use noderev_components::{
    key, packed_struct, unreadable, write_packed, Account, Bitmap, Bundle, ChartOfAccounts, Denom,
    DenomInfo, Deposits, Epoch, EpochClock, EventLog, Evidence, KeyId, Ledger, Lineage, Local,
    Packed, Pauses, Payouts, QueuedParams, RawRead, Reader, Roles, StdResult, Streams,
};
use noderev_economics::RewardIndex;

/// Records that stand together.
pub const BUNDLES: [Bundle; 3] = [
    // What nearly every message changes: event number, books of the first currency.
    Bundle {
        key: 0xef,
        parts: &[&[0xe3], &[0xe5, 0]],
    },
    // What nearly every message reads, and hardly anything but a close changes: wiring and
    // currencies, how far epochs are closed and totals written, splits and sums as of the last
    // close, treasury, pauses.
    Bundle {
        key: 0xee,
        parts: &[
            &[CONFIG],
            &[0x90],
            &[ROLL],
            &[LINEAGE],
            &[LATEST_SUMS],
            &[0xe4, 1],
            &[0xe2, 0],
        ],
    },
    // What is known of an account: its purse, its pool stake, its cursor.
    Bundle {
        key: 0xed,
        parts: &[&[0xe6], &[POOL_ACCOUNTS], &[CURSORS]],
    },
];
/// Keys per page of a row.
pub const KEYS_PER_PAGE: u32 = 1_024;
/// Epochs per block: per-key totals are written once a block.
pub const BLOCK: u32 = 32;
/// Epochs per span, a part of a block: one row tells who was paid alike all through it.
pub const SPAN: u32 = 8;
/// Keys per page of totals.
pub const KEYS_PER_TOTALS: u32 = 64;

pub const PARAMS: QueuedParams<Params> = QueuedParams::new(0xe0, 0xe1);
pub const PAUSES: Pauses = Pauses::new(0xe2);
pub const EVENTS: EventLog = EventLog::new(0xe3, "distributor");
pub const ROLES: Roles = Roles::new(0xe4);
pub const LEDGER: Ledger = Ledger::new(0xe5);
pub const PAYOUTS: Payouts = Payouts::new(&LEDGER, &EVENTS, 0xe6, 0xe7);
pub const STREAMS: Streams = Streams::new(0xe8);
/// Reports, and how far epochs are closed (0x90).
pub const EVIDENCE: Evidence = Evidence::new(0x90, 0xe9, 0xea);
pub const DEPOSITS: Deposits = Deposits::new(0x94, 0x95);

const LINEAGE: u8 = 0x8a;
const CONFIG: u8 = 0x8b;
const LATEST_SUMS: u8 = 0x8c;
const ROWS: u8 = 0x91;
const SUMS: u8 = 0x92;
const SUMMARIES: u8 = 0x93;
const HELD: u8 = 0x96;
const DISPUTES: u8 = 0x97;
const KEYS: u8 = 0x98;
const POOL_ACCOUNTS: u8 = 0x99;
const CURSORS: u8 = 0x9a;
const TOTALS: u8 = 0x9b;
const ROLL: u8 = 0x9c;
const OPEN_DISPUTES: u8 = 0x9d;

/// The arbiter by epoch: he is changed with the notice of a parameter.
pub const ARBITER: QueuedParams<Addr> = QueuedParams::new(0x9e, 0x9f);

/// All namespaces, for the test that they differ.
#[cfg(test)]
pub const NAMESPACES: &[u8] = &[
    LINEAGE,
    CONFIG,
    LATEST_SUMS,
    0xef,
    0xee,
    0xed,
    0x90,
    ROWS,
    SUMS,
    SUMMARIES,
    0x94,
    0x95,
    HELD,
    DISPUTES,
    KEYS,
    POOL_ACCOUNTS,
    CURSORS,
    TOTALS,
    ROLL,
    OPEN_DISPUTES,
    0x9e,
    0x9f,
    0xe0,
    0xe1,
    0xe2,
    0xe3,
    0xe4,
    0xe5,
    0xe6,
    0xe7,
    0xe8,
    0xe9,
    0xea,
];

/// Buckets of the books: what is owed to whom, each capped by what came into it.
pub mod buckets {
    pub const NODES: u8 = 0;
    pub const POOL: u8 = 1;
    /// The pool's part of appeals upheld, which joins its next share.
    pub const POOL_NEXT: u8 = 2;
    pub const HELD: u8 = 3;
    pub const BONDS: u8 = 4;
    pub const TREASURY: u8 = 5;
    pub const COUNT: u8 = 6;

    /// The role in which a bucket is owed.
    pub const fn name(bucket: u8) -> &'static str {
        match bucket {
            NODES => "nodes",
            POOL => "pool",
            POOL_NEXT => "pool_next",
            HELD => "held",
            BONDS => "bonds",
            _ => "treasury",
        }
    }
}

/// The books under which QST bonds are kept if QST was no currency of revenue at instantiation.
pub const BONDS_ONLY: u8 = 255;

/// Wiring and currencies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    pub registry: Addr,
    pub vault: Addr,
    pub qst: Addr,
    pub clock: EpochClock,
    pub qst_decimals: u8,
    pub bond_denom: u8,
    /// The first epoch that this contract closes: the one in which it was created.
    pub first: Epoch,
    /// The currencies of revenue by their numbers; the only thing that is ever added to.
    pub denoms: Vec<DenomInfo>,
}

/// The same with addresses as bytes.
struct StoredConfig {
    registry: Account,
    vault: Account,
    qst: Account,
    start: u64,
    length: u64,
    qst_decimals: u8,
    bond_denom: u8,
    first: Epoch,
    denoms: Vec<StoredDenom>,
}
packed_struct!(StoredConfig {
    registry,
    vault,
    qst,
    start,
    length,
    qst_decimals,
    bond_denom,
    first,
    denoms,
});

/// A currency: a token or, if there is none, a native denomination.
struct StoredDenom {
    token: Option<Account>,
    native: String,
    symbol: String,
    decimals: u8,
}
packed_struct!(StoredDenom {
    token,
    native,
    symbol,
    decimals
});

pub fn load_config(deps: Deps) -> StdResult<Config> {
    let stored: StoredConfig = Local(deps.storage).require_packed(&[CONFIG], "config")?;
    let denoms = stored.denoms.into_iter();
    Ok(Config {
        registry: stored.registry.human(deps.api)?,
        vault: stored.vault.human(deps.api)?,
        qst: stored.qst.human(deps.api)?,
        clock: EpochClock {
            start: stored.start,
            length: stored.length,
        },
        qst_decimals: stored.qst_decimals,
        bond_denom: stored.bond_denom,
        first: stored.first,
        denoms: denoms
            .map(|stored| stored.load(deps.api))
            .collect::<StdResult<_>>()?,
    })
}

pub fn save_config(storage: &mut dyn Storage, api: &dyn Api, config: &Config) -> StdResult<()> {
    let denoms = config.denoms.iter();
    let stored = StoredConfig {
        registry: Account::of(api, &config.registry)?,
        vault: Account::of(api, &config.vault)?,
        qst: Account::of(api, &config.qst)?,
        start: config.clock.start,
        length: config.clock.length,
        qst_decimals: config.qst_decimals,
        bond_denom: config.bond_denom,
        first: config.first,
        denoms: denoms
            .map(|info| StoredDenom::of(api, info))
            .collect::<StdResult<_>>()?,
    };
    write_packed(storage, &[CONFIG], &stored);
    Ok(())
}

impl StoredDenom {
    fn of(api: &dyn Api, info: &DenomInfo) -> StdResult<Self> {
        let (token, native) = match &info.denom {
            Denom::Native(denom) => (None, denom.clone()),
            Denom::Cw20(token) => (Some(Account::parse(api, token)?), String::new()),
        };
        Ok(Self {
            token,
            native,
            symbol: info.symbol.clone(),
            decimals: info.decimals,
        })
    }

    fn load(self, api: &dyn Api) -> StdResult<DenomInfo> {
        Ok(DenomInfo {
            denom: match self.token {
                None => Denom::Native(self.native),
                Some(token) => Denom::Cw20(token.human(api)?.into_string()),
            },
            symbol: self.symbol,
            decimals: self.decimals,
        })
    }
}

impl Config {
    /// Number of currencies of revenue.
    pub fn denom_count(&self) -> u8 {
        u8::try_from(self.denoms.len()).unwrap_or(u8::MAX)
    }

    /// Numbers of all books.
    pub fn books(&self) -> Vec<u8> {
        let extra = (self.bond_denom == BONDS_ONLY).then_some(BONDS_ONLY);
        (0..self.denom_count()).chain(extra).collect()
    }

    /// The number of a currency of revenue.
    pub fn index(&self, denom: &Denom) -> Option<u8> {
        let index = self.denoms.iter().position(|info| info.denom == *denom)?;
        u8::try_from(index).ok()
    }
}

impl ChartOfAccounts for Config {
    fn denom(&self, denom: u8) -> Denom {
        let known = self.denoms.get(usize::from(denom));
        known.map_or_else(
            || Denom::Cw20(self.qst.to_string()),
            |info| info.denom.clone(),
        )
    }

    fn bucket(&self, bucket: u8) -> &'static str {
        buckets::name(bucket)
    }
}

/// The oldest epoch that is not closed.
pub fn next_epoch(storage: &dyn Storage) -> StdResult<Epoch> {
    Ok(EVIDENCE.progress(&Local(storage))?.next)
}

/// The splits in force in closed epochs, which are all that settling them needs.
pub fn load_lineage(storage: &dyn Storage) -> StdResult<Lineage> {
    Ok(Local(storage).read_packed(&[LINEAGE])?.unwrap_or_default())
}

/// Keeps the splits in force before `next`, the oldest epoch that is not closed.
pub fn save_lineage(storage: &mut dyn Storage, lineage: &Lineage, next: Epoch) {
    let in_force = lineage.splits.iter().filter(|split| split.from < next);
    let splits = in_force.cloned().collect();
    write_packed(storage, &[LINEAGE], &Lineage { splits });
}

/// One page of keys in one closed epoch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Row {
    /// Judged running, not disputed.
    pub run: Bitmap,
    /// Staked.
    pub staked: Bitmap,
    /// Paid differently than in the epoch before, in this or an earlier epoch of the span. The
    /// span's first epoch does not count.
    pub changed: Bitmap,
}

impl Packed for Row {
    fn pack(&self, out: &mut Vec<u8>) {
        u16::try_from(self.run.len()).unwrap_or(u16::MAX).pack(out);
        for bits in [&self.run, &self.staked, &self.changed] {
            pack_bits(bits, out);
        }
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let len = u32::from(u16::unpack(input)?);
        Ok(Self {
            run: unpack_bits(len, input)?,
            staked: unpack_bits(len, input)?,
            changed: unpack_bits(len, input)?,
        })
    }
}

/// The bytes of a page of bits, without zeros at the end.
fn pack_bits(bits: &Bitmap, out: &mut Vec<u8>) {
    let bytes = bits.bytes();
    let last = bytes.iter().rposition(|byte| *byte != 0);
    let length = last.map_or(0, |at| at.saturating_add(1));
    u8::try_from(length).unwrap_or(u8::MAX).pack(out);
    out.extend_from_slice(bytes.get(..length).unwrap_or_default());
}

fn unpack_bits(len: u32, input: &mut Reader<'_>) -> StdResult<Bitmap> {
    let length = u8::unpack(input)?;
    Ok(Bitmap::fitted(len, input.take(length.into())?))
}

pub fn load_row(storage: &dyn Storage, epoch: Epoch, page: u32) -> StdResult<Row> {
    Ok(Local(storage)
        .read_packed(&row_key(epoch, page))?
        .unwrap_or_default())
}

pub fn save_row(storage: &mut dyn Storage, epoch: Epoch, page: u32, row: &Row) {
    write_packed(storage, &row_key(epoch, page), row);
}

fn row_key(epoch: Epoch, page: u32) -> Vec<u8> {
    key(
        ROWS,
        &[
            &epoch.0.to_be_bytes(),
            &[u8::try_from(page).unwrap_or(u8::MAX)],
        ],
    )
}

/// What one staked node, one unstaked node and one unit of pool stake have earned in one currency
/// in all epochs before some epoch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sum {
    pub staked: u128,
    pub unstaked: u128,
    pub pool: RewardIndex,
}

impl Packed for Sum {
    fn pack(&self, out: &mut Vec<u8>) {
        self.staked.pack(out);
        self.unstaked.pack(out);
        self.pool.index.pack(out);
        self.pool.remainder.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            staked: Packed::unpack(input)?,
            unstaked: Packed::unpack(input)?,
            pool: RewardIndex {
                index: Packed::unpack(input)?,
                remainder: Packed::unpack(input)?,
            },
        })
    }
}

/// How many sums stand in one record: those before and after the last closed epoch, which is what
/// somebody needs who claims every day.
const LATEST: usize = 2;

/// The sums of the epochs before `before`, by currency number.
struct SumsBefore {
    before: Epoch,
    sums: Vec<Sum>,
}
packed_struct!(SumsBefore { before, sums });

/// The latest sums, oldest first.
fn load_latest_sums(storage: &dyn Storage) -> StdResult<Vec<SumsBefore>> {
    let latest = Local(storage).read_packed(&[LATEST_SUMS])?;
    Ok(latest.unwrap_or_default())
}

/// The sums of the epochs before `epoch`, by currency number.
pub fn load_sums(storage: &dyn Storage, epoch: Epoch) -> StdResult<Vec<Sum>> {
    let mut latest = load_latest_sums(storage)?.into_iter();
    if let Some(latest) = latest.find(|latest| latest.before == epoch) {
        return Ok(latest.sums);
    }
    let sums = Local(storage).read_packed(&sums_key(epoch))?;
    Ok(sums.unwrap_or_default())
}

/// Writes the sums of the epochs before `before`, the latest. Those that are not among the latest
/// any more get a record of their own.
pub fn save_sums(storage: &mut dyn Storage, before: Epoch, sums: Vec<Sum>) -> StdResult<()> {
    let mut latest = load_latest_sums(storage)?;
    latest.push(SumsBefore { before, sums });
    if latest.len() > LATEST {
        let oldest = latest.remove(0);
        write_packed(storage, &sums_key(oldest.before), &oldest.sums);
    }
    write_packed(storage, &[LATEST_SUMS], &latest);
    Ok(())
}

fn sums_key(epoch: Epoch) -> Vec<u8> {
    key(SUMS, &[&epoch.0.to_be_bytes()])
}

/// One currency of a closed epoch: what its pot was made of. The rest follows from it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Inflow {
    pub revenue: u128,
    pub carry_in: u128,
    pub drip_in: u128,
    /// From appeals upheld, shared with the pool's part.
    pub pool_extra: u128,
}
packed_struct!(Inflow {
    revenue,
    carry_in,
    drip_in,
    pool_extra
});

/// A closed epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub closed_at: u64,
    pub keys: u32,
    pub quorum: bool,
    pub running: u32,
    pub held: u32,
    pub unstaked: u32,
    /// Unstaked ones among the held.
    pub held_unstaked: u32,
    pub pool_stake: u128,
    pub requirement: u128,
    pub params_version: u32,
    /// Per attester: bits that differed from the result; none if he did not report.
    pub disagreed: Vec<Option<u32>>,
    pub inflows: Vec<Inflow>,
}
packed_struct!(Summary {
    closed_at,
    keys,
    quorum,
    running,
    held,
    unstaked,
    held_unstaked,
    pool_stake,
    requirement,
    params_version,
    disagreed,
    inflows,
});

pub fn load_summary(storage: &dyn Storage, epoch: Epoch) -> StdResult<Summary> {
    Local(storage).require_packed(&summary_key(epoch), "epoch summary")
}

pub fn save_summary(storage: &mut dyn Storage, epoch: Epoch, summary: &Summary) {
    write_packed(storage, &summary_key(epoch), summary);
}

fn summary_key(epoch: Epoch) -> Vec<u8> {
    key(SUMMARIES, &[&epoch.0.to_be_bytes()])
}

/// The disputed keys of an epoch.
pub fn load_held(storage: &dyn Storage, epoch: Epoch) -> StdResult<Option<Bitmap>> {
    Local(storage).read_packed(&key(HELD, &[&epoch.0.to_be_bytes()]))
}

pub fn save_held(storage: &mut dyn Storage, epoch: Epoch, held: &Bitmap) {
    write_packed(storage, &key(HELD, &[&epoch.0.to_be_bytes()]), held);
}

/// One disputed key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    pub kind: DisputeKind,
    pub by: Account,
    pub bond: u128,
    pub outcome: DisputeOutcome,
}

impl Packed for Dispute {
    fn pack(&self, out: &mut Vec<u8>) {
        (self.kind == DisputeKind::Challenge).pack(out);
        self.by.pack(out);
        self.bond.pack(out);
        let outcome: u8 = match self.outcome {
            DisputeOutcome::Open => 0,
            DisputeOutcome::Upheld => 1,
            DisputeOutcome::Rejected => 2,
            DisputeOutcome::NoRuling => 3,
        };
        outcome.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            kind: match bool::unpack(input)? {
                true => DisputeKind::Challenge,
                false => DisputeKind::Appeal,
            },
            by: Account::unpack(input)?,
            bond: u128::unpack(input)?,
            outcome: match u8::unpack(input)? {
                0 => DisputeOutcome::Open,
                1 => DisputeOutcome::Upheld,
                2 => DisputeOutcome::Rejected,
                3 => DisputeOutcome::NoRuling,
                _ => return Err(unreadable("dispute", "outcome")),
            },
        })
    }
}

pub fn may_load_dispute(
    storage: &dyn Storage,
    epoch: Epoch,
    id: KeyId,
) -> StdResult<Option<Dispute>> {
    Local(storage).read_packed(&dispute_key(epoch, id))
}

pub fn save_dispute(storage: &mut dyn Storage, epoch: Epoch, id: KeyId, dispute: &Dispute) {
    write_packed(storage, &dispute_key(epoch, id), dispute);
}

/// Disputes of an epoch after a key, by key.
pub fn page_disputes(
    storage: &dyn Storage,
    epoch: Epoch,
    after: Option<KeyId>,
    limit: usize,
) -> StdResult<Vec<(KeyId, Dispute)>> {
    let start = dispute_key(epoch, KeyId(after.map_or(0, |key| key.0.saturating_add(1))));
    let end = key(DISPUTES, &[&epoch.next().0.to_be_bytes()]);
    let records = storage
        .range(Some(&start), Some(&end), Order::Ascending)
        .take(limit);
    records
        .map(|(key, value)| {
            let id = KeyId::from_packed(key.get(5..).unwrap_or_default())?;
            Ok((id, Dispute::from_packed(&value)?))
        })
        .collect()
}

fn dispute_key(epoch: Epoch, id: KeyId) -> Vec<u8> {
    key(DISPUTES, &[&epoch.0.to_be_bytes(), &id.0.to_be_bytes()])
}

/// How far a key is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAccount {
    /// The first epoch that is not settled.
    pub settled: Epoch,
    /// What the key has earned in all epochs before, by currency number; no zeros at the end are
    /// stored.
    pub totals: Vec<u128>,
}

impl Packed for KeyAccount {
    fn pack(&self, out: &mut Vec<u8>) {
        self.settled.pack(out);
        let earned = self.totals.iter().rposition(|total| *total > 0);
        let earned = self
            .totals
            .iter()
            .take(earned.map_or(0, |at| at.saturating_add(1)));
        earned.for_each(|total| total.pack(out));
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            settled: Epoch::unpack(input)?,
            totals: input.rest()?,
        })
    }
}

pub fn may_load_key(storage: &dyn Storage, id: KeyId) -> StdResult<Option<KeyAccount>> {
    Local(storage).read_packed(&key(KEYS, &[&id.0.to_be_bytes()]))
}

pub fn save_key(storage: &mut dyn Storage, id: KeyId, account: &KeyAccount) {
    write_packed(storage, &key(KEYS, &[&id.0.to_be_bytes()]), account);
}

/// How far a pool stake is settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolAccount {
    /// The first epoch that is not settled.
    pub settled: Epoch,
    /// Less than one unit each, in 10^-18 units, by currency number.
    pub fractions: Vec<u128>,
}
packed_struct!(PoolAccount { settled, fractions });

pub fn may_load_pool(storage: &dyn Storage, account: &Account) -> StdResult<Option<PoolAccount>> {
    Local(storage).read_packed(&key(POOL_ACCOUNTS, &[&account.key()]))
}

pub fn save_pool(storage: &mut dyn Storage, account: &Account, pool: &PoolAccount) {
    write_packed(storage, &key(POOL_ACCOUNTS, &[&account.key()]), pool);
}

/// How far claims that name no keys have got.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Cursor {
    /// Former keys up to this one are settled for good.
    pub former: Option<(Epoch, KeyId)>,
    /// The round through all keys that is under way.
    pub round: Option<Round>,
}

/// A round through all keys of an account, page by page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Round {
    /// Number of closed epochs when it began.
    pub closed: Epoch,
    /// The last key of the page before; none at the beginning.
    pub at: Option<At>,
}

/// A place among an account's keys: first those that it owns, then those that it owned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum At {
    /// Among former keys: when it was given away, and which.
    Former(Epoch, KeyId),
    /// Among present keys.
    Present(KeyId),
}

impl At {
    /// The key.
    pub const fn key(self) -> KeyId {
        match self {
            Self::Former(_, key) | Self::Present(key) => key,
        }
    }

    /// A former key, and when it was given away.
    pub const fn former(self) -> Option<(Epoch, KeyId)> {
        match self {
            Self::Former(until, key) => Some((until, key)),
            Self::Present(_) => None,
        }
    }

    /// Whether the former keys behind this place begin right behind `done`.
    pub fn precedes(self, done: Option<(Epoch, KeyId)>) -> bool {
        self.former().is_none_or(|former| done == Some(former))
    }
}

impl From<KeyCursor> for At {
    fn from(cursor: KeyCursor) -> Self {
        match cursor {
            KeyCursor::Former { until, key } => Self::Former(until, key),
            KeyCursor::Present { key } => Self::Present(key),
        }
    }
}

impl From<At> for KeyCursor {
    fn from(at: At) -> Self {
        match at {
            At::Former(until, key) => Self::Former { until, key },
            At::Present(key) => Self::Present { key },
        }
    }
}

impl Packed for At {
    fn pack(&self, out: &mut Vec<u8>) {
        match self {
            Self::Former(until, key) => {
                Some(*until).pack(out);
                key.pack(out);
            }
            Self::Present(key) => {
                None::<Epoch>.pack(out);
                key.pack(out);
            }
        }
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let (until, key) = (Option::<Epoch>::unpack(input)?, KeyId::unpack(input)?);
        Ok(until.map_or(Self::Present(key), |until| Self::Former(until, key)))
    }
}

packed_struct!(Round { closed, at });

impl Packed for Cursor {
    fn pack(&self, out: &mut Vec<u8>) {
        self.former
            .map(|(until, key)| At::Former(until, key))
            .pack(out);
        self.round.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let former = match Option::<At>::unpack(input)? {
            Some(At::Former(until, key)) => Some((until, key)),
            _ => None,
        };
        Ok(Self {
            former,
            round: Packed::unpack(input)?,
        })
    }
}

pub fn load_cursor(storage: &dyn Storage, account: &Account) -> StdResult<Cursor> {
    Ok(Local(storage)
        .read_packed(&key(CURSORS, &[&account.key()]))?
        .unwrap_or_default())
}

pub fn save_cursor(storage: &mut dyn Storage, account: &Account, cursor: &Cursor) {
    write_packed(storage, &key(CURSORS, &[&account.key()]), cursor);
}

/// What keys have earned before a block's first epoch, by currency number and by key; empty if
/// nothing is written.
pub type Totals = Vec<Vec<u128>>;

/// The totals of a page of keys.
pub fn load_totals(storage: &dyn Storage, block: u32, page: u32) -> StdResult<Totals> {
    Ok(Local(storage)
        .read_packed(&totals_key(block, page))?
        .unwrap_or_default())
}

pub fn save_totals(storage: &mut dyn Storage, block: u32, page: u32, totals: &Totals) {
    write_packed(storage, &totals_key(block, page), totals);
}

fn totals_key(block: u32, page: u32) -> Vec<u8> {
    let page = u16::try_from(page).unwrap_or(u16::MAX).to_be_bytes();
    key(TOTALS, &[&block.to_be_bytes(), &page])
}

/// How far the totals are written: those before block `block` for all keys, and those before the
/// block after it for the pages of rows below `page`.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Roll {
    pub block: u32,
    pub page: u32,
}
packed_struct!(Roll { block, page });

pub fn load_roll(storage: &dyn Storage) -> StdResult<Roll> {
    Ok(Local(storage)
        .read_packed(&key(ROLL, &[]))?
        .unwrap_or_default())
}

pub fn save_roll(storage: &mut dyn Storage, roll: &Roll) {
    write_packed(storage, &key(ROLL, &[]), roll);
}

/// How many disputes of an epoch have not ended.
pub fn open_disputes(storage: &dyn Storage, epoch: Epoch) -> StdResult<u32> {
    let key = key(OPEN_DISPUTES, &[&epoch.0.to_be_bytes()]);
    Ok(Local(storage).read_packed(&key)?.unwrap_or_default())
}

/// Writes that number; none is no record.
pub fn set_open_disputes(storage: &mut dyn Storage, epoch: Epoch, count: u32) {
    let key = key(OPEN_DISPUTES, &[&epoch.0.to_be_bytes()]);
    match count {
        0 => storage.remove(&key),
        count => write_packed(storage, &key, &count),
    }
}

/// The oldest epochs with disputes that have not ended.
pub fn disputed_epochs(storage: &dyn Storage, limit: usize) -> StdResult<Vec<Epoch>> {
    let (start, end) = (vec![OPEN_DISPUTES], vec![OPEN_DISPUTES.saturating_add(1)]);
    let records = storage
        .range(Some(&start), Some(&end), Order::Ascending)
        .take(limit);
    records
        .map(|(key, _)| Epoch::from_packed(key.get(1..).unwrap_or_default()))
        .collect()
}
