//! cw721: moving keys, and leave to move them.

use cosmwasm_std::{Addr, Binary, BlockInfo, Response};
use cw721::receiver::Cw721ReceiveMsg;
use cw_utils::Expiration;
use noderev_api::vault::Release;
use noderev_components::Account;

use super::{release_message, Ctx};
use crate::error::{ContractError, Refusal};
use crate::keys::{change_hands, Held};
use crate::state::{load_approvals, save_approvals, save_mover, Approval, Expiry};

/// Most approvals of one key.
pub const MAX_APPROVALS: usize = 30;

/// Moves a key.
pub fn transfer(ctx: Ctx<'_>, recipient: &str, token_id: &str) -> Result<Response, Refusal> {
    let sender = ctx.info.sender.clone();
    let response = move_key(ctx, recipient, token_id)?;
    Ok(response
        .add_attribute("action", "transfer_nft")
        .add_attribute("sender", sender)
        .add_attribute("recipient", recipient)
        .add_attribute("token_id", token_id))
}

/// Moves a key to a contract and tells it.
pub fn send(
    ctx: Ctx<'_>,
    contract: String,
    token_id: String,
    msg: Binary,
) -> Result<Response, Refusal> {
    let sender = ctx.info.sender.clone();
    let receive = Cw721ReceiveMsg {
        sender: sender.to_string(),
        token_id: token_id.clone(),
        msg,
    };
    let response = move_key(ctx, &contract, &token_id)?;
    Ok(response
        .add_message(receive.into_cosmos_msg(contract.clone())?)
        .add_attribute("action", "send_nft")
        .add_attribute("sender", sender)
        .add_attribute("recipient", contract)
        .add_attribute("token_id", token_id))
}

fn move_key(mut ctx: Ctx<'_>, to: &str, token_id: &str) -> Result<Response, Refusal> {
    let held = ctx.held(token_id.parse()?)?;
    let (storage, api) = (&*ctx.deps.storage, ctx.deps.api);
    held.ensure_may_move(storage, api, &ctx.env.block, &ctx.info.sender)?;
    let (to_addr, to) = ctx.parse_recipient(to)?;
    let release = release_of(&ctx, &held, &to_addr)?;
    let delisted = change_hands(ctx.deps.storage, &ctx.now, &held, to)?;
    let event = ctx
        .event("transferred")?
        .add_attribute("key", held.id.to_string())
        .add_attribute("from", held.owner_addr)
        .add_attribute("to", to_addr)
        .add_attribute("by", ctx.info.sender.clone())
        .add_attribute("stake_released", release.is_some().to_string())
        .add_attributes(delisted.map(|listing| ("delisted", listing.to_string())));
    let message = release_message(&ctx.now, release.into_iter().collect())?;
    Ok(Response::new().add_messages(message).add_event(event))
}

/// A staked key that really changes hands leaves its stake behind.
fn release_of(ctx: &Ctx<'_>, held: &Held, to: &Addr) -> Result<Option<Release>, Refusal> {
    if *to == held.owner_addr || !ctx.now.stake(ctx.deps.querier, held.id)?.is_staked() {
        return Ok(None);
    }
    Ok(Some(Release {
        key: held.id,
        staker: held.owner_addr.to_string(),
    }))
}

/// Lets somebody move one key.
pub fn approve(
    mut ctx: Ctx<'_>,
    spender: &str,
    token_id: &str,
    expires: Option<Expiration>,
) -> Result<Response, Refusal> {
    let expires = parse_expiry(expires, &ctx.env.block)?;
    let (held, account, mut list) = others(&ctx, spender, token_id)?;
    list.retain(|approval| !approval.expires.is_past(&ctx.env.block));
    if list.len() >= MAX_APPROVALS {
        let (key, most) = (held.id, MAX_APPROVALS);
        return Err(ContractError::TooManyApprovals { key, most }.into());
    }
    list.push(Approval {
        spender: account,
        expires,
    });
    save_approvals(ctx.deps.storage, held.id, held.nonce, list);
    let event = ctx
        .event("approved")?
        .add_attribute("key", token_id)
        .add_attribute("owner", held.owner_addr)
        .add_attribute("spender", spender)
        .add_attributes(expires.attribute());
    Ok(Response::new()
        .add_attribute("action", "approve")
        .add_attribute("sender", ctx.info.sender)
        .add_attribute("spender", spender)
        .add_attribute("token_id", token_id)
        .add_event(event))
}

