//! Entry points.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Response};
use noderev_api::registry::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg};
use noderev_components::nonpayable;

use crate::execute::{admin, cw721, issue, market, node, split};
use crate::keys::Now;
use crate::permissions::{ensure_role, required_role};
use crate::{query, ContractError};

/// Name in the contract's cw2 record.
pub const CONTRACT_NAME: &str = "noderev:node-registry";
/// Version in the contract's cw2 record.
pub const CONTRACT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Creates the registry.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    nonpayable(&info)?;
    admin::instantiate(deps, &env, msg)
}

/// Runs a message.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    nonpayable(&info)?;
    let now = Now::load(deps.storage, &env)?;
    ensure_role(deps.storage, &now.config, &info, required_role(&msg))?;
    let ctx = crate::execute::Ctx {
        deps,
        env,
        info,
        now,
    };
    match msg {
        ExecuteMsg::TransferNft {
            recipient,
            token_id,
        } => cw721::transfer(ctx, &recipient, &token_id),
        ExecuteMsg::SendNft {
            contract,
            token_id,
            msg,
        } => cw721::send(ctx, contract, token_id, msg),
        ExecuteMsg::Approve {
            spender,
            token_id,
            expires,
        } => cw721::approve(ctx, &spender, &token_id, expires),
        ExecuteMsg::Revoke { spender, token_id } => cw721::revoke(ctx, &spender, &token_id),
        ExecuteMsg::ApproveAll { operator, expires } => cw721::approve_all(ctx, &operator, expires),
        ExecuteMsg::RevokeAll { operator } => cw721::revoke_all(ctx, &operator),
        ExecuteMsg::Issue { rows } => issue::issue(ctx, &rows),
        ExecuteMsg::SealIssuance {} => issue::seal(ctx),
        ExecuteMsg::SetOperator { key, operator } => node::set_operator(ctx, key, operator),
        ExecuteMsg::BindNode {
            key,
            public_key,
            signature,
        } => node::bind(ctx, key, &public_key, &signature),
        ExecuteMsg::UnbindNode { key } => node::unbind(ctx, key),
        ExecuteMsg::Split { factor } => split::split(ctx, factor),
        ExecuteMsg::CancelSplit {} => split::cancel(ctx),
        ExecuteMsg::Announce { ids } => split::announce(ctx, &ids),
        ExecuteMsg::List {
            id,
            price,
            buyer,
            expires,
            with_stake,
        } => market::list(ctx, id, (price, buyer, expires, with_stake)),
        ExecuteMsg::Delist { id } => market::delist(ctx, id),
        ExecuteMsg::Receive(msg) => market::receive(ctx, &msg),
        ExecuteMsg::ClaimFees {} => market::claim_fees(ctx),
        ExecuteMsg::QueueParams { params } => admin::queue_params(ctx, params),
        ExecuteMsg::CancelParams {} => admin::cancel_params(ctx),
        ExecuteMsg::SetRole { role, account } => admin::set_role(ctx, role, account),
        ExecuteMsg::Pause { activity, seconds } => admin::pause(ctx, activity, seconds),
        ExecuteMsg::Resume { activity } => admin::resume(ctx, activity),
        ExecuteMsg::UpdateOwnership(action) => admin::update_ownership(ctx, action),
    }
}

/// Answers a query.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps<'_>, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    query::answer(deps, &env, msg)
}

/// Brings an earlier version of this contract up to this one.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut<'_>, env: Env, _msg: MigrateMsg) -> Result<Response, ContractError> {
    crate::migrate::migrate(deps, &env)
}
