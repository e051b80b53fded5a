//! The running epoch, and when changes count.

use cosmwasm_std::Timestamp;
use noderev_chain::Result;
use noderev_components::{Epoch, EpochClock, NOTICE_EPOCHS};

use crate::Contracts;

/// The contracts' clock and the time of the chain's latest block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The epochs.
    pub clock: EpochClock,
    /// The latest block's time.
    pub now: Timestamp,
}

impl Moment {
    /// Asks the contracts for their clock and the chain for its time.
    pub fn load(contracts: &Contracts) -> Result<Self> {
        Ok(Self {
            clock: contracts.clock()?,
            now: contracts.client().status()?.time,
        })
    }

    /// The running epoch.
    pub fn epoch(&self) -> Epoch {
        self.clock.epoch_at(self.now)
    }

    /// The next epoch: what is staked or moved now counts from then on.
    pub fn next(&self) -> Epoch {
        self.epoch().next()
    }

    /// The first epoch with a change that takes the notice of parameters, if it is made now.
    pub fn after_notice(&self) -> Epoch {
        self.next().plus(NOTICE_EPOCHS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_count_from_the_next_boundary_or_seven_epochs_after_it() {
        let moment = Moment {
            clock: EpochClock {
                start: 1_000,
                length: 100,
            },
            now: Timestamp::from_seconds(1_250),
        };
        let epochs = [moment.epoch(), moment.next(), moment.after_notice()];
        assert_eq!(epochs, [2, 3, 10].map(Epoch));
    }
}
