//! What must hold after every act, one function per invariant of the threat model's section 2;
//! each answers faults as text. Invariant 5 (a refused message changes nothing) and 8 (a preview
//! tells what is paid) are checked where acts are done, in `act.rs`.

use std::collections::BTreeMap;

use cosmwasm_std::{StdResult, Uint128};
use noderev_api::common::{DenomSolvency, EpochStep, RoleAmount};
use noderev_api::distributor::{AccountResponse, DisputeOutcome, EpochInfo, QueryMsg as D, Reason};
use noderev_api::registry::QueryMsg as R;
use noderev_api::vault::{LotKind, PositionResponse};
use noderev_components::{Epoch as EpochId, KeyId};

use crate::act::Contract;
use crate::shadow::{Class, Closed, Ended, Key, Outcome, Pot, Role, Step, Who};
use crate::world::{name, World, PEOPLE};

/// Faults, as text.
pub type Faults = Vec<String>;

/// A check.
pub type Check = (&'static str, fn(&World) -> Faults);

/// Cheap enough to be run after every act.
pub const AFTER_EVERY_ACT: &[Check] = &[
    ("i1 i2 books and balances", i01_i02_books_and_balances),
    (
        "i23 money is where the ledger has it",
        i23_money_is_where_the_ledger_has_it,
    ),
    ("i4 numbers never fall", i04_steps_agree),
    ("ledger's own books", ledger_balances),
];

/// Run every few acts: they look at everybody.
pub const NOW_AND_THEN: &[Check] = &[
    ("i3 i16 stakes add up", i03_i16_stakes_add_up),
    ("i7 no two beliefs", i07_no_two_beliefs),
    ("i9 supply within the cap", i09_supply_within_the_cap),
    ("i10 one owner per key", i10_one_owner_per_key),
    ("i12 listings stand", i12_listings_stand),
    ("i13 wallets", i13_everybody_holds_what_he_should),
    (
        "i15 i17 i19 positions and lots",
        i15_i17_i19_positions_and_lots,
    ),
    ("i18 pool weights", i18_pool_weights_were_there_before),
    (
        "i20 i21 i22 i26 the last close",
        i20_i21_i22_i26_the_last_close,
    ),
    ("i23 claimables", i23_claimables),
    ("i25 disputes", i25_disputes),
    ("i8 explanations", i08_explanations_tell_what_was_earned),
];

/// Runs checks; every fault with the check's name.
pub fn run(world: &World, checks: &[Check]) -> Faults {
    let faults = checks.iter().flat_map(|(name, check)| {
        let faults = check(world);
        faults
            .into_iter()
            .map(move |fault| format!("{name}: {fault}"))
    });
    faults.collect()
}

/// Fails the test if anything is wrong.
#[track_caller]
pub fn assert_all(world: &World) {
    let mut faults = run(world, AFTER_EVERY_ACT);
    faults.extend(run(world, NOW_AND_THEN));
    assert!(faults.is_empty(), "faults:\n{}", faults.join("\n"));
}

fn compare<T: PartialEq + std::fmt::Debug>(faults: &mut Faults, what: &str, have: T, should: T) {
    if have != should {
        faults.push(format!("{what}: {have:?}, should be {should:?}"));
    }
}

/// 1, 2: a contract holds what it owes and what was donated, to the unit.
pub fn i01_i02_books_and_balances(world: &World) -> Faults {
    let mut faults = world.net.check_invariants();
    let contracts = [
        (Contract::Registry, world.net.registry().solvency()),
        (Contract::Vault, world.net.vault().solvency()),
        (Contract::Distributor, world.net.distributor().solvency()),
    ];
    for (contract, answer) in contracts {
        let address = world.contract(contract);
        for books in answer.denoms {
            let place = (0..world.denoms()).find(|denom| world.currency(*denom) == books.denom);
            let donated = place.and_then(|place| world.donated.get(&(address.clone(), place)));
            let what = format!("{contract:?}, surplus of {}", books.denom);
            compare(
                &mut faults,
                &what,
                books.surplus.u128(),
                donated.copied().unwrap_or(0),
            );
        }
    }
    faults
}

/// The ledger itself loses nothing.
pub fn ledger_balances(world: &World) -> Faults {
    world.shadow.faults()
}

/// 3, 16: the vault's totals are the sums of what people have.
pub fn i03_i16_stakes_add_up(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let pool = world.net.vault().pool(None);
    let sum = |stakes: &BTreeMap<Who, u128>| stakes.values().sum::<u128>();
    compare(
        &mut faults,
        "pool counted",
        pool.counted.u128(),
        sum(&ledger.pool_now),
    );
    compare(
        &mut faults,
        "pool next",
        pool.next.u128(),
        sum(&ledger.pool_next),
    );
    let books = &world.net.vault().solvency().denoms[0];
    let staked = ledger.keys.iter().filter(|key| key.staked_next).count() as u128;
    let places = [
        ("node", staked * ledger.requirement()),
        ("pool", sum(&ledger.pool_next)),
        ("lot", ledger.lots.values().map(|lot| lot.amount).sum()),
    ];
    for (place, should) in places {
        let found = books
            .owed
            .iter()
            .find(|bucket| bucket.bucket.contains(place));
        let have = found.map_or(0, |bucket| bucket.amount.u128());
        compare(
            &mut faults,
            &format!("vault's books, {place}"),
            have,
            should,
        );
    }
    compare(
        &mut faults,
        "vault received",
        books.received.u128(),
        ledger.vault_in,
    );
    compare(
        &mut faults,
        "vault paid",
        books.paid.u128(),
        ledger.vault_out,
    );
    let registry = &world.net.registry().solvency().denoms[0];
    compare(
        &mut faults,
        "fees owed",
        registry.liabilities.u128(),
        ledger.fees,
    );
    faults
}

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

/// 7: registry, vault and distributor believe the same of every key and every epoch.
pub fn i07_no_two_beliefs(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    for (number, facts) in (1..).zip(&ledger.keys) {
        let query = R::Key { id: KeyId(number) };
        let key: StdResult<noderev_api::registry::KeyResponse> =
            world.net.registry().try_query(&query);
        let Ok(key) = key else {
            faults.push(format!("key {number}: {}", key.unwrap_err()));
            continue;
        };
        compare(
            &mut faults,
            &format!("owner of {number}"),
            &key.owner,
            &world.addr(facts.owner),
        );
        let have = (key.staked, key.staked_next);
        let should = (facts.staked_now, facts.staked_next);
        compare(
            &mut faults,
            &format!("registry on the stake of {number}"),
            have,
            should,
        );
    }
    let keys: Vec<Key> = (1..=ledger.keys.len() as Key).collect();
    for page in keys.chunks(100) {
        for stake in world.net.vault().node_stakes(page) {
            let facts = &ledger.keys[stake.key.0 as usize - 1];
            let have = (stake.staked, stake.staked_next);
            let should = (facts.staked_now, facts.staked_next);
            compare(
                &mut faults,
                &format!("vault on the stake of {}", stake.key),
                have,
                should,
            );
            let from = facts.staked_next.then_some(facts.staked_from);
            let have = stake.counts_from.map(|from| from.0);
            compare(
                &mut faults,
                &format!("start of the stake of {}", stake.key),
                have,
                from,
            );
        }
    }
    if let Some(epoch) = ledger.epoch.checked_sub(1) {
        let ended = &ledger.ended[epoch as usize];
        for page in keys[..ended.owners.len()].chunks(100) {
            let owners = world.net.registry().owners_at(page, epoch);
            for (owner, key) in owners.iter().zip(page) {
                let should = Some(world.addr(ended.owners[*key as usize - 1]));
                let what = format!("owner of {key} at the end of {epoch}");
                compare(&mut faults, &what, &owner.owner, &should);
            }
        }
        let nodes = world.net.vault().staked_nodes(epoch);
        let should = ended.staked.iter().filter(|staked| **staked).count() as u32;
        compare(
            &mut faults,
            &format!("staked in {epoch}"),
            nodes.staked,
            should,
        );
        compare(
            &mut faults,
            &format!("keys in {epoch}"),
            nodes.keys as usize,
            ended.owners.len(),
        );
    }
    faults
}

/// 9: keys never exceed the cap, which changes only by splits.
pub fn i09_supply_within_the_cap(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let supply = world.net.registry().supply(None);
    compare(
        &mut faults,
        "keys",
        supply.issued as usize,
        ledger.keys.len(),
    );
    compare(&mut faults, "cap", supply.cap, ledger.cap());
    compare(&mut faults, "factor", supply.factor, ledger.factor());
    compare(
        &mut faults,
        "requirement",
        supply.requirement.u128(),
        ledger.requirement(),
    );
    if supply.issued > supply.cap {
        faults.push(format!(
            "{} keys, {} are the most",
            supply.issued, supply.cap
        ));
    }
    faults
}

/// 10, 14: the owners' lists hold every key exactly once, in numeric order.
pub fn i10_one_owner_per_key(world: &World) -> Faults {
    let mut faults = vec![];
    for who in (0..PEOPLE.len()).map(Who) {
        let should = world.shadow.keys_of(who);
        let (mut have, mut after) = (vec![], None);
        loop {
            let page = world
                .net
                .registry()
                .tokens(name(who), after, Some(7))
                .tokens;
            have.extend(page.iter().filter_map(|id| id.parse::<Key>().ok()));
            after = have.last().copied();
            if page.len() < 7 {
                break;
            }
        }
        compare(&mut faults, &format!("keys of {}", name(who)), have, should);
    }
    faults
}

/// 12: what can be bought is its owner's and costs something; the rest is not listed.
pub fn i12_listings_stand(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let listed = (1..).zip(&ledger.keys).filter_map(|(key, facts)| {
        let listing = facts.listing.as_ref()?;
        (!ledger.is_void(listing)).then_some((key, facts.owner, listing))
    });
    let mut should: Vec<_> = listed
        .map(|(key, owner, it)| (it.price, key, it.number, world.addr(owner), it.with_stake))
        .collect();
    should.sort();
    let (mut have, mut after) = (vec![], None);
    loop {
        let page = world.net.registry().listings(None, None, after, Some(30));
        have.extend(page.listings.into_iter().map(|it| {
            (
                it.price.u128(),
                it.id.0,
                it.listing,
                it.seller,
                it.with_stake,
            )
        }));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    compare(&mut faults, "listings", have, should);
    faults
}

/// 13 and more: nobody has a unit more or less than the ledger says.
pub fn i13_everybody_holds_what_he_should(world: &World) -> Faults {
    let mut faults = vec![];
    for ((who, denom), should) in &world.wallets {
        let what = format!("{} holds of currency {denom}", name(*who));
        compare(&mut faults, &what, world.balance(*who, *denom), *should);
    }
    faults
}

/// 15, 17, 19: positions, and lots with their numbers and releases.
pub fn i15_i17_i19_positions_and_lots(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    for who in crate::world::USERS {
        let position: PositionResponse = world.net.vault().position(name(who));
        let of = |stakes: &BTreeMap<Who, u128>| stakes.get(&who).copied().unwrap_or(0);
        let pool = (position.pool_counted.u128(), position.pool_next.u128());
        let should = (of(&ledger.pool_now), of(&ledger.pool_next));
        compare(
            &mut faults,
            &format!("{} in the pool", name(who)),
            pool,
            should,
        );
        let have: Vec<_> = position
            .lots
            .iter()
            .map(|lot| {
                let key = match lot.kind {
                    LotKind::Pool => None,
                    LotKind::Node { key } => Some(key.0),
                };
                (lot.lot, lot.amount.u128(), lot.release.seconds(), key)
            })
            .collect();
        let lots = ledger.lots_of(who);
        let should: Vec<_> = lots
            .iter()
            .take(100)
            .map(|(number, lot)| (*number, lot.amount, lot.release, lot.key))
            .collect();
        compare(&mut faults, &format!("lots of {}", name(who)), have, should);
    }
    faults
}

/// 18: what counted in the last ended epoch was there when it began.
pub fn i18_pool_weights_were_there_before(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    let Some(epoch) = ledger.epoch.checked_sub(1) else {
        return faults;
    };
    let Ended { pool, .. } = &ledger.ended[epoch as usize];
    for who in crate::world::USERS {
        let have = world.net.vault().pool_stake_at(name(who), epoch).u128();
        let should = pool.get(&who).copied().unwrap_or(0);
        let what = format!("{} in the pool in epoch {epoch}", name(who));
        compare(&mut faults, &what, have, should);
    }
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

/// What a place in the books holds.
pub fn bucket(books: &DenomSolvency, place: &str) -> u128 {
    let mut all = books.owed.iter().chain(&books.carried);
    let found = all.find(|bucket| bucket.bucket == place);
    let found = found.or_else(|| {
        let mut carried = books.carried.iter();
        carried.find(|bucket| bucket.bucket.contains(place))
    });
    found.map_or(0, |bucket| bucket.amount.u128())
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
            compare(&mut faults, &what, have, ledger.claimable(who, denom));
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

/// At the end: nothing is left but what nobody has earned yet.
pub fn only_carries_are_left(world: &World) -> Faults {
    let (mut faults, ledger) = (vec![], &world.shadow);
    for who in (0..PEOPLE.len()).map(Who) {
        for denom in 0..world.denoms() {
            let what = format!("{} could still claim of currency {denom}", name(who));
            compare(&mut faults, &what, ledger.claimable(who, denom), 0);
            for role in [Role::Nodes, Role::Pool, Role::Bonds, Role::Treasury] {
                let earned = ledger.earned_as(who, role, denom);
                let paid = ledger.paid_to(who, denom);
                if earned > paid {
                    faults.push(format!("{what}: {role:?} {earned}, paid {paid}"));
                }
            }
        }
    }
    for (denom, books) in world.net.distributor().solvency().denoms.iter().enumerate() {
        let nodes = bucket(books, "nodes");
        compare(&mut faults, &format!("currency {denom}, nodes"), nodes, 0);
        // Fractions of a unit of each account, and what the last share did not divide.
        let pool = bucket(books, "pool");
        if pool > PEOPLE.len() as u128 {
            faults.push(format!(
                "currency {denom}: the pool's bucket still has {pool}"
            ));
        }
        let others = ["held", "bonds", "treasury"].map(|place| bucket(books, place));
        compare(
            &mut faults,
            &format!("currency {denom}, others"),
            others,
            [0; 3],
        );
    }
    let vault = &world.net.vault().solvency().denoms[0];
    compare(&mut faults, "the vault holds", vault.liabilities.u128(), 0);
    compare(&mut faults, "fees", world.shadow.fees, 0);
    faults
}
