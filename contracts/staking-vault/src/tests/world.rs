//! A vault with a registry and a QST token that exist as records only.

use std::cell::RefCell;
use std::rc::Rc;

use cosmwasm_std::testing::{
    message_info, mock_env, MockApi, MockQuerier, MockStorage, MOCK_CONTRACT_ADDR,
};
use cosmwasm_std::{
    from_json, to_json_binary, Addr, Binary, Coin, ContractInfoResponse, ContractResult, CosmosMsg,
    Empty, Env, Order, OwnedDeps, QuerierResult, Response, Storage, SystemResult, Timestamp,
    Uint128, WasmMsg, WasmQuery,
};
use cw20::{Cw20ExecuteMsg, Cw20QueryMsg, Cw20ReceiveMsg};
use noderev_api::common::Clock;
use noderev_api::registry::raw::{Holding, BUNDLE as REGISTRY, HOLDERS, SUPPLY};
use noderev_api::registry::{ConfigResponse, QueryMsg as RegistryQuery};
use noderev_api::vault::raw::BUNDLE;
use noderev_api::vault::{ExecuteMsg, InstantiateMsg, Params, QueryMsg, ReceiveMsg};
use noderev_components::{Account, Epoch, KeyId, Lineage, Local, Split, StdResult};
use serde::de::DeserializeOwned;

use crate::contract;
use crate::error::ContractError;
use crate::state::{Lot, LEDGER, QST};

/// Start of epoch 0.
pub const START: u64 = 1_700_000_000;
/// Length of an epoch.
pub const LENGTH: u64 = 1_000;
/// Stake of a node before any split.
pub const STAKE: u128 = 200_000_000_000;
/// Parameters of epoch 0.
pub const PARAMS: Params = Params {
    unbonding_period: 2_500,
    minimum_lock: 0,
};

/// What the mocked contracts know.
pub struct Outside {
    pub registry: MockStorage,
    pub named_vault: Addr,
    pub balance: u128,
    pub epoch: Epoch,
}

pub struct World {
    pub deps: OwnedDeps<MockStorage, MockApi, MockQuerier, Empty>,
    pub outside: Rc<RefCell<Outside>>,
    pub env: Env,
}

pub fn addr(name: &str) -> Addr {
    MockApi::default().addr_make(name)
}

pub fn account(name: &str) -> Account {
    Account::of(&MockApi::default(), &addr(name)).unwrap()
}

pub fn keys(keys: &[u32]) -> Vec<KeyId> {
    keys.iter().copied().map(KeyId).collect()
}

/// First second of an epoch.
pub fn start_of(epoch: u32) -> u64 {
    START + LENGTH * u64::from(epoch)
}

pub fn dump(storage: &dyn Storage) -> Vec<(Vec<u8>, Vec<u8>)> {
    storage.range(None, None, Order::Ascending).collect()
}

pub fn init_msg() -> InstantiateMsg {
    InstantiateMsg {
        owner: addr("owner").into(),
        guardian: Some(addr("guardian").into()),
        registry: addr("registry").into(),
        params: PARAMS,
    }
}

impl World {
    /// Epoch 0; keys 1 to 5 are alice's, 6 to 8 bob's.
    pub fn new() -> Self {
        Self::with(PARAMS)
    }

    pub fn with(params: Params) -> Self {
        let mut world = Self::empty();
        let msg = InstantiateMsg {
            params,
            ..init_msg()
        };
        world.instantiate(msg).unwrap();
        world
    }

    /// A registry, and no vault yet.
    pub fn empty() -> Self {
        let outside = Rc::new(RefCell::new(Outside {
            registry: MockStorage::new(),
            named_vault: Addr::unchecked(MOCK_CONTRACT_ADDR),
            balance: 0,
            epoch: Epoch(0),
        }));
        let mut querier = MockQuerier::new(&[]);
        let shared = outside.clone();
        querier.update_wasm(move |query| shared.borrow().answer(query));
        let mut env = mock_env();
        env.contract.address = Addr::unchecked(MOCK_CONTRACT_ADDR);
        let deps = OwnedDeps {
            storage: MockStorage::new(),
            api: MockApi::default(),
            querier,
            custom_query_type: std::marker::PhantomData,
        };
        let mut world = Self { deps, outside, env };
        world.go_to(START);
        (1..=5).for_each(|key| world.give(key, "alice"));
        (6..=8).for_each(|key| world.give(key, "bob"));
        let mut outside = world.outside.borrow_mut();
        REGISTRY
            .change(&mut outside.registry, |registry| {
                SUPPLY.set_keys(registry, Epoch(0), 8)
            })
            .unwrap();
        drop(outside);
        world
    }

