//! Whether two chains say the same.

use std::collections::BTreeSet;

use cosmwasm_std::{to_json_vec, Attribute, Empty, Event, QueryRequest, WasmQuery};
use noderev_chain::Client;
use noderev_testing::{Act, Addresses as Contracts, Entry, Network};
use serde_json::{json, Value};

use super::addresses::Addresses;
use super::player::Told;
use super::PlayError;
use crate::results::{Contract, RunResult};

/// Fields that differ between chains: in which block something happened, and a key's identifier, which
/// is made of the chain and the registry.
const OWN: [&str; 6] = ["height", "closed", "as_of", "at", "since", "node_id"];
/// Entries of a page, the most that contracts give.
const PAGE: usize = 100;

/// Compares what each message announced on both chains, payouts among it: amounts in order, figures
/// of closed epochs, owners.
pub(super) fn events(
    network: &Network,
    addresses: &Addresses,
    told: &[Told],
    epochs: u32,
) -> Vec<String> {
    let entries = network.journal().map(|journal| journal.entries.as_slice());
    let entries = entries.unwrap_or_default();
    let mut differences = unsent(entries, told);
    for one in told {
        let Some(Act::Execute(sent)) = entries.get(one.entry).map(|entry| &entry.act) else {
            continue;
        };
        let response = sent.response.iter().flat_map(|response| &response.events);
        let expected = response.filter(|event| event.ty.starts_with("wasm"));
        let expected: Vec<Event> = expected
            .map(|event| timeless(&there(event, addresses), epochs))
            .collect();
        let found: Vec<Event> = one
            .events
            .iter()
            .map(|event| timeless(event, epochs))
            .collect();
        let what = || {
            format!(
                "message {} of {}, block {}",
                one.entry, sent.name, one.height
            )
        };
        if expected.len() != found.len() {
            differences.push(format!(
                "{}: {} events instead of {}",
                what(),
                found.len(),
                expected.len()
            ));
        }
        for (mine, theirs) in expected.iter().zip(&found) {
            differences.extend(event_difference(mine, theirs).map(|d| format!("{}: {d}", what())));
        }
    }
    differences
}

/// An event without the running epoch, if that is after the run: how long the last claims take is
/// the chain's affair.
fn timeless(event: &Event, epochs: u32) -> Event {
    let mut event = event.clone();
    for field in &mut event.attributes {
        let after = field.value.parse().is_ok_and(|epoch: u32| epoch >= epochs);
        if field.key == "epoch" && after {
            field.value = "after the run".to_owned();
        }
    }
    event
}

/// Messages of the journal of which nobody knows what became.
fn unsent(entries: &[Entry], told: &[Told]) -> Vec<String> {
    let told: BTreeSet<usize> = told.iter().map(|one| one.entry).collect();
    let unsent = entries.iter().enumerate().filter_map(|(place, entry)| {
        let name = match &entry.act {
            Act::Execute(sent) if sent.response.is_some() => &sent.name,
            Act::Create(made) => &made.salt,
            _ => return None,
        };
        let missing = !told.contains(&place);
        missing.then(|| format!("message {place} of {name} was not sent"))
    });
    unsent.collect()
}

/// An event as the real chain would tell it.
fn there(event: &Event, addresses: &Addresses) -> Event {
    let mut event = event.clone();
    for field in &mut event.attributes {
        field.value = addresses.text(&field.value);
    }
    event
}

/// The chain sorts the fields of events of contracts that are called by others, by name; fields of
/// one name keep their order.
fn sorted(event: &Event) -> Vec<&Attribute> {
    let mut fields: Vec<&Attribute> = event.attributes.iter().collect();
    fields.sort_by_key(|field| &field.key);
    fields
}

fn event_difference(mine: &Event, theirs: &Event) -> Option<String> {
    if mine.ty != theirs.ty {
        return Some(format!("event {} instead of {}", theirs.ty, mine.ty));
    }
    let (a, b) = (sorted(mine), sorted(theirs));
    if a == b {
        return None;
    }
    let pairs = a.iter().zip(&b);
    let different = pairs
        .filter(|(a, b)| a != b)
        .map(|(a, b)| format!("{}={} instead of {}={}", b.key, b.value, a.key, a.value));
    let different: Vec<String> = different.collect();
    let more = (a.len() != b.len()).then(|| format!("{} fields instead of {}", b.len(), a.len()));
    let all: Vec<String> = different.into_iter().chain(more).collect();
    Some(format!("{}: {}", mine.ty, all.join(", ")))
}

/// A question to a contract of the embedded chain.
type Question = (String, Value);

