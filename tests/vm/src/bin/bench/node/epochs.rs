//! Revenue, reports, disputes and the close of an epoch.

use cosmwasm_std::{coins, Addr};
use noderev_api::distributor::{ExecuteMsg, ReceiveMsg};
use noderev_components::{Bitmap, Epoch, KeyId};
use noderev_testing::QST;
use serde_json::json;

use super::{owner_of, ran, CLOSED, KEYS};
use crate::subject::{probe, Subject};

const EPOCH: Epoch = Epoch(CLOSED + 1);
/// Staked for every disputed key.
const BOND: u128 = 1_000 * QST;
/// Keys that somebody challenges at once.
const CHALLENGED: usize = 99;

/// Measures everything.
pub(super) fn measure(subject: &mut Subject<'_>) {
    revenue(subject);
    let at = subject.network.addresses().distributor.clone();
    let end = subject.network.clock().end_of(EPOCH);
    subject.network.advance_to(end);
    let ran = ran(&subject.network, EPOCH.0);
    reports(subject, &at, &ran);
    subject.network.mint_qst("challenger", 100 * BOND);
    disputes(subject, &at, &ran);
    subject.network.wait_until_due(EPOCH.0);
    subject.follow();
    let close = ExecuteMsg::CloseEpoch { epoch: EPOCH };
    let closed = probe("close of 4,732 keys", 200_000, "anybody");
    subject.measure(&closed, &at, &close);
}

fn revenue(subject: &mut Subject<'_>) {
    let at = subject.network.addresses().clone();
    let amount = 30 * super::REVENUE;
    subject.network.mint_qst("customer", amount);
    subject.follow();
    let source = String::from("customer");
    let reference = "d".repeat(64);
    let native = ExecuteMsg::DepositRevenue {
        over: 30,
        source: source.clone(),
        reference: reference.clone(),
    };
    let name = probe("deposit of revenue, native", 0, "customer");
    let funds = coins(amount, "uusdc");
    subject.measure_paid(&name, &at.distributor, &native, &funds);
    let token = ReceiveMsg::DepositRevenue {
        over: 30,
        source,
        reference,
    };
    let name = probe("deposit of revenue, cw20", 0, "customer");
    subject.measure_send(&name, &at.qst, (&at.distributor, amount), &token);
}

fn reports(subject: &mut Subject<'_>, at: &Addr, ran: &Bitmap) {
    let report = ExecuteMsg::Report {
        epoch: EPOCH,
        bitmap: ran.to_binary(),
        evidence: vec![7; 32].into(),
    };
    for (name, attester) in [
        ("report of 4,732 keys, first attester", "attester-1"),
        ("report of 4,732 keys, second attester", "attester-2"),
        ("report of 4,732 keys, last attester", "attester-3"),
    ] {
        subject.follow();
        subject.measure(&probe(name, 40_000, attester), at, &report);
        subject.network.report(attester, EPOCH.0, ran);
    }
}

/// Disputes happen on the chain alone: the network closes the epoch without.
fn disputes(subject: &mut Subject<'_>, at: &Addr, ran: &Bitmap) {
    subject.follow();
    let qst = subject.network.addresses().qst.clone();
    let keys = |up: bool| (1..=KEYS).filter(move |key| ran.get(key - 1) == up);
    let down = keys(false).next().expect("somebody was down");
    let up: Vec<KeyId> = keys(true).map(KeyId).take(CHALLENGED + 1).collect();
    let owner = owner_of(&subject.network, down);
    subject.network.mint_qst(&owner, BOND);
    subject.follow();
    let appeal = ReceiveMsg::Appeal {
        epoch: EPOCH,
        keys: vec![KeyId(down)],
    };
    let name = probe("appeal for 1 key", 0, &owner);
    subject.measure_send(&name, &qst, (at, BOND), &appeal);
    subject.happen_send(&owner, &qst, (at, BOND), &appeal);
    let challenge = |keys: &[KeyId]| ReceiveMsg::Challenge {
        epoch: EPOCH,
        keys: keys.to_vec(),
    };
    let name = probe("challenge of 1 key", 0, "challenger");
    subject.measure_send(&name, &qst, (at, BOND), &challenge(&up[..1]));
    let all = (at, CHALLENGED as u128 * BOND);
    let name = probe("challenge of 99 keys", 0, "challenger");
    subject.measure_send(&name, &qst, all, &challenge(&up[1..]));
    subject.happen_send("challenger", &qst, all, &challenge(&up[1..]));
    let disputes = json!({ "disputes": { "epoch": EPOCH, "limit": 100 } });
    subject.ask("distributor disputes, 100", at, &disputes);
    rulings(subject, at, KeyId(down), &up[1..]);
}

fn rulings(subject: &mut Subject<'_>, at: &Addr, appealed: KeyId, challenged: &[KeyId]) {
    subject.pass(13 * 3_600);
    let close = ExecuteMsg::CloseEpoch { epoch: EPOCH };
    let name = "close of 4,732 keys, 100 in dispute";
    subject.measure_and_keep(&probe(name, 200_000, "anybody"), at, &close);
    for (name, keys) in [
        ("ruling on 1 key", &[appealed][..]),
        ("ruling on 30 keys", &challenged[..30]),
    ] {
        let rule = ExecuteMsg::Rule {
            epoch: EPOCH,
            keys: keys.to_vec(),
            upheld: true,
        };
        subject.measure(&probe(name, 0, "arbiter"), at, &rule);
    }
    subject.pass(4 * 86_400);
    let resolve = ExecuteMsg::Resolve {
        epoch: EPOCH,
        keys: vec![appealed],
    };
    let name = "no ruling on 1 key in time";
    subject.measure(&probe(name, 0, "anybody"), at, &resolve);
}
