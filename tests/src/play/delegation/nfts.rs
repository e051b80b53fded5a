//! NFTs in, between delegations, and out.

use noderev_testing::{GOLD, PLAIN, WEIGHTS};
use rand::seq::IndexedRandom;

use super::{delegation, Game};
use crate::act::delegation::Deed;
use crate::act::Act;
use crate::shadow::delegation::{CollectionNo, Holder, Id, Nft};
use crate::shadow::Who;
use crate::world::{KEEPER, LATE, OWNER};

/// Most NFTs that somebody has.
const NFTS: usize = 36;

impl Game {
    fn nfts_at_home(&self, who: Who) -> Vec<Nft> {
        let all = self.world.delegation.holders.iter();
        let his = all.filter(|(_, holder)| **holder == Holder::Account(who));
        his.map(|(nft, _)| nft.clone()).collect()
    }

    pub(super) fn tokens_at_home(&self, who: Who, collection: CollectionNo) -> Vec<String> {
        let nfts = self.nfts_at_home(who).into_iter();
        let here = nfts.filter(|nft| nft.collection == collection);
        here.map(|nft| nft.token).collect()
    }

    /// A few of them; sometimes one twice, none, or too many, to be refused.
    fn some<T: Clone>(&mut self, from: &[T], most: usize) -> Vec<T> {
        let count = match self.below(60) {
            0 => 0,
            1 => 31,
            _ => 1 + self.below(most as u64) as usize,
        };
        let some = from.choose_multiple(&mut self.rng, count).cloned();
        let mut some: Vec<T> = some.collect();
        if self.chance(30) {
            some.extend(some.first().cloned());
        }
        some
    }

    fn new_nft(&mut self) -> Nft {
        self.references += 1;
        let number = self.references;
        match self.below(6) {
            0 => Nft::new(GOLD, &format!("gold-{number}")),
            1 => Nft::new(GOLD, &format!("{number}")),
            2 => Nft::new(PLAIN, &format!("{}", number % 120)),
            3 => Nft::new(PLAIN, &format!("{number:04}")),
            4 => {
                let weight = [1, 7, 20, 500, 2_000, 10_000, 50_000][self.below(7) as usize];
                Nft::new(WEIGHTS, &format!("{weight}-{number}"))
            }
            _ => Nft::new(LATE, &format!("{number}")),
        }
    }

    /// Where to: an owner mostly restores his part.
    fn place_of(&mut self, who: Who) -> Option<Id> {
        match self.world.delegation.owns(who).filter(|_| !self.chance(3)) {
            Some(id) => Some(id),
            None => self.place(),
        }
    }

    pub(super) fn nft_in(&mut self) -> Act {
        let by = self.user();
        let home = self.nfts_at_home(by);
        let staked = self.world.delegation.nfts_of(by).len();
        let deed = match self.below(20) {
            0..3 if home.len() + staked < NFTS => Deed::MintNft {
                nft: self.new_nft(),
                to: by,
            },
            3 => {
                let operator = match self.chance(2) {
                    true => Holder::Contract,
                    false => Holder::Account(self.user()),
                };
                Deed::ApproveAll {
                    collection: self.below(4) as CollectionNo,
                    operator,
                    on: !self.chance(3),
                }
            }
            4 => {
                let holder = match self.chance(4) {
                    true => Holder::Contract,
                    false => Holder::Account(self.user()),
                };
                let nft = self.any_nft(&home);
                Deed::GiveNft { nft, to: holder }
            }
            5..13 => {
                let (nft, place) = (self.any_nft(&home), self.place_of(by));
                Deed::SendNft { nft, place }
            }
            _ => {
                let collection = match home.choose(&mut self.rng) {
                    Some(nft) => nft.collection,
                    None => GOLD,
                };
                let own = self.tokens_at_home(by, collection);
                let mut tokens = self.some(&own, 4);
                if self.chance(20) {
                    tokens.push(self.any_nft(&[]).token);
                }
                Deed::StakeNfts {
                    collection,
                    tokens,
                    place: self.place_of(by),
                }
            }
        };
        delegation(by, deed)
    }

