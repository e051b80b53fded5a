//! An account's statement: what it was owed, earned and was paid from one day to another.
//!
//! Earnings are read from the contracts' histories, epoch by epoch, payments from their receipts; what
//! remains of both is then compared with what the contracts say that they owe. All of it is asked as of
//! one block.

mod days;
mod earned;
mod paid;
mod prices;

use std::collections::BTreeMap;

use cosmwasm_std::Timestamp;
use noderev_api::common::RolesResponse;
use noderev_api::delegation::{self, ConfigResponse as DelegationConfig};
use noderev_api::distributor::{ConfigResponse, QueryMsg};
use noderev_chain::ChainError;
use noderev_components::{Denom, Epoch, EpochClock};
use serde::Serialize;
use thiserror::Error;
use time::Date;

use crate::due::{Amounts, Dues};
use crate::rewards::units;
use crate::{Contract, Contracts};
use earned::{Earned, Earnings};
use paid::{as_treasury, dated, receipts, Paid, When};

pub use crate::due::Unsettled;
pub use days::Days;
pub use prices::{PriceError, Prices, VALUE_DECIMALS};

/// The role whose money is its holder's.
const TREASURY: &str = "treasury";

/// Why there is no statement.
#[derive(Debug, Error)]
pub enum StatementError {
    /// The chain could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A day is none.
    #[error("{0:?} is no day: write it as 2026-01-31")]
    Date(String),
    /// The last day is before the first.
    #[error("from {from} to {to}: the first day is after the last")]
    Backwards {
        /// The first day.
        from: Date,
        /// The last one.
        to: Date,
    },
    /// The last day has not come.
    #[error("to {to}: by the chain's clock today is {today} (UTC)")]
    Future {
        /// The last day.
        to: Date,
        /// The chain's day.
        today: Date,
    },
    /// Prices are missing or wrong.
    #[error(transparent)]
    Prices(#[from] PriceError),
    /// The node has forgotten when something was paid.
    #[error("receipt {receipt} of the {contract} was paid in block {height}, and the node's first block is {earliest}: name a node with older blocks by --node")]
    Forgotten {
        /// Which contract paid.
        contract: &'static str,
        /// The receipt.
        receipt: u64,
        /// Its block.
        height: u64,
        /// The oldest block that the node has.
        earliest: u64,
    },
    /// The contracts can't tell what is due.
    #[error("{account} has more unsettled than the contracts can tell at once: {what}. Settle it: `noderev claim --settle-only --for {account}`, then again")]
    Unsettled {
        /// Whose.
        account: String,
        /// What it is.
        what: Unsettled,
    },
    /// What was earned and not paid is not what the contracts say that they owe.
    #[error("{denom}, {role}: earned {earned} and paid {paid} in all, so {} should be due; the contract says that {told} is due ({}) (smallest units, at height {height}){}", remains(*.earned, *.paid), difference(*.earned, *.paid, *.told), hint(.role))]
    Differs {
        /// The currency.
        denom: Denom,
        /// The role.
        role: String,
        /// Earned in all closed epochs, by the histories.
        earned: u128,
        /// Paid by all receipts.
        paid: u128,
        /// Due, as the contract says.
        told: u128,
        /// As of this block.
        height: u64,
    },
    /// More was paid than had been earned.
    #[error("{denom}: {paid} was paid before the end of {day} and only {earned} earned (smallest units)")]
    Overpaid {
        /// The currency.
        denom: Denom,
        /// The day.
        day: Date,
        /// Earned until then.
        earned: u128,
        /// Paid until then.
        paid: u128,
    },
    /// Sums that are larger than there can be money.
    #[error("sums of {0} are too large")]
    TooLarge(String),
}

fn remains(earned: u128, paid: u128) -> String {
    match earned.checked_sub(paid) {
        Some(rest) => rest.to_string(),
        None => format!("-{}", paid.saturating_sub(earned)),
    }
}

fn difference(earned: u128, paid: u128, told: u128) -> String {
    let should = told.saturating_add(paid);
    match should >= earned {
        true => format!("{} more", should.saturating_sub(earned)),
        false => format!("{} less", earned.saturating_sub(should)),
    }
}

fn hint(role: &str) -> &'static str {
    match role {
        TREASURY => "; what others left who held the role before is due to this account too, and who they were only the node's transactions tell: another node may have older ones (--node)",
        _ => "",
    }
}

