//! The chain itself: messages and replies, roll-back, gas, coins, queries, migration.

use cosmwasm_std::{
    coin, coins, from_json, to_json_binary, Addr, BalanceResponse, BankMsg, BankQuery, Binary,
    BlockInfo, QueryRequest, ReplyOn, SubMsg, Timestamp, WasmQuery,
};
use noderev_testing::Network;
use noderev_vm::artifacts::{Artifact, ARTIFACTS};
use noderev_vm::{execute, gas, twin, Chain};
use vm_puppet::{ExecuteMsg as Do, QueryMsg as Ask, Told};

/// Bytes before each of a contract's keys.
const PREFIX: u64 = 33;

fn chain() -> Chain {
    Chain::new(BlockInfo {
        height: 1,
        time: Timestamp::from_seconds(1_767_247_200),
        chain_id: "noderev-vm-1".into(),
    })
}

/// A chain with two puppets of the same code, and who created them.
fn puppets() -> (Chain, Addr, [Addr; 2]) {
    let mut chain = chain();
    let code = chain.store_code(&Artifact::Puppet.wasm()).unwrap();
    let owner = chain.person("owner");
    let make = |chain: &mut Chain, salt| {
        let empty = cosmwasm_std::Empty {};
        let made = chain.instantiate2(&owner, code, &empty, salt, Some(&owner));
        made.unwrap().0
    };
    let made = [make(&mut chain, "one"), make(&mut chain, "two")];
    (chain, owner, made)
}

fn writes(key: &[u8], value: &[u8]) -> Do {
    Do {
        write: vec![(key.into(), value.into())],
        ..Do::default()
    }
}

fn then(messages: Vec<SubMsg>) -> Do {
    Do {
        then: messages,
        ..writes(b"mine", b"stays")
    }
}

fn sub(contract: &Addr, msg: &Do, id: u64, reply_on: ReplyOn) -> SubMsg {
    let sub = SubMsg::reply_never(execute(contract, msg, &[]));
    SubMsg {
        id,
        reply_on,
        payload: format!("payload {id}").into_bytes().into(),
        ..sub
    }
}

fn told(chain: &Chain, contract: &Addr, id: u64) -> Option<Told> {
    let bytes = chain.raw(contract, format!("reply{id}").as_bytes());
    bytes.map(|bytes| from_json(bytes).unwrap())
}

#[test]
fn replies_come_as_they_were_ordered_with_their_payload() {
    let (mut chain, owner, [one, two]) = puppets();
    let good = writes(b"good", b"1");
    let bad = Do {
        fail: Some("no".into()),
        ..writes(b"bad", b"1")
    };
    let messages = vec![
        sub(&two, &good, 1, ReplyOn::Always),
        sub(&two, &good, 2, ReplyOn::Success),
        sub(&two, &good, 3, ReplyOn::Error),
        sub(&two, &bad, 4, ReplyOn::Always),
        sub(&two, &bad, 5, ReplyOn::Error),
        sub(&two, &good, 6, ReplyOn::Never),
    ];
    let done = chain.execute(&owner, &one, &then(messages), &[]).unwrap();
    let told = |id| told(&chain, &one, id);
    for id in [1, 2] {
        let told = told(id).unwrap();
        assert_eq!(
            told.payload,
            Binary::from(format!("payload {id}").as_bytes())
        );
        assert_eq!(told.result, Ok(Some(b"\x0a\x04done".into())));
    }
    for id in [4, 5] {
        let told = told(id).unwrap();
        assert_eq!(told.result, Err("codespace: wasm, code: 5".into()));
    }
    assert_eq!((told(3), told(6)), (None, None));
    assert_eq!(chain.raw(&two, b"good"), Some(b"1".to_vec()));
    assert_eq!(chain.raw(&two, b"bad"), None);
    // The last reply's data wins.
    assert_eq!(done.data, Some(b"\x0a\x09payload 5".into()));
}

