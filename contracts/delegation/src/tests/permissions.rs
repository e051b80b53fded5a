//! The table of powers.

use std::collections::BTreeSet;

use cosmwasm_schema::schemars::schema_for;
use cosmwasm_std::{Binary, Uint128};
use cw20::Cw20ReceiveMsg;
use cw721::receiver::Cw721ReceiveMsg;
use noderev_api::delegation::{
    Activity, Collection, DelegationId, ExecuteMsg, Joining, Metadata, Nft, Role, ValidatorId,
};
use noderev_components::Epoch;
use noderev_economics::Bps;

use super::support::params;
use crate::{required_caller, Caller};

/// Every message and who may send it. A change here is a change of powers.
fn table() -> Vec<(ExecuteMsg, Caller)> {
    let (delegation, validator, epoch) = (DelegationId(1), ValidatorId(1), Epoch(0));
    let text = || "x".to_string();
    let nft = || Nft {
        collection: text(),
        token_id: text(),
    };
    let metadata = || Metadata {
        name: text(),
        url: text(),
        description: text(),
    };
    let cw20 = Cw20ReceiveMsg {
        sender: text(),
        amount: Uint128::one(),
        msg: Binary::default(),
    };
    let cw721 = Cw721ReceiveMsg {
        sender: text(),
        token_id: text(),
        msg: Binary::default(),
    };
    let collection = Collection {
        collection: text(),
        weight: Uint128::one(),
        classes: vec![],
    };
    let (bitmap, evidence) = (Binary::default(), Binary::default());
    let (activity, role) = (Activity::Staking, Role::Guardian);
    let accounts = || vec![text()];
    let (account, delegations, to) = (None, None, None);
    vec![
        (ExecuteMsg::ReceiveNft(cw721), Caller::Collection),
        (
            ExecuteMsg::StakeNfts {
                collection: text(),
                token_ids: vec![],
                delegation: None,
            },
            Caller::Account,
        ),
        (
            ExecuteMsg::MoveNfts {
                nfts: vec![nft()],
                delegation: None,
            },
            Caller::Staker,
        ),
        (ExecuteMsg::UnstakeNfts { nfts: vec![] }, Caller::Staker),
        (ExecuteMsg::WithdrawNfts { nfts: vec![] }, Caller::Anyone),
        (
            ExecuteMsg::ReturnStray {
                nft: nft(),
                to: text(),
            },
            Caller::Owner,
        ),
        (
            ExecuteMsg::CreateDelegation {
                metadata: metadata(),
                commission: Bps::ZERO,
                joining: Joining::Open,
                minimum: Uint128::zero(),
            },
            Caller::Account,
        ),
        (
            ExecuteMsg::UpdateDelegation {
                metadata: None,
                joining: None,
                minimum: None,
            },
            Caller::DelegationOwner,
        ),
        (
            ExecuteMsg::SetCommission {
                commission: Bps::ZERO,
            },
            Caller::DelegationOwner,
        ),
        (
            ExecuteMsg::TransferDelegation { to: None },
            Caller::DelegationOwner,
        ),
        (
            ExecuteMsg::AcceptDelegation { delegation },
            Caller::ProposedOwner,
        ),
        (ExecuteMsg::RequestApproval { delegation }, Caller::Account),
        (
            ExecuteMsg::ApproveMembers {
                accounts: accounts(),
                approved: true,
            },
            Caller::DelegationOwner,
        ),
        (
            ExecuteMsg::ReleaseMembers {
                accounts: accounts(),
            },
            Caller::DelegationOwner,
        ),
        (
            ExecuteMsg::RegisterValidator { node: text() },
            Caller::Account,
        ),
        (
            ExecuteMsg::AssignValidator {
                validator,
                delegation: None,
            },
            Caller::Operator,
        ),
        (
            ExecuteMsg::AcceptValidators { validators: vec![] },
            Caller::DelegationOwner,
        ),
        (
            ExecuteMsg::RemoveValidators { validators: vec![] },
            Caller::DelegationOwner,
        ),
        (
            ExecuteMsg::EvictValidators {
                delegation: DelegationId(1),
                validators: vec![],
            },
            Caller::Anyone,
        ),
        (ExecuteMsg::Receive(cw20), Caller::Token),
        (
            ExecuteMsg::Report {
                epoch,
                bitmap,
                evidence,
            },
            Caller::Attester,
        ),
        (ExecuteMsg::Advance { epoch }, Caller::Anyone),
        (ExecuteMsg::RetryMint {}, Caller::Anyone),
        (ExecuteMsg::SettleDelegation { delegation }, Caller::Anyone),
        (
            ExecuteMsg::Claim {
                account,
                delegations,
                to,
            },
            Caller::Anyone,
        ),
        (
            ExecuteMsg::Settle {
                account: None,
                delegations: None,
            },
            Caller::Anyone,
        ),
        (ExecuteMsg::SetPayee { payee: None }, Caller::Account),
        (
            ExecuteMsg::SetClaimPolicy {
                self_claim_only: true,
            },
            Caller::Account,
        ),
        (
            ExecuteMsg::LinkClient {
                client_id: text(),
                public_key: Binary::default(),
                signature: Binary::default(),
            },
            Caller::Account,
        ),
        (ExecuteMsg::UnlinkClient {}, Caller::Account),
        (ExecuteMsg::SetCollection { collection }, Caller::Owner),
        (
            ExecuteMsg::CancelCollection { collection: text() },
            Caller::Owner,
        ),
        (ExecuteMsg::QueueParams { params: params() }, Caller::Owner),
        (ExecuteMsg::CancelParams {}, Caller::Owner),
        (
            ExecuteMsg::SetRole {
                role,
                account: None,
            },
            Caller::Owner,
        ),
        (
            ExecuteMsg::Pause {
                activity,
                seconds: 1,
            },
            Caller::OwnerOrGuardian,
        ),
        (ExecuteMsg::Resume { activity }, Caller::OwnerOrGuardian),
        (
            ExecuteMsg::UpdateOwnership(cw_ownable::Action::AcceptOwnership),
            Caller::OwnershipParty,
        ),
    ]
}

#[test]
fn permission_table() {
    for (msg, caller) in table() {
        assert_eq!(required_caller(&msg), caller, "{msg:?}");
    }
}

#[test]
fn the_table_has_every_message() {
    let root = serde_json::to_value(schema_for!(ExecuteMsg)).unwrap();
    let variants = root["oneOf"].as_array().unwrap().iter();
    let known: BTreeSet<String> = variants
        .map(|variant| variant["required"][0].as_str().unwrap().to_string())
        .collect();
    let listed = table().into_iter().map(|(msg, _)| {
        let json = serde_json::to_value(msg).unwrap();
        json.as_object().unwrap().keys().next().unwrap().clone()
    });
    assert_eq!(listed.collect::<BTreeSet<_>>(), known);
}
