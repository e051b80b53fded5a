//! NFTs in, between delegations, and out.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{
    from_json, to_json_binary, Addr, Api, DepsMut, QuerierWrapper, Reply, Response, Storage,
    SubMsg, SubMsgResult, WasmMsg,
};
use cw721::msg::OwnerOfResponse;
use cw721::receiver::Cw721ReceiveMsg;
use noderev_api::delegation::{DelegationId, Nft, NftHook, MAX_BATCH, MAX_TOKEN_ID};
use noderev_components::{
    each, ensure_within, packed_struct, Account, Batch, Local, Packed, StdResult,
};

use super::collections::Allowed;
use super::delegations::{check_joining, ensure_staking};
use super::done;
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::stakes::{change_total, change_weight, Change};
use crate::state::{
    add_nft, collection_number, load_account, may_load_nft, remove_nft, save_account, save_nft,
    AccountStake, NftKey, StakedNft, PARAMS,
};

/// Number of a reply to a return.
pub const REPLY: u64 = 2;
/// Gas that the return of one NFT among others may use: many times what cw721-base needs.
const RETURN_GAS: u64 = 500_000;

const NFTS: Batch = Batch::new("NFT", "NFTs", MAX_BATCH);

/// What is asked of a collection.
#[cw_serde]
enum CollectionQuery {
    OwnerOf {
        token_id: String,
        include_expired: Option<bool>,
    },
}

/// What a collection is told.
#[cw_serde]
enum CollectionMsg {
    TransferNft { recipient: String, token_id: String },
}

fn transfer(collection: &Addr, recipient: &Addr, token_id: &str) -> StdResult<WasmMsg> {
    let msg = CollectionMsg::TransferNft {
        recipient: recipient.to_string(),
        token_id: token_id.to_string(),
    };
    Ok(WasmMsg::Execute {
        contract_addr: collection.to_string(),
        msg: to_json_binary(&msg)?,
        funds: vec![],
    })
}

/// An NFT named in a message.
struct Named {
    nft: Nft,
    key: NftKey,
}

impl Named {
    fn parse(storage: &dyn Storage, api: &dyn Api, nft: Nft) -> Result<Self, Refusal> {
        let account = Account::parse(api, &nft.collection)?;
        let number = collection_number(storage, &account)?;
        let collection = number.ok_or_else(|| ContractError::UnknownCollection {
            collection: nft.collection.clone(),
        })?;
        let key = NftKey {
            collection,
            token_id: nft.token_id.clone(),
        };
        Ok(Self { nft, key })
    }

    /// Refuses an NFT that is not here.
    fn staked(&self, storage: &dyn Storage) -> Result<StakedNft, Refusal> {
        let not_staked = || ContractError::NotStaked {
            collection: self.nft.collection.clone(),
            token_id: self.nft.token_id.clone(),
        };
        Ok(may_load_nft(storage, &self.key)?.ok_or_else(not_staked)?)
    }

    /// Refuses an NFT that does not count for the sender.
    fn counting(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        staker: &Account,
        sender: &Addr,
    ) -> Result<StakedNft, Refusal> {
        let staked = self.staked(storage)?;
        if staked.staker != *staker {
            return Err(ContractError::NotStaker {
                collection: self.nft.collection.clone(),
                token_id: self.nft.token_id.clone(),
                staker: staked.staker.human(api)?,
                sender: sender.clone(),
            }
            .into());
        }
        if staked.withdrawable_at.is_some() {
            return Err(ContractError::Leaving {
                collection: self.nft.collection.clone(),
                token_id: self.nft.token_id.clone(),
            }
            .into());
        }
        Ok(staked)
    }
}

fn parse_nfts(storage: &dyn Storage, api: &dyn Api, nfts: Vec<Nft>) -> Result<Vec<Named>, Refusal> {
    let names: Vec<String> = nfts
        .iter()
        .map(|nft| format!("{:?} of {}", nft.token_id, nft.collection))
        .collect();
    NFTS.ensure(&names)?;
    each(nfts, |nft| Named::parse(storage, api, nft))
}

/// A collection has sent an NFT.
pub fn receive_nft(
    deps: DepsMut,
    moment: &Moment,
    collection: Addr,
    msg: Cw721ReceiveMsg,
) -> Result<Response, Refusal> {
    let NftHook::Stake { delegation } = from_json(&msg.msg)?;
    let staker = deps.api.addr_validate(&msg.sender)?;
    let allowed = Allowed::load(deps.storage, deps.api, moment, collection)?;
    let tokens = [msg.token_id];
    let response = stake(deps, moment, &staker, &allowed, &tokens, delegation)?;
    Ok(response.add_attribute("action", "receive_nft"))
}

