//! Figures, and how they are shown.

use std::fmt::Write;

use noderev_vm::gas::Report;
use serde::Serialize;

/// One measured message or query.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) name: String,
    /// What virtual machine and store should not cost more than.
    pub(crate) goal: Option<u64>,
    /// Virtual machine.
    pub(crate) vm: u64,
    /// Store.
    pub(crate) store: u64,
    /// Virtual machine and store.
    pub(crate) work: u64,
    /// The part of it that tokens and collections used.
    pub(crate) others: u64,
    /// Loads of codes.
    pub(crate) loads: u64,
    /// Virtual machine, store and loads.
    pub(crate) total: u64,
    /// The bank's store, in no sum.
    pub(crate) bank: u64,
    /// By contract.
    pub(crate) gas: Report,
}

impl Row {
    pub(crate) fn new(name: &str, goal: Option<u64>, ours: &[&str], gas: Report) -> Self {
        Self {
            name: name.to_owned(),
            goal,
            vm: gas.vm(),
            store: gas.store(),
            work: gas.work(),
            others: gas.work() - gas.work_of(ours),
            loads: gas.loads(),
            total: gas.total(),
            bank: gas.bank,
            gas,
        }
    }

    /// Whether the goal is met: by all contracts, by ours alone, or not.
    fn verdict(&self) -> &'static str {
        match self.goal {
            None => "",
            Some(goal) if self.work <= goal => "met",
            Some(goal) if self.work - self.others <= goal => "met without tokens",
            Some(_) => "missed",
        }
    }
}

/// All figures.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Table {
    /// Messages.
    pub(crate) messages: Vec<Row>,
    /// Queries.
    pub(crate) queries: Vec<Row>,
    /// Part of the name of what is to be shown access by access.
    #[serde(skip)]
    pub(crate) trace: Option<String>,
}

/// A number with commas.
pub(crate) fn figure(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn lines(title: &str, rows: &[Row]) -> String {
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

impl Table {
    pub(crate) fn markdown(&self) -> String {
        let messages = lines("message", &self.messages);
        format!("{messages}\n{}", lines("query", &self.queries))
    }

    pub(crate) fn json(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }
}
