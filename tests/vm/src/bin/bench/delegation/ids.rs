//! What owners of Delegation IDs do. All of it happens on the chain alone.

use cosmwasm_std::Addr;
use serde_json::json;

use crate::subject::{probe, Subject};

/// The delegation that changes.
const ID: u16 = 3;
const OWNER: &str = "dao-3";

/// Measures everything.
pub(super) fn measure(subject: &mut Subject<'_>, at: &Addr) {
    subject.follow();
    let mut step = |sender: &str, name: &str, msg: serde_json::Value| {
        subject.measure_and_keep(&probe(name, 0, sender), at, &msg);
    };
    let metadata = json!({
        "name": "Delegation of a founder",
        "url": "https://example.org/delegation",
        "description": "d".repeat(200),
    });
    let create = json!({ "create_delegation": {
        "metadata": metadata, "commission": 500, "joining": "open", "minimum": "0",
    } });
    step("founder", "create an ID", create);
    let update = json!({ "update_delegation": { "metadata": metadata, "joining": "approval" } });
    step(OWNER, "update an ID", update);
    for (name, commission) in [("raise a commission", 600), ("lower a commission", 400)] {
        let msg = json!({ "set_commission": { "commission": commission } });
        step(OWNER, name, msg);
    }
    members(subject, at);
    handing_over(subject, at);
    subject.follow();
}

fn members(subject: &mut Subject<'_>, at: &Addr) {
    let [asker, member] = ["asker", "member-2"].map(|name| subject.network.account(name));
    for (sender, name, msg) in [
        (
            "asker",
            "ask to join an ID",
            json!({ "request_approval": { "delegation": ID } }),
        ),
        (
            OWNER,
            "approve a member of an ID",
            json!({ "approve_members": { "accounts": [asker], "approved": true } }),
        ),
        (
            OWNER,
            "release a member of an ID",
            json!({ "release_members": { "accounts": [member] } }),
        ),
    ] {
        subject.measure_and_keep(&probe(name, 0, sender), at, &msg);
    }
}

fn handing_over(subject: &mut Subject<'_>, at: &Addr) {
    let successor = subject.network.account("successor");
    let propose = json!({ "transfer_delegation": { "to": successor } });
    let name = "propose an ID's new owner";
    subject.measure_and_keep(&probe(name, 0, OWNER), at, &propose);
    let accept = json!({ "accept_delegation": { "delegation": ID } });
    let name = "take an ID over";
    subject.measure_and_keep(&probe(name, 0, "successor"), at, &accept);
}