/// Fetches and stakes NFTs of the sender. That they are his is asked of the collection: this
/// contract may be allowed to move those of others, too.
pub fn stake_nfts(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    collection: &str,
    token_ids: Vec<String>,
    delegation: Option<DelegationId>,
) -> Result<Response, Refusal> {
    NFTS.ensure(&token_ids)?;
    let collection = deps.api.addr_validate(collection)?;
    let allowed = Allowed::load(deps.storage, deps.api, moment, collection)?;
    for token_id in &token_ids {
        ensure_own(deps.querier, &allowed.addr, token_id, sender)?;
    }
    let fetched = each(&token_ids, |token_id| {
        transfer(&allowed.addr, &moment.contract, token_id)
    })?;
    let response = stake(deps, moment, sender, &allowed, &token_ids, delegation)?;
    Ok(response
        .add_messages(fetched)
        .add_attribute("action", "stake_nfts"))
}

fn ensure_own(
    querier: QuerierWrapper,
    collection: &Addr,
    token_id: &str,
    sender: &Addr,
) -> Result<(), Refusal> {
    let query = CollectionQuery::OwnerOf {
        token_id: token_id.to_string(),
        include_expired: None,
    };
    let answer: OwnerOfResponse = querier.query_wasm_smart(collection, &query)?;
    match answer.owner == sender.as_str() {
        true => Ok(()),
        false => Err(ContractError::NotOwnNft {
            collection: collection.to_string(),
            token_id: token_id.to_string(),
            owner: answer.owner,
            sender: sender.clone(),
        }
        .into()),
    }
}

/// Records NFTs of one staker and lets them count from the next epoch on.
fn stake(
    deps: DepsMut,
    moment: &Moment,
    staker: &Addr,
    allowed: &Allowed,
    token_ids: &[String],
    delegation: Option<DelegationId>,
) -> Result<Response, Refusal> {
    ensure_staking(deps.storage, moment)?;
    let account = Account::of(deps.api, staker)?;
    let mut stake = load_account(deps.storage, &account)?;
    let position = stake.position_for(delegation)?;
    let (mut added, mut weights) = (0u128, vec![]);
    for token_id in token_ids {
        ensure_within(
            "token id length",
            token_id.len() as u128,
            1,
            MAX_TOKEN_ID as u128,
        )?;
        let weight = allowed.weigh(token_id)?;
        let key = NftKey {
            collection: allowed.number,
            token_id: token_id.clone(),
        };
        if may_load_nft(deps.storage, &key)?.is_some() {
            return Err(ContractError::AlreadyStaked {
                collection: allowed.addr.to_string(),
                token_id: token_id.clone(),
            }
            .into());
        }
        let nft = StakedNft {
            staker: account.clone(),
            weight,
            position,
            withdrawable_at: None,
        };
        add_nft(deps.storage, &key, &nft);
        stake.put(position)?;
        added = added.saturating_add(weight);
        weights.push(weight);
    }
    if let Some(id) = delegation {
        let joiner = Some((&account, &stake));
        check_joining(deps.storage, deps.api, id, joiner, added)?;
    }
    change_total(deps.storage, moment.next(), Change::Add(added))?;
    change_weight(
        deps.storage,
        moment.next(),
        delegation,
        &account,
        &mut stake,
        Change::Add(added),
    )?;
    save_account(deps.storage, &account, &stake);
    let event = moment
        .event(deps.storage, "nft_staked")?
        .add_attribute("staker", staker)
        .add_attribute("collection", &allowed.addr)
        .add_attributes(token_ids.iter().map(|id| ("token_id", id)))
        .add_attributes(
            weights
                .iter()
                .map(|weight| ("quintessence", weight.to_string())),
        )
        .add_attributes(delegation.map(|id| ("delegation", id.to_string())))
        .add_attribute("from_epoch", moment.next().to_string());
    Ok(Response::new().add_event(event))
}

/// NFTs taken out of their positions, and what counted where.
struct Taken {
    stake: AccountStake,
    nfts: Vec<(Named, StakedNft)>,
    /// Quintessence by the place in which it counted.
    from: Vec<(Option<DelegationId>, u128)>,
}

impl Taken {
    fn load(
        storage: &dyn Storage,
        api: &dyn Api,
        account: &Account,
        sender: &Addr,
        nfts: Vec<Nft>,
    ) -> Result<Self, Refusal> {
        let mut taken = Self {
            stake: load_account(storage, account)?,
            nfts: vec![],
            from: vec![],
        };
        for named in parse_nfts(storage, api, nfts)? {
            let staked = named.counting(storage, api, account, sender)?;
            let place = taken.stake.take(staked.position)?;
            match taken.from.iter_mut().find(|(known, _)| *known == place) {
                Some((_, weight)) => *weight = weight.saturating_add(staked.weight),
                None => taken.from.push((place, staked.weight)),
            }
            taken.nfts.push((named, staked));
        }
        Ok(taken)
    }

