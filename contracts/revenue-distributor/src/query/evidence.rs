//! Attesters, reports and disputes.

use cosmwasm_std::{Addr, StdResult};
use noderev_api::distributor::{
    AttesterInfo, AttestersResponse, DisputeInfo, DisputesResponse, EvidenceResponse, ReportInfo,
};
use noderev_components::{page_limit, Bitmap, Epoch, KeyId, Local};

use super::network::{closed_page, step};
use super::{at, Context};
use crate::chain::Chain;
use crate::error::ContractError;
use crate::execute::disputes::ruling_deadline;
use crate::execute::evidence::judge;
use crate::state::{load_progress, load_summary, page_disputes, Dispute, PARAMS, REPORTS};

/// Epochs over which attesters are judged.
const WINDOW: usize = 64;

pub fn attesters(c: &Context) -> StdResult<AttestersResponse> {
    let params = PARAMS.at(&Local(c.deps.storage), c.moment.epoch)?;
    let mut attesters: Vec<AttesterInfo> = params
        .attesters
        .iter()
        .map(|attester| AttesterInfo {
            attester: Addr::unchecked(attester),
            epochs: 0,
            reported: 0,
            missed: 0,
            disagreed: 0,
        })
        .collect();
    for epoch in closed_page(c, None, WINDOW)? {
        let set = PARAMS.at(&Local(c.deps.storage), epoch)?.attesters;
        let summary = load_summary(c.deps.storage, epoch)?;
        for (attester, disagreed) in set.iter().zip(summary.disagreed) {
            let known = attesters
                .iter_mut()
                .find(|info| info.attester.as_str() == attester);
            if let Some(info) = known {
                info.count(disagreed);
            }
        }
    }
    Ok(AttestersResponse {
        attesters,
        threshold: params.threshold,
        as_of: c.as_of()?,
    })
}

trait Count {
    fn count(&mut self, disagreed: Option<u32>);
}

impl Count for AttesterInfo {
    fn count(&mut self, disagreed: Option<u32>) {
        self.epochs = self.epochs.saturating_add(1);
        match disagreed {
            Some(bits) => {
                self.reported = self.reported.saturating_add(1);
                self.disagreed = self.disagreed.saturating_add(bits);
            }
            None => self.missed = self.missed.saturating_add(1),
        }
    }
}

pub fn evidence(c: &Context, epoch: Epoch) -> Result<EvidenceResponse, ContractError> {
    let params = PARAMS.at(&Local(c.deps.storage), epoch)?;
    let count = u8::try_from(params.attesters.len()).unwrap_or(u8::MAX);
    let reports = REPORTS.all(&Local(c.deps.storage), epoch, count)?;
    let chain = Chain::new(c.deps.querier, &c.moment.config);
    let lineage = chain.lineage()?;
    let keys = chain.keys_at(&lineage, epoch)?;
    let judged = judge(&reports, params.threshold, &lineage, epoch, keys);
    let result = judged.map(|judged| judged.reported);
    let differing = |bits: &Bitmap| result.as_ref().map(|result| result.xor(bits).count());
    let reports = params
        .attesters
        .iter()
        .zip(&reports)
        .map(|(attester, report)| ReportInfo {
            attester: Addr::unchecked(attester),
            bitmap: report.as_ref().map(|report| report.bits.to_binary()),
            evidence: report.as_ref().map(|report| report.evidence.into()),
            disagreed: report.as_ref().and_then(|report| differing(&report.bits)),
        });
    Ok(EvidenceResponse {
        epoch,
        bits: lineage.reported_keys(epoch, keys),
        step: step(c, epoch)?,
        threshold: params.threshold,
        reports: reports.collect(),
        result: result.as_ref().map(Bitmap::to_binary),
    })
}

pub fn disputes(
    c: &Context,
    epoch: Epoch,
    start_after: Option<KeyId>,
    limit: Option<u32>,
) -> Result<DisputesResponse, ContractError> {
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
) -> Result<DisputeInfo, ContractError> {
    let closed = epoch < load_progress(c.deps.storage)?.next;
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
