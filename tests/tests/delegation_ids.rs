//! Delegation IDs: founding, slots, joining and leaving, dormancy, commission, hand-over.

use noderev_api::delegation::{DelegationEpoch, Joining, Metadata, Reason, Standing};
use noderev_components::Epoch;
use noderev_economics::Bps;
use noderev_testing::{Network, PLAIN, REWARD};
use noderev_tests::ext::{
    assert_changes_nothing, attributes, refusal, rewards_claimable, rewards_claimed,
};

fn network() -> Network {
    Network::builder().build()
}

fn metadata(name: &str) -> Metadata {
    Metadata {
        name: name.into(),
        url: String::new(),
        description: String::new(),
    }
}

/// What a delegation was in an epoch.
fn at(net: &Network, delegation: u16, epoch: u32) -> DelegationEpoch {
    let page = net
        .delegation()
        .history(delegation, None, Some(epoch + 1), Some(1));
    let found = page.epochs.into_iter().next().unwrap();
    assert_eq!(found.epoch, Epoch(epoch));
    found
}

fn total(net: &Network, delegation: u16) -> (u128, u128) {
    let info = net.delegation().delegation(delegation).info;
    (info.total.u128(), info.total_next.u128())
}

#[test]
fn g2_a_delegation_needs_ten_thousand_and_not_one_less() {
    let mut net = network();
    net.stake_weight("alice", 9_999, None);
    net.next_epoch();
    let why = |have: u128| {
        format!(
            "a delegation needs 10000 undelegated Quintessence of its owner that counts now and is \
             not leaving, {have} is there"
        )
    };
    assert_changes_nothing(&mut net, &why(9_999), |net| {
        net.try_create_delegation("alice", 0)
    });
    // The missing one comes: it must count before it is enough.
    net.stake_weight("alice", 1, None);
    assert_changes_nothing(&mut net, &why(9_999), |net| {
        net.try_create_delegation("alice", 0)
    });
    net.advance_to(net.clock().end_of(Epoch(1)) - 1);
    assert_changes_nothing(&mut net, &why(9_999), |net| {
        net.try_create_delegation("alice", 0)
    });
    net.next_epoch();
    net.create_delegation("alice", 0);
    assert_eq!(net.delegation_of("alice"), 1);
    assert_eq!(total(&net, 1), (0, 10_000));
    net.assert_delegation_invariants();
}

#[test]
fn g2_one_delegation_per_account() {
    let mut net = network();
    assert_eq!(net.found_delegation("alice", 10_000, 0), 1);
    net.stake_weight("alice", 20_000, None);
    net.next_epoch();
    let alice = net.account("alice");
    let why = format!("{alice} owns delegation 1 already: one per account");
    assert_changes_nothing(&mut net, &why, |net| net.try_create_delegation("alice", 0));
    // Nor by taking over another's.
    net.found_delegation("bob", 10_000, 0);
    net.transfer_delegation("bob", Some("alice"));
    assert_changes_nothing(&mut net, &why, |net| net.try_accept_delegation("alice", 2));
}

#[test]
fn g2_what_is_delegated_already_founds_nothing() {
    let mut net = network();
    net.found_delegation("alice", 10_000, 0);
    let lent = net.stake_weight("bob", 10_000, Some(1));
    net.next_epoch();
    refusal(net.try_create_delegation("bob", 0));
    // Taken out it is undelegated from the next boundary on.
    net.move_nfts("bob", &lent, None);
    refusal(net.try_create_delegation("bob", 0));
    net.next_epoch();
    net.create_delegation("bob", 0);
    net.next_epoch();
    assert_eq!([total(&net, 1), total(&net, 2)], [(10_000, 10_000); 2]);
}

#[test]
fn g2_founding_with_borrowed_nfts_that_go_back_gives_a_delegation_without_anything() {
    let mut net = network();
    let borrowed = net.stake_weight("alice", 20_000, None);
    net.next_epoch();
    net.create_delegation("alice", 1_000);
    net.run_validators("alice", 1, 1);
    net.unstake_nfts("alice", &borrowed);
    net.pass_epochs_until(2);
    net.withdraw_nfts("alice", &borrowed);
    let answer = net.delegation().delegation(1);
    let standing = Standing::Short {
        dormant_from: Epoch(9),
    };
    assert_eq!((answer.info.standing, answer.info.slots), (standing, 0));
    assert_eq!(answer.info.commission, Bps::ZERO);
    let why = "delegation 1 takes nobody: its owner's part is too small since epoch 2";
    let his = net.stake_weight("bob", 1, None).remove(0);
    assert_changes_nothing(&mut net, why, |net| {
        net.try_move_nfts("bob", &[his], Some(1))
    });
    net.pass_epoch(2);
    assert_eq!(at(&net, 1, 2).reward.u128(), 0);
    net.assert_delegation_invariants();
}

