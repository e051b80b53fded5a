//! The daily mint: evidence, closing in order, the pool and what is left of it, and a token that
//! refuses.

use cosmwasm_std::{Binary, Uint128};
use noderev_api::common::EpochStep;
use noderev_api::delegation::{EpochInfo, ExecuteMsg, Mint};
use noderev_components::{Bitmap, Epoch};
use noderev_testing::{Network, REWARD};
use noderev_tests::ext::{assert_changes_nothing, refusal, rewards_claimable, rewards_claimed};

const DAY: u64 = 86_400;
const HOUR: u64 = 3_600;

fn network() -> Network {
    Network::builder().build()
}

/// Alice's delegation of so much Quintessence, all there is, with so many validators. Epoch 2 runs,
/// in which it counts; epochs 0 and 1 are closed.
fn alone(mut net: Network, quintessence: u128, validators: u32) -> Network {
    net.found_delegation("alice", quintessence, 0);
    net.run_validators("alice", 1, validators);
    net.pass_epochs_until(2);
    net
}

fn closed(net: &Network, epoch: u32) -> EpochInfo {
    let page = net.delegation().epochs(Some(epoch + 1), Some(1)).epochs;
    let found = page.into_iter().next().unwrap();
    assert_eq!(found.epoch, Epoch(epoch));
    found
}

/// Books by place: ahead, carry, drip, rewards.
fn books(net: &Network) -> [u128; 4] {
    let books = net.delegation().solvency().denoms.remove(0);
    let parts = books.carried.iter().chain(&books.owed);
    let parts: Vec<_> = parts
        .map(|part| (part.bucket.as_str(), part.amount.u128()))
        .collect();
    let of = |name: &str| parts.iter().find(|(part, _)| *part == name).unwrap().1;
    ["ahead", "carry", "drip", "rewards"].map(of)
}

