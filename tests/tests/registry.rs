//! Issue, ownership, approvals, what a change of owner ends.

use cosmwasm_std::{to_json_binary, Binary};
use cw_utils::Expiration;
use noderev_api::registry::{ExecuteMsg, IssueRow, Role};
use noderev_components::KeyId;
use noderev_testing::{Network, QST};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, assert_refused_with, command, deploy, finish, order,
    puppet, refusal, refuser,
};

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 3), ("bob", 1)]);
    net
}

#[test]
fn r1_the_cap_is_4732_and_nothing_raises_it() {
    let mut net = Network::builder().build();
    for _ in 0..4 {
        net.issue(&[("alice", 1_000)]);
    }
    net.issue(&[("alice", 731)]);
    let why = "4731 keys and 2 more would exceed the cap of 4732: issue at most 1 more";
    assert_changes_nothing(&mut net, why, |net| net.try_issue(&[("bob", 2)]));
    net.issue(&[("bob", 1)]);
    let why = "4732 keys and 1 more would exceed the cap of 4732: issue at most 0 more";
    assert_changes_nothing(&mut net, why, |net| net.try_issue(&[("bob", 1)]));
    assert_eq!(net.registry().num_tokens().count, 4_732);
    assert_eq!(net.registry().supply(None).cap, 4_732);
}

#[test]
fn r1_a_batch_is_bounded() {
    let mut net = network();
    assert_refused(net.try_issue(&[]), "name 1..=100 rows, 0 are named");
    assert_refused(
        net.try_issue(&[("alice", 1_001)]),
        "1001 keys in one message: issue at most 1000",
    );
    assert_refused(
        net.try_issue(&[("alice", 600), ("bob", 401)]),
        "1001 keys in one message: issue at most 1000",
    );
    assert_refused(
        net.try_issue(&[("alice", 1), ("bob", 0)]),
        "row 2 issues no key: count at least 1",
    );
    assert_refused(
        net.try_issue(&[("alice", u32::MAX), ("bob", u32::MAX)]),
        "4294967295 keys in one message: issue at most 1000",
    );
}

#[test]
fn r2_only_canonical_numbers_are_token_ids() {
    let mut net = network();
    let registry = net.addresses().registry.clone();
    for id in [
        "01",
        " 1",
        "1\n",
        "+1",
        "0",
        "",
        "1.0",
        "0x1",
        "4294967296",
        "-1",
        "१",
    ] {
        let msg = ExecuteMsg::TransferNft {
            recipient: net.account("bob").into_string(),
            token_id: id.into(),
        };
        let why = refusal(net.try_execute("alice", &registry, &msg, &[]));
        let should = format!(
            "token id {id:?} is not a key number: write it in decimal digits without leading zeros"
        );
        assert_eq!(why, should);
    }
    assert_refused(
        net.try_transfer("alice", "bob", 5),
        "there is no key 5: keys 1 to 4 exist",
    );
}

#[test]
fn r2_lists_are_in_numeric_order() {
    let mut net = network();
    net.issue(&[("alice", 10)]);
    let tokens = net.registry().tokens("alice", None, None).tokens;
    let should = [
        "1", "2", "3", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14",
    ];
    assert_eq!(tokens, should);
    assert_eq!(
        net.registry().tokens("alice", Some(9), Some(2)).tokens,
        ["10", "11"]
    );
}

#[test]
fn r3_only_the_minter_issues_and_never_after_the_seal() {
    let mut net = network();
    let rows = vec![IssueRow {
        owner: net.account("carol").into_string(),
        count: 1,
    }];
    for sender in ["alice", "owner", "guardian", "treasury"] {
        let msg = ExecuteMsg::Issue { rows: rows.clone() };
        let addr = net.account(sender);
        let why = format!("only the minter may do this, {addr} is not");
        assert_refused(net.try_on_registry(sender, &msg), &why);
    }
    net.seal_issuance();
    let why = "issuance has been sealed for ever: 4 keys were issued";
    assert_changes_nothing(&mut net, why, |net| net.try_issue(&[("carol", 1)]));
    assert_refused(net.try_seal_issuance(), why);
    // A new minter is sealed out as well, and so is everybody once the contract has no owner.
    let account = Some(net.account("carol").into_string());
    net.on_registry(
        "owner",
        &ExecuteMsg::SetRole {
            role: Role::Minter,
            account,
        },
    );
    assert_refused(
        net.try_on_registry("carol", &ExecuteMsg::Issue { rows }),
        why,
    );
    let renounce = ExecuteMsg::UpdateOwnership(cw_ownable::Action::RenounceOwnership);
    net.on_registry("owner", &renounce);
    assert_refused_with(net.try_split(2), "only the owner may do this");
    assert!(net.registry().supply(None).sealed);
}

