//! Paying by pull: what an account is owed, where it wants it, and receipts of what it got.

use cosmwasm_std::{Order, StdResult, Storage};

use crate::account::Account;
use crate::epoch::Epoch;
use crate::packed::Packed;
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
}
packed_struct!(Purse {
    payee,
    self_claim_only,
    owed
});

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

    /// What is owed in one currency, over all buckets.
    pub fn total(&self, denom: u8) -> u128 {
        let owed = self.owed.iter().filter(|owed| owed.denom == denom);
        owed.fold(0u128, |sum, owed| sum.saturating_add(owed.amount))
    }

    /// Takes out everything owed in the chosen currencies.
    pub fn take(&mut self, chosen: impl Fn(u8) -> bool) -> Vec<Owed> {
        let (taken, kept) = self.owed.drain(..).partition(|owed| chosen(owed.denom));
        self.owed = kept;
        taken
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

    /// Adds to what an account is owed.
    pub fn credit(
        &self,
        storage: &mut dyn Storage,
        account: &Account,
        denom: u8,
        bucket: u8,
        amount: u128,
    ) -> StdResult<()> {
        let mut purse = self.load(&Local(storage), account)?;
        purse.credit(denom, bucket, amount);
        self.save(storage, account, &purse);
        Ok(())
    }
}

/// Proof of one payout; its number is the number of the event that announced it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Who received the money.
    pub payee: Account,
    /// Block height.
    pub height: u64,
    /// The first epoch that this payout settled; equal to `until` if it only paid what had been
    /// settled before.
    pub from: Epoch,
    /// The first epoch after those settled.
    pub until: Epoch,
    /// Smallest units by the currency's place in the allow-list.
    pub amounts: Vec<PaidAmount>,
}
packed_struct!(Receipt {
    payee,
    height,
    from,
    until,
    amounts
});

/// One currency of a receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaidAmount {
    /// The currency's place in the allow-list.
    pub denom: u8,
    /// Smallest units.
    pub amount: u128,
}
packed_struct!(PaidAmount { denom, amount });

/// The receipts of all accounts, numbered.
pub struct Receipts {
    namespace: u8,
}

impl Receipts {
    /// One namespace byte.
    pub const fn new(namespace: u8) -> Self {
        Self { namespace }
    }

    /// Writes a receipt.
    pub fn add(
        &self,
        storage: &mut dyn Storage,
        account: &Account,
        number: u64,
        receipt: &Receipt,
    ) {
        write_packed(
            storage,
            &key(self.namespace, &[&account.key(), &number.to_be_bytes()]),
            receipt,
        );
    }

    /// An account's receipts before number `before`, newest first.
    pub fn page(
        &self,
        storage: &dyn Storage,
        account: &Account,
        before: Option<u64>,
        limit: usize,
    ) -> StdResult<Vec<(u64, Receipt)>> {
        let at = |number: u64| key(self.namespace, &[&account.key(), &number.to_be_bytes()]);
        let (start, end) = (at(0), at(before.unwrap_or(u64::MAX)));
        let records = storage
            .range(Some(&start), Some(&end), Order::Descending)
            .take(limit);
        records
            .map(|(key, value)| {
                let tail = key.len().saturating_sub(8);
                let number = u64::from_packed(key.get(tail..).unwrap_or_default())?;
                Ok((number, Receipt::from_packed(&value)?))
            })
            .collect()
    }
}
