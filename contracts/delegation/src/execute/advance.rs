//! Closing an epoch: who was eligible, what a slot earned, and the mint. One bounded transaction,
//! whatever happened in it.

use cosmwasm_std::{DepsMut, Event, Response, Storage, SubMsg};
use noderev_api::delegation::DelegationId;
use noderev_components::quorum::{describe_disagreement, disagreement, result};
use noderev_components::{fault, Bitmap, Books, Epoch, Local, Packed, Place, StdResult};
use noderev_economics::{drip_part_ceil, PoolSplit};

use super::{done, mint};
use crate::error::Refusal;
use crate::moment::Moment;
use crate::pool::{scheduled, share};
use crate::state::{
    buckets, changed_delegations, load_counts, load_sum, save_sum, save_summary, seat_changes, Sum,
    Summary, CAPTURES, CAPTURE_BOARD, EVENTS, EVIDENCE, LEDGER, PARAMS, SEAT_BOARD, SEAT_COUNT,
    SHARES, SLOT_BOARD, SLOT_SIZES, STREAMS, TOKEN, TOTAL,
};

/// Gas that a mint may use: many times what cw20-base needs. A token that uses more has refused.
const MINT_GAS: u64 = 1_000_000;

/// Closes the oldest epoch, whichever that is.
pub fn advance_next(deps: DepsMut, moment: &Moment) -> Result<Response, Refusal> {
    let epoch = EVIDENCE.progress(&Local(deps.storage))?.next;
    advance(deps, moment, epoch)
}

/// Closes the oldest epoch, which must be this one.
pub fn advance(deps: DepsMut, moment: &Moment, epoch: Epoch) -> Result<Response, Refusal> {
    EVIDENCE.ensure_next(&Local(deps.storage), epoch)?;
    let params = PARAMS.at(&Local(deps.storage), epoch)?;
    let clock = &moment.clock;
    let rules = params.evidence.clone();
    let open = EVIDENCE.open(&Local(deps.storage), clock, moment.now, epoch, rules, 0)?;
    let open = open.ensure_due(clock)?;
    let reports = EVIDENCE.reports(&Local(deps.storage), epoch, &open.rules)?;
    let bits = SEAT_COUNT.at(deps.storage, &[], epoch)?.unwrap_or(0);
    let eligible = result(&reports, open.rules.threshold, bits.into());

    let slot_size = params.slot_size.u128();
    let slots = slots(deps.storage, epoch, slot_size)?;
    let seats = seats(deps.storage, epoch)?;
    let counted = match &eligible {
        Some(eligible) => capture(deps.storage, epoch, &slots, &seats, eligible)?,
        None => Counted::default(),
    };
    let mut summary = Summary {
        closed_at: moment.now.seconds(),
        quorum: eligible.is_some(),
        total: TOTAL.at(deps.storage, &[], epoch)?.unwrap_or(0),
        slots: sum(&slots),
        eligible: counted.eligible,
        captured: counted.captured,
        mint: scheduled(&params, epoch),
        injected: 0,
        carry_in: 0,
        drip_in: 0,
        slot_size,
        params_version: PARAMS.version_at(&Local(deps.storage), epoch)?,
        disagreed: disagreement(&reports, eligible.as_ref()),
    };
    let (split, books) = share_out(deps.storage, epoch, &mut summary)?;
    save_summary(deps.storage, epoch, &summary);
    EVIDENCE.close(deps.storage, epoch, moment.now);

    let event = EVENTS.emit(deps.storage, "advanced", epoch)?;
    let event = describe(event, &summary, split.as_ref(), &books)
        .add_attributes(eligible.map(|bits| ("eligible_bits", bits.to_binary().to_base64())));
    let response = done("advance", event);
    Ok(match split.map_or(0, |split| split.minted) {
        0 => response,
        minted => response.add_submessage(mint_message(&deps, moment, epoch, minted)?),
    })
}

