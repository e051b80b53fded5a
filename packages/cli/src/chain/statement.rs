//! `statement`: what an account was owed, earned and was paid from one day to another.

use std::path::PathBuf;

use clap::Args;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{CellAlignment, Table};
use noderev_operations::statement::{
    statement, Account, Days, Kind, Line, Prices, Statement as Made, Values, Wanted, VALUE_DECIMALS,
};

use super::form::Form;
use super::session::read;
use super::{CommandError, Connection};
use crate::answer::Answer;
use crate::format::{exact_units, minute};
use crate::table;

/// Show an account's statement: opening + earned - paid = closing, per currency, and each line of it.
///
/// Days are UTC, from 00:00:00 to 23:59:59, both included. An amount is earned in the day in which the
/// last second of its epoch lies, whenever the epoch was closed: so nobody who closes late moves it into
/// another month. Only closed epochs count: a statement of days whose epochs are not all closed, or in
/// which keys are still in dispute, is not the last word (what a ruling gives belongs to the epoch that it
/// is about). An amount is paid in the day of the receipt's block.
///
/// What is in it: revenue, pool rewards, rewards of Delegation IDs, and bonds of disputes, which stand
/// among what was earned when they come back, in the day of the epoch that was disputed. What is not:
/// stakes, sales of keys and the market's fees. A treasury's statement has all that the treasury ever
/// earned and was paid, whoever held the role; a former treasury's has what it was paid.
///
/// Earned: by the contracts' histories, epoch by epoch; fractions of a unit join the next epoch's
/// reward, as they do in the contracts. Paid: by the receipts. Then earned less paid, over all epochs
/// and in each role, is compared with what the contracts say is due at this block: a difference of one
/// unit is an error (exit code 1). Who has more unsettled than the contracts can tell at once (a key with
/// more than a hundred owners, a pool stake that has changed more often) has to settle it first (exit code
/// 5). Amounts of --json and --csv are smallest units.
#[derive(Debug, Args)]
pub struct Statement {
    /// Whose.
    #[arg(value_name = "ADDRESS")]
    whose: String,
    /// The first day, such as 2026-01-01.
    #[arg(long, value_name = "DATE")]
    from: String,
    /// The last day, such as 2026-01-31; today at the latest.
    #[arg(long, value_name = "DATE")]
    to: String,
    /// CSV with the columns date, denom (symbol, native denomination or cw20 address) and price (of a
    /// whole unit): what each line was worth that day, rounded to the nearest 0.000001, halves up; earned
    /// and paid are the sums of their lines; closing has the last day's price, opening that of the day
    /// before the first, so that it is what an earlier statement closes with. A missing price is an error.
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    connection: Connection,
}

impl Statement {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        let days = Days::parse(&self.from, &self.to)?;
        let prices = self.prices.as_deref().map(read).transpose()?;
        let prices = prices.as_deref().map(Prices::parse).transpose();
        let prices = prices.map_err(noderev_operations::statement::StatementError::from)?;
        let session = self.connection.open(json)?;
        // Only the day of this time counts.
        let time = session.client().status()?.time;
        let (contracts, height) = session.contracts_as_of_now()?;
        let wanted = Wanted {
            account: &self.whose,
            days,
            prices: prices.as_ref(),
        };
        let progress = table::progress(0, "histories");
        let made = statement(&contracts, (height, time), &wanted, |done, all| {
            progress.set_length(all);
            progress.set_position(done);
        });
        progress.finish_and_clear();
        let made = made?;
        let text = self
            .form
            .text(json, &made, COLUMNS, rows(&made), || told(&made))?;
        Ok(match made.currencies.is_empty() {
            true => Answer::nothing_due(text),
            false => Answer::done(text),
        })
    }
}

fn told(made: &Made) -> String {
    let head = format!(
        "{}, {} to {} (UTC, both included), as of block {} of {}",
        made.account,
        made.from,
        made.to,
        made.height,
        minute(made.time)
    );
    if made.currencies.is_empty() {
        return format!("{head}: it has never earned anything");
    }
    let currencies = made.currencies.iter().map(currency);
    let all: Vec<String> = std::iter::once(head).chain(currencies).collect();
    all.join("\n\n")
}

