//! An account that sends, the contracts, and the epoch that runs.

use cosmwasm_std::Uint128;
use noderev_chain::Message;
use noderev_components::Epoch;
use noderev_operations::{Contracts, Moment};

use super::dated::told_dated;
use super::session::By;
use super::words;
use super::{CommandError, Session};
use crate::answer::Answer;
use crate::format::epoch_from;

impl By {
    /// The chain, the contracts and the account, now.
    pub(super) fn act(&self, json: bool) -> Result<Acting, CommandError> {
        let session = self.open(json)?;
        let contracts = session.contracts()?;
        Ok(Acting {
            sender: session.sender()?,
            moment: Moment::of(&contracts)?,
            contracts,
            session,
        })
    }
}

/// An account that sends, the contracts, and the epoch that runs.
pub(super) struct Acting {
    pub session: Session,
    pub contracts: Contracts,
    pub sender: String,
    pub moment: Moment,
}

impl Acting {
    /// An epoch and when it begins.
    pub(super) fn dated(&self, epoch: Epoch) -> String {
        epoch_from(&self.moment.clock, epoch)
    }

    /// The next epoch and when it begins.
    pub(super) fn next_dated(&self) -> String {
        self.dated(self.moment.next())
    }

    /// An amount of QST.
    pub(super) fn qst(&self, amount: Uint128) -> String {
        words::qst(amount.u128(), &self.moment)
    }

    /// Sends the messages and answers what came of it.
    pub(super) fn send(
        mut self,
        effect: &str,
        messages: &[Message],
    ) -> Result<Answer, CommandError> {
        let sent = self.session.send(effect, messages)?;
        Ok(told_dated(&self.session, effect, &self.moment, sent))
    }
}
