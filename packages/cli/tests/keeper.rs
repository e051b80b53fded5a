//! `keeper`, `attest` and `revenue` against a running local chain (`scripts/localnet/chain start`),
//! with contracts of their own whose epochs last 10 seconds. `NODEREV_LOCALNET_RPC` says where the
//! chain is. The test that kills the node needs the chain's other variables too, and no other test
//! beside it: `--test-threads 1`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod local;

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use cosmwasm_std::Binary;
use noderev_api::common::EvidenceResponse;
use noderev_api::distributor::{EpochsResponse, ExecuteMsg, QueryMsg};
use noderev_chain::{ChainError, Message};
use noderev_components::Epoch;
use serde_json::{json, Value};

use local::{address, client, manifest, now, rpc, signer, text, within, Place, Running, ROOT};

/// Seconds that attesters have for their reports.
const REPORTS: u64 = 3;

/// A deployment with 20 keys whose epochs last 10 seconds, the least that contracts take.
fn deployed() -> Place {
    let place = Place::new(&manifest(&[
        ("length = 60", "length = 10"),
        ("report_window = 20", &format!("report_window = {REPORTS}")),
        ("appeal_window = 15", "appeal_window = 1"),
    ]));
    place.import([(1..=20, 8)]);
    place
}

impl Place {
    fn evidence(&self, epoch: Epoch) -> EvidenceResponse {
        let query = QueryMsg::Evidence { epoch };
        self.contracts().ask_distributor(&query).unwrap()
    }

    /// Waits until this epoch is closed by both contracts.
    fn wait_closed(&self, epoch: u32, seconds: u64) {
        let end = Instant::now() + Duration::from_secs(seconds);
        loop {
            let contracts = self.contracts();
            let query = noderev_api::delegation::QueryMsg::Network {};
            let delegation: noderev_api::delegation::NetworkResponse =
                contracts.ask_delegation(&query).unwrap();
            let closed = self.network().next_close.min(delegation.next_close);
            if closed.0 > epoch {
                return;
            }
            assert!(Instant::now() < end, "epoch {closed} is not closed");
            sleep(Duration::from_millis(200));
        }
    }

