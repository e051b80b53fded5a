//! What stakers and node operators plan, from the queries of the real contracts on an embedded chain to
//! what becomes of the messages: amounts, dates and refusals that are told are those that come true.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod embedded;

use std::collections::BTreeSet;

use noderev_api::vault::{self, LotKind, LotResponse, PositionResponse};
use noderev_components::{Epoch, KeyId};
use noderev_economics::NODE_STAKE;
use noderev_operations::appeals::{dispute, Side};
use noderev_operations::market::{self, Offer};
use noderev_operations::rewards::{due, next_claim, How};
use noderev_operations::stakes::{StakeImport, Stakes};
use noderev_operations::{nodes, pool};
use noderev_testing::{Network, QST};

use embedded::Chain;

/// Four keys of alice's, two of bob's; both have QST.
fn chain() -> Chain {
    let chain = Chain::begin(Network::builder());
    chain.with(|network| {
        network.issue(&[("alice", 4), ("bob", 2)]);
        network.mint_qst("alice", 1_000_000 * QST);
        network.mint_qst("bob", 5_000 * QST);
    });
    chain
}

fn keys(numbers: &[u32]) -> Vec<KeyId> {
    numbers.iter().copied().map(KeyId).collect()
}

fn lots(chain: &Chain, account: &str) -> Vec<LotResponse> {
    let query = vault::QueryMsg::Position {
        account: account.to_owned(),
        start_after_key: None,
        start_after_lot: None,
        limit: Some(100),
    };
    let position: PositionResponse = chain.contracts.ask_vault(&query).unwrap();
    position.lots
}

#[test]
fn pool_stake_comes_out_when_it_was_told() {
    let chain = chain();
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    let planned = pool::deposit(contracts, &alice, 5 * QST).unwrap();
    assert_eq!(planned.in_all, 5 * QST);
    chain.send("alice", planned.messages);
    let status = pool::status(contracts, &alice).unwrap();
    assert_eq!((status.counted.u128(), status.next.u128()), (0, 5 * QST));
    chain.with(|network| network.next_epoch());
    let refusal = pool::withdraw(contracts, &alice, 6 * QST).unwrap_err();
    assert!(refusal.is_refusal(), "{refusal}");
    // More lots than a page has, and than a message takes.
    for _ in 0..130 {
        let planned = pool::withdraw(contracts, &alice, 7).unwrap();
        chain.send("alice", planned.messages);
        assert_eq!(
            pool::status(contracts, &alice).unwrap().next.u128(),
            planned.left
        );
    }
    let planned = pool::withdraw(contracts, &alice, QST).unwrap();
    chain.send("alice", planned.messages);
    let all = pool::status(contracts, &alice).unwrap().lots;
    assert_eq!(all.len(), 131);
    let last = all.last().unwrap();
    assert_eq!(last.release.seconds(), planned.release);

    let release = planned.release;
    chain.with(move |network| network.advance_to(release - 1));
    let none = pool::collect(contracts, &alice, &[]).unwrap();
    assert!(none.lots.is_empty() && none.messages.is_empty());
    assert_eq!(none.next, Some(all[0].clone()));
    let refusal = pool::collect(contracts, &alice, &[last.lot]).unwrap_err();
    assert!(refusal.is_refusal(), "{refusal}");
    chain.with(move |network| network.advance_to(release));
    let refusal = pool::cancel(contracts, &alice, last.lot).unwrap_err();
    assert!(refusal.to_string().contains("collect it"), "{refusal}");
    let before = chain.with(|network| network.qst_balance("alice"));
    let planned = pool::collect(contracts, &alice, &[]).unwrap();
    assert_eq!((planned.messages.len(), planned.left), (2, 0));
    chain.send("alice", planned.messages);
    let after = chain.with(|network| network.qst_balance("alice"));
    assert_eq!(after - before, QST + 130 * 7);
    assert!(lots(&chain, &alice).is_empty());
}

