//! Who has staked what.

use cosmwasm_std::{Deps, Env, Timestamp, Uint128};
use noderev_api::registry::raw::SUPPLY;
use noderev_api::registry::QueryMsg as RegistryQuery;
use noderev_api::vault::raw::{NodeStake, NODES, POOL, POOL_TOTAL};
use noderev_api::vault::{
    LotKind, LotResponse, NodeStakeResponse, NodeStakesResponse, PoolResponse, PositionResponse,
    PreviewStakeResponse, StakedNodesResponse,
};
use noderev_components::{fault, page_limit, Account, Epoch, KeyId, Lineage, Local, StdResult};

use super::as_of;
use crate::error::Refusal;
use crate::execute::check_keys;
use crate::execute::nodes::{check_stake, node_release, stake_of};
use crate::moment::Moment;
use crate::state::{load_lots, Lot};

/// Which part of a position.
pub struct Page {
    start_after_key: Option<KeyId>,
    start_after_lot: Option<u64>,
    limit: usize,
}

impl Page {
    /// As asked for, with the limit in its bounds.
    pub fn new(
        start_after_key: Option<KeyId>,
        start_after_lot: Option<u64>,
        limit: Option<u32>,
    ) -> Self {
        Self {
            start_after_key,
            start_after_lot,
            limit: page_limit(limit),
        }
    }
}

/// A user's whole position.
pub fn position(
    deps: Deps,
    env: &Env,
    moment: &Moment,
    account: &str,
    page: &Page,
) -> Result<PositionResponse, Refusal> {
    let staker = Account::parse(deps.api, account)?;
    let (nodes, next_key) = account_nodes(deps, moment, account, page)?;
    let lots = load_lots(deps.storage, &staker, page.start_after_lot, page.limit)?;
    let next_lot = last_of_full_page(page, &lots).map(|(number, _)| *number);
    let (counted, next) = (moment.epoch, moment.epoch.next());
    Ok(PositionResponse {
        nodes,
        next_key,
        pool_counted: pool_stake(deps, &staker, counted)?,
        pool_next: pool_stake(deps, &staker, next)?,
        lots: lots.into_iter().map(lot_response).collect(),
        next_lot,
        as_of: as_of(deps, env)?,
    })
}

/// The account's keys on this page that are staked now or in the next epoch.
fn account_nodes(
    deps: Deps,
    moment: &Moment,
    account: &str,
    page: &Page,
) -> Result<(Vec<NodeStakeResponse>, Option<KeyId>), Refusal> {
    let query = RegistryQuery::Tokens {
        owner: account.to_string(),
        start_after: page.start_after_key.map(|key| key.to_string()),
        limit: u32::try_from(page.limit).ok(),
    };
    let registry = &moment.config.registry;
    let owned: cw721::msg::TokensResponse = deps.querier.query_wasm_smart(registry, &query)?;
    let keys: Vec<KeyId> = owned
        .tokens
        .iter()
        .map(|id| parse_key(id))
        .collect::<Result<_, _>>()?;
    let lineage = moment.lineage(deps.querier)?;
    let mut nodes = vec![];
    for key in &keys {
        let node = node_stake(deps, moment, &lineage, *key)?;
        if node.staked || node.staked_next {
            nodes.push(node);
        }
    }
    Ok((nodes, last_of_full_page(page, &keys).copied()))
}

fn parse_key(id: &str) -> StdResult<KeyId> {
    let key = id.parse();
    key.map_err(|error: noderev_components::KeyIdError| fault(error.to_string()))
}

/// Where the next page begins: after the last entry, if the page is full.
fn last_of_full_page<'a, T>(page: &Page, entries: &'a [T]) -> Option<&'a T> {
    entries.last().filter(|_| entries.len() == page.limit)
}

fn lot_response((number, lot): (u64, Lot)) -> LotResponse {
    LotResponse {
        lot: number,
        amount: lot.amount.into(),
        kind: lot.key.map_or(LotKind::Pool, |key| LotKind::Node { key }),
        counts_until: lot.until,
        release: Timestamp::from_seconds(lot.release),
    }
}

