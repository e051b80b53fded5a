//! Validators: registered by operators, taken by delegations' owners, seated in reports.

use cosmwasm_std::{Addr, Api, DepsMut, Event, Response, Storage};
use noderev_api::delegation::{DelegationId, ValidatorId, MAX_BATCH, MAX_SEATS};
use noderev_components::{ensure_within, not_found, Account, Batch, Packed, StdResult};
use noderev_economics::max_validators;

use super::delegations::owned;
use super::done;
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::stakes::{load_terms, newest_share, owner_of};
use crate::state::{
    free_seat, list_validator, load_counts, may_load_validator, save_counts, save_free_seat,
    save_terms, save_validator, set_seat, Assignment, Seat, Validator, SEAT_COUNT, SHARES,
    SLOT_SIZES,
};

const MAX_NODE: u128 = 128;
const VALIDATORS: Batch = Batch::new("validator", "validators", MAX_BATCH);

/// Registers a validator of the sender.
pub fn register_validator(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    node: String,
) -> Result<Response, Refusal> {
    ensure_within("node length", node.len() as u128, 1, MAX_NODE)?;
    let mut counts = load_counts(deps.storage)?;
    counts.validators = counts.validators.saturating_add(1);
    let id = ValidatorId(counts.validators);
    save_counts(deps.storage, &counts);
    let validator = Validator {
        operator: Account::of(deps.api, sender)?,
        node: node.clone(),
        assignment: None,
        requested: None,
    };
    save_validator(deps.storage, id, &validator);
    let event = moment
        .event(deps.storage, "validator_registered")?
        .add_attribute("validator", id.to_string())
        .add_attribute("operator", sender)
        .add_attribute("node", node);
    Ok(done("register_validator", event))
}

/// Refuses a validator that does not exist.
pub fn load_validator(storage: &dyn Storage, id: ValidatorId) -> Result<Validator, Refusal> {
    Ok(
        may_load_validator(storage, id)?
            .ok_or(ContractError::UnknownValidator { validator: id })?,
    )
}

/// Asks a delegation to take a validator, which it does at once if the sender owns it; or takes the
/// validator out of any.
pub fn assign_validator(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    id: ValidatorId,
    delegation: Option<DelegationId>,
) -> Result<Response, Refusal> {
    let mut validator = load_validator(deps.storage, id)?;
    let account = Account::of(deps.api, sender)?;
    if validator.operator != account {
        return Err(ContractError::NotOperator {
            validator: id,
            sender: sender.clone(),
        }
        .into());
    }
    let Some(wanted) = delegation else {
        return withdraw(deps, moment, id, validator);
    };
    load_terms(deps.storage, wanted)?;
    ensure_elsewhere(id, &validator, wanted)?;
    if owner_of(deps.storage, wanted)? == account {
        place(deps.storage, moment, id, &mut validator, wanted)?;
        let event = set(deps.storage, moment, id, &validator)?;
        return Ok(done("assign_validator", event));
    }
    if validator.requested == Some(wanted) {
        return Err(ContractError::AlreadyRequested {
            validator: id,
            delegation: wanted,
        }
        .into());
    }
    request(deps.storage, id, &mut validator, Some(wanted));
    save_validator(deps.storage, id, &validator);
    let event = moment
        .event(deps.storage, "validator_requested")?
        .add_attribute("validator", id.to_string())
        .add_attribute("delegation", wanted.to_string());
    Ok(done("assign_validator", event))
}

/// Takes a validator out of its delegation, and its request back.
fn withdraw(
    deps: DepsMut,
    moment: &Moment,
    id: ValidatorId,
    mut validator: Validator,
) -> Result<Response, Refusal> {
    if validator.assignment.is_none() && validator.requested.is_none() {
        return Err(ContractError::NotAssigned { validator: id }.into());
    }
    request(deps.storage, id, &mut validator, None);
    remove(deps.storage, moment, id, &mut validator)?;
    let event = set(deps.storage, moment, id, &validator)?;
    Ok(done("assign_validator", event))
}

