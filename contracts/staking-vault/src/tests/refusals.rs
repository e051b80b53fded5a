//! Every refusal, with its exact words.

use cosmwasm_std::{to_json_binary, Addr, Binary, Uint128};
use cw20::Cw20ReceiveMsg;
use noderev_api::vault::{Activity, ExecuteMsg, InstantiateMsg, Params, QueryMsg, ReceiveMsg};

use super::world::*;

#[test]
fn instantiation_takes_only_a_registry_that_names_this_vault() {
    let mut world = World::empty();
    world.outside.borrow_mut().named_vault = Addr::unchecked("other");
    let text = format!(
        "registry {} names other as its vault, this contract is {}: instantiate the registry with this contract's address",
        addr("registry"),
        world.env.contract.address
    );
    assert_refused(world.instantiate(init_msg()), &text);
    assert!(dump(&world.deps.storage).is_empty());
}

#[test]
fn parameters_stay_in_their_bounds() {
    let unbonding = |seconds| Params {
        unbonding_period: seconds,
        minimum_lock: 0,
    };
    let lock = |seconds| Params {
        unbonding_period: 0,
        minimum_lock: seconds,
    };
    let refusals = [
        (
            unbonding(7_776_001),
            "unbonding_period is 7776001: must be 0..=7776000",
        ),
        (
            lock(31_536_001),
            "minimum_lock is 31536001: must be 0..=31536000",
        ),
        (
            lock(u64::MAX),
            "minimum_lock is 18446744073709551615: must be 0..=31536000",
        ),
    ];
    for (params, text) in refusals {
        let msg = InstantiateMsg {
            params: params.clone(),
            ..init_msg()
        };
        assert_refused(World::empty().instantiate(msg), text);
        let queued = World::new().execute("owner", ExecuteMsg::QueueParams { params });
        assert_refused(queued, text);
    }
    for params in [unbonding(0), unbonding(7_776_000), lock(31_536_000)] {
        let mut world = World::with(params.clone());
        world
            .execute("owner", ExecuteMsg::QueueParams { params })
            .unwrap();
    }
}

#[test]
fn lists_are_of_1_to_100_different_entries() {
    let mut world = World::new();
    let many: Vec<u32> = (1..=101).collect();
    let no_keys = "name 1..=100 keys, 0 are named";
    let many_keys = "name 1..=100 keys, 101 are named";
    let twice = "key 2 is named twice";
    assert_refused(world.stake_with("alice", 1, &[]), no_keys);
    assert_refused(world.stake("alice", &many), many_keys);
    assert_refused(world.stake("alice", &[2, 1, 2]), twice);
    assert_refused(world.unstake("alice", &[]), no_keys);
    assert_refused(world.unstake("alice", &many), many_keys);
    assert_refused(world.unstake("alice", &[2, 2]), twice);
    assert_refused(world.release(&[]), no_keys);
    assert_refused(world.release(&[(2, "alice"), (2, "bob")]), twice);
    let numbers: Vec<u64> = (1..=101).collect();
    assert_refused(
        world.withdraw("alice", &[]),
        "name 1..=100 lots, 0 are named",
    );
    assert_refused(
        world.withdraw("alice", &numbers),
        "name 1..=100 lots, 101 are named",
    );
    assert_refused(world.withdraw("alice", &[7, 7]), "lot 7 is named twice");
    let query = |numbers: &[u32]| {
        world.try_query(QueryMsg::NodeStakes {
            keys: keys(numbers),
        })
    };
    assert_refused(query(&[]), no_keys);
    assert_refused(query(&many), many_keys);
    assert_refused(query(&[2, 2]), twice);
}

#[test]
fn a_huge_list_is_refused_before_storage_is_read() {
    let mut world = World::new();
    let many: Vec<u32> = (1..=10_000).collect();
    let text = "name 1..=100 keys, 10000 are named";
    assert_refused(world.stake("alice", &many), text);
    assert_refused(world.unstake("alice", &many), text);
}

#[test]
fn key_0_is_no_key_before_and_after_a_split() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.split(1, 2);
    for epoch in [0, 1] {
        world.go_to_epoch(epoch);
        let text = "key 0 does not exist";
        let parsed = "Error parsing into type noderev_api::vault::ReceiveMsg: token id \"0\" is \
                      not a key number: write it in decimal digits without leading zeros";
        assert_refused(world.stake("alice", &[0]), parsed);
        assert_refused(world.unstake("alice", &[0, 1]), text);
        assert_refused(world.release(&[(0, "alice")]), text);
    }
}

