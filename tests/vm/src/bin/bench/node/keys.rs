//! Issuing, moving, binding and splitting keys.

use cosmwasm_std::{to_json_binary, Addr, Binary};
use k256::ecdsa::signature::hazmat::PrehashSigner;
use k256::ecdsa::Signature;
use noderev_api::delegation::{Collection, NftHook};
use noderev_api::registry::{ExecuteMsg, IssueRow};
use noderev_components::KeyId;
use noderev_testing::{client_key, public_key, Network};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{owner_of, BOBS, CAROLS, FIRST_STAKED, KEYS};
use crate::subject::{probe, Subject};

fn issue(subject: &Subject<'_>, owner: &str, count: u32) -> ExecuteMsg {
    let row = IssueRow {
        owner: subject.network.account(owner).into_string(),
        count,
    };
    ExecuteMsg::Issue { rows: vec![row] }
}

/// Measures issuing when there are no keys yet.
pub(super) fn issuing_first(subject: &mut Subject<'_>) {
    subject.follow();
    let registry = subject.network.addresses().registry.clone();
    let msg = issue(subject, "fund", 100);
    let name = probe("mint 100 keys for one owner", 0, "minter");
    subject.measure(&name, &registry, &msg);
}

/// Measures issuing the last key; keys can later be staked as NFTs, too.
pub(super) fn issuing(subject: &mut Subject<'_>) {
    subject.follow();
    let registry = subject.network.addresses().registry.clone();
    for (name, owner) in [
        ("mint one key", "last"),
        ("mint one key for an owner of keys", "owner-1"),
    ] {
        let msg = issue(subject, owner, 1);
        subject.measure(&probe(name, 19_000, "minter"), &registry, &msg);
    }
    subject.network.issue(&[("last", 1)]);
    let keys = Collection {
        collection: registry.into_string(),
        weight: 1_000_u128.into(),
        classes: Vec::new(),
    };
    subject.network.set_collection(&keys);
}

/// Measures all but the market.
pub(super) fn measure(subject: &mut Subject<'_>) {
    let registry = subject.network.addresses().registry.clone();
    moving(subject, &registry);
    approving(subject, &registry);
    binding(subject, &registry);
    splitting(subject, &registry);
    subject.follow();
}

fn transfer(network: &Network, to: &str, key: u32) -> ExecuteMsg {
    ExecuteMsg::TransferNft {
        recipient: network.account(to).into_string(),
        token_id: key.to_string(),
    }
}

fn moving(subject: &mut Subject<'_>, at: &Addr) {
    let moved = probe("key transfer", 24_000, "carol");
    subject.measure(&moved, at, &transfer(&subject.network, "dave", CAROLS));
    let owner = owner_of(&subject.network, FIRST_STAKED);
    let staked = transfer(&subject.network, "dave", FIRST_STAKED);
    let name = "key transfer, its node is staked";
    subject.measure(&probe(name, 0, &owner), at, &staked);
    let hook = NftHook::Stake { delegation: None };
    let send = ExecuteMsg::SendNft {
        contract: subject.network.addresses().delegation.to_string(),
        token_id: CAROLS.to_string(),
        msg: to_json_binary(&hook).expect("messages are JSON"),
    };
    let name = "key sent to delegation, staked there as an NFT";
    subject.measure(&probe(name, 0, "carol"), at, &send);
}

fn approving(subject: &mut Subject<'_>, at: &Addr) {
    let spender = subject.network.account("dave");
    let key = BOBS.to_string();
    for (name, msg) in [
        (
            "approve one key",
            json!({ "approve": { "spender": spender, "token_id": key } }),
        ),
        (
            "revoke one key",
            json!({ "revoke": { "spender": spender, "token_id": key } }),
        ),
        (
            "approve all keys",
            json!({ "approve_all": { "operator": spender } }),
        ),
        (
            "revoke all keys",
            json!({ "revoke_all": { "operator": spender } }),
        ),
        (
            "name a node's operator",
            json!({ "set_operator": { "key": BOBS, "operator": spender } }),
        ),
    ] {
        subject.measure_and_keep(&probe(name, 0, "bob"), at, &msg);
    }
}

/// What a node's key signs to be bound to bob's key.
fn signature(subject: &Subject<'_>) -> Binary {
    let chain = subject.network.app().block_info().chain_id;
    let registry = &subject.network.addresses().registry;
    let bob = subject.network.account("bob");
    let text = format!("noderev bind node v1\n{chain}\n{registry}\n{BOBS}\n{bob}");
    let signed: Signature = client_key(7)
        .sign_prehash(&Sha256::digest(text))
        .expect("a hash can be signed");
    signed.to_vec().into()
}

fn binding(subject: &mut Subject<'_>, at: &Addr) {
    let bind = ExecuteMsg::BindNode {
        key: KeyId(BOBS),
        public_key: public_key(&client_key(7)),
        signature: signature(subject),
    };
    subject.measure_and_keep(&probe("bind a node", 0, "bob"), at, &bind);
    let query = json!({ "bound_key": { "public_key": public_key(&client_key(7)) } });
    subject.ask("registry bound_key", at, &query);
    let unbind = ExecuteMsg::UnbindNode { key: KeyId(BOBS) };
    subject.measure(&probe("unbind a node", 0, "bob"), at, &unbind);
}

fn splitting(subject: &mut Subject<'_>, at: &Addr) {
    subject.ask(
        "registry preview_split",
        at,
        &json!({ "preview_split": { "factor": 2 } }),
    );
    let split = ExecuteMsg::Split { factor: 2 };
    subject.measure_and_keep(&probe("split", 80_000, "owner"), at, &split);
    let cancel = ExecuteMsg::CancelSplit {};
    subject.measure(&probe("cancel a split", 0, "owner"), at, &cancel);
    let seal = ExecuteMsg::SealIssuance {};
    subject.measure(&probe("seal issuance", 0, "minter"), at, &seal);
    subject.pass(32 * 86_400);
    let announce = ExecuteMsg::Announce {
        ids: (KEYS + 1..=KEYS + 100).map(KeyId).collect(),
    };
    let name = "announce 100 keys of a split";
    subject.measure(&probe(name, 0, "anybody"), at, &announce);
    let name = "key transfer, the first one after a split";
    let msg = transfer(&subject.network, "dave", CAROLS);
    subject.measure(&probe(name, 24_000, "carol"), at, &msg);
}
