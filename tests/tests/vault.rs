//! Stakes of nodes, the pool, lots.

use noderev_api::vault::{Activity, ExecuteMsg, ReceiveMsg, Release};
use noderev_components::KeyId;
use noderev_testing::{Network, QST};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, assert_refused_with, claimable, finish, refusal,
};

const STAKE: u128 = 200_000 * QST;
const DAY: u64 = 86_400;

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 3), ("bob", 1)]);
    for who in ["alice", "bob", "carol"] {
        net.mint_qst(who, 10 * STAKE);
    }
    net
}

#[test]
fn v1_a_node_is_staked_with_exactly_the_requirement_or_not_at_all() {
    let mut net = network();
    for sent in [STAKE - QST, STAKE - 1, STAKE + 1, 2 * STAKE] {
        let why = format!("{sent} units came, 1 nodes take exactly {STAKE}");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_stake_nodes_with("alice", &[1], sent)
        });
    }
    net.stake_nodes_with("alice", &[1, 2], 2 * STAKE);
    let why = "node 1 is staked in epoch 1: a node is staked once or not at all";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_stake_nodes_with("alice", &[1], STAKE)
    });
}

#[test]
fn v2_only_the_owner_stakes_a_key_that_exists() {
    let mut net = network();
    let (alice, bob) = (net.account("alice"), net.account("bob"));
    let why =
        format!("key 4 belongs to {bob}, not to {alice}: only its owner stakes and unstakes it");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_stake_nodes_with("alice", &[4], STAKE)
    });
    for key in [5, u32::MAX] {
        let why = format!("key {key} does not exist");
        assert_refused(net.try_stake_nodes_with("alice", &[key], STAKE), &why);
    }
    net.stake_nodes("alice", &[1]);
    let why =
        format!("key 1 belongs to {alice}, not to {bob}: only its owner stakes and unstakes it");
    assert_refused(net.try_unstake_nodes("bob", &[1]), &why);
}

#[test]
fn v3_a_stake_of_the_last_second_earns_nothing_in_that_epoch() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 100_000, 10);
    net.advance_seconds(DAY - 1);
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("carol", STAKE);
    finish(&mut net, 0, &[]);
    // 6,000 for four unstaked nodes: p = 1,500, d = 450; nobody in the pool; r = 1,050.
    assert_eq!(claimable(&net, "alice", 0), 4_500);
    assert_eq!(claimable(&net, "carol", 0), 0);
    let last = net.distributor().network().last.unwrap();
    assert_eq!(
        (last.running, last.unstaked, last.pool_stake.u128()),
        (4, 4, 0)
    );
    // Off again in epoch 1: it counts in 1, not in 2, and back on before 2 begins.
    net.unstake_nodes("alice", &[1]);
    net.stake_nodes("alice", &[1]);
    finish(&mut net, 1, &[]);
    let last = net.distributor().network().last.unwrap();
    assert_eq!((last.unstaked, last.pool_stake.u128()), (3, STAKE));
    finish(&mut net, 2, &[]);
    assert_eq!(net.distributor().network().last.unwrap().unstaked, 3);
}

#[test]
fn v3_in_and_out_within_an_epoch_earns_nothing() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 100_000, 10);
    net.deposit_pool("carol", STAKE);
    net.unbond_pool("carol", STAKE);
    net.stake_nodes("alice", &[1]);
    net.unstake_nodes("alice", &[1]);
    finish(&mut net, 0, &[]);
    finish(&mut net, 1, &[]);
    let last = net.distributor().network().last.unwrap();
    assert_eq!((last.unstaked, last.pool_stake.u128()), (4, 0));
    assert_eq!(claimable(&net, "carol", 0), 0);
}

#[test]
fn v4_deposits_of_one_block_add_up_and_lots_have_numbers_of_their_own() {
    let mut net = network();
    for _ in 0..5 {
        net.deposit_pool("alice", 10);
    }
    assert_eq!(net.vault().position("alice").pool_next.u128(), 50);
    for _ in 0..3 {
        net.unbond_pool("alice", 7);
    }
    let lots = net.vault().position("alice").lots;
    let numbers: Vec<u64> = lots.iter().map(|lot| lot.lot).collect();
    assert_eq!(numbers, [1, 2, 3]);
    assert!(lots.iter().all(|lot| lot.amount.u128() == 7));
}

