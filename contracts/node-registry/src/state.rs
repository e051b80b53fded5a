//! Private records and the functions that read and write them. What other contracts read is in
//! `noderev_api::registry::raw`; who owns which keys is indexed in `owned`.

use cosmwasm_std::{Addr, BlockInfo, Order, Storage, Timestamp};
use cw_utils::Expiration;
use noderev_api::registry::raw::{operator_key, OperatorRecord};
use noderev_api::registry::{FormerKey, Params};
use noderev_components::{
    expires_attribute, key, packed_struct, unreadable, write_packed, Account, Epoch, EpochClock,
    EventLog, Generation, KeyId, Ledger, Local, Packed, Pauses, QueuedParams, RawRead, Reader,
    Roles, StdResult,
};
use noderev_economics::Bps;

/// Namespace of the owner index.
pub const OWNED: u8 = 0x90;
const FORMER: u8 = 0x91;
const APPROVALS: u8 = 0x92;
const MOVERS: u8 = 0x93;
const LISTINGS: u8 = 0x94;
const PRICES: u8 = 0x95;
const LISTING_COUNT: u8 = 0x96;
const BINDINGS: u8 = 0x97;
const BOUND: u8 = 0x98;
const SEALED: u8 = 0x99;
const SELLERS: u8 = 0x9a;
const CONFIG: u8 = 0x9b;
const IDENTITY: u8 = 0x9c;

/// All private namespaces, for the test that they are pairwise different.
#[cfg(test)]
pub const NAMESPACES: [u8; 20] = [
    OWNED,
    FORMER,
    APPROVALS,
    MOVERS,
    LISTINGS,
    PRICES,
    LISTING_COUNT,
    BINDINGS,
    BOUND,
    SEALED,
    SELLERS,
    CONFIG,
    IDENTITY,
    0xe0,
    0xe1,
    0xe2,
    0xe3,
    0xe4,
    0xe5,
    0xef,
];

pub const PARAMS: QueuedParams<Params> = QueuedParams::new(0xe0, 0xe1);
pub const PAUSES: Pauses = Pauses::new(0xe2);
pub const EVENTS: EventLog = EventLog::new(0xe3, "registry");
pub const ROLES: Roles = Roles::new(0xe4);
pub const LEDGER: Ledger = Ledger::new(0xe5);

/// QST's place in the ledger; it is the only currency.
pub const QST: u8 = 0;
/// The ledger's bucket of fees owed to the treasury.
pub const FEES: u8 = 0;

/// What is fixed at instantiation and most messages need.
#[derive(Clone, Debug)]
pub struct Config {
    pub clock: EpochClock,
    pub qst: Addr,
    pub vault: Addr,
    pub distributor: Addr,
}
packed_struct!(Config {
    clock,
    qst,
    vault,
    distributor
});

/// What is fixed at instantiation and shown to wallets.
#[derive(Clone, Debug)]
pub struct Identity {
    pub name: String,
    pub symbol: String,
    /// Nanoseconds since 1970.
    pub created: u64,
    /// The chain's id at instantiation, for node ids.
    pub chain_id: String,
}
packed_struct!(Identity {
    name,
    symbol,
    created,
    chain_id
});

impl Config {
    /// The contracts that work together, by name. None of them could do anything with a key or a
    /// role but the registry's own.
    pub const fn suite<'a>(&'a self, registry: &'a Addr) -> [(&'static str, &'a Addr); 4] {
        [
            ("registry", registry),
            ("qst", &self.qst),
            ("vault", &self.vault),
            ("distributor", &self.distributor),
        ]
    }

    /// The name of an address that is one of them.
    pub fn suite_name(&self, registry: &Addr, addr: &Addr) -> Option<&'static str> {
        let mut suite = self.suite(registry).into_iter();
        suite
            .find(|(_, contract)| *contract == addr)
            .map(|(name, _)| name)
    }
}

pub fn load_config(storage: &dyn Storage) -> StdResult<Config> {
    Local(storage).require_packed(&key(CONFIG, &[]), "config")
}

