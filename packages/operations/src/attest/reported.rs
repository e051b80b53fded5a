//! When attesters reported, by the events that announced it.

use std::collections::BTreeMap;

use cosmwasm_std::Timestamp;
use noderev_chain::{Result, Transaction};
use noderev_components::Epoch;
use serde::Serialize;

use super::Target;
use crate::export::attribute;
use crate::Contracts;

/// When an attester reported on an epoch, the last time that he did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// The block.
    pub height: u64,
    /// When it was made, nanoseconds since 1970; none if the node has forgotten it.
    pub time: Option<Timestamp>,
    /// How often he reported on the epoch: a later report replaces an earlier one.
    pub reports: u32,
}

/// When each attester reported on an epoch, as far as the node knows the transactions.
pub fn reported(
    contracts: &Contracts,
    target: Target,
    epoch: Epoch,
) -> Result<BTreeMap<String, Reported>> {
    let (client, contract) = (contracts.client(), target.contract(contracts));
    let kind = target.reported();
    let query = format!("{kind}.epoch='{epoch}' AND {kind}._contract_address='{contract}'");
    let transactions = client.all_transactions(&query)?;
    let mut all = last(&transactions, kind, contract, epoch);
    for one in all.values_mut() {
        one.time = client.block_time(one.height)?;
    }
    Ok(all)
}

/// By attester, of transactions in their order; without times.
fn last(
    transactions: &[Transaction],
    kind: &str,
    contract: &str,
    epoch: Epoch,
) -> BTreeMap<String, Reported> {
    let epoch = epoch.to_string();
    let mut all: BTreeMap<String, Reported> = BTreeMap::new();
    for transaction in transactions {
        let events = transaction.events.iter().filter(|event| event.ty == kind);
        for event in events {
            let here = attribute(event, "_contract_address") == Some(contract);
            let Some(attester) = attribute(event, "attester").filter(|_| here) else {
                continue;
            };
            if attribute(event, "epoch") != Some(&epoch) {
                continue;
            }
            let before = all.get(attester).map_or(0, |one| one.reports);
            let one = Reported {
                height: transaction.height,
                time: None,
                reports: before.saturating_add(1),
            };
            all.insert(attester.to_owned(), one);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::told_event;
    use cosmwasm_std::Event;

    const KIND: &str = "wasm-distributor_reported";

    fn report(height: u64, contract: &str, epoch: &str, attester: &str) -> Transaction {
        let fields = [
            ("_contract_address", contract),
            ("epoch", epoch),
            ("attester", attester),
        ];
        Transaction {
            hash: String::new(),
            height,
            index: 0,
            events: vec![Event::new("wasm"), told_event(KIND, &fields)],
        }
    }

    #[test]
    fn the_last_report_on_the_epoch_counts_and_all_are_counted() {
        let all = [
            report(5, "it", "2", "alice"),
            report(6, "it", "2", "bob"),
            report(7, "it", "2", "alice"),
            report(8, "it", "3", "bob"),
            report(9, "other", "2", "alice"),
        ];
        let found = last(&all, KIND, "it", Epoch(2));
        let figures = |name: &str| (found[name].height, found[name].reports);
        assert_eq!((figures("alice"), figures("bob")), ((7, 2), (6, 1)));
        assert_eq!(found.len(), 2);
    }
}