#[test]
fn a_lot_goes_back_to_where_it_came_from() {
    let chain = chain();
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    let staked = nodes::stake(contracts, &alice, &keys(&[1])).unwrap();
    chain.send("alice", staked.messages);
    let planned = pool::deposit(contracts, &alice, 9).unwrap();
    chain.send("alice", planned.messages);
    let planned = pool::withdraw(contracts, &alice, 4).unwrap();
    chain.send("alice", planned.messages);
    let unstaked = nodes::unstake(contracts, &alice, &keys(&[1])).unwrap();
    chain.send("alice", unstaked.messages);
    chain.with(|network| network.next_epoch());
    let [pool_lot, node_lot] = lots(&chain, &alice).try_into().unwrap();
    for lot in [pool_lot, node_lot.clone()] {
        let planned = pool::cancel(contracts, &alice, lot.lot).unwrap();
        assert_eq!(planned.lot, lot);
        chain.send("alice", planned.messages);
    }
    assert_eq!(pool::status(contracts, &alice).unwrap().next.u128(), 9);
    // Staked again, its node takes no other lot.
    let unstaked = nodes::unstake(contracts, &alice, &keys(&[1])).unwrap();
    chain.send("alice", unstaked.messages);
    let staked = nodes::stake(contracts, &alice, &keys(&[1])).unwrap();
    chain.send("alice", staked.messages);
    let lot = lots(&chain, &alice).pop().unwrap();
    let refusal = pool::cancel(contracts, &alice, lot.lot).unwrap_err();
    assert!(refusal.is_refusal(), "{refusal}");
    assert!(
        refusal.to_string().contains("the node of key 1"),
        "{refusal}"
    );
    let refusal = pool::cancel(contracts, &alice, node_lot.lot).unwrap_err();
    assert!(refusal.to_string().contains("has no lot"), "{refusal}");
}

#[test]
fn node_stakes_are_released_when_it_was_told_whatever_was_agreed() {
    let mut builder = Network::builder();
    builder.vault.minimum_lock = 100 * 86_400;
    let chain = Chain::begin(builder);
    chain.with(|network| {
        network.issue(&[("alice", 4), ("bob", 2)]);
        network.mint_qst("alice", 1_000_000 * QST);
    });
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    let planned = nodes::stake(contracts, &alice, &keys(&[1, 2, 3])).unwrap();
    assert_eq!((planned.each, planned.amount), (NODE_STAKE, 3 * NODE_STAKE));
    let earliest = planned.earliest_release;
    chain.send("alice", planned.messages);
    let planned = nodes::unstake(contracts, &alice, &keys(&[1])).unwrap();
    assert_eq!(planned.releases[&KeyId(1)], earliest);
    chain.send("alice", planned.messages);
    assert_eq!(lots(&chain, &alice)[0].release.seconds(), earliest);
    // Within the lock, and after it; given away as well as taken off.
    for (epoch, key) in [(60, 2), (120, 3)] {
        chain.with(move |network| network.to_epoch(epoch));
        let planned = nodes::unstake(contracts, &alice, &keys(&[key])).unwrap();
        let transferred = nodes::transfer(contracts, KeyId(key), &chain.account("bob")).unwrap();
        let told = planned.releases[&KeyId(key)];
        assert_eq!(transferred.stake, Some((NODE_STAKE, told)));
        let sent = if key == 2 {
            planned.messages
        } else {
            transferred.messages
        };
        chain.send("alice", sent);
        let lot = lots(&chain, &alice).pop().unwrap();
        assert_eq!(lot.kind, LotKind::Node { key: KeyId(key) });
        assert_eq!(lot.release.seconds(), told);
    }
    for (named, why) in [
        (&[1][..], "is not staked"),
        (&[5], "belongs to"),
        (&[7], "no key 7"),
    ] {
        let refusal = nodes::unstake(contracts, &alice, &keys(named)).unwrap_err();
        assert!(
            refusal.is_refusal() && refusal.to_string().contains(why),
            "{refusal}"
        );
    }
    let refusal = nodes::stake(contracts, &alice, &keys(&[5])).unwrap_err();
    assert!(refusal.is_refusal(), "{refusal}");
}

#[test]
fn keys_are_listed_with_what_they_did() {
    let chain = chain();
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    chain.with(|network| {
        network.deposit_revenue("customer", 0, 10_000_000, 3);
        for epoch in 0..3 {
            let mut ran = network.all_ran(epoch);
            ran.set(1, epoch != 1);
            network.finish_epoch(epoch, &ran);
        }
    });
    let mut told = Vec::new();
    let listed = nodes::list(contracts, &alice, 64, |done, all| told.push((done, all)));
    let listed = listed.unwrap();
    assert_eq!(told, [(0, 4), (1, 4), (2, 4), (3, 4)]);
    assert_eq!(listed.closed, Some(Epoch(2)));
    let strips: Vec<_> = listed
        .nodes
        .iter()
        .map(|node| node.strip.as_str())
        .collect();
    assert_eq!(strips, ["###", "#.#", "###", "###"]);
    assert!(!listed.nodes[0].claimable[0].amount.is_zero());
}