/// A currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Currency {
    /// What it is on chain.
    pub denom: Denom,
    /// What people call it.
    pub symbol: String,
    /// Decimals of a whole unit.
    pub decimals: u32,
}

impl Currency {
    /// Its native denomination or its token's address.
    pub fn name(&self) -> &str {
        match &self.denom {
            Denom::Native(name) | Denom::Cw20(name) => name,
        }
    }
}

/// What a line tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Earned in an epoch.
    Earned,
    /// Paid by a receipt.
    Paid,
}

/// An amount earned or paid.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Which of them.
    pub kind: Kind,
    /// Its day in UTC, `2026-01-31`.
    pub day: String,
    /// The second, Unix: of an epoch its last one, of a receipt that of its block.
    pub time: u64,
    /// The contract that owes or pays.
    pub contract: &'static str,
    /// The role in which.
    pub role: String,
    /// The epoch that earned it.
    pub epoch: Option<Epoch>,
    /// What earned it, such as `key 7`; of a payment, who held this role then, if it was another.
    pub of: Option<String>,
    /// The receipt's number.
    pub receipt: Option<u64>,
    /// Who received it.
    pub recipient: Option<String>,
    /// Smallest units.
    #[serde(serialize_with = "units::serialize")]
    pub amount: u128,
    /// What that was worth on that day, in 10^-6 of the prices' money.
    #[serde(serialize_with = "maybe")]
    pub value: Option<u128>,
}

/// What a statement's sums were worth, in 10^-6 of the prices' money. Closing at the last day's price;
/// opening as the statement before closes, at the price of the day before the first; earned and paid are
/// the sums of their lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Values {
    /// At the price of the day before the first.
    #[serde(serialize_with = "units::serialize")]
    pub opening: u128,
    /// Sum of the lines.
    #[serde(serialize_with = "units::serialize")]
    pub earned: u128,
    /// Sum of the lines.
    #[serde(serialize_with = "units::serialize")]
    pub paid: u128,
    /// At the last day's price.
    #[serde(serialize_with = "units::serialize")]
    pub closing: u128,
}

/// One currency: opening + earned - paid = closing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Account {
    /// Which currency.
    #[serde(flatten)]
    pub currency: Currency,
    /// Due before the first day, smallest units.
    #[serde(serialize_with = "units::serialize")]
    pub opening: u128,
    /// Earned in the days.
    #[serde(serialize_with = "units::serialize")]
    pub earned: u128,
    /// Paid in the days.
    #[serde(serialize_with = "units::serialize")]
    pub paid: u128,
    /// Due after the last day.
    #[serde(serialize_with = "units::serialize")]
    pub closing: u128,
    /// Due at the block of the statement, as the contracts say; the closing amount, if that day is not
    /// over.
    #[serde(serialize_with = "units::serialize")]
    pub due: u128,
    /// All that in the prices' money.
    pub values: Option<Values>,
    /// In order of time.
    pub lines: Vec<Line>,
}

/// A statement that holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statement {
    /// Whose.
    pub account: String,
    /// The first day.
    pub from: String,
    /// The last one.
    pub to: String,
    /// The block as of which was asked.
    pub height: u64,
    /// When that was, Unix seconds.
    pub time: u64,
    /// By currency; those of which the account never had any are left out.
    pub currencies: Vec<Account>,
}

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Wanted<'a> {
    /// Whose statement.
    pub account: &'a str,
    /// Which days.
    pub days: Days,
    /// What currencies were worth.
    pub prices: Option<&'a Prices>,
}

