//! `pool`, `node` and `market` against a running local chain (`scripts/localnet/chain start`), with
//! contracts of their own whose epochs last 12 seconds, deployed once for all tests of this file.
//! `NODEREV_LOCALNET_RPC` says where the chain is. The tests share accounts: `--test-threads 1`.

#![allow(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a failure here is a failing test"
)]

mod local;

use std::process::Stdio;
use std::sync::LazyLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

use cosmwasm_std::{HexBinary, Uint128};
use k256::ecdsa::signature::hazmat::PrehashSigner;
use noderev::format::{minute, rfc3339};
use noderev_api::distributor::{self, DisputeInfo, DisputeKind, DisputesResponse, QueryMsg};
use noderev_api::registry::{self, KeyResponse};
use noderev_api::vault::{self, LotKind, LotResponse, NodeStakesResponse, PositionResponse};
use noderev_components::{Denom, Epoch, KeyId};
use noderev_operations::Contract;
use serde_json::{json, Value};

use local::{address, leave_on_its_way, manifest, now, send, Place};

/// Account that deploys, and may mint the token.
const TEAM: u32 = 0;
/// Who closes epochs.
const KEEPER: u32 = 1;
/// A stranger.
const BOB: u32 = 3;
/// An attester, who gets keys 13 and 14 from Heidi.
const CAROL: u32 = 4;
/// A staker, with 2,000 QST.
const ERIN: u32 = 6;
/// The guardian.
const FRANK: u32 = 7;
/// Owner of keys 1 to 10, with 2,000,000 QST.
const GRACE: u32 = 8;
/// Owner of keys 11 to 20, with 10,000 QST.
const HEIDI: u32 = 9;
/// A QST.
const QST: u128 = 1_000_000;

static PLACE: LazyLock<Place> = LazyLock::new(deployed);

fn deployed() -> Place {
    let place = Place::new(&manifest(&[
        ("length = 60", "length = 12"),
        ("report_window = 20", "report_window = 4"),
        ("appeal_window = 15", "appeal_window = 7"),
        ("unbonding_period = 120", "unbonding_period = 1"),
    ]));
    place.import([(1..=10, GRACE), (11..=20, HEIDI)]);
    place.mint(TEAM, 1_000 * QST);
    place.mint(GRACE, 2_000_000 * QST);
    place.mint(HEIDI, 10_000 * QST);
    place.mint(ERIN, 2_000 * QST);
    place
}

impl Place {
    fn position(&self, account: u32) -> PositionResponse {
        let query = vault::QueryMsg::Position {
            account: address(account),
            start_after_key: None,
            start_after_lot: None,
            limit: Some(100),
        };
        self.contracts().ask_vault(&query).unwrap()
    }

    /// The latest lot of an account.
    fn lot(&self, account: u32) -> LotResponse {
        self.position(account).lots.last().unwrap().clone()
    }

    fn qst(&self, account: u32) -> u128 {
        let contracts = self.contracts();
        let qst = Denom::Cw20(contracts.qst.clone());
        contracts.balance(&address(account), &qst).unwrap()
    }

    fn key(&self, id: u32) -> KeyResponse {
        let query = registry::QueryMsg::Key { id: KeyId(id) };
        self.contracts().ask_registry(&query).unwrap()
    }

    /// Which of these nodes are staked from the next epoch on.
    fn staked(&self, keys: &[u32]) -> Vec<u32> {
        let keys = keys.iter().copied().map(KeyId).collect();
        let query = vault::QueryMsg::NodeStakes { keys };
        let stakes: NodeStakesResponse = self.contracts().ask_vault(&query).unwrap();
        let staked = stakes.nodes.iter().filter(|node| node.staked_next);
        staked.map(|node| node.key.0).collect()
    }

    fn disputes(&self, epoch: Epoch) -> Vec<DisputeInfo> {
        let query = QueryMsg::Disputes {
            epoch,
            start_after: None,
            limit: None,
        };
        let answer: DisputesResponse = self.contracts().ask_distributor(&query).unwrap();
        answer.disputes
    }

