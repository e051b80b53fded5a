//! A chain of one process: codes, contracts, coins and blocks.

use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;

use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{
    to_json_binary, Addr, Binary, BlockInfo, Checksum, Coin, CosmosMsg, Event, WasmMsg,
};
use noderev_testing::wallet;
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::backend::prefix_of;
use crate::gas::{Meter, Report};
use crate::machine::{Access, Call, Code, Contract, Core, Failure, GAS_LIMIT};
use crate::query::Refusal;

/// A transaction that went through.
#[derive(Clone, Debug)]
pub struct Done {
    /// Its events.
    pub events: Vec<Event>,
    /// Its data, as the chain encodes it.
    pub data: Option<Binary>,
    /// What it cost.
    pub gas: Report,
}

/// A transaction that failed; nothing of it stays.
#[derive(Clone, Debug)]
pub struct Failed {
    /// Why.
    pub reason: String,
    /// Whether there was not enough gas.
    pub out_of_gas: bool,
    /// What it cost.
    pub gas: Report,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.reason)
    }
}

impl std::error::Error for Failed {}

/// A query's answer, or why there is none, and what it cost.
#[derive(Clone, Debug)]
pub struct Asked {
    /// JSON.
    pub answer: Result<Binary, String>,
    /// What it cost.
    pub gas: Report,
}

impl Asked {
    /// The answer, typed.
    pub fn parse<T: DeserializeOwned>(&self) -> anyhow::Result<T> {
        let answer = self
            .answer
            .as_ref()
            .map_err(|text| anyhow::anyhow!("{text}"))?;
        Ok(cosmwasm_std::from_json(answer)?)
    }
}

/// A contract that comes from another chain with its state.
#[derive(Clone, Debug)]
pub struct Adopted {
    /// Its address.
    pub address: Addr,
    /// Its code.
    pub code_id: u64,
    /// Who created it.
    pub creator: String,
    /// Who may migrate it.
    pub admin: Option<String>,
    /// Its entries.
    pub entries: Vec<(Vec<u8>, Vec<u8>)>,
}

/// Contracts as wasm, sharing one store, one bank and one block. Addresses are those of
/// cw-multi-test.
pub struct Chain {
    core: Rc<Core>,
    gas_limit: u64,
}

impl Chain {
    /// An empty chain.
    pub fn new(block: BlockInfo) -> Self {
        Self {
            core: Core::new(block),
            gas_limit: GAS_LIMIT,
        }
    }

    /// The running block.
    pub fn block(&self) -> BlockInfo {
        self.core.state.borrow().block.clone()
    }

    /// Begins another block.
    pub fn set_block(&mut self, block: BlockInfo) {
        self.core.state.borrow_mut().block = block;
    }

    /// Gas that each transaction and query may use from now on.
    pub fn set_gas_limit(&mut self, gas: u64) {
        self.gas_limit = gas;
    }

    /// The address of somebody with this name, the same as in a `Network`.
    pub fn person(&self, name: &str) -> Addr {
        let api = MockApi::default();
        wallet(&api, &api.addr_make(name))
    }

    /// Checks, compiles and stores a code; its number.
    pub fn store_code(&mut self, wasm: &[u8]) -> anyhow::Result<u64> {
        self.store_code_as(wasm, Checksum::generate(wasm))
    }

    /// The same, with another checksum, so that contracts get the addresses that another chain
    /// gives them.
    pub fn store_code_as(&mut self, wasm: &[u8], checksum: Checksum) -> anyhow::Result<u64> {
        let module = self.core.compile(wasm)?;
        let codes = &mut self.core.state.borrow_mut().codes;
        codes.push(Code { module, checksum });
        Ok(codes.len() as u64)
    }

    /// Where the creator's contract with this code and salt will be.
    pub fn foresee(&self, creator: &Addr, code_id: u64, salt: &[u8]) -> anyhow::Result<Addr> {
        let foreseen = self.core.foresee(creator.as_str(), code_id, salt);
        let foreseen = foreseen.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        Ok(foreseen.1)
    }

    /// Creates coins.
    pub fn mint(&mut self, to: &Addr, coin: &Coin) {
        let held = self.core.balance(to.as_str(), &coin.denom);
        let amount = held + coin.amount.u128();
        self.core.set_balance(to.as_str(), &coin.denom, amount);
        self.core.state.borrow_mut().store.commit();
    }

    /// What somebody holds.
    pub fn balance(&self, of: &Addr, denom: &str) -> u128 {
        self.core.balance(of.as_str(), denom)
    }

    /// Everything somebody holds.
    pub fn balances(&self, of: &Addr) -> Vec<Coin> {
        self.core.balances(of.as_str())
    }

    fn begin(&self) {
        let state = &mut self.core.state.borrow_mut();
        state.meter = Meter::new(self.gas_limit);
        state.calls.clear();
        state.accesses.clear();
    }

    fn end(&self) -> Report {
        let state = &mut self.core.state.borrow_mut();
        std::mem::replace(&mut state.meter, Meter::new(self.gas_limit)).into_report()
    }

    /// One transaction of one message.
    pub fn run(&mut self, sender: &Addr, msg: impl Into<CosmosMsg>) -> Result<Done, Failed> {
        let result = self.transact(sender, msg.into());
        self.core.state.borrow_mut().store.commit();
        result
    }

