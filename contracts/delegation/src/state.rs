//! What the contract stores, and under which key.

use cosmwasm_std::{Addr, Api, Order, Storage, Uint256};
use noderev_api::delegation::{
    Class, DelegationId, Joining, Metadata, Params, TokenRule, ValidatorId,
};
use noderev_components::{
    each, key, packed_struct, unreadable, write_packed, Account, Bundle, Deposits, Epoch,
    EpochClock, EventLog, Evidence, History, Ledger, Local, Packed, Pauses, Payouts, QueuedParams,
    RawRead, Reader, Roles, Span, StdResult, Streams, Trimmed,
};
use noderev_economics::{Bps, DelegationIndex, RewardIndex, DORMANCY_EPOCHS};

const CONFIG: u8 = 0x8e;
const TOKEN_CONTRACT: u8 = 0x8f;
const COLLECTIONS: u8 = 0x91;
const NFTS: u8 = 0x94;
const STAKERS: u8 = 0x95;
const ACCOUNTS: u8 = 0x96;
const TERMS: u8 = 0x97;
const METADATA: u8 = 0x98;
const APPROVALS: u8 = 0x99;
const CHANGED: u8 = 0x9e;
const VALIDATORS: u8 = 0xa0;
const ASSIGNED: u8 = 0xa1;
const SEAT_CHANGES: u8 = 0xa3;
const FREE_SEATS: u8 = 0xa5;
const COUNTS: u8 = 0xa6;
const SLOTS: u8 = 0xa7;
const CAPTURED: u8 = 0xa8;
const SEATED: u8 = 0xa9;
const SUMS: u8 = 0xab;
const SUMMARIES: u8 = 0xac;
const MEMBERS: u8 = 0xaf;
const MINT_OWED: u8 = 0xb0;
const LINKS: u8 = 0xb1;

/// Records that most messages touch, stored as one: number of events, how far epochs are closed,
/// configuration, books, pauses.
pub const BUNDLE: Bundle = Bundle {
    key: 0xef,
    parts: &[
        &[0xe3],
        &[0x90],
        &[CONFIG],
        &[0xe5, TOKEN],
        &[0xe2, 0],
        &[0xe2, 1],
    ],
};
/// How far epochs are closed (0x90), and the reports on those that are not.
pub const EVIDENCE: Evidence = Evidence::new(0x90, 0xe9, 0xea);
/// What NFTs of a collection weigh, by its number.
pub const RULES: History<Rules> = History::new(0x92);
/// All Quintessence, under the empty id.
pub const TOTAL: History<u128> = History::new(0x93);
/// A delegation's owner.
pub const OWNERS: History<Account> = History::new(0x9a);
/// A delegation's commission, basis points.
pub const COMMISSIONS: History<u16> = History::new(0x9b);
/// A delegation's Quintessence.
pub const SHARES: History<Share> = History::new(0x9c);
/// An account's Quintessence in a delegation.
pub const WEIGHTS: History<u128> = History::new(0x9d);
/// Quintessence per slot, under the empty id: of the parameters, for those who need nothing else.
pub const SLOT_SIZES: History<u128> = History::new(0x9f);
/// Which validator has a seat, and for which delegation.
pub const SEATS: History<Seat> = History::new(0xa2);
/// Number of seats, under the empty id.
pub const SEAT_COUNT: History<u16> = History::new(0xa4);
/// Slots that a delegation captures in epochs with a quorum.
pub const CAPTURES: History<u16> = History::new(0xaa);
/// What a delegation has earned in all epochs before one, where it was written.
pub const INDEXES: History<Index> = History::new(0xad);
/// Injections (0xb2), and which sources and references are used (0xb3).
pub const DEPOSITS: Deposits = Deposits::new(0xb2, 0xb3);

pub const PARAMS: QueuedParams<Params> = QueuedParams::new(0xe0, 0xe1);
pub const PAUSES: Pauses = Pauses::new(0xe2);
pub const EVENTS: EventLog = EventLog::new(0xe3, "delegation");
pub const ROLES: Roles = Roles::new(0xe4);
pub const LEDGER: Ledger = Ledger::new(0xe5);
pub const PAYOUTS: Payouts = Payouts::new(&LEDGER, &EVENTS, 0xe6, 0xe7);
pub const STREAMS: Streams = Streams::new(0xe8);

