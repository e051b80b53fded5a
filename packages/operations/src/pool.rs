//! The global pool: an account's stake and lots in it, and changing them.

use cosmwasm_std::Uint128;
use noderev_api::common::ParamsAtResponse;
use noderev_api::distributor::{self, PoolEpoch, PoolHistoryResponse};
use noderev_api::vault::{
    ExecuteMsg, LotKind, LotResponse, Params, PositionResponse, PreviewStakeResponse, QueryMsg,
    ReceiveMsg, MAX_BATCH,
};
use noderev_chain::{ChainError, Message};
use noderev_components::{Denom, DenomInfo, Epoch, KeyId};
use serde::Serialize;
use thiserror::Error;

use crate::batches::{in_messages, MESSAGES};
use crate::moment::{date, ensure_qst, ensure_running};
use crate::rewards::{preview_nodes, Round};
use crate::{Contract, Contracts, Hindrance, Moment};

/// Lots of a page, the most that contracts answer.
const PAGE: u32 = 100;

/// Why an account's pool stake does not change.
#[derive(Debug, Error)]
pub enum PoolError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It can't now.
    #[error(transparent)]
    Hindrance(#[from] Hindrance),
    /// An amount of nothing.
    #[error("the amount is 0: must be 1 smallest unit or more")]
    Zero,
    /// There is less in the pool.
    #[error(
        "{account} has {have} smallest units in the pool from epoch {epoch} on, {need} asked for"
    )]
    Stake {
        /// Whose.
        account: String,
        /// What there is.
        have: u128,
        /// What is asked for.
        need: u128,
        /// The next epoch.
        epoch: Epoch,
    },
    /// The account has no such lot.
    #[error("{account} has no lot {lot}: it never existed, was paid or was cancelled; its lots: {known}")]
    NoLot {
        /// Whose.
        account: String,
        /// Its number.
        lot: u64,
        /// Lots that there are.
        known: String,
    },
    /// The lot is still bound.
    #[error("lot {lot} is released {}: wait, or cancel it", date(*.release))]
    NotReleased {
        /// Its number.
        lot: u64,
        /// When it is, Unix seconds.
        release: u64,
    },
    /// The lot can no longer be cancelled.
    #[error("lot {lot} was released {}: collect it", date(*.release))]
    Released {
        /// Its number.
        lot: u64,
        /// When it was, Unix seconds.
        release: u64,
    },
    /// The key can't be staked again.
    #[error("lot {lot} can't go back into the node of key {key}: {why}")]
    Node {
        /// Its number.
        lot: u64,
        /// The key.
        key: KeyId,
        /// The vault's words.
        why: String,
    },
    /// The key takes another stake since a split.
    #[error("lot {lot} holds {have} smallest units, the node of key {key} takes {need} since a split: wait for its release")]
    Requirement {
        /// Its number.
        lot: u64,
        /// The key.
        key: KeyId,
        /// What it holds.
        have: u128,
        /// What the node takes.
        need: u128,
    },
}

impl PoolError {
    /// Whether the chain or a contract refuses, or would.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            Self::Hindrance(error) => error.is_refusal(),
            Self::Zero => false,
            _ => true,
        }
    }

    /// Whether the command makes no sense on any chain.
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::Hindrance(error) => error.is_usage(),
            Self::Zero => true,
            _ => false,
        }
    }
}

/// What an account has in the pool and on its way out.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    /// Whose.
    pub account: String,
    /// The running epoch.
    pub epoch: Epoch,
    /// Pool stake that counts in it.
    pub counted: Uint128,
    /// Pool stake that counts from the next one on.
    pub next: Uint128,
    /// Lots, oldest first.
    pub lots: Vec<LotResponse>,
    /// The pool in the last closed epoch; none if none is closed.
    pub last: Option<PoolEpoch>,
    /// The currencies of its rewards.
    #[serde(skip)]
    pub denoms: Vec<DenomInfo>,
    /// When this was true.
    #[serde(skip)]
    pub moment: Moment,
}

