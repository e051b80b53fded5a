//! What is refused, with which words; and that a refused message changes nothing.

use cosmwasm_std::{coins, to_json_binary, Coin, Uint128};
use cw20::Cw20ReceiveMsg;
use cw721::receiver::Cw721ReceiveMsg;
use noderev_api::delegation::{
    Activity, Class, Collection, ExecuteMsg, Joining, Metadata, Mint, NftHook, Params, ReceiveMsg,
    Role, TokenRule,
};
use noderev_components::Epoch;
use noderev_testing::{client_key, public_key, Network, NftCollection, GOLD, REWARD};
use noderev_tests::ext::{
    assert_changes_nothing, assert_refused, assert_refused_with, bewitched, command, deploy, dump,
    false_token, forge, order, puppet, refusal,
};
use noderev_tests::messages::{
    delegation_hooks, delegation_messages, delegation_nft_hooks, variants, wire_name,
};
use serde_json::{json, Value};

const DAY: u64 = 86_400;

/// Alice's delegation with a member, a validator, an approved account; a witch's collection.
fn network() -> Network {
    let mut net = Network::builder()
        .collections(|list| {
            list.push(NftCollection::new("witch", 10_000).with_code(bewitched));
        })
        .build();
    net.found_delegation("alice", 20_000, 500);
    net.run_validators("alice", 1, 1);
    net.stake_weight("bob", 500, Some(1));
    net.mint_nft("alice", GOLD, "1");
    net.approve_collection("alice", GOLD);
    for who in ["alice", "attacker"] {
        net.mint_reward(who, 1_000);
        for coin in ["uusdc", "uatom"] {
            net.mint_native(who, coin, 1_000);
        }
    }
    net
}

fn json(messages: &[impl serde::Serialize]) -> Vec<Value> {
    let json = messages
        .iter()
        .map(|msg| serde_json::to_value(msg).unwrap());
    json.collect()
}

fn all_messages(net: &Network) -> Vec<Value> {
    json(&delegation_messages(net))
}

#[test]
fn the_list_of_messages_is_complete() {
    let net = network();
    let names = |messages: Vec<Value>| messages.iter().map(wire_name).collect();
    assert_eq!(variants::<ExecuteMsg>(), names(all_messages(&net)));
    assert_eq!(variants::<ReceiveMsg>(), names(json(&delegation_hooks())));
    assert_eq!(variants::<NftHook>(), names(json(&delegation_nft_hooks())));
}

#[test]
fn x1_a_token_made_by_the_attacker_injects_nothing() {
    let mut net = network();
    let token = false_token(&mut net, "attacker");
    let at = net.addresses().clone();
    let why = format!(
        "only the token {} may call this, {token} is not",
        at.reward_token
    );
    for hook in delegation_hooks() {
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_send("attacker", &token, 5, &at.delegation, &hook)
        });
    }
    // QST is a real token, too, and not the one.
    net.mint_qst("attacker", 100);
    let why = format!(
        "only the token {} may call this, {} is not",
        at.reward_token, at.qst
    );
    for hook in delegation_hooks() {
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_send("attacker", &at.qst, 5, &at.delegation, &hook)
        });
    }
}

#[test]
fn x2_nobody_but_the_token_and_collections_may_call_the_hooks() {
    let mut net = network();
    let own = deploy(&mut net, puppet(), "puppet");
    let at = net.addresses().clone();
    for named in ["alice", "owner", "attacker"] {
        let sender = net.account(named).into_string();
        let receive = ExecuteMsg::Receive(Cw20ReceiveMsg {
            sender: sender.clone(),
            amount: Uint128::new(5),
            msg: to_json_binary(&delegation_hooks()[0]).unwrap(),
        });
        let receive_nft = ExecuteMsg::ReceiveNft(Cw721ReceiveMsg {
            sender,
            token_id: "gold-1".into(),
            msg: to_json_binary(&delegation_nft_hooks()[0]).unwrap(),
        });
        for who in ["alice", "owner", "attacker", "guardian"] {
            let addr = net.account(who);
            let why = format!(
                "only the token {} may call this, {addr} is not",
                at.reward_token
            );
            assert_changes_nothing(&mut net, &why, |net| net.try_on_delegation(who, &receive));
            let why = format!("{addr} is not an allowed collection");
            assert_changes_nothing(&mut net, &why, |net| {
                net.try_on_delegation(who, &receive_nft)
            });
        }
        let why = format!(
            "only the token {} may call this, {own} is not",
            at.reward_token
        );
        assert_changes_nothing(&mut net, &why, |net| {
            command(net, &own, &[order(&at.delegation, &receive)])
        });
        // An allowed collection is no token.
        let witch = net.collection(3);
        let why = format!(
            "only the token {} may call this, {witch} is not",
            at.reward_token
        );
        assert_changes_nothing(&mut net, &why, |net| {
            forge(net, 3, &[order(&at.delegation, &receive)])
        });
    }
}

