//! Evidence of who ran: reports of attesters, and where an epoch stands.

use cosmwasm_std::{Addr, Binary, Deps, DepsMut, Response, StdResult};
use noderev_api::distributor::Params;
use noderev_components::quorum::{result, Report, Step, Timing};
use noderev_components::{Bitmap, Epoch, Lineage, Local};

use crate::chain::Chain;
use crate::error::ContractError;
use crate::moment::Moment;
use crate::state::{load_progress, EVENTS, PARAMS, REPORTS};

/// What is known about an epoch that is not closed.
pub struct OpenEpoch {
    pub epoch: Epoch,
    pub params: Params,
    pub step: Step,
}

impl OpenEpoch {
    /// Refuses a closed epoch.
    pub fn load(deps: Deps, moment: &Moment, epoch: Epoch) -> Result<Self, ContractError> {
        let progress = load_progress(deps.storage)?;
        if epoch < progress.next {
            return Err(ContractError::AlreadyClosed { epoch });
        }
        let params = PARAMS.at(&Local(deps.storage), epoch)?;
        let reported = REPORTS.progress(&Local(deps.storage), epoch)?;
        let timing = Timing {
            ends: moment.config.clock.end_of(epoch),
            predecessor_closed: (epoch == progress.next).then_some(progress.closed_at),
            completed_at: reported.completed_at,
            quorum: reported.count() >= params.threshold,
            report_window: params.report_window,
            appeal_window: params.appeal_window,
        };
        Ok(Self {
            epoch,
            params,
            step: timing.step(moment.now.seconds()),
        })
    }

    /// All reports, one place per attester.
    pub fn reports(&self, deps: Deps) -> StdResult<Vec<Option<Report>>> {
        let attesters = u8::try_from(self.params.attesters.len()).unwrap_or(u8::MAX);
        REPORTS.all(&Local(deps.storage), self.epoch, attesters)
    }
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
) -> Result<Response, ContractError> {
    let open = OpenEpoch::load(deps.as_ref(), moment, epoch)?;
    let attester = attester_number(&open.params, sender, epoch)?;
    match open.step {
        Step::Open => {
            let ends = moment.config.clock.end_of(epoch);
            return Err(ContractError::NotEnded { epoch, ends });
        }
        Step::Reporting { .. } => {}
        Step::Appeals { .. } | Step::Due { .. } => {
            return Err(ContractError::ResultFixed { epoch });
        }
    }
    let chain = Chain::new(deps.querier, &moment.config);
    let lineage = chain.lineage()?;
    let keys = lineage.reported_keys(epoch, chain.keys_at(&lineage, epoch)?);
    let length = evidence.len() as u128;
    let evidence: [u8; 32] =
        evidence
            .as_slice()
            .try_into()
            .map_err(|_| ContractError::OutOfBounds {
                field: "evidence length",
                value: length,
                min: 32,
                max: 32,
            })?;
    let report = Report {
        evidence,
        bits: Bitmap::checked(keys, bitmap)?,
    };
    let attesters = u8::try_from(open.params.attesters.len()).unwrap_or(u8::MAX);
    let now = moment.now.seconds();
    let reported = REPORTS.record(deps.storage, epoch, attester, attesters, &report, now)?;
    let event = EVENTS
        .emit(deps.storage, "reported", epoch)?
        .add_attribute("attester", sender)
        .add_attribute("bitmap", bitmap.to_base64())
        .add_attribute("evidence", Binary::from(evidence).to_base64())
        .add_attribute("complete", reported.completed_at.is_some().to_string());
    Ok(Response::new()
        .add_attribute("action", "report")
        .add_event(event))
}

fn attester_number(params: &Params, sender: &Addr, epoch: Epoch) -> Result<u8, ContractError> {
    let number = params
        .attesters
        .iter()
        .position(|attester| attester == sender.as_str());
    let number = number.and_then(|number| u8::try_from(number).ok());
    number.ok_or_else(|| ContractError::NotAttester {
        sender: sender.clone(),
        epoch,
    })
}
