//! Instantiation, parameters, roles, pauses and ownership.

use cosmwasm_std::{Addr, Api, DepsMut, Env, Response};
use cw20::{Cw20QueryMsg, TokenInfoResponse};
use noderev_api::registry::{Activity, InstantiateMsg, Params, Role};
use noderev_components::{Activity as _, Epoch, RoleError};
use noderev_economics::MAX_MARKET_FEE;

use super::Ctx;
use crate::contract::{CONTRACT_NAME, CONTRACT_VERSION};
use crate::state::{
    save_config, Config, EVENTS, GUARDIAN, MINTER, PARAMS, PAUSES, ROLES, TREASURY,
};
use crate::ContractError;

/// Decimals of QST; the stake of a node is compiled in with them.
pub const QST_DECIMALS: u8 = 6;
/// Longest notice of a split: a year.
pub const MAX_SPLIT_NOTICE: u64 = 31_536_000;
/// Longest grace after a split, epochs.
pub const MAX_SPLIT_GRACE: u32 = 366;
/// Longest name of the collection.
pub const MAX_NAME: usize = 64;
/// Longest symbol of the collection.
pub const MAX_SYMBOL: usize = 16;

/// Creates the registry.
pub fn instantiate(
    deps: DepsMut<'_>,
    env: &Env,
    msg: InstantiateMsg,
) -> Result<Response, ContractError> {
    let config = parse_config(deps.api, env, &msg)?;
    check_params(&msg.params)?;
    check_decimals(&deps, &config.qst)?;
    cw2::set_contract_version(deps.storage, CONTRACT_NAME, CONTRACT_VERSION)?;
    cw_ownable::initialize_owner(deps.storage, deps.api, Some(&msg.owner))?;
    let roles = [
        (Role::Minter, Some(&msg.minter)),
        (Role::Treasury, Some(&msg.treasury)),
        (Role::Guardian, msg.guardian.as_ref()),
    ];
    for (role, account) in roles {
        let account = parse_holder(deps.api, env, role, account)?;
        ROLES.set(deps.storage, code(role), account.as_ref());
    }
    save_config(deps.storage, &config)?;
    let event = EVENTS
        .emit(deps.storage, "instantiated", Epoch(0))?
        .add_attribute("owner", msg.owner)
        .add_attribute("minter", msg.minter)
        .add_attribute("treasury", msg.treasury)
        .add_attributes(msg.guardian.map(|guardian| ("guardian", guardian)))
        .add_attributes(described(&msg.params));
    PARAMS.init(deps.storage, msg.params)?;
    Ok(Response::new()
        .add_attribute("action", "instantiate")
        .add_event(event))
}

fn parse_config(api: &dyn Api, env: &Env, msg: &InstantiateMsg) -> Result<Config, ContractError> {
    check_text("name", &msg.name, MAX_NAME)?;
    check_text("symbol", &msg.symbol, MAX_SYMBOL)?;
    let clock = msg.clock.parse()?;
    clock.check(env.block.time)?;
    let config = Config {
        name: msg.name.clone(),
        symbol: msg.symbol.clone(),
        created: env.block.time,
        clock,
        qst: api.addr_validate(&msg.qst)?,
        vault: api.addr_validate(&msg.vault)?,
        distributor: api.addr_validate(&msg.distributor)?,
    };
    check_different(env, &config)?;
    Ok(config)
}

fn check_text(field: &'static str, text: &str, most: usize) -> Result<(), ContractError> {
    let len = text.len();
    match (1..=most).contains(&len) {
        true => Ok(()),
        false => Err(ContractError::CollectionText { field, most, len }),
    }
}

fn check_different(env: &Env, config: &Config) -> Result<(), ContractError> {
    let contracts = [
        ("registry", &env.contract.address),
        ("qst", &config.qst),
        ("vault", &config.vault),
        ("distributor", &config.distributor),
    ];
    for (index, (first, address)) in contracts.into_iter().enumerate() {
        let mut earlier = contracts.into_iter().take(index);
        if let Some((other, _)) = earlier.find(|(_, other)| *other == address) {
            return Err(ContractError::SameAddress {
                first: other,
                second: first,
                address: address.clone(),
            });
        }
    }
    Ok(())
}

fn check_decimals(deps: &DepsMut<'_>, qst: &Addr) -> Result<(), ContractError> {
    let query = Cw20QueryMsg::TokenInfo {};
    let token: TokenInfoResponse = deps.querier.query_wasm_smart(qst, &query)?;
    match token.decimals == QST_DECIMALS {
        true => Ok(()),
        false => Err(ContractError::QstDecimals {
            token: qst.clone(),
            need: QST_DECIMALS,
            have: token.decimals,
        }),
    }
}

