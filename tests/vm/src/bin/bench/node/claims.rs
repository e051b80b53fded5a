//! Claims, and how payouts go.

use noderev_api::distributor::ExecuteMsg;
use noderev_components::KeyId;
use noderev_testing::Network;
use serde_json::json;

use super::{close, BOBS, CAROLS, CLOSED, LONG, MANY};
use crate::subject::{probe, Subject};

/// Who claims pool rewards every day.
const STAKER: &str = "staker-500";
/// Who never claims.
const LATE: &str = "staker-900";

fn claim(keys: Option<std::ops::Range<u32>>, network: &Network) -> ExecuteMsg {
    ExecuteMsg::Claim {
        account: None,
        keys: keys.map(|keys| keys.map(KeyId).collect()),
        denoms: Some(vec![network.denom(0)]),
        to: None,
    }
}

/// Measures claims of somebody who claims for the first time and a day later.
pub(super) fn measure(subject: &mut Subject<'_>) {
    claims(subject, "first one");
    settlements(subject);
    subject.network.claim("bob");
    subject.network.claim("alice");
    subject.network.claim(STAKER);
    close(&mut subject.network, CLOSED);
    subject.follow();
    claims(subject, "a day later");
    payouts(subject);
}

fn claims(subject: &mut Subject<'_>, when: &str) {
    let at = subject.network.addresses().distributor.clone();
    for (name, goal, sender, keys) in [
        ("claim of 1 key", 25_000, "bob", Some(BOBS..BOBS + 1)),
        ("claim of 20 keys", 200_000, "alice", Some(1..MANY + 1)),
        ("claim of 20 keys, not named", 0, "alice", None),
        ("claim of pool rewards", 25_000, STAKER, Some(0..0)),
        ("claim of pool rewards, keys not named", 0, STAKER, None),
    ] {
        let msg = claim(keys, &subject.network);
        let name = format!("{name}, {when}");
        subject.measure(&probe(&name, goal, sender), &at, &msg);
    }
}

fn settlements(subject: &mut Subject<'_>) {
    let at = subject.network.addresses().distributor.clone();
    for (name, sender, keys) in [
        ("settlement of 1 key", "bob", BOBS..BOBS + 1),
        ("settlement of 20 keys", "alice", 1..MANY + 1),
    ] {
        let keys = Some(keys.map(KeyId).collect());
        let msg = ExecuteMsg::Settle {
            account: None,
            keys,
        };
        subject.measure(&probe(name, 0, sender), &at, &msg);
    }
}

fn payouts(subject: &mut Subject<'_>) {
    let at = subject.network.addresses().distributor.clone();
    let payee = subject.network.account("cold-wallet");
    for (name, sender, msg) in [
        (
            "name a payee",
            "bob",
            json!({ "set_payee": { "payee": payee } }),
        ),
        (
            "let nobody else claim",
            "bob",
            json!({ "set_claim_policy": { "self_claim_only": true } }),
        ),
        (
            "claim of the treasury",
            "treasury",
            json!({ "claim": { "keys": [] } }),
        ),
        (
            "add a currency",
            "owner",
            json!({ "add_denom": { "denom": {
                "denom": { "native": "untrn" }, "symbol": "NTRN", "decimals": 6
            } } }),
        ),
    ] {
        subject.measure(&probe(name, 0, sender), &at, &msg);
    }
}

/// Closes epochs up to 400, and measures claims of those who have never claimed.
pub(super) fn late(subject: &mut Subject<'_>) {
    let network = &mut subject.network;
    network.close_epoch("anybody", CLOSED + 1);
    for epoch in CLOSED + 2..LONG {
        close(network, epoch);
        while epoch < LONG - 32 && network.try_roll("keeper").is_ok() {}
        if epoch > LONG - 110 {
            network.claim("alice");
        }
    }
    subject.follow();
    let at = subject.network.addresses().distributor.clone();
    let roll = ExecuteMsg::Roll {};
    subject.measure(&probe("roll of 1,024 keys", 0, "keeper"), &at, &roll);
    while subject.network.try_roll("keeper").is_ok() {}
    subject.follow();
    for (name, goal, sender, keys) in [
        ("claim of 1 key", 25_000, "carol", Some(CAROLS..CAROLS + 1)),
        ("claim of pool rewards", 25_000, LATE, Some(0..0)),
    ] {
        let msg = claim(keys, &subject.network);
        let name = format!("{name}, after 400 epochs");
        subject.measure(&probe(&name, goal, sender), &at, &msg);
    }
}
