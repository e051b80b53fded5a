//! What an account is owed and where it wants it.

use cosmwasm_std::Storage;

use crate::account::Account;
use crate::epoch::Epoch;
use crate::fault::StdResult;
use crate::packed_struct;
use crate::raw::{key, write_packed, Local, RawRead};

/// An amount owed to an account, and the bucket that it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owed {
    /// The currency's place in the allow-list.
    pub denom: u8,
    /// The bucket it is owed from.
    pub bucket: u8,
    /// Smallest units.
    pub amount: u128,
}
packed_struct!(Owed {
    denom,
    bucket,
    amount
});

/// An account's wishes and what it is owed.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Purse {
    /// Who receives this account's money; none: the account itself.
    pub payee: Option<Account>,
    /// Whether others may only settle, not pay out.
    pub self_claim_only: bool,
    /// Settled and not paid.
    pub owed: Vec<Owed>,
    /// The epochs in which what is owed was earned.
    pub epochs: Option<EpochRange>,
}
packed_struct!(Purse {
    payee,
    self_claim_only,
    owed,
    epochs
});

/// Epochs from the first up to, not including, `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochRange {
    /// The first epoch.
    pub from: Epoch,
    /// The first epoch after them.
    pub until: Epoch,
}
packed_struct!(EpochRange { from, until });

impl EpochRange {
    /// The smallest range that holds both.
    pub fn joined(self, other: Self) -> Self {
        Self {
            from: self.from.min(other.from),
            until: self.until.max(other.until),
        }
    }
}

/// What is taken out of a purse in order to be paid.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Taken {
    /// The epochs in which it was earned.
    pub epochs: Option<EpochRange>,
    /// What it is, by currency and bucket.
    pub amounts: Vec<Owed>,
}

impl Purse {
    /// Adds to what is owed.
    pub fn credit(&mut self, denom: u8, bucket: u8, amount: u128) {
        if amount == 0 {
            return;
        }
        let same = self
            .owed
            .iter_mut()
            .find(|owed| owed.denom == denom && owed.bucket == bucket);
        match same {
            Some(owed) => owed.amount = owed.amount.saturating_add(amount),
            None => self.owed.push(Owed {
                denom,
                bucket,
                amount,
            }),
        }
    }

    /// Adds to the epochs in which what is owed was earned.
    pub fn cover(&mut self, epochs: EpochRange) {
        self.epochs = Some(self.epochs.map_or(epochs, |known| known.joined(epochs)));
    }

    /// What is owed in one currency, over all buckets.
    pub fn total(&self, denom: u8) -> u128 {
        let owed = self.owed.iter().filter(|owed| owed.denom == denom);
        owed.fold(0u128, |sum, owed| sum.saturating_add(owed.amount))
    }

    /// Takes out everything owed in the chosen currencies.
    pub fn take(&mut self, chosen: impl Fn(u8) -> bool) -> Taken {
        let epochs = self.epochs;
        let (amounts, kept) = self.owed.drain(..).partition(|owed| chosen(owed.denom));
        self.owed = kept;
        if self.owed.is_empty() {
            self.epochs = None;
        }
        Taken { epochs, amounts }
    }
}

/// The purses of all accounts.
pub struct Purses {
    namespace: u8,
}

impl Purses {
    /// One namespace byte.
    pub const fn new(namespace: u8) -> Self {
        Self { namespace }
    }

    /// An account's purse, empty if it has none.
    pub fn load(&self, store: &impl RawRead, account: &Account) -> StdResult<Purse> {
        Ok(store
            .read_packed(&key(self.namespace, &[&account.key()]))?
            .unwrap_or_default())
    }

    /// Writes a purse, or removes it if nothing is in it.
    pub fn save(&self, storage: &mut dyn Storage, account: &Account, purse: &Purse) {
        let key = key(self.namespace, &[&account.key()]);
        if *purse == Purse::default() {
            storage.remove(&key);
        } else {
            write_packed(storage, &key, purse);
        }
    }

    /// Changes an account's purse.
    pub fn update(
        &self,
        storage: &mut dyn Storage,
        account: &Account,
        change: impl FnOnce(&mut Purse),
    ) -> StdResult<()> {
        let mut purse = self.load(&Local(storage), account)?;
        change(&mut purse);
        self.save(storage, account, &purse);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::{MockApi, MockStorage};
    use cosmwasm_std::Order;

    const PURSES: Purses = Purses::new(0x80);

    fn range(from: u32, until: u32) -> EpochRange {
        EpochRange {
            from: Epoch(from),
            until: Epoch(until),
        }
    }

    #[test]
    fn what_is_not_taken_stays_owed_with_its_epochs() {
        let mut purse = Purse::default();
        purse.credit(0, 1, 5);
        purse.credit(0, 1, 7);
        purse.credit(1, 1, 0);
        purse.credit(2, 0, 3);
        purse.cover(range(4, 6));
        purse.cover(range(2, 5));
        assert_eq!(purse.total(0), 12);
        let taken = purse.take(|denom| denom == 0);
        assert_eq!(
            taken,
            Taken {
                epochs: Some(range(2, 6)),
                amounts: vec![Owed {
                    denom: 0,
                    bucket: 1,
                    amount: 12
                }]
            }
        );
        assert_eq!(
            purse.owed,
            [Owed {
                denom: 2,
                bucket: 0,
                amount: 3
            }]
        );
        assert_eq!(purse.epochs, Some(range(2, 6)));
        purse.take(|_| true);
        assert_eq!(purse, Purse::default());
    }

    #[test]
    fn an_empty_purse_is_no_record() {
        let mut storage = MockStorage::new();
        let api = MockApi::default();
        let account = Account::of(&api, &api.addr_make("a")).unwrap();
        PURSES
            .update(&mut storage, &account, |purse| purse.credit(0, 0, 9))
            .unwrap();
        assert_eq!(PURSES.load(&Local(&storage), &account).unwrap().total(0), 9);
        PURSES
            .update(&mut storage, &account, |purse| drop(purse.take(|_| true)))
            .unwrap();
        assert!(storage.range(None, None, Order::Ascending).next().is_none());
    }
}
