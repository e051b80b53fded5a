//! What messages do. Each checks everything first, then writes, then answers.

use cosmwasm_std::{from_json, Addr, Deps, DepsMut, Response, Uint128};
use cw20::Cw20ReceiveMsg;
use noderev_api::vault::{ReceiveMsg, MAX_BATCH};
use noderev_components::{Batch, KeyId, StdResult};

use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::permissions::ensure_is;

/// Keys that a message or query names.
const KEYS: Batch = Batch::new("key", "keys", MAX_BATCH);

pub mod admin;
pub mod lots;
pub mod nodes;
pub mod pool;

/// QST has come; the stake is whoever's sent it.
pub fn receive(deps: DepsMut, moment: &Moment, msg: Cw20ReceiveMsg) -> Result<Response, Refusal> {
    let amount = nonzero(msg.amount)?;
    let sender = deps.api.addr_validate(&msg.sender)?;
    match from_json(&msg.msg)? {
        ReceiveMsg::StakeNodes { keys } => nodes::stake_nodes(deps, moment, &sender, &keys, amount),
        ReceiveMsg::DepositPool {} => pool::deposit_pool(deps, moment, &sender, amount),
        ReceiveMsg::DepositPoolFor { account } => {
            ensure_is(&sender, &moment.config.distributor, "revenue distributor")?;
            pool::deposit_pool_for(deps, moment, &account, amount)
        }
    }
}

/// Refuses an amount of nothing.
pub fn nonzero(amount: Uint128) -> Result<u128, Refusal> {
    match amount.u128() {
        0 => Err(ContractError::ZeroAmount.into()),
        amount => Ok(amount),
    }
}

/// Refuses no keys, too many, any that comes twice and key 0.
pub fn check_keys(keys: &[KeyId]) -> Result<(), Refusal> {
    KEYS.ensure(keys)?;
    match keys.iter().find(|key| key.0 == 0) {
        Some(key) => Err(ContractError::UnknownKey { key: *key }.into()),
        None => Ok(()),
    }
}

/// Numbers in an event.
fn listed<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    items.join(",")
}

/// An account from a message.
fn validated(deps: Deps, account: &str) -> StdResult<Addr> {
    Ok(deps.api.addr_validate(account)?)
}
