//! `gov` and `delegation` against a running local chain (`scripts/localnet/chain start`), each with
//! contracts of its own whose epochs last 10 seconds. The NFTs of one are the keys of the other.
//! `NODEREV_LOCALNET_RPC` says where the chain is.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod local;

use std::thread::{scope, sleep};
use std::time::Duration;

use noderev_api::distributor;
use noderev_components::KeyId;
use noderev_operations::Contract;
use serde_json::{json, Value};

use local::{address, client, manifest, Place};

/// Whom the manifest has attest, beside others.
const ALICE: &str = "wasm1htamarexaxhgdsp0xu6sppeyx7avtvqr84t7ar";

/// Contracts with one attester.
fn deployed(attester: u32, more: &str) -> Place {
    let one = address(attester);
    let whole = manifest(&[
        ("length = 60", "length = 10"),
        ("report_window = 20", "report_window = 5"),
        ("appeal_window = 15", "appeal_window = 3"),
        ("ruling_window = 60", "ruling_window = 8"),
        ("threshold = 2", "threshold = 1"),
        (ALICE, &one),
    ]);
    let others = ["wasm19tkv", "wasm164cy"];
    let lines = whole.lines();
    let lines = lines.filter(|line| !others.iter().any(|other| line.contains(other)));
    let own = lines.collect::<Vec<_>>().join("\n");
    Place::new(&format!("{own}\n{more}"))
}

#[test]
#[ignore = "needs a local chain"]
fn owners_govern_contracts_and_delegations() {
    let governed = deployed(2, "");
    governed.import([(1..=12, 8), (13..=17, 9), (18..=20, 5)]);
    let collection = governed.contracts().registry;
    let listed = format!(
        "[[collections]]\nname = \"keys\"\naddress = \"{collection}\"\nweight = \"0\"\nclasses = \
         [{{ name = \"most\", tokens = {{ range = {{ first = 1, last = 15 }} }}, weight = \"5000\" }}]\n"
    );
    let delegated = deployed(1, &listed);
    scope(|both| {
        both.spawn(|| {
            parameters(&governed);
            attesters(&governed);
            pauses(&governed);
            roles(&governed);
            splits_and_issuance(&governed);
            disputes(&governed);
            ownership(&governed);
        });
        delegations(&delegated, &collection);
    });
}

