//! The delegation contract's queries.

use cosmwasm_std::{Addr, StdResult, Uint128};
use cw_ownable::Ownership;
use noderev_api::common::{
    AttestersResponse, DepositsResponse, DueResponse, EvidenceResponse, ParamsAtResponse,
    PausedResponse, QueuedParamsResponse, ReceiptsResponse, RolesResponse, SolvencyResponse,
};
use noderev_api::delegation::{
    self, DelegationId, DelegationInfo, EpochInfo, MemberInfo, Nft, NftInfo, QueryMsg as Query,
    ValidatorId,
};
use noderev_components::Epoch;
use serde::de::DeserializeOwned;

use super::{answer, DelegationView};

fn ids(delegations: &[u16]) -> Vec<DelegationId> {
    delegations
        .iter()
        .map(|number| DelegationId(*number))
        .collect()
}

view! { DelegationView, delegation, delegation::QueryMsg;
    /// Addresses, clock and limits.
    config(network) -> delegation::ConfigResponse { Query::Config {} }
    /// The network at a glance.
    network(network) -> delegation::NetworkResponse { Query::Network {} }
    /// Closed epochs, newest first.
    epochs(network, start_after: Option<u32>, limit: Option<u32>) -> delegation::EpochsResponse {
        Query::Epochs { start_after: start_after.map(Epoch), limit }
    }
    /// Delegations by number.
    delegations(network, start_after: Option<u16>, limit: Option<u32>) -> delegation::DelegationsResponse {
        Query::Delegations { start_after: start_after.map(DelegationId), limit }
    }
    /// One delegation.
    delegation(network, delegation: u16) -> delegation::DelegationResponse {
        Query::Delegation { delegation: DelegationId(delegation) }
    }
    /// Members of a delegation.
    members(network, delegation: u16, start_after: Option<&str>, limit: Option<u32>) -> delegation::MembersResponse {
        Query::Members { delegation: DelegationId(delegation), start_after: start_after.map(|name| network.account(name).into()), limit }
    }
    /// Accounts that asked for approval, or have it.
    approvals(network, delegation: u16, start_after: Option<&str>, limit: Option<u32>) -> delegation::ApprovalsResponse {
        Query::Approvals { delegation: DelegationId(delegation), start_after: start_after.map(|name| network.account(name).into()), limit }
    }
    /// An account over all delegations.
    member(network, account: &str) -> delegation::MemberResponse {
        Query::Member { account: network.account(account).into() }
    }
    /// Staked NFTs of an account.
    nfts(network, account: &str, start_after: Option<Nft>, limit: Option<u32>) -> delegation::NftsResponse {
        Query::Nfts { account: network.account(account).into(), start_after, limit }
    }
    /// Whether and by whom an NFT is staked, with the moment of the answer.
    nft_answer(network, nft: &Nft) -> delegation::NftResponse { Query::Nft { nft: nft.clone() } }
    /// Collections and changes of them that wait.
    collections(network) -> delegation::CollectionsResponse { Query::Collections {} }
    /// What NFTs would weigh.
    preview_stake(network, collection: usize, token_ids: &[&str]) -> delegation::PreviewStakeResponse {
        Query::PreviewStake {
            collection: network.collection(collection).into(),
            token_ids: token_ids.iter().map(|id| (*id).to_owned()).collect(),
        }
    }
    /// What joining a delegation would change.
    preview_join(network, delegation: u16, quintessence: u128, account: Option<&str>) -> delegation::PreviewJoinResponse {
        Query::PreviewJoin {
            delegation: DelegationId(delegation),
            quintessence: Uint128::new(quintessence),
            account: account.map(|name| network.account(name).into()),
        }
    }
    /// What a claim would pay.
    preview_claim(network, account: &str, delegations: Option<&[u16]>) -> delegation::PreviewClaimResponse {
        Query::PreviewClaim { account: network.account(account).into(), delegations: delegations.map(ids) }
    }
    /// Validators of a delegation, or all.
    validators(network, delegation: Option<u16>, start_after: Option<u32>, limit: Option<u32>) -> delegation::ValidatorsResponse {
        Query::Validators { delegation: delegation.map(DelegationId), start_after: start_after.map(ValidatorId), limit }
    }
    /// A delegation epoch by epoch, newest first.
    history(network, delegation: u16, member: Option<&str>, start_after: Option<u32>, limit: Option<u32>) -> delegation::HistoryResponse {
        Query::History {
            delegation: DelegationId(delegation),
            member: member.map(|name| network.account(name).into()),
            start_after: start_after.map(Epoch),
            limit,
        }
    }
    /// Why a member got what it got.
    explain(network, delegation: u16, member: &str, epoch: u32) -> delegation::ExplainResponse {
        Query::Explain { delegation: DelegationId(delegation), member: network.account(member).into(), epoch: Epoch(epoch) }
    }
    /// Payouts to an account, newest first.
    receipts(network, account: &str, start_after: Option<u64>, limit: Option<u32>) -> ReceiptsResponse {
        Query::Receipts { account: network.account(account).into(), start_after, limit }
    }
    /// How the attesters reported.
    attesters(network) -> AttestersResponse { Query::Attesters {} }
    /// All reports on an epoch and their result.
    evidence(network, epoch: u32) -> EvidenceResponse { Query::Evidence { epoch: Epoch(epoch) } }
    /// Which validator has which bit.
    seats(network, epoch: u32, start_after: Option<u16>, limit: Option<u32>) -> delegation::SeatsResponse {
        Query::Seats { epoch: Epoch(epoch), start_after, limit }
    }
    /// Injections, newest first.
    injections(network, start_after: Option<u64>, limit: Option<u32>) -> DepositsResponse {
        Query::Injections { start_after, limit }
    }
    /// An account's link to a client of the Hub.
    link(network, account: &str) -> delegation::LinkResponse {
        Query::Link { account: network.account(account).into() }
    }
    /// What anybody may do now.
    due(network) -> DueResponse { Query::Due {} }
    /// The books.
    solvency(network) -> SolvencyResponse { Query::Solvency {} }
    /// Parameters of an epoch.
    params_at(network, epoch: u32) -> ParamsAtResponse<delegation::Params> {
        Query::ParamsAt { epoch: Epoch(epoch) }
    }
    /// Parameters that wait.
    queued_params(network) -> QueuedParamsResponse<delegation::Params> { Query::QueuedParams {} }
    /// What is paused.
    paused(network) -> PausedResponse { Query::Paused {} }
    /// Who holds which role.
    roles(network) -> RolesResponse { Query::Roles {} }
    /// The contract's owner.
    ownership(network) -> Ownership<Addr> { Query::Ownership {} }
}

