//! Who stakes which NFTs where.

use rand::seq::IndexedRandom;
use rand::Rng;

use super::accounts::{Held, Mint, Person, Place};
use super::Size;
use crate::input::{default_own_quintessence, default_slot_size, NftAction, NftMove};

/// Epochs in which an account rests after it has done something.
const REST: u64 = 3;
/// Epochs after which an unstaked NFT is back: the boundary, three days, and one to spare.
const BACK_AFTER: u64 = 5;
/// How often, per mille and epoch, a free participant moves, leaves, or comes back or adds.
const MOVES: u32 = 4;
const LEAVES: u32 = 1;
const RETURNS: u32 = 60;
/// Epochs for which the owner of the delegation that goes dormant is short.
const SHORT_FOR: u64 = 25;

/// A delegation as of the next epoch.
pub(super) struct Pool {
    /// Index of its owner among the people.
    pub owner: usize,
    pub total: u64,
    /// Nobody may join: its owner's part is too small.
    frozen: bool,
    commission: u16,
    /// First epoch in which its commission may change again.
    commission_free: u64,
}

pub(super) struct World {
    size: Size,
    pub people: Vec<Person>,
    pub pools: Vec<Pool>,
    pub moves: Vec<NftMove>,
    /// Owners, by the epoch in which they create their delegation.
    founders: Vec<(u64, usize)>,
    /// Participants, by the epoch in which they come.
    arrivals: Vec<(u64, usize)>,
    mint: Mint,
}

impl World {
    pub fn new(size: Size) -> Self {
        Self {
            size,
            people: Vec::new(),
            pools: Vec::new(),
            moves: Vec::new(),
            founders: Vec::new(),
            arrivals: Vec::new(),
            mint: Mint::default(),
        }
    }

    pub fn epoch(&mut self, epoch: u64, rng: &mut impl Rng) {
        if epoch == 0 {
            self.populate(rng);
        }
        self.found(epoch, rng);
        self.arrive(epoch, rng);
        if epoch > 1 {
            self.live(epoch, rng);
            self.change_commission(epoch, rng);
            self.fall_short(epoch);
            self.hand_over(epoch);
            self.release(epoch);
        }
    }

    fn populate(&mut self, rng: &mut impl Rng) {
        for rank in 0..self.size.delegations {
            let held = self.mint.owner(rank, rng);
            let person = self.add(format!("de-{:04}", rank.saturating_add(1)), held);
            // Four of five at once, the others in the first half.
            let late = rng.random_bool(0.2) && rank > 3 && self.size.epochs > 8;
            let epoch = if late {
                rng.random_range(3..self.size.epochs / 2)
            } else {
                1
            };
            self.founders.push((epoch, person));
        }
        self.founders.sort_unstable();
        for number in 1..=self.size.participants {
            let held = self.mint.participant(rng);
            let person = self.add(format!("pa-{number:04}"), held);
            let epoch = match rng.random_range(0..100) {
                0..=2 => 0,
                3..=74 => 1,
                _ => rng.random_range(2..self.size.epochs.max(3)),
            };
            self.arrivals.push((epoch, person));
        }
        self.arrivals.sort_unstable();
    }

    fn add(&mut self, name: String, held: Vec<Held>) -> usize {
        self.people.push(Person {
            name,
            held,
            free_from: 0,
        });
        self.people.len().saturating_sub(1)
    }

    /// Owners stake an epoch before they create their delegations.
    fn found(&mut self, epoch: u64, rng: &mut impl Rng) {
        let next = epoch.saturating_add(1);
        for (at, person) in self.founders.clone() {
            if at == next {
                self.stake(epoch, person, None, |_| true);
            } else if at == epoch {
                self.create(epoch, person, rng);
            }
        }
    }

    fn create(&mut self, epoch: u64, owner: usize, rng: &mut impl Rng) {
        let number = u16::try_from(self.pools.len()).unwrap_or(u16::MAX);
        let delegation = number.saturating_add(1);
        let commission = rng.random_range(4..=20_u16).saturating_mul(50);
        let Some(person) = self.people.get_mut(owner) else {
            return;
        };
        let total = person.weight_in(Place::Undelegated);
        person.put(
            |held| held.place == Place::Undelegated,
            Place::In(delegation),
        );
        person.free_from = epoch.saturating_add(REST);
        self.pools.push(Pool {
            owner,
            total,
            frozen: false,
            commission,
            commission_free: epoch.saturating_add(REST),
        });
        self.push(
            epoch,
            owner,
            NftAction::Create {
                delegation,
                commission,
            },
        );
    }

    fn arrive(&mut self, epoch: u64, rng: &mut impl Rng) {
        let due: Vec<usize> = self
            .arrivals
            .iter()
            .filter(|(at, _)| *at == epoch)
            .map(|(_, person)| *person)
            .collect();
        for person in due {
            // A few never choose a delegation.
            let place = self.popular(rng).filter(|_| rng.random_bool(0.97));
            self.stake(epoch, person, place, |_| true);
        }
    }

