//! Evidence by epoch: who attests and by which rules, reports of open epochs, and which epochs are
//! closed.
//!
//! Epochs are closed in order, each by the rules that were in force in it. What the bits of a report
//! stand for, and what a close does, is the contract's.

use cosmwasm_schema::cw_serde;
use cosmwasm_std::{Addr, Api, Binary, Response, StdError, Storage, Timestamp};
use thiserror::Error;

use crate::bitmap::{Bitmap, BitmapError};
use crate::bounds::{ensure_text, ensure_within, OutOfBounds};
use crate::epoch::{Epoch, EpochClock};
use crate::events::EventLog;
use crate::fault::StdResult;
use crate::packed_struct;
use crate::quorum::{check_set, QuorumError, Report, Reports, Step, Timing, MAX_ATTESTERS};
use crate::raw::{key, write_packed, RawRead};

/// Longest window for reports: 7 days.
const MAX_REPORT_WINDOW: u64 = 7 * 86_400;
/// Bytes of a SHA-256.
const HASH_BYTES: u128 = 32;

/// Why evidence, a report or a close is refused.
#[derive(Error, Debug, PartialEq)]
pub enum EvidenceError {
    /// Storage failed, or an address is none.
    #[error(transparent)]
    Std(#[from] StdError),
    /// The set of attesters is refused, or they have all reported.
    #[error(transparent)]
    Quorum(#[from] QuorumError),
    /// The bitmap is refused.
    #[error(transparent)]
    Bitmap(#[from] BitmapError),
    /// A rule or the hash of a report is out of its bounds.
    #[error(transparent)]
    Bounds(#[from] OutOfBounds),
    /// Both windows together are no shorter than an epoch.
    #[error(
        "report_window {report} s + appeal_window {appeal} s must be shorter than an epoch of \
         {epoch} s, or closing could never catch up"
    )]
    Windows {
        /// Seconds for reporting.
        report: u64,
        /// Seconds for appeals.
        appeal: u64,
        /// Seconds of an epoch.
        epoch: u64,
    },
    /// The sender does not attest in this epoch.
    #[error("{sender} is not an attester of epoch {epoch}")]
    NotAttester {
        /// Who reported.
        sender: Addr,
        /// The epoch.
        epoch: Epoch,
    },
    /// The epoch runs or is to come.
    #[error("epoch {epoch} has not ended: it ends at {ends} (Unix seconds)")]
    NotEnded {
        /// The epoch.
        epoch: Epoch,
        /// When it ends.
        ends: u64,
    },
    /// The epoch is closed.
    #[error("epoch {epoch} is closed")]
    AlreadyClosed {
        /// The epoch.
        epoch: Epoch,
    },
    /// The time for reports is over, or all have reported.
    #[error("the result of epoch {epoch} is fixed: reports are no longer taken")]
    ResultFixed {
        /// The epoch.
        epoch: Epoch,
    },
    /// Another epoch is the oldest that is not closed.
    #[error("epoch {next} must be closed next, not {epoch}")]
    NotNext {
        /// The epoch asked for.
        epoch: Epoch,
        /// The oldest that is not closed.
        next: Epoch,
    },
    /// The epoch cannot be closed yet.
    #[error("epoch {epoch} is not due: {why}")]
    NotDue {
        /// The epoch.
        epoch: Epoch,
        /// What it waits for.
        why: String,
    },
}

/// A document that says what attesters attest.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// Where it is; at most 256 bytes.
    pub uri: String,
    /// Its SHA-256, 32 bytes.
    pub hash: Binary,
}

/// Who reports on an epoch, and how their reports become a result.
#[cw_serde]
#[serde(deny_unknown_fields)]
pub struct EvidenceRules {
    /// Who reports, 1 ..= 15 different accounts.
    pub attesters: Vec<String>,
    /// How many of them must agree: more than half, at most all.
    pub threshold: u32,
    /// Seconds for reporting, 1 ..= 604,800 (7 days). Together with the window for appeals, if there
    /// is one, shorter than an epoch, so that closing catches up after an outage.
    pub report_window: u64,
    /// What the attesters attest.
    pub policy: Policy,
}

impl EvidenceRules {
    /// The hard bounds. `appeal_window`: seconds after the reports in which the result can be
    /// disputed.
    pub fn check(
        &self,
        api: &dyn Api,
        clock: &EpochClock,
        appeal_window: u64,
    ) -> Result<(), EvidenceError> {
        let (report, hash) = (self.report_window, self.policy.hash.len() as u128);
        ensure_within("report_window", report.into(), 1, MAX_REPORT_WINDOW.into())?;
        ensure_text("policy uri length", &self.policy.uri)?;
        ensure_within("policy hash length", hash, HASH_BYTES, HASH_BYTES)?;
        if report.saturating_add(appeal_window) >= clock.length {
            let (appeal, epoch) = (appeal_window, clock.length);
            return Err(EvidenceError::Windows {
                report,
                appeal,
                epoch,
            });
        }
        let count = self.attesters.len() as u128;
        ensure_within("number of attesters", count, 1, MAX_ATTESTERS as u128)?;
        let attesters = self.attesters.iter().map(|name| api.addr_validate(name));
        let attesters = attesters.collect::<Result<Vec<_>, StdError>>()?;
        Ok(check_set(&attesters, self.threshold)?)
    }

