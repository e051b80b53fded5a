//! Who may send which message, as data.

use cosmwasm_std::{Addr, Storage};
use noderev_api::registry::{ExecuteMsg, Role};
use noderev_components::{ensure_owner, Local, RoleError};

use crate::state::{Config, ROLES};
use crate::ContractError;

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
) -> Result<(), ContractError> {
    match caller {
        Caller::Anyone | Caller::Account | Caller::OwnershipParty => Ok(()),
        Caller::KeyOwner | Caller::KeyOperator | Caller::KeyMover => Ok(()),
        Caller::KeyApprover | Caller::Lister => Ok(()),
        Caller::Qst => ensure_qst(config, sender),
        Caller::Minter => ensure_role(storage, Role::Minter, "minter", sender),
        Caller::Owner => Ok(ensure_owner(storage, sender)?),
        Caller::OwnerOrMinter => owner_or(storage, Role::Minter, "owner or minter", sender),
        Caller::OwnerOrGuardian => owner_or(storage, Role::Guardian, "owner or guardian", sender),
    }
}

fn owner_or(
    storage: &dyn Storage,
    role: Role,
    name: &'static str,
    sender: &Addr,
) -> Result<(), ContractError> {
    match cw_ownable::is_owner(storage, sender).map_err(RoleError::from)? {
        true => Ok(()),
        false => ensure_role(storage, role, name, sender),
    }
}

fn ensure_role(
    storage: &dyn Storage,
    role: Role,
    name: &'static str,
    sender: &Addr,
) -> Result<(), ContractError> {
    Ok(ROLES.ensure(&Local(storage), role_code(role), name, sender)?)
}

fn ensure_qst(config: &Config, sender: &Addr) -> Result<(), ContractError> {
    match *sender == config.qst {
        true => Ok(()),
        false => Err(ContractError::NotQst {
            qst: config.qst.clone(),
            sender: sender.clone(),
        }),
    }
}

/// A role's number in storage; never reused.
pub const fn role_code(role: Role) -> u8 {
    match role {
        Role::Guardian => 0,
        Role::Treasury => 1,
        Role::Minter => 2,
    }
}

/// A role's name in answers and events.
pub const fn role_name(role: Role) -> &'static str {
    match role {
        Role::Guardian => "guardian",
        Role::Treasury => "treasury",
        Role::Minter => "minter",
    }
}
