//! Random acts, and everybody's way out at the end.

use std::collections::{BTreeMap, BTreeSet};

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::act::{Act, Contract};
use crate::checks::{self, run, AFTER_EVERY_ACT, NOW_AND_THEN};
use crate::shadow::{
    Epoch, Key, Kind, Outcome, Purchase, RegistryParams, ShareParams, Step, VaultParams, Who, DAY,
};
use crate::world::{
    World, ARBITER, ATTESTERS, CUSTOMER, GUARDIAN, KEEPER, MINTER, OWNER, PEOPLE, TREASURY, USERS,
};

/// Checks that look at everybody run every so many steps.
pub const PERIOD: u64 = 25;

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
    /// Epochs that were closed.
    pub closed: u32,
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
    let contracts = ["registry", "vault", "distributor"];
    let lines = contracts.iter().zip(game.world.dump()).map(|(name, dump)| {
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
    }

    fn step(&mut self, act: &Act) -> Result<(), String> {
        let text = format!("{act:?}");
        let kind = text
            .split([' ', '{'])
            .next()
            .unwrap_or_default()
            .to_string();
        self.last.push(text.chars().take(300).collect());
        if self.last.len() > 30 {
            self.last.remove(0);
        }
        let accepted = self.world.perform(act)?;
        let tally = match accepted {
            true => &mut self.tally.accepted,
            false => &mut self.tally.refused,
        };
        *tally.entry(kind).or_default() += 1;
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
        format!("seed {seed}, step {step} (epoch {epoch}, second {now}):\n  {fault}\nlast acts:\n  {acts}")
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

    fn evidence(&mut self) -> Act {
        let ledger = &self.world.shadow;
        let next = ledger.next_close();
        let open = ledger.epoch.saturating_sub(next);
        let far = u64::from(open.max(1)).min(3);
        let epoch = next + self.below(far) as Epoch;
        let attesters = self.world.shadow.share_params.at(epoch).attesters.clone();
        let by = match self.chance(25) {
            true => self.anybody(),
            false => self.pick(&attesters).unwrap_or(KEEPER),
        };
        let bits = self.world.shadow.report_bits(epoch).unwrap_or(3);
        let bits = if self.chance(40) { bits + 9 } else { bits };
        let down = [0, 0, 3, 10, 90][self.below(5) as usize];
        // The same for all attesters of an epoch but for a few bits.
        let mut common = ChaCha8Rng::seed_from_u64(u64::from(epoch));
        let bits = (0..bits)
            .map(|_| {
                let ran = common.random_range(0..100) >= 25;
                if self.below(100) < down {
                    !ran
                } else {
                    ran
                }
            })
            .collect();
        Act::Report { by, epoch, bits }
    }

    fn close(&mut self) -> Act {
        if self.chance(8) {
            return Act::Roll { by: KEEPER };
        }
        let next = self.world.shadow.next_close();
        let epoch = if self.chance(15) { next + 1 } else { next };
        let by = self.anybody();
        Act::Close { by, epoch }
    }

    fn revenue(&mut self) -> Act {
        let denom = self.below(self.world.denoms() as u64) as usize;
        let over = [1, 1, 2, 7, 30, 366, 367, 0][self.below(8) as usize];
        self.references += u64::from(!self.chance(20));
        let amount = if self.chance(30) { 0 } else { self.amount() };
        // A bank send of nothing never reaches the contract.
        let amount = if denom == 0 { amount.max(1) } else { amount };
        Act::Deposit {
            by: CUSTOMER,
            denom,
            amount,
            over,
            reference: format!("invoice {}", self.references),
        }
    }

    fn keys(&mut self) -> Act {
        let by = self.user();
        match self.below(10) {
            0 if self.world.shadow.keys.len() < 24 => {
                let to = self.user();
                let count = self.below(3) as u32;
                Act::Issue {
                    by: if self.chance(10) { by } else { MINTER },
                    rows: vec![(to, count), (by, 1)],
                }
            }
            0..8 => {
                let (to, key) = (self.user(), self.key_of(by));
                Act::Transfer { by, to, key }
            }
            _ => {
                let (operator, key) = (self.anybody(), self.key_of(by));
                let operator = (!self.chance(4)).then_some(operator);
                Act::Operator { by, key, operator }
            }
        }
    }

    fn market(&mut self) -> Act {
        let by = self.user();
        let key = self.key_of(by);
        match self.below(10) {
            0..4 => Act::List {
                by,
                key,
                price: if self.chance(20) { 0 } else { self.amount() },
                buyer: self.chance(5).then(|| self.user()),
                expires: self
                    .chance(3)
                    .then(|| self.world.shadow.now + self.below(3 * DAY)),
                with_stake: self.chance(2),
            },
            4 => {
                let key = self.below(self.world.shadow.keys.len() as u64 + 1) as Key;
                Act::Delist { by, key }
            }
            5 => Act::ClaimFees { by },
            _ => self.buy(by),
        }
    }

    fn buy(&mut self, by: Who) -> Act {
        let listed = (1..)
            .zip(&self.world.shadow.keys)
            .filter_map(|(key, facts)| {
                let listing = facts.listing.as_ref()?;
                Some(Purchase {
                    key,
                    listing: listing.number,
                    price: listing.price,
                })
            });
        let listed: Vec<Purchase> = listed.collect();
        let count = 1 + self.below(3) as usize;
        let mut purchases: Vec<Purchase> = listed
            .choose_multiple(&mut self.rng, count)
            .copied()
            .collect();
        if let Some(first) = purchases
            .first_mut()
            .filter(|_| self.rng.random_range(0..12) == 0)
        {
            match self.rng.random_range(0..3) {
                0 => first.price += 1,
                1 => first.listing += 1,
                _ => first.key += 1,
            }
        }
        let sum: u128 = purchases.iter().map(|purchase| purchase.price).sum();
        let sent = if self.chance(15) { sum + 1 } else { sum };
        Act::Buy {
            by,
            purchases,
            sent,
        }
    }

    fn nodes(&mut self) -> Act {
        let by = self.user();
        let ledger = &self.world.shadow;
        let own = ledger.keys_of(by);
        let is = |key: &Key, staked: bool| ledger.keys[*key as usize - 1].staked_next == staked;
        let (staked, bare): (Vec<Key>, Vec<Key>) = own.iter().partition(|key| is(key, true));
        let requirement = ledger.requirement();
        if self.chance(3) && !staked.is_empty() {
            let keys = self.some_keys(&staked, 3);
            return Act::Unstake { by, keys };
        }
        let from = if self.chance(20) { own } else { bare };
        let keys = self.some_keys(&from, 4);
        let sent = requirement * keys.len() as u128;
        let off = [0, 0, 0, 0, 0, 0, 1, 2][self.below(8) as usize];
        let sent = match off {
            1 => sent + 1,
            2 => sent.saturating_sub(1),
            _ => sent,
        };
        Act::Stake { by, keys, sent }
    }

    fn pool(&mut self) -> Act {
        let by = self.user();
        let have = self.world.shadow.pool_of(by);
        let lots: Vec<u64> = self
            .world
            .shadow
            .lots_of(by)
            .iter()
            .map(|(it, _)| *it)
            .collect();
        match self.below(10) {
            0..3 => Act::PoolIn {
                by,
                sent: if self.chance(15) { 0 } else { self.amount() },
            },
            3..5 => Act::PoolOut {
                by,
                amount: match self.below(5) {
                    0 => have,
                    1 => have + 1,
                    2 => 1,
                    _ => u128::from(self.below(u64::try_from(have).unwrap_or(u64::MAX))),
                },
            },
            5 | 6 => Act::CancelLot {
                by,
                lot: self.pick(&lots).unwrap_or(1),
            },
            7 => {
                let count = 1 + self.below(3) as usize;
                let mut lots: Vec<u64> = lots
                    .choose_multiple(&mut self.rng, count)
                    .copied()
                    .collect();
                if self.chance(15) {
                    lots.extend(lots.first().copied());
                }
                Act::WithdrawNamed { by, lots }
            }
            _ => Act::WithdrawPage {
                by,
                after: self.chance(4).then(|| self.below(5)),
                limit: 1 + self.below(20) as u32,
            },
        }
    }

    fn claims(&mut self) -> Act {
        let by = match self.below(6) {
            0 => TREASURY,
            1 => self.anybody(),
            _ => self.user(),
        };
        let keys = match self.below(3) {
            0 => None,
            1 => {
                let own = self.world.shadow.keys_of(by);
                Some(self.some_keys(&own, 5))
            }
            _ => {
                let all: Vec<Key> = (1..=self.world.shadow.keys.len() as Key).collect();
                Some(self.some_keys(&all, 5))
            }
        };
        match self.below(10) {
            0 => {
                let account = self.chance(3).then(|| self.user());
                Act::Settle { by, account, keys }
            }
            1 | 2 => Act::Compound { by, keys },
            _ => Act::Claim {
                by,
                account: self.chance(4).then(|| self.user()),
                keys,
                denoms: self.chance(3).then(|| {
                    let denoms = self.world.denoms() as u64;
                    vec![self.below(denoms) as usize]
                }),
                to: self.chance(8).then(|| self.user()),
            },
        }
    }

    fn disputes(&mut self) -> Act {
        let (closed, early) = (self.world.shadow.next_close(), self.chance(10));
        let disputes = self.world.shadow.disputes.iter();
        let open: Vec<(Epoch, Key)> = disputes
            .filter(|((epoch, _), it)| it.outcome == Outcome::Open && (early || *epoch < closed))
            .map(|(at, _)| *at)
            .collect();
        let ended = self.pick(&open);
        let Some((epoch, key)) = ended else {
            return self.dispute();
        };
        let same: Vec<Key> = open
            .iter()
            .filter(|it| it.0 == epoch)
            .map(|it| it.1)
            .collect();
        let keys = if self.chance(2) { same } else { vec![key] };
        let keys = keys.into_iter().take(33).collect();
        match self.below(3) {
            0 => Act::Resolve {
                by: KEEPER,
                epoch,
                keys,
            },
            _ => Act::Rule {
                by: if self.chance(12) { KEEPER } else { ARBITER },
                epoch,
                keys,
                upheld: self.chance(2),
            },
        }
    }

    fn dispute(&mut self) -> Act {
        let ledger = &self.world.shadow;
        let epoch = ledger.next_close();
        let ran = (epoch < ledger.epoch)
            .then(|| ledger.result(epoch))
            .flatten();
        let ran = ran.unwrap_or_default();
        let kind = if self.chance(2) {
            Kind::Appeal
        } else {
            Kind::Challenge
        };
        let fitting = (1..)
            .zip(&ran)
            .filter(|(_, ran)| **ran == (kind == Kind::Challenge));
        let fitting: Vec<Key> = fitting.map(|(key, _)| key).collect();
        let mut keys = self.some_keys(&fitting, 2);
        let mut by = self.user();
        if kind == Kind::Appeal && !self.chance(10) {
            keys.truncate(1);
            if let Some(key) = keys.first().filter(|_| !ran.is_empty()) {
                by = self.world.shadow.ended[epoch as usize].owners[*key as usize - 1];
                let operator = self.world.shadow.keys[*key as usize - 1].operator;
                if let Some((operator, _)) = operator.filter(|_| self.rng.random_range(0..3) == 0) {
                    by = operator;
                }
            }
        }
        let bond = self.world.shadow.share_params.at(epoch).bond;
        let sent = bond * keys.len() as u128 + u128::from(self.chance(20));
        Act::Dispute {
            by,
            kind,
            epoch,
            keys,
            sent,
        }
    }

    fn donation_or_payee(&mut self) -> Act {
        let by = self.user();
        match self.below(4) {
            0 => Act::Payee {
                by,
                payee: self.chance(2).then(|| self.user()),
            },
            1 => Act::Policy {
                by,
                self_claim_only: self.chance(2),
            },
            _ => Act::Donate {
                by,
                contract: self.contract(),
                denom: self.below(self.world.denoms() as u64) as usize,
                amount: self.amount(),
            },
        }
    }

    fn governance(&mut self) -> Act {
        let by = if self.chance(8) { self.user() } else { OWNER };
        let contract = self.contract();
        match self.below(12) {
            0 | 1 => {
                let factors = [2, 2, 2, 4, 5, 5, 3, 25, 1];
                Act::Split {
                    by,
                    factor: factors[self.below(9) as usize],
                }
            }
            2 => Act::CancelSplit { by },
            3 => Act::CancelParams { by, contract },
            4 => Act::RegistryParams {
                by,
                params: RegistryParams {
                    fee: [0, 1, 250, 500, 501][self.below(5) as usize],
                    notice: self.below(6) * DAY / 2,
                    grace: self.below(6) as u32,
                },
            },
            5 => Act::VaultParams {
                by,
                params: VaultParams {
                    unbonding: self.below(10) * DAY / 2,
                    lock: self.below(10) * DAY,
                },
            },
            6..8 => self.share_params(by),
            8 | 9 => Act::Pause {
                by: if self.chance(3) { GUARDIAN } else { by },
                contract,
                seconds: [1, DAY, 3 * DAY, 14 * DAY, 14 * DAY + 1, 0][self.below(6) as usize],
            },
            _ => Act::Resume { by, contract },
        }
    }

    fn share_params(&mut self, by: Who) -> Act {
        let count = 1 + self.below(5) as usize;
        let attesters = ATTESTERS[..count].to_vec();
        let least = count / 2 + usize::from(!self.chance(10));
        let threshold = least + self.below((count - least.min(count)) as u64 + 1) as usize;
        let params = ShareParams {
            network: [6_000, 6_000, 7_777, 10_000, 5_999][self.below(5) as usize],
            unstaked: [3_000, 2_000, 4_000, 3_333][self.below(4) as usize],
            remainder_to_all: self.chance(2),
            attesters,
            threshold,
            report_window: 1 + self.below(DAY * 2 / 3),
            appeal_window: self.below(DAY / 2),
            ruling_window: 1 + self.below(4 * DAY),
            bond: 1 + u128::from(self.below(2_000_000_000)),
        };
        Act::ShareParams { by, params }
    }

    /// L1: closes what can be closed, ends every dispute, and lets everybody take everything.
    fn everybody_leaves(&mut self) -> Result<(), String> {
        self.close_all()?;
        self.leave_stakes()?;
        self.claim_all()?;
        self.check(AFTER_EVERY_ACT)?;
        self.check(NOW_AND_THEN)?;
        let faults = checks::only_carries_are_left(&self.world);
        match faults.is_empty() {
            true => Ok(()),
            false => Err(faults.join("\n  ")),
        }
    }

    fn must(&mut self, act: Act) -> Result<(), String> {
        self.last.push(format!("{act:?}"));
        match self.world.perform(&act)? {
            true => Ok(()),
            false => Err(format!(
                "refused: {}",
                self.world.log.last().cloned().unwrap_or_default()
            )),
        }
    }

    fn close_all(&mut self) -> Result<(), String> {
        let last = self.world.shadow.epoch;
        while self.world.shadow.next_close() < last {
            let epoch = self.world.shadow.next_close();
            let wait = match self.world.shadow.step(epoch) {
                Step::Reporting(Some(until)) | Step::Appeals(until) => until,
                Step::Due(_) => {
                    self.must(Act::Close { by: KEEPER, epoch })?;
                    continue;
                }
                step => return Err(format!("epoch {epoch} is stuck: {step:?}")),
            };
            let seconds = wait - self.world.shadow.now;
            self.must(Act::Time { seconds })?;
        }
        self.must(Act::Time { seconds: 40 * DAY })?;
        let open: Vec<(Epoch, Key)> = self
            .world
            .shadow
            .disputes
            .iter()
            .filter(|((epoch, _), it)| *epoch < last && it.outcome == Outcome::Open)
            .map(|(at, _)| *at)
            .collect();
        for (epoch, key) in open {
            self.must(Act::Resolve {
                by: KEEPER,
                epoch,
                keys: vec![key],
            })?;
        }
        Ok(())
    }

    fn leave_stakes(&mut self) -> Result<(), String> {
        for by in (0..PEOPLE.len()).map(Who) {
            let own = self.world.shadow.keys_of(by);
            let staked: Vec<Key> = own
                .into_iter()
                .filter(|key| self.world.shadow.keys[*key as usize - 1].staked_next)
                .collect();
            for keys in staked.chunks(100).map(<[Key]>::to_vec) {
                self.must(Act::Unstake { by, keys })?;
            }
            let amount = self.world.shadow.pool_of(by);
            if amount > 0 {
                self.must(Act::PoolOut { by, amount })?;
            }
        }
        self.must(Act::Time { seconds: 500 * DAY })?;
        for by in (0..PEOPLE.len()).map(Who) {
            while !self.world.shadow.lots_of(by).is_empty() {
                let (after, limit) = (None, 100);
                self.must(Act::WithdrawPage { by, after, limit })?;
            }
        }
        Ok(())
    }

    fn claim_all(&mut self) -> Result<(), String> {
        if self.world.shadow.fees > 0 {
            self.must(Act::ClaimFees { by: KEEPER })?;
        }
        for by in (0..PEOPLE.len()).map(Who) {
            for _ in 0..200 {
                let denoms = 0..self.world.denoms();
                let owed: u128 = denoms
                    .map(|denom| self.world.shadow.claimable(by, denom))
                    .sum();
                if owed == 0 {
                    break;
                }
                self.must(Act::Claim {
                    by,
                    account: None,
                    keys: None,
                    denoms: None,
                    to: None,
                })?;
            }
        }
        Ok(())
    }
}
