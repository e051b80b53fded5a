//! Figures as Markdown and JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::peers::{Pair, PAIRS};
use crate::table::{Row, Table};
use noderev_vm::figures::figure;

/// What people care about: what it is called for them, and our message.
const MAIN: [(&str, &str); 14] = [
    (
        "stakes more in the pool",
        "pool deposit, not the epoch's first",
    ),
    ("the same, first of all that day", "pool deposit, more"),
    ("withdraws from the pool", "withdrawal of a released lot"),
    ("claims 1 key, daily", "claim of 1 key, a day later"),
    ("claims 20 keys, daily", "claim of 20 keys, a day later"),
    ("transfers a key", "key transfer"),
    ("issues a key", "mint one key"),
    (
        "reports who ran, 4,732 keys",
        "report of 4,732 keys, first attester",
    ),
    ("closes a day, 4,732 keys", "close of 4,732 keys"),
    ("splits all keys", "split"),
    (
        "joins a Delegation ID",
        "join with one NFT, ID touched before",
    ),
    ("moves to another one", "move one NFT, IDs touched before"),
    ("claims from it, daily", "claim of a member, a day later"),
    (
        "closes a day of 200 IDs, 512 validators",
        "advance, 200 IDs, 512 validators, 10 changed",
    ),
];

/// How many times the second figure the first one is, in hundredths.
fn hundredths(ours: u64, peer: u64) -> u64 {
    (ours * 100 + peer / 2) / peer.max(1)
}

/// How many times the second figure the first one is.
fn ratio(ours: u64, peer: u64) -> String {
    let hundredths = hundredths(ours, peer);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// The first peer's message that one of ours is compared with, if peers are measured.
fn peer_of<'a>(table: &'a Table, ours: &str) -> Option<&'a Row> {
    let pair = PAIRS.iter().find(|pair| pair.ours == ours)?;
    (!table.peers.is_empty()).then(|| table.peer(pair.peer))
}

/// Three columns: the peer's figure, the ratio, what it is.
fn beside(table: &Table, row: &Row) -> String {
    match peer_of(table, &row.name) {
        Some(peer) => {
            let ratio = ratio(row.work, peer.work);
            format!("{} | {ratio} | {}", figure(peer.work), peer.name)
        }
        None => " | | ".into(),
    }
}

fn goals(table: &Table) -> String {
    let mut text = String::from(
        "| message | goal | ours | | peer | ours / peer | the peer's message |\n\
         |---|--:|--:|---|--:|--:|---|\n",
    );
    for row in &table.messages {
        let Some(goal) = row.goal else { continue };
        let (goal, work) = (figure(goal), figure(row.work));
        let (verdict, beside) = (row.verdict(), beside(table, row));
        let _ = writeln!(
            text,
            "| {} | {goal} | {work} | {verdict} | {beside} |",
            row.name
        );
    }
    text
}

fn pair(table: &Table, pair: &Pair) -> String {
    let (ours, peer) = (table.message(pair.ours), table.peer(pair.peer));
    let work = [ours.work, peer.work].map(figure);
    let total = [ours.total, peer.total].map(figure);
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} |\n",
        pair.ours,
        pair.peer,
        work[0],
        work[1],
        ratio(ours.work, peer.work),
        total[0],
        total[1],
        ratio(ours.total, peer.total),
    )
}

fn pairs(table: &Table) -> String {
    let head =
        "| ours | peer | ours | peer | ratio | ours with loads | peer with loads | ratio |\n\
                |---|---|--:|--:|--:|--:|--:|--:|\n";
    let rows = PAIRS.iter().map(|it| pair(table, it));
    [head.to_owned()].into_iter().chain(rows).collect()
}

