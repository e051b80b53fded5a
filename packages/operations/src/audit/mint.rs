//! The delegation contract's epochs.
//!
//! Taken as the contract tells it, since no query shows more: each delegation's Quintessence in an epoch,
//! whether it was dormant, and what of all Quintessence is not delegated. Slots, who captured and all
//! that follows are worked out.

use std::collections::BTreeMap;

use noderev_api::common::{DepositInfo, DepositsResponse, EvidenceResponse, ParamsAtResponse};
use noderev_api::delegation::{
    DelegationEpoch, DelegationId, EpochInfo, EpochsResponse, HistoryResponse, NetworkResponse,
    Params, QueryMsg, Reason, SeatInfo, SeatsResponse,
};
use noderev_chain::Result;
use noderev_components::Epoch;
use noderev_economics::{drip_part_ceil, slots, split_pool, PoolFacts};

use super::{agreed, part_of, Audit, Purse, Source, PAGE};
use crate::contracts::pages;
use crate::Contract;

/// First epoch that is not closed.
pub(super) fn next_advance(source: &impl Source) -> Result<Epoch> {
    let network: NetworkResponse = source.ask(Contract::Delegation, &QueryMsg::Network {})?;
    Ok(network.next_close)
}

/// All injections.
pub(super) fn injections(source: &impl Source) -> Result<Vec<DepositInfo>> {
    pages(|last: Option<&DepositInfo>| {
        let query = QueryMsg::Injections {
            start_after: last.map(|injection| injection.number),
            limit: Some(PAGE),
        };
        let page: DepositsResponse = source.ask(Contract::Delegation, &query)?;
        Ok(page.deposits)
    })
}

/// Recomputes the epochs before `end`.
pub(super) fn audit(
    source: &impl Source,
    end: Epoch,
    audit: &mut Audit,
    progress: impl Fn(u32),
) -> Result<()> {
    let injections = injections(source)?;
    let histories = histories(source)?;
    let mut purse = Purse::default();
    let mut infos = infos(source)?;
    infos.sort_by_key(|info| info.epoch);
    for info in infos.iter().filter(|info| info.epoch < end) {
        let place = format!("delegation, epoch {}", info.epoch);
        let params: ParamsAtResponse<Params> = source.ask(
            Contract::Delegation,
            &QueryMsg::ParamsAt { epoch: info.epoch },
        )?;
        audit.same(
            &place,
            "parameters' number",
            info.params_version,
            params.version,
        );
        let delegations = histories.get(&info.epoch).map_or(&[][..], Vec::as_slice);
        compare_stakes(&place, info, delegations, audit);
        compare_evidence(source, &place, info, &params.params, delegations, audit)?;
        let injected = part_of(&injections, None, info.epoch)?;
        audit.same(&place, "injected", info.injected.u128(), injected);
        compare_pool(&place, info, &params.params, &mut purse, audit);
        audit.advanced = audit.advanced.saturating_add(1);
        progress(audit.advanced);
    }
    audit.same("delegation", "closed epochs", audit.advanced, end.0);
    Ok(())
}

fn infos(source: &impl Source) -> Result<Vec<EpochInfo>> {
    pages(|last: Option<&EpochInfo>| {
        let query = QueryMsg::Epochs {
            start_after: last.map(|info| info.epoch),
            limit: Some(PAGE),
        };
        let page: EpochsResponse = source.ask(Contract::Delegation, &query)?;
        Ok(page.epochs)
    })
}

/// A delegation in an epoch.
type Standing = (DelegationId, DelegationEpoch);

/// All delegations, by epoch.
fn histories(source: &impl Source) -> Result<BTreeMap<Epoch, Vec<Standing>>> {
    let network: NetworkResponse = source.ask(Contract::Delegation, &QueryMsg::Network {})?;
    let mut histories = BTreeMap::<Epoch, Vec<Standing>>::new();
    for delegation in (1..=network.delegations).map(DelegationId) {
        let epochs = pages(|last: Option<&DelegationEpoch>| {
            let query = QueryMsg::History {
                delegation,
                member: None,
                start_after: last.map(|epoch| epoch.epoch),
                limit: Some(PAGE),
            };
            let page: HistoryResponse = source.ask(Contract::Delegation, &query)?;
            Ok(page.epochs)
        })?;
        for epoch in epochs {
            let all = histories.entry(epoch.epoch).or_default();
            all.push((delegation, epoch));
        }
    }
    Ok(histories)
}

