//! Stakers of the pool.

use noderev_api::vault;
use noderev_testing::{Network, QST};

use super::scales::Scales;
use super::sizes;
use super::study::{Study, FLAT};

const SIZES: [u32; 6] = [10, 100, 1_000, 10_000, 100_000, 1_000_000];
const SHORT: u32 = 10_000;
/// The staker whose messages are measured, one of the first ten.
const MEASURED: &str = "staker-5";
/// Somebody who has changed the pool in earlier epochs.
const EARLY: &str = "early";
/// Somebody with QST who has staked nothing.
const NEWCOMER: &str = "newcomer";
const KEYS: u32 = 100;
const REVENUE: u128 = 137_000_000_000;

/// A pool that grows. Every staker is made by messages, as users make them: the embedded chain
/// makes about 20,000 of them in a second.
pub(crate) fn pool(scales: &mut Scales, full: bool) -> Study {
    let mut study = Study::new("stakers", "Pool stakers", "stakers of the pool")
        .notes(
            "100 running nodes, none staked. Each staker has put 400,000 QST and some into the \
             pool by a message of his own. The claim is for one epoch in which all of them \
             counted.",
        )
        .with("first deposit", FLAT)
        .with("another deposit", FLAT)
        .with("withdrawal request", FLAT)
        .with("claim", FLAT);
    let mut network = Network::builder().build();
    network.issue(&[("operator", KEYS)]);
    network.mint_qst(NEWCOMER, 1_000 * QST);
    network.deposit_revenue("customer", 0, REVENUE * 60, 60);
    // From the third epoch with a change on, the first change of an epoch also stores what was.
    network.mint_qst(EARLY, 2_000 * QST);
    for epoch in 0..2 {
        network.deposit_pool(EARLY, 1_000 * QST);
        finish(&mut network, epoch);
    }
    let (mut stakers, mut epoch) = (0, 2);
    for size in sizes(&SIZES, full, SHORT) {
        for number in stakers..size {
            stake(&mut network, number);
        }
        stakers = size;
        // They count from the next epoch on; what was before is claimed.
        finish(&mut network, epoch);
        network.claim(MEASURED);
        finish(&mut network, epoch + 1);
        epoch += 2;
        scales.follow(&network);
        weigh(scales, &network, &mut study, size);
    }
    study
}

fn stake(network: &mut Network, number: u32) {
    let staker = format!("staker-{number}");
    let amount = (400_000 + u128::from(number % 1_000) * 317) * QST;
    network.mint_qst(&staker, amount + u128::from(number < 10) * 1_000 * QST);
    network.deposit_pool(&staker, amount);
}

fn finish(network: &mut Network, epoch: u32) {
    let ran = network.all_ran(epoch);
    network.finish_epoch(epoch, &ran);
}

fn weigh(scales: &mut Scales, network: &Network, study: &mut Study, size: u32) {
    let newcomer = scales.weigh_deposit(network, NEWCOMER, 1_000 * QST);
    study.add("first deposit", size, newcomer);
    let more = scales.weigh_deposit(network, MEASURED, 1_000 * QST);
    study.add("another deposit", size, more);
    let out = vault::ExecuteMsg::UnbondPool {
        amount: (1_000 * QST).into(),
    };
    let vault = &network.addresses().vault;
    let request = scales.weigh(&network.account(MEASURED), vault, &out);
    study.add("withdrawal request", size, request);
    let claim = scales.weigh_claim(network, MEASURED, &[]);
    study.add("claim", size, claim);
}
