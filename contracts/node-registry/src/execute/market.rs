//! Listing, delisting and buying keys.

use cosmwasm_std::{from_json, Addr, Event, Response, Uint128};
use cw20::Cw20ReceiveMsg;
use cw_utils::Expiration;
use noderev_api::registry::{Activity, Purchase, ReceiveMsg, Role, MAX_BATCH};
use noderev_api::vault::Release;
use noderev_components::{Account, Batch, Denom, KeyId, Local, Place, RoleError, StdResult};

use super::cw721::parse_expiry;
use super::{release_message, Ctx};
use crate::error::{ContractError, Refusal};
use crate::keys::{change_hands, Held};
use crate::listing::Offer;
use crate::state::{
    next_listing_number, remove_listing, save_listing, Fee, Listing, FEES, LEDGER, PAUSES, QST,
    ROLES,
};

/// Keys that a buyer names.
const PURCHASES: Batch = Batch::new("key", "purchases", MAX_BATCH);

/// Price, reserved buyer, end, and whether the stake goes along.
type Terms = (Uint128, Option<String>, Option<Expiration>, bool);

/// Offers a key for sale.
pub fn list(mut ctx: Ctx<'_>, id: KeyId, terms: Terms) -> Result<Response, Refusal> {
    PAUSES.ensure_running(
        &Local(ctx.deps.storage),
        Activity::Market,
        ctx.env.block.time,
    )?;
    let held = ctx.held(id)?;
    held.ensure_owner(&ctx.info.sender)?;
    let listing = offered(&mut ctx, &held, terms)?;
    save_listing(ctx.deps.storage, id, &listing)?;
    let event = listed_event(&mut ctx, id, &listing)?;
    Ok(Response::new()
        .add_attribute("action", "list")
        .add_event(event))
}

/// What the owner offers, with all that the listing pins.
fn offered(
    ctx: &mut Ctx<'_>,
    held: &Held,
    (price, buyer, expires, with_stake): Terms,
) -> Result<Listing, Refusal> {
    if price.is_zero() {
        return Err(ContractError::ZeroPrice.into());
    }
    let id = held.id;
    let expires = parse_expiry(expires, &ctx.env.block)?;
    let buyer = buyer
        .map(|buyer| parse_buyer(ctx, id, &buyer))
        .transpose()?;
    let stake = ctx.now.stake(ctx.deps.querier, id)?;
    if with_stake && !stake.is_staked() {
        return Err(ContractError::NotStaked { key: id }.into());
    }
    Ok(Listing {
        number: next_listing_number(ctx.deps.storage)?,
        seller: held.owner.clone(),
        price: price.u128(),
        fee: Fee(ctx.params()?.market_fee),
        buyer,
        expires,
        with_stake,
        generation: ctx.now.generation(),
        nonce: held.nonce,
        stake_changes: stake.changes,
    })
}

fn parse_buyer(ctx: &Ctx<'_>, key: KeyId, buyer: &str) -> Result<Account, Refusal> {
    let (buyer, account) = ctx.parse_recipient(buyer)?;
    match buyer == ctx.info.sender {
        true => Err(ContractError::BuyerIsOwner { key, buyer }.into()),
        false => Ok(account),
    }
}

fn listed_event(ctx: &mut Ctx<'_>, id: KeyId, listing: &Listing) -> StdResult<Event> {
    let buyer = listing
        .buyer
        .as_ref()
        .map(|buyer| buyer.human(ctx.deps.api));
    let buyer = buyer.transpose()?.map(Addr::into_string);
    Ok(ctx
        .event("listed")?
        .add_attribute("key", id.to_string())
        .add_attribute("listing", listing.number.to_string())
        .add_attribute("seller", ctx.info.sender.clone())
        .add_attribute("price", listing.price.to_string())
        .add_attribute("fee_bps", listing.fee.0.get().to_string())
        .add_attributes(buyer.map(|buyer| ("buyer", buyer)))
        .add_attributes(listing.expires.attribute())
        .add_attribute("with_stake", listing.with_stake.to_string())
        .add_attribute("generation", listing.generation.to_string()))
}

/// Takes an offer back; anybody may, if it is void.
pub fn delist(mut ctx: Ctx<'_>, id: KeyId) -> Result<Response, Refusal> {
    let offer = Offer::load(ctx.deps.as_ref(), &ctx.now, id)?;
    if !offer.is_void() {
        offer.held.ensure_owner(&ctx.info.sender)?;
    }
    remove_listing(ctx.deps.storage, id)?;
    let event = ctx
        .event("delisted")?
        .add_attribute("key", id.to_string())
        .add_attribute("listing", offer.listing.number.to_string())
        .add_attribute("seller", &offer.held.owner_addr)
        .add_attribute("void", offer.is_void().to_string());
    Ok(Response::new()
        .add_attribute("action", "delist")
        .add_event(event))
}

/// QST that somebody sent, with what to do with it.
pub fn receive(ctx: Ctx<'_>, msg: &Cw20ReceiveMsg) -> Result<Response, Refusal> {
    let buyer = ctx.parse_recipient(&msg.sender)?;
    match from_json(&msg.msg)? {
        ReceiveMsg::Buy { purchases } => buy(ctx, buyer, msg.amount, &purchases),
    }
}

