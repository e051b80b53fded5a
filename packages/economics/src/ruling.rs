use crate::pot::potential;
use crate::{mul_floor, Bps, EpochFacts, PotSplit, ShareRules};

/// What an upheld challenge earns, 10 % of what was set aside (decided).
pub const CHALLENGER_SHARE: Bps = Bps::percent(10);

/// Where the units set aside for a held key go once its appeal is upheld. The three add up to
/// what was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeldOutcome {
    /// To the key's payee.
    pub to_key: u128,
    /// To the global pool.
    pub to_pool: u128,
    /// To the pot of the running epoch.
    pub to_running_pot: u128,
}

/// Where the units set aside for a held key go once the challenge is upheld. Both add up to
/// what was set aside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChallengeOutcome {
    /// To the challenger, besides the bond.
    pub to_challenger: u128,
    /// To the pot of the running epoch.
    pub to_running_pot: u128,
}

/// The key did run. `split`, `facts` and `rules` are those of the epoch in question.
///
/// A staked key gets all that was set aside. An unstaked one gets what every unstaked node got,
/// d + r; the pool gets its part of t = p - d by the epoch's ratio, rounded down, as if it had
/// to cover one node where no unstaked node ran; the rest goes to the running pot. Whatever is
/// passed, no more is given than was set aside.
pub fn appeal_upheld(
    split: &PotSplit,
    facts: &EpochFacts,
    rules: &ShareRules,
    staked: bool,
) -> HeldOutcome {
    let set_aside = potential(split, rules.remainder_to);
    if staked {
        return HeldOutcome {
            to_key: set_aside,
            to_pool: 0,
            to_running_pot: 0,
        };
    }
    let to_key = split.unstaked_rate().min(set_aside);
    let beyond_key = set_aside.saturating_sub(to_key);
    let ceded = split.per_node.saturating_sub(split.unstaked);
    let to_pool = facts
        .pool_part_floor(ceded, facts.unstaked.max(1))
        .min(beyond_key);
    HeldOutcome {
        to_key,
        to_pool,
        to_running_pot: beyond_key.saturating_sub(to_pool),
    }
}

/// The key did not run: the challenger gets 10 % of the `set_aside` units, rounded down, the
/// running pot the rest.
pub const fn challenge_upheld(set_aside: u128) -> ChallengeOutcome {
    let to_challenger = mul_floor(set_aside, CHALLENGER_SHARE);
    let to_running_pot = set_aside.saturating_sub(to_challenger);
    ChallengeOutcome {
        to_challenger,
        to_running_pot,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{split_pot, RemainderTo, UNSTAKED_SHARE};

    const TO_ALL: ShareRules = ShareRules {
        unstaked_share: UNSTAKED_SHARE,
        remainder_to: RemainderTo::AllRunning,
    };
    const TO_UNSTAKED: ShareRules = ShareRules {
        unstaked_share: UNSTAKED_SHARE,
        remainder_to: RemainderTo::UnstakedRunning,
    };

    /// p = 100, d = 30, t = 70; the pool has 300 of 400, so 3/4 of what is ceded.
    const TEN: EpochFacts = EpochFacts {
        running: 10,
        held: 1,
        unstaked: 4,
        pool_stake: 300,
        requirement: 100,
    };

    fn outcome(facts: &EpochFacts, rules: &ShareRules, staked: bool) -> HeldOutcome {
        let split = split_pot(1_000, facts, rules).unwrap();
        appeal_upheld(&split, facts, rules, staked)
    }

    #[test]
    fn a_staked_key_gets_all_that_was_set_aside() {
        // p + r = 107, or p = 100 where r is not for it.
        let all = HeldOutcome {
            to_key: 107,
            to_pool: 0,
            to_running_pot: 0,
        };
        assert_eq!(outcome(&TEN, &TO_ALL, true), all);
        let all = HeldOutcome {
            to_key: 100,
            to_pool: 0,
            to_running_pot: 0,
        };
        assert_eq!(outcome(&TEN, &TO_UNSTAKED, true), all);
    }

    #[test]
    fn an_unstaked_key_gets_what_unstaked_nodes_got() {
        // 107 set aside: d + r = 37 to the key, floor(70 * 3/4) = 52 to the pool, 18 are left.
        let shared = HeldOutcome {
            to_key: 37,
            to_pool: 52,
            to_running_pot: 18,
        };
        assert_eq!(outcome(&TEN, &TO_ALL, false), shared);
        // 100 set aside: r = floor(70 / 4) = 17: 47 to the key, 52 to the pool, 1 is left.
        let shared = HeldOutcome {
            to_key: 47,
            to_pool: 52,
            to_running_pot: 1,
        };
        assert_eq!(outcome(&TEN, &TO_UNSTAKED, false), shared);
    }

    #[test]
    fn a_funded_pool_gets_all_that_the_key_cedes() {
        let funded = EpochFacts {
            pool_stake: 400,
            ..TEN
        };
        let shared = HeldOutcome {
            to_key: 30,
            to_pool: 70,
            to_running_pot: 0,
        };
        assert_eq!(outcome(&funded, &TO_ALL, false), shared);
        assert_eq!(
            outcome(
                &EpochFacts {
                    pool_stake: 9_999,
                    ..TEN
                },
                &TO_ALL,
                false
            ),
            shared
        );
    }

    #[test]
    fn with_no_unstaked_node_the_pool_must_cover_one() {
        // 50 of 100: floor(70 / 2) = 35 to the pool, and r = 0.
        let none = EpochFacts {
            unstaked: 0,
            pool_stake: 50,
            ..TEN
        };
        let shared = HeldOutcome {
            to_key: 30,
            to_pool: 35,
            to_running_pot: 35,
        };
        assert_eq!(outcome(&none, &TO_ALL, false), shared);
        assert_eq!(outcome(&none, &TO_UNSTAKED, false), shared);
    }

    #[test]
    fn facts_of_another_epoch_give_no_more_than_was_set_aside() {
        let wrong = PotSplit {
            per_node: 10,
            unstaked: 40,
            remainder: 3,
            remainder_nodes: 1,
            remainder_to: RemainderTo::UnstakedRunning,
            pool: 0,
            carry: 0,
        };
        let shared = HeldOutcome {
            to_key: 10,
            to_pool: 0,
            to_running_pot: 0,
        };
        assert_eq!(appeal_upheld(&wrong, &TEN, &TO_UNSTAKED, false), shared);
        let wrong = PotSplit {
            unstaked: 0,
            remainder: 8,
            ..wrong
        };
        let shared = HeldOutcome {
            to_key: 8,
            to_pool: 2,
            to_running_pot: 0,
        };
        assert_eq!(appeal_upheld(&wrong, &TEN, &TO_UNSTAKED, false), shared);
    }

    #[test]
    fn a_challenger_gets_a_tenth_rounded_down() {
        let outcome = challenge_upheld(109);
        assert_eq!(
            outcome,
            ChallengeOutcome {
                to_challenger: 10,
                to_running_pot: 99
            }
        );
        let outcome = challenge_upheld(9);
        assert_eq!(
            outcome,
            ChallengeOutcome {
                to_challenger: 0,
                to_running_pot: 9
            }
        );
        let outcome = challenge_upheld(u128::MAX);
        assert_eq!(outcome.to_challenger, u128::MAX / 10);
        assert_eq!(outcome.to_running_pot, u128::MAX - u128::MAX / 10);
    }
}
