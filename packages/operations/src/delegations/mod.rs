//! Delegations: what they are, NFTs in and out, their owners, their validators.

mod nfts;
mod owner;
mod validators;

use cosmwasm_std::Timestamp;
use cw20::{Cw20QueryMsg, TokenInfoResponse};
use noderev_api::delegation::{
    ApprovalInfo, ApprovalsResponse, ConfigResponse, DelegationId, DelegationInfo,
    DelegationResponse, DelegationsResponse, ExecuteMsg, MemberInfo, MemberResponse,
    MembersResponse, QueryMsg, ValidatorInfo, ValidatorsResponse,
};
use noderev_chain::{ChainError, Message};
use serde::Serialize;
use thiserror::Error;

use crate::batches::TooMany;
use crate::contracts::pages as all_pages;
use crate::moment::date;
use crate::Contracts;

pub use nfts::{
    leave, move_nfts, returned, stake, withdraw, Leaving, Moving, Returned, Short, Staking,
    Withdrawal,
};
pub use owner::{
    accept, approve, commission, create, release, request, transfer, update, Commission, Creation,
    Setup, Update,
};
pub use validators::{
    accept_validators, all_validators, assign_validator, evict_validators, register_validator,
    remove_validators, Assignment,
};

/// Entries on a page, the most that the contract answers.
const PAGE: u32 = 100;

/// Why nothing is done with a delegation.
#[derive(Debug, Error)]
pub enum DelegationError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Too many at a time.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// Somebody else owns the delegation.
    #[error("delegation {delegation} is owned by {owner}, not by {sender}")]
    NotOwner {
        /// The delegation.
        delegation: DelegationId,
        /// Its owner.
        owner: String,
        /// Who would change it.
        sender: String,
    },
    /// One account, one delegation.
    #[error("{account} owns delegation {delegation} already: one per account")]
    OwnsAlready {
        /// Who.
        account: String,
        /// What he owns.
        delegation: DelegationId,
    },
    /// He has too little for a delegation.
    #[error(
        "a delegation needs {need} undelegated Quintessence of its owner, {have} will be there in the next epoch"
    )]
    TooLittle {
        /// What he has.
        have: u128,
        /// What is needed.
        need: u128,
    },
    /// Nobody offers it to him.
    #[error("delegation {delegation} is offered to {offered}, not to {sender}")]
    NotOffered {
        /// The delegation.
        delegation: DelegationId,
        /// To whom it is.
        offered: String,
        /// Who would accept.
        sender: String,
    },
    /// His own part is too small to take it over.
    #[error("who takes delegation {delegation} over needs {need} Quintessence of his own in it from the next epoch on, {have} are there: stake or move NFTs into it first")]
    OwnPart {
        /// The delegation.
        delegation: DelegationId,
        /// What he has in it.
        have: u128,
        /// What is needed.
        need: u128,
    },
    /// An update of nothing.
    #[error("nothing to change: say --name, --url, --description, --joining or --minimum")]
    NothingToUpdate,
    /// An NFT that counts for nothing.
    #[error("NFT {token} of {collection} weighs nothing: it is in no class of the collection")]
    Weightless {
        /// Its collection.
        collection: String,
        /// Its id.
        token: String,
    },
    /// An NFT that is staked.
    #[error("NFT {token} of {collection} is staked already")]
    Staked {
        /// Its collection.
        collection: String,
        /// Its id.
        token: String,
    },
    /// An NFT of somebody else.
    #[error("NFT {token} of {collection} belongs to {owner}, not to {sender}")]
    NotOwnNft {
        /// Its collection.
        collection: String,
        /// Its id.
        token: String,
        /// Its owner.
        owner: String,
        /// Who would stake it.
        sender: String,
    },
    /// An NFT that is not here.
    #[error("NFT {token} of {collection} is not staked")]
    NotStaked {
        /// Its collection.
        collection: String,
        /// Its id.
        token: String,
    },
    /// An NFT that somebody else has staked.
    #[error("NFT {token} of {collection} was staked by {staker}, not by {sender}")]
    NotStaker {
        /// Its collection.
        collection: String,
        /// Its id.
        token: String,
        /// Who staked it.
        staker: String,
        /// Who would move it.
        sender: String,
    },
    /// An NFT that is leaving.
    #[error("NFT {token} of {collection} is on its way out and can be withdrawn {}", date(at.seconds()))]
    Leaving {
        /// Its collection.
        collection: String,
        /// Its id.
        token: String,
        /// When.
        at: Timestamp,
    },
    /// An NFT that counts.
    #[error("NFT {token} of {collection} counts: leave with it first")]
    Counts {
        /// Its collection.
        collection: String,
        /// Its id.
        token: String,
    },
    /// What the contract says of joining.
    #[error("{0}")]
    Joining(String),
    /// No NFT can be withdrawn.
    #[error("no NFT of {account} can be withdrawn{}", next.map(|at| format!(", the next one {}", date(at.seconds()))).unwrap_or_default())]
    NothingToWithdraw {
        /// Whose.
        account: String,
        /// When the next one can.
        next: Option<Timestamp>,
    },
}

