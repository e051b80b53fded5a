//! The block in which a message or query is handled.

use cosmwasm_std::{Addr, Deps, Env, Storage, Timestamp};
use noderev_components::{Epoch, Governance, StdResult};

use crate::state::{load_config, Config, EVENTS};

/// When a message is executed, and with which wiring.
pub struct Moment {
    pub config: Config,
    pub now: Timestamp,
    pub height: u64,
    /// The running epoch.
    pub epoch: Epoch,
    /// This contract.
    pub contract: Addr,
}

impl Moment {
    pub fn load(deps: Deps, env: &Env) -> StdResult<Self> {
        let config = load_config(deps)?;
        Ok(Self {
            epoch: config.clock.epoch_at(env.block.time),
            now: env.block.time,
            height: env.block.height,
            contract: env.contract.address.clone(),
            config,
        })
    }

    /// The contracts of the network, which could not pass money on.
    pub fn contracts(&self) -> [&Addr; 4] {
        let Config {
            registry,
            vault,
            qst,
            ..
        } = &self.config;
        [&self.contract, registry, vault, qst]
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
