use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::input::{write, NftAction, StakeAction};

/// Replays every action by the rules, written anew.
#[track_caller]
fn assert_legal(scenario: &Scenario) {
    let timeline = scenario.timeline();
    let genesis = scenario.genesis_keys();
    let mut owners: BTreeMap<u32, String> = (1..).zip(scenario.owners.iter().cloned()).collect();
    let mut staked = BTreeSet::<u32>::new();
    let mut pool = BTreeMap::<String, u128>::new();
    let mut keys = genesis;
    for epoch in 0..scenario.network.epochs {
        let factor = timeline.keys(epoch) / keys;
        for child in keys + 1..=keys * factor {
            let parent = (child - 1) % keys + 1;
            owners.insert(child, owners[&parent].clone());
            if staked.contains(&parent) {
                staked.insert(child);
            }
        }
        keys = timeline.keys(epoch);
        let mut moved = BTreeSet::new();
        for row in scenario.stakes_in(epoch) {
            match &row.action {
                StakeAction::StakeNode { key, amount } => {
                    assert_eq!(owners[key], row.account);
                    assert_eq!(*amount, timeline.node_stake(epoch));
                    assert!(staked.insert(*key), "key {key} is staked already");
                    assert!(moved.insert(*key));
                }
                StakeAction::UnstakeNode { key } => {
                    assert_eq!(owners[key], row.account);
                    assert!(staked.remove(key), "key {key} isn't staked");
                    assert!(moved.insert(*key));
                }
                StakeAction::Deposit { amount } => {
                    *pool.entry(row.account.clone()).or_default() += amount;
                }
                StakeAction::Withdraw { amount } => {
                    let held = pool.get_mut(&row.account).unwrap();
                    *held = held.checked_sub(*amount).unwrap();
                }
            }
        }
        for sale in scenario.sales_in(epoch) {
            assert_eq!(owners[&sale.key], sale.seller);
            assert_ne!(sale.buyer, sale.seller);
            assert!(
                moved.insert(sale.key),
                "key {} moves twice in epoch {epoch}",
                sale.key
            );
            assert!(!sale.with_stake || staked.contains(&sale.key));
            if !sale.with_stake {
                staked.remove(&sale.key);
            }
            owners.insert(sale.key, sale.buyer.clone());
        }
    }
}

#[test]
fn every_action_is_legal() {
    for seed in 0..20 {
        assert_legal(&generate(seed, Size::SMALL));
    }
    assert_legal(&generate(1, Size::FULL));
}

#[test]
fn the_same_seed_gives_the_same_network() {
    assert_eq!(generate(7, Size::SMALL), generate(7, Size::SMALL));
    assert_ne!(generate(7, Size::SMALL), generate(8, Size::SMALL));
}

#[test]
fn what_is_written_reads_back_equal() {
    let dir = tempfile::tempdir().unwrap();
    for (seed, size) in [(1, Size::SMALL), (2, Size::FULL)] {
        let scenario = generate(seed, size);
        write(&scenario, dir.path()).unwrap();
        assert_eq!(Scenario::read(dir.path()).unwrap(), scenario);
    }
}

#[test]
fn the_full_sample_is_skewed_like_a_real_network() {
    let scenario = generate(1, Size::FULL);
    assert_eq!(scenario.owners.len(), 4_732);
    let mut counts = BTreeMap::<&str, u32>::new();
    scenario
        .owners
        .iter()
        .for_each(|owner| *counts.entry(owner).or_default() += 1);
    let few = counts.values().filter(|count| **count <= 2).count();
    assert_eq!(counts.len(), 1_500);
    assert!(few > 600, "{few} owners have one or two keys");
    assert!(counts.values().max() >= Some(&80));
    assert_eq!(scenario.sales.len(), 60);
    assert!(scenario.sales.iter().any(|sale| sale.with_stake));
    let quorums = (0..90)
        .filter(|epoch| scenario.reports_on(*epoch).len() >= 2)
        .count();
    assert_eq!(quorums, 87);
}

#[test]
fn the_full_sample_has_delegations_of_all_kinds() {
    let rows = generate(1, Size::FULL).delegations;
    let count = |fits: fn(&NftAction) -> bool| {
        let fitting = rows.moves.iter().filter(|row| fits(&row.action));
        fitting.count()
    };
    assert_eq!(
        count(|action| matches!(action, NftAction::Create { .. })),
        200
    );
    assert!(count(|action| matches!(action, NftAction::Move { .. })) > 500);
    assert!(count(|action| matches!(action, NftAction::Unstake { .. })) > 100);
    assert!(count(|action| matches!(action, NftAction::Commission { .. })) > 20);
    assert_eq!(
        count(|action| matches!(action, NftAction::HandOver { .. })),
        1
    );
    assert_eq!(
        count(|action| matches!(action, NftAction::Release { .. })),
        1
    );
    let participants: BTreeSet<&str> = rows
        .moves
        .iter()
        .map(|row| row.account.as_str())
        .filter(|account| account.starts_with("pa-"))
        .collect();
    assert_eq!(participants.len(), 3_000);
    assert_eq!(rows.reported_validators(90), 400);
    let quorums = (0..90).filter(|epoch| rows.eligibility_on(*epoch).len() >= 2);
    assert_eq!(quorums.count(), 87);
    assert!(rows.injections.len() > 10);
}

#[test]
fn revenue_adds_up_to_about_fifty_million_a_year() {
    let scenario = generate(1, Size::FULL);
    let usdc: u128 = scenario
        .revenue
        .iter()
        .filter(|r| r.denom == 0)
        .map(|r| r.amount)
        .sum();
    let a_year = usdc / 1_000_000 * 365 / 90;
    assert!((45_000_000..55_000_000).contains(&a_year), "{a_year}");
}

#[test]
fn the_split_ends_within_the_run() {
    let timeline = generate(1, Size::FULL).timeline();
    assert_eq!(timeline.keys(89), 9_464);
    assert_eq!(timeline.reported_keys(89), 9_464);
}

#[test]
fn attesters_disagree_now_and_then() {
    let scenario = generate(1, Size::SMALL);
    let disagree = |epoch: &u64| {
        let reports = scenario.reports_on(*epoch);
        reports
            .iter()
            .any(|report| report.bitmap != reports[0].bitmap)
    };
    let epochs = (0..90).filter(disagree).count();
    assert!(
        (1..60).contains(&epochs),
        "{epochs} epochs with a disagreement"
    );
}

#[test]
fn seed_1_stays_what_it_is() {
    let dir = tempfile::tempdir().unwrap();
    write(&generate(1, Size::FULL), dir.path()).unwrap();
    let read = |file: &str| std::fs::read_to_string(dir.path().join(file)).unwrap();
    assert_eq!(
        read("market.csv").lines().nth(1),
        Some("5,op-0739,op-0575,1797,62200000000,false")
    );
    assert_eq!(
        read("stakes.csv").lines().last(),
        Some("89,st-0098,deposit,,673123000000")
    );
    assert_eq!(
        read("nfts.csv").lines().last(),
        Some("89,pa-2591,move,citizens,\"2577,16384-16386\",94,,")
    );
}