pub fn save_config(storage: &mut dyn Storage, config: &Config) {
    write_packed(storage, &key(CONFIG, &[]), config);
}

pub fn load_identity(storage: &dyn Storage) -> StdResult<Identity> {
    Local(storage).require_packed(&key(IDENTITY, &[]), "identity")
}

pub fn save_identity(storage: &mut dyn Storage, identity: &Identity) {
    write_packed(storage, &key(IDENTITY, &[]), identity);
}

pub fn is_sealed(storage: &dyn Storage) -> bool {
    storage.get(&key(SEALED, &[])).is_some()
}

pub fn save_sealed(storage: &mut dyn Storage) {
    storage.set(&key(SEALED, &[]), &[1]);
}

/// An [`Expiration`] in storage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expiry(pub Expiration);

impl Expiry {
    pub fn is_past(&self, block: &BlockInfo) -> bool {
        self.0.is_expired(block)
    }

    /// In an event; absent if it never ends.
    pub fn attribute(&self) -> Option<(&'static str, String)> {
        expires_attribute(&self.0)
    }
}

impl Packed for Expiry {
    fn pack(&self, out: &mut Vec<u8>) {
        match self.0 {
            Expiration::Never {} => out.push(0),
            Expiration::AtHeight(height) => {
                out.push(1);
                height.pack(out);
            }
            Expiration::AtTime(time) => {
                out.push(2);
                time.nanos().pack(out);
            }
        }
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self(match u8::unpack(input)? {
            0 => Expiration::Never {},
            1 => Expiration::AtHeight(u64::unpack(input)?),
            2 => Expiration::AtTime(Timestamp::from_nanos(u64::unpack(input)?)),
            _ => return Err(unreadable("packed record", "expiry")),
        }))
    }
}

// Former keys.

/// Notes that `owner` has owned the key at the end of an epoch and gave it away in `until`.
pub fn save_former(storage: &mut dyn Storage, owner: &Account, former: &FormerKey) {
    storage.set(&former_key(owner, former.until, former.key), &[1]);
}

/// An account's former keys, oldest first.
pub fn load_former(
    storage: &dyn Storage,
    owner: &Account,
    after: Option<FormerKey>,
    limit: usize,
) -> StdResult<Vec<FormerKey>> {
    let start = after.map_or(former_key(owner, Epoch(0), KeyId(0)), |after| {
        following(former_key(owner, after.until, after.key))
    });
    let end = following(former_key(owner, Epoch(u32::MAX), KeyId(u32::MAX)));
    let entries = storage.range(Some(&start), Some(&end), Order::Ascending);
    entries
        .take(limit)
        .map(|(key, _)| {
            let mut tail = Reader::new(tail(&key, 8));
            let (until, key) = (Epoch::unpack(&mut tail)?, KeyId::unpack(&mut tail)?);
            Ok(FormerKey { until, key })
        })
        .collect()
}

fn former_key(owner: &Account, until: Epoch, former: KeyId) -> Vec<u8> {
    let (until, former) = (until.0.to_be_bytes(), former.0.to_be_bytes());
    key(FORMER, &[&owner.key(), &until, &former])
}

// Approvals.

/// Leave to move one key.
#[derive(Clone, Debug, PartialEq)]
pub struct Approval {
    pub spender: Account,
    pub expires: Expiry,
}
packed_struct!(Approval { spender, expires });

struct Approvals {
    nonce: u32,
    list: Vec<Approval>,
}
packed_struct!(Approvals { nonce, list });

/// A key's approvals, expired ones included; those of an earlier holding are void.
pub fn load_approvals(storage: &dyn Storage, id: KeyId, nonce: u32) -> StdResult<Vec<Approval>> {
    let record: Option<Approvals> = Local(storage).read_packed(&by_key(APPROVALS, id))?;
    let valid = record.filter(|record| record.nonce == nonce);
    Ok(valid.map(|record| record.list).unwrap_or_default())
}

pub fn save_approvals(storage: &mut dyn Storage, id: KeyId, nonce: u32, list: Vec<Approval>) {
    let key = by_key(APPROVALS, id);
    match list.is_empty() {
        true => storage.remove(&key),
        false => write_packed(storage, &key, &Approvals { nonce, list }),
    }
}

