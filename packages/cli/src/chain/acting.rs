//! An account that sends, the contracts, and the epoch that runs.

use clap::Args;
use cosmwasm_std::Uint128;
use noderev_api::registry::{ConfigResponse, QueryMsg};
use noderev_chain::Message;
use noderev_components::Epoch;
use noderev_operations::{Contracts, Moment};

use super::{CommandError, Connection, Sending, Sent, Session};
use crate::answer::Answer;
use crate::format::{epoch_from, exact_units};

/// Which chain, and who sends.
#[derive(Clone, Debug, Args)]
pub(super) struct By {
    #[command(flatten)]
    pub connection: Connection,
    #[command(flatten)]
    pub sending: Sending,
}

impl By {
    pub(super) fn open(&self, json: bool) -> Result<Acting, CommandError> {
        let session = self.connection.open_to_send(&self.sending, json)?;
        let contracts = session.contracts()?;
        Ok(Acting {
            sender: session.sender()?,
            moment: Moment::of(&contracts)?,
            shows: self.sending.only_shows(),
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
    /// Whether nothing is to be sent.
    shows: bool,
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
    pub(super) fn qst(&self, amount: Uint128) -> Result<String, CommandError> {
        let config: ConfigResponse = self.contracts.ask_registry(&QueryMsg::Config {})?;
        let amount = exact_units(amount.u128(), config.qst_decimals.into());
        Ok(format!("{amount} QST"))
    }

    /// Sends the messages and answers what came of it.
    pub(super) fn send(
        mut self,
        effect: &str,
        messages: &[Message],
    ) -> Result<Answer, CommandError> {
        match self.post(effect, messages)? {
            Sent::Done(outcome) => Ok(self.session.done(effect, &outcome)),
            Sent::Shown(answer) => Ok(answer),
        }
    }

    /// Sends the messages, or shows what would be sent. What the contract would refuse is not printed
    /// either: a proposal should not be voted on in vain.
    pub(super) fn post(
        &mut self,
        effect: &str,
        messages: &[Message],
    ) -> Result<Sent, CommandError> {
        if self.shows {
            self.contracts.client().estimate(&self.sender, messages)?;
        }
        self.session.send(effect, messages)
    }
}
