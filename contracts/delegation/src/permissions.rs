//! Who may send which message.

use cosmwasm_std::{Addr, Storage};
use noderev_api::delegation::{ExecuteMsg, Role};
use noderev_components::{ensure_owner, RoleError};

use crate::state::ROLES;

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anyone; what he may do is bounded by the message itself.
    Anyone,
    /// Anyone, about his own account only.
    Account,
    /// The staker of the NFTs in question.
    Staker,
    /// Who owns a delegation, about his own only.
    DelegationOwner,
    /// Who is proposed as a delegation's owner.
    ProposedOwner,
    /// The operator of the validator in question.
    Operator,
    /// An allowed collection.
    Collection,
    /// The token that is minted.
    Token,
    /// An attester of the epoch.
    Attester,
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
        ExecuteMsg::WithdrawNfts { .. }
        | ExecuteMsg::EvictValidators { .. }
        | ExecuteMsg::Advance { .. }
        | ExecuteMsg::RetryMint {}
        | ExecuteMsg::SettleDelegation { .. }
        | ExecuteMsg::Claim { .. }
        | ExecuteMsg::Settle { .. } => Caller::Anyone,
        ExecuteMsg::StakeNfts { .. }
        | ExecuteMsg::CreateDelegation { .. }
        | ExecuteMsg::RequestApproval { .. }
        | ExecuteMsg::RegisterValidator { .. }
        | ExecuteMsg::SetPayee { .. }
        | ExecuteMsg::SetClaimPolicy { .. }
        | ExecuteMsg::LinkClient { .. }
        | ExecuteMsg::UnlinkClient {} => Caller::Account,
        ExecuteMsg::MoveNfts { .. } | ExecuteMsg::UnstakeNfts { .. } => Caller::Staker,
        ExecuteMsg::UpdateDelegation { .. }
        | ExecuteMsg::SetCommission { .. }
        | ExecuteMsg::TransferDelegation { .. }
        | ExecuteMsg::ApproveMembers { .. }
        | ExecuteMsg::ReleaseMembers { .. }
        | ExecuteMsg::AcceptValidators { .. }
        | ExecuteMsg::RemoveValidators { .. } => Caller::DelegationOwner,
        ExecuteMsg::AcceptDelegation { .. } => Caller::ProposedOwner,
        ExecuteMsg::AssignValidator { .. } => Caller::Operator,
        ExecuteMsg::ReceiveNft(_) => Caller::Collection,
        ExecuteMsg::Receive(_) => Caller::Token,
        ExecuteMsg::Report { .. } => Caller::Attester,
        ExecuteMsg::ReturnStray { .. }
        | ExecuteMsg::SetCollection { .. }
        | ExecuteMsg::CancelCollection { .. }
        | ExecuteMsg::QueueParams { .. }
        | ExecuteMsg::CancelParams {}
        | ExecuteMsg::SetRole { .. } => Caller::Owner,
        ExecuteMsg::Pause { .. } | ExecuteMsg::Resume { .. } => Caller::OwnerOrGuardian,
        ExecuteMsg::UpdateOwnership(_) => Caller::OwnershipParty,
    }
}

/// Refuses a sender who does not hold the role. The others are checked where it is known whom the
/// message needs.
pub fn ensure_caller(
    storage: &dyn Storage,
    caller: Caller,
    sender: &Addr,
) -> Result<(), RoleError> {
    match caller {
        Caller::Anyone
        | Caller::Account
        | Caller::Staker
        | Caller::DelegationOwner
        | Caller::ProposedOwner
        | Caller::Operator
        | Caller::Collection
        | Caller::Token
        | Caller::Attester
        | Caller::OwnershipParty => Ok(()),
        Caller::Owner => ensure_owner(storage, sender),
        Caller::OwnerOrGuardian => {
            ROLES.ensure_or_owner(storage, Role::Guardian, "owner or guardian", sender)
        }
    }
}
