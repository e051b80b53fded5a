//! What a key has earned up to any closed epoch, at nearly the same cost however long ago it was
//! last asked.
//!
//! In each epoch a key is paid like every staked node, like every unstaked node, or not at all. The
//! contract keeps the sums of both rates over all epochs, so a stretch of epochs in which a key is
//! paid alike costs two sums. Each row of an epoch tells which keys are paid differently than
//! before within their span of 8 epochs, so a span without a change is found by reading one row.
//! Per-key totals at the starts of blocks of 32 epochs, where they have been written, spare the
//! blocks before.

use noderev_components::{fault, Epoch, KeyId, StdResult};
use std::collections::btree_map::Entry;
use std::collections::BTreeMap;

use cosmwasm_std::Storage;

use crate::state::{
    load_roll, load_row, load_sums, load_totals, KeyAccount, Roll, Row, Sum, Totals, BLOCK,
    KEYS_PER_PAGE, KEYS_PER_TOTALS, SPAN,
};

/// Rows that one message may read.
pub const MAX_ROWS: u32 = 400;

/// How a key is paid in an epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pay {
    Nothing,
    Unstaked,
    Staked,
}

impl Row {
    /// How the key of a bit was paid.
    pub fn pay(&self, bit: u32) -> Pay {
        match (self.run.get(bit), self.staked.get(bit)) {
            (false, _) => Pay::Nothing,
            (true, false) => Pay::Unstaked,
            (true, true) => Pay::Staked,
        }
    }
}

impl Sum {
    /// What a key paid like this has earned.
    pub const fn of(&self, pay: Pay) -> u128 {
        match pay {
            Pay::Nothing => 0,
            Pay::Unstaked => self.unstaked,
            Pay::Staked => self.staked,
        }
    }
}

/// Reads earnings, each record once.
pub struct Earnings<'a> {
    storage: &'a dyn Storage,
    denoms: usize,
    roll: Roll,
    rows: BTreeMap<(Epoch, u32), Row>,
    sums: BTreeMap<Epoch, Vec<Sum>>,
    totals: BTreeMap<(u32, u32), Totals>,
    rows_left: u32,
}

impl<'a> Earnings<'a> {
    pub fn new(storage: &'a dyn Storage, denoms: usize) -> StdResult<Self> {
        Ok(Self {
            storage,
            denoms,
            roll: load_roll(storage)?,
            rows: BTreeMap::new(),
            sums: BTreeMap::new(),
            totals: BTreeMap::new(),
            rows_left: MAX_ROWS,
        })
    }

    /// Goes on from a settled epoch to `to`, all epochs before which are closed. Stops early when
    /// no more rows may be read.
    pub fn advance(&mut self, key: KeyId, from: KeyAccount, to: Epoch) -> StdResult<KeyAccount> {
        let mut at = self.skip_rolled(key, from, to)?;
        at.totals.resize(self.denoms, 0);
        let mut alike: Option<(Pay, Epoch)> = None;
        while at.settled < to {
            let end = to.min(span_end(at.settled));
            let Some((pay, until)) = self.stretch(key, at.settled, end)? else {
                break;
            };
            // Stretches that are paid alike are added as one.
            match alike {
                Some((before, _)) if before == pay => {}
                _ => {
                    self.add(&mut at.totals, alike, at.settled)?;
                    alike = Some((pay, at.settled));
                }
            }
            at.settled = until;
        }
        self.add(&mut at.totals, alike, at.settled)?;
        Ok(at)
    }

    /// The sums of the epochs before `epoch`, by currency number.
    pub fn sums(&mut self, epoch: Epoch) -> StdResult<&[Sum]> {
        if !self.sums.contains_key(&epoch) {
            let mut sums = load_sums(self.storage, epoch)?;
            sums.resize(self.denoms, Sum::default());
            self.sums.insert(epoch, sums);
        }
        Ok(self.sums.get(&epoch).map(Vec::as_slice).unwrap_or_default())
    }

