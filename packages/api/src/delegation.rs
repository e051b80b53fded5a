//! delegation: Quintessence from staked NFTs, Delegation IDs, validators, and the daily mint.

use cosmwasm_schema::{cw_serde, QueryResponses};
use cosmwasm_std::{Addr, Binary, Timestamp, Uint128, Uint256};
use cw20::Cw20ReceiveMsg;
use cw721::receiver::Cw721ReceiveMsg;
use noderev_components::{AsOf, Epoch, EvidenceRules, Packed, Reader, StdResult};
use noderev_economics::Bps;

// Types that only `#[returns]` names are unused where the schema is not built, in wasm.
#[cfg_attr(target_arch = "wasm32", allow(unused_imports))]
use crate::common::{
    AttestersResponse, Clock, DepositsResponse, DueResponse, EpochStep, EvidenceResponse,
    ParamsAtResponse, PausedResponse, QueuedParamsResponse, ReceiptInfo, ReceiptsResponse,
    RoleAmount, RolesResponse, SolvencyResponse,
};

pub use crate::common::ClaimSummary;

/// Most NFTs, members or validators in one message.
pub const MAX_BATCH: usize = 30;
/// Most delegations in one claim, named or not.
pub const CLAIM_PAGE: usize = 40;
/// Most delegations there can ever be.
pub const MAX_DELEGATIONS: u16 = 8_192;
/// Most validators that are assigned at a time, which is the most bits of a report.
pub const MAX_SEATS: u16 = 4_096;
/// Most groups of NFTs of one account: one per delegation that it has joined, and one undelegated.
pub const MAX_POSITIONS: usize = 32;
/// Most collections.
pub const MAX_COLLECTIONS: usize = 32;
/// Most classes of one collection.
pub const MAX_CLASSES: usize = 32;
/// Most entries of the mint's schedule.
pub const MAX_MINTS: usize = 64;
/// Longest token id, bytes.
pub const MAX_TOKEN_ID: usize = 128;

/// A Delegation ID: 1, 2, ... in order of creation.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord, Hash)]
#[serde(transparent)]
pub struct DelegationId(pub u16);

/// A validator's number: 1, 2, ... in order of registration.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord, Hash)]
#[serde(transparent)]
pub struct ValidatorId(pub u32);

macro_rules! number {
    ($($name:ident),*) => {$(
        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl Packed for $name {
            fn pack(&self, out: &mut Vec<u8>) {
                self.0.pack(out);
            }
            fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
                Packed::unpack(input).map(Self)
            }
        }
    )*};
}
number!(DelegationId, ValidatorId);

/// Creates the contract. The token must exist and name this contract as its minter; epoch 0 must be
/// running.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct InstantiateMsg {
    /// Governance: queues parameters and collections, fills roles. Two-step transfer.
    pub owner: String,
    /// May pause staking and injections for a limited time, beside the owner.
    pub guardian: Option<String>,
    /// The epoch clock. For a mint at 06:00 UTC: a start at some 06:00:00 UTC, length 86,400.
    pub clock: Clock,
    /// The cw20 token that is minted and injected.
    pub token: String,
    /// Collections whose NFTs can be staked from the beginning.
    pub collections: Vec<Collection>,
    /// Parameters of epoch 0.
    pub params: Params,
}

/// Parameters, changed with seven epochs' notice.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Params {
    /// Quintessence per validator slot, 1 ..= 10^12; 20,000 in the seed's network.
    pub slot_size: Uint128,
    /// Own Quintessence that a new delegation needs, and must keep, 1 ..= 10^12; 10,000 in the
    /// seed's network. A raise concerns new delegations only.
    pub own_quintessence: Uint128,
    /// Seconds between the boundary at which an NFT leaves and its return, 0 ..= 2,592,000 (30
    /// days).
    pub unbonding_period: u64,
    /// What is minted per epoch, at most 64 entries, by ascending epoch; nothing before the first.
    pub schedule: Vec<Mint>,
    /// Who says which validators are eligible.
    pub evidence: EvidenceRules,
}

/// An entry of the schedule.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Mint {
    /// First epoch with this amount.
    pub from: Epoch,
    /// Units per epoch, 0 ..= 10^30.
    pub amount: Uint128,
}

/// What NFTs of a collection weigh.
#[cw_serde]
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// The cw721 contract.
    pub collection: String,
    /// Quintessence of an NFT in none of the classes, 0 ..= 10^12; with 0 such NFTs are refused.
    pub weight: Uint128,
    /// Classes, at most 32; the first one that a token id fits counts.
    pub classes: Vec<Class>,
}

