//! Parameters, roles, pauses and ownership.

use cosmwasm_std::{Addr, Api, Response};
use noderev_api::registry::{Params, Role};
use noderev_components::{ensure_within, Coded, RoleError};
use noderev_economics::MAX_MARKET_FEE;

use super::Ctx;
use crate::error::{ContractError, Refusal};
use crate::state::{Config, PARAMS, ROLES};

/// Longest notice of a split: a year.
pub const MAX_SPLIT_NOTICE: u64 = 31_536_000;
/// Longest grace after a split, epochs.
pub const MAX_SPLIT_GRACE: u32 = 366;

/// The hard bounds of parameters.
pub fn check_params(params: &Params) -> Result<(), Refusal> {
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
pub fn queue_params(mut ctx: Ctx<'_>, params: Params) -> Result<Response, Refusal> {
    check_params(&params)?;
    let described = described(&params).to_vec();
    Ok(ctx.governance().queue_params(&PARAMS, params, described)?)
}

/// Fills or empties a role.
pub fn set_role(
    mut ctx: Ctx<'_>,
    role: Role,
    account: Option<String>,
) -> Result<Response, Refusal> {
    let (config, registry) = (&ctx.now.config, &ctx.env.contract.address);
    let holder = parse_holder(ctx.deps.api, config, registry, role, account.as_ref())?;
    Ok(ctx.governance().set_role(&ROLES, role, holder.as_ref())?)
}

/// The treasury cannot be left empty, and none of the contracts that work together holds a role.
pub fn parse_holder(
    api: &dyn Api,
    config: &Config,
    registry: &Addr,
    role: Role,
    account: Option<&String>,
) -> Result<Option<Addr>, Refusal> {
    let name = role.name();
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
        }
        .into()),
        Some(contract) => Err(ContractError::ContractAsRole {
            role: name,
            contract,
            addr,
        }
        .into()),
    }
}
