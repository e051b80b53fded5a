//! What stories need beyond the suite's own helpers.

use cosmwasm_std::{
    to_json_binary, Addr, Binary, Deps, DepsMut, Empty, Env, MessageInfo, Reply, Response,
    StdError, StdResult, WasmMsg,
};
use cw_multi_test::{AppResponse, Contract, ContractWrapper, Executor};
use noderev_components::Bitmap;
use noderev_testing::{Network, Panicked};

/// A contract's storage.
pub type Dump = Vec<(Vec<u8>, Vec<u8>)>;

/// Why a message was refused: the innermost text. Fails the test if it was accepted, or panicked.
#[track_caller]
pub fn refusal(result: anyhow::Result<AppResponse>) -> String {
    match result {
        Ok(_) => panic!("it was accepted"),
        Err(error) => {
            assert!(!error.is::<Panicked>(), "{error:#}");
            error.root_cause().to_string()
        }
    }
}

/// Asserts that a message was refused with exactly this text.
#[track_caller]
pub fn assert_refused(result: anyhow::Result<AppResponse>, why: &str) {
    assert_eq!(refusal(result), why);
}

/// Asserts that a message was refused with a text that contains this.
#[track_caller]
pub fn assert_refused_with(result: anyhow::Result<AppResponse>, part: &str) {
    let why = refusal(result);
    assert!(why.contains(part), "refused, but: {why}");
}

/// Storage of the contracts, of the tokens and of the collections.
pub fn dump(net: &Network) -> Vec<Dump> {
    let at = net.addresses();
    let contracts = [&at.registry, &at.vault, &at.distributor, &at.qst];
    let contracts = contracts
        .into_iter()
        .chain([&at.delegation, &at.reward_token]);
    let contracts = contracts.chain(&at.collections);
    let dump = |contract: &Addr| net.app().dump_wasm_raw(contract);
    contracts.map(dump).collect()
}

/// Does something that must be refused with exactly this text and change nothing.
#[track_caller]
pub fn assert_changes_nothing(
    net: &mut Network,
    why: &str,
    act: impl FnOnce(&mut Network) -> anyhow::Result<AppResponse>,
) {
    let before = dump(net);
    assert_refused(act(net), why);
    assert!(before == dump(net), "a refused message has changed storage");
}

/// Ends the running epoch and closes it: everybody ran but these.
#[track_caller]
pub fn finish(net: &mut Network, epoch: u32, down: &[u32]) {
    net.to_epoch(epoch + 1);
    let ran: Bitmap = net.all_but(epoch, down);
    net.finish_epoch(epoch, &ran);
}

/// The attributes of a response's events of one name, without the contract's address.
pub fn events(response: &AppResponse, name: &str) -> Vec<Vec<(String, String)>> {
    let of_name = response.events.iter();
    let of_name = of_name.filter(|event| event.ty.ends_with(name));
    let told = of_name.map(|event| {
        let attributes = event.attributes.iter();
        let told = attributes.filter(|it| it.key != "_contract_address");
        told.map(|it| (it.key.clone(), it.value.clone())).collect()
    });
    told.collect()
}

/// The values of one attribute of the events of one name, in order.
pub fn attributes(response: &AppResponse, name: &str, key: &str) -> Vec<String> {
    let all = events(response, name).into_iter().flatten();
    all.filter(|(found, _)| found == key)
        .map(|(_, value)| value)
        .collect()
}

/// What somebody could claim of a currency, over all roles; of at most 100 keys.
#[track_caller]
pub fn claimable(net: &Network, account: &str, denom: usize) -> u128 {
    let answer = net.distributor().account(account);
    assert!(answer.next.is_none(), "more than a page of keys");
    let denom = net.denom(denom);
    let parts = answer.claimable.iter().filter(|part| part.denom == denom);
    parts.map(|part| part.amount.u128()).sum()
}

/// Somebody claims everything; what he then got of a currency.
#[track_caller]
pub fn claimed(net: &mut Network, account: &str, denom: usize) -> u128 {
    let denom = net.denom(denom);
    let before = net.balance(account, &denom);
    net.claim_all(account);
    net.balance(account, &denom) - before
}

/// What somebody could claim of the delegation contract, over all roles.
#[track_caller]
pub fn rewards_claimable(net: &Network, account: &str) -> u128 {
    let answer = net.delegation().member(account);
    assert!(!answer.next, "more than one claim is needed");
    answer.claimable.iter().map(|part| part.amount.u128()).sum()
}

/// Somebody claims everything of the delegation contract; what he then got.
#[track_caller]
pub fn rewards_claimed(net: &mut Network, account: &str) -> u128 {
    let before = net.reward_balance(account);
    net.claim_all_rewards(account);
    net.reward_balance(account) - before
}

/// Deploys a contract that needs nothing to be instantiated.
pub fn deploy(net: &mut Network, code: Box<dyn Contract<Empty>>, label: &str) -> Addr {
    let creator = net.account("attacker");
    let app = net.app_mut();
    let code = app.store_code(code);
    app.instantiate_contract(code, creator, &Empty {}, &[], label, None)
        .expect("it can be instantiated")
}

