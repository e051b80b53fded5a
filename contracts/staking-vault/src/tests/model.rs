//! Random histories beside a naive model that keeps every epoch in full.

use std::collections::{BTreeMap, BTreeSet};

use noderev_api::vault::Params;
use proptest::prelude::*;

use super::world::*;

const RULES: Params = Params {
    unbonding_period: 600,
    minimum_lock: 2_300,
};
const USERS: [&str; 3] = ["alice", "bob", "carol"];

#[derive(Clone, Debug)]
enum Step {
    Stake {
        user: usize,
        keys: Vec<u32>,
        off: i8,
    },
    Unstake {
        user: usize,
        keys: Vec<u32>,
    },
    Deposit {
        user: usize,
        amount: u128,
    },
    Unbond {
        user: usize,
        amount: u128,
    },
    Cancel {
        user: usize,
        lot: u64,
    },
    Withdraw {
        user: usize,
        lots: Vec<u64>,
    },
    WithdrawPage {
        user: usize,
        after: u64,
        limit: u32,
    },
    Transfer {
        key: u32,
        to: usize,
        with_stake: bool,
    },
    Wait {
        seconds: u64,
    },
    /// Stakes one of the unstaked keys.
    StakeOne {
        pick: usize,
    },
    /// Unstakes one of the staked nodes.
    UnstakeOne {
        pick: usize,
    },
    /// Cancels one of the lots, released or not.
    CancelOne {
        pick: usize,
    },
    /// Withdraws one of the lots, released or not.
    WithdrawOne {
        pick: usize,
    },
    Split {
        epochs: u32,
        factor: u8,
    },
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let user = 0..USERS.len();
    // Mostly keys of before the split, sometimes children, sometimes none that exist.
    let key = prop_oneof![5 => 1..9u32, 2 => 1..34u32];
    let some_keys = prop_oneof![
        3 => key.clone().prop_map(|key| vec![key]),
        1 => prop::collection::vec(key.clone(), 1..4),
    ];
    let amount = 0..400u128;
    let refused = prop_oneof![
        (user.clone(), some_keys.clone(), -1..2i8).prop_map(|(user, keys, off)| Step::Stake {
            user,
            keys,
            off
        }),
        (user.clone(), some_keys).prop_map(|(user, keys)| Step::Unstake { user, keys }),
        (user.clone(), 1..8u64).prop_map(|(user, lot)| Step::Cancel { user, lot }),
        (user.clone(), prop::collection::vec(1..8u64, 1..3))
            .prop_map(|(user, lots)| Step::Withdraw { user, lots }),
    ];
    let allowed = prop_oneof![
        6 => any::<usize>().prop_map(|pick| Step::StakeOne { pick }),
        3 => any::<usize>().prop_map(|pick| Step::UnstakeOne { pick }),
        4 => any::<usize>().prop_map(|pick| Step::CancelOne { pick }),
        2 => any::<usize>().prop_map(|pick| Step::WithdrawOne { pick }),
        3 => (user.clone(), amount)
            .prop_map(|(user, amount)| Step::Deposit { user, amount }),
        3 => (user.clone(), 0..150u128).prop_map(|(user, amount)| Step::Unbond { user, amount }),
        1 => (user.clone(), 0..4u64, 0..4u32)
            .prop_map(|(user, after, limit)| Step::WithdrawPage { user, after, limit }),
        3 => (key, user, any::<bool>())
            .prop_map(|(key, to, with_stake)| Step::Transfer { key, to, with_stake }),
        6 => (1..1_600u64).prop_map(|seconds| Step::Wait { seconds }),
        1 => (1..3u32, prop_oneof![Just(2u8), Just(4)])
            .prop_map(|(epochs, factor)| Step::Split { epochs, factor }),
    ];
    // Picked at random most messages are refused, so most are picked from what is there.
    let step = prop_oneof![1 => refused, 4 => allowed];
    prop::collection::vec(step, 1..90)
}

#[derive(Clone, Debug, PartialEq)]
struct ModelLot {
    amount: u128,
    release: u64,
    key: Option<u32>,
    asked: u32,
}

/// What is true from the next epoch on, and what was in each epoch that has begun.
struct Model {
    now: u64,
    each: u128,
    owners: BTreeMap<u32, usize>,
    /// Staked keys and the epoch from which each stake counts.
    staked: BTreeMap<u32, u32>,
    /// When a key that is not staked had been staked from.
    was: BTreeMap<u32, u32>,
    pool: BTreeMap<usize, u128>,
    lots: BTreeMap<(usize, u64), ModelLot>,
    /// Lots made so far.
    made: u64,
    received: u128,
    paid: u128,
    split: Option<(u32, u8)>,
    history: Vec<(BTreeSet<u32>, BTreeMap<usize, u128>)>,
}

