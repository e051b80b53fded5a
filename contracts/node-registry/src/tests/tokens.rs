use super::*;
use cw721::msg::{
    AllInfoResponse, AllNftInfoResponse, ApprovalResponse, ApprovalsResponse,
    CollectionInfoAndExtensionResponse, ConfigResponse, OperatorResponse, OperatorsResponse,
    OwnerOfResponse,
};
use cw_utils::Expiration;
use noderev_api::registry::raw::BUNDLE;
use noderev_api::registry::{FormerKey, FormerKeysResponse, NodeInfo};

fn approve(key: u32, spender: &str, expires: Option<Expiration>) -> ExecuteMsg {
    ExecuteMsg::Approve {
        spender: who(spender).into(),
        token_id: key.to_string(),
        expires,
    }
}

fn approve_all(operator: &str, expires: Option<Expiration>) -> ExecuteMsg {
    ExecuteMsg::ApproveAll {
        operator: who(operator).into(),
        expires,
    }
}

fn may_not_move(key: u32, owner: &str, sender: &str) -> String {
    let (owner, sender) = (who(owner), who(sender));
    format!("key {key} belongs to {owner}: {sender} has no approval to move it, or it has expired")
}

fn approvals(world: &World, key: u32, include_expired: Option<bool>) -> Vec<Addr> {
    let token_id = key.to_string();
    let answer: ApprovalsResponse = world.query(QueryMsg::Approvals {
        token_id: token_id.clone(),
        include_expired,
    });
    let owner: OwnerOfResponse = world.query(QueryMsg::OwnerOf {
        token_id,
        include_expired,
    });
    assert_eq!(owner.approvals, answer.approvals);
    answer.approvals.into_iter().map(|it| it.spender).collect()
}

fn seconds(seconds: u64) -> Option<Expiration> {
    Some(Expiration::AtTime(Timestamp::from_seconds(START + seconds)))
}

#[test]
fn a_transfer_has_cw721s_attributes_and_calls_nobody() {
    let mut world = World::issued(1);
    let response = world.transfer("alice", 1, "bob");
    let (alice, bob) = (who("alice"), who("bob"));
    assert_eq!(
        plain(&response),
        [
            ("action", "transfer_nft"),
            ("sender", alice.as_str()),
            ("recipient", bob.as_str()),
            ("token_id", "1")
        ]
    );
    assert!(response.messages.is_empty());
    let moved = event(&response, "transferred");
    assert_eq!(attribute(moved, "v"), "1");
    assert_eq!(attribute(moved, "seq"), "3");
    assert_eq!(attribute(moved, "from"), alice.as_str());
    assert_eq!(attribute(moved, "stake_released"), "false");
    // There was no listing to end.
    assert!(moved.attributes.iter().all(|it| it.key != "delisted"));
    assert_eq!(world.owner_of(1), bob);
}

#[test]
fn a_staked_keys_stake_is_released_to_the_seller() {
    let mut world = World::issued(2);
    world.toggle_stake(1);
    let response = world.transfer("alice", 1, "bob");
    assert_eq!(released(&response), [(1, who("alice"))]);
    assert_eq!(
        attribute(event(&response, "transferred"), "stake_released"),
        "true"
    );
    // The mocked vault ignores the message; the real one toggles.
    world.toggle_stake(1);
    assert!(released(&world.transfer("bob", 1, "alice")).is_empty());
    assert!(released(&world.transfer("alice", 2, "bob")).is_empty());
}

#[test]
fn a_child_of_a_staked_key_is_staked_too() {
    let mut world = World::issued(2);
    world.toggle_stake(2);
    world.ok("owner", ExecuteMsg::Split { factor: 2 });
    world.at_epoch(1);
    assert!(released(&world.transfer("alice", 3, "bob")).is_empty());
    assert_eq!(
        released(&world.transfer("alice", 4, "bob")),
        [(4, who("alice"))]
    );
}

