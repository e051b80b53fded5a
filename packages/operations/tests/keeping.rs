//! What a keeper sees, on an embedded chain.

#![allow(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod embedded;

use embedded::Chain;
use noderev_operations::keeper::{due, Action};
use noderev_testing::Network;

/// Keys that the keeper settles, by transaction.
fn settled(chain: &Chain, account: &str) -> Vec<Vec<u32>> {
    let due = due(&chain.contracts, &[account.to_owned()]).unwrap();
    let tasks = due.tasks.into_iter();
    let keys = tasks.filter_map(|task| match task.action {
        Action::Settle { keys, .. } => Some(keys.into_iter().map(|key| key.0).collect()),
        _ => None,
    });
    keys.collect()
}

#[test]
fn a_keeper_settles_what_has_earned_something_and_nothing_else() {
    let chain = Chain::begin(Network::builder());
    let alice = chain.account("alice");
    chain.with(|network| {
        network.issue(&[("alice", 45), ("bob", 1)]);
        let ran = network.all_ran(0);
        network.finish_epoch(0, &ran);
    });
    assert!(settled(&chain, &alice).is_empty(), "nothing was earned");
    chain.with(|network| {
        network.deposit_revenue("customer", 0, 460_000, 1);
        let ran = network.all_but(1, &[41, 42, 43, 44, 45]);
        network.finish_epoch(1, &ran);
    });
    let first: Vec<u32> = (1..=30).collect();
    assert_eq!(settled(&chain, &alice), [first, (31..=40).collect()]);
    let tasks = due(&chain.contracts, std::slice::from_ref(&alice))
        .unwrap()
        .tasks;
    for task in tasks {
        if let Action::Settle { .. } = task.action {
            let message = task.action.message(&chain.contracts, vec![]).unwrap();
            chain.send("bob", vec![message]);
        }
    }
    assert!(settled(&chain, &alice).is_empty(), "all is settled");
}
