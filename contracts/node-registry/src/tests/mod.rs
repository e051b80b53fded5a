//! Tests with mocks. What crosses contracts is tested in the workspace's `tests` crate.

mod admin;
mod golden;
mod issue;
mod market;
mod model;
mod node;
mod split;
mod tokens;

use std::cell::RefCell;
use std::rc::Rc;

use cosmwasm_std::testing::{
    message_info, mock_dependencies, mock_env, MockApi, MockQuerier, MockStorage,
};
use cosmwasm_std::{
    coins, from_json, to_json_binary, Addr, Binary, ContractInfoResponse, ContractResult,
    CosmosMsg, Empty, Env, Event, Order, OwnedDeps, QuerierResult, Response, Storage, SystemError,
    SystemResult, Timestamp, Uint128, WasmMsg, WasmQuery,
};
use cw20::{BalanceResponse, Cw20ExecuteMsg, Cw20QueryMsg, Cw20ReceiveMsg, TokenInfoResponse};
use noderev_api::common::Clock;
use noderev_api::registry::raw::{BUNDLE, SUPPLY};
use noderev_api::registry::{
    ExecuteMsg, InstantiateMsg, IssueRow, KeyResponse, OwnersAtResponse, Params, Purchase,
    QueryMsg, ReceiveMsg,
};
use noderev_api::vault;
use noderev_api::vault::raw::NODES;
use noderev_components::{Epoch, KeyId, Local};
use noderev_economics::Bps;
use serde::de::DeserializeOwned;

use crate::{contract, ContractError};

const START: u64 = 1_000_000;
const LENGTH: u64 = 100;

/// The registry with a mocked vault and QST token.
struct World {
    deps: OwnedDeps<MockStorage, MockApi, MockQuerier, Empty>,
    env: Env,
    vault: Rc<RefCell<MockStorage>>,
    qst: Rc<RefCell<Token>>,
}

struct Token {
    decimals: u8,
    balance: u128,
}

fn who(name: &str) -> Addr {
    MockApi::default().addr_make(name)
}

fn ids(ids: impl IntoIterator<Item = u32>) -> Vec<KeyId> {
    ids.into_iter().map(KeyId).collect()
}

fn params() -> Params {
    Params {
        market_fee: Bps::new(250).unwrap(),
        split_notice: 0,
        split_grace: 0,
    }
}

fn instantiate_msg() -> InstantiateMsg {
    InstantiateMsg {
        name: "Node keys".to_string(),
        symbol: "NODE".to_string(),
        owner: who("owner").into(),
        minter: who("minter").into(),
        treasury: who("treasury").into(),
        guardian: Some(who("guardian").into()),
        clock: Clock {
            start: Timestamp::from_seconds(START),
            length: LENGTH,
        },
        qst: who("qst").into(),
        vault: who("vault").into(),
        distributor: who("distributor").into(),
        params: params(),
    }
}

impl World {
    /// Before instantiation.
    fn empty() -> Self {
        let mut deps = mock_dependencies();
        let vault = Rc::new(RefCell::new(MockStorage::new()));
        let qst = Rc::new(RefCell::new(Token {
            decimals: 6,
            balance: 0,
        }));
        let mut env = mock_env();
        env.contract.address = who("registry");
        env.block.time = Timestamp::from_seconds(START);
        let mocked = (vault.clone(), qst.clone());
        deps.querier
            .update_wasm(move |query| answer(&mocked.0.borrow(), &mocked.1.borrow(), query));
        Self {
            deps,
            env,
            vault,
            qst,
        }
    }

    fn with(params: Params) -> Self {
        let mut world = Self::empty();
        let msg = InstantiateMsg {
            params,
            ..instantiate_msg()
        };
        world.instantiate(msg).unwrap();
        world
    }

    fn new() -> Self {
        Self::with(params())
    }

    fn instantiate(&mut self, msg: InstantiateMsg) -> Result<Response, ContractError> {
        let info = message_info(&who("deployer"), &[]);
        contract::instantiate(self.deps.as_mut(), self.env.clone(), info, msg)
    }

    /// With keys 1..=count of "alice".
    fn issued(count: u32) -> Self {
        let mut world = Self::new();
        world.issue("alice", count);
        world
    }

