//! What delegations and their members have earned since they were last settled.
//!
//! Everything here only reads: messages write what queries preview.

use cosmwasm_std::Storage;
use noderev_api::delegation::DelegationId;
use noderev_components::{fault, not_found, Account, Credit, Epoch, EpochRange, Packed, StdResult};
use noderev_economics::{accrue, Bps, DelegationIndex};

use crate::error::{ContractError, Refusal};
use crate::state::{
    buckets, load_sum, weight_id, AccountStake, MemberAccount, Reading, Settled, Share, CAPTURES,
    COMMISSIONS, EVIDENCE, INDEXES, OWNERS, SHARES, TOKEN, WEIGHTS,
};

/// Stretches of epochs, of delegations and members, that one message goes through.
const MAX_STEPS: u32 = 120;
/// More stretches than this are not gone through twice.
const LONG_WALK: u32 = 4;

/// A delegation, settled.
pub struct Walk {
    /// How far it was settled in writing; none: not at all.
    pub before: Option<Settled>,
    pub after: Settled,
    /// What it had earned before each epoch on the way in which its Quintessence changed.
    pub checkpoints: Vec<Settled>,
    /// Stretches gone through.
    pub steps: u32,
}

impl Walk {
    /// What it had earned at all epochs that are known.
    fn known(&self) -> impl Iterator<Item = &Settled> {
        self.checkpoints
            .iter()
            .chain([&self.after])
            .chain(&self.before)
    }

    /// Whether it is settled further than before.
    pub fn moved(&self) -> bool {
        self.before != Some(self.after)
    }

    /// Whether it took so much work that it is worth writing. A shorter one is gone through again by
    /// whoever comes next: dividing a stretch changes nothing.
    pub const fn is_long(&self) -> bool {
        self.steps > LONG_WALK
    }
}

/// An account in a delegation, settled.
pub struct SettledMember {
    pub delegation: DelegationId,
    pub before: Epoch,
    pub after: MemberAccount,
    pub credits: Vec<Credit>,
    /// Whether it is settled up to the last closed epoch.
    pub complete: bool,
    /// Whether nothing can follow: it has left.
    pub over: bool,
    /// Whether it took so much work that it is worth writing even if nothing was earned.
    pub long: bool,
}

impl SettledMember {
    /// Zero claims write nothing, but for work that would have to be done again.
    pub fn is_worth_writing(&self) -> bool {
        !self.credits.is_empty() || !self.complete || self.over || self.long
    }

    /// Whether it is settled further than before.
    pub fn moved(&self) -> bool {
        self.after.settled != self.before
    }

    /// What was earned in one of the two ways.
    pub fn earned(&self, bucket: u8) -> u128 {
        let here = self.credits.iter().filter(|credit| credit.bucket == bucket);
        here.fold(0, |sum: u128, credit| sum.saturating_add(credit.amount))
    }
}

/// What a delegation was like in a stretch of epochs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// When its Quintessence became what it is.
    pub since: Epoch,
    /// The first epoch after the stretch.
    pub until: Epoch,
    pub share: Share,
    /// In force: 0 while the owner's part is short.
    pub commission: Bps,
    /// Slots that it captures in epochs with a quorum.
    pub captured: u16,
}

/// Settles delegations and their members.
pub struct Settler<'a> {
    storage: &'a dyn Storage,
    /// The first epoch that is not closed.
    pub closed: Epoch,
    pub walks: Vec<(DelegationId, Walk)>,
    steps_left: u32,
}

impl<'a> Settler<'a> {
    pub fn new(storage: &'a dyn Storage) -> StdResult<Self> {
        let progress = EVIDENCE.progress(&noderev_components::Local(storage))?;
        Ok(Self {
            storage,
            closed: progress.next,
            walks: vec![],
            steps_left: MAX_STEPS,
        })
    }

    /// Settles a delegation as far as this message's work allows.
    pub fn settle_delegation(&mut self, id: DelegationId) -> Result<&Walk, Refusal> {
        if self.known_walk(id).is_none() {
            let walk = self.walk(id)?;
            self.walks.push((id, walk));
        }
        let walk = self.known_walk(id);
        Ok(walk.ok_or_else(|| not_found("delegation"))?)
    }

    fn known_walk(&self, id: DelegationId) -> Option<&Walk> {
        let mut walks = self.walks.iter();
        walks.find(|(known, _)| *known == id).map(|(_, walk)| walk)
    }

    fn walk(&mut self, id: DelegationId) -> Result<Walk, Refusal> {
        let before = INDEXES.newest(self.storage, &id.to_packed())?;
        let before = before.map(Settled::from);
        let mut at = match before {
            Some(settled) => settled,
            None => self.beginning(id)?,
        };
        let (mut checkpoints, mut steps) = (vec![], 0u32);
        while at.epoch < self.closed && self.take_step() {
            let stretch = self.stretch(id, at.epoch)?;
            if stretch.since == at.epoch {
                checkpoints.push(at);
            }
            at = self.advanced(&at, &stretch, stretch.until.min(self.closed))?;
            steps = steps.saturating_add(1);
        }
        Ok(Walk {
            before,
            after: at,
            checkpoints,
            steps,
        })
    }