#[test]
fn rewards_go_into_the_pool_as_it_was_told() {
    let chain = Chain::begin(Network::builder());
    chain.with(|network| {
        network.issue(&[("alice", 130)]);
        network.deposit_revenue("customer", 1, 10_000_000, 1);
        let ran = network.all_ran(0);
        network.finish_epoch(0, &ran);
    });
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    let planned = pool::compound(contracts, &alice).unwrap();
    assert_eq!((planned.messages.len(), planned.more), (2, false));
    assert!(planned.amount > 0);
    chain.send("alice", planned.messages);
    let status = pool::status(contracts, &alice).unwrap();
    assert_eq!(status.next.u128(), planned.amount);
    let none = pool::compound(contracts, &alice).unwrap();
    assert_eq!((none.amount, none.messages.len()), (0, 0));
}

#[test]
fn keys_that_are_due_no_qst_are_not_settled_for_it() {
    let chain = Chain::begin(Network::builder());
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    chain.with(|network| {
        network.issue(&[("alice", 600), ("bob", 1)]);
        network.deposit_revenue("customer", 0, 10_000_000, 1);
        let ran = network.all_ran(0);
        network.finish_epoch(0, &ran);
    });
    let none = pool::compound(contracts, &alice).unwrap();
    assert!(none.messages.is_empty() && !none.more);
    // Of QST only bob's key earns some, and alice's pool stake.
    chain.with(|network| {
        network.mint_qst("alice", QST);
        network.deposit_pool("alice", QST);
        network.deposit_revenue("customer", 1, 10_000_000, 3);
        for epoch in [1, 2, 3] {
            let none = network.all_but(epoch, &(1..=600).collect::<Vec<_>>());
            network.finish_epoch(epoch, &none);
        }
    });
    let planned = pool::compound(contracts, &alice).unwrap();
    assert_eq!((planned.messages.len(), planned.more), (1, false));
    assert!(planned.amount > 0);
    chain.send("alice", planned.messages);
    let status = pool::status(contracts, &alice).unwrap();
    assert_eq!(status.next.u128(), QST + planned.amount);
    assert!(!next_claim(contracts, &alice, &How::default())
        .unwrap()
        .is_empty());
}

#[test]
fn rewards_of_many_keys_and_owners_go_into_the_pool_bit_by_bit() {
    let chain = Chain::begin(Network::builder());
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    chain.with(|network| {
        network.issue(&[("bob", 10), ("alice", 590)]);
        network.deposit_revenue("payer", 1, 60_000_000, 3);
        // 130 keys go to and fro: a message of 100 of them meets 200 owners, and goes through 120.
        for (epoch, from, to, last) in [
            (0, "alice", "bob", 140),
            (1, "bob", "alice", 140),
            (2, "alice", "bob", 15),
        ] {
            for key in 11..=last {
                network.transfer(from, to, key);
            }
            let ran = network.all_ran(epoch);
            network.finish_epoch(epoch, &ran);
        }
    });
    let mut pool = 0;
    for step in 0.. {
        assert!(step < 20, "it comes to no end");
        let planned = pool::compound(contracts, &alice).unwrap();
        if planned.messages.is_empty() {
            assert!(step > 2, "{step} transactions");
            break;
        }
        chain.send("alice", planned.messages);
        pool += planned.amount;
        let status = pool::status(contracts, &alice).unwrap();
        assert_eq!(status.next.u128(), pool, "transaction {step}");
        let left = pool::compound(contracts, &alice).unwrap();
        assert!(
            planned.more || left.messages.is_empty(),
            "transaction {step}"
        );
    }
    // The whole pot is the nodes', 600 alike, as long as nobody is in the pool.
    let each = 60_000_000 / 3 * 60 / 100 / 600;
    assert_eq!(pool, each * (460 + 590 + 585));
}

