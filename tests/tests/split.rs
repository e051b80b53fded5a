//! The stock split: one message, no freeze, nobody's share changes.

use noderev_testing::{Network, QST};
use noderev_tests::ext::{assert_changes_nothing, assert_refused, claimable, finish, refusal};

const STAKE: u128 = 200_000 * QST;
const DAY: u64 = 86_400;

/// Notice of one day, no grace.
fn network() -> Network {
    let mut net = Network::builder()
        .registry(|params| {
            params.split_notice = 0;
            params.split_grace = 0;
        })
        .build();
    net.issue(&[("alice", 2), ("bob", 1)]);
    for who in ["alice", "bob", "carol"] {
        net.mint_qst(who, 10 * STAKE);
    }
    net
}

#[test]
fn s1_every_owner_has_k_times_his_keys_and_the_cap_grows() {
    let mut net = network();
    net.split(4);
    assert_eq!(net.registry().num_tokens().count, 3);
    net.to_epoch(1);
    // Key i's children are i + 3 j: alice 1, 2, 4, 5, 7, 8, 10, 11; bob 3, 6, 9, 12.
    let tokens = |net: &Network, who| net.registry().tokens(who, None, None).tokens;
    assert_eq!(
        tokens(&net, "alice"),
        ["1", "2", "4", "5", "7", "8", "10", "11"]
    );
    assert_eq!(tokens(&net, "bob"), ["3", "6", "9", "12"]);
    let supply = net.registry().supply(None);
    assert_eq!(
        (supply.issued, supply.cap, supply.factor),
        (12, 4 * 4_732, 4)
    );
    assert_eq!(supply.requirement.u128(), STAKE / 4);
    // Epochs before the split keep their keys.
    let before = net.registry().supply(Some(0));
    assert_eq!(
        (before.issued, before.cap, before.requirement.u128()),
        (3, 4_732, STAKE)
    );
}

#[test]
fn s1_a_split_of_4732_keys_is_one_message() {
    let mut net = network();
    for _ in 0..4 {
        net.issue(&[("alice", 1_000)]);
    }
    net.issue(&[("alice", 729)]);
    net.seal_issuance();
    net.split(2);
    net.to_epoch(1);
    assert_eq!(net.registry().num_tokens().count, 9_464);
    assert_eq!(net.registry().supply(None).cap, 9_464);
    // Trade, stake and claim go on at once, with a child that nobody has touched.
    net.transfer("alice", "bob", 9_464);
    net.stake_nodes("bob", &[9_464]);
    assert_eq!(
        net.registry().owner_of(9_464).owner,
        net.account("bob").as_str()
    );
    assert_eq!(
        net.registry().owner_of(4_732).owner,
        net.account("alice").as_str()
    );
}

#[test]
fn s2_only_one_split_at_a_time_and_only_by_the_allowed_factors() {
    let mut net = network();
    for factor in [0, 1, 3, 6, 7, 9, 15, 26, 32, u32::MAX] {
        let why = format!("keys can't be split by {factor}: use 2, 4, 5, 8, 10, 16, 20 or 25");
        assert_changes_nothing(&mut net, &why, |net| net.try_split(factor));
    }
    net.split(5);
    let why = "a split already takes effect at epoch 1: wait for it or cancel it first";
    assert_changes_nothing(&mut net, why, |net| net.try_split(2));
    let why = "the split takes effect at epoch 1, the next one: it is irrevocable now";
    assert_changes_nothing(&mut net, why, |net| net.try_cancel_split());
    net.to_epoch(1);
    let why = "keys already split by 5 can't be split by 8: 25 in all at most";
    assert_changes_nothing(&mut net, why, |net| net.try_split(8));
    net.split(5);
    net.to_epoch(2);
    assert_eq!(net.registry().num_tokens().count, 75);
    refusal(net.try_split(2));
    assert_refused(net.try_cancel_split(), "no split is announced");
}

