//! Against a running local chain (`scripts/localnet/chain start`).
//!
//! These tests are ignored unless asked for; `scripts/localnet/check` starts a
//! chain and runs them. `NODEREV_LOCALNET_RPC` says where it is.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use cosmrs::AccountId;
use cosmwasm_std::{coin, instantiate2_address, Checksum};
use noderev_chain::{ChainError, Client, Key, Message, Network, Networks, Signer, Unsigned};

const WORDS: &str = "test test test test test test test test test test test junk";
const TOKEN: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../artifacts/cw20_base.wasm"
);

fn network() -> Network {
    let mut network = Networks::built_in().unwrap().get("local").unwrap().clone();
    if let Ok(url) = std::env::var("NODEREV_LOCALNET_RPC") {
        network.rpc = vec![url];
    }
    network
}

fn client() -> Client {
    Client::connect(&network()).unwrap()
}

fn signer(account: u32) -> Signer {
    Signer::new(Key::from_words(WORDS, account, "wasm").unwrap())
}

fn send(to: &str, units: u128) -> Message {
    Message::Send {
        to: to.to_owned(),
        amount: vec![coin(units, "ulocal")],
    }
}

/// An address that nobody has used.
fn fresh() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = client().status().unwrap().time.nanos();
    let seed = (nanos, NEXT.fetch_add(1, Ordering::Relaxed));
    let bytes = Checksum::generate(format!("{seed:?}").as_bytes());
    let address = AccountId::new("wasm", &bytes.as_slice()[..20]);
    address.unwrap().to_string()
}

#[test]
#[ignore = "needs a local chain"]
fn a_contract_is_stored_created_where_foreseen_and_asked() {
    let (client, mut signer) = (client(), signer(2));
    let wasm = std::fs::read(TOKEN).expect("scripts/artifacts has built the token");
    let checksum = Checksum::generate(&wasm);
    let stored = signer.execute(&client, &[Message::Store { wasm }]).unwrap();
    let code_id: u64 = stored
        .field("store_code", "code_id")
        .unwrap()
        .parse()
        .unwrap();
    assert_eq!(client.code(code_id).unwrap(), Some(checksum));
    assert_eq!(client.code(code_id + 1_000_000).unwrap(), None);
    let found = client.codes(&[checksum], 10).unwrap();
    assert_eq!((found[0].id, found[0].checksum), (code_id, checksum));

    let creator: AccountId = signer.address().parse().unwrap();
    let salt = stored.hash.as_bytes()[..32].to_vec();
    let address =
        instantiate2_address(checksum.as_slice(), &creator.to_bytes().into(), &salt).unwrap();
    let address = AccountId::new("wasm", address.as_slice())
        .unwrap()
        .to_string();
    assert_eq!(client.contract(&address).unwrap(), None);
    let msg = serde_json::json!({
        "name": "test", "symbol": "TEST", "decimals": 6,
        "initial_balances": [{ "address": signer.address(), "amount": "1000" }],
    });
    let create = Message::Instantiate2 {
        admin: None,
        code_id,
        label: "test".into(),
        msg: msg.to_string().into_bytes(),
        salt,
    };
    signer
        .execute(&client, std::slice::from_ref(&create))
        .unwrap();
    let info = client.contract(&address).unwrap().unwrap();
    assert_eq!((info.code_id, info.admin), (code_id, None));
    assert_eq!(info.creator, signer.address());
    let balance = serde_json::json!({ "balance": { "address": signer.address() } });
    let answer: serde_json::Value = client.smart(&address, &balance).unwrap();
    assert_eq!(answer["balance"], "1000");

    let again = signer.execute(&client, &[create]).unwrap_err();
    assert!(
        matches!(again, ChainError::Refused { hash: None, .. }),
        "{again}"
    );
}

#[test]
#[ignore = "needs a local chain"]
fn what_would_be_refused_is_refused_before_it_costs_anything() {
    let (client, mut signer) = (client(), signer(3));
    let before = client.balance(signer.address(), "ulocal").unwrap();
    let refusal = signer
        .execute(&client, &[send(&fresh(), u128::from(u64::MAX))])
        .unwrap_err();
    assert!(
        refusal.to_string().contains("insufficient funds"),
        "{refusal}"
    );
    assert_eq!(client.balance(signer.address(), "ulocal").unwrap(), before);
}

