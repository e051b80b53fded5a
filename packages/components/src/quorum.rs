//! M-of-N evidence: attesters report bitmaps of who ran; what M of them agree on is the result.

use cosmwasm_std::{StdError, Storage};
use thiserror::Error;

use crate::bitmap::Bitmap;
use crate::epoch::Epoch;
use crate::fault::{fault, StdResult};
use crate::packed::{Packed, Reader};
use crate::packed_struct;
use crate::raw::{key, write_packed, Local, RawRead};

/// At most this many attesters.
pub const MAX_ATTESTERS: usize = 15;

/// Why a report or a set of attesters is refused.
#[derive(Error, Debug, PartialEq)]
pub enum QuorumError {
    /// Storage failed.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The set is empty, too large, has duplicates, or its threshold is no majority.
    #[error("{attesters} attesters with threshold {threshold}: 1..={MAX_ATTESTERS} different ones, and more than half but not more than all must agree")]
    Set {
        /// Number of attesters given.
        attesters: usize,
        /// Threshold given.
        threshold: u32,
    },
    /// All attesters have reported, which fixed the result.
    #[error("all attesters have reported on epoch {epoch}: the result is fixed")]
    Complete {
        /// The epoch.
        epoch: Epoch,
    },
}

/// Checks a set: 1..=15 different attesters, threshold M with 2M > N and M <= N.
pub fn check_set<T: Ord>(attesters: &[T], threshold: u32) -> Result<(), QuorumError> {
    let count = attesters.len();
    let mut unique: Vec<&T> = attesters.iter().collect();
    unique.sort_unstable();
    unique.dedup();
    let majority = (threshold as usize).saturating_mul(2) > count && threshold as usize <= count;
    if (1..=MAX_ATTESTERS).contains(&count) && unique.len() == count && majority {
        Ok(())
    } else {
        Err(QuorumError::Set {
            attesters: count,
            threshold,
        })
    }
}

/// One attester's report on one epoch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Hash of the evidence behind the bitmap.
    pub evidence: [u8; 32],
    /// Who ran.
    pub bits: Bitmap,
}

impl Packed for Report {
    fn pack(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.evidence);
        self.bits.pack(out);
    }
    fn unpack(input: &mut Reader<'_>) -> StdResult<Self> {
        let evidence = input.take(32)?;
        let evidence = evidence.try_into().map_err(|_| fault("evidence hash"))?;
        Ok(Self {
            evidence,
            bits: Bitmap::unpack(input)?,
        })
    }
}

/// Who has reported on an epoch.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Reporters {
    /// Bit i: attester i has reported.
    pub bits: u16,
    /// When the last of all attesters reported (Unix seconds); none before.
    pub completed_at: Option<u64>,
}
packed_struct!(Reporters { bits, completed_at });

impl Reporters {
    /// Number of attesters that have reported.
    pub const fn count(&self) -> u32 {
        self.bits.count_ones()
    }

    /// Whether an attester has reported.
    pub const fn has(&self, attester: u8) -> bool {
        attester < 16 && self.bits & (1 << attester) != 0
    }
}

/// The reports of all epochs.
pub struct Reports {
    report: u8,
    reporters: u8,
}

impl Reports {
    /// Two namespace bytes.
    pub const fn new(report: u8, reporters: u8) -> Self {
        Self { report, reporters }
    }

    /// Who has reported on `epoch`.
    pub fn reporters(&self, store: &impl RawRead, epoch: Epoch) -> StdResult<Reporters> {
        Ok(store
            .read_packed(&self.reporters_key(epoch))?
            .unwrap_or_default())
    }

    /// An attester's report on `epoch`.
    pub fn report(
        &self,
        store: &impl RawRead,
        epoch: Epoch,
        attester: u8,
    ) -> StdResult<Option<Report>> {
        store.read_packed(&self.report_key(epoch, attester))
    }

    /// The reports on `epoch`, one place per attester.
    pub fn all(
        &self,
        store: &impl RawRead,
        epoch: Epoch,
        attesters: u8,
    ) -> StdResult<Vec<Option<Report>>> {
        (0..attesters)
            .map(|attester| self.report(store, epoch, attester))
            .collect()
    }

