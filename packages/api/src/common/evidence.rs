//! Answers about epochs, attesters and their reports.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Binary, Timestamp};
use noderev_components::quorum::{Report, Step};
use noderev_components::{AsOf, Bitmap, Epoch, EpochClock, EvidenceRules, OpenEpoch, StdResult};

/// Closed epochs over which attesters are judged.
pub const ATTESTER_EPOCHS: usize = 64;

/// Where an epoch stands.
#[cw_serde]
pub enum EpochStep {
    /// It runs.
    Open {
        /// When it ends.
        until: Timestamp,
    },
    /// Attesters report.
    Reporting {
        /// End of the window; known once the epoch before is closed.
        until: Option<Timestamp>,
    },
    /// The result is fixed and can be disputed.
    Appeals {
        /// End of the window.
        until: Timestamp,
    },
    /// Anyone may close it, once the one before is closed.
    Due {
        /// Since when.
        since: Timestamp,
    },
    /// It is closed.
    Closed {},
}

impl EpochStep {
    /// Where an epoch stands that is not closed.
    pub fn of(open: &OpenEpoch, clock: &EpochClock) -> Self {
        let at = Timestamp::from_seconds;
        match open.step {
            Step::Open => Self::Open {
                until: at(clock.end_of(open.epoch)),
            },
            Step::Reporting { until } => Self::Reporting {
                until: until.map(at),
            },
            Step::Appeals { until } => Self::Appeals { until: at(until) },
            Step::Due { since } => Self::Due { since: at(since) },
        }
    }
}

/// How an attester reported.
#[cw_serde]
pub struct AttesterInfo {
    /// Who.
    pub attester: Addr,
    /// Of the last 64 closed epochs, those in which he was to report.
    pub epochs: u32,
    /// Those in which he did.
    pub reported: u32,
    /// Those in which he did not.
    pub missed: u32,
    /// Bits that differed from the result, over all his reports.
    pub disagreed: u32,
}

impl AttesterInfo {
    fn new(attester: &str) -> Self {
        Self {
            attester: Addr::unchecked(attester),
            epochs: 0,
            reported: 0,
            missed: 0,
            disagreed: 0,
        }
    }

