//! Numbers that no story reaches: the last delegation, the last seat.

use noderev_api::delegation::{
    DelegationId, ExecuteMsg, Joining, Metadata, ValidatorId, MAX_DELEGATIONS, MAX_SEATS,
};
use noderev_components::{Account, Epoch};
use noderev_economics::Bps;

use super::support::{account, contract, send, stored, Deps};
use crate::state::{load_counts, save_account, save_counts, AccountStake, SEAT_COUNT};

fn create() -> ExecuteMsg {
    ExecuteMsg::CreateDelegation {
        metadata: Metadata {
            name: "name".into(),
            url: String::new(),
            description: String::new(),
        },
        commission: Bps::ZERO,
        joining: Joining::Open,
        minimum: 0u128.into(),
    }
}

/// The contract with Quintessence of somebody that counts.
fn with_quintessence(who: &str) -> Deps {
    let mut deps = contract();
    let account = Account::of(&deps.api, &account(who)).unwrap();
    let mut stake = AccountStake::default();
    stake.undelegated.set(Epoch(0), 10_000);
    save_account(&mut deps.storage, &account, &stake);
    deps
}

#[test]
fn there_can_be_8192_delegations_and_not_one_more() {
    let mut deps = with_quintessence("alice");
    let mut counts = load_counts(&deps.storage).unwrap();
    counts.delegations = MAX_DELEGATIONS;
    save_counts(&mut deps.storage, &counts);
    let before = stored(&deps);
    let error = send(&mut deps, 1, "alice", create()).unwrap_err();
    assert_eq!(error.to_string(), "there can be at most 8192 delegations");
    assert!(before == stored(&deps));
    counts.delegations = MAX_DELEGATIONS - 1;
    save_counts(&mut deps.storage, &counts);
    send(&mut deps, 1, "alice", create()).unwrap();
    assert_eq!(load_counts(&deps.storage).unwrap().delegations, 8_192);
}

#[test]
fn there_can_be_4096_seats_and_not_one_more() {
    let mut deps = with_quintessence("alice");
    send(&mut deps, 1, "alice", create()).unwrap();
    let node = "node".to_string();
    send(
        &mut deps,
        1,
        "alice",
        ExecuteMsg::RegisterValidator { node },
    )
    .unwrap();
    let assign = ExecuteMsg::AssignValidator {
        validator: ValidatorId(1),
        delegation: Some(DelegationId(1)),
    };
    let seats = |deps: &mut Deps, count: u16| {
        SEAT_COUNT
            .set(&mut deps.storage, &[], Epoch(1), &count)
            .unwrap();
    };
    seats(&mut deps, MAX_SEATS);
    let error = send(&mut deps, 1, "alice", assign.clone()).unwrap_err();
    assert_eq!(error.to_string(), "all 4096 seats are taken");
    seats(&mut deps, MAX_SEATS - 1);
    send(&mut deps, 1, "alice", assign).unwrap();
    let newest = SEAT_COUNT.newest(&deps.storage, &[]).unwrap().unwrap();
    assert_eq!((newest.value, newest.from), (4_096, Epoch(2)));
}