/// A class of NFTs within a collection.
#[cw_serde]
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct Class {
    /// Its name, 1 ..= 32 bytes.
    pub name: String,
    /// Which NFTs.
    pub tokens: TokenRule,
    /// Quintessence of each, 0 ..= 10^12; with 0 they are refused.
    pub weight: Uint128,
}

/// Which token ids belong to a class.
#[cw_serde]
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub enum TokenRule {
    /// Numbers, in decimal digits without leading zeros, from the first to the last.
    Range {
        /// The first.
        first: u64,
        /// The last.
        last: u64,
    },
    /// Ids that begin with this text, 1 ..= 64 bytes.
    Prefix {
        /// The text.
        prefix: String,
    },
}

/// One NFT.
#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
pub struct Nft {
    /// Its collection.
    pub collection: String,
    /// Its id there.
    pub token_id: String,
}

/// Who may join a delegation, beside its owner.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum Joining {
    /// Anyone.
    Open,
    /// Accounts that the owner has approved.
    Approval,
    /// Nobody.
    Closed,
}

/// How a delegation presents itself.
#[cw_serde]
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct Metadata {
    /// Name, 1 ..= 64 bytes.
    pub name: String,
    /// Web page; at most 256 bytes.
    pub url: String,
    /// Anything else; at most 512 bytes.
    pub description: String,
}

/// What the owner or guardian may pause.
#[cw_serde]
#[derive(Copy)]
pub enum Activity {
    /// Staking NFTs, creating and joining delegations. Leaving is never paused.
    Staking,
    /// Injecting. Reports, advances and claims are never paused.
    Injections,
}

