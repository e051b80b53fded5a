//! Stakes of nodes: always the key owner's, always exactly the requirement.

use cosmwasm_std::{Addr, Deps, DepsMut, Event, Response, Storage};
use noderev_api::registry::raw::HOLDERS;
use noderev_api::vault::raw::{NodeStake, NODES};
use noderev_api::vault::{Params, Release};
use noderev_components::{fault, nanoseconds, Account, KeyId, Lineage, Local, StdResult};

use super::{check_keys, listed, validated};
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{add_lot, update_books, Lot, EVENTS, LOT_AMOUNTS, NODE_STAKES, PARAMS};

/// Stakes nodes of the sender with QST that has come.
pub fn stake_nodes(
    mut deps: DepsMut,
    moment: &Moment,
    staker: &Addr,
    keys: &[KeyId],
    amount: u128,
) -> Result<Response, Refusal> {
    let lineage = moment.lineage(deps.querier)?;
    check_stake(deps.as_ref(), moment, &lineage, staker, keys)?;
    let need = stake_of(&lineage, moment, keys)?;
    if amount != need {
        return Err(ContractError::WrongStake {
            have: amount,
            need,
            keys: keys.len(),
        }
        .into());
    }
    update_books(&mut deps, |books| books.receive(NODE_STAKES, amount))?;
    for key in keys {
        NODES.toggle(deps.storage, &lineage, moment.epoch, *key)?;
    }
    let event = EVENTS
        .emit(deps.storage, "node_staked", moment.epoch)?
        .add_attribute("staker", staker)
        .add_attribute("keys", listed(keys))
        .add_attribute("each", lineage.requirement_at(moment.epoch).to_string())
        .add_attribute("amount", amount.to_string())
        .add_attribute("from_epoch", moment.epoch.next().to_string());
    Ok(Response::new()
        .add_attribute("action", "stake_nodes")
        .add_event(event))
}

/// Whether an account can stake these nodes now; everything but the amount.
pub fn check_stake(
    deps: Deps,
    moment: &Moment,
    lineage: &Lineage,
    staker: &Addr,
    keys: &[KeyId],
) -> Result<(), Refusal> {
    check_keys(keys)?;
    moment.ensure_running(deps)?;
    keys.iter()
        .try_for_each(|key| check_unstaked(deps, moment, lineage, staker, *key))
}

/// What these nodes take, QST units.
pub fn stake_of(lineage: &Lineage, moment: &Moment, keys: &[KeyId]) -> StdResult<u128> {
    let each = lineage.requirement_at(moment.epoch);
    let count = u128::try_from(keys.len()).unwrap_or(u128::MAX);
    each.checked_mul(count)
        .ok_or_else(|| fault("too many keys"))
}

/// Whether the account owns the key and its node is not staked from the next epoch on.
pub fn check_unstaked(
    deps: Deps,
    moment: &Moment,
    lineage: &Lineage,
    account: &Addr,
    key: KeyId,
) -> Result<(), Refusal> {
    ensure_key_owner(deps, moment, lineage, account, key)?;
    let stake = NODES.stake(&Local(deps.storage), lineage, moment.epoch, key)?;
    match stake.is_staked() {
        true => Err(ContractError::AlreadyStaked {
            key,
            epoch: moment.epoch.next(),
        }
        .into()),
        false => Ok(()),
    }
}

/// Takes the stakes off nodes of the sender.
pub fn unstake_nodes(
    mut deps: DepsMut,
    moment: &Moment,
    staker: &Addr,
    keys: &[KeyId],
) -> Result<Response, Refusal> {
    check_keys(keys)?;
    let lineage = moment.lineage(deps.querier)?;
    for key in keys {
        ensure_key_owner(deps.as_ref(), moment, &lineage, staker, *key)?;
    }
    let leaving = Leaving::load(deps.as_ref(), moment, lineage)?;
    let mut events = vec![];
    for key in keys {
        events.push(leaving.unstake(&mut deps, staker, *key, "unstaked")?);
    }
    Ok(Response::new()
        .add_attribute("action", "unstake_nodes")
        .add_events(events))
}