#[test]
fn g10_each_epoch_is_minted_once_by_whoever_comes() {
    let mut net = alone(network(), 20_000, 1);
    net.report_all_eligible(2);
    let before = net.reward_supply();
    let response = net.try_execute(
        "stranger",
        &net.addresses().delegation.clone(),
        &ExecuteMsg::Advance { epoch: Epoch(2) },
        &[],
    );
    response.unwrap();
    assert_eq!(net.reward_supply() - before, 1_000 * REWARD);
    let why = "epoch 3 must be closed next, not 2";
    assert_changes_nothing(&mut net, why, |net| net.try_advance(2));
    let ends = net.clock().end_of(Epoch(3));
    let why = format!("epoch 3 is not due: it runs until {ends} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_advance(3));
    let why = "epoch 3 must be closed next, not 4";
    assert_changes_nothing(&mut net, why, |net| net.try_advance(4));
    assert_eq!(net.reward_supply() - before, 1_000 * REWARD);
    assert_eq!(net.delegation().network().minted.u128(), 1_000 * REWARD);
}

#[test]
fn g10_an_epoch_ends_at_six_to_the_second() {
    let mut net = alone(network(), 20_000, 1);
    let end = net.clock().end_of(Epoch(2));
    // 2026-01-01T06:00:00Z and three days.
    assert_eq!((end, end % DAY), (1_767_247_200 + 3 * DAY, 6 * HOUR));
    net.advance_to(end - 1);
    let all = net.all_eligible(2);
    let why = format!("epoch 2 has not ended: it ends at {end} (Unix seconds)");
    for attester in net.attesters().to_vec() {
        assert_changes_nothing(&mut net, &why, |net| {
            net.try_report_validators(&attester, 2, &all)
        });
    }
    let why = format!("epoch 2 is not due: it runs until {end} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_advance(2));
    assert_eq!(net.now_epoch(), Epoch(2));
    net.advance_to(end);
    assert_eq!(net.now_epoch(), Epoch(3));
    net.report_all_eligible(2);
    net.advance(2);
    // At the boundary second everything of epoch 2 was done.
    assert_eq!(net.now().seconds(), end);
    assert_eq!(closed(&net, 2).minted.u128(), 1_000 * REWARD);
}

#[test]
fn g10_a_halt_across_boundaries_shifts_nothing() {
    let mut net = alone(network(), 20_000, 1);
    // The chain stands still from the middle of epoch 2 to the middle of epoch 5: nobody could
    // report on epoch 2 in its window. Those of the others begin when the one before is closed.
    net.advance_to(net.clock().end_of(Epoch(4)) + DAY / 2);
    assert_eq!(net.now_epoch(), Epoch(5));
    net.advance(2);
    for epoch in 3..5 {
        net.report_all_eligible(epoch);
        net.advance(epoch);
    }
    for epoch in 2..5 {
        let it = closed(&net, epoch);
        let (start, end) = (it.start.seconds(), it.end.seconds());
        assert_eq!(
            (start, end - start),
            (1_767_247_200 + u64::from(epoch) * DAY, DAY)
        );
        let minted = if epoch == 2 { 0 } else { 1_000 * REWARD };
        assert_eq!(
            (it.minted.u128(), it.total.u128()),
            (minted, 20_000),
            "{epoch}"
        );
    }
    refusal(net.try_advance(5));
}

#[test]
fn g10_d20_an_outage_of_400_epochs_is_caught_up_each_with_its_own_snapshot() {
    let mut net = alone(network(), 20_000, 2);
    // The attesters report on epoch 2, then nobody does anything for the contract. Bob comes in
    // epoch 9 and goes in 99, a validator goes in 199, the schedule changes with epoch 300.
    net.report_eligible(2, &[0, 1]);
    net.start_epoch(9);
    let bobs = net.stake_weight("bob", 20_000, Some(1));
    net.start_epoch(99);
    net.unstake_nfts("bob", &bobs);
    net.start_epoch(199);
    net.assign_validator("alice", 2, None);
    net.start_epoch(292);
    let mut params = net.delegation().params_at(0).params;
    params.schedule = vec![Mint {
        from: Epoch(0),
        amount: Uint128::new(500 * REWARD),
    }];
    net.queue_delegation_params(&params);
    net.start_epoch(402);
    let mut minted = 0;
    for epoch in 2..402u32 {
        let seats = if epoch % 4 == 3 { vec![0] } else { vec![0, 1] };
        if epoch > 2 {
            net.report_eligible(epoch, &seats);
        }
        let before = net.reward_supply();
        net.advance(epoch);
        let it = closed(&net, epoch);
        let total = if (10..100).contains(&epoch) {
            40_000
        } else {
            20_000
        };
        assert_eq!(it.total.u128(), total, "{epoch}");
        let mint = if epoch < 300 { 1_000 } else { 500 } * REWARD;
        // Two slots while bob is there; one of them idle in every fourth epoch.
        let half = total == 40_000 && epoch % 4 == 3;
        let should = if half { mint / 2 } else { mint };
        assert_eq!(
            (it.mint.u128(), net.reward_supply() - before),
            (mint, should),
            "{epoch}"
        );
        minted += should;
    }
    // 90 epochs of bob's, 22 or 23 of them half: 11, 15, ... 99.
    let bob = (90 - 23) * 500 * REWARD + 23 * 250 * REWARD;
    assert_eq!(rewards_claimed(&mut net, "bob"), bob);
    assert_eq!(rewards_claimed(&mut net, "alice"), minted - bob);
    assert_eq!(books(&net), [0; 4]);
    net.assert_delegation_invariants();
}

#[test]
fn g10_without_attesters_catching_up_takes_a_window_each_and_nothing_is_minted() {
    let mut net = alone(network(), 20_000, 1);
    net.inject("giver", 3_000, 3);
    net.start_epoch(12);
    // The window of epoch 2 is over.
    net.advance(2);
    for epoch in 3..12 {
        let until = net.now().seconds() + 6 * HOUR;
        let why =
            format!("epoch {epoch} is not due: attesters report until {until} (Unix seconds)");
        assert_changes_nothing(&mut net, &why, |net| net.try_advance(epoch));
        net.advance_to(until - 1);
        assert_changes_nothing(&mut net, &why, |net| net.try_advance(epoch));
        net.advance_to(until);
        net.advance(epoch);
        let it = closed(&net, epoch);
        assert!(!it.quorum);
        assert_eq!((it.captured, it.pool.u128(), it.minted.u128()), (0, 0, 0));
    }
    // 1,000 each of epochs 2, 3 and 4.
    assert_eq!(books(&net), [0, 0, 3_000, 0]);
    assert_eq!(net.delegation().network().minted.u128(), 0);
    net.assert_delegation_invariants();
}

#[test]
fn g10_no_quorum_mints_nothing_and_the_drip_is_paid_out_within_finite_epochs() {
    let mut net = alone(network(), 20_000, 1);
    net.inject("giver", 1_000, 1);
    net.advance_to(net.clock().end_of(Epoch(2)));
    let all = net.all_eligible(2);
    // One of three reports: that is no quorum.
    net.report_validators("attester-1", 2, &all);
    net.wait_until_advance(2);
    let supply = net.reward_supply();
    net.advance(2);
    assert_eq!(net.reward_supply(), supply);
    let it = closed(&net, 2);
    assert_eq!(
        (it.quorum, it.captured, it.injected.u128()),
        (false, 0, 1_000)
    );
    assert_eq!((it.drip_out.u128(), it.carry_out.u128()), (1_000, 0));
    assert_eq!(books(&net), [0, 0, 1_000, 0]);
    net.pass_epoch(3);
    let it = closed(&net, 3);
    // ceil(1,000 / 30) = 34, then ceil(966 / 30) = 33; the only slot earns the whole pool.
    assert_eq!(
        (it.drip_in.u128(), it.rewards.u128()),
        (34, 1_000 * REWARD + 34)
    );
    net.pass_epoch(4);
    assert_eq!(closed(&net, 4).drip_in.u128(), 33);
    // L6: the last unit leaves.
    let mut epochs = 2;
    while books(&net)[2] > 0 {
        net.pass_epoch(3 + epochs);
        epochs += 1;
        assert!(epochs < 200, "{:?}", books(&net));
    }
    let paid = rewards_claimed(&mut net, "alice");
    assert_eq!(paid, u128::from(epochs) * 1_000 * REWARD + 1_000);
    assert_eq!(books(&net), [0; 4]);
    net.assert_delegation_invariants();
}

#[test]
fn g10_carry_joins_the_drip_when_nobody_can_be_paid() {
    let mut net = alone(network(), 40_000, 1);
    net.inject("giver", 3_000 * REWARD, 1);
    net.pass_epoch(2);
    // Pool 4,000, two slots' worth staked, one captured: 2,000 earned, 1,000 not minted.
    let it = closed(&net, 2);
    assert_eq!((it.minted.u128(), it.carry_out.u128()), (0, 1_000 * REWARD));
    net.pass_epoch_silent(3);
    assert_eq!(books(&net), [0, 0, 1_000 * REWARD, 2_000 * REWARD]);
    net.assert_delegation_invariants();
}

#[test]
fn g4_less_than_a_slot_in_all_divides_by_nothing() {
    let mut net = alone(network(), 19_999, 2);
    net.inject("giver", 700, 1);
    net.pass_epoch(2);
    let it = closed(&net, 2);
    // 0.99995 of a slot: it would earn floor((10^9 + 700) * 20,000 / 19,999), nobody has it.
    assert_eq!((it.slots, it.captured, it.eligible), (0, 0, 2));
    assert_eq!(it.per_slot.u128(), 1_000_050_702);
    assert_eq!(
        (it.minted.u128(), it.carry_out.u128(), it.rewards.u128()),
        (0, 700, 0)
    );
    assert_eq!(books(&net), [0, 700, 0, 0]);
    // One more, and the carry is paid out.
    net.stake_weight("alice", 1, Some(1));
    net.pass_epoch(3);
    net.pass_epoch(4);
    assert_eq!(closed(&net, 4).rewards.u128(), 1_000 * REWARD + 700);
    assert_eq!(rewards_claimed(&mut net, "alice"), 1_000 * REWARD + 700);
}

#[test]
fn g4_nothing_staked_at_all_divides_by_nothing() {
    let mut net = network();
    net.inject("giver", 700, 1);
    net.pass_epoch(0);
    let it = closed(&net, 0);
    assert_eq!((it.total.u128(), it.quorum, it.minted.u128()), (0, true, 0));
    assert_eq!((it.pool.u128(), it.drip_out.u128()), (0, 700));
    assert_eq!(books(&net), [0, 0, 700, 0]);
    // The drip waits for somebody who can be paid.
    net.pass_epoch(1);
    let it = closed(&net, 1);
    assert_eq!((it.drip_in.u128(), it.drip_out.u128()), (0, 0));
    assert_eq!(books(&net), [0, 0, 700, 0]);
    net.assert_delegation_invariants();
}

#[test]
fn g13_what_is_not_captured_is_not_minted_and_raises_nobodys_later_reward() {
    let mut net = alone(network(), 40_000, 2);
    net.stake_weight("bob", 960_000, None);
    net.pass_epoch(2);
    net.inject("giver", 100 * REWARD, 1);
    net.pass_epochs_until(7);
    let row = |epoch: u32| {
        let it = closed(&net, epoch);
        let parts = [it.pool, it.per_slot, it.rewards, it.minted, it.carry_out];
        parts.map(|part| part.u128())
    };
    let tokens = |pool, slot, rewards, minted, carry| {
        [pool, slot, rewards, minted, carry].map(|part: u128| part * REWARD / 10_000)
    };
    // Two of fifty slots. 1,000 + 100: 22 each, 44; of the 1,056 left 1,000 are not minted.
    assert_eq!(row(3), tokens(11_000_000, 220_000, 440_000, 0, 560_000));
    // 1,000 + 56: 21.12 each; 13.76 carried.
    assert_eq!(row(4), tokens(10_560_000, 211_200, 422_400, 0, 137_600));
    // 1,013.76: 20.2752 each, 40.5504; 26.7904 of it are minted, the carry is used up.
    assert_eq!(row(5), tokens(10_137_600, 202_752, 405_504, 267_904, 0));
    assert_eq!(row(6), tokens(10_000_000, 200_000, 400_000, 400_000, 0));
    net.assert_delegation_invariants();
}

#[test]
fn d1_an_injection_is_spread_over_epochs_with_the_odd_units_in_the_last() {
    let mut net = alone(network(), 20_000, 1);
    net.inject("giver", 11, 4);
    net.inject("giver", 5, 1);
    net.pass_epochs_until(7);
    let injected: Vec<u128> = (2..7)
        .map(|epoch| closed(&net, epoch).injected.u128())
        .collect();
    assert_eq!(injected, [2 + 5, 2, 2, 5, 0]);
    assert_eq!(rewards_claimed(&mut net, "alice"), 5 * 1_000 * REWARD + 16);
    let list = net.delegation().injections(None, None).deposits;
    assert_eq!(list.len(), 2);
    assert_eq!(
        (list[1].amount.u128(), list[1].from, list[1].over),
        (11, Epoch(2), 4)
    );
    assert_eq!(list[0].depositor, net.account("giver"));
}

#[test]
fn g11_the_schedule_changes_at_its_epochs() {
    let mint = |from: u32, amount: u128| Mint {
        from: Epoch(from),
        amount: Uint128::new(amount),
    };
    let mut net = Network::builder()
        .delegation(|params| {
            params.schedule = vec![mint(3, 7), mint(5, 0), mint(6, 9), mint(8, 1)];
        })
        .build();
    net = alone(net, 20_000, 1);
    net.pass_epochs_until(10);
    let mints: Vec<u128> = (2..10)
        .map(|epoch| closed(&net, epoch).minted.u128())
        .collect();
    assert_eq!(mints, [0, 7, 7, 0, 9, 9, 1, 1]);
    assert_eq!(net.delegation().network().mint.u128(), 1);
    assert_eq!(rewards_claimed(&mut net, "alice"), 34);
    // An empty schedule mints nothing; injections are paid all the same.
    let net = Network::builder().delegation(|params| params.schedule.clear());
    let mut net = alone(net.build(), 20_000, 1);
    net.inject("giver", 3, 1);
    net.pass_epoch(2);
    assert_eq!(
        (
            closed(&net, 2).minted.u128(),
            closed(&net, 2).rewards.u128()
        ),
        (0, 3)
    );
}

#[test]
fn g11_a_report_counts_from_attesters_of_its_epoch_until_all_have_reported() {
    let mut net = alone(network(), 60_000, 3);
    net.advance_to(net.clock().end_of(Epoch(2)));
    let bits = |seats: &[u32]| Bitmap::from_bits(3, seats.iter().copied());
    let outsider = net.account("alice");
    let why = format!("{outsider} is not an attester of epoch 2");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_report_validators("alice", 2, &bits(&[0, 1, 2]))
    });
    let owner = net.account("owner");
    let why = format!("{owner} is not an attester of epoch 2");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_report_validators("owner", 2, &bits(&[0]))
    });
    // Replaced: the later report of attester 1 is the one that counts.
    net.report_validators("attester-1", 2, &bits(&[0, 1, 2]));
    net.report_validators("attester-1", 2, &bits(&[0]));
    net.report_validators("attester-2", 2, &bits(&[0, 1]));
    let until = net.clock().end_of(Epoch(2)) + 6 * HOUR;
    let why = format!("epoch 2 is not due: attesters report until {until} (Unix seconds)");
    assert_changes_nothing(&mut net, &why, |net| net.try_advance(2));
    net.report_validators("attester-3", 2, &bits(&[2, 1]));
    // All have: it is fixed, and due at once.
    let why = "the result of epoch 2 is fixed: reports are no longer taken";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_report_validators("attester-1", 2, &bits(&[0, 1, 2]))
    });
    net.advance(2);
    // Bit 0: attesters 1 and 2. Bit 1: 2 and 3. Bit 2: only 3.
    let it = closed(&net, 2);
    assert_eq!((it.eligible, it.captured), (2, 2));
    let why = "epoch 2 is closed";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_report_validators("attester-1", 2, &bits(&[0, 1, 2]))
    });
    let evidence = net.delegation().evidence(2);
    assert_eq!(evidence.step, EpochStep::Closed {});
    assert_eq!(evidence.result, Some(bits(&[0, 1]).to_binary()));
    let disagreed: Vec<_> = evidence.reports.iter().map(|it| it.disagreed).collect();
    assert_eq!(disagreed, [Some(1), Some(0), Some(2)]);
    let judged = net.delegation().attesters().attesters;
    let figures: Vec<_> = judged
        .iter()
        .map(|it| (it.epochs, it.reported, it.missed, it.disagreed))
        .collect();
    assert_eq!(figures, [(3, 3, 0, 1), (3, 3, 0, 0), (3, 3, 0, 2)]);
}