#[test]
fn a_transfer_to_the_owner_himself_ends_approvals_but_not_the_stake() {
    let mut world = World::issued(1);
    world.toggle_stake(1);
    world.ok("alice", approve(1, "bob", None));
    let response = world.transfer("alice", 1, "alice");
    assert!(released(&response).is_empty());
    assert!(approvals(&world, 1, None).is_empty());
    assert_eq!(world.owner_of(1), who("alice"));
}

#[test]
fn a_vault_that_does_not_answer_stops_a_transfer() {
    let mut world = World::issued(1);
    world.deps.querier = MockQuerier::default();
    assert!(world.send("alice", transfer(1, "bob")).is_err());
    assert_eq!(world.owners_at(0, [1]), [Some(who("alice"))]);
}

#[test]
fn ownership_of_an_epoch_is_the_owners_at_its_end() {
    let mut world = World::issued(1);
    world.at_epoch(2);
    world.transfer("alice", 1, "bob");
    world.transfer("bob", 1, "carol");
    world.pass(LENGTH - 1);
    world.transfer("carol", 1, "dave");
    world.pass(1);
    world.transfer("dave", 1, "bob");
    let owners = [0, 1, 2, 3].map(|epoch| world.owners_at(epoch, [1])[0].clone().unwrap());
    assert_eq!(owners, ["alice", "alice", "dave", "bob"].map(who));
    let text = "epoch 4 has not begun: epoch 3 is running";
    let keys = ids([1]);
    world.query_refused(
        QueryMsg::OwnersAt {
            keys: keys.clone(),
            epoch: Epoch(4),
        },
        text,
    );
    let epoch = Epoch(0);
    let text = "name 1..=100 keys, 101 are named";
    let keys = ids(1..=101);
    world.query_refused(QueryMsg::OwnersAt { keys, epoch }, text);
    let page = |name: &str, limit| -> FormerKeysResponse {
        world.query(QueryMsg::FormerKeys {
            owner: who(name).into(),
            start_after: None,
            limit,
        })
    };
    let former = |name: &str| page(name, None).keys;
    let entry = |until| FormerKey {
        until: Epoch(until),
        key: KeyId(1),
    };
    assert_eq!(former("alice"), [entry(2)]);
    assert_eq!(former("dave"), [entry(3)]);
    // Bob and Carol had it, in epoch 2, only within the epoch.
    assert!(former("bob").is_empty() && former("carol").is_empty());
    // A full page says where to go on, any page when it was true.
    let full = page("alice", Some(1));
    assert_eq!(
        (full.next, page("alice", None).next),
        (Some(entry(2)), None)
    );
    let key: KeyResponse = world.query(QueryMsg::Key { id: KeyId(1) });
    assert_eq!(key.owner_since, Epoch(3));
    let supply: noderev_api::registry::SupplyResponse =
        world.query(QueryMsg::Supply { epoch: None });
    let owners: OwnersAtResponse = world.query(QueryMsg::OwnersAt {
        keys: ids([1]),
        epoch,
    });
    assert_eq!(owners.epoch, epoch);
    let seq = crate::state::EVENTS
        .seq(&BUNDLE.over(Local(&world.deps.storage)))
        .unwrap();
    let now = noderev_components::AsOf::now(&world.env, seq);
    assert_eq!(
        [full.as_of, key.as_of, supply.as_of, owners.as_of],
        [(); 4].map(|()| now.clone())
    );
}

#[test]
fn r4_approvals_end_with_every_change_of_owner_and_do_not_come_back() {
    let mut world = World::issued(1);
    world.ok("alice", approve(1, "bob", None));
    world.transfer("alice", 1, "carol");
    assert!(approvals(&world, 1, Some(true)).is_empty());
    world.refused("bob", transfer(1, "bob"), &may_not_move(1, "carol", "bob"));
    world.transfer("carol", 1, "alice");
    assert!(approvals(&world, 1, Some(true)).is_empty());
    world.refused("bob", transfer(1, "bob"), &may_not_move(1, "alice", "bob"));
    // By sale.
    world.ok("alice", approve(1, "bob", None));
    let listing = world.list("alice", 1, 10);
    world.buy("carol", 10, &[(1, listing, 10)]).unwrap();
    world.refused("bob", transfer(1, "bob"), &may_not_move(1, "carol", "bob"));
}