    /// All rules as attributes of an event.
    pub fn describe(&self) -> Vec<(&'static str, String)> {
        vec![
            ("attesters", self.attesters.join(",")),
            ("threshold", self.threshold.to_string()),
            ("report_window", self.report_window.to_string()),
            ("policy_uri", self.policy.uri.clone()),
            ("policy_hash", self.policy.hash.to_base64()),
        ]
    }

    /// Number of attesters.
    pub fn count(&self) -> u8 {
        u8::try_from(self.attesters.len()).unwrap_or(u8::MAX)
    }

    /// The attester's place among them; none for anybody else.
    fn place_of(&self, sender: &Addr) -> Option<u8> {
        let mut attesters = self.attesters.iter();
        let place = attesters.position(|attester| attester == sender.as_str())?;
        u8::try_from(place).ok()
    }
}

/// How far the epochs are closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The oldest epoch that is not closed.
    pub next: Epoch,
    /// When the one before was closed (Unix seconds); at the beginning the start of `next`.
    pub closed_at: u64,
}
packed_struct!(Progress { next, closed_at });

impl Progress {
    /// A page of closed epochs, newest first: those before `start_after`, down to `first`, with
    /// which closing began.
    pub fn closed(&self, first: Epoch, start_after: Option<Epoch>, limit: usize) -> Vec<Epoch> {
        let end = start_after.map_or(self.next, |after| after.min(self.next));
        (first.0..end.0).rev().take(limit).map(Epoch).collect()
    }
}

/// What is known about an epoch that is not closed.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenEpoch {
    /// The epoch.
    pub epoch: Epoch,
    /// The rules in force in it.
    pub rules: EvidenceRules,
    /// Seconds in which the result can be disputed.
    pub appeal_window: u64,
    /// Where it stands.
    pub step: Step,
}

impl OpenEpoch {
    /// Refuses to close an epoch that is not due.
    pub fn ensure_due(self, clock: &EpochClock) -> Result<Self, EvidenceError> {
        let until = |until: u64| format!("until {until} (Unix seconds)");
        let why = match self.step {
            Step::Due { .. } => return Ok(self),
            Step::Open => format!("it runs {}", until(clock.end_of(self.epoch))),
            Step::Reporting { until: end } => {
                format!("attesters report {}", end.map(until).unwrap_or_default())
            }
            Step::Appeals { until: end } => format!("the result can be disputed {}", until(end)),
        };
        let epoch = self.epoch;
        Err(EvidenceError::NotDue { epoch, why })
    }

    /// Refuses reports before the epoch's end and after its result is fixed.
    fn ensure_reporting(&self, clock: &EpochClock) -> Result<(), EvidenceError> {
        let epoch = self.epoch;
        match self.step {
            Step::Open => {
                let ends = clock.end_of(epoch);
                Err(EvidenceError::NotEnded { epoch, ends })
            }
            Step::Reporting { .. } => Ok(()),
            Step::Appeals { .. } | Step::Due { .. } => Err(EvidenceError::ResultFixed { epoch }),
        }
    }
}

/// A report as an attester sends it.
#[derive(Clone, Copy, Debug)]
pub struct Submission<'a> {
    /// Who reports.
    pub sender: &'a Addr,
    /// Number of bits that a report on this epoch has.
    pub bits: u32,
    /// One bit per key or validator.
    pub bitmap: &'a Binary,
    /// Hash of the evidence, 32 bytes.
    pub evidence: &'a Binary,
}

impl Submission<'_> {
    /// The report, if bitmap and hash have their lengths.
    fn parse(&self) -> Result<Report, EvidenceError> {
        let length = self.evidence.len() as u128;
        ensure_within("evidence length", length, HASH_BYTES, HASH_BYTES)?;
        Ok(Report {
            evidence: self.evidence.to_array()?,
            bits: Bitmap::checked(self.bits, self.bitmap)?,
        })
    }
}

