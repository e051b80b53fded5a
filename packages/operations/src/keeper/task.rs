//! From what a contract says is due to the message that does it.

use core::fmt;

use cosmwasm_std::Timestamp;
use noderev_api::common::DueAction;
use noderev_api::{delegation, distributor, registry};
use noderev_chain::{Message, Result};
use noderev_components::{Epoch, KeyId};
use thiserror::Error;

use crate::{Contract, Contracts};

/// What a keeper can do.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Closes an epoch of the distributor.
    CloseEpoch(Epoch),
    /// Writes totals of a block of epochs, one page.
    Roll,
    /// Lets the attesters' result stand for keys on which nobody ruled in time.
    Resolve(Epoch),
    /// Closes an epoch of the delegation contract, and mints.
    Advance(Epoch),
    /// Mints what the token refused before.
    RetryMint,
    /// Pays the treasury the market's fees.
    ClaimFees,
    /// Settles keys of an account, for less gas when it claims.
    Settle {
        /// Whose.
        account: String,
        /// Which, at most [`distributor::CLAIM_PAGE`].
        keys: Vec<KeyId>,
    },
}

/// Something that is due and that this program does not know: it is older than the contract.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{} says that {action}{} is due, which this program does not know", place.name(), of(*epoch))]
pub struct UnknownAction {
    /// The contract.
    pub place: Contract,
    /// What it calls it.
    pub action: String,
    /// The epoch, if there is one.
    pub epoch: Option<Epoch>,
}

/// Something to do now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Where.
    pub place: Contract,
    /// What.
    pub action: Action,
    /// Since when it is due.
    pub since: Timestamp,
}

impl Action {
    /// What a contract says is due.
    ///
    /// # Errors
    /// [`UnknownAction`]: an unknown name, or an action without the epoch that it needs.
    pub fn parse(place: Contract, due: &DueAction) -> core::result::Result<Self, UnknownAction> {
        match (place, due.action.as_str(), due.epoch) {
            (Contract::Distributor, "close_epoch", Some(epoch)) => Ok(Self::CloseEpoch(epoch)),
            (Contract::Distributor, "roll", None) => Ok(Self::Roll),
            (Contract::Distributor, "resolve", Some(epoch)) => Ok(Self::Resolve(epoch)),
            (Contract::Delegation, "advance", Some(epoch)) => Ok(Self::Advance(epoch)),
            (Contract::Delegation, "retry_mint", None) => Ok(Self::RetryMint),
            (Contract::Registry, "claim_fees", None) => Ok(Self::ClaimFees),
            (_, action, epoch) => Err(UnknownAction {
                place,
                action: action.to_owned(),
                epoch,
            }),
        }
    }