#[test]
fn keys_that_earned_nothing_hide_none_that_did() {
    let chain = Chain::begin(Network::builder());
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    chain.with(|network| {
        network.issue(&[("alice", 60), ("bob", 1)]);
        // 60 keys that never run go to and fro: the first 13 use up what a message goes through.
        for epoch in 0..9 {
            let (from, to) = match epoch % 2 {
                0 => ("alice", "bob"),
                _ => ("bob", "alice"),
            };
            for key in 1..=60 {
                network.transfer(from, to, key);
            }
            let ran = network.all_ran(epoch);
            network.finish_epoch(epoch, &ran);
        }
    });
    let claim = |account: &str| next_claim(contracts, account, &How::default()).unwrap();
    let bob = chain.account("bob");
    for account in [&alice, &bob] {
        assert!(claim(account).is_empty(), "nothing is due to {account}");
        let planned = pool::compound(contracts, account).unwrap();
        assert!(planned.messages.is_empty() && !planned.more);
    }
    chain.with(|network| {
        network.deposit_revenue("customer", 1, 10_000_000, 1);
        let ran = network.all_but(9, &(1..60).collect::<Vec<_>>());
        network.finish_epoch(9, &ran);
    });
    // Keys 60 and 61 are bob's, who has all by now.
    let owed = due(contracts, &bob).unwrap().due;
    let owed: Vec<u128> = owed.iter().map(|due| due.amount).collect();
    assert_eq!(owed, [6_000_000]);
    let mut pool = 0;
    while !claim(&bob).is_empty() {
        let planned = pool::compound(contracts, &bob).unwrap();
        assert!(planned.amount > 0);
        chain.send("bob", planned.messages);
        pool += planned.amount;
    }
    let status = pool::status(contracts, &bob).unwrap();
    assert_eq!((status.next.u128(), pool), (pool, 6_000_000));
}

#[test]
fn what_is_settled_is_not_settled_again() {
    let chain = Chain::begin(Network::builder());
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    chain.with(|network| {
        network.issue(&[("alice", 501)]);
        network.deposit_revenue("customer", 0, 10_000_000, 1);
        let ran = network.all_ran(0);
        network.finish_epoch(0, &ran);
        network.stake_weight("alice", 55_000, None);
        network.stake_weight("carol", 945_000, None);
        network.next_epoch();
        network.create_delegation("alice", 0);
        network.run_validators("alice", 1, 6);
        network.pass_epochs_until(3);
        network.pass_epoch(3);
    });
    let roles = || -> BTreeSet<String> {
        let owed = due(contracts, &alice).unwrap().due.into_iter();
        owed.map(|due| due.role).collect()
    };
    let owed = ["members", "nodes"].map(str::to_owned).into();
    assert_eq!(roles(), owed);
    let settle = How {
        settle_only: true,
        ..How::default()
    };
    // A hundred keys each; nothing else goes along.
    for count in [5, 1] {
        let messages = next_claim(contracts, &alice, &settle).unwrap();
        assert_eq!(messages.len(), count);
        chain.send("alice", messages);
    }
    assert!(next_claim(contracts, &alice, &settle).unwrap().is_empty());
    assert_eq!(roles(), owed);
}

#[test]
fn keys_are_bought_for_exactly_what_they_cost() {
    let chain = chain();
    let (contracts, alice, bob) = (
        &chain.contracts,
        chain.account("alice"),
        chain.account("bob"),
    );
    let staked = nodes::stake(contracts, &alice, &keys(&[1, 2])).unwrap();
    chain.send("alice", staked.messages);
    let offer = |key: u32, price: u128, with_stake: bool| Offer {
        key: KeyId(key),
        price,
        buyer: None,
        until: None,
        with_stake,
    };
    for (key, price, with_stake) in [(1, 50, true), (2, 70, false), (3, 30, false)] {
        let offer = offer(key, price, with_stake);
        let planned = offer.plan(contracts, &alice).unwrap();
        assert_eq!(planned.fee + planned.net, price);
        assert_eq!(planned.stake.is_some(), key < 3);
        chain.send("alice", planned.messages);
    }
    let floor = market::floor(contracts, 2).unwrap();
    let floors = [floor.floor, floor.floor_with_stake].map(|floor| floor.unwrap().u128());
    assert_eq!(floors, [30, 50]);
    let listed: Vec<u32> = floor.listings.iter().map(|it| it.id.0).collect();
    assert_eq!(listed, [3, 1]);
    for (refused, why) in [
        (offer(3, 1, true), "is not staked"),
        (offer(5, 1, false), "belongs to"),
    ] {
        let refusal = refused.plan(contracts, &alice).unwrap_err();
        assert!(
            refusal.is_refusal() && refusal.to_string().contains(why),
            "{refusal}"
        );
    }
    for (named, most, why) in [
        (&[1][..], Some(49), "costs 50"),
        (&[1, 4], None, "is not listed"),
    ] {
        let refusal = market::buy(contracts, &bob, &keys(named), most).unwrap_err();
        assert!(refusal.to_string().contains(why), "{refusal}");
    }
    assert!(market::buy(contracts, &alice, &keys(&[1]), None)
        .unwrap_err()
        .is_refusal());
    let planned = market::buy(contracts, &bob, &keys(&[1, 2, 3]), Some(70)).unwrap();
    assert_eq!((planned.sum, planned.rewards_from), (150, Epoch(0)));
    chain.send("bob", planned.messages.clone());
    let spent = chain.with(|network| 5_000 * QST - network.qst_balance("bob"));
    assert_eq!(spent, 150);
    // What was planned once is not bought twice.
    assert!(chain.try_send("bob", planned.messages).is_err());
    assert!(market::delist(contracts, &bob, KeyId(3))
        .unwrap()
        .before
        .is_none());
}