#[test]
fn x3_every_message_refuses_coins() {
    let mut net = network();
    let contract = net.addresses().delegation.clone();
    let one = coins(5, "uusdc");
    let two = vec![Coin::new(5u128, "uatom"), Coin::new(5u128, "uusdc")];
    let before = dump(&net);
    let mut tried = 0;
    for msg in all_messages(&net) {
        for (funds, text) in [(&one, "5uusdc"), (&two, "5uatom, 5uusdc")] {
            for who in ["alice", "owner"] {
                net.mint_native(who, "uusdc", 5);
                net.mint_native(who, "uatom", 5);
                let why = refusal(net.try_execute(who, &contract, &msg, funds));
                assert_eq!(
                    why,
                    format!("this message takes no coins, {text} came with it")
                );
                tried += 1;
            }
        }
    }
    assert_eq!(tried, 4 * variants::<ExecuteMsg>().len());
    assert!(before == dump(&net));
}

#[test]
fn x4_an_injection_of_nothing_does_nothing() {
    let mut net = network();
    for hook in delegation_hooks() {
        let why = "the amount must be more than 0";
        assert_changes_nothing(&mut net, why, |net| {
            net.try_send_delegation("alice", 0, &hook)
        });
    }
}

/// The message with every list in it that has entries repeated.
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
    let (mut msg, mut found) = (msg.clone(), false);
    walk(&mut msg, &mut found);
    found.then_some(msg)
}

/// Names of the messages that have a list anywhere, by the JSON schema.
fn with_lists() -> Vec<String> {
    use cosmwasm_schema::schemars::schema_for;
    let root = serde_json::to_value(schema_for!(ExecuteMsg)).unwrap();
    fn has_list(root: &Value, schema: &Value, depth: u8) -> bool {
        match schema {
            Value::Object(map) => {
                let kind = map.get("type");
                let array = |kind: &Value| kind == "array";
                let here = kind.is_some_and(|kind| {
                    array(kind) || kind.as_array().is_some_and(|all| all.iter().any(array))
                });
                let referred = map.get("$ref").and_then(Value::as_str).is_some_and(|path| {
                    let name = path.trim_start_matches("#/definitions/");
                    depth > 0 && has_list(root, &root["definitions"][name], depth - 1)
                });
                here || referred || map.values().any(|value| has_list(root, value, depth))
            }
            Value::Array(list) => list.iter().any(|value| has_list(root, value, depth)),
            _ => false,
        }
    }
    let all = root["oneOf"].as_array().unwrap();
    let listed = all.iter().filter_map(|variant| {
        let properties = variant.get("properties")?.as_object()?;
        let (name, schema) = properties.iter().next()?;
        has_list(&root, schema, 4).then(|| name.clone())
    });
    let mut listed: Vec<_> = listed.collect();
    listed.sort();
    listed
}

#[test]
fn x9_no_list_may_name_anything_twice() {
    let mut net = network();
    let contract = net.addresses().delegation.clone();
    let mut tried = vec![];
    let before = dump(&net);
    for msg in all_messages(&net) {
        let Some(doubled) = doubled(&msg) else {
            continue;
        };
        let name = wire_name(&msg);
        tried.push(name.clone());
        // The sender who might send it otherwise.
        let (who, part) = match name.as_str() {
            "queue_params" => ("owner", "the schedule's epochs must ascend: 0 follows 0"),
            _ => ("alice", " is named twice"),
        };
        let why = refusal(net.try_execute(who, &contract, &doubled, &[]));
        assert!(why.contains(part), "{name}: {why}");
    }
    let mut params = net.delegation().params_at(0).params;
    let attesters = params.evidence.attesters.clone();
    params.evidence.attesters.extend(attesters);
    let why = refusal(net.try_queue_delegation_params(&params));
    assert!(why.starts_with("6 attesters with threshold 2: "), "{why}");
    tried.push("set_collection".into()); // Its classes may overlap: the first that fits counts.
    tried.sort();
    assert_eq!(tried, with_lists());
    assert!(before == dump(&net));
}

#[test]
fn x9_a_collection_is_named_once_at_instantiation_however_it_is_written() {
    let mut list = vec![];
    let build = |list: &mut Vec<NftCollection>| list.push(NftCollection::new("gold", 1));
    build(&mut list);
    // The same salt is the same address: the chain refuses it. So by message: an own instantiation.
    let mut net = network();
    let gold = net.collection(GOLD).into_string();
    let collection = |weight: u128| Collection {
        collection: gold.clone(),
        weight: weight.into(),
        classes: vec![],
    };
    let why = instantiated(&mut net, |msg| {
        msg.collections = vec![collection(1), collection(2)];
    });
    assert_eq!(why, Err(format!("{gold} is an allowed collection already")));
}

