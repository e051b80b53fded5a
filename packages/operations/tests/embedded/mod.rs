//! A node that answers queries from an embedded chain, and does what an account's command plans.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;
use std::time::Duration;

use cosmwasm_std::{
    Addr, Binary, ContractResult, CosmosMsg, Empty, HexBinary, Querier, QueryRequest, SystemResult,
    WasmMsg, WasmQuery,
};
use noderev_api::common::Clock;
use noderev_chain::{Client, Message, Networks};
use noderev_operations::{ContractState, Contracts, Deployment};
use noderev_testing::{Builder, Network};
use prost::Message as _;
use serde_json::{json, Value};
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

type Job = Box<dyn FnOnce(&mut Network) + Send>;

/// An embedded chain, and a node of it.
pub struct Chain {
    jobs: Sender<Job>,
    address: String,
    /// The contracts on it, as commands ask them.
    pub contracts: Contracts,
}

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

impl Chain {
    /// Begins a chain. The embedded chain can't move between threads: it begins in its own.
    pub fn begin(builder: Builder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (jobs, to_do) = channel();
        let (tell, told) = channel();
        thread::spawn(move || {
            let network = builder.build();
            tell.send(deployment(&network)).unwrap();
            serve(network, &listener, &to_do);
        });
        let deployment: Deployment = told.recv().unwrap();
        let mut network = Networks::built_in().unwrap().get("local").unwrap().clone();
        network.chain_id.clone_from(&deployment.chain_id);
        network.prefix = "cosmwasm".to_owned();
        network.rpc = vec![format!("http://{address}")];
        let client = Client::connect_with(&network, Duration::ZERO).unwrap();
        let contracts = Contracts::new(&client, &deployment).unwrap();
        Self {
            jobs,
            address,
            contracts,
        }
    }

    /// Does something with the chain in its own thread.
    pub fn with<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Network) -> T + Send + 'static,
    ) -> T {
        let (tell, told) = channel();
        let job = move |network: &mut Network| tell.send(job(network)).unwrap();
        self.jobs.send(Box::new(job)).unwrap();
        // Wakes it.
        drop(TcpStream::connect(&self.address).unwrap());
        told.recv().unwrap()
    }

    /// Somebody's address.
    pub fn account(&self, name: &'static str) -> String {
        self.with(move |network| network.account(name).into_string())
    }

    /// Somebody sends what a command has planned, all of it at once.
    #[track_caller]
    pub fn send(&self, name: &'static str, messages: Vec<Message>) {
        self.try_send(name, messages).unwrap();
    }

    /// The same; the refusal, if it is refused.
    pub fn try_send(&self, name: &'static str, messages: Vec<Message>) -> Result<(), String> {
        self.with(move |network| {
            let sender = network.account(name);
            let messages = messages.into_iter().map(execution);
            let done = network
                .app_mut()
                .execute_multi(sender, messages.collect::<Vec<_>>());
            done.map(drop).map_err(|error| format!("{error:#}"))
        })
    }
}

fn execution(message: Message) -> CosmosMsg {
    let Message::Execute {
        contract,
        msg,
        funds,
    } = message
    else {
        panic!("{message:?}");
    };
    WasmMsg::Execute {
        contract_addr: contract,
        msg: msg.into(),
        funds,
    }
    .into()
}

fn deployment(network: &Network) -> Deployment {
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
        chain_id: network.app().block_info().chain_id,
        deployer: String::new(),
        clock: Clock::from(network.clock()),
        codes: BTreeMap::new(),
        contracts: contracts.map(state).into(),
        played: false,
    }
}

fn serve(mut network: Network, listener: &TcpListener, to_do: &Receiver<Job>) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        while let Ok(job) = to_do.try_recv() {
            job(&mut network);
        }
        let Some(request) = request(&stream) else {
            continue;
        };
        let text = answer(&network, &request).to_string();
        let length = text.len();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n");
        let _ = write!(stream, "{head}Connection: close\r\n\r\n{text}");
    }
}

/// What is asked; nothing by whoever only wakes.
fn request(stream: &TcpStream) -> Option<Value> {
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

fn answer(network: &Network, request: &Value) -> Value {
    let result = match request["method"].as_str().unwrap() {
        "status" => status(network),
        "abci_query" => json!({ "response": query(network, &request["params"]) }),
        other => panic!("{other}"),
    };
    json!({ "jsonrpc": "2.0", "id": 1, "result": result })
}

fn status(network: &Network) -> Value {
    let block = network.app().block_info();
    let time = i64::try_from(block.time.seconds()).unwrap();
    let time = OffsetDateTime::from_unix_timestamp(time).unwrap();
    json!({
        "node_info": { "network": block.chain_id },
        "sync_info": {
            "latest_block_height": block.height.to_string(),
            "latest_block_time": time.format(&Rfc3339).unwrap(),
            "catching_up": false,
        },
    })
}

fn query(network: &Network, params: &Value) -> Value {
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
