//! Figures of messages and queries.

use noderev_vm::gas::Report;
use serde::{Deserialize, Serialize};

/// One measured message or query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Row {
    /// What was measured.
    pub(crate) name: String,
    /// What virtual machine and store should not cost more than.
    #[serde(skip_serializing_if = "Option::is_none")]
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
    /// Messages or queries of our contracts that ran, as `registry transfer_nft`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) ran: Vec<String>,
}

impl Row {
    /// What a message or query used; the rest of it is tokens and collections.
    pub(crate) fn new(name: &str, gas: &Report, others: u64) -> Self {
        Self {
            name: name.to_owned(),
            goal: None,
            vm: gas.vm(),
            store: gas.store(),
            work: gas.work(),
            others,
            loads: gas.loads(),
            total: gas.total(),
            bank: gas.bank,
            ran: Vec::new(),
        }
    }

    /// Whether the goal is met, tokens and collections included.
    pub(crate) fn verdict(&self) -> &'static str {
        match self.goal {
            None => "",
            Some(goal) if self.work <= goal => "met",
            Some(_) => "missed",
        }
    }
}

/// All figures.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Table {
    /// Our messages.
    pub(crate) messages: Vec<Row>,
    /// Our queries.
    pub(crate) queries: Vec<Row>,
    /// Messages of peers.
    #[serde(default)]
    pub(crate) peers: Vec<Row>,
    /// Part of the name of what is to be shown access by access.
    #[serde(skip)]
    pub(crate) trace: Option<String>,
}

impl Table {
    /// Our message with this name.
    pub(crate) fn message(&self, name: &str) -> &Row {
        find(&self.messages, name)
    }

    /// A peer's message with this name.
    pub(crate) fn peer(&self, name: &str) -> &Row {
        find(&self.peers, name)
    }
}

fn find<'a>(rows: &'a [Row], name: &str) -> &'a Row {
    let found = rows.iter().find(|row| row.name == name);
    found.unwrap_or_else(|| panic!("{name} is not measured"))
}

/// Adds a row, whose name no other row has.
pub(crate) fn add(rows: &mut Vec<Row>, row: Row) {
    let known = rows.iter().any(|other| other.name == row.name);
    assert!(!known, "{} is measured twice", row.name);
    rows.push(row);
}
