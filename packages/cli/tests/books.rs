//! `statement`, `export`, `doctor` and `attest compare` against a running local chain
//! (`scripts/localnet/chain start`), with contracts of their own whose epochs last 10 seconds.
//! `NODEREV_LOCALNET_RPC` says where the chain is.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod local;

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::Duration;

use cosmwasm_std::HexBinary;
use noderev_api::distributor::{ExecuteMsg, ReceiveMsg, Role};
use noderev_api::{registry, vault};
use noderev_chain::Message;
use noderev_components::{Epoch, KeyId};
use noderev_operations::Contract;
use serde_json::{json, Value};

use local::{address, client, manifest, now, send, signer, Place, DEPLOYER};

/// Who does what; the last two own keys 1 to 12 and 13 to 20.
const ATTESTERS: [u32; 3] = [2, 3, 4];
const TREASURY: u32 = 5;
/// The treasury from epoch 1 on.
const NEXT_TREASURY: u32 = 7;
const ARBITER: u32 = 6;
const OWNER: u32 = 8;
const OTHER: u32 = 9;

/// A bond per key, QST units.
const BOND: u128 = 1_000_000_000;

/// The day of the chain, or so many days before or after it.
fn day(later: i64) -> String {
    let now = i64::try_from(now()).unwrap();
    let seconds = u64::try_from(now + later * 86_400).unwrap();
    noderev::format::date(seconds)
}

impl Place {
    /// This attester says that all 20 keys ran but these.
    fn ran(&self, attester: u32, epoch: u32, without: &[u32]) {
        let mut bits = [0xff, 0xff, 0x0f];
        for key in without {
            let bit = key - 1;
            bits[bit as usize / 8] &= !(1_u8 << (bit % 8));
        }
        self.report(attester, Contract::Distributor, Epoch(epoch), &bits);
    }

    /// Closes an epoch whose result is fixed, once the time for appeals is over.
    fn close_fixed(&self, epoch: u32) {
        let contracts = self.contracts();
        let close = ExecuteMsg::CloseEpoch {
            epoch: Epoch(epoch),
        };
        let close = [Message::execute(&contracts.distributor, &close, vec![]).unwrap()];
        let mut signer = signer(1);
        for _ in 0..100 {
            if signer.execute(&client(), &close).is_ok() {
                return;
            }
            sleep(Duration::from_millis(200));
        }
        panic!("epoch {epoch} can't be closed");
    }

    /// Two epochs: revenue in two currencies, a pool stake, keys that change hands, an appeal, claims.
    fn lived(&self) {
        let contracts = self.contracts();
        self.mint(OWNER, BOND);
        self.mint(OTHER, 777);
        self.mint(DEPLOYER, 1_000_000);
        let stake = vault::ReceiveMsg::DepositPool {};
        self.send_tokens(OTHER, Contract::Vault, 777, &stake);
        for (denom, amount, reference) in [("USDC", "1000003", "1"), ("QST", "999999", "2")] {
            let deposit = ["revenue", "deposit", denom, amount, "--over", "2"];
            let source = ["--source", "it", "--reference", reference];
            self.done(&[&deposit[..], &source].concat(), DEPLOYER);
        }
        assert_eq!(self.network().epoch.0, 0, "too slow for an epoch");
        self.wait_for(Epoch(1));
        // Key 12 changes hands in epoch 1: epoch 0 stays its owner's of before.
        let transfer = registry::ExecuteMsg::TransferNft {
            recipient: address(OTHER),
            token_id: "12".into(),
        };
        send(OWNER, &contracts.registry, &transfer);
        for attester in ATTESTERS {
            self.ran(attester, 0, &[5]);
        }
        let appeal = ReceiveMsg::Appeal {
            epoch: Epoch(0),
            keys: vec![KeyId(5)],
        };
        self.send_tokens(OWNER, Contract::Distributor, BOND, &appeal);
        self.close_fixed(0);
        let rule = ExecuteMsg::Rule {
            epoch: Epoch(0),
            keys: vec![KeyId(5)],
            upheld: true,
        };
        send(ARBITER, &contracts.distributor, &rule);
        self.done(&["claim"], OWNER);
        self.done(&["claim"], TREASURY);
        let role = ExecuteMsg::SetRole {
            role: Role::Treasury,
            account: Some(address(NEXT_TREASURY)),
        };
        send(DEPLOYER, &contracts.distributor, &role);
        self.wait_for(Epoch(2));
        self.ran(ATTESTERS[0], 1, &[1]);
        self.ran(ATTESTERS[0], 1, &[]);
        for attester in &ATTESTERS[1..] {
            self.ran(*attester, 1, &[]);
        }
        self.close_fixed(1);
    }

