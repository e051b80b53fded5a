//! Evidence of who ran: reports of attesters, and what they agree on about the keys.

use cosmwasm_std::{Addr, Binary, Deps, DepsMut, Response};
use noderev_api::distributor::Params;
use noderev_components::quorum::{result, Report};
use noderev_components::{Bitmap, Epoch, Lineage, Local, OpenEpoch, Submission};

use crate::chain::Chain;
use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::{EVENTS, EVIDENCE, PARAMS};

/// An epoch that is not closed, with the parameters in force in it.
pub fn open_epoch(
    deps: Deps,
    moment: &Moment,
    epoch: Epoch,
) -> Result<(OpenEpoch, Params), Refusal> {
    let store = Local(deps.storage);
    let params = PARAMS.at(&store, epoch)?;
    let (clock, rules) = (&moment.config.clock, params.evidence.clone());
    let open = EVIDENCE.open(
        &store,
        clock,
        moment.now,
        epoch,
        rules,
        params.appeal_window,
    )?;
    Ok((open, params))
}

/// What the reports agree on, over the keys that they cover and over all keys.
pub struct Judged {
    /// Over the keys that reports cover.
    pub reported: Bitmap,
    /// Over all keys.
    pub run: Bitmap,
}

/// What M reports agree on; none if fewer have reported.
pub fn judge(
    reports: &[Option<Report>],
    threshold: u32,
    lineage: &Lineage,
    epoch: Epoch,
    keys: u32,
) -> Option<Judged> {
    let bits = lineage.reported_keys(epoch, keys);
    let reported = result(reports, threshold, bits)?;
    let run = lineage.expand_report(epoch, &reported).resized(keys);
    Some(Judged { reported, run })
}

/// Records an attester's report.
pub fn report(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    epoch: Epoch,
    bitmap: &Binary,
    evidence: &Binary,
) -> Result<Response, Refusal> {
    let (open, _) = open_epoch(deps.as_ref(), moment, epoch)?;
    let chain = Chain::new(deps.querier, &moment.config);
    let lineage = chain.lineage()?;
    let sent = Submission {
        sender,
        bits: lineage.reported_keys(epoch, chain.keys_at(&lineage, epoch)?),
        bitmap,
        evidence,
    };
    let clock = &moment.config.clock;
    Ok(EVIDENCE.report(deps.storage, &EVENTS, clock, moment.now, &open, sent)?)
}
