//! Configuration, parameters, roles, what is due, and the proof that nothing is lost.

use cosmwasm_std::Addr;
use noderev_api::common::{
    Clock, DenomSolvency, DueAction, DueResponse, ParamsAtResponse, PausedResponse,
    QueuedParamsResponse, RoleHolder, RolesResponse, SolvencyResponse, CARRIED,
};
use noderev_api::distributor::{Activity, ConfigResponse, Params, Role, CLAIM_PAGE, MAX_BATCH};
use noderev_components::{Books, ChartOfAccounts, Coded, Denom, Epoch, Local, Place, StdResult};

use super::Context;
use crate::earnings::block_start;
use crate::error::Refusal;
use crate::execute::disputes::ruling_deadline;
use crate::execute::evidence::open_epoch;
use crate::state::{
    buckets, disputed_epochs, load_roll, next_epoch, ARBITER, EVIDENCE, LEDGER, PARAMS, PAUSES,
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
        denoms: c.moment.config.denoms.clone(),
        admin: info.admin,
        max_batch: u32::try_from(MAX_BATCH).unwrap_or(u32::MAX),
        claim_page: CLAIM_PAGE,
    })
}

/// Closing the oldest epoch and rolling totals are anybody's.
pub fn due(c: &Context) -> Result<DueResponse, Refusal> {
    let progress = EVIDENCE.progress(&Local(c.deps.storage))?;
    let (open, _) = open_epoch(c.deps, &c.moment, progress.next)?;
    let (now, next) = DueAction::closing("close_epoch", &open, &c.moment.config.clock);
    let mut now: Vec<DueAction> = now.into_iter().collect();
    let end = block_start(load_roll(c.deps.storage)?.block.saturating_add(1));
    if progress.next >= end {
        now.push(DueAction::new("roll", None, progress.closed_at));
    }
    now.extend(unruled(c)?);
    Ok(DueResponse {
        now,
        next,
        as_of: c.as_of()?,
    })
}

/// Disputes whose deadline is over.
fn unruled(c: &Context) -> Result<Vec<DueAction>, Refusal> {
    let closed = next_epoch(c.deps.storage)?;
    let mut due = vec![];
    for epoch in disputed_epochs(c.deps.storage, DISPUTED_EPOCHS)? {
        if epoch >= closed {
            break;
        }
        let deadline = ruling_deadline(c.deps.storage, epoch)?.1;
        if c.moment.now.seconds() >= deadline {
            due.push(DueAction::new("resolve", Some(epoch), deadline));
        }
    }
    Ok(due)
}

/// One entry per currency; bonds kept apart from revenue in the same currency are added to it.
pub fn solvency(c: &Context) -> StdResult<SolvencyResponse> {
    let mut by_denom: Vec<(Denom, Books)> = vec![];
    for index in c.moment.config.books() {
        let (denom, books) = (
            c.moment.config.denom(index),
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
    let balance = denom.balance(c.deps.querier, &c.env.contract.address);
    let owed = (0..buckets::COUNT).map(|bucket| (buckets::name(bucket), Place::Bucket(bucket)));
    DenomSolvency::new(denom, books, balance.unwrap_or(0), owed, CARRIED)
}

pub fn params_at(c: &Context, epoch: Epoch) -> StdResult<ParamsAtResponse<Params>> {
    ParamsAtResponse::load(&PARAMS, &Local(c.deps.storage), epoch)
}

pub fn queued_params(c: &Context) -> StdResult<QueuedParamsResponse<Params>> {
    QueuedParamsResponse::load(&PARAMS, &Local(c.deps.storage), c.moment.epoch)
}

pub fn paused(c: &Context) -> StdResult<PausedResponse> {
    let store = Local(c.deps.storage);
    PausedResponse::load(&PAUSES, &[Activity::Deposits], &store, c.moment.now)
}

pub fn roles(c: &Context) -> StdResult<RolesResponse> {
    let (store, epoch) = (Local(c.deps.storage), c.moment.epoch);
    let mut roles = vec![];
    for role in [Role::Guardian, Role::Treasury] {
        let holder = ROLES.holder(&store, role)?;
        roles.push(RoleHolder::new(role.name(), holder));
    }
    let arbiter = ARBITER.at(&store, epoch)?;
    roles.push(RoleHolder::new(Role::Arbiter.name(), [arbiter]));
    let next = ARBITER.queued(&store, epoch)?.map(|(_, arbiter)| arbiter);
    roles.push(RoleHolder::new("next_arbiter", next));
    let attesters = PARAMS.at(&store, epoch)?.evidence.attesters.into_iter();
    roles.push(RoleHolder::new("attester", attesters.map(Addr::unchecked)));
    RolesResponse::load(c.deps.storage, roles)
}
