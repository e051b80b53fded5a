//! What must hold of revenue and its shares.

use cosmwasm_std::{StdResult, Uint128};
use noderev_api::common::{EpochStep, RoleAmount};
use noderev_api::distributor::{AccountResponse, DisputeOutcome, EpochInfo, QueryMsg as D, Reason};
use noderev_components::Epoch as EpochId;

use super::{bucket, compare, Faults};
use crate::shadow::{Class, Closed, Key, Outcome, Pot, Step, Who};
use crate::world::{name, World, PEOPLE};

/// 4: epochs and their closes go on, at the same pace as in the ledger.
pub fn i04_steps_agree(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let network = world.net.distributor().network();
    compare(&mut faults, "running epoch", network.epoch.0, ledger.epoch);
    compare(
        &mut faults,
        "next to close",
        network.next_close.0,
        ledger.next_close(),
    );
    let step = match network.step {
        EpochStep::Open { .. } => Step::Open,
        EpochStep::Reporting { until } => Step::Reporting(until.map(|until| until.seconds())),
        EpochStep::Appeals { until } => Step::Appeals(until.seconds()),
        EpochStep::Due { since } => Step::Due(since.seconds()),
        EpochStep::Closed {} => Step::Closed,
    };
    compare(
        &mut faults,
        "its step",
        step,
        ledger.step(ledger.next_close()),
    );
    faults
}

/// 20, 21, 22, 26: the last close, figure by figure, and the identities among them.
pub fn i20_i21_i22_i26_the_last_close(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let Some(closed) = ledger.closed.last() else {
        return faults;
    };
    let epoch = ledger.next_close() - 1;
    let info: EpochInfo = match world.net.distributor().epochs(None, Some(1)).epochs.pop() {
        Some(info) => info,
        None => return vec!["no epoch is closed".into()],
    };
    compare(&mut faults, "last closed", info.epoch, EpochId(epoch));
    let have = (info.quorum, info.running, info.held, info.unstaked);
    let should = (closed.quorum, closed.running, closed.held, closed.unstaked);
    compare(&mut faults, "quorum, N, held, U", have, should);
    compare(&mut faults, "S", info.pool_stake.u128(), closed.pool_stake);
    compare(
        &mut faults,
        "keys",
        info.keys as usize,
        closed.classes.len(),
    );
    let requirement = ledger.ended[epoch as usize].requirement;
    compare(
        &mut faults,
        "requirement",
        info.requirement.u128(),
        requirement,
    );
    for (denom, pot) in closed.pots.iter().enumerate() {
        faults.extend(pot_faults(&info, denom, pot, closed));
    }
    faults
}

fn pot_faults(info: &EpochInfo, denom: usize, pot: &Pot, closed: &Closed) -> Faults {
    let mut faults = vec![];
    let money = &info.money[denom];
    let u = Uint128::u128;
    let figures = [
        ("revenue", u(&money.revenue), pot.revenue),
        ("network", u(&money.network), pot.network),
        ("treasury", u(&money.treasury), pot.revenue - pot.network),
        ("carry in", u(&money.carry_in), pot.carry_in),
        ("drip in", u(&money.drip_in), pot.drip_in),
        ("pot", u(&money.pot), pot.pot),
        ("p", u(&money.per_node), pot.p),
        ("d", u(&money.unstaked), pot.d),
        ("r", u(&money.remainder), pot.r),
        ("pool", u(&money.pool), pot.pool),
        ("held", u(&money.held), pot.full * u128::from(closed.held)),
        ("carry out", u(&money.carry_out), pot.carry),
        ("drip out", u(&money.drip_out), pot.drip_out),
    ];
    for (what, have, should) in figures {
        compare(
            &mut faults,
            &format!("currency {denom}, {what}"),
            have,
            should,
        );
    }
    if money.network + money.treasury != money.revenue {
        faults.push(format!("currency {denom}: shares are not the revenue"));
    }
    let staked = u128::from(info.running - info.held - info.unstaked);
    let nodes =
        u(&money.staked_rate) * staked + u(&money.unstaked_rate) * u128::from(info.unstaked);
    let paid = nodes + u(&money.held) + u(&money.pool) + u(&money.carry_out);
    if paid != u(&money.pot) {
        faults.push(format!(
            "currency {denom}: {paid} of a pot of {} shared",
            money.pot
        ));
    }
    let ceded = u128::from(info.unstaked) * (pot.p - pot.d);
    let need = info.requirement.u128() * u128::from(info.unstaked);
    let full = info.pool_stake.u128() >= need;
    if u(&money.pool) > ceded || (full && info.running > 0 && u(&money.pool) != ceded) {
        faults.push(format!(
            "currency {denom}: the pool got {} of {ceded}",
            money.pool
        ));
    }
    faults
}

