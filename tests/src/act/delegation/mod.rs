//! Everything that somebody can do with the delegation contract, its token, and the collections.

mod claims;
mod foresee;
mod note;
mod send;

use noderev_api::delegation::PreviewClaimResponse;

pub(crate) use self::send::joining_msg;

use crate::shadow::delegation::{
    Activity, CollectionNo, Holder, Id, Joining, Metadata, Nft, Params, Rules, ValidatorNo,
};
use crate::shadow::{Epoch, Who};

/// Something that somebody does.
#[allow(
    missing_docs,
    reason = "the messages of the contract, with numbers for accounts"
)]
#[derive(Clone, Debug)]
pub enum Deed {
    /// By the collections' minter.
    MintNft {
        nft: Nft,
        to: Who,
    },
    /// A plain transfer; to the contract it is a stray one.
    GiveNft {
        nft: Nft,
        to: Holder,
    },
    ApproveAll {
        collection: CollectionNo,
        operator: Holder,
        on: bool,
    },
    /// The collection begins, or ends, refusing to give an NFT back.
    Stick {
        nft: Nft,
        on: bool,
    },
    /// Tokens are burnt, so that as many can be minted under the cap.
    Burn {
        amount: u128,
    },
    /// A plain transfer of tokens.
    DonateRewards {
        amount: u128,
    },

    SendNft {
        nft: Nft,
        place: Option<Id>,
    },
    StakeNfts {
        collection: CollectionNo,
        tokens: Vec<String>,
        place: Option<Id>,
    },
    MoveNfts {
        nfts: Vec<Nft>,
        place: Option<Id>,
    },
    UnstakeNfts {
        nfts: Vec<Nft>,
    },
    WithdrawNfts {
        nfts: Vec<Nft>,
    },
    ReturnStray {
        nft: Nft,
        to: Who,
    },

    CreateDelegation {
        metadata: Metadata,
        commission: u128,
        joining: Joining,
        minimum: u128,
    },
    UpdateDelegation {
        metadata: Option<Metadata>,
        joining: Option<Joining>,
        minimum: Option<u128>,
    },
    SetCommission {
        commission: u128,
    },
    TransferDelegation {
        to: Option<Who>,
    },
    AcceptDelegation {
        id: Id,
    },
    RequestApproval {
        id: Id,
    },
    ApproveMembers {
        accounts: Vec<Who>,
        approved: bool,
    },
    ReleaseMembers {
        accounts: Vec<Who>,
    },

    RegisterValidator {
        node: String,
    },
    AssignValidator {
        validator: ValidatorNo,
        id: Option<Id>,
    },
    AcceptValidators {
        validators: Vec<ValidatorNo>,
    },
    RemoveValidators {
        validators: Vec<ValidatorNo>,
    },
    EvictValidators {
        id: Id,
        validators: Vec<ValidatorNo>,
    },

    Inject {
        amount: u128,
        over: u32,
        reference: String,
    },
    /// Spoiled: with a hash of the wrong length.
    ReportEligible {
        epoch: Epoch,
        bits: Vec<bool>,
        spoiled: bool,
    },
    Advance {
        epoch: Epoch,
    },
    RetryMint,
    SettleDelegation {
        id: Id,
    },

    ClaimRewards {
        account: Option<Who>,
        ids: Option<Vec<Id>>,
        to: Option<Who>,
    },
    SettleRewards {
        account: Option<Who>,
        ids: Option<Vec<Id>>,
    },
    RewardPayee {
        payee: Option<Who>,
    },
    RewardPolicy {
        self_claim_only: bool,
    },
    /// Signed: by the client's key, over what must be signed now.
    LinkClient {
        client: String,
        signed: bool,
    },
    UnlinkClient,

    SetCollection {
        collection: CollectionNo,
        rules: Rules,
    },
    CancelCollection {
        collection: CollectionNo,
    },
    DelegationParams {
        params: Params,
    },
    CancelDelegationParams,
    SetGuardian {
        guardian: Option<Who>,
    },
    PauseDelegation {
        activity: Activity,
        seconds: u64,
    },
    ResumeDelegation {
        activity: Activity,
    },
    /// The owner leaves for good.
    RenounceDelegation,
    /// What nobody can send.
    Forge(Forgery),
}

/// A message that is always refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgery {
    /// A collection's message from somebody else.
    ReceiveNft,
    /// The token's message from somebody else.
    Receive,
    /// An NFT sent with a message that is none.
    Hook,
    /// Coins beside a message.
    Coins,
}

/// What the ledger expects of a deed that it accepts.
pub(super) enum Outcome {
    /// Nothing more than that.
    Done,
    /// These NFTs are where the ledger has them.
    Moved(Vec<Nft>),
    /// So many reward tokens are sent.
    Spends(u128),
    /// So many reward tokens are given to the contract.
    Gives(u128),
    /// A delegation is created.
    Creates(Id),
    /// A validator is registered.
    Registers(ValidatorNo),
    /// An epoch is closed.
    Closes(Epoch),
    /// A claim or settlement that the contract previewed.
    Pays(Box<Payout>),
}

/// A claim or settlement.
pub(super) struct Payout {
    account: Who,
    ids: Option<Vec<Id>>,
    payee: Who,
    /// What the payee had before.
    before: u128,
    /// What the contract said that it would pay and answer.
    preview: PreviewClaimResponse,
    /// Whether it is to be paid.
    pays: bool,
}

impl Deed {
    /// NFTs that are named.
    fn nfts(&self) -> Vec<Nft> {
        match self {
            Self::MintNft { nft, .. }
            | Self::GiveNft { nft, .. }
            | Self::SendNft { nft, .. }
            | Self::ReturnStray { nft, .. } => vec![nft.clone()],
            Self::StakeNfts {
                collection, tokens, ..
            } => {
                let nfts = tokens.iter().map(|token| Nft::new(*collection, token));
                nfts.collect()
            }
            Self::MoveNfts { nfts, .. }
            | Self::UnstakeNfts { nfts }
            | Self::WithdrawNfts { nfts } => nfts.clone(),
            _ => vec![],
        }
    }
}