#[test]
fn g3_slots_are_whole_twenty_thousands_of_a_delegations_total() {
    let mut net = network();
    let sizes = [19_999, 20_000, 39_999, 40_000, 55_000, 60_000, 61_000];
    for size in sizes {
        net.stake_weight(&format!("owner-{size}"), size, None);
    }
    net.next_epoch();
    for (n, size) in (1..).zip(sizes) {
        let owner = format!("owner-{size}");
        net.create_delegation(&owner, 0);
        net.run_validators(&owner, n, 2);
    }
    let slots = |net: &Network| -> Vec<u16> {
        let all = net.delegation().all_delegations();
        all.iter().map(|info| info.slots).collect()
    };
    let next: Vec<_> = net.delegation().all_delegations();
    let next: Vec<u16> = next.iter().map(|info| info.slots_next).collect();
    assert_eq!(next, [0, 1, 1, 2, 2, 3, 3]);
    assert_eq!(slots(&net), [0; 7]);
    net.pass_epochs_until(3);
    assert_eq!(slots(&net), [0, 1, 1, 2, 2, 3, 3]);
    let missing: Vec<u128> = (1..=7)
        .map(|n| net.delegation().delegation(n).missing_for_slot.u128())
        .collect();
    assert_eq!(missing, [1, 20_000, 1, 20_000, 5_000, 20_000, 19_000]);
    // Two validators each: 0, 1, 1, 2, 2, 2, 2 captured; of 295,998 in all a slot earns
    // floor(10^9 * 20,000 / 295,998).
    let rewards: Vec<u128> = (1..=7).map(|n| at(&net, n, 2).reward.u128()).collect();
    let one = 67_568_024;
    assert_eq!(rewards, [0, one, one, 2 * one, 2 * one, 2 * one, 2 * one]);
    net.assert_delegation_invariants();
}

#[test]
fn g4_members_and_owner_add_up_to_the_slots() {
    let mut net = network();
    net.found_delegation("alice", 10_000, 0);
    net.stake_weight("bob", 9_999, Some(1));
    net.next_epoch();
    assert_eq!(net.delegation().delegation(1).info.slots, 0);
    net.stake_weight("carol", 1, Some(1));
    assert_eq!(net.delegation().delegation(1).info.slots, 0);
    net.next_epoch();
    let info = net.delegation().delegation(1).info;
    assert_eq!((info.total.u128(), info.slots), (20_000, 1));
}

#[test]
fn g6_joining_counts_from_the_boundary_and_leaving_to_it() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 0);
    net.run_validators("alice", 1, 1);
    net.pass_epochs_until(2);
    let end = net.clock().end_of(Epoch(2));
    net.advance_to(end - 1);
    let nfts = net.stake_weight("bob", 20_000, Some(1));
    assert_eq!(total(&net, 1), (20_000, 40_000));
    net.advance_to(end);
    assert_eq!(total(&net, 1), (40_000, 40_000));
    net.advance_to(end + 1);
    net.pass_epoch(2);
    assert_eq!(rewards_claimable(&net, "bob"), 0);
    net.advance_to(net.clock().end_of(Epoch(3)) - 1);
    net.unstake_nfts("bob", &nfts);
    assert_eq!(total(&net, 1), (40_000, 20_000));
    net.advance_seconds(1);
    assert_eq!(total(&net, 1), (20_000, 20_000));
    net.pass_epoch(3);
    // One of two slots captured, he has half of the delegation: a quarter of the pool.
    assert_eq!(rewards_claimable(&net, "bob"), 250 * REWARD);
    net.pass_epoch(4);
    assert_eq!(rewards_claimed(&mut net, "bob"), 250 * REWARD);
    assert_eq!(at(&net, 1, 4).reward.u128(), 1_000 * REWARD);
    net.assert_delegation_invariants();
}

#[test]
fn g6_flash_delegation_earns_nothing() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 0);
    net.run_validators("alice", 1, 1);
    net.pass_epochs_until(2);
    // Within one epoch: in at its beginning, out a second before its end.
    let nfts = net.stake_weight("attacker", 20_000, Some(1));
    net.advance_to(net.clock().end_of(Epoch(2)) - 1);
    net.unstake_nfts("attacker", &nfts);
    net.pass_epoch(2);
    net.withdraw_nfts("attacker", &nfts);
    net.pass_epoch(3);
    assert_eq!(rewards_claimed(&mut net, "attacker"), 0);
    // Nor has he thinned out the others.
    assert_eq!(rewards_claimed(&mut net, "alice"), 2 * 1_000 * REWARD);
    net.assert_delegation_invariants();
}

#[test]
fn g6_who_comes_a_second_before_the_boundary_and_leaves_a_second_after_stays_for_that_epoch() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 0);
    net.run_validators("alice", 1, 1);
    net.pass_epochs_until(2);
    let boundary = net.clock().end_of(Epoch(2));
    net.advance_to(boundary - 1);
    let nfts = net.stake_weight("attacker", 20_000, Some(1));
    net.advance_to(boundary + 1);
    net.unstake_nfts("attacker", &nfts);
    net.pass_epoch(2);
    // Nothing of the epoch in which he came; the NFTs are locked for the whole of the next.
    assert_eq!(rewards_claimable(&net, "attacker"), 0);
    net.advance_to(net.clock().end_of(Epoch(3)) - 1);
    refusal(net.try_withdraw_nfts("attacker", &nfts));
    net.pass_epoch(3);
    net.withdraw_nfts("attacker", &nfts);
    assert_eq!(rewards_claimed(&mut net, "attacker"), 250 * REWARD);
}

