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
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use cosmwasm_std::{Binary, HexBinary};
use noderev_api::distributor::{ExecuteMsg, NetworkResponse, QueryMsg, ReceiveMsg, Role};
use noderev_api::{registry, vault};
use noderev_chain::{Key, Message, Signer};
use noderev_components::{Epoch, KeyId};
use noderev_operations::{Contract, Contracts, Deployment};
use serde_json::{json, Value};

use local::{client, rpc, ROOT, WORDS};

/// Who does what; the last two own keys 1 to 12 and 13 to 20.
const DEPLOYER: u32 = 0;
const ATTESTERS: [u32; 3] = [2, 3, 4];
const TREASURY: u32 = 5;
/// The treasury from epoch 1 on.
const NEXT_TREASURY: u32 = 7;
const ARBITER: u32 = 6;
const OWNER: u32 = 8;
const OTHER: u32 = 9;

/// A bond per key, QST units.
const BOND: u128 = 1_000_000_000;

struct Place {
    folder: tempfile::TempDir,
}

fn address(account: u32) -> String {
    let key = Key::from_words(WORDS, account, "wasm").unwrap();
    key.address().to_owned()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The day of the chain, or so many days before or after it.
fn day(later: i64) -> String {
    let now = i64::try_from(client().status().unwrap().time.seconds()).unwrap();
    let seconds = u64::try_from(now + later * 86_400).unwrap();
    noderev::format::date(seconds)
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = Self { folder };
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_nanos();
        let mut manifest = fs::read_to_string(format!("{ROOT}/manifests/local.toml")).unwrap();
        for (from, to) in [
            ("salt = \"noderev\"", format!("salt = \"books {now}\"")),
            ("length = 60", "length = 10".to_owned()),
            ("report_window = 20", "report_window = 6".to_owned()),
            ("appeal_window = 15", "appeal_window = 3".to_owned()),
        ] {
            assert!(manifest.contains(from), "{from}");
            manifest = manifest.replace(from, &to);
        }
        fs::write(place.path("manifest.toml"), manifest).unwrap();
        let rows = (1..=20).map(|key| {
            let owner = if key <= 12 { OWNER } else { OTHER };
            format!("{key},{}\n", address(owner))
        });
        let keys = format!("key,owner\n{}", rows.collect::<String>());
        fs::write(place.path("keys.csv"), keys).unwrap();
        let (manifest, keys) = (place.path("manifest.toml"), place.path("keys.csv"));
        let deploy = ["deploy", "apply", "--with-test-token", "--manifest"];
        place.sent(
            DEPLOYER,
            &[&deploy[..], &[manifest.to_str().unwrap()]].concat(),
        );
        place.sent(DEPLOYER, &["import", "keys", keys.to_str().unwrap()]);
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Exit code, standard output, standard error.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let output = Command::new(env!("CARGO_BIN_EXE_noderev"))
            .current_dir(ROOT)
            .env("NODEREV_MNEMONIC", WORDS)
            .env("NODEREV_NODE", rpc())
            .env("NODEREV_DEPLOYMENT", self.path("state.json"))
            .stdin(Stdio::null())
            .args(arguments)
            .output()
            .unwrap();
        let code = output.status.code().unwrap();
        (code, text(output.stdout), text(output.stderr))
    }

    #[track_caller]
    fn done(&self, arguments: &[&str]) -> String {
        let (code, out, err) = self.run(arguments);
        assert_eq!(code, 0, "{out}{err}");
        out
    }

    #[track_caller]
    fn sent(&self, account: u32, arguments: &[&str]) -> String {
        let account = account.to_string();
        self.done(&[arguments, &["--account", &account, "--yes"]].concat())
    }

    #[track_caller]
    fn refused(&self, code: i32, arguments: &[&str]) -> String {
        let (found, out, err) = self.run(arguments);
        assert_eq!(found, code, "{out}{err}");
        err
    }

    fn json(&self, arguments: &[&str]) -> Value {
        let out = self.done(&[arguments, &["--json"]].concat());
        serde_json::from_str(&out).unwrap()
    }

    fn contracts(&self) -> Contracts {
        let deployment = Deployment::read(&self.path("state.json"), "noderev-local").unwrap();
        Contracts::new(&client(), &deployment).unwrap()
    }

    #[track_caller]
    fn execute(&self, account: u32, messages: &[Message]) {
        let key = Key::from_words(WORDS, account, "wasm").unwrap();
        Signer::new(key).execute(&client(), messages).unwrap();
    }

    fn network(&self) -> NetworkResponse {
        let query = QueryMsg::Network {};
        self.contracts().ask_distributor(&query).unwrap()
    }

    /// Waits until this epoch runs.
    fn wait_for(&self, epoch: u32) {
        while self.network().epoch.0 < epoch {
            sleep(Duration::from_millis(200));
        }
    }

    /// This attester says that all 20 keys ran but these.
    fn report(&self, attester: u32, epoch: u32, without: &[u32]) {
        let mut bits = [0xff, 0xff, 0x0f];
        for key in without {
            let bit = key - 1;
            bits[bit as usize / 8] &= !(1_u8 << (bit % 8));
        }
        let contracts = self.contracts();
        let report = ExecuteMsg::Report {
            epoch: Epoch(epoch),
            bitmap: Binary::from(bits),
            evidence: Binary::from([7; 32]),
        };
        let message = Message::execute(&contracts.distributor, &report, vec![]).unwrap();
        self.execute(attester, &[message]);
    }

    /// Closes an epoch whose result is fixed, once the time for appeals is over.
    fn close(&self, epoch: u32) {
        let contracts = self.contracts();
        let close = ExecuteMsg::CloseEpoch {
            epoch: Epoch(epoch),
        };
        let close = [Message::execute(&contracts.distributor, &close, vec![]).unwrap()];
        let mut signer = Signer::new(Key::from_words(WORDS, 1, "wasm").unwrap());
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
        let qst = contracts.qst.clone();
        let mint = |account: u32, amount: u128| {
            let recipient = address(account);
            let mint = json!({ "mint": { "recipient": recipient, "amount": amount.to_string() } });
            Message::execute(&qst, &mint, vec![]).unwrap()
        };
        let money = [
            mint(OWNER, BOND),
            mint(OTHER, 777),
            mint(DEPLOYER, 1_000_000),
        ];
        self.execute(DEPLOYER, &money);
        let stake = vault::ReceiveMsg::DepositPool {};
        let stake = contracts.send_tokens(&qst, Contract::Vault, 777, &stake);
        self.execute(OTHER, &[stake.unwrap()]);
        for (denom, amount, reference) in [("USDC", "1000003", "1"), ("QST", "999999", "2")] {
            let deposit = ["revenue", "deposit", denom, amount, "--over", "2"];
            let source = ["--source", "it", "--reference", reference];
            self.sent(DEPLOYER, &[&deposit[..], &source].concat());
        }
        assert_eq!(self.network().epoch.0, 0, "too slow for an epoch");
        self.wait_for(1);
        // Key 12 changes hands in epoch 1: epoch 0 stays its owner's of before.
        let transfer = registry::ExecuteMsg::TransferNft {
            recipient: address(OTHER),
            token_id: "12".into(),
        };
        let transfer = Message::execute(&contracts.registry, &transfer, vec![]);
        self.execute(OWNER, &[transfer.unwrap()]);
        for attester in ATTESTERS {
            self.report(attester, 0, &[5]);
        }
        let appeal = ReceiveMsg::Appeal {
            epoch: Epoch(0),
            keys: vec![KeyId(5)],
        };
        let appeal = contracts.send_tokens(&qst, Contract::Distributor, BOND, &appeal);
        self.execute(OWNER, &[appeal.unwrap()]);
        self.close(0);
        let rule = ExecuteMsg::Rule {
            epoch: Epoch(0),
            keys: vec![KeyId(5)],
            upheld: true,
        };
        let rule = Message::execute(&contracts.distributor, &rule, vec![]);
        self.execute(ARBITER, &[rule.unwrap()]);
        self.sent(OWNER, &["claim"]);
        self.sent(TREASURY, &["claim"]);
        let role = ExecuteMsg::SetRole {
            role: Role::Treasury,
            account: Some(address(NEXT_TREASURY)),
        };
        let role = Message::execute(&contracts.distributor, &role, vec![]);
        self.execute(DEPLOYER, &[role.unwrap()]);
        self.wait_for(2);
        self.report(ATTESTERS[0], 1, &[1]);
        self.report(ATTESTERS[0], 1, &[]);
        for attester in &ATTESTERS[1..] {
            self.report(*attester, 1, &[]);
        }
        self.close(1);
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
    let place = Place::new();
    place.lived();
    statements_add_up(&place);
    statements_have_values(&place);
    statements_are_refused(&place);
    events_are_all_there(&place);
    state_is_all_there(&place);
    reports_have_a_time(&place);
    doctor_tells_what_the_chain_allows(&place);
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
    let (code, out, _) = place.run(&asked);
    assert_eq!(code, 3);
    assert!(out.contains("has never earned anything"), "{out}");
}

fn statements_have_values(place: &Place) {
    let (owner, from, to) = (address(OTHER), day(-1), day(0));
    let prices = place.path("prices.csv");
    let asked = ["statement", &owner, "--from", &from, "--to", &to];
    let valued = [&asked[..], &["--prices", prices.to_str().unwrap()]].concat();
    let head = "date,denom,price\n";
    let usdc = format!("{from},USDC,1\n{to},USDC,1.5\n");
    fs::write(&prices, format!("{head}{usdc}")).unwrap();
    let missing = place.refused(1, &valued);
    let expected = format!("prices: there is none of QST on {to}");
    assert!(missing.contains(&expected), "{missing}");
    let qst = format!("{from},QST,2\n{to},QST,0.25\n");
    fs::write(&prices, format!("{head}{usdc}{qst}")).unwrap();
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
    let csv = place.done(&[&valued[..], &["--csv"]].concat());
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
    let table = place.done(&valued);
    assert!(table.contains("= closing"), "{table}");
    assert!(table.contains("epoch 1, key 12"), "{table}");
}

fn statements_are_refused(place: &Place) {
    let (owner, today, tomorrow) = (address(OWNER), day(0), day(1));
    let refused =
        |from: &str, to: &str| place.refused(2, &["statement", &owner, "--from", from, "--to", to]);
    let future = refused(&today, &tomorrow);
    let expected = format!("to {tomorrow}: by the chain's clock today is {today} (UTC)");
    assert!(future.contains(&expected), "{future}");
    assert!(refused(&tomorrow, &today).contains("the first day is after the last"));
    assert!(refused("1.1.2026", &today).contains("is no day: write it as 2026-01-31"));
}

fn events_are_all_there(place: &Place) {
    let read = |out: &str| -> Vec<Value> {
        let lines = out.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    };
    let all = read(&place.done(&["export", "events"]));
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
    let tail = read(&place.done(&[&["export", "events"], &going_on[..]].concat()));
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
    let refusal = place.refused(2, &beyond);
    let expected = format!(
        "distributor: event {} has not happened; the latest is event {latest}",
        latest + 2
    );
    assert!(refusal.contains(&expected), "{refusal}");
    let refusal = place.refused(2, &["export", "events", "--contract", "qst"]);
    assert!(refusal.contains("qst has no typed events"), "{refusal}");
    place.refused(2, &["export", "events", "--from-seq", "2"]);
}

fn state_is_all_there(place: &Place) {
    let out = place.done(&["export", "state", "--contract", "distributor"]);
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
    let all = place.done(&["export", "state"]);
    for name in ["registry", "vault", "distributor", "delegation", "qst"] {
        assert!(all.contains(&format!("\"contract\":\"{name}\"")), "{name}");
    }
    let refusal = place.refused(1, &["export", "state", "--contract", "market"]);
    assert!(refusal.contains("no contract market"), "{refusal}");
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
    let table = place.done(&["attest", "compare", "--epoch", "1"]);
    assert!(table.contains("reported"), "{table}");
    let open = place.json(&["attest", "compare", "--epoch", "1", "--to", "delegation"]);
    assert_eq!(open[0]["reports"][0]["reported"], Value::Null);
}

fn doctor_tells_what_the_chain_allows(place: &Place) {
    let told = place.done(&["doctor"]);
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
