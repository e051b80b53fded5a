//! The naive ledger by itself: figures worked out by hand, and how far its shares of the pool may be
//! from exact fractions.

use std::collections::BTreeMap;

use noderev_tests::shadow::{
    Genesis, Kind, Offices, RegistryParams, Role, Shadow, ShareParams, Step, VaultParams, Who, DAY,
    NODE_STAKE,
};
use num_bigint::BigInt;
use proptest::prelude::*;

const ALICE: Who = Who(10);
const BOB: Who = Who(11);
const CAROL: Who = Who(12);
const ATTESTER: Who = Who(5);
const TREASURY: Who = Who(3);

fn ledger() -> Shadow {
    Shadow::new(Genesis {
        start: 1_000_000,
        length: DAY,
        denoms: 1,
        qst: Some(0),
        offices: Offices {
            owner: Who(0),
            guardian: Who(1),
            minter: Who(2),
            treasury: TREASURY,
            arbiter: Who(4),
        },
        registry: RegistryParams {
            fee: 200,
            notice: 0,
            grace: 0,
        },
        vault: VaultParams {
            unbonding: DAY,
            lock: 0,
        },
        share: ShareParams {
            network: 6_000,
            unstaked: 3_000,
            remainder_to_all: true,
            attesters: vec![ATTESTER],
            threshold: 1,
            report_window: 3_600,
            appeal_window: 3_600,
            ruling_window: DAY,
            bond: 10,
        },
    })
}

/// Ends the running epoch and closes it; all ran but these keys.
fn finish(ledger: &mut Shadow, down: &[u32]) {
    let epoch = ledger.epoch;
    ledger.advance(ledger.boundary() - ledger.now);
    let bits = ledger.report_bits(epoch).unwrap() as u32;
    let ran: Vec<bool> = (1..=bits).map(|key| !down.contains(&key)).collect();
    ledger.report(ATTESTER, epoch, &ran).unwrap();
    assert!(matches!(ledger.step(epoch), Step::Appeals(_)));
    ledger.advance(3_600);
    ledger.close(epoch).unwrap();
}

#[test]
fn the_close_formula_by_hand() {
    let mut ledger = ledger();
    ledger.issue(Who(2), &[(ALICE, 1), (BOB, 2)]).unwrap();
    ledger.stake_nodes(ALICE, &[1], NODE_STAKE).unwrap();
    ledger.deposit_pool(CAROL, NODE_STAKE).unwrap();
    finish(&mut ledger, &[]);
    ledger.deposit(0, 5_003, 1, "s", "r").unwrap();
    finish(&mut ledger, &[]);
    // ceil(60 %) = 3,002; p = 1,000, d = 300, T = 1,400, pool = 700, r = 233; 2 + 1 carried.
    let pot = &ledger.closed[1].pots[0];
    assert_eq!((pot.pot, pot.p, pot.d, pot.r), (3_002, 1_000, 300, 233));
    assert_eq!((pot.pool, pot.full, pot.carry), (700, 1_233, 3));
    assert_eq!(ledger.earned_as(ALICE, Role::Nodes, 0), 1_233);
    assert_eq!(ledger.earned_as(BOB, Role::Nodes, 0), 2 * 533);
    assert_eq!(ledger.earned_as(TREASURY, Role::Treasury, 0), 2_001);
    // 700 * 10^18 = q * 2 * 10^11 without a rest.
    assert_eq!(ledger.earned_as(CAROL, Role::Pool, 0), 700);
    assert!(ledger.faults().is_empty(), "{:?}", ledger.faults());
}

#[test]
fn an_upheld_appeal_by_hand() {
    let mut ledger = ledger();
    ledger.issue(Who(2), &[(ALICE, 2), (BOB, 2)]).unwrap();
    ledger.deposit_pool(CAROL, 3 * NODE_STAKE / 2).unwrap();
    finish(&mut ledger, &[]);
    ledger.deposit(0, 10_000, 1, "s", "r").unwrap();
    let epoch = ledger.epoch;
    ledger.advance(ledger.boundary() - ledger.now);
    ledger
        .report(ATTESTER, epoch, &[true, true, true, false])
        .unwrap();
    ledger.dispute(BOB, Kind::Appeal, epoch, &[4], 10).unwrap();
    ledger.advance(3_600);
    ledger.close(epoch).unwrap();
    // N = 4, U = 3: p = 1,500, d = 450, T = 3,150, half funded: 1,575, r = 393. Aside 1,893.
    assert_eq!(ledger.money[0].held, 1_893);
    ledger.rule(Who(4), epoch, &[4], true).unwrap();
    // d + r = 843 to bob beside key 3's. With key 4 the pool holds 1.5 of 4: floor(1,050 * 1.5 / 4)
    // = 393 to the pool; 657 to the pot.
    assert_eq!(ledger.earned_as(BOB, Role::Nodes, 0), 2 * 843);
    assert_eq!(
        (ledger.money[0].pool_extra, ledger.money[0].carry),
        (393, 3 + 657)
    );
    assert!(ledger.faults().is_empty(), "{:?}", ledger.faults());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// D24: keeping fractions of 10^-18 costs nobody more than a unit against exact fractions.
    #[test]
    fn d24_nobody_is_more_than_a_unit_from_his_exact_share(
        epochs in prop::collection::vec(
            (0u128..2_000_000_000, 0usize..4, 0u128..300_000_000_000, any::<bool>(), 0u32..8),
            1..40,
        ),
    ) {
        let mut ledger = ledger();
        ledger.exact = Some(BTreeMap::new());
        ledger.issue(Who(2), &[(ALICE, 2), (BOB, 1)]).unwrap();
        for (at, (revenue, who, amount, out, down)) in epochs.iter().enumerate() {
            let who = Who(10 + who);
            if *out {
                let _ = ledger.unbond_pool(who, (*amount).min(ledger.pool_of(who)));
            } else {
                let _ = ledger.deposit_pool(who, *amount);
            }
            let _ = ledger.deposit(0, *revenue, 1, "s", &at.to_string());
            let down: Vec<u32> = (1..=3).filter(|key| down >> (key - 1) & 1 == 1).collect();
            finish(&mut ledger, &down);
            prop_assert!(ledger.faults().is_empty(), "{:?}", ledger.faults());
            for ((who, denom), exact) in ledger.exact.as_ref().unwrap() {
                let exact = exact.floor().to_integer();
                let have = BigInt::from(ledger.pool_earned(*who, *denom));
                let off = if exact > have { &exact - &have } else { &have - &exact };
                prop_assert!(off <= BigInt::from(1), "{who:?} has {have}, exactly {exact}");
            }
        }
    }
}