#[test]
fn g12_moving_each_block_counts_in_one_delegation() {
    let mut net = network();
    for owner in ["alice", "bob", "carol"] {
        net.stake_weight(owner, 20_000, None);
    }
    net.next_epoch();
    for (n, owner) in (1..).zip(["alice", "bob", "carol"]) {
        net.create_delegation(owner, 0);
        net.run_validators(owner, n, 4);
    }
    let nfts = net.stake_weight("dave", 20_000, Some(1));
    net.pass_epochs_until(2);
    for _ in 0..5 {
        for to in [Some(2), Some(3), None, Some(3), Some(1)] {
            net.advance_seconds(6);
            net.move_nfts("dave", &nfts, to);
            let next = [1, 2, 3].map(|n| total(&net, n).1);
            assert_eq!(next.iter().sum::<u128>(), 60_000 + to.map_or(0, |_| 20_000));
        }
    }
    net.advance_seconds(6);
    net.move_nfts("dave", &nfts, Some(3));
    // This epoch he counts where he was when it began.
    assert_eq!(
        [1, 2, 3].map(|n| total(&net, n)),
        [(40_000, 20_000), (20_000, 20_000), (20_000, 40_000)]
    );
    assert_eq!(net.delegation().network().total.u128(), 80_000);
    net.pass_epoch(2);
    net.pass_epoch(3);
    let earned = |n: u16, epoch: u32| net.delegation().explain(n, "dave", epoch).figures.mine;
    let mine = [1, 2, 3].map(|n| earned(n, 2).u128());
    assert_eq!(mine, [250 * REWARD, 0, 0]);
    let mine = [1, 2, 3].map(|n| earned(n, 3).u128());
    assert_eq!(mine, [0, 0, 250 * REWARD]);
    // Moving to where it is changes nothing.
    let before = net.delegation().member("dave").memberships.len();
    net.move_nfts("dave", &nfts, Some(3));
    assert_eq!(total(&net, 3), (40_000, 40_000));
    assert_eq!(net.delegation().member("dave").memberships.len(), before);
    assert_eq!(rewards_claimed(&mut net, "dave"), 500 * REWARD);
    net.assert_delegation_invariants();
}

/// Alice's delegation of 40,001 with 10 % commission and three validators; her part is exactly
/// enough, an NFT of 1 can leave. Epoch 2 runs, it counts.
fn scarce() -> (Network, Vec<noderev_api::delegation::Nft>) {
    let mut net = network();
    net.stake_weight("alice", 9_999, None);
    let one = net.stake_weight("alice", 1, None);
    net.next_epoch();
    net.create_delegation("alice", 1_000);
    net.stake_weight("bob", 30_001, Some(1));
    net.run_validators("alice", 1, 3);
    net.pass_epochs_until(2);
    (net, one)
}

#[test]
fn g9_a_short_delegation_sleeps_seven_boundaries_later() {
    let (mut net, one) = scarce();
    net.pass_epochs_until(4);
    net.unstake_nfts("alice", &one);
    net.pass_epoch(4);
    // Short from the boundary 5: commission 0 at once, slots to 11, none from 12 on.
    let standing = Standing::Short {
        dormant_from: Epoch(12),
    };
    assert_eq!(net.delegation().delegation(1).info.standing, standing);
    let why = "delegation 1 takes nobody: its owner's part is too small since epoch 5";
    net.mint_nft("carol", PLAIN, "1");
    net.approve_collection("carol", PLAIN);
    assert_changes_nothing(&mut net, why, |net| {
        net.try_stake_nfts("carol", PLAIN, &["1"], Some(1))
    });
    net.pass_epochs_until(14);
    let rows: Vec<_> = (4..14).map(|epoch| at(&net, 1, epoch)).collect();
    for row in &rows {
        let (reason, slots, commission) = match row.epoch.0 {
            4 => (Reason::Captured, 2, Bps::percent(10)),
            5..=11 => (Reason::Captured, 2, Bps::ZERO),
            _ => (Reason::Dormant, 0, Bps::ZERO),
        };
        assert_eq!(
            (row.reason, row.slots, row.commission),
            (reason, slots, commission)
        );
        assert_eq!(row.reward.u128() > 0, slots > 0, "{row:?}");
        assert_eq!(row.commission_exact.is_zero(), row.epoch.0 != 4, "{row:?}");
    }
    assert_eq!(
        net.delegation().delegation(1).info.standing,
        Standing::Dormant {}
    );
    // Its Quintessence is part of the whole all the same.
    assert_eq!(net.delegation().network().total.u128(), 40_000);
    assert_eq!(net.delegation().network().last.unwrap().minted.u128(), 0);
    // Members claim and leave.
    assert!(rewards_claimed(&mut net, "bob") > 0);
    let his: Vec<_> = net.delegation().all_nfts("bob");
    let his: Vec<_> = his.into_iter().map(|info| info.nft).collect();
    net.unstake_nfts("bob", &his);
    net.next_epoch();
    net.withdraw_nfts("bob", &his);
    assert_eq!(net.delegation().member("bob").nfts, 0);
    net.assert_delegation_invariants();
}

