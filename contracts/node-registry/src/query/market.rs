//! What is for sale.

use cosmwasm_std::Uint128;
use noderev_api::registry::{
    Activity, ListingCursor, ListingResponse, ListingsResponse, PreviewBuyResponse,
};
use noderev_components::{page_limit, Account, KeyId, Local};

use super::View;
use crate::error::Refusal;
use crate::listing::Offer;
use crate::state::{listed_by_price, PAUSES};

/// A page looks at no more entries than this; void ones count too.
pub const MAX_SCAN: usize = 100;

/// Whose listings, and whether only those with or without stake.
type Filter = (Option<String>, Option<bool>);

pub fn listings(
    view: View<'_>,
    (seller, with_stake): Filter,
    start_after: Option<ListingCursor>,
    limit: Option<u32>,
) -> Result<ListingsResponse, Refusal> {
    let seller = seller.map(|seller| Account::parse(view.deps.api, &seller));
    let seller = seller.transpose()?;
    let after = start_after
        .as_ref()
        .map(|cursor| (cursor.price.u128(), cursor.id));
    let (storage, generation) = (view.deps.storage, view.now.generation());
    let entries = listed_by_price(storage, generation, seller.as_ref(), after);
    let mut page = Page::new(page_limit(limit), start_after);
    for (looked_at, entry) in entries.enumerate() {
        let (price, id) = entry?;
        if looked_at >= MAX_SCAN || page.is_complete() {
            page.more = true;
            break;
        }
        let offer = Offer::load(view.deps, view.now, id)?;
        page.look_at(view, price, &offer, with_stake)?;
    }
    page.answer(view)
}

/// A page and the floors in the making. A full page is still looked behind for the floors.
#[derive(Default)]
struct Page {
    limit: usize,
    listings: Vec<ListingResponse>,
    floor: Option<Uint128>,
    floor_with_stake: Option<Uint128>,
    last: Option<ListingCursor>,
    more: bool,
}

impl Page {
    fn new(limit: usize, start_after: Option<ListingCursor>) -> Self {
        Self {
            limit,
            last: start_after,
            ..Self::default()
        }
    }

    const fn is_full(&self) -> bool {
        self.listings.len() >= self.limit
    }

    const fn is_complete(&self) -> bool {
        self.is_full() && self.floor.is_some() && self.floor_with_stake.is_some()
    }

    fn look_at(
        &mut self,
        view: View<'_>,
        price: u128,
        offer: &Offer,
        with_stake: Option<bool>,
    ) -> Result<(), Refusal> {
        let (id, has_stake) = (offer.held.id, offer.listing.with_stake);
        let fits = !offer.is_void() && with_stake.is_none_or(|it| it == has_stake);
        if !offer.is_void() {
            let floor = match has_stake {
                true => &mut self.floor_with_stake,
                false => &mut self.floor,
            };
            floor.get_or_insert(price.into());
        }
        if self.is_full() {
            self.more = true;
            return Ok(());
        }
        let price = price.into();
        self.last = Some(ListingCursor { price, id });
        if fits {
            self.listings.push(offer.response(view.deps)?);
        }
        Ok(())
    }

    fn answer(self, view: View<'_>) -> Result<ListingsResponse, Refusal> {
        Ok(ListingsResponse {
            listings: self.listings,
            floor: self.floor,
            floor_with_stake: self.floor_with_stake,
            next: self.last.filter(|_| self.more),
            as_of: view.as_of()?,
        })
    }
}

pub fn preview_buy(view: View<'_>, id: KeyId, buyer: &str) -> Result<PreviewBuyResponse, Refusal> {
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

fn refusal(view: View<'_>, offer: &Offer, buyer: &str) -> Result<(), Refusal> {
    let store = Local(view.deps.storage);
    PAUSES.ensure_running(&store, Activity::Market, view.env.block.time)?;
    offer.ensure_stands()?;
    offer.ensure_for(view.deps, &view.deps.api.addr_validate(buyer)?)
}
