//! Appeals, challenges, rulings, and where the money goes.

use noderev_api::distributor::{DisputeOutcome, ExecuteMsg, Reason};
use noderev_components::{Epoch, KeyId};
use noderev_testing::{Network, QST};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, claimable, claimed, events, finish,
};

const STAKE: u128 = 200_000 * QST;
const BOND: u128 = 1_000 * QST;
const DAY: u64 = 86_400;

/// Four keys: 1 staked (alice), 2 and 3 unstaked (alice, bob), 4 unstaked (bob). The pool holds
/// half of what three unstaked nodes need. Epoch 1 has 10,000 gross: a pot of 6,000.
fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 2), ("bob", 2)]);
    for who in ["alice", "bob", "carol", "dave"] {
        net.mint_qst(who, 10 * STAKE);
    }
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", 3 * STAKE / 2);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 10_000, 1);
    net
}

/// Reports on epoch 1: these keys are down.
fn report(net: &mut Network, down: &[u32]) {
    net.to_epoch(2);
    let ran = net.all_but(1, down);
    net.report_all(1, &ran);
}

fn carry(net: &Network) -> u128 {
    let books = &net.distributor().solvency().denoms[0];
    noderev_tests::checks::bucket(books, "carry")
}

fn held(net: &Network) -> u128 {
    let books = &net.distributor().solvency().denoms[0];
    noderev_tests::checks::bucket(books, "held")
}

#[test]
fn an_upheld_appeal_of_a_staked_key_pays_it_in_full() {
    let mut net = network();
    report(&mut net, &[1]);
    net.appeal("alice", 1, &[1]);
    net.close_when_due(1);
    // N = 4 (one held), U = 3, S = 1.5 STAKE of 3: p = 1,500, d = 450, T = 3,150,
    // pool = 1,575, r = floor(1,575 / 4) = 393, carry 3. Set aside: p + r = 1,893.
    let last = net.distributor().network().last.unwrap();
    assert_eq!((last.running, last.held, last.unstaked), (4, 1, 3));
    assert_eq!((held(&net), carry(&net)), (1_893, 3));
    assert_eq!(claimable(&net, "alice", 0), 450 + 393);
    assert_eq!(net.distributor().explain(1, 1).reason, Reason::Held);
    net.rule(1, &[1], true);
    assert_eq!(claimable(&net, "alice", 0), 450 + 393 + 1_893);
    assert_eq!((held(&net), carry(&net)), (0, 3));
    // The bond comes back.
    assert_eq!(claimed(&mut net, "alice", 1), BOND);
    net.assert_invariants();
}

#[test]
fn an_upheld_appeal_of_an_unstaked_key_pays_its_part_and_the_pools() {
    let mut net = network();
    report(&mut net, &[3]);
    net.appeal("bob", 1, &[3]);
    net.close_when_due(1);
    // U = 2, the pool holds 1.5 of 2: p = 1,500, d = 450, T = 2,100, pool = 1,575,
    // r = floor(525 / 4) = 131, carry 1. Set aside 1,631.
    assert_eq!((held(&net), carry(&net)), (1_631, 1));
    net.rule(1, &[3], true);
    // d + r = 581 to bob. With his key 3 unstaked nodes, for which the pool holds 1.5 of 3:
    // floor(1,050 / 2) = 525 to its next share; 525 to the pot.
    assert_eq!(claimable(&net, "bob", 0), 581 + 581);
    assert_eq!((held(&net), carry(&net)), (0, 1 + 525));
    let before = claimable(&net, "carol", 0);
    assert_eq!(before, 1_575);
    finish(&mut net, 2, &[]);
    // The carry of 526: p = 131, d = 39, T = 3 * 92 = 276, pool = 138; with it the 525.
    // All but a fraction of a unit, which is kept.
    assert!(before + 138 + 525 - claimable(&net, "carol", 0) <= 1);
    net.assert_invariants();
}

#[test]
fn a_rejected_appeal_costs_the_bond() {
    let mut net = network();
    report(&mut net, &[1]);
    net.appeal("alice", 1, &[1]);
    net.close_when_due(1);
    net.rule(1, &[1], false);
    assert_eq!((held(&net), carry(&net)), (0, 3 + 1_893));
    assert_eq!(claimable(&net, "alice", 1), 0);
    assert_eq!(claimed(&mut net, "treasury", 1), BOND);
    net.assert_invariants();
}

#[test]
fn an_upheld_challenge_earns_a_tenth() {
    let mut net = network();
    report(&mut net, &[]);
    net.challenge("dave", 1, &[1]);
    net.close_when_due(1);
    assert_eq!(held(&net), 1_893);
    net.rule(1, &[1], true);
    // floor(189.3).
    assert_eq!(claimable(&net, "dave", 0), 189);
    assert_eq!(claimable(&net, "dave", 1), BOND);
    assert_eq!((held(&net), carry(&net)), (0, 3 + 1_893 - 189));
    assert_eq!(claimable(&net, "alice", 0), 450 + 393);
    net.assert_invariants();
}