/// Makes a statement from contracts that are asked as of one block, at its height and time. `progress`
/// is told how many histories of how many are read.
pub fn statement(
    contracts: &Contracts,
    (height, now): (u64, Timestamp),
    wanted: &Wanted<'_>,
    progress: impl FnMut(u64, u64),
) -> Result<Statement, StatementError> {
    let today = days::day_of(now.seconds());
    let days = wanted.days;
    if days.to > today {
        return Err(StatementError::Future { to: days.to, today });
    }
    let asked = Asked::ask(contracts, wanted.account, &days, progress)?;
    asked.ensure_due(height)?;
    let currencies = asked.accounts(wanted)?;
    Ok(Statement {
        account: wanted.account.to_owned(),
        from: days.from.to_string(),
        to: days.to.to_string(),
        height,
        time: now.seconds(),
        currencies,
    })
}

/// What the contracts tell of an account.
struct Asked {
    clock: EpochClock,
    currencies: Vec<Currency>,
    earned: Vec<Earned>,
    paid: Vec<Paid>,
    due: Amounts,
    /// Whether the account is the treasury now.
    treasury: bool,
}

impl Asked {
    fn ask(
        contracts: &Contracts,
        account: &str,
        days: &Days,
        progress: impl FnMut(u64, u64),
    ) -> Result<Self, StatementError> {
        let distributor: ConfigResponse = contracts.ask_distributor(&QueryMsg::Config {})?;
        let delegation: DelegationConfig =
            contracts.ask_delegation(&delegation::QueryMsg::Config {})?;
        let treasury = is_treasury(contracts, account)?;
        let earnings = Earnings {
            contracts,
            account,
            distributor: &distributor,
            delegation: &delegation,
            treasury,
        };
        let keys = earnings.keys()?;
        let Dues { amounts, unsettled } = Dues::ask(contracts, account, &keys)?;
        if unsettled.is_some() {
            let (account, what) = (account.to_owned(), unsettled);
            return Err(StatementError::Unsettled { account, what });
        }
        let earned = earnings.all(&keys, progress)?;
        let mut paid = Vec::new();
        for contract in [Contract::Distributor, Contract::Delegation] {
            let receipts = receipts(contracts, contract, account)?;
            paid.extend(dated(contracts.client(), contract, receipts, days)?);
        }
        if treasury {
            paid.extend(as_treasury(contracts, account, days)?);
        }
        Ok(Self {
            clock: contracts.clock()?,
            currencies: currencies(contracts, &distributor, &delegation)?,
            earned,
            paid,
            due: amounts,
            treasury,
        })
    }

    /// Whether what was earned and not paid is what the contracts say that they owe, role by role.
    fn ensure_due(&self, height: u64) -> Result<(), StatementError> {
        let mut all: BTreeMap<(Denom, String), [u128; 3]> = BTreeMap::new();
        let mut add = |denom: &Denom, role: &str, place: usize, amount: u128| {
            let sums = all.entry((denom.clone(), role.to_owned())).or_default();
            if let Some(sum) = sums.get_mut(place) {
                *sum = sum.saturating_add(amount);
            }
        };
        for one in &self.earned {
            add(&one.denom, one.role, 0, one.amount);
        }
        for one in self.paid.iter().flat_map(|paid| &paid.receipt.amounts) {
            if self.is_own(&one.role) {
                add(&one.denom, &one.role, 1, one.amount.u128());
            }
        }
        for ((denom, role), amount) in &self.due {
            add(denom, role, 2, *amount);
        }
        for ((denom, role), [earned, paid, told]) in all {
            if earned.checked_sub(paid) != Some(told) {
                return Err(StatementError::Differs {
                    denom,
                    role,
                    earned,
                    paid,
                    told,
                    height,
                });
            }
        }
        Ok(())
    }

    /// Whether what is paid in a role was this account's before. Of a treasury that is none any more
    /// nothing is: its money was whoever's held the role when it was paid.
    fn is_own(&self, role: &str) -> bool {
        role != TREASURY || self.treasury
    }