    /// Waits, if the running epoch is about to end, for the next one: what follows is in one epoch.
    fn early_in_an_epoch(&self) -> Epoch {
        let network = self.network();
        if now() + 5 > network.end.seconds() {
            self.wait(network.end.seconds());
        }
        self.network().epoch
    }
}

/// An amount as arguments have it.
fn units(amount: u128) -> String {
    amount.to_string()
}

#[test]
#[ignore = "needs a local chain"]
fn pool_stake_goes_in_comes_out_and_goes_back() {
    let place = &*PLACE;
    place.refused(&["pool", "deposit", "0"], ERIN, 2, "the amount is 0");
    place.refused(&["pool", "withdraw", "0"], ERIN, 2, "the amount is 0");
    let much = units(3_000_000 * QST);
    let why = "are needed";
    place.refused(&["pool", "deposit", &much], ERIN, 4, why);
    let five = units(5 * QST);
    let deposit = ["pool", "deposit", &five];
    let shown = place.done(&[&deposit[..], &["--dry-run"]].concat(), ERIN);
    assert!(shown.contains("nothing was sent"), "{shown}");
    assert!(place.position(ERIN).pool_next.is_zero());

    let epoch = place.early_in_an_epoch();
    let clock = place.contracts().clock().unwrap();
    let starts = minute(clock.start_of(epoch.next()));
    let before = place.qst(ERIN);
    let said = place.done(&deposit, ERIN);
    let told = format!(
        "put 5.000000 QST into the pool, counting from epoch {}, from {starts}: 5.000000 QST in all",
        epoch.next()
    );
    assert!(said.contains(&told), "{said}");
    assert_eq!(place.position(ERIN).pool_next, Uint128::new(5 * QST));
    assert_eq!(place.qst(ERIN), before - 5 * QST);

    let six = units(6 * QST);
    let why = "has 5000000 smallest units in the pool from epoch";
    place.refused(&["pool", "withdraw", &six], ERIN, 4, why);
    let two = units(2 * QST);
    let said = place.done(&["pool", "withdraw", &two], ERIN);
    let lot = place.lot(ERIN);
    assert_eq!(lot.kind, LotKind::Pool);
    let told = format!(
        "it counts to the end of epoch {epoch}, {starts}, as far as counted already, and is released {}; 3.000000 QST stay",
        minute(lot.release.seconds())
    );
    assert!(said.contains(&told), "{said}");

    let number = lot.lot.to_string();
    let why = format!("the next one, lot {number} of 2.000000 QST, is released");
    place.refused(&["pool", "collect"], ERIN, 3, &why);
    let why = format!("lot {number} is released");
    place.refused(&["pool", "collect", &number], ERIN, 4, &why);
    place.refused(&["pool", "cancel", "99999"], ERIN, 4, "has no lot 99999");
    place.refused(&["pool", "collect"], BOB, 3, "there are none");
    let said = place.done(&["pool", "cancel", &number], ERIN);
    assert!(
        said.contains("back into the pool, which counts on"),
        "{said}"
    );
    let position = place.position(ERIN);
    assert_eq!(position.pool_next, Uint128::new(5 * QST));
    assert!(position.lots.is_empty());

    // Two lots: the first is paid by its number, the second because it is released.
    place.done(&["pool", "withdraw", &two], ERIN);
    let first = place.lot(ERIN);
    place.done(&["pool", "withdraw", "7"], ERIN);
    let second = place.lot(ERIN);
    let status = place.asked(&["pool", "status", &address(ERIN)]);
    assert!(status.contains("2.999993 QST"), "{status}");
    assert!(
        status.contains(&minute(first.release.seconds())),
        "{status}"
    );
    let lots = place.asked(&["pool", "status", &address(ERIN), "--csv"]);
    let released = rfc3339(second.release.seconds()).unwrap();
    let (lot, until) = (second.lot, second.counts_until);
    let rows: Vec<&str> = lots.lines().collect();
    assert_eq!(rows.len(), 3, "{lots}");
    assert_eq!(rows[0], "lot,amount,from,counts_until,release");
    assert_eq!(rows[2], format!("{lot},7,pool,{until},{released}"));
    place.wait(second.release.seconds() + 1);
    let number = first.lot.to_string();
    let why = format!("lot {number} was released");
    place.refused(&["pool", "cancel", &number], ERIN, 4, &why);
    let before = place.qst(ERIN);
    place.done(&["pool", "collect", &number], ERIN);
    assert_eq!(place.qst(ERIN), before + 2 * QST);
    let said = place.done(&["pool", "collect"], ERIN);
    assert!(said.contains("pay 0.000007 QST"), "{said}");
    assert_eq!(place.qst(ERIN), before + 2 * QST + 7);
    let status = place.json(&["pool", "status", &address(ERIN)]);
    assert_eq!(status["next"], "2999993");
    assert_eq!(status["lots"], json!([]));
}

