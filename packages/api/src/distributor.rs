//! revenue-distributor: revenue in, evidence of who ran, exact payouts out.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, Timestamp, Uint128, Uint256, Uint64};
use cw20::Cw20ReceiveMsg;
use noderev_components::{Amount, AsOf, Denom, DenomInfo, Epoch, EvidenceRules, KeyId};
use noderev_economics::{Bps, RemainderTo};

// Types that only `#[returns]` names are unused where the schema is not built, in wasm.
#[cfg_attr(target_arch = "wasm32", allow(unused_imports))]
use crate::common::{
    AttestersResponse, Clock, DepositsResponse, DueResponse, EpochStep, EvidenceResponse,
    ParamsAtResponse, PausedResponse, QueuedParamsResponse, ReceiptInfo, ReceiptsResponse,
    RoleAmount, RolesResponse, SolvencyResponse,
};

pub use crate::common::ClaimSummary;

/// Most keys in one message or query.
pub const MAX_BATCH: usize = 100;
/// Keys that a claim settles if it names none.
pub const CLAIM_PAGE: u32 = 30;
/// Most keys in one `rule` or `resolve`.
pub const MAX_RULINGS: usize = 30;

/// Creates the distributor. Registry and vault must exist and name this contract as their
/// distributor; clock and QST are the registry's.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct InstantiateMsg {
    /// Governance: queues parameters, sets roles, adds currencies. Two-step transfer.
    pub owner: String,
    /// May pause deposits for a limited time, beside the owner.
    pub guardian: Option<String>,
    /// Receives what is not the network's share, by `claim`.
    pub treasury: String,
    /// Rules on appeals and challenges.
    pub arbiter: String,
    /// The node registry.
    pub registry: String,
    /// The staking vault.
    pub vault: String,
    /// Currencies of revenue, 1 ..= 8.
    pub denoms: Vec<DenomInfo>,
    /// Parameters of epoch 0.
    pub params: Params,
}

/// Parameters, changed with seven epochs' notice.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Share of revenue that goes to the network, 6,000 ..= 10,000 basis points; rounded up.
    pub network_share: Bps,
    /// What an unstaked node gets of a staked node's pay, 2,000 ..= 4,000 basis points; rounded
    /// down.
    pub unstaked_share: Bps,
    /// Who gets what an underfunded pool leaves.
    pub remainder_to: RemainderTo,
    /// Who says which nodes ran, and how.
    pub evidence: EvidenceRules,
    /// Seconds for appeals and challenges, 0 ..= 604,800 (7 days).
    pub appeal_window: u64,
    /// Seconds for the arbiter to rule, from the epoch's close, 1 ..= 2,592,000 (30 days).
    pub ruling_window: u64,
    /// Bond per key of an appeal or challenge, QST units, 1 ..= 10^15.
    pub appeal_bond: Uint128,
}

/// What the owner or guardian may pause.
#[cw_serde]
#[derive(Copy)]
pub enum Activity {
    /// Depositing revenue. Reports, closes and claims are never paused.
    Deposits,
}

noderev_components::coded!(Activity {
    Deposits = 0 "deposits"
});

/// A role that the owner fills.
#[cw_serde]
#[derive(Copy)]
pub enum Role {
    /// May pause.
    Guardian,
    /// Receives what is not the network's share.
    Treasury,
    /// Rules on appeals and challenges.
    Arbiter,
}

// The arbiter is kept by epoch, not among the roles.
noderev_components::coded!(Role {
    Guardian = 0 "guardian",
    Treasury = 1 "treasury",
    Arbiter = 255 "arbiter"
});