    fn accounts(&self, wanted: &Wanted<'_>) -> Result<Vec<Account>, StatementError> {
        let mut accounts = Vec::new();
        for currency in &self.currencies {
            let entries = self.entries(&currency.denom, &wanted.days);
            if !entries.is_empty() {
                accounts.push(self.account(currency, entries, wanted)?);
            }
        }
        Ok(accounts)
    }

    /// All that was ever earned and paid in a currency.
    fn entries(&self, denom: &Denom, days: &Days) -> Vec<(When, Line)> {
        let earned = self.earned.iter().filter(|one| one.denom == *denom);
        let mut entries: Vec<(When, Line)> = earned
            .map(|one| earned_line(one, &self.clock, days))
            .collect();
        for paid in &self.paid {
            for one in paid
                .receipt
                .amounts
                .iter()
                .filter(|one| one.denom == *denom)
            {
                let line = paid_line(paid, &one.role, one.amount.u128());
                if !self.is_own(&one.role) {
                    let of = "revenue, while it was the treasury";
                    entries.push((
                        paid.when,
                        Line {
                            kind: Kind::Earned,
                            of: Some(of.to_owned()),
                            recipient: None,
                            ..line.clone()
                        },
                    ));
                }
                entries.push((paid.when, line));
            }
        }
        entries
    }

    fn account(
        &self,
        currency: &Currency,
        entries: Vec<(When, Line)>,
        wanted: &Wanted<'_>,
    ) -> Result<Account, StatementError> {
        let Sums { before, within } = Sums::of(&entries, &currency.symbol)?;
        let days = wanted.days;
        let opening = within_reach(currency, before, days.from.previous_day())?;
        let all = (
            plus(before.0, within.0, &currency.symbol)?,
            plus(before.1, within.1, &currency.symbol)?,
        );
        let closing = within_reach(currency, all, Some(days.to))?;
        let mut lines: Vec<Line> = entries
            .into_iter()
            .filter(|(when, _)| matches!(when, When::At(_)))
            .map(|(_, line)| line)
            .collect();
        lines.sort_by_key(order);
        let values = self.values(currency, (opening, closing), &mut lines, wanted)?;
        let due = self
            .due
            .iter()
            .filter(|((denom, _), _)| *denom == currency.denom);
        Ok(Account {
            currency: currency.clone(),
            opening,
            earned: within.0,
            paid: within.1,
            closing,
            due: due.fold(0, |sum, (_, amount)| sum.saturating_add(*amount)),
            values,
            lines,
        })
    }

    /// Values each line, and answers what the sums were worth.
    fn values(
        &self,
        currency: &Currency,
        (opening, closing): (u128, u128),
        lines: &mut [Line],
        wanted: &Wanted<'_>,
    ) -> Result<Option<Values>, StatementError> {
        let Some(prices) = wanted.prices else {
            return Ok(None);
        };
        let value = |day: Date, amount: u128| prices.value(currency, &self.currencies, day, amount);
        let Days { from, to } = wanted.days;
        // The last day of the statement before, which closed with it.
        let before = from.previous_day().unwrap_or(from);
        let mut values = Values {
            opening: value(before, opening).map_err(|error| error.of_opening(from))?,
            closing: value(to, closing)?,
            ..Values::default()
        };
        for line in lines {
            let worth = value(days::day_of(line.time), line.amount)?;
            line.value = Some(worth);
            let sum = match line.kind {
                Kind::Earned => &mut values.earned,
                Kind::Paid => &mut values.paid,
            };
            *sum = plus(*sum, worth, &currency.symbol)?;
        }
        Ok(Some(values))
    }
}

/// Lines are told by time, of the same time what was earned first.
fn order(line: &Line) -> (u64, Kind, Option<u64>, Option<Epoch>) {
    (line.time, line.kind, line.receipt, line.epoch)
}

