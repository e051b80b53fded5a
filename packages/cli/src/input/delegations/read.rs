//! Reads the rows of delegations.

use std::path::Path;

use super::{
    tokens, Delegations, Eligibility, Injection, NftAction, NftMove, Tokens, ValidatorAction,
    ValidatorMove, ELIGIBILITY, INJECTIONS, NFTS, VALIDATORS,
};
use crate::input::bitmap::Bitmap;
use crate::input::error::{InputError, Reason};
use crate::input::network::DelegationRules;
use crate::input::rows::{find_attester, read_over};
use crate::input::table::{Columns, Row, Table, Unique};
use crate::input::Network;

/// Most basis points that a delegation's owner may keep.
const MAX_COMMISSION: u128 = 1_000;

const NFT_COLUMNS: Columns = Columns {
    required: &[
        "epoch",
        "account",
        "action",
        "collection",
        "token_ids",
        "delegation",
        "commission",
    ],
    optional: &["other"],
};
const VALIDATOR_COLUMNS: Columns = Columns {
    required: &["epoch", "operator", "validator", "action", "delegation"],
    optional: &[],
};
const ELIGIBILITY_COLUMNS: Columns = Columns {
    required: &["attester", "epoch", "bitmap"],
    optional: &[],
};
const INJECTION_COLUMNS: Columns = Columns {
    required: &["epoch", "account", "amount", "source", "reference"],
    optional: &["over"],
};

/// Reads what there is of the four files.
pub fn read(dir: &Path, network: &Network) -> Result<Delegations, InputError> {
    let mut delegations = Delegations::default();
    let Some(rules) = &network.delegation else {
        return match [NFTS, VALIDATORS, ELIGIBILITY, INJECTIONS]
            .into_iter()
            .find(|file| dir.join(file).exists())
        {
            None => Ok(delegations),
            Some(file) => Err(InputError::at(file, 1, Reason::NoDelegations)),
        };
    };
    let reader = Reader { network, rules };
    if let Some(table) = optional(dir, NFTS, &NFT_COLUMNS)? {
        delegations.moves = reader.moves(&table)?;
    }
    if let Some(table) = optional(dir, VALIDATORS, &VALIDATOR_COLUMNS)? {
        delegations.validators = reader.validators(&table, &delegations.moves)?;
    }
    if let Some(table) = optional(dir, ELIGIBILITY, &ELIGIBILITY_COLUMNS)? {
        delegations.eligibility = reader.eligibility(&table, &delegations)?;
    }
    if let Some(table) = optional(dir, INJECTIONS, &INJECTION_COLUMNS)? {
        delegations.injections = reader.injections(&table)?;
    }
    Ok(delegations)
}

fn optional(
    dir: &Path,
    file: &'static str,
    columns: &Columns,
) -> Result<Option<Table>, InputError> {
    match dir.join(file).exists() {
        true => Table::read(dir, file, columns).map(Some),
        false => Ok(None),
    }
}

/// Reads rows by the network's rules.
struct Reader<'a> {
    network: &'a Network,
    rules: &'a DelegationRules,
}

/// What exists in an epoch, as far as the rows have been read.
#[derive(Clone, Copy)]
struct Now {
    epoch: u64,
    delegations: u16,
}

