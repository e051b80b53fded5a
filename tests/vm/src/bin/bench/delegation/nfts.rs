//! Staking NFTs, moving them and taking them back.

use cosmwasm_std::{to_json_binary, Addr};
use cw721_base::msg::ExecuteMsg as Cw721;
use noderev_api::delegation::{DelegationId, ExecuteMsg, Nft, NftHook, MAX_BATCH};
use noderev_testing::{Network, GOLD};

use super::Helpers;
use crate::subject::{probe, Subject};

/// Measures everything.
pub(super) fn measure(subject: &mut Subject<'_>, at: &Addr) {
    sending(subject, at);
    batches(subject, at);
    joining(subject, at);
    leaving(subject, at);
    strays(subject, at);
}

fn sending(subject: &mut Subject<'_>, at: &Addr) {
    subject.network.mint_nft_of("newcomer");
    subject.network.mint_nft_of("member-3");
    subject.follow();
    let collection = subject.network.collection(GOLD);
    for (name, sender, delegation) in [
        ("stake an NFT by SendNft, undelegated", "newcomer", None),
        ("stake an NFT by SendNft into an ID", "newcomer", Some(1)),
        ("stake one more NFT into the same ID", "member-3", Some(4)),
    ] {
        let hook = NftHook::Stake {
            delegation: delegation.map(DelegationId),
        };
        let send = Cw721::SendNft {
            contract: at.to_string(),
            token_id: format!("gold-{sender}"),
            msg: to_json_binary(&hook).expect("messages are JSON"),
        };
        subject.measure(&probe(name, 0, sender), &collection, &send);
    }
}

fn batches(subject: &mut Subject<'_>, at: &Addr) {
    let ids: Vec<String> = (0..MAX_BATCH).map(|id| format!("batch-{id}")).collect();
    for id in &ids {
        subject.network.mint_nft("collector", GOLD, id);
    }
    subject.network.approve_collection("collector", GOLD);
    subject.follow();
    for (name, count) in [
        ("stake 1 NFT into an ID, approved", 1),
        ("stake 30 NFTs into an ID, approved", MAX_BATCH),
    ] {
        let stake = ExecuteMsg::StakeNfts {
            collection: subject.network.collection(GOLD).into_string(),
            token_ids: ids[..count].to_vec(),
            delegation: Some(DelegationId(1)),
        };
        subject.measure(&probe(name, 0, "collector"), at, &stake);
    }
}

/// Somebody with a staked NFT in no delegation.
fn idle(network: &mut Network, name: &str) -> Nft {
    let nft = network.mint_nft_of(name);
    network.send_nft(name, GOLD, &nft.token_id, None);
    nft
}

fn move_to(nft: &Nft, delegation: u16) -> ExecuteMsg {
    ExecuteMsg::MoveNfts {
        nfts: vec![nft.clone()],
        delegation: Some(DelegationId(delegation)),
    }
}

fn joining(subject: &mut Subject<'_>, at: &Addr) {
    let nft = idle(&mut subject.network, "joiner");
    let other = idle(&mut subject.network, "other");
    subject.network.next_epoch_of();
    subject.follow();
    let first = probe("join with one NFT, first touch of the ID", 40_000, "joiner");
    subject.measure(&first, at, &move_to(&nft, 9));
    subject.network.move_nfts("other", &[other], Some(9));
    subject.follow();
    let later = probe("join with one NFT, ID touched before", 40_000, "joiner");
    subject.measure(&later, at, &move_to(&nft, 9));
    subject
        .network
        .move_nfts("joiner", std::slice::from_ref(&nft), Some(9));
    subject.network.next_epoch_of();
    subject.follow();
    let first = probe("move one NFT, first touch of both IDs", 40_000, "joiner");
    subject.measure(&first, at, &move_to(&nft, 19));
    touch(&mut subject.network, &[9, 19]);
    subject.follow();
    let later = probe("move one NFT, IDs touched before", 40_000, "joiner");
    subject.measure(&later, at, &move_to(&nft, 19));
}

/// Has somebody else join these delegations.
fn touch(network: &mut Network, delegations: &[u16]) {
    for delegation in delegations {
        let name = format!("toucher-{delegation}");
        let nft = network.mint_nft_of(&name);
        network.send_nft(&name, GOLD, &nft.token_id, Some(*delegation));
    }
}

fn leaving(subject: &mut Subject<'_>, at: &Addr) {
    subject.network.next_epoch_of();
    subject.follow();
    let nfts = vec![subject.network.nft(GOLD, "gold-joiner")];
    let out = ExecuteMsg::UnstakeNfts { nfts: nfts.clone() };
    subject.measure(&probe("unstake one NFT of an ID", 0, "joiner"), at, &out);
    subject.network.unstake_nfts("joiner", &nfts);
    subject.network.next_epoch_of();
    subject.follow();
    let back = ExecuteMsg::WithdrawNfts { nfts };
    subject.measure(&probe("withdraw one NFT", 0, "joiner"), at, &back);
}

fn strays(subject: &mut Subject<'_>, at: &Addr) {
    let nft = subject.network.mint_nft_of("stray");
    subject
        .network
        .transfer_nft("stray", GOLD, &nft.token_id, at.as_str());
    subject.follow();
    let to = subject.network.account("stray").into_string();
    let back = ExecuteMsg::ReturnStray { nft, to };
    subject.measure(&probe("return a stray NFT", 0, "owner"), at, &back);
}
