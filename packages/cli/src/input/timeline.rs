//! When splits take effect, and how many keys and how much stake that means for each epoch.

use super::Network;

/// QST units (10^-6 QST) that a node's stake takes before any split: 200,000 QST.
pub const NODE_STAKE: u128 = 200_000_000_000;

/// Seconds into its epoch at which a split is announced.
pub const ANNOUNCED_AFTER_S: u64 = 1;

/// First epoch in which a split is in force that is announced one second after the beginning of
/// epoch `announced`: the first boundary at or after the announcement plus `notice_s` seconds, which
/// are at least a whole epoch.
pub fn split_effective(announced: u64, epoch_length_s: u64, notice_s: u64) -> u64 {
    let time = announced
        .saturating_mul(epoch_length_s)
        .saturating_add(ANNOUNCED_AFTER_S)
        .saturating_add(notice_s.max(epoch_length_s));
    time.div_ceil(epoch_length_s.max(1))
}

/// A split with the epochs in which it acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectiveSplit {
    /// First epoch in which the new keys exist.
    pub from: u64,
    /// First epoch whose reports cover the new keys.
    pub reported_from: u64,
    /// What every key becomes.
    pub factor: u32,
}

/// Keys and node stake per epoch, derived from the splits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timeline {
    genesis_keys: u32,
    splits: Vec<EffectiveSplit>,
}

impl Timeline {
    /// The timeline of a network with `genesis_keys` keys in epoch 0.
    pub fn new(network: &Network, genesis_keys: u32) -> Self {
        Self {
            genesis_keys,
            splits: effective_splits(network),
        }
    }

    /// The splits in order, also those that take effect after the run.
    pub fn splits(&self) -> &[EffectiveSplit] {
        &self.splits
    }

    /// Product of the factors in force in an epoch, 1 before any split.
    pub fn factor(&self, epoch: u64) -> u32 {
        self.product(|split| split.from <= epoch)
    }

    /// Keys issued in an epoch.
    pub fn keys(&self, epoch: u64) -> u32 {
        self.genesis_keys.saturating_mul(self.factor(epoch))
    }

    /// Keys that a report on an epoch covers: the parents only during a split's grace.
    pub fn reported_keys(&self, epoch: u64) -> u32 {
        self.genesis_keys
            .saturating_mul(self.product(|split| split.reported_from <= epoch))
    }

    /// QST units that staking a node takes in an epoch.
    pub fn node_stake(&self, epoch: u64) -> u128 {
        NODE_STAKE
            .checked_div(u128::from(self.factor(epoch)))
            .unwrap_or(NODE_STAKE)
    }

    fn product(&self, counts: impl Fn(&EffectiveSplit) -> bool) -> u32 {
        let factors = self
            .splits
            .iter()
            .filter(|split| counts(split))
            .map(|split| split.factor);
        factors.fold(1, u32::saturating_mul)
    }
}

/// The network's splits with the epochs in which they act.
pub fn effective_splits(network: &Network) -> Vec<EffectiveSplit> {
    let params = &network.params;
    let effective =
        |announced| split_effective(announced, network.epoch_length, params.split_notice_s);
    network
        .splits
        .iter()
        .map(|split| EffectiveSplit {
            from: effective(split.epoch),
            reported_from: effective(split.epoch).saturating_add(params.split_grace),
            factor: split.factor,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Split;

    const DAY: u64 = 86_400;

    #[test]
    fn a_split_waits_for_the_first_boundary_after_its_notice() {
        // Announced at 10 d + 1 s; 30 d of notice end at 40 d + 1 s; the next boundary is 41 d.
        assert_eq!(split_effective(10, DAY, 30 * DAY), 41);
        // The notice ends exactly at a boundary: that boundary counts.
        assert_eq!(split_effective(10, DAY, 30 * DAY - 1), 40);
        // Without notice a whole epoch goes by.
        assert_eq!(split_effective(0, DAY, 0), 2);
        // Epochs of 10 s, notice of 25 s: 1 + 25 = 26 s, boundary at 30 s.
        assert_eq!(split_effective(0, 10, 25), 3);
    }

    #[test]
    fn reports_cover_the_parents_until_the_grace_ends() {
        let mut network = Network::sample("test", 90);
        network.params.split_notice_s = 30 * DAY;
        network.params.split_grace = 20;
        network.splits = vec![Split {
            epoch: 10,
            factor: 2,
        }];
        let timeline = Timeline::new(&network, 100);
        assert_eq!((timeline.keys(40), timeline.reported_keys(40)), (100, 100));
        assert_eq!((timeline.keys(41), timeline.reported_keys(41)), (200, 100));
        assert_eq!((timeline.keys(60), timeline.reported_keys(60)), (200, 100));
        assert_eq!((timeline.keys(61), timeline.reported_keys(61)), (200, 200));
        assert_eq!(timeline.node_stake(40), 200_000_000_000);
        assert_eq!(timeline.node_stake(41), 100_000_000_000);
    }
}
