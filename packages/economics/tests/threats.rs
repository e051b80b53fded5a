//! The threats of the suite's threat model that are arithmetic, each by its number.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "expected numbers are derived in the open"
)]

use cosmwasm_std::Uint256;
use noderev_economics::{
    accrue, mul_floor, network_share_ceil, requirement, sale, split_pot, Bps, EpochFacts, PotSplit,
    RemainderTo, RewardIndex, ShareRules, KEY_CAP, MAX_MARKET_FEE, NETWORK_SHARE, NODE_STAKE,
    SCALE, SPLIT_FACTORS, UNSTAKED_SHARE,
};

const QST: u128 = 1_000_000;
const TO_ALL: ShareRules = ShareRules {
    unstaked_share: UNSTAKED_SHARE,
    remainder_to: RemainderTo::AllRunning,
};
const TO_UNSTAKED: ShareRules = ShareRules {
    unstaked_share: UNSTAKED_SHARE,
    remainder_to: RemainderTo::UnstakedRunning,
};

/// The whole network running, `unstaked` of it without a stake.
fn network(unstaked: u32, pool_stake: u128) -> EpochFacts {
    EpochFacts {
        running: KEY_CAP,
        held: 0,
        unstaked,
        pool_stake,
        requirement: NODE_STAKE,
    }
}

/// D7 step 5: what everybody gets and the carry are the pot.
#[track_caller]
fn assert_pot_is_whole(pot: u128, facts: &EpochFacts, split: &PotSplit) {
    let staked_and_held = u128::from(facts.running - facts.unstaked);
    let whole = split.per_node * staked_and_held
        + split.unstaked * u128::from(facts.unstaked)
        + split.pool
        + split.remainder * u128::from(split.remainder_nodes)
        + split.carry;
    assert_eq!(whole, pot);
}

#[test]
fn d1_revenue_is_divided_without_loss_and_the_odd_unit_is_the_networks() {
    // 60 %: 0.6, 1.2, 1.8, 2.4, 3, 59.4 and 6 * 10^17 + 0.6, each rounded up.
    let cases: [(u128, u128); 7] = [
        (1, 1),
        (2, 2),
        (3, 2),
        (4, 3),
        (5, 3),
        (99, 60),
        (1_000_000_000_000_000_001, 600_000_000_000_000_001),
    ];
    for (revenue, network) in cases {
        assert_eq!(
            network_share_ceil(revenue, NETWORK_SHARE),
            network,
            "of {revenue}"
        );
        let treasury = revenue - network;
        assert_eq!(
            treasury,
            mul_floor(revenue, Bps::percent(40)),
            "of {revenue}"
        );
    }
}

#[test]
fn d2_the_networks_own_example_in_units() {
    // "$50 million ... 60% of that ($30 million) goes to the network."
    let pot = network_share_ceil(50_000_000 * QST, NETWORK_SHARE);
    assert_eq!(pot, 30_000_000 * QST);

    // "Divided by 4,732 nodes, each staked node would earn approximately $6,340 per year."
    // 30,000,000,000,000 = 4,732 * 6,339,814,032 + 576
    let staked = split_pot(pot, &network(0, 0), &TO_ALL).unwrap();
    assert_eq!(staked.staked_rate(), 6_339_814_032);
    assert_eq!(staked.carry, 576);

    // "An unstaked node would earn approximately $1,902 per year": 30 % is 1,901,944,209.6.
    let funded = network(KEY_CAP, u128::from(KEY_CAP) * NODE_STAKE);
    let unstaked = split_pot(pot, &funded, &TO_ALL).unwrap();
    assert_eq!(unstaked.unstaked_rate(), 1_901_944_209);
    // The pool has the other 70 %: 4,732 * (6,339,814,032 - 1,901,944,209).
    assert_eq!(unstaked.pool, 4_732 * 4_437_869_823);
    assert_eq!(unstaked.carry, 576);
}

