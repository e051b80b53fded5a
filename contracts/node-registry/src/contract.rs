//! Entry points: check, dispatch, answer.

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;
use cosmwasm_std::{Addr, Api, Binary, Deps, DepsMut, Env, MessageInfo, Response};
use cw20::{Cw20QueryMsg, TokenInfoResponse};
use noderev_api::registry::raw::BUNDLE;
use noderev_api::registry::{ExecuteMsg, InstantiateMsg, MigrateMsg, QueryMsg, Role};
use noderev_components::{
    buffered, buffered_query, ensure_within, nanoseconds, nonpayable, Coded, Epoch,
};

use crate::error::{ContractError, Refusal};
use crate::execute::{admin, cw721, issue, market, node, split, Ctx};
use crate::moment::Moment;
use crate::permissions::{ensure_caller, required_caller};
use crate::query;
use crate::state::{save_config, save_identity, Config, Identity, EVENTS, PARAMS, PAUSES, ROLES};

/// Name in the contract's cw2 record.
pub const CONTRACT_NAME: &str = "noderev:node-registry";
/// Version in the contract's cw2 record.
pub const CONTRACT_VERSION: &str = env!("CARGO_PKG_VERSION");

/// Decimals of QST; the stake of a node is compiled in with them.
pub const QST_DECIMALS: u8 = 6;
/// Longest name of the collection.
pub const MAX_NAME: u128 = 64;
/// Longest symbol of the collection.
pub const MAX_SYMBOL: u128 = 16;

/// Creates the registry.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| create(deps, env, info, msg))?)
}

fn create(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: InstantiateMsg,
) -> Result<Response, Refusal> {
    nonpayable(&info)?;
    admin::check_params(&msg.params)?;
    let config = parse_config(deps.api, &env, &msg)?;
    check_decimals(&deps, &config.qst)?;
    let roles = [
        (Role::Guardian, msg.guardian.as_ref()),
        (Role::Treasury, Some(&msg.treasury)),
        (Role::Minter, Some(&msg.minter)),
    ];

    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    cw_ownable::initialize_owner(deps.storage, deps.api, Some(&msg.owner))?;
    save_config(deps.storage, &config);
    let identity = Identity {
        name: msg.name,
        symbol: msg.symbol,
        created: env.block.time.nanos(),
        chain_id: env.block.chain_id.clone(),
    };
    save_identity(deps.storage, &identity);
    let mut event = EVENTS.emit(deps.storage, "instantiated", Epoch(0))?;
    for (role, account) in roles {
        let registry = &env.contract.address;
        let account = admin::parse_holder(deps.api, &config, registry, role, account)?;
        ROLES.set(deps.storage, role, account.as_ref());
        event = event.add_attributes(account.map(|account| (role.name(), account)));
    }
    let event = event
        .add_attribute("owner", msg.owner)
        .add_attribute("name", identity.name)
        .add_attribute("symbol", identity.symbol)
        .add_attribute("clock_start", nanoseconds(config.clock.start))
        .add_attribute("clock_length", config.clock.length.to_string())
        .add_attribute("qst", config.qst)
        .add_attribute("vault", config.vault)
        .add_attribute("distributor", config.distributor)
        .add_attributes(admin::described(&msg.params));
    PARAMS.init(deps.storage, msg.params)?;
    Ok(Response::new()
        .add_attribute("action", "instantiate")
        .add_event(event))
}

fn parse_config(api: &dyn Api, env: &Env, msg: &InstantiateMsg) -> Result<Config, Refusal> {
    ensure_within("name length", msg.name.len() as u128, 1, MAX_NAME)?;
    ensure_within("symbol length", msg.symbol.len() as u128, 1, MAX_SYMBOL)?;
    let clock = msg.clock.parse()?;
    clock.check(env.block.time)?;
    let config = Config {
        clock,
        qst: api.addr_validate(&msg.qst)?,
        vault: api.addr_validate(&msg.vault)?,
        distributor: api.addr_validate(&msg.distributor)?,
    };
    check_different(env, &config)?;
    Ok(config)
}

fn check_different(env: &Env, config: &Config) -> Result<(), Refusal> {
    let contracts = config.suite(&env.contract.address);
    for (index, (first, address)) in contracts.into_iter().enumerate() {
        let mut earlier = contracts.into_iter().take(index);
        if let Some((other, _)) = earlier.find(|(_, other)| *other == address) {
            return Err(ContractError::SameAddress {
                first: other,
                second: first,
                address: address.clone(),
            }
            .into());
        }
    }
    Ok(())
}

fn check_decimals(deps: &DepsMut<'_>, qst: &Addr) -> Result<(), Refusal> {
    let query = Cw20QueryMsg::TokenInfo {};
    let token: TokenInfoResponse = deps.querier.query_wasm_smart(qst, &query)?;
    match token.decimals == QST_DECIMALS {
        true => Ok(()),
        false => Err(ContractError::QstDecimals {
            token: qst.clone(),
            need: QST_DECIMALS,
            have: token.decimals,
        }
        .into()),
    }
}

/// Runs a message.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| {
        perform(deps, env, info, msg)
    })?)
}

fn perform(
    deps: DepsMut<'_>,
    env: Env,
    info: MessageInfo,
    msg: ExecuteMsg,
) -> Result<Response, Refusal> {
    nonpayable(&info)?;
    let now = Moment::load(deps.storage, &env)?;
    let caller = required_caller(&msg);
    ensure_caller(deps.storage, &now.config, caller, &info.sender)?;
    let mut ctx = Ctx {
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
        ExecuteMsg::CancelParams {} => Ok(ctx.governance().cancel_params(&PARAMS)?),
        ExecuteMsg::SetRole { role, account } => admin::set_role(ctx, role, account),
        ExecuteMsg::Pause { activity, seconds } => {
            let by = ctx.info.sender.clone();
            Ok(ctx.governance().pause(&PAUSES, activity, seconds, &by)?)
        }
        ExecuteMsg::Resume { activity } => {
            let by = ctx.info.sender.clone();
            Ok(ctx.governance().resume(&PAUSES, activity, &by)?)
        }
        ExecuteMsg::UpdateOwnership(action) => {
            let (api, querier) = (ctx.deps.api, ctx.deps.querier);
            let (block, by) = (ctx.env.block.clone(), ctx.info.sender.clone());
            let governance = ctx.governance();
            Ok(governance.update_ownership(api, querier, &block, &by, action)?)
        }
    }
}

/// Answers a query.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps<'_>, env: Env, msg: QueryMsg) -> Result<Binary, ContractError> {
    Ok(buffered_query(deps, BUNDLE, |deps| {
        query::answer(deps, &env, msg)
    })?)
}

/// Brings an earlier version of this contract up to this one.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut<'_>, env: Env, _msg: MigrateMsg) -> Result<Response, ContractError> {
    Ok(buffered(deps, BUNDLE, |deps| {
        crate::migrate::migrate(deps, &env)
    })?)
}
