//! Reports, and what an epoch's pool comes to.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use num_bigint::{BigInt, BigUint};
use num_rational::BigRational;

use super::{Facts, Id, Ledger, Params, Role, Standing};
use crate::shadow::{refuse_if, Answer, Epoch, Step, Who, FIXED};

/// A delegation in a closed epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Who earned the commission.
    pub owner: Who,
    /// Its Quintessence.
    pub total: u128,
    /// Its slots.
    pub slots: u128,
    /// Its eligible validators.
    pub eligible: u128,
    /// Slots captured.
    pub captured: u128,
    /// What it earned.
    pub reward: u128,
    /// Basis points in force.
    pub commission: u128,
    /// What the owner earned by it, in 10^-18 units.
    pub commission_fixed: BigUint,
    /// What one unit of Quintessence earned, in 10^-18 units.
    pub rate: BigUint,
}

/// A closed epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Closed {
    /// Unix seconds.
    pub at: u64,
    /// Whether enough attesters reported.
    pub quorum: bool,
    /// All Quintessence.
    pub total: u128,
    /// Quintessence per slot.
    pub slot_size: u128,
    /// What the schedule would mint.
    pub mint: u128,
    /// Injected for it.
    pub injected: u128,
    /// Carried in.
    pub carry_in: u128,
    /// Moved in from the drip.
    pub drip_in: u128,
    /// What was shared.
    pub pool: u128,
    /// What a captured slot earned.
    pub per_slot: u128,
    /// What all did.
    pub rewards: u128,
    /// What was minted, or should have been.
    pub minted: u128,
    /// Carried on.
    pub carry_out: u128,
    /// Moved into the drip.
    pub drip_out: u128,
    /// Delegations that existed.
    pub parts: BTreeMap<Id, Part>,
}

/// Why a delegation earned what it earned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    /// The epoch is not closed.
    NotClosed,
    /// It did not exist.
    NotCreated,
    /// Too few reports, or nothing staked.
    NoQuorum,
    /// Short for too long.
    Dormant,
    /// Too little Quintessence.
    NoSlots,
    /// None was eligible.
    NoValidators,
    /// It captured slots.
    Captured,
}

impl Closed {
    fn sum(&self, of: impl Fn(&Part) -> u128) -> u128 {
        self.parts.values().map(of).sum()
    }

    /// Slots of all delegations.
    pub fn slots(&self) -> u128 {
        self.sum(|part| part.slots)
    }

    /// All eligible validators.
    pub fn eligible(&self) -> u128 {
        self.sum(|part| part.eligible)
    }

    /// Slots captured.
    pub fn captured(&self) -> u128 {
        self.sum(|part| part.captured)
    }
}

impl Params {
    /// What the schedule mints for an epoch.
    pub fn mint_for(&self, epoch: Epoch) -> u128 {
        let begun = self.schedule.iter().filter(|(from, _)| *from <= epoch);
        begun.max().map_or(0, |(_, amount)| *amount)
    }
}

impl Ledger {
    /// The oldest epoch that is not closed.
    pub fn next_close(&self) -> Epoch {
        self.closed.len() as Epoch
    }

    /// Where an epoch stands.
    pub fn step(&self, epoch: Epoch) -> Step {
        if epoch < self.next_close() {
            return Step::Closed;
        }
        if epoch >= self.epoch {
            return Step::Open;
        }
        let before = match epoch.checked_sub(1) {
            None => Some(self.genesis.start),
            Some(before) => self.closed.get(before as usize).map(|closed| closed.at),
        };
        let ends = self.start_of(epoch + 1);
        let window = self.params.at(epoch).report_window;
        let window = before.map(|closed| closed.max(ends) + window);
        match (self.completed.get(&epoch), window) {
            (Some(completed), _) => Step::Due(*completed),
            (None, Some(until)) if until <= self.now => Step::Due(until),
            (None, window) => Step::Reporting(window),
        }
    }

    /// Bits of a report on an epoch up to the running one.
    pub fn report_bits(&self, epoch: Epoch) -> Option<usize> {
        self.at(epoch).map(|facts| facts.seats.len())
    }

