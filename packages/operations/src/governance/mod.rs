//! What governs the contracts: parameters with notice, pauses, roles, ownership; splits, issuance and
//! disputes.
//!
//! What a contract would refuse is asked of the contract itself, by simulating the message, also where
//! it is only printed: its bounds stand in its code and nowhere else.

mod disputes;
mod keys;
mod params;

use cosmwasm_std::Addr;
use cw_ownable::{Action, Ownership};
use noderev_api::common::RolesResponse;
use noderev_api::{delegation, distributor, registry, vault};
use noderev_chain::{ChainError, Message};
use noderev_components::{Coded, Epoch, KeyId};
use serde::de::DeserializeOwned;
use serde::Serialize;
use thiserror::Error;

use crate::batches::TooMany;
use crate::moment::Moment;
use crate::{Contract, Contracts};

pub use disputes::{resolve, rule, Ruling};
pub use keys::{cancel_split, seal, split, Seal, Split, SplitCancelled};
pub use params::{
    attesters, cancel, in_force, queue, queued, Attesters, Change, InForce, Params, Queued, Waiting,
};

/// Why nothing is changed.
#[derive(Debug, Error)]
pub enum GovernanceError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// Too many keys at a time.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// These are no parameters of the contract.
    #[error("parameters of the {contract}: {reason}")]
    Form {
        /// Whose parameters were expected.
        contract: Contract,
        /// What is wrong.
        reason: String,
    },
    /// The contract has none of that name.
    #[error("the {contract} has no {kind} `{name}`; it has: {known}")]
    Unknown {
        /// The contract.
        contract: Contract,
        /// Activity or role.
        kind: &'static str,
        /// What was asked for.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// Nobody attests to this contract.
    #[error("the {contract} has no attesters; the distributor and the delegation contract have")]
    NoAttesters {
        /// The contract.
        contract: Contract,
    },
    /// He attests already.
    #[error("{0} is an attester already")]
    AttestsAlready(String),
    /// He does not attest.
    #[error("{account} is no attester; the attesters are: {attesters}")]
    AttestsNot {
        /// Who.
        account: String,
        /// Who does.
        attesters: String,
    },
    /// The parameters are those in force.
    #[error("nothing changes: these are the parameters of the {contract} in force")]
    NothingChanges {
        /// The contract.
        contract: Contract,
    },
    /// A change waits already.
    #[error("a change of the {contract}'s parameters waits for epoch {from}: cancel it first")]
    Waits {
        /// The contract.
        contract: Contract,
        /// The first epoch with it.
        from: Epoch,
    },
    /// No change waits.
    #[error("no change of the {contract}'s parameters waits")]
    NothingWaits {
        /// The contract.
        contract: Contract,
    },
    /// What the registry says of a split.
    #[error("split: {0}")]
    Split(String),
    /// No split is announced.
    #[error("no split is announced")]
    NoSplit,
    /// Issuance has ended already.
    #[error("issuance has ended already, with {issued} keys")]
    Sealed {
        /// Keys issued.
        issued: u32,
    },
    /// A key is not disputed in that epoch.
    #[error("key {key} has no appeal and no challenge of epoch {epoch}; disputed are: {disputed}")]
    NotDisputed {
        /// The key.
        key: KeyId,
        /// The epoch.
        epoch: Epoch,
        /// Disputed keys of the epoch.
        disputed: String,
    },
    /// A dispute has ended.
    #[error("the dispute about key {key} of epoch {epoch} has ended: {outcome}")]
    Ended {
        /// The key.
        key: KeyId,
        /// The epoch.
        epoch: Epoch,
        /// How.
        outcome: &'static str,
    },
    /// The ownership is not offered to him.
    #[error("the ownership of the {contract} is offered to {offered}, not to {sender}")]
    NotOffered {
        /// The contract.
        contract: Contract,
        /// To whom it is.
        offered: String,
        /// Who would accept.
        sender: String,
    },
}

impl GovernanceError {
    /// Whether a contract refuses, or would, rather than that the command makes no sense.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            _ => !self.is_usage() && !matches!(self, Self::NothingChanges { .. }),
        }
    }

    /// Whether the command makes no sense, whatever the chain says.
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::TooMany(_) | Self::Form { .. } | Self::Unknown { .. } | Self::NoAttesters { .. }
        )
    }
}

