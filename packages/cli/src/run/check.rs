//! What everybody has earned, worked out from what each epoch paid and from the account kept beside
//! the contracts, and whether that is what was paid and is owed.

use std::collections::BTreeMap;

use noderev_api::delegation;
use noderev_api::distributor::{PreviewClaimResponse, QueryMsg};
use noderev_api::registry::{self, OwnerAt};
use noderev_components::{Epoch, KeyId};
use noderev_economics::{accrue, RewardIndex};

use super::epochs::Closed;
use super::error::RunError;
use super::stage::{id, TREASURY};
use super::Run;
use crate::results::{Accrual, EpochRow, Role};

/// Amounts by account, role and denomination.
pub(super) type Earnings = BTreeMap<(String, Role, usize), u128>;

/// Most keys in one query.
const PAGE: u32 = 100;

impl Run<'_> {
    /// What everybody has earned.
    pub(super) fn earnings(&self, rows: &[EpochRow]) -> Result<Earnings, RunError> {
        let mut earnings = self.node_earnings(rows);
        earnings.extend(self.pool_earnings()?);
        for (denom, _) in self.stage.network.denoms().iter().enumerate() {
            let treasury = rows.iter().filter_map(|row| row.money.get(denom));
            let treasury = treasury.fold(0_u128, |sum, money| sum.saturating_add(money.treasury));
            earnings.insert((TREASURY.to_owned(), Role::Treasury, denom), treasury);
        }
        earnings.retain(|_, amount| *amount > 0);
        Ok(earnings)
    }

    fn node_earnings(&self, rows: &[EpochRow]) -> Earnings {
        let rule = self.scenario.network.params.remainder_to;
        let mut sums = BTreeMap::<(&str, usize), u128>::new();
        for (closed, row) in self.closed.iter().zip(rows) {
            let rates: Vec<(u128, u128)> = row
                .money
                .iter()
                .map(|money| (money.staked_rate(rule), money.unstaked_rate()))
                .collect();
            for (key, owner) in (1_u32..).zip(self.shadow.owners_at(row.epoch)) {
                let Some(owner) = owner.filter(|_| closed.ran.contains(key)) else {
                    continue;
                };
                let staked = closed.staked.contains(key);
                for (denom, (with_stake, without)) in rates.iter().enumerate() {
                    let sum = sums.entry((owner, denom)).or_default();
                    *sum = sum.saturating_add(if staked { *with_stake } else { *without });
                }
            }
        }
        let named = |((owner, denom), sum): ((&str, usize), u128)| {
            ((owner.to_owned(), Role::Node, denom), sum)
        };
        sums.into_iter().map(named).collect()
    }

    /// As the distributor's rule says: an index per unit of stake, fractions of a unit kept.
    fn pool_earnings(&self) -> Result<Earnings, RunError> {
        let mut earnings = Earnings::new();
        for (denom, info) in self.stage.network.denoms().iter().enumerate() {
            let wrong = |error| RunError::answer(&info.symbol, format!("pool: {error}"));
            let mut index = RewardIndex::default();
            let mut sums = BTreeMap::<&str, (u128, u128)>::new();
            for closed in self.closed.iter().filter(|closed| shares_pool(closed)) {
                let before = index.index;
                let part = closed
                    .info
                    .money
                    .get(denom)
                    .map_or(0, |money| money.pool.u128());
                let stake = closed.info.pool_stake.u128();
                index = index.advance(part, stake).map_err(wrong)?;
                for (account, stake) in self.shadow.pool_at(closed.info.epoch.0.into()) {
                    let (sum, fraction) = sums.entry(account).or_default();
                    let earned = accrue(stake, before, index.index, *fraction).map_err(wrong)?;
                    *sum = sum.saturating_add(earned.0);
                    *fraction = earned.1;
                }
            }
            let named = |(account, (sum, _)): (&str, (u128, u128))| {
                ((account.to_owned(), Role::Pool, denom), sum)
            };
            earnings.extend(sums.into_iter().map(named));
        }
        Ok(earnings)
    }

    /// What was paid, and what claims would still pay.
    pub(super) fn paid_and_owed(&self) -> Result<(Earnings, Earnings), RunError> {
        let mut paid = Earnings::new();
        for row in &self.claims.payouts {
            let sum = paid.entry((row.account.clone(), row.role, row.denom));
            let sum = sum.or_default();
            *sum = sum.saturating_add(row.amount);
        }
        let mut owed = self.delegations_owed()?;
        for account in self.claimants() {
            let preview: PreviewClaimResponse = self.ask(&QueryMsg::PreviewClaim {
                account: self.stage.network.account(&account).into_string(),
                keys: None,
            })?;
            for amount in preview
                .amounts
                .iter()
                .filter(|amount| !amount.amount.is_zero())
            {
                let role = match amount.role.as_str() {
                    "pool" => Role::Pool,
                    "treasury" => Role::Treasury,
                    _ => Role::Node,
                };
                let denoms = self.stage.network.denoms().iter();
                let denom = denoms
                    .map(|info| &info.denom)
                    .position(|one| *one == amount.denom);
                let sum = owed.entry((account.clone(), role, denom.unwrap_or(usize::MAX)));
                let sum = sum.or_default();
                *sum = sum.saturating_add(amount.amount.u128());
            }
        }
        Ok((paid, owed))
    }

    /// What claims of members and owners of delegations would still pay.
    fn delegations_owed(&self) -> Result<Earnings, RunError> {
        let mut owed = Earnings::new();
        let denom = self.stage.network.denoms().len();
        for account in self.delegators() {
            let query = delegation::QueryMsg::PreviewClaim {
                account: self.stage.network.account(&account).into_string(),
                delegations: None,
            };
            let preview: delegation::PreviewClaimResponse = self.ask_delegation(&query)?;
            for amount in preview.amounts.iter().filter(|one| !one.amount.is_zero()) {
                let role = match amount.role.as_str() {
                    "commission" => Role::Commission,
                    _ => Role::Member,
                };
                let sum = owed.entry((account.clone(), role, denom)).or_default();
                *sum = sum.saturating_add(amount.amount.u128());
            }
        }
        Ok(owed)
    }

    /// Whether the registry says the same about who owns what at the end.
    pub(super) fn check_owners(&self) -> Result<Vec<String>, RunError> {
        let last = self.scenario.network.epochs.saturating_sub(1);
        let keys: Vec<(u32, Option<&str>)> = (1..).zip(self.shadow.owners_at(last)).collect();
        let mut differences = Vec::new();
        for page in keys.chunks(usize::try_from(PAGE).unwrap_or(1)) {
            let ids = page.iter().map(|(key, _)| KeyId(*key)).collect();
            let found = self.owners_at(ids, id(last))?;
            for ((key, mine), theirs) in page.iter().zip(found) {
                let mine = mine.map(|owner| self.stage.network.account(owner));
                if mine != theirs.owner {
                    differences.push(format!(
                        "key {key}: {mine:?} owns it, not {:?}",
                        theirs.owner
                    ));
                }
            }
        }
        Ok(differences)
    }

    fn owners_at(&self, keys: Vec<KeyId>, epoch: Epoch) -> Result<Vec<OwnerAt>, RunError> {
        let query = registry::QueryMsg::OwnersAt { keys, epoch };
        let answer = self.stage.network.registry().try_query(&query);
        let answer: registry::OwnersAtResponse =
            answer.map_err(|error| RunError::answer("registry", error))?;
        Ok(answer.owners)
    }

    /// Where an epoch's figures and the account kept beside differ.
    pub(super) fn check_pool_stakes(&self) -> Vec<String> {
        let difference = |closed: &Closed| {
            let epoch = closed.info.epoch;
            let mine = self.shadow.pool_at(epoch.0.into()).map(|(_, stake)| stake);
            let mine = mine.fold(0_u128, u128::saturating_add);
            let theirs = closed.info.pool_stake.u128();
            (mine != theirs).then(|| format!("epoch {epoch}: {mine} in the pool, not {theirs}"))
        };
        self.closed.iter().filter_map(difference).collect()
    }
}

