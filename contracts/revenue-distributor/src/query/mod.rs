//! What the queries answer.

mod account;
mod admin;
mod evidence;
mod history;
mod network;

use cosmwasm_std::{to_json_binary, Binary, Deps, Env, Timestamp};
use noderev_api::distributor::QueryMsg;
use noderev_components::{Account, Amount, AsOf, ChartOfAccounts, Local, StdResult};

use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::EVENTS;

/// What a query reads.
pub struct Context<'a> {
    pub deps: Deps<'a>,
    pub env: &'a Env,
    pub moment: Moment,
}

impl<'a> Context<'a> {
    fn load(deps: Deps<'a>, env: &'a Env) -> StdResult<Self> {
        let moment = Moment::load(deps, env)?;
        Ok(Self { deps, env, moment })
    }

    /// The moment at which the answer is true.
    pub fn as_of(&self) -> StdResult<AsOf> {
        Ok(AsOf::now(self.env, EVENTS.seq(&Local(self.deps.storage))?))
    }

    /// An account named in a query.
    pub fn account(&self, human: &str) -> StdResult<Account> {
        Account::parse(self.deps.api, human)
    }

    /// Amounts that are not zero, by currency number.
    pub fn amounts(&self, amounts: &[u128]) -> Vec<Amount> {
        let numbered = (0u8..).zip(amounts).filter(|(_, amount)| **amount > 0);
        numbered
            .map(|(index, amount)| Amount {
                denom: self.moment.config.denom(index),
                amount: (*amount).into(),
            })
            .collect()
    }
}

/// Answers a query.
pub fn answer(deps: Deps, env: &Env, msg: QueryMsg) -> Result<Binary, Refusal> {
    let context = Context::load(deps, env)?;
    let c = &context;
    Ok(match msg {
        QueryMsg::Config {} => to_json_binary(&admin::config(c)?),
        QueryMsg::Network {} => to_json_binary(&network::network(c)?),
        QueryMsg::Epochs { start_after, limit } => {
            to_json_binary(&network::epochs(c, start_after, limit)?)
        }
        QueryMsg::Account {
            account,
            start_after,
            limit,
        } => to_json_binary(&account::account(c, &account, start_after, limit)?),
        QueryMsg::PreviewClaim { account, keys } => {
            to_json_binary(&account::preview_claim(c, &account, keys)?)
        }
        QueryMsg::Keys {
            ids,
            owner,
            start_after,
            limit,
        } => to_json_binary(&account::keys(c, ids, owner, start_after, limit)?),
        QueryMsg::KeyHistory {
            key,
            start_after,
            limit,
        } => to_json_binary(&history::key_history(c, key, start_after, limit)?),
        QueryMsg::PoolHistory {
            account,
            start_after,
            limit,
        } => to_json_binary(&history::pool_history(c, account, start_after, limit)?),
        QueryMsg::AccountHistory {
            account,
            keys,
            start_after,
            limit,
        } => to_json_binary(&history::account_history(
            c,
            &account,
            keys,
            start_after,
            limit,
        )?),
        QueryMsg::Receipts {
            account,
            start_after,
            limit,
        } => to_json_binary(&account::receipts(c, &account, start_after, limit)?),
        QueryMsg::Explain { key, epoch } => to_json_binary(&history::explain(c, key, epoch)?),
        QueryMsg::Simulate {
            revenue,
            running,
            unstaked,
            pool_stake,
            my_stake,
        } => {
            let facts = network::WhatIf {
                running,
                unstaked,
                pool_stake,
                my_stake,
            };
            to_json_binary(&network::simulate(c, revenue, &facts)?)
        }
        QueryMsg::Attesters {} => to_json_binary(&evidence::attesters(c)?),
        QueryMsg::Evidence { epoch } => to_json_binary(&evidence::evidence(c, epoch)?),
        QueryMsg::Deposits { start_after, limit } => {
            to_json_binary(&network::deposits(c, start_after, limit)?)
        }
        QueryMsg::Disputes {
            epoch,
            start_after,
            limit,
        } => to_json_binary(&evidence::disputes(c, epoch, start_after, limit)?),
        QueryMsg::Due {} => to_json_binary(&admin::due(c)?),
        QueryMsg::Solvency {} => to_json_binary(&admin::solvency(c)?),
        QueryMsg::ParamsAt { epoch } => to_json_binary(&admin::params_at(c, epoch)?),
        QueryMsg::QueuedParams {} => to_json_binary(&admin::queued_params(c)?),
        QueryMsg::Paused {} => to_json_binary(&admin::paused(c)?),
        QueryMsg::Roles {} => to_json_binary(&admin::roles(c)?),
        QueryMsg::Ownership {} => to_json_binary(&cw_ownable::get_ownership(deps.storage)?),
    }?)
}

/// A time on the wire, from Unix seconds.
pub const fn at(seconds: u64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}
