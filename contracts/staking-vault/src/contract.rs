//! Entry points: check, dispatch, answer.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Binary, Deps, DepsMut, Env, MessageInfo, Response};
use noderev_api::registry;
use noderev_api::vault::raw::BUNDLE;
use noderev_api::vault::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg, Role};
use noderev_components::{buffered, buffered_query, nanoseconds, nonpayable};

use crate::error::{ContractError, Refusal};
use crate::execute::{admin, lots, nodes, pool, receive};
use crate::moment::Moment;
use crate::permissions::{ensure_caller, required_caller};
use crate::state::{save_config, Config, EVENTS, PARAMS, PAUSES, ROLES};

/// Name for cw2.
pub const CONTRACT_NAME: &str = "noderev:staking-vault";
/// Version for cw2.
pub const CONTRACT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Creates the vault of a registry that names it.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| create(deps, env, info, msg))?)
}

fn create(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, Refusal> {
    nonpayable(&info)?;
    admin::check_params(&msg.params)?;
    let config = read_config(&deps, &env, &msg.registry)?;
    let guardian = msg.guardian.map(|name| deps.api.addr_validate(&name));
    let guardian = guardian.transpose()?;

    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    cw_ownable::initialize_owner(deps.storage, deps.api, Some(&msg.owner))?;
    save_config(deps.storage, &config);
    ROLES.set(deps.storage, Role::Guardian, guardian.as_ref());
    PARAMS.init(deps.storage, msg.params.clone())?;

    let epoch = config.clock.epoch_at(env.block.time);
    let event = EVENTS.emit(deps.storage, "instantiated", epoch)?;
    let event = event
        .add_attributes(admin::describe_params(&msg.params))
        .add_attribute("clock_start", nanoseconds(config.clock.start))
        .add_attribute("clock_length", config.clock.length.to_string())
        .add_attribute("registry", config.registry)
        .add_attribute("qst", config.qst)
        .add_attribute("distributor", config.distributor)
        .add_attribute("owner", msg.owner)
        .add_attributes(guardian.map(|guardian| ("guardian", guardian)));
    Ok(Response::new()
        .add_attribute("action", "instantiate")
        .add_event(event))
}

/// Clock, QST and distributor are the registry's, so that they are the same in all contracts.
fn read_config(deps: &DepsMut, env: &Env, registry: &str) -> Result<Config, Refusal> {
    let registry = deps.api.addr_validate(registry)?;
    let theirs: registry::ConfigResponse = deps
        .querier
        .query_wasm_smart(&registry, &registry::QueryMsg::Config {})?;
    if theirs.vault != env.contract.address {
        return Err(ContractError::OtherVault {
            registry: registry.into_string(),
            named: theirs.vault,
            own: env.contract.address.clone(),
        }
        .into());
    }
    Ok(Config {
        clock: theirs.clock.parse()?,
        qst: theirs.qst,
        qst_decimals: theirs.qst_decimals,
        registry,
        distributor: theirs.distributor,
    })
}

/// Executes a message. None of them takes coins.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| {
        perform(deps, env, info, msg)
    })?)
}

fn perform(
    deps: DepsMut,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, Refusal> {
    nonpayable(&info)?;
    let moment = Moment::load(deps.storage, &env)?;
    let sender = info.sender;
    ensure_caller(deps.storage, &moment.config, required_caller(&msg), &sender)?;
    match msg {
        ExecuteMsg::Receive(msg) => receive(deps, &moment, msg),
        ExecuteMsg::UnstakeNodes { keys } => nodes::unstake_nodes(deps, &moment, &sender, &keys),
        ExecuteMsg::UnbondPool { amount } => pool::unbond_pool(deps, &moment, &sender, amount),
        ExecuteMsg::WithdrawLots {
            lots,
            start_after,
            limit,
        } => lots::withdraw_lots(deps, &moment, &sender, lots, start_after, limit),
        ExecuteMsg::CancelLot { lot } => lots::cancel_lot(deps, &moment, &sender, lot),
        ExecuteMsg::ReleaseStakes { releases } => nodes::release_stakes(deps, &moment, &releases),
        ExecuteMsg::QueueParams { params } => admin::queue_params(deps, &moment, params),
        ExecuteMsg::CancelParams {} => {
            Ok(moment.governance(deps.storage).cancel_params(&PARAMS)?)
        }
        ExecuteMsg::SetRole { role, account } => admin::set_role(deps, &moment, role, account),
        ExecuteMsg::Pause { activity, seconds } => Ok(moment
            .governance(deps.storage)
            .pause(&PAUSES, activity, seconds, &sender)?),
        ExecuteMsg::Resume { activity } => Ok(moment
            .governance(deps.storage)
            .resume(&PAUSES, activity, &sender)?),
        ExecuteMsg::UpdateOwnership(action) => Ok(moment
            .governance(deps.storage)
            .update_ownership(deps.api, deps.querier, &env.block, &sender, action)?),
    }
}

/// Answers a query.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    Ok(buffered_query(deps, BUNDLE, |deps| {
        crate::query::answer(deps, &env, msg)
    })?)
}

/// Migrates from an older version of this contract.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, env: Env, _msg: MigrateMsg) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| {
        crate::migrate::migrate(deps, &env)
    })?)
}
