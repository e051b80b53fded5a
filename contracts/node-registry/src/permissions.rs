//! Who may send which message, as data.

use cosmwasm_std::{Addr, Storage};
use noderev_api::registry::{ExecuteMsg, Role};
use noderev_components::{ensure_owner, Local};

use crate::error::{ContractError, Refusal};
use crate::state::{Config, ROLES};

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anyone.
    Anyone,
    /// Anyone, about his own keys only.
    Account,
    /// Who owns the key in question.
    KeyOwner,
    /// The owner of the key or the operator named for it.
    KeyOperator,
    /// The owner of the key, who has an approval for it, or who may move all the owner's keys.
    KeyMover,
    /// The owner of the key, or who may move all the owner's keys.
    KeyApprover,
    /// The owner of the key; anybody, if its listing is void.
    Lister,
    /// The minter.
    Minter,
    /// The QST token.
    Qst,
    /// The contract's owner.
    Owner,
    /// The contract's owner or the minter.
    OwnerOrMinter,
    /// The contract's owner or the guardian.
    OwnerOrGuardian,
    /// Owner or proposed owner: cw-ownable decides.
    OwnershipParty,
}

/// Who may send this message.
pub const fn required_caller(msg: &ExecuteMsg) -> Caller {
    match msg {
        ExecuteMsg::TransferNft { .. } | ExecuteMsg::SendNft { .. } => Caller::KeyMover,
        ExecuteMsg::Approve { .. } | ExecuteMsg::Revoke { .. } => Caller::KeyApprover,
        ExecuteMsg::ApproveAll { .. } | ExecuteMsg::RevokeAll { .. } => Caller::Account,
        ExecuteMsg::Issue { .. } => Caller::Minter,
        ExecuteMsg::SealIssuance {} => Caller::OwnerOrMinter,
        ExecuteMsg::SetOperator { .. }
        | ExecuteMsg::UnbindNode { .. }
        | ExecuteMsg::List { .. } => Caller::KeyOwner,
        ExecuteMsg::BindNode { .. } => Caller::KeyOperator,
        ExecuteMsg::Announce { .. } | ExecuteMsg::ClaimFees {} => Caller::Anyone,
        ExecuteMsg::Delist { .. } => Caller::Lister,
        ExecuteMsg::Receive(_) => Caller::Qst,
        ExecuteMsg::Split { .. }
        | ExecuteMsg::CancelSplit {}
        | ExecuteMsg::QueueParams { .. }
        | ExecuteMsg::CancelParams {}
        | ExecuteMsg::SetRole { .. } => Caller::Owner,
        ExecuteMsg::Pause { .. } | ExecuteMsg::Resume { .. } => Caller::OwnerOrGuardian,
        ExecuteMsg::UpdateOwnership(_) => Caller::OwnershipParty,
    }
}

/// Refuses a sender who is not the caller needed. What hangs on a key is checked where the key is
/// known, the contract's ownership by cw-ownable.
pub fn ensure_caller(
    storage: &dyn Storage,
    config: &Config,
    caller: Caller,
    sender: &Addr,
) -> Result<(), Refusal> {
    match caller {
        Caller::Anyone | Caller::Account | Caller::OwnershipParty => Ok(()),
        Caller::KeyOwner | Caller::KeyOperator | Caller::KeyMover => Ok(()),
        Caller::KeyApprover | Caller::Lister => Ok(()),
        Caller::Qst => ensure_qst(config, sender),
        Caller::Minter => Ok(ROLES.ensure(&Local(storage), Role::Minter, sender)?),
        Caller::Owner => Ok(ensure_owner(storage, sender)?),
        Caller::OwnerOrMinter => {
            Ok(ROLES.ensure_or_owner(storage, Role::Minter, "owner or minter", sender)?)
        }
        Caller::OwnerOrGuardian => {
            Ok(ROLES.ensure_or_owner(storage, Role::Guardian, "owner or guardian", sender)?)
        }
    }
}

fn ensure_qst(config: &Config, sender: &Addr) -> Result<(), Refusal> {
    match *sender == config.qst {
        true => Ok(()),
        false => Err(ContractError::NotQst {
            qst: config.qst.clone(),
            sender: sender.clone(),
        }
        .into()),
    }
}