    /// Mostly one of these, or else any.
    fn any_nft(&mut self, from: &[Nft]) -> Nft {
        let some = from.choose(&mut self.rng).cloned();
        match some.filter(|_| !self.chance(20)) {
            Some(nft) => nft,
            None => {
                let all = self.world.delegation.holders.len() as u64;
                let at = self.below(all) as usize;
                let mut nfts = self.world.delegation.holders.keys();
                nfts.nth(at).cloned().unwrap_or(Nft::new(GOLD, "none"))
            }
        }
    }

    /// Staked by somebody and not leaving; sometimes one that is not.
    fn staying(&mut self, by: Who) -> Vec<Nft> {
        let nfts = self.world.delegation.nfts_of(by).into_iter();
        let staying = nfts.filter(|(_, record)| record.withdrawable_at.is_none());
        let mut staying: Vec<Nft> = staying.map(|(nft, _)| nft).collect();
        // Owners mostly keep their part.
        let coming = self.world.delegation.coming();
        let owned = self.world.delegation.owns(by).filter(|_| !self.chance(4));
        if let Some(id) = owned {
            let elsewhere = |nft: &Nft| coming.nfts.get(nft).is_some_and(|it| it.place != Some(id));
            staying.retain(elsewhere);
        }
        let mut some = self.some(&staying, 4);
        if self.chance(30) {
            some.push(self.any_nft(&[]));
        }
        some
    }

    pub(super) fn nft_moves(&mut self) -> Act {
        let by = self.user();
        let (nfts, place) = (self.staying(by), self.place());
        delegation(by, Deed::MoveNfts { nfts, place })
    }

    pub(super) fn nft_out(&mut self) -> Act {
        let by = self.user();
        let deed = match self.below(12) {
            0..4 => Deed::UnstakeNfts {
                nfts: self.staying(by),
            },
            4..10 => Deed::WithdrawNfts {
                nfts: self.leaving(),
            },
            10 => {
                let held = self.world.delegation.holders.iter();
                let held = held.filter(|(_, holder)| **holder == Holder::Contract);
                let held: Vec<Nft> = held.map(|(nft, _)| nft.clone()).collect();
                let stray = held.iter();
                let stray = stray.filter(|nft| !self.world.delegation.records.contains_key(nft));
                let stray: Vec<Nft> = stray.cloned().collect();
                // What is staked, or still with its owner, is not the contract's to give.
                let home = self.nfts_at_home(by);
                let nft = match self.below(4) {
                    0 => self.any_nft(&held),
                    1 => self.any_nft(&home),
                    _ => self.any_nft(if stray.is_empty() { &held } else { &stray }),
                };
                let by = if self.chance(8) { by } else { OWNER };
                let to = self.user();
                return delegation(by, Deed::ReturnStray { nft, to });
            }
            _ => return self.stick(),
        };
        delegation(by, deed)
    }

    /// A collection keeps an NFT, or lets it go again.
    fn stick(&mut self) -> Act {
        let stuck: Vec<Nft> = self.world.delegation.stuck.iter().cloned().collect();
        if stuck.len() > 3 || self.chance(2) {
            if let Some(nft) = stuck.choose(&mut self.rng) {
                let (nft, on) = (nft.clone(), false);
                return delegation(KEEPER, Deed::Stick { nft, on });
            }
        }
        let leaving = self.world.delegation.records.iter();
        let leaving = leaving.filter(|(nft, _)| nft.collection == PLAIN);
        let leaving: Vec<Nft> = leaving.map(|(nft, _)| nft.clone()).collect();
        match leaving.choose(&mut self.rng) {
            Some(nft) => {
                let (nft, on) = (nft.clone(), true);
                delegation(KEEPER, Deed::Stick { nft, on })
            }
            None => self.nft_moves(),
        }
    }

    /// Mostly NFTs that can be withdrawn, of anybody.
    fn leaving(&mut self) -> Vec<Nft> {
        let (now, early) = (self.world.delegation.now, self.chance(10));
        let records = self.world.delegation.records.iter();
        let due = records.filter(|(_, it)| it.withdrawable_at.is_some_and(|at| early || at <= now));
        let due: Vec<Nft> = due.map(|(nft, _)| nft.clone()).collect();
        let mut some = self.some(&due, 5);
        if self.chance(25) {
            some.push(self.any_nft(&[]));
        }
        some
    }
}
