//! What a closed epoch paid, recomputed from what its pots were made of.

use cosmwasm_std::Storage;
use noderev_api::distributor::Params;
use noderev_components::{fault, Epoch, Local, StdResult};
use noderev_economics::{
    appeal_upheld, network_share_ceil, split_pot, EpochFacts, HeldOutcome, PotSplit, ShareRules,
};

use crate::state::{load_summary, Inflow, Summary, PARAMS};

/// A closed epoch with its rules.
pub struct ClosedEpoch {
    pub summary: Summary,
    pub facts: EpochFacts,
    pub rules: ShareRules,
    params: Params,
}

/// One currency of a closed epoch.
#[derive(Clone, Debug, Default)]
pub struct Money {
    pub inflow: Inflow,
    pub network: u128,
    pub treasury: u128,
    /// What was shared; 0 if nobody was paid.
    pub pot: u128,
    /// How; none if nobody was paid.
    pub split: Option<PotSplit>,
}

impl ClosedEpoch {
    pub fn load(storage: &dyn Storage, epoch: Epoch) -> StdResult<Self> {
        let summary = load_summary(storage, epoch)?;
        let params = PARAMS.at(&Local(storage), epoch)?;
        let facts = EpochFacts {
            running: summary.running,
            held: summary.held,
            unstaked: summary.unstaked,
            pool_stake: summary.pool_stake,
            requirement: summary.requirement,
        };
        Ok(Self {
            summary,
            facts,
            rules: share_rules(&params),
            params,
        })
    }

    /// Whether somebody was paid.
    pub const fn paid(&self) -> bool {
        self.summary.running > 0
    }

    /// Number of currencies that the contract knew then.
    pub fn denoms(&self) -> u8 {
        u8::try_from(self.summary.inflows.len()).unwrap_or(u8::MAX)
    }

    /// What a disputed key gets after all, of what was set aside for it. The pool's part goes by
    /// the ratio that all unstaked nodes would have had, those in dispute included: so nobody can
    /// raise the pool's part by disputing nodes.
    pub fn paid_after_dispute(&self, split: &PotSplit, staked: bool) -> HeldOutcome {
        let unstaked = self
            .facts
            .unstaked
            .saturating_add(self.summary.held_unstaked);
        let facts = EpochFacts {
            unstaked,
            ..self.facts
        };
        appeal_upheld(split, &facts, &self.rules, staked)
    }

    /// One currency.
    pub fn money(&self, denom: u8) -> StdResult<Money> {
        let Some(inflow) = self.summary.inflows.get(usize::from(denom)).cloned() else {
            return Ok(Money::default());
        };
        let network = network_share_ceil(inflow.revenue, self.params.network_share);
        let treasury = inflow.revenue.saturating_sub(network);
        if !self.paid() {
            return Ok(Money {
                inflow,
                network,
                treasury,
                ..Money::default()
            });
        }
        let pot = [inflow.carry_in, inflow.drip_in]
            .into_iter()
            .fold(network, u128::saturating_add);
        let split =
            split_pot(pot, &self.facts, &self.rules).map_err(|error| fault(error.to_string()))?;
        Ok(Money {
            inflow,
            network,
            treasury,
            pot,
            split: Some(split),
        })
    }
}

/// The parameters that decide how a pot is shared.
pub const fn share_rules(params: &Params) -> ShareRules {
    ShareRules {
        unstaked_share: params.unstaked_share,
        remainder_to: params.remainder_to,
    }
}
