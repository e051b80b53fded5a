//! What an account was paid, by its receipts, and when.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Timestamp;
use noderev_api::common::{ReceiptInfo, ReceiptsResponse};
use noderev_api::{delegation, distributor};
use noderev_chain::{Client, Result};

use super::{Days, StatementError, TREASURY};
use crate::contracts::pages;
use crate::export::attribute;
use crate::{Contract, Contracts};

/// Receipts of a page, the most that contracts answer.
const PAGE: u32 = 100;

/// A receipt and when it was paid.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Paid {
    pub contract: Contract,
    pub receipt: ReceiptInfo,
    pub when: When,
    /// Who was paid, if it was another account in the same role.
    pub other: Option<String>,
}

/// When something was, beside the days of a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    Before,
    /// Within them, Unix seconds.
    At(u64),
    After,
}

impl When {
    /// Of a known second.
    pub fn of(seconds: u64, days: &Days) -> Self {
        match seconds {
            before if before < days.start() => Self::Before,
            within if within < days.end() => Self::At(within),
            _ => Self::After,
        }
    }
}

/// All receipts of an account from one of the two contracts that pay, oldest first.
pub(super) fn receipts(
    contracts: &Contracts,
    contract: Contract,
    account: &str,
) -> Result<Vec<ReceiptInfo>> {
    let mut all = pages(|last: Option<&ReceiptInfo>| {
        let (account, limit) = (account.to_owned(), Some(PAGE));
        let start_after = last.map(|last| last.number);
        let answer: ReceiptsResponse = match contract {
            Contract::Delegation => contracts.ask_delegation(&delegation::QueryMsg::Receipts {
                account,
                start_after,
                limit,
            })?,
            _ => contracts.ask_distributor(&distributor::QueryMsg::Receipts {
                account,
                start_after,
                limit,
            })?,
        };
        Ok(answer.receipts)
    })?;
    all.reverse();
    Ok(all)
}

/// What others were paid as the treasury, as far as the node knows who they were: what one of them
/// left is the next one's.
pub(super) fn as_treasury(
    contracts: &Contracts,
    account: &str,
    days: &Days,
) -> core::result::Result<Vec<Paid>, StatementError> {
    let mut all = Vec::new();
    for other in treasuries(contracts)?.iter().filter(|one| *one != account) {
        let mut receipts = receipts(contracts, Contract::Distributor, other)?;
        for receipt in &mut receipts {
            receipt.amounts.retain(|one| one.role == TREASURY);
        }
        receipts.retain(|receipt| !receipt.amounts.is_empty());
        let paid = dated(contracts.client(), Contract::Distributor, receipts, days)?;
        all.extend(paid.into_iter().map(|paid| Paid {
            other: Some(other.clone()),
            ..paid
        }));
    }
    Ok(all)
}

/// Who has ever been the treasury.
fn treasuries(contracts: &Contracts) -> Result<BTreeSet<String>> {
    let (client, distributor) = (contracts.client(), &contracts.distributor);
    let mut found = BTreeSet::new();
    for (kind, name) in [
        ("wasm-distributor_instantiated", TREASURY),
        ("wasm-distributor_role_set", "account"),
    ] {
        let query = format!("{kind}._contract_address='{distributor}'");
        let transactions = client.all_transactions(&query)?;
        let events = transactions.iter().flat_map(|one| &one.events);
        let here = events.filter(|event| {
            let role = attribute(event, "role").unwrap_or(TREASURY);
            let contract = attribute(event, "_contract_address");
            event.ty == kind && contract == Some(distributor.as_str()) && role == TREASURY
        });
        found.extend(here.filter_map(|event| attribute(event, name).map(str::to_owned)));
    }
    Ok(found)
}

/// Whoever knows when blocks were made.
pub(super) trait Blocks {
    /// When; none if it is not known any more.
    fn time(&self, height: u64) -> Result<Option<Timestamp>>;
    /// Height and time of the oldest block that is known.
    fn earliest(&self) -> Result<(u64, Timestamp)>;
}

impl Blocks for Client {
    fn time(&self, height: u64) -> Result<Option<Timestamp>> {
        self.block_time(height)
    }

    fn earliest(&self) -> Result<(u64, Timestamp)> {
        self.earliest()
    }
}

/// When receipts were paid. Few blocks are asked for: those of the days, and as many as it takes to
/// find where the days begin and end.
pub(super) fn dated(
    blocks: &impl Blocks,
    contract: Contract,
    receipts: Vec<ReceiptInfo>,
    days: &Days,
) -> core::result::Result<Vec<Paid>, StatementError> {
    let calendar = Calendar {
        blocks,
        contract,
        known: RefCell::default(),
    };
    let first = calendar.first_from(&receipts, days.start())?;
    let after = calendar.first_from(&receipts, days.end())?;
    let mut paid = Vec::new();
    for (place, receipt) in receipts.into_iter().enumerate() {
        let when = match place {
            place if place < first => When::Before,
            place if place < after => When::At(calendar.second(&receipt)?),
            _ => When::After,
        };
        paid.push(Paid {
            contract,
            receipt,
            when,
            other: None,
        });
    }
    Ok(paid)
}