    /// Counts one more epoch: the bits that differed from its result; none if he did not report.
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

/// Answer to `attesters`.
#[cw_serde]
pub struct AttestersResponse {
    /// The attesters of the running epoch.
    pub attesters: Vec<AttesterInfo>,
    /// How many must agree.
    pub threshold: u32,
    /// When this was true.
    pub as_of: AsOf,
}

impl AttestersResponse {
    /// How the attesters in `rules` reported in these closed epochs, at most [`ATTESTER_EPOCHS`].
    /// `reported` answers the number of an epoch's parameters, and of each of its attesters the bits
    /// that differed from the result, none if he did not report; `set` an epoch's attesters.
    /// Parameters are long and change seldom: each version is asked for once.
    pub fn load(
        rules: &EvidenceRules,
        epochs: Vec<Epoch>,
        as_of: AsOf,
        reported: impl Fn(Epoch) -> StdResult<(u32, Vec<Option<u32>>)>,
        set: impl Fn(Epoch) -> StdResult<Vec<String>>,
    ) -> StdResult<Self> {
        let names = rules.attesters.iter();
        let mut attesters: Vec<_> = names.map(|name| AttesterInfo::new(name)).collect();
        let mut sets: Vec<(u32, Vec<String>)> = vec![];
        for epoch in epochs {
            let (version, disagreed) = reported(epoch)?;
            if sets.iter().all(|(known, _)| *known != version) {
                sets.push((version, set(epoch)?));
            }
            let set = sets.iter().find(|(known, _)| *known == version);
            let names = set.into_iter().flat_map(|(_, names)| names);
            for (name, disagreed) in names.zip(disagreed) {
                let mut known = attesters.iter_mut();
                if let Some(info) = known.find(|info| info.attester.as_str() == name) {
                    info.count(disagreed);
                }
            }
        }
        Ok(Self {
            attesters,
            threshold: rules.threshold,
            as_of,
        })
    }
}

/// One attester's report.
#[cw_serde]
pub struct ReportInfo {
    /// Who.
    pub attester: Addr,
    /// The bits that he reported; none if he has not.
    pub bitmap: Option<Binary>,
    /// Hash of his evidence.
    pub evidence: Option<Binary>,
    /// Bits that differ from the result.
    pub disagreed: Option<u32>,
}

impl ReportInfo {
    fn new(attester: &str, report: Option<&Report>, result: Option<&Bitmap>) -> Self {
        let disagreed = report.zip(result);
        Self {
            attester: Addr::unchecked(attester),
            bitmap: report.map(|report| report.bits.to_binary()),
            evidence: report.map(|report| report.evidence.into()),
            disagreed: disagreed.map(|(report, result)| result.xor(&report.bits).count()),
        }
    }
}

/// Answer to `evidence`.
#[cw_serde]
pub struct EvidenceResponse {
    /// The epoch.
    pub epoch: Epoch,
    /// Bits that a report has.
    pub bits: u32,
    /// Where the epoch stands.
    pub step: EpochStep,
    /// How many must agree.
    pub threshold: u32,
    /// One entry per attester.
    pub reports: Vec<ReportInfo>,
    /// What they agree on, or would if nothing changed; none without a quorum.
    pub result: Option<Binary>,
}

impl EvidenceResponse {
    /// The reports on an epoch, one place per attester of its rules, and their result.
    pub fn new(
        epoch: Epoch,
        bits: u32,
        step: EpochStep,
        rules: &EvidenceRules,
        reports: &[Option<Report>],
        result: Option<&Bitmap>,
    ) -> Self {
        let reports = rules.attesters.iter().zip(reports);
        Self {
            epoch,
            bits,
            step,
            threshold: rules.threshold,
            reports: reports
                .map(|(name, report)| ReportInfo::new(name, report.as_ref(), result))
                .collect(),
            result: result.map(Bitmap::to_binary),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use noderev_components::Policy;

    fn rules(attesters: [&str; 2]) -> EvidenceRules {
        EvidenceRules {
            attesters: attesters.map(String::from).into(),
            threshold: 2,
            report_window: 1,
            policy: Policy {
                uri: String::new(),
                hash: Binary::default(),
            },
        }
    }

    #[test]
    fn attesters_are_judged_by_the_epochs_in_which_they_attested() {
        let as_of = AsOf {
            height: 1,
            time: Timestamp::from_seconds(1),
            seq: 1,
        };
        let reported = |epoch: Epoch| {
            Ok(match epoch.0 {
                0 => (0, vec![Some(9), Some(3)]),
                1 => (1, vec![Some(2), None]),
                _ => (2, vec![Some(0), None]),
            })
        };
        let set = |epoch: Epoch| {
            let names = [["old", "a"], ["a", "b"], ["b", "a"]];
            Ok(names[epoch.0 as usize].map(String::from).to_vec())
        };
        let epochs = vec![Epoch(2), Epoch(1), Epoch(0)];
        let rules = rules(["a", "b"]);
        let answer = AttestersResponse::load(&rules, epochs, as_of, reported, set).unwrap();
        let figures = answer.attesters.iter().map(|it| {
            let figures = (it.epochs, it.reported, it.missed, it.disagreed);
            (it.attester.as_str(), figures)
        });
        let figures: Vec<_> = figures.collect();
        assert_eq!(figures, [("a", (3, 2, 1, 5)), ("b", (2, 1, 1, 0))]);
        assert_eq!(answer.threshold, 2);
    }

    #[test]
    fn attesters_of_the_same_parameters_are_asked_for_once() {
        let as_of = AsOf {
            height: 1,
            time: Timestamp::from_seconds(1),
            seq: 1,
        };
        let asked = core::cell::RefCell::new(vec![]);
        let set = |epoch: Epoch| {
            asked.borrow_mut().push(epoch.0);
            Ok(vec!["a".into(), "b".into()])
        };
        let reported = |epoch: Epoch| Ok((epoch.0 / 3, vec![Some(1), None]));
        let epochs = (0..6).rev().map(Epoch).collect();
        let answer = AttestersResponse::load(&rules(["a", "b"]), epochs, as_of, reported, set);
        let attesters = answer.unwrap().attesters;
        assert_eq!((attesters[0].reported, attesters[1].missed), (6, 6));
        assert_eq!(*asked.borrow(), [5, 2]);
    }

    #[test]
    fn reports_are_answered_beside_the_result() {
        let report = Report {
            evidence: [7; 32],
            bits: Bitmap::from_bits(4, [0, 1]),
        };
        let answer = |result: Option<&Bitmap>| {
            let (step, reports) = (EpochStep::Closed {}, [Some(report.clone()), None]);
            EvidenceResponse::new(Epoch(3), 4, step, &rules(["a", "b"]), &reports, result)
        };
        let result = Bitmap::from_bits(4, [1, 2]);
        let [first, second] = &answer(Some(&result)).reports[..] else {
            unreachable!()
        };
        assert_eq!((first.disagreed, second.disagreed), (Some(2), None));
        assert_eq!(first.bitmap, Some(report.bits.to_binary()));
        assert_eq!(second.evidence, None);
        assert_eq!(answer(None).reports[0].disagreed, None);
        assert_eq!(answer(None).result, None);
    }
}
