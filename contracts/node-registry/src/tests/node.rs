use super::*;
use k256::ecdsa::signature::hazmat::PrehashSigner;
use sha2::{Digest, Sha256};

fn text(world: &World, key: u32, owner: &str) -> String {
    let (chain, registry, owner) = (&world.env.block.chain_id, who("registry"), who(owner));
    format!("noderev bind node v1\n{chain}\n{registry}\n{key}\n{owner}")
}

/// Public key and signature of a secp256k1 node.
fn secp256k1(seed: u8, text: &str) -> (Vec<u8>, Vec<u8>) {
    let signer = k256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
    let signature: k256::ecdsa::Signature = signer.sign_prehash(&Sha256::digest(text)).unwrap();
    let public_key = signer.verifying_key().to_encoded_point(true);
    (public_key.as_bytes().to_vec(), signature.to_vec())
}

/// Public key and signature of an ed25519 node.
fn ed25519(seed: u8, text: &str) -> (Vec<u8>, Vec<u8>) {
    let signer = ed25519_zebra::SigningKey::from([seed; 32]);
    let signature: [u8; 64] = signer.sign(&Sha256::digest(text)).into();
    let public_key: [u8; 32] = ed25519_zebra::VerificationKey::from(&signer).into();
    (public_key.to_vec(), signature.to_vec())
}

fn bind(key: u32, (public_key, signature): (Vec<u8>, Vec<u8>)) -> ExecuteMsg {
    ExecuteMsg::BindNode {
        key: KeyId(key),
        public_key: public_key.into(),
        signature: signature.into(),
    }
}

fn unbind(key: u32) -> ExecuteMsg {
    ExecuteMsg::UnbindNode { key: KeyId(key) }
}

fn operator(key: u32, operator: Option<&str>) -> ExecuteMsg {
    ExecuteMsg::SetOperator {
        key: KeyId(key),
        operator: operator.map(|name| who(name).into()),
    }
}

fn bound(world: &World, public_key: &[u8]) -> Option<u32> {
    let public_key = public_key.into();
    let key: Option<KeyId> = world.query(QueryMsg::BoundKey { public_key });
    key.map(|key| key.0)
}

fn view(world: &World, key: u32) -> KeyResponse {
    world.query(QueryMsg::Key { id: KeyId(key) })
}

#[test]
fn a_node_is_bound_by_its_own_signature() {
    let mut world = World::issued(2);
    for (key, proof) in [
        (1, secp256k1(7, &text(&world, 1, "alice"))),
        (2, ed25519(7, &text(&world, 2, "alice"))),
    ] {
        let public_key = proof.0.clone();
        let response = world.ok("alice", bind(key, proof));
        let hex = cosmwasm_std::HexBinary::from(public_key.as_slice()).to_hex();
        assert_eq!(attribute(event(&response, "node_bound"), "public_key"), hex);
        assert_eq!(bound(&world, &public_key), Some(key));
        assert_eq!(
            view(&world, key).public_key,
            Some(public_key.clone().into())
        );
        world.ok("alice", unbind(key));
        assert_eq!(bound(&world, &public_key), None);
        let text = format!("key {key} has no bound node");
        world.refused("alice", unbind(key), &text);
    }
}

#[test]
fn a_signature_for_something_else_proves_nothing() {
    let mut world = World::issued(2);
    let right = text(&world, 1, "alice");
    let wrongs = [
        text(&world, 2, "alice"),
        text(&world, 1, "bob"),
        right.replace(&world.env.block.chain_id, "other-1"),
        right.replace(who("registry").as_str(), who("vault").as_str()),
        right.replace("bind", "free"),
    ];
    let refusal =
        format!("the signature does not prove the public key for key 1: sign SHA-256 of {right:?}");
    for wrong in &wrongs {
        world.refused("alice", bind(1, secp256k1(7, wrong)), &refusal);
        world.refused("alice", bind(1, ed25519(7, wrong)), &refusal);
    }
    let (public_key, signature) = secp256k1(7, &right);
    let short = signature[..63].to_vec();
    world.refused("alice", bind(1, (public_key.clone(), short)), &refusal);
    world.refused("alice", bind(1, (vec![9; 33], signature.clone())), &refusal);
    let (other, _) = secp256k1(8, &right);
    world.refused("alice", bind(1, (other, signature.clone())), &refusal);
    for len in [0, 31, 34, 65] {
        let text =
            format!("a public key of {len} bytes: give 33 (compressed secp256k1) or 32 (ed25519)");
        world.refused("alice", bind(1, (vec![2; len], signature.clone())), &text);
    }
    world.ok("alice", bind(1, (public_key, signature)));
}

#[test]
fn r10_a_public_key_is_bound_to_one_key_at_a_time() {
    let mut world = World::issued(3);
    let node = secp256k1(7, &text(&world, 1, "alice"));
    let public_key = node.0.clone();
    world.ok("alice", bind(1, node.clone()));
    world.ok("alice", bind(1, node));
    let again = secp256k1(7, &text(&world, 2, "alice"));
    let taken = "this public key is bound to key 1: unbind it there first";
    world.refused("alice", bind(2, again.clone()), taken);
    // Another node for key 1 frees the first.
    let second = secp256k1(8, &text(&world, 1, "alice"));
    world.ok("alice", bind(1, second.clone()));
    assert_eq!(
        (bound(&world, &public_key), bound(&world, &second.0)),
        (None, Some(1))
    );
    world.ok("alice", bind(2, again));
    assert_eq!(bound(&world, &public_key), Some(2));
}

