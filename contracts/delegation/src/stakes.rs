//! Quintessence of delegations and their members: every change takes effect at the next boundary.

use cosmwasm_std::Storage;
use noderev_api::delegation::{DelegationId, MAX_POSITIONS};
use noderev_components::{fault, not_found, Account, Epoch, Packed, StdResult};
use noderev_economics::DORMANCY_EPOCHS;

use crate::error::{ContractError, Refusal};
use crate::state::{
    mark_changed, may_load_terms, weight_id, AccountStake, MemberAccount, Position, Share, Terms,
    OWNERS, SHARES, SLOT_SIZES, TOTAL, WEIGHTS,
};

/// Refuses a delegation that does not exist.
pub fn load_terms(storage: &dyn Storage, id: DelegationId) -> Result<Terms, Refusal> {
    Ok(may_load_terms(storage, id)?.ok_or(ContractError::UnknownDelegation { delegation: id })?)
}

/// A delegation's owner as of the next epoch, who is the one to decide about it now.
pub fn owner_of(storage: &dyn Storage, id: DelegationId) -> StdResult<Account> {
    let newest = OWNERS.newest(storage, &id.to_packed())?;
    newest
        .map(|span| span.value)
        .ok_or_else(|| not_found("owner of a delegation"))
}

/// An account's Quintessence in a delegation as of the next epoch.
pub fn newest_weight(
    storage: &dyn Storage,
    delegation: DelegationId,
    account: &Account,
) -> StdResult<u128> {
    let newest = WEIGHTS.newest(storage, &weight_id(delegation, account))?;
    Ok(newest.map_or(0, |span| span.value))
}

/// A delegation's Quintessence as of the next epoch.
pub fn newest_share(storage: &dyn Storage, id: DelegationId) -> StdResult<Share> {
    let newest = SHARES.newest(storage, &id.to_packed())?;
    Ok(newest.map_or_else(Share::default, |span| span.value))
}

/// A change of an amount of Quintessence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Add(u128),
    Sub(u128),
}

impl Change {
    fn apply(self, to: u128) -> StdResult<u128> {
        let after = match self {
            Self::Add(amount) => to.checked_add(amount),
            Self::Sub(amount) => to.checked_sub(amount),
        };
        after.ok_or_else(|| fault("sum of Quintessence"))
    }
}

/// Changes all Quintessence from epoch `from` on.
pub fn change_total(storage: &mut dyn Storage, from: Epoch, change: Change) -> StdResult<()> {
    let newest = TOTAL.newest(storage, &[])?.map_or(0, |span| span.value);
    TOTAL.set(storage, &[], from, &change.apply(newest)?)
}

/// Changes an account's Quintessence in a delegation, or undelegated, from epoch `from` on: its own
/// and the delegation's, whose owner's part may fall short by it or be restored. The caller writes the
/// account's stake.
pub fn change_weight(
    storage: &mut dyn Storage,
    from: Epoch,
    delegation: Option<DelegationId>,
    account: &Account,
    stake: &mut AccountStake,
    change: Change,
) -> StdResult<()> {
    let Some(id) = delegation else {
        let weight = change.apply(stake.undelegated.newest)?;
        stake.undelegated.set(from, weight);
        return Ok(());
    };
    let newest = newest_weight(storage, id, account)?;
    let weight = change.apply(newest)?;
    WEIGHTS.set(storage, &weight_id(id, account), from, &weight)?;
    if newest == 0 {
        enrol(storage, from, id, account, stake)?;
    }
    let mut share = newest_share(storage, id)?;
    share.total = change.apply(share.total)?;
    if stake.owns == Some(id) {
        let terms = may_load_terms(storage, id)?;
        let required = terms.map_or(0, |terms| terms.own_required);
        judge_own_part(storage, from, id, &mut share, weight >= required)?;
    }
    save_share(storage, from, id, &share)
}

/// Lets all that an account has in one place count in another from epoch `from` on, without touching
/// its NFTs; answers how much that is. The caller writes the account's stake.
pub fn redirect(
    storage: &mut dyn Storage,
    from: Epoch,
    account: &Account,
    stake: &mut AccountStake,
    (here, there): (Option<DelegationId>, Option<DelegationId>),
) -> StdResult<u128> {
    let weight = match here {
        Some(id) => newest_weight(storage, id, account)?,
        None => stake.undelegated.newest,
    };
    for position in &mut stake.positions {
        if position.delegation == here {
            position.delegation = there;
        }
    }
    change_weight(storage, from, here, account, stake, Change::Sub(weight))?;
    change_weight(storage, from, there, account, stake, Change::Add(weight))?;
    Ok(weight)
}

