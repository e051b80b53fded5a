//! Validators: consent, seats, room, and what eligible ones earn.

use noderev_api::delegation::{DelegationId, Reason, SeatInfo, ValidatorId, ValidatorInfo};
use noderev_components::Epoch;
use noderev_testing::{Network, REWARD};
use noderev_tests::ext::{assert_changes_nothing, rewards_claimed};

/// Alice's delegation 1 of 40,000 and bob's delegation 2 of 60,000, which count from epoch 2, that
/// runs.
fn network() -> Network {
    let mut net = Network::builder().build();
    net.stake_weight("alice", 40_000, None);
    net.stake_weight("bob", 60_000, None);
    net.next_epoch();
    net.create_delegation("alice", 0);
    net.create_delegation("bob", 0);
    net.pass_epochs_until(2);
    net
}

fn validator(net: &Network, number: u32) -> ValidatorInfo {
    let page = net.delegation().validators(None, Some(number - 1), Some(1));
    page.validators.into_iter().next().unwrap()
}

/// Slots captured and reward by delegation in a closed epoch.
fn captured(net: &Network, epoch: u32) -> Vec<(u16, u128)> {
    let count = net.delegation().network().delegations;
    let rows = (1..=count).map(|n| {
        let page = net.delegation().history(n, None, Some(epoch + 1), Some(1));
        let row = &page.epochs[0];
        assert_eq!(row.epoch, Epoch(epoch));
        (row.captured, row.reward.u128() / REWARD)
    });
    rows.collect()
}

#[test]
fn g11_an_operator_needs_the_owners_consent() {
    let mut net = network();
    net.register_validator("operator", "node-1");
    net.assign_validator("operator", 1, Some(1));
    let it = validator(&net, 1);
    assert_eq!(
        (it.delegation, it.requested, it.seat),
        (None, Some(DelegationId(1)), None)
    );
    // Alice sees it in her list; it has no seat and does not count.
    assert_eq!(
        net.delegation().validators(Some(1), None, None).validators,
        [it]
    );
    net.pass_epoch(2);
    assert_eq!(captured(&net, 2), [(0, 0), (0, 0)]);
    let why = "validator 1 does not ask for delegation 2";
    assert_changes_nothing(&mut net, why, |net| net.try_accept_validators("bob", &[1]));
    let carol = net.account("carol");
    let why = format!("{carol} owns no delegation");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_accept_validators("carol", &[1])
    });
    let operator = net.account("operator");
    let why = format!("{operator} owns no delegation");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_accept_validators("operator", &[1])
    });
    net.accept_validators("alice", &[1]);
    let it = validator(&net, 1);
    assert_eq!((it.delegation, it.requested), (Some(DelegationId(1)), None));
    net.pass_epoch(3);
    net.pass_epoch(4);
    // From the next boundary on, not in the epoch of the consent.
    assert_eq!(captured(&net, 3), [(0, 0), (0, 0)]);
    assert_eq!(captured(&net, 4), [(1, 200), (0, 0)]);
}

