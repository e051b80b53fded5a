//! Issuing keys, until the cap or the seal.

use cosmwasm_std::{Attribute, Response};
use noderev_api::registry::raw::{HOLDERS, SUPPLY};
use noderev_api::registry::{IssueRow, MAX_BATCH, MAX_ISSUE};
use noderev_components::{Batch, KeyId};

use super::Ctx;
use crate::error::{ContractError, Refusal};
use crate::state::{is_sealed, save_sealed};

/// Rows of one issue.
const ROWS: Batch = Batch::new("row", "rows", MAX_BATCH);

/// Creates keys in the order of the rows.
pub fn issue(mut ctx: Ctx<'_>, rows: &[IssueRow]) -> Result<Response, Refusal> {
    let issued = ctx.now.keys(ctx.deps.storage)?;
    let total = check(&ctx, issued, rows)?;
    let mut response = Response::new();
    let mut last = issued;
    for row in rows {
        let (_, owner) = ctx.parse_recipient(&row.owner)?;
        let first = last.saturating_add(1);
        for _ in 0..row.count {
            last = last.saturating_add(1);
            let (id, first_owner) = (KeyId(last), owner.clone());
            let (lineage, epoch) = (&ctx.now.lineage, ctx.now.epoch);
            HOLDERS.issue(ctx.deps.storage, lineage, id, epoch, first_owner);
            let minted = minted(ctx.info.sender.as_str(), &row.owner, KeyId(last));
            response = response.add_attributes(minted);
        }
        let (now, generation) = (&ctx.now, ctx.now.generation());
        now.owned(&owner)
            .add(ctx.deps.storage, generation, first..=last)?;
    }
    SUPPLY.set_keys(ctx.deps.storage, ctx.now.epoch, total)?;
    let event = ctx
        .event("keys_issued")?
        .add_attribute("minter", ctx.info.sender.clone())
        .add_attribute("first", issued.saturating_add(1).to_string())
        .add_attribute("owners", joined(rows.iter().map(|row| row.owner.clone())))
        .add_attribute(
            "counts",
            joined(rows.iter().map(|row| row.count.to_string())),
        )
        .add_attribute("total", total.to_string());
    Ok(response.add_event(event))
}

/// The number of keys after these rows, if that is within all bounds.
fn check(ctx: &Ctx<'_>, issued: u32, rows: &[IssueRow]) -> Result<u32, Refusal> {
    if is_sealed(ctx.deps.storage) {
        return Err(ContractError::Sealed { issued }.into());
    }
    ROWS.ensure_count(rows.len())?;
    if let Some(empty) = rows.iter().position(|row| row.count == 0) {
        let row = empty.saturating_add(1);
        return Err(ContractError::EmptyRow { row }.into());
    }
    let given = rows
        .iter()
        .fold(0u32, |sum, row| sum.saturating_add(row.count));
    if given > MAX_ISSUE {
        let most = MAX_ISSUE;
        return Err(ContractError::IssueTooLarge { given, most }.into());
    }
    let (cap, total) = (
        ctx.now.lineage.cap_at(ctx.now.epoch),
        issued.saturating_add(given),
    );
    match total <= cap {
        true => Ok(total),
        false => Err(ContractError::CapExceeded {
            issued,
            asked: given,
            cap,
            room: cap.saturating_sub(issued),
        }
        .into()),
    }
}

/// cw721's attributes of a new token.
pub fn minted(minter: &str, owner: &str, id: KeyId) -> [Attribute; 4] {
    [
        Attribute::new("action", "mint"),
        Attribute::new("minter", minter),
        Attribute::new("owner", owner),
        Attribute::new("token_id", id.to_string()),
    ]
}

/// Ends issuance for ever.
pub fn seal(mut ctx: Ctx<'_>) -> Result<Response, Refusal> {
    let issued = ctx.now.keys(ctx.deps.storage)?;
    if is_sealed(ctx.deps.storage) {
        return Err(ContractError::Sealed { issued }.into());
    }
    save_sealed(ctx.deps.storage);
    let event = ctx
        .event("issuance_sealed")?
        .add_attribute("by", ctx.info.sender.clone())
        .add_attribute("total", issued.to_string());
    Ok(Response::new()
        .add_attribute("action", "seal_issuance")
        .add_event(event))
}

/// A list in one attribute.
pub fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(",")
}
