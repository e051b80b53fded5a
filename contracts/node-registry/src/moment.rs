//! The moment at which a message or query is handled.

use cosmwasm_std::{BlockInfo, Env, QuerierWrapper, Storage};
use noderev_api::registry::raw::SUPPLY;
use noderev_api::vault;
use noderev_api::vault::raw::{NodeStake, NODES};
use noderev_components::{Account, Epoch, Generation, KeyId, Lineage, Local, StdResult};

use crate::owned::Owned;
use crate::state::{load_config, Config};

/// When a message or query is handled, and what every rule needs to know of it.
pub struct Moment {
    pub config: Config,
    /// The running epoch.
    pub epoch: Epoch,
    pub lineage: Lineage,
    pub block: BlockInfo,
}

impl Moment {
    pub fn load(storage: &dyn Storage, env: &Env) -> StdResult<Self> {
        let config = load_config(storage)?;
        Ok(Self {
            epoch: config.clock.epoch_at(env.block.time),
            lineage: SUPPLY.lineage(&Local(storage))?,
            block: env.block.clone(),
            config,
        })
    }

    pub fn generation(&self) -> Generation {
        self.lineage.generation_at(self.epoch)
    }

    /// The index of somebody's keys.
    pub const fn owned<'a>(&'a self, owner: &'a Account) -> Owned<'a> {
        Owned {
            lineage: &self.lineage,
            owner,
        }
    }

    /// How many keys there are.
    pub fn keys(&self, storage: &dyn Storage) -> StdResult<u32> {
        SUPPLY.keys_at(&Local(storage), &self.lineage, self.epoch)
    }

    /// A node's stake as of the next epoch, as the vault has it.
    pub fn stake(&self, querier: QuerierWrapper<'_>, id: KeyId) -> StdResult<NodeStake> {
        let vault = vault::raw::reader(querier, &self.config.vault);
        NODES.stake(&vault, &self.lineage, self.epoch, id)
    }

    /// The first epoch in which the key could have an owner, if a split created it.
    pub fn split_birth(&self, id: KeyId) -> Epoch {
        let (generation, by_split) = self.lineage.birth(id);
        let split = self.lineage.split_of(generation).filter(|_| by_split);
        split.map_or(Epoch(0), |split| split.from)
    }
}
