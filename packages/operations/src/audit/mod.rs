//! Recomputes every closed epoch from public evidence.
//!
//! What the contracts tell of an epoch is worked out again from what decides it: the attesters'
//! reports, the vault's stakes, the registry's keys, the deposits and the parameters in force; each
//! epoch's money begins where the one before ended. Nothing but queries that anybody can make.
//!
//! Taken as told, because no query shows where it comes from: in the delegation contract each delegation's
//! Quintessence by epoch, whether it was dormant, and the Quintessence that is not delegated (so the
//! sum of all is compared with the delegated part from below only).

pub(crate) mod books;
mod mint;
mod revenue;

pub(crate) use revenue::disputes;

use core::fmt::Display;

use noderev_api::common::{DepositInfo, EvidenceResponse, ReportInfo};
use noderev_chain::{ChainError, Result};
use noderev_components::quorum::{result, Report};
use noderev_components::{Bitmap, Denom, Epoch, EvidenceRules};
use noderev_economics::{spread, EconomicsError};
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::{Contract, Contracts};

/// Contents of a page of a list.
const PAGE: u32 = 100;

/// Whoever can be asked what contracts tell, and what the chain says that they hold.
pub trait Source {
    /// A contract's answer.
    fn ask<T: DeserializeOwned>(&self, contract: Contract, query: &impl Serialize) -> Result<T>;
    /// What a contract holds of a currency, by the chain or the token, not by the contract.
    fn held(&self, contract: Contract, denom: &Denom) -> Result<u128>;
}

/// What an audit found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Audit {
    /// Closed epochs of the distributor that were recomputed.
    pub closed: u32,
    /// Epochs of the delegation contract that were recomputed.
    pub advanced: u32,
    /// Figures compared.
    pub compared: u64,
    /// Where what is told differs from what comes out.
    pub findings: Vec<Finding>,
}

/// A figure that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Where: contract, epoch, currency.
    pub place: String,
    /// Which figure.
    pub figure: String,
    /// What the contract tells.
    pub told: String,
    /// What comes out.
    pub recomputed: String,
}

/// Recomputes all closed epochs and compares the books. `progress` is told after each epoch how many
/// are done, and how many there are.
pub fn audit(source: &impl Source, progress: impl Fn(u32, u32)) -> Result<Audit> {
    let mut audit = Audit::default();
    let (closing, advancing) = (revenue::next_close(source)?, mint::next_advance(source)?);
    let all = closing.0.saturating_add(advancing.0);
    revenue::audit(source, closing, &mut audit, |done| progress(done, all))?;
    mint::audit(source, advancing, &mut audit, |done| {
        progress(closing.0.saturating_add(done), all);
    })?;
    books::audit(source, &mut audit)?;
    Ok(audit)
}

impl Audit {
    /// Compares a figure.
    fn same<T: PartialEq + Display>(&mut self, place: &str, figure: &str, told: T, recomputed: T) {
        self.holds(place, figure, told == recomputed, &told, &recomputed);
    }

    /// What comes out of an epoch's facts; it is a finding if nothing can.
    fn possible<T>(
        &mut self,
        place: &str,
        shared: core::result::Result<T, EconomicsError>,
    ) -> Option<T> {
        let reason = shared.as_ref().err().map(ToString::to_string);
        let reason = reason.unwrap_or_default();
        self.holds(place, "shares", shared.is_ok(), &"shared", &reason);
        shared.ok()
    }

    /// Notes a figure that was compared.
    fn holds(
        &mut self,
        place: &str,
        figure: &str,
        holds: bool,
        told: &dyn Display,
        recomputed: &dyn Display,
    ) {
        self.compared = self.compared.saturating_add(1);
        if !holds {
            self.findings.push(Finding {
                place: place.to_owned(),
                figure: figure.to_owned(),
                told: told.to_string(),
                recomputed: recomputed.to_string(),
            });
        }
    }
}

/// Money of the deposits that belongs to an epoch.
fn part_of(deposits: &[DepositInfo], denom: Option<&Denom>, epoch: Epoch) -> Result<u128> {
    let mut sum = 0_u128;
    for deposit in deposits {
        let other = denom.is_some_and(|denom| *denom != deposit.denom);
        let Some(at) = epoch.0.checked_sub(deposit.from.0) else {
            continue;
        };
        if other || at >= deposit.over {
            continue;
        }
        let parts = spread(deposit.amount.u128(), deposit.over).map_err(wrong)?;
        let last = at.saturating_add(1) == deposit.over;
        sum = sum.saturating_add(if last { parts.last } else { parts.part });
    }
    Ok(sum)
}

/// Money between epochs.
#[derive(Clone, Copy, Default)]
struct Purse {
    /// Joins the next pot or pool.
    carry: u128,
    /// Joins later ones, a part at a time.
    drip: u128,
}

impl Purse {
    /// After an epoch in which nobody could be paid of what was collected.
    const fn kept(self, collected: u128) -> Self {
        Self {
            carry: 0,
            drip: self.drip.saturating_add(collected),
        }
    }

    /// After an epoch that took this from the drip and left that.
    const fn shared(self, drip_in: u128, carry: u128) -> Self {
        Self {
            carry,
            drip: self.drip.saturating_sub(drip_in),
        }
    }
}

/// What the reports of an epoch's attesters agree on; none without a quorum.
fn agreed(evidence: &EvidenceResponse, rules: &EvidenceRules, bits: u32) -> Option<Bitmap> {
    let appointed = |report: &&ReportInfo| {
        let mut names = rules.attesters.iter();
        names.any(|name| *name == report.attester.as_str())
    };
    let reports = evidence.reports.iter().filter(appointed).map(|report| {
        let bitmap = report.bitmap.as_ref()?;
        Some(Report {
            evidence: [0; 32],
            bits: Bitmap::fitted(bits, bitmap),
        })
    });
    result(&reports.collect::<Vec<_>>(), rules.threshold, bits)
}

fn wrong(error: impl Display) -> ChainError {
    ChainError::answer("audit", error)
}

impl Source for Contracts {
    fn ask<T: DeserializeOwned>(&self, contract: Contract, query: &impl Serialize) -> Result<T> {
        self.client().smart(self.address(contract), query)
    }

    fn held(&self, contract: Contract, denom: &Denom) -> Result<u128> {
        self.balance(self.address(contract), denom)
    }
}

#[cfg(test)]
mod tests;
