//! dao-voting-cw20-staked as published.

use cosmwasm_std::{entry_point, Binary, Deps, DepsMut, Env, MessageInfo, Response, StdResult};
use dao_voting_cw20_staked::contract;
use dao_voting_cw20_staked::msg::{ExecuteMsg, InstantiateMsg, QueryMsg};
use dao_voting_cw20_staked::ContractError;

/// As dao-voting-cw20-staked.
#[entry_point]
pub fn instantiate(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    contract::instantiate(deps, env, info, msg)
}

/// As dao-voting-cw20-staked.
#[entry_point]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    contract::execute(deps, env, info, msg)
}

/// As dao-voting-cw20-staked.
#[entry_point]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> StdResult<Binary> {
    contract::query(deps, env, msg)
}
