//! The rows of each CSV file.

use std::path::Path;

use super::bitmap::Bitmap;
use super::error::{InputError, Reason};
use super::table::{read_text, Columns, Row, Table, Unique};
use super::{Network, Timeline};

/// Most epochs over which a deposit may be spread.
const MAX_OVER: u32 = 366;

pub(super) const KEYS: &str = "keys.csv";
pub(super) const REVENUE: &str = "revenue.csv";
pub(super) const ACTIVITY: &str = "activity.csv";
pub(super) const STAKES: &str = "stakes.csv";
pub(super) const MARKET: &str = "market.csv";

const KEY_COLUMNS: Columns = Columns {
    required: &["key", "owner"],
    optional: &[],
};
const REVENUE_COLUMNS: Columns = Columns {
    required: &["epoch", "denom", "amount", "source", "reference"],
    optional: &["over"],
};
const ACTIVITY_COLUMNS: Columns = Columns {
    required: &["attester", "epoch", "bitmap"],
    optional: &[],
};
const STAKE_COLUMNS: Columns = Columns {
    required: &["epoch", "account", "action", "key", "amount"],
    optional: &[],
};
const MARKET_COLUMNS: Columns = Columns {
    required: &["epoch", "seller", "buyer", "key", "price", "with_stake"],
    optional: &[],
};

/// A deposit of gross revenue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revenue {
    /// Epoch in which it is deposited, the first over which it is spread.
    pub epoch: u64,
    /// Index into [`Network::denominations`].
    pub denom: usize,
    /// Smallest units of the denomination, from 1 on.
    pub amount: u128,
    /// Who was invoiced.
    pub source: String,
    /// Invoice number or URI, unique per source.
    pub reference: String,
    /// Epochs over which it is spread in equal parts: 1 to 366.
    pub over: u32,
}

/// One attester's report on an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The epoch reported on.
    pub epoch: u64,
    /// Index into [`Network::attesters`].
    pub attester: usize,
    /// Who ran.
    pub bitmap: Bitmap,
}

/// A move of stake by an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StakeMove {
    /// Epoch in which it is made; it counts from the next.
    pub epoch: u64,
    /// Who makes it.
    pub account: String,
    /// What moves.
    pub action: StakeAction,
}

/// What moves. Amounts in QST units (10^-6 QST).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StakeAction {
    /// Stakes a node with exactly the requirement of the epoch.
    StakeNode {
        /// The key.
        key: u32,
        /// Always [`Timeline::node_stake`] of the epoch.
        amount: u128,
    },
    /// Asks a node's stake back.
    UnstakeNode {
        /// The key.
        key: u32,
    },
    /// Puts QST into the global pool.
    Deposit {
        /// From 1 on.
        amount: u128,
    },
    /// Asks QST back from the global pool.
    Withdraw {
        /// From 1 on.
        amount: u128,
    },
}

/// The sale of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sale {
    /// Epoch in which it happens.
    pub epoch: u64,
    /// Owner before.
    pub seller: String,
    /// Owner after.
    pub buyer: String,
    /// The key.
    pub key: u32,
    /// QST units (10^-6 QST) paid by the buyer, from 1 on.
    pub price: u128,
    /// Whether the node's stake goes to the buyer with the key.
    pub with_stake: bool,
}

/// Owners of keys 1, 2, ...
pub(super) fn read_keys(dir: &Path, cap: u32) -> Result<Vec<String>, InputError> {
    let table = Table::read(dir, KEYS, &KEY_COLUMNS)?;
    owners(&table, cap, |_| Ok(()))
}