type Result<T> = core::result::Result<T, GovernanceError>;

/// Messages that every contract takes, with names of its own in them.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Order<'a> {
    QueueParams {
        params: &'a Params,
    },
    CancelParams {},
    SetRole {
        role: &'a str,
        account: Option<&'a str>,
    },
    Pause {
        activity: &'a str,
        seconds: u64,
    },
    Resume {
        activity: &'a str,
    },
    UpdateOwnership(Action),
}

/// Queries that every contract answers.
#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Question {
    ParamsAt { epoch: Epoch },
    QueuedParams {},
    Roles {},
    Ownership {},
}

fn ask<T: DeserializeOwned>(
    contracts: &Contracts,
    contract: Contract,
    question: &Question,
) -> Result<T> {
    let address = contracts.address(contract);
    Ok(contracts.client().smart(address, question)?)
}

fn message(contracts: &Contracts, contract: Contract, order: &impl Serialize) -> Result<Message> {
    let message = Message::execute(contracts.address(contract), order, Vec::new());
    Ok(message?)
}

/// Names of the activities of a contract that can be paused.
pub fn activities(contract: Contract) -> Vec<&'static str> {
    match contract {
        Contract::Registry => names(&[registry::Activity::Market]),
        Contract::Vault => names(&[vault::Activity::Staking]),
        Contract::Distributor => names(&[distributor::Activity::Deposits]),
        Contract::Delegation => names(&[
            delegation::Activity::Staking,
            delegation::Activity::Injections,
        ]),
    }
}

/// Names of the roles of a contract that its owner fills.
pub fn roles(contract: Contract) -> Vec<&'static str> {
    match contract {
        Contract::Registry => names(&[
            registry::Role::Minter,
            registry::Role::Guardian,
            registry::Role::Treasury,
        ]),
        Contract::Vault => names(&[vault::Role::Guardian]),
        Contract::Distributor => names(&[
            distributor::Role::Guardian,
            distributor::Role::Treasury,
            distributor::Role::Arbiter,
        ]),
        Contract::Delegation => names(&[delegation::Role::Guardian]),
    }
}

fn names(of: &[impl Coded]) -> Vec<&'static str> {
    of.iter().map(|one| one.name()).collect()
}