impl Reader<'_> {
    /// The rows of a file by epoch, each epoch's in the order of the file.
    fn by_epoch<'t>(&self, table: &'t Table) -> Result<Vec<(u64, Row<'t>)>, InputError> {
        let mut rows = Vec::new();
        for row in table.rows() {
            rows.push((row.epoch(self.network.epochs)?, row));
        }
        rows.sort_by_key(|(epoch, _)| *epoch);
        Ok(rows)
    }

    fn moves(&self, table: &Table) -> Result<Vec<NftMove>, InputError> {
        let mut unique = Unique::default();
        let mut moves = Vec::new();
        let mut delegations = 0_u16;
        for (epoch, row) in self.by_epoch(table)? {
            let account = row.account("account")?;
            let action = self.action(&row, Now { epoch, delegations })?;
            if let NftAction::Create { delegation, .. } = action {
                delegations = delegation;
            }
            unique.check(&row, what(&row, epoch, &account))?;
            moves.push(NftMove {
                epoch,
                account,
                action,
            });
        }
        Ok(moves)
    }

    fn action(&self, row: &Row<'_>, now: Now) -> Result<NftAction, InputError> {
        match row.text("action")? {
            "stake" => {
                empty(row, &["commission", "other"], "stake")?;
                Ok(NftAction::Stake {
                    tokens: self.tokens(row, true)?,
                    delegation: place(row, now)?,
                })
            }
            "move" => {
                empty(row, &["commission", "other"], "move")?;
                Ok(NftAction::Move {
                    tokens: self.tokens(row, false)?,
                    delegation: place(row, now)?,
                })
            }
            "unstake" => {
                empty(row, &["commission", "delegation", "other"], "unstake")?;
                Ok(NftAction::Unstake {
                    tokens: self.tokens(row, false)?,
                })
            }
            other => own_action(row, other, now),
        }
    }

    /// The NFTs of a row; those to stake must weigh something.
    fn tokens(&self, row: &Row<'_>, to_stake: bool) -> Result<Tokens, InputError> {
        let name = row.text("collection")?;
        let known = self.rules.collections.iter().enumerate();
        let found = known.clone().find(|(_, one)| one.name == name);
        let (collection, rules) =
            found.ok_or_else(|| row.refuse(Reason::UnknownCollection(name.to_owned())))?;
        if row.raw("token_ids").is_empty() {
            return Err(row.refuse(Reason::Empty("token_ids")));
        }
        let ids = tokens::parse(row.raw("token_ids")).map_err(|fault| row.refuse(fault))?;
        let weightless = ids.iter().find(|id| rules.weight_of(id) == 0);
        match weightless.filter(|_| to_stake) {
            None => Ok(Tokens { collection, ids }),
            Some(id) => Err(row.refuse(Reason::Weightless {
                collection: name.to_owned(),
                token_id: id.clone(),
            })),
        }
    }

    fn validators(
        &self,
        table: &Table,
        moves: &[NftMove],
    ) -> Result<Vec<ValidatorMove>, InputError> {
        let mut rows = Vec::new();
        let mut registered = 0_u32;
        for (epoch, row) in self.by_epoch(table)? {
            let now = Now {
                epoch,
                delegations: created(moves, epoch),
            };
            let operator = row.account("operator")?;
            let action = validator_action(&row, now)?;
            let validator = match action {
                ValidatorAction::Register(_) => {
                    registered = follow(&row, "validator", registered)?;
                    registered
                }
                _ => one_of(&row, "validator", epoch, registered)?,
            };
            rows.push(ValidatorMove {
                epoch,
                operator,
                validator,
                action,
            });
        }
        Ok(rows)
    }

    fn eligibility(
        &self,
        table: &Table,
        delegations: &Delegations,
    ) -> Result<Vec<Eligibility>, InputError> {
        let mut unique = Unique::default();
        let mut rows = Vec::new();
        for row in table.rows() {
            let epoch = row.epoch(self.network.epochs)?;
            let attester = find_attester(&row, self.network)?;
            let validators = delegations.reported_validators(epoch);
            let eligible = Bitmap::parse(row.raw("bitmap"), validators)
                .map_err(|fault| row.refuse(Reason::Eligibility(fault)))?;
            let what = format!("attester `{}`, epoch {epoch}", row.raw("attester"));
            unique.check(&row, what)?;
            rows.push(Eligibility {
                epoch,
                attester,
                eligible,
            });
        }
        rows.sort_by_key(|row| (row.epoch, row.attester));
        Ok(rows)
    }

    fn injections(&self, table: &Table) -> Result<Vec<Injection>, InputError> {
        let mut unique = Unique::default();
        let mut rows = Vec::new();
        for (epoch, row) in self.by_epoch(table)? {
            let injection = Injection {
                epoch,
                account: row.account("account")?,
                amount: row.amount("amount")?,
                over: read_over(&row)?,
                source: row.text("source")?.to_owned(),
                reference: row.text("reference")?.to_owned(),
            };
            let (source, reference) = (&injection.source, &injection.reference);
            let what = format!("source `{source}`, reference `{reference}`");
            unique.check(&row, what)?;
            rows.push(injection);
        }
        Ok(rows)
    }
}