#[test]
fn a_failure_without_a_reply_undoes_everything() {
    let (mut chain, owner, [one, two]) = puppets();
    let bad = Do {
        fail: Some("no".into()),
        ..Do::default()
    };
    for reply_on in [ReplyOn::Never, ReplyOn::Success] {
        let good = sub(&two, &writes(b"good", b"1"), 1, ReplyOn::Always);
        let messages = vec![good, sub(&two, &bad, 2, reply_on)];
        let failed = chain.execute(&owner, &one, &then(messages), &[]);
        assert_eq!(failed.unwrap_err().reason, "Generic error: no");
        assert!(chain.dump(&one).is_empty() && chain.dump(&two).is_empty());
    }
}

#[test]
fn a_limit_of_gas_stops_a_sub_message_and_nothing_else() {
    let (mut chain, owner, [one, two]) = puppets();
    let spin = Do {
        spin: true,
        ..writes(b"spun", b"1")
    };
    let limited = sub(&two, &spin, 1, ReplyOn::Error).with_gas_limit(50_000);
    let done = chain.execute(&owner, &one, &then(vec![limited.clone()]), &[]);
    let used = done.unwrap().gas.contracts[two.as_str()];
    let told = told(&chain, &one, 1).unwrap();
    assert_eq!(told.result, Err("codespace: sdk, code: 11".into()));
    assert_eq!(chain.raw(&two, b"spun"), None);
    let used = used.vm + used.store + used.loads;
    assert!((50_000..51_000).contains(&used), "{used}");

    chain.set_gas_limit(1_000_000);
    let unlimited = SubMsg {
        gas_limit: None,
        ..limited
    };
    let failed = chain.execute(&owner, &one, &then(vec![unlimited]), &[]);
    assert!(failed.unwrap_err().out_of_gas);
}

#[test]
fn the_store_and_loads_cost_what_they_do_on_chains() {
    let (mut chain, owner, [one, two]) = puppets();
    let done = chain.execute(&owner, &one, &writes(b"key", b"value"), &[]);
    let gas = done.unwrap().gas;
    assert_eq!(gas.store(), 2_000 + 30 * (PREFIX + 3 + 5));
    assert_eq!(gas.loads(), gas::FIRST_LOAD);

    let call = sub(&two, &Do::default(), 1, ReplyOn::Success);
    let messages = Do {
        then: vec![call],
        delete: vec![b"key".into()],
        ..Do::default()
    };
    let gas = chain.execute(&owner, &one, &messages, &[]).unwrap().gas;
    // Both puppets have the same code; the reply loads it once more.
    assert_eq!(gas.loads(), gas::FIRST_LOAD + 2 * gas::NEXT_LOAD);
    let reply = chain.raw(&one, b"reply1").unwrap().len() as u64;
    assert_eq!(gas.store(), 1_000 + 2_000 + 30 * (PREFIX + 6 + reply));
}

#[test]
fn iterators_cost_what_they_do_on_chains() {
    let (mut chain, owner, [one, two]) = puppets();
    let keys = [b"a", b"b", b"c"];
    let msg = Do {
        write: keys.map(|key| (key.into(), key.into())).to_vec(),
        ..Do::default()
    };
    chain.execute(&owner, &one, &msg, &[]).unwrap();
    chain.execute(&owner, &two, &msg, &[]).unwrap();
    let range = |from: Option<&[u8]>, until: Option<&[u8]>, descending| {
        let asked = chain.query(
            &one,
            &Ask::Range {
                from: from.map(Binary::from),
                until: until.map(Binary::from),
                descending,
            },
        );
        let values: Vec<Binary> = asked.parse().unwrap();
        let text: Vec<u8> = values.iter().flat_map(|value| value.to_vec()).collect();
        (String::from_utf8(text).unwrap(), asked.gas.store())
    };
    let entry = 30 + 3 * (PREFIX + 2);
    // The first entry is looked at when the iterator is made, too.
    assert_eq!(range(None, None, false), ("abc".into(), 4 * entry));
    assert_eq!(range(None, None, true), ("cba".into(), 4 * entry));
    assert_eq!(range(Some(b"b"), None, false), ("bc".into(), 3 * entry));
    assert_eq!(range(None, Some(b"b"), true), ("a".into(), 2 * entry));
    assert_eq!(range(Some(b"d"), None, false), (String::new(), 30));
    assert_eq!(range(Some(b"c"), Some(b"a"), false), (String::new(), 30));
}

