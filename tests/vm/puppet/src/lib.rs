//! A contract that does what it is told.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    to_json_binary, to_json_vec, Binary, ContractResult, Deps, DepsMut, Empty, Env, MessageInfo,
    Order, QueryRequest, Reply, Response, StdError, StdResult, SubMsg, SubMsgResult, SystemResult,
};

#[cfg(not(feature = "library"))]
use cosmwasm_std::entry_point;

/// What to do.
#[cw_serde]
#[derive(Default)]
pub struct ExecuteMsg {
    /// Entries to write.
    pub write: Vec<(Binary, Binary)>,
    /// Keys to delete.
    pub delete: Vec<Binary>,
    /// Messages to send afterwards.
    pub then: Vec<SubMsg>,
    /// Why to fail.
    pub fail: Option<String>,
    /// Whether to go on for ever.
    pub spin: bool,
}

/// What to answer.
#[cw_serde]
pub enum QueryMsg {
    /// The answer to a query.
    Relay(QueryRequest<Empty>),
    /// The values of entries with keys in a range.
    Range {
        /// First key.
        from: Option<Binary>,
        /// Key after the last one.
        until: Option<Binary>,
        /// Last one first.
        descending: bool,
    },
}

/// What a reply told, kept under `reply` and its number.
#[cw_serde]
pub struct Told {
    /// The payload.
    pub payload: Binary,
    /// The data that the message answered, or why it failed.
    pub result: Result<Option<Binary>, String>,
}

/// Does nothing.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn instantiate(_: DepsMut, _: Env, _: MessageInfo, _: Empty) -> StdResult<Response> {
    Ok(Response::new())
}

/// Does what it is told.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn execute(deps: DepsMut, _: Env, _: MessageInfo, msg: ExecuteMsg) -> StdResult<Response> {
    for (key, value) in &msg.write {
        deps.storage.set(key, value);
    }
    for key in &msg.delete {
        deps.storage.remove(key);
    }
    while core::hint::black_box(msg.spin) {}
    match msg.fail {
        Some(why) => Err(StdError::generic_err(why)),
        None => Ok(Response::new()
            .add_submessages(msg.then)
            .add_attribute("action", "obey")
            .set_data(b"done")),
    }
}

/// Remembers what it is told and answers the payload as data.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn reply(deps: DepsMut, _: Env, msg: Reply) -> StdResult<Response> {
    #[allow(deprecated)]
    let result = match msg.result {
        SubMsgResult::Ok(response) => Ok(response.data),
        SubMsgResult::Err(text) => Err(text),
    };
    let told = Told {
        payload: msg.payload.clone(),
        result,
    };
    let key = format!("reply{}", msg.id);
    deps.storage.set(key.as_bytes(), &to_json_vec(&told)?);
    Ok(Response::new().set_data(msg.payload))
}

/// Notes that it was migrated.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn migrate(deps: DepsMut, _: Env, _: Empty) -> StdResult<Response> {
    deps.storage.set(b"migrated", b"yes");
    Ok(Response::new())
}

/// Answers what it is asked.
#[cfg_attr(not(feature = "library"), entry_point)]
pub fn query(deps: Deps, _: Env, msg: QueryMsg) -> StdResult<Binary> {
    match msg {
        QueryMsg::Relay(request) => match deps.querier.raw_query(&to_json_vec(&request)?) {
            SystemResult::Ok(ContractResult::Ok(answer)) => Ok(answer),
            SystemResult::Ok(ContractResult::Err(text)) => Err(StdError::generic_err(text)),
            SystemResult::Err(error) => Err(StdError::generic_err(error.to_string())),
        },
        QueryMsg::Range {
            from,
            until,
            descending,
        } => {
            let order = match descending {
                true => Order::Descending,
                false => Order::Ascending,
            };
            let entries = deps.storage.range(from.as_deref(), until.as_deref(), order);
            let values: Vec<Binary> = entries.map(|(_, value)| value.into()).collect();
            to_json_binary(&values)
        }
    }
}
