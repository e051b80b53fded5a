//! Stakes of nodes and in the pool.

use cosmwasm_std::Uint128;
use noderev_api::vault::{ExecuteMsg, ReceiveMsg};
use noderev_components::KeyId;
use noderev_testing::{Addresses, QST};
use serde_json::json;

use super::{owner_of, BOBS, FIRST_STAKED, MANY, STAKE};
use crate::subject::{probe, Subject};

const AMOUNT: u128 = 1_000 * QST;

/// Measures everything.
pub(super) fn measure(subject: &mut Subject<'_>) {
    let at = subject.network.addresses().clone();
    pool(subject, &at);
    lots(subject, &at);
    nodes(subject, &at);
    subject.follow();
}

fn pool(subject: &mut Subject<'_>, at: &Addresses) {
    let deposit = ReceiveMsg::DepositPool {};
    let first = probe("pool deposit, first one", 28_000, "newcomer");
    subject.measure_send(&first, &at.qst, (&at.vault, AMOUNT), &deposit);
    let more = probe("pool deposit, more", 28_000, "staker-7");
    subject.measure_send(&more, &at.qst, (&at.vault, AMOUNT), &deposit);
    let out = ExecuteMsg::UnbondPool {
        amount: Uint128::new(AMOUNT),
    };
    let request = probe("pool withdrawal request", 28_000, "staker-7");
    subject.measure_and_keep(&request, &at.vault, &out);
    // The epoch's first change of the pool, as those above are, also stores what it was before.
    let later = probe("pool deposit, not the epoch's first", 28_000, "staker-9");
    subject.measure_send(&later, &at.qst, (&at.vault, AMOUNT), &deposit);
}

/// The last lot of somebody.
fn lot(subject: &Subject<'_>, at: &Addresses, name: &str) -> u64 {
    let account = subject.network.account(name);
    let query = json!({ "position": { "account": account } });
    let answer = subject.answer(&at.vault, &query);
    let lots = answer["lots"].as_array().and_then(|lots| lots.last());
    lots.and_then(|lot| lot["lot"].as_u64())
        .unwrap_or_else(|| panic!("{name} has no lot: {answer}"))
}

fn lots(subject: &mut Subject<'_>, at: &Addresses) {
    let cancel = ExecuteMsg::CancelLot {
        lot: lot(subject, at, "staker-7"),
    };
    let name = "cancel a withdrawal from the pool";
    subject.measure(&probe(name, 0, "staker-7"), &at.vault, &cancel);
    let lots = Some(vec![lot(subject, at, "staker-8")]);
    for (name, lots) in [
        ("withdrawal of a released lot", lots),
        ("withdrawal of released lots, a page", None),
    ] {
        let withdraw = ExecuteMsg::WithdrawLots {
            lots,
            start_after: None,
            limit: None,
        };
        subject.measure(&probe(name, 28_000, "staker-8"), &at.vault, &withdraw);
    }
}

fn nodes(subject: &mut Subject<'_>, at: &Addresses) {
    let keys = |keys: std::ops::Range<u32>| -> Vec<KeyId> { keys.map(KeyId).collect() };
    let one = ReceiveMsg::StakeNodes {
        keys: keys(BOBS..BOBS + 1),
    };
    let name = probe("stake 1 node", 0, "bob");
    subject.measure_send(&name, &at.qst, (&at.vault, STAKE), &one);
    let many = ReceiveMsg::StakeNodes {
        keys: keys(1..MANY + 1),
    };
    let name = probe("stake 20 nodes", 0, "alice");
    let amount = u128::from(MANY) * STAKE;
    subject.measure_send(&name, &at.qst, (&at.vault, amount), &many);
    let owner = owner_of(&subject.network, FIRST_STAKED);
    let unstake = ExecuteMsg::UnstakeNodes {
        keys: keys(FIRST_STAKED..FIRST_STAKED + 1),
    };
    let name = probe("unstake 1 node", 0, &owner);
    subject.measure_and_keep(&name, &at.vault, &unstake);
    let cancel = ExecuteMsg::CancelLot {
        lot: lot(subject, at, &owner),
    };
    let name = "cancel a node's unstaking";
    subject.measure(&probe(name, 0, &owner), &at.vault, &cancel);
}
