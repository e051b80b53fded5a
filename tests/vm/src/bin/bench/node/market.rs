//! The market of keys.

use cosmwasm_std::{Addr, Uint128};
use noderev_api::registry::{ExecuteMsg, Purchase, ReceiveMsg};
use noderev_components::KeyId;
use noderev_testing::QST;
use serde_json::json;

use super::{owner_of, BOBS, FIRST_STAKED};
use crate::subject::{probe, Subject};

const PRICE: u128 = 5_000 * QST;

fn list(key: u32) -> ExecuteMsg {
    ExecuteMsg::List {
        id: KeyId(key),
        price: Uint128::new(PRICE),
        buyer: None,
        expires: None,
        with_stake: false,
    }
}

fn listing(subject: &Subject<'_>, at: &Addr, key: u32) -> u64 {
    let answer = subject.answer(at, &json!({ "key": { "id": key } }));
    let listing = answer["listing"]["listing"].as_u64();
    listing.expect("the key is listed")
}

/// Measures listing and buying.
pub(super) fn measure(subject: &mut Subject<'_>) {
    let at = subject.network.addresses().clone();
    let registry = &at.registry;
    subject.measure_and_keep(&probe("list a key", 0, "bob"), registry, &list(BOBS));
    let delist = ExecuteMsg::Delist { id: KeyId(BOBS) };
    subject.measure(&probe("delist a key", 0, "bob"), registry, &delist);
    let buyer = subject.network.account("buyer");
    let preview = json!({ "preview_buy": { "id": BOBS, "buyer": buyer } });
    subject.ask("registry preview_buy", registry, &preview);
    let owner = owner_of(&subject.network, FIRST_STAKED);
    subject.happen(&owner, registry, &list(FIRST_STAKED));
    for key in 1..=10 {
        subject.happen("alice", registry, &list(key));
    }
    let ten: Vec<u32> = (1..=10).collect();
    for (name, keys) in [
        ("buy a key", &[BOBS][..]),
        ("buy a key, its node is staked", &[FIRST_STAKED]),
        ("buy 10 keys", &ten),
    ] {
        let purchases = keys.iter().map(|key| Purchase {
            id: KeyId(*key),
            listing: listing(subject, registry, *key),
            price: Uint128::new(PRICE),
        });
        let buy = ReceiveMsg::Buy {
            purchases: purchases.collect(),
        };
        let amount = PRICE * keys.len() as u128;
        let buys = probe(name, 0, "buyer");
        subject.measure_send(&buys, &at.qst, (registry, amount), &buy);
        subject.happen_send("buyer", &at.qst, (registry, amount), &buy);
    }
    let fees = ExecuteMsg::ClaimFees {};
    subject.measure(&probe("claim market fees", 0, "treasury"), registry, &fees);
    subject.follow();
}