/// All namespaces, for the test that they differ.
#[cfg(test)]
pub const NAMESPACES: &[u8] = &[
    CONFIG,
    TOKEN_CONTRACT,
    0x90,
    COLLECTIONS,
    0x92,
    0x93,
    NFTS,
    STAKERS,
    ACCOUNTS,
    TERMS,
    METADATA,
    APPROVALS,
    0x9a,
    0x9b,
    0x9c,
    0x9d,
    CHANGED,
    0x9f,
    VALIDATORS,
    ASSIGNED,
    0xa2,
    SEAT_CHANGES,
    0xa4,
    FREE_SEATS,
    COUNTS,
    SLOTS,
    CAPTURED,
    SEATED,
    0xaa,
    SUMS,
    SUMMARIES,
    0xad,
    MEMBERS,
    MINT_OWED,
    LINKS,
    0xb2,
    0xb3,
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
    0xef,
];

/// Kinds of money that an account is owed. All of it stands in one bucket of the books, because
/// what a delegation has earned is divided between its owner and its members only when it is
/// settled.
pub mod buckets {
    /// What members earned.
    pub const MEMBERS: u8 = 0;
    /// What owners earned by commission.
    pub const COMMISSION: u8 = 1;
    /// The bucket of the books in which both stand.
    pub const REWARDS: u8 = 0;
}

/// The only currency's number: the token that is minted and injected.
pub const TOKEN: u8 = 0;
/// No delegation: Quintessence that is undelegated, validators that are in none.
pub const NONE: DelegationId = DelegationId(0);

/// What never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Config {
    pub clock: EpochClock,
    /// The first epoch that is closed: the one in which this contract was created.
    pub first: Epoch,
}
packed_struct!(Config { clock, first });

pub fn load_config(storage: &dyn Storage) -> StdResult<Config> {
    Local(storage).require_packed(&key(CONFIG, &[]), "config")
}

pub fn save_config(storage: &mut dyn Storage, config: &Config) {
    write_packed(storage, &key(CONFIG, &[]), config);
}

/// The token that is minted and injected.
pub struct Token {
    pub addr: Addr,
    pub decimals: u8,
}

pub fn load_token(storage: &dyn Storage, api: &dyn Api) -> StdResult<Token> {
    let StoredToken { account, decimals } =
        Local(storage).require_packed(&key(TOKEN_CONTRACT, &[]), "token")?;
    Ok(Token {
        addr: account.human(api)?,
        decimals,
    })
}

pub fn save_token(storage: &mut dyn Storage, account: Account, decimals: u8) {
    let token = StoredToken { account, decimals };
    write_packed(storage, &key(TOKEN_CONTRACT, &[]), &token);
}

struct StoredToken {
    account: Account,
    decimals: u8,
}
packed_struct!(StoredToken { account, decimals });

/// How many collections, delegations and validators there are, and how many seats are free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Counts {
    pub collections: u8,
    pub delegations: u16,
    pub validators: u32,
    pub free_seats: u16,
}
packed_struct!(Counts {
    collections,
    delegations,
    validators,
    free_seats
});

pub fn load_counts(storage: &dyn Storage) -> StdResult<Counts> {
    load_or_default(storage, &key(COUNTS, &[]))
}

pub fn save_counts(storage: &mut dyn Storage, counts: &Counts) {
    write_packed(storage, &key(COUNTS, &[]), counts);
}

/// The number of a collection.
pub fn collection_number(storage: &dyn Storage, collection: &Account) -> StdResult<Option<u8>> {
    Local(storage).read_packed(&key(COLLECTIONS, &[&[0], &collection.key()]))
}

/// The collection of a number.
pub fn collection_account(storage: &dyn Storage, number: u8) -> StdResult<Account> {
    Local(storage).require_packed(&key(COLLECTIONS, &[&[1], &[number]]), "collection")
}

/// Gives a collection a number, for ever.
pub fn add_collection(storage: &mut dyn Storage, collection: &Account, number: u8) {
    write_packed(
        storage,
        &key(COLLECTIONS, &[&[0], &collection.key()]),
        &number,
    );
    write_packed(storage, &key(COLLECTIONS, &[&[1], &[number]]), collection);
}

/// What NFTs of a collection weigh.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Rules {
    pub weight: u128,
    pub classes: Vec<Class>,
}

