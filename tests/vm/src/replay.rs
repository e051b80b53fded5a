//! What was done to an embedded network, done again to its contracts as wasm.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{bail, Result};
use cosmwasm_std::{
    to_json_binary, Addr, Binary, BlockInfo, Coin, CosmosMsg, Deps, DepsMut, Empty, Env,
    MessageInfo, Reply, Response, WasmMsg,
};
use cw_multi_test::{Contract, Executor};
use noderev_testing::Network;

use crate::artifacts::ARTIFACTS;
use crate::twin::{self, native, Native};
use crate::{Call, Chain};

/// A message that somebody sent to a contract, and every entry point that it made run.
#[derive(Clone, Debug)]
pub struct Step {
    block: BlockInfo,
    sender: Addr,
    contract: Addr,
    msg: Vec<u8>,
    funds: Vec<Coin>,
    /// What the sender held when the contract had got the funds.
    purse: Vec<Coin>,
    calls: Vec<Call>,
}

#[derive(Default)]
struct Log {
    contracts: Vec<Addr>,
    steps: Vec<Step>,
}

/// A native code that writes down what it is told and what it answers.
struct Recorded {
    code: Native,
    log: Rc<RefCell<Log>>,
}

impl Recorded {
    fn begin(&self, deps: &DepsMut, env: &Env, info: &MessageInfo, msg: &[u8]) -> Result<()> {
        if self.log.borrow().contracts.contains(&info.sender) {
            return Ok(());
        }
        let mut purse = Vec::new();
        for coin in &info.funds {
            purse.push(deps.querier.query_balance(&info.sender, &coin.denom)?);
        }
        self.log.borrow_mut().steps.push(Step {
            block: env.block.clone(),
            sender: info.sender.clone(),
            contract: env.contract.address.clone(),
            msg: msg.to_vec(),
            funds: info.funds.clone(),
            purse,
            calls: Vec::new(),
        });
        Ok(())
    }

    fn end(&self, contract: Addr, entry: &'static str, msg: Binary, outcome: &Result<Response>) {
        let outcome = match outcome {
            Ok(response) => Ok(response.clone()),
            Err(error) => Err(error.to_string()),
        };
        if let Some(step) = self.log.borrow_mut().steps.last_mut() {
            step.calls.push(Call {
                contract,
                entry,
                msg,
                outcome,
            });
        }
    }
}

impl Contract<Empty> for Recorded {
    fn instantiate(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> Result<Response> {
        self.code.instantiate(deps, env, info, msg)
    }

    fn execute(
        &self,
        deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: Vec<u8>,
    ) -> Result<Response> {
        self.begin(&deps, &env, &info, &msg)?;
        let contract = env.contract.address.clone();
        let outcome = self.code.execute(deps, env, info, msg.clone());
        self.end(contract, "execute", msg.into(), &outcome);
        outcome
    }

    fn query(&self, deps: Deps, env: Env, msg: Vec<u8>) -> Result<Binary> {
        self.code.query(deps, env, msg)
    }

    fn reply(&self, deps: DepsMut, env: Env, msg: Reply) -> Result<Response> {
        let contract = env.contract.address.clone();
        let outcome = self.code.reply(deps, env, msg);
        self.end(contract, "reply", Binary::default(), &outcome);
        outcome
    }

    fn sudo(&self, deps: DepsMut, env: Env, msg: Vec<u8>) -> Result<Response> {
        self.code.sudo(deps, env, msg)
    }

    /// Putting the recorder in the contract's place is not the contract's affair.
    fn migrate(&self, _: DepsMut, _: Env, _: Vec<u8>) -> Result<Response> {
        Ok(Response::default())
    }
}

/// Watches a network from some moment on.
pub struct Watch {
    chain: Chain,
    log: Rc<RefCell<Log>>,
}

/// What was done again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Messages sent by people.
    pub messages: usize,
    /// Those of them that were refused.
    pub refused: usize,
    /// Entry points run.
    pub calls: usize,
    /// Entries of all contracts that were compared at the end.
    pub entries: usize,
}