fn buy(
    mut ctx: Ctx<'_>,
    buyer: (Addr, Account),
    sent: Uint128,
    purchases: &[Purchase],
) -> Result<Response, Refusal> {
    PAUSES.ensure_running(
        &Local(ctx.deps.storage),
        Activity::Market,
        ctx.env.block.time,
    )?;
    let ids: Vec<KeyId> = purchases.iter().map(|purchase| purchase.id).collect();
    PURCHASES.ensure(&ids)?;
    ensure_sum(purchases, sent)?;
    let mut response = Response::new()
        .add_attribute("action", "buy")
        .add_attribute("buyer", &buyer.0)
        .add_attribute("amount", sent);
    let (mut payments, mut releases) = (Payments::default(), vec![]);
    for purchase in purchases {
        let offer = matching_offer(&ctx, &buyer.0, purchase)?;
        change_hands(ctx.deps.storage, &ctx.now, &offer.held, buyer.1.clone())?;
        payments.add(&offer.held.owner_addr, offer.sale.to_seller);
        releases.extend(release_of(&offer));
        response = response
            .add_attribute("action", "transfer_nft")
            .add_attribute("sender", &offer.held.owner_addr)
            .add_attribute("recipient", &buyer.0)
            .add_attribute("token_id", offer.held.id.to_string())
            .add_event(sold_event(&mut ctx, &offer, &buyer.0)?);
    }
    settle(&mut ctx, sent, &payments)?;
    let token = Denom::Cw20(ctx.now.config.qst.to_string());
    // Stakes are released first: what a token does in a transfer finds the sale done.
    response = response.add_messages(release_message(&ctx.now, releases)?);
    for (seller, amount) in payments.0 {
        response = response.add_message(token.transfer(&seller, amount)?);
    }
    Ok(response)
}

/// The offer that a purchase names, if it stands exactly as named.
fn matching_offer(ctx: &Ctx<'_>, buyer: &Addr, purchase: &Purchase) -> Result<Offer, Refusal> {
    let (key, deps) = (purchase.id, ctx.deps.as_ref());
    let offer = Offer::load(deps, &ctx.now, key)?;
    offer.ensure_stands()?;
    offer.ensure_for(deps, buyer)?;
    let (listed, named) = (offer.listing.number, purchase.listing);
    if listed != named {
        return Err(ContractError::OtherListing { key, listed, named }.into());
    }
    let (listed, named) = (Uint128::new(offer.listing.price), purchase.price);
    if listed != named {
        return Err(ContractError::OtherPrice { key, listed, named }.into());
    }
    Ok(offer)
}

/// A stake that does not go along stays the seller's.
fn release_of(offer: &Offer) -> Option<Release> {
    let stays = offer.staked && !offer.listing.with_stake;
    stays.then(|| Release {
        key: offer.held.id,
        staker: offer.held.owner_addr.to_string(),
    })
}

fn sold_event(ctx: &mut Ctx<'_>, offer: &Offer, buyer: &Addr) -> StdResult<Event> {
    Ok(ctx
        .event("sold")?
        .add_attribute("key", offer.held.id.to_string())
        .add_attribute("listing", offer.listing.number.to_string())
        .add_attribute("seller", &offer.held.owner_addr)
        .add_attribute("buyer", buyer)
        .add_attribute("price", offer.listing.price.to_string())
        .add_attribute("fee", offer.sale.fee.to_string())
        .add_attribute("net", offer.sale.to_seller.to_string())
        .add_attribute("with_stake", offer.listing.with_stake.to_string())
        .add_attribute("stake_released", release_of(offer).is_some().to_string()))
}

fn ensure_sum(purchases: &[Purchase], sent: Uint128) -> Result<(), Refusal> {
    let need = purchases
        .iter()
        .try_fold(Uint128::zero(), |sum, purchase| {
            sum.checked_add(purchase.price)
        })
        .map_err(|_| ContractError::PriceOverflow)?;
    match need == sent {
        true => Ok(()),
        false => Err(ContractError::WrongAmount { need, sent }.into()),
    }
}

/// What sellers get, one payment each, in the order of their first key.
#[derive(Default)]
struct Payments(Vec<(Addr, u128)>);

impl Payments {
    fn add(&mut self, seller: &Addr, amount: u128) {
        match self.0.iter_mut().find(|(known, _)| known == seller) {
            Some((_, sum)) => *sum = sum.saturating_add(amount),
            None => self.0.push((seller.clone(), amount)),
        }
    }
}

/// All that came in is owed to the treasury but for what goes to the sellers.
fn settle(ctx: &mut Ctx<'_>, sent: Uint128, payments: &Payments) -> Result<(), Refusal> {
    LEDGER.update(ctx.deps.storage, QST, |books| {
        books.receive(Place::Bucket(FEES), sent.u128())?;
        for (_, amount) in &payments.0 {
            books.pay(Place::Bucket(FEES), *amount)?;
        }
        Ok(())
    })
}

/// Pays the treasury the market fees.
pub fn claim_fees(mut ctx: Ctx<'_>) -> Result<Response, Refusal> {
    let treasury = ROLES.holder(&Local(ctx.deps.storage), Role::Treasury)?;
    let treasury = treasury.ok_or(RoleError::Mandatory { role: "treasury" })?;
    let owed = LEDGER.load(&Local(ctx.deps.storage), QST)?;
    let amount = owed.holds(Place::Bucket(FEES));
    if amount == 0 {
        return Err(ContractError::NothingOwed.into());
    }
    LEDGER.update(ctx.deps.storage, QST, |books| {
        books
            .pay(Place::Bucket(FEES), amount)
            .map_err(Refusal::from)
    })?;
    let token = Denom::Cw20(ctx.now.config.qst.to_string());
    let event = ctx
        .event("fees_paid")?
        .add_attribute("treasury", &treasury)
        .add_attribute("amount", amount.to_string());
    Ok(Response::new()
        .add_message(token.transfer(&treasury, amount)?)
        .add_attribute("action", "claim_fees")
        .add_event(event))
}
