//! Claims, how payouts go, and links to clients.

use cosmwasm_std::Addr;
use noderev_api::delegation::ExecuteMsg;
use noderev_testing::{client_key, public_key};
use serde_json::json;

use super::{owner, Helpers, LONG};
use crate::subject::{probe, Subject};

/// Epochs in which somebody claims every day, at the end.
const DAILY: u32 = 105;

fn claim() -> ExecuteMsg {
    ExecuteMsg::Claim {
        account: None,
        delegations: None,
        to: None,
    }
}

/// Measures everything.
pub(super) fn measure(subject: &mut Subject<'_>, at: &Addr) {
    subject.follow();
    let member = "claim of a member, paid in cw20, first one";
    subject.measure(&probe(member, 45_000, "member-3"), at, &claim());
    let dao = owner(3);
    let founder = probe("claim of an ID's owner, first one", 45_000, &dao);
    subject.measure(&founder, at, &claim());
    let spread = probe("claim of a member of 32 IDs, first one", 0, "spread");
    subject.measure(&spread, at, &claim());
    let settle = json!({ "settle": {} });
    let name = probe("settlement of a member", 0, "member-3");
    subject.measure(&name, at, &settle);
    let settle = json!({ "settle_delegation": { "delegation": 4 } });
    let name = probe("settlement of an ID", 0, "keeper");
    subject.measure(&name, at, &settle);
    subject.network.claim_rewards("member-3", None);
    subject.network.claim_rewards(&dao, None);
    subject.network.next_epoch_of();
    subject.follow();
    let member = probe("claim of a member, a day later", 45_000, "member-3");
    subject.measure(&member, at, &claim());
    let founder = probe("claim of an ID's owner, a day later", 45_000, &dao);
    subject.measure(&founder, at, &claim());
    accounts(subject, at);
}

fn accounts(subject: &mut Subject<'_>, at: &Addr) {
    let payee = subject.network.account("cold-wallet");
    let key = client_key(7);
    let link = json!({ "link_client": {
        "client_id": "client-7",
        "public_key": public_key(&key),
        "signature": subject.network.link_signature("member-3", "client-7", &key),
    } });
    for (name, msg) in [
        (
            "name a payee of an ID's rewards",
            json!({ "set_payee": { "payee": payee } }),
        ),
        (
            "let nobody else claim an ID's rewards",
            json!({ "set_claim_policy": { "self_claim_only": true } }),
        ),
        ("link a client", link),
        ("unlink a client", json!({ "unlink_client": {} })),
    ] {
        subject.measure_and_keep(&probe(name, 0, "member-3"), at, &msg);
    }
    subject.follow();
}

/// Passes epochs up to 400, and measures claims of those who have never claimed.
pub(super) fn late(subject: &mut Subject<'_>, at: &Addr) {
    let network = &mut subject.network;
    network.pass_epochs_until(LONG - DAILY);
    for _ in 0..DAILY {
        network.claim_rewards("member-3", None);
        network.next_epoch_of();
    }
    subject.follow();
    let member = probe("claim of a member, after 400 epochs", 45_000, "member-5");
    subject.measure(&member, at, &claim());
    let dao = owner(6);
    let name = "claim of an ID's owner, after 400 epochs";
    subject.measure(&probe(name, 45_000, &dao), at, &claim());
}
