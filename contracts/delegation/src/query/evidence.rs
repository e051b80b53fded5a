//! Attesters, their reports, and which validators were eligible by them.

use noderev_api::common::{AttestersResponse, EvidenceResponse, ATTESTER_EPOCHS};
use noderev_api::delegation::{DelegationId, MAX_SEATS};
use noderev_components::quorum::result;
use noderev_components::{Bitmap, Epoch, Local, Packed, StdResult};

use super::network::{closed_page, step};
use super::Context;
use crate::error::Refusal;
use crate::state::{load_summary, seat_changes, EVIDENCE, PARAMS, SEATS, SEAT_BOARD, SEAT_COUNT};

pub fn attesters(c: &Context) -> StdResult<AttestersResponse> {
    let rules = |epoch| -> StdResult<_> { Ok(PARAMS.at(&Local(c.deps.storage), epoch)?.evidence) };
    let reported = |epoch| {
        let summary = load_summary(c.deps.storage, epoch)?;
        Ok((summary.params_version, summary.disagreed))
    };
    let epochs = closed_page(c, None, ATTESTER_EPOCHS)?;
    let (now, as_of) = (rules(c.moment.epoch)?, c.as_of()?);
    AttestersResponse::load(&now, epochs, as_of, reported, |epoch| {
        Ok(rules(epoch)?.attesters)
    })
}

pub fn evidence(c: &Context, epoch: Epoch) -> Result<EvidenceResponse, Refusal> {
    let store = Local(c.deps.storage);
    let rules = PARAMS.at(&store, epoch)?.evidence;
    let reports = EVIDENCE.reports(&store, epoch, &rules)?;
    let (bits, step) = (bits(c, epoch)?.into(), step(c, epoch)?);
    let result = result(&reports, rules.threshold, bits);
    let result = result.as_ref();
    Ok(EvidenceResponse::new(
        epoch, bits, step, &rules, &reports, result,
    ))
}

/// Number of bits of a report on an epoch.
pub fn bits(c: &Context, epoch: Epoch) -> StdResult<u16> {
    Ok(SEAT_COUNT.at(c.deps.storage, &[], epoch)?.unwrap_or(0))
}

/// The seats whose validators were eligible in a closed epoch; none without a quorum.
pub fn eligible_seats(c: &Context, epoch: Epoch) -> StdResult<Option<Bitmap>> {
    let store = Local(c.deps.storage);
    let rules = PARAMS.at(&store, epoch)?.evidence;
    let reports = EVIDENCE.reports(&store, epoch, &rules)?;
    Ok(result(&reports, rules.threshold, bits(c, epoch)?.into()))
}

/// How many validators of a delegation were eligible in a closed epoch; 0 without a quorum.
pub fn eligible_of(c: &Context, id: DelegationId, epoch: Epoch) -> StdResult<u16> {
    let Some(eligible) = eligible_seats(c, epoch)? else {
        return Ok(0);
    };
    // Whose the seats were in the last closed epoch stands together, in older ones seat by seat.
    let last = epoch.next() == c.closed()?;
    let board = match last {
        true => SEAT_BOARD.load(c.deps.storage)?,
        false => vec![],
    };
    let mut count = 0u16;
    for bit in eligible.ones() {
        let number = u16::try_from(bit).unwrap_or(u16::MAX);
        let delegation = match last {
            true => board.get(usize::from(number)).copied(),
            false => SEATS
                .at(c.deps.storage, &number.to_packed(), epoch)?
                .map(|seat| seat.delegation.0),
        };
        count = count.saturating_add((delegation == Some(id.0)).into());
    }
    Ok(count)
}

/// By seat, whether it was given to another validator or delegation in the epochs from one up to, not
/// including, another.
pub fn changed_seats(c: &Context, from: Epoch, until: Epoch) -> StdResult<Vec<bool>> {
    let mut changed = vec![false; MAX_SEATS.into()];
    for epoch in (from.0..until.0).map(Epoch) {
        for (seat, _) in seat_changes(c.deps.storage, epoch)? {
            if let Some(seat) = changed.get_mut(usize::from(seat)) {
                *seat = true;
            }
        }
    }
    Ok(changed)
}