#[test]
fn v5_nothing_can_be_taken_out_that_is_not_in() {
    let mut net = network();
    net.deposit_pool("alice", 100);
    let alice = net.account("alice");
    let why = format!("101 units asked for, {alice} has 100 in the pool from epoch 1 on");
    assert_changes_nothing(&mut net, &why, |net| net.try_unbond_pool("alice", 101));
    let why = "the amount is 0: it must be more";
    assert_changes_nothing(&mut net, why, |net| net.try_unbond_pool("alice", 0));
    net.unbond_pool("alice", 60);
    let why = format!("41 units asked for, {alice} has 40 in the pool from epoch 1 on");
    assert_refused(net.try_unbond_pool("alice", 41), &why);
    let why = "node 1 is not staked in epoch 1: there is nothing to take off";
    assert_refused(net.try_unstake_nodes("alice", &[1]), why);
    net.stake_nodes("alice", &[1]);
    net.unstake_nodes("alice", &[1]);
    assert_refused(net.try_unstake_nodes("alice", &[1]), why);
}

#[test]
fn v6_a_lot_is_paid_once_to_its_owner_from_its_second_on() {
    let mut net = network();
    net.deposit_pool("alice", 100);
    net.unbond_pool("alice", 100);
    // It leaves at the boundary of epoch 1 and unbonds for 14 days.
    let release = net.clock().end_of(noderev_components::Epoch(0)) + 14 * DAY;
    assert_eq!(
        net.vault().position("alice").lots[0].release.seconds(),
        release
    );
    net.advance_to(release - 1);
    let now = release - 1;
    let why =
        format!("lot 1 is released at {release}, now is {now} (Unix seconds): wait or cancel it");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_withdraw_lots("alice", Some(&[1]))
    });
    let why = format!("none of the 1 lots on this page is released at {now} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_withdraw_lots("alice", None));
    net.advance_seconds(1);
    let bob = net.account("bob");
    let why = format!("{bob} has no lot 1: it never existed, was withdrawn or was cancelled");
    assert_refused(net.try_withdraw_lots("bob", Some(&[1])), &why);
    assert_refused(
        net.try_withdraw_lots("alice", Some(&[1, 1])),
        "lot 1 is named twice",
    );
    let before = net.qst_balance("alice");
    net.withdraw_lots("alice", Some(&[1]));
    assert_eq!(net.qst_balance("alice") - before, 100);
    let alice = net.account("alice");
    let why = format!("{alice} has no lot 1: it never existed, was withdrawn or was cancelled");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_withdraw_lots("alice", Some(&[1]))
    });
    net.assert_invariants();
}

#[test]
fn v6_lots_are_named_by_number_or_by_page() {
    let mut net = network();
    let msg = ExecuteMsg::WithdrawLots {
        lots: Some(vec![1]),
        start_after: Some(1),
        limit: None,
    };
    assert_refused(
        net.try_on_vault("alice", &msg),
        "name lots by number or by page, not both: leave out start_after and limit",
    );
    let msg = ExecuteMsg::WithdrawLots {
        lots: Some(vec![]),
        start_after: None,
        limit: None,
    };
    assert_refused(
        net.try_on_vault("alice", &msg),
        "name 1..=100 lots, 0 are named",
    );
}

#[test]
fn v7_an_attackers_thousand_lots_cost_nobody_else_anything() {
    let mut net = network();
    net.mint_qst("attacker", 1_000);
    net.deposit_pool("attacker", 1_000);
    for _ in 0..300 {
        net.unbond_pool("attacker", 1);
    }
    net.deposit_pool("alice", 5);
    net.unbond_pool("alice", 5);
    assert_eq!(net.vault().position("alice").lots.len(), 1);
    net.to_epoch(20);
    net.withdraw_lots("alice", None);
    // His own come by page.
    for _ in 0..3 {
        let msg = ExecuteMsg::WithdrawLots {
            lots: None,
            start_after: None,
            limit: Some(u32::MAX),
        };
        net.on_vault("attacker", &msg);
    }
    assert_eq!(net.qst_balance("attacker"), 300);
    // Lots for others come only from the registry, whose keys they are.
    let releases = vec![Release {
        key: KeyId(1),
        staker: net.account("alice").into(),
    }];
    let attacker = net.account("attacker");
    let why = format!("only the node registry may do this, {attacker} is not");
    assert_refused(
        net.try_on_vault("attacker", &ExecuteMsg::ReleaseStakes { releases }),
        &why,
    );
}