#[test]
#[ignore = "needs a local chain"]
fn nodes_are_staked_bound_and_handed_on() {
    let place = &*PLACE;
    let epoch = place.early_in_an_epoch();
    let said = place.done(&["node", "stake", "4", "2-3"], GRACE);
    let told = format!(
        "stake 600,000.000000 QST on keys 2-4: 200,000.000000 QST each, counting from epoch {}",
        epoch.next()
    );
    assert!(said.contains(&told), "{said}");
    assert_eq!(place.staked(&[1, 2, 3, 4]), [2, 3, 4]);
    for (keys, code, why) in [
        (&["1", "2"][..], 4, "can't be staked now: node 2 is staked"),
        (&["11"], 4, "key 11 belongs to"),
        (&["1", "1"], 2, "1 is named twice"),
        (&["5-1"], 2, "such as 10-20"),
        (&["0"], 2, "such as 10-20"),
        (&["1-501"], 2, "at most 500"),
        (&["1", "8-10"], 0, "nothing was sent"),
    ] {
        let stake = [&["node", "stake", "--dry-run"][..], keys].concat();
        place.refused(&stake, GRACE, code, why);
    }
    place.refused(&["node", "stake", "11"], HEIDI, 4, "are needed");

    let epoch = place.early_in_an_epoch();
    let said = place.done(&["node", "unstake", "2"], GRACE);
    let lot = place.lot(GRACE);
    assert_eq!(lot.kind, LotKind::Node { key: KeyId(2) });
    let release = minute(lot.release.seconds());
    let told = format!("they count to the end of epoch {epoch}, ");
    assert!(said.contains(&told), "{said}");
    assert!(said.contains(&format!("released {release}")), "{said}");
    assert_eq!(place.staked(&[2, 3]), [3]);
    for (keys, why) in [
        ("2", "the node of key 2 is not staked in epoch"),
        ("11", "key 11 belongs to"),
        ("99", "there is no key 99"),
    ] {
        place.refused(&["node", "unstake", keys], GRACE, 4, why);
    }
    let said = place.done(&["pool", "cancel", &lot.lot.to_string()], GRACE);
    assert!(
        said.contains("back into the node of key 2, which"),
        "{said}"
    );
    assert_eq!(place.staked(&[2]), [2]);

    // A staked key given away: its stake stays behind.
    let bob = address(BOB);
    place.refused(&["node", "transfer", "4", "bob"], GRACE, 2, "is no address");
    let why = "is wasm";
    place.refused(&["node", "transfer", "4", &address(GRACE)], GRACE, 4, why);
    let why = "has no approval";
    place.refused(&["node", "transfer", "4", &bob], HEIDI, 4, why);
    place.early_in_an_epoch();
    let said = place.done(&["node", "transfer", "4", &bob], GRACE);
    assert_eq!(place.key(4).owner.as_str(), bob);
    let lot = place.lot(GRACE);
    assert_eq!(lot.kind, LotKind::Node { key: KeyId(4) });
    let released = format!("is released {}", minute(lot.release.seconds()));
    assert!(
        said.contains("its stake of 200,000.000000 QST stays"),
        "{said}"
    );
    assert!(said.contains(&released), "{said}");
    assert!(said.contains(" on are the new owner's"), "{said}");
    place.refused(
        &["pool", "cancel", &lot.lot.to_string()],
        GRACE,
        4,
        "can't go back into the node of key 4",
    );
}

