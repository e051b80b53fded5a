//! Random acts with the registry and the vault.

use rand::seq::IndexedRandom;
use rand::Rng;

use super::Game;
use crate::act::Act;
use crate::shadow::{Key, Purchase, Who, DAY};
use crate::world::MINTER;

impl Game {
    pub(super) fn keys(&mut self) -> Act {
        let by = self.user();
        match self.below(10) {
            0 if self.world.shadow.keys.len() < 24 => {
                let to = self.user();
                let count = self.below(3) as u32;
                Act::Issue {
                    by: if self.chance(10) { by } else { MINTER },
                    rows: vec![(to, count), (by, 1)],
                }
            }
            0..8 => {
                let (to, key) = (self.user(), self.key_of(by));
                Act::Transfer { by, to, key }
            }
            _ => {
                let (operator, key) = (self.anybody(), self.key_of(by));
                let operator = (!self.chance(4)).then_some(operator);
                Act::Operator { by, key, operator }
            }
        }
    }

    pub(super) fn market(&mut self) -> Act {
        let by = self.user();
        let key = self.key_of(by);
        match self.below(10) {
            0..4 => Act::List {
                by,
                key,
                price: if self.chance(20) { 0 } else { self.amount() },
                buyer: self.chance(5).then(|| self.user()),
                expires: self
                    .chance(3)
                    .then(|| self.world.shadow.now + self.below(3 * DAY)),
                with_stake: self.chance(2),
            },
            4 => {
                let key = self.below(self.world.shadow.keys.len() as u64 + 1) as Key;
                Act::Delist { by, key }
            }
            5 => Act::ClaimFees { by },
            _ => self.buy(by),
        }
    }

    pub(super) fn buy(&mut self, by: Who) -> Act {
        let any = self.chance(4);
        let ledger = &self.world.shadow;
        let listed = (1..).zip(&ledger.keys).filter_map(|(key, facts)| {
            let listing = facts.listing.as_ref()?;
            let his = listing.buyer.is_none_or(|buyer| buyer == by) && facts.owner != by;
            let good = his && !ledger.is_void(listing);
            (any || good).then_some(Purchase {
                key,
                listing: listing.number,
                price: listing.price,
            })
        });
        let listed: Vec<Purchase> = listed.collect();
        let count = 1 + self.below(3) as usize;
        let mut purchases: Vec<Purchase> = listed
            .choose_multiple(&mut self.rng, count)
            .copied()
            .collect();
        if let Some(first) = purchases
            .first_mut()
            .filter(|_| self.rng.random_range(0..12) == 0)
        {
            match self.rng.random_range(0..3) {
                0 => first.price += 1,
                1 => first.listing += 1,
                _ => first.key += 1,
            }
        }
        let sum: u128 = purchases.iter().map(|purchase| purchase.price).sum();
        let sent = if self.chance(15) { sum + 1 } else { sum };
        Act::Buy {
            by,
            purchases,
            sent,
        }
    }

    pub(super) fn nodes(&mut self) -> Act {
        let by = self.user();
        let ledger = &self.world.shadow;
        let own = ledger.keys_of(by);
        let is = |key: &Key, staked: bool| ledger.keys[*key as usize - 1].staked_next == staked;
        let (staked, bare): (Vec<Key>, Vec<Key>) = own.iter().partition(|key| is(key, true));
        let requirement = ledger.requirement();
        if self.chance(3) && !staked.is_empty() {
            let keys = self.some_keys(&staked, 3);
            return Act::Unstake { by, keys };
        }
        let from = if self.chance(20) { own } else { bare };
        let keys = self.some_keys(&from, 4);
        let sent = requirement * keys.len() as u128;
        let off = [0, 0, 0, 0, 0, 0, 1, 2][self.below(8) as usize];
        let sent = match off {
            1 => sent + 1,
            2 => sent.saturating_sub(1),
            _ => sent,
        };
        Act::Stake { by, keys, sent }
    }

    pub(super) fn pool(&mut self) -> Act {
        let by = self.user();
        let have = self.world.shadow.pool_of(by);
        let lots: Vec<u64> = self
            .world
            .shadow
            .lots_of(by)
            .iter()
            .map(|(it, _)| *it)
            .collect();
        match self.below(10) {
            0..3 => Act::PoolIn {
                by,
                sent: if self.chance(15) { 0 } else { self.amount() },
            },
            3..5 => Act::PoolOut {
                by,
                amount: match self.below(5) {
                    0 => have,
                    1 => have + 1,
                    2 => 1,
                    _ => u128::from(self.below(u64::try_from(have).unwrap_or(u64::MAX))),
                },
            },
            5 | 6 => {
                let (now, lots) = (self.world.shadow.now, self.world.shadow.lots.iter());
                let bound = lots.filter(|(_, lot)| lot.release > now);
                let lots: Vec<(Who, u64)> = bound.map(|(lot, _)| *lot).collect();
                let lot = self.pick(&lots).filter(|_| !self.chance(8));
                let (by, lot) = lot.unwrap_or((by, 1));
                Act::CancelLot { by, lot }
            }
            7 => {
                let count = 1 + self.below(3) as usize;
                let mut lots: Vec<u64> = lots
                    .choose_multiple(&mut self.rng, count)
                    .copied()
                    .collect();
                if self.chance(15) {
                    lots.extend(lots.first().copied());
                }
                Act::WithdrawNamed { by, lots }
            }
            _ => Act::WithdrawPage {
                by,
                after: self.chance(4).then(|| self.below(5)),
                limit: 1 + self.below(20) as u32,
            },
        }
    }
}
