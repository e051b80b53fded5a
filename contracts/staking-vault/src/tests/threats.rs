//! Threats of the list, one test each, as far as they show without other contracts.

use cosmwasm_std::{to_json_binary, Uint128};
use cw20::Cw20ReceiveMsg;
use noderev_api::vault::raw::BUNDLE;
use noderev_api::vault::{ExecuteMsg, Params, ReceiveMsg};
use noderev_components::Local;

use super::world::*;
use crate::state::{LEDGER, LOT_AMOUNTS, QST};

fn receive(sender: &str, amount: u128, msg: &ReceiveMsg) -> ExecuteMsg {
    ExecuteMsg::Receive(Cw20ReceiveMsg {
        sender: addr(sender).into(),
        amount: amount.into(),
        msg: to_json_binary(msg).unwrap(),
    })
}

#[test]
fn x1_x2_another_token_or_account_cannot_credit() {
    let mut world = World::new();
    let before = dump(&world.deps.storage);
    for named in ["alice", "owner", "distributor"] {
        let msg = receive(named, STAKE, &ReceiveMsg::DepositPool {});
        for sender in ["fake_token", "alice", "owner", "registry", "distributor"] {
            let text = format!("only the QST token may do this, {} is not", addr(sender));
            assert_refused(world.execute(sender, msg.clone()), &text);
        }
    }
    assert_eq!(dump(&world.deps.storage), before);
}

#[test]
fn x8_lots_are_paid_by_transfer_to_their_owner() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.unbond("alice", 10).unwrap();
    world.go_to_epoch(4);
    let paid = world.withdraw_page("alice", None, None).unwrap();
    assert_eq!(transfers(&paid), [(addr("alice").to_string(), 10)]);
}

#[test]
fn x14_the_owner_reaches_no_principal() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.deposit("alice", 10).unwrap();
    world.unbond("alice", 4).unwrap();
    world.go_to_epoch(4);
    for sender in ["owner", "guardian"] {
        assert!(world.unstake(sender, &[1]).is_err());
        assert!(world.unbond(sender, 1).is_err());
        assert!(world.withdraw(sender, &[1]).is_err());
        assert!(world.cancel(sender, 1).is_err());
        let releases = vec![noderev_api::vault::Release {
            key: noderev_components::KeyId(1),
            staker: addr(sender).into(),
        }];
        let release = ExecuteMsg::ReleaseStakes { releases };
        assert!(world.execute(sender, release).is_err());
    }
    assert_eq!(world.buckets(), (STAKE, 6, 4));
}

#[test]
fn x19_amounts_up_to_2_to_the_128_neither_wrap_nor_panic() {
    let mut world = World::new();
    let max = u128::MAX;
    world.deposit("alice", max).unwrap();
    // The token itself can't hold more; a broken one that claims to is refused by the books.
    let msg = receive("bob", 1, &ReceiveMsg::DepositPool {});
    assert_refused(
        world.execute("qst", msg),
        &format!("an amount of at most 2^128 - 1 holds {max} of this currency, 1 are asked of it"),
    );
    world.unbond("alice", max).unwrap();
    world.go_to_epoch(4);
    let paid = world.withdraw("alice", &[1]).unwrap();
    assert_eq!(transfers(&paid)[0].1, max);
}

#[test]
fn x21_a_donation_changes_nobodys_entitlement() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.outside.borrow_mut().balance += 1_000;
    world.unbond("alice", 10).unwrap();
    world.go_to_epoch(4);
    let paid = world.withdraw("alice", &[1]).unwrap();
    assert_eq!(transfers(&paid)[0].1, 10);
    assert!(world.unbond("alice", 1).is_err());
    assert_eq!(world.pool_total(5), 0);
}

#[test]
fn v1_a_node_is_staked_with_exactly_its_requirement_or_not_at_all() {
    for amount in [STAKE - 1_000_000, STAKE - 1, STAKE + 1, 2 * STAKE, 1] {
        let mut world = World::new();
        let text = format!("{amount} units came, 1 nodes take exactly {STAKE}");
        assert_refused(world.stake_with("alice", amount, &[1]), &text);
        assert!(world.staked(1).is_empty());
    }
    let mut world = World::new();
    world.stake_with("alice", STAKE, &[1]).unwrap();
    world.stake_with("alice", 2 * STAKE, &[2, 3]).unwrap();
    assert_eq!(world.staked(1), [1, 2, 3]);
    // After a split only the divided requirement is exact.
    world.split(1, 25);
    world.go_to_epoch(1);
    assert!(world.stake_with("alice", STAKE, &[4]).is_err());
    world.stake_with("alice", STAKE / 25, &[4]).unwrap();
}