/// Until when `mover` may move all keys of `owner`.
pub fn load_mover(
    storage: &dyn Storage,
    owner: &Account,
    mover: &Account,
) -> StdResult<Option<Expiry>> {
    Local(storage).read_packed(&mover_key(owner, mover))
}

pub fn save_mover(
    storage: &mut dyn Storage,
    owner: &Account,
    mover: &Account,
    expires: Option<Expiry>,
) {
    let key = mover_key(owner, mover);
    match expires {
        Some(expires) => write_packed(storage, &key, &expires),
        None => storage.remove(&key),
    }
}

/// Who may move all keys of `owner`, in the order of canonical addresses.
pub fn movers<'a>(
    storage: &'a dyn Storage,
    owner: &Account,
    after: Option<&Account>,
) -> impl Iterator<Item = StdResult<Approval>> + 'a {
    let prefix = key(MOVERS, &[&owner.key()]);
    let start = after.map_or(prefix.clone(), |after| following(mover_key(owner, after)));
    // A canonical address is never 255 bytes long, so this is behind all entries.
    let end = key(MOVERS, &[&owner.key(), &[u8::MAX]]);
    let skip = prefix.len();
    storage
        .range(Some(&start), Some(&end), Order::Ascending)
        .map(move |(key, value)| {
            Ok(Approval {
                spender: Account::from_packed(key.get(skip..).unwrap_or_default())?,
                expires: Expiry::from_packed(&value)?,
            })
        })
}

fn mover_key(owner: &Account, mover: &Account) -> Vec<u8> {
    key(MOVERS, &[&owner.key(), &mover.key()])
}

// Operators and bound nodes.

pub fn save_operator(storage: &mut dyn Storage, id: KeyId, nonce: u32, operator: Option<Account>) {
    let key = operator_key(id);
    match operator {
        Some(operator) => write_packed(storage, &key, &OperatorRecord { operator, nonce }),
        None => storage.remove(&key),
    }
}

/// A node's public key, as long as the key has not changed hands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    pub nonce: u32,
    pub public_key: Vec<u8>,
}
packed_struct!(Binding { nonce, public_key });

/// The binding last made for a key, void or not.
pub fn load_binding(storage: &dyn Storage, id: KeyId) -> StdResult<Option<Binding>> {
    Local(storage).read_packed(&by_key(BINDINGS, id))
}

/// The key for which a public key was last bound, whether that is void or not.
pub fn load_bound_key(storage: &dyn Storage, public_key: &[u8]) -> StdResult<Option<KeyId>> {
    Local(storage).read_packed(&key(BOUND, &[public_key]))
}

pub fn save_binding(storage: &mut dyn Storage, id: KeyId, binding: &Binding) -> StdResult<()> {
    remove_binding(storage, id)?;
    write_packed(storage, &by_key(BINDINGS, id), binding);
    write_packed(storage, &key(BOUND, &[&binding.public_key]), &id);
    Ok(())
}

pub fn remove_binding(storage: &mut dyn Storage, id: KeyId) -> StdResult<()> {
    let Some(old) = load_binding(storage, id)? else {
        return Ok(());
    };
    storage.remove(&by_key(BINDINGS, id));
    // A public key that has been bound elsewhere since is left alone.
    if load_bound_key(storage, &old.public_key)? == Some(id) {
        storage.remove(&key(BOUND, &[&old.public_key]));
    }
    Ok(())
}

// Listings.

/// An offer; what it pins decides whether it still stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Listing {
    pub number: u64,
    pub seller: Account,
    pub price: u128,
    pub fee: Fee,
    pub buyer: Option<Account>,
    pub expires: Expiry,
    pub with_stake: bool,
    pub generation: Generation,
    pub nonce: u32,
    /// The vault's count of changes of this node's stake.
    pub stake_changes: u32,
}
packed_struct!(Listing {
    number,
    seller,
    price,
    fee,
    buyer,
    expires,
    with_stake,
    generation,
    nonce,
    stake_changes
});

