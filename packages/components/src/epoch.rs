//! The epoch clock (rules E1 and E2): who counts from when never depends on when somebody calls.

use core::fmt;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Timestamp;
use thiserror::Error;

use crate::fault::StdResult;
use crate::packed::{Packed, Reader};

/// An epoch's number; epoch 0 is the one in which the suite was instantiated.
#[cw_serde]
#[derive(Copy, Eq, PartialOrd, Ord, Hash, Default)]
#[serde(transparent)]
pub struct Epoch(pub u32);

impl Epoch {
    /// The epoch after this one.
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    /// The epoch before this one; none before epoch 0.
    pub const fn prev(self) -> Option<Self> {
        match self.0.checked_sub(1) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The epoch `count` later.
    pub const fn plus(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }

    /// How many epochs lie between an earlier one and this; 0 if it is not earlier.
    pub const fn since(self, earlier: Self) -> u32 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Packed for Epoch {
    fn pack(&self, out: &mut Vec<u8>) {
        self.0.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        u32::unpack(input).map(Self)
    }
}

/// Shortest epoch: 10 s, for local chains.
pub const MIN_EPOCH_SECONDS: u64 = 10;
/// Longest epoch: 31 days.
pub const MAX_EPOCH_SECONDS: u64 = 31 * 86_400;

/// Why a clock is refused.
#[derive(Error, Debug, PartialEq, Eq)]
pub enum ClockError {
    /// The epoch length is out of bounds.
    #[error("epoch length {seconds} s: must be {MIN_EPOCH_SECONDS}..={MAX_EPOCH_SECONDS} s")]
    Length {
        /// The length asked for.
        seconds: u64,
    },
    /// Epoch 0 must be running at instantiation.
    #[error("epoch 0 must be running now: it is {now}, epoch 0 is {start}..{end} (Unix seconds)")]
    NotRunning {
        /// Block time, Unix seconds.
        now: u64,
        /// Start of epoch 0, Unix seconds.
        start: u64,
        /// End of epoch 0, Unix seconds.
        end: u64,
    },
}

/// Epoch n covers `[start + n * length, start + (n + 1) * length)`: the boundary second belongs to
/// the new epoch. Fixed at instantiation and the same for contracts that work together.
#[cw_serde]
#[derive(Copy, Eq)]
#[serde(deny_unknown_fields)]
pub struct EpochClock {
    /// Start of epoch 0, Unix seconds.
    pub start: u64,
    /// Length of an epoch, seconds.
    pub length: u64,
}

impl EpochClock {
    /// Checks the bounds, and that epoch 0 is running at `now`.
    pub fn check(&self, now: Timestamp) -> Result<(), ClockError> {
        if !(MIN_EPOCH_SECONDS..=MAX_EPOCH_SECONDS).contains(&self.length) {
            return Err(ClockError::Length {
                seconds: self.length,
            });
        }
        let (now, end) = (now.seconds(), self.start.saturating_add(self.length));
        if (self.start..end).contains(&now) {
            Ok(())
        } else {
            Err(ClockError::NotRunning {
                now,
                start: self.start,
                end,
            })
        }
    }

    /// The epoch that runs at `now`.
    pub fn epoch_at(&self, now: Timestamp) -> Epoch {
        let elapsed = now.seconds().saturating_sub(self.start);
        let number = elapsed.checked_div(self.length).unwrap_or(0);
        Epoch(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// First second of an epoch, Unix seconds.
    pub const fn start_of(&self, epoch: Epoch) -> u64 {
        self.start
            .saturating_add(self.length.saturating_mul(epoch.0 as u64))
    }

    /// First second after an epoch, Unix seconds.
    pub const fn end_of(&self, epoch: Epoch) -> u64 {
        self.start_of(epoch.next())
    }

    /// The first epoch that begins at or after `notice` seconds from now, and not before the next
    /// boundary: when a change with notice takes effect.
    pub fn boundary_after(&self, now: Timestamp, notice: u64) -> Epoch {
        let earliest = now.plus_seconds(notice);
        let epoch = self.epoch_at(earliest);
        let first = if self.start_of(epoch) >= earliest.seconds() {
            epoch
        } else {
            epoch.next()
        };
        first.max(self.epoch_at(now).next())
    }
}

impl Packed for EpochClock {
    fn pack(&self, out: &mut Vec<u8>) {
        self.start.pack(out);
        self.length.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        Ok(Self {
            start: u64::unpack(input)?,
            length: u64::unpack(input)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCK: EpochClock = EpochClock {
        start: 1_000,
        length: 100,
    };

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn the_boundary_second_belongs_to_the_new_epoch() {
        assert_eq!(CLOCK.epoch_at(at(1_099).plus_nanos(999_999_999)), Epoch(0));
        assert_eq!(CLOCK.epoch_at(at(1_100)), Epoch(1));
        assert_eq!(CLOCK.start_of(Epoch(1)), 1_100);
        assert_eq!(CLOCK.end_of(Epoch(0)), 1_100);
    }

    #[test]
    fn notice_ends_at_a_boundary() {
        assert_eq!(CLOCK.boundary_after(at(1_050), 0), Epoch(1));
        assert_eq!(CLOCK.boundary_after(at(1_000), 0), Epoch(1));
        assert_eq!(CLOCK.boundary_after(at(1_050), 50), Epoch(1));
        assert_eq!(CLOCK.boundary_after(at(1_050), 51), Epoch(2));
        assert_eq!(CLOCK.boundary_after(at(1_000), 300), Epoch(3));
    }

    #[test]
    fn epoch_0_must_be_running() {
        assert_eq!(CLOCK.check(at(1_000)), Ok(()));
        assert_eq!(CLOCK.check(at(1_099)), Ok(()));
        for now in [999, 1_100] {
            let error = ClockError::NotRunning {
                now,
                start: 1_000,
                end: 1_100,
            };
            assert_eq!(CLOCK.check(at(now)), Err(error));
        }
        let short = EpochClock {
            start: 1_000,
            length: 9,
        };
        assert_eq!(
            short.check(at(1_000)),
            Err(ClockError::Length { seconds: 9 })
        );
    }
}
