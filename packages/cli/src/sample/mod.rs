//! Networks made up from a seed, of full size and with a realistic skew.
//!
//! The same seed and size always give the same scenario. Every action is legal in the order
//! given: owners stake their own unstaked keys, buyers own what they bought, nobody withdraws
//! more than he put in, and who joins, leaves or changes a delegation may.

mod activity;
mod delegations;
mod pool;
mod revenue;
mod world;

use rand::seq::SliceRandom;
use rand::Rng;
use rand_chacha::rand_core::SeedableRng;
use rand_chacha::ChaCha8Rng;

use crate::input::{Network, Scenario, Split, Timeline};
use world::World;

/// When a sample's keys split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SplitTime {
    /// Epoch in which it is announced; if the sample has no such epoch, keys don't split.
    pub announced: u64,
    /// Days from then to the earliest boundary at which it takes effect.
    pub notice: u64,
    /// Epochs of grace after it.
    pub grace: u64,
}

/// How large a sample is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Keys at genesis.
    pub keys: u32,
    /// Owners at genesis, at most as many as keys.
    pub owners: u32,
    /// Accounts that stake to the global pool.
    pub stakers: u32,
    /// Epochs of one day.
    pub epochs: u64,
    /// When keys split by two.
    pub split: SplitTime,
    /// Sales over the run.
    pub sales: u32,
    /// Epochs in which too few attesters report.
    pub missed_quorums: u32,
    /// Delegations, all in all.
    pub delegations: u32,
    /// Accounts that join them.
    pub participants: u32,
    /// Validators, all in all.
    pub validators: u32,
}

impl Size {
    /// The full network: 4,732 keys of 1,500 owners over 90 days; 200 delegations of 3,000
    /// participants with 400 validators.
    pub const FULL: Self = Self {
        keys: 4_732,
        owners: 1_500,
        stakers: 400,
        epochs: 90,
        split: SPLIT,
        sales: 60,
        missed_quorums: 3,
        delegations: 200,
        participants: 3_000,
        validators: 400,
    };

    /// A network that runs in a moment: 120 keys of 40 owners over 90 days; 6 delegations of 60
    /// participants with 12 validators.
    pub const SMALL: Self = Self {
        keys: 120,
        owners: 40,
        stakers: 15,
        epochs: 90,
        split: SPLIT,
        sales: 12,
        missed_quorums: 2,
        delegations: 6,
        participants: 60,
        validators: 12,
    };

    /// A full network for a real chain: 4,732 keys of 1,500 owners over 6 days, the split announced
    /// in the second; 40 delegations of 300 participants with 60 validators.
    pub const CHAIN: Self = Self {
        keys: 4_732,
        owners: 1_500,
        stakers: 300,
        epochs: 6,
        split: SplitTime {
            announced: 1,
            notice: 1,
            grace: 1,
        },
        sales: 40,
        missed_quorums: 1,
        delegations: 40,
        participants: 300,
        validators: 60,
    };
}

/// Seconds of a day.
const DAY: u64 = 86_400;
/// The grace ends inside of 90 epochs.
const SPLIT: SplitTime = SplitTime {
    announced: 10,
    notice: 30,
    grace: 20,
};
/// Most keys that one owner has at genesis.
const MOST_KEYS: u32 = 100;
/// Keys bought at once by one owner.
const BATCH: usize = 10;

/// Makes up a network.
pub fn generate(seed: u64, size: Size) -> Scenario {
    let mut network = Network::sample(&format!("Sample network, seed {seed}"), size.epochs);
    network.params.split_grace = size.split.grace;
    network.params.split_notice_s = size.split.notice.saturating_mul(DAY);
    network.cap = network.cap.max(size.keys);
    network.delegation = Some(delegations::rules(size));
    if size.epochs > size.split.announced {
        network.splits = vec![Split {
            epoch: size.split.announced,
            factor: 2,
        }];
    }
    let owners = owners(size, &mut stream(seed, 0));
    let timeline = Timeline::new(&network, size.keys);
    let mut world = World::new(&owners, size, &timeline);
    world.run(&mut stream(seed, 1));
    let reports = activity::reports(&owners, size, &network, &timeline, &mut stream(seed, 2));
    Scenario {
        revenue: revenue::deposits(size.epochs, &mut stream(seed, 3)),
        reports,
        stakes: world.stakes,
        sales: world.sales,
        delegations: delegations::generate(seed, size, &network),
        network,
        owners,
    }
}

/// Name of the n-th operator, from 0 on.
fn operator(index: u32) -> String {
    format!("op-{:04}", index.saturating_add(1))
}

/// Name of the n-th pool staker, from 0 on.
fn staker(index: u32) -> String {
    format!("st-{:04}", index.saturating_add(1))
}

/// Independent random numbers for each part, so that one part's draws don't move another's.
fn stream(seed: u64, part: u64) -> ChaCha8Rng {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    rng.set_stream(part);
    rng
}

/// So many thousandths of an amount, rounded down.
fn permille(amount: u128, thousandths: u32) -> u128 {
    amount.saturating_mul(u128::from(thousandths)) / 1_000
}

/// Owner of each key: everybody has one, the rest goes by rank^-0.8, in batches.
fn owners(size: Size, rng: &mut impl Rng) -> Vec<String> {
    let mut counts = vec![1_u32; usize::try_from(size.owners).unwrap_or(0)];
    let cumulative: Vec<f64> = (1..=size.owners)
        .scan(0.0, |sum, rank| {
            *sum += f64::from(rank).powf(-0.8);
            Some(*sum)
        })
        .collect();
    let total = cumulative.last().copied().unwrap_or(0.0);
    for _ in size.owners..size.keys {
        loop {
            let drawn = rng.random::<f64>() * total;
            let rank = cumulative.partition_point(|sum| *sum < drawn);
            match counts.get_mut(rank) {
                Some(count) if *count < MOST_KEYS => {
                    *count = count.saturating_add(1);
                    break;
                }
                _ => {}
            }
        }
    }
    batches(&counts, rng)
}

/// Keys in the order in which the owners bought them.
fn batches(counts: &[u32], rng: &mut impl Rng) -> Vec<String> {
    let mut batches: Vec<Vec<String>> = Vec::new();
    for (index, count) in (0_u32..).zip(counts) {
        let names: Vec<String> = (0..*count).map(|_| operator(index)).collect();
        batches.extend(names.chunks(BATCH).map(<[String]>::to_vec));
    }
    batches.shuffle(rng);
    batches.concat()
}

#[cfg(test)]
mod tests;
