//! The moment at which a message or query is handled.

use cosmwasm_std::{Deps, Env, QuerierWrapper, Storage, Timestamp};
use noderev_api::registry::raw::{reader, SUPPLY};
use noderev_api::vault::{Activity, Params};
use noderev_components::{Bundled, Epoch, Governance, Lineage, Local, Remote, StdResult};

use crate::error::Refusal;
use crate::state::{load_config, Config, EVENTS, PARAMS, PAUSES};

/// When a message or query is handled, and what is fixed.
pub struct Moment {
    /// What is fixed at instantiation.
    pub config: Config,
    /// Block time.
    pub now: Timestamp,
    /// The running epoch.
    pub epoch: Epoch,
}

impl Moment {
    /// Now.
    pub fn load(storage: &dyn Storage, env: &Env) -> StdResult<Self> {
        let config = load_config(storage)?;
        let now = env.block.time;
        let epoch = config.clock.epoch_at(now);
        Ok(Self { config, now, epoch })
    }

    /// The registry's records.
    pub const fn registry<'a>(&'a self, querier: QuerierWrapper<'a>) -> Bundled<Remote<'a>> {
        reader(querier, &self.config.registry)
    }

    /// All splits.
    pub fn lineage(&self, querier: QuerierWrapper) -> StdResult<Lineage> {
        SUPPLY.lineage(&self.registry(querier))
    }

    /// The parameters in force.
    pub fn params(&self, storage: &dyn Storage) -> StdResult<Params> {
        PARAMS.at(&Local(storage), self.epoch)
    }

    /// First second of the next epoch, Unix seconds: when changes of stake take effect.
    pub const fn boundary(&self) -> u64 {
        self.config.clock.end_of(self.epoch)
    }

    /// Refuses what is paused.
    pub fn ensure_running(&self, deps: Deps) -> Result<(), Refusal> {
        PAUSES.ensure_running(&Local(deps.storage), Activity::Staking, self.now)?;
        Ok(())
    }

    /// What governance messages do.
    pub fn governance<'a>(&'a self, storage: &'a mut dyn Storage) -> Governance<'a> {
        Governance {
            storage,
            events: &EVENTS,
            clock: &self.config.clock,
            now: self.now,
        }
    }
}
