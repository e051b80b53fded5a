//! What an account has earned, by the contracts' own histories: every epoch that is closed.

use cosmwasm_std::{Addr, Uint256};
use noderev_api::delegation::{
    self, ConfigResponse as DelegationConfig, DelegationEpoch, DelegationId, DelegationsResponse,
    HistoryResponse, MembersResponse,
};
use noderev_api::distributor::{
    ConfigResponse, DisputeInfo, DisputeKind, DisputeOutcome, EpochInfo, EpochsResponse,
    KeyHistoryResponse, PoolEpoch, PoolHistoryResponse, QueryMsg,
};
use noderev_api::registry::{self, FormerKey, FormerKeysResponse};
use noderev_chain::{ChainError, Result};
use noderev_components::{Amount, Denom, Epoch, KeyId};
use noderev_economics::{accrue, challenge_upheld};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

use crate::audit::disputes;
use crate::contracts::pages;
use crate::{Contract, Contracts};

/// Entries of a page, the most that contracts answer.
const PAGE: u32 = 100;
/// What a currency's fraction is counted in.
type Fractions = BTreeMap<Denom, u128>;

/// An amount that an account has earned in an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Earned {
    /// Which contract owes it.
    pub contract: Contract,
    /// The role in which it is owed.
    pub role: &'static str,
    /// The epoch.
    pub epoch: Epoch,
    /// What earned it, such as `key 7`.
    pub of: String,
    pub denom: Denom,
    pub amount: u128,
}

/// Asks for all that an account has earned.
pub(super) struct Earnings<'a> {
    pub contracts: &'a Contracts,
    pub account: &'a str,
    pub distributor: &'a ConfigResponse,
    pub delegation: &'a DelegationConfig,
    /// Whether the account is the treasury now.
    pub treasury: bool,
}

#[derive(Deserialize)]
struct Tokens {
    tokens: Vec<String>,
}