#[test]
fn d4_all_staked_leaves_nothing_to_the_pool() {
    for rules in [TO_ALL, TO_UNSTAKED] {
        let facts = network(0, 10 * NODE_STAKE);
        let split = split_pot(30_000_000 * QST, &facts, &rules).unwrap();
        assert_eq!((split.pool, split.remainder), (0, 0));
        assert_eq!(split.staked_rate(), split.per_node);
        assert_pot_is_whole(30_000_000 * QST, &facts, &split);
    }
}

#[test]
fn d4_all_unstaked_need_200_000_for_each() {
    let need = u128::from(KEY_CAP) * 200_000 * QST;
    let pot = 30_000_000 * QST;
    let ceded = 4_732 * 4_437_869_823;
    let funded = split_pot(pot, &network(KEY_CAP, need), &TO_ALL).unwrap();
    assert_eq!(funded.pool, ceded);
    let one_short = split_pot(pot, &network(KEY_CAP, need - 1), &TO_ALL).unwrap();
    // T - T/need, and T/need is about 0.02 units: one unit less.
    assert_eq!(one_short.pool, ceded - 1);
    let empty = split_pot(pot, &network(KEY_CAP, 0), &TO_ALL).unwrap();
    assert_eq!(empty.pool, 0);
    // All of the 70 % goes back to the nodes that gave it up.
    assert_eq!(empty.unstaked_rate(), 6_339_814_032);
}

#[test]
fn d5_an_underfunded_pool_gets_its_proportion_and_nodes_the_rest() {
    // 100 unstaked nodes need 20,000,000 QST. t = 4,437,869,823, so T = 443,786,982,300.
    let (need, ceded) = (20_000_000 * QST, 443_786_982_300_u128);
    let cases = [
        (0, 0),
        (1, 0),                      // T / need is 0.02
        (45, 0),                     // 45 * 0.02218... = 0.998
        (46, 1),                     // 1.02
        (need / 4, 110_946_745_575), // a quarter
        (need / 2, 221_893_491_150), // a half
        (need - 1, 443_786_982_299),
        (need, ceded),
        (need + 1, ceded),
        (10 * need, ceded),
        (u128::MAX, ceded),
    ];
    for rules in [TO_ALL, TO_UNSTAKED] {
        let mut before = 0;
        for (pool_stake, pool) in cases {
            let facts = network(100, pool_stake);
            let split = split_pot(30_000_000 * QST, &facts, &rules).unwrap();
            assert_eq!(split.pool, pool, "with {pool_stake}");
            assert!(split.pool >= before, "monotone at {pool_stake}");
            before = split.pool;

            let rest = ceded - pool;
            let nodes = u128::from(split.remainder_nodes);
            assert_eq!(split.remainder, rest / nodes);
            assert_eq!(split.carry, 576 + rest % nodes);
            assert_pot_is_whole(30_000_000 * QST, &facts, &split);
        }
    }
}

#[test]
fn d5_the_rest_goes_to_all_running_nodes_or_to_the_unstaked() {
    let facts = network(100, 0);
    let pot = 30_000_000 * QST;
    let all = split_pot(pot, &facts, &TO_ALL).unwrap();
    // 443,786,982,300 / 4,732 = 93,784,231.25...
    assert_eq!((all.remainder_nodes, all.remainder), (4_732, 93_784_231));
    assert_eq!(all.staked_rate(), 6_339_814_032 + 93_784_231);
    assert_eq!(all.unstaked_rate(), 1_901_944_209 + 93_784_231);
    let unstaked = split_pot(pot, &facts, &TO_UNSTAKED).unwrap();
    assert_eq!(
        (unstaked.remainder_nodes, unstaked.remainder),
        (100, 4_437_869_823)
    );
    assert_eq!(unstaked.staked_rate(), 6_339_814_032);
    assert_eq!(unstaked.unstaked_rate(), 6_339_814_032);
}

