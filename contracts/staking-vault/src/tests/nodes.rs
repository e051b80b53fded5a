//! Node stakes over epochs, transfers and splits.

use noderev_api::vault::{ExecuteMsg, Params};
use noderev_components::KeyId;

use super::world::*;

const LOCKED: Params = Params {
    unbonding_period: 2_500,
    minimum_lock: 10_000,
};

#[test]
fn a_stake_counts_from_the_next_boundary_to_the_one_after_its_end() {
    let mut world = World::new();
    world.go_to(start_of(3) - 1);
    world.stake("alice", &[1, 3]).unwrap();
    world.go_to_epoch(5);
    world.unstake("alice", &[1]).unwrap();
    let staked: Vec<Vec<u32>> = (2..=7).map(|epoch| world.staked(epoch)).collect();
    assert_eq!(
        staked,
        [vec![], vec![1, 3], vec![1, 3], vec![1, 3], vec![3], vec![3]]
    );
    assert_eq!(world.buckets(), (STAKE, 0, STAKE));
}

#[test]
fn a_stake_at_the_boundary_second_belongs_to_the_new_epoch() {
    let mut world = World::new();
    world.go_to(start_of(3));
    world.stake("alice", &[1]).unwrap();
    assert_eq!((world.staked(3), world.staked(4)), (vec![], vec![1]));
}

#[test]
fn the_minimum_lock_runs_from_the_boundary_at_which_the_stake_began_to_count() {
    let mut world = World::with(LOCKED);
    world.stake("alice", &[1, 2, 3]).unwrap();
    world.unstake("alice", &[1]).unwrap();
    world.go_to_epoch(8);
    world.release(&[(2, "alice")]).unwrap();
    world.go_to_epoch(9);
    world.unstake("alice", &[3]).unwrap();
    let releases: Vec<u64> = world
        .lots_of("alice")
        .iter()
        .map(|(_, lot)| lot.release)
        .collect();
    // Counted from epoch 1: locked until START + 1,000 + 10,000. Asked for in epoch 8 the stake is
    // unbonded 2,500 s after epoch 9 begins, at START + 11,500; asked for in epoch 9, at 12,500.
    assert_eq!(releases, [START + 11_000, START + 11_500, START + 12_500]);
}

#[test]
fn later_parameters_never_move_a_release() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.deposit("alice", 5).unwrap();
    let params = Params {
        unbonding_period: 7_776_000,
        minimum_lock: 31_536_000,
    };
    world
        .execute("owner", ExecuteMsg::QueueParams { params })
        .unwrap();
    world.go_to_epoch(7);
    world.unstake("alice", &[1]).unwrap();
    world.unbond("alice", 5).unwrap();
    // The new parameters are in force from epoch 8 on; the lots are of epoch 7.
    world.go_to_epoch(8);
    world.go_to(start_of(8) + 2_500);
    world.withdraw("alice", &[1, 2]).unwrap();
    assert_eq!(world.buckets(), (0, 0, 0));
}

#[test]
fn a_node_lot_cancelled_in_its_epoch_leaves_no_trace_in_the_counting() {
    let mut world = World::with(LOCKED);
    world.stake("alice", &[1]).unwrap();
    world.go_to_epoch(5);
    world.unstake("alice", &[1]).unwrap();
    world.go_to(start_of(6) - 1);
    world.cancel("alice", 1).unwrap();
    for epoch in 1..9 {
        assert_eq!(world.staked(epoch), [1], "epoch {epoch}");
    }
    // The lock still runs from epoch 1.
    world.go_to_epoch(8);
    world.unstake("alice", &[1]).unwrap();
    assert_eq!(world.lots_of("alice")[0].1.release, START + 11_500);
    assert_eq!(world.lots_of("alice")[0].0, 2);
}

#[test]
fn a_node_lot_cancelled_later_counts_and_locks_anew() {
    let mut world = World::with(LOCKED);
    world.stake("alice", &[1]).unwrap();
    world.go_to_epoch(5);
    world.unstake("alice", &[1]).unwrap();
    world.go_to_epoch(6);
    world.cancel("alice", 1).unwrap();
    let staked: Vec<usize> = (5..=8).map(|epoch| world.staked(epoch).len()).collect();
    assert_eq!(staked, [1, 0, 1, 1]);
    world.unstake("alice", &[1]).unwrap();
    // Counted from epoch 7.
    assert_eq!(world.lots_of("alice")[0].1.release, START + 17_000);
}

#[test]
fn an_old_lot_put_back_does_not_inherit_a_newer_stakes_lock() {
    let mut world = World::with(LOCKED);
    world.stake("alice", &[1]).unwrap();
    world.go_to_epoch(2);
    world.unstake("alice", &[1]).unwrap();
    world.go_to_epoch(3);
    world.stake("alice", &[1]).unwrap();
    world.go_to_epoch(9);
    world.unstake("alice", &[1]).unwrap();
    // Lot 1 left at epoch 3: put back, it begins to count at epoch 10, though the node never
    // stopped.
    world.cancel("alice", 1).unwrap();
    world.unstake("alice", &[1]).unwrap();
    assert_eq!(world.lots_of("alice")[1].1.release, START + 20_000);
}

