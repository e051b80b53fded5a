//! Random acts with the delegation contract, its token and the collections.

mod epochs;
mod ids;
mod nfts;

use super::Game;
use crate::act::delegation::{Deed, Forgery};
use crate::act::Act;
use crate::shadow::delegation::{
    Activity, Class, CollectionNo, Holder, Id, Nft, Params, Rules, TokenRule,
};
use crate::shadow::{Step, Who, DAY};
use crate::world::{ATTESTERS, GUARDIAN, LATE, OWNER, USERS};
use noderev_testing::{GOLD, PLAIN};

impl Game {
    /// Everybody has staked something, so that delegations can be created from epoch 1 on.
    pub(super) fn open_delegation(&mut self) {
        for (number, by) in USERS.into_iter().enumerate() {
            let heavy = (0..4).map(|it| (GOLD, format!("gold-{number}-{it}")));
            let light = (0..4).map(|it| (GOLD, format!("{number}-{it}")));
            let plain = (0..4).map(|it| (PLAIN, format!("{}", 10 * number + it + 90)));
            for (collection, token) in heavy.chain(light).chain(plain) {
                let nft = Nft::new(collection, &token);
                self.world
                    .must(delegation(by, Deed::MintNft { nft, to: by }));
            }
            for collection in [GOLD, PLAIN] {
                let (operator, on) = (Holder::Contract, true);
                let deed = Deed::ApproveAll {
                    collection,
                    operator,
                    on,
                };
                self.world.must(delegation(by, deed));
                let tokens = self.tokens_at_home(by, collection);
                let place = None;
                let deed = Deed::StakeNfts {
                    collection,
                    tokens,
                    place,
                };
                self.world.must(delegation(by, deed));
            }
        }
    }

    /// What is possible only for a while is done more often then.
    pub(super) fn urgent_delegation(&mut self) -> Option<Act> {
        let ledger = &self.world.delegation;
        match ledger.step(ledger.next_close()) {
            Step::Due(_) if self.chance(3) => Some(self.advance()),
            Step::Reporting(_) if self.chance(5) => Some(self.eligibility()),
            _ => None,
        }
    }

    pub(super) fn delegating(&mut self) -> Act {
        let owed = self.world.delegation.books.mint_owed > 0;
        match self.below(100) {
            _ if owed && self.chance(12) => self.pools(),
            0..16 => self.nft_in(),
            16..22 => self.nft_moves(),
            22..31 => self.nft_out(),
            31..46 => self.delegation_ids(),
            46..62 => self.validators(),
            62..72 => self.eligibility(),
            72..78 => self.advance(),
            78..83 => self.pools(),
            83..95 => self.rewards(),
            95 => self.links(),
            96 => self.forgery(),
            _ => self.delegation_governance(),
        }
    }

    /// Mostly a delegation that there is.
    fn id(&mut self) -> Id {
        let all = self.world.delegation.profiles.len() as u64;
        match self.chance(40) {
            true => self.below(all + 3) as Id,
            false => (self.below(all) + 1) as Id,
        }
    }

    /// Mostly somebody who owns a delegation.
    fn delegation_owner(&mut self) -> Who {
        let owners: Vec<Who> = USERS
            .into_iter()
            .filter(|who| self.world.delegation.owns(*who).is_some())
            .collect();
        match self.chance(12) {
            true => self.user(),
            false => self.pick(&owners).unwrap_or(USERS[0]),
        }
    }

    fn place(&mut self) -> Option<Id> {
        (!self.chance(5)).then(|| self.id())
    }

    fn forgery(&mut self) -> Act {
        let all = [
            Forgery::Receive,
            Forgery::ReceiveNft,
            Forgery::Hook,
            Forgery::Coins,
        ];
        let by = self.user();
        let forgery = self.pick(&all).unwrap_or(Forgery::Coins);
        delegation(by, Deed::Forge(forgery))
    }

    fn links(&mut self) -> Act {
        let (by, length) = (self.user(), [0, 1, 12, 64, 65][self.below(5) as usize]);
        let deed = match self.chance(3) {
            true => Deed::UnlinkClient,
            false => Deed::LinkClient {
                client: "c".repeat(length),
                signed: !self.chance(3),
            },
        };
        delegation(by, deed)
    }

    fn delegation_governance(&mut self) -> Act {
        let by = if self.chance(8) { self.user() } else { OWNER };
        let activity = match self.chance(2) {
            true => Activity::Staking,
            false => Activity::Injections,
        };
        let collection = self.below(4) as CollectionNo;
        let deed = match self.below(12) {
            0..3 => Deed::DelegationParams {
                params: self.delegation_params(),
            },
            3 => Deed::CancelDelegationParams,
            4 | 5 => Deed::SetCollection {
                collection: if self.chance(2) { LATE } else { collection },
                rules: self.rules(),
            },
            6 => Deed::CancelCollection { collection },
            7 => Deed::SetGuardian {
                guardian: match self.below(3) {
                    0 => None,
                    1 => Some(self.anybody()),
                    _ => Some(GUARDIAN),
                },
            },
            8 | 9 => {
                let seconds = [1, DAY, 3 * DAY, 14 * DAY, 14 * DAY + 1, 0];
                let seconds = seconds[self.below(6) as usize];
                let by = if self.chance(3) { GUARDIAN } else { by };
                return delegation(by, Deed::PauseDelegation { activity, seconds });
            }
            _ => Deed::ResumeDelegation { activity },
        };
        delegation(by, deed)
    }

    fn delegation_params(&mut self) -> Params {
        let count = 1 + self.below(5) as usize;
        let least = count / 2 + usize::from(!self.chance(10));
        let threshold = least + self.below((count - least.min(count)) as u64 + 1) as usize;
        let entries = self.below(4);
        let now = self.world.delegation.epoch;
        let mints = [0, 1, 999_999_937, 1_000_000_000, 10_000_000_000_000];
        let step = if self.chance(15) { 0 } else { 5 };
        let schedule = (0..entries).map(|entry| {
            let from = now + step * entry as u32;
            (from, mints[self.below(5) as usize])
        });
        let schedule = schedule.collect();
        Params {
            slot_size: self.mostly([20_000, 20_000, 7_777, 1_000, 30_011, 0], 5),
            own_quintessence: self.mostly([10_000, 10_000, 1_000, 20_001, 0], 4),
            unbonding: self.below(8) * DAY / 2,
            schedule,
            attesters: ATTESTERS[..count].to_vec(),
            threshold,
            report_window: 1 + self.below(DAY * 2 / 3),
        }
    }

    fn rules(&mut self) -> Rules {
        let weights = [0, 1, 500, 1_000, 10_000, 12_345, 1_000_000_000_001];
        let mut weight = || self.mostly(weights, 6);
        let (own, first, second) = (weight(), weight(), weight());
        let classes = vec![
            Class {
                name: "gold".into(),
                tokens: TokenRule::Prefix("gold-".into()),
                weight: first,
            },
            Class {
                name: "numbers".into(),
                tokens: TokenRule::Range(1 + self.below(200), 100),
                weight: second,
            },
        ];
        Rules {
            weight: own,
            classes,
        }
    }
}

/// An act with the delegation contract.
pub(super) fn delegation(by: Who, deed: Deed) -> Act {
    Act::Delegation { by, deed }
}