impl Model {
    fn new() -> Self {
        let owners = (1..=8).map(|key| (key, usize::from(key > 5))).collect();
        Self {
            now: START,
            each: STAKE,
            owners,
            staked: BTreeMap::new(),
            was: BTreeMap::new(),
            pool: BTreeMap::new(),
            lots: BTreeMap::new(),
            made: 0,
            received: 0,
            paid: 0,
            split: None,
            history: vec![(BTreeSet::new(), BTreeMap::new())],
        }
    }

    fn epoch(&self) -> u32 {
        u32::try_from((self.now - START) / LENGTH).unwrap()
    }

    fn wait(&mut self, seconds: u64) {
        let before = self.epoch();
        self.now += seconds;
        for epoch in before + 1..=self.epoch() {
            if let Some((_, factor)) = self.split.filter(|(from, _)| *from == epoch) {
                self.multiply(factor);
            }
            let staked = self.staked.keys().copied().collect();
            self.history.push((staked, self.pool.clone()));
        }
    }

    fn multiply(&mut self, factor: u8) {
        let keys = u32::try_from(self.owners.len()).unwrap();
        self.each /= u128::from(factor);
        for copy in 1..u32::from(factor) {
            for key in 1..=keys {
                self.owners.insert(key + keys * copy, self.owners[&key]);
                if let Some(from) = self.staked.get(&key).copied() {
                    self.staked.insert(key + keys * copy, from);
                }
                if let Some(from) = self.was.get(&key).copied() {
                    self.was.insert(key + keys * copy, from);
                }
            }
        }
    }

    fn owns_all(&self, user: usize, keys: &[u32]) -> bool {
        let unique: BTreeSet<_> = keys.iter().collect();
        unique.len() == keys.len() && keys.iter().all(|key| self.owners.get(key) == Some(&user))
    }

    fn add_lot(&mut self, user: usize, amount: u128, release: u64, key: Option<u32>) {
        self.made += 1;
        let asked = u32::try_from((self.now - START) / LENGTH).unwrap();
        let lot = ModelLot {
            amount,
            release,
            key,
            asked,
        };
        self.lots.insert((user, self.made), lot);
    }

    fn take_off(&mut self, user: usize, key: u32) {
        let from = self.staked.remove(&key).unwrap();
        self.was.insert(key, from);
        let unbonded = start_of(self.epoch() + 1) + RULES.unbonding_period;
        let release = unbonded.max(start_of(from) + RULES.minimum_lock);
        self.add_lot(user, self.each, release, Some(key));
    }

    /// Takes the step if it is allowed; tells whether it is.
    fn step(&mut self, step: &Step) -> bool {
        let next = self.epoch() + 1;
        match step {
            Step::Stake { user, keys, off } => {
                let fresh = keys.iter().all(|key| !self.staked.contains_key(key));
                if *off != 0 || !fresh || !self.owns_all(*user, keys) {
                    return false;
                }
                self.received += self.each * keys.len() as u128;
                self.staked.extend(keys.iter().map(|key| (*key, next)));
                true
            }
            Step::Unstake { user, keys } => {
                let staked = keys.iter().all(|key| self.staked.contains_key(key));
                if !staked || !self.owns_all(*user, keys) {
                    return false;
                }
                keys.iter().for_each(|key| self.take_off(*user, *key));
                true
            }
            Step::Deposit { user, amount } => {
                *self.pool.entry(*user).or_default() += amount;
                self.received += amount;
                *amount > 0
            }
            Step::Unbond { user, amount } => {
                let have = self.pool.entry(*user).or_default();
                if *amount == 0 || *amount > *have {
                    return false;
                }
                *have -= amount;
                self.add_lot(
                    *user,
                    *amount,
                    start_of(next) + RULES.unbonding_period,
                    None,
                );
                true
            }
            Step::Cancel { user, lot } => self.cancel(*user, *lot),
            Step::Withdraw { user, lots } => {
                let unique: BTreeSet<_> = lots.iter().collect();
                let ripe = |lot: &u64| self.is_ripe(*user, *lot);
                unique.len() == lots.len() && lots.iter().all(ripe) && self.pay(*user, lots)
            }
            Step::WithdrawPage { user, after, limit } => {
                let mine = self.lots.keys().filter(|(owner, _)| owner == user);
                let page = mine.map(|(_, lot)| *lot).filter(|lot| lot > after);
                let page = page.take(*limit as usize);
                let ripe: Vec<u64> = page.filter(|lot| self.is_ripe(*user, *lot)).collect();
                !ripe.is_empty() && self.pay(*user, &ripe)
            }
            Step::Transfer {
                key,
                to,
                with_stake,
            } => self.transfer(*key, *to, *with_stake),
            Step::Wait { seconds } => {
                self.wait(*seconds);
                true
            }
            Step::StakeOne { .. }
            | Step::UnstakeOne { .. }
            | Step::CancelOne { .. }
            | Step::WithdrawOne { .. } => unreachable!("resolved"),
            Step::Split { epochs, factor } => {
                let first = self.split.is_none();
                self.split.get_or_insert((self.epoch() + epochs, *factor));
                first
            }
        }
    }

