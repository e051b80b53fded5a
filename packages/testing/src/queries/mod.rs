//! Every query, typed. An answer that is an error fails the test at its caller.

use cosmwasm_std::{Addr, Binary, StdResult, Uint128};
use cw721::msg::{
    AllNftInfoResponse, ApprovalResponse, ApprovalsResponse, CollectionInfoAndExtensionResponse,
    MinterResponse, NftInfoResponse, NumTokensResponse, OperatorResponse, OperatorsResponse,
    OwnerOfResponse, TokensResponse,
};
use cw_ownable::Ownership;
use noderev_api::common::{
    AttestersResponse, DepositsResponse, DueResponse, EvidenceResponse, ParamsAtResponse,
    PausedResponse, QueuedParamsResponse, ReceiptsResponse, RolesResponse, SolvencyResponse,
};
use noderev_api::distributor::{self, KeyCursor};
use noderev_api::registry::{self, FormerKey, ListingCursor, NodeInfo};
use noderev_api::vault;
use noderev_components::{Epoch, KeyId};
use serde::de::DeserializeOwned;

use crate::network::Network;

/// The registry's queries.
#[derive(Clone, Copy)]
pub struct RegistryView<'a>(&'a Network);

/// The vault's queries.
#[derive(Clone, Copy)]
pub struct VaultView<'a>(&'a Network);

/// The distributor's queries.
#[derive(Clone, Copy)]
pub struct DistributorView<'a>(&'a Network);

/// The delegation contract's queries.
#[derive(Clone, Copy)]
pub struct DelegationView<'a>(&'a Network);

impl Network {
    /// The registry's queries.
    pub const fn registry(&self) -> RegistryView<'_> {
        RegistryView(self)
    }

    /// The vault's queries.
    pub const fn vault(&self) -> VaultView<'_> {
        VaultView(self)
    }

    /// The distributor's queries.
    pub const fn distributor(&self) -> DistributorView<'_> {
        DistributorView(self)
    }

    /// The delegation contract's queries.
    pub const fn delegation(&self) -> DelegationView<'_> {
        DelegationView(self)
    }
}

#[track_caller]
fn answer<T>(what: &str, result: StdResult<T>) -> T {
    match result {
        Ok(answer) => answer,
        Err(error) => panic!("{what}: {error}"),
    }
}

fn ids(keys: &[u32]) -> Vec<KeyId> {
    keys.iter().map(|key| KeyId(*key)).collect()
}

