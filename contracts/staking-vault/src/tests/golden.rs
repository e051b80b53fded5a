//! Tables that must not change unnoticed: who may send what, where records are, and their bytes.

use cosmwasm_std::{coins, Order, Storage, Uint128};
use cw20::Cw20ReceiveMsg;
use noderev_api::vault::{Activity, ExecuteMsg, Release, Role};
use noderev_components::{Epoch, KeyId, Packed};

use super::world::*;
use crate::permissions::{required_caller, Caller};
use crate::state::Lot;

fn every_message() -> Vec<ExecuteMsg> {
    vec![
        ExecuteMsg::Receive(Cw20ReceiveMsg {
            sender: addr("alice").into(),
            amount: Uint128::one(),
            msg: cosmwasm_std::to_json_binary(&noderev_api::vault::ReceiveMsg::DepositPool {})
                .unwrap(),
        }),
        ExecuteMsg::UnstakeNodes { keys: keys(&[1]) },
        ExecuteMsg::UnbondPool {
            amount: Uint128::one(),
        },
        ExecuteMsg::WithdrawLots {
            lots: Some(vec![1]),
            start_after: None,
            limit: None,
        },
        ExecuteMsg::CancelLot { lot: 1 },
        ExecuteMsg::ReleaseStakes {
            releases: vec![Release {
                key: KeyId(1),
                staker: addr("alice").into(),
            }],
        },
        ExecuteMsg::QueueParams { params: PARAMS },
        ExecuteMsg::CancelParams {},
        ExecuteMsg::SetRole {
            role: Role::Guardian,
            account: None,
        },
        ExecuteMsg::Pause {
            activity: Activity::Staking,
            seconds: 1,
        },
        ExecuteMsg::Resume {
            activity: Activity::Staking,
        },
        ExecuteMsg::UpdateOwnership(cw_ownable::Action::RenounceOwnership),
    ]
}

fn name(msg: &ExecuteMsg) -> String {
    let json = serde_json::to_value(msg).unwrap();
    json.as_object().unwrap().keys().next().unwrap().clone()
}

#[test]
fn the_list_has_every_message_of_the_schema() {
    let schema = serde_json::to_value(cosmwasm_schema::schema_for!(ExecuteMsg)).unwrap();
    let variants = schema["oneOf"].as_array().unwrap();
    let mut wire: Vec<String> = variants
        .iter()
        .map(|variant| variant["required"][0].as_str().unwrap().to_string())
        .collect();
    let mut listed: Vec<String> = every_message().iter().map(name).collect();
    wire.sort();
    listed.sort();
    assert_eq!(listed, wire);
}

#[test]
fn permissions() {
    let table: Vec<(String, Caller)> = every_message()
        .iter()
        .map(|msg| (name(msg), required_caller(msg)))
        .collect();
    let golden = [
        ("receive", Caller::Qst),
        ("unstake_nodes", Caller::KeyOwner),
        ("unbond_pool", Caller::Account),
        ("withdraw_lots", Caller::Account),
        ("cancel_lot", Caller::Account),
        ("release_stakes", Caller::Registry),
        ("queue_params", Caller::Owner),
        ("cancel_params", Caller::Owner),
        ("set_role", Caller::Owner),
        ("pause", Caller::OwnerOrGuardian),
        ("resume", Caller::OwnerOrGuardian),
        ("update_ownership", Caller::OwnershipParty),
    ];
    let golden: Vec<(String, Caller)> = golden
        .into_iter()
        .map(|(name, role)| (name.to_string(), role))
        .collect();
    assert_eq!(table, golden);
}

#[test]
fn a_stranger_gets_no_further_than_the_table_says() {
    for msg in every_message() {
        let sender = addr("eve");
        let only = |role: &str| format!("only the {role} may do this, {sender} is not");
        let text = match required_caller(&msg) {
            Caller::Qst => only("QST token"),
            Caller::Registry => only("node registry"),
            Caller::Owner => only("owner"),
            Caller::OwnerOrGuardian => only("owner or guardian"),
            Caller::OwnershipParty => "Caller is not the contract's current owner".to_string(),
            Caller::Account | Caller::KeyOwner => continue,
        };
        assert_refused(World::new().execute("eve", msg), &text);
    }
}

#[test]
fn x3_no_message_takes_coins() {
    for msg in every_message() {
        for coins in [
            coins(1, "uatom"),
            vec![coins(1, "uatom")[0].clone(), coins(2, "uosmo")[0].clone()],
        ] {
            let sent: Vec<String> = coins.iter().map(ToString::to_string).collect();
            let text = format!(
                "this message takes no coins, {} came with it",
                sent.join(", ")
            );
            // Refused whoever sends it.
            for sender in ["alice", "owner", "qst", "registry"] {
                let refused = World::new().execute_with(sender, &coins, msg.clone());
                assert_refused(refused, &text);
            }
        }
    }
}