#[test]
fn an_approved_spender_moves_the_key_once() {
    let mut world = World::issued(2);
    world.ok("alice", approve(1, "bob", None));
    world.refused("bob", transfer(2, "bob"), &may_not_move(2, "alice", "bob"));
    let response = world.transfer("bob", 1, "carol");
    assert_eq!(
        attribute(event(&response, "transferred"), "by"),
        who("bob").as_str()
    );
    world.refused("bob", transfer(1, "bob"), &may_not_move(1, "carol", "bob"));
}

#[test]
fn an_approval_is_listed_replaced_and_revoked() {
    let mut world = World::issued(1);
    let response = world.ok("alice", approve(1, "bob", seconds(50)));
    let (alice, bob) = (who("alice"), who("bob"));
    let expected = |action| {
        [
            ("action", action),
            ("sender", alice.as_str()),
            ("spender", bob.as_str()),
            ("token_id", "1"),
        ]
    };
    assert_eq!(plain(&response), expected("approve"));
    world.ok("alice", approve(1, "bob", None));
    assert_eq!(approvals(&world, 1, None), [who("bob")]);
    let approval = |spender: &Addr| QueryMsg::Approval {
        token_id: "1".to_string(),
        spender: spender.into(),
        include_expired: None,
    };
    for spender in [&bob, &alice] {
        let answer: ApprovalResponse = world.query(approval(spender));
        assert_eq!(answer.approval.expires, Expiration::Never {});
    }
    let revoke = ExecuteMsg::Revoke {
        spender: bob.to_string(),
        token_id: "1".to_string(),
    };
    let response = world.ok("alice", revoke);
    assert_eq!(plain(&response), expected("revoke"));
    world.query_refused(approval(&bob), "approval not found");
    world.refused("bob", transfer(1, "bob"), &may_not_move(1, "alice", "bob"));
}

#[test]
fn only_the_owner_or_a_mover_of_all_may_approve() {
    let mut world = World::issued(1);
    let text = |sender| {
        let (alice, sender) = (who("alice"), who(sender));
        format!("key 1 belongs to {alice}: only the owner or who may move all the owner's keys may approve, {sender} may not")
    };
    world.ok("alice", approve(1, "bob", None));
    world.refused("bob", approve(1, "carol", None), &text("bob"));
    let revoke = ExecuteMsg::Revoke {
        spender: who("bob").into(),
        token_id: "1".to_string(),
    };
    world.refused("carol", revoke, &text("carol"));
    world.ok("alice", approve_all("carol", None));
    world.ok("carol", approve(1, "dave", None));
    world.transfer("dave", 1, "dave");
}

#[test]
fn a_key_has_at_most_30_approvals_and_expired_ones_make_room() {
    let mut world = World::issued(1);
    for spender in 0..30 {
        world.ok(
            "alice",
            approve(1, &format!("spender{spender}"), seconds(10)),
        );
    }
    let text = "key 1 has 30 approvals, which is the most: revoke one first";
    world.refused("alice", approve(1, "bob", None), text);
    world.ok("alice", approve(1, "spender7", seconds(10)));
    world.pass(10);
    assert_eq!(approvals(&world, 1, Some(true)).len(), 30);
    assert_eq!(approvals(&world, 1, None).len(), 0);
    world.ok("alice", approve(1, "bob", None));
    assert_eq!(approvals(&world, 1, Some(true)), [who("bob")]);
}