    /// Runs a message as the chain does: a failed one changes nothing, attributes are not empty.
    fn send(&mut self, sender: &str, msg: ExecuteMsg) -> Result<Response, ContractError> {
        let before = self.dump();
        let info = message_info(&who(sender), &[]);
        let result = contract::execute(self.deps.as_mut(), self.env.clone(), info, msg);
        if let Ok(response) = &result {
            let events = response.events.iter().flat_map(|it| &it.attributes);
            for attribute in response.attributes.iter().chain(events) {
                assert!(!attribute.value.is_empty(), "{attribute:?}");
            }
        } else {
            // The chain drops what a failed message has written.
            self.deps.storage = MockStorage::new();
            for (key, value) in before {
                self.deps.storage.set(&key, &value);
            }
        }
        result
    }

    fn dump(&self) -> Vec<(Vec<u8>, Vec<u8>)> {
        let range = self.deps.storage.range(None, None, Order::Ascending);
        range.collect()
    }

    #[track_caller]
    fn ok(&mut self, sender: &str, msg: ExecuteMsg) -> Response {
        self.send(sender, msg).unwrap()
    }

    #[track_caller]
    fn refused(&mut self, sender: &str, msg: ExecuteMsg, text: &str) {
        let error = self.send(sender, msg).unwrap_err();
        assert_eq!(error.to_string(), text);
    }

    fn try_query<T: DeserializeOwned>(&self, msg: QueryMsg) -> Result<T, ContractError> {
        let answer = contract::query(self.deps.as_ref(), self.env.clone(), msg)?;
        Ok(from_json(answer)?)
    }

    #[track_caller]
    fn query<T: DeserializeOwned>(&self, msg: QueryMsg) -> T {
        self.try_query(msg).unwrap()
    }

    #[track_caller]
    fn query_refused(&self, msg: QueryMsg, text: &str) {
        let error = self.try_query::<serde::de::IgnoredAny>(msg).unwrap_err();
        assert_eq!(error.to_string(), text);
    }

    /// To the first second of an epoch.
    fn at_epoch(&mut self, epoch: u32) {
        self.env.block.time = Timestamp::from_seconds(START + LENGTH * u64::from(epoch));
        self.env.block.height += 1;
    }

    fn pass(&mut self, seconds: u64) {
        self.env.block.time = self.env.block.time.plus_seconds(seconds);
        self.env.block.height += 1;
    }

    #[track_caller]
    fn issue(&mut self, owner: &str, count: u32) -> Response {
        let owner = who(owner).into();
        let rows = vec![IssueRow { owner, count }];
        self.ok("minter", ExecuteMsg::Issue { rows })
    }

    #[track_caller]
    fn transfer(&mut self, from: &str, key: u32, to: &str) -> Response {
        self.ok(from, transfer(key, to))
    }

    #[track_caller]
    fn list(&mut self, seller: &str, key: u32, price: u128) -> u64 {
        let response = self.ok(seller, list(key, price));
        number_of(&response)
    }

    fn buy(
        &mut self,
        buyer: &str,
        sent: u128,
        purchases: &[(u32, u64, u128)],
    ) -> Result<Response, ContractError> {
        self.send("qst", buy(buyer, sent, purchases))
    }

    #[track_caller]
    fn buy_refused(&mut self, buyer: &str, sent: u128, what: &[(u32, u64, u128)], text: &str) {
        self.refused("qst", buy(buyer, sent, what), text);
    }

    /// Changes a node's stake in the mocked vault.
    fn toggle_stake(&mut self, key: u32) {
        let lineage = SUPPLY
            .lineage(&BUNDLE.over(Local(&self.deps.storage)))
            .unwrap();
        let epoch = (self.env.block.time.seconds() - START) / LENGTH;
        let epoch = Epoch(u32::try_from(epoch).unwrap());
        let mut vault = self.vault.borrow_mut();
        NODES
            .toggle(&mut *vault, &lineage, epoch, KeyId(key))
            .unwrap();
    }

    fn owner_of(&self, key: u32) -> Addr {
        self.query::<KeyResponse>(QueryMsg::Key { id: KeyId(key) })
            .owner
    }

    fn owners_at(&self, epoch: u32, keys: impl IntoIterator<Item = u32>) -> Vec<Option<Addr>> {
        let answer: OwnersAtResponse = self.query(QueryMsg::OwnersAt {
            keys: ids(keys),
            epoch: Epoch(epoch),
        });
        answer.owners.into_iter().map(|it| it.owner).collect()
    }
}