/// Basis points in storage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fee(pub Bps);

impl Packed for Fee {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.get().pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let bps = Bps::new(u16::unpack(input)?);
        bps.map(Self)
            .map_err(|error| unreadable("packed record", error))
    }
}

/// The listing last made for a key, void or not.
pub fn load_listing(storage: &dyn Storage, id: KeyId) -> StdResult<Option<Listing>> {
    Local(storage).read_packed(&by_key(LISTINGS, id))
}

pub fn save_listing(storage: &mut dyn Storage, id: KeyId, listing: &Listing) -> StdResult<()> {
    remove_listing(storage, id)?;
    write_packed(storage, &by_key(LISTINGS, id), listing);
    for key in index_keys(listing, id) {
        storage.set(&key, &[1]);
    }
    Ok(())
}

/// Removes a key's listing, void or not; answers it.
pub fn remove_listing(storage: &mut dyn Storage, id: KeyId) -> StdResult<Option<Listing>> {
    let old = load_listing(storage, id)?;
    if let Some(old) = &old {
        storage.remove(&by_key(LISTINGS, id));
        for key in index_keys(old, id) {
            storage.remove(&key);
        }
    }
    Ok(old)
}

/// Keys listed in a generation, by one seller or by anybody, void ones included, lowest price first.
pub fn listed_by_price<'a>(
    storage: &'a dyn Storage,
    generation: Generation,
    seller: Option<&Account>,
    after: Option<(u128, KeyId)>,
) -> impl Iterator<Item = StdResult<(u128, KeyId)>> + 'a {
    let index = |price, id| match seller {
        Some(seller) => seller_key(seller, generation, price, id),
        None => price_key(generation, price, id),
    };
    let start = after.map_or(index(0, KeyId(0)), |(price, id)| {
        following(index(price, id))
    });
    let end = following(index(u128::MAX, KeyId(u32::MAX)));
    let entries = storage.range(Some(&start), Some(&end), Order::Ascending);
    entries.map(|(key, _)| {
        let mut rest = Reader::new(tail(&key, 20));
        let price = rest.take(16)?.try_into().map(u128::from_be_bytes);
        let price = price.map_err(|_| unreadable("packed record", "price"))?;
        Ok((price, KeyId::unpack(&mut rest)?))
    })
}

/// The next listing's number.
pub fn next_listing_number(storage: &mut dyn Storage) -> StdResult<u64> {
    let count: Option<u64> = Local(storage).read_packed(&key(LISTING_COUNT, &[]))?;
    let number = count.unwrap_or(0).saturating_add(1);
    write_packed(storage, &key(LISTING_COUNT, &[]), &number);
    Ok(number)
}

/// A listing's entries in the indices: of all and of its seller.
fn index_keys(listing: &Listing, id: KeyId) -> [Vec<u8>; 2] {
    let (generation, price) = (listing.generation, listing.price);
    [
        price_key(generation, price, id),
        seller_key(&listing.seller, generation, price, id),
    ]
}

fn seller_key(seller: &Account, generation: Generation, price: u128, id: KeyId) -> Vec<u8> {
    let (price, id) = (price.to_be_bytes(), id.0.to_be_bytes());
    key(SELLERS, &[&seller.key(), &[generation], &price, &id])
}

/// The price stands in full width, so that keys sort by it.
fn price_key(generation: Generation, price: u128, id: KeyId) -> Vec<u8> {
    let (price, id) = (price.to_be_bytes(), id.0.to_be_bytes());
    key(PRICES, &[&[generation], &price, &id])
}

fn by_key(namespace: u8, id: KeyId) -> Vec<u8> {
    key(namespace, &[&id.0.to_be_bytes()])
}

/// The first storage key after this one.
pub fn following(mut key: Vec<u8>) -> Vec<u8> {
    key.push(0);
    key
}

/// The last `len` bytes of a storage key.
pub fn tail(key: &[u8], len: usize) -> &[u8] {
    key.get(key.len().saturating_sub(len)..).unwrap_or_default()
}
