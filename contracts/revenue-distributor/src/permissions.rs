//! Who may send which message.

use cosmwasm_std::{Addr, Storage};
use noderev_api::distributor::{ExecuteMsg, Role};
use noderev_components::{ensure_owner, RoleError};

use crate::state::ROLES;

/// Who may send a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caller {
    /// Anyone; what he may do is bounded by the message itself.
    Anyone,
    /// Anyone, about his own account only.
    Account,
    /// A cw20 token that the message's kind allows.
    Token,
    /// An attester of the epoch.
    Attester,
    /// The arbiter of the epoch.
    Arbiter,
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
        ExecuteMsg::DepositRevenue { .. }
        | ExecuteMsg::CloseEpoch { .. }
        | ExecuteMsg::Roll {}
        | ExecuteMsg::Resolve { .. }
        | ExecuteMsg::Claim { .. }
        | ExecuteMsg::Settle { .. } => Caller::Anyone,
        ExecuteMsg::Compound { .. }
        | ExecuteMsg::SetPayee { .. }
        | ExecuteMsg::SetClaimPolicy { .. } => Caller::Account,
        ExecuteMsg::Receive(_) => Caller::Token,
        ExecuteMsg::Report { .. } => Caller::Attester,
        ExecuteMsg::Rule { .. } => Caller::Arbiter,
        ExecuteMsg::AddDenom { .. }
        | ExecuteMsg::QueueParams { .. }
        | ExecuteMsg::CancelParams {}
        | ExecuteMsg::SetRole { .. } => Caller::Owner,
        ExecuteMsg::Pause { .. } | ExecuteMsg::Resume { .. } => Caller::OwnerOrGuardian,
        ExecuteMsg::UpdateOwnership(_) => Caller::OwnershipParty,
    }
}

/// Refuses a sender who does not hold the role. Tokens, attesters and the arbiter are checked where
/// it is known which ones the message needs.
pub fn ensure_caller(
    storage: &dyn Storage,
    caller: Caller,
    sender: &Addr,
) -> Result<(), RoleError> {
    match caller {
        Caller::Anyone
        | Caller::Account
        | Caller::Token
        | Caller::Attester
        | Caller::Arbiter
        | Caller::OwnershipParty => Ok(()),
        Caller::Owner => ensure_owner(storage, sender),
        Caller::OwnerOrGuardian => {
            ROLES.ensure_or_owner(storage, Role::Guardian, "owner or guardian", sender)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Binary, Uint128};
    use cw20::Cw20ReceiveMsg;
    use noderev_api::distributor::{Activity, Params};
    use noderev_components::{Denom, DenomInfo, Epoch, EvidenceRules, Policy};
    use noderev_economics::{Bps, RemainderTo};

    /// Every message and who may send it. A change here is a change of powers.
    #[test]
    fn permission_table() {
        let params = Params {
            network_share: Bps::FULL,
            unstaked_share: Bps::FULL,
            remainder_to: RemainderTo::AllRunning,
            evidence: EvidenceRules {
                attesters: vec![],
                threshold: 0,
                report_window: 0,
                policy: Policy {
                    uri: String::new(),
                    hash: Binary::default(),
                },
            },
            appeal_window: 0,
            ruling_window: 0,
            appeal_bond: Uint128::zero(),
        };
        let denom = DenomInfo {
            denom: Denom::Native("x".into()),
            symbol: "X".into(),
            decimals: 6,
        };
        let cw20 = Cw20ReceiveMsg {
            sender: "a".into(),
            amount: Uint128::one(),
            msg: Binary::default(),
        };
        let (epoch, keys) = (Epoch(0), vec![]);
        let (source, reference) = (String::new(), String::new());
        let bytes = Binary::default();
        let table = [
            (
                ExecuteMsg::DepositRevenue {
                    over: 1,
                    source,
                    reference,
                },
                Caller::Anyone,
            ),
            (ExecuteMsg::Receive(cw20), Caller::Token),
            (
                ExecuteMsg::Report {
                    epoch,
                    bitmap: bytes.clone(),
                    evidence: bytes,
                },
                Caller::Attester,
            ),
            (ExecuteMsg::CloseEpoch { epoch }, Caller::Anyone),
            (ExecuteMsg::Roll {}, Caller::Anyone),
            (
                ExecuteMsg::Rule {
                    epoch,
                    keys: vec![],
                    upheld: true,
                },
                Caller::Arbiter,
            ),
            (ExecuteMsg::Resolve { epoch, keys }, Caller::Anyone),
            (
                ExecuteMsg::Claim {
                    account: None,
                    keys: None,
                    denoms: None,
                    to: None,
                },
                Caller::Anyone,
            ),
            (
                ExecuteMsg::Settle {
                    account: None,
                    keys: None,
                },
                Caller::Anyone,
            ),
            (ExecuteMsg::Compound { keys: None }, Caller::Account),
            (ExecuteMsg::SetPayee { payee: None }, Caller::Account),
            (
                ExecuteMsg::SetClaimPolicy {
                    self_claim_only: true,
                },
                Caller::Account,
            ),
            (ExecuteMsg::AddDenom { denom }, Caller::Owner),
            (ExecuteMsg::QueueParams { params }, Caller::Owner),
            (ExecuteMsg::CancelParams {}, Caller::Owner),
            (
                ExecuteMsg::SetRole {
                    role: Role::Treasury,
                    account: None,
                },
                Caller::Owner,
            ),
            (
                ExecuteMsg::Pause {
                    activity: Activity::Deposits,
                    seconds: 1,
                },
                Caller::OwnerOrGuardian,
            ),
            (
                ExecuteMsg::Resume {
                    activity: Activity::Deposits,
                },
                Caller::OwnerOrGuardian,
            ),
            (
                ExecuteMsg::UpdateOwnership(cw_ownable::Action::AcceptOwnership),
                Caller::OwnershipParty,
            ),
        ];
        for (msg, caller) in table {
            assert_eq!(required_caller(&msg), caller, "{msg:?}");
        }
    }
}
