//! Chains with a clock end epochs by themselves: the end of a block closes what is due.

use noderev_components::Epoch;
use noderev_testing::{AppResponse, Network};

fn network() -> Network {
    let mut network = Network::builder().build();
    network.issue(&[("alice", 3)]);
    network
}

/// First epochs that are not closed, of the distributor and of the delegation contract.
fn next(network: &Network) -> (u32, u32) {
    let revenue = network.distributor().network().next_close;
    let mint = network.delegation().network().next_close;
    (revenue.0, mint.0)
}

fn did_nothing(told: &[AppResponse]) -> bool {
    let events = told.iter().flat_map(|response| &response.events);
    !events.into_iter().any(|event| event.ty.starts_with("wasm"))
}

#[test]
fn nothing_happens_before_it_is_due() {
    let mut network = network();
    assert!(did_nothing(&network.end_block()));
    network.advance_to(network.clock().end_of(Epoch(0)));
    assert!(did_nothing(&network.end_block()));
    assert_eq!(next(&network), (0, 0));
}

#[test]
fn the_end_of_a_block_closes_one_epoch_as_anybody_would() {
    let mut network = network();
    let mut other = self::network();
    for network in [&mut network, &mut other] {
        network.deposit_revenue("payer", 0, 1_000_000_007, 1);
        network.report_all(0, &network.all_but(0, &[2]));
        network.wait_until_due(0);
        network.wait_until_advance(0);
    }
    network.end_block();
    other.close_epoch("anybody", 0);
    other.advance(0);
    assert_eq!(next(&network), (1, 1));
    let told = |network: &Network| network.distributor().epochs(None, None).epochs;
    assert_eq!(told(&network), told(&other));
    network.assert_invariants();
    assert!(did_nothing(&network.end_block()));
}

#[test]
fn after_a_standstill_blocks_make_up_for_epoch_after_epoch() {
    let mut network = network();
    network.advance_to(network.clock().end_of(Epoch(3)));
    for epoch in 0..3 {
        // Reports may be made up for first, as always.
        network.wait_until_due(epoch);
        network.wait_until_advance(epoch);
        network.end_block();
        assert_eq!(next(&network), (epoch + 1, epoch + 1));
    }
}

#[test]
fn totals_are_written_when_no_epoch_is_due() {
    let mut network = network();
    for epoch in 0..=32 {
        network.finish_epoch(epoch, &network.all_ran(epoch));
    }
    let due = |network: &Network| {
        let due = network.distributor().due().now;
        due.into_iter()
            .map(|action| action.action)
            .collect::<Vec<_>>()
    };
    assert_eq!(due(&network), ["roll"]);
    network.end_block();
    assert_eq!(due(&network), [""; 0]);
    assert!(did_nothing(&network.end_block()[..1]));
}

#[test]
fn a_minting_token_that_refuses_does_not_stop_the_clock() {
    let mut network = Network::builder().reward_cap(1).build();
    network.stake_weight("alice", 100_000, None);
    network.next_epoch();
    network.create_delegation("alice", 0);
    network.run_validators("alice", 1, 5);
    network.pass_epochs_until(2);
    network.report_all_eligible(2);
    network.wait_until_advance(2);
    let told = network.end_block();
    assert!(!did_nothing(&told[1..]));
    assert_eq!(network.delegation().network().next_close, Epoch(3));
    assert!(network.delegation().network().mint_owed.u128() > 0);
}