#[test]
fn r5_leave_expires_exactly_at_its_end() {
    let mut world = World::issued(4);
    let height = world.env.block.height;
    world.ok("alice", approve(1, "bob", seconds(50)));
    world.ok(
        "alice",
        approve(2, "bob", Some(Expiration::AtHeight(height + 2))),
    );
    world.ok("alice", approve_all("carol", seconds(50)));
    world.pass(49);
    world.transfer("carol", 4, "carol");
    world.ok("alice", approve(3, "bob", seconds(50)));
    world.pass(1);
    for (sender, key) in [("bob", 1), ("bob", 2), ("bob", 3), ("carol", 1)] {
        let text = may_not_move(key, "alice", sender);
        world.refused(sender, transfer(key, "bob"), &text);
    }
    let text = "expiration time: 1000050.000000000 is past: choose a later end";
    world.refused("alice", approve(1, "bob", seconds(50)), text);
    world.refused("alice", approve_all("bob", seconds(50)), text);
}

#[test]
fn who_may_move_all_keys_is_listed_and_revoked() {
    let mut world = World::issued(2);
    let (alice, bob) = (who("alice"), who("bob"));
    let response = world.ok("alice", approve_all("bob", None));
    let expected = |action| {
        [
            ("action", action),
            ("sender", alice.as_str()),
            ("operator", bob.as_str()),
        ]
    };
    assert_eq!(plain(&response), expected("approve_all"));
    world.ok("alice", approve_all("carol", seconds(10)));
    world.ok("alice", approve_all("dave", None));
    world.ok("dave", approve_all("mallory", None));
    world.pass(10);
    let all = |include_expired, start_after: Option<Addr>, limit| -> Vec<Addr> {
        let answer: OperatorsResponse = world.query(QueryMsg::AllOperators {
            owner: alice.to_string(),
            include_expired,
            start_after: start_after.map(Into::into),
            limit,
        });
        answer.operators.into_iter().map(|it| it.spender).collect()
    };
    assert_eq!(all(None, None, None).len(), 2);
    let whole = all(Some(true), None, None);
    assert_eq!(whole.len(), 3);
    let first = all(Some(true), None, Some(1));
    let rest = all(Some(true), Some(first[0].clone()), None);
    assert_eq!([first, rest].concat(), whole);
    let operator = |name: &str, include_expired| QueryMsg::Operator {
        owner: alice.to_string(),
        operator: who(name).into(),
        include_expired,
    };
    let answer: OperatorResponse = world.query(operator("carol", Some(true)));
    assert_eq!(answer.approval.spender, who("carol"));
    world.query_refused(operator("carol", None), "operator not found");
    world.transfer("bob", 1, "bob");
    // His keys, not those that were his.
    world.refused("dave", transfer(1, "dave"), &may_not_move(1, "bob", "dave"));
    let revoke = ExecuteMsg::RevokeAll {
        operator: bob.to_string(),
    };
    let response = world.ok("alice", revoke);
    assert_eq!(plain(&response), expected("revoke_all"));
    world.refused("bob", transfer(2, "bob"), &may_not_move(2, "alice", "bob"));
}

