//! Answers: one query per view, pages of at most 100, and the moment at which they were true.

use cosmwasm_std::{to_json_binary, Binary, Deps, Env};
use noderev_api::vault::QueryMsg;
use noderev_components::{AsOf, Local, StdResult};

use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::EVENTS;

mod admin;
mod stakes;

/// Answers a query.
pub fn answer(deps: Deps, env: &Env, msg: QueryMsg) -> Result<Binary, Refusal> {
    let moment = Moment::load(deps.storage, env)?;
    let json = match msg {
        QueryMsg::Config {} => to_json_binary(&admin::config(deps, env, &moment)?),
        QueryMsg::Position {
            account,
            start_after_key,
            start_after_lot,
            limit,
        } => {
            let page = stakes::Page::new(start_after_key, start_after_lot, limit);
            to_json_binary(&stakes::position(deps, env, &moment, &account, &page)?)
        }
        QueryMsg::NodeStakes { keys } => {
            to_json_binary(&stakes::node_stakes(deps, env, &moment, &keys)?)
        }
        QueryMsg::Pool { epoch } => to_json_binary(&stakes::pool(deps, env, &moment, epoch)?),
        QueryMsg::PoolStakeAt { account, epoch } => {
            to_json_binary(&stakes::pool_stake_at(deps, &account, epoch)?)
        }
        QueryMsg::StakedNodes { epoch } => {
            to_json_binary(&stakes::staked_nodes(deps, env, &moment, epoch)?)
        }
        QueryMsg::PreviewStake { account, keys } => {
            to_json_binary(&stakes::preview_stake(deps, &moment, &account, &keys)?)
        }
        QueryMsg::Due {} => to_json_binary(&admin::due(as_of(deps, env)?)),
        QueryMsg::Solvency {} => to_json_binary(&admin::solvency(deps, env, &moment)?),
        QueryMsg::ParamsAt { epoch } => to_json_binary(&admin::params_at(deps, epoch)?),
        QueryMsg::QueuedParams {} => to_json_binary(&admin::queued_params(deps, &moment)?),
        QueryMsg::Paused {} => to_json_binary(&admin::paused(deps, &moment)?),
        QueryMsg::Roles {} => to_json_binary(&admin::roles(deps)?),
        QueryMsg::Ownership {} => to_json_binary(&cw_ownable::get_ownership(deps.storage)?),
    };
    Ok(json?)
}

/// The moment at which an answer was true.
fn as_of(deps: Deps, env: &Env) -> StdResult<AsOf> {
    let seq = EVENTS.seq(&Local(deps.storage))?;
    Ok(AsOf::now(env, seq))
}
