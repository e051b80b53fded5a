//! The journal as messages to a real chain.

use std::collections::BTreeMap;

use cosmwasm_std::{Coin, Timestamp};
use noderev_chain::Message;
use noderev_testing::{Act, Entry, Execution};
use serde_json::Value;

use super::addresses::{inner, Addresses};
use super::codes::Codes;
use super::PlayError;

/// A message to send.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Its place in the journal.
    pub entry: usize,
    /// The sender's address on the real chain.
    pub sender: String,
    /// The sender's name in the scenario.
    pub who: String,
    /// Contract and message, such as `vault stake_nodes`.
    pub what: String,
    pub message: Message,
    /// Gas that it may use.
    pub gas: u64,
    /// Block time on the embedded chain.
    pub time: Timestamp,
    /// The epoch that it closes, and whether at the delegation contract.
    pub closes: Option<(u32, bool)>,
}

/// What is sent, in which order, and what everybody needs for it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    /// Before the clock starts: only tokens and collections take part.
    pub ahead: Vec<Step>,
    /// From the clock's start on.
    pub steps: Vec<Step>,
    /// Native coins that accounts are given, by address and denomination.
    pub coins: BTreeMap<String, BTreeMap<String, u128>>,
}

/// Messages of tokens and collections that touch no other contract.
const ALONE: [&str; 3] = ["mint", "approve_all", "transfer"];

impl Plan {
    /// Everything in the journal.
    pub fn new(
        entries: &[Entry],
        addresses: &Addresses,
        codes: &Codes,
        salt: &str,
    ) -> Result<Self, PlayError> {
        let mut plan = Self::default();
        let names = names(entries);
        let start = entries.first().map(|entry| entry.time);
        for (place, entry) in entries.iter().enumerate() {
            let step = match &entry.act {
                Act::Mint { to, amount } => {
                    plan.give(addresses.of(to.as_str())?, amount);
                    continue;
                }
                Act::Create(made) => Step {
                    entry: place,
                    sender: addresses.of(made.creator.as_str())?.to_owned(),
                    who: "deployer".to_owned(),
                    what: format!("create {}", made.code),
                    message: Message::Instantiate2 {
                        admin: Some(addresses.of(made.admin.as_str())?.to_owned()),
                        code_id: codes.get(made.code)?.id,
                        label: made.salt.clone(),
                        msg: addresses.message(&made.msg)?,
                        salt: format!("{salt}{}", made.salt).into_bytes(),
                    },
                    gas: 2_000_000,
                    time: entry.time,
                    closes: None,
                },
                Act::Execute(sent) if sent.response.is_none() => continue,
                Act::Execute(sent) => step(place, entry.time, sent, &names, addresses)?,
            };
            let early = Some(entry.time) == start && is_alone(&entry.act, &names);
            match early {
                true => plan.ahead.push(step),
                false => plan.steps.push(step),
            }
        }
        Ok(plan)
    }

    /// Native coins for somebody.
    pub fn give(&mut self, to: &str, amount: &Coin) {
        let coins = self.coins.entry(to.to_owned()).or_default();
        let sum = coins.entry(amount.denom.clone()).or_default();
        *sum = sum.saturating_add(amount.amount.u128());
    }

    /// All messages in the order in which they are sent.
    pub fn all(&self) -> impl Iterator<Item = &Step> {
        self.ahead.iter().chain(&self.steps)
    }
}

/// Short names of the contracts: what they are, by address.
fn names(entries: &[Entry]) -> BTreeMap<&str, &'static str> {
    let made = entries.iter().filter_map(|entry| match &entry.act {
        Act::Create(made) => Some((made.address.as_str(), short(made.code))),
        _ => None,
    });
    made.collect()
}

