//! What was earned, epoch by epoch, and why.

use cosmwasm_std::{StdError, StdResult};
use noderev_api::distributor::{
    AccountEpoch, AccountHistoryResponse, DisputeKind, EpochInfo, ExplainResponse, KeyEpoch,
    KeyHistoryResponse, PoolEpoch, PoolHistoryResponse, Reason,
};
use noderev_components::{page_limit, Account, Epoch, KeyId};
use noderev_economics::{accrue, PotSplit};

use super::evidence::dispute_info;
use super::network::{closed_page, epoch_info};
use super::Context;
use crate::chain::Chain;
use crate::earnings::Pay;
use crate::error::ContractError;
use crate::execute::disputes::to_key;
use crate::settlement::{check_keys, tokens_of};
use crate::shares::ClosedEpoch;
use crate::state::{load_progress, load_row, load_sums, may_load_dispute, Dispute, KEYS_PER_PAGE};

/// Most keys of one account history.
const MAX_HISTORY_KEYS: u32 = 30;
/// Most epochs of one account history, and how many by default.
const MAX_HISTORY_EPOCHS: u32 = 30;
const DEFAULT_HISTORY_EPOCHS: u32 = 10;

/// One thousand QST in units.
const THOUSAND_QST: u128 = 1_000_000_000;

/// What a key got in an epoch.
struct Outcome {
    owner: Option<Account>,
    reason: Reason,
    staked: bool,
    dispute: Option<Dispute>,
    amounts: Vec<u128>,
}

fn outcome(c: &Context, key: KeyId, epoch: Epoch) -> StdResult<Outcome> {
    let chain = Chain::new(c.deps.querier, &c.moment.config);
    let lineage = chain.lineage()?;
    let keys = chain.keys_at(&lineage, epoch.min(c.moment.epoch))?;
    let exists = (1..=keys).contains(&key.0) && epoch <= c.moment.epoch;
    let mut outcome = Outcome {
        owner: None,
        reason: Reason::NotIssued,
        staked: false,
        dispute: None,
        amounts: vec![],
    };
    if !exists {
        return Ok(outcome);
    }
    outcome.owner = chain
        .holder(&lineage, key, epoch)?
        .map(|span| span.value.owner);
    if epoch >= load_progress(c.deps.storage)?.next {
        outcome.reason = Reason::NotClosed;
        outcome.staked = chain.is_staked(&lineage, epoch, key)?;
        return Ok(outcome);
    }
    judged(c, key, epoch, outcome)
}

fn judged(c: &Context, key: KeyId, epoch: Epoch, mut outcome: Outcome) -> StdResult<Outcome> {
    let closed = ClosedEpoch::load(c.deps.storage, epoch)?;
    let row = load_row(c.deps.storage, epoch, key.bit() / KEYS_PER_PAGE)?;
    let bit = key.bit() % KEYS_PER_PAGE;
    outcome.staked = row.staked.get(bit);
    outcome.dispute = may_load_dispute(c.deps.storage, epoch, key)?;
    let rates = |rate: fn(&PotSplit) -> u128| -> StdResult<Vec<u128>> {
        let denoms = 0..closed.denoms();
        denoms
            .map(|denom| Ok(closed.money(denom)?.split.as_ref().map_or(0, rate)))
            .collect()
    };
    (outcome.reason, outcome.amounts) = match (&outcome.dispute, row.pay(bit)) {
        _ if !closed.summary.quorum => (Reason::NoQuorum, vec![]),
        (Some(dispute), _) => {
            let denoms = 0..closed.denoms();
            let amounts = denoms.map(|denom| to_key(&closed, denom, dispute, outcome.staked));
            (Reason::Held, amounts.collect::<StdResult<_>>()?)
        }
        (None, Pay::Nothing) => (Reason::NotRunning, vec![]),
        (None, Pay::Staked) => (Reason::Staked, rates(PotSplit::staked_rate)?),
        (None, Pay::Unstaked) => (Reason::Unstaked, rates(PotSplit::unstaked_rate)?),
    };
    Ok(outcome)
}

