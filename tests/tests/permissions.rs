//! Who may send what, with what, and what malformed messages come to.

use cosmwasm_std::{coins, Addr, Coin};
use cw20::Cw20ReceiveMsg;
use noderev_api::{distributor, registry, vault};
use noderev_testing::{Network, QST};
use noderev_tests::ext::{assert_refused_with, dump, false_token, refusal};
use noderev_tests::messages::{
    distributor_hooks, distributor_messages, registry_hooks, registry_messages, variants,
    vault_hooks, vault_messages, wire_name,
};
use serde_json::{json, Value};

fn network() -> Network {
    let mut net = Network::builder().build();
    net.issue(&[("alice", 3), ("bob", 3)]);
    net.mint_qst("alice", 10_000_000 * QST);
    net.mint_qst("attacker", 10_000_000 * QST);
    for coin in ["uusdc", "uatom"] {
        net.mint_native("alice", coin, 1_000_000);
        net.mint_native("attacker", coin, 1_000_000);
    }
    net
}

/// Every message of every contract, as JSON.
fn all_messages(net: &Network) -> Vec<(Addr, Value)> {
    let at = net.addresses().clone();
    let of = |contract: &Addr, msg: Value| (contract.clone(), msg);
    let mut all = vec![];
    let value = |msg: &dyn erased::Json| msg.json();
    all.extend(
        registry_messages(net)
            .iter()
            .map(|msg| of(&at.registry, value(msg))),
    );
    all.extend(
        vault_messages(net)
            .iter()
            .map(|msg| of(&at.vault, value(msg))),
    );
    all.extend(
        distributor_messages(net)
            .iter()
            .map(|msg| of(&at.distributor, value(msg))),
    );
    all
}

/// Every message that a token may carry, as JSON, with the contract that takes it.
fn all_hooks(net: &Network) -> Vec<(Addr, Value)> {
    let at = net.addresses().clone();
    let of = |contract: &Addr, msg: Value| (contract.clone(), msg);
    let mut all = vec![];
    let value = |msg: &dyn erased::Json| msg.json();
    all.extend(
        registry_hooks()
            .iter()
            .map(|msg| of(&at.registry, value(msg))),
    );
    all.extend(vault_hooks(net).iter().map(|msg| of(&at.vault, value(msg))));
    all.extend(
        distributor_hooks()
            .iter()
            .map(|msg| of(&at.distributor, value(msg))),
    );
    all
}

mod erased {
    use serde_json::Value;

    pub trait Json {
        fn json(&self) -> Value;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> Value {
            serde_json::to_value(self).unwrap()
        }
    }
}

#[test]
fn the_lists_of_messages_are_complete() {
    let net = network();
    let names = |messages: Vec<Value>| messages.iter().map(wire_name).collect();
    let json = |messages: &[&dyn erased::Json]| messages.iter().map(|msg| msg.json()).collect();
    let registry = registry_messages(&net);
    let registry: Vec<&dyn erased::Json> = registry.iter().map(|msg| msg as _).collect();
    assert_eq!(variants::<registry::ExecuteMsg>(), names(json(&registry)));
    let vault = vault_messages(&net);
    let vault: Vec<&dyn erased::Json> = vault.iter().map(|msg| msg as _).collect();
    assert_eq!(variants::<vault::ExecuteMsg>(), names(json(&vault)));
    let distributor = distributor_messages(&net);
    let distributor: Vec<&dyn erased::Json> = distributor.iter().map(|msg| msg as _).collect();
    assert_eq!(
        variants::<distributor::ExecuteMsg>(),
        names(json(&distributor))
    );
    let hooks = [
        registry_hooks().len(),
        vault_hooks(&net).len(),
        distributor_hooks().len(),
    ];
    let should = [
        variants::<registry::ReceiveMsg>().len(),
        variants::<vault::ReceiveMsg>().len(),
        variants::<distributor::ReceiveMsg>().len(),
    ];
    assert_eq!(hooks, should);
}

#[test]
fn x1_a_token_made_by_the_attacker_buys_stakes_and_deposits_nothing() {
    let mut net = network();
    let token = false_token(&mut net, "attacker");
    let before = dump(&net);
    for (contract, hook) in all_hooks(&net) {
        assert_refused_with(
            net.try_send("attacker", &token, 5, &contract, &hook),
            " is ",
        );
    }
    assert!(before == dump(&net));
}

