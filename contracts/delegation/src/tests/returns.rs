//! How NFTs are given back.

use cosmwasm_std::to_json_binary;
use cw721::receiver::Cw721ReceiveMsg;
use noderev_api::delegation::{Collection, ExecuteMsg, Nft, NftHook};

use super::support::{account, contract, send, Deps};

/// The contract in epoch 10, with three NFTs of alice that can be withdrawn in epoch 11.
fn leaving() -> (Deps, [Nft; 3]) {
    let mut deps = contract();
    let collection = account("gold").into_string();
    let allow = ExecuteMsg::SetCollection {
        collection: Collection {
            collection: collection.clone(),
            weight: 5u128.into(),
            classes: vec![],
        },
    };
    send(&mut deps, 1, "owner", allow).unwrap();
    let nfts = ["1", "2", "3"].map(|token_id| Nft {
        collection: collection.clone(),
        token_id: token_id.into(),
    });
    for nft in &nfts {
        let stake = ExecuteMsg::ReceiveNft(Cw721ReceiveMsg {
            sender: account("alice").into_string(),
            token_id: nft.token_id.clone(),
            msg: to_json_binary(&NftHook::Stake { delegation: None }).unwrap(),
        });
        send(&mut deps, 9, "gold", stake).unwrap();
    }
    let unstake = ExecuteMsg::UnstakeNfts {
        nfts: nfts.to_vec(),
    };
    send(&mut deps, 10, "alice", unstake).unwrap();
    (deps, nfts)
}

#[test]
fn g14_one_nft_among_others_has_a_gas_limit_and_one_alone_has_none() {
    let (mut deps, nfts) = leaving();
    let mut limits = |nfts: &[Nft]| -> Vec<_> {
        let withdraw = ExecuteMsg::WithdrawNfts {
            nfts: nfts.to_vec(),
        };
        let response = send(&mut deps, 11, "alice", withdraw).unwrap();
        response.messages.iter().map(|it| it.gas_limit).collect()
    };
    assert_eq!(limits(&nfts[..2]), [Some(500_000); 2]);
    assert_eq!(limits(&nfts[2..]), [None]);
}
