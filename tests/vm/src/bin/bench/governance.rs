//! What all four contracts have in common: governance, and the queries about it.

use cosmwasm_std::Addr;
use noderev_components::Epoch;
use serde_json::json;

use crate::subject::{probe, Subject};

/// Measures governance of a contract with this activity to be paused.
pub(crate) fn messages(subject: &mut Subject<'_>, name: &str, at: &Addr, activity: &str) {
    let mut step = |sender: &str, what: &str, msg: serde_json::Value| {
        let name = format!("{name}: {what}");
        subject.measure_and_keep(&probe(&name, 0, sender), at, &msg);
    };
    let pause = json!({ "pause": { "activity": activity, "seconds": 86_400 } });
    step("guardian", "pause", pause);
    let resume = json!({ "resume": { "activity": activity } });
    step("guardian", "resume", resume);
    let role = json!({ "set_role": { "role": "guardian", "account": null } });
    step("owner", "empty a role", role);
    parameters(subject, name, at);
    ownership(subject, name, at);
}

fn parameters(subject: &mut Subject<'_>, name: &str, at: &Addr) {
    let epoch = subject.network.now_epoch();
    let answer = subject.answer(at, &json!({ "params_at": { "epoch": epoch } }));
    let queue = json!({ "queue_params": { "params": answer["params"] } });
    let title = format!("{name}: queue parameters");
    subject.measure_and_keep(&probe(&title, 0, "owner"), at, &queue);
    let title = format!("{name} queued_params");
    subject.ask(&title, at, &json!({ "queued_params": {} }));
    let title = format!("{name}: cancel parameters");
    let cancel = json!({ "cancel_params": {} });
    subject.measure_and_keep(&probe(&title, 0, "owner"), at, &cancel);
}

fn ownership(subject: &mut Subject<'_>, name: &str, at: &Addr) {
    let heir = subject.network.account("heir");
    let transfer = json!({ "transfer_ownership": { "new_owner": heir, "expiry": null } });
    for (what, sender, action) in [
        ("hand over", "owner", transfer),
        ("accept ownership", "heir", json!("accept_ownership")),
    ] {
        let title = format!("{name}: {what}");
        let msg = json!({ "update_ownership": action });
        subject.measure_and_keep(&probe(&title, 0, sender), at, &msg);
    }
}

/// Measures the queries that all contracts have.
pub(crate) fn queries(subject: &mut Subject<'_>, name: &str, at: &Addr) {
    for query in ["config", "due", "solvency", "paused", "roles", "ownership"] {
        let title = format!("{name} {query}");
        subject.ask(&title, at, &json!({ query: {} }));
    }
    let epoch = Epoch(10);
    let query = json!({ "params_at": { "epoch": epoch } });
    subject.ask(&format!("{name} params_at"), at, &query);
}
