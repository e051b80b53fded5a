//! Configuration, parameters, roles, what is due, and the proof that nothing is lost.

use cosmwasm_std::{Addr, StdResult};
use cw20::{BalanceResponse, Cw20QueryMsg};
use noderev_api::common::{
    BucketAmount, Clock, DenomSolvency, DueAction, DueResponse, ParamsAtResponse, PausedActivity,
    PausedResponse, QueuedParamsResponse, RoleHolder, RolesResponse, SolvencyResponse,
};
use noderev_api::distributor::{Activity, ConfigResponse, Params, Role, CLAIM_PAGE, MAX_BATCH};
use noderev_components::quorum::Step;
use noderev_components::{Activity as _, Books, Denom, Epoch, Local, Place};

use super::{at, Context};
use crate::earnings::block_start;
use crate::error::ContractError;
use crate::execute::disputes::ruling_deadline;
use crate::execute::evidence::OpenEpoch;
use crate::permissions::{role_code, role_name};
use crate::state::{
    buckets, disputed_epochs, load_progress, load_roll, Denoms, ARBITER, LEDGER, PARAMS, PAUSES,
    ROLES,
};

/// Epochs with open disputes that `due` looks at.
const DISPUTED_EPOCHS: usize = 20;

pub fn config(c: &Context) -> StdResult<ConfigResponse> {
    let config = c.moment.config.clone();
    let info = c
        .deps
        .querier
        .query_wasm_contract_info(&c.env.contract.address)?;
    Ok(ConfigResponse {
        clock: Clock::from(config.clock),
        qst: config.qst,
        qst_decimals: config.qst_decimals,
        registry: config.registry,
        vault: config.vault,
        denoms: c.denoms.list.clone(),
        admin: info.admin,
        max_batch: u32::try_from(MAX_BATCH).unwrap_or(u32::MAX),
        claim_page: CLAIM_PAGE,
    })
}

/// Closing the oldest epoch and rolling totals are anybody's.
pub fn due(c: &Context) -> Result<DueResponse, ContractError> {
    let progress = load_progress(c.deps.storage)?;
    let open = OpenEpoch::load(c.deps, &c.moment, progress.next)?;
    let (mut now, mut next) = (vec![], None);
    let close = |seconds: u64| DueAction {
        action: "close_epoch".to_string(),
        epoch: Some(progress.next),
        from: at(seconds),
    };
    match open.step {
        Step::Due { since } => now.push(close(since)),
        Step::Appeals { until } => next = Some(close(until)),
        Step::Reporting { until: Some(until) } => {
            next = Some(close(until.saturating_add(open.params.appeal_window)));
        }
        // At the latest: earlier if all attesters report early.
        Step::Open => {
            let ends = c.moment.config.clock.end_of(progress.next);
            let windows = open
                .params
                .report_window
                .saturating_add(open.params.appeal_window);
            next = Some(close(ends.saturating_add(windows)));
        }
        Step::Reporting { until: None } => {}
    }
    let end = block_start(load_roll(c.deps.storage)?.block.saturating_add(1));
    if progress.next >= end {
        let from = at(progress.closed_at);
        now.push(DueAction {
            action: "roll".to_string(),
            epoch: None,
            from,
        });
    }
    now.extend(unruled(c)?);
    Ok(DueResponse {
        now,
        next,
        as_of: c.as_of()?,
    })
}

/// Disputes whose deadline is over.
fn unruled(c: &Context) -> Result<Vec<DueAction>, ContractError> {
    let closed = load_progress(c.deps.storage)?.next;
    let mut due = vec![];
    for epoch in disputed_epochs(c.deps.storage, DISPUTED_EPOCHS)? {
        if epoch >= closed {
            break;
        }
        let deadline = ruling_deadline(c.deps.storage, epoch)?.1;
        if c.moment.now.seconds() >= deadline {
            let action = "resolve".to_string();
            due.push(DueAction {
                action,
                epoch: Some(epoch),
                from: at(deadline),
            });
        }
    }
    Ok(due)
}

