//! Validators and their seats.

use noderev_components::{each, not_found, page_limit, Bitmap, Epoch, Packed, StdResult};

use noderev_api::delegation::{
    DelegationId, SeatInfo, SeatsResponse, ValidatorId, ValidatorInfo, ValidatorsResponse,
};

use super::evidence::{bits, changed_seats, eligible_seats};
use super::network::closed_page;
use super::Context;
use crate::error::Refusal;
use crate::stakes::load_terms;
use crate::state::{load_counts, may_load_validator, page_assigned, some, Seat, Validator, SEATS};

pub fn validators(
    c: &Context,
    delegation: Option<DelegationId>,
    start_after: Option<ValidatorId>,
    limit: Option<u32>,
) -> Result<ValidatorsResponse, Refusal> {
    let limit = page_limit(limit);
    let ids = match delegation {
        Some(id) => {
            load_terms(c.deps.storage, id)?;
            page_assigned(c.deps.storage, id, start_after, limit)?
        }
        None => {
            let first = start_after.map_or(1, |after| after.0.saturating_add(1));
            let last = load_counts(c.deps.storage)?.validators;
            (first..=last).take(limit).map(ValidatorId).collect()
        }
    };
    let outcome = Outcome::load(c)?;
    Ok(ValidatorsResponse {
        validators: each(ids, |id| validator_info(c, outcome.as_ref(), id))?,
        as_of: c.as_of()?,
    })
}

fn validator_info(
    c: &Context,
    outcome: Option<&Outcome>,
    id: ValidatorId,
) -> StdResult<ValidatorInfo> {
    let validator = may_load_validator(c.deps.storage, id)?;
    let validator = validator.ok_or_else(|| not_found(format!("validator {id}")))?;
    let eligible = outcome.is_some_and(|outcome| outcome.has(id, &validator));
    let assignment = validator.assignment;
    Ok(ValidatorInfo {
        validator: id,
        operator: validator.operator.human(c.deps.api)?,
        node: validator.node,
        delegation: assignment.map(|assignment| assignment.delegation),
        seat: assignment.map(|assignment| assignment.seat),
        requested: validator.requested,
        eligible,
    })
}

/// Who was eligible in the last closed epoch. A validator's record tells its seat as of the next
/// epoch only.
struct Outcome {
    eligible: Bitmap,
    /// By seat, whether it was given to others since.
    changed: Vec<bool>,
    /// Eligible validators that had those.
    former: Vec<ValidatorId>,
}

impl Outcome {
    /// None without a quorum.
    fn load(c: &Context) -> StdResult<Option<Self>> {
        let Some(last) = closed_page(c, None, 1)?.pop() else {
            return Ok(None);
        };
        let Some(eligible) = eligible_seats(c, last)? else {
            return Ok(None);
        };
        let changed = changed_seats(c, last.next(), c.moment.next().next())?;
        let mut former = vec![];
        for (number, _) in (0u16..).zip(&changed).filter(|(_, changed)| **changed) {
            if eligible.get(number.into()) {
                let seat = SEATS.at(c.deps.storage, &number.to_packed(), last)?;
                former.extend(seat.map(|seat| seat.validator));
            }
        }
        Ok(Some(Self {
            eligible,
            changed,
            former,
        }))
    }

    fn has(&self, id: ValidatorId, validator: &Validator) -> bool {
        let seat = validator.assignment.map(|assignment| assignment.seat);
        let kept = seat.filter(|seat| self.changed.get(usize::from(*seat)) == Some(&false));
        self.former.contains(&id) || kept.is_some_and(|seat| self.eligible.get(seat.into()))
    }
}

pub fn seats(
    c: &Context,
    epoch: Epoch,
    start_after: Option<u16>,
    limit: Option<u32>,
) -> StdResult<SeatsResponse> {
    let bits = bits(c, epoch)?;
    let first = start_after.map_or(0, |after| after.saturating_add(1));
    let seats = each(
        (first..bits).take(page_limit(limit)),
        |number| -> StdResult<_> {
            let seat = SEATS.at(c.deps.storage, &number.to_packed(), epoch)?;
            let seat = seat.unwrap_or(Seat::EMPTY);
            Ok(SeatInfo {
                seat: number,
                validator: Some(seat.validator).filter(|id| *id != Seat::EMPTY.validator),
                delegation: some(seat.delegation),
            })
        },
    )?;
    Ok(SeatsResponse {
        bits,
        seats,
        as_of: c.as_of()?,
    })
}
