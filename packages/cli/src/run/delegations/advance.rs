//! Reports on validators, and closing epochs of the delegation contract.

use noderev_api::common::{EpochStep, EvidenceResponse};
use noderev_api::delegation::{EpochsResponse, NetworkResponse, QueryMsg};
use noderev_components::Bitmap as Bits;
use serde::de::DeserializeOwned;

use super::super::error::RunError;
use super::super::stage::{id, refuse};
use super::super::Run;
use super::Advanced;
use crate::input::Eligibility;

impl Run<'_> {
    /// The attesters report who was eligible in the epoch that has just ended.
    pub(in crate::run) fn report_validators(&mut self, epoch: u64) -> Result<(), RunError> {
        let Some(ended) = epoch.checked_sub(1) else {
            return Ok(());
        };
        for row in self.scenario.delegations.eligibility_on(ended) {
            self.report_eligible(epoch, row)?;
        }
        Ok(())
    }

    /// Validators are named by their seats.
    fn report_eligible(&mut self, now: u64, row: &Eligibility) -> Result<(), RunError> {
        let Some(delegations) = &self.delegations else {
            return Ok(());
        };
        let ledger = &delegations.ledger;
        let eligible = (1..=row.eligible.keys()).filter(|one| row.eligible.contains(*one));
        let seats = eligible.filter_map(|one| ledger.placed(one, row.epoch));
        let bits = u32::from(ledger.seats(row.epoch));
        let bitmap = Bits::from_bits(bits, seats.map(|(seat, _)| seat.into()));
        let attesters = &self.scenario.network.attesters;
        let attester = attesters.get(row.attester).cloned().unwrap_or_default();
        let ended = id(row.epoch).0;
        let done = self
            .stage
            .network
            .try_report_validators(&attester, ended, &bitmap);
        refuse(now, done, || {
            format!("report of {attester} on the validators of epoch {ended}")
        })?;
        Ok(())
    }

    /// Closes every epoch that is or becomes due while `epoch` runs; with `all` every epoch of the
    /// scenario, however long that takes.
    pub(in crate::run) fn advance_due(&mut self, epoch: u64, all: bool) -> Result<(), RunError> {
        let end = self.stage.network.clock().end_of(id(epoch));
        loop {
            let network: NetworkResponse = self.ask_delegation(&QueryMsg::Network {})?;
            if network.next_close >= id(self.scenario.network.epochs.min(epoch)) {
                return Ok(());
            }
            let until = match network.step {
                EpochStep::Due { .. } => {
                    self.advance(epoch, network.next_close.0.into())?;
                    continue;
                }
                EpochStep::Reporting { until: Some(until) } => until,
                step => {
                    let reason = format!("unexpected {step:?}");
                    return Err(RunError::answer("delegation", reason));
                }
            };
            if until.seconds() >= end && !all {
                return Ok(());
            }
            self.wait(until.seconds())?;
        }
    }

    fn advance(&mut self, now: u64, epoch: u64) -> Result<(), RunError> {
        let done = self.stage.network.try_advance(id(epoch).0);
        refuse(now, done, || format!("advance of epoch {epoch}"))?;
        let epochs: EpochsResponse = self.ask_delegation(&QueryMsg::Epochs {
            start_after: None,
            limit: Some(1),
        })?;
        let query = QueryMsg::Evidence { epoch: id(epoch) };
        let evidence: EvidenceResponse = self.ask_delegation(&query)?;
        let mut infos = epochs.epochs.into_iter();
        let info = infos.find(|info| info.epoch == id(epoch));
        let info = info.ok_or_else(|| RunError::answer("epochs", format!("no epoch {epoch}")))?;
        let reported = evidence.reports.iter().filter(|one| one.bitmap.is_some());
        let reports = u32::try_from(reported.count()).unwrap_or(u32::MAX);
        if let Some(delegations) = &mut self.delegations {
            delegations.closed.push(Advanced { info, reports });
        }
        Ok(())
    }

    /// Asks the delegation contract.
    pub(in crate::run) fn ask_delegation<T: DeserializeOwned>(
        &self,
        query: &QueryMsg,
    ) -> Result<T, RunError> {
        let answer = self.stage.network.delegation().try_query(query);
        answer.map_err(|error| RunError::answer("delegation", error))
    }
}
