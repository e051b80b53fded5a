//! Headline figures and the sentence under each heading.

use crate::format::{compact, float_units, percent, thousands, units};
use crate::results::{Role, RunResult};

/// A headline figure.
pub struct Tile {
    pub name: String,
    pub value: String,
    pub note: String,
}

/// The headline figures.
pub fn tiles(result: &RunResult) -> Vec<Tile> {
    let mut tiles: Vec<Tile> = (0..result.network.denominations.len())
        .map(|denom| paid(result, denom))
        .collect();
    tiles.extend([keys(result), uptime(result), funding(result)]);
    tiles.extend(super::delegations::tiles(result));
    tiles.push(solvency(result));
    tiles
}

/// What became of a denomination's revenue.
pub fn money_line(result: &RunResult, denom: usize) -> String {
    let Some(known) = result.network.denominations.get(denom) else {
        return String::new();
    };
    let total = |role| -> u128 {
        let earned = result
            .earnings(denom, &[role])
            .into_iter()
            .map(|(_, units)| units);
        earned.fold(0, u128::saturating_add)
    };
    format!(
        "Nodes earned {} {name}, the global pool {} {name}, the treasury {} {name}.",
        units(total(Role::Node), known.decimals),
        units(total(Role::Pool), known.decimals),
        units(total(Role::Treasury), known.decimals),
        name = known.name
    )
}

/// Keys, running and missed quorums.
pub fn nodes_line(result: &RunResult) -> String {
    let missed = result.epochs.iter().filter(|row| !row.quorum).count();
    let running: Vec<u32> = result
        .epochs
        .iter()
        .filter(|row| row.quorum)
        .map(|row| row.running)
        .collect();
    let (low, high) = (running.iter().min(), running.iter().max());
    format!(
        "Between {} and {} keys ran per epoch. {missed} of {} epochs had no quorum of attesters.",
        thousands(u128::from(low.copied().unwrap_or(0))),
        thousands(u128::from(high.copied().unwrap_or(0))),
        result.epochs.len()
    )
}

/// How many accounts earned.
pub fn earners_line(result: &RunResult) -> String {
    let earners = |role| {
        let ranked = result.earnings(0, &[role]);
        thousands(
            u128::try_from(ranked.iter().filter(|(_, units)| *units > 0).count()).unwrap_or(0),
        )
    };
    format!(
        "{} node owners and {} pool stakers earned.",
        earners(Role::Node),
        earners(Role::Pool)
    )
}

/// Whether the books are right.
pub fn books_line(result: &RunResult) -> String {
    if result.is_solvent() {
        "What came in or was minted equals what was paid, is owed or is carried on, to the unit, \
         and the contracts hold at least what they owe."
            .to_owned()
    } else {
        "The books do not add up or the balance does not cover what is owed.".to_owned()
    }
}

fn paid(result: &RunResult, denom: usize) -> Tile {
    let (name, decimals) = result
        .network
        .denominations
        .get(denom)
        .map_or(("", 0), |known| (known.name.as_str(), known.decimals));
    let books = result.books.get(denom).copied().unwrap_or_default();
    Tile {
        name: format!("{name} paid out"),
        value: compact(float_units(books.paid, decimals)),
        note: format!("{} more owed", compact(float_units(books.owed, decimals))),
    }
}

fn keys(result: &RunResult) -> Tile {
    let first = result.epochs.first().map_or(0, |row| row.issued);
    let last = result.epochs.last().map_or(0, |row| row.issued);
    let note = if first == last {
        "throughout the run".to_owned()
    } else {
        format!("{} before the split", thousands(u128::from(first)))
    };
    Tile {
        name: "Node keys".into(),
        value: thousands(u128::from(last)),
        note,
    }
}

fn uptime(result: &RunResult) -> Tile {
    Tile {
        name: "Uptime".into(),
        value: percent(result.uptime()),
        note: "of all judged key-epochs".into(),
    }
}

fn funding(result: &RunResult) -> Tile {
    let funding = result.epochs.iter().rev().find_map(|row| row.funding());
    Tile {
        name: "Pool funding".into(),
        value: funding.map_or_else(|| "–".to_owned(), percent),
        note: "in the last judged epoch".into(),
    }
}

fn solvency(result: &RunResult) -> Tile {
    let (value, note) = if result.is_solvent() {
        ("Exact", "every unit accounted for")
    } else {
        ("Broken", "see the books below")
    };
    Tile {
        name: "Solvency".into(),
        value: value.into(),
        note: note.into(),
    }
}
