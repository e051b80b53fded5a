//! Answers "why did I get this number?" from a finished run.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use noderev_economics::{accrue, EconomicsError, RewardIndex};
use serde::Serialize;
use thiserror::Error;

use crate::cli::RESULTS;
use crate::input::{Denomination, Timeline, NODE_STAKE};
use crate::results::{EpochMoney, EpochRow, RunResult};

mod member;

pub use member::{member_reward, MemberReason, MemberReward};

/// What is to be explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A key's reward, by its number.
    Key(u32),
    /// The pool reward of an account.
    Pool(String),
    /// A member's part of a delegation's reward.
    Member {
        /// The delegation.
        delegation: u16,
        /// The member.
        account: String,
    },
}

/// Why there is no explanation.
#[derive(Debug, Error)]
pub enum ExplainError {
    /// The folder has no results.
    #[error("{}: {source}", .file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The results can't be read or written as JSON.
    #[error("results: {0}")]
    Json(#[from] serde_json::Error),
    /// The run did not close this epoch.
    #[error("epoch {epoch}: the run has epochs 0 to {last}")]
    NoSuchEpoch {
        /// The epoch asked for.
        epoch: u64,
        /// The last one.
        last: u64,
    },
    /// The run has no such key.
    #[error("key {key}: the network has keys 1 to {last}")]
    NoSuchKey {
        /// The key asked for.
        key: u32,
        /// The last one.
        last: u32,
    },
    /// The results contradict themselves.
    #[error("results: {0}")]
    Inconsistent(#[from] EconomicsError),
    /// The network has no delegations.
    #[error("the network has no delegations")]
    NoDelegations,
    /// The run has no such delegation.
    #[error("delegation {delegation}: the network has delegations 1 to {last}")]
    NoSuchDelegation {
        /// The delegation asked for.
        delegation: u16,
        /// The last one.
        last: u16,
    },
    /// The account was never in the delegation.
    #[error("{account} never was in delegation {delegation}")]
    NoSuchMember {
        /// The account asked for.
        account: String,
        /// The delegation.
        delegation: u16,
    },
    /// The account never had anything in the pool.
    #[error("{0} never had anything in the pool")]
    NoSuchStaker(String),
}

/// Why a key got what it got.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The key did not exist.
    NotIssued,
    /// Too few attesters reported: nobody was paid.
    NoQuorum,
    /// It was judged not running.
    NotRunning,
    /// It ran, staked.
    Staked,
    /// It ran, unstaked.
    Unstaked,
}

/// A key's reward in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyReward {
    /// The key.
    pub key: u32,
    /// The epoch.
    pub epoch: u64,
    /// Whose the reward is.
    pub owner: Option<String>,
    /// Why it is what it is.
    pub reason: Reason,
    /// Per denomination.
    pub amounts: Vec<String>,
}

/// An account's pool reward in an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PoolReward {
    /// The account.
    pub account: String,
    /// The epoch.
    pub epoch: u64,
    /// QST units that it had in the pool.
    pub stake: String,
    /// Per denomination, rounded down; fractions are kept and join later rewards.
    pub amounts: Vec<String>,
}

/// The steps from the epoch's pot to the subject's reward, as text or JSON. `out` is the folder
/// that a run wrote.
pub fn explain(
    out: &Path,
    subject: &Subject,
    epoch: u64,
    json: bool,
) -> Result<String, ExplainError> {
    let result = read(out)?;
    match subject {
        Subject::Key(key) => {
            let reward = key_reward(&result, *key, epoch)?;
            answer(&result, epoch, &reward, json, || {
                key_lines(&result, &reward)
            })
        }
        Subject::Pool(account) => {
            let reward = pool_reward(&result, account, epoch)?;
            answer(&result, epoch, &reward, json, || {
                pool_lines(&result, &reward)
            })
        }
        Subject::Member {
            delegation,
            account,
        } => {
            let reward = member_reward(&result, *delegation, account, epoch)?;
            if json {
                let figures = member::figures(&result, &reward);
                let all = serde_json::json!({ "reward": reward, "figures": figures });
                return Ok(all.to_string());
            }
            member::lines(&result, &reward)
        }
    }
}