    /// What a step that picks from what is there comes to now; none if nothing is there.
    fn resolve(&self, step: &Step) -> Option<Step> {
        let key_of = |keys: Vec<u32>, pick: usize| {
            let key = keys.get(pick.checked_rem(keys.len())?).copied()?;
            Some((self.owners[&key], vec![key]))
        };
        let lot_of = |pick: usize| {
            let at = pick.checked_rem(self.lots.len())?;
            self.lots.keys().nth(at).copied()
        };
        Some(match step {
            Step::StakeOne { pick } => {
                let free = |key: &u32| !self.staked.contains_key(key);
                let free = self.owners.keys().copied().filter(free).collect();
                let (user, keys) = key_of(free, *pick)?;
                Step::Stake { user, keys, off: 0 }
            }
            Step::UnstakeOne { pick } => {
                let (user, keys) = key_of(self.staked.keys().copied().collect(), *pick)?;
                Step::Unstake { user, keys }
            }
            Step::CancelOne { pick } => {
                let (user, lot) = lot_of(*pick)?;
                Step::Cancel { user, lot }
            }
            Step::WithdrawOne { pick } => {
                let (user, lot) = lot_of(*pick)?;
                Step::Withdraw {
                    user,
                    lots: vec![lot],
                }
            }
            step => step.clone(),
        })
    }

    fn is_ripe(&self, user: usize, lot: u64) -> bool {
        let lot = self.lots.get(&(user, lot));
        lot.is_some_and(|lot| lot.release <= self.now)
    }

    fn pay(&mut self, user: usize, lots: &[u64]) -> bool {
        for lot in lots {
            self.paid += self.lots.remove(&(user, *lot)).unwrap().amount;
        }
        true
    }

    fn cancel(&mut self, user: usize, number: u64) -> bool {
        let Some(lot) = self.lots.get(&(user, number)).cloned() else {
            return false;
        };
        if lot.release <= self.now {
            return false;
        }
        match lot.key {
            None => *self.pool.entry(user).or_default() += lot.amount,
            Some(key) => {
                let free = !self.staked.contains_key(&key);
                if !free || self.owners[&key] != user || lot.amount != self.each {
                    return false;
                }
                let from = match lot.asked == self.epoch() {
                    true => self.was[&key],
                    false => self.epoch() + 1,
                };
                self.staked.insert(key, from);
            }
        }
        self.lots.remove(&(user, number));
        true
    }

    /// What the registry does, and asks of the vault.
    fn transfer(&mut self, key: u32, to: usize, with_stake: bool) -> bool {
        let Some(from) = self.owners.get(&key).copied() else {
            return false;
        };
        if self.staked.contains_key(&key) && !with_stake {
            self.take_off(from, key);
        }
        self.owners.insert(key, to);
        true
    }
}