/// As [`read_keys`], from any file; owners that `check` refuses are refused with their lines.
pub(super) fn read_key_file(
    path: &Path,
    cap: u32,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<String>, InputError> {
    let text = read_text(Path::new(""), &path.to_string_lossy())?;
    let table = Table::parse(KEYS, &text, &KEY_COLUMNS)?;
    owners(&table, cap, check)
}

fn owners(
    table: &Table,
    cap: u32,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<String>, InputError> {
    let mut owners = Vec::new();
    for (expected, row) in (1_u32..).zip(table.rows()) {
        let found = row.number("key", u128::MAX)?;
        if found != u128::from(expected) {
            return Err(row.refuse(Reason::NotConsecutive { found, expected }));
        }
        if expected > cap {
            return Err(row.refuse(Reason::OverCap(cap)));
        }
        let owner = row.account("owner")?;
        check(&owner).map_err(|reason| {
            let column = "owner";
            row.refuse(Reason::NoAddress { column, reason })
        })?;
        owners.push(owner);
    }
    if owners.is_empty() {
        Err(table.refuse(1, Reason::NoKeys))
    } else {
        Ok(owners)
    }
}

pub(super) fn read_revenue(dir: &Path, network: &Network) -> Result<Vec<Revenue>, InputError> {
    let table = Table::read(dir, REVENUE, &REVENUE_COLUMNS)?;
    let mut unique = Unique::default();
    let mut rows = Vec::new();
    for row in table.rows() {
        let revenue = Revenue {
            epoch: row.epoch(network.epochs)?,
            denom: find_denomination(&row, network)?,
            amount: row.amount("amount")?,
            source: row.text("source")?.to_owned(),
            reference: row.text("reference")?.to_owned(),
            over: read_over(&row)?,
        };
        let what = format!(
            "source `{}`, reference `{}`",
            revenue.source, revenue.reference
        );
        unique.check(&row, what)?;
        rows.push(revenue);
    }
    rows.sort_by_key(|row| row.epoch);
    Ok(rows)
}

pub(super) fn read_reports(
    dir: &Path,
    network: &Network,
    timeline: &Timeline,
) -> Result<Vec<Report>, InputError> {
    let table = Table::read(dir, ACTIVITY, &ACTIVITY_COLUMNS)?;
    let mut unique = Unique::default();
    let mut rows = Vec::new();
    for row in table.rows() {
        let epoch = row.epoch(network.epochs)?;
        let attester = find_attester(&row, network)?;
        let bitmap = Bitmap::parse(row.raw("bitmap"), timeline.reported_keys(epoch))
            .map_err(|fault| row.refuse(fault))?;
        unique.check(
            &row,
            format!("attester `{}`, epoch {epoch}", row.raw("attester")),
        )?;
        rows.push(Report {
            epoch,
            attester,
            bitmap,
        });
    }
    rows.sort_by_key(|row| (row.epoch, row.attester));
    Ok(rows)
}

pub(super) fn read_stakes(
    dir: &Path,
    network: &Network,
    timeline: &Timeline,
) -> Result<Vec<StakeMove>, InputError> {
    let table = Table::read(dir, STAKES, &STAKE_COLUMNS)?;
    let of = |epoch| (timeline.keys(epoch), timeline.node_stake(epoch));
    stake_moves(&table, network.epochs, of, |_| Ok(()))
}

/// As [`read_stakes`], from any file and without end, of nodes that take this stake; accounts that `check`
/// refuses are refused with their lines.
pub(super) fn read_stake_file(
    path: &Path,
    stake: u128,
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<StakeMove>, InputError> {
    let text = read_text(Path::new(""), &path.to_string_lossy())?;
    let table = Table::parse(STAKES, &text, &STAKE_COLUMNS)?;
    stake_moves(&table, u64::from(u32::MAX), |_| (u32::MAX, stake), check)
}

/// The rows of epochs 0 to one less than `epochs`. `of`: how many keys there are in an epoch, and what one
/// takes.
fn stake_moves(
    table: &Table,
    epochs: u64,
    of: impl Fn(u64) -> (u32, u128),
    check: impl Fn(&str) -> Result<(), String>,
) -> Result<Vec<StakeMove>, InputError> {
    let mut unique = Unique::default();
    let mut rows = Vec::new();
    for row in table.rows() {
        let epoch = row.epoch(epochs)?;
        let account = row.account("account")?;
        check(&account).map_err(|reason| {
            let column = "account";
            row.refuse(Reason::NoAddress { column, reason })
        })?;
        let action = read_action(&row, epoch, of(epoch))?;
        let key = match row.raw("key") {
            "" => String::new(),
            key => format!(", key {key}"),
        };
        unique.check(
            &row,
            format!("epoch {epoch}, `{account}`, {}{key}", row.raw("action")),
        )?;
        rows.push(StakeMove {
            epoch,
            account,
            action,
        });
    }
    rows.sort_by_key(|row| row.epoch);
    Ok(rows)
}

/// The sales; none when the file isn't there.
pub(super) fn read_sales(
    dir: &Path,
    network: &Network,
    timeline: &Timeline,
) -> Result<Vec<Sale>, InputError> {
    if !dir.join(MARKET).exists() {
        return Ok(Vec::new());
    }
    let table = Table::read(dir, MARKET, &MARKET_COLUMNS)?;
    let mut unique = Unique::default();
    let mut rows = Vec::new();
    for row in table.rows() {
        let epoch = row.epoch(network.epochs)?;
        let sale = Sale {
            epoch,
            seller: row.account("seller")?,
            buyer: row.account("buyer")?,
            key: row.key(epoch, timeline.keys(epoch))?,
            price: row.amount("price")?,
            with_stake: row.flag("with_stake")?,
        };
        if sale.seller == sale.buyer {
            return Err(row.refuse(Reason::SelfSale(sale.seller)));
        }
        unique.check(&row, format!("epoch {epoch}, key {}", sale.key))?;
        rows.push(sale);
    }
    rows.sort_by_key(|row| row.epoch);
    Ok(rows)
}

fn read_action(
    row: &Row<'_>,
    epoch: u64,
    (keys, stake): (u32, u128),
) -> Result<StakeAction, InputError> {
    let key = || row.key(epoch, keys);
    match row.text("action")? {
        "stake_node" => Ok(StakeAction::StakeNode {
            key: key()?,
            amount: read_node_stake(row, epoch, stake)?,
        }),
        "unstake_node" => {
            row.nothing("amount", "unstake_node")?;
            Ok(StakeAction::UnstakeNode { key: key()? })
        }
        "deposit" => {
            row.nothing("key", "deposit")?;
            Ok(StakeAction::Deposit {
                amount: row.amount("amount")?,
            })
        }
        "withdraw" => {
            row.nothing("key", "withdraw")?;
            Ok(StakeAction::Withdraw {
                amount: row.amount("amount")?,
            })
        }
        other => Err(row.refuse(Reason::UnknownAction(other.to_owned()))),
    }
}

/// The requirement, whether the row names it or leaves it out.
fn read_node_stake(row: &Row<'_>, epoch: u64, required: u128) -> Result<u128, InputError> {
    if row.raw("amount").is_empty() {
        return Ok(required);
    }
    let found = row.amount("amount")?;
    if found == required {
        return Ok(found);
    }
    Err(row.refuse(Reason::WrongStake {
        found,
        required,
        epoch,
    }))
}

pub(super) fn read_over(row: &Row<'_>) -> Result<u32, InputError> {
    if row.raw("over").is_empty() {
        return Ok(1);
    }
    match row.number("over", u128::from(MAX_OVER))? {
        0 => Err(row.refuse(Reason::Zero("over"))),
        over => Ok(u32::try_from(over).unwrap_or(MAX_OVER)),
    }
}

fn find_denomination(row: &Row<'_>, network: &Network) -> Result<usize, InputError> {
    let name = row.text("denom")?;
    let place = network
        .denominations
        .iter()
        .position(|denom| denom.name == name);
    place.ok_or_else(|| row.refuse(Reason::UnknownDenomination(name.to_owned())))
}

pub(super) fn find_attester(row: &Row<'_>, network: &Network) -> Result<usize, InputError> {
    let name = row.text("attester")?;
    let place = network
        .attesters
        .iter()
        .position(|attester| attester == name);
    place.ok_or_else(|| row.refuse(Reason::UnknownAttester(name.to_owned())))
}
