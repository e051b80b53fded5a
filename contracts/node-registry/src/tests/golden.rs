//! What must not change by accident: permissions, storage layout, message names.

use super::*;
use crate::state::{NAMESPACES, OWNED};
use crate::{required_caller, Caller};
use cosmwasm_std::HexBinary;
use noderev_api::registry::raw::{operator_key, BUNDLE, HOLDERS};
use noderev_api::registry::{Activity, Role};
use std::collections::BTreeSet;

/// One of every message; that none is missing is tested against the schema.
fn every_message() -> Vec<ExecuteMsg> {
    let (some, id, key) = (String::new, "1".to_string(), KeyId(1));
    let action = cw_ownable::Action::AcceptOwnership;
    let activity = Activity::Market;
    let (role, account, factor) = (Role::Guardian, None, 2);
    let (expires, msg, token_id) = (None, Binary::default(), id);
    vec![
        transfer(1, "bob"),
        ExecuteMsg::SendNft {
            contract: some(),
            token_id: token_id.clone(),
            msg,
        },
        ExecuteMsg::Approve {
            spender: some(),
            token_id: token_id.clone(),
            expires,
        },
        ExecuteMsg::Revoke {
            spender: some(),
            token_id,
        },
        ExecuteMsg::ApproveAll {
            operator: some(),
            expires,
        },
        ExecuteMsg::RevokeAll { operator: some() },
        ExecuteMsg::Issue { rows: vec![] },
        ExecuteMsg::SealIssuance {},
        ExecuteMsg::SetOperator {
            key,
            operator: None,
        },
        ExecuteMsg::BindNode {
            key,
            public_key: Binary::default(),
            signature: Binary::default(),
        },
        ExecuteMsg::UnbindNode { key },
        ExecuteMsg::Split { factor },
        ExecuteMsg::CancelSplit {},
        ExecuteMsg::Announce { ids: vec![key] },
        list(1, 1),
        ExecuteMsg::Delist { id: key },
        buy("bob", 1, &[]),
        ExecuteMsg::ClaimFees {},
        ExecuteMsg::QueueParams { params: params() },
        ExecuteMsg::CancelParams {},
        ExecuteMsg::SetRole { role, account },
        ExecuteMsg::Pause {
            activity,
            seconds: 1,
        },
        ExecuteMsg::Resume { activity },
        ExecuteMsg::UpdateOwnership(action),
    ]
}

fn name(msg: &ExecuteMsg) -> String {
    let json = serde_json_value(msg);
    let rest = json.trim_start_matches("{\"");
    rest.split('"').next().unwrap().to_string()
}

fn serde_json_value(msg: &ExecuteMsg) -> String {
    String::from_utf8(cosmwasm_std::to_json_vec(msg).unwrap()).unwrap()
}

#[test]
fn permissions_are_as_agreed() {
    let table = every_message()
        .iter()
        .map(|msg| format!("{}: {:?}", name(msg), required_caller(msg)))
        .collect::<Vec<_>>();
    assert_eq!(
        table,
        [
            "transfer_nft: KeyMover",
            "send_nft: KeyMover",
            "approve: KeyApprover",
            "revoke: KeyApprover",
            "approve_all: Account",
            "revoke_all: Account",
            "issue: Minter",
            "seal_issuance: OwnerOrMinter",
            "set_operator: KeyOwner",
            "bind_node: KeyOperator",
            "unbind_node: KeyOwner",
            "split: Owner",
            "cancel_split: Owner",
            "announce: Anyone",
            "list: KeyOwner",
            "delist: Lister",
            "receive: Qst",
            "claim_fees: Anyone",
            "queue_params: Owner",
            "cancel_params: Owner",
            "set_role: Owner",
            "pause: OwnerOrGuardian",
            "resume: OwnerOrGuardian",
            "update_ownership: OwnershipParty",
        ]
    );
    assert_eq!(required_caller(&every_message()[0]), Caller::KeyMover);
}

#[test]
fn every_message_of_the_schema_is_in_the_table() {
    let schema = cosmwasm_schema::schema_for!(ExecuteMsg);
    let variants = schema.schema.subschemas.unwrap().one_of.unwrap();
    assert_eq!(variants.len(), every_message().len());
}

#[test]
fn x3_no_message_takes_coins() {
    for msg in every_message() {
        for coins in [
            coins(1, "untrn"),
            [coins(1, "untrn"), coins(2, "uusdc")].concat(),
        ] {
            let mut world = World::issued(1);
            let info = message_info(&who("alice"), &coins);
            let result =
                contract::execute(world.deps.as_mut(), world.env.clone(), info, msg.clone());
            let text = result.unwrap_err().to_string();
            assert!(text.starts_with("this message takes no coins"), "{text}");
        }
    }
    let mut world = World::empty();
    let info = message_info(&who("deployer"), &coins(1, "untrn"));
    let env = world.env.clone();
    let result = contract::instantiate(world.deps.as_mut(), env, info, instantiate_msg());
    assert!(result.is_err());
}

