//! Queries of registry, vault and distributor, each with as much as a page can hold.

use cosmwasm_std::coins;
use noderev_components::KeyId;
use noderev_testing::QST;
use serde_json::{json, Value};

use super::{BOBS, CAROLS, LONG, MANY};
use crate::governance;
use crate::subject::Subject;

/// Entries of a page.
const PAGE: u32 = 100;
/// A key of the whale's.
const KEY: u32 = CAROLS + 1;
/// An epoch in the middle.
const EPOCH: u32 = LONG - 150;

/// Makes lists long, and asks.
pub(super) fn measure(subject: &mut Subject<'_>) {
    for number in 0..PAGE {
        let name = format!("friend-{number}");
        let network = &mut subject.network;
        network.approve_all("whale", &name);
        network.list("whale", KEY + number, u128::from(number + 1) * QST, false);
        network.transfer("whale", "heir", KEY + PAGE + number);
        network.unbond_pool("staker-9", QST);
        network.deposit_revenue(&name, 0, 1_000, 1);
    }
    for number in 0..10 {
        let name = format!("friend-{number}");
        subject.network.approve("whale", &name, KEY + 2 * PAGE);
    }
    subject.network.next_epoch();
    subject.follow();
    registry(subject);
    vault(subject);
    distributor(subject);
}

fn first_keys() -> Vec<KeyId> {
    (1..=PAGE).map(KeyId).collect()
}

fn ask(subject: &mut Subject<'_>, contract: &str, queries: Vec<(&str, Value)>) {
    let ours = subject.ours();
    let at = ours.iter().find(|(_, name)| *name == contract);
    let (at, _) = at.expect("the contract is ours");
    for (more, query) in queries {
        let kind = query.as_object().and_then(|query| query.keys().next());
        let kind = kind.expect("a query has a name");
        let name = match more {
            "" => format!("{contract} {kind}"),
            more => format!("{contract} {kind}, {more}"),
        };
        subject.ask(&name, at, &query);
    }
    governance::queries(subject, contract, at);
}

fn registry(subject: &mut Subject<'_>) {
    let [whale, friend] = ["whale", "friend-7"].map(|name| subject.network.account(name));
    let approved = (KEY + 2 * PAGE).to_string();
    let plain = [
        "num_tokens",
        "contract_info",
        "get_collection_info_and_extension",
        "get_config",
        "get_all_info",
        "get_collection_extension_attributes",
        "get_withdraw_address",
        "get_additional_minters",
        "get_minter_ownership",
        "get_creator_ownership",
        "minter",
        "supply",
    ];
    let mut queries: Vec<(&str, Value)> = Vec::new();
    queries.extend(plain.map(|name| ("", json!({ name: {} }))));
    queries.extend([
        (
            "10 approvals",
            json!({ "owner_of": { "token_id": approved } }),
        ),
        (
            "",
            json!({ "approval": { "token_id": approved, "spender": friend } }),
        ),
        ("10", json!({ "approvals": { "token_id": approved } })),
        (
            "",
            json!({ "operator": { "owner": whale, "operator": friend } }),
        ),
        (
            "100",
            json!({ "all_operators": { "owner": whale, "limit": PAGE } }),
        ),
        ("", json!({ "nft_info": { "token_id": approved } })),
        (
            "10 approvals",
            json!({ "all_nft_info": { "token_id": approved } }),
        ),
        (
            "100",
            json!({ "tokens": { "owner": whale, "limit": PAGE } }),
        ),
        ("100", json!({ "all_tokens": { "limit": PAGE } })),
        ("", json!({ "key": { "id": KEY } })),
        (
            "100",
            json!({ "owners_at": { "keys": first_keys(), "epoch": EPOCH } }),
        ),
        (
            "100",
            json!({ "former_keys": { "owner": whale, "limit": PAGE } }),
        ),
        ("100", json!({ "listings": { "limit": PAGE } })),
    ]);
    ask(subject, "registry", queries);
}

fn vault(subject: &mut Subject<'_>) {
    let [alice, staker] = ["alice", "staker-9"].map(|name| subject.network.account(name));
    let all = |account| json!({ "position": { "account": account, "limit": PAGE } });
    let keys: Vec<KeyId> = (1..=MANY).map(KeyId).collect();
    let queries = vec![
        ("20 keys", all(&alice)),
        ("100 lots", all(&staker)),
        ("100", json!({ "node_stakes": { "keys": first_keys() } })),
        ("", json!({ "pool": { "epoch": EPOCH } })),
        (
            "",
            json!({ "pool_stake_at": { "account": staker, "epoch": EPOCH } }),
        ),
        ("", json!({ "staked_nodes": { "epoch": EPOCH } })),
        (
            "20 keys",
            json!({ "preview_stake": { "account": alice, "keys": keys } }),
        ),
    ];
    ask(subject, "vault", queries);
}

fn distributor(subject: &mut Subject<'_>) {
    let people = ["alice", "whale", "staker-7"];
    let [alice, whale, staker] = people.map(|name| subject.network.account(name));
    let whales: Vec<KeyId> = (KEY..KEY + PAGE).map(KeyId).collect();
    let alices: Vec<KeyId> = (1..=MANY).map(KeyId).collect();
    let year = coins(50_000_000_000_000, "uusdc")[0].amount;
    let simulate = json!({ "simulate": {
        "revenue": year, "running": 4_732, "unstaked": 4_132,
        "pool_stake": "550000000000000", "my_stake": "1000000000",
    } });
    let queries = vec![
        ("", json!({ "network": {} })),
        ("100", json!({ "epochs": { "limit": PAGE } })),
        (
            "20 keys",
            json!({ "account": { "account": alice, "limit": PAGE } }),
        ),
        (
            "100 keys",
            json!({ "account": { "account": whale, "limit": PAGE } }),
        ),
        ("20 keys", json!({ "preview_claim": { "account": alice } })),
        (
            "100 keys",
            json!({ "preview_claim": { "account": whale, "keys": whales } }),
        ),
        (
            "100",
            json!({ "keys": { "ids": first_keys(), "limit": PAGE } }),
        ),
        (
            "100 of an owner",
            json!({ "keys": { "owner": whale, "limit": PAGE } }),
        ),
        (
            "100",
            json!({ "key_history": { "key": BOBS, "limit": PAGE } }),
        ),
        (
            "100",
            json!({ "pool_history": { "account": staker, "limit": PAGE } }),
        ),
        (
            "20 keys",
            json!({ "account_history": { "account": alice, "keys": alices, "limit": PAGE } }),
        ),
        (
            "100 keys",
            json!({ "account_history": { "account": whale, "limit": PAGE } }),
        ),
        (
            "100",
            json!({ "receipts": { "account": alice, "limit": PAGE } }),
        ),
        ("", json!({ "explain": { "key": BOBS, "epoch": EPOCH } })),
        ("", simulate),
        ("", json!({ "attesters": {} })),
        ("", json!({ "evidence": { "epoch": EPOCH } })),
        ("100", json!({ "deposits": { "limit": PAGE } })),
    ];
    ask(subject, "distributor", queries);
}
