//! Receipts of what accounts were paid.

use cosmwasm_std::{Order, Storage};

use super::purse::{EpochRange, Owed};
use crate::account::Account;
use crate::fault::StdResult;
use crate::packed::Packed;
use crate::packed_struct;
use crate::raw::{key, write_packed};

/// Proof of one payout; its number is the number of the event that announced it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Who received the money.
    pub payee: Account,
    /// Block height.
    pub height: u64,
    /// The epochs in which it was earned; none for what no epoch earned, such as the treasury's.
    pub epochs: Option<EpochRange>,
    /// What was paid, by currency and bucket.
    pub amounts: Vec<Owed>,
}
packed_struct!(Receipt {
    payee,
    height,
    epochs,
    amounts
});

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