    fn statement(&self, account: u32) -> Value {
        let (from, to) = (day(-1), day(0));
        let asked = ["statement", &address(account), "--from", &from, "--to", &to];
        self.json(&asked)
    }
}

fn units(value: &Value) -> u128 {
    value.as_str().unwrap().parse().unwrap()
}

fn lines(currency: &Value) -> Vec<(&str, &str, Option<u64>, &str, u128)> {
    let lines = currency["lines"].as_array().unwrap().iter();
    lines
        .map(|line| {
            (
                line["kind"].as_str().unwrap(),
                line["role"].as_str().unwrap(),
                line["epoch"].as_u64(),
                line["of"].as_str().unwrap_or_default(),
                units(&line["amount"]),
            )
        })
        .collect()
}

#[test]
#[ignore = "needs a local chain"]
fn accounts_books_can_be_checked_and_taken_along() {
    let place = Place::new(&manifest(&[
        ("length = 60", "length = 10"),
        ("report_window = 20", "report_window = 6"),
        ("appeal_window = 15", "appeal_window = 3"),
    ]));
    place.import([(1..=12, OWNER), (13..=20, OTHER)]);
    place.lived();
    dues_and_findings_become_csv(&place);
    statements_add_up(&place);
    statements_have_values(&place);
    statements_are_refused(&place);
    events_are_all_there(&place);
    state_is_all_there(&place);
    reports_have_a_time(&place);
    doctor_tells_what_the_chain_allows(&place);
}

fn dues_and_findings_become_csv(place: &Place) {
    let due = place.json(&["rewards", &address(OTHER)]);
    let due = due["due"].as_array().unwrap().iter();
    let qst = place.contracts().qst;
    let row = |due: &Value| {
        let denom = due["denom"]["native"].as_str().unwrap_or(&qst);
        let (role, amount) = (due["role"].as_str().unwrap(), units(&due["amount"]));
        format!("{role},{denom},{amount}\n")
    };
    let rows: String = due.map(row).collect();
    let csv = place.asked(&["rewards", &address(OTHER), "--csv"]);
    assert_eq!(csv, format!("role,denom,amount\n{rows}"));
    assert!(csv.lines().count() > 2, "{csv}");
    let none = place.asked(&["audit", "--csv"]);
    assert_eq!(none, "place,figure,told,recomputed\n");
}

fn statements_add_up(place: &Place) {
    for account in [OWNER, OTHER, TREASURY, NEXT_TREASURY] {
        let told = place.statement(account);
        let currencies = told["currencies"].as_array().unwrap();
        assert_eq!(currencies.len(), 2, "{told}");
        for one in currencies {
            let of = |what: &str| units(&one[what]);
            assert_eq!(of("opening"), 0);
            assert_eq!(of("earned") - of("paid"), of("closing"));
            assert_eq!(of("closing"), of("due"));
            assert!(of("earned") > 0);
            let sum = |kind: &str| -> u128 {
                let lines = lines(one).into_iter().filter(|line| line.0 == kind);
                lines.map(|line| line.4).sum()
            };
            assert_eq!((sum("earned"), sum("paid")), (of("earned"), of("paid")));
        }
    }
    let told = place.statement(OWNER);
    let usdc = lines(&told["currencies"][0]);
    let key = |key: &str| -> Vec<u64> {
        let own = usdc.iter().filter(|line| line.3 == key);
        own.filter_map(|line| line.2).collect()
    };
    assert_eq!(key("key 1"), [0, 1]);
    assert_eq!(key("key 12"), [0], "the former owner's epoch");
    assert_eq!(key("key 5"), [0, 1], "the appeal was upheld");
    assert_eq!(key("key 13"), [] as [u64; 0]);
    let qst = lines(&told["currencies"][1]);
    assert!(qst.contains(&("earned", "bonds", Some(0), "dispute of key 5", BOND)));
    assert!(qst.contains(&("paid", "bonds", None, "", BOND)));
    let receipt = &told["currencies"][1]["lines"];
    let mut receipts = receipt.as_array().unwrap().iter();
    let receipt = receipts.find(|line| line["kind"] == "paid").unwrap();
    assert_eq!(receipt["recipient"], address(OWNER));
    assert!(receipt["receipt"].as_u64().unwrap() > 0);
    assert_eq!(receipt["day"], day(0));

    let other = place.statement(OTHER);
    let usdc = lines(&other["currencies"][0]);
    assert!(usdc
        .iter()
        .any(|line| line.2 == Some(1) && line.3 == "key 12"));
    assert!(!usdc
        .iter()
        .any(|line| line.2 == Some(0) && line.3 == "key 12"));
    assert!(usdc.iter().all(|line| line.0 == "earned"));

    // The new treasury's books are the role's, the old one's what it was paid.
    let treasury = place.statement(TREASURY);
    let usdc = &treasury["currencies"][0];
    assert_eq!(units(&usdc["closing"]), 0);
    let treasury = place.statement(NEXT_TREASURY);
    let usdc = lines(&treasury["currencies"][0]);
    let earned = |epoch| ("earned", "treasury", Some(epoch), "revenue", 200_000);
    assert!(usdc.contains(&earned(0)), "{usdc:?}");
    assert_eq!(usdc.len(), 3);
    let paid = usdc.iter().find(|line| line.0 == "paid").unwrap();
    let whose = format!("while {} was the treasury", address(TREASURY));
    assert_eq!((paid.3, paid.4), (whose.as_str(), 200_000));

    // Before the network there was nothing.
    let before = (day(-3), day(-2));
    let owner = address(OWNER);
    let asked = ["statement", &owner, "--from", &before.0, "--to", &before.1];
    let told = place.json(&asked);
    for one in told["currencies"].as_array().unwrap() {
        assert_eq!((units(&one["opening"]), units(&one["closing"])), (0, 0));
        assert!(units(&one["due"]) > 0);
        assert!(lines(one).is_empty());
    }
    // Nobody's.
    let nobody = address(77);
    let asked = ["statement", &nobody, "--from", &before.0, "--to", &before.1];
    let (code, out) = place.run(&asked, None);
    assert_eq!(code, 3);
    assert!(out.contains("has never earned anything"), "{out}");
}

