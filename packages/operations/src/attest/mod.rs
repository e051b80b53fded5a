//! Attesting: who ran in an ended epoch, how reports agree, and sending them.

pub mod beats;
mod compare;
mod reported;
mod watch;

use std::collections::{BTreeMap, BTreeSet};

use noderev_api::common::{Clock, EpochStep, EvidenceResponse};
use noderev_api::{delegation, distributor};
use noderev_chain::{ChainError, Message};
use noderev_components::{Bitmap, Epoch, EpochClock};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::Contracts;

pub use compare::{compare, numbers, Agreement, Compared};
pub use reported::{reported, Reported};
pub use watch::{watch, Told, Watch};

/// Entries on a page of a query, the most that contracts answer.
const PAGE: u32 = 100;

/// To whom is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The revenue distributor: which keys ran.
    Distributor,
    /// The delegation contract: which validators were eligible.
    Delegation,
}

/// Why there is no report.
#[derive(Debug, Error)]
pub enum AttestError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The file does not say who ran.
    #[error("{0}")]
    Source(String),
    /// No epoch has ended yet.
    #[error("no epoch has ended yet: epoch 0 ends at {ends} (Unix seconds)")]
    NothingEnded {
        /// When the first one does.
        ends: u64,
    },
    /// The epoch takes no reports.
    #[error("epoch {epoch} takes no reports: {why}")]
    NotReporting {
        /// The epoch.
        epoch: Epoch,
        /// Where it stands.
        why: &'static str,
    },
    /// The account does not attest.
    #[error("{account} is not an attester of epoch {epoch}; they are: {attesters}")]
    NotAttester {
        /// Who wants to report.
        account: String,
        /// The epoch.
        epoch: Epoch,
        /// Who may.
        attesters: String,
    },
    /// The clock is out of its bounds.
    #[error("the contract's clock: {0}")]
    Clock(String),
}

/// An epoch to report on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Its number.
    pub epoch: Epoch,
    /// Its first second, Unix.
    pub start: u64,
    /// The first second after it.
    pub end: u64,
    /// The highest number of a key, or of a validator.
    pub highest: u32,
}

/// What a file says of an epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Numbers of keys that ran, or of validators that were eligible.
    pub ran: BTreeSet<u32>,
    /// Lines of the file that concern the epoch.
    pub rows: u64,
    /// Hash of these lines.
    pub evidence: [u8; 32],
}

/// The hash that stands for what a report is made from: SHA-256 of the file's lines that concern the
/// epoch, in their order, each with one line feed at its end, the header left out.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    hash: Sha256,
    /// Lines so far.
    pub rows: u64,
}

impl Evidence {
    /// Adds a line, given without its end.
    pub fn add(&mut self, line: &str) {
        self.hash.update(line.as_bytes());
        self.hash.update(b"\n");
        self.rows = self.rows.saturating_add(1);
    }

    /// The hash.
    pub fn hash(self) -> [u8; 32] {
        self.hash.finalize().into()
    }
}

/// Which bit of an epoch's reports stands for which key or validator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    /// How many.
    pub count: u32,
    /// The highest number of a key or validator.
    pub highest: u32,
    /// Bits of validators by their number; none for keys, where key i has bit i - 1.
    seats: Option<BTreeMap<u32, u32>>,
}

impl Bits {
    /// Keys 1 to `count`.
    pub const fn keys(count: u32) -> Self {
        Self {
            count,
            highest: count,
            seats: None,
        }
    }

    /// Validators in `count` seats: number and bit of each that has one.
    pub fn seats(count: u32, highest: u32, seats: impl IntoIterator<Item = (u32, u32)>) -> Self {
        Self {
            count,
            highest,
            seats: Some(seats.into_iter().collect()),
        }
    }

    /// The bits of these keys or validators. A validator without a seat has none.
    pub fn bitmap(&self, numbers: &BTreeSet<u32>) -> Bitmap {
        let bits = numbers.iter().filter_map(|number| match &self.seats {
            None => number.checked_sub(1),
            Some(seats) => seats.get(number).copied(),
        });
        Bitmap::from_bits(self.count, bits)
    }

    /// The keys or validators of set bits, ascending. An empty seat's bit is nobody's.
    pub fn numbers(&self, bitmap: &Bitmap) -> BTreeSet<u32> {
        match &self.seats {
            None => bitmap.ones().map(|bit| bit.saturating_add(1)).collect(),
            Some(seats) => {
                let set = seats.iter().filter(|(_, bit)| bitmap.get(**bit));
                set.map(|(number, _)| *number).collect()
            }
        }
    }
}

/// A report before it is sent.
#[derive(Clone, Debug)]
pub struct Draft {
    /// The epoch.
    pub epoch: Epoch,
    /// What it says.
    pub bitmap: Bitmap,
    /// Hash of what it is made from.
    pub evidence: [u8; 32],
    /// Whether the account has sent the very same already.
    pub sent_already: bool,
}