/// The hard bounds of parameters.
fn check_params(params: &Params) -> Result<(), ContractError> {
    if params.market_fee > MAX_MARKET_FEE {
        return Err(ContractError::MarketFee {
            given: params.market_fee.get(),
            most: MAX_MARKET_FEE.get(),
        });
    }
    if params.split_notice > MAX_SPLIT_NOTICE {
        let (given, most) = (params.split_notice, MAX_SPLIT_NOTICE);
        return Err(ContractError::SplitNotice { given, most });
    }
    if params.split_grace > MAX_SPLIT_GRACE {
        let (given, most) = (params.split_grace, MAX_SPLIT_GRACE);
        return Err(ContractError::SplitGrace { given, most });
    }
    Ok(())
}

fn described(params: &Params) -> [(&'static str, String); 3] {
    [
        ("market_fee", params.market_fee.get().to_string()),
        ("split_notice", params.split_notice.to_string()),
        ("split_grace", params.split_grace.to_string()),
    ]
}

/// Queues parameters.
pub fn queue_params(mut ctx: Ctx<'_>, params: Params) -> Result<Response, ContractError> {
    check_params(&params)?;
    let described = described(&params);
    let (clock, time) = (ctx.now.config.clock, ctx.env.block.time);
    let from = PARAMS.queue(ctx.deps.storage, &clock, time, params)?;
    let event = ctx
        .event("param_queued")?
        .add_attribute("from_epoch", from.to_string())
        .add_attributes(described);
    Ok(Response::new()
        .add_attribute("action", "queue_params")
        .add_event(event))
}

/// Drops the queued parameters.
pub fn cancel_params(mut ctx: Ctx<'_>) -> Result<Response, ContractError> {
    let from = PARAMS.cancel(ctx.deps.storage, ctx.now.epoch)?;
    let event = ctx
        .event("param_cancelled")?
        .add_attribute("from_epoch", from.to_string());
    Ok(Response::new()
        .add_attribute("action", "cancel_params")
        .add_event(event))
}

/// Fills or empties a role.
pub fn set_role(
    mut ctx: Ctx<'_>,
    role: Role,
    account: Option<String>,
) -> Result<Response, ContractError> {
    let holder = parse_holder(ctx.deps.api, &ctx.env, role, account.as_ref())?;
    ROLES.set(ctx.deps.storage, code(role), holder.as_ref());
    let event = ctx
        .event("role_set")?
        .add_attribute("role", name(role))
        .add_attributes(account.map(|account| ("account", account)));
    Ok(Response::new()
        .add_attribute("action", "set_role")
        .add_event(event))
}

/// The treasury cannot be left empty, and the registry itself holds no role.
fn parse_holder(
    api: &dyn Api,
    env: &Env,
    role: Role,
    account: Option<&String>,
) -> Result<Option<Addr>, ContractError> {
    let Some(account) = account else {
        return match role {
            Role::Treasury => Err(RoleError::Mandatory { role: name(role) }.into()),
            Role::Minter | Role::Guardian => Ok(None),
        };
    };
    let addr = api.addr_validate(account)?;
    match addr == env.contract.address {
        false => Ok(Some(addr)),
        true => Err(ContractError::RegistryAsRole {
            role: name(role),
            registry: addr,
        }),
    }
}

const fn code(role: Role) -> u8 {
    match role {
        Role::Minter => MINTER,
        Role::Guardian => GUARDIAN,
        Role::Treasury => TREASURY,
    }
}

/// A role's name in messages, events and answers.
pub const fn name(role: Role) -> &'static str {
    match role {
        Role::Minter => "minter",
        Role::Guardian => "guardian",
        Role::Treasury => "treasury",
    }
}

/// Pauses an activity.
pub fn pause(
    mut ctx: Ctx<'_>,
    activity: Activity,
    seconds: u64,
) -> Result<Response, ContractError> {
    let until = PAUSES.pause(ctx.deps.storage, activity, ctx.env.block.time, seconds)?;
    let event = ctx
        .event("paused")?
        .add_attribute("activity", activity.name())
        .add_attribute("until", until.to_string())
        .add_attribute("by", ctx.info.sender.clone());
    Ok(Response::new()
        .add_attribute("action", "pause")
        .add_event(event))
}

/// Ends a pause.
pub fn resume(mut ctx: Ctx<'_>, activity: Activity) -> Result<Response, ContractError> {
    PAUSES.resume(ctx.deps.storage, activity, ctx.env.block.time)?;
    let event = ctx
        .event("resumed")?
        .add_attribute("activity", activity.name())
        .add_attribute("by", ctx.info.sender.clone());
    Ok(Response::new()
        .add_attribute("action", "resume")
        .add_event(event))
}

/// Two-step ownership.
pub fn update_ownership(
    mut ctx: Ctx<'_>,
    action: cw_ownable::Action,
) -> Result<Response, ContractError> {
    let (block, sender) = (&ctx.env.block, &ctx.info.sender);
    let ownership = cw_ownable::update_ownership(ctx.deps.branch(), block, sender, action)?;
    let event = ctx
        .event("ownership_updated")?
        .add_attributes(ownership.into_attributes());
    Ok(Response::new()
        .add_attribute("action", "update_ownership")
        .add_event(event))
}