#[test]
fn stakes_are_exact_and_of_own_unstaked_keys() {
    let mut world = World::new();
    assert_refused(
        world.stake_with("alice", STAKE - 1, &[1]),
        "199999999999 units came, 1 nodes take exactly 200000000000",
    );
    assert_refused(
        world.stake_with("alice", STAKE, &[1, 2]),
        "200000000000 units came, 2 nodes take exactly 400000000000",
    );
    assert_refused(world.stake("alice", &[9]), "key 9 does not exist");
    assert_refused(
        world.stake("alice", &[1, 6]),
        &format!(
            "key 6 belongs to {}, not to {}: only its owner stakes and unstakes it",
            addr("bob"),
            addr("alice")
        ),
    );
    world.stake("alice", &[1]).unwrap();
    assert_refused(
        world.stake("alice", &[2, 1]),
        "node 1 is staked in epoch 1: a node is staked once or not at all",
    );
    assert_refused(
        world.unstake("alice", &[1, 2]),
        "node 2 is not staked in epoch 1: there is nothing to take off",
    );
    assert_refused(
        world.release(&[(1, "alice"), (2, "alice")]),
        "node 2 is not staked in epoch 1: there is nothing to take off",
    );
    assert_eq!(world.staked(1), [1]);
}

#[test]
fn amounts_of_0_are_refused() {
    let mut world = World::new();
    let text = "the amount is 0: it must be more";
    assert_refused(world.deposit("alice", 0), text);
    assert_refused(world.stake_with("alice", 0, &[1]), text);
    let account = addr("alice").into();
    let msg = ReceiveMsg::DepositPoolFor { account };
    assert_refused(world.send("distributor", 0, &msg), text);
    assert_refused(world.unbond("alice", 0), text);
}

#[test]
fn nobody_unbonds_more_than_he_has() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.deposit("bob", 10).unwrap();
    let text = |need| {
        format!(
            "{need} units asked for, {} has 10 in the pool from epoch 1 on",
            addr("alice")
        )
    };
    assert_refused(world.unbond("alice", 11), &text(11));
    assert_refused(world.unbond("alice", u128::MAX), &text(u128::MAX));
}

#[test]
fn lots_that_are_not_there_or_not_ripe_are_refused() {
    let mut world = World::new();
    world.deposit("alice", 10).unwrap();
    world.unbond("alice", 4).unwrap();
    // Released 2,500 s after the boundary of epoch 1.
    let release = START + 1_000 + 2_500;
    world.go_to(release - 1);
    assert_refused(
        world.withdraw("alice", &[1]),
        &format!(
            "lot 1 is released at {release}, now is {} (Unix seconds): wait or cancel it",
            release - 1
        ),
    );
    assert_refused(
        world.withdraw_page("alice", None, None),
        &format!(
            "none of the 1 lots on this page is released at {} (Unix seconds)",
            release - 1
        ),
    );
    world.go_to(release);
    assert_refused(
        world.cancel("alice", 1),
        &format!("lot 1 was released at {release}, now is {release} (Unix seconds): withdraw it"),
    );
    for lot in [0, 2, u64::MAX] {
        let text = format!(
            "{} has no lot {lot}: it never existed, was withdrawn or was cancelled",
            addr("alice")
        );
        assert_refused(world.withdraw("alice", &[1, lot]), &text);
        assert_refused(world.cancel("alice", lot), &text);
    }
    let msg = |start_after, limit| ExecuteMsg::WithdrawLots {
        lots: Some(vec![1]),
        start_after,
        limit,
    };
    let text = "name lots by number or by page, not both: leave out start_after and limit";
    assert_refused(world.execute("alice", msg(Some(0), None)), text);
    assert_refused(world.execute("alice", msg(None, Some(9))), text);
    for after in [Some(1), Some(u64::MAX)] {
        assert_refused(
            world.withdraw_page("alice", after, None),
            &format!("none of the 0 lots on this page is released at {release} (Unix seconds)"),
        );
    }
}

