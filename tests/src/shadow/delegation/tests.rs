use super::*;
use crate::shadow::DAY;

const OWNER: Who = Who(0);
const ATTESTERS: [Who; 3] = [Who(1), Who(2), Who(3)];
const ALICE: Who = Who(10);
const BOB: Who = Who(11);
const CAROL: Who = Who(12);
const DAVE: Who = Who(13);
const REST: Who = Who(14);

/// One NFT of collection 0 weighs 1,000.
fn ledger(mint: u128) -> Ledger {
    let params = Params {
        slot_size: 20_000,
        own_quintessence: 10_000,
        unbonding: 2 * DAY,
        schedule: vec![(0, mint)],
        attesters: ATTESTERS.to_vec(),
        threshold: 2,
        report_window: 3_600,
    };
    let mut ledger = Ledger::new(Genesis {
        start: 1_000_000,
        length: DAY,
        owner: OWNER,
        guardian: None,
        collections: vec![(0, Rules::flat(1_000))],
        params,
    });
    ledger.exact = Some(BTreeMap::new());
    ledger
}

/// So many thousands, in new NFTs.
fn put(ledger: &mut Ledger, who: Who, thousands: usize, place: Option<Id>) -> Vec<Nft> {
    let first = ledger.holders.len();
    let tokens = (first..first + thousands).map(|number| number.to_string());
    let nfts: Vec<Nft> = tokens.map(|token| Nft::new(0, &token)).collect();
    for nft in &nfts {
        ledger.mint_nft(nft, who);
        ledger.send_nft(who, nft, place).unwrap();
    }
    nfts
}

fn create(ledger: &mut Ledger, who: Who, commission: u128) -> Id {
    let metadata = Metadata {
        name: "a delegation".into(),
        url: String::new(),
        description: String::new(),
    };
    let created = ledger.create_delegation(who, metadata, commission, Joining::Open, 0);
    created.unwrap()
}

fn serve(ledger: &mut Ledger, who: Who, id: Id, count: usize) {
    for number in 0..count {
        let node = format!("server {number} of {id}");
        let validator = ledger.register_validator(who, &node).unwrap();
        ledger.assign_validator(who, validator, Some(id)).unwrap();
    }
}

/// Goes on to the next epoch and closes this one with every server eligible.
fn close(ledger: &mut Ledger) -> Closed {
    let epoch = ledger.epoch;
    ledger.pass(DAY);
    let bits = ledger.report_bits(epoch).unwrap();
    for who in ATTESTERS {
        ledger.report(who, epoch, &vec![true; bits]).unwrap();
    }
    ledger.advance(epoch).unwrap();
    assert!(ledger.faults().is_empty(), "{:?}", ledger.faults());
    ledger.closed.last().unwrap().clone()
}

/// Alice's delegation of 30,000 with a server, and 10,000 of Dave's in it from the same epoch on.
fn one(mint: u128, commission: u128) -> (Ledger, Id) {
    let mut ledger = ledger(mint);
    put(&mut ledger, ALICE, 30, None);
    close(&mut ledger);
    let id = create(&mut ledger, ALICE, commission);
    put(&mut ledger, DAVE, 10, Some(id));
    serve(&mut ledger, ALICE, id, 2);
    close(&mut ledger);
    (ledger, id)
}

#[test]
fn the_seeds_figures() {
    let mut ledger = ledger(1_000);
    for (who, thousands) in [(ALICE, 55), (BOB, 61), (CAROL, 30), (REST, 844)] {
        put(&mut ledger, who, thousands, None);
    }
    let idle = close(&mut ledger);
    assert_eq!((idle.total, idle.minted, idle.quorum), (0, 0, true));
    let ids = [ALICE, BOB, CAROL].map(|who| create(&mut ledger, who, 0));
    put(&mut ledger, DAVE, 10, Some(ids[2]));
    for (who, id, servers) in [(ALICE, ids[0], 6), (BOB, ids[1], 3), (CAROL, ids[2], 2)] {
        serve(&mut ledger, who, id, servers);
    }
    let early = close(&mut ledger);
    assert_eq!((early.total, early.rewards), (990_000, 0));
    let closed = close(&mut ledger);
    assert_eq!(
        (closed.total, closed.pool, closed.per_slot),
        (1_000_000, 1_000, 20)
    );
    let rewards = ids.map(|id| closed.parts[&id].reward);
    assert_eq!(rewards, [40, 60, 40]);
    let eligible = ids.map(|id| closed.parts[&id].eligible);
    assert_eq!(eligible, [6, 3, 2]);
    assert_eq!((closed.minted, closed.carry_out), (140, 0));
    assert_eq!(ledger.claimable(DAVE), 10);
    assert_eq!(ledger.claimable(CAROL), 30);
    assert_eq!(ledger.claimable(REST), 0);
    // 40 / 55,000 in 10^-18 units is rounded down: Alice's fortieth unit waits for the next reward.
    assert_eq!(ledger.claimable(ALICE), 39);
    let exact = ledger.exact.clone().unwrap();
    assert_eq!(exact[&(ALICE, ids[0])].to_string(), "40");
}

