//! A plain account of NFTs, delegations and validators, kept beside the contract.

use std::collections::BTreeMap;

use noderev_components::NOTICE_EPOCHS;

use super::super::shadow::{at, set};
use crate::input::{
    DelegationRules, Network, NftAction, NftMove, Tokens, ValidatorAction, ValidatorMove,
};
use crate::results::WeightFrom;

/// Where Quintessence is that is in no delegation.
pub const NOWHERE: u16 = 0;

/// A value by the first epoch in which it counts.
pub type Spans<T> = Vec<(u64, T)>;
/// An NFT: its collection and id.
pub type NftId = (usize, String);

/// An NFT that has been staked.
pub struct Nft {
    pub staker: String,
    pub weight: u128,
    /// The delegation in which it counts, or [`NOWHERE`].
    pub place: u16,
    pub state: NftState,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum NftState {
    Staked,
    /// On its way out, until this second since 1970.
    Leaving(u64),
    /// With its staker.
    Returned,
}

/// A delegation.
pub struct Delegation {
    /// First epoch in which it counts.
    pub from: u64,
    pub owners: Spans<String>,
    pub commissions: Spans<u16>,
}

/// A validator: its seat and delegation.
#[derive(Default)]
pub struct Validator {
    pub placed: Spans<Option<(u16, u16)>>,
}

/// Who has what where.
pub struct Ledger {
    pub rules: DelegationRules,
    start: u64,
    length: u64,
    pub nfts: BTreeMap<NftId, Nft>,
    /// Quintessence by place and account.
    pub weights: BTreeMap<(u16, String), Spans<u128>>,
    pub delegations: Vec<Delegation>,
    pub validators: Vec<Validator>,
    /// Seats that are free, the one freed last at the end.
    free: Vec<u16>,
    /// Number of seats, which is the number of a report's bits.
    pub seats: Spans<u16>,
}

impl Ledger {
    pub fn new(rules: &DelegationRules, network: &Network) -> Self {
        Self {
            rules: rules.clone(),
            start: network.start,
            length: network.epoch_length,
            nfts: BTreeMap::new(),
            weights: BTreeMap::new(),
            delegations: Vec::new(),
            validators: Vec::new(),
            free: Vec::new(),
            seats: vec![(0, 0)],
        }
    }

    /// Everybody who is or was in a delegation, or owns or owned one.
    pub fn accounts(&self) -> impl Iterator<Item = &str> {
        let members = self.weights.keys();
        let members = members.filter(|(place, _)| *place != NOWHERE);
        let owners = self.delegations.iter().flat_map(|one| &one.owners);
        let owners = owners.map(|(_, owner)| owner.as_str());
        members.map(|(_, account)| account.as_str()).chain(owners)
    }

    pub fn delegation(&self, number: u16) -> Option<&Delegation> {
        self.delegations.get(usize::from(number).checked_sub(1)?)
    }

    /// The delegation's owner as of the next epoch.
    pub fn owner(&self, number: u16) -> Option<&str> {
        let owners = &self.delegation(number)?.owners;
        owners.last().map(|(_, owner)| owner.as_str())
    }

    /// The delegation that an account owns as of the next epoch.
    pub fn owned_by(&self, account: &str) -> Option<u16> {
        let mut numbers = (1_u16..).take(self.delegations.len());
        numbers.find(|number| self.owner(*number) == Some(account))
    }

    /// Quintessence of an account in a place in an epoch.
    pub fn weight(&self, place: u16, account: &str, epoch: u64) -> u128 {
        let spans = self.weights.get(&(place, account.to_owned()));
        spans
            .and_then(|spans| at(spans, epoch))
            .copied()
            .unwrap_or(0)
    }

    /// Who has what in a place in an epoch.
    pub fn weights_in(&self, place: u16, epoch: u64) -> impl Iterator<Item = (&str, u128)> {
        let from = (place, String::new());
        let here = self.weights.range(from..);
        here.take_while(move |((there, _), _)| *there == place)
            .map(move |((_, account), spans)| {
                let weight = at(spans, epoch).copied().unwrap_or(0);
                (account.as_str(), weight)
            })
    }