/// Instantiates the contract once more, with the message that the first one had but for a change,
/// of a token that names it as its minter; why it was refused.
fn instantiated(
    net: &mut Network,
    change: impl FnOnce(&mut noderev_api::delegation::InstantiateMsg),
) -> Result<(), String> {
    use cw_multi_test::Executor;
    use noderev_api::delegation::InstantiateMsg;
    let (config, params) = (
        net.delegation().config(),
        net.delegation().params_at(0).params,
    );
    let creator = net.account("creator");
    let at = net.addresses().clone();
    let app = net.app_mut();
    let code = app.contract_data(&at.delegation).unwrap().code_id;
    let token_code = app.contract_data(&at.reward_token).unwrap().code_id;
    // The contract's address is foreseen, so that the token can name it.
    let checksum = app.wrap().query_wasm_code_info(code).unwrap().checksum;
    let salt = app.block_info().height.to_be_bytes();
    use cosmwasm_std::Api;
    let canonical = app.api().addr_canonicalize(creator.as_str()).unwrap();
    let address =
        cosmwasm_std::instantiate2_address(checksum.as_slice(), &canonical, &salt).unwrap();
    let address = app.api().addr_humanize(&address).unwrap();
    let token = cw20_base::msg::InstantiateMsg {
        name: "Other".into(),
        symbol: "OTHER".into(),
        decimals: 6,
        initial_balances: vec![],
        mint: Some(cw20::MinterResponse {
            minter: address.to_string(),
            cap: None,
        }),
        marketing: None,
    };
    let token = app
        .instantiate_contract(token_code, creator.clone(), &token, &[], "token", None)
        .unwrap();
    let mut msg = InstantiateMsg {
        owner: creator.to_string(),
        guardian: None,
        clock: config.clock,
        token: token.into_string(),
        collections: vec![],
        params,
    };
    let start = app.block_info().time.seconds();
    msg.clock.start = cosmwasm_std::Timestamp::from_seconds(start);
    change(&mut msg);
    let create = cosmwasm_std::WasmMsg::Instantiate2 {
        admin: None,
        code_id: code,
        label: "delegation".into(),
        msg: to_json_binary(&msg).unwrap(),
        funds: vec![],
        salt: salt.as_slice().into(),
    };
    let done = app.execute(creator, create.into());
    done.map(|_| ())
        .map_err(|error| error.root_cause().to_string())
}

#[test]
fn x12_instantiation_checks_clock_token_and_collections() {
    let mut net = network();
    let at = net.addresses().clone();
    assert_eq!(instantiated(&mut net, |_| {}), Ok(()));
    net.advance_seconds(1);
    let why = instantiated(&mut net, |msg| msg.token = at.reward_token.to_string());
    let minter = at.delegation.to_string();
    let text = format!("the token's minter is Some(\"{minter}\"), it must be this contract, ");
    assert!(why.clone().unwrap_err().starts_with(&text), "{why:?}");
    let why = instantiated(&mut net, |msg| msg.clock.length = 9);
    assert_eq!(why, Err("epoch length 9 s: must be 10..=2678400 s".into()));
    let now = net.now().seconds();
    let why = instantiated(&mut net, |msg| {
        msg.clock.start = cosmwasm_std::Timestamp::from_seconds(now + 1);
    });
    let end = now + 1 + DAY;
    let text = format!(
        "epoch 0 must be running now: it is {now}, epoch 0 is {}..{end} (Unix seconds)",
        now + 1
    );
    assert_eq!(why, Err(text));
    let why = instantiated(&mut net, |msg| {
        msg.clock.start = msg.clock.start.plus_nanos(1);
    });
    assert!(why
        .unwrap_err()
        .contains("the clock's start must be a whole second"));
    for field in ["owner", "guardian", "token"] {
        let why = instantiated(&mut net, |msg| match field {
            "owner" => msg.owner = "nobody".into(),
            "guardian" => msg.guardian = Some("nobody".into()),
            _ => msg.token = "nobody".into(),
        });
        assert!(why.is_err(), "{field}");
    }
    let class = |first: u64, last: u64| Class {
        name: "c".into(),
        tokens: TokenRule::Range { first, last },
        weight: Uint128::new(1),
    };
    let of = |classes: Vec<Class>| Collection {
        collection: at.collections[0].to_string(),
        weight: Uint128::new(10u128.pow(12)),
        classes,
    };
    let cases: [(Collection, &str); 9] = [
        (
            of(vec![class(2, 1)]),
            "class \"c\" must be a range from a first to a later or the same number",
        ),
        (
            of(vec![class(1, 1); 33]),
            "number of classes is 33: must be 0..=32",
        ),
        (
            Collection {
                weight: Uint128::new(10u128.pow(12) + 1),
                ..of(vec![])
            },
            "weight is 1000000000001: must be 0..=1000000000000",
        ),
        (
            Collection {
                weight: Uint128::MAX,
                ..of(vec![])
            },
            "weight is 340282366920938463463374607431768211455: must be 0..=1000000000000",
        ),
        (
            of(vec![Class {
                weight: Uint128::new(10u128.pow(12) + 1),
                ..class(1, 1)
            }]),
            "class weight is 1000000000001: must be 0..=1000000000000",
        ),
        (
            of(vec![Class {
                name: String::new(),
                ..class(1, 1)
            }]),
            "class name length is 0: must be 1..=32",
        ),
        (
            of(vec![Class {
                name: "x".repeat(33),
                ..class(1, 1)
            }]),
            "class name length is 33: must be 1..=32",
        ),
        (
            of(vec![Class {
                tokens: TokenRule::Prefix {
                    prefix: String::new(),
                },
                ..class(1, 1)
            }]),
            "prefix length is 0: must be 1..=64",
        ),
        (
            of(vec![Class {
                tokens: TokenRule::Prefix {
                    prefix: "x".repeat(65),
                },
                ..class(1, 1)
            }]),
            "prefix length is 65: must be 1..=64",
        ),
    ];
    for (collection, why) in cases {
        net.advance_seconds(1);
        let refused = instantiated(&mut net, |msg| msg.collections = vec![collection.clone()]);
        assert_eq!(refused, Err(why.to_owned()));
        assert_changes_nothing(&mut net, why, |net| net.try_set_collection(&collection));
    }
    // What is at the bounds is allowed.
    net.advance_seconds(1);
    let largest = of(vec![class(5, 5); 32]);
    assert_eq!(
        instantiated(&mut net, |msg| msg.collections = vec![largest.clone()]),
        Ok(())
    );
    net.set_collection(&largest);
}