fn ensure_known(
    contract: Contract,
    kind: &'static str,
    name: &str,
    known: &[&'static str],
) -> Result<()> {
    match known.contains(&name) {
        true => Ok(()),
        false => Err(GovernanceError::Unknown {
            contract,
            kind,
            name: name.to_owned(),
            known: known.join(", "),
        }),
    }
}

/// A pause of an activity.
#[derive(Clone, Debug)]
pub struct Pause {
    /// When it ends by itself, Unix seconds, if it begins with the next block.
    pub until: u64,
    /// The message that begins it.
    pub message: Message,
}

/// Pauses an activity of a contract.
pub fn pause(
    contracts: &Contracts,
    moment: &Moment,
    contract: Contract,
    activity: &str,
    seconds: u64,
) -> Result<Pause> {
    ensure_known(contract, "activity", activity, &activities(contract))?;
    let order = Order::Pause { activity, seconds };
    Ok(Pause {
        message: message(contracts, contract, &order)?,
        until: moment.now.plus_seconds(seconds).seconds(),
    })
}

/// Lets a paused activity of a contract go on.
pub fn resume(contracts: &Contracts, contract: Contract, activity: &str) -> Result<Message> {
    ensure_known(contract, "activity", activity, &activities(contract))?;
    message(contracts, contract, &Order::Resume { activity })
}

/// What the distributor calls an arbiter who waits for his first epoch.
const NEXT_ARBITER: &str = "next_arbiter";

/// A role that changes hands.
#[derive(Clone, Debug)]
pub struct RoleChange {
    /// Who holds it now.
    pub before: Vec<Addr>,
    /// Who waits for it, and will not have it any more.
    pub waiting: Vec<Addr>,
    /// The first epoch in which the new holder has it; none: at once.
    pub from: Option<Epoch>,
    /// The message that changes it.
    pub message: Message,
}

/// Fills a role of a contract, or empties it.
pub fn set_role(
    contracts: &Contracts,
    moment: &Moment,
    contract: Contract,
    role: &str,
    account: Option<&str>,
) -> Result<RoleChange> {
    ensure_known(contract, "role", role, &roles(contract))?;
    let held: RolesResponse = ask(contracts, contract, &Question::Roles {})?;
    let arbiter = role == distributor::Role::Arbiter.name();
    let holders = |role: &str| {
        let held = held.roles.iter().find(|one| one.role == role);
        held.map(|one| one.accounts.clone()).unwrap_or_default()
    };
    Ok(RoleChange {
        before: holders(role),
        waiting: match arbiter {
            true => holders(NEXT_ARBITER),
            false => Vec::new(),
        },
        from: arbiter.then(|| moment.after_notice()),
        message: message(contracts, contract, &Order::SetRole { role, account })?,
    })
}

/// Offers the ownership of a contract to somebody, who must accept it.
pub fn transfer_ownership(contracts: &Contracts, contract: Contract, to: &str) -> Result<Message> {
    let action = Action::TransferOwnership {
        new_owner: to.to_owned(),
        expiry: None,
    };
    let order = Order::UpdateOwnership(action);
    message(contracts, contract, &order)
}

/// Accepts the ownership of a contract.
pub fn accept_ownership(
    contracts: &Contracts,
    sender: &str,
    contract: Contract,
) -> Result<Message> {
    let ownership: Ownership<String> = ask(contracts, contract, &Question::Ownership {})?;
    if ownership.pending_owner.as_deref() != Some(sender) {
        return Err(GovernanceError::NotOffered {
            contract,
            offered: ownership.pending_owner.unwrap_or_else(|| "nobody".into()),
            sender: sender.to_owned(),
        });
    }
    let order = Order::UpdateOwnership(Action::AcceptOwnership);
    message(contracts, contract, &order)
}

/// Gives up the ownership of a contract for ever.
pub fn renounce_ownership(contracts: &Contracts, contract: Contract) -> Result<Message> {
    let order = Order::UpdateOwnership(Action::RenounceOwnership);
    message(contracts, contract, &order)
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::to_json_string;
    use serde_json::{json, to_value};

    /// What is sent to all contracts is what each of them takes.
    #[test]
    fn orders_are_messages_of_every_contract() {
        for contract in Contract::ALL {
            for activity in activities(contract) {
                let seconds = 5;
                takes(contract, &Order::Pause { activity, seconds });
                takes(contract, &Order::Resume { activity });
            }
            for role in roles(contract) {
                let account = Some("wasm1a");
                takes(contract, &Order::SetRole { role, account });
            }
            takes(contract, &Order::CancelParams {});
            takes(contract, &Order::UpdateOwnership(Action::AcceptOwnership));
        }
    }

    #[track_caller]
    fn takes(contract: Contract, order: &Order<'_>) {
        let sent = to_value(order).unwrap();
        let read = sent.clone();
        let read = match contract {
            Contract::Registry => back::<registry::ExecuteMsg>(read),
            Contract::Vault => back::<vault::ExecuteMsg>(read),
            Contract::Distributor => back::<distributor::ExecuteMsg>(read),
            Contract::Delegation => back::<delegation::ExecuteMsg>(read),
        };
        assert_eq!(read, sent);
    }

    fn back<T: DeserializeOwned + Serialize>(sent: serde_json::Value) -> serde_json::Value {
        to_value(serde_json::from_value::<T>(sent).unwrap()).unwrap()
    }

    #[test]
    fn questions_are_asked_as_the_contracts_take_them() {
        let asked = to_json_string(&Question::ParamsAt { epoch: Epoch(3) }).unwrap();
        assert_eq!(asked, json!({ "params_at": { "epoch": 3 } }).to_string());
    }

    #[test]
    fn unknown_names_are_refused_with_those_that_there_are() {
        let refused = |contract, kind, name, known: &[&'static str]| {
            let error = ensure_known(contract, kind, name, known).unwrap_err();
            assert!(error.is_usage() && !error.is_refusal());
            error.to_string()
        };
        let delegation = Contract::Delegation;
        assert_eq!(
            refused(delegation, "activity", "exits", &activities(delegation)),
            "the delegation contract has no activity `exits`; it has: staking, injections"
        );
        assert_eq!(
            refused(Contract::Vault, "role", "arbiter", &roles(Contract::Vault)),
            "the vault has no role `arbiter`; it has: guardian"
        );
    }
}
