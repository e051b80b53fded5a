//! What the distributor tells of keys, pool stakes and accounts.

use cosmwasm_std::Uint256;
use noderev_api::distributor::{KeyCursor, Reason};
use noderev_components::{Amount, Epoch, KeyId};
use noderev_testing::{Network, QST};
use noderev_tests::ext::finish;

const STAKE: u128 = 200_000 * QST;
const DAY: u64 = 86_400;

/// Keys 1 (staked) and 2 of alice, 3 of bob; the whole pool is alice's. Both stakes count from epoch
/// 1 on. Key 2 is dave's from epoch 1 on, key 1 is down in epoch 2. Epoch 3 runs.
///
/// Pots of 3,000. Epoch 0: 1,000 for each key. Epoch 1: p = 1,000, d = 300, 1,400 for the pool.
/// Epoch 2: p = 1,500, d = 450, 2,100 for the pool.
fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 2), ("bob", 1)]);
    net.mint_qst("alice", 3 * STAKE);
    net.stake_nodes("alice", &[1]);
    net.deposit_pool("alice", 2 * STAKE);
    net.deposit_revenue("customer", 0, 3 * 5_000, 3);
    finish(&mut net, 0, &[]);
    net.transfer("alice", "dave", 2);
    finish(&mut net, 1, &[]);
    finish(&mut net, 2, &[1]);
    net
}

/// Amounts of the first currency; there is none of another.
fn units(amounts: &[Amount]) -> Vec<u128> {
    amounts.iter().map(|it| it.amount.u128()).collect()
}

#[test]
fn d13_an_account_is_told_what_keys_and_pool_earned_it_in_each_epoch() {
    let mut net = network();
    // No revenue: its keys ran, and are paid nothing.
    finish(&mut net, 3, &[]);
    let told = |who: &str, keys: Option<&[u32]>| -> Vec<_> {
        let epochs = net.distributor().account_history(who, keys, None, None);
        let epochs = epochs.epochs.into_iter();
        epochs
            .map(|it| (it.epoch.0, it.keys, units(&it.nodes), units(&it.pool)))
            .collect()
    };
    let none = Vec::new;
    assert_eq!(
        told("alice", Some(&[1, 2])),
        [
            (3, 0, none(), none()),
            (2, 0, none(), vec![2_100]),
            (1, 1, vec![1_000], vec![1_400]),
            (0, 2, vec![2_000], none())
        ]
    );
    // Without numbers: of the keys that are his now.
    assert_eq!(
        told("dave", None),
        [
            (3, 0, none(), none()),
            (2, 1, vec![450], none()),
            (1, 1, vec![300], none()),
            (0, 0, none(), none())
        ]
    );
}

#[test]
fn d13_a_pool_staker_is_told_what_there_was_and_what_his_part_of_it_was() {
    let net = network();
    let epochs = net.distributor().pool_history(Some("alice"), None, None);
    let money: Vec<_> = epochs
        .epochs
        .iter()
        .map(|it| (units(&it.rewards), units(&it.per_thousand), units(&it.mine)))
        .collect();
    assert_eq!(
        money,
        [
            (vec![2_100], vec![5], vec![2_100]),
            (vec![1_400], vec![3], vec![1_400]),
            (vec![], vec![], vec![])
        ]
    );
    let stakes: Vec<_> = epochs
        .epochs
        .iter()
        .map(|it| [it.counted, it.required, it.my_stake].map(|units| units.u128() / STAKE))
        .collect();
    assert_eq!(stakes, [[2, 2, 2], [2, 2, 2], [0, 3, 0]]);
    // 2,100 for 400,000 QST, 10^18 for each.
    let rate = &epochs.epochs[0].rates;
    assert_eq!(rate.len(), 1);
    assert_eq!(rate[0].rate, Uint256::from(5_250_000_000u128));
    assert!(epochs.epochs[2].rates.is_empty());
}