#[test]
fn g9_restored_in_time_it_never_sleeps_and_restored_later_it_wakes_up() {
    for (restored, dormant) in [(10, vec![]), (11, vec![12]), (13, vec![12, 13, 14])] {
        let (mut net, one) = scarce();
        net.pass_epochs_until(4);
        net.unstake_nfts("alice", &one);
        // Restored in this epoch, so it counts from the next on; 11 is the last one short.
        let in_time = restored.min(11);
        net.pass_epochs_until(if restored == 13 { 14 } else { in_time });
        net.stake_weight("alice", 1, Some(1));
        net.pass_epochs_until(17);
        let slept: Vec<u32> = (4..17)
            .filter(|epoch| at(&net, 1, *epoch).reason == Reason::Dormant)
            .collect();
        let dormant = if restored == 11 { vec![] } else { dormant };
        assert_eq!(slept, dormant, "restored in {restored}");
        let row = at(&net, 1, 16);
        assert_eq!((row.slots, row.commission), (2, Bps::percent(10)));
        assert_eq!(
            net.delegation().delegation(1).info.standing,
            Standing::Active {}
        );
        net.stake_weight("carol", 1, Some(1));
    }
}

#[test]
fn g9_a_part_that_is_restored_and_taken_away_within_an_epoch_was_never_there() {
    let (mut net, one) = scarce();
    net.pass_epochs_until(4);
    net.unstake_nfts("alice", &one);
    net.pass_epochs_until(8);
    let more = net.stake_weight("alice", 1, Some(1));
    net.advance_seconds(60);
    net.unstake_nfts("alice", &more);
    // Several times, too.
    let more = net.stake_weight("alice", 5, Some(1));
    net.move_nfts("alice", &more, None);
    let standing = Standing::Short {
        dormant_from: Epoch(12),
    };
    assert_eq!(net.delegation().delegation(1).info.standing, standing);
    net.pass_epochs_until(14);
    let rows = [11, 12, 13].map(|epoch| at(&net, 1, epoch).reason);
    assert_eq!(rows, [Reason::Captured, Reason::Dormant, Reason::Dormant]);
    // Short for a moment within an epoch and made good before its boundary: nothing happened.
    let (mut net, one) = scarce();
    net.unstake_nfts("alice", &one);
    net.stake_weight("alice", 1, Some(1));
    net.pass_epochs_until(12);
    assert_eq!(at(&net, 1, 11).commission, Bps::percent(10));
    assert_eq!(at(&net, 1, 11).reason, Reason::Captured);
    // Restored for a whole epoch: the seven boundaries begin anew.
    let (mut net, one) = scarce();
    net.pass_epochs_until(4);
    net.unstake_nfts("alice", &one);
    net.pass_epochs_until(8);
    let more = net.stake_weight("alice", 1, Some(1));
    net.pass_epochs_until(9);
    net.unstake_nfts("alice", &more);
    net.pass_epochs_until(18);
    let slept: Vec<u32> = (4..18)
        .filter(|epoch| at(&net, 1, *epoch).reason == Reason::Dormant)
        .collect();
    assert_eq!(slept, [17]);
    let paid: Vec<u32> = (4..18)
        .filter(|epoch| at(&net, 1, *epoch).commission > Bps::ZERO)
        .collect();
    assert_eq!(paid, [4, 9]);
}

#[test]
fn g9_a_preview_shows_that_only_the_owner_wakes_his_delegation() {
    let (mut net, one) = scarce();
    net.unstake_nfts("alice", &one);
    net.pass_epochs_until(11);
    assert_eq!(
        net.delegation().delegation(1).info.standing,
        Standing::Dormant {}
    );
    let slots = |who: &str| {
        let it = net.delegation().preview_join(1, 1, Some(who));
        (it.before.slots, it.after.slots)
    };
    assert_eq!((slots("alice"), slots("bob")), ((0, 2), (0, 0)));
}

#[test]
fn g8_commission_is_at_most_ten_percent_and_rises_with_notice() {
    let mut net = network();
    net.stake_weight("alice", 20_000, None);
    net.next_epoch();
    let why = "a commission of 1001 basis points is more than 1000";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_create_delegation("alice", 1_001)
    });
    net.create_delegation("alice", 300);
    net.run_validators("alice", 1, 1);
    net.pass_epochs_until(2);
    let why = "a commission can't rise from 300 to 501 basis points: 200 at a time at most";
    assert_changes_nothing(&mut net, why, |net| net.try_set_commission("alice", 501));
    let why = "a commission of 1001 basis points is more than 1000";
    assert_changes_nothing(&mut net, why, |net| net.try_set_commission("alice", 1_001));
    let bob = net.account("bob");
    let why = format!("{bob} owns no delegation");
    assert_changes_nothing(&mut net, &why, |net| net.try_set_commission("bob", 0));
    net.set_commission("alice", 500);
    let change = net.delegation().delegation(1).commission_change.unwrap();
    assert_eq!(
        (change.from, change.commission),
        (Epoch(10), Bps::percent(5))
    );
    let why = "a rise of the commission waits for epoch 10: set the rate in force to drop it first";
    for rate in [301, 400, 500] {
        assert_changes_nothing(&mut net, why, |net| net.try_set_commission("alice", rate));
    }
    net.pass_epochs_until(8);
    assert_changes_nothing(&mut net, why, |net| net.try_set_commission("alice", 500));
    net.pass_epochs_until(12);
    let rates: Vec<u16> = (2..12)
        .map(|epoch| at(&net, 1, epoch).commission.get())
        .collect();
    assert_eq!(rates, [300, 300, 300, 300, 300, 300, 300, 300, 500, 500]);
    // 200 more are allowed from here, not from where it was: step by step to the top.
    net.set_commission("alice", 700);
    net.pass_epochs_until(20);
    net.set_commission("alice", 900);
    net.pass_epochs_until(28);
    net.set_commission("alice", 1_000);
    net.pass_epochs_until(37);
    assert_eq!(at(&net, 1, 36).commission, Bps::percent(10));
}

