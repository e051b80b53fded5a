//! node-registry: which keys exist, who owns and runs them, and what they cost.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, Timestamp, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_utils::Expiration;
use noderev_components::{AsOf, Epoch, KeyId};
use noderev_economics::Bps;

// Types that only `#[returns]` names are unused where the schema is not built, in wasm.
#[cfg_attr(target_arch = "wasm32", allow(unused_imports))]
use crate::common::{
    Clock, DueResponse, ParamsAtResponse, PausedResponse, QueuedParamsResponse, RolesResponse,
    SolvencyResponse,
};

/// Most rows in one `issue` and most keys in one list of keys.
pub const MAX_BATCH: usize = 100;
/// Most keys that one `issue` may create.
pub const MAX_ISSUE: u32 = 1_000;

/// Creates the registry. The addresses of the other contracts are known beforehand (instantiate2).
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct InstantiateMsg {
    /// Collection name of the cw721 interface.
    pub name: String,
    /// Collection symbol.
    pub symbol: String,
    /// Governance: queues parameters and splits, sets roles. Two-step transfer.
    pub owner: String,
    /// Issues keys until issuance is sealed.
    pub minter: String,
    /// Receives market fees, by `claim_fees`.
    pub treasury: String,
    /// May pause the market for a limited time, beside the owner.
    pub guardian: Option<String>,
    /// The epoch clock of all contracts that work together; epoch 0 must be running.
    pub clock: Clock,
    /// The QST token (cw20); never changed.
    pub qst: String,
    /// The staking vault's address.
    pub vault: String,
    /// The revenue distributor's address.
    pub distributor: String,
    /// Parameters of epoch 0.
    pub params: Params,
}

/// Parameters, changed with seven epochs' notice.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Share of a sale's price that the treasury gets, 0 ..= 500 basis points (5 %), rounded down.
    pub market_fee: Bps,
    /// Notice of a split, seconds, 0 ..= 31,536,000 (a year); default 30 days. Whatever stands here,
    /// the notice is never shorter than one epoch.
    pub split_notice: u64,
    /// For how many epochs after a split evidence stays on the parents, 0 ..= 366; default 30.
    pub split_grace: u32,
}

/// What the owner or guardian may pause.
#[cw_serde]
#[derive(Copy)]
pub enum Activity {
    /// Listing and buying keys. Delisting is never paused.
    Market,
}

noderev_components::coded!(Activity {
    Market = 0 "market"
});

/// A role that the owner fills.
#[cw_serde]
#[derive(Copy)]
pub enum Role {
    /// Issues keys until issuance is sealed.
    Minter,
    /// May pause.
    Guardian,
    /// Receives market fees.
    Treasury,
}

noderev_components::coded!(Role {
    Minter = 2 "minter",
    Guardian = 0 "guardian",
    Treasury = 1 "treasury"
});

/// Keys for one owner.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct IssueRow {
    /// Who gets them.
    pub owner: String,
    /// How many, at least 1.
    pub count: u32,
}