#[test]
fn v2_only_the_owner_stakes_a_key_once_and_the_stake_is_his() {
    let mut world = World::new();
    assert!(world.stake("bob", &[1]).is_err());
    assert!(world.stake("alice", &[9]).is_err());
    world.stake("alice", &[1]).unwrap();
    assert!(world.stake("alice", &[1]).is_err());
    world.go_to_epoch(1);
    assert!(world.stake("alice", &[1]).is_err());
    assert!(world.unstake("bob", &[1]).is_err());
    world.unstake("alice", &[1]).unwrap();
    assert_eq!(world.lots_of("alice").len(), 1);
}

#[test]
fn v2_with_send_from_the_spender_must_own_the_key() {
    // cw20's SendFrom names the spender as sender, not the account whose QST it is: bob spends
    // alice's allowance, so he is taken for the staker and can't stake her key.
    let mut world = World::new();
    assert!(world.stake("bob", &[1]).is_err());
    world.stake("bob", &[6]).unwrap();
    world.unstake("bob", &[6]).unwrap();
    assert_eq!(world.lots_of("bob").len(), 1);
}

#[test]
fn v3_a_flash_stake_counts_in_no_epoch() {
    let mut world = World::new();
    world.go_to(start_of(3) - 1);
    world.stake("alice", &[1]).unwrap();
    world.deposit("alice", 100).unwrap();
    world.unstake("alice", &[1]).unwrap();
    world.unbond("alice", 100).unwrap();
    for epoch in 0..6 {
        assert!(world.staked(epoch).is_empty());
        assert_eq!(world.pool_of("alice", epoch), 0);
        assert_eq!(world.pool_total(epoch), 0);
    }
}

#[test]
fn v3_stake_unbond_restake_across_the_boundary_counts_once() {
    let mut world = World::new();
    world.deposit("alice", 100).unwrap();
    world.stake("alice", &[1]).unwrap();
    world.go_to(start_of(2) - 1);
    world.unbond("alice", 100).unwrap();
    world.unstake("alice", &[1]).unwrap();
    world.go_to(start_of(2));
    world.deposit("alice", 100).unwrap();
    world.stake("alice", &[1]).unwrap();
    let pool: Vec<u128> = (0..=3).map(|epoch| world.pool_of("alice", epoch)).collect();
    assert_eq!(pool, [0, 100, 0, 100]);
    let staked: Vec<usize> = (0..=3).map(|epoch| world.staked(epoch).len()).collect();
    assert_eq!(staked, [0, 1, 0, 1]);
}

#[test]
fn v4_many_deposits_in_one_block_add_up() {
    let mut world = World::new();
    for amount in 1..=50 {
        world.deposit("alice", amount).unwrap();
    }
    assert_eq!(world.pool_of("alice", 1), 1_275);
    for amount in 1..=50 {
        world.unbond("alice", amount).unwrap();
    }
    let numbers: Vec<u64> = world.lots_of("alice").iter().map(|lot| lot.0).collect();
    assert_eq!(numbers, (1..=50).collect::<Vec<u64>>());
    let amounts: u128 = world.lots_of("alice").iter().map(|lot| lot.1.amount).sum();
    assert_eq!((amounts, world.pool_of("alice", 1)), (1_275, 0));
}

#[test]
fn v5_nobody_unbonds_more_than_he_has_or_the_same_twice() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    assert!(world.unbond("alice", 11).is_err());
    assert!(world.unbond("alice", 0).is_err());
    world.unbond("alice", 6).unwrap();
    assert!(world.unbond("alice", 6).is_err());
    world.unbond("alice", 4).unwrap();
    assert!(world.unbond("alice", 1).is_err());
    assert_eq!(world.lots_of("alice").len(), 2);
    assert!(world.unbond("bob", 1).is_err());
}

#[test]
fn v6_a_lot_is_paid_once_at_its_release_to_its_owner() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.unbond("alice", 10).unwrap();
    world.go_to(start_of(1) + 2_499);
    assert!(world.withdraw("alice", &[1]).is_err());
    world.go_to(start_of(1) + 2_500);
    assert!(world.withdraw("bob", &[1]).is_err());
    assert!(world.withdraw("alice", &[1, 1]).is_err());
    let paid = world.withdraw("alice", &[1]).unwrap();
    assert_eq!(transfers(&paid), [(addr("alice").to_string(), 10)]);
    assert!(world.withdraw("alice", &[1]).is_err());
    assert!(world.withdraw_page("alice", None, None).is_err());
    // Its number isn't given to a later lot.
    world.deposit("alice", 1).unwrap();
    world.unbond("alice", 1).unwrap();
    assert_eq!(world.lots_of("alice")[0].0, 2);
}

