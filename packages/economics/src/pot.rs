use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Uint128, Uint256};

use crate::math::{minus, plus, product, times};
use crate::{mul_floor, Bps, EconomicsError};

/// What an unstaked node keeps of its potential earnings, 30 % (the network's own page).
pub const UNSTAKED_SHARE: Bps = Bps::percent(30);

/// Who shares what an underfunded pool doesn't get.
#[cw_serde]
#[derive(Copy, Eq)]
pub enum RemainderTo {
    /// Every running node, staked, unstaked and held alike.
    AllRunning,
    /// Only the running nodes without a stake, which gave it up.
    UnstakedRunning,
}

/// Who ran in an epoch and what was staked in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpochFacts {
    /// N: nodes judged running, and held ones.
    pub running: u32,
    /// Nodes whose result is disputed: part of N, never of U.
    pub held: u32,
    /// U: running nodes without a stake, not held.
    pub unstaked: u32,
    /// S: QST units counted in the global pool.
    pub pool_stake: u128,
    /// QST units the pool needs per unstaked node: 200,000 QST divided by the split product F.
    ///
    /// Written with F, the pool's ratio is `min(S*F, U*200,000) / (U*200,000)`. As F divides
    /// 200,000 QST exactly, `200,000 = F * requirement`, and F cancels: the ratio is
    /// `min(S, U*requirement) / (U*requirement)`, the same rational number.
    pub requirement: u128,
}

/// The parameters by which a pot is split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareRules {
    /// What an unstaked node keeps of p.
    pub unstaked_share: Bps,
    /// Who shares what the pool doesn't get.
    pub remainder_to: RemainderTo,
}

/// An epoch's pot, split: units of one denomination. With the facts it was split by, exactly
/// `p * (staked + held) + d * U + pool + r * n + carry = pot`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PotSplit {
    /// p: the potential earnings of one node.
    pub per_node: u128,
    /// d: what an unstaked node keeps of p.
    pub unstaked: u128,
    /// r: one share of what the pool doesn't get.
    pub remainder: u128,
    /// n: how many nodes get r.
    pub remainder_nodes: u32,
    /// Who those nodes are.
    pub remainder_to: RemainderTo,
    /// What the global pool gets.
    pub pool: u128,
    /// What doesn't divide; joins the next pot. Less than N + n units.
    pub carry: u128,
}

impl EpochFacts {
    /// Running nodes with a stake, held ones apart.
    ///
    /// # Errors
    /// [`EconomicsError::InconsistentFacts`] if more were held or unstaked than ran.
    pub fn staked(&self) -> Result<u32, EconomicsError> {
        self.running
            .checked_sub(self.held)
            .and_then(|judged| judged.checked_sub(self.unstaked))
            .ok_or(EconomicsError::InconsistentFacts {
                running: self.running,
                held: self.held,
                unstaked: self.unstaked,
            })
    }

    fn check(&self) -> Result<(), EconomicsError> {
        self.staked()?;
        match (self.running, self.requirement) {
            (0, _) => Err(EconomicsError::NobodyRan),
            (_, 0) => Err(EconomicsError::ZeroRequirement),
            _ => Ok(()),
        }
    }

    /// The pool's part of `ceded` units given up by `nodes` unstaked nodes, rounded down:
    /// all of it if the pool holds the requirement for each of them, else in proportion.
    pub(crate) fn pool_part_floor(&self, ceded: u128, nodes: u32) -> u128 {
        let need = product(self.requirement, nodes.into());
        let Ok(part) = product(ceded, self.pool_stake).checked_div(need) else {
            return ceded; // nothing needed
        };
        Uint128::try_from(part).map_or(ceded, |part| part.u128().min(ceded))
    }
}

impl ShareRules {
    fn remainder_nodes(&self, facts: &EpochFacts) -> u32 {
        match self.remainder_to {
            RemainderTo::AllRunning => facts.running,
            RemainderTo::UnstakedRunning => facts.unstaked,
        }
    }
}

impl PotSplit {
    /// What one staked running node gets: p + r if r is shared by all running nodes, else p.
    /// (Where no node was staked or held the sum stops at `u128::MAX`; where one was, it is
    /// within the pot.)
    pub const fn staked_rate(&self) -> u128 {
        potential(self, self.remainder_to)
    }

    /// What one unstaked running node gets: d + r.
    pub const fn unstaked_rate(&self) -> u128 {
        self.unstaked.saturating_add(self.remainder) // never above p
    }

    /// What is set aside for one held node, whatever its stake: the same as
    /// [`PotSplit::staked_rate`].
    pub const fn held_rate(&self) -> u128 {
        self.staked_rate()
    }