impl Packed for Rules {
    fn pack(&self, out: &mut Vec<u8>) {
        self.weight.pack(out);
        u16::try_from(self.classes.len())
            .unwrap_or(u16::MAX)
            .pack(out);
        for class in &self.classes {
            class.name.pack(out);
            match &class.tokens {
                TokenRule::Range { first, last } => {
                    false.pack(out);
                    first.pack(out);
                    last.pack(out);
                }
                TokenRule::Prefix { prefix } => {
                    true.pack(out);
                    prefix.pack(out);
                }
            }
            class.weight.u128().pack(out);
        }
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let weight = u128::unpack(input)?;
        let count = u16::unpack(input)?;
        let classes = each(0..count, |_| -> StdResult<_> {
            Ok(Class {
                name: Packed::unpack(input)?,
                tokens: match bool::unpack(input)? {
                    false => TokenRule::Range {
                        first: u64::unpack(input)?,
                        last: u64::unpack(input)?,
                    },
                    true => TokenRule::Prefix {
                        prefix: Packed::unpack(input)?,
                    },
                },
                weight: u128::unpack(input)?.into(),
            })
        })?;
        Ok(Self { weight, classes })
    }
}

fn from_text(bytes: Vec<u8>) -> StdResult<String> {
    String::from_utf8(bytes).map_err(|_| unreadable("packed record", "text"))
}

/// An NFT that this contract holds for its staker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakedNft {
    pub staker: Account,
    pub weight: u128,
    /// Which of the staker's positions it is in; meaningless once it leaves.
    pub position: u8,
    /// When it can be withdrawn (Unix seconds), if it is on its way out.
    pub withdrawable_at: Option<u64>,
}
packed_struct!(StakedNft {
    staker,
    weight,
    position,
    withdrawable_at
});

/// An NFT by the number of its collection and its id there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NftKey {
    pub collection: u8,
    pub token_id: String,
}

packed_struct!(NftKey {
    collection,
    token_id
});

impl NftKey {
    fn bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.collection];
        bytes.extend_from_slice(self.token_id.as_bytes());
        bytes
    }

    fn parse(bytes: &[u8]) -> StdResult<Self> {
        let (collection, token_id) = bytes
            .split_first()
            .ok_or_else(|| unreadable("NFT", "key"))?;
        Ok(Self {
            collection: *collection,
            token_id: from_text(token_id.to_vec())?,
        })
    }
}

pub fn may_load_nft(storage: &dyn Storage, nft: &NftKey) -> StdResult<Option<StakedNft>> {
    Local(storage).read_packed(&key(NFTS, &[&nft.bytes()]))
}

/// Writes a change of a staked NFT.
pub fn save_nft(storage: &mut dyn Storage, nft: &NftKey, staked: &StakedNft) {
    write_packed(storage, &key(NFTS, &[&nft.bytes()]), staked);
}

/// Records an NFT that has come in.
pub fn add_nft(storage: &mut dyn Storage, nft: &NftKey, staked: &StakedNft) {
    save_nft(storage, nft, staked);
    storage.set(&staker_key(&staked.staker, nft), &[1]);
}

/// Forgets an NFT that goes out.
pub fn remove_nft(storage: &mut dyn Storage, nft: &NftKey, staker: &Account) {
    storage.remove(&key(NFTS, &[&nft.bytes()]));
    storage.remove(&staker_key(staker, nft));
}

fn staker_key(staker: &Account, nft: &NftKey) -> Vec<u8> {
    key(STAKERS, &[&staker.key(), &nft.bytes()])
}

/// NFTs of a staker after one, by collection number and token id.
pub fn page_nfts(
    storage: &dyn Storage,
    staker: &Account,
    after: Option<&NftKey>,
    limit: usize,
) -> StdResult<Vec<NftKey>> {
    let prefix = key(STAKERS, &[&staker.key()]);
    let records = page(storage, &prefix, after.map(NftKey::bytes), limit);
    each(records, |(key, _)| NftKey::parse(&key))
}

/// NFTs of one account that count in the same delegation from the next epoch on. They move
/// together when the delegation changes under them, without being touched.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Position {
    /// Where they count; none: undelegated.
    pub delegation: Option<DelegationId>,
    pub nfts: u32,
}

impl Packed for Position {
    fn pack(&self, out: &mut Vec<u8>) {
        self.delegation.unwrap_or(NONE).pack(out);
        Trimmed(self.nfts.into()).pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            delegation: some(Packed::unpack(input)?),
            nfts: Trimmed::unpack_u32(input)?,
        })
    }
}