    /// `report`.
    pub fn report(&mut self, by: Who, epoch: Epoch, bits: &[bool]) -> Answer {
        refuse_if(epoch >= self.epoch, "not ended")?;
        let attesters = self.params.at(epoch).attesters.clone();
        refuse_if(!attesters.contains(&by), "no attester")?;
        let open = matches!(self.step(epoch), Step::Reporting(_));
        refuse_if(!open, "result is fixed")?;
        refuse_if(self.report_bits(epoch) != Some(bits.len()), "length")?;
        self.reports.insert((epoch, by), bits.to_vec());
        let reported = |who: &Who| self.reports.contains_key(&(epoch, *who));
        if attesters.iter().all(reported) {
            self.completed.insert(epoch, self.now);
        }
        Ok(())
    }

    /// An attester's report.
    pub fn report_of(&self, by: Who, epoch: Epoch) -> Option<&[bool]> {
        self.reports.get(&(epoch, by)).map(Vec::as_slice)
    }

    /// Which seats are eligible; none without a quorum.
    pub fn result(&self, epoch: Epoch) -> Option<Vec<bool>> {
        let params = self.params.at(epoch);
        let reports = params.attesters.iter();
        let reports: Vec<&[bool]> = reports
            .filter_map(|who| self.report_of(*who, epoch))
            .collect();
        if reports.len() < params.threshold {
            return None;
        }
        let agree = |bit: usize| reports.iter().filter(|report| report[bit]).count();
        let bits = self.report_bits(epoch)?;
        Some(
            (0..bits)
                .map(|bit| agree(bit) >= params.threshold)
                .collect(),
        )
    }

    /// `advance`.
    pub fn advance(&mut self, epoch: Epoch) -> Answer {
        refuse_if(epoch != self.next_close(), "another one is next")?;
        let due = matches!(self.step(epoch), Step::Due(_));
        refuse_if(!due, "not due")?;
        let facts = self.ended[epoch as usize].clone();
        let params = self.params.at(epoch).clone();
        let result = self.result(epoch);
        let mut closed = Closed {
            at: self.now,
            quorum: result.is_some(),
            total: facts.total(),
            slot_size: params.slot_size,
            mint: params.mint_for(epoch),
            injected: self.books.ahead.remove(&epoch).unwrap_or(0),
            carry_in: std::mem::take(&mut self.books.carry),
            ..Closed::default()
        };
        closed.parts = parts(&facts, &params, &result.unwrap_or_default());
        match closed.quorum && closed.total > 0 {
            true => self.share(&mut closed),
            false => self.share_nothing(&mut closed),
        }
        for (id, part) in &mut closed.parts {
            self.reward(&facts, *id, part);
        }
        self.closed.push(closed);
        Ok(())
    }

    /// Nobody can be paid.
    fn share_nothing(&mut self, closed: &mut Closed) {
        closed.drip_out = closed.injected + closed.carry_in;
        self.books.drip += closed.drip_out;
    }

    fn share(&mut self, closed: &mut Closed) {
        closed.drip_in = self.books.drip.div_ceil(30);
        self.books.drip -= closed.drip_in;
        let other = closed.injected + closed.carry_in + closed.drip_in;
        closed.pool = closed.mint + other;
        let per_slot = BigUint::from(closed.pool) * closed.slot_size / closed.total;
        closed.per_slot = u128::try_from(per_slot).expect("an amount fits");
        closed.rewards = closed.captured() * closed.per_slot;
        let left = closed.pool - closed.rewards;
        let unminted = left.min(closed.mint);
        closed.minted = closed.mint - unminted;
        closed.carry_out = left - unminted;
        self.books.carry = closed.carry_out;
        self.books.rewards += closed.rewards;
        self.mint(closed.minted);
        for part in closed.parts.values_mut() {
            part.reward = part.captured * closed.per_slot;
        }
    }