/// One entry per currency; bonds kept apart from revenue in the same currency are added to it.
pub fn solvency(c: &Context) -> StdResult<SolvencyResponse> {
    let mut by_denom: Vec<(Denom, Books)> = vec![];
    for index in c.denoms.books() {
        let (denom, books) = (
            c.denoms.denom(index),
            LEDGER.load(&Local(c.deps.storage), index)?,
        );
        match by_denom.iter_mut().find(|(known, _)| *known == denom) {
            Some((_, known)) => *known = known.merged(&books),
            None => by_denom.push((denom, books)),
        }
    }
    let denoms = by_denom
        .into_iter()
        .map(|(denom, books)| denom_solvency(c, denom, &books));
    Ok(SolvencyResponse {
        denoms: denoms.collect(),
        as_of: c.as_of()?,
    })
}

fn denom_solvency(c: &Context, denom: Denom, books: &Books) -> DenomSolvency {
    // A token that does not answer makes its own entry insolvent, no other's.
    let balance = balance(c, &denom, &c.env.contract.address).unwrap_or(0);
    let named = |bucket: &str, amount: u128| BucketAmount {
        bucket: bucket.to_string(),
        amount: amount.into(),
    };
    let buckets = 0..buckets::COUNT;
    let owed =
        buckets.map(|bucket| named(Denoms::bucket(bucket), books.holds(Place::Bucket(bucket))));
    let liabilities = books.liabilities();
    DenomSolvency {
        received: books.received.into(),
        paid: books.paid.into(),
        owed: owed.collect(),
        carried: vec![
            named("ahead", books.ahead),
            named("carry", books.carry),
            named("drip", books.drip),
        ],
        liabilities: liabilities.into(),
        balance: balance.into(),
        surplus: balance.saturating_sub(liabilities).into(),
        solvent: books.balanced() && balance >= liabilities,
        denom,
    }
}

fn balance(c: &Context, denom: &Denom, holder: &Addr) -> StdResult<u128> {
    match denom {
        Denom::Native(denom) => Ok(c.deps.querier.query_balance(holder, denom)?.amount.u128()),
        Denom::Cw20(token) => {
            let query = Cw20QueryMsg::Balance {
                address: holder.to_string(),
            };
            let answer: BalanceResponse = c.deps.querier.query_wasm_smart(token, &query)?;
            Ok(answer.balance.u128())
        }
    }
}

pub fn params_at(c: &Context, epoch: Epoch) -> StdResult<ParamsAtResponse<Params>> {
    let store = Local(c.deps.storage);
    Ok(ParamsAtResponse {
        epoch,
        version: PARAMS.version_at(&store, epoch)?,
        params: PARAMS.at(&store, epoch)?,
    })
}

pub fn queued_params(c: &Context) -> StdResult<QueuedParamsResponse<Params>> {
    let queued = PARAMS.queued(&Local(c.deps.storage), c.moment.epoch)?;
    let (from, params) = queued.unzip();
    Ok(QueuedParamsResponse { from, params })
}

pub fn paused(c: &Context) -> StdResult<PausedResponse> {
    let activity = Activity::Deposits;
    let until = PAUSES.until(&Local(c.deps.storage), activity, c.moment.now)?;
    let activities = vec![PausedActivity {
        activity: activity.name().to_string(),
        until: until.map(at),
    }];
    Ok(PausedResponse { activities })
}

pub fn roles(c: &Context) -> StdResult<RolesResponse> {
    let ownership = cw_ownable::get_ownership(c.deps.storage)?;
    let holder = |role: &str, holder: Option<Addr>| RoleHolder {
        role: role.to_string(),
        accounts: holder.into_iter().collect(),
    };
    let mut roles = vec![holder("owner", ownership.owner)];
    for role in [Role::Guardian, Role::Treasury] {
        let filled = ROLES.holder(&Local(c.deps.storage), role_code(role))?;
        roles.push(holder(role_name(role), filled));
    }
    let arbiter = ARBITER.at(&Local(c.deps.storage), c.moment.epoch)?;
    roles.push(holder(role_name(Role::Arbiter), Some(arbiter)));
    let next = ARBITER.queued(&Local(c.deps.storage), c.moment.epoch)?;
    roles.push(holder("next_arbiter", next.map(|(_, arbiter)| arbiter)));
    let attesters = PARAMS.at(&Local(c.deps.storage), c.moment.epoch)?.attesters;
    let accounts = attesters.into_iter().map(Addr::unchecked).collect();
    roles.push(RoleHolder {
        role: "attester".to_string(),
        accounts,
    });
    Ok(RolesResponse {
        roles,
        pending_owner: ownership.pending_owner,
    })
}
