//! One of every message. The lists are checked against the JSON schemas, so a new message that is
//! missing here fails a test.

use std::collections::BTreeSet;

use cosmwasm_schema::schemars::schema::{Schema, SchemaObject};
use cosmwasm_schema::schemars::{schema_for, JsonSchema};
use cosmwasm_std::{to_json_binary, Binary};
use cw20::Cw20ReceiveMsg;
use noderev_api::{delegation, distributor, registry, vault};
use noderev_components::{Denom, DenomInfo, Epoch, KeyId};
use noderev_economics::Bps;
use noderev_testing::{Network, GOLD};

/// The names of a message type's variants, from its JSON schema.
pub fn variants<T: JsonSchema>() -> BTreeSet<String> {
    let root = schema_for!(T);
    let subschemas = root.schema.subschemas.expect("an enum");
    let one_of = subschemas.one_of.or(subschemas.any_of).expect("an enum");
    one_of
        .into_iter()
        .flat_map(|variant| match variant {
            Schema::Object(SchemaObject {
                object: Some(object),
                ..
            }) => object.required.into_iter().collect::<Vec<_>>(),
            Schema::Object(SchemaObject {
                enum_values: Some(values),
                ..
            }) => values
                .iter()
                .filter_map(|value| value.as_str().map(str::to_owned))
                .collect(),
            other => panic!("a variant that is no object: {other:?}"),
        })
        .collect()
}

/// The name of a message as it stands on the wire.
pub fn wire_name(message: &impl serde::Serialize) -> String {
    match serde_json::to_value(message).expect("a message") {
        serde_json::Value::String(name) => name,
        serde_json::Value::Object(map) => map.keys().next().expect("a name").clone(),
        other => panic!("no message: {other}"),
    }
}

fn text(net: &Network, name: &str) -> String {
    net.account(name).into_string()
}

fn hook(net: &Network, msg: &impl serde::Serialize) -> Cw20ReceiveMsg {
    Cw20ReceiveMsg {
        sender: text(net, "alice"),
        amount: 5u128.into(),
        msg: to_json_binary(msg).expect("a message"),
    }
}

/// Every message of the registry, such as alice, owner of key 1, might send.
pub fn registry_messages(net: &Network) -> Vec<registry::ExecuteMsg> {
    use registry::ExecuteMsg as M;
    let bob = || text(net, "bob");
    let token_id = || "1".to_string();
    let params = net.registry().params_at(0).params;
    let [hook] = registry_hooks().map(|msg| hook(net, &msg));
    vec![
        M::TransferNft {
            recipient: bob(),
            token_id: token_id(),
        },
        M::SendNft {
            contract: bob(),
            token_id: token_id(),
            msg: Binary::default(),
        },
        M::Approve {
            spender: bob(),
            token_id: token_id(),
            expires: None,
        },
        M::Revoke {
            spender: bob(),
            token_id: token_id(),
        },
        M::ApproveAll {
            operator: bob(),
            expires: None,
        },
        M::RevokeAll { operator: bob() },
        M::Issue {
            rows: vec![registry::IssueRow {
                owner: bob(),
                count: 1,
            }],
        },
        M::SealIssuance {},
        M::SetOperator {
            key: KeyId(1),
            operator: Some(bob()),
        },
        M::BindNode {
            key: KeyId(1),
            public_key: vec![2; 33].into(),
            signature: vec![0; 64].into(),
        },
        M::UnbindNode { key: KeyId(1) },
        M::Split { factor: 2 },
        M::CancelSplit {},
        M::Announce {
            ids: vec![KeyId(1)],
        },
        M::List {
            id: KeyId(1),
            price: 5u128.into(),
            buyer: None,
            expires: None,
            with_stake: false,
        },
        M::Delist { id: KeyId(1) },
        M::Receive(hook),
        M::ClaimFees {},
        M::QueueParams { params },
        M::CancelParams {},
        M::SetRole {
            role: registry::Role::Minter,
            account: Some(bob()),
        },
        M::Pause {
            activity: registry::Activity::Market,
            seconds: 60,
        },
        M::Resume {
            activity: registry::Activity::Market,
        },
        M::UpdateOwnership(cw_ownable::Action::AcceptOwnership),
    ]
}