#[test]
fn g8_a_cut_takes_effect_at_the_boundary_and_drops_the_rise_that_waits() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 800);
    net.run_validators("alice", 1, 1);
    net.pass_epochs_until(2);
    net.set_commission("alice", 1_000);
    net.pass_epochs_until(4);
    net.set_commission("alice", 500);
    net.pass_epochs_until(6);
    net.set_commission("alice", 700);
    net.pass_epochs_until(8);
    // The rate in force drops a rise, too.
    net.set_commission("alice", 500);
    assert_eq!(net.delegation().delegation(1).commission_change, None);
    net.set_commission("alice", 600);
    // Within the running epoch a cut can be taken back as far as 2 points with notice only.
    net.pass_epochs_until(18);
    let rates: Vec<u16> = (2..18)
        .map(|epoch| at(&net, 1, epoch).commission.get())
        .collect();
    let mut should = vec![800; 3];
    should.extend([500; 11]);
    should.extend([600; 2]);
    assert_eq!(rates, should);
}

#[test]
fn g8_a_cut_taken_back_before_its_boundary_is_a_rise_with_notice() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 800);
    net.next_epoch();
    net.set_commission("alice", 100);
    let why = "a commission can't rise from 100 to 800 basis points: 200 at a time at most";
    assert_changes_nothing(&mut net, why, |net| net.try_set_commission("alice", 800));
    net.set_commission("alice", 300);
    net.next_epoch();
    assert_eq!(net.delegation().delegation(1).info.commission.get(), 100);
    net.to_epoch(9);
    assert_eq!(net.delegation().delegation(1).info.commission.get(), 100);
    net.to_epoch(10);
    assert_eq!(net.delegation().delegation(1).info.commission.get(), 300);
}

#[test]
fn g8_a_rise_that_comes_at_the_next_boundary_is_still_the_only_one() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 300);
    net.pass_epochs_until(2);
    net.set_commission("alice", 500);
    net.to_epoch(9);
    let why = "a rise of the commission waits for epoch 10: set the rate in force to drop it first";
    assert_changes_nothing(&mut net, why, |net| net.try_set_commission("alice", 700));
    let change = |net: &Network| {
        let change = net.delegation().delegation(1).commission_change;
        change.map(|change| (change.from.0, change.commission.get()))
    };
    // What comes anyway can be asked for again.
    net.set_commission("alice", 500);
    assert_eq!(change(&net), Some((10, 500)));
    // Once it is taken back, another one can begin.
    net.set_commission("alice", 300);
    assert_eq!(change(&net), Some((10, 300)));
    let response = net.set_commission("alice", 400);
    assert_eq!(
        attributes(&response, "commission_set", "from_epoch"),
        ["17"]
    );
}

#[test]
fn g8_what_is_earned_is_shared_at_the_rate_of_its_epoch() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 300);
    net.run_validators("alice", 1, 1);
    net.stake_weight("bob", 20_000, Some(1));
    net.pass_epochs_until(2);
    net.set_commission("alice", 500);
    // Epoch 9, the last at 3 %, is closed when epoch 10 runs at 5 %, and a cut to 0 is on its way.
    net.pass_epochs_until(9);
    net.start_epoch(10);
    assert_eq!(
        net.delegation().delegation(1).info.commission,
        Bps::percent(5)
    );
    net.set_commission("alice", 0);
    net.pass_epoch(9);
    // 500 tokens (one of two slots); bob has half of what is left after the commission.
    let it = net.delegation().explain(1, "bob", 9);
    assert_eq!(it.figures.commission, Bps::percent(3));
    assert_eq!(it.figures.mine.u128(), 242_500_000);
    net.pass_epochs_until(12);
    let mine = [10, 11].map(|epoch| {
        net.delegation()
            .explain(1, "bob", epoch)
            .figures
            .mine
            .u128()
    });
    assert_eq!(mine, [237_500_000, 250_000_000]);
    // Eight epochs at 3 %, one at 5 %, one at 0; claimed at last, all at their own rates.
    assert_eq!(
        rewards_claimed(&mut net, "bob"),
        8 * 242_500_000 + 237_500_000 + 250_000_000
    );
    // She earns as a member what he does, and the commission: 15 tokens an epoch, then 25, then 0.
    assert_eq!(
        rewards_claimed(&mut net, "alice"),
        8 * (242_500_000 + 15_000_000) + 237_500_000 + 25_000_000 + 250_000_000
    );
    net.assert_delegation_invariants();
}