/// Items of a page and where the next one begins, as long as there are any.
fn all<T, C>(mut page: impl FnMut(Option<C>) -> Vec<T>, after: impl Fn(&T) -> C) -> Vec<T> {
    let mut items: Vec<T> = Vec::new();
    loop {
        let more = page(items.last().map(&after));
        if more.is_empty() {
            return items;
        }
        items.extend(more);
    }
}

impl DelegationView<'_> {
    /// Whether and by whom an NFT is staked.
    #[track_caller]
    pub fn nft(&self, nft: &Nft) -> Option<NftInfo> {
        self.nft_answer(nft).nft
    }

    /// All staked NFTs of an account.
    #[track_caller]
    pub fn all_nfts(&self, account: &str) -> Vec<NftInfo> {
        let page = |after| self.nfts(account, after, Some(100)).nfts;
        all(page, |info: &NftInfo| info.nft.clone())
    }

    /// All delegations.
    #[track_caller]
    pub fn all_delegations(&self) -> Vec<DelegationInfo> {
        let page = |after| self.delegations(after, Some(100)).delegations;
        all(page, |info: &DelegationInfo| info.delegation.0)
    }

    /// All closed epochs, newest first.
    #[track_caller]
    pub fn all_epochs(&self) -> Vec<EpochInfo> {
        let page = |after| self.epochs(after, Some(100)).epochs;
        all(page, |info: &EpochInfo| info.epoch.0)
    }

    /// All members of a delegation, former ones included.
    #[track_caller]
    pub fn all_members(&self, delegation: u16) -> Vec<MemberInfo> {
        let page = |after: Option<Addr>| {
            let after = after.as_ref().map(Addr::as_str);
            self.members(delegation, after, Some(100)).members
        };
        all(page, |info: &MemberInfo| info.account.clone())
    }
}
