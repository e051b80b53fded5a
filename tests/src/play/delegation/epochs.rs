//! Reports, advances, money in and out.

use noderev_testing::REWARD;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{delegation, Game};
use crate::act::delegation::Deed;
use crate::act::Act;
use crate::shadow::delegation::Id;
use crate::shadow::Epoch;
use crate::world::KEEPER;

impl Game {
    pub(super) fn eligibility(&mut self) -> Act {
        let ledger = &self.world.delegation;
        let next = ledger.next_close();
        let open = ledger.epoch.saturating_sub(next);
        let far = u64::from(open.max(1)).min(3);
        let epoch = next + self.below(far) as Epoch;
        let attesters = self.world.delegation.params.at(epoch).attesters.clone();
        let by = match self.chance(25) {
            true => self.anybody(),
            false => self.pick(&attesters).unwrap_or(KEEPER),
        };
        let bits = self.world.delegation.report_bits(epoch).unwrap_or(3);
        let bits = if self.chance(40) { bits + 9 } else { bits };
        let down = [0, 0, 3, 10, 90][self.below(5) as usize];
        // The same for all attesters of an epoch but for a few bits.
        let mut common = ChaCha8Rng::seed_from_u64(u64::from(epoch) + 1_000_000);
        let bits = (0..bits)
            .map(|_| {
                let fit = common.random_range(0..100) >= 20;
                fit != (self.below(100) < down)
            })
            .collect();
        let spoiled = self.chance(60);
        let deed = Deed::ReportEligible {
            epoch,
            bits,
            spoiled,
        };
        delegation(by, deed)
    }

    pub(super) fn advance(&mut self) -> Act {
        let next = self.world.delegation.next_close();
        let epoch = match self.below(20) {
            0 => next + 1,
            1 => next.saturating_sub(1),
            _ => next,
        };
        let by = self.anybody();
        delegation(by, Deed::Advance { epoch })
    }

    pub(super) fn pools(&mut self) -> Act {
        let by = self.user();
        let deed = match self.below(10) {
            0..4 => {
                self.references += u64::from(!self.chance(20));
                Deed::Inject {
                    amount: if self.chance(30) { 0 } else { self.amount() },
                    over: [1, 1, 2, 7, 30, 366, 367, 0][self.below(8) as usize],
                    reference: format!("gift {}", self.references),
                }
            }
            4..7 => Deed::RetryMint,
            7..9 => Deed::Burn {
                amount: match self.chance(2) {
                    true => 3 * self.world.delegation.books.mint_owed + 1,
                    false => (1 + u128::from(self.below(200))) * 100 * REWARD,
                },
            },
            _ => Deed::DonateRewards {
                amount: self.amount(),
            },
        };
        delegation(by, deed)
    }

    fn named(&mut self) -> Option<Vec<Id>> {
        match self.below(3) {
            0 => None,
            _ => {
                let count = match self.below(40) {
                    0 => 0,
                    1 => 41,
                    _ => 1 + self.below(3),
                };
                let mut ids: Vec<Id> = (0..count).map(|_| self.id()).collect();
                if !self.chance(20) {
                    ids.sort_unstable();
                    ids.dedup();
                }
                Some(ids)
            }
        }
    }

    pub(super) fn rewards(&mut self) -> Act {
        let by = if self.chance(6) {
            self.anybody()
        } else {
            self.user()
        };
        let deed = match self.below(20) {
            0..3 => Deed::SettleDelegation { id: self.id() },
            3..6 => Deed::SettleRewards {
                account: self.chance(3).then(|| self.user()),
                ids: self.named(),
            },
            6 => Deed::RewardPayee {
                payee: self.chance(2).then(|| self.user()),
            },
            7 => Deed::RewardPolicy {
                self_claim_only: self.chance(2),
            },
            _ => Deed::ClaimRewards {
                account: self.chance(4).then(|| self.user()),
                ids: self.named(),
                to: self.chance(8).then(|| self.user()),
            },
        };
        delegation(by, deed)
    }
}
