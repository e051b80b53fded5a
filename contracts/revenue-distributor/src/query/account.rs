//! What accounts and keys are owed, and what they were paid.

use noderev_components::{
    not_found, page_limit, Account, Amount, Bitmap, Credit, Epoch, KeyId, Local, Purse, StdResult,
};
use std::collections::btree_map::Entry;
use std::collections::BTreeMap;

use cosmwasm_std::Uint64;
use noderev_api::common::{ReceiptInfo, ReceiptsResponse, RoleAmount};
use noderev_api::distributor::{
    AccountResponse, ClaimableKey, KeyCursor, KeyInfo, KeysResponse, PreviewClaimResponse,
};
use noderev_api::registry::{OwnerAt, OwnersAtResponse, QueryMsg as RegistryQuery};

use super::network::closed_page;
use super::Context;
use crate::error::Refusal;
use crate::settlement::{
    key_page, keys_of, tokens_of, treasury_share, SettledKey, Settler, KEY_BATCH,
};
use crate::state::{load_cursor, load_held, load_row, At, Row, KEYS_PER_PAGE, PAYOUTS};

/// Latest receipts beside an account.
const RECENT_RECEIPTS: usize = 10;
/// Epochs in a key's strip.
const STRIP: usize = 64;

pub fn account(
    c: &Context,
    human: &str,
    start_after: Option<KeyCursor>,
    limit: Option<u32>,
) -> Result<AccountResponse, Refusal> {
    let account = c.account(human)?;
    let addr = account.human(c.deps.api)?;
    let first_page = start_after.is_none();
    let mut purse = PAYOUTS.purses.load(&Local(c.deps.storage), &account)?;
    let done = load_cursor(c.deps.storage, &account)?.former;
    let (at, size) = (start_after.map(At::from), page_limit(limit));
    let limit = u32::try_from(size).unwrap_or(u32::MAX);
    let page = key_page(c.deps, &c.moment.config, &addr, done, at, limit)?;
    let next = page.last().filter(|_| page.len() >= size).copied();
    if !first_page {
        purse.owed.clear();
    }
    let mut settler = Settler::new(c.deps, &c.moment.config, c.moment.epoch)?;
    let mut claimable = vec![];
    for key in keys_of(&page) {
        let settled = settler.settle_key(key)?;
        credit(&mut purse, &account, &settled.credits);
        claimable.push(claimable_key(c, &settler, &account, &settled)?);
    }
    if first_page {
        if let Some(pool) = settler.settle_pool(&account)? {
            credit(&mut purse, &account, &pool.credits);
        }
        let share = treasury_share(c.deps.storage, &c.moment.config, &addr)?;
        purse.owed.extend(share);
    }
    let payee = purse
        .payee
        .as_ref()
        .map(|payee| payee.human(c.deps.api))
        .transpose()?;
    Ok(AccountResponse {
        payee: payee.unwrap_or_else(|| addr.clone()),
        self_claim_only: purse.self_claim_only,
        claimable: RoleAmount::list(&c.moment.config, &purse.owed),
        keys: claimable,
        next: next.map(KeyCursor::from),
        receipts: receipt_page(c, &account, None, RECENT_RECEIPTS)?,
        as_of: c.as_of()?,
    })
}

fn claimable_key(
    c: &Context,
    settler: &Settler,
    account: &Account,
    settled: &SettledKey,
) -> StdResult<ClaimableKey> {
    let mine = settled
        .credits
        .iter()
        .filter(|credit| credit.account == *account);
    let (owned, unclosed) = settler.unclosed(settled.key, account)?;
    Ok(ClaimableKey {
        key: settled.key,
        owned,
        settled: settled.before,
        unclosed,
        amounts: sums(c, mine),
    })
}

fn sums<'a>(c: &Context, credits: impl Iterator<Item = &'a Credit>) -> Vec<Amount> {
    let mut sums = vec![0u128; c.moment.config.denoms.len()];
    for credit in credits {
        if let Some(sum) = sums.get_mut(usize::from(credit.denom)) {
            *sum = sum.saturating_add(credit.amount);
        }
    }
    c.amounts(&sums)
}

/// Adds what the account has earned to its purse.
fn credit<'a>(purse: &mut Purse, account: &Account, credits: impl IntoIterator<Item = &'a Credit>) {
    let credits = credits.into_iter();
    let mine = credits.filter(|credit| credit.account == *account);
    mine.for_each(|credit| credit.add_to(purse));
}

pub fn preview_claim(
    c: &Context,
    human: &str,
    keys: Option<Vec<KeyId>>,
) -> Result<PreviewClaimResponse, Refusal> {
    let account = c.account(human)?;
    let addr = account.human(c.deps.api)?;
    let mut purse = PAYOUTS.purses.load(&Local(c.deps.storage), &account)?;
    let mut settler = Settler::new(c.deps, &c.moment.config, c.moment.epoch)?;
    let settlement = settler.settle(&account, &addr, keys)?;
    credit(&mut purse, &account, settlement.credits());
    let share = treasury_share(c.deps.storage, &c.moment.config, &addr)?;
    purse.owed.extend(share);
    Ok(PreviewClaimResponse {
        amounts: RoleAmount::list(&c.moment.config, &purse.owed),
        summary: settlement.summary,
    })
}