fn earned_line(one: &Earned, clock: &EpochClock, days: &Days) -> (When, Line) {
    let last = clock.end_of(one.epoch).saturating_sub(1);
    let line = Line {
        kind: Kind::Earned,
        day: days::day_of(last).to_string(),
        time: last,
        contract: one.contract.name(),
        role: one.role.to_owned(),
        epoch: Some(one.epoch),
        of: Some(one.of.clone()),
        receipt: None,
        recipient: None,
        amount: one.amount,
        value: None,
    };
    (When::of(last, days), line)
}

fn paid_line(paid: &Paid, role: &str, amount: u128) -> Line {
    let time = match paid.when {
        When::At(second) => second,
        When::Before | When::After => 0,
    };
    Line {
        kind: Kind::Paid,
        day: days::day_of(time).to_string(),
        time,
        contract: paid.contract.name(),
        role: role.to_owned(),
        epoch: None,
        of: paid
            .other
            .as_ref()
            .map(|other| format!("while {other} was the treasury")),
        receipt: Some(paid.receipt.number),
        recipient: Some(paid.receipt.payee.to_string()),
        amount,
        value: None,
    }
}

/// Earned and paid, before the days and within them.
#[derive(Default)]
struct Sums {
    before: (u128, u128),
    within: (u128, u128),
}

impl Sums {
    fn of(entries: &[(When, Line)], symbol: &str) -> Result<Self, StatementError> {
        let mut sums = Self::default();
        for (when, line) in entries {
            let pair = match when {
                When::Before => &mut sums.before,
                When::At(_) => &mut sums.within,
                When::After => continue,
            };
            let sum = match line.kind {
                Kind::Earned => &mut pair.0,
                Kind::Paid => &mut pair.1,
            };
            *sum = plus(*sum, line.amount, symbol)?;
        }
        Ok(sums)
    }
}

fn plus(one: u128, other: u128, symbol: &str) -> Result<u128, StatementError> {
    let sum = one.checked_add(other);
    sum.ok_or_else(|| StatementError::TooLarge(symbol.to_owned()))
}

/// What was due at the end of a day; nothing is paid before it is earned.
fn within_reach(
    currency: &Currency,
    (earned, paid): (u128, u128),
    day: Option<Date>,
) -> Result<u128, StatementError> {
    earned
        .checked_sub(paid)
        .ok_or_else(|| StatementError::Overpaid {
            denom: currency.denom.clone(),
            day: day.unwrap_or(Date::MIN),
            earned,
            paid,
        })
}

fn is_treasury(contracts: &Contracts, account: &str) -> Result<bool, ChainError> {
    let roles: RolesResponse = contracts.ask_distributor(&QueryMsg::Roles {})?;
    let mut holders = roles.roles.iter().filter(|role| role.role == TREASURY);
    Ok(holders.any(|role| role.accounts.iter().any(|one| one.as_str() == account)))
}

/// Currencies that the two contracts pay in.
fn currencies(
    contracts: &Contracts,
    distributor: &ConfigResponse,
    delegation: &DelegationConfig,
) -> Result<Vec<Currency>, ChainError> {
    let known = distributor.denoms.iter().map(|info| Currency {
        denom: info.denom.clone(),
        symbol: info.symbol.clone(),
        decimals: info.decimals.into(),
    });
    let mut all: Vec<Currency> = known.collect();
    for token in [&distributor.qst, &delegation.token] {
        let denom = Denom::Cw20(token.to_string());
        if all.iter().any(|one| one.denom == denom) {
            continue;
        }
        let query = cw20::Cw20QueryMsg::TokenInfo {};
        let info: cw20::TokenInfoResponse = contracts.client().smart(token.as_str(), &query)?;
        all.push(Currency {
            denom,
            symbol: info.symbol,
            decimals: info.decimals.into(),
        });
    }
    Ok(all)
}

/// An amount as decimal text, if there is one.
fn maybe<S: serde::Serializer>(
    amount: &Option<u128>,
    to: S,
) -> core::result::Result<S::Ok, S::Error> {
    match amount {
        Some(amount) => units::serialize(amount, to),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests;