impl Earnings<'_> {
    /// Everything, by these keys and by any other role, in all closed epochs. `progress` is told how
    /// many histories of how many are read.
    pub fn all(&self, keys: &[KeyId], mut progress: impl FnMut(u64, u64)) -> Result<Vec<Earned>> {
        let delegations = self.delegations()?;
        let all = keys.len().saturating_add(delegations.len());
        let all = u64::try_from(all).unwrap_or(u64::MAX).saturating_add(2);
        let mut done = 0_u64;
        let mut step = || {
            done = done.saturating_add(1);
            progress(done, all);
        };
        let mut earned = self.pool()?;
        step();
        earned.extend(self.by_epochs()?);
        step();
        for key in keys {
            earned.extend(self.key(*key)?);
            step();
        }
        for id in delegations {
            earned.extend(self.delegation(id)?);
            step();
        }
        Ok(earned)
    }

    /// Keys that the account owns or has owned at the end of an epoch.
    pub fn keys(&self) -> Result<Vec<KeyId>> {
        let owned = pages(|last: Option<&String>| {
            let query = registry::QueryMsg::Tokens {
                owner: self.account.to_owned(),
                start_after: last.cloned(),
                limit: Some(PAGE),
            };
            let answer: Tokens = self.contracts.ask_registry(&query)?;
            Ok(answer.tokens)
        })?;
        let former = pages(|last: Option<&FormerKey>| {
            let query = registry::QueryMsg::FormerKeys {
                owner: self.account.to_owned(),
                start_after: last.cloned(),
                limit: Some(PAGE),
            };
            let answer: FormerKeysResponse = self.contracts.ask_registry(&query)?;
            Ok(answer.keys)
        })?;
        let mut keys: BTreeSet<KeyId> = former.into_iter().map(|former| former.key).collect();
        for key in owned {
            let number = key.parse();
            keys.insert(KeyId(number.map_err(|_| {
                ChainError::answer("tokens", format!("{key} is no key"))
            })?));
        }
        Ok(keys.into_iter().collect())
    }

    fn key(&self, key: KeyId) -> Result<Vec<Earned>> {
        let epochs = pages(|last: Option<&noderev_api::distributor::KeyEpoch>| {
            let query = QueryMsg::KeyHistory {
                key,
                start_after: last.map(|last| last.epoch),
                limit: Some(PAGE),
            };
            let answer: KeyHistoryResponse = self.contracts.ask_distributor(&query)?;
            Ok(answer.epochs)
        })?;
        let mine = epochs
            .into_iter()
            .filter(|one| self.is_me(one.owner.as_ref()));
        let of = |epoch: Epoch, amount: Amount| Earned {
            contract: Contract::Distributor,
            role: "nodes",
            epoch,
            of: format!("key {key}"),
            denom: amount.denom,
            amount: amount.amount.u128(),
        };
        let earned = mine.flat_map(|one| {
            let amounts = one.amounts.into_iter();
            amounts.map(move |amount| of(one.epoch, amount))
        });
        Ok(worth_telling(earned))
    }

    fn is_me(&self, account: Option<&Addr>) -> bool {
        account.is_some_and(|account| account.as_str() == self.account)
    }

    fn pool(&self) -> Result<Vec<Earned>> {
        let mut epochs = pages(|last: Option<&PoolEpoch>| {
            let query = QueryMsg::PoolHistory {
                account: Some(self.account.to_owned()),
                start_after: last.map(|last| last.epoch),
                limit: Some(PAGE),
            };
            let answer: PoolHistoryResponse = self.contracts.ask_distributor(&query)?;
            Ok(answer.epochs)
        })?;
        epochs.sort_by_key(|one| one.epoch);
        pool_earned(&epochs)
    }

    /// What stands by epoch and not by key: bonds of disputes, and the treasury's part.
    fn by_epochs(&self) -> Result<Vec<Earned>> {
        let epochs = pages(|last: Option<&EpochInfo>| {
            let query = QueryMsg::Epochs {
                start_after: last.map(|last| last.epoch),
                limit: Some(PAGE),
            };
            let answer: EpochsResponse = self.contracts.ask_distributor(&query)?;
            Ok(answer.epochs)
        })?;
        let mut earned = Vec::new();
        for epoch in &epochs {
            if self.treasury {
                earned.extend(treasury_earned(epoch));
            }
            if epoch.held > 0 {
                earned.extend(self.disputes(epoch)?);
            }
        }
        Ok(earned)
    }

    fn disputes(&self, epoch: &EpochInfo) -> Result<Vec<Earned>> {
        let disputes = disputes(self.contracts, epoch.epoch)?;
        let qst = Denom::Cw20(self.distributor.qst.to_string());
        let mut earned = Vec::new();
        for dispute in &disputes {
            let owner = match goes_to_owner(dispute) {
                true => self.owner_at(dispute.key, epoch.epoch)?,
                false => None,
            };
            let me = Party {
                by: dispute.by.as_str() == self.account,
                owner: self.is_me(owner.as_ref()),
                treasury: self.treasury,
            };
            earned.extend(dispute_earned(epoch, dispute, me, &qst));
        }
        Ok(worth_telling(earned))
    }

    fn owner_at(&self, key: KeyId, epoch: Epoch) -> Result<Option<Addr>> {
        let owners = self.contracts.owners_at(vec![key], epoch)?;
        Ok(owners.into_iter().next().and_then(|at| at.owner))
    }

    /// Delegations in which the account is or has been.
    fn delegations(&self) -> Result<Vec<DelegationId>> {
        let all = pages(|last: Option<&delegation::DelegationInfo>| {
            let query = delegation::QueryMsg::Delegations {
                start_after: last.map(|last| last.delegation),
                limit: Some(PAGE),
            };
            let answer: DelegationsResponse = self.contracts.ask_delegation(&query)?;
            Ok(answer.delegations)
        })?;
        let mut mine = Vec::new();
        for info in all {
            if info.owner.as_str() == self.account || self.was_in(info.delegation)? {
                mine.push(info.delegation);
            }
        }
        Ok(mine)
    }

    /// Members are listed for ever. An owner has been a member: he must have a part of his own.
    fn was_in(&self, id: DelegationId) -> Result<bool> {
        let mut last: Option<String> = None;
        loop {
            let query = delegation::QueryMsg::Members {
                delegation: id,
                start_after: last,
                limit: Some(PAGE),
            };
            let answer: MembersResponse = self.contracts.ask_delegation(&query)?;
            let mut members = answer.members.iter();
            if members.any(|member| member.account.as_str() == self.account) {
                return Ok(true);
            }
            let Some(member) = answer.members.last() else {
                return Ok(false);
            };
            last = Some(member.account.to_string());
        }
    }

    fn delegation(&self, id: DelegationId) -> Result<Vec<Earned>> {
        let mut epochs = pages(|last: Option<&DelegationEpoch>| {
            let query = delegation::QueryMsg::History {
                delegation: id,
                member: Some(self.account.to_owned()),
                start_after: last.map(|last| last.epoch),
                limit: Some(PAGE),
            };
            let answer: HistoryResponse = self.contracts.ask_delegation(&query)?;
            Ok(answer.epochs)
        })?;
        epochs.sort_by_key(|one| one.epoch);
        let token = Denom::Cw20(self.delegation.token.to_string());
        delegation_earned(id, &epochs, self.account, &token)
    }
}