#[test]
fn stakes_of_a_file_are_those_of_the_accounts_own_keys() {
    let chain = chain();
    let (contracts, alice) = (&chain.contracts, chain.account("alice"));
    let staked = nodes::stake(contracts, &alice, &keys(&[1, 2, 4])).unwrap();
    chain.send("alice", staked.messages);
    // Two are sold with their stakes.
    for key in [1, 2] {
        let offer = Offer {
            key: KeyId(key),
            price: 50,
            buyer: None,
            until: None,
            with_stake: true,
        };
        let planned = offer.plan(contracts, &alice).unwrap();
        chain.send("alice", planned.messages);
    }
    let bought = market::buy(contracts, &chain.account("bob"), &keys(&[1, 2]), None).unwrap();
    chain.send("bob", bought.messages);
    let stakes = Stakes {
        nodes: keys(&[1, 3]).into_iter().collect(),
        left: keys(&[2, 4]).into_iter().collect(),
        pool: 0,
    };
    let import = StakeImport {
        contracts,
        account: &alice,
        stakes: &stakes,
    };
    let standing = import.ensure_possible().unwrap();
    assert_eq!(standing.missing, keys(&[3]));
    assert_eq!(standing.others, keys(&[1]));
    assert_eq!(standing.left, keys(&[4]));
}

#[test]
fn only_who_may_disputes_what_can_be_disputed() {
    let chain = chain();
    let (contracts, alice, bob) = (
        &chain.contracts,
        chain.account("alice"),
        chain.account("bob"),
    );
    let refused = |account: &str, named: &[u32], side: Side, why: &str| {
        let refusal = dispute(contracts, account, Epoch(0), &keys(named), side).unwrap_err();
        assert!(
            refusal.is_refusal() && refusal.to_string().contains(why),
            "{refusal}"
        );
    };
    refused(&bob, &[5], Side::Appeal, "it ends");
    chain.with(|network| {
        let mut ran = network.all_ran(0);
        ran.set(4, false);
        network.start_epoch(1);
        network.report_all(0, &ran);
    });
    refused(&bob, &[6], Side::Appeal, "was judged running");
    refused(&bob, &[5], Side::Challenge, "was judged not running");
    // Who may appeal is the contract's to say, which knows the operator of that epoch's owner.
    let planned = dispute(contracts, &alice, Epoch(0), &keys(&[5]), Side::Appeal).unwrap();
    assert!(chain.try_send("alice", planned.messages).is_err());
    let operator = nodes::operator(contracts, &bob, KeyId(5), Some(&alice)).unwrap();
    chain.send("bob", operator.messages);
    let planned = dispute(contracts, &alice, Epoch(0), &keys(&[5]), Side::Appeal).unwrap();
    assert_eq!((planned.each, planned.bond), (1_000 * QST, 1_000 * QST));
    chain.send("alice", planned.messages);
    refused(&bob, &[5], Side::Appeal, "is disputed for epoch 0 already");
    let planned = dispute(contracts, &bob, Epoch(0), &keys(&[1, 2]), Side::Challenge).unwrap();
    assert_eq!(planned.bond, 2_000 * QST);
    chain.send("bob", planned.messages);
    let until = planned.until;
    chain.with(move |network| network.advance_to(until));
    refused(&bob, &[6], Side::Challenge, "was over");
}
