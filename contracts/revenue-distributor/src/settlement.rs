//! What keys and a pool stake have earned since they were last settled, and for whom.
//!
//! Everything here only reads: messages write what queries preview.

use cosmwasm_std::{Addr, Deps, Storage};
use noderev_api::distributor::{ClaimSummary, Role, CLAIM_PAGE, MAX_BATCH};
use noderev_api::registry::{FormerKey, FormerKeysResponse, QueryMsg as RegistryQuery};
use noderev_components::{
    fault, not_found, Account, Batch, Credit, Epoch, EpochRange, KeyId, Lineage, Local, Owed,
    Place, StdResult,
};
use noderev_economics::accrue;

use crate::chain::Chain;
use crate::earnings::Earnings;
use crate::error::{ContractError, Refusal};
use crate::state::{
    buckets, load_cursor, load_lineage, may_load_key, may_load_pool, next_epoch, At, Config,
    Cursor, KeyAccount, PoolAccount, Round, LEDGER, ROLES,
};

/// Keys that a message or query names.
pub const KEY_BATCH: Batch = Batch::new("key", "keys", MAX_BATCH);
/// Epochs that are looked at for what is not closed yet.
const MAX_UNCLOSED: u32 = 7;
/// Owners of keys and pool stakes, one after the other, that one message goes through.
const MAX_SPANS: u32 = 120;

/// One key, settled.
pub struct SettledKey {
    pub key: KeyId,
    pub before: Epoch,
    pub after: KeyAccount,
    pub credits: Vec<Credit>,
    /// Whether it is settled up to the last closed epoch.
    pub complete: bool,
}

/// A pool stake, settled.
pub struct SettledPool {
    pub before: Epoch,
    pub after: PoolAccount,
    pub credits: Vec<Credit>,
    pub complete: bool,
}

/// What settling an account's keys and pool stake does.
pub struct Settlement {
    pub keys: Vec<SettledKey>,
    pub pool: Option<SettledPool>,
    /// The cursor for claims that name no keys, if it moves.
    pub cursor: Option<Cursor>,
    pub summary: ClaimSummary,
}

impl Settlement {
    /// Whether it is written how far a key is settled: where it earned something, and where keys could
    /// not be finished of all of them, so that the next message gets further.
    pub fn writes(&self, key: &SettledKey) -> bool {
        let unfinished = self.summary.remaining > 0;
        !key.credits.is_empty() || (unfinished && key.after.settled > key.before)
    }

    /// The pool stake, if it is written how far it is settled.
    pub fn written_pool(&self) -> Option<&SettledPool> {
        let pool = self.pool.as_ref();
        pool.filter(|pool| {
            !pool.credits.is_empty() || (!pool.complete && pool.after.settled > pool.before)
        })
    }

    /// All credits.
    pub fn credits(&self) -> impl Iterator<Item = &Credit> {
        let pool = self.pool.iter().flat_map(|pool| &pool.credits);
        self.keys.iter().flat_map(|key| &key.credits).chain(pool)
    }
}

/// Settles keys and pool stakes.
pub struct Settler<'a> {
    deps: Deps<'a>,
    config: &'a Config,
    chain: Chain<'a>,
    /// As of the last close.
    lineage: Lineage,
    pub earnings: Earnings<'a>,
    pub closed: Epoch,
    now: Epoch,
    spans_left: u32,
}

impl<'a> Settler<'a> {
    /// `now`: the running epoch.
    pub fn new(deps: Deps<'a>, config: &'a Config, now: Epoch) -> StdResult<Self> {
        let chain = Chain::new(deps.querier, config);
        Ok(Self {
            deps,
            config,
            chain,
            lineage: load_lineage(deps.storage)?,
            earnings: Earnings::new(deps.storage, config.denoms.len())?,
            closed: next_epoch(deps.storage)?,
            now,
            spans_left: MAX_SPANS,
        })
    }