/// What a pool stake earned, oldest epoch first: fractions of a unit join later rewards, as the
/// contract settles.
fn pool_earned(epochs: &[PoolEpoch]) -> Result<Vec<Earned>> {
    let mut fractions = Fractions::new();
    let mut earned = Vec::new();
    for one in epochs {
        for rate in &one.rates {
            let fraction = fractions.entry(rate.denom.clone()).or_default();
            let amount = whole(one.my_stake.u128(), rate.rate, fraction)?;
            earned.push(Earned {
                contract: Contract::Distributor,
                role: "pool",
                epoch: one.epoch,
                of: "pool stake".to_owned(),
                denom: rate.denom.clone(),
                amount,
            });
        }
    }
    Ok(worth_telling(earned))
}

/// What an account earned in a delegation, oldest epoch first, as a member and as its owner.
fn delegation_earned(
    id: DelegationId,
    epochs: &[DelegationEpoch],
    account: &str,
    token: &Denom,
) -> Result<Vec<Earned>> {
    let (mut member, mut commission) = (0_u128, 0_u128);
    let mut earned = Vec::new();
    for one in epochs {
        let of = |role: &'static str, amount: u128| Earned {
            contract: Contract::Delegation,
            role,
            epoch: one.epoch,
            of: format!("delegation {id}"),
            denom: token.clone(),
            amount,
        };
        earned.push(of(
            "members",
            whole(one.member.u128(), one.rate, &mut member)?,
        ));
        let owner = one.owner.as_ref();
        if owner.is_some_and(|owner| owner.as_str() == account) {
            let amount = whole(1, one.commission_exact, &mut commission)?;
            earned.push(of("commission", amount));
        }
    }
    Ok(worth_telling(earned))
}

/// Whole units that a stake earned at a rate in 10^-18 units; the rest stays in the fraction.
fn whole(stake: u128, rate: Uint256, fraction: &mut u128) -> Result<u128> {
    let (whole, rest) = accrue(stake, Uint256::zero(), rate, *fraction)
        .map_err(|error| ChainError::answer("history", error))?;
    *fraction = rest;
    Ok(whole)
}

