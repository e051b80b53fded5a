//! The facts that the registry and the vault record, read by exact key.

use cosmwasm_std::QuerierWrapper;
use noderev_api::{registry, vault};
use noderev_components::{
    Account, Bitmap, Bundled, Epoch, KeyId, Lineage, Remembered, Remote, Span, StdResult,
};

use crate::state::Config;

/// Reads the other two contracts.
pub struct Chain<'a> {
    registry: Bundled<Remembered<Remote<'a>>>,
    vault: Bundled<Remembered<Remote<'a>>>,
}

impl<'a> Chain<'a> {
    pub const fn new(querier: QuerierWrapper<'a>, config: &'a Config) -> Self {
        let registry = Remembered::new(Remote::new(querier, &config.registry));
        let vault = Remembered::new(Remote::new(querier, &config.vault));
        Self {
            registry: registry::raw::BUNDLE.over(registry),
            vault: vault::raw::BUNDLE.over(vault),
        }
    }

    pub fn lineage(&self) -> StdResult<Lineage> {
        registry::raw::SUPPLY.lineage(&self.registry)
    }

    /// Keys at the end of an epoch (for the running one: now).
    pub fn keys_at(&self, lineage: &Lineage, epoch: Epoch) -> StdResult<u32> {
        registry::raw::SUPPLY.keys_at(&self.registry, lineage, epoch)
    }

    /// The first epoch in which a key existed.
    pub fn born(&self, lineage: &Lineage, key: KeyId) -> StdResult<Option<Epoch>> {
        registry::raw::HOLDERS.born(&self.registry, lineage, key)
    }

    /// Who owned a key at the end of an epoch, and until when.
    pub fn holder(
        &self,
        lineage: &Lineage,
        key: KeyId,
        epoch: Epoch,
    ) -> StdResult<Option<Span<registry::raw::Holding>>> {
        registry::raw::HOLDERS.span_at(&self.registry, lineage, key, epoch)
    }

    /// Who may appeal for a key beside its owner.
    pub fn operator(&self, key: KeyId, nonce: u32) -> StdResult<Option<Account>> {
        registry::raw::operator(&self.registry, key, nonce)
    }

    /// The staked ones of `keys` nodes in an epoch.
    pub fn staked(&self, lineage: &Lineage, epoch: Epoch, keys: u32) -> StdResult<Bitmap> {
        vault::raw::NODES.staked(&self.vault, lineage, epoch, keys)
    }

    /// Whether a node is staked in an epoch.
    pub fn is_staked(&self, lineage: &Lineage, epoch: Epoch, key: KeyId) -> StdResult<bool> {
        vault::raw::NODES.is_staked(&self.vault, lineage, epoch, key)
    }

    /// Whether a node is staked from the next epoch on.
    pub fn is_staked_next(&self, lineage: &Lineage, now: Epoch, key: KeyId) -> StdResult<bool> {
        Ok(vault::raw::NODES
            .stake(&self.vault, lineage, now, key)?
            .is_staked())
    }

    /// Pool stake of all in an epoch.
    pub fn pool_total(&self, epoch: Epoch) -> StdResult<u128> {
        Ok(vault::raw::POOL_TOTAL
            .at(&self.vault, &[], epoch)?
            .unwrap_or_default())
    }

    /// An account's pool stake in an epoch, and until when; none before its first deposit counts.
    pub fn pool_stake(&self, account: &Account, epoch: Epoch) -> StdResult<Option<Span<u128>>> {
        vault::raw::pool_span(&self.vault, account, epoch)
    }

    /// The first epoch in which an account's pool stake counts.
    pub fn pool_since(&self, account: &Account) -> StdResult<Option<Epoch>> {
        vault::raw::POOL.first(&self.vault, &account.key())
    }
}