    fn weight(&self) -> u128 {
        let weights = self.from.iter().map(|(_, weight)| *weight);
        weights.fold(0, u128::saturating_add)
    }

    fn describe(&self) -> Vec<(&'static str, String)> {
        let nfts = self.nfts.iter().map(|(named, _)| &named.nft);
        let nfts = nfts.map(|nft| ("nft", format!("{}:{}", nft.collection, nft.token_id)));
        let from = self.from.iter().map(|(place, weight)| {
            let place = place.map_or_else(|| "none".to_string(), |id| id.to_string());
            ("left", format!("{place}:{weight}"))
        });
        nfts.chain(from).collect()
    }
}

/// Moves NFTs to another delegation, or out of any.
pub fn move_nfts(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    nfts: Vec<Nft>,
    delegation: Option<DelegationId>,
) -> Result<Response, Refusal> {
    let account = Account::of(deps.api, sender)?;
    let mut taken = Taken::load(deps.storage, deps.api, &account, sender, nfts)?;
    // What stays where it is does not join.
    let already = taken.from.iter().find(|(place, _)| *place == delegation);
    let already = already.map_or(0, |(_, weight)| *weight);
    let joining = taken.weight().saturating_sub(already);
    if let Some(id) = delegation {
        ensure_staking(deps.storage, moment)?;
        let joiner = Some((&account, &taken.stake));
        check_joining(deps.storage, deps.api, id, joiner, joining)?;
    }
    let position = taken.stake.position_for(delegation)?;
    for (named, staked) in &taken.nfts {
        taken.stake.put(position)?;
        let moved = StakedNft {
            position,
            ..staked.clone()
        };
        save_nft(deps.storage, &named.key, &moved);
    }
    for (place, weight) in taken.from.iter().filter(|(place, _)| *place != delegation) {
        change_weight(
            deps.storage,
            moment.next(),
            *place,
            &account,
            &mut taken.stake,
            Change::Sub(*weight),
        )?;
    }
    if joining > 0 {
        change_weight(
            deps.storage,
            moment.next(),
            delegation,
            &account,
            &mut taken.stake,
            Change::Add(joining),
        )?;
    }
    save_account(deps.storage, &account, &taken.stake);
    let event = moment
        .event(deps.storage, "nft_moved")?
        .add_attribute("staker", sender)
        .add_attributes(taken.describe())
        .add_attributes(delegation.map(|id| ("delegation", id.to_string())))
        .add_attribute("from_epoch", moment.next().to_string());
    Ok(done("move_nfts", event))
}

/// NFTs stop counting at the next boundary. When they can be withdrawn is fixed now.
pub fn unstake_nfts(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    nfts: Vec<Nft>,
) -> Result<Response, Refusal> {
    let account = Account::of(deps.api, sender)?;
    let mut taken = Taken::load(deps.storage, deps.api, &account, sender, nfts)?;
    let params = PARAMS.at(&Local(deps.storage), moment.epoch)?;
    let boundary = moment.clock.end_of(moment.epoch);
    let at = boundary.saturating_add(params.unbonding_period);
    for (named, staked) in &taken.nfts {
        let leaving = StakedNft {
            withdrawable_at: Some(at),
            ..staked.clone()
        };
        save_nft(deps.storage, &named.key, &leaving);
    }
    let count = u32::try_from(taken.nfts.len()).unwrap_or(u32::MAX);
    taken.stake.leaving = taken.stake.leaving.saturating_add(count);
    change_total(deps.storage, moment.next(), Change::Sub(taken.weight()))?;
    for (place, weight) in &taken.from {
        change_weight(
            deps.storage,
            moment.next(),
            *place,
            &account,
            &mut taken.stake,
            Change::Sub(*weight),
        )?;
    }
    save_account(deps.storage, &account, &taken.stake);
    let event = moment
        .event(deps.storage, "nft_unstaked")?
        .add_attribute("staker", sender)
        .add_attributes(taken.describe())
        .add_attribute("until_epoch", moment.next().to_string())
        .add_attribute("withdrawable_at", noderev_components::nanoseconds(at));
    Ok(done("unstake_nfts", event))
}

/// An NFT on its way back, to be recorded again if its collection refuses.
struct Return {
    key: NftKey,
    staked: StakedNft,
}
packed_struct!(Return { key, staked });

