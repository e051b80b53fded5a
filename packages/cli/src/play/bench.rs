//! The chain's gas beside that of the benchmark in the virtual machine.

use std::fmt::Write;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::costs::{Costs, Kind};
use super::PlayError;
use crate::format::thousands;
use crate::input;

/// The benchmark's figures.
const FIGURES: &str = "figures.json";
/// Difference that needs an explanation, in tenths of a percent.
const MOST: i128 = 100;

/// Which of a kind's messages is as the benchmark's.
#[derive(Clone, Copy, Debug)]
enum Pick {
    Least,
    Middle,
}

/// A kind of message, which of them, and the benchmark's message that does the same.
const PAIRS: [(&str, Pick, &str); 17] = [
    ("registry list", Pick::Middle, "list a key"),
    ("registry buy through token", Pick::Least, "buy a key"),
    ("registry split", Pick::Middle, "split"),
    (
        "vault stake_nodes through token",
        Pick::Middle,
        "stake 1 node",
    ),
    ("vault unstake_nodes", Pick::Middle, "unstake 1 node"),
    (
        "vault deposit_pool through token",
        Pick::Middle,
        "pool deposit, first one",
    ),
    ("vault unbond_pool", Pick::Middle, "pool withdrawal request"),
    (
        "distributor deposit_revenue",
        Pick::Middle,
        "deposit of revenue, native",
    ),
    (
        "distributor deposit_revenue through token",
        Pick::Middle,
        "deposit of revenue, cw20",
    ),
    (
        "distributor report",
        Pick::Middle,
        "report of 4,732 keys, second attester",
    ),
    ("delegation create_delegation", Pick::Middle, "create an ID"),
    (
        "delegation set_commission",
        Pick::Middle,
        "lower a commission",
    ),
    (
        "delegation release_members",
        Pick::Middle,
        "release a member of an ID",
    ),
    (
        "delegation transfer_delegation",
        Pick::Middle,
        "propose an ID's new owner",
    ),
    (
        "delegation accept_validators",
        Pick::Middle,
        "take a validator into an ID",
    ),
    (
        "delegation inject through token",
        Pick::Middle,
        "inject over 30 epochs",
    ),
    (
        "delegation claim",
        Pick::Middle,
        "claim of a member, paid in cw20, first one",
    ),
];

#[derive(Deserialize)]
struct Figures {
    messages: Vec<Figure>,
}

#[derive(Deserialize)]
struct Figure {
    name: String,
    /// Virtual machine, store and loading of code.
    total: u64,
    /// Loading of code: 60,000 for the first time, 2,000 again.
    loads: u64,
    /// The bank's part.
    bank: u64,
}

/// A message on both.
#[derive(Debug, Serialize)]
struct Row {
    message: String,
    benchmark: String,
    benchmark_gas: u64,
    chain_gas: u64,
    chain_message: u64,
    tenths_of_percent: i128,
    /// Contracts called, each time they are.
    calls: u64,
}

#[derive(Debug, Serialize)]
struct Table<'a> {
    #[serde(flatten)]
    costs: &'a Costs,
    beside: Vec<Row>,
}

/// Writes `chain.md` and `chain.json` into the benchmark's folder.
pub(super) fn write(costs: &Costs, dir: &Path) -> Result<(), PlayError> {
    let path = dir.join(FIGURES);
    let text = std::fs::read_to_string(&path)
        .map_err(|error| PlayError::Journal(format!("{}: {error}", path.display())))?;
    let figures: Figures = serde_json::from_str(&text)?;
    let table = Table {
        beside: rows(costs, &figures),
        costs,
    };
    input::write_text(dir, "chain.md", &page(&table))?;
    let json = serde_json::to_string_pretty(&table)?;
    Ok(input::write_text(dir, "chain.json", &format!("{json}\n"))?)
}

impl Figure {
    const fn calls(&self) -> u64 {
        (self.loads / 60_000).saturating_add(self.loads % 60_000 / 2_000)
    }
}