#[test]
fn v6_pages_pay_what_is_released_on_them() {
    let mut world = World::new();
    world.deposit("alice", 100).unwrap();
    for _ in 0..3 {
        world.unbond("alice", 10).unwrap();
    }
    world.go_to_epoch(2);
    world.unbond("alice", 7).unwrap();
    world.go_to(start_of(1) + 2_500);
    let paid = world.withdraw_page("alice", None, Some(2)).unwrap();
    assert_eq!(transfers(&paid)[0].1, 20);
    let paid = world
        .withdraw_page("alice", Some(2), Some(u32::MAX))
        .unwrap();
    assert_eq!(transfers(&paid)[0].1, 10);
    assert_eq!(world.lots_of("alice").len(), 1);
    assert_eq!(world.buckets(), (0, 63, 7));
}

#[test]
fn v7_anothers_thousand_lots_are_not_in_the_way() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.deposit("eve", 1_000).unwrap();
    for _ in 0..1_000 {
        world.unbond("eve", 1).unwrap();
    }
    world.unbond("alice", 10).unwrap();
    assert_eq!(world.lots_of("alice")[0].0, 1_001);
    world.go_to_epoch(4);
    let paid = world.withdraw_page("alice", None, None).unwrap();
    assert_eq!(transfers(&paid)[0].1, 10);
    // Her own: 100 a page, from wherever she likes.
    let page = world.withdraw_page("eve", Some(900), Some(5_000)).unwrap();
    assert_eq!(transfers(&page)[0].1, 100);
    let page = world.withdraw_page("eve", None, Some(5_000)).unwrap();
    assert_eq!(transfers(&page)[0].1, 100);
}

#[test]
fn v7_only_the_registry_makes_lots_for_another() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    let releases = vec![noderev_api::vault::Release {
        key: noderev_components::KeyId(1),
        staker: addr("alice").into(),
    }];
    for sender in ["eve", "owner", "guardian", "distributor", "qst"] {
        let msg = ExecuteMsg::ReleaseStakes {
            releases: releases.clone(),
        };
        let text = format!(
            "only the node registry may do this, {} is not",
            addr(sender)
        );
        assert_refused(world.execute(sender, msg), &text);
    }
}

#[test]
fn v7_only_the_distributor_deposits_for_another() {
    let mut world = World::new();
    let msg = ReceiveMsg::DepositPoolFor {
        account: addr("alice").into(),
    };
    for sender in ["eve", "owner", "registry"] {
        let text = format!(
            "only the revenue distributor may do this, {} is not",
            addr(sender)
        );
        assert_refused(world.send(sender, 5, &msg), &text);
    }
    world.send("distributor", 5, &msg).unwrap();
    assert_eq!(
        (world.pool_of("alice", 1), world.pool_of("distributor", 1)),
        (5, 0)
    );
}

#[test]
fn v8_unbonding_stake_counts_to_the_end_of_its_epoch_and_not_after() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.deposit("bob", 5).unwrap();
    world.stake("alice", &[1]).unwrap();
    world.go_to_epoch(2);
    world.unbond("alice", 10).unwrap();
    world.unstake("alice", &[1]).unwrap();
    let total: Vec<u128> = (1..=4).map(|epoch| world.pool_total(epoch)).collect();
    assert_eq!(total, [15, 15, 5, 5]);
    assert_eq!((world.staked(2), world.staked(3)), (vec![1], vec![]));
}

#[test]
fn v10_a_deposit_counts_in_all_epochs_nobody_called_in() {
    let mut world = World::new();
    world.go_to_epoch(3);
    world.deposit("alice", 10).unwrap();
    let records = dump(&world.deps.storage).len();
    world.go_to_epoch(33);
    for epoch in 4..=33 {
        assert_eq!(world.pool_of("alice", epoch), 10);
        assert_eq!(world.pool_total(epoch), 10);
    }
    assert_eq!((world.pool_of("alice", 3), world.pool_total(3)), (0, 0));
    // The next change writes no record but those there are: the value before stands in them.
    world.deposit("alice", 1).unwrap();
    assert_eq!(dump(&world.deps.storage).len(), records);
    assert_eq!(
        (world.pool_of("alice", 33), world.pool_of("alice", 34)),
        (10, 11)
    );
}

#[test]
fn v11_a_deposit_partly_unbonded_before_it_counts_never_counts_early() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.unbond("alice", 4).unwrap();
    let counted: Vec<u128> = (0..=2).map(|epoch| world.pool_of("alice", epoch)).collect();
    assert_eq!(counted, [0, 6, 6]);
    assert_eq!(world.buckets(), (0, 6, 4));
    assert_eq!(world.lots_of("alice")[0].1.release, start_of(1) + 2_500);
}

