//! The currencies of revenue (rule M4): an allow-list of at most eight, append-only.

use core::fmt;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{coins, to_json_binary, Addr, BankMsg, CosmosMsg, QuerierWrapper, WasmMsg};
use cw20::{BalanceResponse, Cw20ExecuteMsg, Cw20QueryMsg};

use crate::fault::StdResult;

/// A currency on the wire: a native denomination or a cw20 token.
#[cw_serde]
#[derive(Eq, PartialOrd, Ord)]
pub enum Denom {
    /// A native denomination of the bank module, IBC and factory tokens included.
    Native(String),
    /// A cw20 token's contract address.
    Cw20(String),
}

impl fmt::Display for Denom {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Native(denom) => write!(f, "native:{denom}"),
            Self::Cw20(token) => write!(f, "cw20:{token}"),
        }
    }
}

impl Denom {
    /// A transfer of `amount` smallest units to `to`: a plain bank send or cw20 `Transfer`, which
    /// the receiver cannot refuse by a hook.
    pub fn transfer(&self, to: &Addr, amount: u128) -> StdResult<CosmosMsg> {
        Ok(match self {
            Self::Native(denom) => BankMsg::Send {
                to_address: to.to_string(),
                amount: coins(amount, denom),
            }
            .into(),
            Self::Cw20(token) => WasmMsg::Execute {
                contract_addr: token.clone(),
                msg: to_json_binary(&Cw20ExecuteMsg::Transfer {
                    recipient: to.to_string(),
                    amount: amount.into(),
                })?,
                funds: vec![],
            }
            .into(),
        })
    }

    /// What `holder` holds, smallest units.
    pub fn balance(&self, querier: QuerierWrapper, holder: &Addr) -> StdResult<u128> {
        match self {
            Self::Native(denom) => Ok(querier.query_balance(holder, denom)?.amount.u128()),
            Self::Cw20(token) => {
                let address = holder.to_string();
                let query = Cw20QueryMsg::Balance { address };
                let answer: BalanceResponse = querier.query_wasm_smart(token, &query)?;
                Ok(answer.balance.u128())
            }
        }
    }
}

/// At most this many currencies of revenue.
pub const MAX_DENOMS: usize = 8;

/// A currency of revenue and how front ends show it.
#[cw_serde]
#[derive(Eq)]
#[serde(deny_unknown_fields)]
pub struct DenomInfo {
    /// The currency.
    pub denom: Denom,
    /// Short name, such as "USDC".
    pub symbol: String,
    /// Number of decimals: 6 means that 1 = 1,000,000 smallest units.
    pub decimals: u8,
}

/// An amount of one currency.
#[cw_serde]
#[derive(Eq)]
pub struct Amount {
    /// The currency.
    pub denom: Denom,
    /// Smallest units.
    pub amount: cosmwasm_std::Uint128,
}