#[test]
#[ignore = "needs a local chain"]
fn a_transaction_without_enough_gas_changes_nothing_but_the_fee() {
    let (client, mut signer, to) = (client(), signer(4), fresh());
    let mut unsigned = signer.estimate(&client, &[send(&to, 7)]).unwrap();
    unsigned.gas = unsigned.gas * 6 / 10;
    let refusal = signer.execute_with(&client, &unsigned).unwrap_err();
    assert!(
        matches!(refusal, ChainError::OutOfGas { wanted, .. } if wanted == unsigned.gas),
        "{refusal}"
    );
    assert_eq!(client.balance(&to, "ulocal").unwrap(), 0);
    signer.execute(&client, &[send(&to, 7)]).unwrap();
    assert_eq!(client.balance(&to, "ulocal").unwrap(), 7);
}

#[test]
#[ignore = "needs a local chain"]
fn who_is_overtaken_sends_again_and_nothing_is_sent_twice() {
    let to = fresh();
    let mut senders = Vec::new();
    for units in [1_u128, 100, 10_000, 1_000_000] {
        let to = to.clone();
        senders.push(thread::spawn(move || {
            let (client, mut signer) = (client(), signer(5));
            let mut sent = 0;
            for _ in 0..3 {
                match signer.execute(&client, &[send(&to, units)]) {
                    Ok(_) => sent += units,
                    Err(ChainError::Sequence { .. }) => (),
                    Err(error) => panic!("{error}"),
                }
            }
            sent
        }));
    }
    let sent: u128 = senders.into_iter().map(|one| one.join().unwrap()).sum();
    assert!(sent > 0);
    assert_eq!(client().balance(&to, "ulocal").unwrap(), sent);
}

#[test]
#[ignore = "needs a local chain"]
fn many_are_posted_at_once_and_all_arrive_in_order() {
    let (client, mut signer, to) = (client(), signer(6), fresh());
    let gas = signer.estimate(&client, &[send(&to, 1)]).unwrap().gas;
    let posted: Vec<_> = (1..=40)
        .map(|units| {
            let unsigned = Unsigned {
                messages: vec![send(&to, units)],
                memo: String::new(),
                gas,
            };
            signer.post(&client, &unsigned).unwrap()
        })
        .collect();
    let heights: Vec<u64> = posted
        .iter()
        .map(|one| one.wait(&client).unwrap().height)
        .collect();
    assert!(heights.is_sorted(), "{heights:?}");
    assert_eq!(client.balance(&to, "ulocal").unwrap(), 820);
}

#[test]
#[ignore = "needs a local chain"]
fn an_unknown_account_and_another_chain_are_told_apart_from_a_dead_node() {
    let client = client();
    assert_eq!(client.account(&fresh()).unwrap(), None);
    let nobody = Key::from_words(WORDS, 4_000_000, "wasm").unwrap();
    let refusal = Signer::new(nobody)
        .execute(&client, &[send(&fresh(), 1)])
        .unwrap_err();
    assert!(matches!(refusal, ChainError::NoAccount { .. }), "{refusal}");
    let other = Network {
        chain_id: "other-1".into(),
        ..network()
    };
    let refusal = Client::connect(&other).unwrap_err();
    assert!(
        matches!(refusal, ChainError::WrongChain { .. }),
        "{refusal}"
    );
    let dead = Network {
        rpc: vec!["http://127.0.0.1:1".into()],
        ..network()
    };
    let refusal = Client::connect_with(&dead, std::time::Duration::ZERO).unwrap_err();
    assert!(
        matches!(refusal, ChainError::Unreachable { .. }),
        "{refusal}"
    );
}

#[test]
#[ignore = "needs a local chain"]
fn everybody_may_store_on_the_local_chain() {
    assert!(client().may_store(&fresh()).unwrap());
}