pub fn key_history(
    c: &Context,
    key: KeyId,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> StdResult<KeyHistoryResponse> {
    let epochs = closed_page(c, start_after, page_limit(limit))?
        .into_iter()
        .map(|epoch| {
            let outcome = outcome(c, key, epoch)?;
            Ok(KeyEpoch {
                epoch,
                owner: outcome
                    .owner
                    .map(|owner| owner.human(c.deps.api))
                    .transpose()?,
                reason: outcome.reason,
                amounts: c.amounts(&outcome.amounts),
            })
        });
    Ok(KeyHistoryResponse {
        epochs: epochs.collect::<StdResult<_>>()?,
        as_of: c.as_of()?,
    })
}

pub fn pool_history(
    c: &Context,
    account: Option<String>,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> Result<PoolHistoryResponse, ContractError> {
    let account = account.map(|account| c.account(&account)).transpose()?;
    let epochs = closed_page(c, start_after, page_limit(limit))?;
    let epochs = epochs
        .into_iter()
        .map(|epoch| pool_epoch(c, account.as_ref(), epoch));
    Ok(PoolHistoryResponse {
        epochs: epochs.collect::<Result<_, _>>()?,
        as_of: c.as_of()?,
    })
}

fn pool_epoch(
    c: &Context,
    account: Option<&Account>,
    epoch: Epoch,
) -> Result<PoolEpoch, ContractError> {
    let closed = ClosedEpoch::load(c.deps.storage, epoch)?;
    let denoms = 0..closed.denoms();
    let rewards = denoms
        .map(|denom| pool_reward(&closed, denom))
        .collect::<StdResult<Vec<_>>>()?;
    let my_stake = match account {
        Some(account) => stake_of(c, account, epoch)?,
        None => 0,
    };
    let required = closed
        .facts
        .requirement
        .saturating_mul(closed.facts.unstaked.into());
    Ok(PoolEpoch {
        epoch,
        counted: closed.facts.pool_stake.into(),
        required: required.into(),
        rewards: c.amounts(&rewards),
        per_thousand: c.amounts(&pool_earned(c, epoch, THOUSAND_QST)?),
        my_stake: my_stake.into(),
        mine: c.amounts(&pool_earned(c, epoch, my_stake)?),
    })
}

/// The pool's part, with what appeals left it.
fn pool_reward(closed: &ClosedEpoch, denom: u8) -> StdResult<u128> {
    let money = closed.money(denom)?;
    let pool = money.split.map_or(0, |split| split.pool);
    Ok(pool.saturating_add(money.inflow.pool_extra))
}

fn stake_of(c: &Context, account: &Account, epoch: Epoch) -> StdResult<u128> {
    let chain = Chain::new(c.deps.querier, &c.moment.config);
    Ok(chain
        .pool_stake(account, epoch)?
        .map_or(0, |span| span.value))
}

/// What a stake earned in an epoch, by currency, rounded down.
fn pool_earned(c: &Context, epoch: Epoch, stake: u128) -> Result<Vec<u128>, ContractError> {
    let after = load_sums(c.deps.storage, epoch.next())?;
    let mut before = load_sums(c.deps.storage, epoch)?;
    before.resize(after.len(), Default::default());
    let pairs = before.iter().zip(&after);
    pairs
        .map(|(before, after)| Ok(accrue(stake, before.pool.index, after.pool.index, 0)?.0))
        .collect()
}

pub fn account_history(
    c: &Context,
    human: &str,
    keys: Option<Vec<KeyId>>,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> Result<AccountHistoryResponse, ContractError> {
    let account = c.account(human)?;
    let addr = account.human(c.deps.api)?;
    let keys = match keys {
        Some(keys) if keys.len() > MAX_HISTORY_KEYS as usize => {
            let (count, max) = (keys.len(), MAX_HISTORY_KEYS as usize);
            return Err(ContractError::KeyCount { count, max });
        }
        Some(keys) => check_keys(keys)?,
        None => tokens_of(c.deps, &c.moment.config, &addr, None, MAX_HISTORY_KEYS)?,
    };
    let limit = limit
        .unwrap_or(DEFAULT_HISTORY_EPOCHS)
        .min(MAX_HISTORY_EPOCHS);
    let epochs = closed_page(c, start_after, limit as usize)?;
    let epochs = epochs
        .into_iter()
        .map(|epoch| account_epoch(c, &account, &keys, epoch));
    Ok(AccountHistoryResponse {
        epochs: epochs.collect::<Result<_, _>>()?,
        as_of: c.as_of()?,
    })
}

fn account_epoch(
    c: &Context,
    account: &Account,
    keys: &[KeyId],
    epoch: Epoch,
) -> Result<AccountEpoch, ContractError> {
    let (mut paid, mut nodes) = (0u32, vec![0u128; c.denoms.list.len()]);
    for key in keys {
        let outcome = outcome(c, *key, epoch)?;
        let earned = outcome.amounts.iter().any(|amount| *amount > 0);
        if outcome.owner.as_ref() != Some(account) || !earned {
            continue;
        }
        paid = paid.saturating_add(1);
        for (sum, amount) in nodes.iter_mut().zip(&outcome.amounts) {
            *sum = sum.saturating_add(*amount);
        }
    }
    let stake = stake_of(c, account, epoch)?;
    let pool = pool_earned(c, epoch, stake)?;
    Ok(AccountEpoch {
        epoch,
        keys: paid,
        nodes: c.amounts(&nodes),
        pool: c.amounts(&pool),
    })
}

pub fn explain(c: &Context, key: KeyId, epoch: Epoch) -> Result<ExplainResponse, ContractError> {
    let outcome = outcome(c, key, epoch)?;
    let closed = epoch < load_progress(c.deps.storage)?.next;
    let figures = closed.then(|| epoch_info(c, epoch)).transpose()?;
    let steps = match &figures {
        Some(figures) => steps(figures, &outcome)?,
        None => vec![],
    };
    let dispute = outcome
        .dispute
        .map(|dispute| dispute_info(c, epoch, key, dispute))
        .transpose()?;
    Ok(ExplainResponse {
        key,
        epoch,
        owner: outcome
            .owner
            .map(|owner| owner.human(c.deps.api))
            .transpose()?,
        reason: outcome.reason,
        figures,
        staked: outcome.staked,
        dispute,
        amounts: c.amounts(&outcome.amounts),
        steps,
    })
}

/// The way from the pot to the amount, one sentence a step.
fn steps(figures: &EpochInfo, outcome: &Outcome) -> StdResult<Vec<String>> {
    let mut steps =
        vec![format!(
        "{} of {} keys ran (N), {} of them unstaked (U), {} disputed; the pool held {} of {} QST \
         units per unstaked node",
        figures.running, figures.keys, figures.unstaked, figures.held, figures.pool_stake,
        figures.requirement
    )];
    for money in &figures.money {
        steps.push(format!(
            "{}: revenue {} -> network {} and treasury {}; pot = network + carry {} + drip {} = {}; \
             p = {}; d = {}; pool = {}; r = {}; carried on {}",
            money.denom, money.revenue, money.network, money.treasury, money.carry_in,
            money.drip_in, money.pot, money.per_node, money.unstaked, money.pool,
            money.remainder, money.carry_out
        ));
    }
    steps.push(match outcome.reason {
        Reason::Staked => "the node ran, staked: p, and r where all share it".to_string(),
        Reason::Unstaked => "the node ran, unstaked: d + r".to_string(),
        Reason::NotRunning => "the node did not run: nothing".to_string(),
        Reason::NoQuorum => "too few attesters reported: nobody is paid, the money drips into \
                             later epochs"
            .to_string(),
        Reason::NotIssued => "the key did not exist".to_string(),
        Reason::NotClosed => return Err(StdError::generic_err("not closed")),
        Reason::Held => held_step(outcome),
    });
    Ok(steps)
}

fn held_step(outcome: &Outcome) -> String {
    let kind = outcome.dispute.as_ref().map(|dispute| dispute.kind);
    let what = match kind {
        Some(DisputeKind::Challenge) => "challenged",
        _ => "appealed for",
    };
    let end = outcome
        .dispute
        .as_ref()
        .map(|dispute| crate::execute::disputes::outcome_name(dispute.outcome));
    format!(
        "the node was {what}; the dispute is {}",
        end.unwrap_or_default()
    )
}
