//! Payouts: whose money, where to, out of which books, with event and receipt.

use cosmwasm_std::{Addr, Api, CosmosMsg, Deps, DepsMut, Event, Response, StdError, Storage};
use thiserror::Error;

use super::credit::{ChartOfAccounts, Credit};
use super::purse::{Owed, Purse, Purses, Taken};
use super::receipts::{Receipt, Receipts};
use crate::account::Account;
use crate::books::{BooksError, Ledger};
use crate::denom::Denom;
use crate::epoch::Epoch;
use crate::events::EventLog;
use crate::fault::StdResult;
use crate::raw::Local;

/// Why a payout is refused.
#[derive(Error, Debug, PartialEq)]
pub enum PayoutError {
    /// Storage failed, or an address is none.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The books refuse: a fault of the contract, never of the sender.
    #[error("accounting: {0}")]
    Books(#[from] BooksError),
    /// Only the account itself may trigger its payouts.
    #[error("{account} lets only himself claim; others may settle")]
    SelfClaimOnly {
        /// Whose money it is.
        account: Addr,
    },
    /// Somebody else names where the money should go.
    #[error("only an account itself may send its money elsewhere")]
    NotYours,
    /// The receiver could not pass the money on.
    #[error("{payee} is a contract of this network: money sent there could not be used")]
    PayeeIsContract {
        /// Where it should go.
        payee: Addr,
    },
}

/// Where money may go: not to the addresses in `refused`, the contracts of the network, which could
/// not pass it on.
pub fn parse_payee(
    api: &dyn Api,
    payee: Option<String>,
    refused: &[&Addr],
) -> Result<Option<Addr>, PayoutError> {
    let payee = payee.map(|payee| api.addr_validate(&payee)).transpose()?;
    match payee {
        Some(payee) if refused.contains(&&payee) => Err(PayoutError::PayeeIsContract { payee }),
        payee => Ok(payee),
    }
}

/// Whose money a message is about.
#[derive(Clone, Debug)]
pub struct Party {
    /// Its address.
    pub addr: Addr,
    /// The same as stored.
    pub account: Account,
    /// What it is owed; changes stay here until the party is [saved](Payouts::save).
    pub purse: Purse,
    stored: Purse,
}

impl Party {
    /// Where a payout goes that `sender` asks for: to `to`, or else to the account's payee, or else
    /// to the account itself. Refuses what the account does not allow others.
    pub fn payee(
        &self,
        api: &dyn Api,
        sender: &Addr,
        to: Option<String>,
        refused: &[&Addr],
    ) -> Result<Addr, PayoutError> {
        let own = self.addr == *sender;
        if !own && self.purse.self_claim_only {
            let account = self.addr.clone();
            return Err(PayoutError::SelfClaimOnly { account });
        }
        match (parse_payee(api, to, refused)?, &self.purse.payee) {
            (Some(_), _) if !own => Err(PayoutError::NotYours),
            (Some(to), _) => Ok(to),
            (None, Some(payee)) => Ok(payee.human(api)?),
            (None, None) => Ok(self.addr.clone()),
        }
    }
}

/// One payout: who is paid what, and where it goes.
#[derive(Clone, Debug)]
pub struct Payout<'a> {
    /// Whose money it is.
    pub party: &'a Party,
    /// Who receives it.
    pub payee: &'a Addr,
    /// What it is.
    pub taken: Taken,
}

/// A payout that is in the books.
#[derive(Clone, Debug, PartialEq)]
pub struct Paid {
    /// The event that announces it.
    pub event: Event,
    /// The sum of each currency over all roles.
    pub by_denom: Vec<(Denom, u128)>,
}

impl Paid {
    /// One transfer per currency.
    pub fn transfers(&self, payee: &Addr) -> StdResult<Vec<CosmosMsg>> {
        let by_denom = self.by_denom.iter();
        by_denom
            .map(|(denom, amount)| denom.transfer(payee, *amount))
            .collect()
    }
}

/// What a contract owes and pays to accounts.
pub struct Payouts {
    ledger: &'static Ledger,
    events: &'static EventLog,
    /// What accounts are owed.
    pub purses: Purses,
    /// What they were paid.
    pub receipts: Receipts,
}

impl Payouts {
    /// The books out of which is paid, the contract's events, and two namespace bytes: of purses and
    /// of receipts.
    pub const fn new(
        ledger: &'static Ledger,
        events: &'static EventLog,
        purses: u8,
        receipts: u8,
    ) -> Self {
        Self {
            ledger,
            events,
            purses: Purses::new(purses),
            receipts: Receipts::new(receipts),
        }
    }