#[test]
fn m6_seller_and_fee_are_the_price() {
    // 5 % of 19 is 0.95, of 20 is 1, of 33 is 1.65.
    let five = [
        (0, 0),
        (1, 0),
        (3, 0),
        (19, 0),
        (20, 1),
        (33, 1),
        (u128::MAX, u128::MAX / 20),
    ];
    for (price, fee) in five {
        let sold = sale(price, MAX_MARKET_FEE);
        assert_eq!((sold.fee, sold.to_seller), (fee, price - fee));
    }
    for price in [0, 1, 3, 33, 1_000_000_007, u128::MAX] {
        assert_eq!(sale(price, Bps::ZERO).to_seller, price);
        for bps in 0..=MAX_MARKET_FEE.get() {
            let sold = sale(price, Bps::new(bps).unwrap());
            assert_eq!(sold.to_seller.checked_add(sold.fee), Some(price));
            assert!(sold.fee <= price / 20, "{} of {price}", sold.fee);
        }
    }
}

#[test]
fn s3_a_split_changes_nobodys_share_by_more_than_three_units_a_child() {
    for factor in SPLIT_FACTORS {
        for (unstaked, pool_nodes) in [(0, 0), (1, 0), (700, 123), (700, 700), (4_732, 4_000)] {
            for rules in [TO_ALL, TO_UNSTAKED] {
                let before = network(unstaked, pool_nodes * NODE_STAKE + 7);
                let after = EpochFacts {
                    running: before.running * factor,
                    unstaked: before.unstaked * factor,
                    requirement: requirement(NODE_STAKE, factor).unwrap(),
                    ..before
                };
                let pot = 82_191_780_821; // a day of 30,000,000 a year
                let parent = split_pot(pot, &before, &rules).unwrap();
                let child = split_pot(pot, &after, &rules).unwrap();
                let (f, bound) = (u128::from(factor), 3 * u128::from(factor));
                assert!(parent.staked_rate().abs_diff(f * child.staked_rate()) <= bound);
                assert!(parent.unstaked_rate().abs_diff(f * child.unstaked_rate()) <= bound);
                let pool_bound = u128::from(unstaked) * f + 1;
                assert!(parent.pool.abs_diff(child.pool) <= pool_bound);
                assert_pot_is_whole(pot, &after, &child);
            }
        }
    }
}

#[test]
fn d24_a_weight_far_above_the_scale_loses_nothing() {
    // 10^27 staked: a unit moves the index by 10^-9, that is by nothing; 10^9 units move it by 1.
    let weight = SCALE * 1_000_000_000;
    let mut index = RewardIndex::default();
    for _ in 0..999 {
        index = index.advance(1_000_000, weight).unwrap();
        assert_eq!(index.index, Uint256::zero());
    }
    assert_eq!(index.remainder, 999 * 1_000_000 * SCALE);
    index = index.advance(1_000_000, weight).unwrap();
    assert_eq!(
        index,
        RewardIndex {
            index: Uint256::one(),
            remainder: 0
        }
    );
    // Whoever holds all of it is owed all of it.
    assert_eq!(
        accrue(weight, Uint256::zero(), index.index, 0),
        Ok((1_000_000_000, 0))
    );
}

#[test]
fn d24_the_dust_is_below_one_unit_an_account_however_often_it_settles() {
    // Three accounts, 1,000 steps of 1 unit: settled each time, or once at the end.
    let weights = [1, 2, 4];
    let mut index = RewardIndex::default();
    let mut often = [(0, 0); 3];
    for _ in 0..1_000 {
        let next = index.advance(1, 7).unwrap();
        for (weight, (whole, fraction)) in weights.iter().zip(often.iter_mut()) {
            let (more, left) = accrue(*weight, index.index, next.index, *fraction).unwrap();
            (*whole, *fraction) = (*whole + more, left);
        }
        index = next;
    }
    let once = weights.map(|weight| accrue(weight, Uint256::zero(), index.index, 0).unwrap());
    assert_eq!(often, once);
    // 1,000 * {1, 2, 4} / 7 = 142.8, 285.7, 571.4
    assert_eq!(once.map(|(whole, _)| whole), [142, 285, 571]);
    let fractions: u128 = once.iter().map(|(_, fraction)| fraction).sum();
    assert_eq!(998 * SCALE + fractions + index.remainder, 1_000 * SCALE);
}