#[test]
fn commission_comes_first_and_fractions_add_up() {
    // 40,000 in all, 2 slots captured: the whole pool of 7.
    let (mut ledger, id) = one(7, 1_000);
    for _ in 0..40 {
        assert_eq!(close(&mut ledger).rewards, 6);
    }
    // 240 units: 24 commission; of 216, 162 and 54.
    assert_eq!(ledger.earned_in(ALICE, id, Role::Commission), 24);
    assert_eq!(ledger.earned_in(ALICE, id, Role::Members), 162);
    assert_eq!(ledger.earned_in(DAVE, id, Role::Members), 54);
    let exact = ledger.exact.clone().unwrap();
    assert_eq!(exact[&(DAVE, id)].to_string(), "54");
    let epoch = ledger.next_close() - 1;
    let in_one = ledger.member_fixed_in(DAVE, id, epoch);
    assert_eq!(in_one.to_string(), "1350000000000000000");
    assert_eq!(ledger.reason(id, epoch), Reason::Captured);
}

#[test]
fn claims_pay_what_is_owed_and_wait_for_a_refused_mint() {
    let (mut ledger, id) = one(1_000, 0);
    ledger.token_refuses = true;
    close(&mut ledger);
    assert_eq!(ledger.books.mint_owed, 1_000);
    let claim = ledger.claim(DAVE, DAVE, None, None);
    assert_eq!(claim, Err("awaits the mint"));
    assert_eq!(ledger.retry_mint(), Err("the token refuses"));
    ledger.token_refuses = false;
    assert_eq!(ledger.retry_mint(), Ok(1_000));
    assert_eq!(ledger.retry_mint(), Err("nothing to make up"));
    assert_eq!(ledger.claim(DAVE, DAVE, None, None), Ok((250, 250)));
    assert!(ledger.claim(DAVE, DAVE, Some(&[]), None).is_err());
    assert_eq!(ledger.claimable_with(DAVE, &[], Role::Members), 0);
    ledger.settle(DAVE, &[id]);
    assert_eq!(ledger.claimable_with(DAVE, &[], Role::Members), 250);
    assert!(ledger.claim(BOB, DAVE, None, Some(BOB)).is_err());
    assert!(ledger.pay(DAVE, Role::Commission, 1).is_err());
    ledger.pay(DAVE, Role::Members, 250).unwrap();
    assert_eq!(ledger.claimable(DAVE), 0);
    assert!(ledger.faults().is_empty(), "{:?}", ledger.faults());
}

#[test]
fn what_nobody_captures_comes_off_the_mint_first_and_the_rest_is_carried() {
    let mut ledger = ledger(600);
    put(&mut ledger, ALICE, 40, None);
    ledger.inject(1_201, 3, "somebody", "1").unwrap();
    assert!(ledger.inject(1, 1, "somebody", "1").is_err());
    // Nothing was staked before epoch 0: its 400 join the drip.
    assert_eq!(close(&mut ledger).drip_out, 400);
    let id = create(&mut ledger, ALICE, 0);
    serve(&mut ledger, ALICE, id, 1);
    let idle = close(&mut ledger);
    assert_eq!((idle.drip_in, idle.pool, idle.minted), (14, 1_014, 0));
    assert_eq!(idle.carry_out, 414);
    let half = close(&mut ledger);
    // 600 + 401 + 414 + ceil(386 / 30) = 1,428; one of two slots.
    assert_eq!((half.pool, half.rewards, half.minted), (1_428, 714, 0));
    assert_eq!(half.carry_out, 114);
    // No report at all.
    let epoch = ledger.epoch;
    ledger.pass(DAY);
    assert!(ledger.advance(epoch).is_err());
    ledger.pass(3_600);
    ledger.advance(epoch).unwrap();
    let silent = ledger.closed.last().unwrap();
    assert_eq!((silent.drip_out, silent.minted), (114, 0));
    assert_eq!(ledger.reason(id, epoch), Reason::NoQuorum);
    assert!(ledger.faults().is_empty(), "{:?}", ledger.faults());
}

