//! The input folder: `network.toml` and CSV files, read strictly.
//!
//! | file | columns |
//! |---|---|
//! | `keys.csv` | `key,owner` |
//! | `revenue.csv` | `epoch,denom,amount,source,reference[,over]` |
//! | `activity.csv` | `attester,epoch,bitmap` |
//! | `stakes.csv` | `epoch,account,action,key,amount` |
//! | `market.csv` (optional file) | `epoch,seller,buyer,key,price,with_stake` |
//! | `nfts.csv` (optional file) | `epoch,account,action,collection,token_ids,delegation,commission[,other]` |
//! | `validators.csv` (optional file) | `epoch,operator,validator,action,delegation` |
//! | `eligibility.csv` (optional file) | `attester,epoch,bitmap` |
//! | `injections.csv` (optional file) | `epoch,account,amount,source,reference[,over]` |
//!
//! Columns may stand in any order. Amounts are whole numbers of smallest units. Rows act by
//! epoch; inside an epoch first a split is announced, then revenue comes in, then stakes move,
//! then keys are sold, then NFTs move, then validators, then tokens are injected, each in the
//! order of its file. The last four files need a section `[delegation]` in `network.toml`.

mod activity;
mod bitmap;
mod delegations;
mod error;
mod network;
mod rows;
mod table;
mod timeline;
mod write;

use std::path::Path;

pub use activity::{read_activity, Activity};
pub use bitmap::{Bitmap, BitmapError};
pub use delegations::{
    Delegations, Eligibility, Injection, NftAction, NftMove, Tokens, ValidatorAction, ValidatorMove,
};
pub use error::{InputError, Reason};
pub(crate) use network::{default_own_quintessence, default_slot_size};
pub use network::{
    Asset, Class, Collection, DelegationRules, Denomination, Mint, Network, Params, RemainderTo,
    Split, Tokens as TokenRule, DEFAULT_CAP,
};
pub use rows::{Report, Revenue, Sale, StakeAction, StakeMove};
pub use timeline::{split_effective, EffectiveSplit, Timeline, ANNOUNCED_AFTER_S, NODE_STAKE};
pub(crate) use write::{create_dir, write_csv, write_text};
pub use write::{write, WriteError};

/// Owners of keys 1, 2, ... from a file as keys.csv, at most `cap`; owners that `check` refuses are
/// refused with their lines.
pub fn read_keys(
    path: &Path,
    cap: u32,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<String>, InputError> {
    rows::read_key_file(path, cap, check)
}

/// Moves of stake from a file as stakes.csv, in order of epochs; a node takes exactly `stake` smallest
/// units. Accounts that `check` refuses are refused with their lines.
pub fn read_stakes(
    path: &Path,
    stake: u128,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<StakeMove>, InputError> {
    rows::read_stake_file(path, stake, check)
}

/// Everything that happens to a network in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// The network and its parameters.
    pub network: Network,
    /// Owner of key `i + 1` at the beginning of epoch 0.
    pub owners: Vec<String>,
    /// Deposits of revenue, by epoch.
    pub revenue: Vec<Revenue>,
    /// Attesters' reports, by epoch and attester.
    pub reports: Vec<Report>,
    /// Stakes and pool deposits going in and out, by epoch.
    pub stakes: Vec<StakeMove>,
    /// Sales of keys, by epoch.
    pub sales: Vec<Sale>,
    /// What happens to delegations.
    pub delegations: Delegations,
}

impl Scenario {
    /// Reads an input folder; the first fault refuses it.
    pub fn read(dir: &Path) -> Result<Self, InputError> {
        let network = Network::from_toml(&table::read_text(dir, network::FILE)?)?;
        let owners = rows::read_keys(dir, network.cap)?;
        let keys = u32::try_from(owners.len()).unwrap_or(u32::MAX);
        let timeline = Timeline::new(&network, keys);
        Ok(Self {
            revenue: rows::read_revenue(dir, &network)?,
            reports: rows::read_reports(dir, &network, &timeline)?,
            stakes: rows::read_stakes(dir, &network, &timeline)?,
            sales: rows::read_sales(dir, &network, &timeline)?,
            delegations: delegations::read(dir, &network)?,
            network,
            owners,
        })
    }

    /// Keys in epoch 0.
    pub fn genesis_keys(&self) -> u32 {
        u32::try_from(self.owners.len()).unwrap_or(u32::MAX)
    }

    /// Keys and node stake per epoch.
    pub fn timeline(&self) -> Timeline {
        Timeline::new(&self.network, self.genesis_keys())
    }

    /// Deposits of revenue in an epoch.
    pub fn revenue_in(&self, epoch: u64) -> &[Revenue] {
        in_epoch(&self.revenue, epoch, |row| row.epoch)
    }

    /// Reports on an epoch.
    pub fn reports_on(&self, epoch: u64) -> &[Report] {
        in_epoch(&self.reports, epoch, |row| row.epoch)
    }

    /// Moves of stake in an epoch.
    pub fn stakes_in(&self, epoch: u64) -> &[StakeMove] {
        in_epoch(&self.stakes, epoch, |row| row.epoch)
    }

    /// Sales in an epoch.
    pub fn sales_in(&self, epoch: u64) -> &[Sale] {
        in_epoch(&self.sales, epoch, |row| row.epoch)
    }
}

/// The rows of one epoch out of rows that are sorted by epoch.
fn in_epoch<T>(rows: &[T], epoch: u64, epoch_of: impl Fn(&T) -> u64) -> &[T] {
    let from = rows.partition_point(|row| epoch_of(row) < epoch);
    let to = rows.partition_point(|row| epoch_of(row) <= epoch);
    rows.get(from..to).unwrap_or(&[])
}

#[cfg(test)]
mod tests;