/// Each delegation's slots by its Quintessence, and both in sum.
fn compare_stakes(place: &str, info: &EpochInfo, delegations: &[Standing], audit: &mut Audit) {
    let size = info.slot_size.u128();
    let (mut total, mut all) = (0_u128, 0_u32);
    for (id, told) in delegations {
        // Without a quorum it is not told whether a delegation was dormant.
        let dormant = match told.reason {
            Reason::NoQuorum => told.slots == 0,
            reason => reason == Reason::Dormant,
        };
        let expected = if dormant {
            0
        } else {
            slots(told.total.u128(), size)
        };
        let place = format!("{place}, delegation {}", id.0);
        audit.same(&place, "slots", told.slots, expected);
        total = total.saturating_add(told.total.u128());
        all = all.saturating_add(told.slots.into());
    }
    audit.same(place, "slots", info.slots, all);
    audit.holds(
        place,
        "all Quintessence, at least what is delegated",
        info.total.u128() >= total,
        &info.total,
        &total,
    );
}

/// Slots that had an eligible validator: in each delegation the fewer of both.
fn captured(seats: &[&SeatInfo], delegations: &[Standing]) -> u32 {
    let each = delegations.iter().map(|(id, standing)| {
        let eligible = seats.iter().filter(|seat| seat.delegation == Some(*id));
        let eligible = u32::try_from(eligible.count()).unwrap_or(u32::MAX);
        eligible.min(standing.slots.into())
    });
    each.fold(0, u32::saturating_add)
}

/// How many validators the reports agree on, and what they capture.
fn compare_evidence(
    source: &impl Source,
    place: &str,
    info: &EpochInfo,
    params: &Params,
    delegations: &[Standing],
    audit: &mut Audit,
) -> Result<()> {
    let epoch = info.epoch;
    let evidence: EvidenceResponse =
        source.ask(Contract::Delegation, &QueryMsg::Evidence { epoch })?;
    let eligible = agreed(&evidence, &params.evidence, evidence.bits);
    audit.same(place, "quorum", info.quorum, eligible.is_some());
    let Some(eligible) = eligible else {
        audit.same(place, "captured slots", info.captured, 0);
        return Ok(());
    };
    let seats = seats(source, epoch)?;
    let counted: Vec<_> = seats
        .iter()
        .filter(|seat| seat.delegation.is_some() && eligible.get(seat.seat.into()))
        .collect();
    let number = u32::try_from(counted.len()).unwrap_or(u32::MAX);
    audit.same(place, "eligible validators", info.eligible, number);
    let captured = captured(&counted, delegations);
    audit.same(place, "captured slots", info.captured, captured);
    Ok(())
}

fn seats(source: &impl Source, epoch: Epoch) -> Result<Vec<SeatInfo>> {
    pages(|last: Option<&SeatInfo>| {
        let query = QueryMsg::Seats {
            epoch,
            start_after: last.map(|seat| seat.seat),
            limit: Some(PAGE),
        };
        let page: SeatsResponse = source.ask(Contract::Delegation, &query)?;
        Ok(page.seats)
    })
}

fn compare_pool(
    place: &str,
    info: &EpochInfo,
    params: &Params,
    purse: &mut Purse,
    audit: &mut Audit,
) {
    let mut begun = params
        .schedule
        .iter()
        .filter(|mint| mint.from <= info.epoch);
    let mint = begun.next_back().map_or(0, |mint| mint.amount.u128());
    audit.same(place, "scheduled mint", info.mint.u128(), mint);
    audit.same(
        place,
        "Quintessence per slot",
        info.slot_size,
        params.slot_size,
    );
    audit.same(place, "carried in", info.carry_in.u128(), purse.carry);
    let collected = info.injected.u128().saturating_add(purse.carry);
    if !info.quorum || info.total.is_zero() {
        audit.same(place, "pool", info.pool.u128(), 0);
        audit.same(place, "minted", info.minted.u128(), 0);
        audit.same(
            place,
            "moved into the drip",
            info.drip_out.u128(),
            collected,
        );
        *purse = purse.kept(collected);
        return;
    }
    let drip_in = drip_part_ceil(purse.drip);
    audit.same(
        place,
        "moved in from the drip",
        info.drip_in.u128(),
        drip_in,
    );
    let other = collected.saturating_add(drip_in);
    audit.same(place, "pool", info.pool.u128(), mint.saturating_add(other));
    let facts = PoolFacts {
        mint,
        other,
        total: info.total.u128(),
        slot_size: params.slot_size.u128(),
        captured: info.captured,
    };
    let Some(split) = audit.possible(place, split_pool(&facts)) else {
        return;
    };
    for (figure, told, recomputed) in [
        ("a slot's part", info.per_slot, split.per_slot),
        ("rewards", info.rewards, split.rewards),
        ("minted", info.minted, split.minted),
        ("carried on", info.carry_out, split.carry),
    ] {
        audit.same(place, figure, told.u128(), recomputed);
    }
    *purse = purse.shared(drip_in, split.carry);
}