#[test]
fn g11_a_report_after_the_window_comes_too_late() {
    let mut net = alone(network(), 20_000, 1);
    let end = net.clock().end_of(Epoch(2));
    net.advance_to(end + 6 * HOUR - 1);
    let all = net.all_eligible(2);
    net.report_validators("attester-1", 2, &all);
    net.advance_to(end + 6 * HOUR);
    let why = "the result of epoch 2 is fixed: reports are no longer taken";
    assert_changes_nothing(&mut net, why, |net| {
        net.try_report_validators("attester-2", 2, &all)
    });
    net.advance(2);
    assert!(!closed(&net, 2).quorum);
}

#[test]
fn d16_a_report_has_exactly_its_bits() {
    let mut net = alone(network(), 200_000, 9);
    net.advance_to(net.clock().end_of(Epoch(2)));
    let report = |bitmap: Vec<u8>, evidence: Vec<u8>| ExecuteMsg::Report {
        epoch: Epoch(2),
        bitmap: bitmap.into(),
        evidence: evidence.into(),
    };
    let cases = [
        (
            vec![1],
            vec![0; 32],
            "bitmap has 1 bytes, 2 are needed for 9 bits",
        ),
        (
            vec![1, 1, 0],
            vec![0; 32],
            "bitmap has 3 bytes, 2 are needed for 9 bits",
        ),
        (
            vec![],
            vec![0; 32],
            "bitmap has 0 bytes, 2 are needed for 9 bits",
        ),
        (
            vec![255; 1 << 20],
            vec![0; 32],
            "bitmap has 1048576 bytes, 2 are needed for 9 bits",
        ),
        (
            vec![1, 2],
            vec![0; 32],
            "bitmap sets a bit beyond the last of 9",
        ),
        (
            vec![1, 1],
            vec![0; 31],
            "evidence length is 31: must be 32..=32",
        ),
        (
            vec![1, 1],
            vec![0; 33],
            "evidence length is 33: must be 32..=32",
        ),
    ];
    for (bitmap, evidence, why) in cases {
        let msg = report(bitmap, evidence);
        assert_changes_nothing(&mut net, why, |net| {
            net.try_on_delegation("attester-1", &msg)
        });
    }
    // Golden: seats 0, 2 and 8, least significant bit first.
    let msg = report(vec![0b101, 1], vec![7; 32]);
    for attester in ["attester-1", "attester-2", "attester-3"] {
        net.on_delegation(attester, &msg);
    }
    net.advance(2);
    let eligible = net.delegation().validators(Some(1), None, None).validators;
    let eligible: Vec<u32> = eligible
        .iter()
        .filter(|it| it.eligible)
        .map(|it| it.validator.0)
        .collect();
    assert_eq!(eligible, [1, 3, 9]);
    let shown = &net.delegation().evidence(2).reports[0];
    assert_eq!(shown.bitmap, Some(Binary::from(vec![0b101, 1])));
    assert_eq!(shown.evidence, Some(Binary::from(vec![7; 32])));
}

