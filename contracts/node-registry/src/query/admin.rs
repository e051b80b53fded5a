//! Addresses, money, parameters, pauses and roles.

use cosmwasm_std::{Addr, StdResult, Timestamp, Uint128};
use cw20::{BalanceResponse, Cw20QueryMsg};
use noderev_api::common::{
    BucketAmount, DenomSolvency, DueAction, DueResponse, ParamsAtResponse, PausedActivity,
    PausedResponse, QueuedParamsResponse, RoleHolder, RolesResponse, SolvencyResponse,
};
use noderev_api::registry::{Activity, ConfigResponse, Params, Role, MAX_BATCH, MAX_ISSUE};
use noderev_components::{Activity as _, Books, Denom, Epoch, Local, Place};

use super::View;
use crate::contract::QST_DECIMALS;
use crate::permissions::{role_code, role_name};
use crate::state::{FEES, LEDGER, PARAMS, PAUSES, QST, ROLES};
use crate::ContractError;

pub fn config(view: View<'_>) -> Result<ConfigResponse, ContractError> {
    let config = view.now.config.clone();
    let registry = &view.env.contract.address;
    Ok(ConfigResponse {
        name: config.name,
        symbol: config.symbol,
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
pub fn due(view: View<'_>) -> Result<DueResponse, ContractError> {
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

pub fn solvency(view: View<'_>) -> Result<SolvencyResponse, ContractError> {
    let books = LEDGER.load(&Local(view.deps.storage), QST)?;
    let token = &view.now.config.qst;
    let address = view.env.contract.address.to_string();
    let query = Cw20QueryMsg::Balance { address };
    let held: BalanceResponse = view.deps.querier.query_wasm_smart(token, &query)?;
    Ok(SolvencyResponse {
        denoms: vec![proof(Denom::Cw20(token.to_string()), &books, held.balance)],
        as_of: view.as_of()?,
    })
}

fn proof(denom: Denom, books: &Books, balance: Uint128) -> DenomSolvency {
    let liabilities = Uint128::new(books.liabilities());
    DenomSolvency {
        denom,
        received: books.received.into(),
        paid: books.paid.into(),
        owed: vec![BucketAmount {
            bucket: "treasury".to_string(),
            amount: books.holds(Place::Bucket(FEES)).into(),
        }],
        carried: vec![],
        liabilities,
        balance,
        surplus: balance.saturating_sub(liabilities),
        solvent: books.balanced() && balance >= liabilities,
    }
}

pub fn params_at(view: View<'_>, epoch: Epoch) -> Result<ParamsAtResponse<Params>, ContractError> {
    let store = Local(view.deps.storage);
    Ok(ParamsAtResponse {
        epoch,
        version: PARAMS.version_at(&store, epoch)?,
        params: PARAMS.at(&store, epoch)?,
    })
}

pub fn queued_params(view: View<'_>) -> Result<QueuedParamsResponse<Params>, ContractError> {
    let queued = PARAMS.queued(&Local(view.deps.storage), view.now.epoch)?;
    let (from, params) = queued.unzip();
    Ok(QueuedParamsResponse { from, params })
}

pub fn paused(view: View<'_>) -> Result<PausedResponse, ContractError> {
    let (store, activity) = (Local(view.deps.storage), Activity::Market);
    let until = PAUSES.until(&store, activity, view.env.block.time)?;
    Ok(PausedResponse {
        activities: vec![PausedActivity {
            activity: activity.name().to_string(),
            until: until.map(Timestamp::from_seconds),
        }],
    })
}

pub fn roles(view: View<'_>) -> Result<RolesResponse, ContractError> {
    let ownership = cw_ownable::get_ownership(view.deps.storage)?;
    let stored = [Role::Minter, Role::Guardian, Role::Treasury];
    let stored = stored.into_iter().map(|role| {
        let holder = ROLES.holder(&Local(view.deps.storage), role_code(role))?;
        Ok(filled(role_name(role), holder))
    });
    let owner = Ok(filled("owner", ownership.owner));
    Ok(RolesResponse {
        roles: core::iter::once(owner)
            .chain(stored)
            .collect::<StdResult<_>>()?,
        pending_owner: ownership.pending_owner,
    })
}

fn filled(role: &str, holder: Option<Addr>) -> RoleHolder {
    RoleHolder {
        role: role.to_string(),
        accounts: holder.into_iter().collect(),
    }
}