struct Calendar<'a, B> {
    blocks: &'a B,
    contract: Contract,
    known: RefCell<BTreeMap<u64, Option<u64>>>,
}

impl<B: Blocks> Calendar<'_, B> {
    /// Place of the first receipt that was paid at this second or later.
    fn first_from(
        &self,
        receipts: &[ReceiptInfo],
        second: u64,
    ) -> core::result::Result<usize, StatementError> {
        let (mut low, mut high) = (0, receipts.len());
        while low < high {
            let middle = low.midpoint(high);
            let Some(receipt) = receipts.get(middle) else {
                break;
            };
            match self.is_before(receipt, second)? {
                true => low = middle.saturating_add(1),
                false => high = middle,
            }
        }
        Ok(low)
    }

    fn is_before(
        &self,
        receipt: &ReceiptInfo,
        second: u64,
    ) -> core::result::Result<bool, StatementError> {
        if let Some(time) = self.time(receipt.height)? {
            return Ok(time < second);
        }
        // What is older than the oldest block is older than the days, if that is.
        let (_, time) = self.blocks.earliest()?;
        match time.seconds() <= second {
            true => Ok(true),
            false => Err(self.forgotten(receipt)?),
        }
    }

    fn second(&self, receipt: &ReceiptInfo) -> core::result::Result<u64, StatementError> {
        match self.time(receipt.height)? {
            Some(time) => Ok(time),
            None => Err(self.forgotten(receipt)?),
        }
    }

    fn forgotten(
        &self,
        receipt: &ReceiptInfo,
    ) -> core::result::Result<StatementError, StatementError> {
        Ok(StatementError::Forgotten {
            contract: self.contract.name(),
            receipt: receipt.number,
            height: receipt.height,
            earliest: self.blocks.earliest()?.0,
        })
    }

    fn time(&self, height: u64) -> Result<Option<u64>> {
        if let Some(known) = self.known.borrow().get(&height) {
            return Ok(*known);
        }
        let time = self.blocks.time(height)?.map(|time| time.seconds());
        self.known.borrow_mut().insert(height, time);
        Ok(time)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Addr;

    /// Blocks of an hour each, of which those before one are forgotten.
    struct Hours {
        forgotten: u64,
        asked: RefCell<u32>,
    }

    impl Hours {
        const fn without(forgotten: u64) -> Self {
            Self {
                forgotten,
                asked: RefCell::new(0),
            }
        }
    }

    impl Blocks for Hours {
        fn time(&self, height: u64) -> Result<Option<Timestamp>> {
            *self.asked.borrow_mut() += 1;
            let known = height >= self.forgotten;
            Ok(known.then(|| Timestamp::from_seconds(height * 3_600)))
        }
        fn earliest(&self) -> Result<(u64, Timestamp)> {
            Ok((
                self.forgotten,
                Timestamp::from_seconds(self.forgotten * 3_600),
            ))
        }
    }

    fn receipts(heights: impl IntoIterator<Item = u64>) -> Vec<ReceiptInfo> {
        let receipt = |(number, height)| ReceiptInfo {
            number,
            payee: Addr::unchecked("me"),
            height,
            from: None,
            until: None,
            amounts: vec![],
        };
        (1..).zip(heights).map(receipt).collect()
    }

    fn whens(blocks: &Hours, heights: &[u64]) -> core::result::Result<Vec<When>, StatementError> {
        let days = Days::parse("1970-01-02", "1970-01-03").unwrap();
        let all = receipts(heights.iter().copied());
        let paid = dated(blocks, Contract::Distributor, all, &days)?;
        Ok(paid.into_iter().map(|paid| paid.when).collect())
    }

    #[test]
    fn receipts_belong_to_the_day_of_their_block() {
        let told = whens(&Hours::without(0), &[1, 23, 24, 71, 71, 72, 100]).unwrap();
        use When::{After, At, Before};
        let expected = [
            Before,
            Before,
            At(86_400),
            At(71 * 3_600),
            At(71 * 3_600),
            After,
            After,
        ];
        assert_eq!(told, expected);
        assert_eq!(whens(&Hours::without(0), &[]).unwrap(), []);
    }

    #[test]
    fn few_blocks_are_asked_for() {
        let (hours, heights) = (Hours::without(0), (0..10_000).collect::<Vec<u64>>());
        let told = whens(&hours, &heights).unwrap();
        let within = told.iter().filter(|when| matches!(when, When::At(_)));
        assert_eq!(within.count(), 48);
        assert!(*hours.asked.borrow() < 48 + 2 * 14);
    }

    #[test]
    fn blocks_that_are_forgotten_matter_only_from_the_first_day_on() {
        let told = whens(&Hours::without(24), &[1, 2, 3, 30]).unwrap();
        let before = [When::Before; 3];
        assert_eq!(told[..3], before);
        let refusal = whens(&Hours::without(26), &[1, 25, 30]).unwrap_err();
        assert!(refusal.to_string().starts_with(
            "receipt 2 of the distributor was paid in block 25, and the node's first block is 26"
        ));
    }
}
