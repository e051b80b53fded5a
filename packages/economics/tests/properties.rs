//! What holds for any numbers, the largest included.
#![allow(
    clippy::arithmetic_side_effects,
    reason = "an overflow here is a failing test"
)]
#![allow(clippy::unwrap_used, reason = "an error here is a failing test")]

use cosmwasm_std::{Uint128, Uint256, Uint512};
use noderev_economics::{
    accrue, appeal_upheld, challenge_upheld, check_split, drip_part_ceil, funding_bps, mul_ceil,
    mul_div_ceil, mul_div_floor, mul_floor, network_share_ceil, requirement, sale, split_pot,
    spread, Bps, EconomicsError, EpochFacts, MathError, RemainderTo, RewardIndex, ShareRules,
    DRIP_EPOCHS, MAX_SPREAD, NODE_STAKE, SCALE, SPLIT_FACTORS,
};
use proptest::prelude::*;

/// Small, middling and huge amounts alike.
fn amount() -> impl Strategy<Value = u128> {
    prop_oneof![
        0..100_000u128,
        0..10u128.pow(30),
        any::<u128>(),
        (0..100u128).prop_map(|below| u128::MAX - below),
    ]
}

fn bps() -> impl Strategy<Value = Bps> {
    (0..=10_000u16).prop_map(|bps| Bps::new(bps).unwrap())
}

fn rules() -> impl Strategy<Value = ShareRules> {
    let to = prop_oneof![
        Just(RemainderTo::AllRunning),
        Just(RemainderTo::UnstakedRunning)
    ];
    (bps(), to).prop_map(|(unstaked_share, remainder_to)| ShareRules {
        unstaked_share,
        remainder_to,
    })
}

/// N >= 1, held + U <= N.
fn node_counts() -> impl Strategy<Value = (u32, u32, u32)> {
    prop_oneof![
        1..20u32,
        1..=118_300u32,
        any::<u32>().prop_map(|n| n.max(1))
    ]
    .prop_flat_map(|running| (Just(running), 0..=running))
    .prop_flat_map(|(running, held)| (Just(running), Just(held), 0..=running - held))
}

fn facts() -> impl Strategy<Value = EpochFacts> {
    let requirement = prop_oneof![
        Just(NODE_STAKE),
        1..1_000u128,
        amount().prop_map(|units| units.max(1))
    ];
    (node_counts(), amount(), requirement).prop_map(
        |((running, held, unstaked), pool_stake, requirement)| EpochFacts {
            running,
            held,
            unstaked,
            pool_stake,
            requirement,
        },
    )
}

fn wide(units: u128) -> Uint512 {
    Uint512::from(units)
}