    /// Settles the named keys or the next page of all that the account owns or owned, and its pool
    /// stake.
    pub fn settle(
        &mut self,
        account: &Account,
        addr: &Addr,
        keys: Option<Vec<KeyId>>,
    ) -> Result<Settlement, Refusal> {
        let (keys, cursor, more) = match keys {
            // Pool stakers without keys are spared the questions to the registry.
            Some(none) if none.is_empty() => (none, None, false),
            Some(keys) => {
                KEY_BATCH.ensure(&keys)?;
                (keys, None, false)
            }
            None => self.next_keys(account, addr)?,
        };
        let keys: Vec<SettledKey> = keys
            .into_iter()
            .map(|key| self.settle_key(key))
            .collect::<Result<_, _>>()?;
        let pool = self.settle_pool(account)?;
        let all_complete = keys.iter().all(|key| key.complete);
        let count = |complete| keys.iter().filter(|key| key.complete == complete).count();
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let pool_complete = pool.as_ref().is_none_or(|pool| pool.complete);
        let summary = ClaimSummary {
            settled: number(count(true)),
            remaining: number(count(false)),
            next: more || !all_complete || !pool_complete,
        };
        // A page that could not be finished is looked at again.
        let cursor = cursor.filter(|_| all_complete);
        Ok(Settlement {
            keys,
            pool,
            cursor,
            summary,
        })
    }

    /// Settles one key for everybody who has owned it since it was last settled.
    pub fn settle_key(&mut self, key: KeyId) -> Result<SettledKey, Refusal> {
        let mut at = self.key_account(key)?;
        let (before, mut credits) = (at.settled, vec![]);
        while at.settled < self.closed && self.take_span() {
            let span = self.chain.holder(&self.lineage, key, at.settled)?;
            let span = span.ok_or_else(|| not_found(format!("owner of key {key}")))?;
            let end = span.until.unwrap_or(self.closed).min(self.closed);
            let next = self.earnings.advance(key, at.clone(), end)?;
            credits.extend(earned(&span.value.owner, &at, &next));
            at = next;
            if at.settled < end {
                break;
            }
        }
        let complete = at.settled >= self.closed;
        Ok(SettledKey {
            key,
            before,
            after: at,
            credits,
            complete,
        })
    }

    /// Whether another owner or pool stake may be looked at.
    fn take_span(&mut self) -> bool {
        let left = self.spans_left.checked_sub(1);
        self.spans_left = left.unwrap_or(0);
        left.is_some()
    }

    /// How far a key is settled.
    pub fn key_account(&self, key: KeyId) -> Result<KeyAccount, Refusal> {
        if let Some(at) = may_load_key(self.deps.storage, key)? {
            return Ok(at);
        }
        Ok(KeyAccount {
            settled: self.born(key)?,
            totals: vec![],
        })
    }

    /// The first epoch in which a key existed.
    fn born(&self, key: KeyId) -> Result<Epoch, Refusal> {
        if let Some(born) = self.chain.born(&self.lineage, key)? {
            return Ok(born);
        }
        // Younger than the last close, if it exists at all.
        let (lineage, keys) = (self.chain.lineage()?, self.issued()?);
        let known = (1..=keys).contains(&key.0);
        let born = self.chain.born(&lineage, key)?.filter(|_| known);
        Ok(born.ok_or(ContractError::UnknownKey { key, keys })?)
    }

    /// Whether the account owns a key now, and how many ended epochs of its ownership are not
    /// closed.
    pub fn unclosed(&self, key: KeyId, account: &Account) -> StdResult<(bool, u32)> {
        let lineage = self.chain.lineage()?;
        let mine = |epoch: Epoch| -> StdResult<bool> {
            let span = self.chain.holder(&lineage, key, epoch)?;
            Ok(span.is_some_and(|span| span.value.owner == *account))
        };
        let mut unclosed = 0u32;
        // Closing is behind by a few epochs at the most times; after a long outage the latest count.
        let from = self
            .closed
            .max(Epoch(self.now.0.saturating_sub(MAX_UNCLOSED)));
        for epoch in (from.0..self.now.0).map(Epoch) {
            unclosed = unclosed.saturating_add(u32::from(mine(epoch)?));
        }
        Ok((mine(self.now)?, unclosed))
    }

