//! What was earned, epoch by epoch, and why.

use noderev_components::{
    fault, page_limit, Account, Batch, Bitmap, ChartOfAccounts, Epoch, KeyId, Lineage, StdResult,
};
use std::collections::BTreeMap;

use cosmwasm_std::{StdError, Storage, Uint256};
use noderev_api::distributor::{
    AccountEpoch, AccountHistoryResponse, DisputeKind, EpochInfo, ExplainResponse, KeyEpoch,
    KeyHistoryResponse, PoolEpoch, PoolHistoryResponse, PoolRate, Reason,
};
use noderev_economics::{accrue, PotSplit};

use super::evidence::dispute_info;
use super::network::{closed_page, epoch_info};
use super::Context;
use crate::chain::Chain;
use crate::earnings::Pay;
use crate::error::Refusal;
use crate::execute::disputes::to_key;
use crate::settlement::tokens_of;
use crate::shares::ClosedEpoch;
use crate::state::{
    load_held, load_row, load_sums, may_load_dispute, next_epoch, Dispute, Row, KEYS_PER_PAGE,
};

/// Most keys of one account history.
const MAX_HISTORY_KEYS: u32 = 30;
const HISTORY_KEYS: Batch = Batch::new("key", "keys", MAX_HISTORY_KEYS as usize);
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

impl Outcome {
    const fn unpaid(reason: Reason) -> Self {
        Self {
            owner: None,
            reason,
            staked: false,
            dispute: None,
            amounts: vec![],
        }
    }
}

/// Looks keys up, each record once.
struct History<'a> {
    c: &'a Context<'a>,
    chain: Chain<'a>,
    lineage: Lineage,
    closed: Epoch,
}

/// One closed epoch.
struct View {
    epoch: Epoch,
    closed: ClosedEpoch,
    held: Bitmap,
    rows: BTreeMap<u32, Row>,
}

impl<'a> History<'a> {
    fn load(c: &'a Context<'a>) -> StdResult<Self> {
        let chain = Chain::new(c.deps.querier, &c.moment.config);
        let closed = next_epoch(c.deps.storage)?;
        Ok(Self {
            c,
            lineage: chain.lineage()?,
            chain,
            closed,
        })
    }

    fn view(&self, epoch: Epoch) -> StdResult<View> {
        let closed = ClosedEpoch::load(self.c.deps.storage, epoch)?;
        let held = load_held(self.c.deps.storage, epoch)?.unwrap_or_default();
        Ok(View {
            epoch,
            closed,
            held,
            rows: BTreeMap::new(),
        })
    }

    /// What a key got in an epoch that may not be closed.
    fn outcome(&self, key: KeyId, epoch: Epoch) -> StdResult<Outcome> {
        if epoch < self.c.moment.config.first {
            return Ok(Outcome::unpaid(Reason::NotIssued));
        }
        if epoch < self.closed {
            return self.judged(&mut self.view(epoch)?, key);
        }
        let now = self.c.moment.epoch;
        let keys = self.chain.keys_at(&self.lineage, epoch.min(now))?;
        if epoch > now || !(1..=keys).contains(&key.0) {
            return Ok(Outcome::unpaid(Reason::NotIssued));
        }
        Ok(Outcome {
            owner: self.owner(key, epoch)?,
            staked: self.chain.is_staked(&self.lineage, epoch, key)?,
            ..Outcome::unpaid(Reason::NotClosed)
        })
    }

    /// What a key got in a closed epoch.
    fn judged(&self, view: &mut View, key: KeyId) -> StdResult<Outcome> {
        if !(1..=view.closed.summary.keys).contains(&key.0) {
            return Ok(Outcome::unpaid(Reason::NotIssued));
        }
        let storage = self.c.deps.storage;
        let row = view.row(storage, key.bit() / KEYS_PER_PAGE)?;
        let bit = key.bit() % KEYS_PER_PAGE;
        let (pay, staked) = (row.pay(bit), row.staked.get(bit));
        let dispute = match view.held.get(key.bit()) {
            true => may_load_dispute(storage, view.epoch, key)?,
            false => None,
        };
        let (reason, amounts) = view.earned(pay, staked, dispute.as_ref())?;
        Ok(Outcome {
            owner: self.owner(key, view.epoch)?,
            reason,
            staked,
            dispute,
            amounts,
        })
    }

    fn owner(&self, key: KeyId, epoch: Epoch) -> StdResult<Option<Account>> {
        let span = self.chain.holder(&self.lineage, key, epoch)?;
        Ok(span.map(|span| span.value.owner))
    }
}

impl View {
    fn row(&mut self, storage: &dyn Storage, page: u32) -> StdResult<Row> {
        if let Some(row) = self.rows.get(&page) {
            return Ok(row.clone());
        }
        let row = load_row(storage, self.epoch, page)?;
        self.rows.insert(page, row.clone());
        Ok(row)
    }

