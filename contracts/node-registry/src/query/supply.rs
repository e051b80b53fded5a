//! How many keys there are, and what splits do to them.

use noderev_api::registry::raw::SUPPLY;
use noderev_api::registry::{PreviewSplitResponse, SplitInfo, SupplyResponse};
use noderev_components::{Epoch, Local, Split};
use noderev_economics::{KEY_CAP, NODE_STAKE};

use super::View;
use crate::error::Refusal;
use crate::execute::split::{first_epoch, plan};
use crate::state::{is_sealed, PARAMS};

pub fn supply(view: View<'_>, epoch: Option<Epoch>) -> Result<SupplyResponse, Refusal> {
    let (lineage, epoch) = (&view.now.lineage, epoch.unwrap_or(view.now.epoch));
    Ok(SupplyResponse {
        epoch,
        issued: SUPPLY.keys_at(&Local(view.deps.storage), lineage, epoch)?,
        cap: lineage.cap_at(epoch),
        factor: lineage.factor_at(epoch),
        requirement: lineage.requirement_at(epoch).into(),
        sealed: is_sealed(view.deps.storage),
        splits: lineage
            .splits
            .iter()
            .map(|split| info(view, split))
            .collect(),
        as_of: view.as_of()?,
    })
}

fn info(view: View<'_>, split: &Split) -> SplitInfo {
    SplitInfo {
        from: split.from,
        at: view.start_of(split.from),
        factor: split.factor,
        keys_before: split.keys,
        reported_from: split.from.plus(split.grace),
    }
}

pub fn preview_split(view: View<'_>, factor: u32) -> Result<PreviewSplitResponse, Refusal> {
    let (storage, now) = (view.deps.storage, view.now);
    let params = PARAMS.at(&Local(storage), now.epoch)?;
    let from = first_epoch(now, &params);
    let product = now.lineage.factor_at(now.epoch).saturating_mul(factor);
    let requirement = NODE_STAKE.checked_div(product.into()).unwrap_or(0);
    let refusal = plan(storage, now, &params, factor).err();
    Ok(PreviewSplitResponse {
        from,
        at: view.start_of(from),
        keys: now.keys(storage)?.saturating_mul(factor),
        cap: KEY_CAP.saturating_mul(product),
        requirement: requirement.into(),
        refusal: refusal.map(|why| why.to_string()),
    })
}