macro_rules! view {
    ($view:ident, $contract:ident, $query:ty;
     $($(#[$doc:meta])* $name:ident($network:ident $(, $arg:ident: $kind:ty)*) -> $answer:ty { $msg:expr })*) => {
        impl $view<'_> {
            /// Any query, with what it answers.
            pub fn try_query<T: DeserializeOwned>(&self, query: &$query) -> StdResult<T> {
                self.0.try_query(&self.0.addresses().$contract, query)
            }

            $(
                $(#[$doc])*
                #[track_caller]
                pub fn $name(&self $(, $arg: $kind)*) -> $answer {
                    let $network = self.0;
                    let query: $query = $msg;
                    let _ = $network;
                    answer(stringify!($name), self.try_query(&query))
                }
            )*
        }
    };
}

mod delegation;

use registry::QueryMsg as Registry;

view! { RegistryView, registry, registry::QueryMsg;
    /// Who owns a key and who may move it.
    owner_of(network, key: u32) -> OwnerOfResponse {
        Registry::OwnerOf { token_id: key.to_string(), include_expired: None }
    }
    /// Whether an account may move a key.
    approval(network, key: u32, spender: &str) -> ApprovalResponse {
        Registry::Approval { token_id: key.to_string(), spender: network.account(spender).into(), include_expired: None }
    }
    /// Who may move a key.
    approvals(network, key: u32) -> ApprovalsResponse {
        Registry::Approvals { token_id: key.to_string(), include_expired: None }
    }
    /// Whether an account may move all keys of another.
    operator(network, owner: &str, operator: &str) -> OperatorResponse {
        Registry::Operator { owner: network.account(owner).into(), operator: network.account(operator).into(), include_expired: None }
    }
    /// Who may move all keys of an account.
    all_operators(network, owner: &str) -> OperatorsResponse {
        Registry::AllOperators { owner: network.account(owner).into(), include_expired: None, start_after: None, limit: Some(100) }
    }
    /// Keys issued.
    num_tokens(network) -> NumTokensResponse { Registry::NumTokens {} }
    /// Name and symbol (0.18 and 0.22).
    contract_info(network) -> CollectionInfoAndExtensionResponse<Option<cosmwasm_std::Empty>> {
        Registry::ContractInfo {}
    }
    /// The collection's settings (0.22).
    cw721_config(network) -> cw721::msg::ConfigResponse<Option<cosmwasm_std::Empty>> { Registry::GetConfig {} }
    /// The collection and its contract (0.22).
    all_info(network) -> cw721::msg::AllInfoResponse { Registry::GetAllInfo {} }
    /// The collection's extension (0.22).
    collection_attributes(network) -> cw721::state::CollectionExtensionAttributes {
        Registry::GetCollectionExtensionAttributes {}
    }
    /// Where the collection's coins go (0.22).
    withdraw_address(network) -> Option<String> { Registry::GetWithdrawAddress {} }
    /// Minters beside the minter (0.22).
    additional_minters(network) -> cw721::msg::AdditionalMintersResponse {
        Registry::GetAdditionalMinters { start_after: None, limit: None }
    }
    /// Name and symbol (0.22).
    collection_info(network) -> CollectionInfoAndExtensionResponse<Option<cosmwasm_std::Empty>> {
        Registry::GetCollectionInfoAndExtension {}
    }
    /// The minter (0.22).
    minter_ownership(network) -> Ownership<Addr> { Registry::GetMinterOwnership {} }
    /// The creator (0.22).
    creator_ownership(network) -> Ownership<Addr> { Registry::GetCreatorOwnership {} }
    /// The minter (0.18).
    minter(network) -> MinterResponse { Registry::Minter {} }
    /// A key's metadata.
    nft_info(network, key: u32) -> NftInfoResponse<NodeInfo> {
        Registry::NftInfo { token_id: key.to_string() }
    }
    /// A key's owner and metadata.
    all_nft_info(network, key: u32) -> AllNftInfoResponse<NodeInfo> {
        Registry::AllNftInfo { token_id: key.to_string(), include_expired: None }
    }
    /// An account's keys.
    tokens(network, owner: &str, start_after: Option<u32>, limit: Option<u32>) -> TokensResponse {
        Registry::Tokens { owner: network.account(owner).into(), start_after: start_after.map(|key| key.to_string()), limit }
    }
    /// All keys.
    all_tokens(network, start_after: Option<u32>, limit: Option<u32>) -> TokensResponse {
        Registry::AllTokens { start_after: start_after.map(|key| key.to_string()), limit }
    }
    /// Addresses, clock and limits.
    config(network) -> registry::ConfigResponse { Registry::Config {} }
    /// Keys, cap and splits; of the running epoch, if none is named.
    supply(network, epoch: Option<u32>) -> registry::SupplyResponse {
        Registry::Supply { epoch: epoch.map(Epoch) }
    }
    /// Everything about a key.
    key(network, id: u32) -> registry::KeyResponse { Registry::Key { id: KeyId(id) } }
    /// The key that a node's public key is bound to.
    bound_key(network, public_key: Binary) -> Option<KeyId> { Registry::BoundKey { public_key } }
    /// Who owned keys at the end of an epoch, with the moment of the answer.
    owners_at_answer(network, keys: &[u32], epoch: u32) -> registry::OwnersAtResponse {
        Registry::OwnersAt { keys: ids(keys), epoch: Epoch(epoch) }
    }
    /// Keys that an account has given away.
    former_keys(network, owner: &str, start_after: Option<FormerKey>, limit: Option<u32>) -> registry::FormerKeysResponse {
        Registry::FormerKeys { owner: network.account(owner).into(), start_after, limit }
    }
    /// What is for sale, lowest price first.
    listings(network, seller: Option<&str>, with_stake: Option<bool>, start_after: Option<ListingCursor>, limit: Option<u32>) -> registry::ListingsResponse {
        Registry::Listings { seller: seller.map(|name| network.account(name).into()), with_stake, start_after, limit }
    }
    /// What a purchase would do.
    preview_buy(network, key: u32, buyer: &str) -> registry::PreviewBuyResponse {
        Registry::PreviewBuy { id: KeyId(key), buyer: network.account(buyer).into() }
    }
    /// What a split would do.
    preview_split(network, factor: u32) -> registry::PreviewSplitResponse {
        Registry::PreviewSplit { factor }
    }
    /// What anybody may do now.
    due(network) -> DueResponse { Registry::Due {} }
    /// The books.
    solvency(network) -> SolvencyResponse { Registry::Solvency {} }
    /// Parameters of an epoch.
    params_at(network, epoch: u32) -> ParamsAtResponse<registry::Params> {
        Registry::ParamsAt { epoch: Epoch(epoch) }
    }
    /// Parameters that wait.
    queued_params(network) -> QueuedParamsResponse<registry::Params> { Registry::QueuedParams {} }
    /// What is paused.
    paused(network) -> PausedResponse { Registry::Paused {} }
    /// Who holds which role.
    roles(network) -> RolesResponse { Registry::Roles {} }
    /// The contract's owner.
    ownership(network) -> Ownership<Addr> { Registry::Ownership {} }
}

impl RegistryView<'_> {
    /// Who owned keys at the end of an epoch.
    #[track_caller]
    pub fn owners_at(&self, keys: &[u32], epoch: u32) -> Vec<registry::OwnerAt> {
        self.owners_at_answer(keys, epoch).owners
    }
}

use vault::QueryMsg as Vault;

view! { VaultView, vault, vault::QueryMsg;
    /// Addresses, clock and limits.
    config(network) -> vault::ConfigResponse { Vault::Config {} }
    /// The first page of an account's position.
    position(network, account: &str) -> vault::PositionResponse {
        Vault::Position { account: network.account(account).into(), start_after_key: None, start_after_lot: None, limit: Some(100) }
    }
    /// A later page of an account's position.
    position_page(network, account: &str, start_after_key: Option<u32>, start_after_lot: Option<u64>, limit: Option<u32>) -> vault::PositionResponse {
        Vault::Position { account: network.account(account).into(), start_after_key: start_after_key.map(KeyId), start_after_lot, limit }
    }
    /// Whether nodes are staked, with the moment of the answer.
    node_stakes_answer(network, keys: &[u32]) -> vault::NodeStakesResponse {
        Vault::NodeStakes { keys: ids(keys) }
    }
    /// The pool; of the running epoch, if none is named.
    pool(network, epoch: Option<u32>) -> vault::PoolResponse {
        Vault::Pool { epoch: epoch.map(Epoch) }
    }
    /// What an account had in the pool.
    pool_stake_at(network, account: &str, epoch: u32) -> Uint128 {
        Vault::PoolStakeAt { account: network.account(account).into(), epoch: Epoch(epoch) }
    }
    /// The staked nodes of an epoch.
    staked_nodes(network, epoch: u32) -> vault::StakedNodesResponse {
        Vault::StakedNodes { epoch: Epoch(epoch) }
    }
    /// What staking would take and do.
    preview_stake(network, account: &str, keys: &[u32]) -> vault::PreviewStakeResponse {
        Vault::PreviewStake { account: network.account(account).into(), keys: ids(keys) }
    }
    /// What anybody may do now.
    due(network) -> DueResponse { Vault::Due {} }
    /// The books.
    solvency(network) -> SolvencyResponse { Vault::Solvency {} }
    /// Parameters of an epoch.
    params_at(network, epoch: u32) -> ParamsAtResponse<vault::Params> {
        Vault::ParamsAt { epoch: Epoch(epoch) }
    }
    /// Parameters that wait.
    queued_params(network) -> QueuedParamsResponse<vault::Params> { Vault::QueuedParams {} }
    /// What is paused.
    paused(network) -> PausedResponse { Vault::Paused {} }
    /// Who holds which role.
    roles(network) -> RolesResponse { Vault::Roles {} }
    /// The contract's owner.
    ownership(network) -> Ownership<Addr> { Vault::Ownership {} }
}

impl VaultView<'_> {
    /// Whether nodes are staked.
    #[track_caller]
    pub fn node_stakes(&self, keys: &[u32]) -> Vec<vault::NodeStakeResponse> {
        self.node_stakes_answer(keys).nodes
    }
}

