//! Random acts, and everybody's way out at the end.

mod delegation;
mod governance;
mod keys;
mod leaving;
mod revenue;

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::act::{Act, Contract};
use crate::checks::{self, run, AFTER_EVERY_ACT, NOW_AND_THEN};
use crate::shadow::{Key, Outcome, Step, Who, DAY};
use crate::world::{World, KEEPER, MINTER, PEOPLE, USERS};

/// Checks that look at everybody run every so many steps.
pub const PERIOD: u64 = 20;

/// What a run came to.
#[derive(Debug, Default)]
pub struct Tally {
    /// Steps made.
    pub steps: u64,
    /// Acts that were accepted, by kind.
    pub accepted: BTreeMap<String, u64>,
    /// Acts that were refused by both.
    pub refused: BTreeMap<String, u64>,
    /// Epochs that ended.
    pub epochs: u32,
    /// Epochs that the distributor closed.
    pub closed: u32,
    /// Epochs that the delegation contract closed.
    pub advanced: u32,
}

/// Makes so many random steps, then lets everybody leave. A fault is an error that tells the seed
/// and the step.
pub fn play(seed: u64, steps: u64) -> Result<Tally, String> {
    let mut game = Game {
        world: World::new(),
        rng: ChaCha8Rng::seed_from_u64(seed),
        tally: Tally::default(),
        last: vec![],
        references: 0,
    };
    game.open();
    for step in 0..steps {
        let act = game.choose();
        game.step(&act)
            .map_err(|fault| game.report(seed, step, &fault))?;
        if step % PERIOD == PERIOD - 1 {
            game.check(NOW_AND_THEN)
                .map_err(|fault| game.report(seed, step, &fault))?;
        }
    }
    game.everybody_leaves()
        .map_err(|fault| game.report(seed, steps, &format!("at the end: {fault}")))?;
    game.tally.steps = steps;
    game.tally.epochs = game.world.shadow.epoch;
    game.tally.closed = game.world.shadow.next_close();
    game.tally.advanced = game.world.delegation.next_close();
    Ok(game.tally)
}

/// The first bytes of all keys that the contracts have written after so many random steps, one line
/// per contract; keys with a name by their names.
pub fn namespaces_after(seed: u64, steps: u64) -> String {
    let mut game = Game {
        world: World::new(),
        rng: ChaCha8Rng::seed_from_u64(seed),
        tally: Tally::default(),
        last: vec![],
        references: 0,
    };
    game.open();
    for _ in 0..steps {
        let act = game.choose();
        if let Err(fault) = game.world.perform(&act) {
            panic!("{fault}");
        }
    }
    let (net, at) = (&game.world.net, game.world.net.addresses());
    let contracts = [
        ("registry", &at.registry),
        ("vault", &at.vault),
        ("distributor", &at.distributor),
        ("delegation", &at.delegation),
    ];
    let lines = contracts.iter().map(|(name, contract)| {
        let dump = net.app().dump_wasm_raw(contract);
        let spaces: BTreeSet<String> = dump.iter().map(|(key, _)| namespace(key)).collect();
        let spaces: Vec<String> = spaces.into_iter().collect();
        format!("{name}: {}\n", spaces.join(" "))
    });
    lines.collect()
}

fn namespace(key: &[u8]) -> String {
    match key.first() {
        Some(first) if *first >= 0x80 => format!("{first:02x}"),
        _ => String::from_utf8_lossy(key).into_owned(),
    }
}

struct Game {
    world: World,
    rng: ChaCha8Rng,
    tally: Tally,
    last: Vec<String>,
    references: u64,
}

impl Game {
    /// Some keys, so that something can happen from the start.
    fn open(&mut self) {
        let rows = USERS.map(|who| (who, 1)).to_vec();
        self.world.must(Act::Issue { by: MINTER, rows });
        self.open_delegation();
    }

    fn step(&mut self, act: &Act) -> Result<(), String> {
        self.last
            .push(format!("{act:?}").chars().take(220).collect());
        if self.last.len() > 30 {
            self.last.remove(0);
        }
        let accepted = self.world.perform(act)?;
        let tally = match accepted {
            true => &mut self.tally.accepted,
            false => &mut self.tally.refused,
        };
        *tally.entry(act.kind()).or_default() += 1;
        self.check(AFTER_EVERY_ACT)
    }