/// Writes a validator, and tells where it is from the next epoch on, with its bit in reports while it
/// is in a delegation.
fn set(
    storage: &mut dyn Storage,
    moment: &Moment,
    id: ValidatorId,
    validator: &Validator,
) -> StdResult<Event> {
    save_validator(storage, id, validator);
    let event = moment
        .event(storage, "validator_set")?
        .add_attribute("validator", id.to_string())
        .add_attribute("from_epoch", moment.next().to_string());
    Ok(match validator.assignment {
        Some(Assignment { delegation, seat }) => event
            .add_attribute("delegation", delegation.to_string())
            .add_attribute("seat", seat.to_string()),
        None => event,
    })
}

fn ensure_elsewhere(
    id: ValidatorId,
    validator: &Validator,
    wanted: DelegationId,
) -> Result<(), Refusal> {
    match validator.assignment {
        Some(assignment) if assignment.delegation == wanted => {
            Err(ContractError::AlreadyAssigned {
                validator: id,
                delegation: wanted,
            }
            .into())
        }
        _ => Ok(()),
    }
}

/// Records which delegation a validator asks for; its owner finds it in that one's list.
fn request(
    storage: &mut dyn Storage,
    id: ValidatorId,
    validator: &mut Validator,
    wanted: Option<DelegationId>,
) {
    if let Some(before) = validator.requested {
        list_validator(storage, before, id, false);
    }
    if let Some(wanted) = wanted {
        list_validator(storage, wanted, id, true);
    }
    validator.requested = wanted;
}

/// Takes validators that ask for the sender's delegation.
pub fn accept_validators(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    validators: &[ValidatorId],
) -> Result<Response, Refusal> {
    let delegation = named(deps.storage, deps.api, sender, validators)?;
    let mut response = Response::new().add_attribute("action", "accept_validators");
    for id in validators {
        let mut validator = load_validator(deps.storage, *id)?;
        if validator.requested != Some(delegation) {
            return Err(ContractError::NotRequested {
                validator: *id,
                delegation,
            }
            .into());
        }
        place(deps.storage, moment, *id, &mut validator, delegation)?;
        response = response.add_event(set(deps.storage, moment, *id, &validator)?);
    }
    Ok(response)
}

/// Sends validators of the sender's delegation away, and those that ask for it.
pub fn remove_validators(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    validators: &[ValidatorId],
) -> Result<Response, Refusal> {
    let delegation = named(deps.storage, deps.api, sender, validators)?;
    let mut response = Response::new().add_attribute("action", "remove_validators");
    for id in validators {
        let mut validator = load_validator(deps.storage, *id)?;
        if validator.requested == Some(delegation) {
            request(deps.storage, *id, &mut validator, None);
        } else {
            ensure_here(*id, &validator, delegation)?;
            remove(deps.storage, moment, *id, &mut validator)?;
        }
        response = response.add_event(set(deps.storage, moment, *id, &validator)?);
    }
    Ok(response)
}

/// Sends validators of any delegation away, as far as it has more than it can hold: its Quintessence
/// has shrunk since, or it is dormant. So nobody keeps seats that others could use.
pub fn evict_validators(
    deps: DepsMut,
    moment: &Moment,
    delegation: DelegationId,
    validators: &[ValidatorId],
) -> Result<Response, Refusal> {
    VALIDATORS.ensure(validators)?;
    let max = most_kept(deps.storage, moment, delegation)?;
    let mut have = load_terms(deps.storage, delegation)?.validators;
    let mut response = Response::new().add_attribute("action", "evict_validators");
    for id in validators {
        if have <= max {
            return Err(ContractError::NoSurplus {
                delegation,
                have,
                max,
            }
            .into());
        }
        let mut validator = load_validator(deps.storage, *id)?;
        ensure_here(*id, &validator, delegation)?;
        remove(deps.storage, moment, *id, &mut validator)?;
        have = have.saturating_sub(1);
        response = response.add_event(set(deps.storage, moment, *id, &validator)?);
    }
    Ok(response)
}

/// Validators that nobody else may send away: what the slots of this epoch or the next allow, none
/// while dormant.
fn most_kept(
    storage: &dyn Storage,
    moment: &Moment,
    delegation: DelegationId,
) -> Result<u32, Refusal> {
    let now = SHARES.at(storage, &delegation.to_packed(), moment.epoch)?;
    let dormant = now.and_then(|share| share.dormant_from());
    if dormant.is_some_and(|from| from <= moment.epoch) {
        return Ok(0);
    }
    let size = slot_size(storage, moment)?;
    let now = now.map_or(0, |share| share.slots_in(moment.epoch, size));
    let next = newest_share(storage, delegation)?.slots_in(moment.next(), size);
    Ok(max_validators(now.max(next)))
}

