//! What must hold of closed epochs, and of what queries tell of them.

use noderev_api::delegation as api;
use num_bigint::BigUint;

use super::{big, some_ids, some_user, turn, whole};
use crate::checks::{compare, Faults};
use crate::shadow::delegation::{Id, Reason, Role};
use crate::shadow::{Epoch, Who, FIXED};
use crate::world::{name, World, USERS};

/// Most history that is looked at each time.
const HISTORY: u32 = 40;

/// 8: a stretch of a delegation's history with a member's part, and one explanation.
pub fn i08_histories_and_explanations(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let who = some_user(world);
    for id in some_ids(world, 1) {
        let after = ledger
            .next_close()
            .saturating_sub(turn(world, 3) as Epoch * 50);
        let view = world.net.delegation();
        let page = view.history(id, Some(name(who)), Some(after), Some(HISTORY));
        let closed = ledger.closed.iter().enumerate().take(after as usize).rev();
        let existed = closed.filter(|(_, closed)| closed.parts.contains_key(&id));
        let epochs: Vec<Epoch> = existed.map(|(at, _)| at as Epoch).collect();
        let should = epochs.len().min(HISTORY as usize);
        compare(
            &mut faults,
            &format!("history of {id}"),
            page.epochs.len(),
            should,
        );
        for (told, epoch) in page.epochs.iter().zip(epochs) {
            compare(&mut faults, "its epochs", told.epoch.0, epoch);
            faults.extend(epoch_faults(world, id, who, told));
        }
        let epoch = ledger
            .next_close()
            .saturating_sub(1 + turn(world, 20) as Epoch);
        faults.extend(explanation_faults(world, id, who, epoch));
    }
    faults
}

fn explanation_faults(world: &World, id: Id, who: Who, epoch: Epoch) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let told = world.net.delegation().explain(id, name(who), epoch);
    let what = format!("{id} in {epoch} explained to {}", name(who));
    compare(
        &mut faults,
        &what,
        reason(told.figures.reason),
        ledger.reason(id, epoch),
    );
    let have = (big(told.member_exact), big(told.commission_exact));
    let should = (
        ledger.member_fixed_in(who, id, epoch),
        ledger.commission_fixed_in(who, id, epoch),
    );
    compare(&mut faults, &what, have, should);
    let part = ledger
        .closed
        .get(epoch as usize)
        .and_then(|it| it.parts.get(&id));
    if let Some(part) = part {
        let eligible = told.figures.eligible.map(u128::from);
        compare(&mut faults, &what, eligible, Some(part.eligible));
        faults.extend(epoch_faults(world, id, who, &told.figures));
    }
    faults
}

fn reason(told: api::Reason) -> Reason {
    match told {
        api::Reason::NotClosed => Reason::NotClosed,
        api::Reason::NotCreated => Reason::NotCreated,
        api::Reason::NoQuorum => Reason::NoQuorum,
        api::Reason::Dormant => Reason::Dormant,
        api::Reason::NoSlots => Reason::NoSlots,
        api::Reason::NoValidators => Reason::NoValidators,
        api::Reason::Captured => Reason::Captured,
    }
}

/// 29, 31: a delegation in a closed epoch.
fn epoch_faults(world: &World, id: Id, who: Who, told: &api::DelegationEpoch) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let epoch = told.epoch.0;
    let part = ledger
        .closed
        .get(epoch as usize)
        .and_then(|it| it.parts.get(&id));
    let Some(part) = part else {
        return vec![format!("{id} was not there in {epoch}")];
    };
    let what = format!("{id} in {epoch}");
    let weight = ledger.ended[epoch as usize].weight(who, Some(id));
    let have = (reason(told.reason), told.owner.clone());
    let should = (ledger.reason(id, epoch), Some(world.addr(part.owner)));
    compare(&mut faults, &what, have, should);
    let figures = [
        ("total", told.total.u128(), part.total),
        ("slots", told.slots.into(), part.slots),
        ("captured", told.captured.into(), part.captured),
        ("reward", told.reward.u128(), part.reward),
        ("commission", told.commission.get().into(), part.commission),
        (
            "per thousand",
            told.per_thousand.u128(),
            whole(&(&part.rate * 1_000u32)),
        ),
        ("member", told.member.u128(), weight),
        ("mine", told.mine.u128(), whole(&(&part.rate * weight))),
    ];
    for (figure, have, should) in figures {
        compare(&mut faults, &format!("{what}, {figure}"), have, should);
    }
    let (commission, rate) = (big(told.commission_exact), big(told.rate));
    compare(&mut faults, &what, &commission, &part.commission_fixed);
    compare(&mut faults, &what, &rate, &part.rate);
    let reward = BigUint::from(told.reward.u128()) * FIXED;
    // What did not divide before may be shared now, and what does not divide now waits: less than
    // a part for each Quintessence, before the total was what it is.
    let most = &reward + BigUint::from(FIXED);
    if &commission * 10u32 > reward || commission + rate * told.total.u128() > most {
        faults.push(format!("{what}: more is shared than the reward"));
    }
    faults
}