    /// An account as a party.
    pub fn party(&self, deps: Deps, addr: Addr) -> StdResult<Party> {
        let account = Account::of(deps.api, &addr)?;
        let purse = self.purses.load(&Local(deps.storage), &account)?;
        Ok(Party {
            addr,
            account,
            stored: purse.clone(),
            purse,
        })
    }

    /// The account that a message names, or its sender.
    pub fn named(&self, deps: Deps, sender: &Addr, account: Option<String>) -> StdResult<Party> {
        let named = account.map(|account| deps.api.addr_validate(&account));
        let addr = named.transpose()?.unwrap_or_else(|| sender.clone());
        self.party(deps, addr)
    }

    /// Writes a party's purse, if it has changed.
    pub fn save(&self, storage: &mut dyn Storage, party: &Party) {
        if party.purse != party.stored {
            self.purses.save(storage, &party.account, &party.purse);
        }
    }

    /// Adds what was earned: to the party's purse, which the caller saves, and to those of others,
    /// each of which is written once.
    pub fn credit<'a>(
        &self,
        storage: &mut dyn Storage,
        party: &mut Party,
        credits: impl IntoIterator<Item = &'a Credit>,
    ) -> StdResult<()> {
        let (own, others): (Vec<_>, Vec<_>) = credits
            .into_iter()
            .partition(|credit| credit.account == party.account);
        own.iter()
            .for_each(|credit| credit.add_to(&mut party.purse));
        self.credit_all(storage, others)
    }

    /// Adds what was earned to purses.
    pub fn credit_all<'a>(
        &self,
        storage: &mut dyn Storage,
        credits: impl IntoIterator<Item = &'a Credit>,
    ) -> StdResult<()> {
        credits.into_iter().try_for_each(|credit| {
            self.purses
                .update(storage, &credit.account, |purse| credit.add_to(purse))
        })
    }

    /// Takes what is owed out of the books and writes the receipt. `epoch` and `height`: the running
    /// epoch and the block in which it is paid.
    pub fn pay(
        &self,
        deps: DepsMut,
        chart: &impl ChartOfAccounts,
        epoch: Epoch,
        height: u64,
        payout: Payout<'_>,
    ) -> Result<Paid, PayoutError> {
        let Payout {
            party,
            payee,
            taken: Taken { epochs, amounts },
        } = payout;
        let (number, event) = self.events.next(deps.storage, "paid", epoch)?;
        let mut event = event
            .add_attribute("account", &party.addr)
            .add_attribute("payee", payee);
        for owed in &amounts {
            self.ledger.update(deps.storage, owed.denom, |books| {
                books
                    .pay(chart.place(owed.bucket), owed.amount)
                    .map_err(PayoutError::from)
            })?;
        }
        for owed in &amounts {
            event = event.add_attribute("amount", described(chart, owed));
        }
        if let Some(epochs) = epochs {
            event = event
                .add_attribute("from_epoch", epochs.from.to_string())
                .add_attribute("until_epoch", epochs.until.to_string());
        }
        let by_denom = merged(chart, &amounts);
        let receipt = Receipt {
            payee: Account::of(deps.api, payee)?,
            height,
            epochs,
            amounts,
        };
        self.receipts
            .add(deps.storage, &party.account, number, receipt);
        Ok(Paid { event, by_denom })
    }

    /// Sends the sender's future payouts elsewhere; none: to himself.
    pub fn set_payee(
        &self,
        deps: DepsMut,
        epoch: Epoch,
        sender: &Addr,
        payee: Option<String>,
        refused: &[&Addr],
    ) -> Result<Response, PayoutError> {
        let payee = parse_payee(deps.api, payee, refused)?;
        let own = payee.clone().filter(|payee| payee != sender);
        let stored = own.map(|payee| Account::of(deps.api, &payee)).transpose()?;
        let account = Account::of(deps.api, sender)?;
        self.purses
            .update(deps.storage, &account, |purse| purse.payee = stored)?;
        let event = self
            .events
            .emit(deps.storage, "payee_set", epoch)?
            .add_attribute("account", sender)
            .add_attributes(payee.map(|payee| ("payee", payee)));
        Ok(Response::new()
            .add_attribute("action", "set_payee")
            .add_event(event))
    }

    /// Whether others may trigger the sender's payouts.
    pub fn set_claim_policy(
        &self,
        deps: DepsMut,
        epoch: Epoch,
        sender: &Addr,
        self_claim_only: bool,
    ) -> Result<Response, PayoutError> {
        let account = Account::of(deps.api, sender)?;
        self.purses.update(deps.storage, &account, |purse| {
            purse.self_claim_only = self_claim_only;
        })?;
        let event = self
            .events
            .emit(deps.storage, "claim_policy_set", epoch)?
            .add_attribute("account", sender)
            .add_attribute("self_claim_only", self_claim_only.to_string());
        Ok(Response::new()
            .add_attribute("action", "set_claim_policy")
            .add_event(event))
    }
}