/// A delegation number in storage: 0 is none.
pub const fn some(id: DelegationId) -> Option<DelegationId> {
    match id {
        NONE => None,
        id => Some(id),
    }
}

/// Quintessence of an account in no delegation. It earns nothing, so that it matters only now and in
/// the next epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Undelegated {
    /// Since when it is what it is.
    pub from: Epoch,
    pub newest: u128,
    pub before: u128,
}

impl Undelegated {
    pub fn at(&self, epoch: Epoch) -> u128 {
        match self.from <= epoch {
            true => self.newest,
            false => self.before,
        }
    }

    pub fn set(&mut self, from: Epoch, quintessence: u128) {
        if self.from < from {
            self.before = self.newest;
            self.from = from;
        }
        self.newest = quintessence;
    }
}

impl Packed for Undelegated {
    fn pack(&self, out: &mut Vec<u8>) {
        Trimmed(self.from.0.into()).pack(out);
        self.newest.pack(out);
        self.before.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            from: Epoch(Trimmed::unpack_u32(input)?),
            newest: Packed::unpack(input)?,
            before: Packed::unpack(input)?,
        })
    }
}

/// What an account has and owns, and how far it is settled.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct AccountStake {
    pub owns: Option<DelegationId>,
    pub positions: Vec<Position>,
    /// NFTs on their way out.
    pub leaving: u32,
    pub undelegated: Undelegated,
    /// How far it is settled in delegations, the latest ones it has come to.
    members: Vec<(DelegationId, MemberAccount)>,
    /// Whether there are others, in records of their own.
    more: bool,
}

/// Delegations that an account's record has room for.
const MAX_INLINE: usize = 8;

impl Packed for AccountStake {
    fn pack(&self, out: &mut Vec<u8>) {
        self.owns.unwrap_or(NONE).pack(out);
        self.positions.pack(out);
        Trimmed(self.leaving.into()).pack(out);
        self.undelegated.pack(out);
        self.more.pack(out);
        // They end the record.
        for (id, member) in &self.members {
            id.pack(out);
            member.pack(out);
        }
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let mut stake = Self {
            owns: some(Packed::unpack(input)?),
            positions: Packed::unpack(input)?,
            leaving: Trimmed::unpack_u32(input)?,
            undelegated: Packed::unpack(input)?,
            more: Packed::unpack(input)?,
            members: vec![],
        };
        while !input.is_empty() {
            let member = (Packed::unpack(input)?, Packed::unpack(input)?);
            stake.members.push(member);
        }
        Ok(stake)
    }
}

impl AccountStake {
    fn place_of(&self, id: DelegationId) -> Option<usize> {
        self.members.iter().position(|(known, _)| *known == id)
    }

    /// How far the account is settled in a delegation; none if it has nothing to do with it.
    pub fn member(
        &self,
        storage: &dyn Storage,
        account: &Account,
        id: DelegationId,
    ) -> StdResult<Option<MemberAccount>> {
        match self.place_of(id).and_then(|at| self.members.get(at)) {
            Some((_, member)) => Ok(Some(*member)),
            None if self.more => Local(storage).read_packed(&member_key(account, id)),
            None => Ok(None),
        }
    }

    /// Notes how far the account is settled in a delegation; the caller writes the account. One that
    /// has left with nothing left over is forgotten.
    pub fn set_member(
        &mut self,
        storage: &mut dyn Storage,
        account: &Account,
        id: DelegationId,
        member: MemberAccount,
    ) -> StdResult<()> {
        let known = self.member(storage, account, id)?.is_some();
        match self.place_of(id) {
            Some(at) => {
                self.members.remove(at);
            }
            None if known => storage.remove(&member_key(account, id)),
            None => {}
        }
        if member.is_nothing() {
            return Ok(());
        }
        if self.members.len() >= MAX_INLINE {
            let (id, oldest) = self.members.remove(0);
            write_packed(storage, &member_key(account, id), &oldest);
            self.more = true;
        }
        self.members.push((id, member));
        Ok(())
    }

