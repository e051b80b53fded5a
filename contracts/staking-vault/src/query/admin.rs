//! Addresses, money, parameters, pauses and roles.

use cosmwasm_std::{Deps, Env};
use noderev_api::common::{
    DenomSolvency, DueResponse, ParamsAtResponse, PausedResponse, QueuedParamsResponse, RoleHolder,
    RolesResponse, SolvencyResponse,
};
use noderev_api::vault::{Activity, ConfigResponse, Params, Role, MAX_BATCH};
use noderev_components::{AsOf, Coded, Denom, Epoch, Local, StdResult};

use super::as_of;
use crate::moment::Moment;
use crate::state::{LEDGER, LOT_AMOUNTS, NODE_STAKES, PARAMS, PAUSES, POOL_STAKES, QST, ROLES};

/// Addresses, clock and limits.
pub fn config(deps: Deps, env: &Env, moment: &Moment) -> StdResult<ConfigResponse> {
    let own = deps
        .querier
        .query_wasm_contract_info(&env.contract.address)?;
    let lineage = moment.lineage(deps.querier)?;
    let config = moment.config.clone();
    Ok(ConfigResponse {
        clock: config.clock.into(),
        qst: config.qst,
        qst_decimals: config.qst_decimals,
        registry: config.registry,
        distributor: config.distributor,
        admin: own.admin,
        requirement: lineage.requirement_at(moment.epoch).into(),
        max_batch: u32::try_from(MAX_BATCH).unwrap_or(u32::MAX),
    })
}

/// Nothing is ever due here: what stakes do, they do by the clock.
pub const fn due(as_of: AsOf) -> DueResponse {
    DueResponse {
        now: vec![],
        next: None,
        as_of,
    }
}

/// QST's books beside its balance.
pub fn solvency(deps: Deps, env: &Env, moment: &Moment) -> StdResult<SolvencyResponse> {
    let books = LEDGER.load(&Local(deps.storage), QST)?;
    let qst = Denom::Cw20(moment.config.qst.to_string());
    let balance = qst.balance(deps.querier, &env.contract.address)?;
    let owed = [
        ("nodes", NODE_STAKES),
        ("pool", POOL_STAKES),
        ("lots", LOT_AMOUNTS),
    ];
    Ok(SolvencyResponse {
        denoms: vec![DenomSolvency::new(qst, &books, balance, owed, [])],
        as_of: as_of(deps, env)?,
    })
}

/// Parameters in force in an epoch.
pub fn params_at(deps: Deps, epoch: Epoch) -> StdResult<ParamsAtResponse<Params>> {
    ParamsAtResponse::load(&PARAMS, &Local(deps.storage), epoch)
}

/// Parameters that wait.
pub fn queued_params(deps: Deps, moment: &Moment) -> StdResult<QueuedParamsResponse<Params>> {
    QueuedParamsResponse::load(&PARAMS, &Local(deps.storage), moment.epoch)
}

/// Activities that can be paused.
pub fn paused(deps: Deps, moment: &Moment) -> StdResult<PausedResponse> {
    let store = Local(deps.storage);
    PausedResponse::load(&PAUSES, &[Activity::Staking], &store, moment.now)
}

/// Owner and guardian.
pub fn roles(deps: Deps) -> StdResult<RolesResponse> {
    let role = Role::Guardian;
    let guardian = ROLES.holder(&Local(deps.storage), role)?;
    let guardian = RoleHolder::new(role.name(), guardian);
    RolesResponse::load(deps.storage, vec![guardian])
}