/// Every message that QST may carry to the registry.
pub fn registry_hooks() -> [registry::ReceiveMsg; 1] {
    let (id, listing, price) = (KeyId(1), 1, 5u128.into());
    let purchases = vec![registry::Purchase { id, listing, price }];
    [registry::ReceiveMsg::Buy { purchases }]
}

/// Every message of the vault.
pub fn vault_messages(net: &Network) -> Vec<vault::ExecuteMsg> {
    use vault::ExecuteMsg as M;
    let params = net.vault().params_at(0).params;
    let [hook, ..] = vault_hooks(net).map(|msg| hook(net, &msg));
    vec![
        M::Receive(hook),
        M::UnstakeNodes {
            keys: vec![KeyId(1)],
        },
        M::UnbondPool {
            amount: 5u128.into(),
        },
        M::WithdrawLots {
            lots: Some(vec![1]),
            start_after: None,
            limit: None,
        },
        M::CancelLot { lot: 1 },
        M::ReleaseStakes {
            releases: vec![vault::Release {
                key: KeyId(1),
                staker: text(net, "alice"),
            }],
        },
        M::QueueParams { params },
        M::CancelParams {},
        M::SetRole {
            role: vault::Role::Guardian,
            account: Some(text(net, "bob")),
        },
        M::Pause {
            activity: vault::Activity::Staking,
            seconds: 60,
        },
        M::Resume {
            activity: vault::Activity::Staking,
        },
        M::UpdateOwnership(cw_ownable::Action::AcceptOwnership),
    ]
}

/// Every message that QST may carry to the vault.
pub fn vault_hooks(net: &Network) -> [vault::ReceiveMsg; 3] {
    let account = text(net, "alice");
    [
        vault::ReceiveMsg::StakeNodes {
            keys: vec![KeyId(1)],
        },
        vault::ReceiveMsg::DepositPool {},
        vault::ReceiveMsg::DepositPoolFor { account },
    ]
}

/// Every message of the distributor.
pub fn distributor_messages(net: &Network) -> Vec<distributor::ExecuteMsg> {
    use distributor::ExecuteMsg as M;
    let params = net.distributor().params_at(0).params;
    let [hook, ..] = distributor_hooks().map(|msg| hook(net, &msg));
    let bob = || text(net, "bob");
    vec![
        M::DepositRevenue {
            over: 1,
            source: "a".into(),
            reference: "b".into(),
        },
        M::Receive(hook),
        M::Report {
            epoch: Epoch(0),
            bitmap: vec![1].into(),
            evidence: vec![1; 32].into(),
        },
        M::CloseEpoch { epoch: Epoch(0) },
        M::Roll {},
        M::Rule {
            epoch: Epoch(0),
            keys: vec![KeyId(1)],
            upheld: true,
        },
        M::Resolve {
            epoch: Epoch(0),
            keys: vec![KeyId(1)],
        },
        M::Claim {
            account: None,
            keys: None,
            denoms: None,
            to: None,
        },
        M::Settle {
            account: None,
            keys: None,
        },
        M::Compound { keys: None },
        M::SetPayee { payee: Some(bob()) },
        M::SetClaimPolicy {
            self_claim_only: true,
        },
        M::AddDenom {
            denom: DenomInfo {
                denom: Denom::Native("uatom".into()),
                symbol: "ATOM".into(),
                decimals: 6,
            },
        },
        M::QueueParams { params },
        M::CancelParams {},
        M::SetRole {
            role: distributor::Role::Arbiter,
            account: Some(bob()),
        },
        M::Pause {
            activity: distributor::Activity::Deposits,
            seconds: 60,
        },
        M::Resume {
            activity: distributor::Activity::Deposits,
        },
        M::UpdateOwnership(cw_ownable::Action::AcceptOwnership),
    ]
}

/// Every message that a token may carry to the distributor.
pub fn distributor_hooks() -> [distributor::ReceiveMsg; 3] {
    let (epoch, keys) = (Epoch(0), vec![KeyId(1)]);
    [
        distributor::ReceiveMsg::DepositRevenue {
            over: 1,
            source: "a".into(),
            reference: "b".into(),
        },
        distributor::ReceiveMsg::Appeal {
            epoch,
            keys: keys.clone(),
        },
        distributor::ReceiveMsg::Challenge { epoch, keys },
    ]
}