    /// Delegations in which the account is not settled before `epoch`, by number.
    pub fn unsettled(
        &self,
        storage: &dyn Storage,
        account: &Account,
        epoch: Epoch,
        limit: usize,
    ) -> StdResult<Vec<DelegationId>> {
        let mut ids = vec![];
        let mut look_at = |id: DelegationId, member: &MemberAccount| {
            if member.settled < epoch {
                let at = ids.partition_point(|known| *known < id);
                ids.insert(at, id);
            }
        };
        for (id, member) in &self.members {
            look_at(*id, member);
        }
        if self.more {
            let prefix = key(MEMBERS, &[&account.key()]);
            for (id, value) in page(storage, &prefix, None, usize::MAX) {
                look_at(Packed::from_packed(&id)?, &Packed::from_packed(&value)?);
            }
        }
        ids.truncate(limit);
        Ok(ids)
    }
}

pub fn load_account(storage: &dyn Storage, account: &Account) -> StdResult<AccountStake> {
    load_or_default(storage, &key(ACCOUNTS, &[&account.key()]))
}

pub fn save_account(storage: &mut dyn Storage, account: &Account, stake: &AccountStake) {
    write_packed(storage, &key(ACCOUNTS, &[&account.key()]), stake);
}

/// What joining and owning a delegation needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    pub joining: Joining,
    pub minimum: u128,
    /// What the owner's part must be: the parameter when it was created.
    pub own_required: u128,
    /// Validators assigned from the next epoch on.
    pub validators: u32,
    /// Who may take it over.
    pub proposed: Option<Account>,
}

impl Packed for Terms {
    fn pack(&self, out: &mut Vec<u8>) {
        let joining: u8 = match self.joining {
            Joining::Open => 0,
            Joining::Approval => 1,
            Joining::Closed => 2,
        };
        joining.pack(out);
        self.minimum.pack(out);
        self.own_required.pack(out);
        self.validators.pack(out);
        self.proposed.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            joining: match u8::unpack(input)? {
                0 => Joining::Open,
                1 => Joining::Approval,
                2 => Joining::Closed,
                _ => return Err(unreadable("delegation", "joining")),
            },
            minimum: Packed::unpack(input)?,
            own_required: Packed::unpack(input)?,
            validators: Packed::unpack(input)?,
            proposed: Packed::unpack(input)?,
        })
    }
}

pub fn may_load_terms(storage: &dyn Storage, id: DelegationId) -> StdResult<Option<Terms>> {
    Local(storage).read_packed(&key(TERMS, &[&id.to_packed()]))
}

pub fn save_terms(storage: &mut dyn Storage, id: DelegationId, terms: &Terms) {
    write_packed(storage, &key(TERMS, &[&id.to_packed()]), terms);
}

pub fn load_metadata(storage: &dyn Storage, id: DelegationId) -> StdResult<Metadata> {
    let texts: Vec<String> =
        Local(storage).require_packed(&key(METADATA, &[&id.to_packed()]), "metadata")?;
    let mut texts = texts.into_iter();
    let mut next = || texts.next().unwrap_or_default();
    Ok(Metadata {
        name: next(),
        url: next(),
        description: next(),
    })
}

pub fn save_metadata(storage: &mut dyn Storage, id: DelegationId, metadata: &Metadata) {
    let Metadata {
        name,
        url,
        description,
    } = metadata.clone();
    let key = key(METADATA, &[&id.to_packed()]);
    write_packed(storage, &key, &vec![name, url, description]);
}

/// Whether an account may join a delegation that asks for approval; none: it has not asked.
pub fn approval(
    storage: &dyn Storage,
    id: DelegationId,
    account: &Account,
) -> StdResult<Option<bool>> {
    Local(storage).read_packed(&approval_key(id, account))
}

/// Records a request (false) or an approval (true), or forgets both.
pub fn set_approval(
    storage: &mut dyn Storage,
    id: DelegationId,
    account: &Account,
    approved: Option<bool>,
) {
    let key = approval_key(id, account);
    match approved {
        Some(approved) => write_packed(storage, &key, &approved),
        None => storage.remove(&key),
    }
}

/// Requests and approvals of a delegation after an account.
pub fn page_approvals(
    storage: &dyn Storage,
    id: DelegationId,
    after: Option<&Account>,
    limit: usize,
) -> StdResult<Vec<(Account, bool)>> {
    let prefix = key(APPROVALS, &[&id.to_packed()]);
    let records = page(storage, &prefix, after.map(Account::key), limit);
    each(records, |(key, value)| {
        Ok((Account::from_packed(&key)?, bool::from_packed(&value)?))
    })
}

fn approval_key(id: DelegationId, account: &Account) -> Vec<u8> {
    key(APPROVALS, &[&id.to_packed(), &account.key()])
}