/// Keys have changed hands: their stakes stay behind and leave.
pub fn release_stakes(
    mut deps: DepsMut,
    moment: &Moment,
    releases: &[Release],
) -> Result<Response, Refusal> {
    let keys: Vec<KeyId> = releases.iter().map(|release| release.key).collect();
    check_keys(&keys)?;
    let lineage = moment.lineage(deps.querier)?;
    let leaving = Leaving::load(deps.as_ref(), moment, lineage)?;
    let mut events = vec![];
    for release in releases {
        let staker = validated(deps.as_ref(), &release.staker)?;
        events.push(leaving.unstake(&mut deps, &staker, release.key, "released")?);
    }
    Ok(Response::new()
        .add_attribute("action", "release_stakes")
        .add_events(events))
}

/// Stakes that leave at the next boundary.
struct Leaving<'a> {
    moment: &'a Moment,
    lineage: Lineage,
    params: Params,
}

impl<'a> Leaving<'a> {
    fn load(deps: Deps, moment: &'a Moment, lineage: Lineage) -> StdResult<Self> {
        Ok(Self {
            moment,
            lineage,
            params: moment.params(deps.storage)?,
        })
    }

    /// Turns a node's stake into a lot of the staker.
    fn unstake(
        &self,
        deps: &mut DepsMut,
        staker: &Addr,
        key: KeyId,
        cause: &str,
    ) -> Result<Event, Refusal> {
        let (moment, until) = (self.moment, self.moment.epoch.next());
        let stake = NODES.stake(&Local(deps.storage), &self.lineage, moment.epoch, key)?;
        if !stake.is_staked() {
            return Err(ContractError::NotStaked { key, epoch: until }.into());
        }
        let lot = Lot {
            amount: self.lineage.requirement_at(moment.epoch),
            release: node_release(deps.storage, moment, &self.params, &stake)?,
            until,
            key: Some(key),
        };
        NODES.toggle(deps.storage, &self.lineage, moment.epoch, key)?;
        update_books(deps, |books| {
            books.shift(NODE_STAKES, LOT_AMOUNTS, lot.amount)
        })?;
        let account = Account::of(deps.api, staker)?;
        let number = add_lot(deps.storage, &account, &lot)?;
        Ok(EVENTS
            .emit(deps.storage, "node_unstaked", moment.epoch)?
            .add_attribute("staker", staker)
            .add_attribute("key", key.to_string())
            .add_attribute("amount", lot.amount.to_string())
            .add_attribute("until_epoch", until.to_string())
            .add_attribute("lot", number.to_string())
            .add_attribute("release", nanoseconds(lot.release))
            .add_attribute("cause", cause))
    }
}

/// When a node's stake that is taken off now is released: the unbonding period after the next
/// boundary, and not before the minimum lock since it began to count is over. The lock is the
/// shorter one of what was in force when the stake was placed and what is now: raising it binds
/// nobody who has staked before.
pub fn node_release(
    storage: &dyn Storage,
    moment: &Moment,
    params: &Params,
    stake: &NodeStake,
) -> StdResult<u64> {
    let placed = stake.from.prev().unwrap_or_default();
    let agreed = PARAMS.at(&Local(storage), placed)?.minimum_lock;
    let counted_from = moment.config.clock.start_of(stake.from);
    let locked = counted_from.saturating_add(agreed.min(params.minimum_lock));
    let unbonded = moment.boundary().saturating_add(params.unbonding_period);
    Ok(unbonded.max(locked))
}

fn ensure_key_owner(
    deps: Deps,
    moment: &Moment,
    lineage: &Lineage,
    account: &Addr,
    key: KeyId,
) -> Result<(), Refusal> {
    let registry = moment.registry(deps.querier);
    let span = HOLDERS.span_at(&registry, lineage, key, moment.epoch)?;
    let owner = span.ok_or(ContractError::UnknownKey { key })?.value.owner;
    if owner == Account::of(deps.api, account)? {
        return Ok(());
    }
    Err(ContractError::NotKeyOwner {
        key,
        owner: owner.human(deps.api)?,
        account: account.clone(),
    }
    .into())
}