#[test]
fn a_rejected_challenge_pays_the_key_and_its_owner_the_bond() {
    let mut net = network();
    report(&mut net, &[]);
    net.challenge("dave", 1, &[1, 4]);
    // Sold meanwhile: the reward and the bond are whose it was at the end of epoch 1.
    net.transfer("bob", "carol", 4);
    net.close_when_due(1);
    net.rule(1, &[1, 4], false);
    assert_eq!(claimable(&net, "dave", 1), 0);
    assert_eq!(claimable(&net, "alice", 1), BOND);
    assert_eq!(claimable(&net, "bob", 1), BOND);
    // U = 2 and two held: p = 1,500, d = 450, T = 2,100, pool 1,575, r = 131.
    assert_eq!(claimable(&net, "alice", 0), 581 + 1_631);
    assert_eq!(claimable(&net, "bob", 0), 581 + 581);
    // And so it is explained.
    let told = [1, 4].map(|key| net.distributor().explain(key, 1).amounts[0].amount.u128());
    assert_eq!(told, [1_631, 581]);
    net.assert_invariants();
}

#[test]
fn without_a_ruling_the_attesters_result_stands_and_the_bond_comes_back() {
    let mut net = network();
    report(&mut net, &[3]);
    net.appeal("bob", 1, &[3]);
    net.challenge("dave", 1, &[1]);
    net.close_when_due(1);
    let deadline = net.now().seconds() + 3 * DAY;
    let why = format!("the arbiter may rule on epoch 1 until {deadline} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_resolve("keeper", 1, &[1, 3]));
    net.advance_to(deadline - 1);
    assert_refused(net.try_resolve("keeper", 1, &[1]), &why);
    net.advance_seconds(1);
    let why = format!("the time to rule on epoch 1 ended at {deadline} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_rule(1, &[1], true));
    let before = carry(&net);
    net.resolve("keeper", 1, &[1, 3]);
    assert_eq!(claimable(&net, "bob", 1), BOND);
    assert_eq!(claimable(&net, "dave", 1), BOND);
    // N = 4, U = 2 (keys 2, 4), as above: aside 1,631 each; key 1 is paid, key 3's joins the pot.
    assert_eq!(claimable(&net, "alice", 0), 581 + 1_631);
    assert_eq!(carry(&net) - before, 1_631);
    let outcomes = net.distributor().disputes(1, None, None).disputes;
    assert!(outcomes
        .iter()
        .all(|it| it.outcome == DisputeOutcome::NoRuling));
    net.assert_invariants();
}

#[test]
fn a_dispute_without_a_ruling_is_due_until_all_its_keys_are_resolved() {
    let mut net = network();
    report(&mut net, &[]);
    net.challenge("dave", 1, &[1, 2]);
    net.close_when_due(1);
    let due = |net: &Network| {
        let due = net.distributor().due().now.into_iter();
        let due = due.filter(|it| it.action == "resolve");
        due.map(|it| it.epoch.unwrap().0).collect::<Vec<_>>()
    };
    net.advance_seconds(3 * DAY - 1);
    assert_eq!(due(&net), [0; 0]);
    net.advance_seconds(1);
    assert_eq!(due(&net), [1]);
    net.resolve("keeper", 1, &[2]);
    assert_eq!(due(&net), [1]);
    net.resolve("keeper", 1, &[1]);
    assert_eq!(due(&net), [0; 0]);
}

#[test]
fn only_the_payee_or_his_operator_appeals_and_for_the_bond() {
    let mut net = network();
    net.set_operator("bob", 3, Some("ops"));
    net.mint_qst("ops", 10 * BOND);
    report(&mut net, &[3, 4]);
    net.transfer("bob", "carol", 4);
    let why = "only the owner of key 4 at the end of epoch 1, or its operator, may appeal";
    assert_changes_nothing(&mut net, why, |net| net.try_appeal("carol", 1, &[4]));
    let why = "only the owner of key 3 at the end of epoch 1, or its operator, may appeal";
    assert_changes_nothing(&mut net, why, |net| net.try_appeal("dave", 1, &[3]));
    let msg = noderev_api::distributor::ReceiveMsg::Appeal {
        epoch: Epoch(1),
        keys: vec![KeyId(3)],
    };
    for sent in [BOND - 1, BOND + 1, 2 * BOND] {
        let why = format!("the bond for 1 keys is {BOND} QST units, {sent} came");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_send_distributor("bob", sent, &msg)
        });
    }
    net.appeal("ops", 1, &[3]);
    net.appeal("bob", 1, &[4]);
    let why = "key 3 is already disputed for epoch 1";
    assert_changes_nothing(&mut net, why, |net| net.try_appeal("bob", 1, &[3]));
    net.assert_invariants();
}