/// A delegation's Quintessence, and whether its owner's part is large enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Share {
    pub total: u128,
    /// First epoch in which the owner's part was too small; none if it is not.
    pub short_since: Option<Epoch>,
}
packed_struct!(Share { total, short_since });

impl Share {
    /// The first epoch without slots, if the owner's part stays as it is.
    pub fn dormant_from(&self) -> Option<Epoch> {
        self.short_since.map(|since| since.plus(DORMANCY_EPOCHS))
    }

    /// Slots in an epoch.
    pub fn slots_in(&self, epoch: Epoch, slot_size: u128) -> u16 {
        match self.dormant_from() {
            Some(from) if from <= epoch => 0,
            _ => noderev_economics::slots(self.total, slot_size),
        }
    }

    /// The commission in force, given the one that its owner has set.
    pub const fn commission(&self, set: Bps) -> Bps {
        match self.short_since {
            Some(_) => Bps::ZERO,
            None => set,
        }
    }
}

/// An id of [`WEIGHTS`].
pub fn weight_id(delegation: DelegationId, account: &Account) -> Vec<u8> {
    let mut id = delegation.to_packed();
    id.extend_from_slice(&account.key());
    id
}

/// Marks a delegation whose slots may be other ones from `epoch` on.
pub fn mark_changed(storage: &mut dyn Storage, epoch: Epoch, id: DelegationId) {
    storage.set(&changed_key(epoch, id), &[1]);
}

/// Delegations whose slots may be other ones from `epoch` on.
pub fn changed_delegations(storage: &dyn Storage, epoch: Epoch) -> StdResult<Vec<DelegationId>> {
    let (start, end) = (changed_key(epoch, NONE), changed_key(epoch.next(), NONE));
    let records = storage.range(Some(&start), Some(&end), Order::Ascending);
    each(records, |(key, _)| {
        DelegationId::from_packed(key.get(5..).unwrap_or_default())
    })
}

fn changed_key(epoch: Epoch, id: DelegationId) -> Vec<u8> {
    key(CHANGED, &[&epoch.to_packed(), &id.to_packed()])
}

/// A validator, as of the next epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    pub operator: Account,
    pub node: String,
    pub assignment: Option<Assignment>,
    /// The delegation whose owner it asks.
    pub requested: Option<DelegationId>,
}
packed_struct!(Validator {
    operator,
    node,
    assignment,
    requested
});

/// Where a validator is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub delegation: DelegationId,
    pub seat: u16,
}
packed_struct!(Assignment { delegation, seat });

pub fn may_load_validator(storage: &dyn Storage, id: ValidatorId) -> StdResult<Option<Validator>> {
    Local(storage).read_packed(&key(VALIDATORS, &[&id.to_packed()]))
}

pub fn save_validator(storage: &mut dyn Storage, id: ValidatorId, validator: &Validator) {
    write_packed(storage, &key(VALIDATORS, &[&id.to_packed()]), validator);
}

/// Lists a validator under a delegation that it is in, or asks for; or takes it off.
pub fn list_validator(
    storage: &mut dyn Storage,
    delegation: DelegationId,
    validator: ValidatorId,
    listed: bool,
) {
    let key = assigned_key(delegation, validator);
    match listed {
        true => storage.set(&key, &[1]),
        false => storage.remove(&key),
    }
}

/// Validators listed under a delegation, after one.
pub fn page_assigned(
    storage: &dyn Storage,
    delegation: DelegationId,
    after: Option<ValidatorId>,
    limit: usize,
) -> StdResult<Vec<ValidatorId>> {
    let first = after.map_or(0, |after| after.0.saturating_add(1));
    let start = assigned_key(delegation, ValidatorId(first));
    let mut end = assigned_key(delegation, ValidatorId(u32::MAX));
    end.push(0);
    let records = storage
        .range(Some(&start), Some(&end), Order::Ascending)
        .take(limit);
    each(records, |(key, _)| {
        ValidatorId::from_packed(key.get(3..).unwrap_or_default())
    })
}

fn assigned_key(delegation: DelegationId, validator: ValidatorId) -> Vec<u8> {
    key(ASSIGNED, &[&delegation.to_packed(), &validator.to_packed()])
}

/// Who has a bit of the reports. Validator 0 is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seat {
    pub validator: ValidatorId,
    pub delegation: DelegationId,
}
packed_struct!(Seat {
    validator,
    delegation
});

