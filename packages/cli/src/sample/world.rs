//! The state of a made-up network while it lives: who owns and who stakes which key.

use rand::seq::{index, IndexedRandom};
use rand::Rng;

use super::pool::Pool;
use super::{operator, permille, Size};
use crate::input::{Sale, StakeAction, StakeMove, Timeline};

/// Epochs in which a key rests after an action, so that what left is gone and what came counts.
const REST: u64 = 3;
/// Thousandths of all keys that are staked at first, and that are staked later per epoch.
const STAKED_AT_FIRST: u32 = 220;
const STAKED_PER_EPOCH: u32 = 3;
/// Tries to find a key on which something can be done.
const TRIES: u32 = 200;

#[derive(Clone)]
struct Key {
    owner: String,
    staked: bool,
    /// First epoch in which something may be done with it.
    free_from: u64,
}

pub(super) struct World<'a> {
    size: Size,
    timeline: &'a Timeline,
    keys: Vec<Key>,
    pool: Pool,
    pub stakes: Vec<StakeMove>,
    pub sales: Vec<Sale>,
}

impl<'a> World<'a> {
    pub fn new(owners: &[String], size: Size, timeline: &'a Timeline) -> Self {
        let key = |owner: &String| Key {
            owner: owner.clone(),
            staked: false,
            free_from: 0,
        };
        Self {
            size,
            timeline,
            keys: owners.iter().map(key).collect(),
            pool: Pool::new(size.stakers),
            stakes: Vec::new(),
            sales: Vec::new(),
        }
    }

    pub fn run(&mut self, rng: &mut impl Rng) {
        let sale_epochs = self.sale_epochs(rng);
        for epoch in 0..self.size.epochs {
            self.split(epoch);
            // Nothing changes on a node just before a boundary at which keys split.
            if !self.is_before_split(epoch) {
                self.unstake_some(epoch, rng);
                self.stake_some(epoch, rng);
            }
            self.move_pool(epoch, rng);
            let due = sale_epochs.iter().filter(|due| **due == epoch).count();
            (0..due).for_each(|_| self.sell_one(epoch, rng));
        }
    }

    /// The epochs of the sales: not the first, none just before a split.
    fn sale_epochs(&self, rng: &mut impl Rng) -> Vec<u64> {
        let possible: Vec<u64> = (1..self.size.epochs)
            .filter(|epoch| !self.is_before_split(*epoch))
            .collect();
        (0..self.size.sales)
            .filter_map(|_| possible.choose(rng).copied())
            .collect()
    }

    fn is_before_split(&self, epoch: u64) -> bool {
        self.timeline
            .splits()
            .iter()
            .any(|split| epoch.checked_add(1) == Some(split.from))
    }

    /// Children inherit owner and stake.
    fn split(&mut self, epoch: u64) {
        let parents = self.keys.clone();
        let now = usize::try_from(self.timeline.keys(epoch)).unwrap_or(0);
        let missing = now.saturating_sub(parents.len());
        self.keys.extend(parents.into_iter().cycle().take(missing));
    }

    fn stake_some(&mut self, epoch: u64, rng: &mut impl Rng) {
        let rate = if epoch == 0 {
            STAKED_AT_FIRST
        } else {
            STAKED_PER_EPOCH
        };
        let amount = self.timeline.node_stake(epoch);
        for i in self.choose(self.part_of_keys(rate), rng) {
            let Some(key) = self.take(i, epoch, |key| !key.staked) else {
                continue;
            };
            key.staked = true;
            let account = key.owner.clone();
            let action = StakeAction::StakeNode { key: id(i), amount };
            self.stakes.push(StakeMove {
                epoch,
                account,
                action,
            });
        }
    }

    fn unstake_some(&mut self, epoch: u64, rng: &mut impl Rng) {
        for i in self.choose(self.part_of_keys(STAKED_PER_EPOCH), rng) {
            let Some(key) = self.take(i, epoch, |key| key.staked) else {
                continue;
            };
            key.staked = false;
            let account = key.owner.clone();
            let action = StakeAction::UnstakeNode { key: id(i) };
            self.stakes.push(StakeMove {
                epoch,
                account,
                action,
            });
        }
    }

