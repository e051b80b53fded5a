//! Parts of messages and answers that all contracts share.

mod evidence;
mod governance;
mod money;

use cosmwasm_schema::cw_serde;
use cosmwasm_std::Timestamp;
use noderev_components::quorum::Step;
use noderev_components::{fault, AsOf, Epoch, EpochClock, OpenEpoch, StdResult};

pub use evidence::{
    AttesterInfo, AttestersResponse, EpochStep, EvidenceResponse, ReportInfo, ATTESTER_EPOCHS,
};
pub use governance::{
    ParamsAtResponse, PausedActivity, PausedResponse, QueuedParamsResponse, RoleHolder,
    RolesResponse,
};
pub use money::{
    BucketAmount, ClaimSummary, DenomSolvency, DepositInfo, DepositsResponse, ReceiptInfo,
    ReceiptsResponse, RoleAmount, SolvencyResponse, CARRIED,
};

/// The epoch clock on the wire.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Start of epoch 0; whole seconds.
    pub start: Timestamp,
    /// Length of an epoch in seconds, 10 ..= 2,678,400 (31 days).
    pub length: u64,
}

impl Clock {
    /// The clock to compute with; refuses fractions of a second.
    pub fn parse(&self) -> StdResult<EpochClock> {
        if self.start.subsec_nanos() > 0 {
            return Err(fault("the clock's start must be a whole second"));
        }
        Ok(EpochClock {
            start: self.start.seconds(),
            length: self.length,
        })
    }
}

impl From<EpochClock> for Clock {
    fn from(clock: EpochClock) -> Self {
        Self {
            start: Timestamp::from_seconds(clock.start),
            length: clock.length,
        }
    }
}

/// What the chain itself may tell a contract.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub enum SudoMsg {
    /// A block has ended (Juno's clock module, for contracts that are registered there): does one
    /// thing that is due, closing an epoch before anything else. Nothing due is no error, nor is
    /// anything else: what could not be done is left for whoever sends the message.
    ClockEndBlock {},
}

/// Something that anybody may do.
#[cw_serde]
pub struct DueAction {
    /// The execute message's name.
    pub action: String,
    /// The epoch it concerns, where it concerns one.
    pub epoch: Option<Epoch>,
    /// Since when, or from when on.
    pub from: Timestamp,
}

impl DueAction {
    /// Something that can be done from a time on, Unix seconds.
    pub fn new(action: &str, epoch: Option<Epoch>, from: u64) -> Self {
        Self {
            action: action.to_string(),
            epoch,
            from: Timestamp::from_seconds(from),
        }
    }

    /// Closing an epoch by the message `action`: what is due now, and what comes next, at the
    /// latest.
    pub fn closing(
        action: &str,
        open: &OpenEpoch,
        clock: &EpochClock,
    ) -> (Option<Self>, Option<Self>) {
        let close = |from: u64| Some(Self::new(action, Some(open.epoch), from));
        let appeals = open.appeal_window;
        match open.step {
            Step::Due { since } => (close(since), None),
            Step::Appeals { until } => (None, close(until)),
            Step::Reporting { until: None } => (None, None),
            // Earlier if all attesters report early.
            Step::Reporting { until: Some(until) } => (None, close(until.saturating_add(appeals))),
            Step::Open => {
                let windows = open.rules.report_window.saturating_add(appeals);
                let ends = clock.end_of(open.epoch);
                (None, close(ends.saturating_add(windows)))
            }
        }
    }
}

/// What anybody may do now, and the next thing after that.
#[cw_serde]
pub struct DueResponse {
    /// What can be done now, in the order in which to do it.
    pub now: Vec<DueAction>,
    /// What comes next, if it is known.
    pub next: Option<DueAction>,
    /// When this was true.
    pub as_of: AsOf,
}