/// A refused mint must not stop the epoch: it is made up for later.
fn mint_message(deps: &DepsMut, moment: &Moment, epoch: Epoch, amount: u128) -> StdResult<SubMsg> {
    let message = mint::message(deps.storage, deps.api, moment, amount)?;
    let owed = mint::Owed { epoch, amount };
    Ok(SubMsg::reply_on_error(message, mint::REPLY)
        .with_gas_limit(MINT_GAS)
        .with_payload(owed.to_packed()))
}

/// Slots by delegation in an epoch: those of the epoch before, with what has changed.
fn slots(storage: &mut dyn Storage, epoch: Epoch, size: u128) -> StdResult<Vec<u16>> {
    let before = SLOT_BOARD.load(storage)?;
    let mut slots = before.clone();
    for id in to_look_at(storage, epoch, size)? {
        let share = SHARES.at(storage, &id.to_packed(), epoch)?;
        let now = share.map_or(0, |share| share.slots_in(epoch, size));
        put(&mut slots, usize::from(id.0).saturating_sub(1), now);
    }
    if slots != before {
        SLOT_BOARD.save(storage, &slots);
    }
    Ok(slots)
}

/// Delegations that changed; all of them in an epoch with another slot size than before.
fn to_look_at(
    storage: &dyn Storage,
    epoch: Epoch,
    slot_size: u128,
) -> StdResult<Vec<DelegationId>> {
    let before = match epoch.prev() {
        Some(before) => SLOT_SIZES.at(storage, &[], before)?,
        None => None,
    };
    let resized = before.is_some_and(|before| before != slot_size);
    match resized {
        false => changed_delegations(storage, epoch),
        true => Ok((1..=load_counts(storage)?.delegations)
            .map(DelegationId)
            .collect()),
    }
}

/// Delegations by seat in an epoch.
fn seats(storage: &mut dyn Storage, epoch: Epoch) -> StdResult<Vec<u16>> {
    let changes = seat_changes(storage, epoch)?;
    let mut seats = SEAT_BOARD.load(storage)?;
    if changes.is_empty() {
        return Ok(seats);
    }
    for (seat, delegation) in changes {
        put(&mut seats, usize::from(seat), delegation.0);
    }
    SEAT_BOARD.save(storage, &seats);
    Ok(seats)
}

fn put(numbers: &mut Vec<u16>, at: usize, number: u16) {
    if numbers.len() <= at {
        numbers.resize(at.saturating_add(1), 0);
    }
    if let Some(entry) = numbers.get_mut(at) {
        *entry = number;
    }
}

/// Who counted.
#[derive(Default)]
struct Counted {
    eligible: u32,
    captured: u32,
}

/// Writes what each delegation captures, where that has changed.
fn capture(
    storage: &mut dyn Storage,
    epoch: Epoch,
    slots: &[u16],
    seats: &[u16],
    eligible: &Bitmap,
) -> StdResult<Counted> {
    let mut by_delegation = eligible_by_delegation(seats, eligible);
    let counted = sum(&by_delegation);
    by_delegation.resize(slots.len(), 0);
    let before = CAPTURE_BOARD.load(storage)?;
    let captured: Vec<u16> = slots
        .iter()
        .zip(&by_delegation)
        .map(|(slots, eligible)| *slots.min(eligible))
        .collect();
    for (at, captured) in (1u16..).zip(&captured) {
        let known = before.get(usize::from(at).saturating_sub(1));
        if known.copied().unwrap_or(0) != *captured {
            CAPTURES.set(storage, &DelegationId(at).to_packed(), epoch, captured)?;
        }
    }
    if captured != before {
        CAPTURE_BOARD.save(storage, &captured);
    }
    Ok(Counted {
        eligible: counted,
        captured: sum(&captured),
    })
}

fn sum(numbers: &[u16]) -> u32 {
    let wide = numbers.iter().map(|number| u32::from(*number));
    wide.fold(0, u32::saturating_add)
}