impl Seat {
    /// Nobody.
    pub const EMPTY: Self = Self {
        validator: ValidatorId(0),
        delegation: NONE,
    };
}

/// Gives a seat from `epoch` on.
pub fn set_seat(storage: &mut dyn Storage, epoch: Epoch, number: u16, seat: Seat) -> StdResult<()> {
    SEATS.set(storage, &number.to_packed(), epoch, &seat)?;
    let key = key(SEAT_CHANGES, &[&epoch.to_packed(), &number.to_packed()]);
    write_packed(storage, &key, &seat.delegation);
    Ok(())
}

/// Seats given from `epoch` on, and for which delegation.
pub fn seat_changes(storage: &dyn Storage, epoch: Epoch) -> StdResult<Vec<(u16, DelegationId)>> {
    let at = |epoch: Epoch| key(SEAT_CHANGES, &[&epoch.to_packed()]);
    let (start, end) = (at(epoch), at(epoch.next()));
    let records = storage.range(Some(&start), Some(&end), Order::Ascending);
    each(records, |(key, value)| {
        let number = u16::from_packed(key.get(5..).unwrap_or_default())?;
        Ok((number, DelegationId::from_packed(&value)?))
    })
}

/// Free seats, as a stack: the seat at a place of it.
pub fn free_seat(storage: &dyn Storage, place: u16) -> StdResult<u16> {
    Local(storage).require_packed(&key(FREE_SEATS, &[&place.to_packed()]), "free seat")
}

pub fn save_free_seat(storage: &mut dyn Storage, place: u16, seat: u16) {
    write_packed(storage, &key(FREE_SEATS, &[&place.to_packed()]), &seat);
}

/// A number per delegation, or per seat, as of the last closed epoch.
pub struct Board {
    namespace: u8,
}

/// Slots by delegation; the first entry is delegation 1's.
pub const SLOT_BOARD: Board = Board { namespace: SLOTS };
/// Captured slots by delegation.
pub const CAPTURE_BOARD: Board = Board {
    namespace: CAPTURED,
};
/// Delegations by seat; 0 is none.
pub const SEAT_BOARD: Board = Board { namespace: SEATED };

impl Board {
    pub fn load(&self, storage: &dyn Storage) -> StdResult<Vec<u16>> {
        load_or_default(storage, &key(self.namespace, &[]))
    }

    pub fn save(&self, storage: &mut dyn Storage, numbers: &Vec<u16>) {
        write_packed(storage, &key(self.namespace, &[]), numbers);
    }
}

/// All epochs before some epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Sum {
    /// What a captured slot has earned.
    pub per_slot: u128,
    /// What was minted, what the token has refused so far included.
    pub minted: u128,
}
packed_struct!(Sum { per_slot, minted });

/// The sum of the epochs before `epoch`.
pub fn load_sum(storage: &dyn Storage, epoch: Epoch) -> StdResult<Sum> {
    load_or_default(storage, &key(SUMS, &[&epoch.to_packed()]))
}

pub fn save_sum(storage: &mut dyn Storage, epoch: Epoch, sum: &Sum) {
    write_packed(storage, &key(SUMS, &[&epoch.to_packed()]), sum);
}

/// A closed epoch: what its pool was made of and who counted. The rest follows from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    pub closed_at: u64,
    pub quorum: bool,
    pub total: u128,
    pub slots: u32,
    pub eligible: u32,
    pub captured: u32,
    pub mint: u128,
    pub injected: u128,
    pub carry_in: u128,
    pub drip_in: u128,
    pub slot_size: u128,
    pub params_version: u32,
    /// Per attester: bits that differed from the result; none if he did not report.
    pub disagreed: Vec<Option<u32>>,
}
packed_struct!(Summary {
    closed_at,
    quorum,
    total,
    slots,
    eligible,
    captured,
    mint,
    injected,
    carry_in,
    drip_in,
    slot_size,
    params_version,
    disagreed
});

pub fn load_summary(storage: &dyn Storage, epoch: Epoch) -> StdResult<Summary> {
    Local(storage).require_packed(&summary_key(epoch), "epoch summary")
}

pub fn save_summary(storage: &mut dyn Storage, epoch: Epoch, summary: &Summary) {
    write_packed(storage, &summary_key(epoch), summary);
}