#[test]
fn d15_attesters_and_threshold_are_those_of_the_epoch() {
    let mut net = alone(network(), 20_000, 1);
    let mut params = net.delegation().params_at(0).params;
    params.evidence.attesters = vec![net.account("judge").into_string()];
    params.evidence.threshold = 1;
    net.queue_delegation_params(&params);
    net.pass_epochs_until(9);
    net.start_epoch(10);
    let all = net.all_eligible(9);
    let judge = net.account("judge");
    let why = format!("{judge} is not an attester of epoch 9");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_report_validators("judge", 9, &all)
    });
    net.report_all_eligible(9);
    net.advance(9);
    net.start_epoch(11);
    let old = net.account("attester-1");
    let why = format!("{old} is not an attester of epoch 10");
    assert_changes_nothing(&mut net, &why, |net| {
        net.try_report_validators("attester-1", 10, &all)
    });
    net.report_validators("judge", 10, &all);
    net.advance(10);
    assert_eq!(closed(&net, 10).params_version, 1);
    assert_eq!(closed(&net, 10).minted.u128(), 1_000 * REWARD);
}

/// Alice's delegation of a quarter, bob's of three quarters, of a token of which so much can be
/// minted. Epochs before 2 are closed, it runs.
fn capped(cap: u128) -> Network {
    let mut net = Network::builder().reward_cap(cap).build();
    net.stake_weight("alice", 20_000, None);
    net.stake_weight("bob", 60_000, None);
    net.next_epoch();
    net.create_delegation("alice", 0);
    net.create_delegation("bob", 0);
    net.run_validators("alice", 1, 1);
    net.run_validators("bob", 2, 3);
    net.pass_epochs_until(2);
    net
}