    /// Why a key got what it got, and what, by currency.
    fn earned(
        &self,
        pay: Pay,
        staked: bool,
        dispute: Option<&Dispute>,
    ) -> StdResult<(Reason, Vec<u128>)> {
        let closed = &self.closed;
        let rates = |rate: fn(&PotSplit) -> u128| -> StdResult<Vec<u128>> {
            let denoms = 0..closed.denoms();
            denoms
                .map(|denom| Ok(closed.money(denom)?.split.as_ref().map_or(0, rate)))
                .collect()
        };
        Ok(match (dispute, pay) {
            _ if !closed.summary.quorum => (Reason::NoQuorum, vec![]),
            (Some(dispute), _) => {
                let denoms = 0..closed.denoms();
                let amounts = denoms.map(|denom| to_key(closed, denom, dispute, staked));
                (Reason::Held, amounts.collect::<StdResult<_>>()?)
            }
            (None, Pay::Nothing) => (Reason::NotRunning, vec![]),
            (None, Pay::Staked) => (Reason::Staked, rates(PotSplit::staked_rate)?),
            (None, Pay::Unstaked) => (Reason::Unstaked, rates(PotSplit::unstaked_rate)?),
        })
    }
}

pub fn key_history(
    c: &Context,
    key: KeyId,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> StdResult<KeyHistoryResponse> {
    let history = History::load(c)?;
    let page = closed_page(c, start_after, page_limit(limit))?;
    let epochs = page.into_iter().map(|epoch| {
        let outcome = history.outcome(key, epoch)?;
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
) -> Result<PoolHistoryResponse, Refusal> {
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

fn pool_epoch(c: &Context, account: Option<&Account>, epoch: Epoch) -> Result<PoolEpoch, Refusal> {
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
        rates: rates(c, epoch)?,
    })
}

fn rates(c: &Context, epoch: Epoch) -> StdResult<Vec<PoolRate>> {
    let numbered = (0u8..)
        .zip(pool_rates(c, epoch)?)
        .filter(|(_, rate)| !rate.is_zero());
    Ok(numbered
        .map(|(index, rate)| PoolRate {
            denom: c.moment.config.denom(index),
            rate,
        })
        .collect())
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
fn pool_earned(c: &Context, epoch: Epoch, stake: u128) -> Result<Vec<u128>, Refusal> {
    let rates = pool_rates(c, epoch)?.into_iter();
    rates
        .map(|rate| Ok(accrue(stake, Uint256::zero(), rate, 0)?.0))
        .collect()
}

/// What one unit of stake earned in an epoch, by currency, in 10^-18 units.
fn pool_rates(c: &Context, epoch: Epoch) -> StdResult<Vec<Uint256>> {
    let after = load_sums(c.deps.storage, epoch.next())?;
    let mut before = load_sums(c.deps.storage, epoch)?;
    before.resize(after.len(), Default::default());
    let pairs = before.iter().zip(&after);
    pairs
        .map(|(before, after)| {
            Ok(after
                .pool
                .index
                .checked_sub(before.pool.index)
                .map_err(StdError::from)?)
        })
        .collect()
}

pub fn account_history(
    c: &Context,
    human: &str,
    keys: Option<Vec<KeyId>>,
    start_after: Option<Epoch>,
    limit: Option<u32>,
) -> Result<AccountHistoryResponse, Refusal> {
    let account = c.account(human)?;
    let addr = account.human(c.deps.api)?;
    let keys = match keys {
        Some(keys) => {
            HISTORY_KEYS.ensure(&keys)?;
            keys
        }
        None => tokens_of(c.deps, &c.moment.config, &addr, None, MAX_HISTORY_KEYS)?,
    };
    let limit = limit
        .unwrap_or(DEFAULT_HISTORY_EPOCHS)
        .min(MAX_HISTORY_EPOCHS);
    let epochs = closed_page(c, start_after, limit as usize)?;
    let history = History::load(c)?;
    let epochs = epochs
        .into_iter()
        .map(|epoch| account_epoch(&history, &account, &keys, epoch));
    Ok(AccountHistoryResponse {
        epochs: epochs.collect::<Result<_, _>>()?,
        as_of: c.as_of()?,
    })
}

fn account_epoch(
    history: &History,
    account: &Account,
    keys: &[KeyId],
    epoch: Epoch,
) -> Result<AccountEpoch, Refusal> {
    let c = history.c;
    let (mut paid, mut nodes) = (0u32, vec![0u128; c.moment.config.denoms.len()]);
    let mut view = history.view(epoch)?;
    for key in keys {
        let outcome = history.judged(&mut view, *key)?;
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

pub fn explain(c: &Context, key: KeyId, epoch: Epoch) -> Result<ExplainResponse, Refusal> {
    let outcome = History::load(c)?.outcome(key, epoch)?;
    let closed = epoch < next_epoch(c.deps.storage)? && epoch >= c.moment.config.first;
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
        Reason::NotClosed => return Err(fault("not closed")),
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