/// Quintessence per slot in the next epoch.
fn slot_size(storage: &dyn Storage, moment: &Moment) -> StdResult<u128> {
    let size = SLOT_SIZES.at(storage, &[], moment.next())?;
    size.ok_or_else(|| not_found("slot size"))
}

fn ensure_here(
    id: ValidatorId,
    validator: &Validator,
    delegation: DelegationId,
) -> Result<(), Refusal> {
    let here = validator.assignment.map(|assignment| assignment.delegation);
    match here == Some(delegation) {
        true => Ok(()),
        false => Err(ContractError::NotInDelegation {
            validator: id,
            delegation,
        }
        .into()),
    }
}

fn named(
    storage: &dyn Storage,
    api: &dyn Api,
    sender: &Addr,
    validators: &[ValidatorId],
) -> Result<DelegationId, Refusal> {
    VALIDATORS.ensure(validators)?;
    owned(storage, api, sender)
}

/// Puts a validator into a delegation from the next epoch on. It keeps its seat if it has one.
fn place(
    storage: &mut dyn Storage,
    moment: &Moment,
    id: ValidatorId,
    validator: &mut Validator,
    delegation: DelegationId,
) -> Result<(), Refusal> {
    ensure_room(storage, moment, delegation)?;
    request(storage, id, validator, None);
    let seat = match validator.assignment {
        Some(before) => {
            leave(storage, id, before.delegation)?;
            before.seat
        }
        None => take_seat(storage, moment)?,
    };
    let mut terms = load_terms(storage, delegation)?;
    terms.validators = terms.validators.saturating_add(1);
    save_terms(storage, delegation, &terms);
    list_validator(storage, delegation, id, true);
    let given = Seat {
        validator: id,
        delegation,
    };
    set_seat(storage, moment.next(), seat, given)?;
    validator.assignment = Some(Assignment { delegation, seat });
    Ok(())
}

fn ensure_room(
    storage: &dyn Storage,
    moment: &Moment,
    delegation: DelegationId,
) -> Result<(), Refusal> {
    let size = slot_size(storage, moment)?;
    let slots = newest_share(storage, delegation)?.slots_in(moment.next(), size);
    let have = load_terms(storage, delegation)?.validators;
    let max = max_validators(slots);
    match have < max {
        true => Ok(()),
        false => Err(ContractError::TooManyValidators {
            delegation,
            have,
            slots,
            max,
        }
        .into()),
    }
}

fn leave(
    storage: &mut dyn Storage,
    id: ValidatorId,
    delegation: DelegationId,
) -> Result<(), Refusal> {
    let mut terms = load_terms(storage, delegation)?;
    terms.validators = terms.validators.saturating_sub(1);
    save_terms(storage, delegation, &terms);
    list_validator(storage, delegation, id, false);
    Ok(())
}

/// Takes a validator out of its delegation from the next epoch on; its seat is free from then on.
fn remove(
    storage: &mut dyn Storage,
    moment: &Moment,
    id: ValidatorId,
    validator: &mut Validator,
) -> Result<(), Refusal> {
    let Some(Assignment { delegation, seat }) = validator.assignment.take() else {
        return Ok(());
    };
    leave(storage, id, delegation)?;
    set_seat(storage, moment.next(), seat, Seat::EMPTY)?;
    let mut counts = load_counts(storage)?;
    save_free_seat(storage, counts.free_seats, seat);
    counts.free_seats = counts.free_seats.saturating_add(1);
    save_counts(storage, &counts);
    Ok(())
}

/// The seat freed last, or a new one.
fn take_seat(storage: &mut dyn Storage, moment: &Moment) -> Result<u16, Refusal> {
    let mut counts = load_counts(storage)?;
    if let Some(place) = counts.free_seats.checked_sub(1) {
        counts.free_seats = place;
        save_counts(storage, &counts);
        return Ok(free_seat(storage, place)?);
    }
    let seats = SEAT_COUNT
        .newest(storage, &[])?
        .map_or(0, |span| span.value);
    if seats >= MAX_SEATS {
        return Err(ContractError::NoSeat.into());
    }
    SEAT_COUNT.set(storage, &[], moment.next(), &seats.saturating_add(1))?;
    Ok(seats)
}