fn rows(title: &str, rows: &[Row]) -> String {
    let mut text = format!(
        "| {title} | VM | store | VM + store | of it tokens | goal | | loads | total | bank |\n\
         |---|--:|--:|--:|--:|--:|---|--:|--:|--:|\n"
    );
    for row in rows {
        let goal = row.goal.map(figure).unwrap_or_default();
        let [vm, store, work, others] = [row.vm, row.store, row.work, row.others].map(figure);
        let verdict = row.verdict();
        let [loads, total, bank] = [row.loads, row.total, row.bank].map(figure);
        let _ = writeln!(
            text,
            "| {} | {vm} | {store} | {work} | {others} | {goal} | {verdict} | {loads} | {total} \
             | {bank} |",
            row.name,
        );
    }
    text
}

/// Two messages that do the same for people, in JSON.
#[derive(Serialize)]
struct Compared {
    ours: &'static str,
    peer: &'static str,
    our_work: u64,
    peer_work: u64,
    work_ratio: f64,
    our_total: u64,
    peer_total: u64,
    total_ratio: f64,
}

impl Compared {
    fn new(table: &Table, pair: &Pair) -> Self {
        let (ours, peer) = (table.message(pair.ours), table.peer(pair.peer));
        let ratio = |ours, peer| hundredths(ours, peer) as f64 / 100.0;
        Self {
            ours: pair.ours,
            peer: pair.peer,
            our_work: ours.work,
            peer_work: peer.work,
            work_ratio: ratio(ours.work, peer.work),
            our_total: ours.total,
            peer_total: peer.total,
            total_ratio: ratio(ours.total, peer.total),
        }
    }
}

/// All figures, a line each; peers only if they are measured.
pub(crate) fn json(table: &Table) -> serde_json::Result<String> {
    let pairs = match table.peers.is_empty() {
        true => &[][..],
        false => &PAIRS,
    };
    let compared: Vec<_> = pairs.iter().map(|it| Compared::new(table, it)).collect();
    let parts = [
        part("messages", &table.messages)?,
        part("queries", &table.queries)?,
        part("peers", &table.peers)?,
        part("compared", &compared)?,
    ];
    Ok(format!("{{\n{}\n}}\n", parts.join(",\n")))
}

fn part(name: &str, rows: &[impl Serialize]) -> serde_json::Result<String> {
    let lines = rows.iter().map(serde_json::to_string);
    let lines = lines.collect::<Result<Vec<_>, _>>()?.join(",\n");
    Ok(format!("\"{name}\": [\n{lines}\n]"))
}

/// All figures; peers only if they are measured.
pub(crate) fn markdown(table: &Table) -> String {
    let mut text = String::from(
        "# What messages and queries cost\n\nGas of the optimised wasm at wasmd's and the SDK's \
         prices; `tests/vm/README.md` tells what counts.\nVM + store if nothing else is said.\n\n\
         ## Goals\n\n",
    );
    text.push_str(&goals(table));
    if !table.peers.is_empty() {
        let _ = write!(text, "\n## Beside peers\n\n{}\n", pairs(table));
        for line in crate::peers::NOTES {
            let _ = writeln!(text, "- {line}");
        }
        let _ = write!(text, "\n## Peers\n\n{}", rows("message", &table.peers));
    }
    let _ = write!(
        text,
        "\n## Messages\n\n{}",
        rows("message", &table.messages)
    );
    let _ = write!(text, "\n## Queries\n\n{}", rows("query", &table.queries));
    text
}

/// The table for the root's README.
pub(crate) fn readme(table: &Table) -> String {
    let mut text = String::from(
        "\n| who | gas | goal | | peer | ours / peer | the peer's message |\n\
         |---|--:|--:|---|--:|--:|---|\n",
    );
    for (name, message) in MAIN {
        let row = table.message(message);
        let goal = row.goal.map(figure).unwrap_or_default();
        let (work, verdict) = (figure(row.work), row.verdict());
        let beside = beside(table, row);
        let _ = writeln!(text, "| {name} | {work} | {goal} | {verdict} | {beside} |");
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_commas_and_ratios_two_digits() {
        assert_eq!(figure(7), "7");
        assert_eq!(figure(1_234_567), "1,234,567");
        assert_eq!(ratio(150, 100), "1.50");
        assert_eq!(ratio(1, 3), "0.33");
        assert_eq!(ratio(2, 3), "0.67");
    }
}