#[test]
fn g8_members_can_leave_before_a_rise_takes_effect() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 300);
    net.run_validators("alice", 1, 1);
    let nfts = net.stake_weight("bob", 20_000, Some(1));
    net.pass_epochs_until(2);
    net.set_commission("alice", 500);
    net.pass_epochs_until(9);
    net.move_nfts("bob", &nfts, None);
    net.pass_epochs_until(11);
    let it = net.delegation().explain(1, "bob", 10);
    assert_eq!(
        (it.figures.commission, it.figures.member.u128()),
        (Bps::percent(5), 0)
    );
    assert_eq!(rewards_claimed(&mut net, "bob"), 8 * 242_500_000);
}

#[test]
fn g6_the_owner_says_who_may_join() {
    let mut net = network();
    net.stake_weight("alice", 10_000, None);
    net.next_epoch();
    net.create_delegation_as("alice", metadata("a"), 0, Joining::Closed, 0);
    let his = net.stake_weight("bob", 100, None);
    let why = "delegation 1 is closed";
    assert_changes_nothing(&mut net, why, |net| net.try_move_nfts("bob", &his, Some(1)));
    net.approve_members("alice", &["bob"], true);
    assert_changes_nothing(&mut net, why, |net| net.try_move_nfts("bob", &his, Some(1)));
    net.approve_members("alice", &["bob"], false);
    net.update_delegation("alice", None, Some(Joining::Approval), None);
    let bob = net.account("bob");
    let why =
        format!("the owner of delegation 1 has not approved {bob}: request_approval asks for it");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_move_nfts("bob", &his, Some(1))
    });
    net.request_approval("bob", 1);
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_move_nfts("bob", &his, Some(1))
    });
    let asked = format!("{bob} asked delegation 1 already, or is approved");
    assert_changes_nothing(&mut net, &asked, |net| net.try_request_approval("bob", 1));
    net.approve_members("alice", &["bob"], true);
    net.move_nfts("bob", &his[..1], Some(1));
    // Taken back, the approval ends; who is in stays in, and may leave.
    net.approve_members("alice", &["bob"], false);
    assert_eq!(net.delegation().approvals(1, None, None).approvals, []);
    let more = net.stake_weight("bob", 100, None);
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_move_nfts("bob", &more, Some(1))
    });
    net.next_epoch();
    assert_eq!(total(&net, 1).0, 10_100);
    // The owner needs nobody's consent, and no minimum.
    net.update_delegation("alice", None, Some(Joining::Closed), Some(1_000_000));
    net.stake_weight("alice", 1, Some(1));
    net.move_nfts("bob", &his, None);
    net.next_epoch();
    assert_eq!(total(&net, 1).0, 10_001);
    let why = "there is no delegation 2";
    assert_changes_nothing(&mut net, why, |net| net.try_request_approval("bob", 2));
    assert_changes_nothing(&mut net, why, |net| {
        net.try_move_nfts("bob", &more, Some(2))
    });
    assert_changes_nothing(&mut net, "there is no delegation 0", |net| {
        net.try_move_nfts("bob", &more, Some(0))
    });
}

#[test]
fn g6_a_minimum_is_what_a_member_has_after_joining() {
    let mut net = network();
    net.stake_weight("alice", 10_000, None);
    net.next_epoch();
    net.create_delegation_as("alice", metadata("a"), 0, Joining::Open, 600);
    let his = net.stake_weight("bob", 500, None);
    let why = "a member of delegation 1 needs 600 Quintessence, it would have 500";
    assert_changes_nothing(&mut net, why, |net| net.try_move_nfts("bob", &his, Some(1)));
    let more = net.stake_weight("bob", 100, None);
    let both = [his[0].clone(), more[0].clone()];
    net.move_nfts("bob", &both, Some(1));
    // What is in counts: one more is fine.
    net.stake_weight("bob", 1, Some(1));
    // A raise concerns who joins later.
    net.update_delegation("alice", None, None, Some(10_000));
    net.next_epoch();
    assert_eq!(total(&net, 1).0, 10_601);
    let one = net.stake_weight("bob", 2, None);
    let why = "a member of delegation 1 needs 10000 Quintessence, it would have 603";
    assert_changes_nothing(&mut net, why, |net| net.try_move_nfts("bob", &one, Some(1)));
    // Whoever is in may take a part out, as small as what stays may be.
    net.move_nfts("bob", &his, None);
    net.next_epoch();
    assert_eq!(total(&net, 1).0, 10_101);
}