    fn check(&self, checks: &[checks::Check]) -> Result<(), String> {
        let faults = run(&self.world, checks);
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.join("\n  ")),
        }
    }

    fn report(&self, seed: u64, step: u64, fault: &str) -> String {
        let (epoch, now) = (self.world.shadow.epoch, self.world.shadow.now);
        let acts = self.last.join("\n  ");
        let place = format!("seed {seed}, step {step} (epoch {epoch}, second {now})");
        format!("{place}:\n  {fault}\nlast acts:\n  {acts}")
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> Option<T> {
        from.choose(&mut self.rng).copied()
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.rng.random_range(0..bound.max(1))
    }

    fn chance(&mut self, one_in: u64) -> bool {
        self.below(one_in) == 0
    }

    /// One of a list: mostly of the first so many, now and then of the others, to be refused.
    fn mostly<T: Copy, const N: usize>(&mut self, from: [T; N], usual: usize) -> T {
        let count = if self.chance(8) { N } else { usual };
        from[self.below(count as u64) as usize]
    }

    fn user(&mut self) -> Who {
        self.pick(&USERS).unwrap_or(KEEPER)
    }

    fn anybody(&mut self) -> Who {
        Who(self.below(PEOPLE.len() as u64) as usize)
    }

    fn contract(&mut self) -> Contract {
        let all = [Contract::Registry, Contract::Vault, Contract::Distributor];
        all[self.below(3) as usize]
    }

    /// Small and round, large and odd.
    fn amount(&mut self) -> u128 {
        let edges = [
            1,
            2,
            3,
            29,
            31,
            999_999,
            1_000_000,
            199_999_999_999,
            200_000_000_000,
        ];
        match self.below(3) {
            0 => edges[self.below(edges.len() as u64) as usize],
            1 => u128::from(self.below(1_000)) + 1,
            _ => u128::from(self.below(2_000_000_000_000)) + 1,
        }
    }

    /// Mostly a key of theirs, sometimes any.
    fn key_of(&mut self, who: Who) -> Key {
        let own = self.world.shadow.keys_of(who);
        let all = self.world.shadow.keys.len() as u64;
        match self.pick(&own).filter(|_| !self.chance(12)) {
            Some(key) => key,
            None => self.below(all + 2) as Key,
        }
    }

    fn some_keys(&mut self, from: &[Key], most: usize) -> Vec<Key> {
        let count = 1 + self.below(most as u64) as usize;
        let mut keys: Vec<Key> = from
            .choose_multiple(&mut self.rng, count)
            .copied()
            .collect();
        if self.chance(25) {
            keys.extend(keys.first().copied()); // Twice: to be refused.
        }
        keys
    }

    fn choose(&mut self) -> Act {
        // What is possible only for a while is done more often then.
        let ledger = &self.world.shadow;
        let closed = ledger.next_close();
        let step = ledger.step(closed);
        let mut disputes = ledger.disputes.iter();
        let waits = disputes.any(|((at, _), it)| *at < closed && it.outcome == Outcome::Open);
        match step {
            Step::Appeals(_) if self.chance(3) => return self.dispute(),
            Step::Due(_) if self.chance(5) => return self.close(),
            Step::Reporting(_) if self.chance(6) => return self.evidence(),
            _ if waits && self.chance(6) => return self.disputes(),
            _ => {}
        }
        if let Some(act) = self.urgent_delegation() {
            return act;
        }
        if self.below(5) < 3 {
            return match self.chance(9) {
                true => self.time(),
                false => self.delegating(),
            };
        }
        match self.below(100) {
            0..17 => self.time(),
            17..33 => self.evidence(),
            33..41 => self.close(),
            41..47 => self.revenue(),
            47..55 => self.keys(),
            55..63 => self.market(),
            63..71 => self.nodes(),
            71..78 => self.pool(),
            78..89 => self.claims(),
            89..95 => self.disputes(),
            95..98 => self.donation_or_payee(),
            _ => self.governance(),
        }
    }

    /// On: within the epoch, to something's exact second, one before, or far.
    fn time(&mut self) -> Act {
        let ledger = &self.world.shadow;
        let now = ledger.now;
        let mut points = vec![ledger.boundary(), ledger.boundary()];
        match ledger.step(ledger.next_close()) {
            Step::Reporting(Some(until)) | Step::Appeals(until) => points.extend([until; 3]),
            _ => {}
        }
        points.extend(ledger.lots.values().map(|lot| lot.release).take(3));
        let ledger = &self.world.delegation;
        if let Step::Reporting(Some(until)) = ledger.step(ledger.next_close()) {
            points.extend([until; 3]);
        }
        let leaving = ledger.records.values();
        points.extend(leaving.filter_map(|record| record.withdrawable_at).take(3));
        let ledger = &self.world.shadow;
        if let Some(closed) = ledger.closed.last() {
            points.push(
                closed.at
                    + ledger
                        .share_params
                        .at(ledger.next_close() - 1)
                        .ruling_window,
            );
        }
        points.retain(|point| *point > now);
        let seconds = match self.below(10) {
            0 => 0,
            1 => 1,
            2 | 3 => self.below(DAY),
            4 => self.below(3) * DAY,
            5 if self.chance(30) => self.below(40) * DAY,
            5..8 => self.pick(&points).unwrap_or(now) - now,
            8 => (self.pick(&points).unwrap_or(now + 1) - now).saturating_sub(1),
            _ => self.below(6 * 3_600),
        };
        Act::Time { seconds }
    }
}