/// For events: role, currency, amount.
fn described(chart: &impl ChartOfAccounts, owed: &Owed) -> String {
    let (role, denom) = (chart.bucket(owed.bucket), chart.denom(owed.denom));
    format!("{role}:{denom}:{}", owed.amount)
}

/// The sum of each currency, over all roles.
fn merged(chart: &impl ChartOfAccounts, owed: &[Owed]) -> Vec<(Denom, u128)> {
    let mut by_denom: Vec<(Denom, u128)> = vec![];
    for owed in owed {
        let denom = chart.denom(owed.denom);
        match by_denom.iter_mut().find(|(known, _)| *known == denom) {
            Some((_, amount)) => *amount = amount.saturating_add(owed.amount),
            None => by_denom.push((denom, owed.amount)),
        }
    }
    by_denom
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::Place;
    use crate::payout::EpochRange;
    use cosmwasm_std::testing::{mock_dependencies, MockApi};

    const LEDGER: Ledger = Ledger::new(0x80);
    const EVENTS: EventLog = EventLog::new(0x81, "test");
    const PAYOUTS: Payouts = Payouts::new(&LEDGER, &EVENTS, 0x82, 0x83);

    /// Currencies 0 and 2 are the same token; bucket 1 is paid from the carry.
    struct Chart;

    impl ChartOfAccounts for Chart {
        fn denom(&self, denom: u8) -> Denom {
            match denom {
                1 => Denom::Cw20("token".into()),
                _ => Denom::Native("coin".into()),
            }
        }
        fn bucket(&self, bucket: u8) -> &'static str {
            match bucket {
                0 => "nodes",
                _ => "pool",
            }
        }
        fn place(&self, bucket: u8) -> Place {
            match bucket {
                1 => Place::Carry,
                bucket => Place::Bucket(bucket),
            }
        }
    }

    fn addr(name: &str) -> Addr {
        MockApi::default().addr_make(name)
    }

    fn credit(name: &str, denom: u8, bucket: u8, amount: u128, epoch: u32) -> Credit {
        Credit {
            account: Account::of(&MockApi::default(), &addr(name)).unwrap(),
            denom,
            bucket,
            amount,
            epochs: EpochRange {
                from: Epoch(epoch),
                until: Epoch(epoch + 1),
            },
        }
    }

    fn receive(storage: &mut dyn Storage, denom: u8, to: Place, amount: u128) {
        LEDGER
            .update(storage, denom, |books| {
                Ok::<_, PayoutError>(books.receive(to, amount)?)
            })
            .unwrap();
    }

    fn attributes(event: &Event, key: &str) -> Vec<String> {
        let found = event.attributes.iter().filter(|it| it.key == key);
        found.map(|it| it.value.clone()).collect()
    }

    #[test]
    fn a_payout_is_in_books_event_receipt_and_one_transfer_per_currency() {
        let mut deps = mock_dependencies();
        receive(&mut deps.storage, 0, Place::Bucket(0), 10);
        receive(&mut deps.storage, 1, Place::Carry, 20);
        receive(&mut deps.storage, 2, Place::Bucket(0), 30);
        let mut party = PAYOUTS.party(deps.as_ref(), addr("a")).unwrap();
        let credits = [
            credit("a", 0, 0, 10, 3),
            credit("a", 1, 1, 20, 5),
            credit("a", 2, 0, 30, 4),
        ];
        PAYOUTS
            .credit(&mut deps.storage, &mut party, &credits)
            .unwrap();
        let payout = Payout {
            payee: &addr("b"),
            taken: party.purse.take(|_| true),
            party: &party,
        };
        let paid = PAYOUTS
            .pay(deps.as_mut(), &Chart, Epoch(7), 99, payout)
            .unwrap();
        assert_eq!(paid.event.ty, "test_paid");
        let parts = [
            "nodes:native:coin:10",
            "pool:cw20:token:20",
            "nodes:native:coin:30",
        ];
        assert_eq!(attributes(&paid.event, "amount"), parts);
        assert_eq!(attributes(&paid.event, "from_epoch"), ["3"]);
        assert_eq!(attributes(&paid.event, "until_epoch"), ["6"]);
        let sums = [
            (Denom::Native("coin".into()), 40),
            (Denom::Cw20("token".into()), 20),
        ];
        assert_eq!(paid.by_denom, sums);
        assert_eq!(paid.transfers(&addr("b")).unwrap().len(), 2);
        for denom in 0..3 {
            let books = LEDGER.load(&Local(&deps.storage), denom).unwrap();
            assert_eq!((books.liabilities(), books.balanced()), (0, true));
        }
        let page = PAYOUTS
            .receipts
            .page(&deps.storage, &party.account, None, 9)
            .unwrap();
        let [(1, receipt)] = page.as_slice() else {
            unreachable!()
        };
        assert_eq!((receipt.height, receipt.amounts.len()), (99, 3));
    }

    #[test]
    fn no_bucket_pays_more_than_came_into_it() {
        let mut deps = mock_dependencies();
        receive(&mut deps.storage, 0, Place::Bucket(0), 10);
        let mut party = PAYOUTS.party(deps.as_ref(), addr("a")).unwrap();
        credit("a", 0, 0, 11, 0).add_to(&mut party.purse);
        let payout = Payout {
            payee: &addr("a"),
            taken: party.purse.take(|_| true),
            party: &party,
        };
        let error = PAYOUTS.pay(deps.as_mut(), &Chart, Epoch(0), 1, payout);
        assert_eq!(
            error.unwrap_err().to_string(),
            "accounting: bucket holds 10 of this currency, 11 are asked of it"
        );
    }

    #[test]
    fn credits_reach_everybody_and_the_party_is_written_by_its_caller() {
        let mut deps = mock_dependencies();
        let mut party = PAYOUTS.party(deps.as_ref(), addr("a")).unwrap();
        let credits = [
            credit("a", 0, 0, 1, 3),
            credit("b", 0, 0, 2, 3),
            credit("b", 0, 1, 4, 8),
        ];
        PAYOUTS
            .credit(&mut deps.storage, &mut party, &credits)
            .unwrap();
        let total = |deps: Deps, name| PAYOUTS.party(deps, addr(name)).unwrap().purse.total(0);
        assert_eq!((total(deps.as_ref(), "a"), party.purse.total(0)), (0, 1));
        assert_eq!(total(deps.as_ref(), "b"), 6);
        PAYOUTS.save(&mut deps.storage, &party);
        assert_eq!(total(deps.as_ref(), "a"), 1);
    }

    #[test]
    fn only_the_account_itself_decides_where_its_money_goes() {
        let mut deps = mock_dependencies();
        let (a, b, own) = (addr("a"), addr("b"), addr("contract"));
        let named = PAYOUTS.named(deps.as_ref(), &b, Some(a.to_string()));
        let mut party = named.unwrap();
        let payee = |party: &Party, sender: &Addr, to: Option<&Addr>| {
            party.payee(
                &MockApi::default(),
                sender,
                to.map(ToString::to_string),
                &[&own],
            )
        };
        assert_eq!(payee(&party, &b, None), Ok(a.clone()));
        assert_eq!(payee(&party, &a, Some(&b)), Ok(b.clone()));
        assert_eq!(payee(&party, &b, Some(&b)), Err(PayoutError::NotYours));
        let contract = PayoutError::PayeeIsContract { payee: own.clone() };
        assert_eq!(payee(&party, &a, Some(&own)), Err(contract));
        party.purse.self_claim_only = true;
        let account = a.clone();
        assert_eq!(
            payee(&party, &b, None),
            Err(PayoutError::SelfClaimOnly { account })
        );
        assert_eq!(payee(&party, &a, None), Ok(a.clone()));

        let set = |deps: DepsMut, to: Option<&Addr>| {
            let to = to.map(ToString::to_string);
            PAYOUTS.set_payee(deps, Epoch(2), &a, to, &[&own])
        };
        assert!(set(deps.as_mut(), Some(&own)).is_err());
        let response = set(deps.as_mut(), Some(&b)).unwrap();
        let [event] = response.events.as_slice() else {
            unreachable!()
        };
        assert_eq!(event.ty, "test_payee_set");
        assert_eq!(attributes(event, "payee"), [b.to_string()]);
        PAYOUTS
            .set_claim_policy(deps.as_mut(), Epoch(2), &a, true)
            .unwrap();
        let stored = PAYOUTS.party(deps.as_ref(), a.clone()).unwrap();
        assert!(stored.purse.self_claim_only);
        assert_eq!(payee(&stored, &a, None), Ok(b.clone()));
        // To himself is the same as to nobody else.
        set(deps.as_mut(), Some(&a)).unwrap();
        assert_eq!(
            PAYOUTS.party(deps.as_ref(), a.clone()).unwrap().purse.payee,
            None
        );
    }
}
