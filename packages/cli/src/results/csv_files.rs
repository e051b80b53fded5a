//! The CSV files of a run.

use std::path::Path;

use super::{delegation_files, Accrual, EpochRow, KeyRow, Payout, Receipt, RunResult};
use crate::format::rfc3339;
use crate::input::{create_dir, write_csv, WriteError};

const EPOCH_COLUMNS: [&str; 26] = [
    "epoch",
    "start",
    "end",
    "issued",
    "running",
    "held",
    "unstaked",
    "staked",
    "pool_stake",
    "pool_required",
    "quorum",
    "reports",
    "attesters",
    "denom",
    "revenue",
    "network",
    "treasury",
    "carry_in",
    "drip_in",
    "pot",
    "per_node",
    "per_unstaked",
    "pool",
    "remainder",
    "drip_out",
    "carry_out",
];

/// Writes `epochs.csv`, `payouts.csv`, `receipts.csv`, `keys.csv` and `accounts.csv` into a
/// folder, created if need be; with delegations also `mint.csv`, `delegations.csv`,
/// `delegation_epochs.csv` and `members.csv`.
pub fn write(result: &RunResult, dir: &Path) -> Result<(), WriteError> {
    create_dir(dir)?;
    write_epochs(result, dir)?;
    write_payouts(result, dir)?;
    write_receipts(result, dir)?;
    write_keys(result, dir)?;
    write_accounts(result, dir)?;
    match &result.delegations {
        Some(delegations) => delegation_files::write(delegations, dir),
        None => Ok(()),
    }
}

/// One row per epoch and denomination.
fn write_epochs(result: &RunResult, dir: &Path) -> Result<(), WriteError> {
    let rows = result
        .epochs
        .iter()
        .flat_map(|epoch| epoch_rows(result, epoch));
    write_csv(dir, "epochs.csv", &EPOCH_COLUMNS, rows)
}

fn epoch_rows<'a>(
    result: &'a RunResult,
    row: &'a EpochRow,
) -> impl Iterator<Item = Vec<String>> + 'a {
    row.money.iter().enumerate().map(|(denom, money)| {
        let mut fields = epoch_facts(row);
        fields.push(name(result, denom));
        let amounts = [
            money.revenue,
            money.network,
            money.treasury,
            money.carry_in,
            money.drip_in,
            money.pot,
            money.per_node,
            money.per_unstaked,
            money.pool,
            money.remainder,
            money.drip_out,
            money.carry_out,
        ];
        fields.extend(amounts.iter().map(ToString::to_string));
        fields
    })
}

fn epoch_facts(row: &EpochRow) -> Vec<String> {
    vec![
        row.epoch.to_string(),
        rfc3339(row.start).unwrap_or_default(),
        rfc3339(row.end).unwrap_or_default(),
        row.issued.to_string(),
        row.running.to_string(),
        row.held.to_string(),
        row.unstaked.to_string(),
        row.staked.to_string(),
        row.pool_stake.to_string(),
        row.pool_required.to_string(),
        row.quorum.to_string(),
        row.reports.to_string(),
        row.attesters.to_string(),
    ]
}

fn write_payouts(result: &RunResult, dir: &Path) -> Result<(), WriteError> {
    let header = [
        "receipt", "epoch", "height", "account", "role", "denom", "amount", "contract",
    ];
    let fields = |row: &Payout| {
        [
            row.receipt.to_string(),
            row.epoch.to_string(),
            row.height.to_string(),
            row.account.clone(),
            row.role.name().to_owned(),
            name(result, row.denom),
            row.amount.to_string(),
            row.role.contract().name().to_owned(),
        ]
    };
    write_csv(
        dir,
        "payouts.csv",
        &header,
        result.payouts.iter().map(fields),
    )
}

/// One row per receipt and denomination.
fn write_receipts(result: &RunResult, dir: &Path) -> Result<(), WriteError> {
    let header = [
        "receipt",
        "account",
        "payee",
        "height",
        "from_epoch",
        "until_epoch",
        "denom",
        "amount",
        "contract",
    ];
    let rows = result
        .receipts
        .iter()
        .flat_map(|receipt| receipt_rows(result, receipt));
    write_csv(dir, "receipts.csv", &header, rows)
}

fn receipt_rows<'a>(
    result: &'a RunResult,
    receipt: &'a Receipt,
) -> impl Iterator<Item = [String; 9]> + 'a {
    receipt.amounts.iter().map(|paid| {
        [
            receipt.number.to_string(),
            receipt.account.clone(),
            receipt.payee.clone(),
            receipt.height.to_string(),
            optional(receipt.from_epoch),
            optional(receipt.until_epoch),
            name(result, paid.denom),
            paid.amount.to_string(),
            receipt.contract.name().to_owned(),
        ]
    })
}

/// One row per key, with a column `earned_<denomination>` for each.
fn write_keys(result: &RunResult, dir: &Path) -> Result<(), WriteError> {
    let names: Vec<String> = result
        .network
        .denominations
        .iter()
        .map(|denom| format!("earned_{}", denom.name))
        .collect();
    let mut header = vec![
        "key",
        "owner",
        "epochs_judged",
        "epochs_ran",
        "epochs_staked",
    ];
    header.extend(names.iter().map(String::as_str));
    write_csv(dir, "keys.csv", &header, result.keys.iter().map(key_row))
}

fn key_row(row: &KeyRow) -> Vec<String> {
    let mut fields = vec![
        row.key.to_string(),
        row.owner.clone(),
        row.judged.to_string(),
        row.ran.to_string(),
        row.staked.to_string(),
    ];
    fields.extend(row.earned.iter().map(ToString::to_string));
    fields
}

fn write_accounts(result: &RunResult, dir: &Path) -> Result<(), WriteError> {
    let header = ["account", "role", "denom", "earned", "paid", "owed"];
    let fields = |row: &Accrual| {
        [
            row.account.clone(),
            row.role.name().to_owned(),
            name(result, row.denom),
            row.earned.to_string(),
            row.paid.to_string(),
            row.owed.to_string(),
        ]
    };
    write_csv(
        dir,
        "accounts.csv",
        &header,
        result.accruals.iter().map(fields),
    )
}

fn name(result: &RunResult, denom: usize) -> String {
    result.network.currency(denom).0.to_owned()
}

fn optional(epoch: Option<u64>) -> String {
    epoch.map(|epoch| epoch.to_string()).unwrap_or_default()
}