    /// Whether a node counts as staked in the running epoch, and in the next.
    pub fn staked(&self, key: KeyId) -> StdResult<(bool, bool)> {
        let lineage = self.chain.lineage()?;
        Ok((
            self.chain.is_staked(&lineage, self.now, key)?,
            self.chain.is_staked_next(&lineage, self.now, key)?,
        ))
    }

    /// Number of keys now.
    pub fn issued(&self) -> StdResult<u32> {
        self.chain.keys_at(&self.chain.lineage()?, self.now)
    }

    /// Settles an account's pool stake; none if it never had any.
    pub fn settle_pool(&mut self, account: &Account) -> Result<Option<SettledPool>, Refusal> {
        let mut at = match may_load_pool(self.deps.storage, account)? {
            Some(at) => at,
            None => match self.chain.pool_since(account)? {
                Some(settled) => PoolAccount {
                    settled,
                    fractions: vec![],
                },
                None => return Ok(None),
            },
        };
        let (before, mut earned) = (at.settled, vec![]);
        while at.settled < self.closed && self.take_span() {
            let span = self.chain.pool_stake(account, at.settled)?;
            let span = span.ok_or_else(|| not_found("pool stake"))?;
            let end = span.until.unwrap_or(self.closed).min(self.closed);
            self.accrue_pool(&mut at, &mut earned, span.value, end)?;
        }
        let complete = at.settled >= self.closed;
        let epochs = EpochRange {
            from: before,
            until: at.settled,
        };
        let credits = credits_of(account, buckets::POOL, &earned, epochs);
        Ok(Some(SettledPool {
            before,
            after: at,
            credits,
            complete,
        }))
    }

    fn accrue_pool(
        &mut self,
        at: &mut PoolAccount,
        earned: &mut Vec<u128>,
        weight: u128,
        end: Epoch,
    ) -> Result<(), Refusal> {
        let from: Vec<_> = self
            .earnings
            .sums(at.settled)?
            .iter()
            .map(|sum| sum.pool.index)
            .collect();
        let to = self.earnings.sums(end)?;
        at.fractions.resize(to.len(), 0);
        earned.resize(to.len(), 0);
        for (index, (from, to)) in from.into_iter().zip(to).enumerate() {
            let (Some(fraction), Some(sum)) = (at.fractions.get_mut(index), earned.get_mut(index))
            else {
                continue;
            };
            let (whole, rest) = accrue(weight, from, to.pool.index, *fraction)?;
            *fraction = rest;
            *sum = sum
                .checked_add(whole)
                .ok_or_else(|| fault("pool reward overflow"))?;
        }
        at.settled = end;
        Ok(())
    }

    /// The next page of keys: of those that the account owns, then of those that it owned; with
    /// the cursor after them, and whether more follow in this round. What it gives away between two
    /// pages was settled before, or is among those that it owned when their turn comes.
    fn next_keys(
        &self,
        account: &Account,
        addr: &Addr,
    ) -> Result<(Vec<KeyId>, Option<Cursor>, bool), Refusal> {
        let before = load_cursor(self.deps.storage, account)?;
        let mut cursor = before.clone();
        let round = cursor.round.take().unwrap_or(Round {
            closed: self.closed,
            at: None,
        });
        // One more than fits tells that others follow.
        let fits = CLAIM_PAGE as usize;
        let asked = CLAIM_PAGE.saturating_add(1);
        let (deps, config) = (self.deps, self.config);
        let mut page = key_page(deps, config, addr, before.former, round.at, asked)?;
        let full = page.len() > fits;
        page.truncate(fits);
        // A former key is done with once the epoch in which it was given away is closed: no later
        // entry can come before it then.
        if round.at.is_none_or(|at| at.precedes(before.former)) {
            let former = page.iter().filter_map(|at| at.former());
            let done = former.take_while(|(until, _)| *until < self.closed);
            cursor.former = done.last().or(cursor.former);
        }
        // A round that was begun before the latest close is followed by another.
        let more = full || round.closed < self.closed;
        cursor.round = page.last().filter(|_| full).map(|last| Round {
            closed: round.closed,
            at: Some(*last),
        });
        let cursor = (cursor != before).then_some(cursor);
        Ok((keys_of(&page), cursor, more))
    }
}

