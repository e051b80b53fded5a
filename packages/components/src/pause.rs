//! Pausing one activity for a limited time. There is no activity for exits, claims or epochs.

use cosmwasm_std::{Storage, Timestamp};
use thiserror::Error;

use crate::coded::Coded;
use crate::fault::StdResult;
use crate::raw::{key, write_packed, Local, RawRead};

/// Longest pause: 14 days.
pub const MAX_PAUSE_SECONDS: u64 = 14 * 86_400;
/// An activity that was paused cannot be paused again for 7 days after the pause's end, so that
/// pauses cannot be strung together.
pub const PAUSE_COOLDOWN_SECONDS: u64 = 7 * 86_400;

/// Why an activity, or a pause, is refused.
#[derive(Error, Debug, PartialEq)]
pub enum PauseError {
    /// Storage failed.
    #[error(transparent)]
    Std(#[from] cosmwasm_std::StdError),
    /// The activity is paused.
    #[error("{activity} is paused until {until} (Unix seconds)")]
    Paused {
        /// What is paused.
        activity: &'static str,
        /// When the pause ends by itself.
        until: u64,
    },
    /// The pause asked for is too long or of no length.
    #[error("a pause lasts 1..={MAX_PAUSE_SECONDS} s, {seconds} asked for")]
    Length {
        /// Seconds asked for.
        seconds: u64,
    },
    /// The activity was paused a short while ago.
    #[error("{activity} cannot be paused again before {from} (Unix seconds)")]
    Cooldown {
        /// What should be paused.
        activity: &'static str,
        /// From when on it can be.
        from: u64,
    },
    /// The activity is not paused.
    #[error("{activity} is not paused")]
    NotPaused {
        /// What should go on.
        activity: &'static str,
    },
}

/// The end of each activity's pause.
pub struct Pauses {
    namespace: u8,
}

impl Pauses {
    /// One namespace byte.
    pub const fn new(namespace: u8) -> Self {
        Self { namespace }
    }

    /// When the activity's pause ends (Unix seconds); none if it is not paused.
    pub fn until(
        &self,
        store: &impl RawRead,
        activity: impl Coded,
        now: Timestamp,
    ) -> StdResult<Option<u64>> {
        let until: Option<u64> = store.read_packed(&self.key(activity))?;
        Ok(until.filter(|until| *until > now.seconds()))
    }

    /// Refuses the activity while it is paused.
    pub fn ensure_running(
        &self,
        store: &impl RawRead,
        activity: impl Coded,
        now: Timestamp,
    ) -> Result<(), PauseError> {
        match self.until(store, activity, now)? {
            Some(until) => Err(PauseError::Paused {
                activity: activity.name(),
                until,
            }),
            None => Ok(()),
        }
    }

    /// Pauses the activity for `seconds`; answers the end. Never extends a pause.
    pub fn pause(
        &self,
        storage: &mut dyn Storage,
        activity: impl Coded,
        now: Timestamp,
        seconds: u64,
    ) -> Result<u64, PauseError> {
        if !(1..=MAX_PAUSE_SECONDS).contains(&seconds) {
            return Err(PauseError::Length { seconds });
        }
        let last: Option<u64> = Local(storage).read_packed(&self.key(activity))?;
        let from = last.map_or(0, |until| until.saturating_add(PAUSE_COOLDOWN_SECONDS));
        if now.seconds() < from {
            return Err(PauseError::Cooldown {
                activity: activity.name(),
                from,
            });
        }
        let until = now.plus_seconds(seconds).seconds();
        write_packed(storage, &self.key(activity), &until);
        Ok(until)
    }

    /// Ends a pause early. The cool-down runs from now.
    pub fn resume(
        &self,
        storage: &mut dyn Storage,
        activity: impl Coded,
        now: Timestamp,
    ) -> Result<(), PauseError> {
        if self.until(&Local(storage), activity, now)?.is_none() {
            return Err(PauseError::NotPaused {
                activity: activity.name(),
            });
        }
        write_packed(storage, &self.key(activity), &now.seconds());
        Ok(())
    }

    fn key(&self, activity: impl Coded) -> Vec<u8> {
        key(self.namespace, &[&[activity.code()]])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;

    #[derive(Clone, Copy)]
    struct Market;

    impl Coded for Market {
        fn code(self) -> u8 {
            0
        }
        fn name(self) -> &'static str {
            "market"
        }
    }

    const PAUSES: Pauses = Pauses::new(0x80);

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    #[test]
    fn a_pause_ends_by_itself_and_cannot_be_strung_together() {
        let mut storage = MockStorage::new();
        assert_eq!(
            PAUSES.pause(&mut storage, Market, at(1_000), 100),
            Ok(1_100)
        );
        let paused = PauseError::Paused {
            activity: "market",
            until: 1_100,
        };
        assert_eq!(
            PAUSES.ensure_running(&Local(&storage), Market, at(1_099)),
            Err(paused)
        );
        assert_eq!(
            PAUSES.ensure_running(&Local(&storage), Market, at(1_100)),
            Ok(())
        );
        let from = 1_100 + PAUSE_COOLDOWN_SECONDS;
        let cooldown = PauseError::Cooldown {
            activity: "market",
            from,
        };
        for now in [1_050, 1_100, from - 1] {
            assert_eq!(
                PAUSES.pause(&mut storage, Market, at(now), 100),
                Err(cooldown_copy(&cooldown))
            );
        }
        assert_eq!(
            PAUSES.pause(&mut storage, Market, at(from), 100),
            Ok(from + 100)
        );
    }

    fn cooldown_copy(error: &PauseError) -> PauseError {
        match error {
            PauseError::Cooldown { activity, from } => PauseError::Cooldown {
                activity,
                from: *from,
            },
            _ => unreachable!(),
        }
    }

    #[test]
    fn a_pause_has_a_bounded_length_and_can_be_ended() {
        let mut storage = MockStorage::new();
        for seconds in [0, MAX_PAUSE_SECONDS + 1] {
            let error = PAUSES.pause(&mut storage, Market, at(5), seconds);
            assert_eq!(error, Err(PauseError::Length { seconds }));
        }
        let not_paused = PauseError::NotPaused { activity: "market" };
        assert_eq!(PAUSES.resume(&mut storage, Market, at(5)), Err(not_paused));
        PAUSES
            .pause(&mut storage, Market, at(5), MAX_PAUSE_SECONDS)
            .unwrap();
        PAUSES.resume(&mut storage, Market, at(6)).unwrap();
        assert_eq!(
            PAUSES.ensure_running(&Local(&storage), Market, at(6)),
            Ok(())
        );
    }
}
