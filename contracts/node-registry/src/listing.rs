//! Whether an offer still stands, and on what terms.

use cosmwasm_std::{Addr, Deps};
use noderev_api::registry::ListingResponse;
use noderev_components::{Account, KeyId, StdResult};
use noderev_economics::{sale, Sale};

use crate::error::{ContractError, Refusal};
use crate::keys::Held;
use crate::moment::Moment;
use crate::state::{load_listing, Listing};

/// A listing with its key's owner and the state of its node, as of now.
pub struct Offer {
    pub held: Held,
    pub listing: Listing,
    pub sale: Sale,
    /// Whether the node is staked from the next epoch on.
    pub staked: bool,
    void: Option<String>,
}

impl Offer {
    /// The listing of a key, void or not.
    pub fn load(deps: Deps<'_>, now: &Moment, id: KeyId) -> Result<Self, Refusal> {
        let held = Held::load(deps.storage, deps.api, now, id)?;
        let listing = load_listing(deps.storage, id)?;
        let listing = listing.ok_or(ContractError::NotListed { key: id })?;
        let stake = now.stake(deps.querier, id)?;
        Ok(Self {
            sale: sale(listing.price, listing.fee.0),
            staked: stake.is_staked(),
            void: why_void(now, &held, &listing, stake.changes),
            held,
            listing,
        })
    }

    /// Whether what the listing pins has changed, or it has expired.
    pub const fn is_void(&self) -> bool {
        self.void.is_some()
    }

    /// Refuses a void listing.
    pub fn ensure_stands(&self) -> Result<(), Refusal> {
        let why = self.void.clone();
        why.map_or(Ok(()), |why| {
            let key = self.held.id;
            Err(ContractError::ListingVoid { key, why }.into())
        })
    }

    /// Refuses a buyer for whom the offer is not meant.
    pub fn ensure_for(&self, deps: Deps<'_>, buyer: &Addr) -> Result<(), Refusal> {
        let key = self.held.id;
        if self.held.owner_addr == *buyer {
            let buyer = buyer.clone();
            return Err(ContractError::BuyerIsOwner { key, buyer }.into());
        }
        match &self.listing.buyer {
            Some(reserved) if *reserved != Account::of(deps.api, buyer)? => {
                Err(ContractError::Reserved {
                    key,
                    reserved: reserved.human(deps.api)?,
                    buyer: buyer.clone(),
                }
                .into())
            }
            _ => Ok(()),
        }
    }

    /// The answer of a query.
    pub fn response(&self, deps: Deps<'_>) -> StdResult<ListingResponse> {
        let buyer = self.listing.buyer.as_ref();
        Ok(ListingResponse {
            id: self.held.id,
            listing: self.listing.number,
            seller: self.held.owner_addr.clone(),
            price: self.listing.price.into(),
            fee: self.sale.fee.into(),
            net: self.sale.to_seller.into(),
            buyer: buyer.map(|buyer| buyer.human(deps.api)).transpose()?,
            expires: self.listing.expires.0,
            staked: self.staked,
            with_stake: self.listing.with_stake,
            generation: self.listing.generation,
        })
    }
}

fn why_void(now: &Moment, held: &Held, listing: &Listing, stake_changes: u32) -> Option<String> {
    if listing.generation != now.generation() {
        return Some("it was made before the latest split".to_string());
    }
    if listing.nonce != held.nonce {
        return Some("the key has changed hands since".to_string());
    }
    if listing.stake_changes != stake_changes {
        return Some("the node's stake has changed since".to_string());
    }
    let past = listing.expires.is_past(&now.block);
    past.then(|| format!("{} is past", listing.expires.0))
}
