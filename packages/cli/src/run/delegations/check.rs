//! Whether the delegation contract says what the account kept beside it says.

use noderev_api::delegation::{DelegationsResponse, EpochInfo, NetworkResponse, QueryMsg};

use super::super::check::Earnings as Sums;
use super::super::error::RunError;
use super::super::Run;
use super::earnings::{eligible, Earnings};
use super::ledger::{Ledger, NftState};
use super::Delegations;
use crate::results::{Role, ShareRow};

impl Run<'_> {
    /// Every closed epoch worked out, and where the contract's figures differ.
    pub(in crate::run) fn work_out(
        &self,
        delegations: &Delegations,
    ) -> Result<(Earnings, Vec<String>), RunError> {
        let wrong = |error| RunError::answer("delegation", format!("rewards: {error}"));
        let (rows, ledger) = (&self.scenario.delegations, &delegations.ledger);
        let threshold = self.scenario.network.threshold;
        let mut earnings = Earnings::default();
        let mut differences = Vec::new();
        for closed in &delegations.closed {
            let info = &closed.info;
            let epoch = info.epoch.0.into();
            let counts = eligible(rows, epoch, threshold, ledger);
            let before = earnings.shares.len();
            let none = Vec::new();
            let judged = counts.as_ref().unwrap_or(&none);
            earnings
                .add(epoch, info.per_slot.u128(), ledger, judged)
                .map_err(wrong)?;
            let shares = earnings.shares.get(before..).unwrap_or(&[]);
            differences.extend(differ(info, counts.is_some(), shares, ledger));
        }
        Ok((earnings, differences))
    }

    /// Whether the contract says the same about the delegations and all Quintessence at the end.
    pub(in crate::run) fn check_stakes(&self, ledger: &Ledger) -> Result<Vec<String>, RunError> {
        let end = self.scenario.network.epochs;
        let network: NetworkResponse = self.ask_delegation(&QueryMsg::Network {})?;
        let mut differences = Vec::new();
        let (mine, theirs) = (ledger.total(end), network.total.u128());
        if mine != theirs {
            differences.push(format!("{mine} Quintessence at the end, not {theirs}"));
        }
        let mut start_after = None;
        loop {
            let page: DelegationsResponse = self.ask_delegation(&QueryMsg::Delegations {
                start_after,
                limit: Some(100),
            })?;
            let Some(last) = page.delegations.last() else {
                return Ok(differences);
            };
            start_after = Some(last.delegation);
            for info in &page.delegations {
                let number = info.delegation.0;
                let mine = ledger.weights_in(number, end);
                let mine = mine.fold(0_u128, |sum, (_, weight)| sum.saturating_add(weight));
                let owner = ledger.owner(number).unwrap_or_default();
                let same = self.stage.network.account(owner) == info.owner;
                if mine != info.total.u128() || !same {
                    differences.push(format!(
                        "delegation {number}: {mine} Quintessence, owned by {owner}, not {} and {}",
                        info.total, info.owner
                    ));
                }
            }
        }
    }

    /// Whether every NFT is where it should be.
    pub(in crate::run) fn check_nfts(&self, ledger: &Ledger) -> Vec<String> {
        let network = &self.stage.network;
        let contract = &network.addresses().delegation;
        let differ = |((collection, id), nft): (&(usize, String), &super::ledger::Nft)| {
            let holder = network.nft_owner(&network.nft(*collection, id));
            let expected = match nft.state {
                NftState::Returned => network.account(&nft.staker),
                NftState::Staked | NftState::Leaving(_) => contract.clone(),
            };
            (holder != expected).then(|| format!("NFT {id}: held by {holder}, not by {expected}"))
        };
        ledger.nfts.iter().filter_map(differ).collect()
    }
}

/// Where an epoch's figures differ from those worked out.
fn differ(info: &EpochInfo, quorum: bool, shares: &[ShareRow], ledger: &Ledger) -> Vec<String> {
    let epoch = info.epoch.0.into();
    let sum = |figure: fn(&ShareRow) -> u16| {
        let figures = shares.iter().map(|row| u128::from(figure(row)));
        figures.fold(0_u128, u128::saturating_add)
    };
    let captured = sum(|row| row.captured);
    let rewards = captured.saturating_mul(info.per_slot.u128());
    let figures = [
        ("quorum", quorum.into(), info.quorum.into()),
        ("total", ledger.total(epoch), info.total.u128()),
        ("slots", sum(|row| row.slots), info.slots.into()),
        ("eligible", sum(|row| row.eligible), info.eligible.into()),
        ("captured", captured, info.captured.into()),
        ("mint", ledger.rules.scheduled(epoch), info.mint.u128()),
        ("rewards", rewards, info.rewards.u128()),
    ];
    let different = figures
        .into_iter()
        .filter(|(_, mine, theirs)| mine != theirs);
    different
        .map(|(name, mine, theirs)| format!("epoch {epoch}: {name} is {mine}, not {theirs}"))
        .collect()
}

/// What every account earned, over all delegations.
pub(in crate::run) fn sums(earnings: &Earnings, denom: usize) -> Sums {
    let mut sums = Sums::new();
    for ((_, account), earned) in &earnings.members {
        for (role, amount) in [
            (Role::Member, earned.member.0),
            (Role::Commission, earned.commission.0),
        ] {
            let sum = sums.entry((account.clone(), role, denom)).or_default();
            *sum = sum.saturating_add(amount);
        }
    }
    sums.retain(|_, amount| *amount > 0);
    sums
}