fn mint(from: u32, amount: u128) -> Mint {
    Mint {
        from: Epoch(from),
        amount: Uint128::new(amount),
    }
}

#[test]
fn x12_the_parameters_stay_within_their_bounds() {
    let mut net = network();
    let good = net.delegation().params_at(0).params;
    let max = u128::MAX;
    type Change = (Box<dyn Fn(&mut Params)>, String);
    let mut cases: Vec<Change> = vec![];
    for value in [0, 10u128.pow(12) + 1, max] {
        cases.push((
            Box::new(move |it| it.slot_size = value.into()),
            format!("slot_size is {value}: must be 1..=1000000000000"),
        ));
        cases.push((
            Box::new(move |it| it.own_quintessence = value.into()),
            format!("own_quintessence is {value}: must be 1..=1000000000000"),
        ));
    }
    for value in [30 * DAY + 1, u64::MAX] {
        cases.push((
            Box::new(move |it| it.unbonding_period = value),
            format!("unbonding_period is {value}: must be 0..=2592000"),
        ));
    }
    for value in [10u128.pow(30) + 1, max] {
        cases.push((
            Box::new(move |it| it.schedule = vec![mint(0, value)]),
            format!("mint per epoch is {value}: must be 0..=1000000000000000000000000000000"),
        ));
    }
    cases.push((
        Box::new(|it| it.schedule = (0..65).map(|n| mint(n, 1)).collect()),
        "entries of the schedule is 65: must be 0..=64".into(),
    ));
    for (first, second) in [(5, 5), (6, 5)] {
        cases.push((
            Box::new(move |it| it.schedule = vec![mint(0, 1), mint(first, 1), mint(second, 1)]),
            format!("the schedule's epochs must ascend: {second} follows {first}"),
        ));
    }
    cases.push((
        Box::new(|it| it.evidence.report_window = 0),
        "report_window is 0: must be 1..=604800".into(),
    ));
    cases.push((
        Box::new(|it| it.evidence.report_window = DAY),
        "report_window 86400 s + appeal_window 0 s must be shorter than an epoch of 86400 s, or \
         closing could never catch up"
            .into(),
    ));
    cases.push((
        Box::new(|it| it.evidence.threshold = 1),
        "3 attesters with threshold 1: 1..=15 different ones, and more than half but not more than \
         all must agree"
            .into(),
    ));
    cases.push((
        Box::new(|it| it.evidence.policy.hash = vec![0; 33].into()),
        "policy hash length is 33: must be 32..=32".into(),
    ));
    for (change, why) in &cases {
        let mut params = good.clone();
        change(&mut params);
        assert_changes_nothing(&mut net, why, |net| {
            net.try_queue_delegation_params(&params)
        });
        net.advance_seconds(1);
        let refused = instantiated(&mut net, |msg| msg.params = params);
        assert_eq!(refused, Err(why.clone()));
    }
    // The bounds themselves are allowed.
    type End = Box<dyn Fn(&mut Params)>;
    let ends: [End; 8] = [
        Box::new(|it| it.slot_size = 1u128.into()),
        Box::new(|it| it.slot_size = 10u128.pow(12).into()),
        Box::new(|it| it.own_quintessence = 1u128.into()),
        Box::new(|it| it.own_quintessence = 10u128.pow(12).into()),
        Box::new(|it| it.unbonding_period = 30 * DAY),
        Box::new(|it| it.schedule = vec![]),
        Box::new(|it| it.schedule = (0..64).map(|n| mint(n, 10u128.pow(30))).collect()),
        Box::new(|it| it.evidence.report_window = DAY - 1),
    ];
    for change in ends {
        let mut params = good.clone();
        change(&mut params);
        net.queue_delegation_params(&params);
        net.cancel_delegation_params();
        net.advance_seconds(1);
        assert_eq!(instantiated(&mut net, |msg| msg.params = params), Ok(()));
    }
}