    /// Name of its message.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::CloseEpoch(_) => "close_epoch",
            Self::Roll => "roll",
            Self::Resolve(_) => "resolve",
            Self::Advance(_) => "advance",
            Self::RetryMint => "retry_mint",
            Self::ClaimFees => "claim_fees",
            Self::Settle { .. } => "settle",
        }
    }

    /// The epoch that it names.
    pub const fn epoch(&self) -> Option<Epoch> {
        match self {
            Self::CloseEpoch(epoch) | Self::Resolve(epoch) | Self::Advance(epoch) => Some(*epoch),
            Self::Roll | Self::RetryMint | Self::ClaimFees | Self::Settle { .. } => None,
        }
    }

    /// Whether there may be more of the same to do once it is done.
    pub const fn goes_on(&self) -> bool {
        match self {
            Self::Roll | Self::Resolve(_) | Self::RetryMint => true,
            Self::CloseEpoch(_) | Self::Advance(_) | Self::ClaimFees | Self::Settle { .. } => false,
        }
    }

    /// The message that does it. `disputed`: keys to resolve, which only [`Self::Resolve`] needs.
    pub fn message(&self, contracts: &Contracts, disputed: Vec<KeyId>) -> Result<Message> {
        let distributor = |msg: distributor::ExecuteMsg| {
            Message::execute(&contracts.distributor, &msg, Vec::new())
        };
        let delegation =
            |msg: delegation::ExecuteMsg| Message::execute(&contracts.delegation, &msg, Vec::new());
        match self.clone() {
            Self::CloseEpoch(epoch) => distributor(distributor::ExecuteMsg::CloseEpoch { epoch }),
            Self::Roll => distributor(distributor::ExecuteMsg::Roll {}),
            Self::Resolve(epoch) => distributor(distributor::ExecuteMsg::Resolve {
                epoch,
                keys: disputed,
            }),
            Self::Settle { account, keys } => distributor(distributor::ExecuteMsg::Settle {
                account: Some(account),
                keys: Some(keys),
            }),
            Self::Advance(epoch) => delegation(delegation::ExecuteMsg::Advance { epoch }),
            Self::RetryMint => delegation(delegation::ExecuteMsg::RetryMint {}),
            Self::ClaimFees => Message::execute(
                &contracts.registry,
                &registry::ExecuteMsg::ClaimFees {},
                Vec::new(),
            ),
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.place.name(), self.action.name())?;
        match &self.action {
            Action::Settle { account, keys } => write!(f, " of {account}, {} keys", keys.len()),
            action => f.write_str(&of(action.epoch())),
        }
    }
}

fn of(epoch: Option<Epoch>) -> String {
    epoch.map_or_else(String::new, |epoch| format!(" of epoch {epoch}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use std::path::Path;

    fn due(action: &str, epoch: Option<u32>) -> DueAction {
        DueAction::new(action, epoch.map(Epoch), 1_000)
    }

    #[test]
    fn a_known_action_names_its_epoch_and_its_message() {
        let closes = Action::parse(Contract::Distributor, &due("close_epoch", Some(3))).unwrap();
        assert_eq!(closes, Action::CloseEpoch(Epoch(3)));
        let task = Task {
            place: Contract::Distributor,
            action: closes,
            since: Timestamp::from_seconds(1),
        };
        assert_eq!(task.to_string(), "distributor close_epoch of epoch 3");
    }

    #[test]
    fn what_is_unknown_is_told_and_not_done() {
        let unknown = Action::parse(Contract::Vault, &due("burn", Some(3))).unwrap_err();
        assert_eq!(
            unknown.to_string(),
            "vault says that burn of epoch 3 is due, which this program does not know"
        );
        // Known names elsewhere, or without their epoch.
        assert!(Action::parse(Contract::Delegation, &due("close_epoch", Some(3))).is_err());
        assert!(Action::parse(Contract::Distributor, &due("close_epoch", None)).is_err());
    }

    /// Names of actions in the contracts' own sources: whoever adds one must add it here.
    fn named_in_sources() -> BTreeSet<(Contract, String)> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../contracts");
        let folders = [
            (Contract::Distributor, "revenue-distributor"),
            (Contract::Delegation, "delegation"),
            (Contract::Registry, "node-registry"),
            (Contract::Vault, "staking-vault"),
        ];
        let mut names = BTreeSet::new();
        for (place, folder) in folders {
            let source = root.join(folder).join("src/query/admin.rs");
            let source = std::fs::read_to_string(source).unwrap();
            for before in ["DueAction::new(\"", "DueAction::closing(\"", "action: \""] {
                let found = source.split(before).skip(1);
                names.extend(found.map(|rest| (place, rest.split('"').next().unwrap().into())));
            }
        }
        names
    }

    #[test]
    fn every_action_of_the_contracts_is_known() {
        let names = named_in_sources();
        assert_eq!(names.len(), 6, "{names:?}");
        for (place, name) in names {
            let known = [None, Some(3)].map(|epoch| Action::parse(place, &due(&name, epoch)));
            let known: Vec<_> = known.into_iter().flatten().collect();
            assert_eq!(known.len(), 1, "{name}");
            assert_eq!(known[0].name(), name);
        }
    }
}