    pub fn instantiate(&mut self, msg: InstantiateMsg) -> Result<Response, ContractError> {
        let info = message_info(&addr("deployer"), &[]);
        contract::instantiate(self.deps.as_mut(), self.env.clone(), info, msg)
    }

    /// Sets the block time.
    pub fn go_to(&mut self, second: u64) {
        self.env.block.time = Timestamp::from_seconds(second);
        self.outside.borrow_mut().epoch = Epoch(self.epoch());
    }

    pub fn go_to_epoch(&mut self, epoch: u32) {
        self.go_to(start_of(epoch));
    }

    pub fn now(&self) -> u64 {
        self.env.block.time.seconds()
    }

    pub fn epoch(&self) -> u32 {
        u32::try_from((self.now() - START) / LENGTH).unwrap()
    }

    pub fn lineage(&self) -> Lineage {
        let outside = self.outside.borrow();
        SUPPLY
            .lineage(&REGISTRY.over(Local(&outside.registry)))
            .unwrap()
    }

    /// The registry records a key's new owner; it does nothing else.
    pub fn give(&mut self, key: u32, owner: &str) {
        let lineage = self.lineage();
        let mut outside = self.outside.borrow_mut();
        let (epoch, owner) = (outside.epoch, account(owner));
        let holding = Holding { owner, nonce: 0 };
        HOLDERS
            .set(&mut outside.registry, &lineage, KeyId(key), epoch, holding)
            .unwrap();
    }

    /// All keys of now split by `factor` from an epoch on.
    pub fn split(&mut self, from: u32, factor: u8) {
        let mut lineage = self.lineage();
        let mut outside = self.outside.borrow_mut();
        let keys = SUPPLY
            .keys_at(
                &REGISTRY.over(Local(&outside.registry)),
                &lineage,
                outside.epoch,
            )
            .unwrap();
        lineage.splits.push(Split {
            from: Epoch(from),
            factor,
            keys,
            grace: 0,
        });
        let done: StdResult<()> = REGISTRY.change(&mut outside.registry, |registry| {
            SUPPLY.set_lineage(registry, &lineage);
            Ok(())
        });
        done.unwrap();
    }

    /// Executes; a refused message leaves no trace, as on a chain.
    pub fn execute(&mut self, sender: &str, msg: ExecuteMsg) -> Result<Response, ContractError> {
        self.execute_with(sender, &[], msg)
    }

    pub fn execute_with(
        &mut self,
        sender: &str,
        coins: &[Coin],
        msg: ExecuteMsg,
    ) -> Result<Response, ContractError> {
        let before = dump(&self.deps.storage);
        let info = message_info(&addr(sender), coins);
        let result = contract::execute(self.deps.as_mut(), self.env.clone(), info, msg);
        match &result {
            Ok(response) => {
                let paid: u128 = transfers(response).iter().map(|(_, amount)| amount).sum();
                self.outside.borrow_mut().balance -= paid;
            }
            Err(_) => self.restore(before),
        }
        result
    }

    fn restore(&mut self, before: Vec<(Vec<u8>, Vec<u8>)>) {
        let mut storage = MockStorage::new();
        before
            .iter()
            .for_each(|(key, value)| storage.set(key, value));
        self.deps.storage = storage;
    }

    /// `amount` QST units come with a message.
    pub fn send(
        &mut self,
        sender: &str,
        amount: u128,
        msg: &ReceiveMsg,
    ) -> Result<Response, ContractError> {
        let msg = Cw20ReceiveMsg {
            sender: addr(sender).into(),
            amount: amount.into(),
            msg: to_json_binary(msg).unwrap(),
        };
        self.outside.borrow_mut().balance += amount;
        let result = self.execute("qst", ExecuteMsg::Receive(msg));
        if result.is_err() {
            self.outside.borrow_mut().balance -= amount;
        }
        result
    }

    pub fn stake_with(
        &mut self,
        sender: &str,
        amount: u128,
        numbers: &[u32],
    ) -> Result<Response, ContractError> {
        let keys = keys(numbers);
        self.send(sender, amount, &ReceiveMsg::StakeNodes { keys })
    }

