//! The global pool's stakers.

use rand::seq::index;
use rand::Rng;

use super::staker;
use crate::input::{StakeAction, StakeMove};

/// One QST in units.
const QST: u128 = 1_000_000;
/// Stakers that move in an epoch, besides the first.
const MOVES: usize = 6;

/// Who has how much in the pool.
pub(super) struct Pool {
    /// QST units per staker.
    deposited: Vec<u128>,
}

impl Pool {
    pub fn new(stakers: u32) -> Self {
        Self {
            deposited: vec![0; usize::try_from(stakers).unwrap_or(0)],
        }
    }

    /// Moves of an epoch that bring the pool near `target` units: a third of the movers take out,
    /// the others put in what is missing.
    pub fn moves(&mut self, epoch: u64, target: u128, rng: &mut impl Rng) -> Vec<StakeMove> {
        let count = if epoch == 0 {
            self.deposited.len() / 2
        } else {
            MOVES
        };
        let count = count
            .clamp(1, self.deposited.len().max(1))
            .min(self.deposited.len());
        let movers = index::sample(rng, self.deposited.len(), count).into_vec();
        let over = self.total() > target;
        let leaving = if over { count } else { count / 3 };
        let (out, into) = movers.split_at(leaving);
        let mut moves = self.withdrawals(epoch, out, rng);
        let missing = target.saturating_sub(self.total());
        moves.extend(self.deposits(epoch, into, missing, rng));
        moves
    }

    fn total(&self) -> u128 {
        self.deposited
            .iter()
            .fold(0, |sum, units| sum.saturating_add(*units))
    }

    fn withdrawals(&mut self, epoch: u64, movers: &[usize], rng: &mut impl Rng) -> Vec<StakeMove> {
        let mut moves = Vec::new();
        for &i in movers {
            let Some(held) = self.deposited.get_mut(i) else {
                continue;
            };
            let part = if rng.random_bool(0.2) {
                1_000
            } else {
                rng.random_range(20..300)
            };
            let amount = super::permille(*held, part);
            if amount > 0 {
                *held = held.saturating_sub(amount);
                moves.push(stake_move(epoch, i, StakeAction::Withdraw { amount }));
            }
        }
        moves
    }

    /// Divides `missing` among the movers with a skew; nobody puts in less than one QST.
    fn deposits(
        &mut self,
        epoch: u64,
        movers: &[usize],
        missing: u128,
        rng: &mut impl Rng,
    ) -> Vec<StakeMove> {
        let weights: Vec<u32> = movers.iter().map(|_| skewed(rng)).collect();
        let total = weights
            .iter()
            .fold(0_u32, |sum, weight| sum.saturating_add(*weight))
            .max(1);
        let mut moves = Vec::new();
        for (&i, weight) in movers.iter().zip(weights) {
            let weighed = missing.saturating_mul(u128::from(weight));
            let part = weighed.checked_div(u128::from(total)).unwrap_or(0);
            let amount = (part / QST).max(1).saturating_mul(QST);
            if let Some(held) = self.deposited.get_mut(i) {
                *held = held.saturating_add(amount);
                moves.push(stake_move(epoch, i, StakeAction::Deposit { amount }));
            }
        }
        moves
    }
}

/// Mostly small, now and then large: 1 to 1,000.
fn skewed(rng: &mut impl Rng) -> u32 {
    1_000_u32.checked_div(rng.random_range(1..=40)).unwrap_or(1)
}

fn stake_move(epoch: u64, index: usize, action: StakeAction) -> StakeMove {
    StakeMove {
        epoch,
        account: staker(u32::try_from(index).unwrap_or(0)),
        action,
    }
}