/// Takes the step; tells whether it was allowed.
fn take(world: &mut World, model_before: &Model, step: &Step) -> bool {
    let each = model_before.each;
    match step {
        Step::Stake { user, keys, off } => {
            let need = each * keys.len() as u128;
            let amount = need.checked_add_signed((*off).into()).unwrap();
            world.stake_with(USERS[*user], amount, keys).is_ok()
        }
        Step::Unstake { user, keys } => world.unstake(USERS[*user], keys).is_ok(),
        Step::Deposit { user, amount } => world.deposit(USERS[*user], *amount).is_ok(),
        Step::Unbond { user, amount } => world.unbond(USERS[*user], *amount).is_ok(),
        Step::Cancel { user, lot } => world.cancel(USERS[*user], *lot).is_ok(),
        Step::Withdraw { user, lots } => world.withdraw(USERS[*user], lots).is_ok(),
        Step::WithdrawPage { user, after, limit } => {
            let page = world.withdraw_page(USERS[*user], Some(*after), Some(*limit));
            page.is_ok()
        }
        Step::Transfer {
            key,
            to,
            with_stake,
        } => {
            let Some(from) = model_before.owners.get(key).copied() else {
                return false;
            };
            world.give(*key, USERS[*to]);
            if model_before.staked.contains_key(key) && !with_stake {
                world.release(&[(*key, USERS[from])]).unwrap();
            }
            true
        }
        Step::Wait { seconds } => {
            world.go_to(world.now() + seconds);
            true
        }
        Step::StakeOne { .. }
        | Step::UnstakeOne { .. }
        | Step::CancelOne { .. }
        | Step::WithdrawOne { .. } => unreachable!("resolved"),
        Step::Split { epochs, factor } => {
            let first = model_before.split.is_none();
            if first {
                world.split(world.epoch() + epochs, *factor);
            }
            first
        }
    }
}

fn compare(world: &World, model: &Model) {
    for (epoch, (staked, pool)) in (0..).zip(&model.history) {
        assert_eq!(
            world.staked(epoch),
            staked.iter().copied().collect::<Vec<_>>()
        );
        for (user, name) in USERS.iter().enumerate() {
            let counted = pool.get(&user).copied().unwrap_or(0);
            assert_eq!(
                world.pool_of(name, epoch),
                counted,
                "{name} in epoch {epoch}"
            );
        }
        assert_eq!(world.pool_total(epoch), pool.values().sum::<u128>());
    }
    for (user, name) in USERS.iter().enumerate() {
        let expected: Vec<(u64, ModelLot)> = model
            .lots
            .iter()
            .filter(|((owner, _), _)| *owner == user)
            .map(|((_, number), lot)| (*number, lot.clone()))
            .collect();
        let stored: Vec<(u64, ModelLot)> = world
            .lots_of(name)
            .into_iter()
            .map(|(number, lot)| {
                let lot = ModelLot {
                    amount: lot.amount,
                    release: lot.release,
                    key: lot.key.map(|key| key.0),
                    asked: lot.until.0 - 1,
                };
                (number, lot)
            })
            .collect();
        assert_eq!(stored, expected, "lots of {name}");
    }
    let nodes = model.each * model.staked.len() as u128;
    let lots: u128 = model.lots.values().map(|lot| lot.amount).sum();
    let pool: u128 = model.pool.values().sum();
    assert_eq!(world.buckets(), (nodes, pool, lots));
    assert_eq!(model.received, model.paid + nodes + pool + lots);
}

/// From wherever the history has led, everybody gets everything out.
fn everybody_leaves(world: &mut World, model: &mut Model) {
    for (user, name) in USERS.iter().enumerate() {
        let mine = |key: &u32| model.owners[key] == user;
        let keys: Vec<u32> = model.staked.keys().copied().filter(mine).collect();
        if !keys.is_empty() {
            world.unstake(name, &keys).unwrap();
        }
        let stake = model.pool.get(&user).copied().unwrap_or(0);
        if stake > 0 {
            world.unbond(name, stake).unwrap();
        }
    }
    world.go_to(world.now() + LENGTH + RULES.unbonding_period + RULES.minimum_lock);
    for name in USERS {
        while !world.lots_of(name).is_empty() {
            world.withdraw_page(name, None, None).unwrap();
        }
    }
    assert_eq!(world.buckets(), (0, 0, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn random_histories_agree_with_the_naive_model(steps in steps()) {
        let (mut world, mut model) = (World::with(RULES), Model::new());
        for step in steps.iter() {
            let Some(step) = model.resolve(step) else { continue };
            let allowed = take(&mut world, &model, &step);
            prop_assert_eq!(model.step(&step), allowed, "{:?}", step);
            // What counts from the next epoch on is seen when that epoch begins, and for ever.
            let nodes = model.each * model.staked.len() as u128;
            prop_assert_eq!(world.buckets().0, nodes);
        }
        // One more epoch, so that the last changes count.
        world.go_to(world.now() + LENGTH);
        model.wait(LENGTH);
        compare(&world, &model);
        everybody_leaves(&mut world, &mut model);
    }
}
