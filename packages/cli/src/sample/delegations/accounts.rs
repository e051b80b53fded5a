//! Accounts and their NFTs.

use rand::Rng;

use super::{Kind, KINDS};
use crate::input::Tokens;

/// An NFT of an account.
#[derive(Clone)]
pub(super) struct Held {
    pub kind: usize,
    pub id: u64,
    pub place: Place,
}

/// Where an NFT is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// With its holder, who may stake it from this epoch on.
    Out { from: u64 },
    /// Staked in no delegation.
    Undelegated,
    /// In a delegation.
    In(u16),
}

/// An account.
#[derive(Clone)]
pub(super) struct Person {
    pub name: String,
    pub held: Vec<Held>,
    /// First epoch in which it does something again.
    pub free_from: u64,
}

/// Gives out ids.
#[derive(Default)]
pub(super) struct Mint {
    minted: [u64; KINDS.len()],
}

impl Mint {
    pub fn next(&mut self, kind: usize) -> Held {
        let minted = self.minted.get_mut(kind);
        let number = minted.map_or(0, |minted| {
            let number = *minted;
            *minted = minted.saturating_add(1);
            number
        });
        Held {
            kind,
            id: kind_of(kind).first.saturating_add(number),
            place: Place::Out { from: 0 },
        }
    }

    /// An owner's NFTs: enough for a delegation; a few hold a lot.
    pub fn owner(&mut self, rank: u32, rng: &mut impl Rng) -> Vec<Held> {
        let whales = [9, 6, 4, 3];
        let rank = usize::try_from(rank).unwrap_or(usize::MAX);
        let council = whales.get(rank).copied().unwrap_or(1);
        let founders = rng.random_range(0..=5);
        self.of(&[(0, council), (1, founders)])
    }

    /// One NFT that is enough for a delegation.
    pub fn owners_part(&mut self) -> Held {
        self.next(0)
    }

    /// A participant's NFTs: too few for a delegation.
    pub fn participant(&mut self, rng: &mut impl Rng) -> Vec<Held> {
        let founders = u32::from(rng.random_bool(0.2));
        let early = rng.random_range(0..=2);
        let citizens = rng.random_range(1..=4);
        self.of(&[(1, founders), (2, early), (3, citizens)])
    }

    fn of(&mut self, counts: &[(usize, u32)]) -> Vec<Held> {
        let mut held = Vec::new();
        for (kind, count) in counts {
            held.extend((0..*count).map(|_| self.next(*kind)));
        }
        held
    }
}

impl Held {
    /// Whether it alone is enough for a delegation.
    pub fn is_owners_part(&self) -> bool {
        self.kind == 0
    }

    pub fn weight(&self) -> u64 {
        kind_of(self.kind).weight
    }
}

impl Person {
    /// Quintessence in a place.
    pub fn weight_in(&self, place: Place) -> u64 {
        let there = self.held.iter().filter(|held| held.place == place);
        there.map(Held::weight).fold(0, u64::saturating_add)
    }

    /// Puts what `chosen` picks somewhere else; the NFTs by collection, as rows name them.
    pub fn put(&mut self, chosen: impl Fn(&Held) -> bool, to: Place) -> Vec<Tokens> {
        let mut tokens: Vec<Tokens> = Vec::new();
        for held in self.held.iter_mut().filter(|held| chosen(held)) {
            held.place = to;
            let collection = kind_of(held.kind).collection;
            let id = held.id.to_string();
            match tokens.iter_mut().find(|one| one.collection == collection) {
                Some(known) => known.ids.push(id),
                None => tokens.push(Tokens {
                    collection,
                    ids: vec![id],
                }),
            }
        }
        tokens
    }
}

fn kind_of(kind: usize) -> Kind {
    KINDS.get(kind).copied().unwrap_or(KINDS[0])
}
