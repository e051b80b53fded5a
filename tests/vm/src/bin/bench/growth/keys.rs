//! Keys: how many change state in an epoch, how many there are, how many a user has.

use noderev_api::distributor;
use noderev_components::{Bitmap, Epoch};
use noderev_testing::{Network, QST};

use super::scales::{Cost, Scales};
use super::study::{Bound, Study, FLAT};

const KEYS: u32 = 4_732;
const STAKE: u128 = 200_000 * QST;
const REVENUE: u128 = 137_000_000_000;
/// Epochs that revenue is deposited for.
const SPAN: u32 = 60;
/// Keys that one message stakes or unstakes.
const BATCH: usize = 100;
const CHANGES: [u32; 6] = [0, 1, 10, 100, 1_000, KEYS];
const HOLDINGS: [u32; 6] = [1, 5, 10, 20, 50, 100];

const CLOSE: &str = "close_epoch";
const FIRST_REPORT: &str = "report, first attester";
const LAST_REPORT: &str = "report, last attester";
const ONE_KEY: &str = "claim of 1 key";
const MANY_KEYS: &str = "claim of 20 keys";

/// Closing may cost so much more when all keys change than when none does.
const BY_CHANGES: Bound = Bound { factor: 1.2 };
/// Twice the keys, twice the bitmaps.
const BY_SPLIT: Bound = Bound { factor: 2.0 };

pub(crate) fn all(scales: &mut Scales) -> Vec<Study> {
    vec![changes(scales), split(scales), holdings(scales)]
}

/// Keys of holders with one to 100 of them each, and of somebody who has the others.
fn network() -> Network {
    let builder = Network::builder().registry(|params| {
        params.split_notice = 0;
        params.split_grace = 0;
    });
    let mut network = builder.build();
    let holders: Vec<(String, u32)> = HOLDINGS.iter().map(|keys| (holder(*keys), *keys)).collect();
    let rows: Vec<(&str, u32)> = holders
        .iter()
        .map(|(name, keys)| (name.as_str(), *keys))
        .collect();
    network.issue(&rows);
    let held: u32 = HOLDINGS.iter().sum();
    let mut left = KEYS - held;
    while left > 0 {
        let batch = left.min(1_000);
        network.issue(&[("many", batch)]);
        left -= batch;
    }
    network.mint_qst("staker", 4_000_000 * QST);
    network.deposit_pool("staker", 4_000_000 * QST);
    network.deposit_revenue("customer", 0, REVENUE * u128::from(SPAN), SPAN);
    network
}

fn holder(keys: u32) -> String {
    format!("holder-{keys}")
}

/// The keys of the holder of so many.
fn keys_of(holding: u32) -> Vec<u32> {
    let before = HOLDINGS.iter().take_while(|keys| **keys < holding);
    let first: u32 = before.sum::<u32>() + 1;
    (first..first + holding).collect()
}

fn finish(network: &mut Network, epoch: u32) {
    let ran = network.all_ran(epoch);
    network.finish_epoch(epoch, &ran);
}

fn weigh_report(
    scales: &mut Scales,
    network: &Network,
    (attester, epoch): (&str, u32),
    ran: &Bitmap,
) -> Cost {
    let report = distributor::ExecuteMsg::Report {
        epoch: Epoch(epoch),
        bitmap: ran.to_binary(),
        evidence: vec![7; 32].into(),
    };
    let contract = &network.addresses().distributor;
    scales.weigh(&network.account(attester), contract, &report)
}

/// Reports and closes an epoch, and weighs the first and the last report and the close.
fn weigh_epoch(
    scales: &mut Scales,
    network: &mut Network,
    (study, x): (&mut Study, u32),
    (epoch, ran): (u32, &Bitmap),
) {
    network.advance_to(network.clock().end_of(Epoch(epoch)));
    let attesters = network.attesters().to_vec();
    for (number, attester) in attesters.iter().enumerate() {
        let name = match number {
            0 => Some(FIRST_REPORT),
            last if last + 1 == attesters.len() => Some(LAST_REPORT),
            _ => None,
        };
        if let Some(name) = name {
            scales.follow(network);
            let cost = weigh_report(scales, network, (attester, epoch), ran);
            study.add(name, x, cost);
        }
        network.report(attester, epoch, ran);
    }
    network.wait_until_due(epoch);
    scales.follow(network);
    study.add(CLOSE, x, scales.weigh_close(network, epoch));
    network.close_epoch("anybody", epoch);
}