pub fn keys(
    c: &Context,
    ids: Option<Vec<KeyId>>,
    owner: Option<String>,
    start_after: Option<KeyId>,
    limit: Option<u32>,
) -> Result<KeysResponse, Refusal> {
    let limit = u32::try_from(page_limit(limit)).unwrap_or(u32::MAX);
    let ids = match (ids, owner) {
        (Some(ids), _) => {
            KEY_BATCH.ensure(&ids)?;
            ids
        }
        (None, Some(owner)) => {
            let owner = c.deps.api.addr_validate(&owner)?;
            tokens_of(c.deps, &c.moment.config, &owner, start_after, limit)?
        }
        (None, None) => {
            let first = start_after.map_or(1, |key| key.0.saturating_add(1));
            let settler = Settler::new(c.deps, &c.moment.config, c.moment.epoch)?;
            let last = settler
                .issued()?
                .min(first.saturating_add(limit).saturating_sub(1));
            (first..=last).map(KeyId).collect()
        }
    };
    if ids.is_empty() {
        return Ok(KeysResponse {
            keys: vec![],
            as_of: c.as_of()?,
        });
    }
    let mut strips = Strips::load(c)?;
    let mut settler = Settler::new(c.deps, &c.moment.config, c.moment.epoch)?;
    let known = owners(c, ids)?.into_iter();
    let keys = known.map(|known| key_info(c, &mut settler, &mut strips, known));
    Ok(KeysResponse {
        keys: keys.collect::<Result<_, _>>()?,
        as_of: c.as_of()?,
    })
}

/// Owners and node identifiers, all in one call.
fn owners(c: &Context, keys: Vec<KeyId>) -> StdResult<Vec<OwnerAt>> {
    let query = RegistryQuery::OwnersAt {
        keys,
        epoch: c.moment.epoch,
    };
    let registry = &c.moment.config.registry;
    let answer: OwnersAtResponse = c.deps.querier.query_wasm_smart(registry, &query)?;
    Ok(answer.owners)
}

/// The last closed epochs, newest first, with their disputed keys and the rows read so far.
struct Strips {
    epochs: Vec<(Epoch, Option<Bitmap>)>,
    rows: BTreeMap<(Epoch, u32), Row>,
}

/// A key's last epochs.
#[derive(Default)]
struct Strip {
    ran: u64,
    staked: u64,
    disputes: Vec<Epoch>,
}

impl Strips {
    fn load(c: &Context) -> StdResult<Self> {
        let epochs = closed_page(c, None, STRIP)?.into_iter();
        let epochs = epochs.map(|epoch| Ok((epoch, load_held(c.deps.storage, epoch)?)));
        Ok(Self {
            epochs: epochs.collect::<StdResult<_>>()?,
            rows: BTreeMap::new(),
        })
    }

    fn of(&mut self, c: &Context, key: KeyId) -> StdResult<Strip> {
        let (page, bit) = (key.bit() / KEYS_PER_PAGE, key.bit() % KEYS_PER_PAGE);
        let mut strip = Strip::default();
        for (place, (epoch, held)) in (0u32..).zip(&self.epochs) {
            let id = (*epoch, page);
            let row = match self.rows.entry(id) {
                Entry::Occupied(row) => row.into_mut(),
                Entry::Vacant(place) => place.insert(load_row(c.deps.storage, *epoch, page)?),
            };
            let flag = |set: bool| u64::from(set).checked_shl(place).unwrap_or(0);
            strip.ran |= flag(row.run.get(bit));
            strip.staked |= flag(row.staked.get(bit));
            if held.as_ref().is_some_and(|held| held.get(key.bit())) {
                strip.disputes.push(*epoch);
            }
        }
        Ok(strip)
    }
}

fn key_info(
    c: &Context,
    settler: &mut Settler,
    strips: &mut Strips,
    known: OwnerAt,
) -> Result<KeyInfo, Refusal> {
    let key = known.key;
    let settled = settler.settle_key(key)?;
    let owner = known
        .owner
        .ok_or_else(|| not_found(format!("owner of key {key}")))?;
    let account = Account::of(c.deps.api, &owner)?;
    let mine = settled
        .credits
        .iter()
        .filter(|credit| credit.account == account);
    let claimable = sums(c, mine);
    let strip = strips.of(c, key)?;
    let (staked, staked_next) = settler.staked(key)?;
    Ok(KeyInfo {
        key,
        owner,
        node_id: known.node_id,
        staked,
        staked_next,
        claimable,
        ran: Uint64::new(strip.ran),
        was_staked: Uint64::new(strip.staked),
        disputes: strip.disputes,
    })
}

pub fn receipts(
    c: &Context,
    human: &str,
    start_after: Option<u64>,
    limit: Option<u32>,
) -> StdResult<ReceiptsResponse> {
    let account = c.account(human)?;
    let receipts = receipt_page(c, &account, start_after, page_limit(limit))?;
    Ok(ReceiptsResponse {
        receipts,
        as_of: c.as_of()?,
    })
}

fn receipt_page(
    c: &Context,
    account: &Account,
    before: Option<u64>,
    limit: usize,
) -> StdResult<Vec<ReceiptInfo>> {
    ReceiptInfo::page(
        &PAYOUTS.receipts,
        c.deps,
        &c.moment.config,
        account,
        before,
        limit,
    )
}
