//! What the terminal shows: a progress bar while a run lasts, tables when it is done.

use comfy_table::modifiers::UTF8_ROUND_CORNERS;
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{Cell, CellAlignment, Table};
use indicatif::{ProgressBar, ProgressStyle};

use crate::format::{duration, mebibytes, percent, thousands, units};
use crate::results::{Delegations, MintRow, Role, RunResult};

/// A bar of `steps` steps on standard error; hidden when that is no terminal.
pub fn progress(steps: u64, what: &'static str) -> ProgressBar {
    const TEMPLATE: &str = "{msg:>14} [{bar:36}] {pos}/{len}  {elapsed} (about {eta} to go)";
    let style =
        ProgressStyle::with_template(TEMPLATE).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(steps)
        .with_style(style.progress_chars("=> "))
        .with_message(what)
}

/// The closing summary: money per denomination, delegations, then the network.
pub fn summary(result: &RunResult) -> String {
    let mut tables = vec![money(result)];
    tables.extend(
        result
            .delegations
            .as_ref()
            .map(|all| delegations(result, all)),
    );
    tables.push(network(result));
    let texts: Vec<String> = tables.iter().map(ToString::to_string).collect();
    texts.join("\n")
}

/// Who got what, per denomination, in whole units rounded down.
fn money(result: &RunResult) -> Table {
    let denominations = &result.network.denominations;
    let mut table = framed(
        &denominations
            .iter()
            .map(|d| d.name.as_str())
            .collect::<Vec<_>>(),
    );
    let mut line = |name: &str, amount: &dyn Fn(usize) -> u128| {
        let amounts = denominations.iter().enumerate();
        let shown = amounts.map(|(i, denom)| units(amount(i), denom.decimals));
        table.add_row(row(name, shown));
    };
    let books = |denom: usize| result.books.get(denom).copied().unwrap_or_default();
    line("Received", &|denom| books(denom).received);
    line("Earned by nodes", &|denom| {
        earned(result, denom, Role::Node)
    });
    line("Earned by the pool", &|denom| {
        earned(result, denom, Role::Pool)
    });
    line("Earned by the treasury", &|denom| {
        earned(result, denom, Role::Treasury)
    });
    line("Paid out", &|denom| books(denom).paid);
    line("Owed, carried, not yet due", &|denom| {
        books(denom).liabilities()
    });
    let exact: Vec<String> = result
        .books
        .iter()
        .map(|books| verdict(books.adds_up() && books.is_covered()))
        .collect();
    table.add_row(row("Adds up to the unit", exact));
    table
}

/// What was minted and for whom, in whole units rounded down, and who was there at the end.
fn delegations(result: &RunResult, all: &Delegations) -> Table {
    let (token, decimals) = result.network.currency(result.network.denominations.len());
    let mut table = framed(&[token]);
    let mut line = |name: &str, value: String| {
        table.add_row(row(name, [value]));
    };
    let whole = |amount: u128| units(amount, decimals);
    line("Minted", whole(all.sum(|row| row.minted)));
    line("Not minted", whole(all.sum(MintRow::unminted)));
    line(
        "Injected",
        whole(all.books.received.saturating_sub(all.sum(|row| row.minted))),
    );
    line("Earned by members", whole(all.earned(|row| row.earned)));
    line(
        "Earned by commission",
        whole(all.earned(|row| row.commission)),
    );
    line("Paid out", whole(all.books.paid));
    line("Owed, carried, not yet due", whole(all.books.liabilities()));
    let exact = all.books.adds_up() && all.books.is_covered();
    line("Adds up to the unit", verdict(exact));
    let last = all.epochs.last().cloned().unwrap_or_default();
    line("Delegations", count(all.ids.len()));
    line("Dormant at the end", count(all.dormant()));
    line("Members at the end", count(all.members_at_end()));
    line("Quintessence at the end", thousands(last.total));
    line("Slots at the end", thousands(last.slots.into()));
    line("Slots used, of those there were", percent(all.used()));
    let missed = all.epochs.iter().filter(|row| !row.quorum);
    line("Epochs without a quorum", count(missed.count()));
    table
}

fn count(number: usize) -> String {
    thousands(u128::try_from(number).unwrap_or(0))
}

fn network(result: &RunResult) -> Table {
    let missed = result.epochs.iter().filter(|epoch| !epoch.quorum).count();
    let keys = result.epochs.last().map_or(0, |epoch| epoch.issued);
    let funding = result.epochs.iter().rev().find_map(|epoch| epoch.funding());
    let mut table = framed(&[result.network.name.as_str()]);
    let mut line = |name: &str, value: String| {
        table.add_row(row(name, [value]));
    };
    line("Epochs closed", result.epochs.len().to_string());
    line("Epochs without a quorum", missed.to_string());
    line("Keys", thousands(u128::from(keys)));
    line("Uptime", percent(result.uptime()));
    line(
        "Pool funding at the end",
        funding.map_or_else(|| "nothing to fund".to_owned(), percent),
    );
    line(
        "Payouts",
        thousands(u128::try_from(result.payouts.len()).unwrap_or(0)),
    );
    line("Time", duration(result.seconds()));
    if let Some(bytes) = result.peak_memory {
        line("Peak memory", mebibytes(bytes));
    }
    table
}

fn framed(columns: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_preset(UTF8_FULL_CONDENSED)
        .apply_modifier(UTF8_ROUND_CORNERS);
    table.set_header(row("", columns.iter().map(|column| (*column).to_owned())));
    table
}

/// A name on the left and numbers on the right.
fn row(name: &str, values: impl IntoIterator<Item = String>) -> Vec<Cell> {
    let right = |value| Cell::new(value).set_alignment(CellAlignment::Right);
    std::iter::once(Cell::new(name))
        .chain(values.into_iter().map(right))
        .collect()
}

fn earned(result: &RunResult, denom: usize, role: Role) -> u128 {
    let earned = result
        .earnings(denom, &[role])
        .into_iter()
        .map(|(_, units)| units);
    earned.fold(0, u128::saturating_add)
}

fn verdict(right: bool) -> String {
    if right { "yes" } else { "NO" }.to_owned()
}