/// Messages. None of them takes coins.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ExecuteMsg {
    /// cw721: moves a key. A stake on it leaves at the next boundary and stays the sender's.
    TransferNft {
        /// New owner.
        recipient: String,
        /// Key number.
        token_id: String,
    },
    /// cw721: moves a key to a contract and tells it.
    SendNft {
        /// New owner, a contract.
        contract: String,
        /// Key number.
        token_id: String,
        /// Passed on in `receive_nft`.
        msg: Binary,
    },
    /// cw721: lets somebody move one key, until its next change of owner.
    Approve {
        /// Who may.
        spender: String,
        /// Key number.
        token_id: String,
        /// Never, if none.
        expires: Option<Expiration>,
    },
    /// cw721: takes an approval back.
    Revoke {
        /// Who may no longer.
        spender: String,
        /// Key number.
        token_id: String,
    },
    /// cw721: lets somebody move all of the sender's keys.
    ApproveAll {
        /// Who may.
        operator: String,
        /// Never, if none.
        expires: Option<Expiration>,
    },
    /// cw721: takes that back.
    RevokeAll {
        /// Who may no longer.
        operator: String,
    },

    /// Minter: creates keys in the order of the rows, up to the cap. At most 100 rows and 1,000
    /// keys.
    Issue {
        /// Owners and numbers of keys.
        rows: Vec<IssueRow>,
    },
    /// Minter or contract owner: ends issuance for ever.
    SealIssuance {},

    /// Key owner: names who may bind a node (not unbind it) and appeal for this key; none takes it back. Ends with
    /// a change of owner.
    SetOperator {
        /// The key.
        key: KeyId,
        /// Who may.
        operator: Option<String>,
    },
    /// Key owner or operator: binds the node's public key, proven by its signature over
    /// SHA-256 of `noderev bind node v1\n<chain id>\n<registry>\n<key>\n<owner>`. A public key is
    /// bound to one key at a time; the binding ends with a change of owner.
    BindNode {
        /// The key.
        key: KeyId,
        /// Compressed secp256k1 (33 bytes) or ed25519 (32 bytes).
        public_key: Binary,
        /// 64 bytes.
        signature: Binary,
    },
    /// Key owner: ends the binding.
    UnbindNode {
        /// The key.
        key: KeyId,
    },

    /// Owner: splits every key into `factor` keys at the first epoch boundary after the notice.
    Split {
        /// 2, 4, 5, 8, 10, 16, 20 or 25; the product of all splits is at most 25.
        factor: u32,
    },
    /// Owner: takes an announced split back, until the last epoch before it.
    CancelSplit {},
    /// Anyone: emits the mint events of keys that a split has created, for explorers that follow
    /// events. At most 100 keys.
    Announce {
        /// Keys born by a split.
        ids: Vec<KeyId>,
    },

    /// Key owner: offers a key for sale, replacing an earlier offer. The owner keeps it meanwhile.
    List {
        /// The key.
        id: KeyId,
        /// QST units, more than 0.
        price: Uint128,
        /// Only this account may buy.
        buyer: Option<String>,
        /// When the offer ends; never, if none.
        expires: Option<Expiration>,
        /// Whether the node's stake goes to the buyer with the key.
        with_stake: bool,
    },
    /// Key owner, at any time: takes the offer back. Anyone, if the offer is void.
    Delist {
        /// The key.
        id: KeyId,
    },
    /// QST's `Send` with a [`ReceiveMsg`].
    Receive(Cw20ReceiveMsg),
    /// Anyone: pays the treasury the market fees.
    ClaimFees {},

    /// Owner: queues parameters.
    QueueParams {
        /// All of them.
        params: Params,
    },
    /// Owner: drops the queued parameters.
    CancelParams {},
    /// Owner: fills a role; none empties it (not the treasury).
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

/// What to do with QST sent to the registry. The key goes to whoever sent the QST; with cw20
/// `SendFrom` that is the spender, not the account whose QST it was.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ReceiveMsg {
    /// Buys keys; the amount sent is the sum of the prices, to the unit.
    Buy {
        /// At most 100, no key twice.
        purchases: Vec<Purchase>,
    },
}

/// One key to buy, exactly as it is listed now.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Purchase {
    /// The key.
    pub id: KeyId,
    /// The listing's number.
    pub listing: u64,
    /// The listing's price, QST units.
    pub price: Uint128,
}