    /// Starts from the totals of the latest block that has them, if that is later.
    fn skip_rolled(&mut self, key: KeyId, from: KeyAccount, to: Epoch) -> StdResult<KeyAccount> {
        let page = key.bit() / KEYS_PER_PAGE;
        let written = self
            .roll
            .block
            .saturating_add(u32::from(page < self.roll.page));
        let block = written.min(block_of(to));
        if block_start(block) <= from.settled {
            return Ok(from);
        }
        Ok(KeyAccount {
            settled: block_start(block),
            totals: self.rolled(block, key)?,
        })
    }

    /// What a key has earned before a block whose totals are written.
    fn rolled(&mut self, block: u32, key: KeyId) -> StdResult<Vec<u128>> {
        let id = (block, key.bit() / KEYS_PER_TOTALS);
        let totals = match self.totals.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(load_totals(self.storage, block, id.1)?),
        };
        let at = (key.bit() % KEYS_PER_TOTALS) as usize;
        let by_denom = totals.iter();
        Ok(by_denom
            .map(|keys| keys.get(at).copied().unwrap_or(0))
            .collect())
    }

    /// How the key is paid from `from` on, and until when at most `end` it is so. Both lie in one
    /// span. None if no more rows may be read.
    fn stretch(&mut self, key: KeyId, from: Epoch, end: Epoch) -> StdResult<Option<(Pay, Epoch)>> {
        let (page, bit) = (key.bit() / KEYS_PER_PAGE, key.bit() % KEYS_PER_PAGE);
        let last = Epoch(end.0.saturating_sub(1));
        let Some(row) = self.row(last, page)? else {
            return Ok(None);
        };
        if !row.changed.get(bit) {
            return Ok(Some((row.pay(bit), end)));
        }
        let Some(pay) = self.row(from, page)?.map(|row| row.pay(bit)) else {
            return Ok(None);
        };
        let mut until = from.next();
        while until < end
            && self
                .row(until, page)?
                .is_some_and(|row| row.pay(bit) == pay)
        {
            until = until.next();
        }
        Ok(Some((pay, until)))
    }

    fn row(&mut self, epoch: Epoch, page: u32) -> StdResult<Option<&Row>> {
        let id = (epoch, page);
        if !self.rows.contains_key(&id) {
            let Some(left) = self.rows_left.checked_sub(1) else {
                return Ok(None);
            };
            self.rows_left = left;
            self.rows.insert(id, load_row(self.storage, epoch, page)?);
        }
        Ok(self.rows.get(&id))
    }

    /// Adds what a key has earned that was paid alike from an epoch until `to`.
    fn add(
        &mut self,
        totals: &mut [u128],
        alike: Option<(Pay, Epoch)>,
        to: Epoch,
    ) -> StdResult<()> {
        let Some((pay, from)) = alike.filter(|(pay, _)| *pay != Pay::Nothing) else {
            return Ok(());
        };
        let before: Vec<u128> = self.sums(from)?.iter().map(|sum| sum.of(pay)).collect();
        let after = self.sums(to)?.iter().map(|sum| sum.of(pay));
        for ((total, before), after) in totals.iter_mut().zip(before).zip(after) {
            let earned = after.checked_sub(before);
            let sum = earned.and_then(|earned| total.checked_add(earned));
            *total = sum.ok_or_else(|| fault("sums of rates have fallen"))?;
        }
        Ok(())
    }
}

/// The block of an epoch.
pub const fn block_of(epoch: Epoch) -> u32 {
    epoch.0 / BLOCK
}

/// The span of an epoch.
pub const fn span_of(epoch: Epoch) -> u32 {
    epoch.0 / SPAN
}

/// The first epoch after the span of an epoch.
const fn span_end(epoch: Epoch) -> Epoch {
    Epoch(span_of(epoch).saturating_add(1).saturating_mul(SPAN))
}

/// The first epoch of a block.
pub const fn block_start(block: u32) -> Epoch {
    Epoch(block.saturating_mul(BLOCK))
}
