//! Where every unit of one currency is: not yet due, carried, owed by bucket, or paid out.
//!
//! Money enters once, leaves once, and in between only moves. A bucket never goes below zero, so a
//! fault that over-credits one kind of payee fails instead of reaching another's money.

use cosmwasm_std::Storage;
use thiserror::Error;

use crate::fault::{Fault, StdResult};
use crate::packed::{Packed, Reader};
use crate::raw::{key, write_packed, Local, RawRead};

/// A move of more than there is. It never happens unless the accounting is wrong.
#[derive(Error, Debug, PartialEq, Eq)]
#[error("{place} holds {have} of this currency, {need} are asked of it")]
pub struct BooksError {
    /// The place that is short.
    pub place: &'static str,
    /// What it holds.
    pub have: u128,
    /// What is asked.
    pub need: u128,
}

/// One currency's books. `received = paid + ahead + carry + drip + sum of buckets`, always.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Books {
    /// All that ever came in.
    pub received: u128,
    /// All that ever went out.
    pub paid: u128,
    /// Deposited for epochs that are not closed yet.
    pub ahead: u128,
    /// Remainder that joins the next pot.
    pub carry: u128,
    /// What epochs without anybody to pay have left, paid out bit by bit.
    pub drip: u128,
    /// Owed, by bucket.
    pub buckets: Vec<u128>,
    /// Spread deposits: what each coming epoch gets until one of them ends.
    pub rate: u128,
}

impl Packed for Books {
    fn pack(&self, out: &mut Vec<u8>) {
        let Self {
            received,
            paid,
            ahead,
            carry,
            drip,
            buckets,
            rate,
        } = self;
        let amounts = [received, paid, ahead, carry, drip, rate].into_iter();
        amounts.chain(buckets).for_each(|amount| amount.pack(out));
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            received: u128::unpack(input)?,
            paid: u128::unpack(input)?,
            ahead: u128::unpack(input)?,
            carry: u128::unpack(input)?,
            drip: u128::unpack(input)?,
            rate: u128::unpack(input)?,
            buckets: input.rest()?,
        })
    }
}

/// A named place in the books to take from or put to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Deposited for coming epochs.
    Ahead,
    /// Joins the next pot.
    Carry,
    /// Paid out bit by bit.
    Drip,
    /// Owed in this bucket.
    Bucket(u8),
}

impl Books {
    /// Books comes in from outside.
    pub fn receive(&mut self, to: Place, amount: u128) -> Result<(), BooksError> {
        self.received = add(self.received, amount)?;
        self.put(to, amount)
    }

    /// Books goes out.
    pub fn pay(&mut self, from: Place, amount: u128) -> Result<(), BooksError> {
        self.take(from, amount)?;
        self.paid = add(self.paid, amount)?;
        Ok(())
    }

    /// What was counted as received has not come after all.
    pub fn revoke(&mut self, from: Place, amount: u128) -> Result<(), BooksError> {
        let received = self.received.checked_sub(amount).ok_or(BooksError {
            place: "all that was received",
            have: self.received,
            need: amount,
        })?;
        self.take(from, amount)?;
        self.received = received;
        Ok(())
    }

    /// Moves an amount from one place to another.
    pub fn shift(&mut self, from: Place, to: Place, amount: u128) -> Result<(), BooksError> {
        self.take(from, amount)?;
        self.put(to, amount)
    }

    /// What a place holds.
    pub fn holds(&self, place: Place) -> u128 {
        match place {
            Place::Ahead => self.ahead,
            Place::Carry => self.carry,
            Place::Drip => self.drip,
            Place::Bucket(bucket) => self.buckets.get(usize::from(bucket)).copied().unwrap_or(0),
        }
    }

    /// Sum of all buckets.
    pub fn owed(&self) -> u128 {
        self.buckets
            .iter()
            .fold(0u128, |sum, bucket| sum.saturating_add(*bucket))
    }

    /// Everything that has come in and not gone out.
    pub fn liabilities(&self) -> u128 {
        [self.ahead, self.carry, self.drip]
            .into_iter()
            .fold(self.owed(), u128::saturating_add)
    }

    /// Whether every unit is accounted for.
    pub fn balanced(&self) -> bool {
        self.paid.checked_add(self.liabilities()) == Some(self.received)
    }

    /// Two sets of books of the same currency as one.
    pub fn merged(&self, other: &Self) -> Self {
        let len = self.buckets.len().max(other.buckets.len());
        let bucket = |books: &Self, at: usize| books.buckets.get(at).copied().unwrap_or(0);
        Self {
            received: self.received.saturating_add(other.received),
            paid: self.paid.saturating_add(other.paid),
            ahead: self.ahead.saturating_add(other.ahead),
            carry: self.carry.saturating_add(other.carry),
            drip: self.drip.saturating_add(other.drip),
            buckets: (0..len)
                .map(|at| bucket(self, at).saturating_add(bucket(other, at)))
                .collect(),
            rate: self.rate.saturating_add(other.rate),
        }
    }

    fn take(&mut self, from: Place, amount: u128) -> Result<(), BooksError> {
        let have = self.holds(from);
        let rest = have.checked_sub(amount);
        let rest = rest.ok_or(BooksError {
            place: from.name(),
            have,
            need: amount,
        })?;
        *self.place_mut(from) = rest;
        Ok(())
    }

    fn put(&mut self, to: Place, amount: u128) -> Result<(), BooksError> {
        let place = self.place_mut(to);
        *place = add(*place, amount)?;
        Ok(())
    }