/// Queries: cw721 0.22, the 0.18 names that front ends still send, and the registry's own.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// cw721.
    #[returns(cw721::msg::OwnerOfResponse)]
    OwnerOf {
        /// Key number.
        token_id: String,
        /// Whether to list expired approvals.
        include_expired: Option<bool>,
    },
    /// cw721.
    #[returns(cw721::msg::ApprovalResponse)]
    Approval {
        /// Key number.
        token_id: String,
        /// Who may move it.
        spender: String,
        /// Whether to answer an expired one.
        include_expired: Option<bool>,
    },
    /// cw721.
    #[returns(cw721::msg::ApprovalsResponse)]
    Approvals {
        /// Key number.
        token_id: String,
        /// Whether to list expired ones.
        include_expired: Option<bool>,
    },
    /// cw721.
    #[returns(cw721::msg::OperatorResponse)]
    Operator {
        /// Owner of keys.
        owner: String,
        /// Who may move them.
        operator: String,
        /// Whether to answer an expired one.
        include_expired: Option<bool>,
    },
    /// cw721.
    #[returns(cw721::msg::OperatorsResponse)]
    AllOperators {
        /// Owner of keys.
        owner: String,
        /// Whether to list expired ones.
        include_expired: Option<bool>,
        /// Last operator of the page before.
        start_after: Option<String>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// cw721: keys issued, children of splits included.
    #[returns(cw721::msg::NumTokensResponse)]
    NumTokens {},
    /// cw721 0.18 and 0.22: name and symbol, which 0.18 answers alone, and what 0.22 adds.
    #[returns(cw721::msg::CollectionInfoAndExtensionResponse<Option<cosmwasm_std::Empty>>)]
    ContractInfo {},
    /// cw721 0.22.
    #[returns(cw721::msg::CollectionInfoAndExtensionResponse<Option<cosmwasm_std::Empty>>)]
    GetCollectionInfoAndExtension {},
    /// cw721 0.22.
    #[returns(cw721::msg::ConfigResponse<Option<cosmwasm_std::Empty>>)]
    GetConfig {},
    /// cw721 0.22.
    #[returns(cw721::msg::AllInfoResponse)]
    GetAllInfo {},
    /// cw721 0.22: none.
    #[returns(cw721::state::CollectionExtensionAttributes)]
    GetCollectionExtensionAttributes {},
    /// cw721 0.22: none.
    #[returns(Option<String>)]
    GetWithdrawAddress {},
    /// cw721 0.22: none.
    #[returns(cw721::msg::AdditionalMintersResponse)]
    GetAdditionalMinters {
        /// Last one of the page before.
        start_after: Option<String>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// cw721 0.22.
    #[returns(cw_ownable::Ownership<Addr>)]
    GetMinterOwnership {},
    /// cw721 0.22.
    #[returns(cw_ownable::Ownership<Addr>)]
    GetCreatorOwnership {},
    /// cw721 0.18.
    #[returns(cw721::msg::MinterResponse)]
    Minter {},
    /// cw721.
    #[returns(cw721::msg::NftInfoResponse<NodeInfo>)]
    NftInfo {
        /// Key number.
        token_id: String,
    },
    /// cw721.
    #[returns(cw721::msg::AllNftInfoResponse<NodeInfo>)]
    AllNftInfo {
        /// Key number.
        token_id: String,
        /// Whether to list expired approvals.
        include_expired: Option<bool>,
    },
    /// cw721: an owner's keys in numeric order.
    #[returns(cw721::msg::TokensResponse)]
    Tokens {
        /// Whose.
        owner: String,
        /// Last key of the page before.
        start_after: Option<String>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// cw721: all keys in numeric order.
    #[returns(cw721::msg::TokensResponse)]
    AllTokens {
        /// Last key of the page before.
        start_after: Option<String>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },

    /// Addresses, clock and limits.
    #[returns(ConfigResponse)]
    Config {},
    /// Keys, cap and splits in an epoch; the running one by default.
    #[returns(SupplyResponse)]
    Supply {
        /// Which epoch.
        epoch: Option<Epoch>,
    },
    /// Everything about one key.
    #[returns(KeyResponse)]
    Key {
        /// The key.
        id: KeyId,
    },
    /// The key a node's public key is bound to.
    #[returns(Option<KeyId>)]
    BoundKey {
        /// The node's public key.
        public_key: Binary,
    },
    /// Who owned keys at the end of an epoch (for the running epoch: now), and their node
    /// identifiers. At most 100 keys.
    #[returns(OwnersAtResponse)]
    OwnersAt {
        /// The keys.
        keys: Vec<KeyId>,
        /// The epoch.
        epoch: Epoch,
    },
    /// Keys that an account has owned at the end of an epoch and given away since, by the epoch in
    /// which it did.
    #[returns(FormerKeysResponse)]
    FormerKeys {
        /// Whose.
        owner: String,
        /// Last entry of the page before.
        start_after: Option<FormerKey>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Valid listings, lowest price first. An answer looks at no more than 100 entries, void ones
    /// included.
    #[returns(ListingsResponse)]
    Listings {
        /// Only this seller's.
        seller: Option<String>,
        /// Only with or only without stake.
        with_stake: Option<bool>,
        /// Cursor of the page before.
        start_after: Option<ListingCursor>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// What a purchase would do now, or why it would fail.
    #[returns(PreviewBuyResponse)]
    PreviewBuy {
        /// The key.
        id: KeyId,
        /// Who would buy.
        buyer: String,
    },
    /// What a split by `factor` announced now would do, or why it would fail.
    #[returns(PreviewSplitResponse)]
    PreviewSplit {
        /// The factor.
        factor: u32,
    },
    /// What anybody may do now.
    #[returns(DueResponse)]
    Due {},
    /// QST: market fees received, paid and owed.
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

/// The extension of a key's cw721 metadata.
#[cw_serde]
pub struct NodeInfo {
    /// The identifier typed into the node software.
    pub node_id: String,
    /// Number of splits that this key has been through.
    pub generation: u8,
}

/// Answer to `config`.
#[cw_serde]
pub struct ConfigResponse {
    /// Collection name.
    pub name: String,
    /// Collection symbol.
    pub symbol: String,
    /// The epoch clock.
    pub clock: Clock,
    /// The QST token.
    pub qst: Addr,
    /// Decimals of QST amounts.
    pub qst_decimals: u8,
    /// The staking vault.
    pub vault: Addr,
    /// The revenue distributor.
    pub distributor: Addr,
    /// Who may migrate the code; none if nobody.
    pub admin: Option<Addr>,
    /// Most rows, purchases or keys in one message.
    pub max_batch: u32,
    /// Most keys that one `issue` may create.
    pub max_issue: u32,
}

/// Answer to `supply`.
#[cw_serde]
pub struct SupplyResponse {
    /// The epoch.
    pub epoch: Epoch,
    /// Keys at its end (for the running epoch: now).
    pub issued: u32,
    /// How many there can be.
    pub cap: u32,
    /// Product F of the factors of all splits in force.
    pub factor: u32,
    /// Stake of a node, QST units.
    pub requirement: Uint128,
    /// Whether issuance has ended for ever.
    pub sealed: bool,
    /// All splits, the announced one included.
    pub splits: Vec<SplitInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// One split.
#[cw_serde]
pub struct SplitInfo {
    /// First epoch with the new keys.
    pub from: Epoch,
    /// When that epoch begins.
    pub at: Timestamp,
    /// Into how many keys each key is split.
    pub factor: u8,
    /// Keys before the split.
    pub keys_before: u32,
    /// First epoch whose reports cover all keys.
    pub reported_from: Epoch,
}

/// Answer to `key`.
#[cw_serde]
pub struct KeyResponse {
    /// The key.
    pub id: KeyId,
    /// Its owner.
    pub owner: Addr,
    /// First epoch of this owner.
    pub owner_since: Epoch,
    /// The identifier typed into the node software.
    pub node_id: String,
    /// Who may bind a node and appeal beside the owner.
    pub operator: Option<Addr>,
    /// The node's bound public key.
    pub public_key: Option<Binary>,
    /// The key that it was before the latest split, if it was split.
    pub parent: Option<KeyId>,
    /// Whether its node counts as staked in the running epoch.
    pub staked: bool,
    /// Whether it will in the next.
    pub staked_next: bool,
    /// The valid listing.
    pub listing: Option<ListingResponse>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `owners_at`.
#[cw_serde]
pub struct OwnersAtResponse {
    /// The epoch asked for.
    pub epoch: Epoch,
    /// One entry per key asked for, in that order.
    pub owners: Vec<OwnerAt>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A key's owner at the end of an epoch.
#[cw_serde]
pub struct OwnerAt {
    /// The key.
    pub key: KeyId,
    /// Its owner; none if the key did not exist.
    pub owner: Option<Addr>,
    /// The identifier typed into the node software.
    pub node_id: String,
}

/// A key given away.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct FormerKey {
    /// The epoch in which it changed hands; the epochs before it are the former owner's.
    pub until: Epoch,
    /// The key.
    pub key: KeyId,
}

/// Answer to `former_keys`.
#[cw_serde]
pub struct FormerKeysResponse {
    /// Oldest first.
    pub keys: Vec<FormerKey>,
    /// Where to go on, if there may be more.
    pub next: Option<FormerKey>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Where the next page of listings begins.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct ListingCursor {
    /// Price of the last entry looked at.
    pub price: Uint128,
    /// Its key.
    pub id: KeyId,
}

/// An offer that can be bought now.
#[cw_serde]
pub struct ListingResponse {
    /// The key.
    pub id: KeyId,
    /// The listing's number, to be named when buying.
    pub listing: u64,
    /// Who sells.
    pub seller: Addr,
    /// QST units.
    pub price: Uint128,
    /// What of it the treasury gets.
    pub fee: Uint128,
    /// What of it the seller gets.
    pub net: Uint128,
    /// Only this account may buy.
    pub buyer: Option<Addr>,
    /// When the offer ends.
    pub expires: Expiration,
    /// Whether the node is staked or will be.
    pub staked: bool,
    /// Whether the stake goes along.
    pub with_stake: bool,
    /// Split generation in which it was listed.
    pub generation: u8,
}

/// Answer to `listings`.
#[cw_serde]
pub struct ListingsResponse {
    /// Lowest price first.
    pub listings: Vec<ListingResponse>,
    /// Lowest price without stake among the valid listings looked at, whatever `with_stake` asks
    /// for; none if there is none. On the first page it is the floor of the market or the seller.
    pub floor: Option<Uint128>,
    /// The same with stake.
    pub floor_with_stake: Option<Uint128>,
    /// Where to go on, if there may be more.
    pub next: Option<ListingCursor>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `preview_buy`.
#[cw_serde]
pub struct PreviewBuyResponse {
    /// The listing.
    pub listing: Option<ListingResponse>,
    /// Why the purchase would fail; none if it would not.
    pub refusal: Option<String>,
    /// First epoch whose reward is the buyer's.
    pub rewards_from: Epoch,
}

/// Answer to `preview_split`.
#[cw_serde]
pub struct PreviewSplitResponse {
    /// First epoch with the new keys.
    pub from: Epoch,
    /// When it begins.
    pub at: Timestamp,
    /// Keys after the split, if none are issued meanwhile.
    pub keys: u32,
    /// Cap after it.
    pub cap: u32,
    /// Stake of a node after it.
    pub requirement: Uint128,
    /// Why it would be refused; none if it would not.
    pub refusal: Option<String>,
}

/// Migration from an earlier version; the stored name must match and the version must be older.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct MigrateMsg {}

/// Records that the vault and the distributor read by exact key.
pub mod raw {
    use cosmwasm_std::{Addr, QuerierWrapper, Storage};
    use noderev_components::{
        packed_struct, Account, Bundle, Bundled, Epoch, Generation, KeyId, Lineage, Local, Packed,
        RawRead, Reader, Remote, Short, Span, StdResult, Supply, Timeline,
    };

    /// Splits and issued keys: namespaces 0x80 (one record), 0x81, 0x82.
    pub const SUPPLY: Supply = Supply::new(0x80, 0x81, 0x82);
    /// Stored as one under key 0xef: event number, splits, issued keys, the seal, pause of the
    /// market.
    pub const BUNDLE: Bundle = Bundle {
        key: 0xef,
        parts: &[&[0xe3], &[0x80], &[0x81], &[0x99], &[0xe2, 0]],
    };

    /// A registry's records, read by another contract.
    pub const fn reader<'a>(
        querier: QuerierWrapper<'a>,
        registry: &'a Addr,
    ) -> Bundled<Remote<'a>> {
        BUNDLE.over(Remote::new(querier, registry))
    }

    /// Owners by epoch: namespaces 0x83, 0x84.
    pub const HOLDERS: Holders = Holders {
        timeline: Timeline::new(0x83, 0x84).keeping(2),
    };
    /// Operators of keys: namespace 0x85.
    pub const OPERATORS: u8 = 0x85;

    /// Who owns a key.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct Holding {
        /// The owner.
        pub owner: Account,
        /// How often the key has changed hands; what carries an older number is void.
        pub nonce: u32,
    }
    impl Packed for Holding {
        fn pack(&self, out: &mut Vec<u8>) {
            self.owner.pack(out);
            Short(self.nonce.into()).pack(out);
        }
        fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
            Ok(Self {
                owner: Account::unpack(input)?,
                nonce: Short::unpack_u32(input)?,
            })
        }
    }

    /// An operator, as long as the key has not changed hands.
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct OperatorRecord {
        /// Who may bind a node and appeal.
        pub operator: Account,
        /// The holding's number when he was named.
        pub nonce: u32,
    }
    packed_struct!(OperatorRecord { operator, nonce });

    /// Owners of keys by epoch. Records are kept by split generation: a key without one of its own
    /// inherits from its parent's, which is frozen.
    pub struct Holders {
        timeline: Timeline<Holding>,
    }

    impl Holders {
        /// Who owned the key at the end of `epoch` (for the running epoch: owns it now), and since
        /// and until when; none if the key did not exist then. The span of a child that was never
        /// moved is its parent's, so it may begin before the child was born.
        pub fn span_at(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            key: KeyId,
            epoch: Epoch,
        ) -> StdResult<Option<Span<Holding>>> {
            let generation = lineage.generation_at(epoch);
            let found = lineage.inherited(generation, key, |generation, key| {
                self.timeline.span_at(store, &id(generation, key), epoch)
            })?;
            // Records of a generation end where the next generation begins.
            let next = lineage
                .splits
                .get(usize::from(generation))
                .map(|split| split.from);
            Ok(found.map(|(_, span)| Span {
                until: span.until.or(next),
                ..span
            }))
        }

        /// The first epoch in which the key existed; none if it does not exist.
        pub fn born(
            &self,
            store: &impl RawRead,
            lineage: &Lineage,
            key: KeyId,
        ) -> StdResult<Option<Epoch>> {
            let (generation, by_split) = lineage.birth(key);
            match lineage.split_of(generation) {
                Some(split) if by_split => Ok(Some(split.from)),
                _ => self.timeline.first(store, &id(generation, key)),
            }
        }

        /// Writes the first owner of a key that is issued now.
        pub fn issue(
            &self,
            storage: &mut dyn Storage,
            lineage: &Lineage,
            key: KeyId,
            epoch: Epoch,
            owner: Account,
        ) {
            let id = id(lineage.generation_at(epoch), key);
            let holding = Holding { owner, nonce: 0 };
            self.timeline.begin(storage, &id, epoch, holding);
        }

        /// Writes the owner from the running epoch on.
        pub fn set(
            &self,
            storage: &mut dyn Storage,
            lineage: &Lineage,
            key: KeyId,
            epoch: Epoch,
            holding: Holding,
        ) -> StdResult<()> {
            let generation = lineage.generation_at(epoch);
            self.seed(storage, lineage, generation, key)?;
            self.timeline
                .set(storage, &id(generation, key), epoch, holding)
        }

        /// Before a key's first own record of a generation: copies what it inherited, so that the
        /// epochs between the split and now keep their owner.
        fn seed(
            &self,
            storage: &mut dyn Storage,
            lineage: &Lineage,
            generation: Generation,
            key: KeyId,
        ) -> StdResult<()> {
            let Some(split) = lineage.split_of(generation) else {
                return Ok(());
            };
            let own = id(generation, key);
            if self.timeline.newest(&Local(storage), &own)?.is_some() {
                return Ok(());
            }
            match self.span_at(&Local(storage), lineage, key, split.from)? {
                Some(span) => self.timeline.set(storage, &own, split.from, span.value),
                None => Ok(()),
            }
        }
    }

    /// The operator of a key whose holding has this number.
    pub fn operator(store: &impl RawRead, key: KeyId, nonce: u32) -> StdResult<Option<Account>> {
        let record: Option<OperatorRecord> = store.read_packed(&operator_key(key))?;
        Ok(record
            .filter(|record| record.nonce == nonce)
            .map(|record| record.operator))
    }

    /// Where a key's operator is recorded. Operators are not inherited by children of a split.
    pub fn operator_key(key: KeyId) -> Vec<u8> {
        noderev_components::key(OPERATORS, &[&key.0.to_be_bytes()])
    }

    fn id(generation: Generation, key: KeyId) -> Vec<u8> {
        let mut id = vec![generation];
        id.extend_from_slice(&key.0.to_be_bytes());
        id
    }
}