/// What a key got in an epoch, and why.
pub fn key_reward(result: &RunResult, key: u32, epoch: u64) -> Result<KeyReward, ExplainError> {
    let row = find_epoch(result, epoch)?;
    let last = result.epochs.last().map_or(0, |row| row.issued);
    if !(1..=last).contains(&key) {
        return Err(ExplainError::NoSuchKey { key, last });
    }
    let owner = result.trail.owner(key, epoch);
    let (reason, rate) = judged(result, row, key);
    let amounts = row
        .money
        .iter()
        .map(|money| rate.map_or(0, |rate| rate.of(result, money)));
    Ok(KeyReward {
        key,
        epoch,
        owner: owner.filter(|_| key <= row.issued).map(str::to_owned),
        reason,
        amounts: amounts.map(|amount| amount.to_string()).collect(),
    })
}

/// What an account's pool stake got in an epoch.
pub fn pool_reward(
    result: &RunResult,
    account: &str,
    epoch: u64,
) -> Result<PoolReward, ExplainError> {
    let row = find_epoch(result, epoch)?;
    if !result
        .trail
        .pool
        .iter()
        .any(|staked| staked.account == account)
    {
        return Err(ExplainError::NoSuchStaker(account.to_owned()));
    }
    let stake = result.trail.pool_stake(account, epoch);
    let part = |denom| pool_part(result, stake, row.epoch, denom).map(|part| part.to_string());
    let amounts = (0..row.money.len()).map(part).collect::<Result<_, _>>()?;
    Ok(PoolReward {
        account: account.to_owned(),
        epoch,
        stake: stake.to_string(),
        amounts,
    })
}

/// What a stake earned in an epoch, rounded down. The distributor counts what a unit of stake has
/// earned since the beginning in 10^-18 units, and carries what that leaves.
fn pool_part(
    result: &RunResult,
    stake: u128,
    epoch: u64,
    denom: usize,
) -> Result<u128, ExplainError> {
    let (mut before, mut index) = (RewardIndex::default(), RewardIndex::default());
    for row in result.epochs.iter().filter(|row| row.epoch <= epoch) {
        before = index;
        let counted = pool_stake(row, result);
        let part = row.money.get(denom).map_or(0, |money| money.pool);
        if row.running > 0 && counted > 0 {
            index = index.advance(part, counted)?;
        }
    }
    Ok(accrue(stake, before.index, index.index, 0)?.0)
}

/// Which of an epoch's two rates a running key gets.
#[derive(Clone, Copy)]
enum Rate {
    Staked,
    Unstaked,
}

impl Rate {
    fn of(self, result: &RunResult, money: &EpochMoney) -> u128 {
        match self {
            Self::Staked => money.staked_rate(result.network.params.remainder_to),
            Self::Unstaked => money.unstaked_rate(),
        }
    }
}

fn judged(result: &RunResult, row: &EpochRow, key: u32) -> (Reason, Option<Rate>) {
    let place = usize::try_from(row.epoch).unwrap_or(usize::MAX);
    let evidence = result.trail.epochs.get(place);
    let ran = evidence.is_some_and(|evidence| evidence.ran.contains(key));
    let staked = evidence.is_some_and(|evidence| evidence.staked.contains(key));
    match (row.quorum, ran, staked) {
        _ if key > row.issued => (Reason::NotIssued, None),
        (false, _, _) => (Reason::NoQuorum, None),
        (true, false, _) => (Reason::NotRunning, None),
        (true, true, true) => (Reason::Staked, Some(Rate::Staked)),
        (true, true, false) => (Reason::Unstaked, Some(Rate::Unstaked)),
    }
}

fn read(out: &Path) -> Result<RunResult, ExplainError> {
    let file = out.join(RESULTS);
    let text = fs::read_to_string(&file).map_err(|source| ExplainError::Io { file, source })?;
    Ok(serde_json::from_str(&text)?)
}

fn find_epoch(result: &RunResult, epoch: u64) -> Result<&EpochRow, ExplainError> {
    let row = result.epochs.iter().find(|row| row.epoch == epoch);
    let last = result.epochs.last().map_or(0, |row| row.epoch);
    row.ok_or(ExplainError::NoSuchEpoch { epoch, last })
}

fn answer<R: Serialize>(
    result: &RunResult,
    epoch: u64,
    reward: &R,
    json: bool,
    lines: impl FnOnce() -> String,
) -> Result<String, ExplainError> {
    let row = find_epoch(result, epoch)?;
    if json {
        let names: Vec<&str> = names(result).collect();
        let all = serde_json::json!({ "reward": reward, "denominations": names, "figures": row });
        return Ok(all.to_string());
    }
    Ok(lines())
}