    /// The transactions of an account to this deployment's distributor that closed an epoch, as
    /// the chain's index has them: all epochs, and how many failed.
    fn closes(&self, account: u32) -> (Vec<String>, usize) {
        let query = format!("message.sender='{}'", address(account));
        let mut epochs = Vec::new();
        let mut failed = 0;
        let distributor = self.contracts().distributor;
        for page in 1.. {
            let asked = json!({
                "jsonrpc": "2.0", "id": 1, "method": "tx_search",
                "params": { "query": query, "per_page": "100", "page": page.to_string(),
                            "order_by": "asc", "prove": false },
            });
            let answer = post(&asked);
            let Some(found) = answer["result"]["txs"].as_array().cloned() else {
                break;
            };
            let last = found.len() < 100;
            for tx in found {
                failed += usize::from(tx["tx_result"]["code"] != 0);
                let events = tx["tx_result"]["events"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default();
                for event in events {
                    let fields = event["attributes"].as_array().cloned().unwrap_or_default();
                    let field = |name: &str| {
                        let mut fields = fields.iter();
                        let field = fields.find(|field| field["key"] == name);
                        field.map(|field| field["value"].as_str().unwrap().to_owned())
                    };
                    let closed = event["type"].as_str().unwrap().ends_with("epoch_closed");
                    if closed && field("_contract_address").as_ref() == Some(&distributor) {
                        epochs.push(field("epoch").unwrap());
                    }
                }
            }
            if last {
                break;
            }
        }
        (epochs, failed)
    }
}

impl Running {
    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end, as a service manager does.
    fn terminate(mut self) {
        let id = self.child.id().to_string();
        let status = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(status.success());
        let ended = self.child.wait().unwrap();
        assert_eq!(ended.code(), Some(0), "{}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap()
    }

    fn events(&self) -> Vec<Value> {
        let log = self.log();
        let lines = log.lines().map(|line| serde_json::from_str(line).unwrap());
        lines.collect()
    }

    fn count(&self, event: &str, action: &str) -> usize {
        let events = self.events().into_iter();
        events
            .filter(|it| it["event"] == event && it["action"] == action)
            .count()
    }
}

/// Speaks HTTP to an address; answers status line, headers and body.
fn http(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    text(&answer)
}

fn get(address: &str, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: it\r\nConnection: close\r\n\r\n");
    http(address, &request)
}

fn post(body: &Value) -> Value {
    let body = body.to_string();
    let address = rpc().trim_start_matches("http://").to_owned();
    // HTTP 1.0, so that the answer comes in one piece.
    let request = format!(
        "POST / HTTP/1.0\r\nHost: it\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = http(&address, &request);
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
#[ignore = "needs a local chain"]
fn once_does_what_is_due_and_then_nothing_is() {
    let place = deployed();
    // The first epoch has ended and nobody has reported.
    let end = place.network().end.seconds() + REPORTS + 1;
    while now() <= end {
        sleep(Duration::from_millis(100));
    }
    let before = place.network().next_close;
    let (code, said) = place.run(&["keeper", "--once"], 1);
    assert_eq!(code, 0, "{said}");
    assert!(
        said.contains(&format!("close_epoch of epoch {before}: done")),
        "{said}"
    );
    assert!(said.contains("delegation advance of epoch"), "{said}");
    assert!(place.network().next_close > before);
    let (code, said) = place.run(&["keeper", "--once"], 1);
    assert_eq!((code, said.trim()), (3, "nothing is due"));
}

#[test]
#[ignore = "needs a local chain"]
fn daemons_send_nothing_unless_they_are_told_to() {
    let place = deployed();
    let epoch = ended(&place);
    let rows = format!("attester,epoch,bitmap\nalice,0,1-20\nalice,{epoch},1-20\n");
    let activity = place.write("activity.csv", &rows);
    let from = ["--activity", &activity, "--attester", "alice"];
    let watch = [&["attest", "watch"][..], &from].concat();
    for daemon in [&["keeper"][..], &["keeper", "--once"], &watch] {
        for mode in ["--dry-run", "--generate-only", "--print-msg"] {
            place.refused(&[daemon, &[mode]].concat(), 2, 2, "make no sense");
        }
        // Nobody is there to say yes.
        let silent = [daemon, &["--account", "2"]].concat();
        place.refused(&silent, None, 2, "say --yes");
    }
    let mut reports = place.evidence(epoch).reports.into_iter();
    assert!(reports.all(|report| report.bitmap.is_none()));
}

#[test]
#[ignore = "needs a local chain"]
fn of_two_keepers_one_closes_and_none_fails_in_a_block() {
    let place = deployed();
    let failed_before = place.closes(1).1 + place.closes(9).1;
    let mut keepers = [1, 9].map(|account| (account, place.keeper(account, &[])));
    let until = place.network().epoch.0 + 1;
    place.wait_closed(until, 60);
    // One that has closed an epoch is gone, whichever woke first: the other takes over.
    if place.closes(1).0.is_empty() {
        keepers.reverse();
    }
    let [(gone, first), (left, second)] = keepers;
    first.kill();
    place.wait_closed(until + 1, 60);
    second.terminate();
    let (mut epochs, failed) = place.closes(gone);
    assert!(!epochs.is_empty());
    let (others, also_failed) = place.closes(left);
    assert!(!others.is_empty());
    epochs.extend(others);
    let mut once = epochs.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), epochs.len(), "{epochs:?}");
    assert_eq!(failed + also_failed, failed_before);
    place.audited();
}

#[test]
#[ignore = "needs a local chain"]
fn whoever_is_late_is_refused_by_the_simulation_and_pays_nothing() {
    let place = deployed();
    let keeper = place.keeper(1, &[]);
    place.wait_closed(0, 60);
    keeper.terminate();
    let mut signer = signer(9);
    let contracts = place.contracts();
    let again = ExecuteMsg::CloseEpoch { epoch: Epoch(0) };
    let message = Message::execute(&contracts.distributor, &again, vec![]).unwrap();
    let before = client().balance(signer.address(), "ulocal").unwrap();
    let refused = signer.execute(&client(), &[message]).unwrap_err();
    assert!(matches!(refused, ChainError::Refused { hash: None, .. }));
    assert_eq!(
        client().balance(signer.address(), "ulocal").unwrap(),
        before
    );
}

#[test]
#[ignore = "needs a local chain"]
fn a_close_that_runs_out_of_gas_half_way_changes_nothing() {
    let place = deployed();
    let revenue = ["revenue", "deposit", "USDC", "1000003"];
    let named = ["--source", "somebody", "--reference", "1"];
    place.done(&[&revenue[..], &named[..]].concat(), 1);
    let mut signer = signer(9);
    let epoch = Epoch(0);
    let distributor = place.contracts().distributor;
    let close = Message::execute(&distributor, &ExecuteMsg::CloseEpoch { epoch }, vec![]).unwrap();
    let whole = loop {
        match signer.estimate(&client(), std::slice::from_ref(&close)) {
            Ok(unsigned) => break unsigned,
            Err(_) => sleep(Duration::from_millis(200)),
        }
    };
    // Of what the simulation used: the estimate is 40 % more. The simulation of an account's first
    // transaction uses more than what follows.
    for share in [45, 60, 75, 85] {
        let mut unsigned = whole.clone();
        unsigned.gas = whole.gas * share / 140;
        let refusal = signer.execute_with(&client(), &unsigned).unwrap_err();
        assert!(matches!(refusal, ChainError::OutOfGas { .. }), "{refusal}");
        assert_eq!(place.network().next_close, epoch);
        place.audited();
    }
    signer.execute_with(&client(), &whole).unwrap();
    assert_eq!(place.network().next_close, epoch.next());
    place.audited();
}

#[test]
#[ignore = "needs a local chain"]
fn a_keeper_that_is_killed_again_and_again_closes_each_epoch_once() {
    let place = deployed();
    let failed_before = place.closes(1).1;
    let begun = Instant::now();
    let mut kills = 0;
    while place.network().next_close.0 < 3 {
        assert!(begun.elapsed() < Duration::from_secs(90));
        let keeper = place.keeper(1, &[]);
        // Long enough for a look and for about half a transaction.
        sleep(Duration::from_millis(150 + 60 * (kills % 10)));
        keeper.kill();
        kills += 1;
    }
    let keeper = place.keeper(1, &[]);
    place.wait_closed(3, 60);
    keeper.terminate();
    let (epochs, failed) = place.closes(1);
    let mut once = epochs.clone();
    once.dedup();
    assert_eq!(once, epochs, "after {kills} kills");
    assert!(epochs.len() >= 4 && kills > 5, "{epochs:?}, {kills} kills");
    assert_eq!(failed, failed_before);
    place.audited();
}

#[test]
#[ignore = "needs a local chain, which it kills"]
fn a_keeper_goes_on_when_the_node_is_killed() {
    let chain = |what: &str| {
        let script = format!("{ROOT}/scripts/localnet/chain");
        let status = Command::new(script)
            .arg(what)
            .stdout(Stdio::null())
            .status();
        assert!(status.unwrap().success(), "{what}");
    };
    let place = deployed();
    let serving = [
        "--metrics",
        "127.0.0.1:26799",
        "--stale-after",
        "3",
        "--patience",
        "1",
    ];
    let keeper = place.keeper(1, &serving);
    place.wait_closed(0, 60);
    assert!(get("127.0.0.1:26799", "/health").starts_with("HTTP/1.1 200"));
    chain("kill");
    let sick = || get("127.0.0.1:26799", "/health");
    let down = || get("127.0.0.1:26799", "/metrics").contains("noderev_keeper_up 0.0");
    // A transaction may be on its way, which is waited for before anything is looked at again.
    let seen = within(180, || sick().starts_with("HTTP/1.1 503") && down());
    let told = sick();
    // The other tests need the node whatever the keeper says.
    chain("start");
    assert!(seen && told.contains("last seen"), "{told}");
    let until = place.network().epoch.0;
    place.wait_closed(until, 120);
    assert!(get("127.0.0.1:26799", "/health").starts_with("HTTP/1.1 200"));
    let trouble = keeper
        .events()
        .into_iter()
        .filter(|it| it["event"] == "trouble");
    assert!(trouble.count() >= 1);
    keeper.terminate();
    place.audited();
}

#[test]
#[ignore = "needs a local chain"]
fn figures_are_served() {
    let place = deployed();
    let keeper = place.keeper(1, &["--metrics", "127.0.0.1:26798"]);
    place.wait_closed(0, 60);
    sleep(Duration::from_secs(2));
    let figures = get("127.0.0.1:26798", "/metrics");
    for expected in [
        "noderev_keeper_up 1.0",
        "noderev_keeper_chain_height ",
        "noderev_keeper_next_close_epoch{contract=\"distributor\"}",
        "noderev_keeper_next_action_seconds{contract=\"delegation\"}",
        "noderev_keeper_actions_total{contract=\"distributor\",action=\"close_epoch\",result=\"done\"}",
        "noderev_keeper_attesters{contract=\"distributor\",count=\"threshold\"} 2.0",
        "noderev_keeper_surplus{contract=\"vault\"",
        "noderev_keeper_solvent{contract=\"registry\"",
        "noderev_keeper_solvent{contract=\"vault\"",
        "noderev_keeper_solvent{contract=\"distributor\"",
        "noderev_keeper_solvent{contract=\"delegation\"",
        "noderev_keeper_balance{denom=\"ulocal\"}",
        "noderev_keeper_fee_spent_total",
    ] {
        assert!(figures.contains(expected), "{expected}: {figures}");
    }
    assert!(keeper.count("done", "close_epoch") >= 1);
    keeper.terminate();
}

/// Waits for the end of the running epoch; answers it.
fn ended(place: &Place) -> Epoch {
    let network = place.network();
    while place.network().epoch == network.epoch {
        sleep(Duration::from_millis(100));
    }
    network.epoch
}

#[test]
#[ignore = "needs a local chain"]
fn garbage_is_refused_and_changes_nothing() {
    let place = deployed();
    let contracts = place.contracts();
    let mut attester = signer(2);
    let epoch = ended(&place);
    let mut send = |epoch: Epoch, bitmap: &[u8], evidence: &[u8]| {
        let report = ExecuteMsg::Report {
            epoch,
            bitmap: Binary::from(bitmap),
            evidence: Binary::from(evidence),
        };
        let message = Message::execute(&contracts.distributor, &report, vec![]).unwrap();
        attester.execute(&client(), &[message])
    };
    let hash = [7; 32];
    let before = place.evidence(epoch).reports;
    for (epoch, bitmap, evidence, why) in [
        (
            epoch,
            &[255, 255, 15, 0][..],
            &hash[..],
            "4 bytes, 3 are needed",
        ),
        (epoch, &[255, 255], &hash, "2 bytes, 3 are needed"),
        (epoch, &[255, 255, 31], &hash, "beyond the last of 20"),
        (epoch, &[255, 255, 15], &hash[1..], "evidence length is 31"),
        (epoch.plus(50), &[255, 255, 15], &hash, "has not ended"),
    ] {
        let refusal = send(epoch, bitmap, evidence).unwrap_err();
        assert!(refusal.to_string().contains(why), "{refusal}");
    }
    assert_eq!(place.evidence(epoch).reports, before);
    send(epoch, &[255, 255, 15], &hash).unwrap();
    assert_ne!(place.evidence(epoch).reports, before);
}

#[test]
#[ignore = "needs a local chain"]
fn attesters_report_from_files_and_a_growing_log() {
    let place = deployed();
    let keeper = place.keeper(1, &[]);
    let (log, activity) = (place.path("beats.csv"), place.path("activity.csv"));
    let (log, activity) = (log.to_str().unwrap(), activity.to_str().unwrap());
    fs::write(log, "key,time\n").unwrap();
    // Alice's daemon reads a log: keys 1 to 12 beat every second, others never.
    let rule = [
        "attest", "watch", "--beats", log, "--every", "5", "--share", "0.5",
    ];
    let mut alice = place.command(&rule, 2);
    alice.args(["--after", "0", "--interval", "1", "--json"]);
    let mut alice = alice
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let beat = || {
        let now = now();
        let rows = (1..=12)
            .map(|key| format!("{key},{now}\n"))
            .collect::<String>();
        let mut file = fs::OpenOptions::new().append(true).open(log).unwrap();
        file.write_all(rows.as_bytes()).unwrap();
    };
    let whole = place.network().epoch.0 + 1;
    while place.network().epoch.0 <= whole {
        beat();
        sleep(Duration::from_millis(500));
    }
    // Bob says that key 12 did not run.
    let rows = format!("attester,epoch,bitmap\nbob,{whole},1-11\n");
    fs::write(activity, rows).unwrap();
    let epoch = whole.to_string();
    let report = [
        "attest",
        "report",
        "--activity",
        activity,
        "--attester",
        "bob",
        "--epoch",
        &epoch,
    ];
    let said = place.done(&report, 3);
    assert!(said.contains("has not reported"), "{said}");
    place.refused(&report, 3, 3, "");
    place.refused(&report, 5, 4, "");
    sleep(Duration::from_secs(1));
    let compared = place.json(&["attest", "compare", "--epoch", &epoch])[0].take();
    assert_eq!(compared["quorum"], true, "{compared}");
    assert_eq!(compared["result"], 11);
    assert_eq!(compared["reports"][0]["differs"], json!([12]));
    assert_eq!(compared["reports"][2]["ran"], Value::Null);
    place.wait_closed(whole, 60);
    let epochs: EpochsResponse = place
        .contracts()
        .ask_distributor(&QueryMsg::Epochs {
            start_after: Some(Epoch(whole + 1)),
            limit: Some(1),
        })
        .unwrap();
    assert_eq!(
        (epochs.epochs[0].running, epochs.epochs[0].quorum),
        (11, true)
    );
    alice.kill().unwrap();
    alice.wait().unwrap();
    keeper.terminate();
}

#[test]
#[ignore = "needs a local chain"]
fn revenue_is_deposited_once() {
    let place = deployed();
    let deposit = |denom: &str, amount: &str, reference: &str| {
        let fixed = ["revenue", "deposit", denom, amount, "--over", "3"];
        let named = ["--source", "acme", "--reference", reference];
        place.run(&[fixed.as_slice(), &named].concat(), 0)
    };
    for (denom, amount, code, why) in [
        ("ulocal", "5", 1, "takes no ulocal"),
        ("uusdc", "0", 2, "the amount is 0"),
        ("uusdc", "9000000000000000", 1, "are needed"),
        ("QST", "5", 1, "are needed"),
    ] {
        let (found, said) = deposit(denom, amount, "1");
        assert_eq!(found, code, "{said}");
        assert!(said.contains(why), "{said}");
    }
    let (code, said) = deposit("USDC", "5000001", "1");
    assert_eq!(code, 0, "{said}");
    let (code, said) = deposit("USDC", "5000001", "1");
    assert_eq!(code, 4, "{said}");
    let listed = place.asked(&["revenue", "list", "--csv"]);
    assert_eq!(listed.lines().count(), 2, "{listed}");
    assert!(listed.contains(",uusdc,5000001,"), "{listed}");
}
