//! Contracts do the same as wasm as they do natively: every answer of every entry point, every
//! refusal, and at the end every stored byte.

use noderev_testing::{Network, QST};
use noderev_vm::replay::{Replayed, Watch};

const STAKE: u128 = 200_000 * QST;

fn replayed(mut network: Network, story: impl FnOnce(&mut Network)) -> Replayed {
    let watch = Watch::begin(&mut network).expect("the recorder takes the contracts' places");
    story(&mut network);
    match watch.replay(&network) {
        Ok(replayed) => replayed,
        Err(error) => panic!("{error:#}"),
    }
}

#[test]
fn the_way_of_money_from_revenue_to_claims() {
    let done = replayed(Network::builder().build(), |net| {
        net.issue(&[("alice", 2), ("bob", 1)]);
        for who in ["alice", "bob", "carol"] {
            net.mint_qst(who, 100 * STAKE);
        }
        net.stake_nodes("alice", &[1]);
        net.deposit_pool("carol", 3 * STAKE);
        net.deposit_revenue("customer", 0, 10_000, 2);
        net.deposit_revenue("customer", 1, 5_000, 1);
        net.finish_epoch(0, &net.all_ran(0));
        net.claim("alice");
        net.transfer("alice", "dave", 1);
        net.unbond_pool("carol", STAKE);
        net.finish_epoch(1, &net.all_but(1, &[3]));
        for who in ["alice", "bob", "carol", "dave", "treasury"] {
            net.claim(who);
        }
        assert!(net.try_claim_keys("alice", Some(&[1, 1])).is_err());
        assert!(net.try_claim_keys("alice", Some(&[9])).is_err());
        net.assert_invariants();
    });
    println!("{done:?}");
    assert!(done.messages > 20 && done.refused >= 2, "{done:?}");
}

#[test]
fn slots_are_paid_and_unused_ones_are_not_minted() {
    let done = replayed(Network::builder().build(), |net| {
        let delegation = net.found_delegation("dave", 40_000, 500);
        net.run_validators("dave", delegation, 1);
        net.stake_weight("erin", 5_000, Some(delegation));
        net.inject("giver", 7_000, 2);
        net.pass_epochs_until(4);
        net.claim_all_rewards("erin");
        net.claim_all_rewards("dave");
        net.assert_delegation_invariants();
    });
    println!("{done:?}");
    assert!(done.messages > 20, "{done:?}");
}
