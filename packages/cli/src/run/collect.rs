//! The results of a run, out of the contracts' answers and events.

use noderev_api::common::{BucketAmount, DenomSolvency, SolvencyResponse};
use noderev_api::distributor::{EpochMoney as Money, QueryMsg};

use super::check::accruals;
use super::delegations::{sums, Earnings};
use super::epochs::Closed;
use super::error::RunError;
use super::Run;
use crate::input::NODE_STAKE;
use crate::results::{
    Accrual, Books, Delegations, EpochMoney, EpochRow, Evidence, KeyRow, RunResult, Trail,
};

impl Run<'_> {
    /// Everything but the times; fails if anything differs from what it should be.
    pub(super) fn collect(&mut self) -> Result<RunResult, RunError> {
        let epochs: Vec<EpochRow> = self.closed.iter().map(|closed| self.row(closed)).collect();
        let mut earned = self.earnings(&epochs)?;
        let worked_out = match &self.delegations {
            Some(delegations) => Some(self.work_out(delegations)?),
            None => None,
        };
        if let Some((earnings, _)) = &worked_out {
            earned.extend(sums(earnings, self.stage.network.denoms().len()));
        }
        let (paid, owed) = self.paid_and_owed()?;
        let (accruals, mut differences) = accruals(&earned, &paid, &owed);
        differences.extend(self.check_owners()?);
        differences.extend(self.check_pool_stakes());
        differences.extend(self.check_receipts()?);
        let books = self.books(&accruals, &mut differences)?;
        let delegations = match worked_out {
            Some((earnings, different)) => {
                differences.extend(different);
                self.collect_delegations(earnings, &accruals, &mut differences)?
            }
            None => None,
        };
        if !differences.is_empty() {
            return Err(RunError::Differences(differences));
        }
        let mut payouts = std::mem::take(&mut self.claims.payouts);
        payouts.sort_by_key(|payout| {
            let contract = payout.role.contract();
            (contract, payout.receipt, payout.role, payout.denom)
        });
        let mut receipts = std::mem::take(&mut self.claims.receipts);
        receipts.sort_by_key(|receipt| (receipt.contract, receipt.number));
        Ok(RunResult {
            network: self.scenario.network.clone(),
            keys: self.keys(&epochs),
            trail: self.trail(),
            epochs,
            accruals,
            payouts,
            receipts,
            books,
            delegations,
            phases: Vec::new(),
            peak_memory: None,
        })
    }

    fn collect_delegations(
        &self,
        earnings: Earnings,
        accruals: &[Accrual],
        differences: &mut Vec<String>,
    ) -> Result<Option<Delegations>, RunError> {
        let Some(delegations) = &self.delegations else {
            return Ok(None);
        };
        differences.extend(self.check_stakes(&delegations.ledger)?);
        differences.extend(self.check_nfts(&delegations.ledger));
        let members = earnings.members.len();
        let books = self.delegation_books(accruals, members, differences)?;
        Ok(Some(self.delegation_rows(delegations, earnings, books)))
    }

    fn row(&self, closed: &Closed) -> EpochRow {
        let info = &closed.info;
        let requirement = info.requirement.u128().max(1);
        let factor = NODE_STAKE.checked_div(requirement).unwrap_or(1);
        let running = info.running.saturating_sub(info.held);
        let attesters = self.scenario.network.attesters.len();
        EpochRow {
            epoch: info.epoch.0.into(),
            start: info.start.seconds(),
            end: info.end.seconds(),
            issued: info.keys,
            running,
            held: info.held,
            unstaked: info.unstaked,
            staked: running.saturating_sub(info.unstaked),
            pool_stake: info.pool_stake.u128().saturating_mul(factor),
            pool_required: u128::from(info.unstaked).saturating_mul(NODE_STAKE),
            quorum: info.quorum,
            reports: closed.reports,
            attesters: u32::try_from(attesters).unwrap_or(u32::MAX),
            money: info.money.iter().map(money).collect(),
        }
    }

    fn keys(&self, rows: &[EpochRow]) -> Vec<KeyRow> {
        let last = self.scenario.network.epochs.saturating_sub(1);
        let denoms = self.stage.network.denoms().len();
        let owners = (1_u32..).zip(self.shadow.owners_at(last));
        let mut keys: Vec<KeyRow> = owners
            .filter_map(|(key, owner)| {
                Some(KeyRow {
                    key,
                    owner: owner?.to_owned(),
                    judged: 0,
                    ran: 0,
                    staked: 0,
                    earned: vec![0; denoms],
                })
            })
            .collect();
        for (closed, row) in self.closed.iter().zip(rows).filter(|(_, row)| row.quorum) {
            let existing = keys.iter_mut().filter(|key| key.key <= row.issued);
            existing.for_each(|key| self.judge(key, closed, row));
        }
        keys
    }

    fn judge(&self, key: &mut KeyRow, closed: &Closed, row: &EpochRow) {
        key.judged = key.judged.saturating_add(1);
        if !closed.ran.contains(key.key) {
            return;
        }
        let staked = closed.staked.contains(key.key);
        key.ran = key.ran.saturating_add(1);
        key.staked = key.staked.saturating_add(u64::from(staked));
        let rule = self.scenario.network.params.remainder_to;
        for (sum, money) in key.earned.iter_mut().zip(&row.money) {
            let rate = match staked {
                true => money.staked_rate(rule),
                false => money.unstaked_rate(),
            };
            *sum = sum.saturating_add(rate);
        }
    }

    fn trail(&self) -> Trail {
        let evidence = |closed: &Closed| Evidence {
            ran: closed.ran.clone(),
            staked: closed.staked.clone(),
        };
        Trail {
            epochs: self.closed.iter().map(evidence).collect(),
            owners: self.shadow.owned(),
            pool: self.shadow.staked(),
        }
    }

    /// The distributor's books. What it owes beyond whole units of accounts is the pool's
    /// fractions of units, which is shown as carried.
    fn books(
        &self,
        accruals: &[Accrual],
        differences: &mut Vec<String>,
    ) -> Result<Vec<Books>, RunError> {
        let answer: SolvencyResponse = self.ask(&QueryMsg::Solvency {})?;
        let denoms = self.stage.network.denoms().iter().enumerate();
        let mut books = Vec::new();
        for (denom, info) in denoms {
            let found = answer.denoms.iter().find(|one| one.denom == info.denom);
            let found = found.ok_or_else(|| RunError::answer("solvency", &info.symbol))?;
            let rows = accruals.iter().filter(|row| row.denom == denom);
            let owed = rows.fold(0_u128, |sum, row| sum.saturating_add(row.owed));
            let fractions = total(&found.owed).saturating_sub(owed);
            let stakers = accruals.len().saturating_add(1);
            if fractions > u128::try_from(stakers).unwrap_or(0) {
                let name = &info.symbol;
                differences.push(format!(
                    "{name}: {fractions} are owed to nobody: {:?}",
                    found.owed
                ));
            }
            books.push(books_of(found, owed, fractions));
        }
        Ok(books)
    }
}

