//! One key, and keys by owner and epoch.

use cosmwasm_std::Addr;
use noderev_api::registry::raw::{operator, HOLDERS};
use noderev_api::registry::{
    FormerKey, FormerKeysResponse, KeyResponse, ListingResponse, OwnerAt, OwnersAtResponse,
};
use noderev_api::vault;
use noderev_api::vault::raw::NODES;
use noderev_components::{page_limit, Account, Epoch, KeyId, Local, StdResult};

use super::{ensure_keys, View};
use crate::error::{ContractError, Refusal};
use crate::execute::node::node_id;
use crate::keys::{bound_key, bound_node};
use crate::listing::Offer;
use crate::state::{load_former, load_identity};

pub fn key(view: View<'_>, id: KeyId) -> Result<KeyResponse, Refusal> {
    let View { deps, env, now } = view;
    let held = view.held(id)?;
    let operator = operator(&Local(deps.storage), id, held.nonce)?;
    let vault = vault::raw::reader(deps.querier, &now.config.vault);
    Ok(KeyResponse {
        id,
        node_id: node_id(&load_identity(deps.storage)?, &env.contract.address, id),
        operator: operator
            .map(|account| account.human(deps.api))
            .transpose()?,
        public_key: bound_node(deps.storage, &held)?.map(Into::into),
        parent: now.lineage.parent(now.generation(), id),
        staked: NODES.is_staked(&vault, &now.lineage, now.epoch, id)?,
        staked_next: now.stake(deps.querier, id)?.is_staked(),
        listing: valid_listing(view, id)?,
        owner: held.owner_addr,
        owner_since: held.since,
        as_of: view.as_of()?,
    })
}

fn valid_listing(view: View<'_>, id: KeyId) -> Result<Option<ListingResponse>, Refusal> {
    match Offer::load(view.deps, view.now, id) {
        Ok(offer) if !offer.is_void() => Ok(Some(offer.response(view.deps)?)),
        Ok(_) => Ok(None),
        Err(error) if matches!(*error, ContractError::NotListed { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}

pub fn bound(view: View<'_>, public_key: &[u8]) -> Result<Option<KeyId>, Refusal> {
    bound_key(view.deps.storage, view.deps.api, view.now, public_key)
}

pub fn owners_at(
    view: View<'_>,
    keys: Vec<KeyId>,
    epoch: Epoch,
) -> Result<OwnersAtResponse, Refusal> {
    ensure_keys(&keys)?;
    let now = view.now.epoch;
    if epoch > now {
        return Err(ContractError::FutureEpoch { epoch, now }.into());
    }
    let answers = keys.into_iter().map(|key| {
        let owner = owner_at(view, key, epoch)?;
        let node_id = node_id(
            &load_identity(view.deps.storage)?,
            &view.env.contract.address,
            key,
        );
        Ok(OwnerAt {
            key,
            owner,
            node_id,
        })
    });
    Ok(OwnersAtResponse {
        epoch,
        owners: answers.collect::<StdResult<_>>()?,
        as_of: view.as_of()?,
    })
}

fn owner_at(view: View<'_>, key: KeyId, epoch: Epoch) -> StdResult<Option<Addr>> {
    let store = Local(view.deps.storage);
    let span = HOLDERS.span_at(&store, &view.now.lineage, key, epoch)?;
    let owner = span.map(|span| span.value.owner.human(view.deps.api));
    owner.transpose()
}

pub fn former(
    view: View<'_>,
    owner: &str,
    start_after: Option<FormerKey>,
    limit: Option<u32>,
) -> Result<FormerKeysResponse, Refusal> {
    let owner = Account::parse(view.deps.api, owner)?;
    let limit = page_limit(limit);
    let keys = load_former(view.deps.storage, &owner, start_after, limit)?;
    let last = keys.last().filter(|_| keys.len() == limit);
    Ok(FormerKeysResponse {
        next: last.cloned(),
        keys,
        as_of: view.as_of()?,
    })
}
