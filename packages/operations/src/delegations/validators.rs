//! Validators: registered and assigned by operators, taken and sent away by delegations' owners.

use noderev_api::delegation::{DelegationId, ExecuteMsg, ValidatorId, ValidatorInfo, MAX_BATCH};
use noderev_chain::Message;

use super::{ask, order, owned, validators_of, Result};
use crate::batches::in_messages;
use crate::Contracts;

/// Validators of a delegation and those that ask for it, or all there are.
pub fn all_validators(
    contracts: &Contracts,
    delegation: Option<DelegationId>,
) -> Result<Vec<ValidatorInfo>> {
    validators_of(contracts, delegation)
}

/// Registers a validator of the sender.
pub fn register_validator(contracts: &Contracts, node: &str) -> Result<Message> {
    let node = node.to_owned();
    order(contracts, &ExecuteMsg::RegisterValidator { node })
}

/// Where a validator goes.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Who must agree first; none if nobody has to.
    pub asks: Option<String>,
    /// The message.
    pub message: Message,
}

/// Asks a delegation to take the sender's validator, or takes the validator out of any.
pub fn assign_validator(
    contracts: &Contracts,
    sender: &str,
    validator: ValidatorId,
    delegation: Option<DelegationId>,
) -> Result<Assignment> {
    let owner = match delegation {
        Some(delegation) => Some(ask(contracts, delegation)?.info.owner.into_string()),
        None => None,
    };
    let assign = ExecuteMsg::AssignValidator {
        validator,
        delegation,
    };
    Ok(Assignment {
        asks: owner.filter(|owner| owner != sender),
        message: order(contracts, &assign)?,
    })
}

/// Takes validators that ask for the sender's delegation.
pub fn accept_validators(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
    validators: &[ValidatorId],
) -> Result<Vec<Message>> {
    owned(contracts, sender, delegation)?;
    each_batch(contracts, validators, |validators| {
        ExecuteMsg::AcceptValidators { validators }
    })
}

/// Sends validators of the sender's delegation away, or declines what they ask.
pub fn remove_validators(
    contracts: &Contracts,
    sender: &str,
    delegation: DelegationId,
    validators: &[ValidatorId],
) -> Result<Vec<Message>> {
    owned(contracts, sender, delegation)?;
    each_batch(contracts, validators, |validators| {
        ExecuteMsg::RemoveValidators { validators }
    })
}

/// Takes back seats of validators for which their delegation has no room.
pub fn evict_validators(
    contracts: &Contracts,
    delegation: DelegationId,
    validators: &[ValidatorId],
) -> Result<Vec<Message>> {
    each_batch(contracts, validators, |validators| {
        ExecuteMsg::EvictValidators {
            delegation,
            validators,
        }
    })
}

fn each_batch(
    contracts: &Contracts,
    validators: &[ValidatorId],
    of: impl Fn(Vec<ValidatorId>) -> ExecuteMsg,
) -> Result<Vec<Message>> {
    let batches = in_messages("validators", validators, MAX_BATCH)?;
    batches.map(|batch| order(contracts, &of(batch))).collect()
}