/// Messages. Only `deposit_revenue` takes coins.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ExecuteMsg {
    /// Anyone: the one coin sent is gross revenue, spread in equal parts over `over` epochs from
    /// the running one, the odd units in the last.
    DepositRevenue {
        /// 1 ..= 366.
        over: u32,
        /// Who paid, such as a customer; 1 ..= 256 bytes.
        source: String,
        /// Invoice hash or URI; 1 ..= 256 bytes. A source and reference can be used once.
        reference: String,
    },
    /// A cw20 token's `Send` with a [`ReceiveMsg`].
    Receive(Cw20ReceiveMsg),
    /// Attester: who ran in an ended epoch. Replaces his earlier report, until all have reported or
    /// the window is over.
    Report {
        /// The epoch.
        epoch: Epoch,
        /// Bit i: key i + 1 ran; least significant bit first, exactly ceil(keys / 8) bytes.
        bitmap: Binary,
        /// Hash of the evidence, 32 bytes.
        evidence: Binary,
    },
    /// Anyone: closes the oldest epoch, which must be due.
    CloseEpoch {
        /// The oldest epoch that is not closed.
        epoch: Epoch,
    },
    /// Anyone: writes per-key totals of a block of epochs, one page a call. Makes later claims
    /// cheaper; never needed for a correct one.
    Roll {},
    /// Arbiter: rules on disputed keys of a closed epoch, before the deadline.
    Rule {
        /// The epoch.
        epoch: Epoch,
        /// Disputed keys, none twice.
        keys: Vec<KeyId>,
        /// Whether the appeal or challenge is right.
        upheld: bool,
    },
    /// Anyone: after the deadline, lets the attesters' result stand for keys without a ruling.
    Resolve {
        /// The epoch.
        epoch: Epoch,
        /// Disputed keys, none twice.
        keys: Vec<KeyId>,
    },
    /// Settles keys and pool stake and pays everything owed in all roles. Anyone may trigger it for
    /// an account; the money goes to that account or its payee. Answers a [`ClaimSummary`].
    Claim {
        /// Whose; the sender's, if none.
        account: Option<String>,
        /// Keys that he owns or owned, none twice, at most 100; an empty list: none of them, only the
        /// pool stake and what is owed already, for half the gas; none: the next page of all.
        keys: Option<Vec<KeyId>>,
        /// Currencies to pay; all, if none. The others stay owed.
        denoms: Option<Vec<Denom>>,
        /// Where to, instead of the payee; only for the sender's own.
        to: Option<String>,
    },
    /// Settles without paying: no transfer.
    Settle {
        /// Whose; the sender's, if none.
        account: Option<String>,
        /// As in `claim`.
        keys: Option<Vec<KeyId>>,
    },
    /// Settles, and puts all QST owed to the sender into his pool stake.
    Compound {
        /// As in `claim`.
        keys: Option<Vec<KeyId>>,
    },
    /// Sends the sender's future payouts elsewhere; none: to himself.
    SetPayee {
        /// Where to.
        payee: Option<String>,
    },
    /// Whether others may only settle for the sender, not trigger payouts.
    SetClaimPolicy {
        /// If true, only he may.
        self_claim_only: bool,
    },
    /// Owner: adds a currency of revenue. None can be removed.
    AddDenom {
        /// The currency.
        denom: DenomInfo,
    },
    /// Owner: queues parameters.
    QueueParams {
        /// All of them.
        params: Params,
    },
    /// Owner: drops the queued parameters.
    CancelParams {},
    /// Owner: fills a role; none empties it (only the guardian's). A new arbiter takes office with
    /// seven epochs' notice and rules on epochs from then on.
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

/// What to do with cw20 tokens sent to the distributor.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ReceiveMsg {
    /// As the message of that name, with the tokens sent.
    DepositRevenue {
        /// 1 ..= 366.
        over: u32,
        /// Who paid; 1 ..= 256 bytes.
        source: String,
        /// Invoice hash or URI; 1 ..= 256 bytes.
        reference: String,
    },
    /// QST, the bond times the number of keys: whoever would be paid for the keys, or their
    /// operator, says that they ran.
    Appeal {
        /// An epoch whose result is fixed and can be disputed.
        epoch: Epoch,
        /// Keys judged not running, none twice.
        keys: Vec<KeyId>,
    },
    /// QST, the bond times the number of keys: anyone says that the keys did not run.
    Challenge {
        /// An epoch whose result is fixed and can be disputed.
        epoch: Epoch,
        /// Keys judged running, none twice.
        keys: Vec<KeyId>,
    },
}

