//! Validators: who runs them and for which delegation.

use rand::Rng;

use super::world::World;
use super::Size;
use crate::input::{ValidatorAction, ValidatorMove};

/// Professional operators.
const OPERATORS: u32 = 12;
/// Tries to find a delegation with room.
const TRIES: u32 = 50;

struct Validator {
    operator: String,
    delegation: Option<u16>,
    /// First epoch in which something may be done with it.
    free_from: u64,
}

pub(super) struct Fleet {
    size: Size,
    validators: Vec<Validator>,
    /// Validators by delegation.
    counts: Vec<u64>,
    pub moves: Vec<ValidatorMove>,
}

impl Fleet {
    pub fn new(size: Size) -> Self {
        Self {
            size,
            validators: Vec::new(),
            counts: Vec::new(),
            moves: Vec::new(),
        }
    }

    pub fn epoch(&mut self, epoch: u64, world: &World, rng: &mut impl Rng) {
        self.counts.resize(world.pools.len(), 0);
        let due = self.due(epoch);
        for _ in self.validators.len()..due {
            self.register(epoch, world, rng);
        }
        if epoch > 2 && rng.random_bool(0.4) {
            self.change(epoch, world, rng);
        }
    }

    /// Validators there are after an epoch: most in the second, the rest over the first half.
    fn due(&self, epoch: u64) -> usize {
        let all = u64::from(self.size.validators);
        let first = all.saturating_mul(85) / 100;
        let half = (self.size.epochs / 2).max(1);
        let later = all.saturating_sub(first).saturating_mul(epoch.min(half));
        let later = later.checked_div(half).unwrap_or(0);
        match epoch {
            0 => 0,
            _ => usize::try_from(first.saturating_add(later)).unwrap_or(0),
        }
    }

    fn register(&mut self, epoch: u64, world: &World, rng: &mut impl Rng) {
        let delegation = self.choose(world, rng);
        let operator = match delegation.filter(|_| rng.random_bool(0.7)) {
            Some(delegation) => owner(world, delegation),
            None => format!("vo-{:02}", rng.random_range(1..=OPERATORS)),
        };
        self.validators.push(Validator {
            operator: operator.clone(),
            delegation,
            free_from: epoch.saturating_add(2),
        });
        self.add(delegation);
        let validator = u32::try_from(self.validators.len()).unwrap_or(u32::MAX);
        self.moves.push(ValidatorMove {
            epoch,
            operator,
            validator,
            action: ValidatorAction::Register(delegation),
        });
    }

    /// A validator moves, or rests; one that rests goes back to work.
    fn change(&mut self, epoch: u64, world: &World, rng: &mut impl Rng) {
        if self.validators.is_empty() {
            return;
        }
        let index = rng.random_range(0..self.validators.len());
        let found = self.validators.get(index);
        let Some(found) = found.filter(|one| one.free_from <= epoch) else {
            return;
        };
        let (operator, before) = (found.operator.clone(), found.delegation);
        let rests = before.is_some() && rng.random_bool(0.3);
        let to = match rests {
            true => None,
            false => self.choose(world, rng).filter(|to| Some(*to) != before),
        };
        let action = match to {
            Some(delegation) => ValidatorAction::Assign(delegation),
            None if rests => ValidatorAction::Remove,
            None => return,
        };
        if let Some(count) = before.and_then(|before| self.counts.get_mut(place(before))) {
            *count = count.saturating_sub(1);
        }
        self.add(to);
        if let Some(validator) = self.validators.get_mut(index) {
            validator.delegation = to;
            validator.free_from = epoch.saturating_add(3);
        }
        let validator = u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1);
        self.moves.push(ValidatorMove {
            epoch,
            operator,
            validator,
            action,
        });
    }

    fn add(&mut self, delegation: Option<u16>) {
        let count = delegation.and_then(|delegation| self.counts.get_mut(place(delegation)));
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
    }

    /// Mostly the delegation that lacks most, else any that may take one more.
    fn choose(&self, world: &World, rng: &mut impl Rng) -> Option<u16> {
        let figures = world.pools.iter().zip(&self.counts);
        let lacking = (1_u16..)
            .zip(figures)
            .map(|(number, (pool, count))| (pool.slots().saturating_sub(*count), number))
            .max_by_key(|(lacking, number)| (*lacking, u16::MAX.saturating_sub(*number)));
        if let Some((1.., number)) = lacking.filter(|_| rng.random_bool(0.8)) {
            return Some(number);
        }
        for _ in 0..TRIES {
            if world.pools.is_empty() {
                return None;
            }
            let index = rng.random_range(0..world.pools.len());
            let most = world.pools.get(index)?.slots().saturating_mul(2);
            if *self.counts.get(index)? < most.saturating_add(2) {
                return u16::try_from(index).ok()?.checked_add(1);
            }
        }
        None
    }
}

fn place(delegation: u16) -> usize {
    usize::from(delegation).saturating_sub(1)
}

fn owner(world: &World, delegation: u16) -> String {
    let pool = world.pools.get(place(delegation));
    let person = pool.and_then(|pool| world.people.get(pool.owner));
    person.map(|person| person.name.clone()).unwrap_or_default()
}
