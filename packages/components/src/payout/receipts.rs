//! Receipts of what accounts were paid.

use cosmwasm_std::{Order, Storage};

use super::purse::{EpochRange, Owed};
use crate::account::Account;
use crate::epoch::Epoch;
use crate::fault::StdResult;
use crate::packed::{Packed, Reader};
use crate::raw::{key, write_packed};
use crate::short::Trimmed;

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

/// The same as stored with every payout.
struct StoredReceipt {
    /// None: the account.
    payee: Option<Account>,
    height: u64,
    from: Epoch,
    /// How many epochs; 0 if there are none.
    epochs: u32,
    amounts: Vec<Owed>,
}

impl Packed for StoredReceipt {
    fn pack(&self, out: &mut Vec<u8>) {
        self.payee.pack(out);
        let numbers = [self.height, self.from.0.into(), self.epochs.into()];
        numbers
            .into_iter()
            .for_each(|number| Trimmed(number).pack(out));
        self.amounts.iter().for_each(|owed| owed.pack(out));
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            payee: Packed::unpack(input)?,
            height: Trimmed::unpack(input)?.0,
            from: Epoch(Trimmed::unpack_u32(input)?),
            epochs: Trimmed::unpack_u32(input)?,
            amounts: input.rest()?,
        })
    }
}

impl Receipt {
    fn into_stored(self, account: &Account) -> StoredReceipt {
        let epochs = self.epochs;
        StoredReceipt {
            payee: Some(self.payee).filter(|payee| payee != account),
            height: self.height,
            from: epochs.map_or(Epoch(0), |it| it.from),
            epochs: epochs.map_or(0, |it| it.until.since(it.from)),
            amounts: self.amounts,
        }
    }

    fn from_stored(stored: StoredReceipt, account: &Account) -> Self {
        let epochs = EpochRange {
            from: stored.from,
            until: stored.from.plus(stored.epochs),
        };
        Self {
            payee: stored.payee.unwrap_or_else(|| account.clone()),
            height: stored.height,
            epochs: (stored.epochs > 0).then_some(epochs),
            amounts: stored.amounts,
        }
    }
}

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
    pub fn add(&self, storage: &mut dyn Storage, account: &Account, number: u64, receipt: Receipt) {
        let stored = receipt.into_stored(account);
        write_packed(storage, &self.key(account, number), &stored);
    }

    /// An account's receipts before number `before`, newest first.
    pub fn page(
        &self,
        storage: &dyn Storage,
        account: &Account,
        before: Option<u64>,
        limit: usize,
    ) -> StdResult<Vec<(u64, Receipt)>> {
        let (start, end) = (
            self.key(account, 0),
            self.key(account, before.unwrap_or(u64::MAX)),
        );
        let records = storage
            .range(Some(&start), Some(&end), Order::Descending)
            .take(limit);
        // A number has one byte at least: 0 stands in one.
        let head = start.len().saturating_sub(1);
        records
            .map(|(key, value)| {
                let Trimmed(at) = Packed::from_packed(key.get(head..).unwrap_or_default())?;
                let stored = StoredReceipt::from_packed(&value)?;
                Ok((at, Receipt::from_stored(stored, account)))
            })
            .collect()
    }

    fn key(&self, account: &Account, number: u64) -> Vec<u8> {
        key(
            self.namespace,
            &[&account.key(), &Trimmed(number).to_packed()],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::{MockApi, MockStorage};

    const RECEIPTS: Receipts = Receipts::new(0x80);

    fn account(name: &str) -> Account {
        let api = MockApi::default();
        Account::of(&api, &api.addr_make(name)).unwrap()
    }

    fn receipt(payee: &str, epochs: Option<(u32, u32)>) -> Receipt {
        Receipt {
            payee: account(payee),
            height: 258,
            epochs: epochs.map(|(from, until)| EpochRange {
                from: Epoch(from),
                until: Epoch(until),
            }),
            amounts: vec![Owed {
                denom: 1,
                bucket: 2,
                amount: 3,
            }],
        }
    }

    #[test]
    fn receipts_come_back_in_order_whatever_the_length_of_their_numbers() {
        let (mut storage, a) = (MockStorage::new(), account("a"));
        let numbers = [1, 255, 256, 65_535, 65_536];
        for number in numbers {
            let epochs = (number > 1).then_some((7, 300));
            RECEIPTS.add(&mut storage, &a, number, receipt("b", epochs));
        }
        RECEIPTS.add(&mut storage, &account("b"), 9, receipt("b", None));
        let page = RECEIPTS.page(&storage, &a, None, 9).unwrap();
        let found: Vec<u64> = page.iter().rev().map(|it| it.0).collect();
        assert_eq!(found, numbers);
        assert_eq!(page[0].1, receipt("b", Some((7, 300))));
        assert_eq!(page[4].1, receipt("b", None));
        let before = RECEIPTS.page(&storage, &a, Some(256), 1).unwrap();
        assert_eq!(before[0].0, 255);
    }

    #[test]
    fn record_bytes_are_frozen() {
        let (mut storage, a) = (MockStorage::new(), account("a"));
        RECEIPTS.add(&mut storage, &a, 258, receipt("a", Some((7, 8))));
        let key = [&[0x80][..], &a.key(), &[2, 1, 2]].concat();
        let value = [0, 2, 1, 2, 1, 7, 1, 1, 1, 2, 1, 3];
        assert_eq!(storage.get(&key), Some(value.to_vec()));
        let own = RECEIPTS.page(&storage, &a, None, 1).unwrap();
        assert_eq!(own, [(258, receipt("a", Some((7, 8))))]);
    }
}