#[test]
fn v8_what_leaves_counts_to_the_end_of_the_epoch_and_not_after() {
    let mut net = network();
    net.deposit_pool("carol", STAKE);
    net.to_epoch(1);
    net.unbond_pool("carol", STAKE / 4);
    let pool = net.vault().pool(None);
    assert_eq!(
        (pool.counted.u128(), pool.next.u128()),
        (STAKE, STAKE / 4 * 3)
    );
    net.to_epoch(2);
    assert_eq!(net.vault().pool(None).counted.u128(), STAKE / 4 * 3);
    assert_eq!(net.vault().pool_stake_at("carol", 1).u128(), STAKE);
    assert_eq!(net.vault().pool_stake_at("carol", 2).u128(), STAKE / 4 * 3);
}

#[test]
fn v10_a_deposit_counts_from_the_next_epoch_though_nobody_touches_it() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 40 * 100, 40);
    net.deposit_pool("carol", 4 * STAKE);
    (0..=30).for_each(|epoch| finish(&mut net, epoch, &[]));
    assert_eq!(net.vault().pool_stake_at("carol", 0).u128(), 0);
    for epoch in 1..=30 {
        assert_eq!(net.vault().pool_stake_at("carol", epoch).u128(), 4 * STAKE);
    }
    // 60 an epoch for 4 unstaked: p = 15, d = floor(4.5) = 4, t = 11, pool 44: 30 epochs of it.
    assert_eq!(claimable(&net, "carol", 0), 30 * 44);
}

#[test]
fn v11_part_of_a_deposit_that_does_not_count_yet_can_leave() {
    let mut net = network();
    net.deposit_pool("carol", 100);
    net.to_epoch(1);
    net.deposit_pool("carol", 50);
    net.unbond_pool("carol", 120);
    let position = net.vault().position("carol");
    assert_eq!(
        (position.pool_counted.u128(), position.pool_next.u128()),
        (100, 30)
    );
    net.to_epoch(2);
    assert_eq!(net.vault().position("carol").pool_counted.u128(), 30);
}

#[test]
fn v12_one_unit_among_many_earns_nothing_and_comes_back() {
    let mut net = network();
    net.mint_qst("whale", 1_000_000_000_000_000);
    net.deposit_pool("whale", 1_000_000_000_000_000);
    net.deposit_pool("carol", 1);
    finish(&mut net, 0, &[]);
    net.deposit_revenue("customer", 0, 1_000_000, 1);
    finish(&mut net, 1, &[]);
    assert_eq!(claimable(&net, "carol", 0), 0);
    // 600,000 for four: p = 150,000, d = 45,000, all of T = 420,000; the whale's part is just below.
    assert_eq!(claimable(&net, "whale", 0), 419_999);
    net.unbond_pool("carol", 1);
    net.to_epoch(30);
    let before = net.qst_balance("carol");
    net.withdraw_lots("carol", None);
    assert_eq!(net.qst_balance("carol") - before, 1);
}

#[test]
fn v13_the_first_staker_gets_nothing_of_the_past() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 10_000, 1);
    finish(&mut net, 0, &[]);
    net.deposit_pool("carol", 4 * STAKE);
    finish(&mut net, 1, &[]);
    finish(&mut net, 2, &[]);
    assert_eq!(claimable(&net, "carol", 0), 0);
    assert_eq!(
        claimable(&net, "alice", 0) + claimable(&net, "bob", 0),
        6_000
    );
    net.assert_invariants();
}

#[test]
fn v14_a_key_unstaked_and_transferred_at_once_gives_one_lot() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.to_epoch(1);
    net.unstake_nodes("alice", &[1]);
    net.transfer("alice", "bob", 1);
    net.transfer("bob", "alice", 1);
    assert_eq!(net.vault().position("alice").lots.len(), 1);
    assert!(net.vault().position("bob").lots.is_empty());
    net.to_epoch(30);
    net.withdraw_lots("alice", None);
    assert_eq!(net.qst_balance("alice"), 10 * STAKE);
}