fn names(result: &RunResult) -> impl Iterator<Item = &str> {
    result
        .network
        .denominations
        .iter()
        .map(|one| one.name.as_str())
}

/// F: product of the factors of all splits in force.
fn factor(row: &EpochRow, result: &RunResult) -> u128 {
    let timeline = Timeline::new(&result.network, 1);
    timeline.factor(row.epoch).into()
}

/// S: what the pool held.
fn pool_stake(row: &EpochRow, result: &RunResult) -> u128 {
    let held = row.pool_stake.checked_div(factor(row, result));
    held.unwrap_or(row.pool_stake)
}

fn key_lines(result: &RunResult, reward: &KeyReward) -> String {
    let mut text = format!("Key {} in epoch {}: ", reward.key, reward.epoch);
    text += match reward.reason {
        Reason::NotIssued => "it did not exist yet.",
        Reason::NoQuorum => {
            "too few attesters reported, so nobody was paid; the money drips into later epochs."
        }
        Reason::NotRunning => "the attesters judged that it did not run.",
        Reason::Staked => "it ran with a stake.",
        Reason::Unstaked => "it ran without a stake.",
    };
    text.push('\n');
    if let Some(owner) = &reward.owner {
        let _ = writeln!(text, "At the end of the epoch it belonged to {owner}.");
    }
    if let Ok(row) = find_epoch(result, reward.epoch) {
        text += &figures(result, row);
        for (denom, amount) in result.network.denominations.iter().zip(&reward.amounts) {
            let sum = sum_line(result, row, reward.reason, denom);
            let _ = writeln!(text, "{}: {amount}{sum}", denom.name);
        }
    }
    text
}

/// How a running key's amount is put together.
fn sum_line(result: &RunResult, row: &EpochRow, reason: Reason, denom: &Denomination) -> String {
    let place = result
        .network
        .denominations
        .iter()
        .position(|one| one == denom);
    let Some(money) = place.and_then(|place| row.money.get(place)) else {
        return String::new();
    };
    let shared = money.staked_rate(result.network.params.remainder_to);
    let shared = shared.saturating_sub(money.per_node);
    match reason {
        Reason::Staked => format!(" = p {} + r {shared}", money.per_node),
        Reason::Unstaked => format!(" = d {} + r {}", money.per_unstaked, money.remainder),
        Reason::NotIssued | Reason::NoQuorum | Reason::NotRunning => String::new(),
    }
}

fn pool_lines(result: &RunResult, reward: &PoolReward) -> String {
    let mut text = format!(
        "{} had {} units of QST in the pool in epoch {}.\n",
        reward.account, reward.stake, reward.epoch
    );
    if let Ok(row) = find_epoch(result, reward.epoch) {
        text += &figures(result, row);
        let counted = pool_stake(row, result);
        for (name, (money, amount)) in names(result).zip(row.money.iter().zip(&reward.amounts)) {
            let _ = writeln!(
                text,
                "{name}: {amount}, about pool {} * {} / {counted}; rounded down, what is left joins later rewards",
                money.pool, reward.stake
            );
        }
    }
    text
}

/// The epoch's figures, in smallest units.
fn figures(result: &RunResult, row: &EpochRow) -> String {
    let mut text = format!(
        "N = {} nodes ran, U = {} of them without a stake; {} of {} attesters reported.\n",
        row.running.saturating_add(row.held),
        row.unstaked,
        row.reports,
        row.attesters
    );
    let factor = factor(row, result);
    let _ = writeln!(
        text,
        "S = {} units of QST counted in the pool; full funding is U * {} = {}.",
        pool_stake(row, result),
        NODE_STAKE.checked_div(factor).unwrap_or(NODE_STAKE),
        row.pool_required.checked_div(factor).unwrap_or(0)
    );
    for (name, money) in names(result).zip(&row.money) {
        let _ = writeln!(
            text,
            "{name}: pot {} = network's share {} + carried {} + drip {}; p {}, d {}, pool {}, r {}, carry {}",
            money.pot,
            money.network,
            money.carry_in,
            money.drip_in,
            money.per_node,
            money.per_unstaked,
            money.pool,
            money.remainder,
            money.carry_out
        );
    }
    text
}
