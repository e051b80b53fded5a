//! A node that answers queries from an embedded chain, and does what an account's command plans.

pub mod node;

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::thread;
use std::time::Duration;

use cosmwasm_std::{CosmosMsg, WasmMsg};
use noderev_chain::{Client, Message, Networks};
use noderev_operations::{Contracts, Deployment};
use noderev_testing::{Builder, Network};
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

impl Chain {
    /// Begins a chain. The embedded chain can't move between threads: it begins in its own.
    pub fn begin(builder: Builder) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (jobs, to_do) = channel();
        let (tell, told) = channel();
        thread::spawn(move || {
            let network = builder.build();
            tell.send(node::deployment(
                &network,
                &network.app().block_info().chain_id,
            ))
            .unwrap();
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

fn serve(mut network: Network, listener: &TcpListener, to_do: &Receiver<Job>) {
    for stream in listener.incoming() {
        let mut stream = stream.unwrap();
        while let Ok(job) = to_do.try_recv() {
            job(&mut network);
        }
        let Some(request) = node::request(&stream) else {
            continue;
        };
        let text = answer(&network, &request).to_string();
        let length = text.len();
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n");
        let _ = write!(stream, "{head}Connection: close\r\n\r\n{text}");
    }
}

fn answer(network: &Network, request: &Value) -> Value {
    let result = match request["method"].as_str().unwrap() {
        "status" => status(network),
        "abci_query" => json!({ "response": node::smart(network, &request["params"]) }),
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