/// Every kind of record at once.
fn full_world() -> World {
    let mut world = World::new();
    world.stake("alice", &[1, 2]).unwrap();
    world.deposit("alice", 500).unwrap();
    world.go_to_epoch(1);
    world.unstake("alice", &[1]).unwrap();
    world.unbond("alice", 300).unwrap();
    let params = PARAMS;
    world
        .execute("owner", ExecuteMsg::QueueParams { params })
        .unwrap();
    let pause = ExecuteMsg::Pause {
        activity: Activity::Staking,
        seconds: 1,
    };
    world.execute("owner", pause).unwrap();
    world
}

#[test]
fn x16_namespaces_are_pairwise_different() {
    // Own records, raw API, shared blocks, named items: one byte or one name each.
    let bytes = [0xefu8, 0x80, 0x81, 0x82, 0x83, 0x90, 0x92, 0xe0, 0xe1, 0xe4];
    let names = ["contract_info", "ownership"];
    let world = full_world();
    let mut seen = std::collections::BTreeSet::new();
    for (key, _) in world.deps.storage.range(None, None, Order::Ascending) {
        match std::str::from_utf8(&key) {
            Ok(name) if names.contains(&name) => seen.insert(name.to_string()),
            _ => {
                assert!(bytes.contains(&key[0]), "{key:02x?}");
                seen.insert(format!("{:02x}", key[0]))
            }
        };
    }
    // Every one of them is in use, so none has moved onto another.
    assert_eq!(seen.len(), bytes.len() + names.len(), "{seen:?}");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn x16_records_have_these_keys_and_bytes() {
    let world = full_world();
    let alice = hex(&account("alice").key());
    let get = |key: &str| {
        let key: Vec<u8> = (0..key.len() / 2)
            .map(|at| u8::from_str_radix(&key[2 * at..2 * at + 2], 16).unwrap())
            .collect();
        world.deps.storage.get(&key).map(|bytes| hex(&bytes))
    };
    let staked = |bits: &str| format!("00000400{bits}{}", "00".repeat(127));
    let release = format!("{:016x}", start_of(2) + 2_500);
    let books = "19055d21dba1f40000000000052e90edd00001c8052e90edd12c";
    let pause = format!("{:016x}", start_of(1) + 1);
    let records = [
        // Node 1 of generation 0: changed twice, its stake counted from epoch 1.
        ("800000000001".to_string(), "0000000200000001".to_string()),
        // Node 2: changed once.
        ("800000000002".to_string(), "0000000100000001".to_string()),
        // Page 0 of generation 0: one past record, newest from epoch 2: key 2.
        ("810000000000".to_string(), format!("0102{}", staked("02"))),
        // Its past record 0, from epoch 1: keys 1 and 2.
        (
            "82000000000000000000".to_string(),
            format!("01{}", staked("03")),
        ),
        // Alice's pool stake: no past record, 200 from epoch 2, 500 one epoch earlier.
        (format!("83{alice}"), "000201c8010201f4".to_string()),
        // Her lots: 200,000 QST of node 1, 300 units of the pool; both out of epoch 2.
        (
            format!("90{alice}0000000000000001"),
            format!("052e90edd000{release}0000000200000001"),
        ),
        (
            format!("90{alice}0000000000000002"),
            format!("02012c{release}0000000200000000"),
        ),
        // The bundle. Events: instantiated, staked, deposited, unstaked, leaving, queued, paused.
        // Books: received, paid, three places, rate, three buckets. The pool's total as alice's
        // stake. The end of the pause. Lot 2.
        (
            "ef".to_string(),
            format!("0107{books}08000201c8010201f408{pause}0102"),
        ),
    ];
    for (key, bytes) in records {
        assert_eq!(get(&key), Some(bytes), "{key}");
    }
}

#[test]
fn lots_come_back_as_they_were_stored() {
    for key in [None, Some(KeyId(1)), Some(KeyId(u32::MAX))] {
        let lot = Lot {
            amount: u128::MAX,
            release: u64::MAX,
            until: Epoch(7),
            key,
        };
        assert_eq!(Lot::from_packed(&lot.to_packed()), Ok(lot));
    }
}

#[test]
fn every_action_has_its_typed_event() {
    let mut world = World::new();
    let seen = |response: cosmwasm_std::Response| {
        let action = response.attributes[0].value.clone();
        let event = events(&response).remove(0);
        let pairs: Vec<String> = event
            .1
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        format!("{action}: {} {}", event.0, pairs.join(" "))
    };
    let (alice, guardian) = (addr("alice"), addr("guardian"));
    let nanos = |seconds: u64| seconds * 1_000_000_000;
    let second = start_of(2) + 2_500;
    let (first_ns, second_ns) = (nanos(start_of(1) + 2_500), nanos(second));
    assert_eq!(
        seen(world.stake("alice", &[1, 2]).unwrap()),
        format!("stake_nodes: vault_node_staked v=1 seq=2 epoch=0 staker={alice} keys=1,2 each=200000000000 amount=400000000000 from_epoch=1")
    );
    assert_eq!(
        seen(world.unstake("alice", &[1]).unwrap()),
        format!("unstake_nodes: vault_node_unstaked v=1 seq=3 epoch=0 staker={alice} key=1 amount=200000000000 until_epoch=1 lot=1 release={first_ns} cause=unstaked")
    );
    assert_eq!(
        seen(world.cancel("alice", 1).unwrap()),
        format!("cancel_lot: vault_lot_cancelled v=1 seq=4 epoch=0 account={alice} lot=1 amount=200000000000 kind=node key=1 from_epoch=1 counts_from=1")
    );
    world.go_to_epoch(1);
    assert_eq!(
        seen(world.release(&[(2, "alice")]).unwrap()),
        format!("release_stakes: vault_node_unstaked v=1 seq=5 epoch=1 staker={alice} key=2 amount=200000000000 until_epoch=2 lot=2 release={second_ns} cause=released")
    );
    assert_eq!(
        seen(world.deposit("alice", 70).unwrap()),
        format!("deposit_pool: vault_pool_deposited v=1 seq=6 epoch=1 account={alice} amount=70 from_epoch=2 stake=70 total=70")
    );
    let msg = noderev_api::vault::ReceiveMsg::DepositPoolFor {
        account: alice.to_string(),
    };
    assert_eq!(
        seen(world.send("distributor", 30, &msg).unwrap()),
        format!("deposit_pool_for: vault_pool_deposited v=1 seq=7 epoch=1 account={alice} amount=30 from_epoch=2 stake=100 total=100 compounded=true")
    );
    assert_eq!(
        seen(world.unbond("alice", 40).unwrap()),
        format!("unbond_pool: vault_pool_leaving v=1 seq=8 epoch=1 account={alice} amount=40 until_epoch=2 lot=3 release={second_ns} stake=60 total=60")
    );
    assert_eq!(
        seen(world.cancel("alice", 3).unwrap()),
        format!("cancel_lot: vault_lot_cancelled v=1 seq=9 epoch=1 account={alice} lot=3 amount=40 kind=pool from_epoch=2 counts_from=2")
    );
    world.unbond("alice", 5).unwrap();
    world.go_to(second);
    assert_eq!(
        seen(world.withdraw("alice", &[4, 2]).unwrap()),
        format!("withdraw_lots: vault_lot_withdrawn v=1 seq=11 epoch=4 account={alice} lots=4,2 amounts=5,200000000000 amount=200000000005")
    );
    let set = |account: Option<&str>| ExecuteMsg::SetRole {
        role: Role::Guardian,
        account: account.map(|name| addr(name).into()),
    };
    assert_eq!(
        seen(world.execute("owner", set(None)).unwrap()),
        "set_role: vault_role_set v=1 seq=12 epoch=4 role=guardian"
    );
    assert_eq!(
        seen(world.execute("owner", set(Some("guardian"))).unwrap()),
        format!("set_role: vault_role_set v=1 seq=13 epoch=4 role=guardian account={guardian}")
    );
    let pause = ExecuteMsg::Pause {
        activity: Activity::Staking,
        seconds: 60,
    };
    assert_eq!(
        seen(world.execute("guardian", pause).unwrap()),
        format!(
            "pause: vault_paused v=1 seq=14 epoch=4 activity=staking until={} by={guardian}",
            nanos(second + 60)
        )
    );
    let resume = ExecuteMsg::Resume {
        activity: Activity::Staking,
    };
    assert_eq!(
        seen(world.execute("guardian", resume).unwrap()),
        format!("resume: vault_resumed v=1 seq=15 epoch=4 activity=staking by={guardian}")
    );
    let queue = ExecuteMsg::QueueParams { params: PARAMS };
    assert_eq!(
        seen(world.execute("owner", queue).unwrap()),
        "queue_params: vault_param_queued v=1 seq=16 epoch=4 from_epoch=12 unbonding_period=2500 minimum_lock=0"
    );
    assert_eq!(
        seen(world.execute("owner", ExecuteMsg::CancelParams {}).unwrap()),
        "cancel_params: vault_param_cancelled v=1 seq=17 epoch=4 from_epoch=12"
    );
    let offer = cw_ownable::Action::TransferOwnership {
        new_owner: alice.to_string(),
        expiry: Some(cw_ownable::Expiration::AtHeight(99_999_999)),
    };
    let owner = addr("owner");
    let step = ExecuteMsg::UpdateOwnership;
    assert_eq!(
        seen(world.execute("owner", step(offer)).unwrap()),
        format!("update_ownership: vault_ownership_updated v=1 seq=18 epoch=4 owner={owner} pending_owner={alice} expires_height=99999999")
    );
    // Nobody is no attribute.
    let renounce = cw_ownable::Action::RenounceOwnership;
    assert_eq!(
        seen(world.execute("owner", step(renounce)).unwrap()),
        "update_ownership: vault_ownership_updated v=1 seq=19 epoch=4"
    );
}
