//! Statements of everybody in a network that has lived, compared with what the run kept of them. The
//! program's own client asks: a node's answers are given by the embedded chain.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

#[path = "../../operations/tests/embedded/node.rs"]
mod node;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use cosmwasm_std::Timestamp;
use indicatif::ProgressBar;
use noderev::format::{date, rfc3339};
use noderev::input::Scenario;
use noderev::results::{Accrual, Role};
use noderev::run::{record, Finished};
use noderev::sample::{generate, Size};
use noderev_chain::{Client, Networks};
use noderev_operations::statement::{statement, Days, Kind, Statement, Wanted};
use noderev_operations::Contracts;
use noderev_testing::Network;
use serde_json::{json, Value};

/// The chain's id, the local network's.
const CHAIN: &str = "noderev-local";

/// A node whose chain is the embedded one.
struct Node<'a> {
    network: &'a Network,
    /// When blocks were made.
    times: BTreeMap<u64, Timestamp>,
}

impl<'a> Node<'a> {
    fn new(network: &'a Network) -> Self {
        let entries = &network.journal().unwrap().entries;
        let times = entries.iter().map(|entry| (entry.height, entry.time));
        let now = (network.height(), network.now());
        let times = times.chain([now]).collect();
        Self { network, times }
    }

    fn time(&self, height: u64) -> String {
        rfc3339(self.times[&height].seconds()).unwrap()
    }

    fn answer(&self, method: &str, params: &Value) -> Value {
        match method {
            "status" => {
                let (first, _) = self.times.first_key_value().unwrap();
                let latest = self.network.height();
                json!({
                    "node_info": { "network": CHAIN },
                    "sync_info": {
                        "latest_block_height": latest.to_string(),
                        "latest_block_time": self.time(latest),
                        "earliest_block_height": first.to_string(),
                        "earliest_block_time": self.time(*first),
                        "catching_up": false,
                    },
                })
            }
            "header" => {
                let height = params["height"].as_str().unwrap().parse().unwrap();
                json!({ "header": { "time": self.time(height) } })
            }
            // Nobody else has been the treasury.
            "tx_search" => json!({ "txs": [], "total_count": "0" }),
            "abci_query" => self.query(params),
            other => panic!("{other} is not asked"),
        }
    }

    fn query(&self, params: &Value) -> Value {
        assert_eq!(params["height"], self.network.height().to_string());
        json!({ "response": node::smart(self.network, params) })
    }

    /// Answers until it is told to stop.
    fn serve(&self, listener: &TcpListener, stop: &AtomicBool) {
        for stream in listener.incoming() {
            if stop.load(Ordering::SeqCst) {
                return;
            }
            let mut stream = stream.unwrap();
            let Some(request) = node::request(&stream) else {
                continue;
            };
            let method = request["method"].as_str().unwrap();
            let answer = self.answer(method, &request["params"]);
            let text = json!({ "result": answer }).to_string();
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                text.len()
            );
            stream.write_all((head + &text).as_bytes()).unwrap();
        }
    }
}

fn client(url: String) -> Client {
    let networks = Networks::built_in().unwrap();
    let mut chain = networks.get("local").unwrap().clone();
    chain.rpc = vec![url];
    Client::connect(&chain).unwrap()
}

/// Statements of these accounts over these days.
fn statements(network: &Network, accounts: &[String], days: &[Days]) -> Vec<Vec<Statement>> {
    let made = asked(network, accounts, days).into_iter();
    made.map(|all| all.into_iter().map(Result::unwrap).collect())
        .collect()
}

/// The same, or why there is none.
fn asked(
    network: &Network,
    accounts: &[String],
    days: &[Days],
) -> Vec<Vec<Result<Statement, String>>> {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (node, stop) = (Node::new(network), AtomicBool::new(false));
    let (height, now, deployment) = (
        network.height(),
        network.now(),
        node::deployment(network, CHAIN),
    );
    // The chain stays in this thread, whoever asks is in another.
    thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let client = client(format!("http://{address}")).at(height);
            let contracts = Contracts::new(&client, &deployment).unwrap();
            let made = |account: &String| -> Vec<Result<Statement, String>> {
                let one = |days: &Days| {
                    let (days, prices) = (*days, None);
                    let wanted = Wanted {
                        account,
                        days,
                        prices,
                    };
                    statement(&contracts, (height, now), &wanted, |_, _| ())
                        .map_err(|error| format!("{account}: {error}"))
                };
                days.iter().map(one).collect()
            };
            let made: Vec<_> = accounts.iter().map(made).collect();
            stop.store(true, Ordering::SeqCst);
            let _ = TcpStream::connect(address);
            made
        });
        node.serve(&listener, &stop);
        asking.join().unwrap()
    })
}