#[test]
fn x10_unknown_fields_are_refused_in_every_message() {
    for msg in every_message() {
        let json = serde_json_value(&msg);
        if matches!(msg, ExecuteMsg::Receive(_) | ExecuteMsg::UpdateOwnership(_)) {
            continue; // cw20's and cw-ownable's own types
        }
        let end = json.rfind("}}").unwrap();
        let comma = if json[..end].ends_with('{') { "" } else { "," };
        let more = format!("{}{comma}\"surprise\":1}}}}", &json[..end]);
        assert!(from_json::<ExecuteMsg>(&json).is_ok());
        assert!(from_json::<ExecuteMsg>(&more).is_err(), "{more}");
    }
}

#[test]
fn x16_namespaces_are_pairwise_different() {
    let shared = [0x80, 0x81, 0x82, 0x83, 0x84, 0x85];
    let all: Vec<u8> = NAMESPACES.into_iter().chain(shared).collect();
    let distinct: BTreeSet<u8> = all.iter().copied().collect();
    assert_eq!(distinct.len(), all.len());
    assert!(distinct.iter().all(|namespace| *namespace >= 0x80));
}

#[test]
fn x16_what_a_busy_registry_stores_is_in_known_namespaces() {
    let mut world = World::issued(3);
    world.list("alice", 1, 10);
    world.ok("alice", transfer(2, "bob"));
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    world.at_epoch(1);
    world.transfer("alice", 4, "carol");
    let apart: BTreeSet<&[u8]> = BUNDLE.parts.iter().copied().collect();
    let known: BTreeSet<u8> = NAMESPACES.into_iter().chain(0x80..=0x85).collect();
    for (key, _) in world.dump() {
        let named = ["contract_info", "ownership"];
        let named = named.iter().any(|name| key == name.as_bytes());
        assert!(named || known.contains(&key[0]), "{key:?}");
        assert!(!apart.contains(key.as_slice()), "{key:?} is in the bundle");
    }
}

/// What other contracts read, byte by byte.
#[test]
fn raw_records_are_frozen() {
    let mut world = World::new();
    world.issue("alice", 1);
    let hex = |key: &[u8]| {
        let value = world.deps.storage.get(key);
        value.map(|value| HexBinary::from(value).to_hex())
    };
    // The bundle: event 3 of one byte, no split, issued keys of six bytes: no past value, from
    // epoch 0, 1 key.
    assert_eq!(hex(&[0xef]).unwrap(), "01020006000000000001");
    // Generation 0, key 1: no past value, from epoch 0, the owner's canonical address with its
    // length, changes of hands 0.
    let alice = world.deps.api.addr_canonicalize_hex("alice");
    let expected = format!("0000{:02x}{alice}00", alice.len() / 2);
    assert_eq!(hex(&[0x83, 0, 0, 0, 0, 1]).unwrap(), expected);
    let operator = ExecuteMsg::SetOperator {
        key: KeyId(1),
        operator: Some(who("alice").into()),
    };
    world.ok("alice", operator);
    let record = world.deps.storage.get(&operator_key(KeyId(1))).unwrap();
    let expected = format!("{:02x}{alice}00000000", alice.len() / 2);
    assert_eq!(HexBinary::from(record).to_hex(), expected);
    assert_eq!(operator_key(KeyId(1)), [0x85, 0, 0, 0, 1]);
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    // Event 4; one split: from epoch 1, factor 2, 1 key, no grace; issued keys as before.
    let bundle = HexBinary::from(world.deps.storage.get(&[0xef]).unwrap());
    let expected = "01040f00010000000102000000010000000006000000000001";
    assert_eq!(bundle.to_hex(), expected);
    let store = BUNDLE.over(Local(&world.deps.storage));
    let lineage = SUPPLY.lineage(&store).unwrap();
    let span = HOLDERS.span_at(&store, &lineage, KeyId(2), Epoch(1));
    assert_eq!(span.unwrap().unwrap().from, Epoch(0));
}

/// Of few keys the gaps between them, of many all bits.
#[test]
fn a_page_of_an_owners_keys_is_stored_in_the_shorter_form() {
    let mut world = World::new();
    world.issue("alice", 1);
    world.issue("bob", 300);
    world.issue("alice", 1);
    let pages: Vec<Vec<u8>> = world
        .dump()
        .into_iter()
        .filter(|(key, _)| key[0] == OWNED)
        .map(|(_, page)| page)
        .collect();
    // Alice: no key before key 1, 300 between it and the next. Bob: a bit for each of 1,024 keys, as
    // a bitmap with its length.
    let (few, many) = (&pages[0], &pages[1]);
    assert_eq!(few[..], [0, 0, 172, 2]);
    assert_eq!((many[0], many.len()), (1, 1 + 4 + 128));
}

trait Canonical {
    fn addr_canonicalize_hex(&self, name: &str) -> String;
}

impl Canonical for MockApi {
    fn addr_canonicalize_hex(&self, name: &str) -> String {
        use cosmwasm_std::Api;
        let canonical = self.addr_canonicalize(who(name).as_str()).unwrap();
        HexBinary::from(canonical.as_slice()).to_hex()
    }
}