#[test]
fn g6_three_hundred_nfts_are_released_in_one_message_and_stay_their_stakers() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 0);
    net.run_validators("alice", 1, 2);
    net.update_delegation("alice", None, Some(Joining::Approval), None);
    net.approve_members("alice", &["bob"], true);
    let ids: Vec<String> = (1..=300).map(|n| format!("b{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let nfts = net.mint_nfts("bob", 0, &ids);
    net.approve_collection("bob", 0);
    for batch in ids.chunks(30) {
        net.stake_nfts("bob", 0, batch, Some(1));
    }
    net.pass_epochs_until(2);
    assert_eq!(total(&net, 1), (320_000, 320_000));
    // Nor himself, nor strangers, nor twice.
    let why = "the owner of delegation 1 cannot release himself: move or unstake NFTs";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_release_members("alice", &["alice"])
    });
    let carol = net.account("carol");
    let why = format!("{carol} has no Quintessence in delegation 1");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_release_members("alice", &["bob", "carol"])
    });
    let bob = net.account("bob");
    let why = format!("account {bob} is named twice");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_release_members("alice", &["bob", "bob"])
    });
    net.release_members("alice", &["bob"]);
    assert_eq!(total(&net, 1), (320_000, 20_000));
    assert_eq!(
        net.delegation().member("bob").undelegated_next.u128(),
        300_000
    );
    let why = format!("{bob} has no Quintessence in delegation 1");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_release_members("alice", &["bob"])
    });
    // His approval is over.
    let why =
        format!("the owner of delegation 1 has not approved {bob}: request_approval asks for it");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_move_nfts("bob", &nfts[..1], Some(1))
    });
    net.pass_epoch(2);
    net.pass_epoch(3);
    // The epoch in which he was released is his still: 300 of 320 parts of 2 / 16 of the pool.
    assert_eq!(rewards_claimed(&mut net, "bob"), 117_187_500);
    assert_eq!(net.delegation().nft(&nfts[299]).unwrap().delegation, None);
    for page in nfts.chunks(30) {
        net.unstake_nfts("bob", page);
    }
    net.next_epoch();
    for page in nfts.chunks(30) {
        net.withdraw_nfts("bob", page);
    }
    assert!(nfts.iter().all(|nft| net.nft_owner(nft) == bob));
    net.assert_delegation_invariants();
}

#[test]
fn g3_a_delegation_is_handed_over_in_two_steps_and_commission_stays_the_earners() {
    let mut net = network();
    net.found_delegation("alice", 20_000, 1_000);
    net.run_validators("alice", 1, 1);
    net.stake_weight("bob", 20_000, Some(1));
    net.pass_epochs_until(3);
    let bob = net.account("bob");
    let why =
        format!("nobody is proposed as the owner of delegation 1, or somebody else than {bob}");
    assert_changes_nothing(&mut net, &why, |net| net.try_accept_delegation("bob", 1));
    // Proposed, replaced, taken back: the first candidate comes too late.
    net.transfer_delegation("alice", Some("bob"));
    net.transfer_delegation("alice", Some("carol"));
    assert_changes_nothing(&mut net, &why, |net| net.try_accept_delegation("bob", 1));
    net.transfer_delegation("alice", None);
    net.transfer_delegation("alice", Some("bob"));
    let proposed = net.delegation().delegation(1).proposed_owner;
    assert_eq!(proposed, Some(bob.clone()));
    net.accept_delegation("bob", 1);
    assert_changes_nothing(&mut net, &why, |net| net.try_accept_delegation("bob", 1));
    // He decides from now on; the running epoch's commission is hers.
    let alice = net.account("alice");
    let why = format!("{alice} owns no delegation");
    assert_changes_nothing(&mut net, &why, |net| net.try_set_commission("alice", 0));
    net.set_commission("bob", 900);
    net.pass_epochs_until(6);
    let owners: Vec<_> = (2..6)
        .map(|epoch| at(&net, 1, epoch).owner.unwrap())
        .collect();
    assert_eq!(owners, [alice.clone(), alice, bob.clone(), bob]);
    // 500 tokens an epoch: 50 commission twice for alice, 45 twice for bob; halves of the rest.
    let halves = 2 * 225_000_000 + 2 * 227_500_000;
    assert_eq!(rewards_claimed(&mut net, "alice"), halves + 2 * 50 * REWARD);
    assert_eq!(rewards_claimed(&mut net, "bob"), halves + 2 * 45 * REWARD);
    // She is a member as before, and may found another.
    assert_eq!(net.delegation().member("alice").memberships.len(), 1);
    assert_eq!(net.found_delegation("alice", 10_000, 0), 2);
    net.assert_delegation_invariants();
}

#[test]
fn g9_who_takes_it_over_brings_his_own_part() {
    let mut net = network();
    net.found_delegation("alice", 40_000, 1_000);
    net.run_validators("alice", 1, 1);
    let closed = Some(Joining::Closed);
    net.update_delegation("alice", None, closed, None);
    net.transfer_delegation("alice", Some("carol"));
    let need = "who takes delegation 1 over needs 10000 Quintessence of his own in it";
    let why = format!("{need}, 0 is there");
    assert_changes_nothing(&mut net, &why, |net| net.try_accept_delegation("carol", 1));
    // It is closed, but not to the one who is to own it.
    net.stake_weight("carol", 9_999, Some(1));
    let why = format!("{need}, 9999 is there");
    assert_changes_nothing(&mut net, &why, |net| net.try_accept_delegation("carol", 1));
    let last = net.stake_weight("carol", 1, Some(1));
    net.accept_delegation("carol", 1);
    // Taken away again, it is short from the next boundary on.
    net.unstake_nfts("carol", &last);
    let next = net.now_epoch().0 + 1;
    net.pass_epochs_until(next + 8);
    assert_eq!(at(&net, 1, next).commission, Bps::ZERO);
    assert_eq!(at(&net, 1, next + 6).reason, Reason::Captured);
    assert_eq!(at(&net, 1, next + 7).reason, Reason::Dormant);
    net.assert_delegation_invariants();
}

