#![doc = include_str!("../README.md")]

mod bps;
mod delegation;
mod error;
mod index;
mod keys;
mod market;
mod math;
mod pot;
mod revenue;
mod ruling;

pub use bps::{mul_ceil, mul_floor, Bps};
pub use delegation::{
    check_commission, check_commission_change, max_validators, slots, split_pool, DelegationIndex,
    PoolFacts, PoolSplit, DORMANCY_EPOCHS, MAX_COMMISSION, MAX_COMMISSION_RISE, OWN_QUINTESSENCE,
    SLOT_SIZE,
};
pub use error::{EconomicsError, MathError};
pub use index::{accrue, RewardIndex, SCALE};
pub use keys::{check_split, requirement, KEY_CAP, MAX_SPLIT_PRODUCT, NODE_STAKE, SPLIT_FACTORS};
pub use market::{sale, Sale, MAX_MARKET_FEE};
pub use math::{mul_div_ceil, mul_div_floor};
pub use pot::{
    funding_bps, split_pot, EpochFacts, PotSplit, RemainderTo, ShareRules, UNSTAKED_SHARE,
};
pub use revenue::{
    drip_part_ceil, network_share_ceil, spread, Spread, DRIP_EPOCHS, MAX_SPREAD, NETWORK_SHARE,
};
pub use ruling::{
    appeal_upheld, challenge_upheld, ChallengeOutcome, HeldOutcome, CHALLENGER_SHARE,
};
