//! What is for sale.

use noderev_api::registry::{Activity, ListingCursor, ListingsResponse, PreviewBuyResponse};
use noderev_components::{page_limit, KeyId, Local};

use super::View;
use crate::listing::Offer;
use crate::state::{listed_by_price, PAUSES};
use crate::ContractError;

/// A page looks at no more entries than this; void ones count too.
pub const MAX_SCAN: usize = 300;

/// Whose listings, and whether only those with or without stake.
type Filter = (Option<String>, Option<bool>);

pub fn listings(
    view: View<'_>,
    (seller, with_stake): Filter,
    start_after: Option<ListingCursor>,
    limit: Option<u32>,
) -> Result<ListingsResponse, ContractError> {
    let seller = seller.map(|seller| view.deps.api.addr_validate(&seller));
    let seller = seller.transpose()?;
    let limit = page_limit(limit);
    let after = start_after
        .as_ref()
        .map(|cursor| (cursor.price.u128(), cursor.id));
    let entries = listed_by_price(view.deps.storage, view.now.generation(), after);
    let (mut listings, mut next) = (vec![], start_after);
    for (looked_at, entry) in entries.enumerate() {
        let (price, id) = entry?;
        if looked_at >= MAX_SCAN || listings.len() >= limit {
            return page(view, listings, next);
        }
        let price = price.into();
        next = Some(ListingCursor { price, id });
        let offer = Offer::load(view.deps, view.now, id)?;
        let seller_fits = seller
            .as_ref()
            .is_none_or(|it| *it == offer.held.owner_addr);
        let stake_fits = with_stake.is_none_or(|it| it == offer.listing.with_stake);
        if seller_fits && stake_fits && !offer.is_void() {
            listings.push(offer.response(view.deps)?);
        }
    }
    page(view, listings, None)
}

fn page(
    view: View<'_>,
    listings: Vec<noderev_api::registry::ListingResponse>,
    next: Option<ListingCursor>,
) -> Result<ListingsResponse, ContractError> {
    Ok(ListingsResponse {
        listings,
        next,
        as_of: view.as_of()?,
    })
}

pub fn preview_buy(
    view: View<'_>,
    id: KeyId,
    buyer: &str,
) -> Result<PreviewBuyResponse, ContractError> {
    let offer = Offer::load(view.deps, view.now, id);
    let refusal = match &offer {
        Ok(offer) => refusal(view, offer, buyer).err().map(|why| why.to_string()),
        Err(why) => Some(why.to_string()),
    };
    let standing = offer.ok().filter(|offer| !offer.is_void());
    let listing = standing.map(|offer| offer.response(view.deps));
    Ok(PreviewBuyResponse {
        listing: listing.transpose()?,
        refusal,
        rewards_from: view.now.epoch,
    })
}

fn refusal(view: View<'_>, offer: &Offer, buyer: &str) -> Result<(), ContractError> {
    let store = Local(view.deps.storage);
    PAUSES.ensure_running(&store, Activity::Market, view.env.block.time)?;
    offer.ensure_stands()?;
    offer.ensure_for(view.deps, &view.deps.api.addr_validate(buyer)?)
}
