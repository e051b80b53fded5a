//! The block in which a message or query is handled.

use cosmwasm_std::{Addr, Env, Event, Storage, Timestamp};
use noderev_components::{Epoch, EpochClock, Governance, StdResult};

use crate::state::{load_config, EVENTS};

/// When a message is executed, and with which wiring.
pub struct Moment {
    pub clock: EpochClock,
    /// The first epoch that is closed.
    pub first: Epoch,
    pub now: Timestamp,
    pub height: u64,
    /// The running epoch.
    pub epoch: Epoch,
    /// This contract.
    pub contract: Addr,
}

impl Moment {
    pub fn load(storage: &dyn Storage, env: &Env) -> StdResult<Self> {
        let config = load_config(storage)?;
        Ok(Self {
            clock: config.clock,
            first: config.first,
            epoch: config.clock.epoch_at(env.block.time),
            now: env.block.time,
            height: env.block.height,
            contract: env.contract.address.clone(),
        })
    }

    /// The epoch in which changes of stake take effect.
    pub const fn next(&self) -> Epoch {
        self.epoch.next()
    }

    /// The next typed event.
    pub fn event(&self, storage: &mut dyn Storage, what: &str) -> StdResult<Event> {
        EVENTS.emit(storage, what, self.epoch)
    }

    /// What governance messages do.
    pub fn governance<'a>(&'a self, storage: &'a mut dyn Storage) -> Governance<'a> {
        Governance {
            storage,
            events: &EVENTS,
            clock: &self.clock,
            now: self.now,
        }
    }
}
