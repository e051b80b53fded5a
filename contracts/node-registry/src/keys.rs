//! The running epoch's view of a key, and its change of hands.

use cosmwasm_std::{Addr, Api, BlockInfo, Env, QuerierWrapper, StdResult, Storage};
use noderev_api::registry::raw::{operator, Holding, HOLDERS, SUPPLY};
use noderev_api::registry::FormerKey;
use noderev_api::vault::raw::{NodeStake, NODES};
use noderev_components::{Account, Epoch, Generation, KeyId, Lineage, Local, Remote, Span};

use crate::owned;
use crate::state::{
    load_approvals, load_binding, load_bound_key, load_config, load_mover, remove_listing,
    save_former, Config,
};
use crate::ContractError;

/// What every rule needs to know of the moment.
pub struct Now {
    pub config: Config,
    /// The running epoch.
    pub epoch: Epoch,
    pub lineage: Lineage,
    pub block: BlockInfo,
}

impl Now {
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

    /// How many keys there are.
    pub fn keys(&self, storage: &dyn Storage) -> StdResult<u32> {
        SUPPLY.keys_at(&Local(storage), &self.lineage, self.epoch)
    }

    /// A node's stake as of the next epoch, as the vault has it.
    pub fn stake(&self, querier: QuerierWrapper<'_>, id: KeyId) -> StdResult<NodeStake> {
        let vault = Remote::new(querier, &self.config.vault);
        NODES.stake(&vault, &self.lineage, self.epoch, id)
    }

    /// The first epoch in which the key could have an owner, if a split created it.
    fn split_birth(&self, id: KeyId) -> Epoch {
        let (generation, by_split) = self.lineage.birth(id);
        let split = self.lineage.split_of(generation).filter(|_| by_split);
        split.map_or(Epoch(0), |split| split.from)
    }
}

/// A key and who holds it now.
pub struct Held {
    pub id: KeyId,
    /// First epoch of this holding.
    pub since: Epoch,
    pub owner: Account,
    pub owner_addr: Addr,
    /// How often the key has changed hands; what carries an older number is void.
    pub nonce: u32,
}

impl Held {
    pub fn load(
        storage: &dyn Storage,
        api: &dyn Api,
        now: &Now,
        id: KeyId,
    ) -> Result<Self, ContractError> {
        let span = HOLDERS.span_at(&Local(storage), &now.lineage, id, now.epoch)?;
        let Some(Span { from, value, .. }) = span else {
            let issued = now.keys(storage)?;
            return Err(ContractError::NoSuchKey { key: id, issued });
        };
        Ok(Self {
            id,
            since: from.max(now.split_birth(id)),
            owner_addr: value.owner.human(api)?,
            owner: value.owner,
            nonce: value.nonce,
        })
    }

    pub fn ensure_owner(&self, sender: &Addr) -> Result<(), ContractError> {
        match *sender == self.owner_addr {
            true => Ok(()),
            false => Err(ContractError::NotKeyOwner {
                key: self.id,
                owner: self.owner_addr.clone(),
                sender: sender.clone(),
            }),
        }
    }

    /// The owner, or who may bind a node for him.
    pub fn ensure_operator(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        sender: &Addr,
    ) -> Result<(), ContractError> {
        let operator = operator(&Local(storage), self.id, self.nonce)?;
        if *sender == self.owner_addr || operator == Some(Account::of(api, sender)?) {
            return Ok(());
        }
        Err(ContractError::NotKeyOperator {
            key: self.id,
            owner: self.owner_addr.clone(),
            sender: sender.clone(),
        })
    }

    /// The owner, or who may move all his keys.
    pub fn ensure_may_approve(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        block: &BlockInfo,
        sender: &Addr,
    ) -> Result<(), ContractError> {
        if *sender == self.owner_addr || self.is_mover(storage, api, block, sender)? {
            return Ok(());
        }
        Err(ContractError::MayNotApprove {
            key: self.id,
            owner: self.owner_addr.clone(),
            sender: sender.clone(),
        })
    }

    /// The owner, who has an approval for this key, or who may move all his keys.
    pub fn ensure_may_move(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        block: &BlockInfo,
        sender: &Addr,
    ) -> Result<(), ContractError> {
        if *sender == self.owner_addr
            || self.is_spender(storage, api, block, sender)?
            || self.is_mover(storage, api, block, sender)?
        {
            return Ok(());
        }
        Err(ContractError::MayNotMove {
            key: self.id,
            owner: self.owner_addr.clone(),
            sender: sender.clone(),
        })
    }

    fn is_spender(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        block: &BlockInfo,
        sender: &Addr,
    ) -> StdResult<bool> {
        let spender = Account::of(api, sender)?;
        let approvals = load_approvals(storage, self.id, self.nonce)?;
        Ok(approvals
            .iter()
            .any(|approval| approval.spender == spender && !approval.expires.is_past(block)))
    }

    fn is_mover(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        block: &BlockInfo,
        sender: &Addr,
    ) -> StdResult<bool> {
        let expires = load_mover(storage, &self.owner, &Account::of(api, sender)?)?;
        Ok(expires.is_some_and(|expires| !expires.is_past(block)))
    }
}

/// Gives a key to `to` from the running epoch on; answers the number of the listing that this
/// ended. Approvals, operator and binding end because the holding's number differs.
pub fn change_hands(
    storage: &mut dyn Storage,
    now: &Now,
    held: &Held,
    to: Account,
) -> Result<Option<u64>, ContractError> {
    if held.since < now.epoch {
        let (until, key) = (now.epoch, held.id);
        save_former(storage, &held.owner, &FormerKey { until, key });
    }
    owned::remove(
        storage,
        &now.lineage,
        &held.owner,
        now.generation(),
        held.id,
    )?;
    owned::add(storage, &to, now.generation(), held.id);
    let nonce = held.nonce.saturating_add(1);
    let holding = Holding { owner: to, nonce };
    HOLDERS.set(storage, &now.lineage, held.id, now.epoch, holding)?;
    Ok(remove_listing(storage, held.id)?.map(|listing| listing.number))
}

/// The public key bound to a key by its present owner.
pub fn bound_node(storage: &dyn Storage, held: &Held) -> StdResult<Option<Vec<u8>>> {
    let binding = load_binding(storage, held.id)?;
    let valid = binding.filter(|binding| binding.nonce == held.nonce);
    Ok(valid.map(|binding| binding.public_key))
}

/// The key to which a public key is bound now.
pub fn bound_key(
    storage: &dyn Storage,
    api: &dyn Api,
    now: &Now,
    public_key: &[u8],
) -> Result<Option<KeyId>, ContractError> {
    let Some(id) = load_bound_key(storage, public_key)? else {
        return Ok(None);
    };
    let held = Held::load(storage, api, now, id)?;
    let bound = bound_node(storage, &held)?;
    Ok((bound.as_deref() == Some(public_key)).then_some(id))
}
