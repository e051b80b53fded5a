//! What commands that only ask answer, from the queries of the real contracts on an embedded chain.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

#[allow(dead_code, reason = "not all of it is needed here")]
#[path = "../../operations/tests/embedded/mod.rs"]
mod embedded;

use std::fs;
use std::process::Command;

use embedded::{node, Chain};
use noderev_components::KeyId;
use noderev_operations::market::Offer;
use noderev_testing::Network;

/// The program, its networks and what is deployed.
struct Program<'a> {
    chain: &'a Chain,
    folder: tempfile::TempDir,
}

impl<'a> Program<'a> {
    fn new(chain: &'a Chain) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let network = chain.contracts.client().network();
        let id = network.chain_id.clone();
        let networks = format!(
            "[local]\nchain_id = {id:?}\nprefix = {:?}\ndenom = \"ulocal\"\ngas_price = \"0.025\"\n\
             rpc = {:?}\nmax_code = 1\n",
            network.prefix, network.rpc
        );
        fs::write(folder.path().join("networks.toml"), networks).unwrap();
        let deployment = chain.with(move |network| node::deployment(network, &id));
        deployment.write(&folder.path().join("state.json")).unwrap();
        Self { chain, folder }
    }

    /// Exit code, and all that it says.
    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_noderev"))
            .current_dir(self.folder.path())
            .env("NODEREV_NETWORKS", "networks.toml")
            .env("NODEREV_DEPLOYMENT", "state.json")
            .args(arguments)
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].concat();
        (
            output.status.code().unwrap(),
            String::from_utf8(text).unwrap(),
        )
    }

    /// Writes a file of stakes and compares it with the chain, for this account.
    fn verified(&self, account: &'static str, rows: &str) -> (i32, String) {
        let account = self.chain.account(account);
        let rows = rows.replace("ACCOUNT", &account);
        let text = format!("epoch,account,action,key,amount\n{rows}");
        fs::write(self.folder.path().join("stakes.csv"), text).unwrap();
        self.run(&[
            "import",
            "stakes",
            "stakes.csv",
            "--verify",
            "--as",
            &account,
        ])
    }
}

#[test]
fn rewards_that_only_settling_tells_end_with_a_code_of_their_own() {
    let chain = Chain::begin(Network::builder());
    chain.with(|network| {
        network.issue(&[("alice", 1)]);
        network.mint_qst("alice", 1_000);
        // More changes than a message goes through.
        for epoch in 0..130 {
            network.deposit_pool("alice", 1);
            let none = network.all_but(epoch, &[1]);
            network.finish_epoch(epoch, &none);
        }
    });
    let alice = chain.account("alice");
    let program = Program::new(&chain);
    let text = format!("due to {alice}:\nwhat only settling tells: the pool stake\n");
    assert_eq!(program.run(&["rewards", &alice]), (5, text));
    let csv = program.run(&["rewards", &alice, "--csv"]);
    assert_eq!(csv, (5, "role,denom,amount\n".to_owned()));
    let (code, json) = program.run(&["rewards", &alice, "--json"]);
    assert_eq!(code, 5, "{json}");
    chain.with(|network| {
        let (account, keys) = (None, Some(vec![]));
        let settle = noderev_api::distributor::ExecuteMsg::Settle { account, keys };
        network.on_distributor("alice", &settle);
    });
    let (code, none) = program.run(&["rewards", &alice, "--csv"]);
    assert_eq!(code, 3, "{none}");
}

#[test]
fn lists_of_keys_become_csv_in_smallest_units() {
    let chain = Chain::begin(Network::builder());
    chain.with(|network| {
        network.issue(&[("alice", 2)]);
        network.deposit_revenue("customer", 0, 10_000_000, 1);
        let ran = network.all_but(0, &[2]);
        network.finish_epoch(0, &ran);
    });
    let alice = chain.account("alice");
    let offer = Offer {
        key: KeyId(1),
        price: 1_500_000,
        buyer: None,
        until: Some(4_102_444_800),
        with_stake: false,
    };
    let planned = offer.plan(&chain.contracts, &alice).unwrap();
    chain.send("alice", planned.messages);
    let program = Program::new(&chain);
    let floor = format!(
        "key,price,stake,seller,buyer,until,listing\n\
         1,1500000,none,{alice},,2100-01-01T00:00:00Z,1\n"
    );
    assert_eq!(program.run(&["market", "floor", "--csv"]), (0, floor));
    let (code, nodes) = program.run(&["node", "list", &alice, "--csv"]);
    let nodes: Vec<Vec<&str>> = nodes
        .lines()
        .map(|line| line.split(',').collect())
        .collect();
    let head = [
        "key",
        "node_id",
        "bound",
        "staked",
        "claimable",
        "price",
        "ran",
    ];
    assert_eq!((code, &nodes[0][..]), (0, &head[..]));
    assert_eq!(nodes[1][2..], ["no", "no", "6000000 uusdc", "1500000", "#"]);
    assert_eq!(nodes[2][2..], ["no", "no", "", "", "."]);
}

#[test]
fn stakes_of_a_file_are_compared_with_those_of_the_accounts_keys() {
    let chain = Chain::begin(Network::builder());
    chain.with(|network| {
        network.issue(&[("alice", 2), ("bob", 2)]);
    });
    let program = Program::new(&chain);
    let (code, said) = program.verified("alice", "0,ACCOUNT,stake_node,3,\n");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("takes a sold one out): keys 3"), "{said}");
    // Before a split a node took twice as much.
    chain.with(|network| {
        network.split(2);
        network.to_epoch(40);
    });
    let (code, said) = program.verified("alice", "0,ACCOUNT,stake_node,1,200000000000\n");
    assert_eq!(code, 1, "{said}");
    assert!(said.contains("there are 2 for each of before"), "{said}");
}