#[test]
fn g11_nobody_but_the_operator_moves_a_validator_and_the_owner_may_send_it_away() {
    let mut net = network();
    net.run_validators("operator", 1, 2);
    for who in ["alice", "bob", "attacker", "owner"] {
        let addr = net.account(who);
        let why = format!("{addr} is not the operator of validator 1");
        for to in [None, Some(2)] {
            assert_changes_nothing(&mut net, &why, |net| net.try_assign_validator(who, 1, to));
        }
    }
    let why = "there is no validator 9";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("operator", 9, Some(1))
    });
    assert_changes_nothing(&mut net, why, |net| {
        net.try_accept_validators("alice", &[9])
    });
    assert_changes_nothing(&mut net, why, |net| {
        net.try_remove_validators("alice", &[9])
    });
    let why = "there is no delegation 3";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("operator", 1, Some(3))
    });
    let why = "validator 1 is in delegation 1 already";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("operator", 1, Some(1))
    });
    let why = "validator 1 is not in delegation 2";
    assert_changes_nothing(&mut net, why, |net| net.try_remove_validators("bob", &[1]));
    let why = "validator 1 is named twice";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_remove_validators("alice", &[1, 1])
    });
    assert_changes_nothing(&mut net, why, |net| {
        net.try_accept_validators("alice", &[1, 1])
    });
    net.remove_validators("alice", &[1, 2]);
    assert_eq!(
        (validator(&net, 1).delegation, validator(&net, 2).seat),
        (None, None)
    );
    let why = "validator 1 is in no delegation and asks for none";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("operator", 1, None)
    });
    // A request can be taken back, and is not repeated.
    net.assign_validator("operator", 1, Some(2));
    let why = "validator 1 asks for delegation 2 already";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("operator", 1, Some(2))
    });
    // Another request replaces it.
    net.assign_validator("operator", 1, Some(1));
    let why = "validator 1 does not ask for delegation 2";
    assert_changes_nothing(&mut net, why, |net| net.try_accept_validators("bob", &[1]));
    net.assign_validator("operator", 1, None);
    let why = "validator 1 does not ask for delegation 1";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_accept_validators("alice", &[1])
    });
    assert!(net
        .delegation()
        .validators(Some(1), None, None)
        .validators
        .is_empty());
    assert!(net
        .delegation()
        .validators(Some(2), None, None)
        .validators
        .is_empty());
}

#[test]
fn g11_a_move_takes_effect_at_the_boundary_and_keeps_the_seat() {
    let mut net = network();
    net.run_validators("alice", 1, 2);
    net.run_validators("bob", 2, 1);
    net.pass_epochs_until(3);
    assert_eq!(net.seat_of(2), 1);
    net.assign_validator("alice", 2, Some(2));
    // Until bob consents nothing changes.
    net.pass_epochs_until(4);
    assert_eq!(captured(&net, 3), [(2, 400), (1, 200)]);
    net.accept_validators("bob", &[2]);
    assert_eq!(net.seat_of(2), 1);
    net.pass_epochs_until(6);
    assert_eq!(captured(&net, 4), [(2, 400), (1, 200)]);
    assert_eq!(captured(&net, 5), [(1, 200), (2, 400)]);
    let seats = |epoch: u32| net.delegation().seats(epoch, None, None).seats;
    let seat = |seat: u16, validator: u32, delegation: u16| SeatInfo {
        seat,
        validator: Some(ValidatorId(validator)),
        delegation: Some(DelegationId(delegation)),
    };
    assert_eq!(seats(4), [seat(0, 1, 1), seat(1, 2, 1), seat(2, 3, 2)]);
    assert_eq!(seats(5), [seat(0, 1, 1), seat(1, 2, 2), seat(2, 3, 2)]);
    let listed = |n: u16| -> Vec<u32> {
        let page = net.delegation().validators(Some(n), None, None);
        page.validators.iter().map(|it| it.validator.0).collect()
    };
    assert_eq!((listed(1), listed(2)), (vec![1], vec![2, 3]));
    net.assert_delegation_invariants();
}

#[test]
fn g11_a_delegation_holds_two_validators_a_slot_and_two_more() {
    let mut net = network();
    net.run_validators("alice", 1, 6);
    net.register_validator("alice", "node-7");
    let why = "delegation 1 holds 6 validators, with 2 slots it can hold 6";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("alice", 7, Some(1))
    });
    net.register_validator("operator", "node-8");
    net.assign_validator("operator", 8, Some(1));
    assert_changes_nothing(&mut net, why, |net| {
        net.try_accept_validators("alice", &[8])
    });
    // Room is counted by the next epoch's slots.
    net.stake_weight("carol", 20_000, Some(1));
    net.accept_validators("alice", &[8]);
    net.assign_validator("alice", 7, Some(1));
    net.register_validator("alice", "node-9");
    let why = "delegation 1 holds 8 validators, with 3 slots it can hold 8";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("alice", 9, Some(1))
    });
    // Fewer slots push nobody out; they make no room either.
    let carols: Vec<_> = net.delegation().all_nfts("carol");
    let carols: Vec<_> = carols.into_iter().map(|info| info.nft).collect();
    net.move_nfts("carol", &carols, None);
    net.remove_validators("alice", &[1, 8]);
    let why = "delegation 1 holds 6 validators, with 2 slots it can hold 6";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("alice", 9, Some(1))
    });
    net.remove_validators("alice", &[2]);
    net.assign_validator("alice", 9, Some(1));
    assert_eq!(net.delegation().delegation(1).info.validators, 6);
}

