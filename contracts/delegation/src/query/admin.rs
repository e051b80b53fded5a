//! Configuration, parameters, roles, what is due, and the proof that nothing is lost.

use cosmwasm_std::Addr;
use noderev_api::common::{
    Clock, DenomSolvency, DueAction, DueResponse, ParamsAtResponse, PausedResponse,
    QueuedParamsResponse, RoleHolder, RolesResponse, SolvencyResponse, CARRIED,
};
use noderev_api::delegation::{
    Activity, ConfigResponse, Params, Role, CLAIM_PAGE, MAX_BATCH, MAX_DELEGATIONS, MAX_SEATS,
};
use noderev_components::{ChartOfAccounts, Coded, Epoch, Local, Place, StdResult};

use super::network::open;
use super::Context;
use crate::error::Refusal;
use crate::execute::claim::Chart;
use crate::state::{
    buckets, load_token, mint_owed, EVIDENCE, LEDGER, PARAMS, PAUSES, ROLES, TOKEN,
};

pub fn config(c: &Context) -> StdResult<ConfigResponse> {
    let token = load_token(c.deps.storage, c.deps.api)?;
    let info = c
        .deps
        .querier
        .query_wasm_contract_info(&c.env.contract.address)?;
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(ConfigResponse {
        clock: Clock::from(c.moment.clock),
        token: token.addr,
        token_decimals: token.decimals,
        first: c.moment.first,
        admin: info.admin,
        max_batch: number(MAX_BATCH),
        claim_page: number(CLAIM_PAGE),
        max_delegations: MAX_DELEGATIONS,
        max_seats: MAX_SEATS,
    })
}

/// Closing the oldest epoch and making up for a refused mint are anybody's.
pub fn due(c: &Context) -> Result<DueResponse, Refusal> {
    let progress = EVIDENCE.progress(&Local(c.deps.storage))?;
    let open = open(c, progress.next)?;
    let (now, next) = DueAction::closing("advance", &open, &c.moment.clock);
    let mut now: Vec<DueAction> = now.into_iter().collect();
    if mint_owed(c.deps.storage)? > 0 {
        now.push(DueAction::new("retry_mint", None, progress.closed_at));
    }
    Ok(DueResponse {
        now,
        next,
        as_of: c.as_of()?,
    })
}

/// What the token has refused to mint is neither received nor a liability before it is made up for.
pub fn solvency(c: &Context) -> StdResult<SolvencyResponse> {
    let denom = Chart(&c.token()?).denom(TOKEN);
    let books = LEDGER.load(&Local(c.deps.storage), TOKEN)?;
    // A token that does not answer makes its entry insolvent, not the query fail.
    let balance = denom.balance(c.deps.querier, &c.env.contract.address);
    let owed = [("rewards", Place::Bucket(buckets::REWARDS))];
    Ok(SolvencyResponse {
        denoms: vec![DenomSolvency::new(
            denom,
            &books,
            balance.unwrap_or(0),
            owed,
            CARRIED,
        )],
        as_of: c.as_of()?,
    })
}

pub fn params_at(c: &Context, epoch: Epoch) -> StdResult<ParamsAtResponse<Params>> {
    ParamsAtResponse::load(&PARAMS, &Local(c.deps.storage), epoch)
}

pub fn queued_params(c: &Context) -> StdResult<QueuedParamsResponse<Params>> {
    QueuedParamsResponse::load(&PARAMS, &Local(c.deps.storage), c.moment.epoch)
}

pub fn paused(c: &Context) -> StdResult<PausedResponse> {
    let activities = [Activity::Staking, Activity::Injections];
    PausedResponse::load(&PAUSES, &activities, &Local(c.deps.storage), c.moment.now)
}

pub fn roles(c: &Context) -> StdResult<RolesResponse> {
    let store = Local(c.deps.storage);
    let guardian = ROLES.holder(&store, Role::Guardian)?;
    let attesters = PARAMS.at(&store, c.moment.epoch)?.evidence.attesters;
    let roles = vec![
        RoleHolder::new(Role::Guardian.name(), guardian),
        RoleHolder::new("attester", attesters.into_iter().map(Addr::unchecked)),
    ];
    RolesResponse::load(c.deps.storage, roles)
}