/// What the node of a key must sign.
fn challenge(place: &Place, key: &str) -> Value {
    place.json(&["node", "bind", key, "--challenge"])
}

#[test]
#[ignore = "needs a local chain"]
fn nodes_prove_themselves() {
    let place = &*PLACE;
    let node = k256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap();
    let public_key = node.verifying_key().to_encoded_point(true);
    let public_key = HexBinary::from(public_key.as_bytes());
    let sign = |digest: &str| {
        let digest = HexBinary::from_hex(digest).unwrap();
        let signature: k256::ecdsa::Signature = node.sign_prehash(&digest).unwrap();
        HexBinary::from(signature.to_vec()).to_hex()
    };
    let asked = challenge(place, "8");
    let said = place.asked(&["node", "bind", "8", "--challenge"]);
    assert!(said.contains(asked["text"].as_str().unwrap()), "{said}");
    let signature = sign(asked["sha256"].as_str().unwrap());
    let public = public_key.to_hex();
    let bind = |key: &str, signature: &str| {
        let named = ["--public-key", &public, "--signature", signature];
        let all = ["node", "bind", key].into_iter().chain(named);
        all.map(str::to_owned).collect::<Vec<_>>()
    };
    let refused = |bind: &[String], account: u32, code: i32, why: &str| {
        let bind: Vec<&str> = bind.iter().map(String::as_str).collect();
        place.refused(&bind, account, code, why);
    };
    let other = challenge(place, "9");
    let other = sign(other["sha256"].as_str().unwrap());
    refused(&bind("8", &other), GRACE, 4, "the signature is not");
    refused(&bind("8", &signature[2..]), GRACE, 2, "signature has 63");
    refused(&bind("8", "x"), GRACE, 2, "invalid value");
    refused(&bind("8", &signature), HEIDI, 4, "is neither");
    place.refused(&["node", "bind", "8"], GRACE, 2, "--challenge");

    // The operator may bind, not unbind.
    let heidi = address(HEIDI);
    let operator = ["node", "operator", "8", &heidi];
    place.refused(&operator, HEIDI, 4, "key 8 belongs to");
    let said = place.done(&operator, GRACE);
    assert!(said.contains(&format!("let {heidi} bind")), "{said}");
    assert_eq!(place.key(8).operator.unwrap().as_str(), heidi);
    let own = bind("8", &signature);
    let own: Vec<&str> = own.iter().map(String::as_str).collect();
    place.done(&own, HEIDI);
    assert_eq!(
        place.key(8).public_key.unwrap().as_slice(),
        public_key.as_slice()
    );
    refused(&bind("9", &other), GRACE, 4, "is bound to key 8");
    let listed = place.asked(&["node", "list", &address(GRACE), "--csv"]);
    let lines = || listed.lines().filter(|line| line.contains(",yes,"));
    assert!(lines().any(|line| line.starts_with("8,")), "{listed}");
    assert!(!lines().any(|line| line.starts_with("9,")), "{listed}");

    place.refused(&["node", "unbind", "8"], HEIDI, 4, "key 8 belongs to");
    place.done(&["node", "unbind", "8"], GRACE);
    assert_eq!(place.key(8).public_key, None);
    place.refused(&["node", "unbind", "8"], GRACE, 4, "has no bound node");
    place.done(&["node", "operator", "8"], GRACE);
    assert_eq!(place.key(8).operator, None);
    place.refused(&["node", "operator", "8"], GRACE, 3, "has no operator");
}

