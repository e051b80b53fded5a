//! Who may send which message, as data.

use cosmwasm_std::{MessageInfo, Storage};
use noderev_api::registry::ExecuteMsg;
use noderev_components::{ensure_owner, Local, RoleError};

use crate::state::{Config, GUARDIAN, MINTER, ROLES};
use crate::ContractError;

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Anybody.
    Anyone,
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
    /// The contract's owner.
    Owner,
    /// The contract's owner or the guardian.
    OwnerOrGuardian,
    /// The contract's owner or who is to become it.
    OwnerOrPending,
    /// The QST token.
    Qst,
}

/// Who may send this message.
pub const fn required_role(msg: &ExecuteMsg) -> Role {
    match msg {
        ExecuteMsg::TransferNft { .. } | ExecuteMsg::SendNft { .. } => Role::KeyMover,
        ExecuteMsg::Approve { .. } | ExecuteMsg::Revoke { .. } => Role::KeyApprover,
        ExecuteMsg::ApproveAll { .. } | ExecuteMsg::RevokeAll { .. } => Role::Anyone,
        ExecuteMsg::Issue { .. } | ExecuteMsg::SealIssuance {} => Role::Minter,
        ExecuteMsg::SetOperator { .. } | ExecuteMsg::List { .. } => Role::KeyOwner,
        ExecuteMsg::BindNode { .. } | ExecuteMsg::UnbindNode { .. } => Role::KeyOperator,
        ExecuteMsg::Split { .. } | ExecuteMsg::CancelSplit {} => Role::Owner,
        ExecuteMsg::Announce { .. } | ExecuteMsg::ClaimFees {} => Role::Anyone,
        ExecuteMsg::Delist { .. } => Role::Lister,
        ExecuteMsg::Receive(_) => Role::Qst,
        ExecuteMsg::QueueParams { .. } | ExecuteMsg::CancelParams {} => Role::Owner,
        ExecuteMsg::SetRole { .. } => Role::Owner,
        ExecuteMsg::Pause { .. } | ExecuteMsg::Resume { .. } => Role::OwnerOrGuardian,
        ExecuteMsg::UpdateOwnership(_) => Role::OwnerOrPending,
    }
}

/// Refuses a sender without the role. Roles that hang on a key are checked where the key is known,
/// the contract's ownership by cw-ownable.
pub fn ensure_role(
    storage: &dyn Storage,
    config: &Config,
    info: &MessageInfo,
    role: Role,
) -> Result<(), ContractError> {
    match role {
        Role::Minter => Ok(ROLES.ensure(&Local(storage), MINTER, "minter", &info.sender)?),
        Role::Owner => Ok(ensure_owner(storage, &info.sender)?),
        Role::OwnerOrGuardian => ensure_owner_or_guardian(storage, info),
        Role::Qst => ensure_qst(config, info),
        Role::Anyone | Role::KeyOwner | Role::KeyOperator | Role::KeyMover => Ok(()),
        Role::KeyApprover | Role::Lister | Role::OwnerOrPending => Ok(()),
    }
}

fn ensure_owner_or_guardian(
    storage: &dyn Storage,
    info: &MessageInfo,
) -> Result<(), ContractError> {
    let guardian = ROLES.holder(&Local(storage), GUARDIAN)?;
    if guardian.as_ref() == Some(&info.sender) || cw_ownable::is_owner(storage, &info.sender)? {
        return Ok(());
    }
    Err(ContractError::Role(RoleError::NotHolder {
        role: "owner or guardian",
        sender: info.sender.clone(),
    }))
}

fn ensure_qst(config: &Config, info: &MessageInfo) -> Result<(), ContractError> {
    match info.sender == config.qst {
        true => Ok(()),
        false => Err(ContractError::NotQst {
            qst: config.qst.clone(),
            sender: info.sender.clone(),
        }),
    }
}