fn parameters(place: &Place) {
    let printed = place.asked(&["gov", "params", "registry"]);
    assert!(printed.contains("market_fee = 200"), "{printed}");
    assert!(printed.contains("in force in epoch "), "{printed}");
    let same = place.write("same.toml", &printed);
    let queue = |file: &str| ["gov", "queue", "registry", file].map(str::to_owned);
    let same = queue(&same);
    let same = same.each_ref().map(String::as_str);
    place.refused(&same, 0, 3, "nothing changes");

    let edit = |name: &str, to: &str| place.write(name, &printed.replace("market_fee = 200", to));
    let much = edit("much.toml", "market_fee = 501");
    let bounds = "market_fee is 501: must be 0..=500";
    place.refused(&["gov", "queue", "registry", &much], 0, 4, bounds);
    // Bounds hold for what is only printed, too.
    let proposal = ["gov", "queue", "registry", &much, "--print-msg"];
    place.refused(&proposal, 0, 4, bounds);
    let other = edit("other.toml", "market_tax = 1");
    let unknown = "unknown field `market_tax`";
    place.refused(&["gov", "queue", "registry", &other], 0, 2, unknown);

    let file = edit("new.toml", "market_fee = 300");
    let queue = ["gov", "queue", "registry", &file];
    place.refused(&queue, 4, 4, "only the owner may do this");
    let shown = place.done(&[&queue[..], &["--dry-run"]].concat(), 0);
    assert!(shown.contains("market_fee: 200 -> 300"), "{shown}");
    let none = place.ask(Contract::Registry, json!({ "queued_params": {} }));
    assert_eq!(none["from"], Value::Null);
    let told = place.done(&queue, 0);
    let waiting = place.ask(Contract::Registry, json!({ "queued_params": {} }));
    assert_eq!(waiting["params"]["market_fee"], 300);
    let from = waiting["from"].as_u64().unwrap();
    // Unless a boundary came between the two.
    let epochs = [from, from - 1].map(|from| format!("in epoch {from}, from 20"));
    assert!(epochs.iter().any(|epoch| told.contains(epoch)), "{told}");
    place.refused(
        &queue,
        0,
        4,
        &format!("waits for epoch {from}: cancel it first"),
    );

    let printed = place.asked(&["gov", "params", "registry"]);
    let waits = format!("# A change waits for epoch {from}, from 20");
    assert!(printed.contains(&waits), "{printed}");
    assert!(printed.contains("#   market_fee: 200 -> 300"), "{printed}");
    let later = place.asked(&["gov", "params", "registry", "--epoch", &from.to_string()]);
    assert!(later.contains("market_fee = 300"), "{later}");
    place.done(&["gov", "cancel", "registry"], 0);
    let none = place.ask(Contract::Registry, json!({ "queued_params": {} }));
    assert_eq!(none["from"], Value::Null);
    place.refused(
        &["gov", "cancel", "registry"],
        0,
        4,
        "no change of the registry's",
    );

    // JSON is read back as well, and of all contracts.
    for contract in ["distributor", "delegation"] {
        for form in [&["--json"][..], &[]] {
            let printed = place.asked(&[&["gov", "params", contract], form].concat());
            let file = place.write("again", &printed);
            place.refused(&["gov", "queue", contract, &file], 0, 3, "nothing changes");
        }
    }
    let printed = place.asked(&["gov", "params", "vault", "--json"]);
    let file = place.write(
        "vault.json",
        &printed.replace("\"minimum_lock\":0", "\"minimum_lock\":7"),
    );
    place.done(&["gov", "queue", "vault", &file], 0);
    let waiting = place.ask(Contract::Vault, json!({ "queued_params": {} }));
    assert_eq!(
        waiting["params"],
        json!({ "unbonding_period": 120, "minimum_lock": 7 })
    );
}

fn attesters(place: &Place) {
    let (carol, alice) = (address(4), address(2));
    let add = ["gov", "attesters", "distributor", "--add", &carol];
    // Of two, one is no majority.
    place.refused(&add, 0, 4, "more than half");
    place.refused(
        &["gov", "attesters", "distributor", "--add", &alice],
        0,
        4,
        "is an attester already",
    );
    place.refused(
        &["gov", "attesters", "distributor", "--remove", &carol],
        0,
        4,
        &format!("the attesters are: {alice}"),
    );
    let vault = ["gov", "attesters", "vault", "--add", &carol];
    place.refused(&vault, 0, 2, "the vault has no attesters");
    place.refused(&["gov", "attesters", "distributor"], 0, 2, "--threshold");
    let told = place.done(&[&add[..], &["--threshold", "2"]].concat(), 0);
    assert!(told.contains("evidence.threshold: 1 -> 2"), "{told}");
    let waiting = place.ask(Contract::Distributor, json!({ "queued_params": {} }));
    let evidence = &waiting["params"]["evidence"];
    assert_eq!(evidence["attesters"], json!([alice, carol]));
    assert_eq!(evidence["threshold"], 2);
}

fn pauses(place: &Place) {
    let pause = |contract, activity, length| {
        ["gov", "pause", contract, activity, "--for", length].map(str::to_owned)
    };
    let refused = |account, exit, words: [String; 6], why: &str| {
        place.refused(&words.each_ref().map(String::as_str), account, exit, why);
    };
    refused(
        7,
        4,
        pause("registry", "market", "15d"),
        "a pause lasts 1..=1209600 s",
    );
    refused(7, 2, pause("registry", "exits", "1h"), "it has: market");
    refused(7, 2, pause("registry", "market", "1 day"), "such as 36h");
    refused(4, 4, pause("registry", "market", "1h"), "may do this");
    let told = place.done(&["gov", "pause", "registry", "market", "--for", "1h"], 7);
    assert!(
        told.contains("pause market in the registry until 20"),
        "{told}"
    );
    let paused = place.ask(Contract::Registry, json!({ "paused": {} }));
    assert!(paused["activities"][0]["until"].is_string(), "{paused}");
    place.done(&["gov", "resume", "registry", "market"], 7);
    let paused = place.ask(Contract::Registry, json!({ "paused": {} }));
    assert_eq!(paused["activities"][0]["until"], Value::Null);
    place.refused(
        &["gov", "resume", "registry", "market"],
        7,
        4,
        "market is not paused",
    );
    refused(
        7,
        4,
        pause("registry", "market", "1h"),
        "cannot be paused again before",
    );
}