#[test]
fn g11_freed_seats_are_used_again_and_past_evidence_stays_whose_it_was() {
    let mut net = network();
    net.run_validators("alice", 1, 2);
    net.run_validators("bob", 2, 1);
    net.pass_epochs_until(3);
    // Validator 2 leaves seat 1; in the same epoch bob's new one takes it, from epoch 4 on.
    net.assign_validator("alice", 2, None);
    assert_eq!(net.run_validators("bob", 2, 1), [4]);
    assert_eq!(net.seat_of(4), 1);
    assert_eq!(net.delegation().network().seats, 3);
    net.start_epoch(4);
    assert_eq!(net.delegation().network().seats, 3);
    // Epoch 3 is reported when epoch 4 runs: seat 1 is validator 2's there.
    net.report_eligible(3, &[1]);
    net.advance(3);
    assert_eq!(captured(&net, 3), [(1, 200), (0, 0)]);
    assert!(validator(&net, 2).eligible);
    assert!(!validator(&net, 4).eligible);
    net.pass_epoch_with(4, &[1]);
    assert_eq!(captured(&net, 4), [(0, 0), (1, 200)]);
    assert!(validator(&net, 4).eligible);
    assert!(!validator(&net, 2).eligible);
    // The past reads as it was.
    assert_eq!(captured(&net, 3), [(1, 200), (0, 0)]);
    let at = |epoch: u32| {
        net.delegation()
            .seats(epoch, Some(0), Some(1))
            .seats
            .remove(0)
    };
    assert_eq!(
        (at(3).validator, at(3).delegation),
        (Some(ValidatorId(2)), Some(DelegationId(1)))
    );
    assert_eq!(
        (at(4).validator, at(4).delegation),
        (Some(ValidatorId(4)), Some(DelegationId(2)))
    );
    let explained = [(1, 3, 1), (2, 3, 0), (1, 4, 0), (2, 4, 1)];
    for (n, epoch, eligible) in explained {
        let it = net.delegation().explain(n, "alice", epoch);
        assert_eq!(it.figures.eligible, Some(eligible), "{n} {epoch}");
    }
    // Two leave at once: the last freed is given first; then a new seat.
    net.assign_validator("alice", 1, None);
    net.assign_validator("bob", 4, None);
    let more = net.run_validators("bob", 2, 3);
    let seats: Vec<u16> = more.iter().map(|number| net.seat_of(*number)).collect();
    assert_eq!(seats, [1, 0, 3]);
    net.assert_delegation_invariants();
}

#[test]
fn g11_bits_of_empty_seats_are_nobodys() {
    let mut net = network();
    net.run_validators("alice", 1, 3);
    net.pass_epochs_until(3);
    net.assign_validator("alice", 1, None);
    net.assign_validator("alice", 2, None);
    net.pass_epochs_until(4);
    // Seats 0 and 1 are empty from epoch 4 on, their bits are still in reports.
    assert_eq!(net.delegation().network().seats, 3);
    let empty = net.delegation().seats(4, None, None).seats;
    assert_eq!((empty[0].validator, empty[0].delegation), (None, None));
    net.pass_epoch_with(4, &[0, 1]);
    assert_eq!(captured(&net, 4), [(0, 0), (0, 0)]);
    let last = net.delegation().network().last.unwrap();
    assert_eq!((last.eligible, last.minted.u128()), (0, 0));
    net.pass_epoch_with(5, &[0, 1, 2]);
    assert_eq!(captured(&net, 5), [(1, 200), (0, 0)]);
}