#[test]
fn r8_send_moves_the_key_before_it_tells_the_contract() {
    let mut world = World::issued(1);
    world.toggle_stake(1);
    let response = world.ok(
        "alice",
        ExecuteMsg::SendNft {
            contract: who("hub").into(),
            token_id: "1".to_string(),
            msg: b"hello".into(),
        },
    );
    assert_eq!(world.owner_of(1), who("hub"));
    let (alice, hub) = (who("alice"), who("hub"));
    assert_eq!(
        plain(&response),
        [
            ("action", "send_nft"),
            ("sender", alice.as_str()),
            ("recipient", hub.as_str()),
            ("token_id", "1")
        ]
    );
    let (contract, told) = executed(&response.messages[1].msg).unwrap();
    assert_eq!(contract, hub.as_str());
    let told = String::from_utf8(told.to_vec()).unwrap();
    let expected =
        format!(r#"{{"receive_nft":{{"sender":"{alice}","token_id":"1","msg":"aGVsbG8="}}}}"#);
    assert_eq!(told, expected);
    assert_eq!(released(&response), [(1, alice)]);
    // In the hook the receiver owns it and nobody else does.
    let text = may_not_move(1, "hub", "alice");
    world.refused("alice", transfer(1, "alice"), &text);
    world.transfer("hub", 1, "alice");
}

#[test]
fn strangers_and_the_registry_get_nothing() {
    let mut world = World::issued(1);
    world.refused("bob", transfer(1, "bob"), &may_not_move(1, "alice", "bob"));
    world.refused(
        "alice",
        transfer(2, "bob"),
        "there is no key 2: keys 1 to 1 exist",
    );
    let text = format!(
        "a key sent to the registry itself ({}) would be lost: choose another owner",
        who("registry")
    );
    world.refused("alice", transfer(1, "registry"), &text);
    world.list("alice", 1, 10);
    for contract in ["vault", "distributor", "qst"] {
        let text = format!(
            "a key sent to the {contract} ({}) would be lost: choose another owner",
            who(contract)
        );
        world.refused("alice", transfer(1, contract), &text);
        let (contract, token_id, msg) = (who(contract).into(), "1".to_string(), Binary::default());
        let send = ExecuteMsg::SendNft {
            contract,
            token_id,
            msg,
        };
        world.refused("alice", send, &text);
    }
    let text = format!(
        "a key sent to the vault ({}) would be lost: choose another owner",
        who("vault")
    );
    world.buy_refused("vault", 10, &[(1, 1, 10)], &text);
    let (owner, count) = (who("vault").into(), 1);
    let rows = vec![IssueRow { owner, count }];
    world.refused("minter", ExecuteMsg::Issue { rows }, &text);
    let shouted = ExecuteMsg::TransferNft {
        recipient: who("bob").as_str().to_uppercase(),
        token_id: "1".to_string(),
    };
    assert!(world.send("alice", shouted).is_err());
}

#[test]
fn the_collection_answers_front_ends_of_both_versions() {
    let mut world = World::issued(2);
    let collection = CollectionInfoAndExtensionResponse {
        name: "Node keys".to_string(),
        symbol: "NODE".to_string(),
        extension: None::<Empty>,
        updated_at: Timestamp::from_seconds(START),
    };
    for msg in [
        QueryMsg::ContractInfo {},
        QueryMsg::GetCollectionInfoAndExtension {},
    ] {
        let answer: CollectionInfoAndExtensionResponse<Option<Empty>> = world.query(msg);
        assert_eq!(answer, collection);
    }
    let config: ConfigResponse<Option<Empty>> = world.query(QueryMsg::GetConfig {});
    assert_eq!(config.num_tokens, 2);
    assert_eq!(config.minter_ownership.owner, Some(who("minter")));
    assert_eq!(config.creator_ownership.owner, Some(who("owner")));
    let all: AllInfoResponse = world.query(QueryMsg::GetAllInfo {});
    assert_eq!(all.contract_info.admin, Some(who("admin")));
    world.ok("alice", approve(2, "bob", None));
    let nft: AllNftInfoResponse<NodeInfo> = world.query(QueryMsg::AllNftInfo {
        token_id: "2".to_string(),
        include_expired: None,
    });
    assert_eq!(nft.access.owner, who("alice").as_str());
    assert_eq!(nft.access.approvals.len(), 1);
    assert_eq!(nft.info.extension.node_id.len(), 32);
    for msg in [
        QueryMsg::GetCollectionExtensionAttributes {},
        QueryMsg::GetWithdrawAddress {},
        QueryMsg::GetMinterOwnership {},
        QueryMsg::GetCreatorOwnership {},
    ] {
        contract::query(world.deps.as_ref(), world.env.clone(), msg).unwrap();
    }
}
