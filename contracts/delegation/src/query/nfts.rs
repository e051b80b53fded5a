//! Staked NFTs, what collections weigh, and what staking would give.

use cosmwasm_std::Addr;
use noderev_api::delegation::{
    Collection, CollectionInfo, CollectionsResponse, Nft, NftInfo, NftResponse, NftsResponse,
    PreviewStakeResponse, StakePreview, MAX_TOKEN_ID,
};
use noderev_components::{each, ensure_within, page_limit, Account, StdResult, MAX_PAGE};

use super::{at, Context};
use crate::error::{ContractError, Refusal};
use crate::execute::collections::weigh;
use crate::state::{
    collection_account, collection_number, load_account, load_counts, may_load_nft, page_nfts,
    AccountStake, NftKey, Rules, StakedNft, RULES,
};

pub fn nfts(
    c: &Context,
    human: &str,
    start_after: Option<Nft>,
    limit: Option<u32>,
) -> Result<NftsResponse, Refusal> {
    let account = c.account(human)?;
    let stake = load_account(c.deps.storage, &account)?;
    let after = start_after.map(|nft| named(c, nft)).transpose()?;
    let page = page_nfts(c.deps.storage, &account, after.as_ref(), page_limit(limit))?;
    let (mut addresses, mut nfts) = (Addresses::default(), vec![]);
    for key in page {
        if let Some(staked) = may_load_nft(c.deps.storage, &key)? {
            let collection = addresses.of(c, key.collection)?;
            nfts.push(nft_info(c, collection, key.token_id, &staked, &stake)?);
        }
    }
    Ok(NftsResponse {
        nfts,
        as_of: c.as_of()?,
    })
}

/// The key of an NFT of a known collection.
fn named(c: &Context, nft: Nft) -> Result<NftKey, Refusal> {
    Ok(NftKey {
        collection: number_of(c, nft.collection)?,
        token_id: nft.token_id,
    })
}

fn number_of(c: &Context, collection: String) -> Result<u8, Refusal> {
    let number = collection_number(c.deps.storage, &c.account(&collection)?)?;
    Ok(number.ok_or(ContractError::UnknownCollection { collection })?)
}

/// Addresses of collections by number, each looked up once.
#[derive(Default)]
struct Addresses(Vec<(u8, Addr)>);

impl Addresses {
    fn of(&mut self, c: &Context, number: u8) -> StdResult<Addr> {
        if let Some((_, known)) = self.0.iter().find(|(known, _)| *known == number) {
            return Ok(known.clone());
        }
        let addr = collection_account(c.deps.storage, number)?.human(c.deps.api)?;
        self.0.push((number, addr.clone()));
        Ok(addr)
    }
}

/// `stake`: its staker's, which says where its position counts.
fn nft_info(
    c: &Context,
    collection: Addr,
    token_id: String,
    staked: &StakedNft,
    stake: &AccountStake,
) -> StdResult<NftInfo> {
    let position = stake.positions.get(usize::from(staked.position));
    let counting = position.filter(|_| staked.withdrawable_at.is_none());
    Ok(NftInfo {
        nft: Nft {
            collection: collection.into_string(),
            token_id,
        },
        staker: staked.staker.human(c.deps.api)?,
        quintessence: staked.weight.into(),
        delegation: counting.and_then(|position| position.delegation),
        withdrawable_at: staked.withdrawable_at.map(at),
    })
}

pub fn nft(c: &Context, nft: Nft) -> Result<NftResponse, Refusal> {
    Ok(NftResponse {
        nft: staked(c, nft)?,
        as_of: c.as_of()?,
    })
}

/// An NFT of an unknown collection has nobody staked.
fn staked(c: &Context, nft: Nft) -> Result<Option<NftInfo>, Refusal> {
    let addr = c.deps.api.addr_validate(&nft.collection)?;
    let account = Account::of(c.deps.api, &addr)?;
    let Some(collection) = collection_number(c.deps.storage, &account)? else {
        return Ok(None);
    };
    let key = NftKey {
        collection,
        token_id: nft.token_id,
    };
    let Some(staked) = may_load_nft(c.deps.storage, &key)? else {
        return Ok(None);
    };
    let stake = load_account(c.deps.storage, &staked.staker)?;
    let info = nft_info(c, addr, key.token_id, &staked, &stake)?;
    Ok(Some(info))
}

/// A collection whose first rules were cancelled before they were in force is not listed.
pub fn collections(c: &Context) -> StdResult<CollectionsResponse> {
    let count = load_counts(c.deps.storage)?.collections;
    let mut collections = vec![];
    for number in 0..count {
        collections.extend(collection_info(c, number)?);
    }
    Ok(CollectionsResponse {
        collections,
        as_of: c.as_of()?,
    })
}

fn collection_info(c: &Context, number: u8) -> StdResult<Option<CollectionInfo>> {
    let (storage, epoch) = (c.deps.storage, c.moment.epoch);
    // At most one change waits, so the newest rules are in force or wait.
    let Some(newest) = RULES.newest(storage, &[number])? else {
        return Ok(None);
    };
    let addr = collection_account(storage, number)?.human(c.deps.api)?;
    let waits = newest.from > epoch;
    let now = match waits {
        true => RULES.at(storage, &[number], epoch)?,
        false => Some(newest.value.clone()),
    };
    let next = waits.then_some(newest.value);
    Ok(Some(CollectionInfo {
        now: now.map(|rules| on_the_wire(&addr, rules)),
        next: next.map(|rules| on_the_wire(&addr, rules)),
        next_from: waits.then_some(newest.from),
    }))
}

fn on_the_wire(addr: &Addr, rules: Rules) -> Collection {
    Collection {
        collection: addr.to_string(),
        weight: rules.weight.into(),
        classes: rules.classes,
    }
}

pub fn preview_stake(
    c: &Context,
    collection: String,
    token_ids: Vec<String>,
) -> Result<PreviewStakeResponse, Refusal> {
    let count = token_ids.len() as u128;
    ensure_within("number of token_ids", count, 0, MAX_PAGE.into())?;
    let number = number_of(c, collection)?;
    // Rules that are not in force yet give nothing.
    let rules = RULES.at(c.deps.storage, &[number], c.moment.epoch)?;
    let rules = rules.unwrap_or_default();
    Ok(PreviewStakeResponse {
        nfts: each(token_ids, |token_id| {
            stake_preview(c, number, &rules, token_id)
        })?,
        from: c.moment.next(),
        as_of: c.as_of()?,
    })
}

fn stake_preview(
    c: &Context,
    collection: u8,
    rules: &Rules,
    token_id: String,
) -> StdResult<StakePreview> {
    let key = NftKey {
        collection,
        token_id,
    };
    let staked = may_load_nft(c.deps.storage, &key)?.is_some();
    let (class, weight) = match (1..=MAX_TOKEN_ID).contains(&key.token_id.len()) {
        true => weigh(rules, &key.token_id),
        false => (None, 0),
    };
    Ok(StakePreview {
        class: class.map(ToString::to_string),
        quintessence: weight.into(),
        staked,
        token_id: key.token_id,
    })
}