/// Takes an approval back.
pub fn revoke(mut ctx: Ctx<'_>, spender: &str, token_id: &str) -> Result<Response, Refusal> {
    let (held, _, list) = others(&ctx, spender, token_id)?;
    save_approvals(ctx.deps.storage, held.id, held.nonce, list);
    let event = ctx
        .event("approval_revoked")?
        .add_attribute("key", token_id)
        .add_attribute("owner", held.owner_addr)
        .add_attribute("spender", spender);
    Ok(Response::new()
        .add_attribute("action", "revoke")
        .add_attribute("sender", ctx.info.sender)
        .add_attribute("spender", spender)
        .add_attribute("token_id", token_id)
        .add_event(event))
}

/// The key, if the sender may approve; the spender; and the approvals of all others.
fn others(
    ctx: &Ctx<'_>,
    spender: &str,
    token_id: &str,
) -> Result<(Held, Account, Vec<Approval>), Refusal> {
    let held = ctx.held(token_id.parse()?)?;
    let (storage, api) = (&*ctx.deps.storage, ctx.deps.api);
    held.ensure_may_approve(storage, api, &ctx.env.block, &ctx.info.sender)?;
    let spender = Account::parse(api, spender)?;
    let mut list = load_approvals(storage, held.id, held.nonce)?;
    list.retain(|approval| approval.spender != spender);
    Ok((held, spender, list))
}

/// Lets somebody move all of the sender's keys.
pub fn approve_all(
    mut ctx: Ctx<'_>,
    operator: &str,
    expires: Option<Expiration>,
) -> Result<Response, Refusal> {
    let expires = parse_expiry(expires, &ctx.env.block)?;
    let owner = Account::of(ctx.deps.api, &ctx.info.sender)?;
    let account = Account::parse(ctx.deps.api, operator)?;
    save_mover(ctx.deps.storage, &owner, &account, Some(expires));
    let event = ctx
        .event("all_approved")?
        .add_attribute("owner", ctx.info.sender.clone())
        .add_attribute("operator", operator)
        .add_attributes(expires.attribute());
    Ok(Response::new()
        .add_attribute("action", "approve_all")
        .add_attribute("sender", ctx.info.sender)
        .add_attribute("operator", operator)
        .add_event(event))
}

/// Takes that back.
pub fn revoke_all(mut ctx: Ctx<'_>, operator: &str) -> Result<Response, Refusal> {
    let owner = Account::of(ctx.deps.api, &ctx.info.sender)?;
    let account = Account::parse(ctx.deps.api, operator)?;
    save_mover(ctx.deps.storage, &owner, &account, None);
    let event = ctx
        .event("all_revoked")?
        .add_attribute("owner", ctx.info.sender.clone())
        .add_attribute("operator", operator);
    Ok(Response::new()
        .add_attribute("action", "revoke_all")
        .add_attribute("sender", ctx.info.sender)
        .add_attribute("operator", operator)
        .add_event(event))
}

/// An end that is still to come; never, if none is given.
pub fn parse_expiry(expires: Option<Expiration>, block: &BlockInfo) -> Result<Expiry, Refusal> {
    let expires = expires.unwrap_or_default();
    match expires.is_expired(block) {
        true => Err(ContractError::Expired { expires }.into()),
        false => Ok(Expiry(expires)),
    }
}
