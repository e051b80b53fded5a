//! What delegations and their members earned, worked out epoch by epoch from what a slot earned,
//! who was eligible, and the account kept beside the contract.

use std::collections::BTreeMap;

use noderev_economics::{accrue, DelegationIndex, EconomicsError, DORMANCY_EPOCHS};

use super::super::shadow::at;
use super::ledger::Ledger;
use crate::input::{Delegations as Rows, Eligibility};
use crate::results::{Growth, ShareRow, Standing};

/// What a member has earned: whole units and a fraction, by Quintessence and by commission.
#[derive(Clone, Copy, Default)]
pub struct Earned {
    pub member: (u128, u128),
    pub commission: (u128, u128),
}

/// All epochs up to one, worked out.
#[derive(Default)]
pub struct Earnings {
    /// By delegation and account.
    pub members: BTreeMap<(u16, String), Earned>,
    /// By epoch and delegation.
    pub shares: Vec<ShareRow>,
    indexes: Vec<DelegationIndex>,
    /// The first epoch in a row in which the owner's part is too small.
    short_since: Vec<Option<u64>>,
}

impl Earnings {
    /// Adds the next epoch.
    pub fn add(
        &mut self,
        epoch: u64,
        per_slot: u128,
        ledger: &Ledger,
        eligible: &[u16],
    ) -> Result<(), EconomicsError> {
        let count = ledger.delegations.len();
        self.indexes.resize(count, DelegationIndex::default());
        self.short_since.resize(count, None);
        let numbers = (1_u16..).zip(&ledger.delegations);
        for (number, _) in numbers.filter(|(_, one)| one.from <= epoch) {
            let mut row = self.share(number, epoch, ledger);
            let found = eligible.get(usize::from(number)).copied();
            row.eligible = found.unwrap_or(0);
            row.captured = row.slots.min(row.eligible);
            row.reward = per_slot.saturating_mul(row.captured.into());
            let growth = self.grow(&row)?;
            row.per_thousand = growth.of(1_000)?;
            self.credit(&row, &growth, ledger)?;
            self.shares.push(row);
        }
        Ok(())
    }

    /// The delegation in the epoch, before anybody is judged.
    fn share(&mut self, number: u16, epoch: u64, ledger: &Ledger) -> ShareRow {
        let delegation = ledger.delegation(number);
        let owner = delegation.and_then(|one| at(&one.owners, epoch));
        let owner = owner.cloned().unwrap_or_default();
        let total = ledger.weights_in(number, epoch);
        let total = total.fold(0_u128, |sum, (_, weight)| sum.saturating_add(weight));
        let own = ledger.weight(number, &owner, epoch);
        let standing = self.standing(number, epoch, own < ledger.rules.own_quintessence.into());
        let commission = delegation.and_then(|one| at(&one.commissions, epoch));
        let slots = total
            .checked_div(ledger.rules.slot_size.into())
            .unwrap_or(0);
        ShareRow {
            delegation: number,
            epoch,
            owner,
            standing,
            total,
            own,
            slots: match standing {
                Standing::Dormant => 0,
                _ => u16::try_from(slots).unwrap_or(u16::MAX),
            },
            commission: match standing {
                Standing::Active => commission.copied().unwrap_or(0),
                _ => 0,
            },
            ..ShareRow::default()
        }
    }

    fn standing(&mut self, number: u16, epoch: u64, short: bool) -> Standing {
        let Some(since) = self.short_since.get_mut(place(number)) else {
            return Standing::Active;
        };
        *since = short.then(|| since.unwrap_or(epoch));
        match since {
            None => Standing::Active,
            Some(since) if epoch.saturating_sub(*since) >= DORMANCY_EPOCHS.into() => {
                Standing::Dormant
            }
            Some(_) => Standing::Short,
        }
    }

    fn grow(&mut self, row: &ShareRow) -> Result<Growth, EconomicsError> {
        let known = self.indexes.get(place(row.delegation));
        let before = known.copied().unwrap_or_default();
        let after = row.advance(&before)?;
        if let Some(index) = self.indexes.get_mut(place(row.delegation)) {
            *index = after;
        }
        Ok(Growth { before, after })
    }

    fn credit(
        &mut self,
        row: &ShareRow,
        growth: &Growth,
        ledger: &Ledger,
    ) -> Result<(), EconomicsError> {
        let (from, to) = (&growth.before, &growth.after);
        for (account, weight) in ledger.weights_in(row.delegation, row.epoch) {
            let earned = self.members.entry((row.delegation, account.to_owned()));
            let (whole, fraction) = &mut earned.or_default().member;
            let more = accrue(weight, from.members.index, to.members.index, *fraction)?;
            *whole = whole.saturating_add(more.0);
            *fraction = more.1;
        }
        let earned = self.members.entry((row.delegation, row.owner.clone()));
        let (whole, fraction) = &mut earned.or_default().commission;
        let more = accrue(1, from.commission, to.commission, *fraction)?;
        *whole = whole.saturating_add(more.0);
        *fraction = more.1;
        Ok(())
    }
}

fn place(number: u16) -> usize {
    usize::from(number).wrapping_sub(1)
}

/// Eligible validators by delegation in an epoch, from index 1 on; none without a quorum.
pub fn eligible(rows: &Rows, epoch: u64, threshold: u32, ledger: &Ledger) -> Option<Vec<u16>> {
    let reports = rows.eligibility_on(epoch);
    let threshold = usize::try_from(threshold).unwrap_or(usize::MAX);
    if reports.len() < threshold {
        return None;
    }
    let mut counts = vec![0_u16; ledger.delegations.len().saturating_add(1)];
    for validator in 1..=rows.reported_validators(epoch) {
        let saw = |report: &&Eligibility| report.eligible.contains(validator);
        let votes = reports.iter().filter(saw).count();
        let placed = ledger
            .placed(validator, epoch)
            .filter(|_| votes >= threshold);
        let count = placed.and_then(|(_, number)| counts.get_mut(usize::from(number)));
        if let Some(count) = count {
            *count = count.saturating_add(1);
        }
    }
    Some(counts)
}
