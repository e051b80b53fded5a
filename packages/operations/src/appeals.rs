//! Disputing who ran: appeals and challenges, with a bond per key.

use cosmwasm_std::Timestamp;
use noderev_api::common::{EpochStep, EvidenceResponse, ParamsAtResponse};
use noderev_api::distributor::{Params, QueryMsg, ReceiveMsg, MAX_BATCH};
use noderev_chain::{ChainError, Message};
use noderev_components::{Bitmap, Epoch, KeyId};
use thiserror::Error;

use crate::audit::disputes;
use crate::batches::in_messages;
use crate::moment::{date, ensure_qst};
use crate::nodes::NodeError;
use crate::{Contract, Contracts, Hindrance, Moment};

/// Why nothing is disputed.
#[derive(Debug, Error)]
pub enum AppealError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It can't now.
    #[error(transparent)]
    Hindrance(#[from] Hindrance),
    /// A key is not there.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// The epoch can't be disputed.
    #[error("epoch {epoch} can't be disputed now: {why}")]
    Step {
        /// The epoch.
        epoch: Epoch,
        /// Where it stands.
        why: String,
    },
    /// The result is on the key's side already.
    #[error(
        "key {key} was judged running in epoch {epoch}: it can be challenged, not appealed for"
    )]
    Ran {
        /// The key.
        key: KeyId,
        /// The epoch.
        epoch: Epoch,
    },
    /// The result is against the key already.
    #[error(
        "key {key} was judged not running in epoch {epoch}: it can be appealed for, not challenged"
    )]
    DidNotRun {
        /// The key.
        key: KeyId,
        /// The epoch.
        epoch: Epoch,
    },
    /// Somebody disputes it.
    #[error("key {key} is disputed for epoch {epoch} already, by {by}")]
    Disputed {
        /// The key.
        key: KeyId,
        /// The epoch.
        epoch: Epoch,
        /// Who does.
        by: String,
    },
}

impl AppealError {
    /// Whether the chain or a contract refuses, or would.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            Self::Hindrance(error) => error.is_refusal(),
            Self::Node(error) => error.is_refusal(),
            _ => true,
        }
    }

    /// Whether the command makes no sense on any chain.
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::Hindrance(error) => error.is_usage(),
            Self::Node(error) => error.is_usage(),
            _ => false,
        }
    }
}

/// What is claimed about keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// That they ran, although they were judged not running.
    Appeal,
    /// That they did not run, although they were judged running.
    Challenge,
}

