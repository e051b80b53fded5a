//! What a wallet, front end or auditor reads.

use cosmwasm_std::{Timestamp, Uint128};
use noderev_api::common::{DueResponse, SolvencyResponse};
use noderev_api::vault::{
    Activity, ExecuteMsg, LotKind, NodeStakeResponse, NodeStakesResponse, PoolResponse,
    PositionResponse, PreviewStakeResponse, QueryMsg, StakedNodesResponse,
};
use noderev_components::{Denom, Epoch, KeyId};

use super::world::*;

fn position(
    world: &World,
    after: (Option<u32>, Option<u64>),
    limit: Option<u32>,
) -> PositionResponse {
    world.query(QueryMsg::Position {
        account: addr("alice").into(),
        start_after_key: after.0.map(KeyId),
        start_after_lot: after.1,
        limit,
    })
}

fn node(
    key: u32,
    now: bool,
    next: bool,
    from: Option<u32>,
    until: Option<u32>,
) -> NodeStakeResponse {
    NodeStakeResponse {
        key: KeyId(key),
        staked: now,
        staked_next: next,
        counts_from: from.map(Epoch),
        counts_until: until.map(Epoch),
    }
}

#[test]
fn one_query_gives_the_whole_position() {
    let mut world = World::new();
    world.stake("alice", &[1, 3]).unwrap();
    world.deposit("alice", 100).unwrap();
    world.go_to_epoch(2);
    world.unstake("alice", &[1]).unwrap();
    world.stake("alice", &[4]).unwrap();
    world.deposit("alice", 50).unwrap();
    world.unbond("alice", 30).unwrap();
    world.stake("bob", &[6]).unwrap();
    let seen = position(&world, (None, None), None);
    assert_eq!(
        seen.nodes,
        [
            node(1, true, false, None, Some(3)),
            node(3, true, true, Some(1), None),
            node(4, false, true, Some(3), None),
        ]
    );
    assert_eq!(
        (seen.pool_counted.u128(), seen.pool_next.u128()),
        (100, 120)
    );
    assert_eq!((seen.next_key, seen.next_lot), (None, None));
    let release = Timestamp::from_seconds(start_of(3) + 2_500);
    let lots: Vec<_> = seen
        .lots
        .iter()
        .map(|lot| (lot.lot, lot.amount.u128(), lot.release))
        .collect();
    assert_eq!(lots, [(1, STAKE, release), (2, 30, release)]);
    assert_eq!(seen.lots[0].kind, LotKind::Node { key: KeyId(1) });
    assert_eq!(seen.lots[1].kind, LotKind::Pool);
    assert_eq!(seen.lots[1].counts_until, Epoch(3));
    // Instantiated, staked, deposited, unstaked, staked, deposited, leaving, staked.
    assert_eq!(seen.as_of.seq, 8);
    assert_eq!(seen.as_of.time, world.env.block.time);
}

#[test]
fn positions_page_without_gaps_or_repetition() {
    let mut world = World::new();
    world.stake("alice", &[1, 2, 5]).unwrap();
    world.deposit("alice", 100).unwrap();
    (0..5).for_each(|_| drop(world.unbond("alice", 1).unwrap()));
    let (mut after, mut nodes, mut lots, mut pages) = ((None, None), vec![], vec![], 0);
    loop {
        let page = position(&world, after, Some(2));
        assert!(page.nodes.len() <= 2 && page.lots.len() <= 2);
        nodes.extend(page.nodes.iter().map(|node| node.key.0));
        lots.extend(page.lots.iter().map(|lot| lot.lot));
        pages += 1;
        match (page.next_key, page.next_lot) {
            (None, None) => break,
            (key, lot) => {
                after.0 = key.map(|key| key.0).or(Some(u32::MAX - 1));
                after.1 = lot.or(Some(u64::MAX));
            }
        }
    }
    // Alice's keys are 1 to 5: three pages of two.
    assert_eq!(
        (nodes, lots, pages),
        (vec![1, 2, 5], vec![1, 2, 3, 4, 5], 3)
    );
}

#[test]
fn x18_limits_are_clamped() {
    let mut world = World::new();
    world.deposit("alice", 200).unwrap();
    (0..150).for_each(|_| drop(world.unbond("alice", 1).unwrap()));
    assert_eq!(
        position(&world, (None, None), Some(u32::MAX)).lots.len(),
        100
    );
    assert_eq!(position(&world, (None, None), None).lots.len(), 30);
    let page = position(&world, (None, Some(149)), None);
    assert_eq!((page.lots[0].lot, page.next_lot), (150, None));
}

/// Height and time of the block, number of the latest event.
fn as_of(world: &World) -> noderev_components::AsOf {
    let seq = crate::state::EVENTS
        .seq(&noderev_api::vault::raw::BUNDLE.over(noderev_components::Local(&world.deps.storage)));
    noderev_components::AsOf::now(&world.env, seq.unwrap())
}

#[test]
fn the_set_of_staked_nodes_says_when_it_was_true() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    let epoch = Epoch(1);
    let answer: StakedNodesResponse = world.query(QueryMsg::StakedNodes { epoch });
    assert_eq!((answer.staked, answer.as_of), (1, as_of(&world)));
}