#[test]
fn s2_nothing_can_be_split_before_the_first_key() {
    let mut net = Network::builder().build();
    assert_refused(
        net.try_split(2),
        "no key has been issued yet: there is nothing to split",
    );
}

#[test]
fn s2_a_split_can_be_cancelled_until_the_last_epoch_before_it() {
    let mut net = Network::builder()
        .registry(|params| params.split_notice = 3 * DAY)
        .build();
    net.issue(&[("alice", 2)]);
    net.split(2);
    net.to_epoch(1);
    net.cancel_split();
    net.to_epoch(4);
    assert_eq!(net.registry().num_tokens().count, 2);
    net.split(2);
    net.to_epoch(6);
    refusal(net.try_cancel_split());
    net.to_epoch(7);
    assert_eq!(net.registry().num_tokens().count, 4);
}

#[test]
fn s2_the_next_split_waits_for_the_grace_of_the_last() {
    let mut net = Network::builder()
        .registry(|params| {
            params.split_notice = 0;
            params.split_grace = 5;
        })
        .build();
    net.issue(&[("alice", 2)]);
    net.split(2);
    net.to_epoch(1);
    let why = "the split would take effect at epoch 2, within the grace of the one before: from epoch 6 on it can";
    assert_changes_nothing(&mut net, why, |net| net.try_split(2));
    net.to_epoch(5);
    net.split(2);
    net.to_epoch(6);
    assert_eq!(net.registry().num_tokens().count, 8);
}

#[test]
fn s3_nobodys_share_changes() {
    // Alice has 2 of 3 keys, one of them staked; the same revenue in 0, 1 (before) and 2, 3 (after).
    let mut net = Network::builder()
        .registry(|params| {
            params.split_notice = DAY;
            params.split_grace = 0;
        })
        .build();
    net.issue(&[("alice", 2), ("bob", 1)]);
    net.mint_qst("alice", STAKE);
    net.mint_qst("carol", STAKE);
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", STAKE);
    net.deposit_revenue("customer", 0, 5 * 1_000_003, 5);
    let earned = |net: &Network| ["alice", "bob", "carol"].map(|who| claimable(net, who, 0));
    finish(&mut net, 0, &[]);
    let start = earned(&net);
    // It was closed in epoch 1, at noon: with a day's notice the split comes with epoch 3.
    net.split(5);
    finish(&mut net, 1, &[]);
    let before = earned(&net);
    finish(&mut net, 2, &[]);
    let start_of_last = earned(&net);
    finish(&mut net, 3, &[]);
    let after = earned(&net);
    for who in 0..3 {
        let (old, new) = (before[who] - start[who], after[who] - start_of_last[who]);
        // At most 3 * factor units an epoch.
        assert!(old.abs_diff(new) <= 15, "{who}: {old} before, {new} after");
    }
    let last = net.distributor().network().last.unwrap();
    assert_eq!((last.running, last.unstaked), (15, 10));
    assert_eq!(last.requirement.u128(), STAKE / 5);
    net.assert_invariants();
}

#[test]
fn s6_listings_are_void_and_approvals_do_not_reach_children() {
    let mut net = network();
    net.list("alice", 1, 100, false);
    net.approve("alice", "carol", 1);
    net.set_operator("alice", 1, Some("ops"));
    net.split(2);
    net.to_epoch(1);
    let purchases = vec![noderev_api::registry::Purchase {
        id: noderev_components::KeyId(1),
        listing: 1,
        price: 100u128.into(),
    }];
    let why = "the listing of key 1 is void: it was made before the latest split";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_buy_listings("bob", 100, purchases.clone())
    });
    assert!(net
        .registry()
        .listings(None, None, None, None)
        .listings
        .is_empty());
    refusal(net.try_transfer("carol", "carol", 4));
    assert_eq!(net.registry().key(4).operator, None);
    assert_eq!(net.registry().key(1).operator, Some(net.account("ops")));
    net.transfer("carol", "carol", 1);
}

