//! An account's record, and the records beside it.

use cosmwasm_std::testing::{MockApi, MockStorage};
use cosmwasm_std::{Order, Storage};
use noderev_api::delegation::DelegationId;
use noderev_components::{Account, Epoch, Packed};

use super::support::account;
use crate::state::{AccountStake, MemberAccount, Undelegated};

fn member(settled: u32) -> MemberAccount {
    MemberAccount {
        settled: Epoch(settled),
        reading: None,
        fraction: 0,
        commission_fraction: 0,
    }
}

#[test]
fn an_account_finds_all_its_delegations_however_many() {
    let (mut storage, alice) = (MockStorage::new(), account("alice"));
    let alice = Account::of(&MockApi::default(), &alice).unwrap();
    let mut stake = AccountStake::default();
    // Downwards, so that order of numbers and of time differ.
    for id in (1..=12).rev() {
        stake
            .set_member(&mut storage, &alice, DelegationId(id), member(id.into()))
            .unwrap();
    }
    let stored = AccountStake::from_packed(&stake.to_packed()).unwrap();
    assert_eq!(stored, stake);
    let ids = |stake: &AccountStake, storage: &MockStorage, before, limit| -> Vec<u16> {
        let ids = stake.unsettled(storage, &alice, Epoch(before), limit);
        ids.unwrap().iter().map(|id| id.0).collect()
    };
    assert_eq!(ids(&stored, &storage, 13, 99), (1..=12).collect::<Vec<_>>());
    assert_eq!(ids(&stored, &storage, 11, 4), [1, 2, 3, 4]);
    assert_eq!(ids(&stored, &storage, 3, 99), [1, 2]);
    for id in 1..=12 {
        let found = stake.member(&storage, &alice, DelegationId(id)).unwrap();
        assert_eq!(found, Some(member(id.into())));
        // Settled further, then gone.
        for settled in [id.into(), 50, MemberAccount::OVER.0] {
            stake
                .set_member(&mut storage, &alice, DelegationId(id), member(settled))
                .unwrap();
        }
        let found = stake.member(&storage, &alice, DelegationId(id)).unwrap();
        assert_eq!(found, None);
    }
    assert!(ids(&stake, &storage, u32::MAX, 99).is_empty());
    let mut left = storage.range(None, None, Order::Ascending);
    assert!(left.next().is_none());
}

#[test]
fn undelegated_quintessence_is_known_now_and_next() {
    let mut undelegated = Undelegated::default();
    undelegated.set(Epoch(3), 5);
    undelegated.set(Epoch(3), 7);
    assert_eq!([2, 3].map(|epoch| undelegated.at(Epoch(epoch))), [0, 7]);
    undelegated.set(Epoch(9), 4);
    assert_eq!([8, 9].map(|epoch| undelegated.at(Epoch(epoch))), [7, 4]);
}

#[test]
fn the_layout_is_frozen() {
    let (mut storage, alice) = (MockStorage::new(), account("alice"));
    let alice = Account::of(&MockApi::default(), &alice).unwrap();
    let mut stake = AccountStake::default();
    let position = stake.position_for(Some(DelegationId(2))).unwrap();
    stake.put(position).unwrap();
    stake.owns = Some(DelegationId(3));
    stake.undelegated.set(Epoch(300), 10);
    stake
        .set_member(&mut storage, &alice, DelegationId(2), member(4))
        .unwrap();
    let layout = [
        &[0, 3][..],                  // owns
        &[0, 1, 0, 2, 1, 1],          // one position: delegation 2, one NFT
        &[0],                         // none leaving
        &[2, 1, 44, 1, 10, 0],        // undelegated: since, newest, before
        &[0],                         // no records beside it
        &[0, 2, 0, 0, 0, 4, 0, 0, 0], // delegation 2: settled to 4, no reading, no fractions
    ];
    assert_eq!(stake.to_packed(), layout.concat());
}