/// A page of an account's keys after `at`, or the first one: those that it owns, then those that it
/// owned, but for those up to `done`.
pub fn key_page(
    deps: Deps,
    config: &Config,
    addr: &Addr,
    done: Option<(Epoch, KeyId)>,
    at: Option<At>,
    limit: u32,
) -> StdResult<Vec<At>> {
    let present = match at {
        Some(At::Former(..)) => vec![],
        Some(At::Present(key)) => tokens_of(deps, config, addr, Some(key), limit)?,
        None => tokens_of(deps, config, addr, None, limit)?,
    };
    let mut page: Vec<At> = present.into_iter().map(At::Present).collect();
    let taken = u32::try_from(page.len()).unwrap_or(u32::MAX);
    let room = limit.saturating_sub(taken);
    if room > 0 {
        let done = at.and_then(At::former).or(done);
        let former = former_keys_of(deps, config, addr, done, room)?.into_iter();
        page.extend(former.map(|former| At::Former(former.until, former.key)));
    }
    Ok(page)
}

/// The keys of a page by number, each once.
pub fn keys_of(page: &[At]) -> Vec<KeyId> {
    let mut keys: Vec<KeyId> = page.iter().map(|at| at.key()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

/// A page of the keys that an account owned.
fn former_keys_of(
    deps: Deps,
    config: &Config,
    addr: &Addr,
    after: Option<(Epoch, KeyId)>,
    limit: u32,
) -> StdResult<Vec<FormerKey>> {
    let query = RegistryQuery::FormerKeys {
        owner: addr.to_string(),
        start_after: after.map(|(until, key)| FormerKey { until, key }),
        limit: Some(limit),
    };
    let answer: FormerKeysResponse = deps.querier.query_wasm_smart(&config.registry, &query)?;
    Ok(answer.keys)
}

/// The treasury is owed its whole bucket, whoever holds the role when it is paid; nobody else is.
pub fn treasury_share(storage: &dyn Storage, config: &Config, addr: &Addr) -> StdResult<Vec<Owed>> {
    let treasury = ROLES.holder(&Local(storage), Role::Treasury)?;
    if treasury.as_ref() != Some(addr) {
        return Ok(vec![]);
    }
    let mut share = vec![];
    for denom in config.books() {
        let books = LEDGER.load(&Local(storage), denom)?;
        let (bucket, amount) = (
            buckets::TREASURY,
            books.holds(Place::Bucket(buckets::TREASURY)),
        );
        share.push(Owed {
            denom,
            bucket,
            amount,
        });
    }
    share.retain(|owed| owed.amount > 0);
    Ok(share)
}

/// A page of an account's present keys.
pub fn tokens_of(
    deps: Deps,
    config: &Config,
    addr: &Addr,
    after: Option<KeyId>,
    limit: u32,
) -> StdResult<Vec<KeyId>> {
    let query = RegistryQuery::Tokens {
        owner: addr.to_string(),
        start_after: after.map(|key| key.to_string()),
        limit: Some(limit),
    };
    let answer: cw721::msg::TokensResponse =
        deps.querier.query_wasm_smart(&config.registry, &query)?;
    let ids = answer.tokens.iter().map(|id| id.parse());
    ids.map(|id| id.map_err(|error| fault(format!("{error}"))))
        .collect()
}

fn earned(owner: &Account, from: &KeyAccount, to: &KeyAccount) -> Vec<Credit> {
    let before = from.totals.iter().copied().chain(core::iter::repeat(0));
    let amounts: Vec<u128> = to
        .totals
        .iter()
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before))
        .collect();
    let epochs = EpochRange {
        from: from.settled,
        until: to.settled,
    };
    credits_of(owner, buckets::NODES, &amounts, epochs)
}

fn credits_of(account: &Account, bucket: u8, amounts: &[u128], epochs: EpochRange) -> Vec<Credit> {
    let numbered = (0u8..).zip(amounts).filter(|(_, amount)| **amount > 0);
    numbered
        .map(|(denom, amount)| Credit {
            account: account.clone(),
            denom,
            bucket,
            amount: *amount,
            epochs,
        })
        .collect()
}
