//! Reports of attesters on who was eligible.

use cosmwasm_std::{Addr, Binary, DepsMut, Response};
use noderev_components::{Epoch, Local, Submission};

use crate::error::Refusal;
use crate::moment::Moment;
use crate::state::{EVENTS, EVIDENCE, PARAMS, SEAT_COUNT};

/// Records an attester's report.
pub fn report(
    deps: DepsMut,
    moment: &Moment,
    sender: &Addr,
    epoch: Epoch,
    bitmap: &Binary,
    evidence: &Binary,
) -> Result<Response, Refusal> {
    let (clock, now) = (&moment.clock, moment.now);
    let rules = PARAMS.at(&Local(deps.storage), epoch)?.evidence;
    let open = EVIDENCE.open(&Local(deps.storage), clock, now, epoch, rules, 0)?;
    let bits = SEAT_COUNT.at(deps.storage, &[], epoch)?.unwrap_or(0).into();
    let sent = Submission {
        sender,
        bits,
        bitmap,
        evidence,
    };
    Ok(EVIDENCE.report(deps.storage, &EVENTS, clock, now, &open, sent)?)
}
