//! Drives a scenario through the contracts.
//!
//! [`run`] sets a network up on an embedded chain, sends it the messages that the scenario's rows
//! stand for, closes its epochs as they become due and lets everybody claim. Beside it a plain
//! account of owners and pool stakes is kept; at the end everybody's earnings are worked out from
//! that and from what each epoch paid, and compared with what was paid and is owed. So it is with
//! delegations, if the network has them.

mod check;
mod claims;
mod collect;
mod delegations;
mod epochs;
mod error;
mod phases;
mod shadow;
mod stage;

use indicatif::ProgressBar;
use noderev_testing::Network;

use crate::input::Scenario;
use crate::results::RunResult;

pub use error::RunError;

use claims::Claims;
use delegations::Delegations;
use epochs::Closed;
use phases::Phases;
use shadow::Shadow;
use stage::Stage;

/// A run with the chain that it ran on.
pub struct Finished {
    /// What came out.
    pub result: RunResult,
    /// The contracts as the run left them.
    pub network: Network,
}

/// Runs every epoch of the scenario; the bar moves one step per epoch.
pub fn run(scenario: &Scenario, progress: &ProgressBar) -> Result<RunResult, RunError> {
    Ok(finish(scenario, progress)?.result)
}

/// As [`run`], and keeps the chain.
pub fn finish(scenario: &Scenario, progress: &ProgressBar) -> Result<Finished, RunError> {
    Run::begin(scenario, false)?.all(progress)
}

/// As [`finish`], and keeps a journal of what was done to the contracts.
pub fn record(scenario: &Scenario, progress: &ProgressBar) -> Result<Finished, RunError> {
    Run::begin(scenario, true)?.all(progress)
}

/// A run on its way.
struct Run<'a> {
    scenario: &'a Scenario,
    stage: Stage,
    shadow: Shadow,
    claims: Claims,
    closed: Vec<Closed>,
    /// None if the network has none.
    delegations: Option<Delegations>,
    phases: Phases,
}

impl<'a> Run<'a> {
    fn begin(scenario: &'a Scenario, journal: bool) -> Result<Self, RunError> {
        let mut phases = Phases::default();
        let stage = phases.time("set up", || Stage::build(scenario, journal))?;
        let mut run = Self {
            scenario,
            stage,
            shadow: Shadow::new(scenario),
            claims: Claims::default(),
            closed: Vec::new(),
            delegations: Delegations::new(scenario),
            phases,
        };
        run.timed("import", |run| run.stage.import(run.scenario))?;
        run.timed("import", |run| run.stage.fund(run.scenario))?;
        run.timed("import", |run| run.with_delegations(Run::import_nfts))?;
        Ok(run)
    }

    fn all(mut self, progress: &ProgressBar) -> Result<Finished, RunError> {
        for epoch in 0..self.scenario.network.epochs {
            self.epoch(epoch)?;
            progress.inc(1);
        }
        self.end()
    }

    /// What happens while an epoch runs: the scenario's rows, then what is due of earlier epochs,
    /// then claims.
    fn epoch(&mut self, epoch: u64) -> Result<(), RunError> {
        self.stage.start(epoch);
        self.timed("reports", |run| run.report_ended(epoch))?;
        self.timed("stakes and sales", |run| run.act(epoch))?;
        self.timed("NFTs and validators", |run| run.change_delegations(epoch))?;
        self.timed("closes", |run| run.close_due(epoch, false))?;
        self.timed("advances", |run| {
            run.with_delegations(|run| run.advance_due(epoch, false))
        })?;
        self.timed("claims", |run| run.claim_some(epoch))?;
        self.timed("books", |run| run.stage.check_books(epoch))
    }

    /// After the last epoch: closes what is not closed, pays everybody, compares.
    fn end(mut self) -> Result<Finished, RunError> {
        let end = self.scenario.network.epochs;
        self.stage.start(end);
        self.timed("reports", |run| run.report_ended(end))?;
        self.timed("NFTs and validators", |run| run.change_delegations(end))?;
        self.timed("closes", |run| run.close_due(end, true))?;
        self.timed("advances", |run| {
            run.with_delegations(|run| run.advance_due(end, true))
        })?;
        self.timed("claims", Self::claim_all)?;
        self.timed("books", |run| run.stage.check_books(end))?;
        let result = self.timed("comparison", Self::collect)?;
        let Self { phases, stage, .. } = self;
        Ok(Finished {
            result: RunResult {
                phases: phases.list(),
                peak_memory: phases::peak_memory(),
                ..result
            },
            network: stage.network,
        })
    }

    /// What happens to delegations while an epoch runs, before anything is closed.
    fn change_delegations(&mut self, epoch: u64) -> Result<(), RunError> {
        self.with_delegations(|run| {
            run.report_validators(epoch)?;
            run.return_nfts(epoch)?;
            run.act_on_delegations(epoch)
        })
    }

    fn timed<T>(
        &mut self,
        phase: &'static str,
        part: impl FnOnce(&mut Self) -> Result<T, RunError>,
    ) -> Result<T, RunError> {
        let begun = std::time::Instant::now();
        let done = part(self);
        self.phases.add(phase, begun.elapsed());
        done
    }
}