noderev_components::coded!(Activity {
    Staking = 0 "staking",
    Injections = 1 "injections"
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

/// Messages. None of them takes coins.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ExecuteMsg {
    /// An allowed collection's `SendNft` with a [`NftHook`]: stakes the NFT for whoever sent it (for
    /// an NFT sent by an approved operator that is the operator).
    ReceiveNft(Cw721ReceiveMsg),
    /// Stakes the sender's NFTs, which he has approved this contract to move (`approve_all`).
    StakeNfts {
        /// An allowed collection.
        collection: String,
        /// 1 ..= 30 of its NFTs, none twice.
        token_ids: Vec<String>,
        /// The delegation to join; none: undelegated.
        delegation: Option<DelegationId>,
    },
    /// Moves the sender's staked NFTs to another delegation at the next boundary, or out of any.
    MoveNfts {
        /// 1 ..= 30 NFTs, none twice, none on its way out.
        nfts: Vec<Nft>,
        /// Where to; none: undelegated.
        delegation: Option<DelegationId>,
    },
    /// The sender's NFTs stop counting at the next boundary and can be withdrawn after it and the
    /// unbonding period.
    UnstakeNfts {
        /// 1 ..= 30 NFTs, none twice.
        nfts: Vec<Nft>,
    },
    /// Anyone: returns unstaked NFTs to their stakers. One that its collection does not give back
    /// stays recorded, the others return.
    WithdrawNfts {
        /// 1 ..= 30 NFTs, none twice.
        nfts: Vec<Nft>,
    },
    /// Owner: gives back an NFT that came by a plain transfer, so that nobody has staked it. To whom
    /// it belongs stands in the chain's history, which a contract cannot read.
    ReturnStray {
        /// The NFT.
        nft: Nft,
        /// Who sent it.
        to: String,
    },
    /// Creates the sender's delegation, one per account. All his undelegated NFTs join it at the
    /// next boundary; they must weigh enough, and count now.
    CreateDelegation {
        /// How it presents itself.
        metadata: Metadata,
        /// What the owner keeps of its rewards, 0 ..= 1,000 basis points.
        commission: Bps,
        /// Who may join.
        joining: Joining,
        /// Quintessence that a member must have in it after joining; 0: any.
        minimum: Uint128,
    },
    /// Changes the sender's delegation; none: as it is. Concerns who joins later.
    UpdateDelegation {
        /// How it presents itself.
        metadata: Option<Metadata>,
        /// Who may join.
        joining: Option<Joining>,
        /// Quintessence that a member must have in it after joining.
        minimum: Option<Uint128>,
    },
    /// Changes the commission of the sender's delegation: down at the next boundary, up (at most 2
    /// points, one rise at a time) with seven epochs' notice. The rate in force, or less, also drops
    /// a rise that waits.
    SetCommission {
        /// The new rate.
        commission: Bps,
    },
    /// Proposes a new owner of the sender's delegation; none takes the proposal back.
    TransferDelegation {
        /// Who must accept.
        to: Option<String>,
    },
    /// The proposed owner takes a delegation over from the next boundary on. He must own none, and
    /// have in it what its owner must have; he may join it for that, whoever else may.
    AcceptDelegation {
        /// Which.
        delegation: DelegationId,
    },
    /// Asks the owner for approval to join. Only seen by the owner; joining is a message of its own.
    RequestApproval {
        /// The delegation.
        delegation: DelegationId,
    },
    /// The sender, owner of a delegation, approves accounts for joining it, or takes approval back.
    ApproveMembers {
        /// 1 ..= 30 accounts, none twice.
        accounts: Vec<String>,
        /// Whether they may join.
        approved: bool,
    },
    /// The sender, owner of a delegation, releases members: at the next boundary all their NFTs in
    /// it become undelegated. Their approval ends.
    ReleaseMembers {
        /// 1 ..= 30 members, none twice, not the owner.
        accounts: Vec<String>,
    },
    /// Registers a validator; the sender is its operator.
    RegisterValidator {
        /// What identifies the server, such as its public key; 1 ..= 128 bytes.
        node: String,
    },
    /// Operator: asks a delegation's owner to take a validator, which moves there at the next
    /// boundary after his consent (at once if the operator owns it); none: takes it out of any, and
    /// a request back.
    AssignValidator {
        /// The validator.
        validator: ValidatorId,
        /// Which delegation.
        delegation: Option<DelegationId>,
    },
    /// The sender, owner of a delegation, takes validators that ask for it.
    AcceptValidators {
        /// 1 ..= 30 validators, none twice.
        validators: Vec<ValidatorId>,
    },
    /// The sender, owner of a delegation, sends validators away at the next boundary, or declines
    /// what they ask.
    RemoveValidators {
        /// 1 ..= 30 validators, none twice.
        validators: Vec<ValidatorId>,
    },
    /// Anyone: sends validators of a delegation away at the next boundary, as far as it has more than
    /// 2 * slots + 2, or any if it is dormant.
    EvictValidators {
        /// The delegation.
        delegation: DelegationId,
        /// 1 ..= 30 validators, none twice.
        validators: Vec<ValidatorId>,
    },
    /// A cw20 token's `Send` with a [`ReceiveMsg`].
    Receive(Cw20ReceiveMsg),
    /// Attester: which validators were eligible in an ended epoch. Replaces his earlier report,
    /// until all have reported or the window is over.
    Report {
        /// The epoch.
        epoch: Epoch,
        /// Bit i: the validator in seat i was eligible; least significant bit first, exactly
        /// ceil(seats / 8) bytes.
        bitmap: Binary,
        /// Hash of the evidence, 32 bytes.
        evidence: Binary,
    },
    /// Anyone: closes the oldest epoch, which must be due, and mints for it.
    Advance {
        /// The oldest epoch that is not closed.
        epoch: Epoch,
    },
    /// Anyone: mints what the token refused to mint before.
    RetryMint {},
    /// Anyone: brings a delegation's index up to date, as claims of its members do.
    SettleDelegation {
        /// Which.
        delegation: DelegationId,
    },
    /// Settles memberships and commission and pays everything owed. Anyone may trigger it for an
    /// account; the money goes to that account or its payee. Answers a [`ClaimSummary`].
    Claim {
        /// Whose; the sender's, if none.
        account: Option<String>,
        /// Delegations that he is or was in, or owns or owned, none twice, at most 40; none: all, as
        /// far as one message can.
        delegations: Option<Vec<DelegationId>>,
        /// Where to, instead of the payee; only for the sender's own.
        to: Option<String>,
    },
    /// Settles without paying: no transfer.
    Settle {
        /// Whose; the sender's, if none.
        account: Option<String>,
        /// As in `claim`.
        delegations: Option<Vec<DelegationId>>,
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
    /// Links the sender to a client of the Hub, whose key signs [`link_bytes`]. Replaces an earlier
    /// link.
    LinkClient {
        /// The client's id, 1 ..= 64 bytes.
        client_id: String,
        /// The client's secp256k1 key, 33 bytes (compressed).
        public_key: Binary,
        /// Signature over the SHA-256 of [`link_bytes`], 64 bytes (r and s).
        signature: Binary,
    },
    /// Ends the sender's link.
    UnlinkClient {},
    /// Owner: queues what NFTs of a collection weigh when staked from the eighth epoch on. NFTs that
    /// are staked keep their weight.
    SetCollection {
        /// All of it; weight 0 and no classes: no further NFTs.
        collection: Collection,
    },
    /// Owner: drops a change of a collection that waits.
    CancelCollection {
        /// Which.
        collection: String,
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
    /// Two-step ownership of the contract.
    UpdateOwnership(cw_ownable::Action),
}

/// What to do with an NFT sent to this contract.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum NftHook {
    /// Stake it.
    Stake {
        /// The delegation to join; none: undelegated.
        delegation: Option<DelegationId>,
    },
}

/// What to do with tokens sent to this contract.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum ReceiveMsg {
    /// Anyone: adds to the pools of `over` epochs from the running one, in equal parts, the odd
    /// units in the last.
    Inject {
        /// 1 ..= 366.
        over: u32,
        /// Who gives; 1 ..= 256 bytes.
        source: String,
        /// Hash or URI; 1 ..= 256 bytes. A source and reference can be used once.
        reference: String,
    },
}

/// What a client's key signs to link an account, before hashing: a domain, then chain id, contract,
/// account and client id, each with its length in two bytes before it, big-endian, and the number of
/// links that the account has made before, in eight bytes. So a signature is good for one link only.
pub fn link_bytes(
    chain_id: &str,
    contract: &str,
    account: &str,
    client_id: &str,
    links_before: u64,
) -> Vec<u8> {
    let mut bytes = b"noderev delegation link_client 1\n".to_vec();
    for part in [chain_id, contract, account, client_id] {
        let len = u16::try_from(part.len()).unwrap_or(u16::MAX);
        bytes.extend_from_slice(&len.to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(&links_before.to_be_bytes());
    bytes
}

/// Queries.
#[cw_serde]
#[serde(deny_unknown_fields)]
#[derive(QueryResponses)]
pub enum QueryMsg {
    /// Addresses, clock and limits.
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
    /// Delegations by number.
    #[returns(DelegationsResponse)]
    Delegations {
        /// Last delegation of the page before.
        start_after: Option<DelegationId>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// One delegation with everything that a front end shows of it.
    #[returns(DelegationResponse)]
    Delegation {
        /// Which.
        delegation: DelegationId,
    },
    /// Members of a delegation by account, former ones included.
    #[returns(MembersResponse)]
    Members {
        /// Which.
        delegation: DelegationId,
        /// Last account of the page before.
        start_after: Option<String>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Accounts that asked for approval, or have it.
    #[returns(ApprovalsResponse)]
    Approvals {
        /// Which delegation.
        delegation: DelegationId,
        /// Last account of the page before.
        start_after: Option<String>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// An account over all delegations: what it has, earns and is owed.
    #[returns(MemberResponse)]
    Member {
        /// Whose.
        account: String,
    },
    /// Staked NFTs of an account, by collection and token id.
    #[returns(NftsResponse)]
    Nfts {
        /// Whose.
        account: String,
        /// Last NFT of the page before.
        start_after: Option<Nft>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Whether and by whom an NFT is staked.
    #[returns(NftResponse)]
    Nft {
        /// Which.
        nft: Nft,
    },
    /// Collections, what their NFTs weigh now, and changes that wait.
    #[returns(CollectionsResponse)]
    Collections {},
    /// What NFTs would weigh if they were staked now.
    #[returns(PreviewStakeResponse)]
    PreviewStake {
        /// Their collection.
        collection: String,
        /// At most 100.
        token_ids: Vec<String>,
    },
    /// What joining a delegation would change, by the figures of the last closed epoch.
    #[returns(PreviewJoinResponse)]
    PreviewJoin {
        /// Which.
        delegation: DelegationId,
        /// How much would join.
        quintessence: Uint128,
        /// Who; without, only the delegation's own rules are looked at.
        account: Option<String>,
    },
    /// What a claim by this account would pay now.
    #[returns(PreviewClaimResponse)]
    PreviewClaim {
        /// Whose.
        account: String,
        /// As in `claim`.
        delegations: Option<Vec<DelegationId>>,
    },
    /// Validators of a delegation, or all, by number.
    #[returns(ValidatorsResponse)]
    Validators {
        /// Those of this delegation, and those that ask for it.
        delegation: Option<DelegationId>,
        /// Last validator of the page before.
        start_after: Option<ValidatorId>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// A delegation epoch by epoch, newest first, and a member's part in it.
    #[returns(HistoryResponse)]
    History {
        /// Which.
        delegation: DelegationId,
        /// Whose part to answer beside it.
        member: Option<String>,
        /// Last epoch of the page before.
        start_after: Option<Epoch>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Why a member got what it got of a delegation's reward in an epoch.
    #[returns(ExplainResponse)]
    Explain {
        /// Which delegation.
        delegation: DelegationId,
        /// Whose part.
        member: String,
        /// The epoch.
        epoch: Epoch,
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
    /// How the attesters reported in the last 64 closed epochs.
    #[returns(AttestersResponse)]
    Attesters {},
    /// All reports on an epoch and their result.
    #[returns(EvidenceResponse)]
    Evidence {
        /// The epoch.
        epoch: Epoch,
    },
    /// Which validator of which delegation has which bit in an epoch's reports.
    #[returns(SeatsResponse)]
    Seats {
        /// The epoch.
        epoch: Epoch,
        /// Last seat of the page before.
        start_after: Option<u16>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// Injections, newest first.
    #[returns(DepositsResponse)]
    Injections {
        /// Number of the last injection of the page before.
        start_after: Option<u64>,
        /// 30 by default, at most 100.
        limit: Option<u32>,
    },
    /// An account's link to a client of the Hub.
    #[returns(LinkResponse)]
    Link {
        /// Whose.
        account: String,
    },
    /// What anybody may do now.
    #[returns(DueResponse)]
    Due {},
    /// Where every unit is.
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
    /// The token that is minted and injected.
    pub token: Addr,
    /// Decimals of its amounts.
    pub token_decimals: u8,
    /// The first epoch that is closed: the one in which the contract was created.
    pub first: Epoch,
    /// Who may migrate the code; none if nobody.
    pub admin: Option<Addr>,
    /// Most NFTs, members or validators in one message.
    pub max_batch: u32,
    /// Most delegations in one claim.
    pub claim_page: u32,
    /// Most delegations there can ever be.
    pub max_delegations: u16,
    /// Most validators that are assigned at a time.
    pub max_seats: u16,
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
    /// All Quintessence that counts in the running epoch.
    pub total: Uint128,
    /// All Quintessence that will count in the next, as far as known now.
    pub total_next: Uint128,
    /// Number of delegations.
    pub delegations: u16,
    /// Number of validators that are registered.
    pub validators: u32,
    /// Number of seats, which is the number of bits of a report on the running epoch.
    pub seats: u16,
    /// What the schedule mints for the running epoch.
    pub mint: Uint128,
    /// What was minted for all closed epochs, `mint_owed` not included.
    pub minted: Uint128,
    /// Earned, but refused by the token so far: `retry_mint` makes up for it.
    pub mint_owed: Uint128,
    /// The last closed epoch.
    pub last: Option<EpochInfo>,
    /// Activities that are paused.
    pub paused: Vec<String>,
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
    /// Whether at least M attesters reported.
    pub quorum: bool,
    /// All Quintessence staked before it.
    pub total: Uint128,
    /// Slots of all delegations.
    pub slots: u32,
    /// Eligible validators, those beyond their delegation's slots included.
    pub eligible: u32,
    /// Slots that had an eligible validator.
    pub captured: u32,
    /// What the schedule would mint at most.
    pub mint: Uint128,
    /// Injected for this epoch.
    pub injected: Uint128,
    /// Carried in from before.
    pub carry_in: Uint128,
    /// Moved in from the drip.
    pub drip_in: Uint128,
    /// mint + injected + carry_in + drip_in; 0 if nobody was paid.
    pub pool: Uint128,
    /// What a captured slot earned: floor(pool * slot_size / total).
    pub per_slot: Uint128,
    /// What all captured slots earned.
    pub rewards: Uint128,
    /// What was minted of `mint`; the rest is not made up.
    pub minted: Uint128,
    /// Carried on, to the next pool.
    pub carry_out: Uint128,
    /// Moved into the drip, because nobody could be paid.
    pub drip_out: Uint128,
    /// Quintessence per slot.
    pub slot_size: Uint128,
    /// Number of the parameters.
    pub params_version: u32,
}

/// Answer to `epochs`.
#[cw_serde]
pub struct EpochsResponse {
    /// Newest first.
    pub epochs: Vec<EpochInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Whether a delegation has slots.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum Standing {
    /// Its owner's part is large enough.
    Active {},
    /// Its owner's part has fallen short: commission 0, nobody can join, and no slots from an epoch
    /// on unless it is restored.
    Short {
        /// The first epoch without slots.
        dormant_from: Epoch,
    },
    /// It has no slots until its owner's part is restored.
    Dormant {},
}

/// A delegation in lists.
#[cw_serde]
pub struct DelegationInfo {
    /// Its number.
    pub delegation: DelegationId,
    /// Its owner.
    pub owner: Addr,
    /// Its name.
    pub name: String,
    /// Who may join.
    pub joining: Joining,
    /// Quintessence that a member must have in it after joining.
    pub minimum: Uint128,
    /// Commission in force in the running epoch, basis points; 0 while the owner's part is short, and
    /// before a new delegation's first epoch.
    pub commission: Bps,
    /// How it stands in the running epoch.
    pub standing: Standing,
    /// Quintessence that counts in the running epoch.
    pub total: Uint128,
    /// Quintessence that will count in the next, as far as known now.
    pub total_next: Uint128,
    /// Slots in the running epoch.
    pub slots: u16,
    /// Slots in the next.
    pub slots_next: u16,
    /// Slots that had an eligible validator in the last closed epoch.
    pub captured: u16,
    /// Validators assigned from the next epoch on.
    pub validators: u32,
}

/// Answer to `delegations`.
#[cw_serde]
pub struct DelegationsResponse {
    /// By number.
    pub delegations: Vec<DelegationInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A commission that waits.
#[cw_serde]
pub struct CommissionChange {
    /// First epoch with it.
    pub from: Epoch,
    /// Basis points.
    pub commission: Bps,
}

/// Answer to `delegation`.
#[cw_serde]
pub struct DelegationResponse {
    /// What lists show.
    pub info: DelegationInfo,
    /// How it presents itself.
    pub metadata: Metadata,
    /// Who must accept before it changes hands, if that is proposed.
    pub proposed_owner: Option<Addr>,
    /// The owner's own part in the running epoch.
    pub own: Uint128,
    /// The owner's own part in the next.
    pub own_next: Uint128,
    /// What the owner's part must be for slots and commission.
    pub own_required: Uint128,
    /// The next change of the commission.
    pub commission_change: Option<CommissionChange>,
    /// Quintessence that is missing for one more slot in the next epoch.
    pub missing_for_slot: Uint128,
    /// Slots without an eligible validator in the last closed epoch.
    pub idle_slots: u16,
    /// Eligible validators beyond the slots in the last closed epoch.
    pub idle_validators: u16,
    /// Most validators it can hold.
    pub max_validators: u32,
    /// What 1,000 Quintessence earned in each of the last closed epochs, 30 at most, newest first,
    /// commission taken off, rounded down.
    pub per_thousand: Vec<Uint128>,
    /// What 1,000 Quintessence earned in these epochs together, rounded down.
    pub per_thousand_sum: Uint128,
    /// When this was true.
    pub as_of: AsOf,
}

/// A member of a delegation.
#[cw_serde]
pub struct MemberInfo {
    /// Who.
    pub account: Addr,
    /// Quintessence that counts in the running epoch.
    pub quintessence: Uint128,
    /// Quintessence that will count in the next.
    pub quintessence_next: Uint128,
}

/// Answer to `members`.
#[cw_serde]
pub struct MembersResponse {
    /// By account, in the order of addresses' bytes.
    pub members: Vec<MemberInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// An account that asked for approval, or has it.
#[cw_serde]
pub struct ApprovalInfo {
    /// Who.
    pub account: Addr,
    /// Whether it may join; if not, it has asked.
    pub approved: bool,
}

/// Answer to `approvals`.
#[cw_serde]
pub struct ApprovalsResponse {
    /// By account, in the order of addresses' bytes.
    pub approvals: Vec<ApprovalInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// An account in one delegation.
#[cw_serde]
pub struct Membership {
    /// Which.
    pub delegation: DelegationId,
    /// Whether it owns it.
    pub owner: bool,
    /// Quintessence that counts in the running epoch.
    pub quintessence: Uint128,
    /// Quintessence that will count in the next.
    pub quintessence_next: Uint128,
    /// Earned as a member and not settled, whole units.
    pub earned: Uint128,
    /// Earned as the owner, by commission, and not settled, whole units.
    pub commission: Uint128,
    /// The first epoch that is not settled.
    pub settled: Epoch,
}

/// Answer to `member`.
#[cw_serde]
pub struct MemberResponse {
    /// Who receives this account's money.
    pub payee: Addr,
    /// Whether only the account itself may trigger payouts.
    pub self_claim_only: bool,
    /// All its Quintessence that counts in the running epoch.
    pub quintessence: Uint128,
    /// All its Quintessence that will count in the next.
    pub quintessence_next: Uint128,
    /// Undelegated, in the next epoch.
    pub undelegated_next: Uint128,
    /// Number of its NFTs in this contract, those on their way out included.
    pub nfts: u32,
    /// The delegation that it owns.
    pub owns: Option<DelegationId>,
    /// Delegations that it is or was in, or owns or owned, as far as it has not been paid all; at
    /// most 100.
    pub memberships: Vec<Membership>,
    /// What claims would pay, per role.
    pub claimable: Vec<RoleAmount>,
    /// Whether more than one claim is needed for that.
    pub next: bool,
    /// The latest receipts, at most 10.
    pub receipts: Vec<ReceiptInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A staked NFT.
#[cw_serde]
pub struct NftInfo {
    /// Which.
    pub nft: Nft,
    /// Whose.
    pub staker: Addr,
    /// What it weighs, fixed when it was staked.
    pub quintessence: Uint128,
    /// The delegation in which it counts from the next epoch on; none: undelegated or leaving.
    pub delegation: Option<DelegationId>,
    /// When it can be withdrawn, if it is on its way out.
    pub withdrawable_at: Option<Timestamp>,
}

/// Answer to `nfts`.
#[cw_serde]
pub struct NftsResponse {
    /// By collection, in the order in which collections were added, and token id.
    pub nfts: Vec<NftInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `nft`.
#[cw_serde]
pub struct NftResponse {
    /// The NFT; none if nobody has staked it.
    pub nft: Option<NftInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A collection and its change that waits.
#[cw_serde]
pub struct CollectionInfo {
    /// What its NFTs weigh when staked now; none: it is not in force yet.
    pub now: Option<Collection>,
    /// What they will weigh.
    pub next: Option<Collection>,
    /// From which epoch on.
    pub next_from: Option<Epoch>,
}

/// Answer to `collections`.
#[cw_serde]
pub struct CollectionsResponse {
    /// In the order in which they were added.
    pub collections: Vec<CollectionInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// What one NFT would weigh.
#[cw_serde]
pub struct StakePreview {
    /// Its id.
    pub token_id: String,
    /// Its class; none: the collection's own weight.
    pub class: Option<String>,
    /// Its Quintessence; 0: it would be refused.
    pub quintessence: Uint128,
    /// Whether it is staked already.
    pub staked: bool,
}

/// Answer to `preview_stake`.
#[cw_serde]
pub struct PreviewStakeResponse {
    /// In the order asked.
    pub nfts: Vec<StakePreview>,
    /// The first epoch in which they would count.
    pub from: Epoch,
    /// When this was true.
    pub as_of: AsOf,
}

/// A delegation's figures for somebody who thinks of joining.
#[cw_serde]
pub struct JoinFigures {
    /// Its Quintessence.
    pub total: Uint128,
    /// Its slots.
    pub slots: u16,
    /// Slots that an eligible validator captures.
    pub captured: u16,
    /// Its reward an epoch.
    pub reward: Uint128,
    /// What 1,000 Quintessence earn of it, commission taken off, rounded down.
    pub per_thousand: Uint128,
}

/// Answer to `preview_join`.
#[cw_serde]
pub struct PreviewJoinResponse {
    /// With the Quintessence of the next epoch.
    pub before: JoinFigures,
    /// With what would join.
    pub after: JoinFigures,
    /// Whether the members, those who join among them, would earn less per Quintessence.
    pub lowers: bool,
    /// What would have to join for the next slot after that.
    pub missing_for_slot: Uint128,
    /// Why joining would be refused now; none if it would not.
    pub refused: Option<String>,
    /// The first epoch in which it would count.
    pub from: Epoch,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `preview_claim`.
#[cw_serde]
pub struct PreviewClaimResponse {
    /// What would be paid, per role.
    pub amounts: Vec<RoleAmount>,
    /// What it would answer.
    pub summary: ClaimSummary,
    /// When this was true.
    pub as_of: AsOf,
}

/// A validator.
#[cw_serde]
pub struct ValidatorInfo {
    /// Its number.
    pub validator: ValidatorId,
    /// Who runs it.
    pub operator: Addr,
    /// What identifies the server.
    pub node: String,
    /// The delegation that it is in from the next epoch on.
    pub delegation: Option<DelegationId>,
    /// Its bit in reports while it is in one.
    pub seat: Option<u16>,
    /// The delegation whose owner it asks.
    pub requested: Option<DelegationId>,
    /// Whether it was eligible in the last closed epoch.
    pub eligible: bool,
}

/// Answer to `validators`.
#[cw_serde]
pub struct ValidatorsResponse {
    /// By number.
    pub validators: Vec<ValidatorInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Why a delegation earned what it earned.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum Reason {
    /// The epoch is not closed.
    NotClosed,
    /// The delegation did not exist.
    NotCreated,
    /// Fewer than M attesters reported, or nothing was staked: nobody was paid.
    NoQuorum,
    /// Its owner's part was short for too long.
    Dormant,
    /// Too little Quintessence for a slot.
    NoSlots,
    /// None of its validators was eligible.
    NoValidators,
    /// It captured slots.
    Captured,
}

/// A delegation in one epoch.
#[cw_serde]
pub struct DelegationEpoch {
    /// The epoch.
    pub epoch: Epoch,
    /// Why it earned what it earned.
    pub reason: Reason,
    /// Its owner, who earned the commission.
    pub owner: Option<Addr>,
    /// Its Quintessence.
    pub total: Uint128,
    /// Its slots.
    pub slots: u16,
    /// Its eligible validators; answered by `explain` only.
    pub eligible: Option<u16>,
    /// Slots captured.
    pub captured: u16,
    /// What it earned.
    pub reward: Uint128,
    /// Commission in force, basis points.
    pub commission: Bps,
    /// What the owner earned by it, in 10^-18 units.
    pub commission_exact: Uint256,
    /// What one unit of Quintessence earned, in 10^-18 units, what did not divide before included:
    /// sums of Quintessence times rate give the paid amounts.
    pub rate: Uint256,
    /// What 1,000 Quintessence earned, rounded down.
    pub per_thousand: Uint128,
    /// The member's Quintessence.
    pub member: Uint128,
    /// What it earned, rounded down; fractions are kept and join later rewards.
    pub mine: Uint128,
}

/// Answer to `history`.
#[cw_serde]
pub struct HistoryResponse {
    /// Newest first.
    pub epochs: Vec<DelegationEpoch>,
    /// When this was true.
    pub as_of: AsOf,
}

/// Answer to `explain`: every step from the pool to the amount.
#[cw_serde]
pub struct ExplainResponse {
    /// The delegation and the member's part in it.
    pub figures: DelegationEpoch,
    /// The closed epoch's figures; none if it is not closed.
    pub network: Option<EpochInfo>,
    /// Exactly what the member earned with its Quintessence, in 10^-18 units.
    pub member_exact: Uint256,
    /// Exactly what it earned by commission, in 10^-18 units; 0 unless it was the owner.
    pub commission_exact: Uint256,
    /// The steps in words and numbers.
    pub steps: Vec<String>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A bit of reports.
#[cw_serde]
pub struct SeatInfo {
    /// The bit.
    pub seat: u16,
    /// The validator; none if the seat was empty.
    pub validator: Option<ValidatorId>,
    /// Its delegation.
    pub delegation: Option<DelegationId>,
}

/// Answer to `seats`.
#[cw_serde]
pub struct SeatsResponse {
    /// Number of bits of a report on the epoch.
    pub bits: u16,
    /// By number.
    pub seats: Vec<SeatInfo>,
    /// When this was true.
    pub as_of: AsOf,
}

/// A link to a client of the Hub.
#[cw_serde]
pub struct ClientLink {
    /// The client.
    pub client_id: String,
    /// The key that signed, 33 bytes. The Hub knows whether it is the client's.
    pub public_key: Binary,
    /// When.
    pub since: Timestamp,
}

/// Answer to `link`.
#[cw_serde]
pub struct LinkResponse {
    /// The link in force.
    pub link: Option<ClientLink>,
    /// Links made so far, which the next signature must name.
    pub links: u64,
    /// The chain id that it must name.
    pub chain_id: String,
    /// When this was true.
    pub as_of: AsOf,
}

/// Migration from an earlier version; the stored name must match and the version must be older.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct MigrateMsg {}
