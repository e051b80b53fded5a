//! Parameters, roles, pauses and ownership.

use cosmwasm_std::{Addr, Api, Response};
use noderev_api::registry::{Activity, Params, Role};
use noderev_components::{ensure_within, RoleError};
use noderev_economics::MAX_MARKET_FEE;

use super::Ctx;
use crate::permissions::{role_code, role_name};
use crate::state::{Config, PARAMS, PAUSES, ROLES};
use crate::ContractError;

/// Longest notice of a split: a year.
pub const MAX_SPLIT_NOTICE: u64 = 31_536_000;
/// Longest grace after a split, epochs.
pub const MAX_SPLIT_GRACE: u32 = 366;

/// The hard bounds of parameters.
pub fn check_params(params: &Params) -> Result<(), ContractError> {
    let bounds: [(&'static str, u64, u64); 3] = [
        (
            "market_fee",
            params.market_fee.get().into(),
            MAX_MARKET_FEE.get().into(),
        ),
        ("split_notice", params.split_notice, MAX_SPLIT_NOTICE),
        (
            "split_grace",
            params.split_grace.into(),
            MAX_SPLIT_GRACE.into(),
        ),
    ];
    for (field, value, max) in bounds {
        ensure_within(field, value.into(), 0, max.into())?;
    }
    Ok(())
}

/// All parameters as attributes.
pub fn described(params: &Params) -> [(&'static str, String); 3] {
    [
        ("market_fee", params.market_fee.get().to_string()),
        ("split_notice", params.split_notice.to_string()),
        ("split_grace", params.split_grace.to_string()),
    ]
}

/// Queues parameters for seven epochs after the next boundary.
pub fn queue_params(mut ctx: Ctx<'_>, params: Params) -> Result<Response, ContractError> {
    check_params(&params)?;
    let described = described(&params).to_vec();
    Ok(ctx.governance().queue_params(&PARAMS, params, described)?)
}

/// Drops the queued parameters.
pub fn cancel_params(mut ctx: Ctx<'_>) -> Result<Response, ContractError> {
    Ok(ctx.governance().cancel_params(&PARAMS)?)
}

/// Fills or empties a role.
pub fn set_role(
    mut ctx: Ctx<'_>,
    role: Role,
    account: Option<String>,
) -> Result<Response, ContractError> {
    let (config, registry) = (&ctx.now.config, &ctx.env.contract.address);
    let holder = parse_holder(ctx.deps.api, config, registry, role, account.as_ref())?;
    ROLES.set(ctx.deps.storage, role_code(role), holder.as_ref());
    let event = ctx
        .event("role_set")?
        .add_attribute("role", role_name(role))
        .add_attributes(account.map(|account| ("account", account)));
    Ok(Response::new()
        .add_attribute("action", "set_role")
        .add_event(event))
}

/// The treasury cannot be left empty, and none of the contracts that work together holds a role.
pub fn parse_holder(
    api: &dyn Api,
    config: &Config,
    registry: &Addr,
    role: Role,
    account: Option<&String>,
) -> Result<Option<Addr>, ContractError> {
    let name = role_name(role);
    let Some(account) = account else {
        return match role {
            Role::Treasury => Err(RoleError::Mandatory { role: name }.into()),
            Role::Minter | Role::Guardian => Ok(None),
        };
    };
    let addr = api.addr_validate(account)?;
    match config.suite_name(registry, &addr) {
        None => Ok(Some(addr)),
        Some("registry") => Err(ContractError::RegistryAsRole {
            role: name,
            registry: addr,
        }),
        Some(contract) => Err(ContractError::ContractAsRole {
            role: name,
            contract,
            addr,
        }),
    }
}

/// Pauses an activity for a limited time.
pub fn pause(
    mut ctx: Ctx<'_>,
    activity: Activity,
    seconds: u64,
) -> Result<Response, ContractError> {
    let by = ctx.info.sender.clone();
    Ok(ctx.governance().pause(&PAUSES, activity, seconds, &by)?)
}

/// Ends a pause early.
pub fn resume(mut ctx: Ctx<'_>, activity: Activity) -> Result<Response, ContractError> {
    let by = ctx.info.sender.clone();
    Ok(ctx.governance().resume(&PAUSES, activity, &by)?)
}

/// Two-step ownership.
pub fn update_ownership(
    mut ctx: Ctx<'_>,
    action: cw_ownable::Action,
) -> Result<Response, ContractError> {
    let (api, querier) = (ctx.deps.api, ctx.deps.querier);
    let (block, sender) = (ctx.env.block.clone(), ctx.info.sender.clone());
    Ok(ctx
        .governance()
        .update_ownership(api, querier, &block, &sender, action)?)
}