fn statements_have_values(place: &Place) {
    let (owner, from, to) = (address(OTHER), day(-1), day(0));
    let asked = ["statement", &owner, "--from", &from, "--to", &to];
    let head = "date,denom,price\n";
    let usdc = format!("{from},USDC,1\n{to},USDC,1.5\n");
    let prices = place.write("prices.csv", &format!("{head}{usdc}"));
    let valued = [&asked[..], &["--prices", &prices]].concat();
    let missing = format!("prices: there is none of QST on {to}");
    place.refused(&valued, None, 1, &missing);
    let qst = format!("{from},QST,2\n{to},QST,0.25\n");
    place.write("prices.csv", &format!("{head}{usdc}{qst}"));
    let told = place.json(&valued);
    let usdc = &told["currencies"][0];
    // All of it is of today: each line times 1.5, rounded, halves up.
    let all = usdc["lines"].as_array().unwrap();
    let values = all.iter().map(|line| {
        let value = units(&line["value"]);
        assert_eq!(value, (units(&line["amount"]) * 3).div_ceil(2));
        value
    });
    assert_eq!(values.sum::<u128>(), units(&usdc["values"]["earned"]));
    assert_eq!(
        units(&usdc["values"]["closing"]),
        (units(&usdc["closing"]) * 3).div_ceil(2)
    );
    let csv = place.asked(&[&valued[..], &["--csv"]].concat());
    let mut rows = csv.lines();
    assert!(rows
        .next()
        .unwrap()
        .starts_with("what,day,time,contract,role,epoch,for,receipt"));
    assert!(rows
        .next()
        .unwrap()
        .starts_with(&format!("opening,{from},")));
    assert!(csv
        .lines()
        .last()
        .unwrap()
        .starts_with(&format!("closing,{to},")));
    let table = place.asked(&valued);
    assert!(table.contains("= closing"), "{table}");
    assert!(table.contains("epoch 1, key 12"), "{table}");
}

fn statements_are_refused(place: &Place) {
    let (owner, today, tomorrow) = (address(OWNER), day(0), day(1));
    let refused = |from: &str, to: &str, why: &str| {
        place.refused(
            &["statement", &owner, "--from", from, "--to", to],
            None,
            2,
            why,
        );
    };
    let future = format!("to {tomorrow}: by the chain's clock today is {today} (UTC)");
    refused(&today, &tomorrow, &future);
    refused(&tomorrow, &today, "the first day is after the last");
    refused("1.1.2026", &today, "is no day: write it as 2026-01-31");
}