use distributor::QueryMsg as Distributor;

view! { DistributorView, distributor, distributor::QueryMsg;
    /// Addresses, currencies, clock and limits.
    config(network) -> distributor::ConfigResponse { Distributor::Config {} }
    /// The network at a glance.
    network(network) -> distributor::NetworkResponse { Distributor::Network {} }
    /// Closed epochs, newest first.
    epochs(network, start_after: Option<u32>, limit: Option<u32>) -> distributor::EpochsResponse {
        Distributor::Epochs { start_after: start_after.map(Epoch), limit }
    }
    /// The first page of an account.
    account(network, account: &str) -> distributor::AccountResponse {
        Distributor::Account { account: network.account(account).into(), start_after: None, limit: Some(100) }
    }
    /// A later page of an account.
    account_page(network, account: &str, start_after: Option<KeyCursor>, limit: Option<u32>) -> distributor::AccountResponse {
        Distributor::Account { account: network.account(account).into(), start_after, limit }
    }
    /// What a claim would pay.
    preview_claim(network, account: &str, keys: Option<&[u32]>) -> distributor::PreviewClaimResponse {
        Distributor::PreviewClaim { account: network.account(account).into(), keys: keys.map(ids) }
    }
    /// Keys by number.
    keys(network, keys: &[u32]) -> distributor::KeysResponse {
        Distributor::Keys { ids: Some(ids(keys)), owner: None, start_after: None, limit: Some(100) }
    }
    /// An account's keys.
    keys_of(network, owner: &str, start_after: Option<u32>, limit: Option<u32>) -> distributor::KeysResponse {
        Distributor::Keys { ids: None, owner: Some(network.account(owner).into()), start_after: start_after.map(KeyId), limit }
    }
    /// What a key earned, newest first.
    key_history(network, key: u32, start_after: Option<u32>, limit: Option<u32>) -> distributor::KeyHistoryResponse {
        Distributor::KeyHistory { key: KeyId(key), start_after: start_after.map(Epoch), limit }
    }
    /// What the pool earned, newest first.
    pool_history(network, account: Option<&str>, start_after: Option<u32>, limit: Option<u32>) -> distributor::PoolHistoryResponse {
        Distributor::PoolHistory { account: account.map(|name| network.account(name).into()), start_after: start_after.map(Epoch), limit }
    }
    /// What an account earned, newest first.
    account_history(network, account: &str, keys: Option<&[u32]>, start_after: Option<u32>, limit: Option<u32>) -> distributor::AccountHistoryResponse {
        Distributor::AccountHistory { account: network.account(account).into(), keys: keys.map(ids), start_after: start_after.map(Epoch), limit }
    }
    /// Payouts to an account, newest first.
    receipts(network, account: &str, start_after: Option<u64>, limit: Option<u32>) -> ReceiptsResponse {
        Distributor::Receipts { account: network.account(account).into(), start_after, limit }
    }
    /// Why a key got what it got.
    explain(network, key: u32, epoch: u32) -> distributor::ExplainResponse {
        Distributor::Explain { key: KeyId(key), epoch: Epoch(epoch) }
    }
    /// What an epoch would pay.
    simulate(network, revenue: u128, running: u32, unstaked: u32, pool_stake: u128, my_stake: u128) -> distributor::SimulateResponse {
        Distributor::Simulate { revenue: revenue.into(), running, unstaked, pool_stake: pool_stake.into(), my_stake: my_stake.into() }
    }
    /// How the attesters reported.
    attesters(network) -> AttestersResponse { Distributor::Attesters {} }
    /// All reports on an epoch and their result.
    evidence(network, epoch: u32) -> EvidenceResponse {
        Distributor::Evidence { epoch: Epoch(epoch) }
    }
    /// Deposits of revenue, newest first.
    deposits(network, start_after: Option<u64>, limit: Option<u32>) -> DepositsResponse {
        Distributor::Deposits { start_after, limit }
    }
    /// Appeals and challenges of an epoch.
    disputes(network, epoch: u32, start_after: Option<u32>, limit: Option<u32>) -> distributor::DisputesResponse {
        Distributor::Disputes { epoch: Epoch(epoch), start_after: start_after.map(KeyId), limit }
    }
    /// What anybody may do now.
    due(network) -> DueResponse { Distributor::Due {} }
    /// The books.
    solvency(network) -> SolvencyResponse { Distributor::Solvency {} }
    /// Parameters of an epoch.
    params_at(network, epoch: u32) -> ParamsAtResponse<distributor::Params> {
        Distributor::ParamsAt { epoch: Epoch(epoch) }
    }
    /// Parameters that wait.
    queued_params(network) -> QueuedParamsResponse<distributor::Params> { Distributor::QueuedParams {} }
    /// What is paused.
    paused(network) -> PausedResponse { Distributor::Paused {} }
    /// Who holds which role.
    roles(network) -> RolesResponse { Distributor::Roles {} }
    /// The contract's owner.
    ownership(network) -> Ownership<Addr> { Distributor::Ownership {} }
}
