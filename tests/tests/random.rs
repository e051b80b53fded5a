//! Random acts over all four contracts beside the naive ledgers.
//!
//! `NODEREV_STEPS` (default 3,000) steps of seed `NODEREV_SEED` (default 1), and every seed of
//! `seeds.txt` with as many steps as stand there.

use std::time::Instant;

use noderev_tests::play::play;

fn env(name: &str, default: u64) -> u64 {
    let value = std::env::var(name).ok();
    value.map_or(default, |value| value.parse().expect("a number"))
}

#[test]
fn contracts_and_ledger_agree_whatever_happens() {
    let (seed, steps) = (env("NODEREV_SEED", 1), env("NODEREV_STEPS", 3_000));
    let began = Instant::now();
    let tally = match play(seed, steps) {
        Ok(tally) => tally,
        Err(fault) => panic!("{fault}"),
    };
    let rate = steps as f64 / began.elapsed().as_secs_f64();
    println!("seed {seed}: {rate:.0} steps a second\n{tally:#?}");
    // The rare ones come in a long run only.
    for kind in [
        "Buy",
        "Claim",
        "Close",
        "Rule",
        "Resolve",
        "CancelLot",
        "Compound",
        "Split",
        "MoveNfts",
        "WithdrawNfts",
        "AcceptValidators",
        "ReleaseMembers",
        "Advance",
        "ClaimRewards",
        "Inject",
    ] {
        let enough = steps < 20_000 || tally.accepted.contains_key(kind);
        assert!(enough, "no {kind} was accepted in {steps} steps");
    }
}

#[test]
fn seeds_that_found_faults_find_none_now() {
    for line in include_str!("seeds.txt").lines() {
        let line = line.split('#').next().unwrap_or_default();
        let mut numbers = line
            .split_whitespace()
            .map(|number| number.parse().expect("a number"));
        let (Some(seed), Some(steps)) = (numbers.next(), numbers.next()) else {
            continue;
        };
        if let Err(fault) = play(seed, steps) {
            panic!("{fault}");
        }
    }
}

/// The release profile that the random acts run with, and the wasm's, which inherits it.
#[test]
fn arithmetic_that_overflows_stops() {
    let most = std::hint::black_box(u128::MAX);
    let sum = std::panic::catch_unwind(|| most + std::hint::black_box(1));
    assert!(sum.is_err(), "overflow-checks are off");
}