fn events_are_all_there(place: &Place) {
    let read = |out: &str| -> Vec<Value> {
        let lines = out.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    };
    let all = read(&place.asked(&["export", "events"]));
    let mut next: BTreeMap<String, u64> = BTreeMap::new();
    let mut place_before = (0, 0);
    for event in &all {
        let contract = event["contract"].as_str().unwrap().to_owned();
        let next = next.entry(contract).or_insert(1);
        assert_eq!(event["seq"], *next, "{event}");
        *next += 1;
        let here = (
            event["height"].as_u64().unwrap(),
            event["index"].as_u64().unwrap(),
        );
        assert!(place_before <= here, "{event}");
        place_before = here;
        assert!(units(&event["time"]) > 1_000_000_000_000_000_000);
        assert_eq!(event["hash"].as_str().unwrap().len(), 64);
    }
    let names: BTreeSet<String> = next.keys().cloned().collect();
    let four = ["delegation", "distributor", "registry", "vault"].map(String::from);
    assert_eq!(names, BTreeSet::from(four));
    let has = |contract: &str, event: &str| {
        all.iter()
            .filter(|it| it["contract"] == contract && it["event"] == event)
            .count()
    };
    assert_eq!(has("distributor", "epoch_closed"), 2);
    assert_eq!(has("distributor", "reported"), 7);
    assert_eq!(has("distributor", "ruled"), 1);
    assert!(has("distributor", "paid") > 0);
    assert_eq!(has("vault", "pool_deposited"), 1);
    let report = all.iter().find(|it| it["event"] == "reported").unwrap();
    let mut fields = report["attributes"].as_array().unwrap().iter();
    assert!(fields.any(|field| field["key"] == "bitmap"));

    // From the middle of one contract on.
    let latest = next["distributor"] - 1;
    let from = latest - 4;
    let going_on = ["--contract", "distributor", "--from-seq", &from.to_string()];
    let tail = read(&place.asked(&[&["export", "events"], &going_on[..]].concat()));
    let own = all.iter().filter(|it| it["contract"] == "distributor");
    let own: Vec<&Value> = own.skip(usize::try_from(from).unwrap() - 1).collect();
    assert_eq!(tail.iter().collect::<Vec<_>>(), own);
    assert_eq!(tail.len(), 5);
    let beyond = (latest + 2).to_string();
    let beyond = [
        "export",
        "events",
        "--contract",
        "distributor",
        "--from-seq",
        &beyond,
    ];
    let why = format!(
        "distributor: event {} has not happened; the latest is event {latest}",
        latest + 2
    );
    place.refused(&beyond, None, 2, &why);
    let why = "qst has no typed events";
    place.refused(&["export", "events", "--contract", "qst"], None, 2, why);
    let why = "--contract";
    place.refused(&["export", "events", "--from-seq", "2"], None, 2, why);
}

fn state_is_all_there(place: &Place) {
    let out = place.asked(&["export", "state", "--contract", "distributor"]);
    let records: Vec<Value> = out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(records.len() > 30, "{}", records.len());
    let distributor = place.contracts().distributor;
    let mut before = Vec::new();
    for record in &records {
        assert_eq!(record["address"], distributor);
        let bytes = |what: &str| {
            let hex = record[what].as_str().unwrap();
            HexBinary::from_hex(hex).unwrap().to_vec()
        };
        let key = bytes("key");
        assert!(before < key);
        let height = record["height"].as_u64().unwrap();
        let stored = client().at(height).raw(&distributor, &key).unwrap();
        assert_eq!(stored, bytes("value"));
        before = key;
    }
    let all = place.asked(&["export", "state"]);
    for name in ["registry", "vault", "distributor", "delegation", "qst"] {
        assert!(all.contains(&format!("\"contract\":\"{name}\"")), "{name}");
    }
    let why = "no contract market";
    place.refused(&["export", "state", "--contract", "market"], None, 1, why);
}

fn reports_have_a_time(place: &Place) {
    let told = place.json(&["attest", "compare", "--epoch", "1"]);
    let reports = told[0]["reports"].as_array().unwrap();
    assert_eq!(reports.len(), 3);
    for report in reports {
        let times = u64::from(report["attester"] == address(ATTESTERS[0])) + 1;
        assert_eq!(report["reported"]["reports"], times, "{report}");
        let height = report["reported"]["height"].as_u64().unwrap();
        let time = client().block_time(height).unwrap().unwrap();
        assert_eq!(units(&report["reported"]["time"]), u128::from(time.nanos()));
    }
    let table = place.asked(&["attest", "compare", "--epoch", "1"]);
    assert!(table.contains("reported"), "{table}");
    let open = place.json(&["attest", "compare", "--epoch", "1", "--to", "delegation"]);
    assert_eq!(open[0]["reports"][0]["reported"], Value::Null);
}

fn doctor_tells_what_the_chain_allows(place: &Place) {
    let told = place.asked(&["doctor"]);
    for line in [
        "block     at most 100,000,000 gas",
        "code      anybody may store code; at most",
        "this account may store code",
        "contracts may require iterator, staking, stargate, cosmwasm_1_1",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    let told = place.json(&["doctor"]);
    assert_eq!(told["block_gas"], 100_000_000);
    assert_eq!(told["anybody_may_store_code"], true);
    assert_eq!(told["faults"], json!([]));
    let has = told["capabilities"].as_array().unwrap();
    assert!(has.contains(&json!("cosmwasm_1_4")));
}
