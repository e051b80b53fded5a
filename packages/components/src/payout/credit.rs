//! What an account has earned, on its way into the account's purse.

use cosmwasm_std::Api;

use super::purse::{EpochRange, Purse};
use crate::account::Account;
use crate::books::Place;
use crate::denom::Denom;
use crate::fault::StdResult;

/// Which currency and which bucket a stored number stands for.
pub trait ChartOfAccounts {
    /// The currency of a number.
    fn denom(&self, denom: u8) -> Denom;

    /// The name of a bucket, which is the role in which it is owed.
    fn bucket(&self, bucket: u8) -> &'static str;

    /// Where a bucket's money stands in the books.
    fn place(&self, bucket: u8) -> Place {
        Place::Bucket(bucket)
    }
}

/// An amount earned by an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credit {
    /// Who has earned it.
    pub account: Account,
    /// The currency's number.
    pub denom: u8,
    /// The bucket it is owed from.
    pub bucket: u8,
    /// Smallest units.
    pub amount: u128,
    /// The epochs in which it was earned.
    pub epochs: EpochRange,
}

impl Credit {
    /// Adds it to its account's purse.
    pub fn add_to(&self, purse: &mut Purse) {
        purse.credit(self.denom, self.bucket, self.amount);
        purse.cover(self.epochs);
    }

    /// For events: account, role, currency, amount.
    pub fn describe(&self, api: &dyn Api, chart: &impl ChartOfAccounts) -> StdResult<String> {
        let account = self.account.human(api)?;
        let (role, denom) = (chart.bucket(self.bucket), chart.denom(self.denom));
        Ok(format!("{account}:{role}:{denom}:{}", self.amount))
    }
}