    /// What all running and held nodes get together for the facts that the pot was split by:
    /// `pot - pool - carry`. (With other facts the sum stops at `u128::MAX`.)
    pub fn nodes_total(&self, facts: &EpochFacts) -> u128 {
        let in_full = facts.running.saturating_sub(facts.unstaked);
        let paid = |rate: u128, nodes: u32| rate.saturating_mul(nodes.into());
        paid(self.per_node, in_full)
            .saturating_add(paid(self.unstaked, facts.unstaked))
            .saturating_add(paid(self.remainder, self.remainder_nodes))
    }
}

/// What a node with its potential earnings in full gets, given who shares the remainder.
pub(crate) const fn potential(split: &PotSplit, remainder_to: RemainderTo) -> u128 {
    match remainder_to {
        RemainderTo::AllRunning => split.per_node.saturating_add(split.remainder),
        RemainderTo::UnstakedRunning => split.per_node,
    }
}

/// Splits `pot` units among the nodes that ran and the global pool.
///
/// Every division rounds down; what is left over is `carry`.
///
/// # Errors
/// [`EconomicsError::NobodyRan`] if N = 0 (nobody is paid; the pot joins the drip),
/// [`EconomicsError::InconsistentFacts`] if more were held or unstaked than ran,
/// [`EconomicsError::ZeroRequirement`]. With consistent facts no pot is too large.
pub fn split_pot(
    pot: u128,
    facts: &EpochFacts,
    rules: &ShareRules,
) -> Result<PotSplit, EconomicsError> {
    facts.check()?;
    let nodes = facts.running;
    let per_node = share_floor(pot, nodes);
    let unstaked = mul_floor(per_node, rules.unstaked_share);

    let ceded = times(minus(per_node, unstaked)?, facts.unstaked)?;
    let pool = facts.pool_part_floor(ceded, facts.unstaked);
    let left = minus(ceded, pool)?;

    let remainder_nodes = rules.remainder_nodes(facts);
    let remainder = share_floor(left, remainder_nodes);

    let undivided_pot = minus(pot, times(per_node, nodes)?)?;
    let undivided_left = minus(left, times(remainder, remainder_nodes)?)?;
    let carry = plus(undivided_pot, undivided_left)?;
    let remainder_to = rules.remainder_to;
    Ok(PotSplit {
        per_node,
        unstaked,
        remainder,
        remainder_nodes,
        remainder_to,
        pool,
        carry,
    })
}

/// How far the pool is funded, in basis points of what the unstaked nodes need, rounded down;
/// above 10,000 when overfunded, at most `u64::MAX`. `None` if nothing is needed.
/// For views only: no payout is computed from it.
pub fn funding_bps(pool_stake: u128, unstaked: u32, requirement: u128) -> Option<u64> {
    let need: Uint256 = product(requirement, unstaked.into());
    let bps = product(pool_stake, Bps::FULL.get().into())
        .checked_div(need)
        .ok()?;
    let bps = Uint128::try_from(bps).unwrap_or(Uint128::MAX).u128();
    Some(u64::try_from(bps).unwrap_or(u64::MAX))
}