#[test]
fn r10_a_sale_frees_the_binding_and_it_does_not_come_back() {
    let mut world = World::issued(2);
    let node = secp256k1(7, &text(&world, 1, "alice"));
    let public_key = node.0.clone();
    let node_id = view(&world, 1).node_id;
    world.ok("alice", bind(1, node));
    world.transfer("alice", 1, "bob");
    assert_eq!(view(&world, 1).public_key, None);
    assert_eq!(bound(&world, &public_key), None);
    assert_eq!(view(&world, 1).node_id, node_id);
    // The old owner uses his node for another key, the new owner binds his own.
    let moved = secp256k1(7, &text(&world, 2, "alice"));
    world.ok("alice", bind(2, moved));
    let new = secp256k1(9, &text(&world, 1, "bob"));
    world.ok("bob", bind(1, new.clone()));
    assert_eq!(
        (bound(&world, &public_key), bound(&world, &new.0)),
        (Some(2), Some(1))
    );
    world.transfer("bob", 1, "alice");
    assert_eq!(view(&world, 1).public_key, None);
}

#[test]
fn an_operator_binds_and_nothing_else_until_the_key_changes_hands() {
    let mut world = World::issued(2);
    let response = world.ok("alice", operator(1, Some("carol")));
    let set = event(&response, "operator_set");
    assert_eq!(attribute(set, "operator"), who("carol").as_str());
    assert_eq!(view(&world, 1).operator, Some(who("carol")));
    world.ok("carol", bind(1, secp256k1(7, &text(&world, 1, "alice"))));
    let only_owner = |sender| {
        let (alice, sender) = (who("alice"), who(sender));
        format!("key 1 belongs to {alice}: only the owner may do this, {sender} is not")
    };
    // R5: bind and appeal, nothing else.
    world.refused("carol", unbind(1), &only_owner("carol"));
    world.ok("alice", unbind(1));
    world.refused("carol", operator(1, Some("dave")), &only_owner("carol"));
    world.refused("carol", list(1, 10), &only_owner("carol"));
    let text = format!(
        "key 1 belongs to {}: {} has no approval to move it, or it has expired",
        who("alice"),
        who("carol")
    );
    world.refused("carol", transfer(1, "carol"), &text);
    let neither = |key: u32, owner| {
        let (owner, carol) = (who(owner), who("carol"));
        format!("key {key} belongs to {owner}: only the owner or the key's operator may do this, {carol} is neither")
    };
    let node = || secp256k1(7, "whatever");
    world.refused("carol", bind(2, node()), &neither(2, "alice"));
    world.transfer("alice", 1, "bob");
    assert_eq!(view(&world, 1).operator, None);
    world.refused("carol", bind(1, node()), &neither(1, "bob"));
    world.transfer("bob", 1, "alice");
    assert_eq!(view(&world, 1).operator, None);
    world.ok("alice", operator(1, Some("carol")));
    world.ok("alice", operator(1, None));
    assert_eq!(view(&world, 1).operator, None);
}

#[test]
fn a_binding_stays_with_the_parent_of_a_split() {
    let mut world = World::issued(2);
    let node = ed25519(7, &text(&world, 2, "alice"));
    let public_key = node.0.clone();
    world.ok("alice", bind(2, node));
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    world.at_epoch(1);
    assert_eq!(bound(&world, &public_key), Some(2));
    assert_eq!(view(&world, 4).public_key, None);
}

#[test]
fn node_ids_are_derived_and_different() {
    let world = World::issued(2);
    let (first, second) = (view(&world, 1).node_id, view(&world, 2).node_id);
    assert_ne!(first, second);
    let text = format!(
        "noderev node v1\n{}\n{}\n1",
        world.env.block.chain_id,
        who("registry")
    );
    let digest = cosmwasm_std::HexBinary::from(&Sha256::digest(text)[..]).to_hex();
    assert_eq!(first, digest[..32]);
}

#[test]
fn a_node_id_outlives_a_new_chain_id_and_signatures_do_not() {
    let mut world = World::issued(1);
    let before = view(&world, 1).node_id;
    let signed = secp256k1(7, &text(&world, 1, "alice"));
    world.env.block.chain_id = "forked-2".to_string();
    assert_eq!(view(&world, 1).node_id, before);
    let nft: cw721::msg::NftInfoResponse<noderev_api::registry::NodeInfo> =
        world.query(QueryMsg::NftInfo {
            token_id: "1".to_string(),
        });
    assert_eq!(nft.extension.node_id, before);
    assert!(world.send("alice", bind(1, signed)).is_err());
    let signed = secp256k1(7, &text(&world, 1, "alice"));
    world.ok("alice", bind(1, signed));
}
