//! Deposits on record: who paid what for which epochs, and on what grounds.
//!
//! A source and reference, such as a customer and an invoice, can be used once, so that a deposit
//! that is sent again by mistake is refused. Where the money stands is the books', how it is spread
//! the streams'.

use cosmwasm_std::{Addr, Api, Event, Order, StdError, Storage};
use thiserror::Error;

use crate::account::Account;
use crate::bounds::{ensure_text, OutOfBounds};
use crate::denom::Denom;
use crate::epoch::Epoch;
use crate::events::EventLog;
use crate::fault::StdResult;
use crate::packed::Packed;
use crate::packed_struct;
use crate::raw::{key, write_packed};

/// Why a deposit is refused.
#[derive(Error, Debug, PartialEq)]
pub enum DepositError {
    /// Storage failed.
    #[error(transparent)]
    Std(#[from] StdError),
    /// Source or reference is empty or too long.
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    /// A deposit with this source and reference is on record.
    #[error("the deposit from {source_name:?} with reference {reference:?} was already made")]
    ReferenceUsed {
        /// Who paid.
        source_name: String,
        /// What for.
        reference: String,
    },
}

/// A deposit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Who deposited.
    pub depositor: Account,
    /// The currency's number.
    pub denom: u8,
    /// Smallest units.
    pub amount: u128,
    /// First epoch.
    pub from: Epoch,
    /// Number of epochs.
    pub over: u32,
    /// Who paid; 1 ..= 256 bytes.
    pub source: String,
    /// Invoice hash or URI; 1 ..= 256 bytes.
    pub reference: String,
}
packed_struct!(Deposit {
    depositor,
    denom,
    amount,
    from,
    over,
    source,
    reference
});

impl Deposit {
    /// All of it as attributes of an event.
    fn describe(&self, depositor: &Addr, denom: &Denom) -> [(&'static str, String); 8] {
        [
            ("depositor", depositor.to_string()),
            ("denom", denom.to_string()),
            ("amount", self.amount.to_string()),
            ("over", self.over.to_string()),
            ("from_epoch", self.from.to_string()),
            ("until_epoch", self.from.plus(self.over).to_string()),
            ("source", self.source.clone()),
            ("reference", self.reference.clone()),
        ]
    }
}

/// All deposits, numbered.
pub struct Deposits {
    records: u8,
    references: u8,
}

impl Deposits {
    /// Two namespace bytes: of the deposits, and of the sources and references that are used.
    pub const fn new(records: u8, references: u8) -> Self {
        Self {
            records,
            references,
        }
    }

    /// Puts a deposit on record; answers the event `what` that announces it, whose number is the
    /// deposit's. `denom`: the currency's name. Refuses a source and reference used before.
    pub fn add(
        &self,
        storage: &mut dyn Storage,
        api: &dyn Api,
        events: &EventLog,
        what: &str,
        denom: &Denom,
        deposit: &Deposit,
    ) -> Result<Event, DepositError> {
        ensure_text("source length", &deposit.source)?;
        ensure_text("reference length", &deposit.reference)?;
        self.use_reference(storage, &deposit.source, &deposit.reference)?;
        let (number, event) = events.next(storage, what, deposit.from)?;
        write_packed(storage, &self.record_key(number), deposit);
        let depositor = deposit.depositor.human(api)?;
        Ok(event.add_attributes(deposit.describe(&depositor, denom)))
    }

    /// Deposits before number `before`, newest first.
    pub fn page(
        &self,
        storage: &dyn Storage,
        before: Option<u64>,
        limit: usize,
    ) -> StdResult<Vec<(u64, Deposit)>> {
        let start = self.record_key(0);
        let end = self.record_key(before.unwrap_or(u64::MAX));
        let records = storage
            .range(Some(&start), Some(&end), Order::Descending)
            .take(limit);
        records
            .map(|(key, value)| {
                let number = u64::from_packed(key.get(1..).unwrap_or_default())?;
                Ok((number, Deposit::from_packed(&value)?))
            })
            .collect()
    }