#[test]
fn contracts_ask_each_other() {
    let (mut chain, owner, [one, two]) = puppets();
    chain
        .execute(&owner, &two, &writes(b"key", b"[\"value\"]"), &[])
        .unwrap();
    let raw = WasmQuery::Raw {
        contract_addr: two.to_string(),
        key: b"key".into(),
    };
    let asked = chain.query(&one, &Ask::Relay(raw.into()));
    assert_eq!(asked.parse::<Vec<String>>().unwrap(), ["value"]);
    assert_eq!(asked.gas.store(), 1_000 + 3 * (PREFIX + 3 + 9));
    let smart = |contract: &Addr| WasmQuery::Smart {
        contract_addr: contract.to_string(),
        msg: to_json_binary(&Ask::Range {
            from: None,
            until: None,
            descending: false,
        })
        .unwrap(),
    };
    let asked = chain.query(&one, &Ask::Relay(smart(&two).into()));
    assert_eq!(
        asked.parse::<Vec<Binary>>().unwrap(),
        [Binary::from(b"[\"value\"]")]
    );
    assert_eq!(asked.gas.loads(), gas::FIRST_LOAD + gas::NEXT_LOAD);
    let nobody = chain.query(&one, &Ask::Relay(smart(&owner).into()));
    assert!(nobody.answer.unwrap_err().contains("No such contract"));
}

#[test]
fn coins_go_where_they_are_sent_and_come_back_after_a_failure() {
    let (mut chain, owner, [one, two]) = puppets();
    chain.mint(&owner, &coin(100, "coin"));
    let send = |amount| {
        SubMsg::new(BankMsg::Send {
            to_address: two.to_string(),
            amount: coins(amount, "coin"),
        })
    };
    let sent = coins(60, "coin");
    let done = chain
        .execute(&owner, &one, &then(vec![send(25)]), &sent)
        .unwrap();
    assert!(done.events.iter().any(|event| event.ty == "transfer") && done.gas.bank > 0);
    let held = |chain: &Chain| [&owner, &one, &two].map(|who| chain.balance(who, "coin"));
    assert_eq!(held(&chain), [40, 35, 25]);
    let failed = chain.execute(&owner, &one, &then(vec![send(80)]), &coins(40, "coin"));
    assert!(failed.unwrap_err().reason.contains("75 - 80"));
    assert_eq!(held(&chain), [40, 35, 25]);
    let query = QueryRequest::Bank(BankQuery::Balance {
        address: two.to_string(),
        denom: "coin".into(),
    });
    let answer: BalanceResponse = chain.query(&one, &Ask::Relay(query)).parse().unwrap();
    assert_eq!(answer.amount, coin(25, "coin"));
}

#[test]
fn only_the_admin_migrates() {
    let (mut chain, owner, [one, _]) = puppets();
    let code = chain.store_code(&Artifact::Puppet.wasm()).unwrap();
    let empty = cosmwasm_std::Empty {};
    let other = chain.person("other");
    assert!(chain.migrate(&other, &one, code, &empty).is_err());
    assert_eq!(chain.raw(&one, b"migrated"), None);
    chain.migrate(&owner, &one, code, &empty).unwrap();
    assert_eq!(chain.raw(&one, b"migrated"), Some(b"yes".to_vec()));
}

#[test]
fn addresses_are_those_of_the_embedded_network() {
    let network = Network::builder().build();
    let mut chain = chain();
    let order = [
        Artifact::Token,
        Artifact::Registry,
        Artifact::Vault,
        Artifact::Distributor,
        Artifact::Delegation,
    ];
    for (artifact, number) in order.into_iter().zip(1..) {
        let checksum = twin::made_up_checksum(number);
        chain.store_code_as(&artifact.wasm(), checksum).unwrap();
    }
    let deployer = chain.person("deployer");
    let at = network.addresses();
    for (code, salt, address) in [
        (1, "qst", &at.qst),
        (2, "registry", &at.registry),
        (3, "vault", &at.vault),
        (4, "distributor", &at.distributor),
        (5, "delegation", &at.delegation),
    ] {
        let foreseen = chain.foresee(&deployer, code, salt.as_bytes());
        assert_eq!(foreseen.unwrap(), *address);
    }
    assert_eq!(ARTIFACTS.len(), order.len() + 1);
}