#[test]
fn x1_a_token_that_names_the_owner_as_sender_is_refused_too() {
    let mut net = network();
    let owner = net.account("owner").into_string();
    for (contract, hook) in all_hooks(&net) {
        let receive = Cw20ReceiveMsg {
            sender: owner.clone(),
            amount: 5u128.into(),
            msg: serde_json::to_vec(&hook).unwrap().into(),
        };
        let msg = json!({ "receive": receive });
        assert_refused_with(net.try_execute("attacker", &contract, &msg, &[]), " is ");
    }
}

#[test]
fn x2_nobody_but_the_token_may_call_receive() {
    let mut net = network();
    let before = dump(&net);
    let receives = all_messages(&net)
        .into_iter()
        .filter(|(_, msg)| wire_name(msg) == "receive");
    let receives: Vec<_> = receives.collect();
    assert_eq!(receives.len(), 3);
    for (contract, msg) in receives {
        for sender in ["attacker", "alice", "owner"] {
            assert_refused_with(net.try_execute(sender, &contract, &msg, &[]), " is ");
        }
    }
    assert!(before == dump(&net));
}

#[test]
fn x3_every_message_refuses_coins() {
    let mut net = network();
    let one = coins(5, "uusdc");
    let two = vec![Coin::new(5u128, "uatom"), Coin::new(5u128, "uusdc")];
    let before = dump(&net);
    for (contract, msg) in all_messages(&net) {
        for (funds, text) in [(&one, "5uusdc"), (&two, "5uatom, 5uusdc")] {
            let payable = wire_name(&msg) == "deposit_revenue";
            if payable && funds.len() == 1 {
                continue;
            }
            let why = refusal(net.try_execute("alice", &contract, &msg, funds));
            let should = match payable {
                true => format!("send exactly one coin, {text} came"),
                false => format!("this message takes no coins, {text} came with it"),
            };
            assert_eq!(why, should, "{msg}");
        }
    }
    assert!(before == dump(&net));
}

#[test]
fn x4_a_transfer_of_nothing_does_nothing() {
    let mut net = network();
    let qst = net.addresses().qst.clone();
    let before = dump(&net);
    for (contract, hook) in all_hooks(&net) {
        refusal(net.try_send("alice", &qst, 0, &contract, &hook));
    }
    let nothing = distributor::ExecuteMsg::DepositRevenue {
        over: 1,
        source: "a".into(),
        reference: "b".into(),
    };
    assert_refused_with(
        net.try_on_distributor("alice", &nothing),
        "send exactly one coin",
    );
    assert!(before == dump(&net));
}

#[test]
fn x9_no_list_may_name_anything_twice() {
    let mut net = network();
    let before = dump(&net);
    let mut tried = 0;
    let mut all = all_messages(&net);
    all.extend(all_hooks(&net));
    for (contract, msg) in all {
        let name = wire_name(&msg);
        let Some(doubled) = doubled(&msg) else {
            continue;
        };
        tried += 1;
        let is_hook = all_hooks(&net)
            .iter()
            .any(|(at, hook)| *at == contract && *hook == msg);
        for sender in ["alice", "arbiter", "owner"] {
            let result = match is_hook {
                true => {
                    let qst = net.addresses().qst.clone();
                    net.mint_qst(sender, 10_000_000 * QST);
                    net.try_send(sender, &qst, 400_000 * QST, &contract, &doubled)
                }
                false => net.try_execute(sender, &contract, &doubled, &[]),
            };
            let why = refusal(result);
            assert!(!why.is_empty(), "{name}");
        }
    }
    // unstake_nodes, withdraw_lots, release_stakes, announce, rule, resolve, attesters in
    // queue_params; stake_nodes, buy, appeal, challenge. Rows of `issue` may repeat an owner.
    assert!(tried >= 10, "{tried}");
    let at_end = dump(&net);
    assert!(before[..3] == at_end[..3]);
}