#[test]
fn g11_x17_a_refused_mint_is_owed_and_made_up_once() {
    let mut net = capped(1_500 * REWARD);
    net.pass_epoch(2);
    net.inject("giver", 60 * REWARD, 6);
    let supply = net.reward_supply();
    let response = net.pass_epoch(3);
    // The epoch is closed, what it earned stands, the token has not minted: and that is told.
    let refused: Vec<_> = response
        .events
        .iter()
        .filter(|event| event.ty.contains("mint_refused"))
        .collect();
    assert_eq!(refused.len(), 1);
    let said = |key: &str, value: &str| {
        let found = refused[0].attributes.iter().find(|it| it.key == key);
        assert_eq!(found.map(|it| it.value.as_str()), Some(value));
    };
    said("for_epoch", "3");
    said("amount", "1000000000");
    said("owed", "1000000000");
    assert_eq!(net.reward_supply(), supply);
    let network = net.delegation().network();
    assert_eq!(network.next_close, Epoch(4));
    assert_eq!(
        (network.minted.u128(), network.mint_owed.u128()),
        (1_000 * REWARD, 1_000 * REWARD)
    );
    let due: Vec<_> = net
        .delegation()
        .due()
        .now
        .into_iter()
        .map(|it| it.action)
        .collect();
    assert_eq!(due, ["retry_mint"]);
    // What has not come is nobody's balance; the money of coming epochs stays ahead.
    assert_eq!(books(&net), [50 * REWARD, 0, 0, 1_010 * REWARD]);
    net.assert_delegation_invariants();
    // Bob's 1,507.5 are more than what there is, alice's 502.5 are not.
    let why = "1507500000 units are owed, the token has minted 1010000000 for rewards so far and \
               refused 1000000000: retry_mint makes up for it";
    assert_changes_nothing(&mut net, why, |net| net.try_claim_rewards("bob", None));
    assert_eq!(rewards_claimable(&net, "bob"), 1_507_500_000);
    assert_eq!(rewards_claimed(&mut net, "alice"), 502_500_000);
    // Settling without paying is free, and leaves him the same.
    net.settle_rewards("bob", None);
    assert_eq!(rewards_claimable(&net, "bob"), 1_507_500_000);
    let why = "1507500000 units are owed, the token has minted 507500000 for rewards so far and \
               refused 1000000000: retry_mint makes up for it";
    assert_changes_nothing(&mut net, why, |net| net.try_claim_rewards("bob", None));
    // Refused again, nothing changes.
    let why = refusal(net.try_retry_mint("anybody"));
    assert!(why.contains("cap"), "{why}");
    assert_changes_nothing(&mut net, &why, |net| net.try_retry_mint("anybody"));
    net.burn_reward(500 * REWARD);
    let supply = net.reward_supply();
    net.retry_mint("anybody");
    assert_eq!(net.reward_supply() - supply, 1_000 * REWARD);
    assert_changes_nothing(&mut net, "no mint is owed", |net| {
        net.try_retry_mint("anybody")
    });
    assert_eq!(rewards_claimed(&mut net, "bob"), 1_507_500_000);
    assert_eq!(books(&net), [50 * REWARD, 0, 0, 0]);
    let network = net.delegation().network();
    assert_eq!(
        (network.minted.u128(), network.mint_owed.u128()),
        (2_000 * REWARD, 0)
    );
    assert!(net.delegation().due().now.is_empty());
    net.assert_delegation_invariants();
}

