//! Closing epochs: in order, bounded, each with its own facts.

use noderev_testing::{Network, QST};
use noderev_tests::ext::{assert_changes_nothing, assert_refused, claimable, finish};

const STAKE: u128 = 200_000 * QST;

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 2), ("bob", 1)]);
    for who in ["alice", "bob", "carol"] {
        net.mint_qst(who, 100 * STAKE);
    }
    net
}

#[test]
fn d21_epochs_close_in_order_once_and_when_due() {
    let mut net = network();
    let ends = net.clock().end_of(noderev_components::Epoch(0));
    let why = format!("epoch 0 is not due: it runs until {ends} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_close_epoch("anybody", 0));
    let why = "epoch 0 must be closed next, not 1";
    assert_changes_nothing(&mut net, why, |net| net.try_close_epoch("anybody", 1));
    net.to_epoch(2);
    assert_refused(net.try_close_epoch("anybody", 1), why);
    net.close_when_due(0);
    let why = "epoch 1 must be closed next, not 0";
    assert_changes_nothing(&mut net, why, |net| net.try_close_epoch("anybody", 0));
    // The window of epoch 1 runs from the close of epoch 0.
    let until = net.now().seconds() + 6 * 3_600;
    let why = format!("epoch 1 is not due: attesters report until {until} (Unix seconds)");
    assert_refused(net.try_close_epoch("anybody", 1), &why);
}

#[test]
fn d21_disputes_are_waited_for_and_partial_quorums_too() {
    let mut net = network();
    net.to_epoch(1);
    let ran = net.all_ran(0);
    for attester in net.attesters().to_vec() {
        net.report(&attester, 0, &ran);
    }
    let until = net.now().seconds() + 12 * 3_600;
    let why =
        format!("epoch 0 is not due: the result can be disputed until {until} (Unix seconds)");
    assert_refused(net.try_close_epoch("anybody", 0), &why);
    net.advance_to(until - 1);
    assert_refused(net.try_close_epoch("anybody", 0), &why);
    net.advance_to(until);
    net.close_epoch("anybody", 0);
}

#[test]
fn d22_a_node_off_and_on_again_is_counted_once() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    finish(&mut net, 0, &[]);
    net.unstake_nodes("alice", &[1]);
    net.stake_nodes("alice", &[1]);
    net.unstake_nodes("alice", &[1]);
    net.deposit_revenue("customer", 0, 5_000, 1);
    finish(&mut net, 1, &[]);
    let last = net.distributor().network().last.unwrap();
    assert_eq!((last.running, last.held, last.unstaked), (3, 0, 2));
    // p = 1,000, d = 300, T = 1,400, r = 466, carry 2.
    assert_eq!(claimable(&net, "alice", 0), 1_466 + 766);
    assert_eq!(claimable(&net, "bob", 0), 766);
    finish(&mut net, 2, &[]);
    assert_eq!(net.distributor().network().last.unwrap().unstaked, 3);
}

#[test]
fn d9_the_order_of_stake_close_and_claim_within_a_block_changes_nothing() {
    let orders: [[usize; 3]; 6] = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    let mut ends = vec![];
    for order in orders {
        let mut net = network();
        net.deposit_pool("carol", STAKE);
        net.deposit_revenue("customer", 0, 3 * 1_000_001, 3);
        finish(&mut net, 0, &[]);
        net.to_epoch(2);
        let ran = net.all_ran(1);
        net.report_all(1, &ran);
        net.wait_until_due(1);
        for step in order {
            match step {
                0 => drop((
                    net.deposit_pool("carol", STAKE),
                    net.stake_nodes("bob", &[3]),
                )),
                1 => drop(net.close_epoch("keeper", 1)),
                _ => drop((net.claim_all("carol"), net.claim_all("bob"))),
            }
        }
        finish(&mut net, 2, &[]);
        for who in ["alice", "bob", "carol"] {
            net.claim_all(who);
        }
        net.assert_invariants();
        ends.push(["alice", "bob", "carol"].map(|who| net.balances(who)[0]));
    }
    assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?}");
}

#[test]
fn a_late_epoch_uses_its_own_stakes_and_owners() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", STAKE);
    net.to_epoch(1);
    let ran = net.all_ran(0);
    net.report_all(0, &ran);
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.to_epoch(2);
    let ran = net.all_ran(1);
    for attester in net.attesters().to_vec() {
        net.report(&attester, 1, &ran);
    }
    // Everybody leaves and sells before epoch 1 is closed.
    net.unbond_pool("carol", STAKE);
    net.transfer("alice", "dave", 1);
    net.transfer("bob", "dave", 3);
    net.to_epoch(9);
    net.close_when_due(0);
    net.close_when_due(1);
    let last = net.distributor().network().last.unwrap();
    assert_eq!(
        (last.running, last.unstaked, last.pool_stake.u128()),
        (3, 2, STAKE)
    );
    // p = 1,000, d = 300, T = 1,400, half funded: pool 700, r = 233, carry 1.
    assert_eq!(claimable(&net, "alice", 0), 1_233 + 533);
    assert_eq!(claimable(&net, "bob", 0), 533);
    assert_eq!(claimable(&net, "carol", 0), 700);
    assert_eq!(claimable(&net, "dave", 0), 0);
    net.assert_invariants();
}

#[test]
fn l6_what_a_close_carries_joins_the_next_pot() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 2, 1);
    finish(&mut net, 0, &[]);
    // ceil(1.2) = 2 for three nodes: nothing divides.
    let money = &net.distributor().network().last.unwrap().money[0];
    assert_eq!((money.per_node.u128(), money.carry_out.u128()), (0, 2));
    net.deposit_revenue("customer", 0, 1, 1);
    finish(&mut net, 1, &[]);
    let money = &net.distributor().network().last.unwrap().money[0];
    assert_eq!(
        (
            money.carry_in.u128(),
            money.pot.u128(),
            money.per_node.u128()
        ),
        (2, 3, 1)
    );
    assert_eq!(claimable(&net, "bob", 0), 1);
}

#[test]
fn l2_a_long_outage_is_made_up_one_call_an_epoch() {
    let mut net = network();
    net.to_epoch(50);
    for epoch in 0..50 {
        net.close_when_due(epoch);
    }
    assert_eq!(net.distributor().network().next_close.0, 50);
}

#[test]
fn an_epoch_without_any_key_goes_by() {
    let mut net = Network::builder().build();
    net.deposit_revenue("customer", 0, 100, 1);
    finish(&mut net, 0, &[]);
    let last = net.distributor().network().last.unwrap();
    assert_eq!((last.keys, last.running), (0, 0));
    assert_eq!(last.money[0].drip_out.u128(), 60);
    net.assert_invariants();
}

#[test]
fn l5_revenue_and_a_running_node_are_enough_for_somebody_to_be_paid() {
    for (nodes, down) in [(1, &[][..]), (3, &[1, 2][..])] {
        let mut net = Network::builder().build();
        net.issue(&[("alice", nodes)]);
        net.deposit_revenue("customer", 0, 100, 1);
        finish(&mut net, 0, down);
        assert_eq!(claimable(&net, "alice", 0), 60);
    }
}

#[test]
fn l6_a_drip_ends() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 100, 1);
    finish(&mut net, 0, &[1, 2, 3]);
    // 60, then ceil(1/30) of what is left: 2, 2, ... while more than 30 are left, then 1 a close.
    let mut moved = 0;
    for epoch in 1..=46 {
        finish(&mut net, epoch, &[]);
        moved += net.distributor().network().last.unwrap().money[0]
            .drip_in
            .u128();
    }
    assert_eq!(moved, 60);
}