#[test]
#[ignore = "needs a local chain"]
fn keys_are_offered_and_bought() {
    let place = &*PLACE;
    let (grace, heidi) = (address(GRACE), address(HEIDI));
    let empty = place.asked(&["market", "floor"]);
    assert!(empty.contains("floor: nothing for sale"), "{empty}");
    let (hundred, three) = (units(100 * QST), units(300 * QST));
    for (more, code, why) in [
        (&["5", "0"][..], 2, "the price is 0"),
        (&["11", "1"], 4, "key 11 belongs to"),
        (&["5", "1", "--with-stake"], 4, "list it without stake"),
        (&["5", "1", "--buyer", &grace], 4, "owns key 5"),
        (&["5", "1", "--buyer", "x"], 2, "is no address"),
        (&["5", "1", "--until", "1767247200"], 2, "is past"),
        (&["5", "1", "--until", "soon"], 2, "2026-01-31T06:00:00Z"),
    ] {
        place.refused(&[&["market", "list"][..], more].concat(), GRACE, code, why);
    }
    let said = place.done(&["market", "list", "5", &hundred], GRACE);
    let told =
        "offer key 5 to anybody for 100.000000 QST, from now until it is taken back, without \
                stake: 98.000000 QST for you, 2.000000 QST for the treasury";
    assert!(said.contains(told), "{said}");
    place.done(&["node", "stake", "6", "7"], GRACE);
    let reserved = [
        "--with-stake",
        "--buyer",
        &heidi,
        "--until",
        "2100-01-01T00:00:00Z",
    ];
    let said = place.done(
        &[&["market", "list", "6", &three][..], &reserved].concat(),
        GRACE,
    );
    assert!(
        said.contains("until 2100-01-01 00:00 UTC, with its"),
        "{said}"
    );
    let said = place.done(&["market", "list", "7", &three], GRACE);
    assert!(said.contains("which leaves when it is sold"), "{said}");
    let floor = place.asked(&["market", "floor"]);
    assert!(floor.contains("floor: 100.000000 QST"), "{floor}");
    assert!(
        floor.contains("floor with stake: 300.000000 QST"),
        "{floor}"
    );
    assert!(floor.contains("2100-01-01 00:00 UTC"), "{floor}");
    let rows = place.asked(&["market", "floor", "--csv", "--limit", "2"]);
    assert_eq!(rows.lines().count(), 3, "{rows}");

    for (keys, most, account, code, why) in [
        (&["5"][..], &three, GRACE, 4, "owns key 5 already"),
        (&["6"], &three, BOB, 4, "is reserved for"),
        (&["5", "8"], &three, HEIDI, 4, "key 8 is not listed"),
        (&["5"], &three, BOB, 4, "are needed"),
        (&["5", "6"], &hundred, HEIDI, 1, "costs 300000000"),
    ] {
        let buy = [&["market", "buy"][..], keys, &["--most", most]].concat();
        place.refused(&buy, account, code, why);
    }
    // Nobody is asked, because of --yes.
    place.refused(&["market", "buy", "5"], HEIDI, 2, "by --most");
    let (before, sellers) = (place.qst(HEIDI), place.qst(GRACE));
    let epoch = place.early_in_an_epoch();
    let said = place.done(&["market", "buy", "5-7", "--most", &three], HEIDI);
    for told in [
        "buy keys 5-7 for 700.000000 QST in all",
        &format!("rewards of epoch {epoch}, from"),
        "stakes that count on, 200,000.000000 QST each: key 6",
        "stakes that leave and stay the sellers', 200,000.000000 QST each: key 7",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert_eq!(place.qst(HEIDI), before - 700 * QST);
    assert_eq!(place.qst(GRACE), sellers + 686 * QST);
    let owners = [5, 6, 7].map(|key| place.key(key).owner.into_string());
    assert_eq!(owners, [heidi.as_str(); 3]);
    assert_eq!(place.staked(&[5, 6, 7]), [6]);

    place.done(&["market", "list", "5", &hundred], HEIDI);
    place.refused(&["market", "delist", "5"], GRACE, 4, "key 5 belongs to");
    let said = place.done(&["market", "delist", "5"], HEIDI);
    assert!(said.contains("take the offer of 100.000000 QST"), "{said}");
    assert_eq!(place.key(5).listing, None);
    place.refused(&["market", "delist", "5"], HEIDI, 4, "is not listed");
}

#[test]
#[ignore = "needs a local chain"]
fn an_epoch_is_disputed_and_its_rewards_go_into_the_pool() {
    let place = &*PLACE;
    let _keeper = place.keeper(KEEPER, &[]);
    place.early_in_an_epoch();
    let revenue = ["revenue", "deposit", "QST", &units(100 * QST)];
    let named = ["--source", "somebody", "--reference", "operators"];
    place.done(&[&revenue[..], &named].concat(), TEAM);
    let deposits = place.json(&["revenue", "list"]);
    let epoch = deposits[0]["from"].as_u64().unwrap();
    let end = u32::try_from(epoch).unwrap();
    let (epoch, end) = (epoch.to_string(), Epoch(end));
    let appeal = |more: &[&'static str]| [&["node", "appeal", &epoch][..], more].concat();
    place.refused(&appeal(&["20"]), HEIDI, 4, "it ends");
    place.wait(place.contracts().clock().unwrap().end_of(end));
    place.refused(&appeal(&["20"]), HEIDI, 4, "attesters report");
    let rows = format!("attester,epoch,bitmap\nall,{epoch},1-15\n");
    let file = place.write("activity.csv", &rows);
    let report = ["attest", "report", "--activity", &file, "--attester", "all"];
    // At once: they have four seconds.
    let report = [&report[..], &["--epoch", &epoch]].concat();
    let reports = [2, 3, 4].map(|attester| {
        let mut command = place.command(&report, attester);
        let command = command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    });
    for mut reporting in reports {
        assert!(reporting.wait().unwrap().success());
    }
    // Seven seconds from now on.
    let before = place.qst(HEIDI);
    let said = place.done(&appeal(&["18", "19-20"]), HEIDI);
    for told in [
        &format!("say that keys 18-20 ran in epoch {epoch}, against the attesters' result"),
        "a bond of 1,000.000000 QST each, 3,000.000000 QST in all",
        "if not, it goes to the treasury",
        "without a ruling within 1 min 00 s",
    ] {
        assert!(said.contains(told), "{told}: {said}");
    }
    assert_eq!(place.qst(HEIDI), before - 3_000 * QST);
    let said = place.done(&appeal(&["12", "--challenge"]), HEIDI);
    assert!(said.contains("comes back with 10 % of what"), "{said}");
    for (more, account, why) in [
        (&["18"][..], HEIDI, "is disputed for epoch"),
        (&["11"], HEIDI, "was judged running in epoch"),
        (
            &["17", "--challenge"],
            HEIDI,
            "was judged not running in epoch",
        ),
        (
            &["17"],
            GRACE,
            "only the owner of key 17 at the end of epoch",
        ),
    ] {
        place.refused(&appeal(more), account, 4, why);
    }
    let disputes = place.disputes(end);
    let disputes: Vec<_> = disputes.iter().map(|it| (it.key.0, it.kind)).collect();
    let appealed = |key: u32| (key, DisputeKind::Appeal);
    let challenged = (12, DisputeKind::Challenge);
    assert_eq!(
        disputes,
        [challenged, appealed(18), appealed(19), appealed(20)]
    );

    let until = Instant::now() + Duration::from_secs(30);
    while place.network().next_close <= end {
        assert!(Instant::now() < until, "epoch {epoch} is not closed");
        sleep(Duration::from_millis(100));
    }
    place.refused(&appeal(&["17"]), HEIDI, 4, "it is closed");
    let listed = place.json(&["node", "list", &address(HEIDI), "--epochs", "1"]);
    let strip = |key: u32| {
        let mut nodes = listed["nodes"].as_array().unwrap().iter();
        nodes.find(|node| node["key"] == key).unwrap()["strip"].clone()
    };
    // Unless another epoch was closed meanwhile.
    if listed["closed"].as_u64() == Some(end.0.into()) {
        let strips = [11, 12, 17, 18].map(strip);
        assert_eq!(strips, ["#", "?", ".", "?"]);
    }

    let due: distributor::PreviewClaimResponse = {
        let query = QueryMsg::PreviewClaim {
            account: address(HEIDI),
            keys: None,
        };
        place.contracts().ask_distributor(&query).unwrap()
    };
    let due = due.amounts.iter().map(|due| due.amount.u128());
    let due = due.sum::<u128>();
    assert!(due > 0);
    let pool = place.position(HEIDI).pool_next.u128();
    let said = place.done(&["pool", "compound"], HEIDI);
    let exact = noderev::format::exact_units(due, 6);
    assert!(
        said.contains(&format!("put {exact} QST of rewards")),
        "{said}"
    );
    assert_eq!(place.position(HEIDI).pool_next.u128(), pool + due);
    place.refused(&["pool", "compound"], HEIDI, 3, "no QST is due");
    let status = place.asked(&["pool", "status", &address(HEIDI)]);
    assert!(status.contains("1,000 QST earned"), "{status}");
}

#[test]
#[ignore = "needs a local chain"]
fn rewards_of_more_keys_than_a_transaction_takes_go_into_the_pool_by_two() {
    let place = Place::new(&manifest(&[
        ("length = 60", "length = 10"),
        ("report_window = 20", "report_window = 4"),
        ("appeal_window = 15", "appeal_window = 1"),
    ]));
    place.import([(1..=600, GRACE)]);
    place.mint(TEAM, QST);
    let revenue = ["revenue", "deposit", "QST", &units(QST)];
    let named = ["--source", "somebody", "--reference", "many keys"];
    place.done(&[&revenue[..], &named].concat(), TEAM);
    let epoch = place.json(&["revenue", "list"])[0]["from"].as_u64();
    let epoch = Epoch(u32::try_from(epoch.unwrap()).unwrap());
    place.wait_for(epoch.next());
    for attester in [2, 3, 4] {
        place.report(attester, Contract::Distributor, epoch, &[0xff; 75]);
    }
    place.close(KEEPER, Contract::Distributor, epoch);
    // A thousand each, as nobody is in the pool.
    let compound = ["pool", "compound"];
    let shown = place.done(&[&compound[..], &["--dry-run"]].concat(), GRACE);
    let first = "put 0.500000 QST of rewards into the pool";
    let more = "more is left than one transaction takes: run this again then";
    assert!(shown.contains(first) && shown.contains(more), "{shown}");
    let left = "0.100000 QST are left: run this again";
    place.refused(&compound, GRACE, 5, left);
    assert_eq!(place.position(GRACE).pool_next, Uint128::new(QST / 2));
    let said = place.done(&compound, GRACE);
    assert!(!said.contains("left"), "{said}");
    let all = QST * 60 / 100;
    assert_eq!(place.position(GRACE).pool_next, Uint128::new(all));
    place.refused(&compound, GRACE, 3, "no QST is due");
}

#[test]
#[ignore = "needs a local chain"]
fn stakes_of_a_file_are_brought_in_once() {
    let place = &*PLACE;
    let (carol, heidi) = (address(CAROL), address(HEIDI));
    for key in ["13", "14"] {
        place.done(&["node", "transfer", key, &carol], HEIDI);
    }
    let head = "epoch,account,action,key,amount\n";
    let file = |rows: &str| place.write("stakes.csv", &format!("{head}{rows}"));
    for (row, why) in [
        (format!("0,{carol},stake_node,13,5"), ":2: stake of 5 units"),
        (format!("0,{heidi},stake_node,15,5"), ":2: stake of 5 units"),
        ("0,carol,deposit,,5".to_owned(), ":2: account"),
        (format!("0,{carol},withdraw,,5"), "withdrawn, of 0"),
    ] {
        let wrong = file(&format!("{row}\n"));
        place.refused(&["import", "stakes", &wrong], CAROL, 1, why);
    }
    let others = file(&format!("0,{carol},stake_node,15,\n"));
    place.mint(CAROL, 400_000 * QST);
    let why = "takes a sold one out): keys 15";
    place.refused(&["import", "stakes", &others], CAROL, 1, why);

    let pool = format!("0,{carol},deposit,,10\n0,{carol},withdraw,,3\n");
    let rows = [
        format!("0,{carol},stake_node,13,\n0,{carol},stake_node,14,200000000000\n"),
        pool.clone(),
        format!("0,{heidi},stake_node,16,\n99999,{carol},unstake_node,13,\n"),
    ];
    let rows = file(&rows.concat());
    let import = ["import", "stakes", &rows];
    place.refused(&import, CAROL, 4, "are needed");
    place.mint(CAROL, 7);
    let verify = [&import[..], &["--verify"]].concat();
    place.refused(&verify, CAROL, 1, "not staked: keys 13-14");
    let shown = place.done(&[&import[..], &["--dry-run"]].concat(), CAROL);
    let told =
        "keys 13-14 with 200,000.000000 QST each and put 0.000007 QST into the pool, counting";
    assert!(shown.contains(told), "{shown}");
    assert_eq!(place.staked(&[13, 14]), [] as [u32; 0]);

    // A program that was killed has left its deposit on the way.
    let contracts = place.contracts();
    let hook = vault::ReceiveMsg::DepositPool {};
    let deposit = contracts.send_tokens(&contracts.qst, Contract::Vault, 7, &hook);
    place.mint(CAROL, 7);
    leave_on_its_way(CAROL, deposit.unwrap());
    let alone = place.write("pool.csv", &format!("{head}{pool}"));
    place.done(&["import", "stakes", &alone], CAROL);
    assert_eq!(place.position(CAROL).pool_next, Uint128::new(7));
    let said = place.done(&import, CAROL);
    assert!(said.contains("2 staked nodes, 0.000007 QST in"), "{said}");
    assert!(said.contains("the first of epoch 99999"), "{said}");
    let there = || {
        assert_eq!(place.staked(&[13, 14, 15, 16]), [13, 14]);
        assert_eq!(place.position(CAROL).pool_next, Uint128::new(7));
    };
    there();
    let again = place.done(&import, CAROL);
    assert!(!again.contains("left to stake"), "{again}");
    place.done(&verify, CAROL);
    there();
    // More than the file has is told and stays.
    let less = format!("0,{carol},stake_node,13,\n0,{carol},unstake_node,13,\n");
    let said = place.done(&["import", "stakes", &file(&less)], CAROL);
    for told in ["takes it off): keys 13", "0.000007 QST more of it"] {
        assert!(said.contains(told), "{said}");
    }
    there();
}

#[test]
#[ignore = "needs a local chain"]
fn what_is_paused_is_told_with_its_end() {
    let place = &*PLACE;
    let contracts = place.contracts();
    place.done(&["pool", "deposit", "9"], GRACE);
    place.done(&["pool", "withdraw", "8"], GRACE);
    let lot = place.lot(GRACE).lot.to_string();
    let seconds = 600;
    let pause = |activity: &str| json!({ "pause": { "activity": activity, "seconds": seconds } });
    send(FRANK, &contracts.vault, &pause("staking"));
    send(FRANK, &contracts.registry, &pause("market"));
    for (command, why) in [
        (&["pool", "deposit", "9"][..], "staking is paused until 20"),
        (&["pool", "cancel", &lot], "staking is paused until 20"),
        (&["pool", "compound"], "staking is paused until 20"),
        (&["node", "stake", "1"], "staking is paused until 20"),
        (&["market", "list", "1", "1"], "market is paused until 20"),
        (
            &["market", "buy", "1", "--most", "1"],
            "market is paused until 20",
        ),
    ] {
        place.refused(command, GRACE, 4, why);
    }
    // Exits are never paused.
    place.done(&["pool", "withdraw", "1"], GRACE);
    let resume = |activity: &str| json!({ "resume": { "activity": activity } });
    send(FRANK, &contracts.vault, &resume("staking"));
    send(FRANK, &contracts.registry, &resume("market"));
    place.done(&["pool", "deposit", "9"], GRACE);
}
