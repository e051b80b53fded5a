//! cw721's queries.

use cosmwasm_std::{Addr, Empty, Timestamp};
use cw721::msg::{
    AdditionalMintersResponse, AllInfoResponse, AllNftInfoResponse, ApprovalResponse,
    ApprovalsResponse, CollectionInfoAndExtensionResponse, ConfigResponse, MinterResponse,
    NftInfoResponse, NumTokensResponse, OperatorResponse, OperatorsResponse, OwnerOfResponse,
    TokensResponse,
};
use cw721::state::{CollectionExtensionAttributes, CollectionInfo};
use cw_ownable::Ownership;
use cw_utils::Expiration;
use noderev_api::registry::{NodeInfo, Role};
use noderev_components::{page_limit, Account, KeyId, Local, StdResult};

use super::View;
use crate::error::{ContractError, Refusal};
use crate::execute::node::node_id;
use crate::keys::Held;
use crate::state::{is_sealed, load_approvals, load_identity, load_mover, movers, Approval, ROLES};

/// Keys have no attributes beside their collection's.
pub const NO_ATTRIBUTES: CollectionExtensionAttributes = vec![];
/// There is one minter at most.
pub const NO_MINTERS: AdditionalMintersResponse = AdditionalMintersResponse { minters: vec![] };

pub fn owner_of(
    view: View<'_>,
    token_id: &str,
    include_expired: Option<bool>,
) -> Result<OwnerOfResponse, Refusal> {
    let held = view.held(token_id.parse()?)?;
    Ok(OwnerOfResponse {
        owner: held.owner_addr.to_string(),
        approvals: approvals_of(view, &held, include_expired)?,
    })
}

fn approvals_of(
    view: View<'_>,
    held: &Held,
    include_expired: Option<bool>,
) -> StdResult<Vec<cw721::Approval>> {
    let list = load_approvals(view.deps.storage, held.id, held.nonce)?;
    list.into_iter()
        .filter(|approval| is_shown(view, approval, include_expired))
        .map(|approval| on_the_wire(view, approval))
        .collect()
}

fn is_shown(view: View<'_>, approval: &Approval, include_expired: Option<bool>) -> bool {
    include_expired == Some(true) || !approval.expires.is_past(&view.env.block)
}

fn on_the_wire(view: View<'_>, approval: Approval) -> StdResult<cw721::Approval> {
    Ok(cw721::Approval {
        spender: approval.spender.human(view.deps.api)?,
        expires: approval.expires.0,
    })
}

/// The owner himself may always move the key.
pub fn approval(
    view: View<'_>,
    token_id: &str,
    spender: &str,
    include_expired: Option<bool>,
) -> Result<ApprovalResponse, Refusal> {
    let held = view.held(token_id.parse()?)?;
    let spender = view.deps.api.addr_validate(spender)?;
    if spender == held.owner_addr {
        let expires = Expiration::Never {};
        let approval = cw721::Approval { spender, expires };
        return Ok(ApprovalResponse { approval });
    }
    let list = approvals_of(view, &held, include_expired)?;
    let approval = list
        .into_iter()
        .find(|approval| approval.spender == spender);
    approval
        .map(|approval| ApprovalResponse { approval })
        .ok_or(ContractError::NotFound { what: "approval" }.into())
}

pub fn approvals(
    view: View<'_>,
    token_id: &str,
    include_expired: Option<bool>,
) -> Result<ApprovalsResponse, Refusal> {
    let held = view.held(token_id.parse()?)?;
    let approvals = approvals_of(view, &held, include_expired)?;
    Ok(ApprovalsResponse { approvals })
}

pub fn operator(
    view: View<'_>,
    owner: &str,
    operator: &str,
    include_expired: Option<bool>,
) -> Result<OperatorResponse, Refusal> {
    let owner = Account::parse(view.deps.api, owner)?;
    let spender = Account::parse(view.deps.api, operator)?;
    let approval = load_mover(view.deps.storage, &owner, &spender)?
        .map(|expires| Approval { spender, expires })
        .filter(|approval| is_shown(view, approval, include_expired))
        .ok_or(ContractError::NotFound { what: "operator" })?;
    Ok(OperatorResponse {
        approval: on_the_wire(view, approval)?,
    })
}

pub fn all_operators(
    view: View<'_>,
    owner: &str,
    include_expired: Option<bool>,
    (start_after, limit): (Option<String>, Option<u32>),
) -> Result<OperatorsResponse, Refusal> {
    let owner = Account::parse(view.deps.api, owner)?;
    let after = start_after.map(|after| Account::parse(view.deps.api, &after));
    let operators = movers(view.deps.storage, &owner, after.transpose()?.as_ref())
        .filter(|item| match item {
            Ok(approval) => is_shown(view, approval, include_expired),
            Err(_) => true,
        })
        .take(page_limit(limit))
        .map(|item| on_the_wire(view, item?))
        .collect::<StdResult<_>>()?;
    Ok(OperatorsResponse { operators })
}