/// The message with every non-empty list in it repeated.
fn doubled(msg: &Value) -> Option<Value> {
    fn walk(value: &mut Value, found: &mut bool) {
        match value {
            Value::Array(list) if !list.is_empty() => {
                list.extend(list.clone());
                *found = true;
            }
            Value::Object(map) => map.values_mut().for_each(|value| walk(value, found)),
            _ => {}
        }
    }
    if wire_name(msg) == "issue" {
        return None;
    }
    let (mut msg, mut found) = (msg.clone(), false);
    walk(&mut msg, &mut found);
    found.then_some(msg)
}

#[test]
fn x10_a_mistyped_field_is_never_dropped() {
    let mut net = network();
    for (contract, msg) in all_messages(&net) {
        let name = wire_name(&msg);
        if ["receive", "update_ownership"].contains(&name.as_str()) {
            continue; // The standards' types.
        }
        let mut msg = msg;
        msg[&name]["max_prize"] = json!("5");
        let why = refusal(net.try_execute("alice", &contract, &msg, &[]));
        assert!(why.contains("unknown field"), "{name}: {why}");
    }
    let qst = net.addresses().qst.clone();
    for (contract, hook) in all_hooks(&net) {
        let name = wire_name(&hook);
        let mut hook = hook;
        hook[&name]["max_prize"] = json!("5");
        let why = refusal(net.try_send("alice", &qst, 5, &contract, &hook));
        assert!(why.contains("unknown field"), "{name}: {why}");
    }
}

#[test]
fn x10_endless_lists_and_texts_are_refused() {
    let mut net = network();
    let at = net.addresses().clone();
    let many: Vec<u32> = (1..=10_000).collect();
    let long = "x".repeat(65_536);
    let cases = [
        (
            &at.registry,
            "alice",
            json!({ "announce": { "ids": many } }),
        ),
        (
            &at.vault,
            "alice",
            json!({ "unstake_nodes": { "keys": many } }),
        ),
        (
            &at.vault,
            "alice",
            json!({ "withdraw_lots": { "lots": many } }),
        ),
        (
            &at.distributor,
            "arbiter",
            json!({ "rule": { "epoch": 0, "keys": many, "upheld": true } }),
        ),
        (
            &at.distributor,
            "alice",
            json!({ "resolve": { "epoch": 0, "keys": many } }),
        ),
        (
            &at.distributor,
            "alice",
            json!({ "claim": { "keys": many } }),
        ),
        (
            &at.distributor,
            "alice",
            json!({ "settle": { "keys": many } }),
        ),
        (
            &at.registry,
            "alice",
            json!({ "set_operator": { "key": 1, "operator": long } }),
        ),
        (
            &at.registry,
            "alice",
            json!({ "transfer_nft": { "recipient": long, "token_id": "1" } }),
        ),
        (
            &at.distributor,
            "alice",
            json!({ "set_payee": { "payee": long } }),
        ),
    ];
    for (contract, sender, msg) in cases {
        let contract = contract.clone();
        refusal(net.try_execute(sender, &contract, &msg, &[]));
    }
    net.to_epoch(1);
    let huge = cosmwasm_std::Binary::from(vec![255; 1 << 20]);
    let report = distributor::ExecuteMsg::Report {
        epoch: noderev_components::Epoch(0),
        bitmap: huge,
        evidence: vec![0; 32].into(),
    };
    assert_refused_with(
        net.try_on_distributor("attester-1", &report),
        "bitmap has 1048576 bytes, 1 are needed for 6 bits",
    );
    let text = "r".repeat(257);
    let denom = net.denom(0);
    assert_refused_with(
        net.try_deposit_revenue_as("alice", &denom, 5, 1, &text, "a"),
        "source length is 257: must be 1..=256",
    );
    assert_refused_with(
        net.try_deposit_revenue_as("alice", &denom, 5, 1, "a", ""),
        "reference length is 0: must be 1..=256",
    );
}

