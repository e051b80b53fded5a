//! What a run produced for delegations: the mint by epoch, delegations, members, and what explains
//! their rewards.

use std::collections::BTreeSet;

use noderev_economics::{accrue, Bps, DelegationIndex, EconomicsError};
use serde::{Deserialize, Serialize};

use super::{amount, Books};

/// Delegations over the whole run. Amounts are smallest units of their token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delegations {
    /// Every closed epoch's pool, in order.
    pub epochs: Vec<MintRow>,
    /// Every delegation, in order.
    pub ids: Vec<DelegationRow>,
    /// Who is or was in a delegation, or owned it; by delegation and account.
    pub members: Vec<MemberRow>,
    /// Every delegation in every epoch in which it existed; by delegation and epoch.
    pub shares: Vec<ShareRow>,
    /// Quintessence of members; by delegation, account and epoch.
    pub weights: Vec<WeightFrom>,
    /// The contract's books at the end. What it received was minted or injected.
    pub books: Books,
}

/// A closed epoch's pool, and how it was shared: `pool = rewards + carry_out + unminted`, where
/// anybody could be paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MintRow {
    /// Number, from 0 on.
    pub epoch: u64,
    /// First second, since 1970.
    pub start: u64,
    /// First second of the next epoch.
    pub end: u64,
    /// Whether enough attesters reported.
    pub quorum: bool,
    /// Attesters that reported.
    pub reports: u32,
    /// Attesters there are.
    pub attesters: u32,
    /// Delegations that existed.
    pub delegations: u32,
    /// All Quintessence that counted.
    #[serde(with = "amount")]
    pub total: u128,
    /// That which was in no delegation.
    #[serde(with = "amount")]
    pub undelegated: u128,
    /// Slots of all delegations.
    pub slots: u32,
    /// Eligible validators; 0 without a quorum.
    pub eligible: u32,
    /// Slots that had one.
    pub captured: u32,
    /// What the schedule would mint at most.
    #[serde(with = "amount")]
    pub mint: u128,
    /// Injected for this epoch.
    #[serde(with = "amount")]
    pub injected: u128,
    /// Left over by the epoch before.
    #[serde(with = "amount")]
    pub carry_in: u128,
    /// Moved in from the drip.
    #[serde(with = "amount")]
    pub drip_in: u128,
    /// `mint + injected + carry_in + drip_in`; 0 if nobody could be paid.
    #[serde(with = "amount")]
    pub pool: u128,
    /// What a captured slot earned.
    #[serde(with = "amount")]
    pub per_slot: u128,
    /// What all of them earned.
    #[serde(with = "amount")]
    pub rewards: u128,
    /// What was minted.
    #[serde(with = "amount")]
    pub minted: u128,
    /// Left over for the next epoch.
    #[serde(with = "amount")]
    pub carry_out: u128,
    /// Moved into the drip.
    #[serde(with = "amount")]
    pub drip_out: u128,
}

/// How a delegation stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Its owner's part is large enough.
    #[default]
    Active,
    /// Its owner's part is too small: no commission.
    Short,
    /// It has been too small for seven epochs: no slots either.
    Dormant,
}

/// A delegation in an epoch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareRow {
    /// Its number.
    pub delegation: u16,
    /// The epoch.
    pub epoch: u64,
    /// Its owner.
    pub owner: String,
    /// How it stands.
    pub standing: Standing,
    /// Its members' Quintessence, the owner's included.
    #[serde(with = "amount")]
    pub total: u128,
    /// The owner's.
    #[serde(with = "amount")]
    pub own: u128,
    /// Its slots.
    pub slots: u16,
    /// Its eligible validators; 0 without a quorum.
    pub eligible: u16,
    /// Slots that had one.
    pub captured: u16,
    /// What they earned.
    #[serde(with = "amount")]
    pub reward: u128,
    /// Commission in force, basis points.
    pub commission: u16,
    /// What 1,000 Quintessence earned, commission taken off, rounded down.
    #[serde(with = "amount")]
    pub per_thousand: u128,
}

/// A delegation over the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationRow {
    /// Its number.
    pub delegation: u16,
    /// Its owner at the end.
    pub owner: String,
    /// Its standing in the last epoch.
    pub standing: Standing,
    /// Its Quintessence in the last epoch.
    #[serde(with = "amount")]
    pub quintessence: u128,
    /// Members with Quintessence in the last epoch.
    pub members: u32,
    /// Its slots in the last epoch.
    pub slots: u16,
    /// Validators assigned to it in the last epoch.
    pub validators: u16,
    /// Its commission in the last epoch, basis points.
    pub commission: u16,
    /// Slots times epochs with a quorum.
    pub slot_epochs: u64,
    /// Those that had an eligible validator.
    pub captured: u64,
    /// What they earned.
    #[serde(with = "amount")]
    pub reward: u128,
    /// What its owners earned of that by commission, rounded down by owner.
    #[serde(with = "amount")]
    pub owners: u128,
}

