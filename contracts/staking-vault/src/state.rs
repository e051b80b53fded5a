//! What the vault stores: private namespaces and the functions that read and write them. The
//! records that other contracts read are in [`noderev_api::vault::raw`].

use cosmwasm_std::{Addr, DepsMut, Order, Storage};
use noderev_api::vault::Params;
use noderev_components::{
    fault, key, packed_struct, unreadable, write_packed, Account, Epoch, EpochClock, EventLog,
    KeyId, Ledger, Local, Packed, Pauses, Place, QueuedParams, RawRead, Roles, Short, StdResult,
};

/// Parameters by epoch.
pub const PARAMS: QueuedParams<Params> = QueuedParams::new(0xe0, 0xe1);
/// Pauses.
pub const PAUSES: Pauses = Pauses::new(0xe2);
/// The event counter.
pub const EVENTS: EventLog = EventLog::new(0xe3, "vault");
/// Role holders.
pub const ROLES: Roles = Roles::new(0xe4);
/// QST's books.
pub const LEDGER: Ledger = Ledger::new(0xe5);

/// Number of QST in the ledger.
pub const QST: u8 = 0;
/// Bucket of stakes of nodes.
pub const NODE_STAKES: Place = Place::Bucket(0);
/// Bucket of the pool.
pub const POOL_STAKES: Place = Place::Bucket(1);
/// Bucket of lots.
pub const LOT_AMOUNTS: Place = Place::Bucket(2);

const LOTS: u8 = 0x90;
const LOT_COUNT: u8 = 0x91;
const CONFIG: u8 = 0x92;

/// What is fixed at instantiation.
#[derive(Clone, Debug)]
pub struct Config {
    /// The epoch clock.
    pub clock: EpochClock,
    /// The QST token.
    pub qst: Addr,
    /// Decimals of QST amounts.
    pub qst_decimals: u8,
    /// The node registry.
    pub registry: Addr,
    /// The revenue distributor.
    pub distributor: Addr,
}
packed_struct!(Config {
    clock,
    qst,
    qst_decimals,
    registry,
    distributor
});

/// Loads what is fixed at instantiation.
pub fn load_config(storage: &dyn Storage) -> StdResult<Config> {
    Local(storage).require_packed(&key(CONFIG, &[]), "config")
}

/// Stores what is fixed at instantiation.
pub fn save_config(storage: &mut dyn Storage, config: &Config) {
    write_packed(storage, &key(CONFIG, &[]), config);
}

/// QST on its way out. Its release time never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lot {
    /// QST units.
    pub amount: u128,
    /// From when on it can be withdrawn, Unix seconds.
    pub release: u64,
    /// First epoch in which it no longer counts as stake.
    pub until: Epoch,
    /// The key that it was the stake of; none for the pool.
    pub key: Option<KeyId>,
}

/// Key numbers begin at 1, so 0 stands for the pool.
impl Packed for Lot {
    fn pack(&self, out: &mut Vec<u8>) {
        let key = self.key.map_or(0, |key| key.0);
        StoredLot {
            amount: self.amount,
            release: self.release,
            until: self.until,
            key,
        }
        .pack(out);
    }
    fn unpack(input: &mut noderev_components::Reader<'_>) -> StdResult<Self> {
        let stored = StoredLot::unpack(input)?;
        Ok(Self {
            amount: stored.amount,
            release: stored.release,
            until: stored.until,
            key: (stored.key > 0).then_some(KeyId(stored.key)),
        })
    }
}

struct StoredLot {
    amount: u128,
    release: u64,
    until: Epoch,
    key: u32,
}
packed_struct!(StoredLot {
    amount,
    release,
    until,
    key
});

impl Lot {
    /// Whether it can be withdrawn at `now` (Unix seconds).
    pub const fn is_released(&self, now: u64) -> bool {
        now >= self.release
    }
}

/// Stores a new lot under the next number, which is never used again.
pub fn add_lot(storage: &mut dyn Storage, account: &Account, lot: &Lot) -> StdResult<u64> {
    let count_key = key(LOT_COUNT, &[]);
    let last: Option<Short> = Local(storage).read_packed(&count_key)?;
    let number = last.map_or(0, |Short(last)| last).checked_add(1);
    let number = number.ok_or_else(|| fault("lot numbers are used up"))?;
    write_packed(storage, &count_key, &Short(number));
    write_packed(storage, &lot_key(account, number), lot);
    Ok(number)
}

/// Loads an account's lot.
pub fn may_load_lot(
    storage: &dyn Storage,
    account: &Account,
    number: u64,
) -> StdResult<Option<Lot>> {
    Local(storage).read_packed(&lot_key(account, number))
}

/// Removes a lot that was paid or put back.
pub fn remove_lot(storage: &mut dyn Storage, account: &Account, number: u64) {
    storage.remove(&lot_key(account, number));
}

/// An account's lots after a number, in order.
pub fn load_lots(
    storage: &dyn Storage,
    account: &Account,
    start_after: Option<u64>,
    limit: usize,
) -> StdResult<Vec<(u64, Lot)>> {
    let Some(first) = start_after.unwrap_or(0).checked_add(1) else {
        return Ok(vec![]);
    };
    let start = lot_key(account, first);
    // Numbers count up from 1: nobody ever has the lot of the last number, which the range leaves
    // out.
    let end = lot_key(account, u64::MAX);
    storage
        .range(Some(&start), Some(&end), Order::Ascending)
        .take(limit)
        .map(|(key, bytes)| Ok((lot_number(&key)?, Lot::from_packed(&bytes)?)))
        .collect()
}

/// Changes QST's books.
pub fn update_books<T>(
    deps: &mut DepsMut,
    change: impl FnOnce(&mut noderev_components::Books) -> Result<T, noderev_components::BooksError>,
) -> Result<(), crate::error::Refusal> {
    LEDGER.update(deps.storage, QST, |books| {
        change(books)?;
        Ok(())
    })
}

fn lot_key(account: &Account, number: u64) -> Vec<u8> {
    key(LOTS, &[&account.key(), &number.to_be_bytes()])
}

fn lot_number(key: &[u8]) -> StdResult<u64> {
    let number = key.last_chunk::<8>();
    let number = number.ok_or_else(|| unreadable("lot key", "too short"))?;
    Ok(u64::from_be_bytes(*number))
}