#[test]
fn d13_an_explanation_names_the_reason_and_the_owner() {
    let mut net = network();
    let told = |net: &Network, key: u32, epoch: u32| {
        let it = net.distributor().explain(key, epoch);
        let owner = ["alice", "bob", "dave"]
            .into_iter()
            .find(|who| it.owner == Some(net.account(who)));
        let closed = it.figures.is_some();
        (it.reason, owner, units(&it.amounts), closed, it.steps.len())
    };
    let none = Vec::new;
    let cases = [
        (1, 0, (Reason::Unstaked, Some("alice"), vec![1_000], true)),
        (1, 1, (Reason::Staked, Some("alice"), vec![1_000], true)),
        (2, 0, (Reason::Unstaked, Some("alice"), vec![1_000], true)),
        (2, 1, (Reason::Unstaked, Some("dave"), vec![300], true)),
        (1, 2, (Reason::NotRunning, Some("alice"), none(), true)),
        (9, 2, (Reason::NotIssued, None, none(), true)),
        // The running epoch and one to come.
        (1, 3, (Reason::NotClosed, Some("alice"), none(), false)),
        (9, 3, (Reason::NotIssued, None, none(), false)),
        (1, 4, (Reason::NotIssued, None, none(), false)),
    ];
    for (key, epoch, (reason, owner, amounts, closed)) in cases {
        // One step for who ran, one for each currency, one for the key.
        let steps = if closed { 4 } else { 0 };
        let expected = (reason, owner, amounts, closed, steps);
        assert_eq!(told(&net, key, epoch), expected, "key {key}, epoch {epoch}");
    }
    assert!(net.distributor().explain(1, 3).staked);
    // Nobody reports on epoch 3.
    net.deposit_revenue("customer", 0, 5_000, 1);
    net.to_epoch(4);
    net.close_when_due(3);
    let expected = (Reason::NoQuorum, Some("alice"), none(), true, 4);
    assert_eq!(told(&net, 1, 3), expected);
    // The treasury has its part as always.
    let figures = net.distributor().explain(1, 3).figures.unwrap();
    let it = &figures.money[0];
    let money = [it.revenue, it.network, it.treasury, it.pot];
    assert_eq!(money.map(|it| it.u128()), [5_000, 3_000, 2_000, 0]);
}

#[test]
fn keys_show_their_last_epochs_and_what_they_earned_their_present_owners() {
    let net = network();
    let told: Vec<_> = net.distributor().keys(&[1, 2, 3]).keys;
    // The latest epoch is the lowest bit.
    let strips = told.iter().map(|it| (it.ran.u64(), it.was_staked.u64()));
    assert_eq!(
        strips.collect::<Vec<_>>(),
        [(0b110, 0b011), (0b111, 0), (0b111, 0)]
    );
    let claimable = told.iter().map(|it| units(&it.claimable));
    assert_eq!(
        claimable.collect::<Vec<_>>(),
        [[2_000], [300 + 450], [1_000 + 300 + 450]]
    );
    let staked = told.iter().map(|it| (it.staked, it.staked_next));
    assert_eq!(
        staked.collect::<Vec<_>>(),
        [(true, true), (false, false), (false, false)]
    );
}

#[test]
fn an_account_is_read_by_page_present_keys_first() {
    let net = network();
    let page = |cursor: Option<KeyCursor>| {
        let it = net.distributor().account_page("alice", cursor, Some(1));
        let keys = it.keys.iter();
        let keys: Vec<_> = keys.map(|it| (it.key.0, units(&it.amounts))).collect();
        let claimable: u128 = it.claimable.iter().map(|it| it.amount.u128()).sum();
        (keys, claimable, it.next)
    };
    let (keys, claimable, next) = page(None);
    // With the pool's 3,500.
    assert_eq!((keys, claimable), (vec![(1, vec![2_000])], 2_000 + 3_500));
    assert_eq!(next, Some(KeyCursor::Present { key: KeyId(1) }));
    let (keys, claimable, next) = page(next);
    assert_eq!((keys, claimable), (vec![(2, vec![1_000])], 1_000));
    let former = KeyCursor::Former {
        until: Epoch(1),
        key: KeyId(2),
    };
    assert_eq!(next, Some(former));
    assert_eq!(page(next), (vec![], 0, None));
}

#[test]
fn a_dispute_is_shown_with_its_deadline_once_its_epoch_is_closed() {
    let mut net = network();
    net.mint_qst("erin", STAKE);
    let ran = net.all_but(3, &[]);
    net.to_epoch(4);
    net.report_all(3, &ran);
    net.challenge("erin", 3, &[1]);
    let deadline = |net: &Network| net.distributor().disputes(3, None, None).disputes[0].deadline;
    assert_eq!(deadline(&net), None);
    net.close_when_due(3);
    let closed = net.now();
    assert_eq!(deadline(&net), Some(closed.plus_seconds(3 * DAY)));
    let told = |net: &Network| net.distributor().explain(1, 3).steps.pop();
    let text = "the node was challenged; the dispute is open";
    assert_eq!(told(&net).as_deref(), Some(text));
    assert_eq!(net.distributor().keys(&[1]).keys[0].disputes, [Epoch(3)]);
    net.rule(3, &[1], true);
    let text = "the node was challenged; the dispute is upheld";
    assert_eq!(told(&net).as_deref(), Some(text));
}