/// 29, 30, 31, 32: an epoch that was just closed, figure by figure, and all its delegations.
pub fn closed_epoch(world: &World, epoch: Epoch) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let Some(info) = world.net.delegation().epochs(None, Some(1)).epochs.pop() else {
        return vec!["no epoch is closed".into()];
    };
    let closed = &ledger.closed[epoch as usize];
    compare(&mut faults, "closed", info.epoch.0, epoch);
    compare(&mut faults, "quorum", info.quorum, closed.quorum);
    compare(&mut faults, "when", info.closed.seconds(), closed.at);
    let figures = [
        ("total", info.total.u128(), closed.total),
        ("slots", info.slots.into(), closed.slots()),
        ("eligible", info.eligible.into(), closed.eligible()),
        ("captured", info.captured.into(), closed.captured()),
        ("mint", info.mint.u128(), closed.mint),
        ("injected", info.injected.u128(), closed.injected),
        ("carry in", info.carry_in.u128(), closed.carry_in),
        ("drip in", info.drip_in.u128(), closed.drip_in),
        ("pool", info.pool.u128(), closed.pool),
        ("per slot", info.per_slot.u128(), closed.per_slot),
        ("rewards", info.rewards.u128(), closed.rewards),
        ("minted", info.minted.u128(), closed.minted),
        ("carry out", info.carry_out.u128(), closed.carry_out),
        ("drip out", info.drip_out.u128(), closed.drip_out),
        ("slot size", info.slot_size.u128(), closed.slot_size),
    ];
    for (figure, have, should) in figures {
        compare(
            &mut faults,
            &format!("epoch {epoch}, {figure}"),
            have,
            should,
        );
    }
    if closed.quorum && closed.total > 0 {
        let unminted = info.mint - info.minted;
        let shared = info.rewards + unminted + info.carry_out;
        compare(&mut faults, "rewards, not minted, carry", shared, info.pool);
    }
    if info.captured > info.eligible || info.captured > info.slots {
        faults.push(format!("{} slots captured", info.captured));
    }
    let who = USERS[epoch as usize % USERS.len()];
    let mut rewards = 0;
    for id in closed.parts.keys() {
        let view = world.net.delegation();
        let page = view.history(*id, Some(name(who)), None, Some(1)).epochs;
        rewards += page.iter().map(|it| it.reward.u128()).sum::<u128>();
        faults.extend(page.iter().flat_map(|it| epoch_faults(world, *id, who, it)));
        compare(&mut faults, "its history", page.len(), 1);
    }
    compare(&mut faults, "IDs' rewards", rewards, info.rewards.u128());
    faults
}

/// Exact parts of all epochs are what was earned.
pub(super) fn whole_history(world: &World, id: Id, who: Who) -> Faults {
    let (mut faults, ledger) = (vec![], &world.delegation);
    let (mut members, mut commission, mut after) = (BigUint::ZERO, BigUint::ZERO, None);
    let own = world.addr(who);
    loop {
        let view = world.net.delegation();
        let page = view.history(id, Some(name(who)), after, Some(100)).epochs;
        for told in &page {
            members += big(told.rate) * told.member.u128();
            if told.owner.as_ref() == Some(&own) {
                commission += big(told.commission_exact);
            }
        }
        match page.last() {
            Some(last) => after = Some(last.epoch.0),
            None => break,
        }
    }
    let should = (
        ledger.earned_fixed(who, id, Role::Members),
        ledger.earned_fixed(who, id, Role::Commission),
    );
    let what = format!("all that {} earned in {id}", name(who));
    compare(&mut faults, &what, (members, commission), should);
    faults
}