/// What an account has in the pool and on its way out.
pub fn status(contracts: &Contracts, account: &str) -> Result<Status, PoolError> {
    let config: distributor::ConfigResponse =
        contracts.ask_distributor(&distributor::QueryMsg::Config {})?;
    let history: PoolHistoryResponse =
        contracts.ask_distributor(&distributor::QueryMsg::PoolHistory {
            account: Some(account.to_owned()),
            start_after: None,
            limit: Some(1),
        })?;
    let moment = Moment::of(contracts)?;
    let position = position(contracts, account)?;
    Ok(Status {
        account: account.to_owned(),
        epoch: moment.epoch,
        counted: position.pool_counted,
        next: position.pool_next,
        lots: position.lots,
        last: history.epochs.into_iter().next(),
        denoms: config.denoms,
        moment,
    })
}

/// What an account has in the pool from the next epoch on, smallest units of QST.
pub(crate) fn next_stake(contracts: &Contracts, account: &str) -> Result<u128, ChainError> {
    Ok(position(contracts, account)?.pool_next.u128())
}

/// Pool stake and all lots; keys of the first page only.
fn position(contracts: &Contracts, account: &str) -> Result<PositionResponse, ChainError> {
    let page = |start_after_lot| {
        contracts.ask_vault::<PositionResponse>(&QueryMsg::Position {
            account: account.to_owned(),
            start_after_key: None,
            start_after_lot,
            limit: Some(PAGE),
        })
    };
    let mut position = page(None)?;
    while position.next_lot.is_some() {
        let more = page(position.next_lot)?;
        position.next_lot = more.next_lot;
        position.lots.extend(more.lots);
    }
    Ok(position)
}

/// More stake in the pool.
#[derive(Clone, Debug)]
pub struct Deposited {
    /// What the account then has in it from the next epoch on, smallest units.
    pub in_all: u128,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Puts QST into the pool.
pub fn deposit(contracts: &Contracts, account: &str, amount: u128) -> Result<Deposited, PoolError> {
    ensure_some(amount)?;
    ensure_running(&contracts.ask_vault(&QueryMsg::Paused {})?)?;
    ensure_qst(contracts, account, amount)?;
    let hook = ReceiveMsg::DepositPool {};
    let message = contracts.send_tokens(&contracts.qst, Contract::Vault, amount, &hook)?;
    let before = next_stake(contracts, account)?;
    Ok(Deposited {
        in_all: before.saturating_add(amount),
        moment: Moment::of(contracts)?,
        messages: vec![message],
    })
}

const fn ensure_some(amount: u128) -> Result<(), PoolError> {
    match amount {
        0 => Err(PoolError::Zero),
        _ => Ok(()),
    }
}

/// Stake that leaves the pool.
#[derive(Clone, Debug)]
pub struct Withdrawn {
    /// What stays in the pool from the next epoch on, smallest units.
    pub left: u128,
    /// When the lot is released, Unix seconds.
    pub release: u64,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Takes QST out of the pool, in one lot.
pub fn withdraw(
    contracts: &Contracts,
    account: &str,
    amount: u128,
) -> Result<Withdrawn, PoolError> {
    ensure_some(amount)?;
    let moment = Moment::of(contracts)?;
    let have = next_stake(contracts, account)?;
    let Some(left) = have.checked_sub(amount) else {
        return Err(PoolError::Stake {
            account: account.to_owned(),
            have,
            need: amount,
            epoch: moment.next(),
        });
    };
    let unbonding = params_at(contracts, moment.epoch)?.unbonding_period;
    let amount = Uint128::new(amount);
    let message = ExecuteMsg::UnbondPool { amount };
    Ok(Withdrawn {
        left,
        release: moment.boundary().saturating_add(unbonding),
        moment,
        messages: vec![Message::execute(&contracts.vault, &message, Vec::new())?],
    })
}

/// The vault's parameters in an epoch.
pub(crate) fn params_at(contracts: &Contracts, epoch: Epoch) -> Result<Params, ChainError> {
    let answer: ParamsAtResponse<Params> = contracts.ask_vault(&QueryMsg::ParamsAt { epoch })?;
    Ok(answer.params)
}

/// A lot that goes back to where it came from.
#[derive(Clone, Debug)]
pub struct Cancelled {
    /// The lot.
    pub lot: LotResponse,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Puts a lot back before its release.
pub fn cancel(contracts: &Contracts, account: &str, number: u64) -> Result<Cancelled, PoolError> {
    ensure_running(&contracts.ask_vault(&QueryMsg::Paused {})?)?;
    let moment = Moment::of(contracts)?;
    let lots = position(contracts, account)?.lots;
    let lot = find(&lots, account, number)?.clone();
    if moment.is_past(lot.release) {
        let release = lot.release.seconds();
        let lot = number;
        return Err(PoolError::Released { lot, release });
    }
    if let LotKind::Node { key } = lot.kind {
        ensure_restakable(contracts, account, &lot, key)?;
    }
    let message = ExecuteMsg::CancelLot { lot: number };
    Ok(Cancelled {
        lot,
        moment,
        messages: vec![Message::execute(&contracts.vault, &message, Vec::new())?],
    })
}

fn ensure_restakable(
    contracts: &Contracts,
    account: &str,
    lot: &LotResponse,
    key: KeyId,
) -> Result<(), PoolError> {
    let preview: PreviewStakeResponse = contracts.ask_vault(&QueryMsg::PreviewStake {
        account: account.to_owned(),
        keys: vec![key],
    })?;
    let (have, need) = (lot.amount.u128(), preview.amount.u128());
    let lot = lot.lot;
    match preview.refusal {
        Some(why) => Err(PoolError::Node { lot, key, why }),
        None if have != need => Err(PoolError::Requirement {
            lot,
            key,
            have,
            need,
        }),
        None => Ok(()),
    }
}

fn find<'a>(
    lots: &'a [LotResponse],
    account: &str,
    number: u64,
) -> Result<&'a LotResponse, PoolError> {
    let found = lots.iter().find(|lot| lot.lot == number);
    found.ok_or_else(|| PoolError::NoLot {
        account: account.to_owned(),
        lot: number,
        known: match lots.is_empty() {
            true => "none".to_owned(),
            false => joined(lots.iter().map(|lot| lot.lot)),
        },
    })
}

fn joined(numbers: impl Iterator<Item = u64>) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    numbers.join(", ")
}