#[test]
fn g11_more_servers_than_slots_fewer_and_none() {
    let mut net = network();
    net.run_validators("alice", 1, 6);
    net.run_validators("bob", 2, 2);
    net.pass_epochs_until(3);
    // Alice has 2 slots and 6 servers, bob 3 and 2.
    net.pass_epoch(3);
    assert_eq!(captured(&net, 3), [(2, 400), (2, 400)]);
    let [alice, bob] = [1, 2].map(|n| net.delegation().delegation(n));
    assert_eq!(
        (alice.idle_slots, alice.idle_validators, alice.info.captured),
        (0, 4, 2)
    );
    assert_eq!(
        (bob.idle_slots, bob.idle_validators, bob.info.captured),
        (1, 0, 2)
    );
    net.pass_epoch_with(4, &[5, 7]);
    assert_eq!(captured(&net, 4), [(1, 200), (1, 200)]);
    net.pass_epoch_with(5, &[]);
    assert_eq!(captured(&net, 5), [(0, 0), (0, 0)]);
    let reasons = [1, 2].map(|n| net.delegation().history(n, None, None, None).epochs[0].reason);
    assert_eq!(reasons, [Reason::NoValidators; 2]);
    assert_eq!(net.delegation().network().last.unwrap().minted.u128(), 0);
    // Without a quorum they stay without, whatever they captured before.
    net.pass_epoch_with(6, &[0, 1, 6]);
    net.pass_epoch_silent(7);
    assert_eq!(captured(&net, 7), [(0, 0), (0, 0)]);
    assert_eq!(net.delegation().delegation(1).info.captured, 0);
    // 400 + 200 + 0 + 400; 400 + 200 + 0 + 200. Their own parts are all there is.
    assert_eq!(rewards_claimed(&mut net, "alice"), 1_000 * REWARD);
    // 1,000 / 3 of 60,000: of an exact third a fraction of a unit waits.
    assert_eq!(rewards_claimed(&mut net, "bob"), 800 * REWARD - 1);
    net.assert_delegation_invariants();
}

#[test]
fn g11_validators_that_come_before_the_delegation_counts_capture_with_it() {
    let mut net = Network::builder().build();
    net.stake_weight("alice", 20_000, None);
    net.next_epoch();
    net.create_delegation("alice", 0);
    net.run_validators("alice", 1, 1);
    net.pass_epoch(0);
    net.pass_epoch(1);
    assert_eq!(net.delegation().evidence(1).bits, 0);
    assert_eq!(net.delegation().evidence(2).bits, 1);
    net.pass_epoch(2);
    assert_eq!(captured(&net, 2), [(1, 1_000)]);
    let explained = net.delegation().explain(1, "alice", 1);
    assert_eq!(explained.figures.reason, Reason::NotCreated);
}

#[test]
fn g11_a_handed_over_delegation_is_its_new_owners_to_staff() {
    let mut net = network();
    net.transfer_delegation("alice", Some("carol"));
    net.stake_weight("carol", 10_000, Some(1));
    net.accept_delegation("carol", 1);
    net.register_validator("alice", "node-1");
    net.assign_validator("alice", 1, Some(1));
    assert_eq!(validator(&net, 1).requested, Some(DelegationId(1)));
    let alice = net.account("alice");
    let why = format!("{alice} owns no delegation");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_accept_validators("alice", &[1])
    });
    net.accept_validators("carol", &[1]);
    assert_eq!(validator(&net, 1).delegation, Some(DelegationId(1)));
}

#[test]
fn x10_a_validators_name_is_bounded() {
    let mut net = network();
    for (node, length) in [
        (String::new(), 0),
        ("n".repeat(129), 129),
        ("n".repeat(65_536), 65_536),
    ] {
        let why = format!("node length is {length}: must be 1..=128");
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_register_validator("operator", &node)
        });
    }
    net.register_validator("operator", &"n".repeat(128));
    let many: Vec<u32> = (1..=31).collect();
    let why = "name 1..=30 validators, 31 are named";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_accept_validators("alice", &many)
    });
    let why = "name 1..=30 validators, 0 are named";
    assert_changes_nothing(&mut net, why, |net| net.try_remove_validators("alice", &[]));
}