    /// Marks a source and reference as used; refuses them if they were.
    fn use_reference(
        &self,
        storage: &mut dyn Storage,
        source: &str,
        reference: &str,
    ) -> Result<(), DepositError> {
        let length = u16::try_from(source.len()).unwrap_or(u16::MAX);
        let key = key(
            self.references,
            &[
                &length.to_be_bytes(),
                source.as_bytes(),
                reference.as_bytes(),
            ],
        );
        if storage.get(&key).is_some() {
            return Err(DepositError::ReferenceUsed {
                source_name: source.to_string(),
                reference: reference.to_string(),
            });
        }
        storage.set(&key, &[1]);
        Ok(())
    }

    fn record_key(&self, number: u64) -> Vec<u8> {
        key(self.records, &[&number.to_be_bytes()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::{MockApi, MockStorage};

    const DEPOSITS: Deposits = Deposits::new(0x80, 0x81);
    const EVENTS: EventLog = EventLog::new(0x82, "test");

    fn deposit(source: &str, reference: &str) -> Deposit {
        let api = MockApi::default();
        Deposit {
            depositor: Account::of(&api, &api.addr_make("payer")).unwrap(),
            denom: 1,
            amount: 300,
            from: Epoch(4),
            over: 30,
            source: source.to_string(),
            reference: reference.to_string(),
        }
    }

    fn add(storage: &mut MockStorage, deposit: &Deposit) -> Result<Event, DepositError> {
        let denom = Denom::Native("coin".into());
        let api = MockApi::default();
        DEPOSITS.add(storage, &api, &EVENTS, "revenue", &denom, deposit)
    }

    #[test]
    fn a_deposit_is_announced_and_found_by_its_events_number() {
        let mut storage = MockStorage::new();
        let event = add(&mut storage, &deposit("customer", "invoice 1")).unwrap();
        assert_eq!(event.ty, "test_revenue");
        let pairs = event.attributes.iter().skip(3);
        let pairs: Vec<_> = pairs
            .map(|it| (it.key.as_str(), it.value.as_str()))
            .collect();
        let payer = MockApi::default().addr_make("payer");
        let expected = [
            ("depositor", payer.as_str()),
            ("denom", "native:coin"),
            ("amount", "300"),
            ("over", "30"),
            ("from_epoch", "4"),
            ("until_epoch", "34"),
            ("source", "customer"),
            ("reference", "invoice 1"),
        ];
        assert_eq!(pairs, expected);
        add(&mut storage, &deposit("customer", "invoice 2")).unwrap();
        let page = DEPOSITS.page(&storage, None, 9).unwrap();
        assert_eq!(page.iter().map(|it| it.0).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(page[1].1, deposit("customer", "invoice 1"));
        let before = DEPOSITS.page(&storage, Some(2), 9).unwrap();
        assert_eq!(before, [(1, deposit("customer", "invoice 1"))]);
        assert_eq!(DEPOSITS.page(&storage, None, 1).unwrap().len(), 1);
    }

    #[test]
    fn a_source_and_reference_are_used_once_and_do_not_run_together() {
        let mut storage = MockStorage::new();
        add(&mut storage, &deposit("ab", "c")).unwrap();
        add(&mut storage, &deposit("a", "bc")).unwrap();
        assert_eq!(
            add(&mut storage, &deposit("ab", "c"))
                .unwrap_err()
                .to_string(),
            "the deposit from \"ab\" with reference \"c\" was already made"
        );
    }

    #[test]
    fn source_and_reference_are_bounded() {
        let mut storage = MockStorage::new();
        let long = "x".repeat(257);
        let refused = [
            ("", "r", "source length is 0: must be 1..=256"),
            (&long, "r", "source length is 257: must be 1..=256"),
            ("s", "", "reference length is 0: must be 1..=256"),
            ("s", &long, "reference length is 257: must be 1..=256"),
        ];
        for (source, reference, why) in refused {
            let error = add(&mut storage, &deposit(source, reference)).unwrap_err();
            assert_eq!(error.to_string(), why);
        }
    }

    #[test]
    fn record_bytes_are_frozen() {
        let bytes = deposit("s", "re").to_packed();
        let tail = [
            1, 2, 1, 44, 0, 0, 0, 4, 0, 0, 0, 30, 0, 1, b's', 0, 2, b'r', b'e',
        ];
        assert!(bytes.ends_with(&tail));
        assert_eq!(Deposit::from_packed(&bytes), Ok(deposit("s", "re")));
    }
}