/// The evidence of all epochs, and which of them are closed.
pub struct Evidence {
    progress: u8,
    reports: Reports,
}

impl Evidence {
    /// Three namespace bytes: how far epochs are closed, reports, and who has reported.
    pub const fn new(progress: u8, report: u8, reporters: u8) -> Self {
        Self {
            progress,
            reports: Reports::new(report, reporters),
        }
    }

    /// How far the epochs are closed; an error before [`begin`](Self::begin).
    pub fn progress(&self, store: &impl RawRead) -> StdResult<Progress> {
        store.require_packed(&self.progress_key(), "progress")
    }

    /// Closing begins with epoch `first`; those before are nobody's.
    pub fn begin(&self, storage: &mut dyn Storage, clock: &EpochClock, first: Epoch) {
        let progress = Progress {
            next: first,
            closed_at: clock.start_of(first),
        };
        write_packed(storage, &self.progress_key(), &progress);
    }

    /// Marks an epoch as closed. The caller has made sure that it is the next one and due.
    pub fn close(&self, storage: &mut dyn Storage, epoch: Epoch, now: Timestamp) {
        let progress = Progress {
            next: epoch.next(),
            closed_at: now.seconds(),
        };
        write_packed(storage, &self.progress_key(), &progress);
    }

    /// Where an epoch stands by the rules in force in it. Refuses a closed epoch.
    pub fn open(
        &self,
        store: &impl RawRead,
        clock: &EpochClock,
        now: Timestamp,
        epoch: Epoch,
        rules: EvidenceRules,
        appeal_window: u64,
    ) -> Result<OpenEpoch, EvidenceError> {
        let progress = self.progress(store)?;
        if epoch < progress.next {
            return Err(EvidenceError::AlreadyClosed { epoch });
        }
        let reporters = self.reports.reporters(store, epoch)?;
        let timing = Timing {
            ends: clock.end_of(epoch),
            predecessor_closed: (epoch == progress.next).then_some(progress.closed_at),
            completed_at: reporters.completed_at,
            quorum: reporters.count() >= rules.threshold,
            report_window: rules.report_window,
            appeal_window,
        };
        let step = timing.step(now.seconds());
        Ok(OpenEpoch {
            epoch,
            rules,
            appeal_window,
            step,
        })
    }

    /// Refuses every epoch but the oldest that is not closed.
    pub fn ensure_next(&self, store: &impl RawRead, epoch: Epoch) -> Result<(), EvidenceError> {
        let next = self.progress(store)?.next;
        match epoch == next {
            true => Ok(()),
            false => Err(EvidenceError::NotNext { epoch, next }),
        }
    }

    /// The reports on an epoch, one place per attester of its rules; closed epochs keep theirs.
    pub fn reports(
        &self,
        store: &impl RawRead,
        epoch: Epoch,
        rules: &EvidenceRules,
    ) -> StdResult<Vec<Option<Report>>> {
        self.reports.all(store, epoch, rules.count())
    }

    /// Records an attester's report, replacing his earlier one, and announces it.
    pub fn report(
        &self,
        storage: &mut dyn Storage,
        events: &EventLog,
        clock: &EpochClock,
        now: Timestamp,
        open: &OpenEpoch,
        sent: Submission<'_>,
    ) -> Result<Response, EvidenceError> {
        let epoch = open.epoch;
        let attester = open.rules.place_of(sent.sender);
        let attester = attester.ok_or_else(|| EvidenceError::NotAttester {
            sender: sent.sender.clone(),
            epoch,
        })?;
        open.ensure_reporting(clock)?;
        let (report, count, now) = (sent.parse()?, open.rules.count(), now.seconds());
        let reporters = self
            .reports
            .record(storage, epoch, attester, count, &report, now)?;
        let event = events
            .emit(storage, "reported", epoch)?
            .add_attribute("attester", sent.sender)
            .add_attribute("bitmap", sent.bitmap.to_base64())
            .add_attribute("evidence", sent.evidence.to_base64())
            .add_attribute("complete", reporters.completed_at.is_some().to_string());
        Ok(Response::new()
            .add_attribute("action", "report")
            .add_event(event))
    }