impl Target {
    /// Its name in a deployment's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Distributor => "distributor",
            Self::Delegation => "delegation",
        }
    }

    /// What a bit stands for.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Distributor => "key",
            Self::Delegation => "validator",
        }
    }

    /// Its contract's address.
    pub fn contract(self, contracts: &Contracts) -> &str {
        match self {
            Self::Distributor => &contracts.distributor,
            Self::Delegation => &contracts.delegation,
        }
    }

    /// The event by which its contract announces a report.
    pub const fn reported(self) -> &'static str {
        match self {
            Self::Distributor => "wasm-distributor_reported",
            Self::Delegation => "wasm-delegation_reported",
        }
    }

    /// The epochs' clock.
    pub fn clock(self, contracts: &Contracts) -> Result<EpochClock, AttestError> {
        let clock: Clock = match self {
            Self::Distributor => {
                let query = distributor::QueryMsg::Config {};
                let config: distributor::ConfigResponse = contracts.ask_distributor(&query)?;
                config.clock
            }
            Self::Delegation => {
                let query = delegation::QueryMsg::Config {};
                let config: delegation::ConfigResponse = contracts.ask_delegation(&query)?;
                config.clock
            }
        };
        let parsed = clock.parse();
        parsed.map_err(|error| AttestError::Clock(error.to_string()))
    }

    /// The running epoch, and the oldest that is not closed.
    pub fn epochs(self, contracts: &Contracts) -> Result<(Epoch, Epoch), AttestError> {
        Ok(match self {
            Self::Distributor => {
                let query = distributor::QueryMsg::Network {};
                let network: distributor::NetworkResponse = contracts.ask_distributor(&query)?;
                (network.epoch, network.next_close)
            }
            Self::Delegation => {
                let network = delegation_network(contracts)?;
                (network.epoch, network.next_close)
            }
        })
    }

    /// All reports on an epoch.
    pub fn evidence(
        self,
        contracts: &Contracts,
        epoch: Epoch,
    ) -> Result<EvidenceResponse, AttestError> {
        Ok(match self {
            Self::Distributor => {
                contracts.ask_distributor(&distributor::QueryMsg::Evidence { epoch })?
            }
            Self::Delegation => {
                contracts.ask_delegation(&delegation::QueryMsg::Evidence { epoch })?
            }
        })
    }

    /// What the bits of an epoch's reports stand for.
    pub fn bits(self, contracts: &Contracts, of: &EvidenceResponse) -> Result<Bits, AttestError> {
        if self == Self::Distributor {
            return Ok(Bits::keys(of.bits));
        }
        let highest = delegation_network(contracts)?.validators;
        let mut seats = Vec::new();
        let mut start_after = None;
        loop {
            let page: delegation::SeatsResponse =
                contracts.ask_delegation(&delegation::QueryMsg::Seats {
                    epoch: of.epoch,
                    start_after,
                    limit: Some(PAGE),
                })?;
            start_after = page.seats.last().map(|seat| seat.seat);
            let taken = page.seats.into_iter().filter_map(|seat| {
                let validator = seat.validator?;
                Some((validator.0, u32::from(seat.seat)))
            });
            seats.extend(taken);
            if start_after.is_none() {
                return Ok(Bits::seats(of.bits, highest, seats));
            }
        }
    }

    /// The message that reports.
    pub fn message(self, contracts: &Contracts, draft: &Draft) -> Result<Message, AttestError> {
        let (epoch, bitmap) = (draft.epoch, draft.bitmap.to_binary());
        let evidence = draft.evidence.into();
        Ok(match self {
            Self::Distributor => Message::execute(
                &contracts.distributor,
                &distributor::ExecuteMsg::Report {
                    epoch,
                    bitmap,
                    evidence,
                },
                Vec::new(),
            )?,
            Self::Delegation => Message::execute(
                &contracts.delegation,
                &delegation::ExecuteMsg::Report {
                    epoch,
                    bitmap,
                    evidence,
                },
                Vec::new(),
            )?,
        })
    }
}

fn delegation_network(contracts: &Contracts) -> Result<delegation::NetworkResponse, AttestError> {
    Ok(contracts.ask_delegation(&delegation::QueryMsg::Network {})?)
}

/// The last epoch that has ended.
pub fn last_ended(contracts: &Contracts, target: Target) -> Result<Epoch, AttestError> {
    let (running, _) = target.epochs(contracts)?;
    match running.prev() {
        Some(epoch) => Ok(epoch),
        None => Err(AttestError::NothingEnded {
            ends: target.clock(contracts)?.end_of(running),
        }),
    }
}