#[test]
fn x10_a_mistyped_field_is_never_dropped() {
    let mut net = network();
    let at = net.addresses().clone();
    for mut msg in all_messages(&net) {
        let name = wire_name(&msg);
        if ["receive", "receive_nft", "update_ownership"].contains(&name.as_str()) {
            continue; // The standards' types.
        }
        msg[&name]["minumum"] = json!("5");
        for who in ["alice", "owner"] {
            let why = refusal(net.try_execute(who, &at.delegation, &msg, &[]));
            assert!(why.contains("unknown field"), "{name}: {why}");
        }
    }
    for mut hook in json(&delegation_hooks()) {
        let name = wire_name(&hook);
        hook[&name]["minumum"] = json!("5");
        assert_refused_with(
            net.try_send("alice", &at.reward_token, 5, &at.delegation, &hook),
            "unknown field",
        );
    }
    for mut hook in json(&delegation_nft_hooks()) {
        let name = wire_name(&hook);
        hook[&name]["minumum"] = json!("5");
        let hook = to_json_binary(&hook).unwrap();
        assert_refused_with(
            net.try_send_nft_with("alice", GOLD, "1", hook),
            "unknown field",
        );
    }
    // Within parameters, collections, classes, NFTs, metadata.
    let params = serde_json::to_value(net.delegation().params_at(0).params).unwrap();
    let collection = json!({ "collection": at.collections[0], "weight": "1", "classes": [] });
    let class = json!({ "name": "c", "tokens": { "prefix": { "prefix": "p" } }, "weight": "1" });
    let with = |value: &Value| {
        let mut value = value.clone();
        value["minumum"] = json!("5");
        value
    };
    let mut classed = collection.clone();
    classed["classes"] = json!([with(&class)]);
    let metadata = json!({ "name": "n", "url": "", "description": "" });
    let nft = json!({ "collection": at.collections[0], "token_id": "1" });
    let inner = [
        json!({ "queue_params": { "params": with(&params) } }),
        json!({ "set_collection": { "collection": with(&collection) } }),
        json!({ "set_collection": { "collection": classed } }),
        json!({ "update_delegation": { "metadata": with(&metadata) } }),
        json!({ "unstake_nfts": { "nfts": [with(&nft)] } }),
    ];
    for msg in inner {
        for who in ["alice", "owner"] {
            assert_refused_with(
                net.try_execute(who, &at.delegation, &msg, &[]),
                "unknown field",
            );
        }
    }
}

#[test]
fn x10_endless_lists_and_texts_are_refused_before_anything_is_looked_up() {
    let mut net = network();
    let at = net.addresses().clone();
    let gold = at.collections[GOLD].to_string();
    let ids: Vec<String> = (0..10_000).map(|n| n.to_string()).collect();
    let nfts: Vec<Value> = ids
        .iter()
        .map(|id| json!({ "collection": gold, "token_id": id }))
        .collect();
    let numbers: Vec<u32> = (1..=10_000).collect();
    let cases = [
        (
            json!({ "stake_nfts": { "collection": gold, "token_ids": ids } }),
            "NFTs",
        ),
        (json!({ "move_nfts": { "nfts": nfts } }), "NFTs"),
        (json!({ "unstake_nfts": { "nfts": nfts } }), "NFTs"),
        (json!({ "withdraw_nfts": { "nfts": nfts } }), "NFTs"),
        (
            json!({ "approve_members": { "accounts": ids, "approved": true } }),
            "accounts",
        ),
        (
            json!({ "release_members": { "accounts": ids } }),
            "accounts",
        ),
        (
            json!({ "accept_validators": { "validators": numbers } }),
            "validators",
        ),
        (
            json!({ "remove_validators": { "validators": numbers } }),
            "validators",
        ),
    ];
    for (msg, what) in cases {
        let why = format!("name 1..=30 {what}, 10000 are named");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_execute("alice", &at.delegation, &msg, &[])
        });
    }
    for name in ["claim", "settle"] {
        let msg = json!({ name: { "delegations": numbers } });
        let why = "name 1..=40 delegations, 10000 are named";
        assert_changes_nothing(&mut net, why, |net| {
            net.try_execute("alice", &at.delegation, &msg, &[])
        });
    }
    let long = "x".repeat(65_536);
    let metadata = |name: &str, url: &str, description: &str| Metadata {
        name: name.into(),
        url: url.into(),
        description: description.into(),
    };
    let (url, text) = ("u".repeat(257), "d".repeat(513));
    let texts = [
        (metadata("", "", ""), "name length is 0: must be 1..=64"),
        (
            metadata(&long, "", ""),
            "name length is 65536: must be 1..=64",
        ),
        (
            metadata(&long[..65], "", ""),
            "name length is 65: must be 1..=64",
        ),
        (
            metadata("n", &url, ""),
            "url length is 257: must be 0..=256",
        ),
        (
            metadata("n", "", &text),
            "description length is 513: must be 0..=512",
        ),
    ];
    net.stake_weight("carol", 10_000, None);
    net.next_epoch();
    for (metadata, why) in texts {
        assert_changes_nothing(&mut net, why, |net| {
            net.try_update_delegation("alice", Some(metadata.clone()), None, None)
        });
        assert_changes_nothing(&mut net, why, |net| {
            net.try_create_delegation_as("carol", metadata, 0, Joining::Open, 0)
        });
    }
    let why = "minimum is 1000000000000001: must be 0..=1000000000000000";
    let good = metadata("n", &url[..256], &text[..512]);
    assert_changes_nothing(&mut net, why, |net| {
        net.try_create_delegation_as("carol", good.clone(), 0, Joining::Open, 10u128.pow(15) + 1)
    });
    assert_changes_nothing(&mut net, why, |net| {
        net.try_update_delegation("alice", None, None, Some(10u128.pow(15) + 1))
    });
    net.create_delegation_as("carol", good, 1_000, Joining::Open, 10u128.pow(15));
    let over = "revenue is spread over 1 to 366 epochs, not ";
    for epochs in [0, 367, u32::MAX] {
        let why = format!("{over}{epochs}");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_inject_as("alice", 5, epochs, "s", "r")
        });
    }
    let cases = [
        ("", "r", "source length is 0: must be 1..=256"),
        (&url, "r", "source length is 257: must be 1..=256"),
        ("s", "", "reference length is 0: must be 1..=256"),
        ("s", &long, "reference length is 65536: must be 1..=256"),
    ];
    for (source, reference, why) in cases {
        assert_changes_nothing(&mut net, why, |net| {
            net.try_inject_as("alice", 5, 1, source, reference)
        });
    }
    net.inject_as("alice", 5, 366, "s", "r");
    let why = "the deposit from \"s\" with reference \"r\" was already made";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_inject_as("alice", 5, 1, "s", "r")
    });
    for msg in [
        json!({ "set_payee": { "payee": long } }),
        json!({ "transfer_delegation": { "to": long } }),
        json!({ "claim": { "account": long } }),
        json!({ "link_client": { "client_id": long, "public_key": "", "signature": "" } }),
        json!({ "stake_nfts": { "collection": long, "token_ids": ["1"] } }),
    ] {
        let before = dump(&net);
        refusal(net.try_execute("alice", &at.delegation, &msg, &[]));
        assert!(before == dump(&net));
    }
    // The same account in another writing is another text; the address must be well formed.
    let upper = net.account("bob").into_string().to_uppercase();
    let msg = json!({ "release_members": { "accounts": [upper] } });
    refusal(net.try_execute("alice", &at.delegation, &msg, &[]));
}

