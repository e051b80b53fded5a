//! Validators of Delegation IDs. All of it happens on the chain alone.

use cosmwasm_std::Addr;
use noderev_api::delegation::Nft;
use serde_json::{json, Value};

use super::VALIDATORS;
use crate::subject::{probe, Subject};

/// The delegation that takes a validator of somebody else's.
const ID: u16 = 3;
const OWNER: &str = "dao-3";
/// The delegation that loses room.
const SHRINKING: u16 = 150;
const SHRINKING_OWNER: &str = "dao-150";
/// Validators that come to it.
const MORE: u32 = 5;

/// Measures everything.
pub(super) fn measure(subject: &mut Subject<'_>, at: &Addr) {
    subject.follow();
    let number = VALIDATORS + 1;
    let assign =
        |to: Value| json!({ "assign_validator": { "validator": number, "delegation": to } });
    for (name, sender, msg) in [
        ("register a validator", "operator", register(number)),
        (
            "ask an ID to take a validator",
            "operator",
            assign(json!(ID)),
        ),
        (
            "take a validator into an ID",
            OWNER,
            json!({ "accept_validators": { "validators": [number] } }),
        ),
        (
            "take a validator out of any ID",
            "operator",
            assign(Value::Null),
        ),
    ] {
        subject.measure_and_keep(&probe(name, 0, sender), at, &msg);
    }
    subject.follow();
    let remove = json!({ "remove_validators": { "validators": [u32::from(ID)] } });
    let name = "send a validator away";
    subject.measure(&probe(name, 0, OWNER), at, &remove);
    evicting(subject, at);
    subject.follow();
}

fn register(number: u32) -> Value {
    json!({ "register_validator": { "node": format!("node-{number}") } })
}

/// The heaviest NFT of somebody.
fn heaviest(subject: &Subject<'_>, at: &Addr, name: &str) -> Nft {
    let account = subject.network.account(name);
    let answer = subject.answer(at, &json!({ "nfts": { "account": account } }));
    let nfts = answer["nfts"].as_array().expect("NFTs are listed");
    let weight = |nft: &&Value| {
        let weight = nft["quintessence"].as_str();
        weight.and_then(|weight| weight.parse::<u128>().ok())
    };
    let heaviest = nfts.iter().max_by_key(weight).expect("he has NFTs");
    serde_json::from_value(heaviest["nft"].clone()).expect("it is an NFT")
}

fn evicting(subject: &mut Subject<'_>, at: &Addr) {
    for number in VALIDATORS + 1..=VALIDATORS + MORE {
        subject.happen(SHRINKING_OWNER, at, &register(number));
        let assign =
            json!({ "assign_validator": { "validator": number, "delegation": SHRINKING } });
        subject.happen(SHRINKING_OWNER, at, &assign);
    }
    let nft = heaviest(subject, at, SHRINKING_OWNER);
    let out = json!({ "unstake_nfts": { "nfts": [nft] } });
    subject.happen(SHRINKING_OWNER, at, &out);
    subject.pass(86_400);
    let evict = json!({ "evict_validators": {
        "delegation": SHRINKING, "validators": [VALIDATORS + 1],
    } });
    let name = "evict a validator without room";
    subject.measure(&probe(name, 0, "anybody"), at, &evict);
}
