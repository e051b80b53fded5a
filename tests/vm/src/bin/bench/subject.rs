//! A network whose next messages are measured.

use std::collections::BTreeMap;

use cosmwasm_std::{from_json, to_json_binary, Addr, Binary, Coin, Uint128};
use cw20::Cw20ExecuteMsg;
use noderev_testing::Network;
use noderev_vm::artifacts::Artifact;
use noderev_vm::gas::Report;
use noderev_vm::{execute, twin, Chain};
use serde::Serialize;
use serde_json::Value;

use crate::table::{add, Row, Table};

/// What queries should not cost more than.
const QUERY_GOAL: u64 = 2_500_000;

/// A network, and a chain that follows it.
pub(crate) struct Subject<'a> {
    pub(crate) network: Network,
    chain: Chain,
    codes: BTreeMap<Artifact, u64>,
    table: &'a mut Table,
}

/// A message to be measured.
pub(crate) struct Probe<'a> {
    pub(crate) name: &'a str,
    pub(crate) goal: u64,
    pub(crate) sender: &'a str,
}

/// A message with a goal.
pub(crate) fn probe<'a>(name: &'a str, goal: u64, sender: &'a str) -> Probe<'a> {
    Probe { name, goal, sender }
}

impl<'a> Subject<'a> {
    pub(crate) fn new(network: Network, table: &'a mut Table) -> Self {
        let (chain, codes) = twin::chain_for(&network);
        Self {
            network,
            chain,
            codes,
            table,
        }
    }

