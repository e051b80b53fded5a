//! What the queries answer.

mod admin;
mod delegations;
mod evidence;
mod history;
mod joining;
mod members;
mod network;
mod nfts;
mod validators;

use cosmwasm_std::{to_json_binary, Addr, Binary, Deps, Env, Timestamp};
use noderev_api::delegation::QueryMsg;
use noderev_components::{Account, AsOf, Epoch, History, Local, Packed, StdResult};

use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::{load_token, EVENTS, EVIDENCE};

/// What a query reads.
pub struct Context<'a> {
    pub deps: Deps<'a>,
    pub env: &'a Env,
    pub moment: Moment,
}

impl<'a> Context<'a> {
    fn load(deps: Deps<'a>, env: &'a Env) -> StdResult<Self> {
        let moment = Moment::load(deps.storage, env)?;
        Ok(Self { deps, env, moment })
    }

    /// The moment at which the answer is true.
    pub fn as_of(&self) -> StdResult<AsOf> {
        Ok(AsOf::now(self.env, EVENTS.seq(&Local(self.deps.storage))?))
    }

    /// The token that is minted.
    pub fn token(&self) -> StdResult<Addr> {
        Ok(load_token(self.deps.storage, self.deps.api)?.addr)
    }

    /// An account named in a query.
    pub fn account(&self, human: &str) -> StdResult<Account> {
        Account::parse(self.deps.api, human)
    }

    /// The oldest epoch that is not closed.
    pub fn closed(&self) -> StdResult<Epoch> {
        Ok(EVIDENCE.progress(&Local(self.deps.storage))?.next)
    }

    /// A value in the running epoch and in the next.
    pub fn now_and_next<T: Packed + Copy>(
        &self,
        history: &History<T>,
        id: &[u8],
    ) -> StdResult<(Option<T>, Option<T>)> {
        let (storage, now, next) = (self.deps.storage, self.moment.epoch, self.moment.next());
        Ok(match history.newest(storage, id)? {
            None => (None, None),
            Some(newest) if newest.from <= now => (Some(newest.value), Some(newest.value)),
            Some(newest) if newest.from == next => {
                (history.at(storage, id, now)?, Some(newest.value))
            }
            Some(_) => (
                history.at(storage, id, now)?,
                history.at(storage, id, next)?,
            ),
        })
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
        QueryMsg::Delegations { start_after, limit } => {
            to_json_binary(&delegations::delegations(c, start_after, limit)?)
        }
        QueryMsg::Delegation { delegation } => {
            to_json_binary(&delegations::delegation(c, delegation)?)
        }
        QueryMsg::Members {
            delegation,
            start_after,
            limit,
        } => to_json_binary(&members::members(c, delegation, start_after, limit)?),
        QueryMsg::Approvals {
            delegation,
            start_after,
            limit,
        } => to_json_binary(&members::approvals(c, delegation, start_after, limit)?),
        QueryMsg::Member { account } => to_json_binary(&members::member(c, &account)?),
        QueryMsg::Nfts {
            account,
            start_after,
            limit,
        } => to_json_binary(&nfts::nfts(c, &account, start_after, limit)?),
        QueryMsg::Nft { nft } => to_json_binary(&nfts::nft(c, nft)?),
        QueryMsg::Collections {} => to_json_binary(&nfts::collections(c)?),
        QueryMsg::PreviewStake {
            collection,
            token_ids,
        } => to_json_binary(&nfts::preview_stake(c, collection, token_ids)?),
        QueryMsg::PreviewJoin {
            delegation,
            quintessence,
            account,
        } => to_json_binary(&joining::preview_join(
            c,
            delegation,
            quintessence,
            account,
        )?),
        QueryMsg::PreviewClaim {
            account,
            delegations,
        } => to_json_binary(&members::preview_claim(c, &account, delegations)?),
        QueryMsg::Validators {
            delegation,
            start_after,
            limit,
        } => to_json_binary(&validators::validators(c, delegation, start_after, limit)?),
        QueryMsg::History {
            delegation,
            member,
            start_after,
            limit,
        } => to_json_binary(&history::history(
            c,
            delegation,
            member,
            start_after,
            limit,
        )?),
        QueryMsg::Explain {
            delegation,
            member,
            epoch,
        } => to_json_binary(&history::explain(c, delegation, &member, epoch)?),
        QueryMsg::Receipts {
            account,
            start_after,
            limit,
        } => to_json_binary(&members::receipts(c, &account, start_after, limit)?),
        QueryMsg::Attesters {} => to_json_binary(&evidence::attesters(c)?),
        QueryMsg::Evidence { epoch } => to_json_binary(&evidence::evidence(c, epoch)?),
        QueryMsg::Seats {
            epoch,
            start_after,
            limit,
        } => to_json_binary(&validators::seats(c, epoch, start_after, limit)?),
        QueryMsg::Injections { start_after, limit } => {
            to_json_binary(&network::injections(c, start_after, limit)?)
        }
        QueryMsg::Link { account } => to_json_binary(&members::link(c, &account)?),
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
