//! What a node of an embedded chain is asked by the client of real chains, and answers.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

use cosmwasm_std::{
    Addr, Binary, ContractResult, Empty, HexBinary, Querier, QueryRequest, SystemResult, WasmQuery,
};
use noderev_api::common::Clock;
use noderev_operations::{ContractState, Deployment};
use noderev_testing::Network;
use prost::Message as _;
use serde_json::{json, Value};

#[derive(Clone, PartialEq, prost::Message)]
struct SmartQuery {
    #[prost(string, tag = "1")]
    address: String,
    #[prost(bytes = "vec", tag = "2")]
    query: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
struct SmartAnswer {
    #[prost(bytes = "vec", tag = "1")]
    data: Vec<u8>,
}

/// The contracts of an embedded network, as if they had been deployed on this chain.
pub fn deployment(network: &Network, chain_id: &str) -> Deployment {
    let own = network.addresses();
    let contracts = [
        ("qst", &own.qst),
        ("registry", &own.registry),
        ("vault", &own.vault),
        ("distributor", &own.distributor),
        ("delegation", &own.delegation),
    ];
    let state = |(name, address): (&str, &Addr)| {
        let state = ContractState {
            address: address.to_string(),
            code: None,
            created: true,
        };
        (name.to_owned(), state)
    };
    Deployment {
        chain_id: chain_id.to_owned(),
        deployer: String::new(),
        clock: Clock::from(network.clock()),
        codes: BTreeMap::new(),
        contracts: contracts.map(state).into(),
        played: false,
    }
}

/// What is asked; nothing by whoever only wakes.
pub fn request(stream: &TcpStream) -> Option<Value> {
    let mut reader = BufReader::new(stream);
    let mut length = 0;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap() == 0 {
            return None;
        }
        let line = line.trim().to_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length:") {
            length = bytes.trim().parse().unwrap();
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    Some(serde_json::from_slice(&body).unwrap())
}

/// The answer to a contract's smart query.
pub fn smart(network: &Network, params: &Value) -> Value {
    assert_eq!(params["path"], "/cosmwasm.wasm.v1.Query/SmartContractState");
    let data = params["data"].as_str().unwrap();
    let data = HexBinary::from_hex(data).unwrap();
    let asked = SmartQuery::decode(data.as_slice()).unwrap();
    let query: QueryRequest<Empty> = WasmQuery::Smart {
        contract_addr: asked.address,
        msg: asked.query.into(),
    }
    .into();
    let query = cosmwasm_std::to_json_vec(&query).unwrap();
    let refused = |log: String| json!({ "code": 9, "log": log });
    match network.app().raw_query(&query) {
        SystemResult::Ok(ContractResult::Ok(data)) => {
            let data = data.to_vec();
            json!({ "code": 0, "value": Binary::from(SmartAnswer { data }.encode_to_vec()) })
        }
        SystemResult::Ok(ContractResult::Err(log)) => refused(log),
        SystemResult::Err(error) => refused(error.to_string()),
    }
}