/// Weights whose sum fits.
fn weights() -> impl Strategy<Value = Vec<u128>> {
    let weight = prop_oneof![0..1_000u128, 0..u128::MAX / 8];
    prop::collection::vec(weight, 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn a_share_is_the_exact_quotient_rounded(amount in amount(), bps in bps()) {
        let part = u128::from(bps.get());
        prop_assert_eq!(Ok(mul_floor(amount, bps)), mul_div_floor(amount, part, 10_000));
        prop_assert_eq!(Ok(mul_ceil(amount, bps)), mul_div_ceil(amount, part, 10_000));
        prop_assert!(mul_ceil(amount, bps) <= amount);
    }

    #[test]
    fn mul_div_brackets_the_exact_quotient(a in amount(), b in amount(), c in amount()) {
        let exact = wide(a) * wide(b);
        match mul_div_floor(a, b, c) {
            Ok(floor) => {
                prop_assert!(wide(floor) * wide(c) <= exact);
                prop_assert!((wide(floor) + wide(1)) * wide(c) > exact);
            }
            Err(MathError::DivideByZero) => prop_assert_eq!(c, 0),
            Err(MathError::Overflow) => {
                prop_assert!((wide(u128::MAX) + wide(1)) * wide(c) <= exact);
            }
        }
        match mul_div_ceil(a, b, c) {
            Ok(0) => prop_assert!(c > 0 && exact == wide(0)),
            Ok(ceil) => {
                prop_assert!(wide(ceil) * wide(c) >= exact);
                prop_assert!(wide(ceil - 1) * wide(c) < exact);
            }
            Err(MathError::DivideByZero) => prop_assert_eq!(c, 0),
            Err(MathError::Overflow) => prop_assert!(wide(u128::MAX) * wide(c) < exact),
        }
    }

    /// Invariant 20.
    #[test]
    fn network_and_treasury_are_the_revenue(revenue in amount(), share in bps()) {
        let network = network_share_ceil(revenue, share);
        let treasury = revenue.checked_sub(network).unwrap();
        let rest = Bps::new(10_000 - share.get()).unwrap();
        prop_assert_eq!(treasury, mul_floor(revenue, rest));
    }

    #[test]
    fn a_spread_is_the_deposit(amount in amount(), over in 0..=400u32) {
        match spread(amount, over) {
            Ok(spread) => {
                let before_last = wide(spread.part) * wide(u128::from(over - 1));
                prop_assert_eq!(before_last + wide(spread.last), wide(amount));
                prop_assert!(spread.last - spread.part < u128::from(over));
            }
            Err(_) => prop_assert!(over == 0 || over > MAX_SPREAD),
        }
    }

    #[test]
    fn a_drip_part_is_a_thirtieth_and_within_the_drip(drip in amount()) {
        let part = drip_part_ceil(drip);
        let exact = mul_div_ceil(drip, 1, u128::from(DRIP_EPOCHS)).unwrap();
        prop_assert_eq!(part, exact);
        prop_assert!(part <= drip && (part > 0 || drip == 0));
    }

    /// Invariant 21: D7 step 5, exactly.
    #[test]
    fn a_split_pot_is_whole(pot in amount(), facts in facts(), rules in rules()) {
        let split = split_pot(pot, &facts, &rules).unwrap();
        let staked = facts.staked().unwrap();
        let paid = |rate: u128, nodes: u32| wide(rate) * wide(u128::from(nodes));
        let whole = paid(split.per_node, staked + facts.held)
            + paid(split.unstaked, facts.unstaked)
            + wide(split.pool)
            + paid(split.remainder, split.remainder_nodes)
            + wide(split.carry);
        prop_assert_eq!(whole, wide(pot));
        prop_assert_eq!(split.nodes_total(&facts), pot - split.pool - split.carry);
        // The same, by what each kind of node is told it gets.
        let by_rates = if staked + facts.held == 0 {
            paid(split.unstaked_rate(), facts.unstaked)
        } else {
            paid(split.staked_rate(), staked)
                + paid(split.held_rate(), facts.held)
                + paid(split.unstaked_rate(), facts.unstaked)
        };
        prop_assert_eq!(by_rates, wide(split.nodes_total(&facts)));
        let undivided = u128::from(facts.running) + u128::from(split.remainder_nodes);
        prop_assert!(split.carry < undivided);
    }

    /// Every step of D7 is the floor of the rational number it stands for.
    #[test]
    fn each_step_is_the_floor_it_is_said_to_be(
        pot in amount(), facts in facts(), rules in rules()
    ) {
        let split = split_pot(pot, &facts, &rules).unwrap();
        let is_floor = |floor: u128, numerator: Uint512, divisor: Uint512| {
            wide(floor) * divisor <= numerator && (wide(floor) + wide(1)) * divisor > numerator
        };
        let unstaked = wide(u128::from(facts.unstaked));
        prop_assert!(is_floor(split.per_node, wide(pot), wide(u128::from(facts.running))));
        let share = wide(split.per_node) * wide(u128::from(rules.unstaked_share.get()));
        prop_assert!(is_floor(split.unstaked, share, wide(10_000)));

        let ceded = wide(split.per_node - split.unstaked) * unstaked;
        let need = unstaked * wide(facts.requirement);
        if facts.unstaked == 0 {
            prop_assert_eq!((split.pool, split.remainder), (0, 0));
        } else {
            let counted = wide(facts.pool_stake).min(need);
            prop_assert!(is_floor(split.pool, ceded * counted, need));
            let nodes = match rules.remainder_to {
                RemainderTo::AllRunning => facts.running,
                RemainderTo::UnstakedRunning => facts.unstaked,
            };
            prop_assert_eq!(split.remainder_nodes, nodes);
            let left = ceded - wide(split.pool);
            prop_assert!(is_floor(split.remainder, left, wide(u128::from(nodes))));
        }
    }

    /// Invariant 22.
    #[test]
    fn the_pool_has_all_that_is_ceded_only_when_funded(
        pot in amount(), facts in facts(), rules in rules()
    ) {
        let split = split_pot(pot, &facts, &rules).unwrap();
        let ceded = (split.per_node - split.unstaked) * u128::from(facts.unstaked);
        let need = wide(facts.requirement) * wide(u128::from(facts.unstaked));
        prop_assert!(split.pool <= ceded);
        if ceded > 0 {
            prop_assert_eq!(split.pool == ceded, wide(facts.pool_stake) >= need);
        }
        if let Some(bps) = funding_bps(facts.pool_stake, facts.unstaked, facts.requirement) {
            prop_assert_eq!(bps >= 10_000, wide(facts.pool_stake) >= need);
        } else {
            prop_assert_eq!(facts.unstaked, 0);
        }
    }

    #[test]
    fn more_stake_never_gives_the_pool_less_nor_nodes_more(
        pot in amount(), facts in facts(), rules in rules(), other in amount()
    ) {
        let more = EpochFacts { pool_stake: facts.pool_stake.max(other), ..facts };
        let less = EpochFacts { pool_stake: facts.pool_stake.min(other), ..facts };
        let more = split_pot(pot, &more, &rules).unwrap();
        let less = split_pot(pot, &less, &rules).unwrap();
        prop_assert!(more.pool >= less.pool);
        prop_assert!(more.remainder <= less.remainder);
    }

    #[test]
    fn a_staked_node_never_earns_less_than_an_unstaked_one_if_all_share_the_remainder(
        pot in amount(), facts in facts(), rules in rules()
    ) {
        let rules = ShareRules { remainder_to: RemainderTo::AllRunning, ..rules };
        let split = split_pot(pot, &facts, &rules).unwrap();
        prop_assert!(split.staked_rate() >= split.unstaked_rate());
    }

    /// L5: revenue and a running node make somebody's claim rise.
    #[test]
    fn a_pot_of_a_unit_a_node_pays_somebody(facts in facts(), rules in rules(), more in amount()) {
        let nodes = u128::from(facts.running);
        let pot = nodes.saturating_mul(2).saturating_add(more);
        let split = split_pot(pot, &facts, &rules).unwrap();
        prop_assert!(split.nodes_total(&facts) + split.pool > 0);
    }

    #[test]
    fn facts_that_contradict_each_other_are_errors(
        running in 0..10u32, held in any::<u32>(), unstaked in any::<u32>(), rules in rules()
    ) {
        let facts = EpochFacts { running, held, unstaked, pool_stake: 1, requirement: 1 };
        let counted = u64::from(held) + u64::from(unstaked);
        let expected = if counted > u64::from(running) {
            Err(EconomicsError::InconsistentFacts { running, held, unstaked })
        } else if running == 0 {
            Err(EconomicsError::NobodyRan)
        } else {
            Ok(())
        };
        prop_assert_eq!(split_pot(u128::MAX, &facts, &rules).map(|_| ()), expected);
    }

    #[test]
    fn a_ruling_gives_exactly_what_was_set_aside(
        pot in amount(), facts in facts(), rules in rules(), staked: bool
    ) {
        let split = split_pot(pot, &facts, &rules).unwrap();
        let upheld = appeal_upheld(&split, &facts, &rules, staked);
        let set_aside = split.held_rate();
        let given = wide(upheld.to_key) + wide(upheld.to_pool) + wide(upheld.to_running_pot);
        prop_assert_eq!(given, wide(set_aside));
        if facts.held > 0 {
            let key = if staked { split.staked_rate() } else { split.unstaked_rate() };
            prop_assert_eq!(upheld.to_key, key);
        }
        if facts.held > 0 && !staked {
            // Nothing is cut off to fit: the pool has the floor of its part of t.
            let need = wide(u128::from(facts.unstaked.max(1))) * wide(facts.requirement);
            let counted = wide(facts.pool_stake).min(need);
            let exact = wide(split.per_node - split.unstaked) * counted / need;
            prop_assert_eq!(wide(upheld.to_pool), exact);
        }
        let challenged = challenge_upheld(set_aside);
        prop_assert_eq!(challenged.to_challenger, set_aside / 10);
        prop_assert_eq!(challenged.to_challenger + challenged.to_running_pot, set_aside);
    }

    #[test]
    fn a_ruling_never_panics_nor_gives_more_whatever_it_is_told(
        pot in amount(), facts in facts(), other in facts(), rules in rules(), staked: bool
    ) {
        let split = split_pot(pot, &facts, &rules).unwrap();
        let upheld = appeal_upheld(&split, &other, &rules, staked);
        let given = wide(upheld.to_key) + wide(upheld.to_pool) + wide(upheld.to_running_pot);
        prop_assert_eq!(given, wide(split.held_rate()));
        split.nodes_total(&other);
    }

    /// S3: the bound that the README derives.
    #[test]
    fn a_split_moves_at_most_three_units_a_child(
        pot in 0..u128::MAX / 1_000,
        small in 0..10_000_000u128,
        counts in (1..=4_732u32)
            .prop_flat_map(|n| (Just(n), 0..=n))
            .prop_flat_map(|(n, held)| (Just(n), Just(held), 0..=n - held)),
        pool_stake in 0..5_000 * NODE_STAKE,
        rules in rules(),
        factor in prop::sample::select(SPLIT_FACTORS.to_vec()),
        use_small: bool,
    ) {
        let pot = if use_small { small } else { pot };
        let (running, held, unstaked) = counts;
        let requirement = |factor| requirement(NODE_STAKE, factor).unwrap();
        let before =
            EpochFacts { running, held, unstaked, pool_stake, requirement: requirement(1) };
        let after = EpochFacts {
            running: running * factor,
            held: held * factor,
            unstaked: unstaked * factor,
            pool_stake,
            requirement: requirement(check_split(1, factor).unwrap()),
        };
        let parent = split_pot(pot, &before, &rules).unwrap();
        let child = split_pot(pot, &after, &rules).unwrap();
        let f = u128::from(factor);
        if running > unstaked {
            prop_assert!(parent.staked_rate().abs_diff(f * child.staked_rate()) <= 3 * f);
        }
        if unstaked > 0 {
            prop_assert!(parent.unstaked_rate().abs_diff(f * child.unstaked_rate()) <= 3 * f);
        }
        let pool_moved = parent.pool.abs_diff(child.pool);
        prop_assert!(pool_moved <= u128::from(unstaked) * f);
    }

    /// Why `requirement` may stand for F: the ratio is the same rational number.
    #[test]
    fn the_ratio_is_the_same_with_the_product_written_out(
        pot in amount(),
        counts in node_counts(),
        pool_stake in 0..10u128.pow(30),
        rules in rules(),
        factor in prop::sample::select(SPLIT_FACTORS.to_vec()),
    ) {
        let (running, held, unstaked) = counts;
        let requirement = requirement(NODE_STAKE, factor).unwrap();
        let divided = EpochFacts { running, held, unstaked, pool_stake, requirement };
        let written_out = EpochFacts {
            pool_stake: pool_stake * u128::from(factor),
            requirement: NODE_STAKE,
            ..divided
        };
        prop_assert_eq!(split_pot(pot, &divided, &rules), split_pot(pot, &written_out, &rules));
    }

    /// Invariant 24 and D24: an index step loses nothing.
    #[test]
    fn an_index_step_is_whole(
        amount in amount(), weight in amount(), start in any::<u128>(), remainder in amount()
    ) {
        let before = RewardIndex { index: Uint256::from(start), remainder };
        match before.advance(amount, weight) {
            Ok(after) if weight == 0 => {
                prop_assert_eq!(amount, 0);
                prop_assert_eq!(after, before);
            }
            Ok(after) => {
                let growth = Uint512::from(after.index - before.index);
                let came_in = wide(amount) * wide(SCALE) + wide(remainder);
                prop_assert_eq!(wide(weight) * growth + wide(after.remainder), came_in);
                prop_assert!(after.remainder < weight);
            }
            Err(refused) => {
                prop_assert_eq!(weight, 0);
                prop_assert_eq!(refused, EconomicsError::NoWeight { amount });
            }
        }
    }

    /// Invariants 23 and 24: what all accounts accrue, what they keep as fractions and what the
    /// index carries is what came in; bounds above and below.
    #[test]
    fn accounts_together_accrue_what_came_in(
        weights in weights(), amounts in prop::collection::vec(0..u128::MAX / 64, 1..30)
    ) {
        let total: u128 = weights.iter().sum();
        prop_assume!(total > 0);
        let mut index = RewardIndex::default();
        for amount in &amounts {
            index = index.advance(*amount, total).unwrap();
        }
        let mut owed = wide(0);
        for weight in &weights {
            let (whole, fraction) = accrue(*weight, Uint256::zero(), index.index, 0).unwrap();
            prop_assert!(fraction < SCALE);
            owed += wide(whole) * wide(SCALE) + wide(fraction);
        }
        let came_in: u128 = amounts.iter().sum();
        prop_assert_eq!(owed + wide(index.remainder), wide(came_in) * wide(SCALE));
    }

    #[test]
    fn accruing_often_or_seldom_gives_the_same(
        weight in amount(),
        steps in prop::collection::vec(amount(), 1..12),
        fraction in 0..SCALE,
    ) {
        let (mut at, mut often) = (Uint256::zero(), Ok((0u128, fraction)));
        for step in steps {
            let next = at + Uint256::from(step);
            often = often.and_then(|(whole, fraction)| {
                let (more, left) = accrue(weight, at, next, fraction)?;
                Ok((whole.checked_add(more).ok_or(MathError::Overflow)?, left))
            });
            at = next;
        }
        prop_assert_eq!(often, accrue(weight, Uint256::zero(), at, fraction));
    }

    #[test]
    fn accrual_is_exact_or_an_error(
        weight in amount(),
        from in any::<[u8; 32]>(),
        growth in prop_oneof![
            amount().prop_map(Uint256::from),
            any::<[u8; 32]>().prop_map(Uint256::from_be_bytes)
        ],
        fraction in prop_oneof![0..SCALE, amount()],
    ) {
        let from = Uint256::from_be_bytes(from);
        let to = from.wrapping_add(growth);
        let exact = Uint512::from(growth) * wide(weight) + wide(fraction);
        match accrue(weight, from, to, fraction) {
            Ok((whole, left)) => {
                prop_assert!(left < SCALE);
                prop_assert_eq!(wide(whole) * wide(SCALE) + wide(left), exact);
            }
            Err(EconomicsError::FractionOutOfRange { .. }) => prop_assert!(fraction >= SCALE),
            Err(EconomicsError::IndexFell) => prop_assert!(to < from),
            Err(refused) => {
                prop_assert_eq!(refused, MathError::Overflow.into());
                prop_assert!(Uint128::try_from(exact / wide(SCALE)).is_err());
            }
        }
    }

    #[test]
    fn a_sale_is_the_price(price in amount(), fee in bps()) {
        let sold = sale(price, fee);
        prop_assert_eq!(sold.to_seller.checked_add(sold.fee), Some(price));
        prop_assert_eq!(sold.fee, mul_floor(price, fee));
    }

    #[test]
    fn a_requirement_is_exact_or_an_error(base in amount(), factor in any::<u32>()) {
        if let Ok(units) = requirement(base, factor) {
            prop_assert_eq!(wide(units) * wide(u128::from(factor)), wide(base));
            prop_assert!(units > 0);
        } else {
            prop_assert!(base == 0 || factor == 0 || base % u128::from(factor) != 0);
        }
    }
}