/// What contracts of a code are called.
fn short(code: &'static str) -> &'static str {
    match code {
        "cw20_base" => "token",
        "cw721_base" => "collection",
        "node_registry" => "registry",
        "staking_vault" => "vault",
        "revenue_distributor" => "distributor",
        other => other,
    }
}

fn is_alone(act: &Act, names: &BTreeMap<&str, &'static str>) -> bool {
    let is_asset = |name: &str| matches!(name, "token" | "collection");
    match act {
        Act::Create(made) => is_asset(short(made.code)),
        Act::Mint { .. } => true,
        Act::Execute(sent) => {
            let contract = names.get(sent.contract.as_str());
            let msg = serde_json::from_slice(&sent.msg).unwrap_or(Value::Null);
            contract.is_some_and(|name| is_asset(name)) && ALONE.contains(&name_of(&msg))
        }
    }
}

fn step(
    place: usize,
    time: Timestamp,
    sent: &Execution,
    names: &BTreeMap<&str, &'static str>,
    addresses: &Addresses,
) -> Result<Step, PlayError> {
    let msg: Value = serde_json::from_slice(&sent.msg)?;
    let contract = names.get(sent.contract.as_str()).copied().unwrap_or("?");
    let what = what(contract, &msg, names);
    let closes = match what.as_str() {
        "distributor close_epoch" => epoch_of(&msg).map(|epoch| (epoch, false)),
        "delegation advance" => epoch_of(&msg).map(|epoch| (epoch, true)),
        _ => None,
    };
    Ok(Step {
        entry: place,
        sender: addresses.of(sent.sender.as_str())?.to_owned(),
        who: sent.name.clone(),
        gas: gas(&what, &msg, sent),
        what,
        message: Message::Execute {
            contract: addresses.of(sent.contract.as_str())?.to_owned(),
            msg: addresses.message(&sent.msg)?,
            funds: sent.funds.clone(),
        },
        time,
        closes,
    })
}

/// Contract and message; of what is sent through a token, the receiver's.
fn what(contract: &str, msg: &Value, names: &BTreeMap<&str, &'static str>) -> String {
    let name = name_of(msg);
    let body = msg.get(name).unwrap_or(&Value::Null);
    let inside = body.get("msg").and_then(|field| inner("msg", field));
    let to = body.get("contract").and_then(Value::as_str);
    let to = to.and_then(|to| names.get(to).copied());
    match (inside, to) {
        (Some(inside), Some(to)) => format!("{to} {} through {contract}", name_of(&inside)),
        _ => format!("{contract} {name}"),
    }
}

fn name_of(msg: &Value) -> &str {
    let names = msg.as_object().map(|fields| fields.keys());
    names
        .and_then(|mut names| names.next())
        .map_or("?", String::as_str)
}

fn epoch_of(msg: &Value) -> Option<u32> {
    let epoch = msg.get(name_of(msg))?.get("epoch")?.as_u64()?;
    u32::try_from(epoch).ok()
}

/// Gas that a message may use: well over what it takes, yet not so much that few fit into a block.
fn gas(what: &str, msg: &Value, sent: &Execution) -> u64 {
    let items = u64::try_from(elements(msg)).unwrap_or(u64::MAX);
    let of = |base: u64, each: u64, items: u64| items.saturating_mul(each).saturating_add(base);
    match what {
        // An element is an owner.
        "registry issue" => of(of(500_000, 20_000, items), 12_000, issued(msg)),
        "distributor close_epoch" | "delegation advance" => 2_000_000,
        "delegation stake_nfts" | "delegation withdraw_nfts" => of(500_000, 120_000, items),
        "distributor claim" | "delegation claim" => of(450_000, 20_000, settled(sent)),
        _ => of(450_000, 50_000, items),
    }
}

/// Keys or delegations that a claim settled.
fn settled(sent: &Execution) -> u64 {
    #[allow(deprecated, reason = "the field of this version of cw-multi-test")]
    let data = sent
        .response
        .as_ref()
        .and_then(|response| response.data.clone());
    let summary = data.and_then(|data| serde_json::from_slice::<Value>(&data).ok());
    summary
        .and_then(|summary| summary.get("settled")?.as_u64())
        .unwrap_or(0)
}

/// Keys that a message issues.
fn issued(msg: &Value) -> u64 {
    match msg {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| match (name.as_str(), field.as_u64()) {
                ("count", Some(count)) => count,
                _ => issued(field),
            })
            .fold(0, u64::saturating_add),
        Value::Array(list) => list.iter().map(issued).fold(0, u64::saturating_add),
        _ => 0,
    }
}

/// Elements of all lists in a message, in messages inside of it too.
fn elements(value: &Value) -> usize {
    match value {
        Value::Array(list) => {
            let inside = list.iter().map(elements).fold(0, usize::saturating_add);
            inside.saturating_add(list.len())
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, field)| match inner(name, field) {
                Some(inside) => elements(&inside),
                None => elements(field),
            })
            .fold(0, usize::saturating_add),
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Binary;
    use serde_json::json;

    #[test]
    fn what_goes_through_a_token_is_named_by_its_receiver() {
        let names = [("token1", "token"), ("vault1", "vault")].into();
        let inside = Binary::from(br#"{"stake_nodes":{"keys":[1,2]}}"#);
        let send = json!({ "send": { "amount": "1", "contract": "vault1", "msg": inside } });
        let name = what("token", &send, &names);
        assert_eq!(name, "vault stake_nodes through token");
        assert_eq!(elements(&send), 2);
        let mint = json!({ "mint": { "recipient": "x", "amount": "1" } });
        assert_eq!(what("token", &mint, &names), "token mint");
    }

    #[test]
    fn keys_that_are_issued_are_counted() {
        let rows = json!([{ "owner": "a", "count": 3 }, { "owner": "b", "count": 4 }]);
        let msg = json!({ "issue": { "rows": rows } });
        assert_eq!((issued(&msg), elements(&msg)), (7, 2));
    }

    #[test]
    fn the_epoch_to_be_closed_is_read() {
        let msg = json!({ "close_epoch": { "epoch": 5 } });
        assert_eq!(epoch_of(&msg), Some(5));
        assert_eq!(epoch_of(&json!({ "roll": {} })), None);
    }
}