/// The same Quintessence cannot found one delegation after another within an epoch.
#[test]
fn g2_ten_thousand_found_one_delegation_and_no_row_of_them() {
    let mut net = network();
    net.found_delegation("alice", 10_000, 0);
    net.transfer_delegation("alice", Some("puppet"));
    let need = "who takes delegation 1 over needs 10000 Quintessence of his own in it, 0 is there";
    assert_changes_nothing(&mut net, need, |net| net.try_accept_delegation("puppet", 1));
}

#[test]
fn g3_a_raise_of_what_an_owner_needs_concerns_new_delegations_only() {
    let mut net = network();
    net.found_delegation("alice", 10_000, 0);
    net.stake_weight("bob", 19_999, None);
    let mut params = net.delegation().params_at(0).params;
    params.own_quintessence = 20_000u128.into();
    net.queue_delegation_params(&params);
    net.to_epoch(9);
    let alice = net.delegation().delegation(1);
    assert_eq!(
        (alice.info.standing, alice.own_required.u128()),
        (Standing::Active {}, 10_000)
    );
    let why = "a delegation needs 20000 undelegated Quintessence of its owner that counts now and \
               is not leaving, 19999 is there";
    assert_changes_nothing(&mut net, why, |net| net.try_create_delegation("bob", 0));
    net.stake_weight("bob", 1, None);
    net.next_epoch();
    net.create_delegation("bob", 0);
    net.next_epoch();
    assert_eq!(net.delegation().delegation(2).own_required.u128(), 20_000);
    assert_eq!(
        net.delegation().delegation(1).info.standing,
        Standing::Active {}
    );
}

#[test]
fn g4_a_slot_size_cancelled_in_the_last_epoch_before_it_leaves_no_slots_behind() {
    let mut net = network();
    net.stake_weight("alice", 55_000, None);
    net.stake_weight("bob", 55_000, None);
    net.next_epoch();
    for (n, owner) in [(1, "alice"), (2, "bob")] {
        net.create_delegation(owner, 0);
        net.run_validators(owner, n, 5);
    }
    let leaving = net.stake_weight("dave", 30_000, Some(1));
    let mut params = net.delegation().params_at(0).params;
    params.slot_size = 1_000_000u128.into();
    net.queue_delegation_params(&params);
    // With a size of 1,000,000 nobody has a slot, before or after these changes.
    net.pass_epochs_until(8);
    net.move_nfts("dave", &leaving, None);
    net.stake_weight("erin", 50_000, Some(2));
    net.cancel_delegation_params();
    net.pass_epochs_until(11);
    let slots = |epoch: u32| [1, 2].map(|n| at(&net, n, epoch).slots);
    assert_eq!([slots(8), slots(9), slots(10)], [[4, 2], [2, 5], [2, 5]]);
    let epochs = net.delegation().epochs(Some(11), Some(3)).epochs;
    let sums: Vec<_> = epochs
        .iter()
        .map(|it| (it.epoch.0, it.slots, it.captured))
        .collect();
    assert_eq!(sums, [(10, 7, 7), (9, 7, 7), (8, 6, 6)]);
    net.assert_delegation_invariants();
}

#[test]
fn g4_a_new_slot_size_recounts_everybodys_slots_from_its_epoch_on() {
    let mut net = network();
    for (owner, weight) in [("alice", 55_000), ("bob", 30_000), ("carol", 10_000)] {
        net.stake_weight(owner, weight, None);
    }
    net.next_epoch();
    for (n, owner) in (1..).zip(["alice", "bob", "carol"]) {
        net.create_delegation(owner, 0);
        net.run_validators(owner, n, 2);
    }
    let mut params = net.delegation().params_at(0).params;
    params.slot_size = 10_000u128.into();
    net.queue_delegation_params(&params);
    net.pass_epochs_until(11);
    let slots = |epoch: u32| [1, 2, 3].map(|n| at(&net, n, epoch).slots);
    assert_eq!(slots(8), [2, 1, 0]);
    assert_eq!(slots(9), [5, 3, 1]);
    assert_eq!(slots(10), [5, 3, 1]);
    let epochs = net.delegation().epochs(Some(11), Some(3)).epochs;
    let sums: Vec<_> = epochs
        .iter()
        .map(|it| (it.epoch.0, it.slots, it.captured))
        .collect();
    assert_eq!(sums, [(10, 9, 5), (9, 9, 5), (8, 3, 3)]);
    assert_eq!(net.delegation().delegation(1).max_validators, 12);
    net.assert_delegation_invariants();
}