#[test]
fn a_short_owner_loses_commission_at_once_and_slots_after_seven_boundaries() {
    let (mut ledger, id) = one(1_000, 500);
    let nfts = ledger.nfts_of(ALICE);
    let leaving: Vec<Nft> = nfts.iter().take(21).map(|(nft, _)| nft.clone()).collect();
    ledger.unstake_nfts(ALICE, &leaving).unwrap();
    let (asked, ends) = (ledger.epoch, ledger.boundary());
    assert!(ledger.check_join(DAVE, Some(id), 1_000).is_err());
    assert!(ledger.check_join(ALICE, Some(id), 1_000).is_ok());
    assert_eq!(close(&mut ledger).parts[&id].commission, 500);
    assert_eq!(
        ledger.current.standing(id),
        Some(Standing::Short(asked + 8))
    );
    // Back for a moment within the epoch: no boundary saw it.
    let moment = put(&mut ledger, ALICE, 21, Some(id));
    assert_eq!(ledger.coming().standing(id), Some(Standing::Active));
    ledger.unstake_nfts(ALICE, &moment).unwrap();
    assert_eq!(close(&mut ledger).parts[&id].commission, 0);
    let early = ledger.withdraw_nfts(&leaving);
    assert_eq!((ledger.now, early), (ends + DAY, Err("too early")));
    while ledger.epoch < asked + 8 {
        close(&mut ledger);
    }
    assert_eq!(ledger.slots(id, asked + 7), 0);
    assert_eq!(ledger.current.standing(id), Some(Standing::Dormant));
    assert_eq!(close(&mut ledger).parts[&id].slots, 0);
    assert_eq!(ledger.reason(id, asked + 8), Reason::Dormant);
    ledger.stuck.insert(leaving[0].clone());
    assert_eq!(ledger.withdraw_nfts(&leaving).unwrap().len(), 20);
    assert!(ledger.records.contains_key(&leaving[0]));
    put(&mut ledger, ALICE, 21, Some(id));
    close(&mut ledger);
    assert_eq!(ledger.current.standing(id), Some(Standing::Active));
    assert_eq!(close(&mut ledger).parts[&id].commission, 500);
}

#[test]
fn a_commission_rises_slowly_and_falls_at_once() {
    let (mut ledger, id) = one(1_000, 300);
    let n = ledger.epoch;
    assert!(ledger.set_commission(ALICE, 501).is_err());
    assert_eq!(ledger.set_commission(ALICE, 500), Ok(n + 8));
    assert!(ledger.set_commission(ALICE, 400).is_err());
    assert_eq!(ledger.commission_change(id), Some((n + 8, 500)));
    let rates: Vec<u128> = (0..9)
        .map(|_| close(&mut ledger).parts[&id].commission)
        .collect();
    assert_eq!(rates, [300, 300, 300, 300, 300, 300, 300, 300, 500]);
    assert_eq!(ledger.set_commission(ALICE, 600), Ok(n + 17));
    assert_eq!(ledger.set_commission(ALICE, 500), Ok(n + 10));
    assert_eq!(ledger.commission_change(id), None);
}

#[test]
fn a_delegation_changes_hands_and_its_commission_with_the_boundary() {
    let (mut ledger, id) = one(1_000, 1_000);
    assert!(ledger.accept_delegation(DAVE, id).is_err());
    ledger.transfer_delegation(ALICE, Some(DAVE)).unwrap();
    ledger.accept_delegation(DAVE, id).unwrap();
    assert!(ledger.set_commission(ALICE, 0).is_err());
    assert_eq!(close(&mut ledger).parts[&id].owner, ALICE);
    assert_eq!(close(&mut ledger).parts[&id].owner, DAVE);
    // 10,000 of his own are enough.
    assert_eq!(ledger.earned_as(DAVE, Role::Commission), 100);
    assert_eq!(ledger.earned_as(ALICE, Role::Commission), 100);
    ledger.release_members(DAVE, &[ALICE]).unwrap();
    assert!(ledger.release_members(DAVE, &[ALICE]).is_err());
    assert_eq!(ledger.coming().weight(ALICE, None), 30_000);
    assert_eq!(ledger.coming().slots(id, 20_000), 0);
}

