//! Addresses, money, parameters, pauses and roles.

use noderev_api::common::{
    DenomSolvency, DueAction, DueResponse, ParamsAtResponse, PausedResponse, QueuedParamsResponse,
    RoleHolder, RolesResponse, SolvencyResponse,
};
use noderev_api::registry::{Activity, ConfigResponse, Params, Role, MAX_BATCH, MAX_ISSUE};
use noderev_components::{Coded, Denom, Epoch, Local, Place, StdResult};

use super::View;
use crate::contract::QST_DECIMALS;
use crate::error::Refusal;
use crate::state::{load_identity, FEES, LEDGER, PARAMS, PAUSES, QST, ROLES};

pub fn config(view: View<'_>) -> Result<ConfigResponse, Refusal> {
    let config = view.now.config.clone();
    let identity = load_identity(view.deps.storage)?;
    let registry = &view.env.contract.address;
    Ok(ConfigResponse {
        name: identity.name,
        symbol: identity.symbol,
        clock: config.clock.into(),
        qst: config.qst,
        qst_decimals: QST_DECIMALS,
        vault: config.vault,
        distributor: config.distributor,
        admin: view.deps.querier.query_wasm_contract_info(registry)?.admin,
        max_batch: u32::try_from(MAX_BATCH).unwrap_or(u32::MAX),
        max_issue: MAX_ISSUE,
    })
}

/// Only the treasury's fees wait for somebody to act; what comes next comes by itself.
pub fn due(view: View<'_>) -> Result<DueResponse, Refusal> {
    let books = LEDGER.load(&Local(view.deps.storage), QST)?;
    let fees = books.holds(Place::Bucket(FEES)) > 0;
    let claim = DueAction {
        action: "claim_fees".to_string(),
        epoch: None,
        from: view.env.block.time,
    };
    Ok(DueResponse {
        now: fees.then_some(claim).into_iter().collect(),
        next: coming(view)?,
        as_of: view.as_of()?,
    })
}

/// The announced split or the queued parameters, whichever comes first.
fn coming(view: View<'_>) -> StdResult<Option<DueAction>> {
    let split = view.now.lineage.pending(view.now.epoch);
    let split = split.map(|split| ("split", split.from));
    let queued = PARAMS.queued(&Local(view.deps.storage), view.now.epoch)?;
    let params = queued.map(|(from, _)| ("queue_params", from));
    let first = split
        .into_iter()
        .chain(params)
        .min_by_key(|(_, from)| *from);
    Ok(first.map(|(action, from)| DueAction {
        action: action.to_string(),
        epoch: Some(from),
        from: view.start_of(from),
    }))
}

pub fn solvency(view: View<'_>) -> Result<SolvencyResponse, Refusal> {
    let books = LEDGER.load(&Local(view.deps.storage), QST)?;
    let qst = Denom::Cw20(view.now.config.qst.to_string());
    let balance = qst.balance(view.deps.querier, &view.env.contract.address)?;
    let owed = [("treasury", Place::Bucket(FEES))];
    Ok(SolvencyResponse {
        denoms: vec![DenomSolvency::new(qst, &books, balance, owed, [])],
        as_of: view.as_of()?,
    })
}

pub fn params_at(view: View<'_>, epoch: Epoch) -> StdResult<ParamsAtResponse<Params>> {
    ParamsAtResponse::load(&PARAMS, &Local(view.deps.storage), epoch)
}

pub fn queued_params(view: View<'_>) -> StdResult<QueuedParamsResponse<Params>> {
    QueuedParamsResponse::load(&PARAMS, &Local(view.deps.storage), view.now.epoch)
}

pub fn paused(view: View<'_>) -> StdResult<PausedResponse> {
    let (store, now) = (Local(view.deps.storage), view.env.block.time);
    PausedResponse::load(&PAUSES, &[Activity::Market], &store, now)
}

pub fn roles(view: View<'_>) -> StdResult<RolesResponse> {
    let stored = [Role::Minter, Role::Guardian, Role::Treasury];
    let stored = stored.into_iter().map(|role| {
        let holder = ROLES.holder(&Local(view.deps.storage), role)?;
        Ok(RoleHolder::new(role.name(), holder))
    });
    RolesResponse::load(view.deps.storage, stored.collect::<StdResult<_>>()?)
}
