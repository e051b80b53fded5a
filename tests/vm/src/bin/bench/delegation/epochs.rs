//! Reports, the close of an epoch, and the mint.

use cosmwasm_std::Addr;
use noderev_api::delegation::{ExecuteMsg, ReceiveMsg};
use noderev_testing::{Network, REWARD};

use super::{Helpers, CHANGED, VALIDATORS};
use crate::subject::{probe, Subject};
use crate::table::Table;

/// Measures reports, the close and injections.
pub(super) fn measure(subject: &mut Subject<'_>, at: &Addr) {
    let ids: Vec<u16> = (1..=CHANGED).map(|number| number * 17).collect();
    for delegation in &ids {
        let name = format!("late-{delegation}");
        subject
            .network
            .stake_weight(&name, 5_000, Some(*delegation));
    }
    subject.network.next_epoch_of();
    let epoch = subject.network.now_epoch();
    let end = subject.network.clock().end_of(epoch);
    subject.network.advance_to(end);
    let seats: Vec<u16> = (0..VALIDATORS as u16)
        .filter(|seat| !ids.contains(seat))
        .collect();
    let eligible = subject.network.eligible(epoch.0, &seats);
    let report = ExecuteMsg::Report {
        epoch,
        bitmap: eligible.to_binary(),
        evidence: vec![7; 32].into(),
    };
    for (name, attester) in [
        ("report of 512 validators, first attester", "attester-1"),
        ("report of 512 validators, second attester", "attester-2"),
        ("report of 512 validators, last attester", "attester-3"),
    ] {
        subject.follow();
        subject.measure(&probe(name, 0, attester), at, &report);
        subject
            .network
            .report_validators(attester, epoch.0, &eligible);
    }
    subject.network.wait_until_advance(epoch.0);
    subject.follow();
    let advance = ExecuteMsg::Advance { epoch };
    let name = "advance, 200 IDs, 512 validators, 10 changed";
    subject.measure(&probe(name, 130_000, "anybody"), at, &advance);
    subject.network.advance(epoch.0);
    quiet(subject, at);
    inject(subject, at);
}

/// The epoch after it, in which the validators are back and nothing else has changed.
fn quiet(subject: &mut Subject<'_>, at: &Addr) {
    subject.network.next_epoch_of();
    let epoch = subject.network.now_epoch();
    subject.network.report_all_eligible(epoch.0);
    subject.network.wait_until_advance(epoch.0);
    subject.follow();
    let name = "advance, 200 IDs, 512 validators, none changed";
    let advance = ExecuteMsg::Advance { epoch };
    subject.measure(&probe(name, 130_000, "anybody"), at, &advance);
    subject.network.advance(epoch.0);
}

fn inject(subject: &mut Subject<'_>, at: &Addr) {
    subject.network.mint_reward("giver", 1_000_000);
    subject.follow();
    let token = subject.network.addresses().reward_token.clone();
    let inject = ReceiveMsg::Inject {
        over: 30,
        source: "giver".into(),
        reference: "reference".into(),
    };
    let given = probe("inject over 30 epochs", 0, "giver");
    subject.measure_send(&given, &token, (at, 1_000_000), &inject);
}

/// Measures making up for a mint that the token has refused.
pub(super) fn retrying(table: &mut Table) {
    let mut network = Network::builder().reward_cap(REWARD).build();
    network.found_delegation("dao", 60_000, 0);
    network.run_validators("dao", 1, 3);
    network.next_epoch();
    network.pass_epochs_until(3);
    network.burn_reward(10_000 * REWARD);
    let mut subject = Subject::new(network, table);
    subject.follow();
    let at = subject.network.addresses().delegation.clone();
    let retry = ExecuteMsg::RetryMint {};
    let name = "make up for a refused mint";
    subject.measure(&probe(name, 0, "anybody"), &at, &retry);
}