#[test]
fn r4_a_transfer_ends_approvals_and_a_return_does_not_revive_them() {
    let mut net = network();
    net.approve("alice", "attacker", 1);
    net.transfer("alice", "bob", 1);
    let (alice, bob, attacker) = (
        net.account("alice"),
        net.account("bob"),
        net.account("attacker"),
    );
    let why =
        format!("key 1 belongs to {bob}: {attacker} has no approval to move it, or it has expired");
    assert_refused(net.try_transfer("attacker", "attacker", 1), &why);
    assert!(net.registry().approvals(1).approvals.is_empty());
    net.transfer("bob", "alice", 1);
    let why = format!(
        "key 1 belongs to {alice}: {attacker} has no approval to move it, or it has expired"
    );
    assert_refused(net.try_transfer("attacker", "attacker", 1), &why);
}

#[test]
fn r4_a_sale_ends_approvals() {
    let mut net = network();
    net.mint_qst("bob", 10);
    net.approve("alice", "attacker", 1);
    net.list("alice", 1, 10, false);
    net.buy("bob", 1);
    refusal(net.try_transfer("attacker", "attacker", 1));
    assert_eq!(
        net.registry().owner_of(1).owner,
        net.account("bob").as_str()
    );
}

#[test]
fn r5_an_approval_ends_at_its_second_and_at_its_height() {
    let mut net = network();
    let operator = net.account("carol").into_string();
    let end = net.now().plus_seconds(100);
    let expires = Some(Expiration::AtTime(end));
    net.on_registry(
        "alice",
        &ExecuteMsg::ApproveAll {
            operator: operator.clone(),
            expires,
        },
    );
    net.advance_seconds(99);
    net.transfer("carol", "carol", 1);
    net.advance_seconds(1);
    refusal(net.try_transfer("carol", "carol", 2));
    let expires = Some(Expiration::AtHeight(net.height() + 2));
    net.on_registry(
        "alice",
        &ExecuteMsg::ApproveAll {
            operator: operator.clone(),
            expires,
        },
    );
    net.advance_seconds(0);
    net.transfer("carol", "carol", 2);
    net.advance_seconds(0);
    refusal(net.try_transfer("carol", "carol", 3));
    let past = Some(Expiration::AtTime(end));
    let why = refusal(net.try_on_registry(
        "alice",
        &ExecuteMsg::ApproveAll {
            operator,
            expires: past,
        },
    ));
    assert!(why.ends_with("is past: choose a later end"), "{why}");
}

#[test]
fn r7_a_staked_key_leaves_its_stake_with_the_sender() {
    let mut net = network();
    net.mint_qst("alice", 200_000 * QST);
    net.stake_nodes("alice", &[1]);
    net.to_epoch(1);
    net.transfer("alice", "bob", 1);
    let position = net.vault().position("alice");
    assert_eq!(position.lots.len(), 1);
    assert_eq!(position.lots[0].amount.u128(), 200_000 * QST);
    // It counts to the end of the epoch, and bob may stake for the next at once.
    let key = net.registry().key(1);
    assert_eq!((key.staked, key.staked_next), (true, false));
    net.mint_qst("bob", 200_000 * QST);
    net.stake_nodes("bob", &[1]);
    net.to_epoch(16);
    net.withdraw_lots("alice", None);
    assert_eq!(net.qst_balance("alice"), 200_000 * QST);
    assert!(net.registry().key(1).staked);
    net.assert_invariants();
}

#[test]
fn r8_a_receiver_that_refuses_gets_no_key() {
    let mut net = network();
    let contract = deploy(&mut net, refuser(), "refuser");
    assert_refused(
        net.try_send_key("alice", contract.as_str(), 1, Binary::default()),
        "Generic error: I take nothing",
    );
    assert_eq!(
        net.registry().owner_of(1).owner,
        net.account("alice").as_str()
    );
    // A plain transfer asks nobody.
    net.transfer("alice", contract.as_str(), 1);
    assert_eq!(net.registry().owner_of(1).owner, contract.as_str());
}

