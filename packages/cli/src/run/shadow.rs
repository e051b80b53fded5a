//! A plain account of owners and pool stakes, kept beside the contracts.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::{Sale, Scenario, StakeAction, StakeMove, Timeline};
use crate::results::{OwnedFrom, StakedFrom};

/// Who owns what, and who has staked what.
pub(super) struct Shadow {
    timeline: Timeline,
    /// Per key: owners by the first epoch at whose end they own it.
    owners: Vec<Vec<(u64, String)>>,
    /// Per account: pool stakes by the first epoch in which they count.
    pool: BTreeMap<String, Vec<(u64, u128)>>,
    /// Keys that each account owns or has owned.
    keys: BTreeMap<String, BTreeSet<u32>>,
}

impl Shadow {
    pub fn new(scenario: &Scenario) -> Self {
        let mut shadow = Self {
            timeline: scenario.timeline(),
            owners: Vec::new(),
            pool: BTreeMap::new(),
            keys: BTreeMap::new(),
        };
        for owner in &scenario.owners {
            shadow.add_key(0, owner.clone());
        }
        shadow
    }

    /// Everybody who owns or has owned a key, or has staked.
    pub fn accounts(&self) -> BTreeSet<&str> {
        let owners = self.keys.keys().map(String::as_str);
        owners.chain(self.pool.keys().map(String::as_str)).collect()
    }

    /// Keys that an account owns or has owned.
    pub fn keys_of(&self, account: &str) -> Vec<u32> {
        let keys = self.keys.get(account);
        keys.map(|keys| keys.iter().copied().collect())
            .unwrap_or_default()
    }

    /// Owners of all keys at the end of an epoch.
    pub fn owners_at(&self, epoch: u64) -> impl Iterator<Item = Option<&str>> {
        self.owners
            .iter()
            .map(move |owners| at(owners, epoch).map(String::as_str))
    }

    /// What everybody had in the pool in an epoch.
    pub fn pool_at(&self, epoch: u64) -> impl Iterator<Item = (&str, u128)> {
        let stakes = self.pool.iter();
        stakes.filter_map(move |(account, stakes)| Some((account.as_str(), *at(stakes, epoch)?)))
    }

    /// A change of pool stake; it counts from the next epoch.
    pub fn move_pool(&mut self, row: &StakeMove) {
        let (put_in, taken_out) = match row.action {
            StakeAction::Deposit { amount } => (amount, 0),
            StakeAction::Withdraw { amount } => (0, amount),
            StakeAction::StakeNode { .. } | StakeAction::UnstakeNode { .. } => return,
        };
        let stakes = self.pool.entry(row.account.clone()).or_default();
        let newest = stakes.last().map_or(0, |(_, stake)| *stake);
        let stake = newest.saturating_add(put_in).saturating_sub(taken_out);
        set(stakes, row.epoch.saturating_add(1), stake);
    }

    /// A sale; the key's reward of this epoch is the buyer's already.
    pub fn sell(&mut self, sale: &Sale) {
        let index = usize::try_from(sale.key)
            .ok()
            .and_then(|key| key.checked_sub(1));
        if let Some(owners) = index.and_then(|index| self.owners.get_mut(index)) {
            set(owners, sale.epoch, sale.buyer.clone());
            self.keys
                .entry(sale.buyer.clone())
                .or_default()
                .insert(sale.key);
        }
    }

    /// Adds the keys of a split that takes effect with this epoch.
    pub fn split(&mut self, epoch: u64) {
        let parents = self.owners.len();
        let children = usize::try_from(self.timeline.keys(epoch)).unwrap_or(0);
        for child in parents..children {
            let parent = child.checked_rem(parents).unwrap_or(0);
            let owner = self.owners.get(parent).and_then(|owners| owners.last());
            let owner = owner.map(|(_, owner)| owner.clone()).unwrap_or_default();
            self.add_key(epoch, owner);
        }
    }

    /// Owners of keys, by key and epoch.
    pub fn owned(&self) -> Vec<OwnedFrom> {
        let rows = (1_u32..).zip(&self.owners).flat_map(|(key, owners)| {
            owners.iter().map(move |(epoch, owner)| OwnedFrom {
                key,
                epoch: *epoch,
                owner: owner.clone(),
            })
        });
        rows.collect()
    }

    /// Pool stakes, by account and epoch.
    pub fn staked(&self) -> Vec<StakedFrom> {
        let rows = self.pool.iter().flat_map(|(account, stakes)| {
            stakes.iter().map(move |(epoch, stake)| StakedFrom {
                account: account.clone(),
                epoch: *epoch,
                stake: *stake,
            })
        });
        rows.collect()
    }

    fn add_key(&mut self, epoch: u64, owner: String) {
        let key = u32::try_from(self.owners.len()).unwrap_or(u32::MAX);
        let keys = self.keys.entry(owner.clone()).or_default();
        keys.insert(key.saturating_add(1));
        self.owners.push(vec![(epoch, owner)]);
    }
}

/// The value in force in an epoch.
pub(super) fn at<T>(values: &[(u64, T)], epoch: u64) -> Option<&T> {
    let after = values.partition_point(|(from, _)| *from <= epoch);
    let newest = values.get(after.checked_sub(1)?)?;
    Some(&newest.1)
}

/// Sets the value from an epoch on.
pub(super) fn set<T>(values: &mut Vec<(u64, T)>, epoch: u64, value: T) {
    match values.last_mut() {
        Some((from, newest)) if *from == epoch => *newest = value,
        _ => values.push((epoch, value)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{generate, Size};

    #[test]
    fn a_value_counts_from_its_epoch_on() {
        let mut values = vec![];
        set(&mut values, 2, 'a');
        set(&mut values, 5, 'b');
        set(&mut values, 5, 'c');
        assert_eq!(
            [1, 2, 4, 5, 9].map(|epoch| at(&values, epoch).copied()),
            [None, Some('a'), Some('a'), Some('c'), Some('c')]
        );
    }

    #[test]
    fn children_of_a_split_are_their_parents_owners_from_its_epoch_on() {
        let scenario = generate(1, Size::SMALL);
        let split = scenario.timeline().splits()[0].from;
        let mut shadow = Shadow::new(&scenario);
        shadow.split(split - 1);
        assert_eq!(shadow.owners.len(), 120);
        shadow.split(split);
        let owners: Vec<Option<&str>> = shadow.owners_at(split).collect();
        assert_eq!(owners.len(), 240);
        assert_eq!(owners[..120], owners[120..]);
        let before = shadow.owners_at(split - 1).flatten();
        assert_eq!(before.count(), 120);
    }
}
