//! The same network with eight currencies, all with revenue.

use noderev_api::distributor::ExecuteMsg;
use noderev_components::{Epoch, KeyId};
use noderev_testing::{Currency, Network};
use serde_json::json;

use super::{close, issue, ran, stake, BOBS, MANY, REVENUE};
use crate::subject::{probe, Subject};
use crate::table::Table;

/// As many as there can be.
const CURRENCIES: usize = 8;
/// The epoch whose close is measured.
const EPOCH: u32 = 3;

/// QST and seven native ones.
fn currencies() -> Vec<Currency> {
    let natives = ["A", "B", "C", "D", "E", "F", "G"];
    let native = |name: &str| Currency::native(&format!("ucoin{}", name.to_lowercase()), name);
    natives
        .iter()
        .map(|name| native(name))
        .chain([Currency::qst()])
        .collect()
}

/// Measures a close and claims.
pub(super) fn measure(table: &mut Table) {
    let mut network = Network::builder().currencies(currencies()).build();
    issue(&mut network);
    network.issue(&[("last", 1)]);
    stake(&mut network);
    for denom in 0..CURRENCIES {
        network.deposit_revenue("customer", denom, 30 * REVENUE, 30);
    }
    for epoch in 0..EPOCH {
        close(&mut network, epoch);
    }
    let mut subject = Subject::new(network, table);
    let at = subject.network.addresses().distributor.clone();
    subject.follow();
    for (name, sender, keys) in [
        ("claim of 1 key, 8 currencies", "bob", Some(BOBS..BOBS + 1)),
        ("claim of 20 keys, 8 currencies", "alice", Some(1..MANY + 1)),
        (
            "claim of pool rewards, 8 currencies",
            "staker-500",
            Some(0..0),
        ),
    ] {
        let keys: Option<Vec<KeyId>> = keys.map(|keys| keys.map(KeyId).collect());
        let msg = json!({ "claim": { "keys": keys } });
        subject.measure(&probe(name, 0, sender), &at, &msg);
    }
    let compound = json!({ "compound": { "keys": [BOBS] } });
    let name = "compound rewards of 1 key in QST";
    subject.measure(&probe(name, 0, "bob"), &at, &compound);
    let ran = ran(&subject.network, EPOCH);
    subject.network.report_all(EPOCH, &ran);
    subject.network.wait_until_due(EPOCH);
    subject.follow();
    let close = ExecuteMsg::CloseEpoch {
        epoch: Epoch(EPOCH),
    };
    let name = "close of 4,732 keys, 8 currencies";
    subject.measure(&probe(name, 0, "anybody"), &at, &close);
}
