use crate::{Currency, Network, Panicked, QST};

#[test]
fn a_day_in_the_life_of_a_network() {
    let mut network = Network::builder()
        .currencies(vec![Currency::native("uusdc", "USDC"), Currency::qst()])
        .build();
    network.issue(&[("alice", 2), ("bob", 1)]);
    network.mint_qst("alice", 200_000 * QST);
    network.stake_nodes("alice", &[1]);
    network.deposit_revenue("customer", 0, 10_000, 1);
    network.finish_epoch(0, &network.all_ran(0));
    network.claim_all("alice");
    network.assert_invariants();
    // 6,000 for three nodes: none is staked yet, the pool is empty, everything goes back to them.
    assert_eq!(network.balances("alice"), [4_000, 0]);
    let refused = network.try_claim_keys("bob", Some(&[99])).unwrap_err();
    assert!(!refused.is::<Panicked>(), "{refused:#}");
}