    /// A delegation that takes members, the early ones more often.
    fn popular(&self, rng: &mut impl Rng) -> Option<u16> {
        for _ in 0..20 {
            if self.pools.is_empty() {
                return None;
            }
            let draws = if rng.random_bool(0.25) { 8 } else { 2 };
            let drawn = (0..draws).map(|_| rng.random_range(0..self.pools.len()));
            let index = drawn.min()?;
            if self.pools.get(index).is_some_and(|pool| !pool.frozen) {
                return u16::try_from(index).ok()?.checked_add(1);
            }
        }
        None
    }

    fn live(&mut self, epoch: u64, rng: &mut impl Rng) {
        let owners = usize::try_from(self.size.delegations).unwrap_or(0);
        for person in owners..self.people.len() {
            let free = self.people.get(person);
            if free.is_none_or(|person| person.free_from > epoch || person.held.is_empty()) {
                continue;
            }
            let draw = rng.random_range(0..1_000_u32);
            let back = |held: &Held| matches!(held.place, Place::Out { from } if from <= epoch);
            if draw < MOVES {
                self.relocate(epoch, person, rng);
            } else if draw < MOVES.saturating_add(LEAVES) {
                self.leave(epoch, person, rng);
            } else if draw < RETURNS && self.came(epoch, person) {
                let place = self.popular(rng);
                self.stake(epoch, person, place, back);
            }
        }
    }

    /// Whether somebody has come before.
    fn came(&self, epoch: u64, person: usize) -> bool {
        let mut earlier = self.arrivals.iter();
        earlier.any(|(at, who)| *who == person && *at < epoch)
    }

    /// Everything in one place goes to another, or now and then out of any.
    fn relocate(&mut self, epoch: u64, index: usize, rng: &mut impl Rng) {
        let staked = self.people.get(index).and_then(|person| {
            let mut places = person.held.iter().map(|held| held.place);
            places.find(|place| !matches!(place, Place::Out { .. }))
        });
        let to = self.popular(rng).filter(|_| rng.random_bool(0.95));
        let target = to.map_or(Place::Undelegated, Place::In);
        let (Some(from), Some(person)) = (staked, self.people.get_mut(index)) else {
            return;
        };
        if from == target {
            return;
        }
        let weight = person.weight_in(from);
        let moved = person.put(|held| held.place == from, target);
        person.free_from = epoch.saturating_add(REST);
        self.count(from, weight, false);
        self.count(target, weight, true);
        for tokens in moved {
            let delegation = to;
            self.push(epoch, index, NftAction::Move { tokens, delegation });
        }
    }

    /// Takes everything out of one place, or one NFT.
    fn leave(&mut self, epoch: u64, index: usize, rng: &mut impl Rng) {
        let Some(person) = self.people.get(index) else {
            return;
        };
        let staked: Vec<&Held> = person
            .held
            .iter()
            .filter(|held| !matches!(held.place, Place::Out { .. }))
            .collect();
        let Some(one) = staked.choose(rng) else {
            return;
        };
        let (kind, id, place) = (one.kind, one.id, one.place);
        let all = rng.random_bool(0.5);
        self.unstake(epoch, index, |held| {
            held.place == place && (all || (held.kind, held.id) == (kind, id))
        });
    }

    fn stake(
        &mut self,
        epoch: u64,
        index: usize,
        delegation: Option<u16>,
        chosen: impl Fn(&Held) -> bool,
    ) {
        let place = delegation.map_or(Place::Undelegated, Place::In);
        let Some(person) = self.people.get_mut(index) else {
            return;
        };
        let before = person.weight_in(place);
        let out = |held: &Held| matches!(held.place, Place::Out { .. }) && chosen(held);
        let staked = person.put(out, place);
        let added = person.weight_in(place).saturating_sub(before);
        if added > 0 {
            person.free_from = epoch.saturating_add(REST);
        }
        self.count(place, added, true);
        for tokens in staked {
            self.push(epoch, index, NftAction::Stake { tokens, delegation });
        }
    }

    fn unstake(&mut self, epoch: u64, index: usize, chosen: impl Fn(&Held) -> bool) {
        let Some(person) = self.people.get_mut(index) else {
            return;
        };
        let leaving: Vec<(Place, u64)> = person
            .held
            .iter()
            .filter(|held| chosen(held))
            .map(|held| (held.place, held.weight()))
            .collect();
        let from = epoch.saturating_add(BACK_AFTER);
        let left = person.put(&chosen, Place::Out { from });
        person.free_from = epoch.saturating_add(REST);
        for (place, weight) in leaving {
            self.count(place, weight, false);
        }
        for tokens in left {
            self.push(epoch, index, NftAction::Unstake { tokens });
        }
    }

