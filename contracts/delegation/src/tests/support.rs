//! The contract alone, with a token that answers two queries.

use cosmwasm_std::testing::{
    message_info, mock_dependencies, mock_env, MockApi, MockQuerier, MockStorage,
};
use cosmwasm_std::{
    from_json, to_json_binary, Addr, ContractResult, Empty, Env, OwnedDeps, Response, SystemResult,
    Timestamp, Uint128, WasmQuery,
};
use cw20::{Cw20QueryMsg, MinterResponse, TokenInfoResponse};
use noderev_api::common::Clock;
use noderev_api::delegation::{ExecuteMsg, InstantiateMsg, Mint, Params};
use noderev_components::{Epoch, EvidenceRules, Policy};

use crate::contract::{execute, instantiate};
use crate::ContractError;

/// Start of epoch 0.
pub const START: u64 = 1_767_247_200;
const DAY: u64 = 86_400;

/// The contract's dependencies.
pub type Deps = OwnedDeps<MockStorage, MockApi, MockQuerier, Empty>;

/// An account of this name.
pub fn account(name: &str) -> Addr {
    MockApi::default().addr_make(name)
}

/// A moment in an epoch.
pub fn env_in(epoch: u64) -> Env {
    let mut env = mock_env();
    env.block.time = Timestamp::from_seconds(START + epoch * DAY + 1);
    env.block.chain_id = "noderev-1".into();
    env
}

pub fn params() -> Params {
    Params {
        slot_size: Uint128::new(20_000),
        own_quintessence: Uint128::new(10_000),
        unbonding_period: 0,
        schedule: vec![Mint {
            from: Epoch(0),
            amount: Uint128::new(1_000),
        }],
        evidence: EvidenceRules {
            attesters: vec![account("attester").into_string()],
            threshold: 1,
            report_window: 3_600,
            policy: Policy {
                uri: "https://example.org".into(),
                hash: vec![1; 32].into(),
            },
        },
    }
}

/// The contract, instantiated in epoch 0.
pub fn contract() -> Deps {
    let mut deps = mock_dependencies();
    deps.querier.update_wasm(|query| {
        let WasmQuery::Smart { msg, .. } = query else {
            panic!("{query:?}")
        };
        let answer = match from_json(msg).unwrap() {
            Cw20QueryMsg::Minter {} => to_json_binary(&Some(MinterResponse {
                minter: mock_env().contract.address.into_string(),
                cap: None,
            })),
            Cw20QueryMsg::TokenInfo {} => to_json_binary(&TokenInfoResponse {
                name: "Ouro".into(),
                symbol: "OURO".into(),
                decimals: 6,
                total_supply: Uint128::zero(),
            }),
            other => panic!("{other:?}"),
        };
        SystemResult::Ok(ContractResult::Ok(answer.unwrap()))
    });
    let msg = InstantiateMsg {
        owner: account("owner").into_string(),
        guardian: None,
        clock: Clock {
            start: Timestamp::from_seconds(START),
            length: DAY,
        },
        token: account("token").into_string(),
        collections: vec![],
        params: params(),
    };
    let info = message_info(&account("owner"), &[]);
    instantiate(deps.as_mut(), env_in(0), info, msg).unwrap();
    deps
}

/// Sends a message in an epoch.
pub fn send(
    deps: &mut Deps,
    epoch: u64,
    sender: &str,
    msg: ExecuteMsg,
) -> Result<Response, ContractError> {
    let info = message_info(&account(sender), &[]);
    execute(deps.as_mut(), env_in(epoch), info, msg)
}

/// All that is stored.
pub fn stored(deps: &Deps) -> Vec<(Vec<u8>, Vec<u8>)> {
    use cosmwasm_std::{Order, Storage};
    deps.storage.range(None, None, Order::Ascending).collect()
}
