//! Writes a scenario as the files that [`Scenario::read`] takes.

use std::fs;
use std::io;
use std::path::Path;

use thiserror::Error;

use super::rows::{ACTIVITY, KEYS, MARKET, REVENUE, STAKES};
use super::{delegations, network, Scenario, StakeAction, StakeMove};

/// Why an output file can't be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The file or folder can't be created or written.
    #[error("{file}: {source}")]
    Io {
        /// The file or folder.
        file: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// A row can't be written.
    #[error("{file}: {source}")]
    Csv {
        /// The file.
        file: String,
        /// What the CSV writer said.
        source: csv::Error,
    },
    /// The network can't be expressed.
    #[error("network.toml: {0}")]
    Toml(#[from] toml::ser::Error),
}

/// Writes the scenario into a folder, created if need be.
pub fn write(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    create_dir(dir)?;
    write_text(dir, network::FILE, &scenario.network.to_toml()?)?;
    write_keys(scenario, dir)?;
    write_revenue(scenario, dir)?;
    write_activity(scenario, dir)?;
    write_stakes(scenario, dir)?;
    write_market(scenario, dir)?;
    delegations::write(scenario, dir)
}

/// Creates a folder and those above it.
pub(crate) fn create_dir(dir: &Path) -> Result<(), WriteError> {
    fs::create_dir_all(dir).map_err(|source| WriteError::Io {
        file: dir.display().to_string(),
        source,
    })
}

/// Writes a text file.
pub(crate) fn write_text(dir: &Path, file: &str, text: &str) -> Result<(), WriteError> {
    fs::write(dir.join(file), text).map_err(|source| WriteError::Io {
        file: file.into(),
        source,
    })
}

/// Writes a CSV file with a header.
pub(crate) fn write_csv<R>(
    dir: &Path,
    file: &str,
    header: &[&str],
    rows: impl IntoIterator<Item = R>,
) -> Result<(), WriteError>
where
    R: IntoIterator<Item = String>,
{
    let wrong = |source| WriteError::Csv {
        file: file.to_owned(),
        source,
    };
    let mut writer = csv::Writer::from_path(dir.join(file)).map_err(wrong)?;
    writer.write_record(header).map_err(wrong)?;
    for row in rows {
        writer.write_record(row).map_err(wrong)?;
    }
    writer.flush().map_err(|source| WriteError::Io {
        file: file.to_owned(),
        source,
    })
}

fn write_keys(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let rows = (1_u32..)
        .zip(&scenario.owners)
        .map(|(key, owner)| [key.to_string(), owner.clone()]);
    write_csv(dir, KEYS, &["key", "owner"], rows)
}

fn write_revenue(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let name = |index: usize| {
        scenario
            .network
            .denominations
            .get(index)
            .map(|d| d.name.clone())
    };
    let rows = scenario.revenue.iter().map(|row| {
        [
            row.epoch.to_string(),
            name(row.denom).unwrap_or_default(),
            row.amount.to_string(),
            row.source.clone(),
            row.reference.clone(),
            row.over.to_string(),
        ]
    });
    write_csv(
        dir,
        REVENUE,
        &["epoch", "denom", "amount", "source", "reference", "over"],
        rows,
    )
}

fn write_activity(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let attesters = &scenario.network.attesters;
    let rows = scenario.reports.iter().map(|row| {
        let attester = attesters.get(row.attester).cloned().unwrap_or_default();
        [attester, row.epoch.to_string(), row.bitmap.to_string()]
    });
    write_csv(dir, ACTIVITY, &["attester", "epoch", "bitmap"], rows)
}

fn write_stakes(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let header = ["epoch", "account", "action", "key", "amount"];
    write_csv(dir, STAKES, &header, scenario.stakes.iter().map(stake_row))
}

fn stake_row(row: &StakeMove) -> [String; 5] {
    let (action, key, amount) = match &row.action {
        StakeAction::StakeNode { key, amount } => ("stake_node", Some(key), Some(amount)),
        StakeAction::UnstakeNode { key } => ("unstake_node", Some(key), None),
        StakeAction::Deposit { amount } => ("deposit", None, Some(amount)),
        StakeAction::Withdraw { amount } => ("withdraw", None, Some(amount)),
    };
    let key = key.map(ToString::to_string).unwrap_or_default();
    let amount = amount.map(ToString::to_string).unwrap_or_default();
    [
        row.epoch.to_string(),
        row.account.clone(),
        action.to_owned(),
        key,
        amount,
    ]
}

fn write_market(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let header = ["epoch", "seller", "buyer", "key", "price", "with_stake"];
    let rows = scenario.sales.iter().map(|row| {
        [
            row.epoch.to_string(),
            row.seller.clone(),
            row.buyer.clone(),
            row.key.to_string(),
            row.price.to_string(),
            row.with_stake.to_string(),
        ]
    });
    write_csv(dir, MARKET, &header, rows)
}
