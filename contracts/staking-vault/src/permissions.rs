//! Who may send which message.

use cosmwasm_std::{Addr, Storage};
use noderev_api::vault::{ExecuteMsg, Role};
use noderev_components::{ensure_owner, RoleError};

use crate::state::{Config, ROLES};

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
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
pub const fn required_caller(msg: &ExecuteMsg) -> Caller {
    match msg {
        ExecuteMsg::Receive(_) => Caller::Qst,
        ExecuteMsg::UnstakeNodes { .. } => Caller::KeyOwner,
        ExecuteMsg::UnbondPool { .. }
        | ExecuteMsg::WithdrawLots { .. }
        | ExecuteMsg::CancelLot { .. } => Caller::Account,
        ExecuteMsg::ReleaseStakes { .. } => Caller::Registry,
        ExecuteMsg::QueueParams { .. }
        | ExecuteMsg::CancelParams {}
        | ExecuteMsg::SetRole { .. } => Caller::Owner,
        ExecuteMsg::Pause { .. } | ExecuteMsg::Resume { .. } => Caller::OwnerOrGuardian,
        ExecuteMsg::UpdateOwnership(_) => Caller::OwnershipParty,
    }
}

/// Refuses a sender who is not the caller needed.
pub fn ensure_caller(
    storage: &dyn Storage,
    config: &Config,
    caller: Caller,
    sender: &Addr,
) -> Result<(), RoleError> {
    match caller {
        Caller::Account | Caller::KeyOwner | Caller::OwnershipParty => Ok(()),
        Caller::Qst => ensure_is(sender, &config.qst, "QST token"),
        Caller::Registry => ensure_is(sender, &config.registry, "node registry"),
        Caller::Owner => ensure_owner(storage, sender),
        Caller::OwnerOrGuardian => {
            ROLES.ensure_or_owner(storage, Role::Guardian, "owner or guardian", sender)
        }
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