fn currency(account: &Account) -> String {
    let (symbol, decimals) = (&account.currency.symbol, account.currency.decimals);
    let units = |amount: u128| exact_units(amount, decimals);
    let values = account.values;
    let mut sums = framed(&["", symbol], values.is_some());
    let value = |of: fn(&Values) -> u128| values.as_ref().map(of);
    let rows = [
        ("opening", account.opening, value(|it| it.opening)),
        ("+ earned", account.earned, value(|it| it.earned)),
        ("- paid", account.paid, value(|it| it.paid)),
        ("= closing", account.closing, value(|it| it.closing)),
    ];
    for (name, amount, value) in rows {
        let cells = [Some(name.to_owned()), Some(units(amount)), value.map(money)];
        sums.add_row(cells.into_iter().flatten());
    }
    right(&mut sums, 1);
    let head = format!(
        "{symbol} ({}); due now, as the contracts say: {}",
        account.currency.denom,
        units(account.due)
    );
    if account.lines.is_empty() {
        return format!("{head}\n{sums}");
    }
    let columns = ["time (UTC)", "what", "role", "for", symbol];
    let mut lines = framed(&columns, values.is_some());
    for line in &account.lines {
        let cells = [
            Some(minute(line.time).replace(" UTC", "")),
            Some(kind(line).to_owned()),
            Some(line.role.clone()),
            Some(reason(line)),
            Some(units(line.amount)),
            line.value.map(money),
        ];
        lines.add_row(cells.into_iter().flatten());
    }
    right(&mut lines, 4);
    format!("{head}\n{sums}\n{lines}")
}

fn framed(columns: &[&str], valued: bool) -> Table {
    let mut table = Table::new();
    let value = valued.then_some("value");
    let header = columns.iter().copied().chain(value);
    table.load_preset(UTF8_FULL_CONDENSED).set_header(header);
    table
}

/// Aligns the numbers, which are in the columns from this one on.
fn right(table: &mut Table, from: usize) {
    for column in table.column_iter_mut().skip(from) {
        column.set_cell_alignment(CellAlignment::Right);
    }
}

const fn kind(line: &Line) -> &'static str {
    match line.kind {
        Kind::Earned => "earned",
        Kind::Paid => "paid",
    }
}

/// What earned it, or the receipt and who received it.
fn reason(line: &Line) -> String {
    let epoch = line.epoch.map(|epoch| format!("epoch {epoch}"));
    let receipt = line
        .receipt
        .map(|number| format!("receipt {number} of the {}", line.contract));
    let recipient = line.recipient.as_ref().map(|to| format!("to {to}"));
    let parts = [epoch, line.of.clone(), receipt, recipient];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn money(value: u128) -> String {
    exact_units(value, VALUE_DECIMALS)
}

const COLUMNS: [&str; 14] = [
    "what",
    "day",
    "time",
    "contract",
    "role",
    "epoch",
    "for",
    "receipt",
    "recipient",
    "denom",
    "symbol",
    "decimals",
    "amount",
    "value",
];

/// A row of the CSV file, its place in the statement aside.
fn row(account: &Account, what: &str, day: &str, line: Option<&Line>) -> [String; 14] {
    let (amount, value) = amounts(account, what, line);
    let of = |text: fn(&Line) -> Option<String>| line.and_then(text).unwrap_or_default();
    [
        what.to_owned(),
        day.to_owned(),
        of(|line| crate::format::rfc3339(line.time)),
        of(|line| Some(line.contract.to_owned())),
        of(|line| Some(line.role.clone())),
        of(|line| line.epoch.map(|epoch| epoch.to_string())),
        of(|line| line.of.clone()),
        of(|line| line.receipt.map(|number| number.to_string())),
        of(|line| line.recipient.clone()),
        account.currency.name().to_owned(),
        account.currency.symbol.clone(),
        account.currency.decimals.to_string(),
        amount.to_string(),
        value.map(plain).unwrap_or_default(),
    ]
}

fn amounts(account: &Account, what: &str, line: Option<&Line>) -> (u128, Option<u128>) {
    match (line, what) {
        (Some(line), _) => (line.amount, line.value),
        (None, "opening") => (account.opening, account.values.map(|it| it.opening)),
        (None, _) => (account.closing, account.values.map(|it| it.closing)),
    }
}

/// A value for spreadsheets: without commas.
fn plain(value: u128) -> String {
    money(value).replace(',', "")
}

fn rows(made: &Made) -> impl Iterator<Item = [String; 14]> + '_ {
    made.currencies.iter().flat_map(|account| {
        let opening = row(account, "opening", &made.from, None);
        let closing = row(account, "closing", &made.to, None);
        let lines = account.lines.iter();
        let lines = lines.map(move |line| row(account, kind(line), &line.day, Some(line)));
        std::iter::once(opening).chain(lines).chain([closing])
    })
}
