//! Addresses, money, parameters, pauses and roles.

use cosmwasm_std::{Deps, Env, StdResult, Timestamp, Uint128};
use cw20::{BalanceResponse, Cw20QueryMsg};
use noderev_api::common::{
    BucketAmount, DenomSolvency, DueResponse, ParamsAtResponse, PausedActivity, PausedResponse,
    QueuedParamsResponse, RoleHolder, RolesResponse, SolvencyResponse,
};
use noderev_api::vault::{Activity, ConfigResponse, Params, Role, MAX_BATCH};
use noderev_components::{Activity as _, AsOf, Books, Denom, Epoch, Local};

use super::as_of;
use crate::moment::Moment;
use crate::permissions::{role_code, role_name};
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
    let qst = &moment.config.qst;
    let address = env.contract.address.to_string();
    let balance: BalanceResponse = deps
        .querier
        .query_wasm_smart(qst, &Cw20QueryMsg::Balance { address })?;
    Ok(SolvencyResponse {
        denoms: vec![proof(
            Denom::Cw20(qst.to_string()),
            &books,
            balance.balance.u128(),
        )],
        as_of: as_of(deps, env)?,
    })
}

fn proof(denom: Denom, books: &Books, balance: u128) -> DenomSolvency {
    let liabilities = books.liabilities();
    let owed = [
        ("nodes", NODE_STAKES),
        ("pool", POOL_STAKES),
        ("lots", LOT_AMOUNTS),
    ];
    DenomSolvency {
        denom,
        received: books.received.into(),
        paid: books.paid.into(),
        owed: owed
            .into_iter()
            .map(|(bucket, place)| BucketAmount {
                bucket: bucket.to_string(),
                amount: books.holds(place).into(),
            })
            .collect(),
        carried: vec![],
        liabilities: liabilities.into(),
        balance: balance.into(),
        surplus: Uint128::new(balance.saturating_sub(liabilities)),
        solvent: books.balanced() && balance >= liabilities,
    }
}

/// Parameters in force in an epoch.
pub fn params_at(deps: Deps, epoch: Epoch) -> StdResult<ParamsAtResponse<Params>> {
    let store = Local(deps.storage);
    Ok(ParamsAtResponse {
        epoch,
        version: PARAMS.version_at(&store, epoch)?,
        params: PARAMS.at(&store, epoch)?,
    })
}

/// Parameters that wait.
pub fn queued_params(deps: Deps, moment: &Moment) -> StdResult<QueuedParamsResponse<Params>> {
    let queued = PARAMS.queued(&Local(deps.storage), moment.epoch)?;
    let (from, params) = queued.unzip();
    Ok(QueuedParamsResponse { from, params })
}

/// Activities that can be paused.
pub fn paused(deps: Deps, moment: &Moment) -> StdResult<PausedResponse> {
    let until = PAUSES.until(&Local(deps.storage), Activity::Staking, moment.now)?;
    Ok(PausedResponse {
        activities: vec![PausedActivity {
            activity: Activity::Staking.name().to_string(),
            until: until.map(Timestamp::from_seconds),
        }],
    })
}

/// Owner and guardian.
pub fn roles(deps: Deps) -> StdResult<RolesResponse> {
    let ownership = cw_ownable::get_ownership(deps.storage)?;
    let guardian = ROLES.holder(&Local(deps.storage), role_code(Role::Guardian))?;
    let holder = |role: &str, holder: Option<_>| RoleHolder {
        role: role.to_string(),
        accounts: holder.into_iter().collect(),
    };
    Ok(RolesResponse {
        roles: vec![
            holder("owner", ownership.owner),
            holder(role_name(Role::Guardian), guardian),
        ],
        pending_owner: ownership.pending_owner,
    })
}