/// Refuses to report where the contract would: other accounts, other times.
pub fn ensure_may_report(of: &EvidenceResponse, account: &str) -> Result<(), AttestError> {
    let epoch = of.epoch;
    let why = match of.step {
        EpochStep::Reporting { .. } => None,
        EpochStep::Open { .. } => Some("it has not ended"),
        EpochStep::Appeals { .. } | EpochStep::Due { .. } => {
            Some("its result is fixed, all have reported or their time is over")
        }
        EpochStep::Closed {} => Some("it is closed"),
    };
    if let Some(why) = why {
        return Err(AttestError::NotReporting { epoch, why });
    }
    let mut attesters = of.reports.iter().map(|report| report.attester.as_str());
    if attesters.any(|attester| attester == account) {
        return Ok(());
    }
    let attesters = of.reports.iter().map(|report| report.attester.to_string());
    Err(AttestError::NotAttester {
        account: account.to_owned(),
        epoch,
        attesters: attesters.collect::<Vec<_>>().join(", "),
    })
}

/// The report that a finding makes.
pub fn draft(of: &EvidenceResponse, bits: &Bits, found: &Finding, account: &str) -> Draft {
    let bitmap = bits.bitmap(&found.ran);
    let mut own = of.reports.iter();
    let own = own.find(|report| report.attester.as_str() == account);
    let sent_already = own.is_some_and(|report| {
        report.bitmap == Some(bitmap.to_binary()) && report.evidence == Some(found.evidence.into())
    });
    Draft {
        epoch: of.epoch,
        bitmap,
        evidence: found.evidence,
        sent_already,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::{Addr, Timestamp};
    use noderev_api::common::ReportInfo;

    fn evidence(step: EpochStep) -> EvidenceResponse {
        let report = |name: &str, bits: Option<&[u8]>| ReportInfo {
            attester: Addr::unchecked(name),
            bitmap: bits.map(Into::into),
            evidence: bits.map(|_| [7u8; 32].into()),
            disagreed: None,
        };
        EvidenceResponse {
            epoch: Epoch(2),
            bits: 10,
            step,
            threshold: 2,
            reports: vec![report("a", Some(&[3, 2])), report("b", None)],
            result: None,
        }
    }

    #[test]
    fn keys_are_bits_from_the_first_on_and_have_exactly_their_bytes() {
        let bits = Bits::keys(10);
        let bitmap = bits.bitmap(&BTreeSet::from([1, 2, 10]));
        assert_eq!(bitmap.bytes(), [0b11, 0b10]);
        assert_eq!(bits.numbers(&bitmap), BTreeSet::from([1, 2, 10]));
        // 0 and what lies beyond have no bit.
        assert_eq!(bits.bitmap(&BTreeSet::from([0, 11])).count(), 0);
        assert_eq!(Bits::keys(8).bitmap(&BTreeSet::from([8])).bytes(), [128]);
        assert!(Bits::keys(0).bitmap(&BTreeSet::new()).bytes().is_empty());
    }

    #[test]
    fn validators_have_the_bits_of_their_seats() {
        let bits = Bits::seats(3, 9, [(7, 0), (2, 2)]);
        let bitmap = bits.bitmap(&BTreeSet::from([2, 5, 7]));
        assert_eq!(bitmap.bytes(), [0b101]);
        assert_eq!(bits.numbers(&bitmap), BTreeSet::from([2, 7]));
    }

    #[test]
    fn the_very_same_report_is_known() {
        let until = Some(Timestamp::from_seconds(9));
        let of = evidence(EpochStep::Reporting { until });
        let found = |ran: &[u32], byte: u8| Finding {
            ran: ran.iter().copied().collect(),
            rows: 1,
            evidence: [byte; 32],
        };
        let bits = Bits::keys(10);
        let sent = |found: &Finding, who| draft(&of, &bits, found, who).sent_already;
        assert!(sent(&found(&[1, 2, 10], 7), "a"));
        assert!(!sent(&found(&[1, 2, 10], 8), "a"));
        assert!(!sent(&found(&[1, 2], 7), "a"));
        assert!(!sent(&found(&[1, 2, 10], 7), "b"));
    }

    #[test]
    fn only_attesters_report_and_only_in_time() {
        let at = Timestamp::from_seconds(9);
        let refusal = |step, who| {
            let of = evidence(step);
            ensure_may_report(&of, who).map_err(|error| error.to_string())
        };
        let reporting = EpochStep::Reporting { until: Some(at) };
        assert_eq!(refusal(reporting.clone(), "b"), Ok(()));
        assert_eq!(
            refusal(reporting, "c").unwrap_err(),
            "c is not an attester of epoch 2; they are: a, b"
        );
        for step in [
            EpochStep::Open { until: at },
            EpochStep::Appeals { until: at },
            EpochStep::Due { since: at },
            EpochStep::Closed {},
        ] {
            let refusal = refusal(step, "a").unwrap_err();
            assert!(refusal.starts_with("epoch 2 takes no reports"));
        }
    }
}