    /// All Quintessence in an epoch.
    pub fn total(&self, epoch: u64) -> u128 {
        let weights = self.weights.values().filter_map(|spans| at(spans, epoch));
        weights.fold(0, |sum, weight| sum.saturating_add(*weight))
    }

    /// Applies what an account did.
    pub fn apply(&mut self, row: &NftMove) {
        let (next, account) = (row.epoch.saturating_add(1), row.account.as_str());
        match &row.action {
            NftAction::Stake { tokens, delegation } => {
                self.stake(next, account, tokens, delegation.unwrap_or(NOWHERE));
            }
            NftAction::Move { tokens, delegation } => {
                self.relocate(next, tokens, delegation.unwrap_or(NOWHERE));
            }
            NftAction::Unstake { tokens } => self.unstake(next, tokens),
            NftAction::Create { commission, .. } => self.create(next, account, *commission),
            NftAction::Commission { commission } => self.commission(next, account, *commission),
            NftAction::Release { member } => {
                if let Some(number) = self.owned_by(account) {
                    self.redirect(next, member, number, NOWHERE);
                }
            }
            NftAction::HandOver { to } => {
                let number = self.owned_by(account).unwrap_or(NOWHERE);
                let index = usize::from(number).wrapping_sub(1);
                if let Some(delegation) = self.delegations.get_mut(index) {
                    set(&mut delegation.owners, next, to.clone());
                }
            }
        }
    }

    fn stake(&mut self, next: u64, account: &str, tokens: &Tokens, place: u16) {
        for id in &tokens.ids {
            let collection = self.rules.collections.get(tokens.collection);
            let weight = collection.map_or(0, |collection| collection.weight_of(id));
            let nft = Nft {
                staker: account.to_owned(),
                weight,
                place,
                state: NftState::Staked,
            };
            self.nfts.insert((tokens.collection, id.clone()), nft);
            self.change(next, place, account, weight, 0);
        }
    }

    fn relocate(&mut self, next: u64, tokens: &Tokens, place: u16) {
        for id in &tokens.ids {
            let key = (tokens.collection, id.clone());
            self.put(next, &key, place);
        }
    }

    /// Lets an NFT count somewhere else.
    fn put(&mut self, next: u64, key: &NftId, place: u16) {
        let Some(nft) = self.nfts.get_mut(key) else {
            return;
        };
        let (staker, weight) = (nft.staker.clone(), nft.weight);
        let before = std::mem::replace(&mut nft.place, place);
        self.change(next, before, &staker, 0, weight);
        self.change(next, place, &staker, weight, 0);
    }

    fn unstake(&mut self, next: u64, tokens: &Tokens) {
        let boundary = next.saturating_mul(self.length).saturating_add(self.start);
        let until = boundary.saturating_add(self.rules.unbonding_period_s);
        for id in &tokens.ids {
            let Some(nft) = self.nfts.get_mut(&(tokens.collection, id.clone())) else {
                continue;
            };
            nft.state = NftState::Leaving(until);
            let (staker, weight, place) = (nft.staker.clone(), nft.weight, nft.place);
            self.change(next, place, &staker, 0, weight);
        }
    }

    fn create(&mut self, next: u64, account: &str, commission: u16) {
        self.delegations.push(Delegation {
            from: next,
            owners: vec![(next, account.to_owned())],
            commissions: vec![(next, commission)],
        });
        let number = u16::try_from(self.delegations.len()).unwrap_or(u16::MAX);
        self.redirect(next, account, NOWHERE, number);
    }

    /// Lets all that an account has in one place count in another.
    fn redirect(&mut self, next: u64, account: &str, from: u16, to: u16) {
        let here =
            |nft: &Nft| nft.staker == account && nft.place == from && nft.state == NftState::Staked;
        let nfts = self.nfts.iter().filter(|(_, nft)| here(nft));
        let keys: Vec<NftId> = nfts.map(|(key, _)| key.clone()).collect();
        for key in keys {
            self.put(next, &key, to);
        }
    }

