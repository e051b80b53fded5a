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

/// Storage of the three contracts and of QST.
pub fn dump(net: &Network) -> Vec<Dump> {
    let at = net.addresses();
    let contracts = [&at.registry, &at.vault, &at.distributor, &at.qst];
    let dump = |contract: &&Addr| net.app().dump_wasm_raw(contract);
    contracts.iter().map(dump).collect()
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