#[test]
fn a_lot_can_be_cancelled_before_its_release_only() {
    let mut net = network();
    net.deposit_pool("alice", 100);
    net.stake_nodes("alice", &[1, 2]);
    net.to_epoch(1);
    net.unbond_pool("alice", 40);
    net.unstake_nodes("alice", &[1, 2]);
    net.cancel_lot("alice", 1);
    assert_eq!(net.vault().position("alice").pool_next.u128(), 100);
    // In the same epoch the stake goes on as if nothing had been.
    net.cancel_lot("alice", 2);
    assert_eq!(net.vault().node_stakes(&[1])[0].counts_from.unwrap().0, 1);
    net.to_epoch(3);
    let stake = &net.vault().node_stakes(&[1, 2]);
    assert!(stake[0].staked && !stake[1].staked);
    net.cancel_lot("alice", 3);
    assert_eq!(net.vault().node_stakes(&[2])[0].counts_from.unwrap().0, 4);
    net.unbond_pool("alice", 1);
    let release = net.vault().position("alice").lots[0].release.seconds();
    net.advance_to(release);
    let why =
        format!("lot 4 was released at {release}, now is {release} (Unix seconds): withdraw it");
    assert_refused(net.try_cancel_lot("alice", 4), &why);
}

#[test]
fn a_node_lot_goes_back_only_into_its_own_key() {
    let mut net = network();
    net.stake_nodes("alice", &[1, 2]);
    net.to_epoch(1);
    net.unstake_nodes("alice", &[1, 2]);
    net.transfer("alice", "bob", 1);
    let (alice, bob) = (net.account("alice"), net.account("bob"));
    let why =
        format!("key 1 belongs to {bob}, not to {alice}: only its owner stakes and unstakes it");
    assert_refused(net.try_cancel_lot("alice", 1), &why);
    net.stake_nodes("alice", &[2]);
    let why = "node 2 is staked in epoch 2: a node is staked once or not at all";
    assert_refused(net.try_cancel_lot("alice", 2), why);
}

#[test]
fn a_minimum_lock_runs_from_the_boundary_at_which_the_stake_began() {
    let mut net = Network::builder()
        .vault(|params| {
            params.unbonding_period = 0;
            params.minimum_lock = 10 * DAY;
        })
        .build();
    net.issue(&[("alice", 1)]);
    net.mint_qst("alice", STAKE);
    net.stake_nodes("alice", &[1]);
    net.to_epoch(3);
    net.transfer("alice", "bob", 1);
    // Counted from epoch 1: released at 1 + 10 days, however it leaves.
    let lot = &net.vault().position("alice").lots[0];
    assert_eq!(
        lot.release.seconds(),
        net.clock().start_of(noderev_components::Epoch(11))
    );
}

#[test]
fn only_the_distributor_deposits_for_others() {
    let mut net = network();
    let account = net.account("alice").into_string();
    let carol = net.account("carol");
    let why = format!("only the revenue distributor may do this, {carol} is not");
    assert_refused(
        net.try_send_vault("carol", 5, &ReceiveMsg::DepositPoolFor { account }),
        &why,
    );
}

#[test]
fn x13_a_pause_of_staking_stops_no_exit() {
    let mut net = network();
    net.stake_nodes("alice", &[1, 2]);
    net.deposit_pool("alice", 100);
    net.to_epoch(1);
    net.unbond_pool("alice", 10);
    let pause = ExecuteMsg::Pause {
        activity: Activity::Staking,
        seconds: 14 * DAY,
    };
    net.on_vault("guardian", &pause);
    let until = net.now().seconds() + 14 * DAY;
    let why = format!("staking is paused until {until} (Unix seconds)");
    assert_refused(net.try_stake_nodes_with("bob", &[4], STAKE), &why);
    assert_refused(net.try_deposit_pool("bob", 5), &why);
    assert_refused(net.try_cancel_lot("alice", 1), &why);
    net.unstake_nodes("alice", &[1]);
    net.transfer("alice", "bob", 2);
    net.unbond_pool("alice", 90);
    // A second pause neither lengthens the first nor follows it at once.
    let from = until + 7 * DAY;
    let again = format!("staking cannot be paused again before {from} (Unix seconds)");
    assert_refused(net.try_on_vault("owner", &pause), &again);
    net.advance_to(until);
    assert_refused(net.try_on_vault("owner", &pause), &again);
    net.to_epoch(17);
    net.withdraw_lots("alice", None);
    assert_eq!(net.qst_balance("alice"), 10 * STAKE);
}