/// Eligible validators of each delegation, one that has never had a slot included. A bit of an empty
/// seat is nobody's.
fn eligible_by_delegation(seats: &[u16], eligible: &Bitmap) -> Vec<u16> {
    let mut counts = vec![];
    for bit in eligible.ones() {
        let delegation = seats.get(bit as usize).copied().unwrap_or(0);
        if let Some(at) = usize::from(delegation).checked_sub(1) {
            let count = counts.get(at).copied().unwrap_or(0u16);
            put(&mut counts, at, count.saturating_add(1));
        }
    }
    counts
}

/// Moves the epoch's money: injections, carry and drip into the pool, its rewards into the bucket,
/// the rest on; or all of it into the drip if nobody can be paid.
fn share_out(
    storage: &mut dyn Storage,
    epoch: Epoch,
    summary: &mut Summary,
) -> Result<(Option<PoolSplit>, Books), Refusal> {
    let mut books = LEDGER.load(&Local(storage), TOKEN)?;
    let before = books.clone();
    let (injected, rate) = STREAMS.flow(&Local(storage), TOKEN, epoch, books.rate)?;
    books.rate = rate;
    summary.injected = injected;
    summary.carry_in = books.carry;
    books.shift(Place::Ahead, Place::Carry, injected)?;
    let payable = summary.quorum && summary.total > 0;
    if payable {
        summary.drip_in = drip_part_ceil(books.drip);
        books.shift(Place::Drip, Place::Carry, summary.drip_in)?;
    }
    let split = share(summary)?;
    match &split {
        Some(split) => {
            books.receive(Place::Carry, split.minted)?;
            books.shift(Place::Carry, Place::Bucket(buckets::REWARDS), split.rewards)?;
            if books.carry != split.carry {
                return Err(fault("the shares do not add up to the pool").into());
            }
        }
        None => {
            let undistributed = books.carry;
            books.shift(Place::Carry, Place::Drip, undistributed)?;
        }
    }
    if books != before {
        LEDGER.save(storage, TOKEN, &books);
    }
    let sum = load_sum(storage, epoch)?;
    // What a slot would have earned is nobody's if none was captured.
    let earned = split.filter(|_| summary.captured > 0);
    let (per_slot, minted) = earned.map_or((0, 0), |split| (split.per_slot, split.minted));
    let sum = sum
        .per_slot
        .checked_add(per_slot)
        .zip(sum.minted.checked_add(minted))
        .map(|(per_slot, minted)| Sum { per_slot, minted });
    let sum = sum.ok_or_else(|| fault("sum of rewards overflow"))?;
    save_sum(storage, epoch.next(), &sum);
    Ok((split, books))
}

fn describe(event: Event, summary: &Summary, split: Option<&PoolSplit>, books: &Books) -> Event {
    let of = |part: fn(&PoolSplit) -> u128| split.map_or(0, part).to_string();
    event
        .add_attribute("quorum", summary.quorum.to_string())
        .add_attribute("total", summary.total.to_string())
        .add_attribute("slot_size", summary.slot_size.to_string())
        .add_attribute("slots", summary.slots.to_string())
        .add_attribute("eligible", summary.eligible.to_string())
        .add_attribute("captured", summary.captured.to_string())
        .add_attribute("mint", summary.mint.to_string())
        .add_attribute("injected", summary.injected.to_string())
        .add_attribute("carry_in", summary.carry_in.to_string())
        .add_attribute("drip_in", summary.drip_in.to_string())
        .add_attribute("per_slot", of(|split| split.per_slot))
        .add_attribute("rewards", of(|split| split.rewards))
        .add_attribute("minted", of(|split| split.minted))
        .add_attribute("carry", books.carry.to_string())
        .add_attribute("drip", books.drip.to_string())
        .add_attribute("params_version", summary.params_version.to_string())
        .add_attribute("disagreed", describe_disagreement(&summary.disagreed))
}