pub fn num_tokens(view: View<'_>) -> Result<NumTokensResponse, Refusal> {
    let count = view.now.keys(view.deps.storage)?.into();
    Ok(NumTokensResponse { count })
}

pub fn collection(view: View<'_>) -> StdResult<CollectionInfoAndExtensionResponse<Option<Empty>>> {
    let info = collection_info(view)?;
    Ok(CollectionInfoAndExtensionResponse {
        name: info.name,
        symbol: info.symbol,
        extension: None,
        updated_at: info.updated_at,
    })
}

fn collection_info(view: View<'_>) -> StdResult<CollectionInfo> {
    let identity = load_identity(view.deps.storage)?;
    Ok(CollectionInfo {
        name: identity.name,
        symbol: identity.symbol,
        updated_at: Timestamp::from_nanos(identity.created),
    })
}

pub fn config(view: View<'_>) -> Result<ConfigResponse<Option<Empty>>, Refusal> {
    let registry = &view.env.contract.address;
    Ok(ConfigResponse {
        num_tokens: num_tokens(view)?.count,
        minter_ownership: minter_ownership(view)?,
        creator_ownership: cw_ownable::get_ownership(view.deps.storage)?,
        withdraw_address: None,
        collection_info: collection_info(view)?,
        collection_extension: None,
        contract_info: view.deps.querier.query_wasm_contract_info(registry)?,
    })
}

pub fn all_info(view: View<'_>) -> Result<AllInfoResponse, Refusal> {
    let registry = &view.env.contract.address;
    Ok(AllInfoResponse {
        contract_info: view.deps.querier.query_wasm_contract_info(registry)?,
        collection_info: collection_info(view)?,
        collection_extension: NO_ATTRIBUTES,
        num_tokens: num_tokens(view)?.count,
    })
}

pub fn minter_ownership(view: View<'_>) -> Result<Ownership<Addr>, Refusal> {
    Ok(Ownership {
        owner: present_minter(view)?,
        pending_owner: None,
        pending_expiry: None,
    })
}

pub fn minter(view: View<'_>) -> Result<MinterResponse, Refusal> {
    let minter = present_minter(view)?.map(Addr::into_string);
    Ok(MinterResponse { minter })
}

/// Nobody, once issuance is sealed.
fn present_minter(view: View<'_>) -> StdResult<Option<Addr>> {
    match is_sealed(view.deps.storage) {
        true => Ok(None),
        false => ROLES.holder(&Local(view.deps.storage), Role::Minter),
    }
}

pub fn nft_info(view: View<'_>, token_id: &str) -> Result<NftInfoResponse<NodeInfo>, Refusal> {
    let held = view.held(token_id.parse()?)?;
    let registry = &view.env.contract.address;
    Ok(NftInfoResponse {
        token_uri: None,
        extension: NodeInfo {
            node_id: node_id(&load_identity(view.deps.storage)?, registry, held.id),
            generation: splits_of(view, held.id),
        },
    })
}

/// The number of splits that a key has been through, its own birth by a split included.
fn splits_of(view: View<'_>, id: KeyId) -> u8 {
    let (born, by_split) = view.now.lineage.birth(id);
    let since = view.now.generation().saturating_sub(born);
    since.saturating_add(u8::from(by_split))
}

pub fn all_nft_info(
    view: View<'_>,
    token_id: &str,
    include_expired: Option<bool>,
) -> Result<AllNftInfoResponse<NodeInfo>, Refusal> {
    Ok(AllNftInfoResponse {
        access: owner_of(view, token_id, include_expired)?,
        info: nft_info(view, token_id)?,
    })
}

pub fn tokens(
    view: View<'_>,
    owner: &str,
    start_after: Option<String>,
    limit: Option<u32>,
) -> Result<TokensResponse, Refusal> {
    let owner = Account::parse(view.deps.api, owner)?;
    let (storage, now) = (view.deps.storage, view.now);
    let (keys, after) = (now.keys(storage)?, parse_after(start_after)?);
    let (generation, limit) = (now.generation(), page_limit(limit));
    let owned = now.owned(&owner);
    let owned = owned.after(storage, generation, keys, after, limit)?;
    Ok(TokensResponse {
        tokens: owned.iter().map(ToString::to_string).collect(),
    })
}

pub fn all_tokens(
    view: View<'_>,
    start_after: Option<String>,
    limit: Option<u32>,
) -> Result<TokensResponse, Refusal> {
    let keys = view.now.keys(view.deps.storage)?;
    let first = parse_after(start_after)?.saturating_add(1);
    let page = (first..=keys).take(page_limit(limit));
    Ok(TokensResponse {
        tokens: page.map(|key| key.to_string()).collect(),
    })
}

fn parse_after(start_after: Option<String>) -> Result<u32, Refusal> {
    let after = start_after.map(|after| after.parse::<KeyId>());
    Ok(after.transpose()?.map_or(0, |key| key.0))
}
