//! Queries, by concept.

mod admin;
mod cw721;
mod key;
mod market;
mod supply;

use cosmwasm_std::{to_json_binary, Binary, Deps, Env, Timestamp};
use noderev_api::registry::QueryMsg;
use noderev_components::{AsOf, Epoch, KeyId, Local, StdResult};
use serde::Serialize;

use crate::error::Refusal;
use crate::execute::KEYS;
use crate::keys::Held;
use crate::moment::Moment;
use crate::state::EVENTS;

/// A query's surroundings.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub deps: Deps<'a>,
    pub env: &'a Env,
    pub now: &'a Moment,
}

impl View<'_> {
    /// A key and who holds it now.
    fn held(&self, id: KeyId) -> Result<Held, Refusal> {
        Held::load(self.deps.storage, self.deps.api, self.now, id)
    }

    /// When an epoch begins.
    fn start_of(&self, epoch: Epoch) -> Timestamp {
        Timestamp::from_seconds(self.now.config.clock.start_of(epoch))
    }

    /// When the answer is true.
    fn as_of(&self) -> StdResult<AsOf> {
        let seq = EVENTS.seq(&Local(self.deps.storage))?;
        Ok(AsOf::now(self.env, seq))
    }
}

/// Answers a query.
pub fn answer(deps: Deps<'_>, env: &Env, msg: QueryMsg) -> Result<Binary, Refusal> {
    let now = &Moment::load(deps.storage, env)?;
    let view = View { deps, env, now };
    match msg {
        QueryMsg::OwnerOf {
            token_id,
            include_expired,
        } => json(cw721::owner_of(view, &token_id, include_expired)?),
        QueryMsg::Approval {
            token_id,
            spender,
            include_expired,
        } => json(cw721::approval(view, &token_id, &spender, include_expired)?),
        QueryMsg::Approvals {
            token_id,
            include_expired,
        } => json(cw721::approvals(view, &token_id, include_expired)?),
        QueryMsg::Operator {
            owner,
            operator,
            include_expired,
        } => json(cw721::operator(view, &owner, &operator, include_expired)?),
        QueryMsg::AllOperators {
            owner,
            include_expired,
            start_after,
            limit,
        } => json(cw721::all_operators(
            view,
            &owner,
            include_expired,
            (start_after, limit),
        )?),
        QueryMsg::NumTokens {} => json(cw721::num_tokens(view)?),
        QueryMsg::ContractInfo {} => json(cw721::collection(view)?),
        QueryMsg::GetCollectionInfoAndExtension {} => json(cw721::collection(view)?),
        QueryMsg::GetConfig {} => json(cw721::config(view)?),
        QueryMsg::GetAllInfo {} => json(cw721::all_info(view)?),
        QueryMsg::GetCollectionExtensionAttributes {} => json(cw721::NO_ATTRIBUTES),
        QueryMsg::GetWithdrawAddress {} => json(None::<String>),
        QueryMsg::GetAdditionalMinters { .. } => json(cw721::NO_MINTERS),
        QueryMsg::GetMinterOwnership {} => json(cw721::minter_ownership(view)?),
        QueryMsg::GetCreatorOwnership {} => json(cw_ownable::get_ownership(deps.storage)?),
        QueryMsg::Minter {} => json(cw721::minter(view)?),
        QueryMsg::NftInfo { token_id } => json(cw721::nft_info(view, &token_id)?),
        QueryMsg::AllNftInfo {
            token_id,
            include_expired,
        } => json(cw721::all_nft_info(view, &token_id, include_expired)?),
        QueryMsg::Tokens {
            owner,
            start_after,
            limit,
        } => json(cw721::tokens(view, &owner, start_after, limit)?),
        QueryMsg::AllTokens { start_after, limit } => {
            json(cw721::all_tokens(view, start_after, limit)?)
        }
        QueryMsg::Config {} => json(admin::config(view)?),
        QueryMsg::Supply { epoch } => json(supply::supply(view, epoch)?),
        QueryMsg::Key { id } => json(key::key(view, id)?),
        QueryMsg::BoundKey { public_key } => json(key::bound(view, &public_key)?),
        QueryMsg::OwnersAt { keys, epoch } => json(key::owners_at(view, keys, epoch)?),
        QueryMsg::FormerKeys {
            owner,
            start_after,
            limit,
        } => json(key::former(view, &owner, start_after, limit)?),
        QueryMsg::Listings {
            seller,
            with_stake,
            start_after,
            limit,
        } => json(market::listings(
            view,
            (seller, with_stake),
            start_after,
            limit,
        )?),
        QueryMsg::PreviewBuy { id, buyer } => json(market::preview_buy(view, id, &buyer)?),
        QueryMsg::PreviewSplit { factor } => json(supply::preview_split(view, factor)?),
        QueryMsg::Due {} => json(admin::due(view)?),
        QueryMsg::Solvency {} => json(admin::solvency(view)?),
        QueryMsg::ParamsAt { epoch } => json(admin::params_at(view, epoch)?),
        QueryMsg::QueuedParams {} => json(admin::queued_params(view)?),
        QueryMsg::Paused {} => json(admin::paused(view)?),
        QueryMsg::Roles {} => json(admin::roles(view)?),
        QueryMsg::Ownership {} => json(cw_ownable::get_ownership(deps.storage)?),
    }
}

/// Out of line, or every answer would be taken down at a place of its own in one large function.
#[inline(never)]
fn json(answer: impl Serialize) -> Result<Binary, Refusal> {
    Ok(to_json_binary(&answer)?)
}

/// Refuses an empty or too long list of keys.
fn ensure_keys(keys: &[KeyId]) -> Result<(), Refusal> {
    Ok(KEYS.ensure_count(keys.len())?)
}