impl Watch {
    /// Begins: remembers the network's state and records what comes.
    pub fn begin(network: &mut Network) -> Result<Self> {
        let chain = twin::twin(network);
        let log = Rc::new(RefCell::new(Log::default()));
        let contracts = twin::contracts(network);
        log.borrow_mut().contracts = contracts.iter().map(|(at, _)| at.clone()).collect();
        let codes = ARTIFACTS.map(|artifact| {
            let recorded = Recorded {
                code: native(artifact),
                log: Rc::clone(&log),
            };
            (artifact, network.app_mut().store_code(Box::new(recorded)))
        });
        let codes = BTreeMap::from(codes);
        for (contract, artifact) in contracts {
            replace(network, contract, codes[&artifact])?;
        }
        Ok(Self { chain, log })
    }

    /// Does everything again; an error tells the first difference.
    pub fn replay(mut self, network: &Network) -> Result<Replayed> {
        let steps = std::mem::take(&mut self.log.borrow_mut().steps);
        let mut replayed = Replayed::default();
        for (number, step) in steps.iter().enumerate() {
            self.redo(step)
                .map_err(|error| error.context(format!("message {number}: {}", told(step))))?;
            replayed.messages += 1;
            replayed.calls += step.calls.len();
            let refused = step.calls.iter().any(|call| call.outcome.is_err());
            replayed.refused += usize::from(refused);
        }
        replayed.entries = self.compare(network)?;
        Ok(replayed)
    }

    fn redo(&mut self, step: &Step) -> Result<()> {
        self.chain.set_block(step.block.clone());
        for (held, sent) in step.purse.iter().zip(&step.funds) {
            let had = Coin::new(held.amount + sent.amount, &held.denom);
            self.chain.set_balance(&step.sender, &had);
        }
        let msg = CosmosMsg::Wasm(WasmMsg::Execute {
            contract_addr: step.contract.to_string(),
            msg: step.msg.clone().into(),
            funds: step.funds.clone(),
        });
        let _ = self.chain.run(&step.sender, msg);
        let calls = self.chain.calls();
        for (native, wasm) in step.calls.iter().zip(&calls) {
            if native != wasm {
                bail!("natively {native:#?}\nas wasm {wasm:#?}");
            }
        }
        if step.calls.len() != calls.len() {
            bail!("natively {:#?}\nas wasm {calls:#?}", step.calls);
        }
        Ok(())
    }

    /// Every entry of every contract, and the contracts' coins.
    fn compare(&self, network: &Network) -> Result<usize> {
        let mut entries = 0;
        let coins = twin::coins(network);
        for (contract, artifact) in twin::contracts(network) {
            let native: BTreeMap<_, _> =
                network.app().dump_wasm_raw(&contract).into_iter().collect();
            let wasm = self.chain.dump(&contract);
            if native != wasm {
                bail!("{} ends with other entries", artifact.name());
            }
            entries += native.len();
            let native = coins.get(&contract).cloned().unwrap_or_default();
            let wasm = self.chain.balances(&contract);
            if native != wasm {
                bail!("{}: natively {native:?}, as wasm {wasm:?}", artifact.name());
            }
        }
        Ok(entries)
    }
}

fn told(step: &Step) -> String {
    let text = String::from_utf8_lossy(&step.msg);
    format!("{} to {}: {text}", step.sender, step.contract)
}

fn replace(network: &mut Network, contract: Addr, code: u64) -> Result<()> {
    let info = network.app().wrap().query_wasm_contract_info(&contract)?;
    let Some(admin) = info.admin else {
        bail!("{contract} has no admin");
    };
    let msg = WasmMsg::Migrate {
        contract_addr: contract.into_string(),
        new_code_id: code,
        msg: to_json_binary(&Empty {})?,
    };
    network.app_mut().execute(admin, msg.into())?;
    Ok(())
}