    /// Our contracts and their names.
    pub(crate) fn ours(&self) -> [(Addr, &'static str); 4] {
        let at = self.network.addresses();
        [
            (at.registry.clone(), "registry"),
            (at.vault.clone(), "vault"),
            (at.distributor.clone(), "distributor"),
            (at.delegation.clone(), "delegation"),
        ]
    }

    /// Brings the chain to the network's state.
    pub(crate) fn follow(&mut self) {
        twin::follow(&mut self.chain, &self.codes, &self.network);
    }

    fn row(&self, name: &str, gas: &Report) -> Row {
        let ours = self.ours();
        let ours: Vec<&str> = ours.iter().map(|(at, _)| at.as_str()).collect();
        Row::new(name, gas, gas.work() - gas.work_of(&ours))
    }

    /// Our name of a contract with that of a message, if the contract is ours.
    fn name(&self, contract: &Addr, msg: &[u8]) -> Option<String> {
        let ours = self.ours();
        let (_, name) = ours.iter().find(|(at, _)| at == contract)?;
        Some(format!("{name} {}", message_name(msg)?))
    }

    /// Shows every access to the store, if that is wanted of this message or query.
    fn trace(&self, name: &str) {
        let wanted = self.table.trace.as_ref();
        if !wanted.is_some_and(|part| name.contains(part)) {
            return;
        }
        let named = twin::contracts(&self.network);
        eprintln!("{name}");
        for access in self.chain.accesses() {
            let known = named.iter().find(|(at, _)| at.as_str() == access.contract);
            let contract = known.map_or("?", |(_, artifact)| artifact.name());
            eprintln!(
                "{:>8} {:<8}{contract:<20} {} = {} bytes",
                access.gas,
                access.kind,
                shown(&access.key),
                access.value
            );
        }
    }

    /// What a message would cost now; nothing of it stays.
    pub(crate) fn measure(&mut self, probe: &Probe<'_>, contract: &Addr, msg: &impl Serialize) {
        self.measure_paid(probe, contract, msg, &[]);
    }

    /// The same with coins, which the sender need not have had.
    pub(crate) fn measure_paid(
        &mut self,
        probe: &Probe<'_>,
        contract: &Addr,
        msg: &impl Serialize,
        funds: &[Coin],
    ) {
        let sender = self.network.account(probe.sender);
        for coin in funds {
            self.chain.set_balance(&sender, coin);
        }
        let done = self.chain.try_out(&sender, execute(contract, msg, funds));
        let done = done.unwrap_or_else(|failed| panic!("{}: {failed}", probe.name));
        self.trace(probe.name);
        let mut row = self.row(probe.name, &done.gas);
        row.goal = (probe.goal > 0).then_some(probe.goal);
        let calls = self.chain.calls();
        let executed = calls.iter().filter(|call| call.entry == "execute");
        row.ran = executed
            .filter_map(|call| self.name(&call.contract, &call.msg))
            .collect();
        add(&mut self.table.messages, row);
    }

    /// The same of tokens sent with a message.
    pub(crate) fn measure_send(
        &mut self,
        probe: &Probe<'_>,
        token: &Addr,
        (contract, amount): (&Addr, u128),
        msg: &impl Serialize,
    ) {
        self.measure(probe, token, &send(contract, amount, msg));
    }

    /// A message that nobody measures: the chain keeps what it does until it follows the network
    /// again, which knows nothing of it.
    pub(crate) fn happen(&mut self, sender: &str, contract: &Addr, msg: &impl Serialize) {
        let sender = self.network.account(sender);
        let done = self.chain.run(&sender, execute(contract, msg, &[]));
        if let Err(failed) = done {
            let text = serde_json::to_string(msg).unwrap_or_default();
            panic!("{text}: {failed}");
        }
    }

    /// The same of tokens sent with a message.
    pub(crate) fn happen_send(
        &mut self,
        sender: &str,
        token: &Addr,
        (contract, amount): (&Addr, u128),
        msg: &impl Serialize,
    ) {
        self.happen(sender, token, &send(contract, amount, msg));
    }

    /// Measures a message, which then happens.
    pub(crate) fn measure_and_keep(
        &mut self,
        probe: &Probe<'_>,
        contract: &Addr,
        msg: &impl Serialize,
    ) {
        self.measure(probe, contract, msg);
        self.happen(probe.sender, contract, msg);
    }

    /// Time passes on the chain until it follows the network again.
    pub(crate) fn pass(&mut self, seconds: u64) {
        let mut block = self.chain.block();
        block.height += 1;
        block.time = block.time.plus_seconds(seconds);
        self.chain.set_block(block);
    }

    /// What a query answers.
    pub(crate) fn answer(&self, contract: &Addr, query: &impl Serialize) -> Value {
        let asked = self.chain.query(contract, query);
        let answer = asked.parse();
        answer.unwrap_or_else(|error| panic!("a query is refused: {error}"))
    }

    /// What a query costs now.
    pub(crate) fn ask(&mut self, name: &str, contract: &Addr, query: &impl Serialize) {
        let asked = self.chain.query(contract, query);
        if let Err(text) = &asked.answer {
            panic!("{name}: {text}");
        }
        self.trace(name);
        let mut row = self.row(name, &asked.gas);
        row.goal = Some(QUERY_GOAL);
        let query = to_json_binary(query).expect("queries are JSON");
        row.ran = self.name(contract, &query).into_iter().collect();
        add(&mut self.table.queries, row);
    }
}

fn send(contract: &Addr, amount: u128, msg: &impl Serialize) -> Cw20ExecuteMsg {
    Cw20ExecuteMsg::Send {
        contract: contract.to_string(),
        amount: Uint128::new(amount),
        msg: to_json_binary(msg).expect("messages are JSON"),
    }
}

/// The name of a message; after it, that of the message that came with tokens or an NFT.
fn message_name(msg: &[u8]) -> Option<String> {
    let msg: Value = serde_json::from_slice(msg).ok()?;
    let (name, fields) = msg.as_object()?.iter().next()?;
    let hook = match name.as_str() {
        "receive" | "receive_nft" => fields.get("msg").and_then(Value::as_str),
        _ => None,
    };
    let hook = hook.and_then(|hook| from_json::<Value>(Binary::from_base64(hook).ok()?).ok());
    let hook = hook.and_then(|hook| Some(hook.as_object()?.keys().next()?.clone()));
    Some(match hook {
        Some(hook) => format!("{name} {hook}"),
        None => name.clone(),
    })
}

/// A key: its text as far as it is text, other bytes in hexadecimal digits.
fn shown(key: &[u8]) -> String {
    let byte = |byte: &u8| match byte {
        b' '..=b'~' => char::from(*byte).to_string(),
        other => format!("<{other:02x}>"),
    };
    key.iter().map(byte).collect()
}