#[test]
fn v4_children_of_a_staked_key_are_staked_and_leave_singly() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.split(2);
    net.to_epoch(1);
    // Alice's 1 and its child 4 with half the stake each; 2 and 5 bare.
    let stakes = net.vault().node_stakes(&[1, 2, 4, 5]);
    let staked: Vec<bool> = stakes.iter().map(|stake| stake.staked).collect();
    assert_eq!(staked, [true, false, true, false]);
    net.unstake_nodes("alice", &[4]);
    let lot = &net.vault().position("alice").lots[0];
    assert_eq!(lot.amount.u128(), STAKE / 2);
    net.transfer("alice", "bob", 1);
    let lots = net.vault().position("alice").lots;
    assert_eq!(
        lots.iter().map(|lot| lot.amount.u128()).sum::<u128>(),
        STAKE
    );
    net.assert_invariants();
}

#[test]
fn a_stake_that_left_before_a_split_comes_back_as_money_only() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.to_epoch(1);
    net.unstake_nodes("alice", &[1]);
    net.split(2);
    net.to_epoch(2);
    let why = format!(
        "lot 1 holds {STAKE} units, node 1 takes {} since a split: withdraw it",
        STAKE / 2
    );
    assert_refused(net.try_cancel_lot("alice", 1), &why);
    net.to_epoch(20);
    net.withdraw_lots("alice", None);
    assert_eq!(net.qst_balance("alice"), 10 * STAKE);
}

#[test]
fn during_the_grace_evidence_stays_on_the_parents() {
    let mut net = Network::builder()
        .registry(|params| {
            params.split_notice = 0;
            params.split_grace = 2;
        })
        .build();
    net.issue(&[("alice", 2), ("bob", 1)]);
    net.split(2);
    net.to_epoch(1);
    net.issue(&[("carol", 1)]);
    (0..3).for_each(|epoch| finish(&mut net, epoch, &[3]));
    net.to_epoch(4);
    // Epochs 1 and 2: three parents and key 7, issued since; then all seven.
    let bits: Vec<u32> = (0..4)
        .map(|epoch| net.distributor().evidence(epoch).bits)
        .collect();
    assert_eq!(bits, [3, 4, 4, 7]);
    // Bob's key 3 and its child 6 were down, all others ran.
    let last = net.distributor().network().last.unwrap();
    assert_eq!((last.running, last.keys), (5, 7));
    let ran = net.all_but(3, &[6]);
    net.finish_epoch(3, &ran);
    assert_eq!(net.distributor().network().last.unwrap().running, 6);
}

#[test]
fn epochs_that_ended_before_a_split_are_settled_with_the_keys_of_before() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 3_000, 1);
    net.split(25);
    net.to_epoch(1);
    net.transfer("bob", "carol", 3);
    net.transfer("bob", "carol", 6);
    finish(&mut net, 0, &[]);
    // 1,800 for three keys; bob owned key 3 at the end of epoch 0, whatever he did since.
    assert_eq!(claimable(&net, "bob", 0), 600);
    assert_eq!(claimable(&net, "alice", 0), 1_200);
    assert_eq!(claimable(&net, "carol", 0), 0);
    net.claim_all("bob");
    assert_eq!(net.balances("bob")[0], 600);
}

#[test]
fn announcing_children_changes_nothing() {
    let mut net = network();
    net.split(2);
    net.to_epoch(1);
    let response = net.announce("anybody", &[4, 5, 6]);
    let events = response.events.iter().flat_map(|event| &event.attributes);
    let minted = events
        .filter(|at| at.key == "action" && at.value == "mint")
        .count();
    assert_eq!(minted, 3);
    assert_refused(
        net.try_announce("anybody", &[1]),
        "key 1 was issued, not born by a split: it has been announced",
    );
    assert_refused(net.try_announce("anybody", &[4, 4]), "key 4 is named twice");
    assert_refused(
        net.try_announce("anybody", &[7]),
        "there is no key 7: keys 1 to 6 exist",
    );
}
