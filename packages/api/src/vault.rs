//! staking-vault: whose QST is staked where, from which epoch to which.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Timestamp, Uint128};
use cw20::Cw20ReceiveMsg;
use noderev_components::{AsOf, Epoch, KeyId};

// Types that only `#[returns]` names are unused where the schema is not built, in wasm.
#[cfg_attr(target_arch = "wasm32", allow(unused_imports))]
use crate::common::{
    Clock, DueResponse, ParamsAtResponse, PausedResponse, QueuedParamsResponse, RolesResponse,
    SolvencyResponse,
};

/// Most keys or lots in one message.
pub const MAX_BATCH: usize = 100;

/// Creates the vault. The registry must exist and name this contract as its vault; clock, QST and
/// distributor are the registry's.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct InstantiateMsg {
    /// Governance: queues parameters, sets roles. Two-step transfer.
    pub owner: String,
    /// May pause staking for a limited time, beside the owner.
    pub guardian: Option<String>,
    /// The node registry.
    pub registry: String,
    /// Parameters of epoch 0.
    pub params: Params,
}

/// Parameters, changed with seven epochs' notice.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// How long stake that has left waits for its release, seconds, 0 ..= 7,776,000 (90 days);
    /// default 14 days.
    pub unbonding_period: u64,
    /// A node stake is never released earlier than this after the boundary at which it began to
    /// count, seconds, 0 ..= 31,536,000 (a year); default 0. For each stake the shorter one counts
    /// of what was in force when it was placed and when it leaves.
    pub minimum_lock: u64,
}

/// What the owner or guardian may pause.
#[cw_serde]
#[derive(Copy)]
pub enum Activity {
    /// Staking nodes, depositing into the pool and cancelling lots. Exits are never paused.
    Staking,
}

noderev_components::coded!(Activity {
    Staking = 0 "staking"
});

/// A role that the owner fills.
#[cw_serde]
#[derive(Copy)]
pub enum Role {
    /// May pause.
    Guardian,
}

noderev_components::coded!(Role {
    Guardian = 0 "guardian"
});

/// A stake that the registry releases because its key has changed hands without it.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Release {
    /// The key.
    pub key: KeyId,
    /// Whose stake it was.
    pub staker: String,
}

/// Messages. None of them takes coins.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ExecuteMsg {
    /// QST's `Send` with a [`ReceiveMsg`].
    Receive(Cw20ReceiveMsg),
    /// Key owner: takes the stakes off his nodes at the next boundary, one lot each.
    UnstakeNodes {
        /// Staked keys of the sender, no key twice.
        keys: Vec<KeyId>,
    },
    /// Takes QST out of the pool at the next boundary, in one lot.
    UnbondPool {
        /// QST units, more than 0, at most what the sender has in the pool from the next epoch on.
        amount: Uint128,
    },
    /// Pays the sender's released lots: the named ones, all of which must be released, or the
    /// released ones of the next page.
    WithdrawLots {
        /// Numbers of lots, none twice; none: by page.
        lots: Option<Vec<u64>>,
        /// By page: the last lot of the page before.
        start_after: Option<u64>,
        /// By page: lots looked at, 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Puts a lot back before its release: a pool lot into the pool, a node lot into its key, if
    /// that is still the sender's, unstaked, and needs the same stake. Counts from the next epoch.
    CancelLot {
        /// The lot's number.
        lot: u64,
    },
    /// Registry: keys have changed hands and their stakes stay behind.
    ReleaseStakes {
        /// Which.
        releases: Vec<Release>,
    },
    /// Owner: queues parameters.
    QueueParams {
        /// All of them.
        params: Params,
    },
    /// Owner: drops the queued parameters.
    CancelParams {},
    /// Owner: fills a role; none empties it.
    SetRole {
        /// Which.
        role: Role,
        /// By whom.
        account: Option<String>,
    },
    /// Owner or guardian: pauses an activity for up to 14 days.
    Pause {
        /// Which.
        activity: Activity,
        /// For how long.
        seconds: u64,
    },
    /// Owner or guardian: ends a pause.
    Resume {
        /// Which.
        activity: Activity,
    },
    /// Two-step ownership.
    UpdateOwnership(cw_ownable::Action),
}

/// What to do with QST sent to the vault. The stake is whoever's sent the QST; with cw20
/// `SendFrom` that is the spender, not the account whose QST it was.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ReceiveMsg {
    /// Stakes nodes from the next epoch on: the amount is exactly the requirement times their
    /// number.
    StakeNodes {
        /// Unstaked keys of the sender, no key twice, at most 100.
        keys: Vec<KeyId>,
    },
    /// Puts the amount into the pool from the next epoch on.
    DepositPool {},
    /// Distributor: compounds an account's rewards into the pool.
    DepositPoolFor {
        /// Whose.
        account: String,
    },
}