    /// Commission first, the rest in proportion; what does not divide waits until it does, be it
    /// that the total has fallen.
    fn reward(&mut self, facts: &Facts, id: Id, part: &mut Part) {
        if part.total == 0 {
            return;
        }
        let parts = BigUint::from(part.reward) * (FIXED / 10_000);
        part.commission_fixed = &parts * part.commission;
        let to_owner = (part.owner, id, Role::Commission);
        *self.fixed.entry(to_owner).or_default() += &part.commission_fixed;
        let remainder = self.remainders.entry(id).or_default();
        let shared = parts * (10_000 - part.commission) + &*remainder;
        part.rate = &shared / part.total;
        *remainder = shared % part.total;
        for (who, weight) in facts.members(id) {
            let to_member = (who, id, Role::Members);
            *self.fixed.entry(to_member).or_default() += &part.rate * weight;
            self.reward_exactly(who, id, weight, part);
        }
    }

    fn reward_exactly(&mut self, who: Who, id: Id, weight: u128, part: &Part) {
        let Some(exact) = &mut self.exact else { return };
        let shared = BigInt::from(part.reward) * (10_000 - part.commission);
        let share = BigRational::new(shared * weight, BigInt::from(part.total) * 10_000);
        let nothing = || BigRational::from(BigInt::from(0));
        *exact.entry((who, id)).or_insert_with(nothing) += share;
    }

    /// Why a delegation earned what it earned. One that does not exist in an epoch never will, closed
    /// or not.
    pub fn reason(&self, id: Id, epoch: Epoch) -> Reason {
        if !self.facts(epoch).terms.contains_key(&id) {
            return Reason::NotCreated;
        }
        let Some(closed) = self.closed.get(epoch as usize) else {
            return Reason::NotClosed;
        };
        let part = &closed.parts[&id];
        let standing = self.ended[epoch as usize].standing(id);
        match (part.slots, part.captured) {
            _ if !closed.quorum || closed.total == 0 => Reason::NoQuorum,
            _ if standing == Some(Standing::Dormant) => Reason::Dormant,
            (0, _) => Reason::NoSlots,
            (_, 0) => Reason::NoValidators,
            _ => Reason::Captured,
        }
    }

    /// What is so in an epoch; in one to come: as far as known now.
    fn facts(&self, epoch: Epoch) -> &Facts {
        match epoch.cmp(&self.epoch) {
            Ordering::Less => &self.ended[epoch as usize],
            Ordering::Equal => &self.current,
            Ordering::Greater => &self.next,
        }
    }

    /// What somebody earned as a member in one closed epoch, in 10^-18 units.
    pub fn member_fixed_in(&self, who: Who, id: Id, epoch: Epoch) -> BigUint {
        let closed = self.closed.get(epoch as usize);
        let part = closed.and_then(|closed| closed.parts.get(&id));
        part.map_or(BigUint::ZERO, |part| {
            &part.rate * self.ended[epoch as usize].weight(who, Some(id))
        })
    }

    /// What somebody earned by commission in one closed epoch, in 10^-18 units.
    pub fn commission_fixed_in(&self, who: Who, id: Id, epoch: Epoch) -> BigUint {
        let closed = self.closed.get(epoch as usize);
        let part = closed.and_then(|closed| closed.parts.get(&id));
        let his = part.filter(|part| part.owner == who);
        his.map_or(BigUint::ZERO, |part| part.commission_fixed.clone())
    }
}

/// Every delegation, before any reward.
fn parts(facts: &Facts, params: &Params, eligible: &[bool]) -> BTreeMap<Id, Part> {
    let part = |(id, terms): (&Id, &super::Terms)| {
        let seats = facts.seats.iter().zip(eligible);
        let here =
            seats.filter(|(seated, fit)| **fit && seated.is_some_and(|(_, in_it)| in_it == *id));
        let eligible = here.count() as u128;
        let slots = facts.slots(*id, params.slot_size);
        let part = Part {
            owner: terms.owner,
            total: facts.total_of(Some(*id)),
            slots,
            eligible,
            captured: slots.min(eligible),
            reward: 0,
            commission: facts.commission(*id),
            commission_fixed: BigUint::ZERO,
            rate: BigUint::ZERO,
        };
        (*id, part)
    };
    facts.terms.iter().map(part).collect()
}