    fn count(&mut self, place: Place, weight: u64, comes: bool) {
        let Place::In(delegation) = place else { return };
        if let Some(pool) = self.pool(delegation) {
            pool.total = if comes {
                pool.total.saturating_add(weight)
            } else {
                pool.total.saturating_sub(weight)
            };
        }
    }

    fn pool(&mut self, delegation: u16) -> Option<&mut Pool> {
        self.pools.get_mut(usize::from(delegation).checked_sub(1)?)
    }

    /// One owner changes his commission every other epoch: down, or up by 2 points at most.
    fn change_commission(&mut self, epoch: u64, rng: &mut impl Rng) {
        if rng.random_bool(0.5) || self.pools.is_empty() {
            return;
        }
        let index = rng.random_range(0..self.pools.len());
        let up = rng.random_bool(0.6);
        let step = rng.random_range(1..=4_u16).saturating_mul(50);
        let Some(pool) = self.pools.get_mut(index) else {
            return;
        };
        if pool.commission_free > epoch {
            return;
        }
        pool.commission = match up {
            true => pool.commission.saturating_add(step).min(1_000),
            false => pool.commission.saturating_sub(step),
        };
        // A rise waits for seven epochs.
        pool.commission_free = epoch.saturating_add(10);
        let (owner, commission) = (pool.owner, pool.commission);
        self.push(epoch, owner, NftAction::Commission { commission });
    }

    /// The owner of the second delegation takes his own part out for a while.
    fn fall_short(&mut self, epoch: u64) {
        let begins = self.size.epochs / 3;
        let delegation = 2;
        let Some(owner) = self.pool(delegation).map(|pool| pool.owner) else {
            return;
        };
        if epoch == begins {
            self.unstake(epoch, owner, |held| held.place == Place::In(delegation));
        } else if epoch == begins.saturating_add(SHORT_FOR) {
            self.stake(epoch, owner, Some(delegation), |_| true);
        }
        let own = self
            .people
            .get(owner)
            .map_or(0, |person| person.weight_in(Place::In(delegation)));
        if let Some(pool) = self.pool(delegation) {
            pool.frozen = own < default_own_quintessence();
        }
    }

    /// The third delegation goes to its largest member, who brings the part that an owner needs. It
    /// takes nobody else until the end.
    fn hand_over(&mut self, epoch: u64) {
        let delegation = 3;
        if epoch != self.size.epochs.saturating_mul(3) / 5 {
            return;
        }
        let Some(heir) = self.largest_member(delegation) else {
            return;
        };
        let part = self.mint.owners_part();
        if let Some(person) = self.people.get_mut(heir) {
            person.held.push(part);
        }
        self.stake(epoch, heir, Some(delegation), |held| held.is_owners_part());
        let to = self.people.get(heir).map(|person| person.name.clone());
        if let (Some(to), Some(pool)) = (to, self.pool(delegation)) {
            let owner = pool.owner;
            pool.owner = heir;
            pool.frozen = true;
            pool.commission_free = u64::MAX;
            self.push(epoch, owner, NftAction::HandOver { to });
        }
    }

    /// The first delegation releases its largest member.
    fn release(&mut self, epoch: u64) {
        let delegation = 1;
        if epoch != self.size.epochs / 2 {
            return;
        }
        let Some(member) = self.largest_member(delegation) else {
            return;
        };
        let owner = self.pool(delegation).map_or(0, |pool| pool.owner);
        let Some(person) = self.people.get_mut(member) else {
            return;
        };
        let (name, weight) = (person.name.clone(), person.weight_in(Place::In(delegation)));
        person.put(
            |held| held.place == Place::In(delegation),
            Place::Undelegated,
        );
        person.free_from = epoch.saturating_add(REST);
        self.count(Place::In(delegation), weight, false);
        self.push(epoch, owner, NftAction::Release { member: name });
    }

    /// The participant with most Quintessence in a delegation.
    fn largest_member(&self, delegation: u16) -> Option<usize> {
        let owners = usize::try_from(self.size.delegations).unwrap_or(0);
        let members = self.people.iter().enumerate().skip(owners);
        let weights = members.map(|(i, person)| (person.weight_in(Place::In(delegation)), i));
        let largest = weights.max_by_key(|(weight, i)| (*weight, usize::MAX.saturating_sub(*i)))?;
        (largest.0 > 0).then_some(largest.1)
    }

    fn push(&mut self, epoch: u64, person: usize, action: NftAction) {
        let account = self.people.get(person).map(|person| person.name.clone());
        self.moves.push(NftMove {
            epoch,
            account: account.unwrap_or_default(),
            action,
        });
    }
}

impl Pool {
    /// Slots as of the next epoch.
    pub fn slots(&self) -> u64 {
        self.total.checked_div(default_slot_size()).unwrap_or(0)
    }
}