    fn move_pool(&mut self, epoch: u64, rng: &mut impl Rng) {
        let unstaked = self.keys.iter().filter(|key| !key.staked).count();
        let need = self
            .timeline
            .node_stake(epoch)
            .saturating_mul(u128::try_from(unstaked).unwrap_or(0));
        let target = permille(need, funding_permille(epoch, self.size.epochs));
        let moves = self.pool.moves(epoch, target, rng);
        self.stakes.extend(moves);
    }

    fn sell_one(&mut self, epoch: u64, rng: &mut impl Rng) {
        let wants_staked = rng.random_bool(0.6);
        let found = (0..TRIES).find_map(|_| {
            let i = rng.random_range(0..self.keys.len());
            let key = self.keys.get(i)?;
            let fits = key.free_from <= epoch && key.staked == wants_staked;
            fits.then(|| (i, key.owner.clone()))
        });
        let Some((i, seller)) = found else { return };
        let Some(buyer) = (0..TRIES)
            .map(|_| self.buyer(rng))
            .find(|buyer| *buyer != seller)
        else {
            return;
        };
        let with_stake = wants_staked && rng.random_bool(0.5);
        let Some(key) = self.take(i, epoch, |_| true) else {
            return;
        };
        key.owner.clone_from(&buyer);
        key.staked = with_stake;
        let price = self.price(epoch, with_stake, rng);
        self.sales.push(Sale {
            epoch,
            seller,
            buyer,
            key: id(i),
            price,
            with_stake,
        });
    }

    /// An operator; one in four is new.
    fn buyer(&self, rng: &mut impl Rng) -> String {
        operator(rng.random_range(0..self.size.owners.saturating_mul(4) / 3))
    }

    /// 60,000 to 90,000 QST for a whole key, the stake on top.
    fn price(&self, epoch: u64, with_stake: bool, rng: &mut impl Rng) -> u128 {
        let stake = self.timeline.node_stake(epoch);
        let bare = permille(stake, rng.random_range(300..=450));
        if with_stake {
            bare.saturating_add(stake)
        } else {
            bare
        }
    }

    /// The key, when something can be done with it in this epoch; it rests afterwards.
    fn take(&mut self, i: usize, epoch: u64, fits: impl Fn(&Key) -> bool) -> Option<&mut Key> {
        let key = self
            .keys
            .get_mut(i)
            .filter(|key| key.free_from <= epoch && fits(key))?;
        key.free_from = epoch.saturating_add(REST);
        Some(key)
    }

    fn choose(&self, count: usize, rng: &mut impl Rng) -> Vec<usize> {
        index::sample(rng, self.keys.len(), count.min(self.keys.len())).into_vec()
    }

    fn part_of_keys(&self, thousandths: u32) -> usize {
        let keys = u128::try_from(self.keys.len()).unwrap_or(0);
        usize::try_from(permille(keys, thousandths))
            .unwrap_or(0)
            .max(1)
    }
}

fn id(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}

/// The pool's funding in thousandths of the need: it grows, dips in the middle, and ends above.
fn funding_permille(epoch: u64, epochs: u64) -> u32 {
    const POINTS: [(u64, u64); 5] = [(0, 450), (35, 820), (55, 640), (80, 1_060), (100, 1_180)];
    let at = epoch.saturating_mul(100).checked_div(epochs).unwrap_or(0);
    let pair = POINTS.windows(2).find(|pair| at < pair[1].0);
    let Some([(x0, y0), (x1, y1)]) = pair.and_then(|pair| <[_; 2]>::try_from(pair).ok()) else {
        return 1_180;
    };
    let (width, part) = (x1.saturating_sub(x0).max(1), at.saturating_sub(x0));
    let weighed = y0
        .saturating_mul(width.saturating_sub(part))
        .saturating_add(y1.saturating_mul(part));
    u32::try_from(weighed.checked_div(width).unwrap_or(0)).unwrap_or(1_000)
}