#[test]
fn node_stakes_tell_since_and_until_when() {
    let mut world = World::new();
    world.stake("alice", &[1, 2]).unwrap();
    world.go_to_epoch(1);
    world.unstake("alice", &[2]).unwrap();
    let keys = keys(&[2, 1, 6, 999]);
    let seen: NodeStakesResponse = world.query(QueryMsg::NodeStakes { keys });
    assert_eq!(seen.as_of, as_of(&world));
    assert_eq!(
        seen.nodes,
        [
            node(2, true, false, None, Some(2)),
            node(1, true, true, Some(1), None),
            node(6, false, false, None, None),
            node(999, false, false, None, None),
        ]
    );
}

#[test]
fn the_pool_is_answered_for_any_epoch() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.go_to_epoch(4);
    world.deposit("bob", 5).unwrap();
    let pool = |epoch: Option<u32>| {
        let answer: PoolResponse = world.query(QueryMsg::Pool {
            epoch: epoch.map(Epoch),
        });
        assert_eq!(answer.as_of, as_of(&world));
        (answer.epoch.0, answer.counted.u128(), answer.next.u128())
    };
    assert_eq!(pool(None), (4, 10, 15));
    assert_eq!(pool(Some(0)), (0, 0, 10));
    assert_eq!(pool(Some(5)), (5, 15, 15));
}

#[test]
fn a_preview_says_what_staking_would_do() {
    let mut world = World::new();
    let preview = |world: &World, account: &str, numbers: &[u32]| -> PreviewStakeResponse {
        world.query(QueryMsg::PreviewStake {
            account: addr(account).into(),
            keys: keys(numbers),
        })
    };
    world.go_to(start_of(2) + 7);
    let seen = preview(&world, "alice", &[1, 2]);
    assert_eq!(seen.amount, Uint128::new(2 * STAKE));
    assert_eq!((seen.counts_from, seen.refusal), (Epoch(3), None));
    assert_eq!(seen.at.seconds(), start_of(3));
    assert_eq!(seen.earliest_release.seconds(), start_of(3) + 2_500);
    // It happens exactly so.
    world
        .stake_with("alice", seen.amount.u128(), &[1, 2])
        .unwrap();
    world.unstake("alice", &[1]).unwrap();
    assert_eq!(
        world.lots_of("alice")[0].1.release,
        seen.earliest_release.seconds()
    );

    // A refusal is the one that staking would meet.
    let pause = ExecuteMsg::Pause {
        activity: Activity::Staking,
        seconds: 10,
    };
    let refused = |world: &mut World, account: &str, numbers: &[u32]| {
        let said = preview(world, account, numbers).refusal;
        let met = world.stake(account, numbers).unwrap_err().to_string();
        assert_eq!(said, Some(met));
    };
    refused(&mut world, "alice", &[2]);
    refused(&mut world, "alice", &[6]);
    refused(&mut world, "alice", &[9]);
    refused(&mut world, "alice", &[3, 3]);
    world.execute("owner", pause).unwrap();
    refused(&mut world, "alice", &[3]);
    let none = preview(&world, "alice", &[]);
    assert_eq!(none.refusal.unwrap(), "name 1..=100 keys, 0 are named");
}

#[test]
fn solvency_shows_every_unit_and_donations_apart() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.deposit("alice", 100).unwrap();
    world.unbond("alice", 30).unwrap();
    world.unbond("alice", 20).unwrap();
    world.go_to_epoch(4);
    world.withdraw("alice", &[1]).unwrap();
    let proof = |world: &World| {
        let answer: SolvencyResponse = world.query(QueryMsg::Solvency {});
        assert_eq!(answer.denoms.len(), 1);
        answer.denoms[0].clone()
    };
    let seen = proof(&world);
    assert_eq!(seen.denom, Denom::Cw20(addr("qst").into()));
    assert_eq!((seen.received.u128(), seen.paid.u128()), (STAKE + 100, 30));
    let owed: Vec<_> = seen
        .owed
        .iter()
        .map(|part| (part.bucket.as_str(), part.amount.u128()))
        .collect();
    assert_eq!(owed, [("nodes", STAKE), ("pool", 50), ("lots", 20)]);
    assert_eq!(seen.liabilities.u128(), STAKE + 70);
    assert_eq!((seen.surplus.u128(), seen.solvent), (0, true));
    world.outside.borrow_mut().balance += 7;
    let seen = proof(&world);
    assert_eq!(
        (seen.surplus.u128(), seen.liabilities.u128()),
        (7, STAKE + 70)
    );
    world.outside.borrow_mut().balance -= 8;
    let seen = proof(&world);
    assert_eq!((seen.surplus.u128(), seen.solvent), (0, false));
}

#[test]
fn nothing_is_ever_due() {
    let world = World::new();
    let due: DueResponse = world.query(QueryMsg::Due {});
    assert!(due.now.is_empty() && due.next.is_none());
    assert_eq!(due.as_of.height, world.env.block.height);
}