#[test]
fn g11_refusals_of_several_epochs_add_up() {
    let mut net = capped(500 * REWARD);
    for epoch in 2..6 {
        net.pass_epoch(epoch);
    }
    assert_eq!(net.delegation().network().mint_owed.u128(), 4_000 * REWARD);
    assert_eq!(net.delegation().network().minted.u128(), 0);
    assert_changes_nothing(
        &mut net,
        "1000000000 units are owed, the token has minted 0 for rewards so far and refused \
         4000000000: retry_mint makes up for it",
        |net| net.try_claim_rewards("alice", None),
    );
    net.burn_reward(3_500 * REWARD);
    net.retry_mint("anybody");
    assert_eq!(rewards_claimed(&mut net, "alice"), 1_000 * REWARD);
    assert_eq!(rewards_claimed(&mut net, "bob"), 3_000 * REWARD);
    assert_eq!(books(&net), [0; 4]);
    net.assert_delegation_invariants();
}

#[test]
fn x21_tokens_given_to_the_contract_back_no_claim_of_a_refused_mint() {
    let mut net = capped(500 * REWARD);
    net.pass_epoch(2);
    let contract = net.addresses().delegation.to_string();
    net.mint_reward(&contract, 5_000 * REWARD);
    net.inject("giver", 2_000 * REWARD, 2);
    let why = "250000000 units are owed, the token has minted 0 for rewards so far and refused \
               1000000000: retry_mint makes up for it";
    assert_changes_nothing(&mut net, why, |net| net.try_claim_rewards("alice", None));
    // Injections of closed epochs are rewards that have come.
    net.pass_epoch(3);
    assert_eq!(
        rewards_claimed(&mut net, "alice"),
        250 * REWARD + 500 * REWARD
    );
    net.assert_invariants();
}

