//! Who may send which message.

use cosmwasm_std::{Addr, Storage};
use noderev_api::vault::{ExecuteMsg, Role as Named};
use noderev_components::{ensure_owner, Local, RoleError};

use crate::state::{Config, ROLES};

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Anyone, about his own pool stake and lots only.
    Account,
    /// Who owns the keys in question; checked where the keys are known.
    KeyOwner,
    /// The QST token.
    Qst,
    /// The node registry.
    Registry,
    /// The contract's owner.
    Owner,
    /// The owner or the guardian.
    OwnerOrGuardian,
    /// Owner or proposed owner: cw-ownable decides.
    OwnershipParty,
}

/// Who may send this message.
pub const fn required_role(msg: &ExecuteMsg) -> Role {
    match msg {
        ExecuteMsg::Receive(_) => Role::Qst,
        ExecuteMsg::UnstakeNodes { .. } => Role::KeyOwner,
        ExecuteMsg::UnbondPool { .. }
        | ExecuteMsg::WithdrawLots { .. }
        | ExecuteMsg::CancelLot { .. } => Role::Account,
        ExecuteMsg::ReleaseStakes { .. } => Role::Registry,
        ExecuteMsg::QueueParams { .. }
        | ExecuteMsg::CancelParams {}
        | ExecuteMsg::SetRole { .. } => Role::Owner,
        ExecuteMsg::Pause { .. } | ExecuteMsg::Resume { .. } => Role::OwnerOrGuardian,
        ExecuteMsg::UpdateOwnership(_) => Role::OwnershipParty,
    }
}

/// Refuses a sender who does not hold the role.
pub fn ensure_role(
    storage: &dyn Storage,
    config: &Config,
    role: Role,
    sender: &Addr,
) -> Result<(), RoleError> {
    match role {
        Role::Account | Role::KeyOwner | Role::OwnershipParty => Ok(()),
        Role::Qst => ensure_is(sender, &config.qst, "QST token"),
        Role::Registry => ensure_is(sender, &config.registry, "node registry"),
        Role::Owner => ensure_owner(storage, sender),
        Role::OwnerOrGuardian => ensure_owner_or_guardian(storage, sender),
    }
}

/// Refuses everybody but this contract.
pub fn ensure_is(sender: &Addr, holder: &Addr, role: &'static str) -> Result<(), RoleError> {
    match sender == holder {
        true => Ok(()),
        false => Err(RoleError::NotHolder {
            role,
            sender: sender.clone(),
        }),
    }
}

fn ensure_owner_or_guardian(storage: &dyn Storage, sender: &Addr) -> Result<(), RoleError> {
    if cw_ownable::is_owner(storage, sender)? {
        return Ok(());
    }
    let guardian = role_code(Named::Guardian);
    ROLES.ensure(&Local(storage), guardian, "owner or guardian", sender)
}

/// A role's number in storage; never reused.
pub const fn role_code(role: Named) -> u8 {
    match role {
        Named::Guardian => 0,
    }
}

/// A role's name in answers and events.
pub const fn role_name(role: Named) -> &'static str {
    match role {
        Named::Guardian => "guardian",
    }
}
