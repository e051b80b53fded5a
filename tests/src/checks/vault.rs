//! What must hold of stakes of QST.

use std::collections::BTreeMap;

use noderev_api::vault::{LotKind, PositionResponse};

use super::{compare, Faults};
use crate::shadow::{Ended, Who};
use crate::world::{name, World};

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
