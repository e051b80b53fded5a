//! Validators and their seats.

use super::{check_batch, Id, Ledger, Seat, Standing, ValidatorNo};
use crate::shadow::{refuse_if, Answer, Who};

/// Most seats.
const MAX_SEATS: usize = 4_096;

/// A server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Validator {
    /// Who runs it.
    pub operator: Who,
    /// What identifies it.
    pub node: String,
    /// The delegation whose owner it asks.
    pub requested: Option<Id>,
}

impl Ledger {
    /// A validator.
    pub fn validator(&self, number: ValidatorNo) -> Answer<&Validator> {
        let at = (number as usize).checked_sub(1);
        let validator = at.and_then(|at| self.validators.get(at));
        validator.ok_or("no such validator")
    }

    /// The delegation that a validator is in from the next epoch on, and its seat there.
    pub fn seated(&self, number: ValidatorNo) -> Option<(Seat, Id)> {
        self.next.seat_of(number)
    }

    /// Most validators that a delegation can hold from the next epoch on.
    pub fn max_validators(&self, id: Id) -> u128 {
        2 * self.slots(id, self.epoch + 1) + 2
    }

    fn ask(&mut self, number: ValidatorNo, id: Option<Id>) {
        self.validators[number as usize - 1].requested = id;
    }

    /// `register_validator`.
    pub fn register_validator(&mut self, by: Who, node: &str) -> Answer<ValidatorNo> {
        refuse_if(!(1..=128).contains(&node.len()), "node")?;
        self.validators.push(Validator {
            operator: by,
            node: node.into(),
            requested: None,
        });
        Ok(self.validators.len() as ValidatorNo)
    }

    /// `assign_validator`.
    pub fn assign_validator(&mut self, by: Who, number: ValidatorNo, id: Option<Id>) -> Answer {
        let operator = self.validator(number)?.operator;
        refuse_if(operator != by, "somebody else's validator")?;
        let asks = self.validator(number)?.requested;
        let Some(id) = id else {
            let nowhere = asks.is_none() && self.seated(number).is_none();
            refuse_if(nowhere, "in none and asks for none")?;
            self.ask(number, None);
            self.unseat(number);
            return Ok(());
        };
        self.check_exists(id)?;
        let there = self.seated(number).is_some_and(|(_, in_it)| in_it == id);
        refuse_if(there, "in it already")?;
        match self.owns(by) == Some(id) {
            true => {
                self.check_room(id, 1)?;
                self.seat(number, id);
            }
            false => {
                refuse_if(asks == Some(id), "asks already")?;
                self.ask(number, Some(id));
            }
        }
        Ok(())
    }

    /// `accept_validators`.
    pub fn accept_validators(&mut self, by: Who, numbers: &[ValidatorNo]) -> Answer {
        let id = self.owns(by).ok_or("owns no delegation")?;
        check_batch(numbers)?;
        for number in numbers {
            let asks = self.validator(*number)?.requested;
            refuse_if(asks != Some(id), "does not ask")?;
        }
        self.check_room(id, numbers.len())?;
        for number in numbers {
            self.seat(*number, id);
        }
        Ok(())
    }

    /// `remove_validators`.
    pub fn remove_validators(&mut self, by: Who, numbers: &[ValidatorNo]) -> Answer {
        let id = self.owns(by).ok_or("owns no delegation")?;
        check_batch(numbers)?;
        for number in numbers {
            let asks = self.validator(*number)?.requested == Some(id);
            refuse_if(!asks && !self.is_in(*number, id), "not in it")?;
        }
        for number in numbers {
            match self.validator(*number)?.requested == Some(id) {
                true => self.ask(*number, None),
                false => self.unseat(*number),
            }
        }
        Ok(())
    }

    fn is_in(&self, number: ValidatorNo, id: Id) -> bool {
        self.seated(number).is_some_and(|(_, in_it)| in_it == id)
    }

    /// `evict_validators`.
    pub fn evict_validators(&mut self, id: Id, numbers: &[ValidatorNo]) -> Answer {
        check_batch(numbers)?;
        self.check_exists(id)?;
        for number in numbers {
            refuse_if(!self.is_in(*number, id), "not in it")?;
        }
        let size = self.params.at(self.epoch + 1).slot_size;
        let asleep = self.current.standing(id) == Some(Standing::Dormant);
        let slots = self
            .current
            .slots(id, size)
            .max(self.coming().slots(id, size));
        let most = if asleep { 0 } else { 2 * slots + 2 };
        let rest = self.next.validators(id).len() as u128;
        refuse_if(rest < most + numbers.len() as u128, "no surplus")?;
        numbers.iter().for_each(|number| self.unseat(*number));
        Ok(())
    }

    /// Refuses more validators than a delegation can hold.
    fn check_room(&self, id: Id, more: usize) -> Answer {
        let count = self.next.validators(id).len() + more;
        refuse_if(count as u128 > self.max_validators(id), "no room")?;
        let full = self.next.seats.len() - self.free_seats.len() + more > MAX_SEATS;
        refuse_if(full, "no seat")
    }

    /// A validator joins a delegation. It keeps its seat; without one it takes the one that was
    /// freed last, or a new one.
    fn seat(&mut self, number: ValidatorNo, id: Id) {
        self.ask(number, None);
        let seat = match self.seated(number) {
            Some((seat, _)) => seat,
            None => self.free_seats.pop().unwrap_or(self.next.seats.len()),
        };
        if seat == self.next.seats.len() {
            self.next.seats.push(None);
        }
        self.next.seats[seat] = Some((number, id));
    }

    fn unseat(&mut self, number: ValidatorNo) {
        if let Some((seat, _)) = self.seated(number) {
            self.next.seats[seat] = None;
            self.free_seats.push(seat);
        }
    }
}