/// Every message of the delegation contract.
pub fn delegation_messages(net: &Network) -> Vec<delegation::ExecuteMsg> {
    use delegation::ExecuteMsg as M;
    let params = net.delegation().params_at(0).params;
    let delegation = delegation::DelegationId(1);
    let validator = delegation::ValidatorId(1);
    let bob = || text(net, "bob");
    let nfts = || vec![net.nft(GOLD, "1")];
    let metadata = || delegation::Metadata {
        name: "name".into(),
        url: String::new(),
        description: String::new(),
    };
    let [hook] = delegation_hooks().map(|msg| hook(net, &msg));
    let [nft_hook] = delegation_nft_hooks();
    let collection = || net.collection(GOLD).into_string();
    vec![
        M::ReceiveNft(cw721::receiver::Cw721ReceiveMsg {
            sender: text(net, "alice"),
            token_id: "1".into(),
            msg: to_json_binary(&nft_hook).expect("a message"),
        }),
        M::StakeNfts {
            collection: collection(),
            token_ids: vec!["1".into()],
            delegation: None,
        },
        M::MoveNfts {
            nfts: nfts(),
            delegation: None,
        },
        M::UnstakeNfts { nfts: nfts() },
        M::WithdrawNfts { nfts: nfts() },
        M::ReturnStray {
            nft: net.nft(GOLD, "1"),
            to: bob(),
        },
        M::CreateDelegation {
            metadata: metadata(),
            commission: Bps::ZERO,
            joining: delegation::Joining::Open,
            minimum: 0u128.into(),
        },
        M::UpdateDelegation {
            metadata: Some(metadata()),
            joining: None,
            minimum: None,
        },
        M::SetCommission {
            commission: Bps::ZERO,
        },
        M::TransferDelegation { to: Some(bob()) },
        M::AcceptDelegation { delegation },
        M::RequestApproval { delegation },
        M::ApproveMembers {
            accounts: vec![bob()],
            approved: true,
        },
        M::ReleaseMembers {
            accounts: vec![bob()],
        },
        M::RegisterValidator {
            node: "node".into(),
        },
        M::AssignValidator {
            validator,
            delegation: Some(delegation),
        },
        M::AcceptValidators {
            validators: vec![validator],
        },
        M::EvictValidators {
            delegation,
            validators: vec![validator],
        },
        M::RemoveValidators {
            validators: vec![validator],
        },
        M::Receive(hook),
        M::Report {
            epoch: Epoch(0),
            bitmap: vec![1].into(),
            evidence: vec![1; 32].into(),
        },
        M::Advance { epoch: Epoch(0) },
        M::RetryMint {},
        M::SettleDelegation { delegation },
        M::Claim {
            account: None,
            delegations: Some(vec![delegation]),
            to: None,
        },
        M::Settle {
            account: None,
            delegations: Some(vec![delegation]),
        },
        M::SetPayee { payee: Some(bob()) },
        M::SetClaimPolicy {
            self_claim_only: true,
        },
        M::LinkClient {
            client_id: "client".into(),
            public_key: vec![2; 33].into(),
            signature: vec![0; 64].into(),
        },
        M::UnlinkClient {},
        M::SetCollection {
            collection: delegation::Collection {
                collection: collection(),
                weight: 1u128.into(),
                classes: vec![],
            },
        },
        M::CancelCollection {
            collection: collection(),
        },
        M::QueueParams { params },
        M::CancelParams {},
        M::SetRole {
            role: delegation::Role::Guardian,
            account: Some(bob()),
        },
        M::Pause {
            activity: delegation::Activity::Staking,
            seconds: 60,
        },
        M::Resume {
            activity: delegation::Activity::Staking,
        },
        M::UpdateOwnership(cw_ownable::Action::AcceptOwnership),
    ]
}

/// Every message that the reward token may carry to the delegation contract.
pub fn delegation_hooks() -> [delegation::ReceiveMsg; 1] {
    [delegation::ReceiveMsg::Inject {
        over: 1,
        source: "a".into(),
        reference: "b".into(),
    }]
}

/// Every message that a collection may carry to the delegation contract.
pub fn delegation_nft_hooks() -> [delegation::NftHook; 1] {
    [delegation::NftHook::Stake { delegation: None }]
}