    fn beginning(&self, id: DelegationId) -> Result<Settled, Refusal> {
        match SHARES.first(self.storage, &id.to_packed())? {
            Some(epoch) => Ok(Settled {
                epoch,
                index: DelegationIndex::default(),
            }),
            None => Err(ContractError::UnknownDelegation { delegation: id }.into()),
        }
    }

    /// Whether another stretch may be looked at.
    fn take_step(&mut self) -> bool {
        let left = self.steps_left.checked_sub(1);
        self.steps_left = left.unwrap_or(0);
        left.is_some()
    }

    /// What a delegation was like from an epoch on, until anything about it changed.
    pub fn stretch(&self, id: DelegationId, epoch: Epoch) -> StdResult<Stretch> {
        let key = id.to_packed();
        let share = SHARES.span_at(self.storage, &key, epoch)?;
        let share = share.ok_or_else(|| not_found("Quintessence of a delegation"))?;
        let set = COMMISSIONS.span_at(self.storage, &key, epoch)?;
        let set = set.ok_or_else(|| not_found("commission of a delegation"))?;
        let captured = CAPTURES.at(self.storage, &key, epoch)?;
        let next = CAPTURES.next_change(self.storage, &key, epoch)?;
        let ends = [share.until, set.until, next];
        let bps = Bps::new(set.value).map_err(|error| fault(error.to_string()))?;
        Ok(Stretch {
            since: share.from,
            until: ends.into_iter().flatten().min().unwrap_or(Epoch(u32::MAX)),
            share: share.value,
            commission: share.value.commission(bps),
            captured: captured.unwrap_or(0),
        })
    }

    /// The index after the epochs up to `end`, all within one stretch.
    pub fn advanced(
        &self,
        at: &Settled,
        stretch: &Stretch,
        end: Epoch,
    ) -> Result<Settled, Refusal> {
        let reward = self.reward(stretch.captured, at.epoch, end)?;
        let index = at
            .index
            .advance(reward, stretch.commission, stretch.share.total)?;
        Ok(Settled { epoch: end, index })
    }

    /// What captured slots earned in the epochs from one up to, not including, another.
    pub fn reward(&self, captured: u16, from: Epoch, until: Epoch) -> StdResult<u128> {
        if captured == 0 {
            return Ok(0);
        }
        let (before, after) = (
            load_sum(self.storage, from)?,
            load_sum(self.storage, until)?,
        );
        let reward = after
            .per_slot
            .checked_sub(before.per_slot)
            .and_then(|per_slot| per_slot.checked_mul(captured.into()));
        reward.ok_or_else(|| fault("reward of a delegation"))
    }

    /// What a delegation had earned before an epoch, up to which it is settled, in which its
    /// Quintessence changed.
    fn reading(&self, id: DelegationId, epoch: Epoch) -> StdResult<Reading> {
        let walk = self.known_walk(id);
        let walked = walk.and_then(|walk| walk.known().find(|at| at.epoch == epoch));
        let at = match walked {
            Some(at) => *at,
            None => self
                .written_by(id, epoch)?
                .filter(|at| at.epoch == epoch)
                .ok_or_else(|| not_found("index of a delegation"))?,
        };
        Ok(Reading::from(&at.index))
    }

    /// What a delegation had earned before an epoch that is not after the last closed one's end.
    pub fn index_before(&mut self, id: DelegationId, epoch: Epoch) -> Result<Settled, Refusal> {
        self.settle_delegation(id)?;
        let mut at = self.latest_known(id, epoch)?;
        while at.epoch < epoch {
            let stretch = self.stretch(id, at.epoch)?;
            at = self.advanced(&at, &stretch, stretch.until.min(epoch))?;
        }
        Ok(at)
    }

    /// The latest known index at or before an epoch.
    fn latest_known(&self, id: DelegationId, epoch: Epoch) -> Result<Settled, Refusal> {
        let walk = self.known_walk(id);
        let walked = walk.into_iter().flat_map(Walk::known);
        let walked = walked
            .filter(|at| at.epoch <= epoch)
            .max_by_key(|at| at.epoch);
        if let Some(at) = walked {
            return Ok(*at);
        }
        match self.written_by(id, epoch)? {
            Some(at) => Ok(at),
            None => self.beginning(id),
        }
    }

    /// The latest index that is written of an epoch not after this one.
    fn written_by(&self, id: DelegationId, epoch: Epoch) -> StdResult<Option<Settled>> {
        let written = INDEXES.begun(self.storage, &id.to_packed(), epoch)?;
        Ok(written.map(Settled::from))
    }