    /// Records an attester's report, replacing his earlier one, until all `attesters` have
    /// reported.
    pub fn record(
        &self,
        storage: &mut dyn Storage,
        epoch: Epoch,
        attester: u8,
        attesters: u8,
        report: &Report,
        now: u64,
    ) -> Result<Reporters, QuorumError> {
        let mut reporters = self.reporters(&Local(storage), epoch)?;
        if reporters.completed_at.is_some() {
            return Err(QuorumError::Complete { epoch });
        }
        reporters.bits |= 1u16.checked_shl(attester.into()).unwrap_or(0);
        reporters.completed_at = (reporters.count() >= attesters.into()).then_some(now);
        write_packed(storage, &self.report_key(epoch, attester), report);
        write_packed(storage, &self.reporters_key(epoch), &reporters);
        Ok(reporters)
    }

    fn report_key(&self, epoch: Epoch, attester: u8) -> Vec<u8> {
        key(self.report, &[&epoch.0.to_be_bytes(), &[attester]])
    }

    fn reporters_key(&self, epoch: Epoch) -> Vec<u8> {
        key(self.reporters, &[&epoch.0.to_be_bytes()])
    }
}

/// What at least `threshold` reports agree on, or none if fewer have reported.
pub fn result(reports: &[Option<Report>], threshold: u32, len: u32) -> Option<Bitmap> {
    let votes: Vec<Bitmap> = reports
        .iter()
        .flatten()
        .map(|report| report.bits.clone())
        .collect();
    (votes.len() >= threshold as usize).then(|| Bitmap::quorum(len, &votes, threshold))
}

/// Per attester, the bits of his report that differ from the result; none if he did not report.
/// Without a result nothing differs.
pub fn disagreement(reports: &[Option<Report>], result: Option<&Bitmap>) -> Vec<Option<u32>> {
    let differing = |report: &Report| result.map_or(0, |result| result.xor(&report.bits).count());
    reports
        .iter()
        .map(|report| report.as_ref().map(differing))
        .collect()
}

/// Per attester the bits that differ, or that he missed, as an event tells it.
pub fn describe_disagreement(disagreed: &[Option<u32>]) -> String {
    let one = |bits: &Option<u32>| bits.map_or_else(|| "missed".to_string(), |it| it.to_string());
    disagreed.iter().map(one).collect::<Vec<_>>().join(",")
}

/// Where an ended or running epoch stands on its way to being closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The epoch runs.
    Open,
    /// Attesters report; until when (Unix seconds) is known once the epoch before is closed.
    Reporting {
        /// End of the window.
        until: Option<u64>,
    },
    /// The result is fixed and can be disputed.
    Appeals {
        /// End of the window (Unix seconds).
        until: u64,
    },
    /// Anyone may close the epoch, once the one before is closed.
    Due {
        /// Since when (Unix seconds).
        since: u64,
    },
}

/// What decides where an epoch stands.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// First second after the epoch.
    pub ends: u64,
    /// When the epoch before was closed (for epoch 0: its start); none if it is not.
    pub predecessor_closed: Option<u64>,
    /// When the last attester reported.
    pub completed_at: Option<u64>,
    /// Whether at least M attesters have reported.
    pub quorum: bool,
    /// Seconds for reporting, from the later of the epoch's end and its predecessor's close, so
    /// that a halted chain costs nobody an epoch.
    pub report_window: u64,
    /// Seconds for disputes after the result is fixed.
    pub appeal_window: u64,
}

