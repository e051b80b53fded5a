//! What messages cost on the chain.

use std::collections::BTreeMap;
use std::path::Path;

use super::player::Told;
use crate::input::{write_csv, WriteError};

/// File with what messages cost.
const FILE: &str = "gas.csv";

/// Writes one row per kind of message that was alone in a transaction: how often, gas used at
/// least, in the middle and at most, and the most that was allowed.
pub(super) fn write(told: &[Told], dir: &Path) -> Result<(), WriteError> {
    let mut kinds = BTreeMap::<&str, Vec<(u64, u64, usize)>>::new();
    for cost in told.iter().filter_map(|one| one.cost.as_ref()) {
        let costs = kinds.entry(&cost.what).or_default();
        costs.push((cost.gas, cost.wanted, cost.bytes));
    }
    let header = [
        "message",
        "count",
        "gas_min",
        "gas_median",
        "gas_max",
        "gas_allowed",
        "bytes_median",
    ];
    let rows = kinds.into_iter().map(|(what, mut costs)| {
        costs.sort_unstable();
        let allowed = costs.iter().map(|cost| cost.1).max().unwrap_or(0);
        let (least, most) = (costs.first(), costs.last());
        let middle = costs.get(costs.len() / 2);
        let gas = |cost: Option<&(u64, u64, usize)>| cost.map_or(0, |cost| cost.0).to_string();
        [
            what.to_owned(),
            costs.len().to_string(),
            gas(least),
            gas(middle),
            gas(most),
            allowed.to_string(),
            middle.map_or(0, |cost| cost.2).to_string(),
        ]
    });
    write_csv(dir, FILE, &header, rows)
}