/// One of `count` equal shares, rounded down; 0 if there is nobody to share.
fn share_floor(amount: u128, count: u32) -> u128 {
    amount.checked_div(count.into()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: ShareRules = ShareRules {
        unstaked_share: UNSTAKED_SHARE,
        remainder_to: RemainderTo::AllRunning,
    };
    const TO_UNSTAKED: ShareRules = ShareRules {
        unstaked_share: UNSTAKED_SHARE,
        remainder_to: RemainderTo::UnstakedRunning,
    };

    /// 10 nodes: 5 staked, 1 held, 4 unstaked; the pool needs 400 and has 300.
    const TEN: EpochFacts = EpochFacts {
        running: 10,
        held: 1,
        unstaked: 4,
        pool_stake: 300,
        requirement: 100,
    };

    #[test]
    fn a_pot_by_hand() {
        // p = floor(1,009 / 10) = 100, d = 30, t = 70, T = 4 * 70 = 280.
        // pool = floor(280 * 300 / 400) = 210; 70 are left: r = 7 to each of the 10.
        // carry = 1,009 - 1,000 + 70 - 70 = 9.
        let split = split_pot(1_009, &TEN, &RULES).unwrap();
        let expected = PotSplit {
            per_node: 100,
            unstaked: 30,
            remainder: 7,
            remainder_nodes: 10,
            remainder_to: RemainderTo::AllRunning,
            pool: 210,
            carry: 9,
        };
        assert_eq!(split, expected);
        assert_eq!(
            (
                split.staked_rate(),
                split.held_rate(),
                split.unstaked_rate()
            ),
            (107, 107, 37)
        );
        // 5 * 107 + 107 + 4 * 37 = 790 = 1,009 - 210 - 9.
        assert_eq!(split.nodes_total(&TEN), 790);
    }

    #[test]
    fn the_same_pot_with_the_remainder_for_the_unstaked() {
        // r = floor(70 / 4) = 17 to each of the 4; carry = 9 + 70 - 68 = 11.
        let split = split_pot(1_009, &TEN, &TO_UNSTAKED).unwrap();
        assert_eq!(
            (split.remainder, split.remainder_nodes, split.carry),
            (17, 4, 11)
        );
        assert_eq!(
            (
                split.staked_rate(),
                split.held_rate(),
                split.unstaked_rate()
            ),
            (100, 100, 47)
        );
        // 6 * 100 + 4 * 47 = 788 = 1,009 - 210 - 11.
        assert_eq!(split.nodes_total(&TEN), 788);
    }

    #[test]
    fn facts_that_contradict_each_other_are_refused() {
        let nobody = EpochFacts {
            running: 0,
            held: 0,
            unstaked: 0,
            ..TEN
        };
        assert_eq!(
            split_pot(1, &nobody, &RULES),
            Err(EconomicsError::NobodyRan)
        );
        let free = EpochFacts {
            requirement: 0,
            ..TEN
        };
        assert_eq!(
            split_pot(1, &free, &RULES),
            Err(EconomicsError::ZeroRequirement)
        );
        for (running, held, unstaked) in [(10, 7, 4), (10, 11, 0), (10, 0, 11), (0, 1, 0)] {
            let facts = EpochFacts {
                running,
                held,
                unstaked,
                ..TEN
            };
            let refused = EconomicsError::InconsistentFacts {
                running,
                held,
                unstaked,
            };
            assert_eq!(split_pot(1, &facts, &RULES), Err(refused));
        }
        let sum_beyond_u32 = EpochFacts {
            running: 5,
            held: u32::MAX,
            unstaked: u32::MAX,
            ..TEN
        };
        assert!(split_pot(1, &sum_beyond_u32, &RULES).is_err());
    }

    #[test]
    fn a_network_of_one_node() {
        // Staked or held: all of it. Unstaked, no pool: 30 + 70. Unstaked, full pool: 30.
        let one = EpochFacts {
            running: 1,
            held: 0,
            unstaked: 0,
            pool_stake: 0,
            requirement: 100,
        };
        assert_eq!(split_pot(100, &one, &RULES).unwrap().staked_rate(), 100);
        let held = EpochFacts { held: 1, ..one };
        assert_eq!(split_pot(100, &held, &RULES).unwrap().held_rate(), 100);
        let unstaked = EpochFacts { unstaked: 1, ..one };
        assert_eq!(
            split_pot(100, &unstaked, &RULES).unwrap().unstaked_rate(),
            100
        );
        let funded = EpochFacts {
            pool_stake: 100,
            ..unstaked
        };
        let split = split_pot(100, &funded, &RULES).unwrap();
        assert_eq!(
            (split.unstaked_rate(), split.pool, split.carry),
            (30, 70, 0)
        );
    }

    #[test]
    fn an_empty_pot_pays_nothing() {
        let split = split_pot(0, &TEN, &RULES).unwrap();
        assert_eq!(
            (split.staked_rate(), split.unstaked_rate(), split.pool),
            (0, 0, 0)
        );
        assert_eq!(split.carry, 0);
    }

    #[test]
    fn a_pot_too_small_to_divide_is_carried_whole() {
        let split = split_pot(9, &TEN, &RULES).unwrap();
        assert_eq!((split.staked_rate(), split.pool, split.carry), (0, 0, 9));
    }

    #[test]
    fn rates_without_a_node_to_get_them_stop_at_the_largest_amount() {
        let lone = EpochFacts {
            running: 1,
            held: 0,
            unstaked: 1,
            pool_stake: 0,
            requirement: 1,
        };
        let split = split_pot(u128::MAX, &lone, &RULES).unwrap();
        assert_eq!(
            (split.staked_rate(), split.unstaked_rate()),
            (u128::MAX, u128::MAX)
        );
        assert_eq!(split.nodes_total(&lone), u128::MAX);
    }

    #[test]
    fn funding_is_a_floor_in_basis_points() {
        assert_eq!(funding_bps(300, 4, 100), Some(7_500));
        assert_eq!(funding_bps(399, 4, 100), Some(9_975));
        assert_eq!(funding_bps(1, 3, 1), Some(3_333));
        assert_eq!(funding_bps(4_000, 4, 100), Some(100_000));
        assert_eq!(funding_bps(0, 4, 100), Some(0));
        assert_eq!(funding_bps(300, 0, 100), None);
        assert_eq!(funding_bps(u128::MAX, 1, 1), Some(u64::MAX));
        assert_eq!(funding_bps(u128::from(u64::MAX), 1, 1), Some(u64::MAX));
    }

    #[test]
    fn remainder_to_is_named_in_snake_case() {
        let json = |to: RemainderTo| serde_json::to_string(&to).unwrap();
        assert_eq!(json(RemainderTo::AllRunning), "\"all_running\"");
        assert_eq!(json(RemainderTo::UnstakedRunning), "\"unstaked_running\"");
    }
}