/// A token like QST that somebody made himself; he has a million of it.
pub fn false_token(net: &mut Network, maker: &str) -> Addr {
    use cw20_base::contract::{execute, instantiate, query};
    let code = Box::new(ContractWrapper::new(execute, instantiate, query));
    let maker = net.account(maker);
    let msg = cw20_base::msg::InstantiateMsg {
        name: "QuStream".into(),
        symbol: "QST".into(),
        decimals: 6,
        initial_balances: vec![cw20::Cw20Coin {
            address: maker.to_string(),
            amount: 1_000_000_000_000u128.into(),
        }],
        mint: None,
        marketing: None,
    };
    let app = net.app_mut();
    let code = app.store_code(code);
    app.instantiate_contract(code, maker, &msg, &[], "qst", None)
        .expect("a token")
}

/// Refuses every message.
pub fn refuser() -> Box<dyn Contract<Empty>> {
    fn instantiate(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        Ok(Response::new())
    }
    fn execute(_: DepsMut, _: Env, _: MessageInfo, _: serde_json::Value) -> StdResult<Response> {
        Err(StdError::generic_err("I take nothing"))
    }
    fn query(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
        Ok(Binary::default())
    }
    Box::new(ContractWrapper::new(execute, instantiate, query))
}

/// Does what it was told: on any message that carries a `msg`, it runs the messages in it.
pub fn puppet() -> Box<dyn Contract<Empty>> {
    fn instantiate(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
        Ok(Response::new())
    }
    fn execute(_: DepsMut, _: Env, _: MessageInfo, msg: serde_json::Value) -> StdResult<Response> {
        let inner = msg.as_object().and_then(|map| map.values().next().cloned());
        let text = inner.as_ref().and_then(|inner| inner.get("msg"));
        let text = text.and_then(|text| text.as_str()).unwrap_or_default();
        let orders: Vec<WasmMsg> = match Binary::from_base64(text) {
            Ok(bytes) if !bytes.is_empty() => cosmwasm_std::from_json(bytes)?,
            _ => vec![],
        };
        Ok(Response::new().add_messages(orders))
    }
    fn query(_: Deps, _: Env, _: Empty) -> StdResult<Binary> {
        Ok(Binary::default())
    }
    fn reply(_: DepsMut, _: Env, _: Reply) -> StdResult<Response> {
        Ok(Response::new())
    }
    Box::new(ContractWrapper::new(execute, instantiate, query).with_reply(reply))
}

/// A collection that does as it is told with `bewitch`: refuses to move the NFTs in `refuse`, and
/// runs `orders` whenever it moves one. Otherwise it is cw721-base.
pub fn bewitched() -> Box<dyn Contract<Empty>> {
    use cw721_base::entry::{instantiate, query};
    fn execute(
        mut deps: DepsMut,
        env: Env,
        info: MessageInfo,
        msg: serde_json::Value,
    ) -> StdResult<Response> {
        if let Some(spell) = msg.get("bewitch") {
            deps.storage.set(b"spell", spell.to_string().as_bytes());
            return Ok(Response::new());
        }
        if let Some(forged) = msg.get("forge") {
            let orders: Vec<WasmMsg> = serde_json::from_value(forged.clone()).map_err(text)?;
            return Ok(Response::new().add_messages(orders));
        }
        let spell = deps.storage.get(b"spell").unwrap_or_else(|| b"{}".into());
        let spell: serde_json::Value = serde_json::from_slice(&spell).map_err(text)?;
        let moved = msg.get("transfer_nft").map(|it| it["token_id"].clone());
        let refuse = spell["refuse"].as_array().cloned().unwrap_or_default();
        if moved.as_ref().is_some_and(|id| refuse.contains(id)) {
            return Err(StdError::generic_err("it stays with me"));
        }
        let orders: Vec<WasmMsg> = match (&moved, spell.get("orders")) {
            (Some(_), Some(orders)) => serde_json::from_value(orders.clone()).map_err(text)?,
            _ => vec![],
        };
        let msg: cw721_base::msg::ExecuteMsg = serde_json::from_value(msg).map_err(text)?;
        let response = cw721_base::entry::execute(deps.branch(), env, info, msg).map_err(text)?;
        Ok(response.add_messages(orders))
    }
    fn text(error: impl std::fmt::Display) -> StdError {
        StdError::generic_err(error.to_string())
    }
    Box::new(ContractWrapper::new(execute, instantiate, query))
}

/// Tells a bewitched collection what to do from now on.
#[track_caller]
pub fn bewitch(net: &mut Network, collection: usize, refuse: &[&str], orders: &[WasmMsg]) {
    let contract = net.collection(collection);
    let msg = serde_json::json!({ "bewitch": { "refuse": refuse, "orders": orders } });
    net.execute("attacker", &contract, &msg, &[]);
}

/// Lets a bewitched collection send messages.
pub fn forge(
    net: &mut Network,
    collection: usize,
    orders: &[WasmMsg],
) -> anyhow::Result<AppResponse> {
    let contract = net.collection(collection);
    net.try_execute(
        "attacker",
        &contract,
        &serde_json::json!({ "forge": orders }),
        &[],
    )
}

/// A message to a contract, for a puppet.
pub fn order(contract: &Addr, msg: &impl serde::Serialize) -> WasmMsg {
    WasmMsg::Execute {
        contract_addr: contract.to_string(),
        msg: to_json_binary(msg).expect("a message"),
        funds: vec![],
    }
}

/// Lets a puppet do something.
pub fn command(
    net: &mut Network,
    puppet: &Addr,
    orders: &[WasmMsg],
) -> anyhow::Result<AppResponse> {
    let msg = serde_json::json!({ "run": { "msg": to_json_binary(orders)?.to_base64() } });
    net.try_execute("attacker", puppet, &msg, &[])
}