impl Timing {
    /// The step at `now` (Unix seconds).
    pub fn step(&self, now: u64) -> Step {
        if now < self.ends {
            return Step::Open;
        }
        let window = self
            .predecessor_closed
            .map(|closed| closed.max(self.ends).saturating_add(self.report_window));
        let fixed = match (self.completed_at, window) {
            (Some(completed), _) => completed,
            (None, Some(until)) if now >= until => until,
            (None, until) => return Step::Reporting { until },
        };
        let appeals_end = if self.quorum {
            fixed.saturating_add(self.appeal_window)
        } else {
            fixed
        };
        if now < appeals_end {
            Step::Appeals { until: appeals_end }
        } else {
            Step::Due { since: appeals_end }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::testing::MockStorage;

    const REPORTS: Reports = Reports::new(0x80, 0x81);

    fn report(bits: &[u32]) -> Report {
        Report {
            evidence: [7; 32],
            bits: Bitmap::from_bits(10, bits.iter().copied()),
        }
    }

    #[test]
    fn a_set_is_different_attesters_and_a_majority() {
        assert_eq!(check_set(&["a", "b", "c"], 2), Ok(()));
        assert_eq!(check_set(&["a"], 1), Ok(()));
        let none: [&str; 0] = [];
        assert!(check_set(&none, 0).is_err());
        for (set, threshold) in [
            (vec!["a", "a", "b"], 2),
            (vec!["a", "b", "c"], 1),
            (vec!["a", "b"], 1),
            (vec!["a", "b"], 3),
            (vec!["a"; 16], 9),
        ] {
            assert_eq!(
                check_set(&set, threshold),
                Err(QuorumError::Set {
                    attesters: set.len(),
                    threshold
                })
            );
        }
    }

    #[test]
    fn who_has_reported_is_kept_epoch_by_epoch() {
        let mut storage = MockStorage::new();
        let record = |storage: &mut MockStorage, epoch, attester: u8| {
            let report = report(&[attester.into()]);
            REPORTS
                .record(storage, Epoch(epoch), attester, 16, &report, 5)
                .unwrap()
        };
        record(&mut storage, 1, 0);
        record(&mut storage, 1, 15);
        record(&mut storage, 2, 3);
        let reported = |epoch| {
            let reporters = REPORTS.reporters(&Local(&storage), Epoch(epoch)).unwrap();
            (0..=u8::MAX)
                .filter(|attester| reporters.has(*attester))
                .collect::<Vec<_>>()
        };
        assert_eq!(reported(1), [0, 15]);
        assert_eq!(reported(2), [3]);
        assert!(reported(3).is_empty());
        let others = Reports::new(0x82, 0x83);
        let none = others.reporters(&Local(&storage), Epoch(1)).unwrap();
        assert_eq!(none, Reporters::default());
    }

    #[test]
    fn disagreement_is_told_attester_by_attester() {
        let told = describe_disagreement(&[Some(0), None, Some(12)]);
        assert_eq!(told, "0,missed,12");
        assert_eq!(describe_disagreement(&[]), "");
    }

    #[test]
    fn just_the_threshold_counts_and_one_less_does_not() {
        let reports = [Some(report(&[0, 1])), Some(report(&[1, 2])), None];
        assert_eq!(result(&reports, 2, 10), Some(Bitmap::from_bits(10, [1])));
        assert_eq!(result(&reports, 3, 10), None);
    }

    #[test]
    fn disagreement_counts_the_bits_that_differ_per_attester() {
        let reports = [Some(report(&[0, 1, 5])), None, Some(report(&[1]))];
        let result = Bitmap::from_bits(10, [1]);
        assert_eq!(
            disagreement(&reports, Some(&result)),
            [Some(2), None, Some(0)]
        );
        assert_eq!(disagreement(&reports, None), [Some(0), None, Some(0)]);
    }

    #[test]
    fn a_report_can_be_replaced_until_all_have_reported() {
        let mut storage = MockStorage::new();
        let epoch = Epoch(4);
        let mut send = |attester, bits: &[u32], now| {
            REPORTS.record(&mut storage, epoch, attester, 2, &report(bits), now)
        };
        send(1, &[1], 10).unwrap();
        assert_eq!(send(1, &[2], 11).unwrap().completed_at, None);
        assert_eq!(send(0, &[3], 12).unwrap().completed_at, Some(12));
        assert_eq!(send(1, &[4], 13), Err(QuorumError::Complete { epoch }));
        let all = REPORTS.all(&Local(&storage), epoch, 2).unwrap();
        assert_eq!(all, [Some(report(&[3])), Some(report(&[2]))]);
    }

    #[test]
    fn the_windows_run_from_the_later_of_end_and_predecessors_close() {
        let timing = Timing {
            ends: 100,
            predecessor_closed: Some(150),
            completed_at: None,
            quorum: true,
            report_window: 20,
            appeal_window: 5,
        };
        assert_eq!(timing.step(99), Step::Open);
        assert_eq!(timing.step(100), Step::Reporting { until: Some(170) });
        assert_eq!(timing.step(169), Step::Reporting { until: Some(170) });
        assert_eq!(timing.step(170), Step::Appeals { until: 175 });
        assert_eq!(timing.step(175), Step::Due { since: 175 });
        let complete = Timing {
            completed_at: Some(110),
            ..timing
        };
        assert_eq!(complete.step(114), Step::Appeals { until: 115 });
        assert_eq!(complete.step(115), Step::Due { since: 115 });
        let silent = Timing {
            quorum: false,
            ..timing
        };
        assert_eq!(silent.step(170), Step::Due { since: 170 });
        let halted = Timing {
            predecessor_closed: None,
            ..timing
        };
        assert_eq!(halted.step(1_000), Step::Reporting { until: None });
    }
}
