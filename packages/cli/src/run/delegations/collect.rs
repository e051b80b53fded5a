//! The results of delegations.

use noderev_api::common::SolvencyResponse;
use noderev_api::delegation::QueryMsg;

use super::super::collect::{books_of, total};
use super::super::error::RunError;
use super::super::shadow::at;
use super::super::Run;
use super::earnings::Earnings;
use super::ledger::{Ledger, NOWHERE};
use super::{Advanced, Delegations};
use crate::results::{
    Accrual, Books, Contract, DelegationRow, Delegations as Rows, MemberRow, MintRow, ShareRow,
};

impl Run<'_> {
    /// What came out, given what was worked out.
    pub(in crate::run) fn delegation_rows(
        &self,
        delegations: &Delegations,
        earnings: Earnings,
        books: Books,
    ) -> Rows {
        let ledger = &delegations.ledger;
        let last = self.scenario.network.epochs.saturating_sub(1);
        let closed = delegations.closed.iter();
        let members = earnings.members.iter();
        let mut shares = earnings.shares;
        shares.sort_by_key(|row| (row.delegation, row.epoch));
        let mut rows = Rows {
            epochs: closed.map(|one| self.mint_row(one, ledger)).collect(),
            members: members
                .map(|((delegation, account), earned)| MemberRow {
                    delegation: *delegation,
                    account: account.clone(),
                    quintessence: ledger.weight(*delegation, account, last),
                    earned: earned.member.0,
                    commission: earned.commission.0,
                })
                .collect(),
            weights: ledger.weight_rows(),
            shares,
            books,
            ids: Vec::new(),
        };
        let numbers = (1_u16..).take(ledger.delegations.len());
        let quorums: Vec<bool> = rows.epochs.iter().map(|row| row.quorum).collect();
        rows.ids = numbers
            .map(|number| delegation_row(&rows, number, ledger, last, &quorums))
            .collect();
        rows
    }

    fn mint_row(&self, closed: &Advanced, ledger: &Ledger) -> MintRow {
        let info = &closed.info;
        let epoch = info.epoch.0.into();
        let undelegated = ledger.weights_in(NOWHERE, epoch);
        let existing = ledger.delegations.iter().filter(|one| one.from <= epoch);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        MintRow {
            epoch,
            start: info.start.seconds(),
            end: info.end.seconds(),
            quorum: info.quorum,
            reports: closed.reports,
            attesters: count(self.scenario.network.attesters.len()),
            delegations: count(existing.count()),
            total: info.total.u128(),
            undelegated: undelegated.fold(0, |sum, (_, weight)| sum.saturating_add(weight)),
            slots: info.slots,
            eligible: info.eligible,
            captured: info.captured,
            mint: info.mint.u128(),
            injected: info.injected.u128(),
            carry_in: info.carry_in.u128(),
            drip_in: info.drip_in.u128(),
            pool: info.pool.u128(),
            per_slot: info.per_slot.u128(),
            rewards: info.rewards.u128(),
            minted: info.minted.u128(),
            carry_out: info.carry_out.u128(),
            drip_out: info.drip_out.u128(),
        }
    }

    /// The contract's books. What it owes beyond whole units of accounts is fractions of units,
    /// which is shown as carried.
    pub(in crate::run) fn delegation_books(
        &self,
        accruals: &[Accrual],
        members: usize,
        differences: &mut Vec<String>,
    ) -> Result<Books, RunError> {
        let answer: SolvencyResponse = self.ask_delegation(&QueryMsg::Solvency {})?;
        let found = answer.denoms.first();
        let found = found.ok_or_else(|| RunError::answer("delegation", "no books"))?;
        let rows = accruals.iter();
        let rows = rows.filter(|row| row.role.contract() == Contract::Delegation);
        let owed = rows.fold(0_u128, |sum, row| sum.saturating_add(row.owed));
        let all = total(&found.owed);
        // A fraction of each member's and owner's earnings, and of each delegation's reward.
        let most = members.saturating_mul(3).saturating_add(1);
        let fractions = all.saturating_sub(owed);
        if fractions > u128::try_from(most).unwrap_or(0) || all < owed {
            differences.push(format!(
                "delegation: {all} are owed, accounts are owed {owed}: {:?}",
                found.owed
            ));
        }
        Ok(books_of(found, owed, fractions))
    }
}

fn delegation_row(
    rows: &Rows,
    number: u16,
    ledger: &Ledger,
    last: u64,
    quorums: &[bool],
) -> DelegationRow {
    let shares = rows.shares_of(number);
    let newest = shares.last().cloned().unwrap_or_default();
    let judged = |row: &&ShareRow| {
        let epoch = usize::try_from(row.epoch).unwrap_or(usize::MAX);
        quorums.get(epoch).copied().unwrap_or(false)
    };
    let sum = |figure: fn(&ShareRow) -> u16| {
        let figures = shares.iter().filter(judged).map(figure);
        figures.fold(0_u64, |sum, figure| sum.saturating_add(figure.into()))
    };
    let members = ledger
        .weights_in(number, last)
        .filter(|(_, weight)| *weight > 0);
    let placed = ledger.validators.iter();
    let placed = placed.filter(|one| {
        let seat = at(&one.placed, last).copied().flatten();
        seat.is_some_and(|(_, delegation)| delegation == number)
    });
    let owners = rows.members.iter().filter(|row| row.delegation == number);
    DelegationRow {
        delegation: number,
        owner: match shares.is_empty() {
            true => ledger.owner(number).unwrap_or_default().to_owned(),
            false => newest.owner,
        },
        standing: newest.standing,
        quintessence: newest.total,
        members: u32::try_from(members.count()).unwrap_or(u32::MAX),
        slots: newest.slots,
        validators: u16::try_from(placed.count()).unwrap_or(u16::MAX),
        commission: newest.commission,
        slot_epochs: sum(|row| row.slots),
        captured: sum(|row| row.captured),
        reward: shares
            .iter()
            .fold(0, |sum, row| sum.saturating_add(row.reward)),
        owners: owners.fold(0, |sum, row| sum.saturating_add(row.commission)),
    }
}