#[test]
fn g11_a_delegation_that_sleeps_from_the_next_boundary_on_has_room_for_two() {
    let mut net = network();
    net.run_validators("alice", 1, 1);
    let hers: Vec<_> = net.delegation().all_nfts("alice");
    let hers: Vec<_> = hers.into_iter().map(|info| info.nft).collect();
    net.stake_weight("carol", 40_000, Some(1));
    net.unstake_nfts("alice", &hers);
    // Short from epoch 3, asleep from 10: in epoch 8 the next one still has two slots.
    net.pass_epochs_until(8);
    net.run_validators("alice", 1, 2);
    assert_eq!(net.delegation().delegation(1).max_validators, 6);
    net.pass_epochs_until(9);
    net.register_validator("alice", "node-4");
    let why = "delegation 1 holds 3 validators, with 0 slots it can hold 2";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_assign_validator("alice", 4, Some(1))
    });
    assert_eq!(net.delegation().delegation(1).max_validators, 2);
    // Woken up it has room again.
    net.stake_weight("alice", 10_000, Some(1));
    net.assign_validator("alice", 4, Some(1));
    net.assert_delegation_invariants();
}

/// Who brings much Quintessence, takes many seats and moves on does not keep them from others.
#[test]
fn l3_seats_without_room_for_them_can_be_taken_back() {
    let mut net = network();
    let nfts = net.stake_weight("whale", 100_000, Some(1));
    let many = net.run_validators("alice", 1, 12);
    let why = "delegation 1 may keep its 12 validators: it can hold 16";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_evict_validators("bob", 1, &many[..1])
    });
    net.next_epoch();
    net.move_nfts("whale", &nfts, None);
    // They count to the end of this epoch, and so does the room.
    assert_changes_nothing(&mut net, why, |net| {
        net.try_evict_validators("bob", 1, &many[..1])
    });
    net.next_epoch();
    let max = net.delegation().delegation(1).max_validators;
    let surplus = 12 - max as usize;
    net.evict_validators("bob", 1, &many[..surplus]);
    let why = format!("delegation 1 may keep its {max} validators: it can hold {max}");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_evict_validators("bob", 1, &many[surplus..=surplus])
    });
    assert_eq!(validator(&net, many[0]).delegation, None);
    // Their seats are free for others.
    net.found_delegation("carol", 10_000, 0);
    let seats = net.delegation().network().seats;
    net.run_validators("carol", 2, 2);
    net.next_epoch();
    assert_eq!(net.delegation().network().seats, seats);
}

#[test]
fn l3_a_dormant_delegation_keeps_no_seat_against_others() {
    let mut net = network();
    let two = net.run_validators("alice", 1, 2);
    let own = net.delegation().all_nfts("alice");
    let nfts: Vec<_> = own.into_iter().map(|info| info.nft).collect();
    net.unstake_nfts("alice", &nfts);
    let dormant = net.now_epoch().0 + 8;
    net.to_epoch(dormant - 1);
    let surplus = |net: &mut Network| net.try_evict_validators("bob", 1, &two);
    assert_changes_nothing(
        &mut net,
        "delegation 1 may keep its 2 validators: it can hold 2",
        surplus,
    );
    net.to_epoch(dormant);
    net.evict_validators("bob", 1, &two);
    assert_eq!(validator(&net, two[0]).seat, None);
}

#[test]
fn l4_an_owner_declines_validators_that_only_ask() {
    let mut net = network();
    net.register_validator("stranger", "spam");
    net.assign_validator("stranger", 1, Some(1));
    assert_eq!(
        net.delegation()
            .validators(Some(1), None, None)
            .validators
            .len(),
        1
    );
    net.remove_validators("alice", &[1]);
    assert_eq!(
        net.delegation()
            .validators(Some(1), None, None)
            .validators
            .len(),
        0
    );
    assert_eq!(validator(&net, 1).requested, None);
}