    fn commission(&mut self, next: u64, account: &str, commission: u16) {
        let index = usize::from(self.owned_by(account).unwrap_or(NOWHERE)).wrapping_sub(1);
        let Some(delegation) = self.delegations.get_mut(index) else {
            return;
        };
        let spans = &mut delegation.commissions;
        let now = at(spans, next).copied().unwrap_or(0);
        if commission > now {
            set(spans, next.saturating_add(NOTICE_EPOCHS.into()), commission);
        } else {
            spans.retain(|(from, _)| *from <= next);
            set(spans, next, commission);
        }
    }

    fn change(&mut self, from: u64, place: u16, account: &str, plus: u128, minus: u128) {
        let key = (place, account.to_owned());
        let spans = self.weights.entry(key).or_default();
        let newest = spans.last().map_or(0, |(_, weight)| *weight);
        let weight = newest.saturating_add(plus).saturating_sub(minus);
        set(spans, from, weight);
    }

    /// NFTs that may return at this second.
    pub fn returning(&self, now: u64) -> Vec<NftId> {
        let due = |nft: &Nft| matches!(nft.state, NftState::Leaving(until) if until <= now);
        let nfts = self.nfts.iter().filter(|(_, nft)| due(nft));
        nfts.map(|(key, _)| key.clone()).collect()
    }

    /// They have returned.
    pub fn returned(&mut self, keys: &[NftId]) {
        for key in keys {
            if let Some(nft) = self.nfts.get_mut(key) {
                nft.state = NftState::Returned;
            }
        }
    }

    /// Applies what an operator did.
    pub fn place(&mut self, row: &ValidatorMove) {
        let next = row.epoch.saturating_add(1);
        let delegation = match row.action {
            ValidatorAction::Register(delegation) => {
                self.validators.push(Validator::default());
                delegation
            }
            ValidatorAction::Assign(delegation) => Some(delegation),
            ValidatorAction::Remove => None,
        };
        let index = usize::try_from(row.validator).unwrap_or(0).wrapping_sub(1);
        let validator = self.validators.get(index);
        let before = validator.and_then(|validator| validator.placed.last());
        let seat = before.and_then(|(_, placed)| placed.map(|(seat, _)| seat));
        let placed = match (delegation, seat) {
            (None, None) => return,
            (None, Some(seat)) => {
                self.free.push(seat);
                None
            }
            (Some(delegation), Some(seat)) => Some((seat, delegation)),
            (Some(delegation), None) => Some((self.take_seat(next), delegation)),
        };
        if let Some(validator) = self.validators.get_mut(index) {
            set(&mut validator.placed, next, placed);
        }
    }

    fn take_seat(&mut self, next: u64) -> u16 {
        if let Some(seat) = self.free.pop() {
            return seat;
        }
        let seat = self.seats.last().map_or(0, |(_, seats)| *seats);
        set(&mut self.seats, next, seat.saturating_add(1));
        seat
    }

    /// A validator's seat and delegation in an epoch.
    pub fn placed(&self, validator: u32, epoch: u64) -> Option<(u16, u16)> {
        let index = usize::try_from(validator).ok()?.checked_sub(1)?;
        *at(&self.validators.get(index)?.placed, epoch)?
    }

    /// Number of seats in an epoch.
    pub fn seats(&self, epoch: u64) -> u16 {
        at(&self.seats, epoch).copied().unwrap_or(0)
    }

    /// Quintessence of members, by delegation, account and epoch.
    pub fn weight_rows(&self) -> Vec<WeightFrom> {
        let members = self.weights.iter();
        let members = members.filter(|((place, _), _)| *place != NOWHERE);
        let rows = members.flat_map(|((delegation, account), spans)| {
            spans.iter().map(|(epoch, weight)| WeightFrom {
                delegation: *delegation,
                account: account.clone(),
                epoch: *epoch,
                weight: *weight,
            })
        });
        rows.collect()
    }
}