/// Returns NFTs to their stakers. Each is forgotten before it is given back, so that it cannot be
/// given back twice.
pub fn withdraw_nfts(deps: DepsMut, moment: &Moment, nfts: Vec<Nft>) -> Result<Response, Refusal> {
    let mut response = Response::new().add_attribute("action", "withdraw_nfts");
    // One among others must not use up their gas; one alone may use all there is.
    let limit = (nfts.len() > 1).then_some(RETURN_GAS);
    for named in parse_nfts(deps.storage, deps.api, nfts)? {
        let staked = withdrawable(deps.storage, moment, &named)?;
        let staker = staked.staker.human(deps.api)?;
        forget(deps.storage, &named.key, &staked)?;
        let collection = deps.api.addr_validate(&named.nft.collection)?;
        let record = Return {
            key: named.key,
            staked,
        };
        let give = transfer(&collection, &staker, &named.nft.token_id)?;
        let mut give = SubMsg::reply_on_error(give, REPLY).with_payload(record.to_packed());
        give.gas_limit = limit;
        let event = moment
            .event(deps.storage, "nft_released")?
            .add_attribute("staker", staker)
            .add_attribute("collection", collection)
            .add_attribute("token_id", named.nft.token_id);
        response = response.add_event(event).add_submessage(give);
    }
    Ok(response)
}

fn withdrawable(
    storage: &dyn Storage,
    moment: &Moment,
    named: &Named,
) -> Result<StakedNft, Refusal> {
    let staked = named.staked(storage)?;
    let (collection, token_id) = (named.nft.collection.clone(), named.nft.token_id.clone());
    let now = moment.now.seconds();
    match staked.withdrawable_at {
        None => Err(ContractError::NotLeaving {
            collection,
            token_id,
        }
        .into()),
        Some(at) if now < at => Err(ContractError::TooEarly {
            collection,
            token_id,
            at,
            now,
        }
        .into()),
        Some(_) => Ok(staked),
    }
}

fn forget(storage: &mut dyn Storage, key: &NftKey, staked: &StakedNft) -> StdResult<()> {
    remove_nft(storage, key, &staked.staker);
    let mut stake = load_account(storage, &staked.staker)?;
    stake.leaving = stake.leaving.saturating_sub(1);
    save_account(storage, &staked.staker, &stake);
    Ok(())
}

/// A collection has not given an NFT back: it stays recorded, and can be withdrawn again.
pub fn return_refused(deps: DepsMut, moment: &Moment, reply: &Reply) -> Result<Response, Refusal> {
    let SubMsgResult::Err(reason) = &reply.result else {
        return Err(ContractError::UnexpectedReply { id: reply.id }.into());
    };
    let Return { key, staked } = Return::from_packed(&reply.payload)?;
    let account = &staked.staker;
    // A collection that has let somebody else stake it in between has no say in that one's record.
    if may_load_nft(deps.storage, &key)?.is_none() {
        add_nft(deps.storage, &key, &staked);
        let mut stake = load_account(deps.storage, account)?;
        stake.leaving = stake.leaving.saturating_add(1);
        save_account(deps.storage, account, &stake);
    }
    let collection = crate::state::collection_account(deps.storage, key.collection)?;
    let event = moment
        .event(deps.storage, "nft_return_refused")?
        .add_attribute("staker", account.human(deps.api)?)
        .add_attribute("collection", collection.human(deps.api)?)
        .add_attribute("token_id", key.token_id)
        .add_attribute("reason", reason);
    Ok(Response::new().add_event(event))
}

/// Gives back an NFT that this contract holds and nobody has staked. Those of stakers that it may
/// move are not its own.
pub fn return_stray(
    deps: DepsMut,
    moment: &Moment,
    nft: Nft,
    to: &str,
) -> Result<Response, Refusal> {
    let to = deps.api.addr_validate(to)?;
    let collection = deps.api.addr_validate(&nft.collection)?;
    let number = collection_number(deps.storage, &Account::of(deps.api, &collection)?)?;
    if let Some(number) = number {
        let key = NftKey {
            collection: number,
            token_id: nft.token_id.clone(),
        };
        if may_load_nft(deps.storage, &key)?.is_some() {
            return Err(ContractError::AlreadyStaked {
                collection: nft.collection,
                token_id: nft.token_id,
            }
            .into());
        }
    }
    // This contract may be allowed to move NFTs that are still with their owners.
    ensure_own(deps.querier, &collection, &nft.token_id, &moment.contract)?;
    let event = moment
        .event(deps.storage, "stray_returned")?
        .add_attribute("collection", &collection)
        .add_attribute("token_id", &nft.token_id)
        .add_attribute("to", &to);
    Ok(done("return_stray", event).add_message(transfer(&collection, &to, &nft.token_id)?))
}