/// Released lots that are paid.
#[derive(Clone, Debug)]
pub struct Collected {
    /// The lots; none if none is released.
    pub lots: Vec<LotResponse>,
    /// Released lots that are left for another time, because they don't fit into one transaction.
    pub left: usize,
    /// The lot that is released next.
    pub next: Option<LotResponse>,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Pays the named lots, all of which must be released; or, if none is named, all released ones.
pub fn collect(
    contracts: &Contracts,
    account: &str,
    named: &[u64],
) -> Result<Collected, PoolError> {
    let moment = Moment::of(contracts)?;
    let all = position(contracts, account)?.lots;
    let (mut lots, bound): (Vec<LotResponse>, Vec<LotResponse>) = match named.is_empty() {
        true => all.into_iter().partition(|lot| moment.is_past(lot.release)),
        false => (released(&moment, &all, account, named)?, Vec::new()),
    };
    let most = match named.is_empty() {
        true => MAX_BATCH.saturating_mul(MESSAGES),
        false => lots.len(),
    };
    let left = lots.len().saturating_sub(most);
    lots.truncate(most);
    let numbers: Vec<u64> = lots.iter().map(|lot| lot.lot).collect();
    let messages = in_messages("lots", &numbers, MAX_BATCH)
        .map_err(Hindrance::from)?
        .map(|numbers| {
            let message = ExecuteMsg::WithdrawLots {
                lots: Some(numbers),
                start_after: None,
                limit: None,
            };
            Message::execute(&contracts.vault, &message, Vec::new())
        });
    Ok(Collected {
        messages: messages.collect::<Result<_, _>>()?,
        next: bound.into_iter().min_by_key(|lot| lot.release),
        left,
        lots,
        moment,
    })
}

fn released(
    moment: &Moment,
    all: &[LotResponse],
    account: &str,
    named: &[u64],
) -> Result<Vec<LotResponse>, PoolError> {
    let one = |number: &u64| {
        let lot = find(all, account, *number)?;
        match moment.is_past(lot.release) {
            true => Ok(lot.clone()),
            false => Err(PoolError::NotReleased {
                lot: *number,
                release: lot.release.seconds(),
            }),
        }
    };
    named.iter().map(one).collect()
}

/// Rewards that go into the pool.
#[derive(Clone, Debug)]
pub struct Compounded {
    /// Smallest units of QST.
    pub amount: u128,
    /// Whether more is left for another time: keys due QST that don't fit into one transaction, or keys
    /// whose owners are too many for one message.
    pub more: bool,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it; none if no QST is due. If the amount is 0 they only settle, so that the
    /// contract can tell what else is due.
    pub messages: Vec<Message>,
}

/// Puts the QST that closed epochs owe the account into the pool, as much as one transaction can settle.
/// Asked again afterwards, it plans the rest.
pub fn compound(contracts: &Contracts, account: &str) -> Result<Compounded, PoolError> {
    ensure_running(&contracts.ask_vault(&QueryMsg::Paused {})?)?;
    let qst = Denom::Cw20(contracts.qst.clone());
    let Round { batches, left, .. } = Round::next(contracts, account, Some(&qst))?;
    let owed = |keys| -> Result<(u128, bool), ChainError> {
        let preview = preview_nodes(contracts, account, keys)?;
        let amounts = preview.amounts.iter().filter(|owed| owed.denom == qst);
        let amount = amounts.fold(0_u128, |sum, owed| sum.saturating_add(owed.amount.u128()));
        Ok((amount, preview.summary.next))
    };
    // Each message settles keys of its own; what is owed without them is in each preview.
    let (other, _) = owed(Some(Vec::new()))?;
    let (mut amount, mut more) = (other, left > 0);
    for keys in &batches {
        let (with_keys, next) = owed(Some(keys.clone()))?;
        amount = amount.saturating_add(with_keys.saturating_sub(other));
        more |= next;
    }
    Ok(Compounded {
        amount,
        more,
        moment: Moment::of(contracts)?,
        messages: compounding(contracts, batches, amount, more)?,
    })
}

/// All batches of keys but the last are only settled: the last message puts everything that is owed
/// by then into the pool at once. The contract refuses to put nothing into it.
fn compounding(
    contracts: &Contracts,
    batches: Vec<Vec<KeyId>>,
    amount: u128,
    more: bool,
) -> Result<Vec<Message>, ChainError> {
    if amount == 0 && !more {
        return Ok(Vec::new());
    }
    let last = batches.len().checked_sub(1).filter(|_| amount > 0);
    let message = |(place, keys)| match Some(place) == last {
        true => distributor::ExecuteMsg::Compound { keys: Some(keys) },
        false => distributor::ExecuteMsg::Settle {
            account: None,
            keys: Some(keys),
        },
    };
    let all = batches.into_iter().enumerate().map(message);
    all.map(|message| Message::execute(&contracts.distributor, &message, Vec::new()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Timestamp;
    use noderev_components::EpochClock;

    fn lot(number: u64, release: u64) -> LotResponse {
        LotResponse {
            lot: number,
            amount: Uint128::new(5),
            kind: LotKind::Pool,
            counts_until: Epoch(3),
            release: Timestamp::from_seconds(release),
        }
    }

    const NOW: u64 = 1_767_247_200;

    const MOMENT: Moment = Moment {
        clock: EpochClock {
            start: 1_767_160_800,
            length: 86_400,
        },
        now: Timestamp::from_seconds(NOW),
        epoch: Epoch(1),
        decimals: 6,
    };

    #[test]
    fn named_lots_must_be_there_and_released() {
        let lots = [lot(3, NOW), lot(8, NOW + 1)];
        let paid = released(&MOMENT, &lots, "me", &[3]).unwrap();
        assert_eq!(paid, [lot(3, NOW)]);
        let refusal = |named: &[u64]| {
            let refusal = released(&MOMENT, &lots, "me", named).unwrap_err();
            assert!(refusal.is_refusal());
            refusal.to_string()
        };
        assert_eq!(
            refusal(&[3, 8]),
            "lot 8 is released 2026-01-01T06:00:01Z: wait, or cancel it"
        );
        assert_eq!(
            refusal(&[4]),
            "me has no lot 4: it never existed, was paid or was cancelled; its lots: 3, 8"
        );
        let none = find(&[], "me", 4).unwrap_err().to_string();
        assert!(none.ends_with("its lots: none"), "{none}");
    }

    #[test]
    fn an_amount_of_nothing_makes_no_sense() {
        assert!(ensure_some(0).unwrap_err().is_usage());
        assert!(ensure_some(1).is_ok());
    }
}
