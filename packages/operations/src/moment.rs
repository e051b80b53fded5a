//! When an account does something, and what may be in its way whatever it does.

use cosmwasm_std::Timestamp;
use noderev_api::common::PausedResponse;
use noderev_api::registry::{ConfigResponse, QueryMsg};
use noderev_chain::ChainError;
use noderev_components::{Denom, Epoch, EpochClock, NOTICE_EPOCHS};
use thiserror::Error;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use crate::batches::TooMany;
use crate::{AddressError, Contracts};

/// What may be in an account's way, whatever it does.
#[derive(Debug, Error)]
pub enum Hindrance {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// A text is no address.
    #[error(transparent)]
    Address(#[from] AddressError),
    /// The account has less QST.
    #[error("{account} has {have} smallest units of QST, {need} are needed")]
    Balance {
        /// Who.
        account: String,
        /// Smallest units that he has.
        have: u128,
        /// Smallest units that are needed.
        need: u128,
    },
    /// It is paused.
    #[error("{activity} is paused until {}", date(*.until))]
    Paused {
        /// What is.
        activity: String,
        /// When the pause ends by itself, Unix seconds.
        until: u64,
    },
    /// Too many for one transaction.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

impl Hindrance {
    /// Whether the chain or a contract refuses, or would.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            Self::Paused { .. } | Self::Balance { .. } => true,
            _ => false,
        }
    }

    /// Whether the command makes no sense on any chain.
    pub const fn is_usage(&self) -> bool {
        matches!(self, Self::Address(_) | Self::TooMany(_))
    }
}

/// When an account does something: changes of stake count from the next epoch on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The clock of all contracts.
    pub clock: EpochClock,
    /// Time of the latest block.
    pub now: Timestamp,
    /// The running epoch.
    pub epoch: Epoch,
    /// Decimals of QST.
    pub decimals: u32,
}

impl Moment {
    /// Now.
    pub fn of(contracts: &Contracts) -> Result<Self, ChainError> {
        let config: ConfigResponse = contracts.ask_registry(&QueryMsg::Config {})?;
        let clock = config.clock.parse();
        let clock = clock.map_err(|error| ChainError::answer("config", error))?;
        let now = contracts.client().status()?.time;
        Ok(Self {
            clock,
            now,
            epoch: clock.epoch_at(now),
            decimals: config.qst_decimals.into(),
        })
    }

    /// The first epoch in which a change of stake counts.
    pub const fn next(&self) -> Epoch {
        self.epoch.next()
    }

    /// When that epoch begins, Unix seconds.
    pub const fn boundary(&self) -> u64 {
        self.clock.end_of(self.epoch)
    }

    /// Whether this time has come.
    pub fn is_past(&self, time: Timestamp) -> bool {
        time <= self.now
    }

    /// The first epoch with a change that takes the notice of parameters, if it is made now.
    pub fn after_notice(&self) -> Epoch {
        self.next().plus(NOTICE_EPOCHS)
    }
}

/// Refuses what the account can't pay for.
pub(crate) fn ensure_qst(
    contracts: &Contracts,
    account: &str,
    need: u128,
) -> Result<(), Hindrance> {
    let have = contracts.balance(account, &Denom::Cw20(contracts.qst.clone()))?;
    match have >= need {
        true => Ok(()),
        false => Err(Hindrance::Balance {
            account: account.to_owned(),
            have,
            need,
        }),
    }
}

/// Refuses what a contract has paused. Each contract can pause one activity.
pub(crate) fn ensure_running(paused: &PausedResponse) -> Result<(), Hindrance> {
    let mut activities = paused.activities.iter();
    let stopped = activities.find_map(|one| Some((&one.activity, one.until?)));
    match stopped {
        Some((activity, until)) => Err(Hindrance::Paused {
            activity: activity.clone(),
            until: until.seconds(),
        }),
        None => Ok(()),
    }
}

/// Seconds since 1970 as RFC 3339, in UTC; `None` after the year 9999.
pub fn rfc3339(seconds: u64) -> Option<String> {
    let seconds = i64::try_from(seconds).ok()?;
    let time = OffsetDateTime::from_unix_timestamp(seconds).ok()?;
    time.format(&Rfc3339).ok()
}

/// The same; the number itself after the year 9999.
pub(crate) fn date(seconds: u64) -> String {
    rfc3339(seconds).unwrap_or_else(|| seconds.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use noderev_api::common::PausedActivity;

    #[test]
    fn a_pause_is_told_with_its_end() {
        let paused = |until: Option<u64>| PausedResponse {
            activities: vec![PausedActivity {
                activity: "staking".into(),
                until: until.map(Timestamp::from_seconds),
            }],
        };
        assert!(ensure_running(&paused(None)).is_ok());
        let refusal = ensure_running(&paused(Some(1_767_247_200))).unwrap_err();
        assert_eq!(
            refusal.to_string(),
            "staking is paused until 2026-01-01T06:00:00Z"
        );
        assert!(refusal.is_refusal());
    }

    #[test]
    fn times_are_told_up_to_the_year_9999() {
        assert_eq!(rfc3339(1_767_247_200).unwrap(), "2026-01-01T06:00:00Z");
        assert_eq!(rfc3339(253_402_300_799).unwrap(), "9999-12-31T23:59:59Z");
        for later in [253_402_300_800, u64::MAX] {
            assert_eq!(rfc3339(later), None);
            assert_eq!(date(later), later.to_string());
        }
    }

    #[test]
    fn the_next_epoch_begins_at_the_boundary() {
        let clock = EpochClock {
            start: 1_000,
            length: 100,
        };
        let moment = Moment {
            clock,
            now: Timestamp::from_seconds(1_250),
            epoch: Epoch(2),
            decimals: 6,
        };
        assert_eq!((moment.next(), moment.boundary()), (Epoch(3), 1_300));
        assert_eq!(moment.after_notice(), Epoch(10));
        assert!(moment.is_past(Timestamp::from_seconds(1_250)));
        assert!(!moment.is_past(Timestamp::from_seconds(1_251)));
    }
}