fn summary_key(epoch: Epoch) -> Vec<u8> {
    key(SUMMARIES, &[&epoch.to_packed()])
}

/// How far a delegation is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settled {
    /// The first epoch that is not settled.
    pub epoch: Epoch,
    /// What it has earned in all epochs before.
    pub index: DelegationIndex,
}

impl From<Span<Index>> for Settled {
    fn from(span: Span<Index>) -> Self {
        Self {
            epoch: span.from,
            index: span.value.0,
        }
    }
}

/// A delegation's index as it is stored.
#[derive(Clone, Copy)]
pub struct Index(pub DelegationIndex);

impl Packed for Index {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.members.index.pack(out);
        self.0.members.remainder.pack(out);
        self.0.commission.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self(DelegationIndex {
            members: RewardIndex {
                index: Packed::unpack(input)?,
                remainder: Packed::unpack(input)?,
            },
            commission: Packed::unpack(input)?,
        }))
    }
}

/// How far an account is settled in a delegation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemberAccount {
    /// The first epoch that is not settled.
    pub settled: Epoch,
    /// The delegation's index at it; none: what is written of that epoch, or follows from it.
    pub reading: Option<Reading>,
    /// Less than one unit earned as a member, in 10^-18 units.
    pub fraction: u128,
    /// Less than one unit of commission, in 10^-18 units.
    pub commission_fraction: u128,
}
packed_struct!(MemberAccount {
    settled,
    reading,
    fraction,
    commission_fraction
});

/// What a delegation had earned at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// One unit of Quintessence, in 10^-18 units.
    pub members: Uint256,
    /// Its owners, in 10^-18 units.
    pub commission: Uint256,
}
packed_struct!(Reading {
    members,
    commission
});

impl From<&DelegationIndex> for Reading {
    fn from(index: &DelegationIndex) -> Self {
        Self {
            members: index.members.index,
            commission: index.commission,
        }
    }
}

impl MemberAccount {
    /// Stands for "over": the account has left and was credited everything.
    pub const OVER: Epoch = Epoch(u32::MAX);

    /// Whether it is over and no fraction of a unit is left.
    pub fn is_nothing(&self) -> bool {
        self.settled == Self::OVER && self.fraction == 0 && self.commission_fraction == 0
    }
}

fn member_key(account: &Account, id: DelegationId) -> Vec<u8> {
    key(MEMBERS, &[&account.key(), &id.to_packed()])
}

/// Earned, but refused by the token so far.
pub fn mint_owed(storage: &dyn Storage) -> StdResult<u128> {
    load_or_default(storage, &key(MINT_OWED, &[]))
}

pub fn save_mint_owed(storage: &mut dyn Storage, amount: u128) {
    write_packed(storage, &key(MINT_OWED, &[]), &amount);
}

/// An account's links to clients of the Hub.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Links {
    /// Made so far.
    pub count: u64,
    pub now: Option<Link>,
}
packed_struct!(Links { count, now });

/// A link in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub client_id: String,
    pub public_key: Vec<u8>,
    /// Unix seconds.
    pub since: u64,
}
packed_struct!(Link {
    client_id,
    public_key,
    since
});

pub fn load_links(storage: &dyn Storage, account: &Account) -> StdResult<Links> {
    load_or_default(storage, &key(LINKS, &[&account.key()]))
}

pub fn save_links(storage: &mut dyn Storage, account: &Account, links: &Links) {
    write_packed(storage, &key(LINKS, &[&account.key()]), links);
}

/// Records whose keys begin with a prefix, those after `after` in order, without the prefix. What
/// follows it never begins with 255.
fn page<'a>(
    storage: &'a dyn Storage,
    prefix: &[u8],
    after: Option<Vec<u8>>,
    limit: usize,
) -> impl Iterator<Item = (Vec<u8>, Vec<u8>)> + 'a {
    let start = match after {
        None => prefix.to_vec(),
        Some(after) => [prefix, &after, &[0]].concat(),
    };
    let (end, length) = ([prefix, &[u8::MAX]].concat(), prefix.len());
    let records = storage.range(Some(&start), Some(&end), Order::Ascending);
    records
        .take(limit)
        .map(move |(key, value)| (key.get(length..).unwrap_or_default().to_vec(), value))
}

fn load_or_default<T: Packed + Default>(storage: &dyn Storage, key: &[u8]) -> StdResult<T> {
    Ok(Local(storage).read_packed(key)?.unwrap_or_default())
}