/// Queries.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Addresses, clock and limits.
    #[returns(ConfigResponse)]
    Config {},
    /// A user's whole position.
    #[returns(PositionResponse)]
    Position {
        /// Whose.
        account: String,
        /// Keys: last key of the page before.
        start_after_key: Option<KeyId>,
        /// Lots: last lot of the page before.
        start_after_lot: Option<u64>,
        /// Keys and lots on this page, each; 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Nodes: whether staked, since when. At most 100 keys.
    #[returns(NodeStakesResponse)]
    NodeStakes {
        /// Which.
        keys: Vec<KeyId>,
    },
    /// The pool in an epoch; the running one by default.
    #[returns(PoolResponse)]
    Pool {
        /// Which epoch.
        epoch: Option<Epoch>,
    },
    /// What an account had in the pool in an epoch.
    #[returns(Uint128)]
    PoolStakeAt {
        /// Whose.
        account: String,
        /// Which epoch.
        epoch: Epoch,
    },
    /// The set of staked nodes in an epoch.
    #[returns(StakedNodesResponse)]
    StakedNodes {
        /// Which epoch.
        epoch: Epoch,
    },
    /// What staking these keys would take and do now, or why it would fail.
    #[returns(PreviewStakeResponse)]
    PreviewStake {
        /// Who would stake.
        account: String,
        /// Which keys.
        keys: Vec<KeyId>,
    },
    /// What anybody may do now: nothing, in this contract.
    #[returns(DueResponse)]
    Due {},
    /// QST: stakes of nodes, pool and lots.
    #[returns(SolvencyResponse)]
    Solvency {},
    /// Parameters in force in an epoch.
    #[returns(ParamsAtResponse<Params>)]
    ParamsAt {
        /// Which epoch.
        epoch: Epoch,
    },
    /// Parameters that wait.
    #[returns(QueuedParamsResponse<Params>)]
    QueuedParams {},
    /// Activities that can be paused.
    #[returns(PausedResponse)]
    Paused {},
    /// Who holds which role.
    #[returns(RolesResponse)]
    Roles {},
    /// Contract owner and a pending transfer.
    #[returns(cw_ownable::Ownership<Addr>)]
    Ownership {},
}

/// Answer to `config`.
#[cw_serde]
pub struct ConfigResponse {
    /// The epoch clock.
    pub clock: Clock,
    /// The QST token.
    pub qst: Addr,
    /// Decimals of QST amounts.
    pub qst_decimals: u8,
    /// The node registry.
    pub registry: Addr,
    /// The revenue distributor.
    pub distributor: Addr,
    /// Who may migrate the code; none if nobody.
    pub admin: Option<Addr>,
    /// Stake of a node now, QST units.
    pub requirement: Uint128,
    /// Most keys or lots in one message.
    pub max_batch: u32,
}

/// Answer to `position`.
#[cw_serde]
pub struct PositionResponse {
    /// The account's staked, staking or leaving nodes on this page.
    pub nodes: Vec<NodeStakeResponse>,
    /// Where the next page of keys begins; none at the end.
    pub next_key: Option<KeyId>,
    /// Pool stake that counts in the running epoch.
    pub pool_counted: Uint128,
    /// Pool stake that counts from the next epoch on.
    pub pool_next: Uint128,
    /// Lots on this page.
    pub lots: Vec<LotResponse>,
    /// Where the next page of lots begins; none at the end.
    pub next_lot: Option<u64>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `node_stakes`.
#[cw_serde]
pub struct NodeStakesResponse {
    /// One entry per key asked for, in that order.
    pub nodes: Vec<NodeStakeResponse>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Whether a node is staked.
#[cw_serde]
pub struct NodeStakeResponse {
    /// The key.
    pub key: KeyId,
    /// Whether it counts as staked in the running epoch.
    pub staked: bool,
    /// Whether it will in the next.
    pub staked_next: bool,
    /// First epoch of the present stake; none if it is not staked from the next epoch on.
    pub counts_from: Option<Epoch>,
    /// First epoch in which it no longer counts, if it is leaving.
    pub counts_until: Option<Epoch>,
}

/// What a lot comes from.
#[cw_serde]
#[derive(Copy)]
pub enum LotKind {
    /// The pool.
    Pool,
    /// A node.
    Node {
        /// Its key.
        key: KeyId,
    },
}

/// QST on its way out.
#[cw_serde]
pub struct LotResponse {
    /// Its number; lots are numbered 1, 2, ... whosever they are.
    pub lot: u64,
    /// QST units.
    pub amount: Uint128,
    /// What it comes from.
    pub kind: LotKind,
    /// First epoch in which it no longer counts as stake.
    pub counts_until: Epoch,
    /// When it can be withdrawn; fixed.
    pub release: Timestamp,
}

/// Answer to `pool`.
#[cw_serde]
pub struct PoolResponse {
    /// The epoch.
    pub epoch: Epoch,
    /// Stake that counts in it.
    pub counted: Uint128,
    /// Stake that counts in the epoch after, as far as known now.
    pub next: Uint128,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `staked_nodes`.
#[cw_serde]
pub struct StakedNodesResponse {
    /// The epoch.
    pub epoch: Epoch,
    /// Keys at its end (for the running epoch: now).
    pub keys: u32,
    /// Number of staked ones.
    pub staked: u32,
    /// Bit i: key i + 1 is staked; base64.
    pub bitmap: cosmwasm_std::Binary,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `preview_stake`.
#[cw_serde]
pub struct PreviewStakeResponse {
    /// What must be sent, QST units.
    pub amount: Uint128,
    /// First epoch in which the stakes count.
    pub counts_from: Epoch,
    /// When that epoch begins.
    pub at: Timestamp,
    /// Earliest release if unstaked as soon as possible.
    pub earliest_release: Timestamp,
    /// Why it would be refused; none if it would not.
    pub refusal: Option<String>,
}

/// Migration from an earlier version; the stored name must match and the version must be older.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct MigrateMsg {}

/// Records that the registry and the distributor read by exact key.
pub mod raw {
    use cosmwasm_std::{Addr, QuerierWrapper, Storage};
    use noderev_components::{
        key as storage_key, packed_struct, write_packed, Account, Bitmap, Bundle, Bundled, Epoch,
        Generation, KeyId, Lineage, Local, RawRead, Remote, Span, StdResult, Timeline,
    };

