#![doc = include_str!("../README.md")]
#![cfg_attr(test, allow(clippy::arithmetic_side_effects))]

mod account;
mod batch;
mod bitmap;
mod books;
mod bounds;
mod buffer;
mod coded;
mod denom;
mod deposits;
mod epoch;
mod events;
mod evidence;
mod fault;
mod funds;
mod governance;
mod history;
mod keys;
mod packed;
mod paging;
mod params;
mod pause;
mod payout;
pub mod quorum;
mod raw;
mod short;
mod streams;
mod timeline;

pub use account::Account;
pub use batch::{each, Batch, BatchError};
pub use bitmap::{bytes_for, Bitmap, BitmapError};
pub use books::{Books, BooksError, Ledger, Place};
pub use bounds::{ensure_text, ensure_within, OutOfBounds, MAX_TEXT};
pub use buffer::{buffered, buffered_query, Bundle, Bundled};
pub use coded::Coded;
pub use denom::{Amount, Denom, DenomInfo, MAX_DENOMS};
pub use deposits::{Deposit, DepositError, Deposits};
pub use epoch::{ClockError, Epoch, EpochClock, MAX_EPOCH_SECONDS, MIN_EPOCH_SECONDS};
pub use events::{expires_attribute, nanoseconds, ownership_attributes, EventLog, EVENT_VERSION};
pub use evidence::{
    Evidence, EvidenceError, EvidenceRules, OpenEpoch, Policy, Progress, Submission,
};
pub use fault::{fault, not_found, unreadable, Fault, StdResult};
pub use funds::{nonpayable, one_coin, FundsError};
pub use governance::{ensure_owner, migrate_version, Governance, MigrationError, RoleError, Roles};
pub use history::History;
pub use keys::{Generation, KeyId, KeyIdError, Lineage, Split, Supply};
pub use packed::{Packed, Reader};
pub use paging::{page_limit, AsOf, DEFAULT_PAGE, MAX_PAGE};
pub use params::{ParamsError, QueuedParams, NOTICE_EPOCHS};
pub use pause::{PauseError, Pauses, MAX_PAUSE_SECONDS, PAUSE_COOLDOWN_SECONDS};
pub use payout::{
    parse_payee, ChartOfAccounts, Credit, EpochRange, Owed, Paid, Party, Payout, PayoutError,
    Payouts, Purse, Purses, Receipt, Receipts, Taken,
};
pub use raw::{key, write_packed, Local, RawRead, Remembered, Remote};
pub use short::{Short, Trimmed};
pub use streams::Streams;
pub use timeline::{Span, Timeline};