    fn progress_key(&self) -> Vec<u8> {
        key(self.progress, &[])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::packed::Packed;
    use crate::raw::Local;
    use cosmwasm_std::testing::{MockApi, MockStorage};

    const EVIDENCE: Evidence = Evidence::new(0x80, 0x81, 0x82);
    const EVENTS: EventLog = EventLog::new(0x83, "test");
    const CLOCK: EpochClock = EpochClock {
        start: 1_000,
        length: 100,
    };

    fn name(who: &str) -> Addr {
        MockApi::default().addr_make(who)
    }

    fn rules() -> EvidenceRules {
        EvidenceRules {
            attesters: ["a", "b", "c"].map(|who| name(who).into_string()).into(),
            threshold: 2,
            report_window: 20,
            policy: Policy {
                uri: "https://example.org/policy".into(),
                hash: vec![1; 32].into(),
            },
        }
    }

    fn check(rules: &EvidenceRules, appeal_window: u64) -> Result<(), EvidenceError> {
        rules.check(&MockApi::default(), &CLOCK, appeal_window)
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds)
    }

    fn open(storage: &MockStorage, epoch: u32, now: u64) -> Result<OpenEpoch, EvidenceError> {
        EVIDENCE.open(&Local(storage), &CLOCK, at(now), Epoch(epoch), rules(), 10)
    }

    /// A report of `who` on epoch 0 over 4 bits.
    fn send(
        storage: &mut MockStorage,
        who: &str,
        now: u64,
        bitmap: Vec<u8>,
        evidence: Vec<u8>,
    ) -> Result<Response, EvidenceError> {
        let open = open(storage, 0, now)?;
        let sent = Submission {
            sender: &name(who),
            bits: 4,
            bitmap: &bitmap.into(),
            evidence: &evidence.into(),
        };
        EVIDENCE.report(storage, &EVENTS, &CLOCK, at(now), &open, sent)
    }

    fn begun() -> MockStorage {
        let mut storage = MockStorage::new();
        EVIDENCE.begin(&mut storage, &CLOCK, Epoch(0));
        storage
    }

    #[test]
    fn rules_are_checked_against_hard_bounds() {
        assert_eq!(check(&rules(), 79), Ok(()));
        type Change = fn(&mut EvidenceRules);
        let refused: [(Change, &str); 9] = [
            (
                |rules| rules.report_window = 0,
                "report_window is 0: must be 1..=604800",
            ),
            (
                |rules| rules.report_window = 604_801,
                "report_window is 604801: must be 1..=604800",
            ),
            (
                |rules| rules.policy.uri = String::new(),
                "policy uri length is 0: must be 1..=256",
            ),
            (
                |rules| rules.policy.hash = vec![1; 31].into(),
                "policy hash length is 31: must be 32..=32",
            ),
            (
                |rules| rules.report_window = 90,
                "report_window 90 s + appeal_window 10 s must be shorter than an epoch of 100 s, \
                 or closing could never catch up",
            ),
            (
                |rules| rules.attesters.clear(),
                "number of attesters is 0: must be 1..=15",
            ),
            (
                |rules| rules.attesters = vec!["a".into(); 16],
                "number of attesters is 16: must be 1..=15",
            ),
            (
                |rules| rules.threshold = 1,
                "3 attesters with threshold 1: 1..=15 different ones, and more than half but not \
                 more than all must agree",
            ),
            (
                |rules| rules.attesters[1] = rules.attesters[0].clone(),
                "3 attesters with threshold 2: 1..=15 different ones, and more than half but not \
                 more than all must agree",
            ),
        ];
        for (change, why) in refused {
            let mut rules = rules();
            change(&mut rules);
            assert_eq!(check(&rules, 10).unwrap_err().to_string(), why);
        }
        let mut rules = rules();
        rules.attesters[2] = "nobody".into();
        assert!(matches!(check(&rules, 10), Err(EvidenceError::Std(_))));
    }

    #[test]
    fn progress_begins_with_the_first_epoch_and_its_bytes_are_frozen() {
        let mut storage = MockStorage::new();
        assert!(EVIDENCE.progress(&Local(&storage)).is_err());
        EVIDENCE.begin(&mut storage, &CLOCK, Epoch(3));
        let begun = Progress {
            next: Epoch(3),
            closed_at: 1_300,
        };
        assert_eq!(EVIDENCE.progress(&Local(&storage)), Ok(begun));
        EVIDENCE.close(&mut storage, Epoch(3), at(1_450));
        let closed = EVIDENCE.progress(&Local(&storage)).unwrap();
        assert_eq!((closed.next, closed.closed_at), (Epoch(4), 1_450));
        let bytes = [0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 5, 170];
        assert_eq!(closed.to_packed(), bytes);
        assert_eq!(storage.get(&[0x80]), Some(bytes.to_vec()));
    }