    /// Keys per page of the staked bitmap.
    pub const KEYS_PER_PAGE: u32 = 1_024;

    /// Whether nodes are staked: namespaces 0x80 (by key), 0x81 and 0x82 (pages by epoch).
    pub const NODES: Nodes = Nodes {
        stake: 0x80,
        pages: Timeline::new(0x81, 0x82),
    };
    /// Pool stake of an account by epoch, under the account's storage key: namespaces 0x83, 0x84.
    pub const POOL: Timeline<u128> = Timeline::new(0x83, 0x84).keeping(6);
    /// Pool stake of all by epoch, under the empty key: namespaces 0x85, 0x86.
    pub const POOL_TOTAL: Timeline<u128> = Timeline::new(0x85, 0x86).keeping(1);
    /// Stored as one under key 0xef: event number, QST's books, pool stake of all, pause of staking,
    /// number of the latest lot.
    pub const BUNDLE: Bundle = Bundle {
        key: 0xef,
        parts: &[&[0xe3], &[0xe5, 0], &[0x85], &[0xe2, 0], &[0x91]],
    };

    /// A vault's records, read by another contract.
    pub const fn reader<'a>(querier: QuerierWrapper<'a>, vault: &'a Addr) -> Bundled<Remote<'a>> {
        BUNDLE.over(Remote::new(querier, vault))
    }

    /// A node's stake, as of the next epoch. A child inherits its parent's.
    #[derive(Clone, Debug, PartialEq, Eq, Default)]
    pub struct NodeStake {
        /// How often the node was staked or unstaked: odd while it is staked.
        pub changes: u32,
        /// First epoch of the present, or latest, stake.
        pub from: Epoch,
    }
    packed_struct!(NodeStake { changes, from });

    impl NodeStake {
        /// Whether the node is staked from the next epoch on.
        pub const fn is_staked(&self) -> bool {
            self.changes % 2 == 1
        }
    }

    /// Stakes of nodes: by key for the next epoch, and as bitmaps by epoch.
    pub struct Nodes {
        stake: u8,
        pages: Timeline<Bitmap>,
    }

    impl Nodes {
        /// A node's stake as of the next epoch. `lineage` and `now`: of the running epoch.
        pub fn stake(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            now: Epoch,
            key: KeyId,
        ) -> StdResult<NodeStake> {
            let found = lineage.inherited(lineage.generation_at(now), key, |generation, key| {
                store.read_packed(&self.stake_key(generation, key))
            })?;
            Ok(found.map(|(_, stake)| stake).unwrap_or_default())
        }

        /// Whether a node counts as staked in `epoch`.
        pub fn is_staked(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            epoch: Epoch,
            key: KeyId,
        ) -> StdResult<bool> {
            // Each generation's own page, or else the parent's bit of the generation before.
            let generation = lineage.generation_at(epoch);
            let found = lineage.inherited(generation, key, |generation, key| {
                let id = page_id(generation, key.bit() / KEYS_PER_PAGE);
                let page = self.pages.at(store, &id, epoch)?;
                Ok(page.map(|page| page.get(key.bit() % KEYS_PER_PAGE)))
            })?;
            Ok(found.is_some_and(|(_, staked)| staked))
        }