fn roles(place: &Place) {
    let carol = address(4);
    let holder = |contract, role: &str| {
        let roles = place.ask(contract, json!({ "roles": {} }));
        let roles = roles["roles"].as_array().unwrap().clone();
        let role = roles.into_iter().find(|one| one["role"] == role);
        role.unwrap()["accounts"].clone()
    };
    let told = place.done(&["gov", "role", "vault", "guardian", &carol], 0);
    assert!(told.contains("at once"), "{told}");
    assert_eq!(holder(Contract::Vault, "guardian"), json!([carol]));
    place.done(&["gov", "role", "vault", "guardian"], 0);
    assert_eq!(holder(Contract::Vault, "guardian"), json!([]));
    let told = place.done(&["gov", "role", "distributor", "arbiter", &carol], 0);
    assert!(told.contains("of the distributor in epoch "), "{told}");
    assert_eq!(
        holder(Contract::Distributor, "arbiter"),
        json!([address(6)])
    );
    assert_eq!(
        holder(Contract::Distributor, "next_arbiter"),
        json!([carol])
    );
    let empty = ["gov", "role", "registry", "treasury"];
    place.refused(&empty, 0, 4, "the treasury cannot be left empty");
    let unknown = ["gov", "role", "registry", "arbiter", &carol];
    place.refused(&unknown, 0, 2, "it has: minter, guardian, treasury");
}

fn splits_and_issuance(place: &Place) {
    place.refused(&["gov", "cancel-split"], 0, 4, "no split is announced");
    place.refused(&["gov", "split", "3"], 0, 4, "split: ");
    let told = place.done(&["gov", "split", "2"], 0);
    assert!(told.contains("40 keys then of at most 9,464"), "{told}");
    assert!(told.contains("100,000.000000 QST"), "{told}");
    let supply = || place.ask(Contract::Registry, json!({ "supply": { "epoch": null } }));
    assert_eq!(supply()["splits"][0]["factor"], 2);
    place.refused(&["gov", "split", "2"], 0, 4, "split: ");
    place.done(&["gov", "cancel-split"], 0);
    assert_eq!(supply()["splits"], json!([]));

    place.refused(&["gov", "seal"], 4, 4, "may do this");
    let told = place.done(&["gov", "seal"], 0);
    assert!(told.contains("for ever, with 20 of 4,732 keys"), "{told}");
    assert_eq!(supply()["sealed"], true);
    place.refused(
        &["gov", "seal"],
        0,
        4,
        "issuance has ended already, with 20 keys",
    );
}