    #[test]
    fn closed_epochs_page_from_the_newest_to_the_first() {
        let progress = Progress {
            next: Epoch(6),
            closed_at: 0,
        };
        let page = |start_after, limit| progress.closed(Epoch(2), start_after, limit);
        assert_eq!(page(None, 9), [5, 4, 3, 2].map(Epoch));
        assert_eq!(page(None, 2), [5, 4].map(Epoch));
        assert_eq!(page(Some(Epoch(4)), 9), [3, 2].map(Epoch));
        assert_eq!(page(Some(Epoch(9)), 1), [Epoch(5)]);
        assert!(page(Some(Epoch(1)), 9).is_empty());
    }

    #[test]
    fn epochs_are_closed_in_order_and_when_due() {
        let mut storage = begun();
        let error = EVIDENCE.ensure_next(&Local(&storage), Epoch(1));
        assert_eq!(
            error.unwrap_err().to_string(),
            "epoch 0 must be closed next, not 1"
        );
        let due = |storage: &MockStorage, now| open(storage, 0, now).unwrap().ensure_due(&CLOCK);
        let waits = [
            (1_099, "it runs until 1100 (Unix seconds)"),
            (1_100, "attesters report until 1120 (Unix seconds)"),
        ];
        for (now, why) in waits {
            let error = due(&storage, now).unwrap_err();
            assert_eq!(error.to_string(), format!("epoch 0 is not due: {why}"));
        }
        send(&mut storage, "a", 1_100, vec![1], vec![7; 32]).unwrap();
        send(&mut storage, "b", 1_101, vec![3], vec![7; 32]).unwrap();
        assert_eq!(
            due(&storage, 1_120).unwrap_err().to_string(),
            "epoch 0 is not due: the result can be disputed until 1130 (Unix seconds)"
        );
        assert!(due(&storage, 1_130).is_ok());
        EVIDENCE.close(&mut storage, Epoch(0), at(1_130));
        assert_eq!(EVIDENCE.ensure_next(&Local(&storage), Epoch(1)), Ok(()));
        assert_eq!(
            open(&storage, 0, 1_130).unwrap_err().to_string(),
            "epoch 0 is closed"
        );
        // Reports stay readable.
        let reports = EVIDENCE.reports(&Local(&storage), Epoch(0), &rules());
        assert_eq!(reports.unwrap().iter().flatten().count(), 2);
    }

    #[test]
    fn only_attesters_report_in_time_and_in_the_right_shape() {
        let mut storage = begun();
        let ok = |bitmap: u8| (vec![bitmap], vec![7; 32]);
        let mut refused = |who: &str, now, (bitmap, evidence), why: &str| {
            let before = EVIDENCE.reports(&Local(&storage), Epoch(0), &rules());
            let error = send(&mut storage, who, now, bitmap, evidence).unwrap_err();
            assert_eq!(error.to_string(), why);
            let after = EVIDENCE.reports(&Local(&storage), Epoch(0), &rules());
            assert_eq!(before, after);
        };
        let stranger = format!("{} is not an attester of epoch 0", name("d"));
        refused("d", 1_100, ok(1), &stranger);
        refused(
            "a",
            1_099,
            ok(1),
            "epoch 0 has not ended: it ends at 1100 (Unix seconds)",
        );
        refused(
            "a",
            1_120,
            ok(1),
            "the result of epoch 0 is fixed: reports are no longer taken",
        );
        refused(
            "a",
            1_100,
            (vec![1, 0], vec![7; 32]),
            "bitmap has 2 bytes, 1 are needed for 4 bits",
        );
        refused("a", 1_100, ok(16), "bitmap sets a bit beyond the last of 4");
        refused(
            "a",
            1_100,
            (vec![1], vec![7; 31]),
            "evidence length is 31: must be 32..=32",
        );
    }

    #[test]
    fn a_report_is_announced_and_the_last_one_fixes_the_result() {
        let mut storage = begun();
        let mut complete = |who: &str| {
            let response = send(&mut storage, who, 1_105, vec![5], vec![7; 32]).unwrap();
            let [event] = response.events.as_slice() else {
                unreachable!()
            };
            assert_eq!(event.ty, "test_reported");
            let value = |key: &str| {
                let found = event.attributes.iter().find(|it| it.key == key);
                found.map(|it| it.value.clone()).unwrap_or_default()
            };
            assert_eq!(value("attester"), name(who).to_string());
            assert_eq!(value("bitmap"), Binary::from([5]).to_base64());
            assert_eq!(value("evidence"), Binary::from([7; 32]).to_base64());
            value("complete")
        };
        assert_eq!(
            ["a", "b", "c"].map(&mut complete),
            ["false", "false", "true"]
        );
        let error = send(&mut storage, "a", 1_106, vec![1], vec![7; 32]);
        assert_eq!(error, Err(EvidenceError::ResultFixed { epoch: Epoch(0) }));
    }
}