/// 23, 27: every place in the distributor's books is what the ledger has there.
pub fn i23_money_is_where_the_ledger_has_it(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    for books in world.net.distributor().solvency().denoms {
        let place = (0..world.denoms()).find(|denom| world.currency(*denom) == books.denom);
        let Some(denom) = place else { continue };
        let money = &ledger.money[denom];
        compare(
            &mut faults,
            "received",
            books.received.u128(),
            money.received,
        );
        compare(&mut faults, "paid", books.paid.u128(), money.paid);
        let places = [
            ("ahead", ledger.ahead(denom)),
            ("carry", money.carry),
            ("drip", money.drip),
            ("held", money.held),
            ("pool_next", money.pool_extra),
        ];
        for (place, should) in places {
            let what = format!("currency {denom}, {place}");
            compare(&mut faults, &what, bucket(&books, place), should);
        }
    }
    faults
}

/// 23, 24: what everybody could claim, per role and currency, to the unit.
pub fn i23_claimables(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    for who in (0..PEOPLE.len()).map(Who) {
        let answer: AccountResponse = world.net.distributor().account(name(who));
        if answer.next.is_some() {
            continue; // More than one page: its sum is not in one answer.
        }
        let payee = world.addr(world.payee(who));
        compare(
            &mut faults,
            &format!("payee of {}", name(who)),
            &answer.payee,
            &payee,
        );
        for denom in 0..world.denoms() {
            let currency = world.currency(denom);
            let of = |part: &&RoleAmount| part.denom == currency;
            let parts: Vec<&RoleAmount> = answer.claimable.iter().filter(of).collect();
            let have: u128 = parts.iter().map(|part| part.amount.u128()).sum();
            let what = format!("{} may claim of currency {denom} ({parts:?})", name(who));
            let should = ledger.claimable(who, denom);
            // Nor is it in one answer if one claim cannot settle all.
            let several = || {
                let preview = world.net.distributor().preview_claim(name(who), None);
                preview.summary.next
            };
            if have > should || (have < should && !several()) {
                compare(&mut faults, &what, have, should);
            }
        }
    }
    faults
}

/// 25: disputes stand as the ledger has them, those of the last few epochs.
pub fn i25_disputes(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let first = ledger.epoch.saturating_sub(4);
    for epoch in first..ledger.epoch {
        let page: StdResult<noderev_api::distributor::DisputesResponse> =
            world.net.distributor().try_query(&D::Disputes {
                epoch: EpochId(epoch),
                start_after: None,
                limit: Some(100),
            });
        let Ok(page) = page else {
            faults.push(format!("disputes of {epoch}: no answer"));
            continue;
        };
        let have: Vec<_> = page
            .disputes
            .iter()
            .map(|it| {
                let outcome = match it.outcome {
                    DisputeOutcome::Open => Outcome::Open,
                    DisputeOutcome::Upheld => Outcome::Upheld,
                    DisputeOutcome::Rejected => Outcome::Rejected,
                    DisputeOutcome::NoRuling => Outcome::NoRuling,
                };
                (it.key.0, it.by.clone(), it.bond.u128(), outcome)
            })
            .collect();
        let disputes = ledger.disputes.range((epoch, 0)..(epoch + 1, 0));
        let should: Vec<_> = disputes
            .map(|((_, key), it)| (*key, world.addr(it.by), it.bond, it.outcome))
            .collect();
        compare(&mut faults, &format!("disputes of {epoch}"), have, should);
    }
    faults
}

/// 8: what `explain` says of some keys in the last closed epoch is what they earned.
pub fn i08_explanations_tell_what_was_earned(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let Some(closed) = ledger.closed.last() else {
        return faults;
    };
    let epoch = ledger.next_close() - 1;
    let owners = &ledger.ended[epoch as usize].owners;
    for (at, class) in closed.classes.iter().enumerate().take(8) {
        let key = at as Key + 1;
        let told = world.net.distributor().explain(key, epoch);
        let reason = match class {
            _ if !closed.quorum => Reason::NoQuorum,
            Class::Idle => Reason::NotRunning,
            Class::Held => Reason::Held,
            Class::Staked => Reason::Staked,
            Class::Unstaked => Reason::Unstaked,
        };
        let what = format!("key {key} in epoch {epoch}");
        compare(&mut faults, &what, told.reason, reason);
        compare(&mut faults, &what, told.owner, Some(world.addr(owners[at])));
        for (denom, pot) in closed.pots.iter().enumerate() {
            let should = match class {
                Class::Staked => pot.full,
                Class::Unstaked => pot.d + pot.r,
                Class::Idle => 0,
                Class::Held => continue, // What the ruling gave it: a story.
            };
            let currency = world.currency(denom);
            let amounts = told.amounts.iter().filter(|it| it.denom == currency);
            let have: u128 = amounts.map(|it| it.amount.u128()).sum();
            compare(
                &mut faults,
                &format!("{what}, currency {denom}"),
                have,
                should,
            );
        }
    }
    faults
}
