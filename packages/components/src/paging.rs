//! Pages and the moment at which an answer was true.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Env, Timestamp};

/// Pages answer at most this many entries.
pub const MAX_PAGE: u32 = 100;
/// Pages answer this many entries if no limit is given.
pub const DEFAULT_PAGE: u32 = 30;

/// The number of entries of a page: 30 by default, at most 100.
pub fn page_limit(limit: Option<u32>) -> usize {
    limit.unwrap_or(DEFAULT_PAGE).min(MAX_PAGE) as usize
}

/// When an answer was true.
#[cw_serde]
#[derive(Eq)]
pub struct AsOf {
    /// Block height.
    pub height: u64,
    /// Block time, nanoseconds since 1970.
    pub time: Timestamp,
    /// Number of the contract's latest event.
    pub seq: u64,
}

impl AsOf {
    /// Now.
    pub const fn now(env: &Env, seq: u64) -> Self {
        Self {
            height: env.block.height,
            time: env.block.time,
            seq,
        }
    }
}
