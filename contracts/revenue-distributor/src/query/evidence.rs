//! Attesters, reports and disputes.

use noderev_api::common::{AttestersResponse, EvidenceResponse, ATTESTER_EPOCHS};
use noderev_api::distributor::{DisputeInfo, DisputesResponse};
use noderev_components::{page_limit, Epoch, KeyId, Local, StdResult};

use super::network::{closed_page, step};
use super::{at, Context};
use crate::chain::Chain;
use crate::error::Refusal;
use crate::execute::disputes::ruling_deadline;
use crate::execute::evidence::judge;
use crate::state::{load_summary, next_epoch, page_disputes, Dispute, EVIDENCE, PARAMS};

pub fn attesters(c: &Context) -> StdResult<AttestersResponse> {
    let rules = |epoch| -> StdResult<_> { Ok(PARAMS.at(&Local(c.deps.storage), epoch)?.evidence) };
    let reported = |epoch| {
        let summary = load_summary(c.deps.storage, epoch)?;
        Ok((summary.params_version, summary.disagreed))
    };
    let epochs = closed_page(c, None, ATTESTER_EPOCHS)?;
    let (now, as_of) = (rules(c.moment.epoch)?, c.as_of()?);
    AttestersResponse::load(&now, epochs, as_of, reported, |epoch| {
        Ok(rules(epoch)?.attesters)
    })
}

pub fn evidence(c: &Context, epoch: Epoch) -> Result<EvidenceResponse, Refusal> {
    let rules = PARAMS.at(&Local(c.deps.storage), epoch)?.evidence;
    let reports = EVIDENCE.reports(&Local(c.deps.storage), epoch, &rules)?;
    let chain = Chain::new(c.deps.querier, &c.moment.config);
    let lineage = chain.lineage()?;
    let keys = chain.keys_at(&lineage, epoch)?;
    let judged = judge(&reports, rules.threshold, &lineage, epoch, keys);
    let result = judged.map(|judged| judged.reported);
    let bits = lineage.reported_keys(epoch, keys);
    let (step, result) = (step(c, epoch)?, result.as_ref());
    Ok(EvidenceResponse::new(
        epoch, bits, step, &rules, &reports, result,
    ))
}

pub fn disputes(
    c: &Context,
    epoch: Epoch,
    start_after: Option<KeyId>,
    limit: Option<u32>,
) -> Result<DisputesResponse, Refusal> {
    let page = page_disputes(c.deps.storage, epoch, start_after, page_limit(limit))?;
    let disputes = page
        .into_iter()
        .map(|(key, dispute)| dispute_info(c, epoch, key, dispute));
    Ok(DisputesResponse {
        disputes: disputes.collect::<Result<_, _>>()?,
        as_of: c.as_of()?,
    })
}

/// A dispute on the wire.
pub fn dispute_info(
    c: &Context,
    epoch: Epoch,
    key: KeyId,
    dispute: Dispute,
) -> Result<DisputeInfo, Refusal> {
    let closed = epoch < next_epoch(c.deps.storage)?;
    let deadline = match closed {
        true => Some(at(ruling_deadline(c.deps.storage, epoch)?.1)),
        false => None,
    };
    Ok(DisputeInfo {
        key,
        kind: dispute.kind,
        by: dispute.by.human(c.deps.api)?,
        bond: dispute.bond.into(),
        outcome: dispute.outcome,
        deadline,
    })
}