/// Keys that change state from one epoch to the next.
fn changes(scales: &mut Scales) -> Study {
    let x_name = "keys that change state in the epoch";
    let mut study = Study::new("changes", "Keys that change state in an epoch", x_name)
        .notes(
            "4,732 keys. Those that change, spread over all, are staked or unstaked in the epoch \
             before, and every other one of them does not run in this one.",
        )
        .with(CLOSE, BY_CHANGES)
        .with(FIRST_REPORT, FLAT)
        .with(LAST_REPORT, FLAT);
    let mut network = network();
    // Stakes that are taken off are not back at once.
    let enough = CHANGES.len() as u128 * STAKE;
    network.mint_qst("many", u128::from(KEYS) * enough);
    for keys in HOLDINGS {
        network.mint_qst(&holder(keys), u128::from(keys) * enough);
    }
    let mut staked = vec![false; KEYS as usize];
    finish(&mut network, 0);
    for (number, size) in (0..).zip(CHANGES) {
        let epoch = 2 * number + 1;
        let changing = spread(size);
        restake(&mut network, &mut staked, &changing);
        finish(&mut network, epoch);
        let down: Vec<u32> = changing.into_iter().step_by(2).collect();
        let ran = network.all_but(epoch + 1, &down);
        weigh_epoch(scales, &mut network, (&mut study, size), (epoch + 1, &ran));
    }
    study
}

/// So many keys, spread over all.
fn spread(size: u32) -> Vec<u32> {
    (0..size).map(|number| number * KEYS / size + 1).collect()
}

/// Stakes those that are not staked and takes the stakes off the others.
fn restake(network: &mut Network, staked: &mut [bool], keys: &[u32]) {
    let mut by_owner: Vec<(String, Vec<u32>)> = HOLDINGS
        .iter()
        .map(|keys| (holder(*keys), keys_of(*keys)))
        .collect();
    let held: u32 = HOLDINGS.iter().sum();
    by_owner.push(("many".into(), (held + 1..=KEYS).collect()));
    for (owner, owned) in by_owner {
        let (off, on): (Vec<u32>, Vec<u32>) = keys
            .iter()
            .filter(|key| owned.binary_search(key).is_ok())
            .partition(|key| staked[**key as usize - 1]);
        for batch in on.chunks(BATCH) {
            network.stake_nodes(&owner, batch);
        }
        for batch in off.chunks(BATCH) {
            network.unstake_nodes(&owner, batch);
        }
    }
    for key in keys {
        staked[*key as usize - 1] ^= true;
    }
}

/// All keys, and twice as many after a split.
fn split(scales: &mut Scales) -> Study {
    let mut study = Study::new("split", "All keys, split in two", "keys")
        .without_chart()
        .notes("All nodes run unstaked. Claims are for one epoch, and name the keys.")
        .with(CLOSE, BY_SPLIT)
        .with(FIRST_REPORT, BY_SPLIT)
        .with(LAST_REPORT, BY_SPLIT)
        .with(ONE_KEY, BY_SPLIT)
        .with(MANY_KEYS, BY_SPLIT);
    let mut network = network();
    finish(&mut network, 0);
    weigh_day(scales, &mut network, (&mut study, KEYS), 1);
    network.split(2);
    finish(&mut network, 2);
    finish(&mut network, 3);
    assert_eq!(network.distributor().evidence(4).bits, 2 * KEYS, "split");
    weigh_day(scales, &mut network, (&mut study, 2 * KEYS), 4);
    study
}

fn weigh_day(
    scales: &mut Scales,
    network: &mut Network,
    (study, x): (&mut Study, u32),
    epoch: u32,
) {
    let holders = [(ONE_KEY, 1), (MANY_KEYS, 20)];
    for (_, keys) in holders {
        network.claim_keys(&holder(keys), Some(&keys_of(keys)));
    }
    network.advance_to(network.clock().end_of(Epoch(epoch)));
    let ran = network.all_ran(epoch);
    weigh_epoch(scales, network, (&mut *study, x), (epoch, &ran));
    scales.follow(network);
    for (name, keys) in holders {
        let claim = scales.weigh_claim(network, &holder(keys), &keys_of(keys));
        study.add(name, x, claim);
    }
}

/// Keys of one user.
fn holdings(scales: &mut Scales) -> Study {
    let mut study = Study::new(
        "holdings",
        "Claims of users with many keys",
        "keys of the user",
    )
    .notes("4,732 keys, one epoch since the last claim. Keys are named, at most 100 a message.")
    .each()
    .with("claim, per key", None);
    let mut network = network();
    finish(&mut network, 0);
    for keys in HOLDINGS {
        network.claim_keys(&holder(keys), Some(&keys_of(keys)));
    }
    finish(&mut network, 1);
    scales.follow(&network);
    for keys in HOLDINGS {
        let claim = scales.weigh_claim(&network, &holder(keys), &keys_of(keys));
        study.add("claim, per key", keys, claim);
    }
    study
}