#[test]
fn x11_ownership_moves_in_two_steps() {
    let mut net = network();
    let at = net.addresses().clone();
    let propose = |net: &Network, who: &str| json!({ "update_ownership": { "transfer_ownership": { "new_owner": net.account(who) } } });
    let accept = json!({ "update_ownership": "accept_ownership" });
    for contract in [&at.registry, &at.vault, &at.distributor] {
        let before = net.account("owner");
        refusal(net.try_execute("attacker", contract, &accept, &[]));
        let to_attacker = propose(&net, "attacker");
        refusal(net.try_execute("attacker", contract, &to_attacker, &[]));
        // Proposed and replaced: the first candidate comes too late.
        let (bob, carol) = (propose(&net, "bob"), propose(&net, "carol"));
        net.execute("owner", contract, &bob, &[]);
        net.execute("owner", contract, &carol, &[]);
        refusal(net.try_execute("bob", contract, &accept, &[]));
        let ask = json!({ "ownership": {} });
        let owner: cw_ownable::Ownership<Addr> = net.try_query(contract, &ask).unwrap();
        assert_eq!(owner.owner, Some(before));
        net.execute("carol", contract, &accept, &[]);
        let owner: cw_ownable::Ownership<Addr> = net.try_query(contract, &ask).unwrap();
        assert_eq!(owner.owner, Some(net.account("carol")));
    }
    // The old owner has no power left.
    let params = net.vault().params_at(0).params;
    let queue = vault::ExecuteMsg::QueueParams { params };
    let owner = net.account("owner");
    let why = refusal(net.try_on_vault("owner", &queue));
    assert_eq!(why, format!("only the owner may do this, {owner} is not"));
}

#[test]
fn nobody_without_the_role_may_send_a_privileged_message() {
    let mut net = network();
    let privileged = [
        "issue",
        "seal_issuance",
        "split",
        "cancel_split",
        "queue_params",
        "cancel_params",
        "set_role",
        "pause",
        "resume",
        "add_denom",
        "release_stakes",
        "rule",
    ];
    let before = dump(&net);
    let mut tried = 0;
    for (contract, msg) in all_messages(&net) {
        let name = wire_name(&msg);
        if privileged.contains(&name.as_str()) {
            let attacker = net.account("attacker");
            let why = refusal(net.try_execute("attacker", &contract, &msg, &[]));
            let end = format!("may do this, {attacker} is not");
            assert!(
                why.starts_with("only the ") && why.ends_with(&end),
                "{name}: {why}"
            );
            tried += 1;
        }
    }
    assert_eq!(tried, 5 + 6 + 6 + 5);
    assert!(before == dump(&net));
}

#[test]
fn x18_pages_are_clamped_and_complete() {
    let mut net = Network::builder()
        .registry(|params| {
            params.split_notice = 0;
            params.split_grace = 0;
        })
        .build();
    net.issue(&[("alice", 501), ("bob", 99)]);
    net.split(5);
    net.to_epoch(1);
    // 600 keys became 3,000; pages never exceed 100 and miss nothing, also when keys move.
    let (mut all, mut after) = (vec![], None);
    loop {
        let page = net.registry().all_tokens(after, Some(u32::MAX)).tokens;
        assert!(page.len() <= 100);
        let Some(last) = page.last() else { break };
        after = Some(last.parse().unwrap());
        all.extend(page);
    }
    let should: Vec<String> = (1..=3_000).map(|key| key.to_string()).collect();
    assert_eq!(all, should);
    let (mut own, mut after) = (vec![], None);
    while let Some(last) = {
        let page = net.registry().tokens("bob", after, Some(u32::MAX)).tokens;
        own.extend(page.clone());
        page.last().cloned()
    } {
        after = Some(last.parse().unwrap());
        let behind = net.registry().tokens("bob", after, Some(1)).tokens;
        if let Some(next) = behind.first().filter(|_| own.len() < 400) {
            let _ = next;
            net.transfer("bob", "carol", last.parse().unwrap());
        }
    }
    // 99 * 5, each listed once although keys left while the pages were read.
    assert_eq!(own.len(), 495);
    let beyond = net.registry().all_tokens(Some(999_999), Some(10)).tokens;
    assert!(beyond.is_empty());
}

#[test]
fn x16_every_record_lies_in_a_namespace_that_is_known() {
    use noderev_tests::play::namespaces_after;
    // First byte of every key that a contract has written: changing one loses what was stored.
    let golden = include_str!("golden/namespaces.txt");
    let seen = namespaces_after(7, 1_500);
    for (seen, known) in seen.lines().zip(golden.lines()) {
        let known: Vec<&str> = known.split_whitespace().collect();
        for namespace in seen.split_whitespace() {
            assert!(known.contains(&namespace), "{namespace} in {seen}");
        }
    }
    assert_eq!(seen.lines().count(), golden.lines().count());
}