#[test]
fn r8_a_receiver_that_passes_the_key_on_in_its_hook_does_so() {
    let mut net = network();
    let contract = deploy(&mut net, puppet(), "puppet");
    net.deposit_revenue("customer", 0, 10_000, 1);
    let registry = net.addresses().registry.clone();
    let pass_on = ExecuteMsg::TransferNft {
        recipient: net.account("carol").into_string(),
        token_id: "1".into(),
    };
    let orders = to_json_binary(&[order(&registry, &pass_on)]).unwrap();
    net.send_key("alice", contract.as_str(), 1, orders);
    assert_eq!(
        net.registry().owner_of(1).owner,
        net.account("carol").as_str()
    );
    finish(&mut net, 0, &[]);
    // 6,000 for four keys: carol owns key 1 at the end, the contract never did.
    net.claim_all("carol");
    assert_eq!(net.balances("carol")[0], 1_500);
    let nothing = net.distributor().account(contract.as_str());
    assert!(nothing.claimable.iter().all(|part| part.amount.is_zero()));
}

#[test]
fn r8_a_contract_that_owns_keys_can_do_all_that_others_can() {
    let mut net = network();
    let contract = deploy(&mut net, puppet(), "puppet");
    net.transfer("alice", contract.as_str(), 1);
    let registry = net.addresses().registry.clone();
    let id = KeyId(1);
    let list = ExecuteMsg::List {
        id,
        price: 5u128.into(),
        buyer: None,
        expires: None,
        with_stake: false,
    };
    command(&mut net, &contract, &[order(&registry, &list)]).unwrap();
    net.mint_qst("bob", 5);
    net.buy("bob", 1);
    assert_eq!(net.qst_balance(contract.as_str()), 5);
}

#[test]
fn r9_no_message_burns_a_key() {
    let mut net = network();
    let registry = net.addresses().registry.clone();
    let burn = serde_json::json!({ "burn": { "token_id": "1" } });
    assert_refused_with(
        net.try_execute("alice", &registry, &burn, &[]),
        "unknown variant",
    );
}

#[test]
fn r10_node_ids_are_unique_and_stay() {
    let mut net = network();
    let ids: Vec<String> = (1..=4).map(|key| net.registry().key(key).node_id).collect();
    let unique: std::collections::BTreeSet<&String> = ids.iter().collect();
    assert_eq!(unique.len(), 4);
    net.transfer("alice", "bob", 1);
    assert_eq!(net.registry().key(1).node_id, ids[0]);
}

#[test]
fn r13_the_reward_is_whose_the_key_is_at_the_end_of_the_epoch() {
    let mut net = network();
    net.deposit_revenue("customer", 0, 40_000, 4);
    // In epoch 0 alice sells key 1 to bob: bob's. At the first second of epoch 1 bob sells to
    // carol: epoch 1 is carol's, epoch 0 stays bob's though it isn't closed.
    net.transfer("alice", "bob", 1);
    net.to_epoch(1);
    net.transfer("bob", "carol", 1);
    finish(&mut net, 0, &[]);
    finish(&mut net, 1, &[]);
    // 6,000 an epoch for four keys.
    let claimed = |net: &mut Network, who: &str| {
        net.claim_all(who);
        net.balances(who)[0]
    };
    assert_eq!(claimed(&mut net, "bob"), 3_000 + 1_500);
    assert_eq!(claimed(&mut net, "carol"), 1_500);
    assert_eq!(claimed(&mut net, "alice"), 6_000);
    net.assert_invariants();
}

#[test]
fn a_key_cannot_be_sent_to_the_registry_itself() {
    let mut net = network();
    let registry = net.addresses().registry.to_string();
    let why = format!(
        "a key sent to the registry itself ({registry}) would be lost: choose another owner"
    );
    assert_refused(net.try_transfer("alice", &registry, 1), &why);
}

#[test]
fn a_change_of_owner_ends_the_operator() {
    let mut net = network();
    net.set_operator("alice", 1, Some("ops"));
    assert_eq!(net.registry().key(1).operator, Some(net.account("ops")));
    net.transfer("alice", "bob", 1);
    net.transfer("bob", "alice", 1);
    assert_eq!(net.registry().key(1).operator, None);
    let (bob, alice) = (net.account("bob"), net.account("alice"));
    let why = format!("key 1 belongs to {alice}: only the owner may do this, {bob} is not");
    assert_refused(net.try_set_operator("bob", 1, Some("ops")), &why);
}
