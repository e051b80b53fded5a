//! What must hold of keys and their market.

use cosmwasm_std::StdResult;
use noderev_api::registry::QueryMsg as R;
use noderev_components::KeyId;

use super::{compare, Faults};
use crate::shadow::{Key, Who};
use crate::world::{name, World, PEOPLE};

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