    fn place_mut(&mut self, place: Place) -> &mut u128 {
        match place {
            Place::Ahead => &mut self.ahead,
            Place::Carry => &mut self.carry,
            Place::Drip => &mut self.drip,
            Place::Bucket(bucket) => {
                let bucket = usize::from(bucket);
                if self.buckets.len() <= bucket {
                    self.buckets.resize(bucket.saturating_add(1), 0);
                }
                &mut self.buckets[bucket]
            }
        }
    }
}

impl Place {
    const fn name(self) -> &'static str {
        match self {
            Self::Ahead => "revenue ahead",
            Self::Carry => "carry",
            Self::Drip => "drip",
            Self::Bucket(_) => "bucket",
        }
    }
}

fn add(have: u128, amount: u128) -> Result<u128, BooksError> {
    have.checked_add(amount).ok_or(BooksError {
        place: "an amount of at most 2^128 - 1",
        have,
        need: amount,
    })
}

/// The books of all currencies, by their place in the allow-list.
pub struct Ledger {
    namespace: u8,
}

impl Ledger {
    /// One namespace byte.
    pub const fn new(namespace: u8) -> Self {
        Self { namespace }
    }

    /// One currency's books.
    pub fn load(&self, store: &impl RawRead, denom: u8) -> StdResult<Books> {
        Ok(store
            .read_packed(&key(self.namespace, &[&[denom]]))?
            .unwrap_or_default())
    }

    /// Writes one currency's books.
    pub fn save(&self, storage: &mut dyn Storage, denom: u8, books: &Books) {
        write_packed(storage, &key(self.namespace, &[&[denom]]), books);
    }

    /// Changes one currency's books.
    pub fn update<E: From<Fault>>(
        &self,
        storage: &mut dyn Storage,
        denom: u8,
        change: impl FnOnce(&mut Books) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut books = self.load(&Local(storage), denom)?;
        change(&mut books)?;
        self.save(storage, denom, &books);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PLACES: [Place; 8] = [
        Place::Ahead,
        Place::Carry,
        Place::Drip,
        Place::Bucket(0),
        Place::Bucket(1),
        Place::Bucket(2),
        Place::Bucket(3),
        Place::Bucket(4),
    ];

    fn place() -> impl Strategy<Value = Place> {
        prop::sample::select(PLACES.to_vec())
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_created(steps in prop::collection::vec((0..4, place(), place(), any::<u64>()), 1..40)) {
            let mut books = Books::default();
            for (step, from, to, amount) in steps {
                let (amount, before) = (u128::from(amount), books.clone());
                let done = match step {
                    0 => books.receive(to, amount),
                    1 => books.pay(from, amount),
                    2 => books.revoke(from, amount),
                    _ => books.shift(from, to, amount),
                };
                prop_assert_eq!(done.is_ok(), step == 0 || amount <= before.holds(from));
                if done.is_err() {
                    prop_assert_eq!(&books, &before);
                    continue;
                }
                let moved = |counts: bool| if counts { amount } else { 0 };
                prop_assert_eq!(books.received + moved(step == 2), before.received + moved(step == 0));
                prop_assert_eq!(books.paid, before.paid + moved(step == 1));
                for place in PLACES {
                    let left = moved(step > 0 && place == from);
                    let came = moved((step == 0 || step == 3) && place == to);
                    prop_assert_eq!(books.holds(place) + left, before.holds(place) + came);
                }
                prop_assert!(books.balanced());
            }
        }
    }

    #[test]
    fn a_missing_unit_is_seen() {
        let mut books = Books::default();
        books.receive(Place::Carry, 10).unwrap();
        books.pay(Place::Carry, 4).unwrap();
        assert!(books.balanced());
        assert_eq!((books.owed(), books.liabilities()), (0, 6));
        books.carry -= 1;
        assert!(!books.balanced());
    }

    #[test]
    fn merged_books_are_the_sum_of_both() {
        let books = |factor: u128, buckets: &[u128]| Books {
            received: factor,
            paid: 2 * factor,
            ahead: 3 * factor,
            carry: 4 * factor,
            drip: 5 * factor,
            buckets: buckets.to_vec(),
            rate: 6 * factor,
        };
        let (one, other) = (books(1, &[1, 2]), books(10, &[10, 20, 30]));
        assert_eq!(one.merged(&other), books(11, &[11, 22, 30]));
        assert_eq!(other.merged(&one), books(11, &[11, 22, 30]));
    }

    #[test]
    fn record_bytes_are_frozen() {
        let books = Books {
            received: 1,
            paid: 2,
            ahead: 3,
            carry: 4,
            drip: 0,
            buckets: vec![5, 0, 258],
            rate: 7,
        };
        let bytes = [1, 1, 1, 2, 1, 3, 1, 4, 0, 1, 7, 1, 5, 0, 2, 1, 2];
        assert_eq!(books.to_packed(), bytes);
        assert_eq!(Books::from_packed(&bytes), Ok(books));
    }

    #[test]
    fn a_bucket_never_goes_below_zero() {
        let mut books = Books::default();
        books.receive(Place::Bucket(1), 10).unwrap();
        books.receive(Place::Bucket(2), 90).unwrap();
        let error = books.pay(Place::Bucket(1), 11).unwrap_err();
        assert_eq!(
            error.to_string(),
            "bucket holds 10 of this currency, 11 are asked of it"
        );
    }
}