/// Asks both chains the same and compares: what everybody was paid and is owed, stakes, owners of
/// all keys, closed epochs, books.
pub(super) fn answers(
    network: &Network,
    result: &RunResult,
    client: &Client,
    addresses: &Addresses,
    done: &mut impl FnMut(u64),
) -> Result<Vec<String>, PlayError> {
    let mut differences = Vec::new();
    for (contract, query) in questions(network, result) {
        let mut mine = ask(network, &contract, &query)?;
        addresses.json(&mut mine)?;
        let mut asked = query.clone();
        addresses.json(&mut asked)?;
        let theirs =
            client.smart_bytes(addresses.of(&contract)?, asked.to_string().into_bytes())?;
        let theirs: Value = serde_json::from_slice(&theirs)?;
        let mut found = Vec::new();
        difference("", &mine, &theirs, &mut found);
        differences.extend(
            found
                .iter()
                .map(|text| format!("{}: {text}", short(&query))),
        );
        done(1);
    }
    Ok(differences)
}

/// As much of a query as says which one it is.
fn short(query: &Value) -> String {
    const MOST: usize = 160;
    let text = query.to_string();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}...", text.get(..at).unwrap_or_default()),
        None => text,
    }
}

/// How many questions are asked.
pub(super) fn count(network: &Network, result: &RunResult) -> usize {
    questions(network, result).len()
}

fn ask(network: &Network, contract: &str, query: &Value) -> Result<Value, PlayError> {
    let wrong = |error: String| PlayError::Journal(format!("{query}: {error}"));
    let request = QueryRequest::<Empty>::Wasm(WasmQuery::Smart {
        contract_addr: contract.to_owned(),
        msg: query.to_string().into_bytes().into(),
    });
    let bytes = to_json_vec(&request).map_err(|error| wrong(error.to_string()))?;
    let answer = network.app().wrap().raw_query(&bytes);
    let answer = answer
        .into_result()
        .map_err(|error| wrong(error.to_string()))?;
    let answer = answer.into_result().map_err(wrong)?;
    Ok(serde_json::from_slice(&answer)?)
}

fn questions(network: &Network, result: &RunResult) -> Vec<Question> {
    let at = network.addresses();
    let mut all = of_everybody(at, result);
    for account in accounts(result, Contract::Distributor) {
        let address = network.account(account).into_string();
        all.push((
            at.vault.to_string(),
            json!({ "position": { "account": address } }),
        ));
        all.push((
            at.qst.to_string(),
            json!({ "balance": { "address": address } }),
        ));
        all.extend(of_account(at.distributor.as_str(), &address));
    }
    if result.delegations.is_some() {
        all.extend(of_delegations(at, result));
        for account in accounts(result, Contract::Delegation) {
            let address = network.account(account).into_string();
            let token = at.reward_token.to_string();
            all.push((token, json!({ "balance": { "address": address } })));
            all.extend(of_account(at.delegation.as_str(), &address));
        }
    }
    all
}

fn of_account(contract: &str, account: &str) -> [Question; 2] {
    [
        json!({ "receipts": { "account": account, "limit": PAGE } }),
        json!({ "preview_claim": { "account": account } }),
    ]
    .map(|query| (contract.to_owned(), query))
}

/// Everybody whom a contract paid or owes something.
fn accounts(result: &RunResult, contract: Contract) -> BTreeSet<&str> {
    let rows = result.accruals.iter();
    let rows = rows.filter(|row| row.role.contract() == contract);
    rows.map(|row| row.account.as_str()).collect()
}

fn of_everybody(at: &Contracts, result: &RunResult) -> Vec<Question> {
    let last = result.epochs.last().map_or(0, |row| row.epoch);
    let mut all = Vec::new();
    for contract in [&at.registry, &at.vault, &at.distributor] {
        all.push((contract.to_string(), json!({ "solvency": {} })));
    }
    all.push((at.registry.to_string(), json!({ "supply": {} })));
    all.push((at.vault.to_string(), json!({ "pool": { "epoch": last } })));
    let keys: Vec<u32> = result.keys.iter().map(|row| row.key).collect();
    for some in keys.chunks(PAGE) {
        let owners = json!({ "owners_at": { "keys": some, "epoch": last } });
        all.push((at.registry.to_string(), owners));
        let stakes = json!({ "node_stakes": { "keys": some } });
        all.push((at.vault.to_string(), stakes));
    }
    all.extend(epochs(at.distributor.as_str(), last));
    all
}

