//! A network whose next messages are measured.

use std::collections::BTreeMap;

use cosmwasm_std::{to_json_binary, Addr, Uint128};
use cw20::Cw20ExecuteMsg;
use noderev_testing::Network;
use noderev_vm::artifacts::Artifact;
use noderev_vm::{execute, twin, Chain};
use serde::Serialize;

use crate::table::{Row, Table};

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

    fn ours(&self) -> [Addr; 4] {
        let at = self.network.addresses();
        [&at.registry, &at.vault, &at.distributor, &at.delegation].map(Clone::clone)
    }

    /// Brings the chain to the network's state.
    pub(crate) fn follow(&mut self) {
        twin::follow(&mut self.chain, &self.codes, &self.network);
    }

    fn row(&self, name: &str, goal: u64, gas: noderev_vm::gas::Report) -> Row {
        let ours = self.ours();
        let ours: Vec<&str> = ours.iter().map(Addr::as_str).collect();
        Row::new(name, (goal > 0).then_some(goal), &ours, gas)
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
        let sender = self.network.account(probe.sender);
        let done = self.chain.try_out(&sender, execute(contract, msg, &[]));
        let done = done.unwrap_or_else(|failed| panic!("{}: {failed}", probe.name));
        self.trace(probe.name);
        let row = self.row(probe.name, probe.goal, done.gas);
        self.table.messages.push(row);
    }

    /// The same of tokens sent with a message.
    pub(crate) fn measure_send(
        &mut self,
        probe: &Probe<'_>,
        token: &Addr,
        (contract, amount): (&Addr, u128),
        msg: &impl Serialize,
    ) {
        let send = Cw20ExecuteMsg::Send {
            contract: contract.to_string(),
            amount: Uint128::new(amount),
            msg: to_json_binary(msg).expect("messages are JSON"),
        };
        self.measure(probe, token, &send);
    }

    /// What a query costs now.
    pub(crate) fn ask(&mut self, name: &str, contract: &Addr, query: &impl Serialize) {
        let asked = self.chain.query(contract, query);
        if let Err(text) = &asked.answer {
            panic!("{name}: {text}");
        }
        self.trace(name);
        let row = self.row(name, QUERY_GOAL, asked.gas);
        self.table.queries.push(row);
    }
}

/// A key: its text as far as it is text, other bytes in hexadecimal digits.
fn shown(key: &[u8]) -> String {
    let byte = |byte: &u8| match byte {
        b' '..=b'~' => char::from(*byte).to_string(),
        other => format!("<{other:02x}>"),
    };
    key.iter().map(byte).collect()
}