        /// The staked ones of `keys` nodes in `epoch`.
        pub fn staked(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            epoch: Epoch,
            keys: u32,
        ) -> StdResult<Bitmap> {
            self.bitmap(store, lineage, lineage.generation_at(epoch), keys, epoch)
        }

        /// Stakes or unstakes a node from the next epoch on.
        pub fn toggle(
            &self,
            storage: &mut dyn Storage,
            lineage: &Lineage,
            now: Epoch,
            key: KeyId,
        ) -> StdResult<NodeStake> {
            let mut stake = self.stake(&Local(storage), lineage, now, key)?;
            stake.changes = stake.changes.saturating_add(1);
            if stake.is_staked() {
                stake.from = now.next();
            }
            self.save(storage, lineage, now, key, &stake)?;
            Ok(stake)
        }

        /// Takes an unstaking of the running epoch back: the stake counts on, since it began.
        pub fn resume(
            &self,
            storage: &mut dyn Storage,
            lineage: &Lineage,
            now: Epoch,
            key: KeyId,
        ) -> StdResult<NodeStake> {
            let mut stake = self.stake(&Local(storage), lineage, now, key)?;
            stake.changes = stake.changes.saturating_add(1);
            self.save(storage, lineage, now, key, &stake)?;
            Ok(stake)
        }

        fn save(
            &self,
            storage: &mut dyn Storage,
            lineage: &Lineage,
            now: Epoch,
            key: KeyId,
            stake: &NodeStake,
        ) -> StdResult<()> {
            let generation = lineage.generation_at(now);
            write_packed(storage, &self.stake_key(generation, key), stake);
            let page = key.bit() / KEYS_PER_PAGE;
            let mut bits = self.page(&Local(storage), lineage, generation, page, now.next())?;
            bits.set(key.bit() % KEYS_PER_PAGE, stake.is_staked());
            self.pages
                .set(storage, &page_id(generation, page), now.next(), bits)
        }

        fn bitmap(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            generation: Generation,
            keys: u32,
            epoch: Epoch,
        ) -> StdResult<Bitmap> {
            let mut inherited = None;
            let mut bits = Bitmap::zeros(0);
            for page in 0..keys.div_ceil(KEYS_PER_PAGE) {
                let own = self.pages.at(store, &page_id(generation, page), epoch)?;
                let piece = match own {
                    Some(own) => own,
                    None => {
                        if inherited.is_none() {
                            inherited = Some(self.inherited(store, lineage, generation, epoch)?);
                        }
                        let from = page.saturating_mul(KEYS_PER_PAGE);
                        let source = inherited
                            .as_ref()
                            .map(|bits| bits.page(from, KEYS_PER_PAGE));
                        source.unwrap_or_default().resized(KEYS_PER_PAGE)
                    }
                };
                bits = bits.joined(&piece);
            }
            Ok(bits.resized(keys))
        }

        fn page(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            generation: Generation,
            page: u32,
            epoch: Epoch,
        ) -> StdResult<Bitmap> {
            if let Some(own) = self.pages.at(store, &page_id(generation, page), epoch)? {
                return Ok(own);
            }
            let inherited = self.inherited(store, lineage, generation, epoch)?;
            Ok(inherited
                .page(page.saturating_mul(KEYS_PER_PAGE), KEYS_PER_PAGE)
                .resized(KEYS_PER_PAGE))
        }

        /// What the keys of a generation have inherited: their parents' bits, frozen at the split.
        fn inherited(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            generation: Generation,
            epoch: Epoch,
        ) -> StdResult<Bitmap> {
            match (generation.checked_sub(1), lineage.split_of(generation)) {
                (Some(before), Some(split)) => {
                    let parents = self.bitmap(store, lineage, before, split.keys, epoch)?;
                    Ok(lineage.tile(generation, &parents))
                }
                _ => Ok(Bitmap::zeros(0)),
            }
        }

        fn stake_key(&self, generation: Generation, key: KeyId) -> Vec<u8> {
            storage_key(self.stake, &[&[generation], &key.0.to_be_bytes()])
        }
    }

    fn page_id(generation: Generation, page: u32) -> Vec<u8> {
        let mut id = vec![generation];
        id.extend_from_slice(&page.to_be_bytes());
        id
    }

    /// What an account had in the pool in `epoch`, and since and until when.
    pub fn pool_span(
        store: &impl RawRead,
        account: &Account,
        epoch: Epoch,
    ) -> StdResult<Option<Span<u128>>> {
        POOL.span_at(store, &account.key(), epoch)
    }
}
