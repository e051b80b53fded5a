//! The running epoch's view of a key, and its change of hands.

use cosmwasm_std::{Addr, Api, BlockInfo, Storage};
use noderev_api::registry::raw::{operator, Holding, HOLDERS};
use noderev_api::registry::FormerKey;
use noderev_components::{Account, Epoch, KeyId, Local, Span, StdResult};

use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{
    load_approvals, load_binding, load_bound_key, load_mover, remove_listing, save_former,
};

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
        now: &Moment,
        id: KeyId,
    ) -> Result<Self, Refusal> {
        let span = HOLDERS.span_at(&Local(storage), &now.lineage, id, now.epoch)?;
        let Some(Span { from, value, .. }) = span else {
            let issued = now.keys(storage)?;
            return Err(ContractError::NoSuchKey { key: id, issued }.into());
        };
        Ok(Self {
            id,
            since: from.max(now.split_birth(id)),
            owner_addr: value.owner.human(api)?,
            owner: value.owner,
            nonce: value.nonce,
        })
    }

    pub fn ensure_owner(&self, sender: &Addr) -> Result<(), Refusal> {
        match *sender == self.owner_addr {
            true => Ok(()),
            false => Err(ContractError::NotKeyOwner {
                key: self.id,
                owner: self.owner_addr.clone(),
                sender: sender.clone(),
            }
            .into()),
        }
    }

    /// The owner, or who may bind a node for him.
    pub fn ensure_operator(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        sender: &Addr,
    ) -> Result<(), Refusal> {
        let operator = operator(&Local(storage), self.id, self.nonce)?;
        if *sender == self.owner_addr || operator == Some(Account::of(api, sender)?) {
            return Ok(());
        }
        Err(ContractError::NotKeyOperator {
            key: self.id,
            owner: self.owner_addr.clone(),
            sender: sender.clone(),
        }
        .into())
    }

    /// The owner, or who may move all his keys.
    pub fn ensure_may_approve(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        block: &BlockInfo,
        sender: &Addr,
    ) -> Result<(), Refusal> {
        if *sender == self.owner_addr || self.is_mover(storage, api, block, sender)? {
            return Ok(());
        }
        Err(ContractError::MayNotApprove {
            key: self.id,
            owner: self.owner_addr.clone(),
            sender: sender.clone(),
        }
        .into())
    }

    /// The owner, who has an approval for this key, or who may move all his keys.
    pub fn ensure_may_move(
        &self,
        storage: &dyn Storage,
        api: &dyn Api,
        block: &BlockInfo,
        sender: &Addr,
    ) -> Result<(), Refusal> {
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
        }
        .into())
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
    now: &Moment,
    held: &Held,
    to: Account,
) -> Result<Option<u64>, Refusal> {
    if held.since < now.epoch {
        let (until, key) = (now.epoch, held.id);
        save_former(storage, &held.owner, &FormerKey { until, key });
    }
    let (generation, id) = (now.generation(), held.id);
    now.owned(&held.owner).remove(storage, generation, id)?;
    now.owned(&to).add(storage, generation, id.0..=id.0)?;
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
    now: &Moment,
    public_key: &[u8],
) -> Result<Option<KeyId>, Refusal> {
    let Some(id) = load_bound_key(storage, public_key)? else {
        return Ok(None);
    };
    let held = Held::load(storage, api, now, id)?;
    let bound = bound_node(storage, &held)?;
    Ok((bound.as_deref() == Some(public_key)).then_some(id))
}