#[test]
fn x11_ownership_moves_in_two_steps() {
    use cw_ownable::Action::{AcceptOwnership, TransferOwnership};
    let mut net = network();
    let to = |net: &Network, who: &str| TransferOwnership {
        new_owner: net.account(who).into_string(),
        expiry: None,
    };
    assert_refused(
        net.try_update_delegation_ownership("attacker", AcceptOwnership),
        "There isn't a pending ownership transfer",
    );
    let own = to(&net, "attacker");
    let why = "Caller is not the contract's current owner";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_update_delegation_ownership("attacker", own)
    });
    let (bob, carol) = (to(&net, "bob"), to(&net, "carol"));
    net.update_delegation_ownership("owner", bob);
    net.update_delegation_ownership("owner", carol);
    let why = "Caller is not the contract's pending owner";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_update_delegation_ownership("bob", AcceptOwnership)
    });
    assert_eq!(
        net.delegation().ownership().owner,
        Some(net.account("owner"))
    );
    net.update_delegation_ownership("carol", AcceptOwnership);
    let owner = net.account("owner");
    let why = format!("only the owner may do this, {owner} is not");
    assert_changes_nothing(&mut net, &why, |net| net.try_cancel_delegation_params());
    net.on_delegation(
        "carol",
        &ExecuteMsg::SetRole {
            role: Role::Guardian,
            account: None,
        },
    );
    let guardian = net.account("guardian");
    let why = format!("only the owner or guardian may do this, {guardian} is not");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_pause_delegation("guardian", Activity::Staking, 5)
    });
}

#[test]
fn only_the_owner_sends_what_is_the_owners() {
    let mut net = network();
    let contract = net.addresses().delegation.clone();
    let before = dump(&net);
    let mut tried = vec![];
    for msg in all_messages(&net) {
        let name = wire_name(&msg);
        let (role, senders) = match name.as_str() {
            "return_stray" | "set_collection" | "cancel_collection" | "queue_params"
            | "cancel_params" | "set_role" => ("owner", vec!["alice", "attacker", "guardian"]),
            "pause" | "resume" => ("owner or guardian", vec!["alice", "attacker"]),
            _ => continue,
        };
        tried.push(name);
        for who in senders {
            let addr = net.account(who);
            let why = format!("only the {role} may do this, {addr} is not");
            assert_refused(net.try_execute(who, &contract, &msg, &[]), &why);
        }
    }
    assert_eq!(tried.len(), 8);
    // The owner of a delegation has no power over others' money, NFTs or delegations: whatever he
    // sends is about his own.
    for msg in all_messages(&net) {
        let name = wire_name(&msg);
        let others = [
            ("update_delegation", "owns no delegation"),
            ("set_commission", "owns no delegation"),
            ("transfer_delegation", "owns no delegation"),
            ("approve_members", "owns no delegation"),
            ("release_members", "owns no delegation"),
            ("accept_validators", "owns no delegation"),
            ("remove_validators", "owns no delegation"),
            ("accept_delegation", "nobody is proposed as the owner"),
            ("assign_validator", "is not the operator of validator 1"),
            ("report", "is not an attester of epoch 0"),
        ];
        if let Some((_, why)) = others.iter().find(|(of, _)| *of == name) {
            for who in ["attacker", "owner", "guardian", "bob"] {
                assert_refused_with(net.try_execute(who, &contract, &msg, &[]), why);
            }
        }
    }
    assert!(before == dump(&net));
}

