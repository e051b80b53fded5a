//! Random acts with the distributor.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::Game;
use crate::act::Act;
use crate::shadow::{Epoch, Key, Kind, Outcome};
use crate::world::{ARBITER, CUSTOMER, KEEPER, TREASURY};

impl Game {
    pub(super) fn evidence(&mut self) -> Act {
        let ledger = &self.world.shadow;
        let next = ledger.next_close();
        let open = ledger.epoch.saturating_sub(next);
        let far = u64::from(open.max(1)).min(3);
        let epoch = next + self.below(far) as Epoch;
        let attesters = self.world.shadow.share_params.at(epoch).attesters.clone();
        let by = match self.chance(25) {
            true => self.anybody(),
            false => self.pick(&attesters).unwrap_or(KEEPER),
        };
        let bits = self.world.shadow.report_bits(epoch).unwrap_or(3);
        let bits = if self.chance(40) { bits + 9 } else { bits };
        let down = [0, 0, 3, 10, 90][self.below(5) as usize];
        // The same for all attesters of an epoch but for a few bits.
        let mut common = ChaCha8Rng::seed_from_u64(u64::from(epoch));
        let bits = (0..bits)
            .map(|_| {
                let ran = common.random_range(0..100) >= 25;
                if self.below(100) < down {
                    !ran
                } else {
                    ran
                }
            })
            .collect();
        Act::Report { by, epoch, bits }
    }

    pub(super) fn close(&mut self) -> Act {
        if self.chance(8) {
            return Act::Roll { by: KEEPER };
        }
        let next = self.world.shadow.next_close();
        let epoch = if self.chance(15) { next + 1 } else { next };
        let by = self.anybody();
        Act::Close { by, epoch }
    }

    pub(super) fn revenue(&mut self) -> Act {
        let denom = self.below(self.world.denoms() as u64) as usize;
        let over = [1, 1, 2, 7, 30, 366, 367, 0][self.below(8) as usize];
        self.references += u64::from(!self.chance(20));
        let amount = if self.chance(30) { 0 } else { self.amount() };
        // A bank send of nothing never reaches the contract.
        let amount = if denom == 0 { amount.max(1) } else { amount };
        Act::Deposit {
            by: CUSTOMER,
            denom,
            amount,
            over,
            reference: format!("invoice {}", self.references),
        }
    }
    pub(super) fn claims(&mut self) -> Act {
        let by = match self.below(6) {
            0 => TREASURY,
            1 => self.anybody(),
            _ => self.user(),
        };
        let keys = match self.below(3) {
            0 => None,
            1 => {
                let own = self.world.shadow.keys_of(by);
                Some(self.some_keys(&own, 5))
            }
            _ => {
                let all: Vec<Key> = (1..=self.world.shadow.keys.len() as Key).collect();
                Some(self.some_keys(&all, 5))
            }
        };
        match self.below(10) {
            0 => {
                let account = self.chance(3).then(|| self.user());
                Act::Settle { by, account, keys }
            }
            1 | 2 => Act::Compound { by, keys },
            _ => Act::Claim {
                by,
                account: self.chance(4).then(|| self.user()),
                keys,
                denoms: self.chance(3).then(|| {
                    let denoms = self.world.denoms() as u64;
                    vec![self.below(denoms) as usize]
                }),
                to: self.chance(8).then(|| self.user()),
            },
        }
    }

    pub(super) fn disputes(&mut self) -> Act {
        let (closed, early) = (self.world.shadow.next_close(), self.chance(10));
        let disputes = self.world.shadow.disputes.iter();
        let open: Vec<(Epoch, Key)> = disputes
            .filter(|((epoch, _), it)| it.outcome == Outcome::Open && (early || *epoch < closed))
            .map(|(at, _)| *at)
            .collect();
        let ended = self.pick(&open);
        let Some((epoch, key)) = ended else {
            return self.dispute();
        };
        let same: Vec<Key> = open
            .iter()
            .filter(|it| it.0 == epoch)
            .map(|it| it.1)
            .collect();
        let keys = if self.chance(2) { same } else { vec![key] };
        let keys = keys.into_iter().take(33).collect();
        match self.below(3) {
            0 => Act::Resolve {
                by: KEEPER,
                epoch,
                keys,
            },
            _ => Act::Rule {
                by: if self.chance(12) { KEEPER } else { ARBITER },
                epoch,
                keys,
                upheld: self.chance(2),
            },
        }
    }

    pub(super) fn dispute(&mut self) -> Act {
        let ledger = &self.world.shadow;
        let epoch = ledger.next_close();
        let ran = (epoch < ledger.epoch)
            .then(|| ledger.result(epoch))
            .flatten();
        let ran = ran.unwrap_or_default();
        let kind = if self.chance(2) {
            Kind::Appeal
        } else {
            Kind::Challenge
        };
        let fitting = (1..)
            .zip(&ran)
            .filter(|(_, ran)| **ran == (kind == Kind::Challenge));
        let fitting: Vec<Key> = fitting.map(|(key, _)| key).collect();
        let mut keys = self.some_keys(&fitting, 2);
        let mut by = self.user();
        if kind == Kind::Appeal && !self.chance(10) {
            keys.truncate(1);
            if let Some(key) = keys.first().filter(|_| !ran.is_empty()) {
                by = self.world.shadow.ended[epoch as usize].owners[*key as usize - 1];
                let operator = self.world.shadow.keys[*key as usize - 1].operator;
                if let Some((operator, _)) = operator.filter(|_| self.rng.random_range(0..3) == 0) {
                    by = operator;
                }
            }
        }
        let bond = self.world.shadow.share_params.at(epoch).bond;
        let sent = bond * keys.len() as u128 + u128::from(self.chance(20));
        Act::Dispute {
            by,
            kind,
            epoch,
            keys,
            sent,
        }
    }
}