fn treasury_earned(epoch: &EpochInfo) -> Vec<Earned> {
    let money = epoch.money.iter().map(|money| Earned {
        contract: Contract::Distributor,
        role: "treasury",
        epoch: epoch.epoch,
        of: "revenue".to_owned(),
        denom: money.denom.clone(),
        amount: money.treasury.u128(),
    });
    worth_telling(money)
}

/// What the account is in a dispute.
#[derive(Clone, Copy, Debug, Default)]
struct Party {
    /// Whether it has begun it.
    by: bool,
    /// Whether it owned the key at the epoch's end.
    owner: bool,
    /// Whether it is the treasury.
    treasury: bool,
}

const fn goes_to_owner(dispute: &DisputeInfo) -> bool {
    matches!(
        (dispute.kind, dispute.outcome),
        (DisputeKind::Challenge, DisputeOutcome::Rejected)
    )
}

/// Whose the bond is at the end, and the challenger's tenth. What the key's owner gets beside that
/// stands in the key's history.
fn dispute_earned(epoch: &EpochInfo, dispute: &DisputeInfo, me: Party, qst: &Denom) -> Vec<Earned> {
    let of = |role: &'static str, denom: Denom, amount: u128| Earned {
        contract: Contract::Distributor,
        role,
        epoch: epoch.epoch,
        of: format!("dispute of key {}", dispute.key),
        denom,
        amount,
    };
    let bond = |role| of(role, qst.clone(), dispute.bond.u128());
    let mut earned = Vec::new();
    match (dispute.kind, dispute.outcome) {
        (_, DisputeOutcome::Open) => {}
        (DisputeKind::Appeal, DisputeOutcome::Rejected) if me.treasury => {
            earned.push(bond("treasury"));
        }
        (DisputeKind::Appeal, DisputeOutcome::Rejected) => {}
        (DisputeKind::Challenge, DisputeOutcome::Rejected) if me.owner => {
            earned.push(bond("bonds"))
        }
        (DisputeKind::Challenge, DisputeOutcome::Rejected) => {}
        _ if me.by => earned.push(bond("bonds")),
        _ => {}
    }
    let won = (dispute.kind, dispute.outcome) == (DisputeKind::Challenge, DisputeOutcome::Upheld);
    if won && me.by {
        earned.extend(epoch.money.iter().map(|money| {
            let aside = money.held.u128().checked_div(epoch.held.into());
            let won = challenge_upheld(aside.unwrap_or(0)).to_challenger;
            of("bonds", money.denom.clone(), won)
        }));
    }
    earned
}