#[test]
fn x13_pauses_are_short_and_cannot_be_strung_together() {
    let mut net = network();
    for (activity, name) in [
        (Activity::Staking, "staking"),
        (Activity::Injections, "injections"),
    ] {
        for seconds in [0, 14 * DAY + 1, u64::MAX] {
            let why = format!("a pause lasts 1..=1209600 s, {seconds} asked for");
            assert_changes_nothing(&mut net, &why, |net| {
                net.try_pause_delegation("guardian", activity, seconds)
            });
        }
        let why = format!("{name} is not paused");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_resume_delegation("owner", activity)
        });
        net.pause_delegation("guardian", activity, DAY);
        let again = net.now().seconds() + DAY + 7 * DAY;
        let why = format!("{name} cannot be paused again before {again} (Unix seconds)");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_pause_delegation("owner", activity, DAY)
        });
        net.resume_delegation("owner", activity);
    }
    net.stake_weight("carol", 1, None);
    net.inject("giver", 5, 1);
}

#[test]
fn parameters_wait_seven_whole_epochs_and_can_be_dropped() {
    let mut net = network();
    let mut params = net.delegation().params_at(0).params;
    params.slot_size = 1_000u128.into();
    let why = "no change of parameters is queued";
    assert_changes_nothing(&mut net, why, |net| net.try_cancel_delegation_params());
    net.queue_delegation_params(&params);
    let why = "a change of parameters already takes effect at epoch 9: cancel it first";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_queue_delegation_params(&params)
    });
    let queued = net.delegation().queued_params();
    assert_eq!(
        (queued.from, queued.params.as_ref()),
        (Some(Epoch(9)), Some(&params))
    );
    net.to_epoch(8);
    assert_eq!(net.delegation().delegation(1).info.slots, 1);
    net.cancel_delegation_params();
    net.to_epoch(9);
    assert_eq!(net.delegation().delegation(1).info.slots, 1);
    net.queue_delegation_params(&params);
    net.to_epoch(17);
    assert_eq!(net.delegation().delegation(1).info.slots, 20);
    let at = |epoch: u32| net.delegation().params_at(epoch);
    assert_eq!((at(16).version, at(17).version), (0, 1));
    assert_eq!(at(16).params.slot_size.u128(), 20_000);
}

#[test]
fn x14_a_hostile_owner_takes_nothing_that_is_anybodys() {
    let mut net = network();
    net.pass_epochs_until(3);
    // All that he can: pauses, the worst parameters, worthless collections, no guardian.
    net.pause_delegation("owner", Activity::Staking, 14 * DAY);
    net.pause_delegation("owner", Activity::Injections, 14 * DAY);
    let mut params = net.delegation().params_at(0).params;
    params.slot_size = 10u128.pow(12).into();
    params.own_quintessence = 10u128.pow(12).into();
    params.unbonding_period = 30 * DAY;
    params.schedule = vec![];
    params.evidence.attesters = vec![net.account("owner").into_string()];
    params.evidence.threshold = 1;
    net.queue_delegation_params(&params);
    net.set_delegation_role(Role::Guardian, Some("owner"));
    for info in net.delegation().collections().collections {
        let collection = Collection {
            weight: Uint128::zero(),
            classes: vec![],
            ..info.now.unwrap()
        };
        net.set_collection(&collection);
    }
    // Seven epochs' time to leave, by the old rules.
    let nfts: Vec<_> = net.delegation().all_nfts("alice");
    let nfts: Vec<_> = nfts.into_iter().map(|info| info.nft).collect();
    net.pass_epochs_until(9);
    net.unstake_nfts("alice", &nfts);
    net.pass_epochs_until(11);
    net.withdraw_nfts("alice", &nfts);
    let alice = net.account("alice");
    assert!(nfts.iter().all(|nft| net.nft_owner(nft) == alice));
    let earned = noderev_tests::ext::rewards_claimed(&mut net, "alice")
        + noderev_tests::ext::rewards_claimed(&mut net, "bob");
    // Epochs 2 to 9: one slot of 1.025 of the pool each, less fractions of a unit.
    let all = 8 * (1_000 * REWARD * 20_000 / 20_500);
    assert!(all - earned <= 3, "{all} {earned}");
    // Bob stays too long: his unbonding is longer, and ends.
    let his: Vec<_> = net.delegation().all_nfts("bob");
    let his: Vec<_> = his.into_iter().map(|info| info.nft).collect();
    net.unstake_nfts("bob", &his);
    net.to_epoch(12 + 30);
    net.withdraw_nfts("bob", &his);
    assert_eq!(net.nft_owner(&his[0]), net.account("bob"));
    net.assert_delegation_invariants();
}