#[test]
fn what_was_judged_otherwise_cannot_be_disputed_so() {
    let mut net = network();
    report(&mut net, &[3]);
    let why = "key 4 was judged running: it can be challenged, not appealed for";
    assert_changes_nothing(&mut net, why, |net| net.try_appeal("bob", 1, &[4]));
    let why = "key 3 was judged not running: it can be appealed for, not challenged";
    assert_changes_nothing(&mut net, why, |net| net.try_challenge("dave", 1, &[3]));
    let why = "there is no key 9: 4 keys exist";
    assert_changes_nothing(&mut net, why, |net| net.try_challenge("dave", 1, &[9]));
    let why = "key 4 is named twice";
    assert_changes_nothing(&mut net, why, |net| net.try_challenge("dave", 1, &[4, 4]));
}

#[test]
fn disputes_are_possible_only_in_their_window() {
    let mut net = network();
    let refused = |why: &str| format!("epoch 1 cannot be disputed now: {why}");
    let challenge = |net: &mut Network| net.try_challenge("dave", 1, &[1]);
    assert_changes_nothing(&mut net, &refused("it has not ended"), challenge);
    net.to_epoch(2);
    assert_changes_nothing(&mut net, &refused("attesters still report"), challenge);
    let ran = net.all_ran(1);
    net.report_all(1, &ran);
    let until = net.now().seconds() + 12 * 3_600;
    net.advance_to(until - 1);
    net.challenge("dave", 1, &[2]);
    net.advance_to(until);
    assert_changes_nothing(
        &mut net,
        &refused("the time for disputes is over"),
        challenge,
    );
    net.close_epoch("keeper", 1);
    assert_changes_nothing(&mut net, "epoch 1 is closed", challenge);
}

#[test]
fn the_arbiter_rules_once_and_only_on_what_is_disputed() {
    let mut net = network();
    report(&mut net, &[]);
    net.challenge("dave", 1, &[1]);
    let why = "epoch 1 is not closed: disputes are ruled on after its close";
    assert_changes_nothing(&mut net, why, |net| net.try_rule(1, &[1], true));
    net.close_when_due(1);
    let dave = net.account("dave");
    let why = format!("only the arbiter may do this, {dave} is not");
    let msg = ExecuteMsg::Rule {
        epoch: Epoch(1),
        keys: vec![KeyId(1)],
        upheld: true,
    };
    assert_changes_nothing(&mut net, &why, |net| net.try_on_distributor("dave", &msg));
    let why = "key 2 is not disputed for epoch 1";
    assert_changes_nothing(&mut net, why, |net| net.try_rule(1, &[1, 2], true));
    let why = "key 1 is named twice";
    assert_changes_nothing(&mut net, why, |net| net.try_rule(1, &[1, 1], true));
    net.rule(1, &[1], true);
    let why = "the dispute over key 1 in epoch 1 has ended";
    assert_changes_nothing(&mut net, why, |net| net.try_rule(1, &[1], false));
    net.advance_seconds(4 * DAY);
    assert_changes_nothing(&mut net, why, |net| net.try_resolve("keeper", 1, &[1]));
}

#[test]
fn d19_a_node_struck_off_by_a_colluding_quorum_can_be_put_right() {
    let mut net = network();
    report(&mut net, &[4]);
    net.appeal("bob", 1, &[4]);
    net.close_when_due(1);
    net.rule(1, &[4], true);
    // As if it had been judged running: its 581 beside key 3's.
    assert_eq!(claimable(&net, "bob", 0), 581 + 581);
}

#[test]
fn a_ruling_tells_what_went_where() {
    let mut net = network();
    report(&mut net, &[1, 3]);
    net.appeal("alice", 1, &[1]);
    net.appeal("bob", 1, &[3]);
    net.close_when_due(1);
    let mut rule = |key: u32, upheld: bool| {
        let response = net.rule(1, &[key], upheld);
        let told = events(&response, "distributor_ruled").remove(0).into_iter();
        let told = told.filter(|(key, _)| !["v", "seq", "epoch"].contains(&key.as_str()));
        told.map(|(key, value)| format!("{key} {value}"))
            .collect::<Vec<_>>()
    };
    let (rejected, upheld) = (rule(1, false), rule(3, true));
    let (bob, qst) = (net.account("bob"), net.qst());
    // As above: aside 1,631 each. An appeal that is rejected leaves it to the pot and costs the
    // bond; one that is upheld pays d + r, and the pool its part.
    let bond = format!("to treasury:{qst}:{BOND}");
    assert_eq!(
        rejected,
        [
            "outcome rejected",
            "keys 1",
            "to carry:native:uusdc:1631",
            &bond
        ]
    );
    let paid = format!("credit {bob}:nodes:native:uusdc:581");
    let bond = format!("credit {bob}:bonds:{qst}:{BOND}");
    let expected = [
        "outcome upheld",
        "keys 3",
        "to nodes:native:uusdc:581",
        "to pool_next:native:uusdc:525",
        "to carry:native:uusdc:525",
        &paid,
        &bond,
    ];
    assert_eq!(upheld, expected);
}
