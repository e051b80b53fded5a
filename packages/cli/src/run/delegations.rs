//! Delegations in a run: the scenario's rows, advances, claims, and what is expected of them.

mod act;
mod advance;
mod check;
mod collect;
mod earnings;
mod ledger;

use noderev_api::delegation::EpochInfo;

use super::error::RunError;
use super::Run;
use crate::input::Scenario;
pub(super) use check::sums;
pub(super) use earnings::Earnings;
use ledger::Ledger;

/// Delegations on their way through a run.
pub(super) struct Delegations {
    /// What is kept beside the contract.
    pub ledger: Ledger,
    /// Closed epochs, in order.
    pub closed: Vec<Advanced>,
}

/// A closed epoch as the contract tells it.
pub(super) struct Advanced {
    pub info: EpochInfo,
    /// Attesters that reported.
    pub reports: u32,
}

impl Delegations {
    /// None for a network without.
    pub fn new(scenario: &Scenario) -> Option<Self> {
        let rules = scenario.network.delegation.as_ref()?;
        Some(Self {
            ledger: Ledger::new(rules, &scenario.network),
            closed: Vec::new(),
        })
    }
}

impl Run<'_> {
    /// Does something if the network has delegations.
    pub(super) fn with_delegations<T: Default>(
        &mut self,
        part: impl FnOnce(&mut Self) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        match self.delegations {
            Some(_) => part(self),
            None => Ok(T::default()),
        }
    }
}