#[test]
fn link_client_needs_the_clients_own_signature_for_this_very_link() {
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    use noderev_api::delegation::link_bytes;
    use sha2::{Digest, Sha256};
    let mut net = network();
    let (key, other) = (client_key(7), client_key(8));
    let sign = |key: &noderev_testing::SigningKey, bytes: Vec<u8>| {
        let signed: k256::ecdsa::Signature = key.sign_prehash(&Sha256::digest(bytes)).unwrap();
        cosmwasm_std::Binary::from(signed.to_vec())
    };
    let chain = net.delegation().link("alice").chain_id;
    let contract = net.addresses().delegation.to_string();
    let other_contract = net.addresses().distributor.to_string();
    let (alice, bob) = (
        net.account("alice").into_string(),
        net.account("bob").into_string(),
    );
    let public = public_key(&key);
    let why = |links: u64| {
        format!(
            "the signature does not fit: client \"c-1\" must sign chain id, this contract, the \
             sender, its id and the number of links so far, {links}"
        )
    };
    // Everything that the signature is about, changed one by one.
    let wrong = [
        sign(
            &key,
            link_bytes("another-chain", &contract, &alice, "c-1", 0),
        ),
        sign(&key, link_bytes(&chain, &other_contract, &alice, "c-1", 0)),
        sign(&key, link_bytes(&chain, &contract, &bob, "c-1", 0)),
        sign(&key, link_bytes(&chain, &contract, &alice, "c-2", 0)),
        sign(&key, link_bytes(&chain, &contract, &alice, "c-1", 1)),
        sign(&other, link_bytes(&chain, &contract, &alice, "c-1", 0)),
        vec![0; 64].into(),
        vec![255; 64].into(),
    ];
    for signature in wrong {
        assert_changes_nothing(&mut net, &why(0), |net| {
            net.try_link_client_with("alice", "c-1", public.clone(), signature)
        });
    }
    let good = sign(&key, link_bytes(&chain, &contract, &alice, "c-1", 0));
    // A key that is none, or another one.
    for key in [vec![0; 33].into(), public_key(&other)] {
        assert_changes_nothing(&mut net, &why(0), |net| {
            net.try_link_client_with("alice", "c-1", key, good.clone())
        });
    }
    let lengths = [
        ("", 33, 64, "client id length is 0: must be 1..=64"),
        ("x", 32, 64, "public key length is 32: must be 33..=33"),
        ("x", 65, 64, "public key length is 65: must be 33..=33"),
        ("x", 33, 63, "signature length is 63: must be 64..=64"),
        ("x", 33, 65, "signature length is 65: must be 64..=64"),
    ];
    for (id, key, signature, why) in lengths {
        let (key, signature) = (vec![2; key], vec![2; signature]);
        assert_changes_nothing(&mut net, why, |net| {
            net.try_link_client_with("alice", id, key.into(), signature.into())
        });
    }
    let long = "x".repeat(65);
    assert_changes_nothing(&mut net, "client id length is 65: must be 1..=64", |net| {
        net.try_link_client("alice", &long, &key)
    });
    // Nobody else can use it, then it is used up: while it is linked and after.
    assert_changes_nothing(&mut net, &why(0), |net| {
        net.try_link_client_with("bob", "c-1", public.clone(), good.clone())
    });
    net.link_client_with("alice", "c-1", public.clone(), good.clone());
    let link = net.delegation().link("alice");
    let linked = link.link.unwrap();
    assert_eq!(
        (linked.client_id.as_str(), &linked.public_key),
        ("c-1", &public)
    );
    assert_eq!((linked.since, link.links), (net.now(), 1));
    assert_changes_nothing(&mut net, &why(1), |net| {
        net.try_link_client_with("alice", "c-1", public.clone(), good.clone())
    });
    net.unlink_client("alice");
    assert_eq!(net.delegation().link("alice").link, None);
    assert_changes_nothing(&mut net, &why(1), |net| {
        net.try_link_client_with("alice", "c-1", public.clone(), good.clone())
    });
    let why = "the sender is not linked to a client";
    assert_changes_nothing(&mut net, why, |net| net.try_unlink_client("alice"));
    // A new signature for the next number links again.
    let again = sign(&key, link_bytes(&chain, &contract, &alice, "c-1", 1));
    net.link_client_with("alice", "c-1", public, again);
    assert_eq!(net.delegation().link("alice").links, 2);
}

#[test]
fn there_can_be_so_many_collections_and_no_more() {
    let mut net = network();
    let known = net.delegation().collections().collections.len();
    let addr = |net: &Network, n: usize| net.account(&format!("collection-{n}")).into_string();
    let rules = |collection: String| Collection {
        collection,
        weight: Uint128::new(1),
        classes: vec![],
    };
    for n in known..32 {
        let rules = rules(addr(&net, n));
        net.set_collection(&rules);
    }
    let one_more = rules(addr(&net, 32));
    let why = "33 collections: at most 32";
    assert_changes_nothing(&mut net, why, |net| net.try_set_collection(&one_more));
    assert_eq!(net.delegation().collections().collections.len(), 32);
}