    /// Settles an account in a delegation; none if it was never in it or is paid for good.
    pub fn settle_member(
        &mut self,
        account: &Account,
        stake: &AccountStake,
        id: DelegationId,
    ) -> Result<Option<SettledMember>, Refusal> {
        let member = stake.member(self.storage, account, id)?;
        let Some(member) = member.filter(|member| member.settled != MemberAccount::OVER) else {
            return Ok(None);
        };
        let walk = self.settle_delegation(id)?;
        let (end, steps) = (walk.after.epoch, walk.steps);
        let mut sums = Sums::new(member, steps);
        if member.settled < end {
            sums.reading = match member.reading {
                Some(reading) => reading,
                None => self.reading(id, member.settled)?,
            };
        }
        while sums.at < end && self.take_step() {
            self.accrue_stretch(account, id, end, &mut sums)?;
        }
        let complete = sums.at >= self.closed;
        let over = complete && self.is_over(account, id, sums.at)?;
        Ok(Some(sums.settled(account, id, &member, complete, over)))
    }

    /// Adds what an account earned until its Quintessence or the owner changed.
    fn accrue_stretch(
        &self,
        account: &Account,
        id: DelegationId,
        end: Epoch,
        sums: &mut Sums,
    ) -> Result<(), Refusal> {
        let weight = WEIGHTS.span_at(self.storage, &weight_id(id, account), sums.at)?;
        let owner = OWNERS.span_at(self.storage, &id.to_packed(), sums.at)?;
        let ends = [
            weight.as_ref().and_then(|span| span.until),
            owner.as_ref().and_then(|span| span.until),
        ];
        let until = ends.into_iter().flatten().fold(end, Epoch::min);
        let weight = weight.map_or(0, |span| span.value);
        let to = self.reading(id, until)?;
        let from = sums.reading;
        let (whole, rest) = accrue(weight, from.members, to.members, sums.fraction)?;
        sums.earned = add(sums.earned, whole)?;
        sums.fraction = rest;
        if owner.is_some_and(|span| span.value == *account) {
            let (whole, rest) =
                accrue(1, from.commission, to.commission, sums.commission_fraction)?;
            sums.commission = add(sums.commission, whole)?;
            sums.commission_fraction = rest;
        }
        sums.at = until;
        sums.reading = to;
        sums.steps = sums.steps.saturating_add(1);
        Ok(())
    }

    /// Whether an account neither has Quintessence in a delegation nor owns it from `epoch` on.
    fn is_over(&self, account: &Account, id: DelegationId, epoch: Epoch) -> StdResult<bool> {
        let weight = WEIGHTS.newest(self.storage, &weight_id(id, account))?;
        let left = weight.is_none_or(|span| span.value == 0 && span.from <= epoch);
        let owner = OWNERS.newest(self.storage, &id.to_packed())?;
        let others = owner.is_none_or(|span| span.value != *account && span.from <= epoch);
        Ok(left && others)
    }
}

/// What an account has earned so far.
struct Sums {
    at: Epoch,
    reading: Reading,
    earned: u128,
    fraction: u128,
    commission: u128,
    commission_fraction: u128,
    /// Stretches gone through, the delegation's own included.
    steps: u32,
}

impl Sums {
    fn new(member: MemberAccount, steps: u32) -> Self {
        Self {
            at: member.settled,
            reading: member
                .reading
                .unwrap_or_else(|| Reading::from(&DelegationIndex::default())),
            earned: 0,
            fraction: member.fraction,
            commission: 0,
            commission_fraction: member.commission_fraction,
            steps,
        }
    }

    fn settled(
        self,
        account: &Account,
        delegation: DelegationId,
        before: &MemberAccount,
        complete: bool,
        over: bool,
    ) -> SettledMember {
        let epochs = EpochRange {
            from: before.settled,
            until: self.at,
        };
        let parts = [
            (buckets::MEMBERS, self.earned),
            (buckets::COMMISSION, self.commission),
        ];
        let earned = parts.into_iter().filter(|(_, amount)| *amount > 0);
        let credits = earned.map(|(bucket, amount)| Credit {
            account: account.clone(),
            denom: TOKEN,
            bucket,
            amount,
            epochs,
        });
        let moved = self.at > before.settled;
        SettledMember {
            delegation,
            before: before.settled,
            credits: credits.collect(),
            after: MemberAccount {
                settled: if over { MemberAccount::OVER } else { self.at },
                reading: if moved && !over {
                    Some(self.reading)
                } else {
                    before.reading.filter(|_| !over)
                },
                fraction: self.fraction,
                commission_fraction: self.commission_fraction,
            },
            complete,
            over,
            long: self.steps > LONG_WALK,
        }
    }
}

fn add(sum: u128, amount: u128) -> StdResult<u128> {
    sum.checked_add(amount)
        .ok_or_else(|| fault("reward overflow"))
}