#[test]
fn seats_are_kept_freed_and_reused() {
    let (mut ledger, id) = one(1_000, 0);
    put(&mut ledger, BOB, 20, None);
    close(&mut ledger);
    let other = create(&mut ledger, BOB, 0);
    assert_eq!(ledger.max_validators(other), 4);
    assert_eq!(ledger.seated(1), Some((0, id)));
    ledger.assign_validator(ALICE, 1, Some(other)).unwrap();
    assert_eq!(ledger.seated(1), Some((0, id)));
    ledger.accept_validators(BOB, &[1]).unwrap();
    assert_eq!(ledger.seated(1), Some((0, other)));
    ledger.remove_validators(ALICE, &[2]).unwrap();
    serve(&mut ledger, BOB, other, 2);
    assert_eq!(ledger.seated(3), Some((1, other)));
    assert_eq!(ledger.seated(4), Some((2, other)));
    assert_eq!(ledger.report_bits(ledger.epoch), Some(2));
    assert_eq!(ledger.report_bits(ledger.epoch + 1), Some(3));
    assert_eq!(close(&mut ledger).parts[&id].eligible, 2);
    assert_eq!(close(&mut ledger).parts[&other].eligible, 3);
}

#[test]
fn ratios_change_with_notice_and_for_later_stakes() {
    let mut ledger = ledger(0);
    let rules = Rules {
        weight: 0,
        classes: vec![
            Class {
                name: "first".into(),
                tokens: TokenRule::Range(0, 9),
                weight: 7,
            },
            Class {
                name: "rare".into(),
                tokens: TokenRule::Prefix("0".into()),
                weight: 9,
            },
        ],
    };
    assert_eq!(ledger.set_collection(OWNER, 0, rules.clone()), Ok(8));
    assert_eq!(ledger.set_collection(OWNER, 1, rules), Ok(8));
    let weigh = |ledger: &Ledger| {
        ["0", "9", "10", "07"].map(|token| ledger.weigh(&Nft::new(0, token)).ok())
    };
    ledger.pass(7 * DAY);
    assert_eq!(weigh(&ledger), [Some(1_000); 4]);
    assert!(ledger.weigh(&Nft::new(1, "0")).is_err());
    ledger.pass(DAY);
    assert_eq!(weigh(&ledger), [Some(7), Some(7), None, Some(9)]);
    assert!(ledger.weigh(&Nft::new(1, "0")).is_ok());
}

#[test]
fn only_what_counts_and_stays_makes_a_delegation() {
    let mut ledger = ledger(0);
    let nfts = put(&mut ledger, ALICE, 10, None);
    let metadata = Metadata {
        name: "too soon".into(),
        url: String::new(),
        description: String::new(),
    };
    let soon = ledger.create_delegation(ALICE, metadata, 0, Joining::Open, 0);
    assert_eq!(soon, Err("too little Quintessence"));
    ledger.pass(DAY);
    let id = create(&mut ledger, ALICE, 0);
    ledger
        .update_delegation(ALICE, None, Some(Joining::Approval), Some(2_000))
        .unwrap();
    put(&mut ledger, DAVE, 2, None);
    assert_eq!(
        ledger.check_join(DAVE, Some(id), 2_000),
        Err("may not join")
    );
    ledger.request_approval(DAVE, id).unwrap();
    ledger.approve_members(ALICE, &[DAVE], true).unwrap();
    let below = ledger.check_join(DAVE, Some(id), 1_999);
    assert_eq!(below, Err("below the minimum"));
    assert_eq!(ledger.check_join(DAVE, Some(id), 2_000), Ok(()));
    ledger.move_nfts(ALICE, &nfts[..1], None).unwrap();
    assert!(ledger.check_join(DAVE, Some(id), 2_000).is_err());
    assert_eq!(ledger.connected(ALICE), [id]);
}