#[test]
fn a_lot_of_before_a_split_is_not_put_back() {
    let mut world = World::new();
    world.stake("alice", &[1]).unwrap();
    world.unstake("alice", &[1]).unwrap();
    world.split(1, 4);
    world.go_to_epoch(1);
    assert_refused(
        world.cancel("alice", 1),
        "lot 1 holds 200000000000 units, node 1 takes 50000000000 since a split: withdraw it",
    );
}

#[test]
fn a_lot_goes_back_only_into_an_own_unstaked_key() {
    let mut world = World::new();
    world.stake("alice", &[1, 2]).unwrap();
    world.unstake("alice", &[1, 2]).unwrap();
    world.stake("alice", &[1]).unwrap();
    assert_refused(
        world.cancel("alice", 1),
        "node 1 is staked in epoch 1: a node is staked once or not at all",
    );
    world.give(2, "bob");
    assert_refused(
        world.cancel("alice", 2),
        &format!(
            "key 2 belongs to {}, not to {}: only its owner stakes and unstakes it",
            addr("bob"),
            addr("alice")
        ),
    );
}

#[test]
fn a_pause_stops_what_comes_in_and_nothing_that_goes_out() {
    let mut world = World::new();
    world.stake("alice", &[1, 2]).unwrap();
    world.deposit("alice", 10).unwrap();
    world.unbond("alice", 1).unwrap();
    let pause = ExecuteMsg::Pause {
        activity: Activity::Staking,
        seconds: 10_000,
    };
    world.execute("guardian", pause).unwrap();
    let text = "staking is paused until 1700010000 (Unix seconds)";
    assert_refused(world.stake("alice", &[3]), text);
    assert_refused(world.deposit("alice", 1), text);
    let account = addr("alice").into();
    let msg = ReceiveMsg::DepositPoolFor { account };
    assert_refused(world.send("distributor", 1, &msg), text);
    assert_refused(world.cancel("alice", 1), text);
    world.unbond("alice", 9).unwrap();
    world.unstake("alice", &[1]).unwrap();
    world.release(&[(2, "alice")]).unwrap();
    world.go_to(START + 3_500);
    world.withdraw("alice", &[1, 2, 3, 4]).unwrap();
    assert_eq!(world.buckets(), (0, 0, 0));
    world.go_to(START + 10_000);
    world.stake("alice", &[3]).unwrap();
}

#[test]
fn malformed_messages_are_refused() {
    let mut world = World::new();
    let bodies = [
        "",
        "{}",
        r#"{"stake_nodes":{"keys":[1],"extra":1}}"#,
        r#"{"stake_nodes":{"keys":[-1]}}"#,
        r#"{"stake_nodes":{"keys":[4294967296]}}"#,
        r#"{"stake_nodes":{}}"#,
        r#"{"deposit_pool":{"amount":"1"}}"#,
        r#"{"deposit_pool":{},"stake_nodes":{"keys":[1]}}"#,
    ];
    for body in bodies {
        let msg = Cw20ReceiveMsg {
            sender: addr("alice").into(),
            amount: Uint128::new(STAKE),
            msg: Binary::from(body.as_bytes()),
        };
        let refused = world.execute("qst", ExecuteMsg::Receive(msg));
        assert!(refused.is_err(), "{body}");
    }
    let messages = [
        r#"{"unbond_pool":{"amount":"1","extra":1}}"#,
        r#"{"withdraw_lots":{"lot":[1]}}"#,
        r#"{"sweep":{}}"#,
    ];
    for message in messages {
        let parsed: Result<ExecuteMsg, _> = cosmwasm_std::from_json(message.as_bytes());
        assert!(parsed.is_err(), "{message}");
    }
}

#[test]
fn addresses_are_checked() {
    let mut world = World::new();
    let long = "x".repeat(65_536);
    for name in ["", "Alice", "not an address", long.as_str()] {
        let account = name.to_string();
        let msg = ReceiveMsg::DepositPoolFor { account };
        assert!(world.send("distributor", 1, &msg).is_err());
        let msg = Cw20ReceiveMsg {
            sender: name.to_string(),
            amount: Uint128::one(),
            msg: to_json_binary(&ReceiveMsg::DepositPool {}).unwrap(),
        };
        assert!(world.execute("qst", ExecuteMsg::Receive(msg)).is_err());
        let msg = InstantiateMsg {
            owner: name.to_string(),
            ..init_msg()
        };
        assert!(World::empty().instantiate(msg).is_err());
    }
}
