//! The registry as a whole: supply, parameters, roles, money.

use cosmwasm_std::{Addr, StdResult, Timestamp, Uint128};
use cw20::{BalanceResponse, Cw20QueryMsg};
use noderev_api::common::{
    BucketAmount, DenomSolvency, DueAction, DueResponse, ParamsAtResponse, PausedActivity,
    PausedResponse, QueuedParamsResponse, RoleHolder, RolesResponse, SolvencyResponse,
};
use noderev_api::registry::raw::SUPPLY;
use noderev_api::registry::{
    Activity, ConfigResponse, Params, PreviewSplitResponse, Role, SplitInfo, SupplyResponse,
    MAX_BATCH, MAX_ISSUE,
};
use noderev_components::{Activity as _, Books, Denom, Epoch, Local, Place, Split};
use noderev_economics::{KEY_CAP, NODE_STAKE};

use super::View;
use crate::execute::admin::{name, QST_DECIMALS};
use crate::execute::split::{first_epoch, plan};
use crate::state::{
    is_sealed, FEES, GUARDIAN, LEDGER, MINTER, PARAMS, PAUSES, QST, ROLES, TREASURY,
};
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

pub fn supply(view: View<'_>, epoch: Option<Epoch>) -> Result<SupplyResponse, ContractError> {
    let (lineage, epoch) = (&view.now.lineage, epoch.unwrap_or(view.now.epoch));
    Ok(SupplyResponse {
        epoch,
        issued: SUPPLY.keys_at(&Local(view.deps.storage), lineage, epoch)?,
        cap: lineage.cap_at(epoch),
        factor: lineage.factor_at(epoch),
        requirement: lineage.requirement_at(epoch).into(),
        sealed: is_sealed(view.deps.storage),
        splits: lineage
            .splits
            .iter()
            .map(|split| info(view, split))
            .collect(),
    })
}

fn info(view: View<'_>, split: &Split) -> SplitInfo {
    SplitInfo {
        from: split.from,
        at: start(view, split.from),
        factor: split.factor,
        keys_before: split.keys,
        reported_from: split.from.plus(split.grace),
    }
}

fn start(view: View<'_>, epoch: Epoch) -> Timestamp {
    Timestamp::from_seconds(view.now.config.clock.start_of(epoch))
}

pub fn preview_split(view: View<'_>, factor: u32) -> Result<PreviewSplitResponse, ContractError> {
    let (storage, now) = (view.deps.storage, view.now);
    let params = PARAMS.at(&Local(storage), now.epoch)?;
    let from = first_epoch(now, &params);
    let product = now.lineage.factor_at(now.epoch).saturating_mul(factor);
    let requirement = NODE_STAKE.checked_div(product.into()).unwrap_or(0);
    let refusal = plan(storage, now, &params, factor).err();
    Ok(PreviewSplitResponse {
        from,
        at: start(view, from),
        keys: now.keys(storage)?.saturating_mul(factor),
        cap: KEY_CAP.saturating_mul(product),
        requirement: requirement.into(),
        refusal: refusal.map(|why| why.to_string()),
    })
}

/// Only the treasury's fees wait for somebody to act.
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
        next: None,
        as_of: view.as_of()?,
    })
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
    let stored = [
        (Role::Minter, MINTER),
        (Role::Guardian, GUARDIAN),
        (Role::Treasury, TREASURY),
    ];
    let stored = stored.into_iter().map(|(role, code)| {
        let holder = ROLES.holder(&Local(view.deps.storage), code)?;
        Ok(filled(name(role), holder))
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