/// Every closed epoch, and who reported what on it.
fn epochs(contract: &str, last: u64) -> Vec<Question> {
    let pages = (0..=last).step_by(PAGE).map(|from| {
        let epochs = match from.checked_sub(1) {
            Some(after) => json!({ "epochs": { "start_after": after, "limit": PAGE } }),
            None => json!({ "epochs": { "limit": PAGE } }),
        };
        (contract.to_owned(), epochs)
    });
    let evidence = (0..=last).map(|epoch| {
        let evidence = json!({ "evidence": { "epoch": epoch } });
        (contract.to_owned(), evidence)
    });
    pages.chain(evidence).collect()
}

fn of_delegations(at: &Contracts, result: &RunResult) -> Vec<Question> {
    let last = result.epochs.last().map_or(0, |row| row.epoch);
    let ids = result.delegations.iter().flat_map(|all| 1..=all.ids.len());
    let one = ids.map(|id| json!({ "delegation": { "delegation": id } }));
    let solvency = json!({ "solvency": {} });
    let queries = one.chain([solvency]);
    let contract = at.delegation.to_string();
    let mut all: Vec<Question> = queries.map(|query| (contract.clone(), query)).collect();
    all.extend(epochs(at.delegation.as_str(), last));
    all
}

/// Where two answers differ, with both values.
fn difference(path: &str, mine: &Value, theirs: &Value, found: &mut Vec<String>) {
    match (mine, theirs) {
        (Value::Object(a), Value::Object(b)) => {
            let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for name in names
                .into_iter()
                .filter(|name| !OWN.contains(&name.as_str()))
            {
                let (a, b) = (a.get(name), b.get(name));
                let nothing = &Value::Null;
                let path = format!("{path}.{name}");
                difference(&path, a.unwrap_or(nothing), b.unwrap_or(nothing), found);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (place, (a, b)) in a.iter().zip(b).enumerate() {
                difference(&format!("{path}[{place}]"), a, b, found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            found.push(format!(
                "{path}: {} entries instead of {}",
                b.len(),
                a.len()
            ));
        }
        (a, b) if a == b => {}
        (a, b) => found.push(format!("{path}: {b} on the chain, {a} expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differences(mine: &Value, theirs: &Value) -> Vec<String> {
        let mut found = Vec::new();
        difference("", mine, theirs, &mut found);
        found
    }

    #[test]
    fn one_unit_of_difference_is_found_with_both_numbers() {
        let mine = json!({ "receipts": [{ "amount": "100", "height": 5 }, { "amount": "7" }] });
        let theirs = json!({ "receipts": [{ "amount": "100", "height": 9 }, { "amount": "8" }] });
        let expected = [r#".receipts[1].amount: "8" on the chain, "7" expected"#];
        assert_eq!(differences(&mine, &theirs), expected);
        assert_eq!(differences(&mine, &mine), [""; 0]);
    }

    #[test]
    fn what_is_missing_is_found() {
        let mine = json!({ "receipts": [1, 2], "next": 3 });
        let theirs = json!({ "receipts": [1] });
        let expected = [
            ".next: null on the chain, 3 expected",
            ".receipts: 1 entries instead of 2",
        ];
        assert_eq!(differences(&mine, &theirs), expected);
    }

    #[test]
    fn a_message_that_was_not_sent_is_found() {
        let mut network = Network::builder().journal().build();
        network.mint_qst("alice", 5);
        let entries = &network.journal().unwrap().entries;
        let told = |entry: usize| Told {
            entry,
            height: 1,
            events: Vec::new(),
            cost: None,
        };
        let mut all: Vec<Told> = (0..entries.len()).map(told).collect();
        assert_eq!(unsent(entries, &all), [""; 0]);
        all.pop();
        let last = entries.len() - 1;
        let expected = [format!("message {last} of token-minter was not sent")];
        assert_eq!(unsent(entries, &all), expected);
    }

    #[test]
    fn only_an_epoch_after_the_run_is_no_difference() {
        let event = |epoch: &str| Event::new("wasm-paid").add_attribute("epoch", epoch);
        let same = |a: &str, b: &str| timeless(&event(a), 6) == timeless(&event(b), 6);
        assert!(same("6", "7") && same("5", "5"));
        assert!(!same("5", "6") && !same("4", "5"));
        let amount = Event::new("wasm-paid").add_attribute("amount", "9");
        assert_eq!(timeless(&amount, 6), amount);
    }

    #[test]
    fn events_with_another_amount_are_found() {
        let paid = |amount: &str| Event::new("wasm-paid").add_attribute("amount", amount);
        assert_eq!(event_difference(&paid("5"), &paid("5")), None);
        let expected = "wasm-paid: amount=6 instead of amount=5";
        assert_eq!(event_difference(&paid("5"), &paid("6")).unwrap(), expected);
    }
}