pub(super) fn books_of(found: &DenomSolvency, owed: u128, fractions: u128) -> Books {
    let named = |name: &str| {
        let parts = found.carried.iter().filter(|part| part.bucket == name);
        parts.fold(0_u128, |sum, part| sum.saturating_add(part.amount.u128()))
    };
    let (undistributed, drip) = (named("ahead"), named("drip"));
    let others = total(&found.carried)
        .saturating_sub(undistributed)
        .saturating_sub(drip);
    Books {
        received: found.received.u128(),
        paid: found.paid.u128(),
        owed,
        undistributed,
        carried: others.saturating_add(fractions),
        drip,
        balance: found.balance.u128(),
    }
}

pub(super) fn total(parts: &[BucketAmount]) -> u128 {
    parts
        .iter()
        .fold(0, |sum, part| sum.saturating_add(part.amount.u128()))
}

fn money(money: &Money) -> EpochMoney {
    let pot = [money.network, money.carry_in, money.drip_in];
    EpochMoney {
        revenue: money.revenue.u128(),
        network: money.network.u128(),
        treasury: money.treasury.u128(),
        carry_in: money.carry_in.u128(),
        drip_in: money.drip_in.u128(),
        pot: pot
            .iter()
            .fold(0, |sum, part| sum.saturating_add(part.u128())),
        per_node: money.per_node.u128(),
        per_unstaked: money.unstaked.u128(),
        pool: money.pool.u128(),
        remainder: money.remainder.u128(),
        drip_out: money.drip_out.u128(),
        carry_out: money.carry_out.u128(),
    }
}
