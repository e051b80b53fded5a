//! What a client's key signs, byte by byte, and a signature made outside of this workspace's code.

use cosmwasm_std::{Binary, HexBinary};
use noderev_api::delegation::{link_bytes, ExecuteMsg};
use sha2::{Digest, Sha256};

use super::support::{account, contract, env_in, send};

#[test]
fn the_signed_bytes_are_frozen() {
    let bytes = link_bytes("chain-1", "contract", "me", "client/7", 258);
    let mut golden = b"noderev delegation link_client 1\n".to_vec();
    golden.extend(b"\x00\x07chain-1\x00\x08contract\x00\x02me\x00\x08client/7");
    golden.extend([0, 0, 0, 0, 0, 0, 1, 2]);
    assert_eq!(bytes, golden);
    // Where one part ends and the next begins is part of it.
    let shifted = link_bytes("chain-1", "contractm", "e", "client/7", 258);
    assert_ne!(bytes, shifted);
}

/// Bytes and hash were put together by a Python script from the README's words, and signed with
/// the key 07 07 ... 07.
#[test]
fn a_signature_of_a_known_key_links() {
    let hash = "95911bf6d713a88ad970940ab44dd881080516c7a5322fc4aea9a3f69946a46c";
    let signature = "4b37ab024965732cb125902431782e83264f28d2557686094cfe443ac8830044\
                     61b9cf4426b16fbd414467d9672109e2eaef978b68484de65da2500e2a1a2390";
    let public_key = "02989c0b76cb563971fdc9bef31ec06c3560f3249d6ee9e5d83c57625596e05f6f";
    let mut deps = contract();
    let this = env_in(1).contract.address;
    let bytes = link_bytes(
        "noderev-1",
        this.as_str(),
        account("alice").as_str(),
        "client/7",
        0,
    );
    assert_eq!(
        HexBinary::from(Sha256::digest(&bytes).to_vec()).to_hex(),
        hash
    );
    let hex = |text: &str| Binary::from(HexBinary::from_hex(text).unwrap().to_vec());
    let link = ExecuteMsg::LinkClient {
        client_id: "client/7".into(),
        public_key: hex(public_key),
        signature: hex(signature),
    };
    send(&mut deps, 1, "bob", link.clone()).unwrap_err();
    send(&mut deps, 1, "alice", link.clone()).unwrap();
    send(&mut deps, 1, "alice", link).unwrap_err();
}