#[test]
fn x19_amounts_near_the_limit_neither_wrap_nor_panic() {
    let most = 10u128.pow(30);
    let net = Network::builder().delegation(|params| params.schedule[0].amount = most.into());
    let mut net = alone(net.build(), 1_000_000_000, 3);
    net.stake_weight("bob", 1, Some(1));
    net.pass_epochs_until(40);
    // floor(10^30 * 20,000 / (10^9 + 1)) each of three slots, one part of 10^9 + 1 of it.
    let it = closed(&net, 39);
    assert_eq!(it.per_slot.u128(), most * 20_000 / 1_000_000_001);
    let bob = rewards_claimed(&mut net, "bob");
    let exact = 37 * 3 * (it.per_slot.u128() / 1_000_000_001);
    assert!(bob >= exact && bob <= exact + 37 * 3, "{bob} {exact}");
    net.inject("giver", 10u128.pow(20), 366);
    net.mint_reward("giver", 5);
    let why = refusal(net.try_inject_as("giver", u128::MAX, 1, "s", "r"));
    assert!(!why.is_empty());
    net.pass_epoch(40);
    net.assert_delegation_invariants();
}

#[test]
fn x19_ten_thousand_epochs_of_index_lose_nothing() {
    let mut net = Network::builder()
        .epoch_length(100)
        .delegation(|params| {
            params.schedule[0].amount = Uint128::new(1_000_003);
            params.evidence.report_window = 20;
        })
        .distributor(|params| {
            params.evidence.report_window = 20;
            params.appeal_window = 20;
        })
        .attesters(&["a"], 1)
        .build();
    net.found_delegation("alice", 20_007, 777);
    net.run_validators("alice", 1, 1);
    net.stake_weight("bob", 9_992, Some(1));
    net.pass_epochs_until(2);
    // In force until now; many epochs go by.
    for epoch in 2..10_002 {
        net.advance_to(net.clock().end_of(Epoch(epoch)));
        let all = Bitmap::from_bits(1, [0]);
        net.report_validators("a", epoch, &all);
        net.advance(epoch);
    }
    // A slot is floor(1,000,003 * 20,000 / 29,999) = 666,690; the commission of 7.77 % comes off.
    let shared = 10_000u128 * 666_690 * 9_223;
    let bob = shared * 9_992 / 29_999 / 10_000;
    let alice = shared * 20_007 / 29_999 / 10_000 + 10_000 * 666_690 * 777 / 10_000;
    assert_eq!(rewards_claimed(&mut net, "bob"), bob);
    let paid = rewards_claimed(&mut net, "alice");
    // Two fractions, of a member and of an owner.
    assert!(paid == alice || paid + 1 == alice, "{paid} {alice}");
    net.assert_invariants();
}

#[test]
fn l2_the_cost_of_closing_is_one_message_whatever_came_before() {
    let mut net = alone(network(), 20_000, 1);
    // 31 members, 31 delegations; a boundary after which all of it changes.
    for n in 0..30 {
        net.stake_weight(&format!("owner-{n}"), 20_000, None);
    }
    net.next_epoch();
    for n in 0..30u16 {
        let owner = format!("owner-{n}");
        net.create_delegation(&owner, 0);
        net.run_validators(&owner, n + 2, 1);
    }
    net.pass_epochs_until(5);
    let it = closed(&net, 4);
    assert_eq!((it.slots, it.captured, it.eligible), (31, 31, 31));
    assert_eq!(it.rewards.u128(), 31 * (1_000 * REWARD / 31));
    // 1,000 tokens of 31: the odd units are not minted.
    assert_eq!(it.minted.u128(), 31 * (1_000 * REWARD / 31));
    net.assert_delegation_invariants();
}