#[test]
fn v12_dust_beside_a_great_sum_comes_back() {
    let mut world = World::new();
    world.deposit("bob", 1_000_000_000_000_000).unwrap();
    world.deposit("alice", 1).unwrap();
    world.go_to_epoch(3);
    world.unbond("alice", 1).unwrap();
    world.go_to_epoch(9);
    let paid = world.withdraw("alice", &[1]).unwrap();
    assert_eq!(transfers(&paid)[0].1, 1);
}

#[test]
fn v14_a_stake_leaves_once_however_unstake_and_transfer_are_ordered() {
    // Unstaked, then transferred: the registry sees no stake and doesn't ask.
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.unstake("alice", &[1]).unwrap();
    world.give(1, "bob");
    assert!(world.release(&[(1, "alice")]).is_err());
    assert_eq!(world.lots_of("alice").len(), 1);
    // Transferred, then unstaked by either.
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.give(1, "bob");
    world.release(&[(1, "alice")]).unwrap();
    assert!(world.unstake("alice", &[1]).is_err());
    assert!(world.unstake("bob", &[1]).is_err());
    assert!(world.release(&[(1, "alice")]).is_err());
    assert_eq!(
        (world.lots_of("alice").len(), world.lots_of("bob").len()),
        (1, 0)
    );
    assert_eq!(world.buckets(), (0, 0, STAKE));
}

#[test]
fn v17_a_payment_that_fails_fails_the_whole_withdrawal() {
    // The transfer has no reply, so its failure undoes everything (`transfers` asserts it).
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.unbond("alice", 10).unwrap();
    world.go_to_epoch(4);
    let paid = world.withdraw("alice", &[1]).unwrap();
    assert_eq!(transfers(&paid).len(), 1);
}

#[test]
fn v17_books_that_are_short_refuse_and_leave_others_alone() {
    let mut world = World::new();
    for name in ["alice", "bob"] {
        world.deposit(name, 10).unwrap();
        world.unbond(name, 10).unwrap();
    }
    BUNDLE
        .change(&mut world.deps.storage, |storage| {
            LEDGER.update(storage, QST, |books| {
                books
                    .pay(LOT_AMOUNTS, 5)
                    .map_err(crate::error::Refusal::from)
            })
        })
        .unwrap();
    world.go_to_epoch(4);
    world.withdraw("bob", &[2]).unwrap();
    let before = dump(&world.deps.storage);
    assert_refused(
        world.withdraw("alice", &[1]),
        "bucket holds 5 of this currency, 10 are asked of it",
    );
    assert_eq!(dump(&world.deps.storage), before);
    let books = LEDGER
        .load(&BUNDLE.over(Local(&world.deps.storage)), QST)
        .unwrap();
    assert_eq!(books.holds(LOT_AMOUNTS), 5);
    assert_eq!(Uint128::new(books.paid), Uint128::new(15));
}

#[test]
fn m5_a_longer_minimum_lock_binds_no_stake_placed_before_it() {
    let lock = |minimum_lock| Params {
        minimum_lock,
        ..PARAMS
    };
    let queue = |minimum_lock| ExecuteMsg::QueueParams {
        params: lock(minimum_lock),
    };
    // Staked in epoch 7 without a lock; from epoch 8 on the lock is 100 epochs.
    let mut world = World::new();
    world.execute("owner", queue(100 * LENGTH)).unwrap();
    world.go_to(start_of(8) - 1);
    world.stake("alice", &[1]).unwrap();
    world.go_to(start_of(8));
    world.stake("alice", &[2]).unwrap();
    world.go_to_epoch(9);
    world.unstake("alice", &[1]).unwrap();
    world.give(2, "bob");
    world.release(&[(2, "alice")]).unwrap();
    let releases = |world: &World| -> Vec<u64> {
        let lots = world.lots_of("alice");
        lots.iter().map(|(_, lot)| lot.release).collect()
    };
    assert_eq!(
        releases(&world),
        [start_of(10) + 2_500, start_of(9) + 100 * LENGTH]
    );
    // A shorter lock frees those who staked under a longer one.
    let mut world = World::with(lock(100 * LENGTH));
    world.stake("alice", &[1]).unwrap();
    world.execute("owner", queue(20 * LENGTH)).unwrap();
    world.go_to_epoch(8);
    world.unstake("alice", &[1]).unwrap();
    assert_eq!(releases(&world), [start_of(21)]);
}