#[test]
fn a_pool_lot_cancelled_in_its_epoch_leaves_no_trace_in_the_counting() {
    let mut world = World::new();
    world.deposit("alice", 100).unwrap();
    world.go_to_epoch(5);
    world.unbond("alice", 60).unwrap();
    assert_eq!(
        (world.pool_of("alice", 5), world.pool_of("alice", 6)),
        (100, 40)
    );
    world.cancel("alice", 1).unwrap();
    for epoch in 1..9 {
        assert_eq!(world.pool_of("alice", epoch), 100, "epoch {epoch}");
        assert_eq!(world.pool_total(epoch), 100, "epoch {epoch}");
    }
}

#[test]
fn a_pool_lot_cancelled_later_counts_from_the_next_boundary() {
    let mut world = World::new();
    world.deposit("alice", 100).unwrap();
    world.go_to_epoch(5);
    world.unbond("alice", 60).unwrap();
    world.go_to_epoch(7);
    world.cancel("alice", 1).unwrap();
    let counted: Vec<u128> = (5..=8).map(|epoch| world.pool_of("alice", epoch)).collect();
    assert_eq!(counted, [100, 40, 40, 100]);
}

#[test]
fn the_new_owner_may_stake_a_key_whose_stake_is_leaving() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.go_to_epoch(4);
    world.give(1, "bob");
    world.release(&[(1, "alice")]).unwrap();
    world.stake("bob", &[1]).unwrap();
    for epoch in 1..7 {
        assert_eq!(world.staked(epoch), [1], "epoch {epoch}");
    }
    assert_eq!(world.buckets(), (STAKE, 0, STAKE));
    assert_eq!(world.lots_of("alice").len(), 1);
    assert!(world.lots_of("bob").is_empty());
}

#[test]
fn a_stake_sold_with_its_key_is_the_buyers_without_interruption() {
    let mut world = World::with(LOCKED);
    world.stake("alice", &[1]).unwrap();
    world.go_to_epoch(4);
    // The registry says nothing to the vault.
    world.give(1, "bob");
    world.go_to_epoch(9);
    assert!(world.unstake("alice", &[1]).is_err());
    world.unstake("bob", &[1]).unwrap();
    assert!(world.lots_of("alice").is_empty());
    assert_eq!(world.lots_of("bob")[0].1.release, START + 12_500);
}

#[test]
fn children_are_staked_with_the_divided_requirement_and_leave_singly() {
    let mut world = World::new();
    world.stake("alice", &[1, 3]).unwrap();
    world.go_to_epoch(1);
    world.split(2, 4);
    assert_eq!(world.staked(1), [1, 3]);
    // Keys 1 and 3 of 8: their children are 9, 17, 25 and 11, 19, 27.
    let children = [1, 3, 9, 11, 17, 19, 25, 27];
    assert_eq!(world.staked(2), children);
    world.go_to_epoch(2);
    world.unstake("alice", &[9, 1]).unwrap();
    world.stake("alice", &[10]).unwrap();
    assert_eq!(world.staked(2), children);
    assert_eq!(world.staked(3), [3, 10, 11, 17, 19, 25, 27]);
    assert_eq!(world.staked(1), [1, 3]);
    // Two lots of 50,000 QST; 400,000 - 100,000 + 50,000 are staked.
    let amounts: Vec<(Option<KeyId>, u128)> = world
        .lots_of("alice")
        .iter()
        .map(|(_, lot)| (lot.key, lot.amount))
        .collect();
    let part = 50_000_000_000;
    assert_eq!(amounts, [(Some(KeyId(9)), part), (Some(KeyId(1)), part)]);
    assert_eq!(world.buckets(), (7 * part, 0, 2 * part));
}

#[test]
fn what_is_asked_for_in_the_last_epoch_before_a_split_is_split_too() {
    let mut world = World::new();
    world.stake("alice", &[1, 2]).unwrap();
    world.go_to_epoch(1);
    world.split(2, 2);
    world.unstake("alice", &[1]).unwrap();
    world.stake("alice", &[5]).unwrap();
    assert_eq!(world.staked(1), [1, 2]);
    assert_eq!(world.staked(2), [2, 5, 10, 13]);
    assert_eq!(world.buckets(), (2 * STAKE, 0, STAKE));
    world.go_to_epoch(2);
    world.unstake("alice", &[2, 5, 10, 13]).unwrap();
    assert_eq!(world.buckets(), (0, 0, 3 * STAKE));
}