/// Looks at the owner's part again, after a change of owner from epoch `from` on.
pub fn recheck_own_part(
    storage: &mut dyn Storage,
    from: Epoch,
    id: DelegationId,
    owner: &Account,
    required: u128,
) -> StdResult<()> {
    let mut share = newest_share(storage, id)?;
    let enough = newest_weight(storage, id, owner)? >= required;
    judge_own_part(storage, from, id, &mut share, enough)?;
    save_share(storage, from, id, &share)
}

/// The owner's part is too small from the first epoch on in which it is: one that was restored and
/// taken away again within an epoch was never there.
fn judge_own_part(
    storage: &mut dyn Storage,
    from: Epoch,
    id: DelegationId,
    share: &mut Share,
    enough: bool,
) -> StdResult<()> {
    match (enough, share.short_since) {
        (true, _) => share.short_since = None,
        (false, Some(_)) => {}
        (false, None) => {
            let before = share_before(storage, from, id)?;
            let short_before = before.and_then(|(_, share)| share.short_since);
            share.short_since = short_before.or(Some(from));
            if short_before.is_none() {
                mark_changed(storage, from.plus(DORMANCY_EPOCHS), id);
            }
        }
    }
    Ok(())
}

/// A delegation's Quintessence in the epoch before `from`, and that epoch.
fn share_before(
    storage: &dyn Storage,
    from: Epoch,
    id: DelegationId,
) -> StdResult<Option<(Epoch, Share)>> {
    let Some(before) = from.prev() else {
        return Ok(None);
    };
    let share = SHARES.at(storage, &id.to_packed(), before)?;
    Ok(share.map(|share| (before, share)))
}

/// The share is written even if it is the same: what members had earned by then is looked up at the
/// epochs at which it was written. Closing looks at the delegation only if its slots change by it; in
/// an epoch with another slot size it looks at all.
fn save_share(
    storage: &mut dyn Storage,
    from: Epoch,
    id: DelegationId,
    share: &Share,
) -> StdResult<()> {
    let before = share_before(storage, from, id)?;
    SHARES.set(storage, &id.to_packed(), from, share)?;
    // A slot size that begins with `from` can still be cancelled: then the one before goes on.
    for epoch in [from.prev().unwrap_or(from), from] {
        let size = SLOT_SIZES.at(storage, &[], epoch)?.unwrap_or(0);
        let slots = before
            .as_ref()
            .map_or(0, |(epoch, share)| share.slots_in(*epoch, size));
        if slots != share.slots_in(from, size) {
            mark_changed(storage, from, id);
        }
    }
    Ok(())
}

/// Makes sure that claims find an account in a delegation that it is in, or owns, from epoch `from`
/// on. The caller writes the account's stake.
pub fn enrol(
    storage: &mut dyn Storage,
    from: Epoch,
    id: DelegationId,
    account: &Account,
    stake: &mut AccountStake,
) -> StdResult<()> {
    let known = stake.member(storage, account, id)?;
    if known.is_some_and(|member| member.settled != MemberAccount::OVER) {
        return Ok(());
    }
    let member = MemberAccount {
        settled: from,
        reading: None,
        fraction: known.map_or(0, |member| member.fraction),
        commission_fraction: known.map_or(0, |member| member.commission_fraction),
    };
    stake.set_member(storage, account, id, member)
}

impl AccountStake {
    /// The position that holds what counts in a delegation: that one, an empty one, or a new one.
    pub fn position_for(&mut self, delegation: Option<DelegationId>) -> Result<u8, Refusal> {
        let of = |wanted: &dyn Fn(&Position) -> bool| self.positions.iter().position(wanted);
        let same = of(&|position| position.nfts > 0 && position.delegation == delegation);
        let at = match same.or_else(|| of(&|position| position.nfts == 0)) {
            Some(at) => at,
            None if self.positions.len() >= MAX_POSITIONS => {
                return Err(ContractError::TooManyPositions { max: MAX_POSITIONS }.into());
            }
            None => {
                self.positions.push(Position::default());
                self.positions.len().saturating_sub(1)
            }
        };
        if let Some(position) = self.positions.get_mut(at) {
            position.delegation = delegation;
        }
        Ok(u8::try_from(at).map_err(|_| ContractError::TooManyPositions { max: MAX_POSITIONS })?)
    }

    /// Puts an NFT into a position.
    pub fn put(&mut self, position: u8) -> StdResult<()> {
        let position = self.position(position)?;
        position.nfts = position.nfts.saturating_add(1);
        Ok(())
    }

    /// Takes an NFT out of a position; answers where it counted.
    pub fn take(&mut self, position: u8) -> StdResult<Option<DelegationId>> {
        let position = self.position(position)?;
        position.nfts = position
            .nfts
            .checked_sub(1)
            .ok_or_else(|| fault("NFTs of a position"))?;
        Ok(position.delegation)
    }

    fn position(&mut self, position: u8) -> StdResult<&mut Position> {
        self.positions
            .get_mut(usize::from(position))
            .ok_or_else(|| not_found("position of an NFT"))
    }
}
