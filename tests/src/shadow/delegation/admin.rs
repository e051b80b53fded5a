//! Parameters, roles, pauses.

use super::Ledger;
use crate::shadow::{refuse_if, Answer, Epoch, Pause, Who, DAY};

/// Parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Params {
    /// Quintessence per slot.
    pub slot_size: u128,
    /// Own Quintessence that a new delegation needs, and must keep.
    pub own_quintessence: u128,
    /// Seconds.
    pub unbonding: u64,
    /// Units per epoch, by the first epoch with them.
    pub schedule: Vec<(Epoch, u128)>,
    /// Who reports.
    pub attesters: Vec<Who>,
    /// How many must agree.
    pub threshold: usize,
    /// Seconds.
    pub report_window: u64,
}

/// What can be paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    /// Staking, creating and joining delegations.
    Staking,
    /// Injections.
    Injections,
}

impl Params {
    fn check(&self, epoch_length: u64) -> Answer {
        let quintessence = 1..=1_000_000_000_000;
        let sizes = quintessence.contains(&self.slot_size)
            && quintessence.contains(&self.own_quintessence)
            && self.unbonding <= 30 * DAY;
        let window =
            (1..=7 * DAY).contains(&self.report_window) && self.report_window < epoch_length;
        let ascending = self.schedule.windows(2).all(|two| two[0].0 < two[1].0);
        let most = 10_u128.pow(30);
        let amounts = self.schedule.iter().all(|(_, amount)| *amount <= most);
        let schedule = self.schedule.len() <= 64 && ascending && amounts;
        let bounds = sizes && window && schedule && self.has_majority();
        refuse_if(!bounds, "bounds")
    }

    fn has_majority(&self) -> bool {
        let count = self.attesters.len();
        let different = super::check_different(&self.attesters).is_ok();
        let majority = 2 * self.threshold > count && self.threshold <= count;
        (1..=15).contains(&count) && different && majority
    }
}

impl Ledger {
    pub(super) fn only_owner(&self, by: Who) -> Answer {
        refuse_if(by != self.genesis.owner, "only the owner")
    }

    fn only_owner_or_guardian(&self, by: Who) -> Answer {
        let may = by == self.genesis.owner || Some(by) == self.guardian;
        refuse_if(!may, "only owner or guardian")
    }

    /// `queue_params`.
    pub fn queue_params(&mut self, by: Who, params: Params) -> Answer<Epoch> {
        self.only_owner(by)?;
        params.check(self.genesis.length)?;
        self.params.queue(self.epoch, params)
    }

    /// `cancel_params`.
    pub fn cancel_params(&mut self, by: Who) -> Answer {
        self.only_owner(by)?;
        self.params.cancel(self.epoch)
    }

    /// `set_role`, of which there is one.
    pub fn set_guardian(&mut self, by: Who, guardian: Option<Who>) -> Answer {
        self.only_owner(by)?;
        self.guardian = guardian;
        Ok(())
    }

    /// The owner leaves for good; nobody can be the owner again.
    pub fn renounce(&mut self, by: Who) -> Answer {
        self.only_owner(by)?;
        self.genesis.owner = Who(usize::MAX);
        Ok(())
    }

    fn pause_of(&mut self, activity: Activity) -> &mut Pause {
        match activity {
            Activity::Staking => &mut self.staking,
            Activity::Injections => &mut self.injections,
        }
    }

    /// `pause`.
    pub fn pause(&mut self, by: Who, activity: Activity, seconds: u64) -> Answer {
        self.only_owner_or_guardian(by)?;
        let now = self.now;
        self.pause_of(activity).pause(now, seconds)
    }

    /// `resume`.
    pub fn resume(&mut self, by: Who, activity: Activity) -> Answer {
        self.only_owner_or_guardian(by)?;
        let now = self.now;
        self.pause_of(activity).resume(now)
    }
}