/// Queries.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Addresses, currencies, clock and limits.
    #[returns(ConfigResponse)]
    Config {},
    /// The network at a glance.
    #[returns(NetworkResponse)]
    Network {},
    /// Closed epochs, newest first.
    #[returns(EpochsResponse)]
    Epochs {
        /// Last epoch of the page before.
        start_after: Option<Epoch>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// What is owed to an account and where it goes.
    #[returns(AccountResponse)]
    Account {
        /// Whose.
        account: String,
        /// Where the page of keys before ended.
        start_after: Option<KeyCursor>,
        /// Keys on this page, 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// What a claim by this account would pay now.
    #[returns(PreviewClaimResponse)]
    PreviewClaim {
        /// Whose.
        account: String,
        /// As in `claim`.
        keys: Option<Vec<KeyId>>,
    },
    /// Keys by number or owner, with their last 64 epochs.
    #[returns(KeysResponse)]
    Keys {
        /// These keys, at most 100.
        ids: Option<Vec<KeyId>>,
        /// Or this owner's.
        owner: Option<String>,
        /// Last key of the page before.
        start_after: Option<KeyId>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// What a key earned, epoch by epoch, newest first.
    #[returns(KeyHistoryResponse)]
    KeyHistory {
        /// The key.
        key: KeyId,
        /// Last epoch of the page before.
        start_after: Option<Epoch>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// What the pool earned, epoch by epoch, newest first.
    #[returns(PoolHistoryResponse)]
    PoolHistory {
        /// Whose part to answer beside it.
        account: Option<String>,
        /// Last epoch of the page before.
        start_after: Option<Epoch>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// What an account earned with some of its keys and with its pool stake, newest epoch first.
    #[returns(AccountHistoryResponse)]
    AccountHistory {
        /// Whose.
        account: String,
        /// Keys that he owns or owned, at most 30; the first 30 that he owns, if none.
        keys: Option<Vec<KeyId>>,
        /// Last epoch of the page before.
        start_after: Option<Epoch>,
        /// 10 by default, at most 30.
        limit: Option<u32>,
    },
    /// Payouts to an account, newest first.
    #[returns(ReceiptsResponse)]
    Receipts {
        /// Whose.
        account: String,
        /// Number of the last receipt of the page before.
        start_after: Option<u64>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Why a key got what it got in an epoch.
    #[returns(ExplainResponse)]
    Explain {
        /// The key.
        key: KeyId,
        /// The epoch.
        epoch: Epoch,
    },
    /// What an epoch with these figures would pay.
    #[returns(SimulateResponse)]
    Simulate {
        /// Gross revenue, smallest units.
        revenue: Uint128,
        /// Running nodes.
        running: u32,
        /// Unstaked ones among them.
        unstaked: u32,
        /// Pool stake, QST units.
        pool_stake: Uint128,
        /// The asker's part of it.
        my_stake: Uint128,
    },
    /// How the attesters reported in the last 64 closed epochs.
    #[returns(AttestersResponse)]
    Attesters {},
    /// All reports on an epoch and their result.
    #[returns(EvidenceResponse)]
    Evidence {
        /// The epoch.
        epoch: Epoch,
    },
    /// Deposits of revenue, newest first.
    #[returns(DepositsResponse)]
    Deposits {
        /// Number of the last deposit of the page before.
        start_after: Option<u64>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Appeals and challenges of an epoch, by key.
    #[returns(DisputesResponse)]
    Disputes {
        /// The epoch.
        epoch: Epoch,
        /// Last key of the page before.
        start_after: Option<KeyId>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// What anybody may do now.
    #[returns(DueResponse)]
    Due {},
    /// Per currency: where every unit is.
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
    /// The staking vault.
    pub vault: Addr,
    /// Currencies of revenue.
    pub denoms: Vec<DenomInfo>,
    /// Who may migrate the code; none if nobody.
    pub admin: Option<Addr>,
    /// Most keys in one message.
    pub max_batch: u32,
    /// Keys that a claim settles if it names none.
    pub claim_page: u32,
}

/// Answer to `network`.
#[cw_serde]
pub struct NetworkResponse {
    /// The running epoch.
    pub epoch: Epoch,
    /// When it began.
    pub start: Timestamp,
    /// When it ends.
    pub end: Timestamp,
    /// The oldest epoch that is not closed.
    pub next_close: Epoch,
    /// Where that one stands.
    pub step: EpochStep,
    /// Keys now.
    pub issued: u32,
    /// How many there can be.
    pub cap: u32,
    /// Product F of the factors of all splits in force.
    pub factor: u32,
    /// Stake of a node, and pool stake per unstaked node, QST units.
    pub requirement: Uint128,
    /// The last closed epoch.
    pub last: Option<EpochInfo>,
    /// Pool stake over what it should have been in the last closed epoch, basis points rounded
    /// down; none if no unstaked node ran.
    pub funding: Option<Uint64>,
    /// Whether deposits are paused.
    pub paused: bool,
    /// When this was true.
    pub as_of: AsOf,
}

/// A closed epoch.
#[cw_serde]
pub struct EpochInfo {
    /// Its number.
    pub epoch: Epoch,
    /// When it began.
    pub start: Timestamp,
    /// When it ended.
    pub end: Timestamp,
    /// When it was closed.
    pub closed: Timestamp,
    /// Keys at its end.
    pub keys: u32,
    /// Whether at least M attesters reported.
    pub quorum: bool,
    /// N: running and held nodes.
    pub running: u32,
    /// Held nodes among them.
    pub held: u32,
    /// U: running, unstaked, not held.
    pub unstaked: u32,
    /// S: pool stake that counted, QST units.
    pub pool_stake: Uint128,
    /// Pool stake per unstaked node for a fully funded pool, QST units.
    pub requirement: Uint128,
    /// Number of the parameters.
    pub params_version: u32,
    /// Per currency that the contract knew then.
    pub money: Vec<EpochMoney>,
}

/// One currency of a closed epoch.
#[cw_serde]
pub struct EpochMoney {
    /// The currency.
    pub denom: Denom,
    /// Gross revenue of the epoch.
    pub revenue: Uint128,
    /// The network's share of it.
    pub network: Uint128,
    /// The rest of it: the treasury's.
    pub treasury: Uint128,
    /// Carried in from before.
    pub carry_in: Uint128,
    /// Moved in from the drip.
    pub drip_in: Uint128,
    /// What was shared: network + carry_in + drip_in; 0 if nobody was paid.
    pub pot: Uint128,
    /// p: a node's equal part.
    pub per_node: Uint128,
    /// d: an unstaked node's part of it.
    pub unstaked: Uint128,
    /// r: what an underfunded pool left, per node that shares it.
    pub remainder: Uint128,
    /// What a staked running node got.
    pub staked_rate: Uint128,
    /// What an unstaked running node got.
    pub unstaked_rate: Uint128,
    /// The pool's part.
    pub pool: Uint128,
    /// Set aside for held nodes.
    pub held: Uint128,
    /// Carried on, to the next pot.
    pub carry_out: Uint128,
    /// Moved into the drip, because nobody could be paid.
    pub drip_out: Uint128,
}

/// Answer to `epochs`.
#[cw_serde]
pub struct EpochsResponse {
    /// Newest first.
    pub epochs: Vec<EpochInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Where a page of an account's keys ended: first those that he owns, then those that he owned.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum KeyCursor {
    /// Among former keys.
    Former {
        /// The epoch in which it changed hands.
        until: Epoch,
        /// The key.
        key: KeyId,
    },
    /// Among present keys.
    Present {
        /// The key.
        key: KeyId,
    },
}

/// Answer to `account`.
#[cw_serde]
pub struct AccountResponse {
    /// Who receives this account's money.
    pub payee: Addr,
    /// Whether only the account itself may trigger payouts.
    pub self_claim_only: bool,
    /// What claims of the keys on this page would pay, per role and currency; what is not earned by
    /// keys stands on the first page only.
    pub claimable: Vec<RoleAmount>,
    /// The keys on this page, those that he owned and has not been paid for among them.
    pub keys: Vec<ClaimableKey>,
    /// Where the next page begins; none at the end.
    pub next: Option<KeyCursor>,
    /// The latest receipts, at most 10.
    pub receipts: Vec<ReceiptInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// What a key has earned for an account and not been paid.
#[cw_serde]
pub struct ClaimableKey {
    /// The key.
    pub key: KeyId,
    /// Whether the account owns it now.
    pub owned: bool,
    /// The first epoch that is not settled.
    pub settled: Epoch,
    /// Ended epochs of this account that are not closed: what they earn follows.
    pub unclosed: u32,
    /// Earned in closed epochs.
    pub amounts: Vec<Amount>,
}

/// Answer to `preview_claim`.
#[cw_serde]
pub struct PreviewClaimResponse {
    /// What would be paid, per role and currency.
    pub amounts: Vec<RoleAmount>,
    /// What it would answer.
    pub summary: ClaimSummary,
}

/// Answer to `keys`.
#[cw_serde]
pub struct KeysResponse {
    /// The keys.
    pub keys: Vec<KeyInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A key as the distributor sees it.
#[cw_serde]
pub struct KeyInfo {
    /// The key.
    pub key: KeyId,
    /// Its owner.
    pub owner: Addr,
    /// The identifier typed into the node software.
    pub node_id: String,
    /// Whether it counts as staked in the running epoch.
    pub staked: bool,
    /// Whether it will in the next.
    pub staked_next: bool,
    /// Earned by its present owner and not settled.
    pub claimable: Vec<Amount>,
    /// Bit i: ran in the (i + 1)th last closed epoch, 64 of them, as a decimal string.
    pub ran: Uint64,
    /// Bit i: staked in the (i + 1)th last closed epoch.
    pub was_staked: Uint64,
    /// Epochs of the last 64 in which it was disputed.
    pub disputes: Vec<Epoch>,
}

/// Why a key got what it got.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum Reason {
    /// The epoch is not closed.
    NotClosed,
    /// The key did not exist.
    NotIssued,
    /// Fewer than M attesters reported: nobody was paid.
    NoQuorum,
    /// It was judged not running.
    NotRunning,
    /// It was disputed.
    Held,
    /// It ran, staked.
    Staked,
    /// It ran, unstaked.
    Unstaked,
}

/// A key in one epoch.
#[cw_serde]
pub struct KeyEpoch {
    /// The epoch.
    pub epoch: Epoch,
    /// Whose the reward is.
    pub owner: Option<Addr>,
    /// Why it is what it is.
    pub reason: Reason,
    /// What it is; for a disputed key what the ruling gave it.
    pub amounts: Vec<Amount>,
}

/// Answer to `key_history`.
#[cw_serde]
pub struct KeyHistoryResponse {
    /// Newest first.
    pub epochs: Vec<KeyEpoch>,
    /// When this was true.
    pub as_of: AsOf,
}

/// The pool in one epoch.
#[cw_serde]
pub struct PoolEpoch {
    /// The epoch.
    pub epoch: Epoch,
    /// S: stake that counted, QST units.
    pub counted: Uint128,
    /// What would have been full funding, QST units.
    pub required: Uint128,
    /// The pool's part, shared by those who counted.
    pub rewards: Vec<Amount>,
    /// What 1,000 QST earned, rounded down.
    pub per_thousand: Vec<Amount>,
    /// What the account had in the pool.
    pub my_stake: Uint128,
    /// What that earned, rounded down; fractions are kept and join later rewards.
    pub mine: Vec<Amount>,
    /// What one unit of stake earned, exactly: sums of stake times rate give the paid amounts.
    pub rates: Vec<PoolRate>,
}

/// What one unit of pool stake earned in an epoch.
#[cw_serde]
pub struct PoolRate {
    /// The currency.
    pub denom: Denom,
    /// In 10^-18 smallest units.
    pub rate: Uint256,
}

/// Answer to `pool_history`.
#[cw_serde]
pub struct PoolHistoryResponse {
    /// Newest first.
    pub epochs: Vec<PoolEpoch>,
    /// When this was true.
    pub as_of: AsOf,
}

/// An account in one epoch.
#[cw_serde]
pub struct AccountEpoch {
    /// The epoch.
    pub epoch: Epoch,
    /// Of the keys asked for, how many it was paid for.
    pub keys: u32,
    /// What they earned it.
    pub nodes: Vec<Amount>,
    /// What its pool stake earned it, rounded down.
    pub pool: Vec<Amount>,
}

/// Answer to `account_history`.
#[cw_serde]
pub struct AccountHistoryResponse {
    /// Newest first.
    pub epochs: Vec<AccountEpoch>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `explain`: every step from the pot to the amount.
#[cw_serde]
pub struct ExplainResponse {
    /// The key.
    pub key: KeyId,
    /// The epoch.
    pub epoch: Epoch,
    /// Whose the reward is.
    pub owner: Option<Addr>,
    /// Why it is what it is.
    pub reason: Reason,
    /// The closed epoch's figures; none if it is not closed.
    pub figures: Option<EpochInfo>,
    /// Whether the node counted as staked.
    pub staked: bool,
    /// The dispute, if there was one.
    pub dispute: Option<DisputeInfo>,
    /// What it got.
    pub amounts: Vec<Amount>,
    /// The steps in words and numbers.
    pub steps: Vec<String>,
}

/// Answer to `simulate`.
#[cw_serde]
pub struct SimulateResponse {
    /// The network's share.
    pub network: Uint128,
    /// p: a node's equal part.
    pub per_node: Uint128,
    /// What a staked node would get.
    pub staked: Uint128,
    /// What an unstaked node would get.
    pub unstaked: Uint128,
    /// The pool's part.
    pub pool: Uint128,
    /// What `my_stake` would get of it, rounded down.
    pub mine: Uint128,
    /// What would be carried on.
    pub carry: Uint128,
}

/// What is disputed.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum DisputeKind {
    /// Judged not running; somebody says that it ran.
    Appeal,
    /// Judged running; somebody says that it did not.
    Challenge,
}

/// How a dispute ended.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum DisputeOutcome {
    /// It has not.
    Open,
    /// The appeal or challenge was right.
    Upheld,
    /// It was wrong.
    Rejected,
    /// No ruling by the deadline: the attesters' result stands.
    NoRuling,
}

/// One disputed key.
#[cw_serde]
pub struct DisputeInfo {
    /// The key.
    pub key: KeyId,
    /// What is disputed.
    pub kind: DisputeKind,
    /// Who disputes.
    pub by: Addr,
    /// His bond, QST units.
    pub bond: Uint128,
    /// How it ended.
    pub outcome: DisputeOutcome,
    /// When the arbiter's time is over; none before the epoch's close.
    pub deadline: Option<Timestamp>,
}

/// Answer to `disputes`.
#[cw_serde]
pub struct DisputesResponse {
    /// By key.
    pub disputes: Vec<DisputeInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Migration from an earlier version; the stored name must match and the version must be older.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct MigrateMsg {}