    /// Stakes with exactly what is needed.
    pub fn stake(&mut self, sender: &str, keys: &[u32]) -> Result<Response, ContractError> {
        let each = self.lineage().requirement_at(Epoch(self.epoch()));
        self.stake_with(sender, each * keys.len() as u128, keys)
    }

    pub fn unstake(&mut self, sender: &str, numbers: &[u32]) -> Result<Response, ContractError> {
        let keys = keys(numbers);
        self.execute(sender, ExecuteMsg::UnstakeNodes { keys })
    }

    pub fn deposit(&mut self, sender: &str, amount: u128) -> Result<Response, ContractError> {
        self.send(sender, amount, &ReceiveMsg::DepositPool {})
    }

    pub fn unbond(&mut self, sender: &str, amount: u128) -> Result<Response, ContractError> {
        let amount = Uint128::new(amount);
        self.execute(sender, ExecuteMsg::UnbondPool { amount })
    }

    pub fn withdraw(&mut self, sender: &str, lots: &[u64]) -> Result<Response, ContractError> {
        let msg = ExecuteMsg::WithdrawLots {
            lots: Some(lots.to_vec()),
            start_after: None,
            limit: None,
        };
        self.execute(sender, msg)
    }

    pub fn withdraw_page(
        &mut self,
        sender: &str,
        start_after: Option<u64>,
        limit: Option<u32>,
    ) -> Result<Response, ContractError> {
        let msg = ExecuteMsg::WithdrawLots {
            lots: None,
            start_after,
            limit,
        };
        self.execute(sender, msg)
    }

    pub fn cancel(&mut self, sender: &str, lot: u64) -> Result<Response, ContractError> {
        self.execute(sender, ExecuteMsg::CancelLot { lot })
    }

    pub fn release(&mut self, releases: &[(u32, &str)]) -> Result<Response, ContractError> {
        let release = |(key, staker): &(u32, &str)| noderev_api::vault::Release {
            key: KeyId(*key),
            staker: addr(staker).into(),
        };
        let releases = releases.iter().map(release).collect();
        self.execute("registry", ExecuteMsg::ReleaseStakes { releases })
    }

    pub fn query<T: DeserializeOwned>(&self, msg: QueryMsg) -> T {
        from_json(self.try_query(msg).unwrap()).unwrap()
    }

    pub fn try_query(&self, msg: QueryMsg) -> Result<Binary, ContractError> {
        contract::query(self.deps.as_ref(), self.env.clone(), msg)
    }

    /// Keys staked in an epoch.
    pub fn staked(&self, epoch: u32) -> Vec<u32> {
        let answer: noderev_api::vault::StakedNodesResponse = self.query(QueryMsg::StakedNodes {
            epoch: Epoch(epoch),
        });
        let bits = noderev_components::Bitmap::checked(answer.keys, &answer.bitmap).unwrap();
        assert_eq!(answer.staked, bits.count());
        bits.ones().map(|bit| bit + 1).collect()
    }

    pub fn pool_of(&self, name: &str, epoch: u32) -> u128 {
        let stake: Uint128 = self.query(QueryMsg::PoolStakeAt {
            account: addr(name).into(),
            epoch: Epoch(epoch),
        });
        stake.u128()
    }

    pub fn pool_total(&self, epoch: u32) -> u128 {
        let pool: noderev_api::vault::PoolResponse = self.query(QueryMsg::Pool {
            epoch: Some(Epoch(epoch)),
        });
        pool.counted.u128()
    }

    pub fn lots_of(&self, name: &str) -> Vec<(u64, Lot)> {
        crate::state::load_lots(&self.deps.storage, &account(name), None, usize::MAX).unwrap()
    }

    /// QST units in nodes, pool and lots.
    pub fn buckets(&self) -> (u128, u128, u128) {
        let books = LEDGER
            .load(&BUNDLE.over(Local(&self.deps.storage)), QST)
            .unwrap();
        assert!(books.balanced());
        assert_eq!(books.liabilities(), self.outside.borrow().balance);
        let bucket = |at: usize| books.buckets.get(at).copied().unwrap_or(0);
        (bucket(0), bucket(1), bucket(2))
    }
}