/// A dispute that can be opened.
#[derive(Clone, Debug)]
pub struct Disputed {
    /// The bond of a key, smallest units of QST.
    pub each: u128,
    /// The bond of all.
    pub bond: u128,
    /// Until when disputes can be opened, Unix seconds.
    pub until: u64,
    /// Seconds that the arbiter has from the epoch's close.
    pub ruling: u64,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Disputes these keys in an epoch.
pub fn dispute(
    contracts: &Contracts,
    account: &str,
    epoch: Epoch,
    keys: &[KeyId],
    side: Side,
) -> Result<Disputed, AppealError> {
    let evidence: EvidenceResponse = contracts.ask_distributor(&QueryMsg::Evidence { epoch })?;
    let until = ensure_open(&evidence)?;
    ensure_side(&evidence, keys, side)?;
    ensure_undisputed(contracts, epoch, keys)?;
    let params: ParamsAtResponse<Params> =
        contracts.ask_distributor(&QueryMsg::ParamsAt { epoch })?;
    let each = params.params.appeal_bond.u128();
    let mut messages = Vec::new();
    for batch in in_messages("keys", keys, MAX_BATCH).map_err(Hindrance::from)? {
        let hook = hook(epoch, &batch, side);
        let bond = bond(each, batch.len());
        messages.push(contracts.send_tokens(&contracts.qst, Contract::Distributor, bond, &hook)?);
    }
    let bond = bond(each, keys.len());
    ensure_qst(contracts, account, bond)?;
    Ok(Disputed {
        each,
        bond,
        until,
        ruling: params.params.ruling_window,
        moment: Moment::of(contracts)?,
        messages,
    })
}

fn hook(epoch: Epoch, keys: &[KeyId], side: Side) -> ReceiveMsg {
    let keys = keys.to_vec();
    match side {
        Side::Appeal => ReceiveMsg::Appeal { epoch, keys },
        Side::Challenge => ReceiveMsg::Challenge { epoch, keys },
    }
}

fn bond(each: u128, keys: usize) -> u128 {
    each.saturating_mul(u128::try_from(keys).unwrap_or(u128::MAX))
}

/// Until when disputes can be opened; refuses an epoch in which they can't.
fn ensure_open(evidence: &EvidenceResponse) -> Result<u64, AppealError> {
    let when = |time: Timestamp| date(time.seconds());
    let why = match &evidence.step {
        EpochStep::Appeals { until } if evidence.result.is_some() => return Ok(until.seconds()),
        EpochStep::Appeals { .. } => format!(
            "fewer than {} attesters have reported, so nobody was judged",
            evidence.threshold
        ),
        EpochStep::Open { until } => format!("it ends {}", when(*until)),
        EpochStep::Reporting { until: Some(until) } => {
            format!("attesters report until {}, at the latest", when(*until))
        }
        EpochStep::Reporting { until: None } => {
            "attesters report; the epoch before it is not closed".to_owned()
        }
        EpochStep::Due { since } => format!("the time for disputes was over {}", when(*since)),
        EpochStep::Closed {} => "it is closed".to_owned(),
    };
    let epoch = evidence.epoch;
    Err(AppealError::Step { epoch, why })
}

/// Refuses keys about which the attesters say what the dispute would. Of keys that their reports
/// don't cover, children of a split, the distributor knows more.
fn ensure_side(evidence: &EvidenceResponse, keys: &[KeyId], side: Side) -> Result<(), AppealError> {
    let Some(result) = &evidence.result else {
        return Ok(());
    };
    let ran = Bitmap::fitted(evidence.bits, result);
    let epoch = evidence.epoch;
    let covered = keys.iter().filter(|key| key.bit() < evidence.bits);
    for key in covered.copied() {
        match (side, ran.get(key.bit())) {
            (Side::Appeal, true) => return Err(AppealError::Ran { key, epoch }),
            (Side::Challenge, false) => return Err(AppealError::DidNotRun { key, epoch }),
            _ => {}
        }
    }
    Ok(())
}

fn ensure_undisputed(
    contracts: &Contracts,
    epoch: Epoch,
    keys: &[KeyId],
) -> Result<(), AppealError> {
    let disputes = disputes(contracts, epoch)?;
    let disputed = disputes.iter().find(|it| keys.contains(&it.key));
    match disputed {
        Some(dispute) => Err(AppealError::Disputed {
            key: dispute.key,
            epoch,
            by: dispute.by.to_string(),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Binary;

    fn evidence(step: EpochStep, result: Option<&[u8]>) -> EvidenceResponse {
        EvidenceResponse {
            epoch: Epoch(4),
            bits: 10,
            step,
            threshold: 2,
            reports: vec![],
            result: result.map(Binary::from),
        }
    }

    const AT: Timestamp = Timestamp::from_seconds(1_767_247_200);

    #[test]
    fn an_epoch_is_disputed_while_appeals_last_and_somebody_was_judged() {
        let appeals = EpochStep::Appeals { until: AT };
        let until = ensure_open(&evidence(appeals.clone(), Some(&[0, 0])));
        assert_eq!(until.unwrap(), AT.seconds());
        let at = "2026-01-01T06:00:00Z";
        for (step, why) in [
            (appeals, "fewer than 2 attesters".to_owned()),
            (EpochStep::Open { until: AT }, format!("it ends {at}")),
            (
                EpochStep::Reporting { until: Some(AT) },
                format!("attesters report until {at}"),
            ),
            (
                EpochStep::Reporting { until: None },
                "the epoch before it is not closed".to_owned(),
            ),
            (
                EpochStep::Due { since: AT },
                format!("the time for disputes was over {at}"),
            ),
            (EpochStep::Closed {}, "it is closed".to_owned()),
        ] {
            let refusal = ensure_open(&evidence(step, None)).unwrap_err();
            assert!(refusal.is_refusal());
            let refusal = refusal.to_string();
            let begins = refusal.starts_with("epoch 4 can't be disputed now: ");
            assert!(begins && refusal.contains(&why), "{refusal}");
        }
    }

    #[test]
    fn only_what_the_attesters_deny_is_disputed() {
        // Keys 2 and 9 ran.
        let appeals = EpochStep::Appeals { until: AT };
        let evidence = evidence(appeals, Some(&[0b10, 0b1]));
        let fits = |key: u32, side| ensure_side(&evidence, &[KeyId(key)], side).is_ok();
        for (key, ran) in [(1, false), (2, true), (3, false), (9, true), (10, false)] {
            assert_eq!(fits(key, Side::Challenge), ran, "{key}");
            assert_eq!(fits(key, Side::Appeal), !ran, "{key}");
        }
        // Nobody has judged these.
        assert!(fits(11, Side::Appeal) && fits(11, Side::Challenge));
    }

    #[test]
    fn the_bond_is_per_key() {
        assert_eq!(bond(1_000, 3), 3_000);
    }
}
