//! A chain with peers on it.

use cosmwasm_std::{to_json_binary, Addr, BlockInfo, Coin, Timestamp};
use noderev_vm::{artifacts, execute, Chain, Done};
use serde_json::{json, Value};

use crate::table::{add, Row, Table};

/// A day.
pub(super) const DAY: u64 = 86_400;

/// The chain, and where figures go.
pub(super) struct World<'a> {
    chain: Chain,
    table: &'a mut Table,
}

impl<'a> World<'a> {
    pub(super) fn new(table: &'a mut Table) -> Self {
        let chain = Chain::new(BlockInfo {
            height: 1,
            time: Timestamp::from_seconds(1_767_247_200),
            chain_id: "noderev-testing-1".into(),
        });
        Self { chain, table }
    }

    /// Somebody's address.
    pub(super) fn person(&self, name: &str) -> Addr {
        self.chain.person(name)
    }

    /// Creates a contract of an artifact; the creator is `owner`.
    pub(super) fn create(&mut self, artifact: &str, msg: &Value) -> Addr {
        let code = self.chain.store_code(&artifacts::wasm(artifact));
        let code = code.unwrap_or_else(|error| panic!("{artifact}: {error}"));
        let owner = self.person("owner");
        let created = self.chain.instantiate2(&owner, code, msg, artifact, None);
        created
            .unwrap_or_else(|failed| panic!("{artifact}: {failed}"))
            .0
    }

    /// Begins a later block.
    pub(super) fn pass(&mut self, seconds: u64) {
        let mut block = self.chain.block();
        block.height += 1 + seconds / 6;
        block.time = block.time.plus_seconds(seconds);
        self.chain.set_block(block);
    }

    /// Gives somebody coins.
    pub(super) fn endow(&mut self, name: &str, coin: &Coin) {
        let person = self.person(name);
        self.chain.set_balance(&person, coin);
    }

    /// A message that is not measured.
    pub(super) fn happen(&mut self, sender: &str, contract: &Addr, msg: &Value, funds: &[Coin]) {
        let sender = self.person(sender);
        let done = self.chain.run(&sender, execute(contract, msg, funds));
        if let Err(failed) = done {
            panic!("{msg}: {failed}");
        }
    }

    /// What a message would cost now; nothing of it stays. All but the tokens' part is the peer's.
    pub(super) fn measure(
        &mut self,
        (name, sender): (&str, &str),
        contract: &Addr,
        msg: &Value,
        (token, funds): (Option<&Addr>, &[Coin]),
    ) {
        let done = self.try_out((name, sender), contract, msg, funds);
        let tokens = token.map_or(0, |token| done.gas.work_of(&[token.as_str()]));
        add(&mut self.table.peers, Row::new(name, &done.gas, tokens));
    }

    /// A contract's part alone of what a message would cost now.
    pub(super) fn measure_part(&mut self, probe: (&str, &str), contract: &Addr, msg: &Value) {
        let mut gas = self.try_out(probe, contract, msg, &[]).gas;
        gas.contracts
            .retain(|other, _| other.as_str() == contract.as_str());
        add(&mut self.table.peers, Row::new(probe.0, &gas, 0));
    }

    fn try_out(
        &mut self,
        (name, sender): (&str, &str),
        contract: &Addr,
        msg: &Value,
        funds: &[Coin],
    ) -> Done {
        let sender = self.person(sender);
        let done = self.chain.try_out(&sender, execute(contract, msg, funds));
        done.unwrap_or_else(|failed| panic!("{name}: {failed}"))
    }
}

/// Tokens sent to a contract with a message for it.
pub(super) fn send(contract: &Addr, amount: u128, msg: &Value) -> Value {
    let msg = to_json_binary(msg).expect("messages are JSON");
    json!({ "send": { "contract": contract, "amount": amount.to_string(), "msg": msg } })
}