/// An account in a delegation, over the whole run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberRow {
    /// The delegation.
    pub delegation: u16,
    /// Who.
    pub account: String,
    /// His Quintessence in it in the last epoch.
    #[serde(with = "amount")]
    pub quintessence: u128,
    /// What he earned with it, whole units.
    #[serde(with = "amount")]
    pub earned: u128,
    /// What he earned as the owner, by commission, whole units.
    #[serde(with = "amount")]
    pub commission: u128,
}

/// From when on a member has so much Quintessence in a delegation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeightFrom {
    /// The delegation.
    pub delegation: u16,
    /// Who.
    pub account: String,
    /// First epoch in which it counts.
    pub epoch: u64,
    /// How much.
    #[serde(with = "amount")]
    pub weight: u128,
}

/// What a delegation's Quintessence and its owner had earned before and after an epoch, in 10^-18
/// units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Growth {
    /// Before the epoch.
    pub before: DelegationIndex,
    /// After it.
    pub after: DelegationIndex,
}

impl MintRow {
    /// Slots without an eligible validator.
    pub fn idle(&self) -> u32 {
        self.slots.saturating_sub(self.captured)
    }

    /// What could have been minted and was not.
    pub fn unminted(&self) -> u128 {
        self.mint.saturating_sub(self.minted)
    }
}

impl ShareRow {
    /// The index after this epoch.
    pub fn advance(&self, before: &DelegationIndex) -> Result<DelegationIndex, EconomicsError> {
        before.advance(self.reward, Bps::new(self.commission)?, self.total)
    }
}

impl Growth {
    /// What so much Quintessence earned in the epoch, rounded down.
    pub fn of(&self, weight: u128) -> Result<u128, EconomicsError> {
        let (from, to) = (self.before.members.index, self.after.members.index);
        Ok(accrue(weight, from, to, 0)?.0)
    }

    /// What the owner earned in the epoch by commission, rounded down.
    pub fn commission(&self) -> Result<u128, EconomicsError> {
        Ok(accrue(1, self.before.commission, self.after.commission, 0)?.0)
    }
}

impl Delegations {
    /// A delegation's epochs, in order.
    pub fn shares_of(&self, delegation: u16) -> &[ShareRow] {
        let from = self
            .shares
            .partition_point(|row| row.delegation < delegation);
        let to = self
            .shares
            .partition_point(|row| row.delegation <= delegation);
        self.shares.get(from..to).unwrap_or(&[])
    }

    /// What a member's Quintessence in a delegation was in an epoch.
    pub fn weight(&self, delegation: u16, account: &str, epoch: u64) -> u128 {
        let order = |row: &WeightFrom| {
            let number = row.delegation.cmp(&delegation);
            number.then_with(|| row.account.as_str().cmp(account))
        };
        let from = self.weights.partition_point(|row| order(row).is_lt());
        let to = self.weights.partition_point(|row| order(row).is_le());
        let mine = self.weights.get(from..to).unwrap_or(&[]).iter();
        let counted = mine.rev().find(|row| row.epoch <= epoch);
        counted.map_or(0, |row| row.weight)
    }

    /// What a delegation had earned before and after an epoch.
    pub fn growth(&self, delegation: u16, epoch: u64) -> Result<Growth, EconomicsError> {
        let mut growth = Growth::default();
        for row in self.shares_of(delegation) {
            if row.epoch > epoch {
                break;
            }
            growth = Growth {
                before: growth.after,
                after: row.advance(&growth.after)?,
            };
        }
        Ok(growth)
    }

    /// Sum of a figure over all epochs.
    pub fn sum(&self, figure: impl Fn(&MintRow) -> u128) -> u128 {
        let figures = self.epochs.iter().map(figure);
        figures.fold(0, u128::saturating_add)
    }

    /// Share of slots that were captured, in epochs with a quorum, 0 to 1.
    pub fn used(&self) -> f64 {
        let judged = self.epochs.iter().filter(|row| row.quorum);
        let (captured, slots) = judged.fold((0_u64, 0_u64), |(captured, slots), row| {
            (
                captured.saturating_add(row.captured.into()),
                slots.saturating_add(row.slots.into()),
            )
        });
        super::ratio(captured, slots)
    }

    /// Delegations that are dormant at the end.
    pub fn dormant(&self) -> usize {
        let dormant = |row: &&DelegationRow| row.standing == Standing::Dormant;
        self.ids.iter().filter(dormant).count()
    }

    /// Accounts with Quintessence in a delegation at the end.
    pub fn members_at_end(&self) -> usize {
        let members = self.members.iter().filter(|row| row.quintessence > 0);
        let accounts: BTreeSet<&str> = members.map(|row| row.account.as_str()).collect();
        accounts.len()
    }

    /// Sum over all members.
    pub fn earned(&self, figure: impl Fn(&MemberRow) -> u128) -> u128 {
        let figures = self.members.iter().map(figure);
        figures.fold(0, u128::saturating_add)
    }
}
