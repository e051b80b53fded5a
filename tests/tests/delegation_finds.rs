//! What the random acts have found in the delegation contract, each as its shortest story.

use noderev_testing::{Network, GOLD};
use noderev_tests::ext::{assert_changes_nothing, assert_refused_with, dump};

/// Who stakes with `stake_nfts` lets the contract move all his NFTs: the contract's owner must not
/// be able to have it do that.
#[test]
fn x14_return_stray_moves_no_nft_that_is_still_its_owners() {
    let mut net = Network::builder().build();
    net.mint_nft("alice", GOLD, "1");
    net.approve_collection("alice", GOLD);
    let nft = net.nft(GOLD, "1");
    let before = dump(&net);
    assert_refused_with(net.try_return_stray(&nft, "attacker"), "belongs to");
    assert!(
        before == dump(&net),
        "a refused message has changed storage"
    );
    assert_eq!(net.nft_owner(&nft), net.account("alice"));
    // What came by a plain transfer can still be given back.
    let contract = net.addresses().delegation.to_string();
    net.transfer_nft("alice", GOLD, "1", &contract);
    net.return_stray(&nft, "alice");
    assert_eq!(net.nft_owner(&nft), net.account("alice"));
}

/// A dormant delegation has no slots, so it may hold two validators, not more.
#[test]
fn g8_a_dormant_delegation_takes_no_more_than_two_validators() {
    let mut net = Network::builder().build();
    net.found_delegation("alice", 60_000, 0);
    net.next_epoch();
    let own = net.delegation().all_nfts("alice");
    let nfts: Vec<_> = own.into_iter().map(|info| info.nft).collect();
    net.stake_weight("bob", 40_000, Some(1));
    net.move_nfts("alice", &nfts, None);
    let short = net.now_epoch().0 + 1;
    net.run_validators("alice", 1, 2);
    net.to_epoch(short + 6);
    assert_eq!(net.delegation().delegation(1).max_validators, 2);
    net.register_validator("alice", "third");
    let why = "delegation 1 holds 2 validators, with 0 slots it can hold 2";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("alice", 3, Some(1))
    });
}