impl Outside {
    fn answer(&self, query: &WasmQuery) -> QuerierResult {
        let answer = match query {
            WasmQuery::Raw { contract_addr, key }
                if *contract_addr == addr("registry").as_str() =>
            {
                self.registry.get(key).map(Binary::from).unwrap_or_default()
            }
            WasmQuery::Smart { contract_addr, msg }
                if *contract_addr == addr("registry").as_str() =>
            {
                self.smart(&from_json(msg).unwrap())
            }
            WasmQuery::Smart { contract_addr, msg } if *contract_addr == addr("qst").as_str() => {
                let Cw20QueryMsg::Balance { address } = from_json(msg).unwrap() else {
                    panic!("not asked of QST");
                };
                assert_eq!(address, MOCK_CONTRACT_ADDR);
                let balance = self.balance.into();
                to_json_binary(&cw20::BalanceResponse { balance }).unwrap()
            }
            WasmQuery::ContractInfo { .. } => to_json_binary(&ContractInfoResponse::new(
                1,
                addr("deployer"),
                Some(addr("admin")),
                false,
                None,
            ))
            .unwrap(),
            other => panic!("unexpected query {other:?}"),
        };
        SystemResult::Ok(ContractResult::Ok(answer))
    }

    fn smart(&self, query: &RegistryQuery) -> Binary {
        match query {
            RegistryQuery::Config {} => to_json_binary(&self.config()).unwrap(),
            RegistryQuery::Tokens {
                owner,
                start_after,
                limit,
            } => {
                let after: u32 = start_after.as_deref().map_or(0, |id| id.parse().unwrap());
                let tokens = self.tokens(owner, after, limit.unwrap_or(30) as usize);
                to_json_binary(&cw721::msg::TokensResponse { tokens }).unwrap()
            }
            other => panic!("not asked of the registry: {other:?}"),
        }
    }

    fn config(&self) -> ConfigResponse {
        ConfigResponse {
            name: "Keys".to_string(),
            symbol: "KEY".to_string(),
            clock: Clock {
                start: Timestamp::from_seconds(START),
                length: LENGTH,
            },
            qst: addr("qst"),
            qst_decimals: 6,
            vault: self.named_vault.clone(),
            distributor: addr("distributor"),
            admin: None,
            max_batch: 100,
            max_issue: 1_000,
        }
    }

    fn tokens(&self, owner: &str, after: u32, limit: usize) -> Vec<String> {
        let store = REGISTRY.over(Local(&self.registry));
        let lineage = SUPPLY.lineage(&store).unwrap();
        let keys = SUPPLY.keys_at(&store, &lineage, self.epoch).unwrap();
        let owner = Account::parse(&MockApi::default(), owner).unwrap();
        let owned = |key: &u32| {
            let span = HOLDERS.span_at(&store, &lineage, KeyId(*key), self.epoch);
            span.unwrap().unwrap().value.owner == owner
        };
        let mine = (after + 1..=keys).filter(owned);
        mine.take(limit).map(|key| key.to_string()).collect()
    }
}

/// The QST payments of a response: plain cw20 transfers whose failure fails the message.
pub fn transfers(response: &Response) -> Vec<(String, u128)> {
    let payment = |sub: &cosmwasm_std::SubMsg| {
        assert_eq!(sub.reply_on, cosmwasm_std::ReplyOn::Never);
        let CosmosMsg::Wasm(WasmMsg::Execute {
            contract_addr,
            msg,
            funds,
        }) = &sub.msg
        else {
            panic!("not a payment: {sub:?}");
        };
        assert_eq!((contract_addr, funds.len()), (&addr("qst").to_string(), 0));
        match from_json(msg).unwrap() {
            Cw20ExecuteMsg::Transfer { recipient, amount } => (recipient, amount.u128()),
            other => panic!("not a transfer: {other:?}"),
        }
    };
    response.messages.iter().map(payment).collect()
}

/// Attributes of the response's typed events.
pub fn events(response: &Response) -> Vec<(String, Vec<(String, String)>)> {
    let attributes = |event: &cosmwasm_std::Event| {
        let pairs = event.attributes.iter();
        let pairs = pairs.map(|pair| (pair.key.clone(), pair.value.clone()));
        (event.ty.clone(), pairs.collect())
    };
    response.events.iter().map(attributes).collect()
}

#[track_caller]
pub fn assert_refused<T: std::fmt::Debug>(result: Result<T, ContractError>, text: &str) {
    assert_eq!(result.unwrap_err().to_string(), text);
}
