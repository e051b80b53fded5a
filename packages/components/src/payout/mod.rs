//! Paying by pull: what accounts are owed, where they want it, payouts and receipts.

mod credit;
mod payouts;
mod purse;
mod receipts;

pub use credit::{ChartOfAccounts, Credit};
pub use payouts::{parse_payee, Paid, Party, Payout, PayoutError, Payouts};
pub use purse::{EpochRange, Owed, Purse, Purses, Taken};
pub use receipts::{Receipt, Receipts};