impl DelegationError {
    /// Whether the contract refuses, or would, rather than that the command makes no sense.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            _ => !self.is_usage() && !self.is_nothing(),
        }
    }

    /// Whether there is only nothing to do.
    pub const fn is_nothing(&self) -> bool {
        matches!(self, Self::NothingToWithdraw { .. })
    }

    /// Whether the command makes no sense, whatever the chain says.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::TooMany(_) | Self::NothingToUpdate)
    }
}

type Result<T> = core::result::Result<T, DelegationError>;

/// The token that rewards are paid in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardToken {
    /// Its short name.
    pub symbol: String,
    /// Decimals of its amounts.
    pub decimals: u8,
}

/// The token that rewards are paid in.
pub fn reward_token(contracts: &Contracts) -> Result<RewardToken> {
    let config: ConfigResponse = contracts.ask_delegation(&QueryMsg::Config {})?;
    let query = Cw20QueryMsg::TokenInfo {};
    let token: TokenInfoResponse = contracts.client().smart(config.token.as_str(), &query)?;
    Ok(RewardToken {
        symbol: token.symbol,
        decimals: config.token_decimals,
    })
}

/// A delegation with all that are in it.
#[derive(Clone, Debug, Serialize)]
pub struct Overview {
    /// It.
    pub delegation: DelegationResponse,
    /// Its members, former ones included.
    pub members: Vec<MemberInfo>,
    /// Who may join where joining takes approval, and who asks.
    pub approvals: Vec<ApprovalInfo>,
    /// Its validators, and those that ask for it.
    pub validators: Vec<ValidatorInfo>,
}

/// All delegations.
pub fn list(contracts: &Contracts) -> Result<Vec<DelegationInfo>> {
    let query = |last: Option<&DelegationInfo>| QueryMsg::Delegations {
        start_after: last.map(|one| one.delegation),
        limit: Some(PAGE),
    };
    let page = |answer: DelegationsResponse| answer.delegations;
    pages(contracts, query, page)
}

/// One delegation with all that are in it.
pub fn show(contracts: &Contracts, delegation: DelegationId) -> Result<Overview> {
    let limit = Some(PAGE);
    Ok(Overview {
        delegation: ask(contracts, delegation)?,
        members: pages(
            contracts,
            |last: Option<&MemberInfo>| QueryMsg::Members {
                delegation,
                start_after: last.map(|one| one.account.to_string()),
                limit,
            },
            |answer: MembersResponse| answer.members,
        )?,
        approvals: pages(
            contracts,
            |last: Option<&ApprovalInfo>| QueryMsg::Approvals {
                delegation,
                start_after: last.map(|one| one.account.to_string()),
                limit,
            },
            |answer: ApprovalsResponse| answer.approvals,
        )?,
        validators: validators_of(contracts, Some(delegation))?,
    })
}

fn validators_of(
    contracts: &Contracts,
    delegation: Option<DelegationId>,
) -> Result<Vec<ValidatorInfo>> {
    let query = |last: Option<&ValidatorInfo>| QueryMsg::Validators {
        delegation,
        start_after: last.map(|one| one.validator),
        limit: Some(PAGE),
    };
    let page = |answer: ValidatorsResponse| answer.validators;
    pages(contracts, query, page)
}

fn ask(contracts: &Contracts, delegation: DelegationId) -> Result<DelegationResponse> {
    Ok(contracts.ask_delegation(&QueryMsg::Delegation { delegation })?)
}

fn member(contracts: &Contracts, account: &str) -> Result<MemberResponse> {
    let account = account.to_owned();
    Ok(contracts.ask_delegation(&QueryMsg::Member { account })?)
}

/// All pages of a list: `query` asks for the page after an entry, `page` takes the entries out of the
/// answer.
fn pages<T, Answer: serde::de::DeserializeOwned>(
    contracts: &Contracts,
    query: impl Fn(Option<&T>) -> QueryMsg,
    page: impl Fn(Answer) -> Vec<T>,
) -> Result<Vec<T>> {
    let ask = |last: Option<&T>| Ok(page(contracts.ask_delegation(&query(last))?));
    Ok(all_pages(ask)?)
}

fn order(contracts: &Contracts, order: &ExecuteMsg) -> Result<Message> {
    let message = Message::execute(&contracts.delegation, order, Vec::new());
    Ok(message?)
}

/// The delegation, if the sender owns it.
fn owned(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
) -> Result<DelegationResponse> {
    let found = ask(contracts, delegation)?;
    match found.info.owner.as_str() == sender {
        true => Ok(found),
        false => Err(DelegationError::NotOwner {
            delegation,
            owner: found.info.owner.into_string(),
            sender: sender.to_owned(),
        }),
    }
}