/// Sums by currency and role.
fn sums(statement: &Statement, kind: Kind) -> BTreeMap<(String, String), u128> {
    let mut sums = BTreeMap::new();
    for one in &statement.currencies {
        for line in one.lines.iter().filter(|line| line.kind == kind) {
            let of = (one.currency.symbol.clone(), line.role.clone());
            *sums.entry(of).or_default() += line.amount;
        }
    }
    sums
}

const fn role(role: Role) -> &'static str {
    match role {
        Role::Node => "nodes",
        Role::Pool => "pool",
        Role::Treasury => "treasury",
        Role::Member => "members",
        Role::Commission => "commission",
    }
}

/// What the run says that an account earned, or was paid.
fn kept(
    finished: &Finished,
    name: &str,
    of: fn(&Accrual) -> u128,
) -> BTreeMap<(String, String), u128> {
    let denoms = &finished.result.network.denominations;
    let accruals = finished.result.accruals.iter();
    let mine = accruals.filter(|one| one.account == name && of(one) > 0);
    mine.map(|one| {
        // What delegations mint comes after the currencies of revenue.
        let symbol = denoms.get(one.denom).map_or("OURO", |denom| &denom.name);
        let symbol = symbol.to_owned();
        ((symbol, role(one.role).to_owned()), of(one))
    })
    .collect()
}

fn scenario() -> Scenario {
    let small = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/small");
    Scenario::read(Path::new(small)).unwrap()
}

#[test]
fn everybodys_statement_says_what_the_run_kept() {
    let finished = record(&scenario(), &ProgressBar::hidden()).unwrap();
    let network = &finished.network;
    let accruals = finished.result.accruals.iter();
    let names: BTreeSet<&String> = accruals.map(|one| &one.account).collect();
    let accounts = names.iter().map(|name| network.account(name).to_string());
    let accounts: Vec<String> = accounts.collect();
    let (start, end) = (network.clock().start, network.now().seconds());
    let (first, last) = (date(start), date(end));
    let middle = date(start + (end - start) / 2);
    let next = date(start + (end - start) / 2 + 86_400);
    let days = [(&first, &last), (&first, &middle), (&next, &last)];
    let days = days.map(|(from, to)| Days::parse(from, to).unwrap());
    let mut lines = 0;
    for (name, made) in names.iter().zip(statements(network, &accounts, &days)) {
        let [whole, begun, ended] = &made[..] else {
            panic!("{name}");
        };
        let told = |kind| sums(whole, kind);
        assert_eq!(
            told(Kind::Earned),
            kept(&finished, name, |it| it.earned),
            "{name}"
        );
        assert_eq!(
            told(Kind::Paid),
            kept(&finished, name, |it| it.paid),
            "{name}"
        );
        for (place, all) in whole.currencies.iter().enumerate() {
            let (early, late) = (&begun.currencies[place], &ended.currencies[place]);
            for one in [all, early, late] {
                assert_eq!(one.opening + one.earned - one.paid, one.closing, "{name}");
            }
            assert_eq!((all.opening, all.closing), (0, all.due), "{name}");
            assert_eq!(early.closing, late.opening, "{name}");
            assert_eq!(late.closing, all.closing, "{name}");
            assert_eq!(early.earned + late.earned, all.earned, "{name}");
            lines += all.lines.len();
        }
    }
    assert!(names.len() > 5 && lines > 100, "{} {lines}", names.len());
}

#[test]
fn half_a_year_with_a_split_and_sales_adds_up_too() {
    let finished = record(&generate(3, Size::SMALL), &ProgressBar::hidden()).unwrap();
    let network = &finished.network;
    let accruals = finished.result.accruals.iter();
    let names: BTreeSet<&String> = accruals.map(|one| &one.account).collect();
    // Every ninth and the treasury: each asks for all its keys and delegations.
    let some = names.iter().enumerate();
    let some = some.filter(|(place, name)| place % 9 == 0 || name.as_str() == "treasury");
    let names: Vec<&String> = some.map(|(_, name)| *name).collect();
    let accounts = names.iter().map(|name| network.account(name).to_string());
    let accounts: Vec<String> = accounts.collect();
    let whole = all_days(network);
    for (name, made) in names.iter().zip(statements(network, &accounts, &[whole])) {
        let told = |kind| sums(&made[0], kind);
        assert_eq!(
            told(Kind::Earned),
            kept(&finished, name, |it| it.earned),
            "{name}"
        );
        assert_eq!(
            told(Kind::Paid),
            kept(&finished, name, |it| it.paid),
            "{name}"
        );
    }
}

