//! The CSV files of delegations.

use std::path::Path;

use super::{DelegationRow, Delegations, MemberRow, MintRow, ShareRow, Standing};
use crate::format::rfc3339;
use crate::input::{write_csv, WriteError};

const MINT_COLUMNS: [&str; 23] = [
    "epoch",
    "start",
    "end",
    "quorum",
    "reports",
    "attesters",
    "delegations",
    "total",
    "undelegated",
    "slots",
    "eligible",
    "captured",
    "idle",
    "mint",
    "injected",
    "carry_in",
    "drip_in",
    "pool",
    "per_slot",
    "rewards",
    "minted",
    "drip_out",
    "carry_out",
];

/// Writes `mint.csv`, `delegations.csv`, `delegation_epochs.csv` and `members.csv`.
pub(super) fn write(delegations: &Delegations, dir: &Path) -> Result<(), WriteError> {
    let mints = delegations.epochs.iter().map(mint_row);
    write_csv(dir, "mint.csv", &MINT_COLUMNS, mints)?;
    write_delegations(delegations, dir)?;
    write_shares(delegations, dir)?;
    write_members(delegations, dir)
}

fn mint_row(row: &MintRow) -> Vec<String> {
    let mut fields = vec![
        row.epoch.to_string(),
        rfc3339(row.start).unwrap_or_default(),
        rfc3339(row.end).unwrap_or_default(),
        row.quorum.to_string(),
        row.reports.to_string(),
        row.attesters.to_string(),
        row.delegations.to_string(),
        row.total.to_string(),
        row.undelegated.to_string(),
        row.slots.to_string(),
        row.eligible.to_string(),
        row.captured.to_string(),
        row.idle().to_string(),
    ];
    let amounts = [
        row.mint,
        row.injected,
        row.carry_in,
        row.drip_in,
        row.pool,
        row.per_slot,
        row.rewards,
        row.minted,
        row.drip_out,
        row.carry_out,
    ];
    fields.extend(amounts.iter().map(ToString::to_string));
    fields
}

/// One row per delegation.
fn write_delegations(delegations: &Delegations, dir: &Path) -> Result<(), WriteError> {
    let header = [
        "delegation",
        "owner",
        "standing",
        "quintessence",
        "members",
        "slots",
        "validators",
        "commission_bps",
        "slot_epochs",
        "captured",
        "reward",
        "commission",
    ];
    let fields = |row: &DelegationRow| {
        [
            row.delegation.to_string(),
            row.owner.clone(),
            row.standing.name().to_owned(),
            row.quintessence.to_string(),
            row.members.to_string(),
            row.slots.to_string(),
            row.validators.to_string(),
            row.commission.to_string(),
            row.slot_epochs.to_string(),
            row.captured.to_string(),
            row.reward.to_string(),
            row.owners.to_string(),
        ]
    };
    let rows = delegations.ids.iter().map(fields);
    write_csv(dir, "delegations.csv", &header, rows)
}

/// One row per delegation and epoch.
fn write_shares(delegations: &Delegations, dir: &Path) -> Result<(), WriteError> {
    let header = [
        "delegation",
        "epoch",
        "owner",
        "standing",
        "total",
        "own",
        "slots",
        "eligible",
        "captured",
        "reward",
        "commission_bps",
        "per_thousand",
    ];
    let fields = |row: &ShareRow| {
        [
            row.delegation.to_string(),
            row.epoch.to_string(),
            row.owner.clone(),
            row.standing.name().to_owned(),
            row.total.to_string(),
            row.own.to_string(),
            row.slots.to_string(),
            row.eligible.to_string(),
            row.captured.to_string(),
            row.reward.to_string(),
            row.commission.to_string(),
            row.per_thousand.to_string(),
        ]
    };
    let rows = delegations.shares.iter().map(fields);
    write_csv(dir, "delegation_epochs.csv", &header, rows)
}

/// One row per account and delegation.
fn write_members(delegations: &Delegations, dir: &Path) -> Result<(), WriteError> {
    let header = [
        "delegation",
        "account",
        "quintessence",
        "earned",
        "commission",
    ];
    let fields = |row: &MemberRow| {
        [
            row.delegation.to_string(),
            row.account.clone(),
            row.quintessence.to_string(),
            row.earned.to_string(),
            row.commission.to_string(),
        ]
    };
    let rows = delegations.members.iter().map(fields);
    write_csv(dir, "members.csv", &header, rows)
}

impl Standing {
    /// The name in CSV files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Short => "short",
            Self::Dormant => "dormant",
        }
    }
}