impl Row {
    /// Gas more than in the benchmark, per call of a contract.
    fn per_call(&self) -> i128 {
        let more = i128::from(self.chain_message).saturating_sub(self.benchmark_gas.into());
        more.checked_div(self.calls.into()).unwrap_or(more)
    }
}

fn rows(costs: &Costs, figures: &Figures) -> Vec<Row> {
    let row = |(what, pick, name): &(&str, Pick, &str)| {
        let kind = costs.kinds.iter().find(|kind| kind.message == *what)?;
        let figure = figures.messages.iter().find(|one| one.name == *name)?;
        let benchmark_gas = figure.total.saturating_add(figure.bank);
        let (chain_gas, chain_message) = picked(kind, *pick);
        let more = i128::from(chain_message).saturating_sub(i128::from(benchmark_gas));
        let tenths = more.saturating_mul(1_000).checked_div(benchmark_gas.into());
        Some(Row {
            message: (*what).to_owned(),
            benchmark: (*name).to_owned(),
            benchmark_gas,
            chain_gas,
            chain_message,
            tenths_of_percent: tenths.unwrap_or(0),
            calls: figure.calls(),
        })
    };
    PAIRS.iter().filter_map(row).collect()
}

const fn picked(kind: &Kind, pick: Pick) -> (u64, u64) {
    let ([least, middle, _], [alone_least, alone_middle, _]) = (kind.gas, kind.alone);
    match pick {
        Pick::Least => (least, alone_least),
        Pick::Middle => (middle, alone_middle),
    }
}

fn page(table: &Table) -> String {
    let number = |gas: u64| thousands(gas.into());
    let mut text = format!(
        include_str!("bench.md"),
        transaction = number(table.costs.overhead.transaction),
        first = number(table.costs.overhead.first)
    );
    for row in &table.beside {
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {}{} | {} | {} |",
            row.message,
            row.benchmark,
            number(row.benchmark_gas),
            number(row.chain_gas),
            number(row.chain_message),
            percent(row.tenths_of_percent),
            if row.tenths_of_percent.abs() > MOST {
                " *"
            } else {
                ""
            },
            row.calls,
            row.per_call(),
        );
    }
    text.push_str(
        "\n## Every message of the run\n\nGas of transactions of one message.\n\n\
         | message | transactions | least | middle | most | the message alone, middle |\n\
         |---|--:|--:|--:|--:|--:|\n",
    );
    for kind in &table.costs.kinds {
        let [least, middle, most] = kind.gas.map(number);
        let [_, alone, _] = kind.alone.map(number);
        let (message, count) = (&kind.message, kind.count);
        let _ = writeln!(
            text,
            "| {message} | {count} | {least} | {middle} | {most} | {alone} |"
        );
    }
    text
}

/// Tenths of a percent with their sign.
fn percent(tenths: i128) -> String {
    let sign = if tenths < 0 { '-' } else { '+' };
    let (whole, rest) = (tenths.abs() / 10, tenths.abs() % 10);
    format!("{sign}{whole}.{rest} %")
}

#[cfg(test)]
mod tests {
    use super::super::costs::Overhead;
    use super::*;

    #[test]
    fn what_the_chain_takes_more_is_told_in_percent() {
        let kind = Kind {
            message: "registry split".to_owned(),
            count: 1,
            gas: [200_000; 3],
            allowed: 500_000,
            bytes: 400,
            alone: [112_300; 3],
        };
        let costs = Costs {
            overhead: Overhead {
                transaction: 50_000,
                first: 0,
            },
            kinds: vec![kind],
        };
        let figures = Figures {
            messages: vec![Figure {
                name: "split".to_owned(),
                total: 90_000,
                loads: 62_000,
                bank: 10_000,
            }],
        };
        let beside = rows(&costs, &figures);
        let table = Table {
            costs: &costs,
            beside,
        };
        let page = page(&table);
        let row = "| registry split | split | 100,000 | 200,000 | 112,300 | +12.3 % * | 2 | 6150 |";
        assert!(page.contains(row), "{page}");
        assert_eq!(percent(-4), "-0.4 %");
    }
}
