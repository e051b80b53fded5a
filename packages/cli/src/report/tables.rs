//! The tables of the report.

use crate::format::{date, exact_units, thousands, units};
use crate::input::RemainderTo;
use crate::results::{Books, EpochRow, Role, RunResult};

/// Rows shown of a ranking.
const TOP: usize = 15;

/// Lines of the books.
pub(super) const BOOK_LINES: [&str; 8] = [
    "Received",
    "= paid out",
    "+ owed",
    "+ not yet due",
    "+ carried on",
    "+ in the drip",
    "Difference",
    "Balance held",
];

/// A table; the first `words` columns are text, the others numbers.
pub struct DataTable {
    pub title: String,
    pub words: usize,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The accounts that earned most, by the first denomination.
pub fn top_earners(result: &RunResult) -> DataTable {
    let roles = [Role::Node, Role::Pool];
    let mut header = vec!["Account".to_owned(), "Keys".to_owned()];
    header.extend(
        result
            .network
            .denominations
            .iter()
            .map(|denom| denom.name.clone()),
    );
    let ranked = result.earnings(0, &roles);
    let rows = ranked
        .iter()
        .take(TOP)
        .map(|(account, _)| earner(result, account))
        .collect();
    DataTable {
        title: "Top earners".into(),
        words: 1,
        header,
        rows,
    }
}

/// Epochs in which too few attesters reported.
pub fn missed_quorums(result: &RunResult) -> DataTable {
    let mut header: Vec<String> = ["Epoch", "Date", "Reports"]
        .into_iter()
        .map(str::to_owned)
        .collect();
    header.extend(
        result
            .network
            .denominations
            .iter()
            .map(|denom| denom.name.clone()),
    );
    let missed = result.epochs.iter().filter(|row| !row.quorum);
    let rows = missed.map(|row| missed_row(result, row)).collect();
    DataTable {
        title: "Epochs without a quorum, and what went into the drip".into(),
        words: 0,
        header,
        rows,
    }
}

/// Received = paid + owed + ..., a column per denomination.
pub fn books(result: &RunResult) -> DataTable {
    let denominations = &result.network.denominations;
    let mut header = vec![String::new()];
    header.extend(denominations.iter().map(|denom| denom.name.clone()));
    let mut rows: Vec<Vec<String>> = BOOK_LINES
        .iter()
        .map(|line| vec![(*line).to_owned()])
        .collect();
    for (denom, books) in denominations.iter().zip(&result.books) {
        for (row, amount) in rows.iter_mut().zip(book_lines(books)) {
            row.push(exact_units(amount, denom.decimals));
        }
    }
    DataTable {
        title: "The distributor's books".into(),
        words: 1,
        header,
        rows,
    }
}

/// The parameters that decide who gets what.
pub fn parameters(result: &RunResult) -> DataTable {
    let network = &result.network;
    let params = &network.params;
    let basis = |bps: u64| format!("{}.{:02} %", bps / 100, bps.checked_rem(100).unwrap_or(0));
    let remainder = match params.remainder_to {
        RemainderTo::AllRunning => "all running nodes",
        RemainderTo::UnstakedRunning => "running unstaked nodes",
    };
    let quorum = format!("{} of {}", network.threshold, network.attesters.len());
    let mut pairs = vec![
        (
            "Network's share of revenue",
            basis(params.network_share_bps),
        ),
        ("Kept by an unstaked node", basis(params.unstaked_share_bps)),
        ("Rest of an underfunded pool", remainder.to_owned()),
        ("Attesters that must agree", quorum),
        ("Market fee", basis(params.market_fee_bps)),
        (
            "Split notice",
            format!("{} s", thousands(u128::from(params.split_notice_s))),
        ),
        ("Split grace", format!("{} epochs", params.split_grace)),
    ];
    pairs.extend(super::delegations::parameters(result));
    DataTable {
        title: "Parameters".into(),
        words: 1,
        header: vec!["Parameter".into(), "Value".into()],
        rows: pairs
            .into_iter()
            .map(|(name, value)| vec![name.to_owned(), value])
            .collect(),
    }
}

fn earner(result: &RunResult, account: &str) -> Vec<String> {
    let keys = result
        .keys
        .iter()
        .filter(|key| key.owner == account)
        .count();
    let mut row = vec![
        account.to_owned(),
        thousands(u128::try_from(keys).unwrap_or(0)),
    ];
    for (i, denom) in result.network.denominations.iter().enumerate() {
        let earned = result
            .accruals
            .iter()
            .filter(|row| row.account == account && row.denom == i && row.role != Role::Treasury)
            .fold(0_u128, |sum, row| sum.saturating_add(row.earned));
        row.push(units(earned, denom.decimals));
    }
    row
}

fn missed_row(result: &RunResult, row: &EpochRow) -> Vec<String> {
    let reports = format!("{} of {}", row.reports, row.attesters);
    let mut fields = vec![row.epoch.to_string(), date(row.start), reports];
    for (money, denom) in row.money.iter().zip(&result.network.denominations) {
        fields.push(units(money.drip_out, denom.decimals));
    }
    fields
}

pub(super) fn book_lines(books: &Books) -> [u128; 8] {
    let out = books.paid.saturating_add(books.liabilities());
    [
        books.received,
        books.paid,
        books.owed,
        books.undistributed,
        books.carried,
        books.drip,
        books.received.abs_diff(out),
        books.balance,
    ]
}