/// Whether the epoch gave the pool's stakers anything to divide, if only remainders.
fn shares_pool(closed: &Closed) -> bool {
    closed.info.running > 0 && !closed.info.pool_stake.is_zero()
}

/// Every account's earnings with what was paid and is owed; and where these differ.
pub(super) fn accruals(
    earned: &Earnings,
    paid: &Earnings,
    owed: &Earnings,
) -> (Vec<Accrual>, Vec<String>) {
    let of = |sums: &Earnings, id: &(String, Role, usize)| sums.get(id).copied().unwrap_or(0);
    let mut rows = Vec::new();
    let mut differences = Vec::new();
    let ids: std::collections::BTreeSet<_> = earned
        .keys()
        .chain(paid.keys())
        .chain(owed.keys())
        .collect();
    for id in ids {
        let row = Accrual {
            account: id.0.clone(),
            role: id.1,
            denom: id.2,
            earned: of(earned, id),
            paid: of(paid, id),
            owed: of(owed, id),
        };
        if row.paid.checked_add(row.owed) != Some(row.earned) {
            differences.push(format!(
                "{} as {}, denomination {}: {} paid and {} owed of {}",
                row.account,
                row.role.name(),
                row.denom,
                row.paid,
                row.owed,
                row.earned
            ));
        }
        rows.push(row);
    }
    (rows, differences)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(rows: &[(&str, Role, u128)]) -> Earnings {
        let row = |(account, role, amount): &(&str, Role, u128)| {
            (((*account).to_owned(), *role, 0), *amount)
        };
        rows.iter().map(row).collect()
    }

    #[test]
    fn one_unit_of_difference_is_reported() {
        let earned = sums(&[("alice", Role::Node, 100), ("bob", Role::Pool, 7)]);
        let owed = sums(&[("alice", Role::Node, 40)]);
        let paid = sums(&[("alice", Role::Node, 60), ("bob", Role::Pool, 7)]);
        let (rows, differences) = accruals(&earned, &paid, &owed);
        assert_eq!((rows.len(), differences.len()), (2, 0));

        let paid = sums(&[("alice", Role::Node, 61), ("bob", Role::Pool, 6)]);
        let (_, differences) = accruals(&earned, &paid, &owed);
        assert_eq!(
            differences,
            [
                "alice as node, denomination 0: 61 paid and 40 owed of 100",
                "bob as pool, denomination 0: 6 paid and 0 owed of 7"
            ]
        );
    }

    #[test]
    fn a_payment_to_somebody_who_earned_nothing_is_reported() {
        let paid = sums(&[("mallory", Role::Treasury, 1)]);
        let (_, differences) = accruals(&Earnings::new(), &paid, &Earnings::new());
        assert_eq!(
            differences,
            ["mallory as treasury, denomination 0: 1 paid and 0 owed of 0"]
        );
    }
}
