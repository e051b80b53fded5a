//! A closed epoch's pool and how it was shared, recomputed from what is stored of it.

use noderev_api::delegation::Params;
use noderev_components::{fault, Epoch, StdResult};
use noderev_economics::{split_pool, EconomicsError, PoolFacts, PoolSplit};

use crate::state::Summary;

/// What the schedule mints for an epoch.
pub fn scheduled(params: &Params, epoch: Epoch) -> u128 {
    let entries = params.schedule.iter();
    let begun = entries.take_while(|mint| mint.from <= epoch).last();
    begun.map_or(0, |mint| mint.amount.u128())
}

/// How an epoch's pool is shared; none if nobody can be paid.
pub fn share(summary: &Summary) -> Result<Option<PoolSplit>, EconomicsError> {
    if !summary.quorum || summary.total == 0 {
        return Ok(None);
    }
    let other = [summary.injected, summary.carry_in, summary.drip_in];
    let other = other
        .iter()
        .try_fold(0u128, |sum, part| sum.checked_add(*part));
    split_pool(&PoolFacts {
        mint: summary.mint,
        other: other.ok_or(noderev_economics::MathError::Overflow)?,
        total: summary.total,
        slot_size: summary.slot_size,
        captured: summary.captured,
    })
    .map(Some)
}

/// As [`share`], for a closed epoch, which could be shared when it was closed.
pub fn shared(summary: &Summary) -> StdResult<Option<PoolSplit>> {
    share(summary).map_err(|error| fault(error.to_string()))
}