#[test]
fn bonds_of_disputes_and_what_is_not_claimed_are_in_the_books() {
    let mut network = Network::builder().journal().build();
    network.issue(&[("alice", 6), ("bob", 6)]);
    network.deposit_revenue("payer", 0, 1_000_003, 3);
    let ran = network.all_but(0, &[1, 2, 3]);
    network.report_all(0, &ran);
    let bond = network.distributor().params_at(0).params.appeal_bond.u128();
    let qst = network.qst();
    for somebody in ["alice", "mallory"] {
        network.fund(somebody, &qst, 3 * bond);
    }
    network.appeal("alice", 0, &[1, 2, 3]);
    network.challenge("mallory", 0, &[7, 8, 9]);
    network.close_when_due(0);
    for (keys, upheld) in [([1, 7], true), ([2, 8], false)] {
        network.rule(0, &keys, upheld);
    }
    network.claim("alice");
    let all = network.all_ran(1);
    network.finish_epoch(1, &all);
    let days = [all_days(&network)];
    let names = ["alice", "bob", "mallory", "treasury"];
    let accounts = names.map(|name| network.account(name).to_string());
    let made = statements(&network, &accounts, &days);
    let bonds = |place: usize, role: &str| {
        let earned = sums(&made[place][0], Kind::Earned).into_iter();
        let mine = earned.filter(|((symbol, one), _)| symbol == "QST" && one == role);
        mine.map(|(_, amount)| amount).sum::<u128>()
    };
    // Her appeal upheld; his challenge rejected, so its bond is the owner's; an appeal rejected. What
    // nobody has ruled on is nobody's yet.
    assert_eq!([0, 1, 2].map(|place| bonds(place, "bonds")), [bond; 3]);
    assert_eq!(bonds(3, "treasury"), bond);
    let claimed = &made[0][0].currencies;
    assert!(claimed.iter().all(|one| one.paid > 0));
    assert!(claimed.iter().any(|one| one.closing > 0));
    let tenth = sums(&made[2][0], Kind::Earned);
    assert_eq!(tenth.len(), 2, "a tenth of what was set aside: {tenth:?}");
}

/// All days of a network.
fn all_days(network: &Network) -> Days {
    let (first, last) = (network.clock().start, network.now().seconds());
    Days::parse(&date(first), &date(last)).unwrap()
}

#[test]
fn keys_of_more_owners_than_a_question_goes_through_are_in_the_books() {
    let mut network = Network::builder().journal().build();
    network.issue(&[("alice", 30), ("bob", 1)]);
    network.deposit_revenue("payer", 0, 100_000_000, 10);
    for epoch in 0..9 {
        let (from, to) = match epoch % 2 {
            0 => ("alice", "bob"),
            _ => ("bob", "alice"),
        };
        for key in 1..=30 {
            network.transfer(from, to, key);
        }
        let ran = network.all_ran(epoch);
        network.finish_epoch(epoch, &ran);
    }
    let names = ["alice", "bob"];
    let accounts = names.map(|name| network.account(name).to_string());
    let days = [all_days(&network)];
    let closing = |made: &[Vec<Statement>]| -> Vec<u128> {
        let made = made.iter();
        made.map(|made| made[0].currencies[0].closing).collect()
    };
    let told = closing(&statements(&network, &accounts, &days));
    assert!(told.iter().all(|due| *due > 0));
    for (name, due) in names.iter().zip(told) {
        let paid = network.claim_all(name);
        assert!(paid.len() > 1, "{} messages", paid.len());
        let denom = network.denom(0);
        assert_eq!(network.balance(name, &denom), due, "{name}");
    }
}

#[test]
fn who_has_too_much_unsettled_is_told_to_settle_it() {
    let mut network = Network::builder().journal().build();
    network.issue(&[("alice", 1)]);
    network.mint_qst("alice", 1_000);
    network.deposit_revenue("payer", 0, 100_000_000, 130);
    for epoch in 0..130 {
        network.deposit_pool("alice", 1);
        let ran = network.all_ran(epoch);
        network.finish_epoch(epoch, &ran);
    }
    let accounts = [network.account("alice").to_string()];
    let days = [all_days(&network)];
    let told = asked(&network, &accounts, &days)[0][0].clone();
    let told = told.unwrap_err();
    let settle = format!(
        "the pool stake. Settle it: `noderev claim --settle-only --for {}`, then again",
        accounts[0]
    );
    assert!(told.contains(&settle), "{told}");
    let (account, keys) = (None, Some(vec![]));
    let settle = noderev_api::distributor::ExecuteMsg::Settle { account, keys };
    network.on_distributor("alice", &settle);
    let told = &statements(&network, &accounts, &days)[0][0];
    let usdc = &told.currencies[0];
    assert_eq!((usdc.earned, usdc.due), (usdc.closing, usdc.closing));
}