    /// What a transaction would do; nothing of it stays.
    pub fn try_out(&mut self, sender: &Addr, msg: impl Into<CosmosMsg>) -> Result<Done, Failed> {
        let mark = self.core.state.borrow().store.mark();
        let result = self.transact(sender, msg.into());
        self.core.state.borrow_mut().store.roll_back(mark);
        result
    }

    fn transact(&self, sender: &Addr, msg: CosmosMsg) -> Result<Done, Failed> {
        self.begin();
        let outcome = self.core.attempt(sender, msg);
        let gas = self.end();
        match outcome {
            Ok(outcome) => Ok(Done {
                events: outcome.events,
                data: outcome.data,
                gas,
            }),
            Err(failure) => Err(Failed {
                reason: failure.to_string(),
                out_of_gas: failure == Failure::OutOfGas,
                gas,
            }),
        }
    }

    /// Executes a message of a contract's.
    pub fn execute(
        &mut self,
        sender: &Addr,
        contract: &Addr,
        msg: &impl Serialize,
        funds: &[Coin],
    ) -> Result<Done, Failed> {
        self.run(sender, execute(contract, msg, funds))
    }

    /// Creates a contract at a foreseeable address.
    pub fn instantiate2(
        &mut self,
        sender: &Addr,
        code_id: u64,
        msg: &impl Serialize,
        salt: &str,
        admin: Option<&Addr>,
    ) -> Result<(Addr, Done), Failed> {
        let msg = WasmMsg::Instantiate2 {
            admin: admin.map(Addr::to_string),
            code_id,
            label: salt.to_owned(),
            msg: to_json_binary(msg).expect("messages are JSON"),
            funds: Vec::new(),
            salt: salt.as_bytes().into(),
        };
        let done = self.run(sender, msg)?;
        let address = self.foresee(sender, code_id, salt.as_bytes());
        Ok((address.expect("the contract is there"), done))
    }

    /// Replaces a contract's code.
    pub fn migrate(
        &mut self,
        sender: &Addr,
        contract: &Addr,
        code_id: u64,
        msg: &impl Serialize,
    ) -> Result<Done, Failed> {
        let msg = WasmMsg::Migrate {
            contract_addr: contract.to_string(),
            new_code_id: code_id,
            msg: to_json_binary(msg).expect("messages are JSON"),
        };
        self.run(sender, msg)
    }

    /// Asks a contract.
    pub fn query(&self, contract: &Addr, msg: &impl Serialize) -> Asked {
        self.begin();
        let msg = to_json_binary(msg).expect("queries are JSON");
        let answer = self.core.smart(contract.as_str(), &msg);
        Asked {
            answer: answer.map(Binary::from).map_err(|refusal| match refusal {
                Refusal::Contract(text) | Refusal::Unsupported(text) => text,
                Refusal::NoContract(address) => format!("no such contract: {address}"),
                Refusal::OutOfGas => "out of gas".into(),
            }),
            gas: self.end(),
        }
    }

    /// What stands under a key of a contract's.
    pub fn raw(&self, contract: &Addr, key: &[u8]) -> Option<Vec<u8>> {
        let key = [prefix_of(contract.as_str()).as_slice(), key].concat();
        let state = self.core.state.borrow();
        state.store.get(&key).map(<[u8]>::to_vec)
    }

    /// All entries of a contract.
    pub fn dump(&self, contract: &Addr) -> BTreeMap<Vec<u8>, Vec<u8>> {
        let prefix = prefix_of(contract.as_str());
        let state = self.core.state.borrow();
        let entries = state.store.with_prefix(&prefix);
        entries
            .map(|(key, value)| (key[prefix.len()..].to_vec(), value.to_vec()))
            .collect()
    }

    /// Entry points that the last transaction ran, in order.
    pub fn calls(&self) -> Vec<Call> {
        self.core.state.borrow().calls.clone()
    }

    /// What the last transaction or query did with the store, in order.
    pub fn accesses(&self) -> Vec<Access> {
        self.core.state.borrow().accesses.clone()
    }

    /// Takes a contract over from another chain; what it had here is dropped.
    pub fn adopt(&mut self, contract: Adopted) {
        let record = Contract {
            code: contract.code_id as usize - 1,
            creator: contract.creator,
            admin: contract.admin,
        };
        let recorded = self.core.record(&contract.address, &record);
        recorded.expect("a contract's record can be written");
        let prefix = prefix_of(contract.address.as_str());
        let before: Vec<_> = self.dump(&contract.address).into_keys().collect();
        let store = &mut self.core.state.borrow_mut().store;
        for key in before {
            store.remove(&[prefix.as_slice(), &key].concat());
        }
        for (key, value) in contract.entries {
            store.set(&[prefix.as_slice(), &key].concat(), &value);
        }
        store.commit();
    }

    /// What somebody holds from now on.
    pub fn set_balance(&mut self, of: &Addr, coin: &Coin) {
        let amount = coin.amount.u128();
        self.core.set_balance(of.as_str(), &coin.denom, amount);
        self.core.state.borrow_mut().store.commit();
    }
}

/// A message that executes a contract.
pub fn execute(contract: &Addr, msg: &impl Serialize, funds: &[Coin]) -> WasmMsg {
    WasmMsg::Execute {
        contract_addr: contract.to_string(),
        msg: to_json_binary(msg).expect("messages are JSON"),
        funds: funds.to_vec(),
    }
}