fn answer(vault: &MockStorage, qst: &Token, query: &WasmQuery) -> QuerierResult {
    let ok = |bytes: Binary| SystemResult::Ok(ContractResult::Ok(bytes));
    match query {
        WasmQuery::Raw { contract_addr, key } if *contract_addr == who("vault").as_str() => {
            ok(vault.get(key).unwrap_or_default().into())
        }
        WasmQuery::Smart { contract_addr, msg } if *contract_addr == who("qst").as_str() => {
            ok(match from_json(msg).unwrap() {
                Cw20QueryMsg::TokenInfo {} => to_json_binary(&TokenInfoResponse {
                    name: "QST".to_string(),
                    symbol: "QST".to_string(),
                    decimals: qst.decimals,
                    total_supply: Uint128::zero(),
                }),
                _ => to_json_binary(&BalanceResponse {
                    balance: qst.balance.into(),
                }),
            }
            .unwrap())
        }
        WasmQuery::ContractInfo { .. } => {
            let (creator, admin) = (who("deployer"), Some(who("admin")));
            let info = ContractInfoResponse::new(1, creator, admin, false, None);
            ok(to_json_binary(&info).unwrap())
        }
        _ => SystemResult::Err(SystemError::NoSuchContract {
            addr: "none".to_string(),
        }),
    }
}

fn transfer(key: u32, to: &str) -> ExecuteMsg {
    ExecuteMsg::TransferNft {
        recipient: who(to).into(),
        token_id: key.to_string(),
    }
}

fn list(key: u32, price: u128) -> ExecuteMsg {
    ExecuteMsg::List {
        id: KeyId(key),
        price: price.into(),
        buyer: None,
        expires: None,
        with_stake: false,
    }
}

/// QST's call of the registry after a `Send`.
fn buy(buyer: &str, sent: u128, purchases: &[(u32, u64, u128)]) -> ExecuteMsg {
    let purchases = purchases.iter().map(|(id, listing, price)| Purchase {
        id: KeyId(*id),
        listing: *listing,
        price: (*price).into(),
    });
    let msg = ReceiveMsg::Buy {
        purchases: purchases.collect(),
    };
    ExecuteMsg::Receive(Cw20ReceiveMsg {
        sender: who(buyer).into(),
        amount: sent.into(),
        msg: to_json_binary(&msg).unwrap(),
    })
}

fn event<'a>(response: &'a Response, what: &str) -> &'a Event {
    let name = format!("registry_{what}");
    response.events.iter().find(|it| it.ty == name).unwrap()
}

fn attribute<'a>(event: &'a Event, key: &str) -> &'a str {
    let found = event.attributes.iter().find(|it| it.key == key);
    &found.unwrap().value
}

fn number_of(response: &Response) -> u64 {
    attribute(event(response, "listed"), "listing")
        .parse()
        .unwrap()
}

/// The plain attributes as pairs.
fn plain(response: &Response) -> Vec<(&str, &str)> {
    let attributes = response.attributes.iter();
    attributes
        .map(|it| (it.key.as_str(), it.value.as_str()))
        .collect()
}

/// QST transfers of a response.
fn paid(response: &Response) -> Vec<(Addr, u128)> {
    let messages = response.messages.iter().filter_map(|it| executed(&it.msg));
    messages
        .filter(|(contract, _)| *contract == who("qst").as_str())
        .map(|(_, msg)| match from_json(msg).unwrap() {
            Cw20ExecuteMsg::Transfer { recipient, amount } => {
                (Addr::unchecked(recipient), amount.u128())
            }
            other => unreachable!("{other:?}"),
        })
        .collect()
}

/// What the vault is told.
fn released(response: &Response) -> Vec<(u32, Addr)> {
    let messages = response.messages.iter().filter_map(|it| executed(&it.msg));
    let mut to_vault = messages.filter(|(contract, _)| *contract == who("vault").as_str());
    let Some((_, msg)) = to_vault.next() else {
        return vec![];
    };
    assert!(to_vault.next().is_none(), "one message for all keys");
    match from_json(msg).unwrap() {
        vault::ExecuteMsg::ReleaseStakes { releases } => releases
            .into_iter()
            .map(|release| (release.key.0, Addr::unchecked(release.staker)))
            .collect(),
        other => unreachable!("{other:?}"),
    }
}

fn executed(msg: &CosmosMsg) -> Option<(&str, &Binary)> {
    match msg {
        CosmosMsg::Wasm(WasmMsg::Execute {
            contract_addr, msg, ..
        }) => Some((contract_addr, msg)),
        _ => None,
    }
}