/// Whether nodes are staked.
pub fn node_stakes(
    deps: Deps,
    env: &Env,
    moment: &Moment,
    keys: &[KeyId],
) -> Result<NodeStakesResponse, Refusal> {
    check_keys(keys)?;
    let lineage = moment.lineage(deps.querier)?;
    let nodes = keys
        .iter()
        .map(|key| node_stake(deps, moment, &lineage, *key));
    Ok(NodeStakesResponse {
        nodes: nodes.collect::<StdResult<_>>()?,
        as_of: as_of(deps, env)?,
    })
}

fn node_stake(
    deps: Deps,
    moment: &Moment,
    lineage: &Lineage,
    key: KeyId,
) -> StdResult<NodeStakeResponse> {
    let store = Local(deps.storage);
    let staked = NODES.is_staked(&store, lineage, moment.epoch, key)?;
    let coming = NODES.stake(&store, lineage, moment.epoch, key)?;
    let staked_next = coming.is_staked();
    Ok(NodeStakeResponse {
        key,
        staked,
        staked_next,
        counts_from: staked_next.then_some(coming.from),
        counts_until: (staked && !staked_next).then_some(moment.epoch.next()),
    })
}

/// The pool in an epoch.
pub fn pool(
    deps: Deps,
    env: &Env,
    moment: &Moment,
    epoch: Option<Epoch>,
) -> StdResult<PoolResponse> {
    let epoch = epoch.unwrap_or(moment.epoch);
    let total = |epoch| POOL_TOTAL.at(&Local(deps.storage), &[], epoch);
    Ok(PoolResponse {
        epoch,
        counted: total(epoch)?.unwrap_or(0).into(),
        next: total(epoch.next())?.unwrap_or(0).into(),
        as_of: as_of(deps, env)?,
    })
}

/// What an account had in the pool in an epoch.
pub fn pool_stake_at(deps: Deps, account: &str, epoch: Epoch) -> StdResult<Uint128> {
    let account = Account::parse(deps.api, account)?;
    pool_stake(deps, &account, epoch)
}

fn pool_stake(deps: Deps, account: &Account, epoch: Epoch) -> StdResult<Uint128> {
    let stake = POOL.at(&Local(deps.storage), &account.key(), epoch)?;
    Ok(stake.unwrap_or(0).into())
}

/// The set of staked nodes in an epoch.
pub fn staked_nodes(
    deps: Deps,
    env: &Env,
    moment: &Moment,
    epoch: Epoch,
) -> StdResult<StakedNodesResponse> {
    let lineage = moment.lineage(deps.querier)?;
    let keys = SUPPLY.keys_at(&moment.registry(deps.querier), &lineage, epoch)?;
    let staked = NODES.staked(&Local(deps.storage), &lineage, epoch, keys)?;
    Ok(StakedNodesResponse {
        epoch,
        keys,
        staked: staked.count(),
        bitmap: staked.to_binary(),
        as_of: as_of(deps, env)?,
    })
}

/// What staking these keys would take and do, or why it would fail.
pub fn preview_stake(
    deps: Deps,
    moment: &Moment,
    account: &str,
    keys: &[KeyId],
) -> Result<PreviewStakeResponse, Refusal> {
    let staker = deps.api.addr_validate(account)?;
    let lineage = moment.lineage(deps.querier)?;
    let refusal = check_stake(deps, moment, &lineage, &staker, keys).err();
    let counts_from = moment.epoch.next();
    let stake = NodeStake {
        changes: 1,
        from: counts_from,
    };
    let params = moment.params(deps.storage)?;
    let release = node_release(deps.storage, moment, &params, &stake)?;
    Ok(PreviewStakeResponse {
        amount: stake_of(&lineage, moment, keys)?.into(),
        counts_from,
        at: Timestamp::from_seconds(moment.boundary()),
        earliest_release: Timestamp::from_seconds(release),
        refusal: refusal.map(|refusal| refusal.to_string()),
    })
}
