//! Writes the rows of delegations.

use std::path::Path;

use super::{
    tokens, NftAction, NftMove, Tokens, ValidatorAction, ValidatorMove, ELIGIBILITY, INJECTIONS,
    NFTS, VALIDATORS,
};
use crate::input::write::{write_csv, WriteError};
use crate::input::Scenario;

/// Writes the files of delegations; none for a network without.
pub fn write(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    if scenario.network.delegation.is_none() {
        return Ok(());
    }
    write_nfts(scenario, dir)?;
    write_validators(scenario, dir)?;
    write_eligibility(scenario, dir)?;
    write_injections(scenario, dir)
}

fn write_nfts(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let header = [
        "epoch",
        "account",
        "action",
        "collection",
        "token_ids",
        "delegation",
        "commission",
        "other",
    ];
    let rules = scenario.network.delegation.as_ref();
    let name = |index: usize| {
        let found = rules.and_then(|rules| rules.collections.get(index));
        found.map(|one| one.name.clone()).unwrap_or_default()
    };
    let rows = scenario.delegations.moves.iter();
    write_csv(dir, NFTS, &header, rows.map(|row| nft_row(row, &name)))
}

/// What follows the account: action, NFTs, delegation, commission, the other account.
#[derive(Default)]
struct Fields<'a> {
    action: &'static str,
    tokens: Option<&'a Tokens>,
    delegation: Option<u16>,
    commission: Option<u16>,
    other: &'a str,
}

impl<'a> Fields<'a> {
    fn of(action: &'a NftAction) -> Self {
        let none = Self::default();
        match action {
            NftAction::Stake { tokens, delegation } => Self {
                action: "stake",
                tokens: Some(tokens),
                delegation: *delegation,
                ..none
            },
            NftAction::Move { tokens, delegation } => Self {
                action: "move",
                tokens: Some(tokens),
                delegation: *delegation,
                ..none
            },
            NftAction::Unstake { tokens } => Self {
                action: "unstake",
                tokens: Some(tokens),
                ..none
            },
            NftAction::Create {
                delegation,
                commission,
            } => Self {
                action: "create",
                delegation: Some(*delegation),
                commission: Some(*commission),
                ..none
            },
            NftAction::Commission { commission } => Self {
                action: "commission",
                commission: Some(*commission),
                ..none
            },
            NftAction::Release { member } => Self {
                action: "release",
                other: member,
                ..none
            },
            NftAction::HandOver { to } => Self {
                action: "hand_over",
                other: to,
                ..none
            },
        }
    }
}

fn nft_row(row: &NftMove, name: &impl Fn(usize) -> String) -> [String; 8] {
    let fields = Fields::of(&row.action);
    let number = |number: Option<u16>| number.map(|number| number.to_string());
    [
        row.epoch.to_string(),
        row.account.clone(),
        fields.action.to_owned(),
        fields
            .tokens
            .map(|tokens| name(tokens.collection))
            .unwrap_or_default(),
        fields
            .tokens
            .map(|tokens| tokens::show(&tokens.ids))
            .unwrap_or_default(),
        number(fields.delegation).unwrap_or_default(),
        number(fields.commission).unwrap_or_default(),
        fields.other.to_owned(),
    ]
}

fn write_validators(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let header = ["epoch", "operator", "validator", "action", "delegation"];
    let fields = |row: &ValidatorMove| {
        let (action, delegation) = match row.action {
            ValidatorAction::Register(delegation) => ("register", delegation),
            ValidatorAction::Assign(delegation) => ("assign", Some(delegation)),
            ValidatorAction::Remove => ("remove", None),
        };
        [
            row.epoch.to_string(),
            row.operator.clone(),
            row.validator.to_string(),
            action.to_owned(),
            delegation.map(|id| id.to_string()).unwrap_or_default(),
        ]
    };
    let rows = scenario.delegations.validators.iter().map(fields);
    write_csv(dir, VALIDATORS, &header, rows)
}

fn write_eligibility(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let attesters = &scenario.network.attesters;
    let rows = scenario.delegations.eligibility.iter().map(|row| {
        let attester = attesters.get(row.attester).cloned().unwrap_or_default();
        [attester, row.epoch.to_string(), row.eligible.to_string()]
    });
    write_csv(dir, ELIGIBILITY, &["attester", "epoch", "bitmap"], rows)
}

fn write_injections(scenario: &Scenario, dir: &Path) -> Result<(), WriteError> {
    let header = ["epoch", "account", "amount", "source", "reference", "over"];
    let rows = scenario.delegations.injections.iter().map(|row| {
        [
            row.epoch.to_string(),
            row.account.clone(),
            row.amount.to_string(),
            row.source.clone(),
            row.reference.clone(),
            row.over.to_string(),
        ]
    });
    write_csv(dir, INJECTIONS, &header, rows)
}
