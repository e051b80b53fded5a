//! Queries, asked by contracts or from outside.

use std::rc::Rc;

use cosmwasm_std::{
    from_json, to_json_vec, AllBalanceResponse, BalanceResponse, BankQuery, ContractInfoResponse,
    ContractResult, Empty, QueryRequest, SupplyResponse, WasmQuery,
};
use cosmwasm_std::{Addr, Binary, Coin};

use crate::backend::{prefix_of, Api};
use crate::gas::{self, Kind, OutOfGas};
use crate::machine::{Access, Contract, Core, Entry, Failure};

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The contract or module refused.
    Contract(String),
    /// There is no such contract.
    NoContract(String),
    /// The chain does not answer such queries.
    Unsupported(String),
    /// There was not enough gas.
    OutOfGas,
}

impl From<OutOfGas> for Refusal {
    fn from(_: OutOfGas) -> Self {
        Self::OutOfGas
    }
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(text) => Self::Contract(text),
            Failure::OutOfGas => Self::OutOfGas,
        }
    }
}

fn json(answer: &impl serde::Serialize) -> Result<Vec<u8>, Refusal> {
    to_json_vec(answer).map_err(|error| Refusal::Contract(error.to_string()))
}

impl Core {
    /// What the chain knows of a contract.
    pub(crate) fn contract(&self, address: &str) -> Option<Contract> {
        let key = contract_key(address);
        let state = self.state.borrow();
        state
            .store
            .get(&key)
            .and_then(|bytes| from_json(bytes).ok())
    }

    /// Answers a query of this contract's.
    pub(crate) fn query(self: &Rc<Self>, asker: &str, request: &[u8]) -> Result<Vec<u8>, Refusal> {
        let request: QueryRequest<Empty> =
            from_json(request).map_err(|error| Refusal::Unsupported(error.to_string()))?;
        match request {
            QueryRequest::Wasm(WasmQuery::Smart { contract_addr, msg }) => {
                self.smart(&contract_addr, &msg)
            }
            QueryRequest::Wasm(WasmQuery::Raw { contract_addr, key }) => {
                self.raw(asker, &contract_addr, &key)
            }
            QueryRequest::Wasm(WasmQuery::ContractInfo { contract_addr }) => {
                self.contract_info(&contract_addr)
            }
            QueryRequest::Bank(query) => self.bank(query),
            other => Err(Refusal::Unsupported(format!("{other:?}"))),
        }
    }

    /// Asks a contract.
    pub(crate) fn smart(self: &Rc<Self>, address: &str, msg: &Binary) -> Result<Vec<u8>, Refusal> {
        let missing = || Refusal::NoContract(address.to_owned());
        let code = self.contract(address).ok_or_else(missing)?.code;
        let answer = self.run(&Addr::unchecked(address), code, &Entry::Query(msg))?;
        let answer: ContractResult<Binary> =
            from_json(answer).map_err(|error| Refusal::Contract(error.to_string()))?;
        let answer = answer.into_result().map_err(Refusal::Contract)?;
        Ok(answer.into())
    }

    fn raw(&self, asker: &str, address: &str, key: &[u8]) -> Result<Vec<u8>, Refusal> {
        let missing = || Refusal::NoContract(address.to_owned());
        self.contract(address).ok_or_else(missing)?;
        let full = [prefix_of(address).as_slice(), key].concat();
        let state = &mut self.state.borrow_mut();
        let value = state.store.get(&full).unwrap_or_default().to_vec();
        let gas = gas::read(full.len(), value.len());
        state.accesses.push(Access {
            contract: asker.to_owned(),
            kind: "query",
            key: key.to_vec(),
            value: value.len(),
            gas,
        });
        state.meter.charge(asker, Kind::Store, gas)?;
        Ok(value)
    }

    fn contract_info(&self, address: &str) -> Result<Vec<u8>, Refusal> {
        let missing = || Refusal::NoContract(address.to_owned());
        let contract = self.contract(address).ok_or_else(missing)?;
        json(&ContractInfoResponse::new(
            contract.code as u64 + 1,
            Addr::unchecked(contract.creator),
            contract.admin.map(Addr::unchecked),
            false,
            None,
        ))
    }

    fn bank(&self, query: BankQuery) -> Result<Vec<u8>, Refusal> {
        match query {
            BankQuery::Balance { address, denom } => {
                let amount = self.balance(&address, &denom);
                json(&BalanceResponse::new(Coin::new(amount, denom)))
            }
            #[allow(deprecated)]
            BankQuery::AllBalances { address } => {
                json(&AllBalanceResponse::new(self.balances(&address)))
            }
            BankQuery::Supply { denom } => {
                let amount = self.supply(&denom);
                json(&SupplyResponse::new(Coin::new(amount, denom)))
            }
            other => Err(Refusal::Unsupported(format!("{other:?}"))),
        }
    }
}

/// Where the chain keeps what it knows of a contract.
pub(crate) fn contract_key(address: &str) -> Vec<u8> {
    let mut key = vec![2];
    key.extend(Api.bytes(address).unwrap_or_default());
    key
}