/// What makes a row of nfts.csv the same as another.
fn what(row: &Row<'_>, epoch: u64, account: &str) -> String {
    let mut what = format!("epoch {epoch}, `{account}`, {}", row.raw("action"));
    let rest = ["collection", "token_ids", "other"].map(|column| row.raw(column));
    for text in rest.into_iter().filter(|text| !text.is_empty()) {
        what = format!("{what}, {text}");
    }
    what
}

/// What an owner does with his delegation.
fn own_action(row: &Row<'_>, action: &str, now: Now) -> Result<NftAction, InputError> {
    const NFT: [&str; 2] = ["collection", "token_ids"];
    match action {
        "create" => {
            empty(row, &NFT, "create")?;
            empty(row, &["other"], "create")?;
            let delegation = follow(row, "delegation", now.delegations.into())?;
            Ok(NftAction::Create {
                delegation: u16::try_from(delegation).unwrap_or(u16::MAX),
                commission: commission(row)?,
            })
        }
        "commission" => {
            empty(row, &NFT, "commission")?;
            empty(row, &["delegation", "other"], "commission")?;
            Ok(NftAction::Commission {
                commission: commission(row)?,
            })
        }
        "release" => {
            empty(row, &NFT, "release")?;
            empty(row, &["delegation", "commission"], "release")?;
            Ok(NftAction::Release {
                member: row.account("other")?,
            })
        }
        "hand_over" => {
            empty(row, &NFT, "hand_over")?;
            empty(row, &["delegation", "commission"], "hand_over")?;
            Ok(NftAction::HandOver {
                to: row.account("other")?,
            })
        }
        other => Err(row.refuse(Reason::UnknownNftAction(other.to_owned()))),
    }
}

fn validator_action(row: &Row<'_>, now: Now) -> Result<ValidatorAction, InputError> {
    match row.text("action")? {
        "register" => Ok(ValidatorAction::Register(place(row, now)?)),
        "assign" => match place(row, now)? {
            Some(delegation) => Ok(ValidatorAction::Assign(delegation)),
            None => Err(row.refuse(Reason::Empty("delegation"))),
        },
        "remove" => {
            empty(row, &["delegation"], "remove")?;
            Ok(ValidatorAction::Remove)
        }
        other => Err(row.refuse(Reason::UnknownValidatorAction(other.to_owned()))),
    }
}

fn empty(row: &Row<'_>, columns: &[&'static str], action: &'static str) -> Result<(), InputError> {
    columns
        .iter()
        .try_for_each(|column| row.nothing(column, action))
}

/// A delegation that exists, or none.
fn place(row: &Row<'_>, now: Now) -> Result<Option<u16>, InputError> {
    if row.raw("delegation").is_empty() {
        return Ok(None);
    }
    let number = one_of(row, "delegation", now.epoch, now.delegations.into())?;
    Ok(u16::try_from(number).ok())
}

/// A number out of those that exist.
fn one_of(
    row: &Row<'_>,
    column: &'static str,
    epoch: u64,
    existing: u32,
) -> Result<u32, InputError> {
    let number = row.number(column, u128::MAX)?;
    match u32::try_from(number) {
        Ok(known) if (1..=existing).contains(&known) => Ok(known),
        _ => Err(row.refuse(Reason::UnknownNumber {
            column,
            number,
            epoch,
            existing,
        })),
    }
}

/// The number after the last one.
fn follow(row: &Row<'_>, column: &'static str, last: u32) -> Result<u32, InputError> {
    let found = row.number(column, u128::MAX)?;
    let expected = last.saturating_add(1);
    match found == u128::from(expected) {
        true => Ok(expected),
        false => Err(row.refuse(Reason::NotNext {
            column,
            found,
            expected,
        })),
    }
}

fn commission(row: &Row<'_>) -> Result<u16, InputError> {
    let bps = row.number("commission", MAX_COMMISSION)?;
    Ok(u16::try_from(bps).unwrap_or(u16::MAX))
}

/// Delegations created up to and in an epoch.
fn created(moves: &[NftMove], epoch: u64) -> u16 {
    let upto = moves.partition_point(|row| row.epoch <= epoch);
    let created = moves.get(..upto).unwrap_or(&[]).iter();
    let newest = created.rev().find_map(|row| match row.action {
        NftAction::Create { delegation, .. } => Some(delegation),
        _ => None,
    });
    newest.unwrap_or(0)
}
