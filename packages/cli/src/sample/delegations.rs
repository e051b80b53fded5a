//! Made-up delegations: who stakes which NFTs where, which validators run, and what is injected.

mod accounts;
mod fleet;
mod world;

use rand::Rng;

use super::activity::{missed_quorums, seen, silent_attesters, Node};
use super::Size;
use crate::input::{
    Bitmap, Class, Collection, DelegationRules, Delegations, Eligibility, Injection, Mint, Network,
    TokenRule, ValidatorAction,
};

use super::stream;
use fleet::Fleet;
use world::World;

/// One token in units.
const TOKEN: u128 = 1_000_000;
/// Tokens a day at first, and after two thirds of the run.
const A_DAY: [u128; 2] = [25_000, 22_500];
/// From the boundary at which an NFT stops counting to its return: three days.
const UNBONDING: u64 = 259_200;

/// A kind of NFT: its collection, the first of its ids and what it weighs.
#[derive(Clone, Copy)]
pub(super) struct Kind {
    collection: usize,
    first: u64,
    weight: u64,
}

/// Heaviest first.
pub(super) const KINDS: [Kind; 4] = [
    Kind {
        collection: 0,
        first: 1,
        weight: 10_000,
    },
    Kind {
        collection: 0,
        first: 1_001,
        weight: 2_500,
    },
    Kind {
        collection: 1,
        first: 1,
        weight: 1_000,
    },
    Kind {
        collection: 1,
        first: 10_001,
        weight: 250,
    },
];

/// The rules of made-up delegations.
pub(super) fn rules(size: Size) -> DelegationRules {
    let later = size.epochs.saturating_mul(2) / 3;
    let from = [0, u32::try_from(later).unwrap_or(u32::MAX)];
    let schedule = from.into_iter().zip(A_DAY).map(|(from, tokens)| Mint {
        from,
        amount: tokens.saturating_mul(TOKEN),
    });
    let collection = |name: &str, class: &str, kinds: [Kind; 2]| Collection {
        name: name.to_owned(),
        weight: kinds[1].weight,
        classes: vec![Class {
            name: class.to_owned(),
            tokens: TokenRule::Range(kinds[0].first, kinds[1].first.saturating_sub(1)),
            weight: kinds[0].weight,
        }],
    };
    let [council, founder, early, citizen] = KINDS;
    let collections = vec![
        collection("founders", "council", [council, founder]),
        collection("citizens", "early", [early, citizen]),
    ];
    DelegationRules {
        unbonding_period_s: UNBONDING,
        ..DelegationRules::new("OURO", schedule.take(spans(later)).collect(), collections)
    }
}

/// Entries of the schedule: one if the second would not be later than the first.
fn spans(later: u64) -> usize {
    if later > 0 {
        2
    } else {
        1
    }
}

/// Makes up what happens to delegations.
pub(super) fn generate(seed: u64, size: Size, network: &Network) -> Delegations {
    let rng = &mut stream(seed, 4);
    let mut world = World::new(size);
    let mut fleet = Fleet::new(size);
    for epoch in 0..size.epochs {
        world.epoch(epoch, rng);
        fleet.epoch(epoch, &world, rng);
    }
    let mut delegations = Delegations {
        moves: world.moves,
        validators: fleet.moves,
        eligibility: Vec::new(),
        injections: injections(size.epochs, &mut stream(seed, 6)),
    };
    delegations.eligibility = eligibility(&delegations, size, network, &mut stream(seed, 5));
    delegations
}

/// Who was eligible, and what the attesters saw of it.
fn eligibility(
    delegations: &Delegations,
    size: Size,
    network: &Network,
    rng: &mut impl Rng,
) -> Vec<Eligibility> {
    let registered =
        |row: &&crate::input::ValidatorMove| matches!(row.action, ValidatorAction::Register(_));
    let count = delegations.validators.iter().filter(registered).count();
    let mut servers: Vec<Node> = (0..count).map(|_| server(rng)).collect();
    let missed = missed_quorums(size.epochs, size.missed_quorums, rng);
    let mut rows = Vec::new();
    for epoch in 0..size.epochs {
        servers.iter_mut().for_each(|server| server.step(rng));
        let mut truth = Bitmap::new(delegations.reported_validators(epoch));
        for (validator, server) in (1..).zip(&servers) {
            truth.set(validator, server.up);
        }
        let silent = silent_attesters(missed.contains(&epoch), network.attesters.len(), rng);
        for attester in (0..network.attesters.len()).filter(|one| !silent.contains(one)) {
            rows.push(Eligibility {
                epoch,
                attester,
                eligible: seen(&truth, rng),
            });
        }
    }
    rows
}

/// Most servers are well kept, a few are not.
fn server(rng: &mut impl Rng) -> Node {
    let (fails, recovers) = match rng.random_range(0..100) {
        0..=84 => (0.008, 0.6),
        85..=95 => (0.05, 0.4),
        _ => (0.2, 0.2),
    };
    Node {
        fails,
        recovers,
        in_region: false,
        up: true,
    }
}

/// The Hub's weekly share of fees, and a grant in the middle of the run.
fn injections(epochs: u64, rng: &mut impl Rng) -> Vec<Injection> {
    let mut rows = Vec::new();
    for (number, epoch) in (1_u32..).zip((0..epochs).step_by(7)) {
        let tokens: u128 = rng.random_range(9_000..16_000);
        rows.push(Injection {
            epoch,
            account: "hub-treasury".to_owned(),
            amount: tokens.saturating_mul(TOKEN),
            over: 7,
            source: "hub-fees".to_owned(),
            reference: format!("week-{number:03}"),
        });
    }
    rows.push(Injection {
        epoch: epochs / 2,
        account: "foundation".to_owned(),
        amount: TOKEN.saturating_mul(60_000),
        over: 20,
        source: "grant".to_owned(),
        reference: "resolution-7".to_owned(),
    });
    rows.sort_by_key(|row| row.epoch);
    rows
}