fn worth_telling(earned: impl IntoIterator<Item = Earned>) -> Vec<Earned> {
    let earned = earned.into_iter();
    earned.filter(|earned| earned.amount > 0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Timestamp, Uint128};
    use noderev_api::delegation::Reason;
    use noderev_api::distributor::{EpochMoney, PoolRate};
    use noderev_economics::Bps;

    /// A third of a unit, in 10^-18 units.
    const THIRD: u128 = 333_333_333_333_333_334;

    fn amounts(earned: &[Earned]) -> Vec<(&'static str, u32, u128)> {
        let all = earned.iter();
        all.map(|one| (one.role, one.epoch.0, one.amount)).collect()
    }

    #[test]
    fn fractions_of_a_pool_stake_join_later_epochs() {
        let epoch = |number, stake: u128| PoolEpoch {
            epoch: Epoch(number),
            counted: Uint128::zero(),
            required: Uint128::zero(),
            rewards: vec![],
            per_thousand: vec![],
            my_stake: stake.into(),
            mine: vec![],
            rates: vec![PoolRate {
                denom: Denom::Native("coin".into()),
                rate: THIRD.into(),
            }],
        };
        let epochs = [
            epoch(0, 1),
            epoch(1, 1),
            epoch(2, 1),
            epoch(3, 0),
            epoch(4, 4),
        ];
        let earned = pool_earned(&epochs).unwrap();
        assert_eq!(amounts(&earned), [("pool", 2, 1), ("pool", 4, 1)]);
    }

    #[test]
    fn commission_is_earned_by_whoever_owned_the_delegation() {
        let epoch = |number, owner: &str, member: u128| DelegationEpoch {
            epoch: Epoch(number),
            reason: Reason::Captured,
            owner: Some(Addr::unchecked(owner)),
            total: Uint128::zero(),
            slots: 1,
            eligible: None,
            captured: 1,
            reward: Uint128::zero(),
            commission: Bps::ZERO,
            commission_exact: (5 * THIRD).into(),
            rate: THIRD.into(),
            per_thousand: Uint128::zero(),
            member: member.into(),
            mine: Uint128::zero(),
        };
        let epochs = [epoch(0, "me", 4), epoch(1, "other", 4), epoch(2, "me", 1)];
        let token = Denom::Cw20("token".into());
        let earned = delegation_earned(DelegationId(1), &epochs, "me", &token).unwrap();
        let expected = [
            ("members", 0, 1),
            ("commission", 0, 1),
            ("members", 1, 1),
            ("members", 2, 1),
            ("commission", 2, 2),
        ];
        assert_eq!(amounts(&earned), expected);
    }

    fn epoch() -> EpochInfo {
        let zero = Uint128::zero();
        EpochInfo {
            epoch: Epoch(3),
            start: Timestamp::from_seconds(0),
            end: Timestamp::from_seconds(1),
            closed: Timestamp::from_seconds(2),
            keys: 5,
            quorum: true,
            running: 4,
            held: 2,
            unstaked: 0,
            pool_stake: zero,
            requirement: zero,
            params_version: 1,
            money: vec![EpochMoney {
                denom: Denom::Native("coin".into()),
                revenue: zero,
                network: zero,
                treasury: 40_u128.into(),
                carry_in: zero,
                drip_in: zero,
                pot: zero,
                per_node: zero,
                unstaked: zero,
                remainder: zero,
                staked_rate: zero,
                unstaked_rate: zero,
                pool: zero,
                held: 218_u128.into(),
                carry_out: zero,
                drip_out: zero,
            }],
        }
    }

    #[test]
    fn bonds_go_to_whom_the_ruling_gives_them() {
        let ended = |kind, outcome, me: Party| {
            let dispute = DisputeInfo {
                key: KeyId(7),
                kind,
                by: Addr::unchecked("by"),
                bond: 1_000_u128.into(),
                outcome,
                deadline: None,
            };
            let earned = dispute_earned(&epoch(), &dispute, me, &Denom::Cw20("qst".into()));
            let earned = earned.into_iter().map(|one| (one.role, one.amount));
            earned.collect::<Vec<_>>()
        };
        let none = Party::default();
        let by = Party { by: true, ..none };
        let owner = Party {
            owner: true,
            ..none
        };
        let treasury = Party {
            treasury: true,
            ..none
        };
        use DisputeKind::{Appeal, Challenge};
        use DisputeOutcome::{NoRuling, Open, Rejected, Upheld};
        for kind in [Appeal, Challenge] {
            assert_eq!(ended(kind, Open, by), []);
            assert_eq!(ended(kind, NoRuling, by), [("bonds", 1_000)]);
            assert_eq!(ended(kind, Rejected, by), []);
            assert_eq!(ended(kind, Upheld, owner), []);
        }
        assert_eq!(ended(Appeal, Upheld, by), [("bonds", 1_000)]);
        assert_eq!(ended(Appeal, Rejected, treasury), [("treasury", 1_000)]);
        assert_eq!(ended(Challenge, Rejected, treasury), []);
        assert_eq!(ended(Challenge, Rejected, owner), [("bonds", 1_000)]);
        let tenth = [("bonds", 1_000), ("bonds", 10)];
        assert_eq!(ended(Challenge, Upheld, by), tenth);
        assert_eq!(amounts(&treasury_earned(&epoch())), [("treasury", 3, 40)]);
    }
}
