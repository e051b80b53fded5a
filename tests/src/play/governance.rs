//! Random donations, payees, parameters and pauses.

use super::Game;
use crate::act::Act;
use crate::shadow::{RegistryParams, ShareParams, VaultParams, Who, DAY};
use crate::world::{ATTESTERS, GUARDIAN, OWNER};

impl Game {
    pub(super) fn donation_or_payee(&mut self) -> Act {
        let by = self.user();
        match self.below(4) {
            0 => Act::Payee {
                by,
                payee: self.chance(2).then(|| self.user()),
            },
            1 => Act::Policy {
                by,
                self_claim_only: self.chance(2),
            },
            _ => Act::Donate {
                by,
                contract: self.contract(),
                denom: self.below(self.world.denoms() as u64) as usize,
                amount: self.amount(),
            },
        }
    }

    pub(super) fn governance(&mut self) -> Act {
        let by = if self.chance(8) { self.user() } else { OWNER };
        let contract = self.contract();
        match self.below(12) {
            0 | 1 => {
                let factors = [2, 2, 2, 4, 5, 5, 3, 25, 1];
                Act::Split {
                    by,
                    factor: factors[self.below(9) as usize],
                }
            }
            2 => Act::CancelSplit { by },
            3 => Act::CancelParams { by, contract },
            4 => Act::RegistryParams {
                by,
                params: RegistryParams {
                    fee: [0, 1, 250, 500, 501][self.below(5) as usize],
                    notice: self.below(6) * DAY / 2,
                    grace: self.below(6) as u32,
                },
            },
            5 => Act::VaultParams {
                by,
                params: VaultParams {
                    unbonding: self.below(10) * DAY / 2,
                    lock: self.below(10) * DAY,
                },
            },
            6..8 => self.share_params(by),
            8 | 9 => Act::Pause {
                by: if self.chance(3) { GUARDIAN } else { by },
                contract,
                seconds: [1, DAY, 3 * DAY, 14 * DAY, 14 * DAY + 1, 0][self.below(6) as usize],
            },
            _ => Act::Resume { by, contract },
        }
    }

    pub(super) fn share_params(&mut self, by: Who) -> Act {
        let count = 1 + self.below(5) as usize;
        let attesters = ATTESTERS[..count].to_vec();
        let least = count / 2 + usize::from(!self.chance(10));
        let threshold = least + self.below((count - least.min(count)) as u64 + 1) as usize;
        let params = ShareParams {
            network: [6_000, 6_000, 7_777, 10_000, 5_999][self.below(5) as usize],
            unstaked: [3_000, 2_000, 4_000, 3_333][self.below(4) as usize],
            remainder_to_all: self.chance(2),
            attesters,
            threshold,
            report_window: 1 + self.below(DAY * 2 / 3),
            appeal_window: self.below(DAY / 2),
            ruling_window: 1 + self.below(4 * DAY),
            bond: 1 + u128::from(self.below(2_000_000_000)),
        };
        Act::ShareParams { by, params }
    }
}