#[test]
fn x12_parameters_stay_within_their_bounds() {
    let mut net = network();
    let params = net.vault().params_at(0).params;
    let cases = [
        (
            90 * DAY + 1,
            0,
            "unbonding_period is 7776001: must be 0..=7776000",
        ),
        (
            0,
            365 * DAY + 1,
            "minimum_lock is 31536001: must be 0..=31536000",
        ),
        (
            u64::MAX,
            0,
            "unbonding_period is 18446744073709551615: must be 0..=7776000",
        ),
    ];
    for (unbonding_period, minimum_lock, why) in cases {
        let params = noderev_api::vault::Params {
            unbonding_period,
            minimum_lock,
        };
        assert_refused(
            net.try_on_vault("owner", &ExecuteMsg::QueueParams { params }),
            why,
        );
    }
    net.on_vault(
        "owner",
        &ExecuteMsg::QueueParams {
            params: params.clone(),
        },
    );
    assert_refused(
        net.try_on_vault("owner", &ExecuteMsg::QueueParams { params }),
        "a change of parameters already takes effect at epoch 8: cancel it first",
    );
    net.on_vault("owner", &ExecuteMsg::CancelParams {});
    assert_refused(
        net.try_on_vault("owner", &ExecuteMsg::CancelParams {}),
        "no change of parameters is queued",
    );
}

#[test]
fn a_change_of_the_unbonding_period_moves_no_release() {
    let mut net = network();
    net.deposit_pool("alice", 100);
    net.to_epoch(1);
    net.unbond_pool("alice", 50);
    let release = net.vault().position("alice").lots[0].release;
    let params = noderev_api::vault::Params {
        unbonding_period: 90 * DAY,
        minimum_lock: 0,
    };
    net.on_vault("owner", &ExecuteMsg::QueueParams { params });
    net.to_epoch(10);
    assert_eq!(net.vault().position("alice").lots[0].release, release);
    net.unbond_pool("alice", 50);
    let lots = net.vault().position("alice").lots;
    let should = net.clock().start_of(noderev_components::Epoch(11)) + 90 * DAY;
    assert_eq!(lots[1].release.seconds(), should);
    net.advance_to(release.seconds());
    net.withdraw_lots("alice", Some(&[1]));
}

#[test]
fn staking_the_key_of_a_leaving_stake_is_possible_at_once() {
    let mut net = network();
    net.stake_nodes("alice", &[1]);
    net.to_epoch(1);
    net.transfer("alice", "bob", 1);
    net.stake_nodes("bob", &[1]);
    net.to_epoch(2);
    assert!(net.vault().node_stakes(&[1])[0].staked);
    assert_refused_with(net.try_cancel_lot("alice", 1), "belongs to");
    let _ = refusal(net.try_unstake_nodes("alice", &[1]));
}

#[test]
fn v17_a_vault_that_is_short_pays_nobody_in_part() {
    let mut net = network();
    net.deposit_pool("alice", 100);
    net.unbond_pool("alice", 100);
    net.to_epoch(20);
    // Somebody has taken the vault's tokens away: a fault of the token, not of the vault.
    let at = net.addresses().clone();
    let mut storage = net.app_mut().contract_storage_mut(&at.qst);
    cw20_base::state::BALANCES
        .save(storage.as_mut(), &at.vault, &99u128.into())
        .unwrap();
    drop(storage);
    let books = &net.vault().solvency().denoms[0];
    assert!(!books.solvent);
    let why = "Overflow: Cannot Sub with given operands";
    assert_changes_nothing(&mut net, why, |net| net.try_withdraw_lots("alice", None));
    let mut storage = net.app_mut().contract_storage_mut(&at.qst);
    cw20_base::state::BALANCES
        .save(storage.as_mut(), &at.vault, &100u128.into())
        .unwrap();
    drop(storage);
    net.withdraw_lots("alice", None);
    assert_eq!(net.qst_balance("alice"), 10 * STAKE);
}