/// Keys 18 to 20 are judged not running, and their owner appeals.
fn disputes(place: &Place) {
    place.mint(5, 3_000_000_000);
    let epoch = place.epoch();
    let number = epoch.to_string();
    let keys = || [18, 19, 20].map(KeyId).to_vec();
    let rule = |key: &'static str, verdict: &'static str| {
        let words = ["gov", "rule", &number, key, verdict];
        words.map(str::to_owned)
    };
    place.wait_for(epoch.next());
    place.report(2, Contract::Distributor, epoch, &[0xff, 0xff, 0x01]);
    let keys = keys();
    let appeal = distributor::ReceiveMsg::Appeal { epoch, keys };
    place.send_tokens(5, Contract::Distributor, 3_000_000_000, &appeal);
    place.close(7, Contract::Distributor, epoch);

    for verdict in [
        &["gov", "rule", &number, "18"][..],
        &["gov", "rule", &number, "18", "--upheld", "--rejected"],
    ] {
        place.refused(verdict, 6, 2, "--rejected");
    }
    let (upheld, rejected) = (rule("18", "--upheld"), rule("19", "--rejected"));
    let as_text = |words: &[String; 5]| words.clone();
    let told = place.done(&as_text(&upheld).each_ref().map(String::as_str), 6);
    assert!(told.contains("are right:"), "{told}");
    assert!(told.contains("key 18 ran, by the appeal of"), "{told}");
    assert!(told.contains("1,000.000000 QST"), "{told}");
    place.done(&rejected.each_ref().map(String::as_str), 6);
    let outcomes = || {
        let query = json!({ "disputes": { "epoch": epoch, "start_after": null, "limit": null } });
        let disputes = place.ask(Contract::Distributor, query);
        let disputes = disputes["disputes"].as_array().unwrap().clone();
        disputes
            .into_iter()
            .map(|one| one["outcome"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(outcomes(), ["upheld", "rejected", "open"]);
    place.refused(
        &upheld.each_ref().map(String::as_str),
        6,
        4,
        "has ended: it was upheld",
    );
    place.refused(
        &["gov", "rule", &number, "3", "--upheld"],
        6,
        4,
        "disputed are: 18, 19, 20",
    );
    let resolve = ["gov", "resolve", &number, "20"];
    let (code, said) = place.run(&resolve, 4);
    // Unless its time has come already.
    if code != 0 {
        assert_eq!(code, 4, "{said}");
        sleep(Duration::from_secs(9));
        place.done(&resolve, 4);
    }
    assert_eq!(outcomes(), ["upheld", "rejected", "no_ruling"]);
}

fn ownership(place: &Place) {
    let carol = address(4);
    let owner = || place.ask(Contract::Vault, json!({ "ownership": {} }));
    let accept = ["gov", "ownership", "vault", "accept"];
    place.refused(&accept, 4, 4, "is offered to nobody, not to");
    place.done(&["gov", "ownership", "vault", "transfer", &carol], 0);
    assert_eq!(owner()["pending_owner"], json!(carol));
    place.refused(&accept, 8, 4, &format!("is offered to {carol}, not to"));
    place.done(&accept, 4);
    assert_eq!(owner()["owner"], json!(carol));
    let renounce = ["gov", "ownership", "vault", "renounce"];
    place.refused(&renounce, 0, 4, "owner");
    let told = place.done(&renounce, 4);
    assert!(told.contains("without an owner"), "{told}");
    assert_eq!(owner()["owner"], Value::Null);
}

/// The delegation of account 8, which account 9 joins. NFTs 1 to 15 weigh 5,000 each.
fn delegations(place: &Place, collection: &str) {
    let from = ["--collection", "keys"];
    let on = |step: &str, nfts: &[&str]| {
        let words = ["delegation"].into_iter().chain(step.split(' '));
        let words = words.chain(from).chain(nfts.iter().copied());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let done = |account, words: Vec<String>| {
        place.done(
            &words.iter().map(String::as_str).collect::<Vec<_>>(),
            account,
        )
    };
    let refused = |account, exit, words: Vec<String>, why: &str| {
        let words: Vec<_> = words.iter().map(String::as_str).collect();
        place.refused(&words, account, exit, why);
    };
    let held = |nft: &str| {
        let query = json!({ "owner_of": { "token_id": nft, "include_expired": null } });
        let answer: Value = client().smart(collection, &query).unwrap();
        answer["owner"].as_str().unwrap().to_owned()
    };
    let contract = place.contracts().delegation;
    let shown = || {
        let query = json!({ "delegation": { "delegation": 1 } });
        place.ask(Contract::Delegation, query)
    };

    // NFTs come, one alone and several together.
    refused(8, 4, on("stake none", &["13"]), "belongs to");
    refused(8, 4, on("stake none", &["16"]), "weighs nothing");
    refused(8, 4, on("stake 1", &["1"]), "there is no delegation 1");
    let told = done(8, on("stake none", &["1"]));
    assert!(told.contains("undelegated, counting in epoch "), "{told}");
    assert_eq!(held("1"), contract);
    refused(8, 4, on("stake none", &["1", "2"]), "is staked already");
    let told = done(8, on("join none", &["2", "3", "4", "5"]));
    assert!(told.contains("4 NFTs of 20,000 Quintessence"), "{told}");
    assert_eq!(held("5"), contract);
    let operators = json!({ "all_operators": { "owner": address(8), "include_expired": null,
                                               "start_after": null, "limit": null } });
    let operators: Value = client().smart(collection, &operators).unwrap();
    assert_eq!(
        operators["operators"],
        json!([]),
        "only for one transaction"
    );
    let create = [
        "delegation",
        "create",
        "--name",
        "first",
        "--commission",
        "250",
        "--joining",
        "approval",
        "--minimum",
        "10000",
    ];
    // It does not count yet, unless the next epoch has begun.
    let (code, said) = place.run(&[&create[..], &["--dry-run"]].concat(), 8);
    assert!(
        code == 0 || code == 4 && said.contains("0 is there"),
        "{said}"
    );
    place.refused(
        &create,
        9,
        4,
        "a delegation needs 10000 undelegated Quintessence",
    );
    let told = place.done(&["delegation", "validator", "register", "server a"], 8);
    assert!(told.contains("its number is 1"), "{told}");
    let told = place.done(&["delegation", "validator", "register", "server b"], 9);
    assert!(told.contains("its number is 2"), "{told}");

    // It counts now: the delegation, and who serves it.
    place.wait_for(place.epoch().next());
    let told = place.done(&create, 8);
    assert!(
        told.contains("with 25,000 Quintessence, which makes 1 slot of 20,000"),
        "{told}"
    );
    assert!(told.contains("its number is 1"), "{told}");
    place.refused(&create, 8, 4, "owns delegation 1 already");
    let told = place.done(&["delegation", "validator", "assign", "1", "1"], 8);
    assert!(
        told.contains("assign validator 1 to delegation 1 in epoch "),
        "{told}"
    );
    let served = place.epoch().next();
    let told = place.done(&["delegation", "validator", "assign", "2", "1"], 9);
    assert!(
        told.contains(&format!("ask {} to take", address(8))),
        "{told}"
    );
    let accept = ["delegation", "validator", "accept", "1", "2"];
    place.refused(&accept, 9, 4, "delegation 1 is owned by");
    place.done(&accept, 8);
    assert_eq!(shown()["info"]["validators"], 2);
    place.done(&["delegation", "validator", "remove", "1", "2"], 8);
    assert_eq!(shown()["info"]["validators"], 1);
    let evict = ["delegation", "validator", "evict", "1", "1"];
    place.refused(&evict, 9, 4, "may keep its 1 validators");

    // Who wants to join asks.
    let join = on("stake 1", &["13", "14"]);
    refused(9, 4, join.clone(), "has not approved");
    place.done(&["delegation", "request", "1"], 9);
    let table = place.asked(&["delegation", "show", "1"]);
    assert!(table.contains("asks"), "{table}");
    let members = place.asked(&["delegation", "show", "1", "--csv"]);
    let head = format!("member,quintessence,next\n{},", address(8));
    assert!(members.starts_with(&head), "{members}");
    assert!(members.ends_with(",25000\n"), "{members}");
    place.done(&["delegation", "approve", "1", &address(9)], 8);
    refused(
        9,
        4,
        on("stake 1", &["13"]),
        "needs 10000 Quintessence, it would have 5000",
    );

    // Its figures.
    let up = ["delegation", "commission", "1", "300"];
    place.refused(&up, 9, 4, "is owned by");
    let steep = ["delegation", "commission", "1", "600"];
    place.wait_for(served);
    place.refused(&steep, 8, 4, "at most");
    let now = place.epoch();
    let told = place.done(&up, 8);
    let late = format!("from 2.50 % to 3.00 % in epoch {}, from 20", now.0 + 8);
    assert!(told.contains(&late), "{told}");
    assert_eq!(shown()["commission_change"]["commission"], 300);
    // The rate in force drops the rise.
    let told = place.done(&["delegation", "commission", "1", "250"], 8);
    assert!(
        told.contains(&format!("in epoch {}, from 20", now.0 + 1)),
        "{told}"
    );
    assert_eq!(shown()["commission_change"], Value::Null);
    let nothing = ["delegation", "update", "1"];
    place.refused(&nothing, 8, 2, "nothing to change");
    place.done(
        &[&nothing[..], &["--url", "https://example.org"]].concat(),
        8,
    );
    let metadata = shown()["metadata"].clone();
    assert_eq!(metadata["name"], "first");
    assert_eq!(metadata["url"], "https://example.org");

    // The first epoch is paid: 1,000 OURO at 25,000 Quintessence are 800 for the slot, 2.5 % taken off.
    place.wait_for(served.next());
    place.report(1, Contract::Delegation, served, &[1]);
    place.close(1, Contract::Delegation, served);
    let told = done(9, join);
    for line in [
        "1,000 Quintessence earn 31.200000 OURO an epoch before and 22.285714 OURO after (28.57 % less)",
        "slots: 1 before, 1 after, of which validators capture 1 and 1; 5,000 Quintessence are missing",
        "beware: joining lowers what every member earns",
    ] {
        assert!(told.contains(line), "{told}");
    }
    assert_eq!(shown()["info"]["total_next"], "35000");

    // Out again: moved, unstaked, returned.
    let mine = on("leave", &["1", "2", "3", "4"]);
    let warned = done(8, [mine, vec!["--dry-run".into()]].concat());
    assert!(
        warned.contains("the own part in delegation 1 falls to 5,000"),
        "{warned}"
    );
    refused(8, 4, on("move none", &["13"]), "was staked by");
    refused(8, 4, on("leave", &["6"]), "is not staked");
    let told = done(9, on("move none", &["13"]));
    assert!(
        told.contains("undelegated, counting there in epoch "),
        "{told}"
    );
    assert_eq!(shown()["info"]["total_next"], "30000");
    place.done(&["delegation", "release", "1", &address(9)], 8);
    assert_eq!(shown()["info"]["total_next"], "25000");
    place.refused(&["delegation", "withdraw"], 9, 3, "can be withdrawn");
    let told = done(9, on("leave", &["13", "14"]));
    assert!(told.contains("can be withdrawn from 20"), "{told}");
    let gone = place.epoch().next();
    refused(9, 4, on("move 1", &["13"]), "is on its way out");

    // The owner offers it; who has nothing in it can't take it.
    let accept = ["delegation", "accept", "1"];
    place.refused(&accept, 9, 4, "is offered to nobody");
    place.done(&["delegation", "transfer", "1", &address(9)], 8);
    place.refused(&accept, 9, 4, "needs 10000 Quintessence of his own in it");
    place.done(&["delegation", "transfer", "1"], 8);
    assert_eq!(shown()["proposed_owner"], Value::Null);
    let list = place.asked(&["delegation", "list", "--csv"]);
    let row = format!("1,first,{},approval,10000,250,active,", address(8));
    assert!(list.contains(&row), "{list}");
    let list = place.json(&["delegation", "list"]);
    assert_eq!(list[0]["name"], "first");
    let servers = place.asked(&["delegation", "validator", "list", "1", "--csv"]);
    assert!(servers.starts_with("validator,node,operator,"), "{servers}");
    assert!(
        servers.contains("server a") && !servers.contains("server b"),
        "{servers}"
    );

    place.wait_for(gone);
    let told = place.done(&["delegation", "withdraw"], 9);
    assert!(told.contains("return 2 NFTs"), "{told}");
    assert_eq!([held("13"), held("14")], [address(9), address(9)]);
    place.refused(&["delegation", "withdraw"], 9, 3, "no NFT of");
}
