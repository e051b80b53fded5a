//! Configuration, parameters, roles, what is due, and the proof that nothing is lost.

use cosmwasm_std::{Addr, StdResult};
use cw20::{BalanceResponse, Cw20QueryMsg};
use noderev_api::common::{
    BucketAmount, Clock, DenomSolvency, DueAction, DueResponse, ParamsAtResponse, PausedActivity,
    PausedResponse, QueuedParamsResponse, RoleHolder, RolesResponse, SolvencyResponse,
};
use noderev_api::distributor::{Activity, ConfigResponse, Params, Role, CLAIM_PAGE, MAX_BATCH};
use noderev_components::quorum::Step;
use noderev_components::{Activity as _, Denom, Epoch, Local};

use super::{at, Context};
use crate::earnings::block_start;
use crate::error::ContractError;
use crate::execute::disputes::ruling_deadline;
use crate::execute::evidence::OpenEpoch;
use crate::permissions::{role_code, role_name};
use crate::state::{
    buckets, disputed_epochs, load_progress, load_roll, LEDGER, PARAMS, PAUSES, ROLES,
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
        qst_decimals: 6,
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
        Step::Appeals { until } | Step::Reporting { until: Some(until) } => {
            next = Some(close(until));
        }
        Step::Open => next = Some(close(c.moment.config.clock.end_of(progress.next))),
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

pub fn solvency(c: &Context) -> StdResult<SolvencyResponse> {
    let books = c.denoms.books().into_iter();
    let denoms = books
        .map(|index| denom_solvency(c, index))
        .collect::<StdResult<_>>()?;
    Ok(SolvencyResponse {
        denoms,
        as_of: c.as_of()?,
    })
}

fn denom_solvency(c: &Context, index: u8) -> StdResult<DenomSolvency> {
    let books = LEDGER.load(&Local(c.deps.storage), index)?;
    let denom = c.denoms.denom(index);
    let balance = balance(c, &denom, &c.env.contract.address)?;
    let named = |bucket: &str, amount: u128| BucketAmount {
        bucket: bucket.to_string(),
        amount: amount.into(),
    };
    let owed = buckets::NAMES
        .iter()
        .zip(books.buckets.iter().chain(core::iter::repeat(&0)));
    let liabilities = books.liabilities();
    Ok(DenomSolvency {
        received: books.received.into(),
        paid: books.paid.into(),
        owed: owed.map(|(name, amount)| named(name, *amount)).collect(),
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
    })
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
    for role in [Role::Guardian, Role::Treasury, Role::Arbiter] {
        let filled = ROLES.holder(&Local(c.deps.storage), role_code(role))?;
        roles.push(holder(role_name(role), filled));
    }
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
