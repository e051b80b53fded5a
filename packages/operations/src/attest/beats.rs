//! From a log of heartbeats to who ran in an epoch.

use std::collections::{BTreeMap, BTreeSet};

use cosmwasm_std::Decimal;
use thiserror::Error;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use super::{Evidence, Finding, Window};

/// How many intervals of an epoch need a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// So many, from 1 on.
    Beats(u64),
    /// This share of all, above 0 and at most 1; rounded up.
    Share(Decimal),
}

/// Who ran: an epoch is cut into intervals from its start on, the last one may be shorter. Whoever
/// has a heartbeat in enough different intervals ran. Several in one interval count once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Length of an interval, seconds, from 1 on.
    pub every: u64,
    /// In how many intervals.
    pub needed: Needed,
}

/// Why a log gives no report.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum BeatsError {
    /// Nobody could ever run by this rule, or everybody would.
    #[error(
        "the rule asks for {needed} of {intervals} intervals of {every} s: must be 1..={intervals}"
    )]
    Rule {
        /// Intervals that need a heartbeat.
        needed: u64,
        /// Intervals of the epoch.
        intervals: u64,
        /// Seconds of an interval.
        every: u64,
    },
    /// The first line is not what it should be.
    #[error("line 1: the header must be `key,time`")]
    Header,
    /// A line is wrong.
    #[error("line {line}: {what}")]
    Line {
        /// Which, from 1 on.
        line: u64,
        /// What is wrong.
        what: String,
    },
}

impl Rule {
    /// In how many of how many intervals an epoch of so many seconds needs a heartbeat.
    pub fn intervals(&self, length: u64) -> Result<(u64, u64), BeatsError> {
        let intervals = length.checked_div(self.every).unwrap_or(0);
        let rest = length.checked_rem(self.every).unwrap_or(0);
        let intervals = intervals.saturating_add(u64::from(rest > 0));
        let needed = match self.needed {
            Needed::Beats(beats) => beats,
            Needed::Share(share) => {
                let all = cosmwasm_std::Uint128::from(intervals);
                let needed = all.checked_mul_ceil(share).map(|it| it.u128());
                needed.map_or(u64::MAX, |it| u64::try_from(it).unwrap_or(u64::MAX))
            }
        };
        match (1..=intervals).contains(&needed) {
            true => Ok((needed, intervals)),
            false => Err(BeatsError::Rule {
                needed,
                intervals,
                every: self.every,
            }),
        }
    }
}

/// Who ran in the window by this log: CSV with the columns `key` and `time`, Unix seconds or
/// RFC 3339. Lines of other times are read, but only their form counts.
pub fn ran(log: &str, rule: &Rule, window: &Window) -> Result<Finding, BeatsError> {
    let (needed, _) = rule.intervals(window.end.saturating_sub(window.start))?;
    let mut lines = (1..).zip(log.lines());
    match lines.next() {
        Some((_, "key,time")) => {}
        _ => return Err(BeatsError::Header),
    }
    let mut evidence = Evidence::default();
    let mut heard: BTreeMap<u32, BTreeSet<u64>> = BTreeMap::new();
    for (line, text) in lines {
        let wrong = |what: String| BeatsError::Line { line, what };
        let (key, at) = parse(text).map_err(wrong)?;
        if !(window.start..window.end).contains(&at) {
            continue;
        }
        if !(1..=window.highest).contains(&key) {
            let what = format!(
                "key {key}: epoch {} has 1 to {}",
                window.epoch, window.highest
            );
            return Err(BeatsError::Line { line, what });
        }
        evidence.add(text);
        let interval = at.saturating_sub(window.start).checked_div(rule.every);
        let intervals = heard.entry(key).or_default();
        intervals.insert(interval.unwrap_or(0));
    }
    let enough = |intervals: &BTreeSet<u64>| {
        u64::try_from(intervals.len()).is_ok_and(|count| count >= needed)
    };
    let ran = heard.iter().filter(|(_, intervals)| enough(intervals));
    Ok(Finding {
        ran: ran.map(|(key, _)| *key).collect(),
        rows: evidence.rows,
        evidence: evidence.hash(),
    })
}

fn parse(text: &str) -> Result<(u32, u64), String> {
    let (key, at) = text
        .split_once(',')
        .ok_or_else(|| format!("`{text}` is not `key,time`"))?;
    let key = key
        .parse()
        .map_err(|_| format!("key `{key}` is no number"))?;
    let seconds = match at.parse() {
        Ok(seconds) => Some(seconds),
        Err(_) => OffsetDateTime::parse(at, &Rfc3339)
            .ok()
            .and_then(|time| u64::try_from(time.unix_timestamp()).ok()),
    };
    let seconds = seconds
        .ok_or_else(|| format!("time `{at}` is neither Unix seconds nor RFC 3339 from 1970 on"))?;
    Ok((key, seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use noderev_components::Epoch;
    use sha2::{Digest, Sha256};

    const WINDOW: Window = Window {
        epoch: Epoch(3),
        start: 1_000,
        end: 1_100,
        highest: 4,
    };

    fn rule(every: u64, needed: Needed) -> Rule {
        Rule { every, needed }
    }

    fn who(log: &str, rule: Rule) -> Vec<u32> {
        let log = format!("key,time\n{log}");
        ran(&log, &rule, &WINDOW).unwrap().ran.into_iter().collect()
    }

    #[test]
    fn heartbeats_count_once_per_interval() {
        let two = rule(30, Needed::Beats(2));
        // 1 twice in the first interval, 2 in two, 3 in the last, which is shorter, and the first.
        let log = "1,1000\n1,1029\n2,1029\n2,1030\n3,1099\n3,1000\n";
        assert_eq!(who(log, two), [2, 3]);
        assert_eq!(who(log, rule(30, Needed::Beats(1))), [1, 2, 3]);
    }

    #[test]
    fn the_epochs_edges_belong_to_it_and_its_successor() {
        let one = rule(100, Needed::Beats(1));
        assert_eq!(who("1,999\n2,1000\n3,1099\n4,1100\n", one), [2, 3]);
        assert_eq!(
            who("1,1970-01-01T00:16:40Z\n2,1970-01-01T02:16:40+02:00", one),
            [1, 2]
        );
        assert!(who("", one).is_empty());
    }

    #[test]
    fn a_share_is_rounded_up() {
        let share = |percent| Needed::Share(Decimal::percent(percent));
        // Of four intervals of 30 s.
        assert_eq!(rule(30, share(90)).intervals(100), Ok((4, 4)));
        assert_eq!(rule(30, share(75)).intervals(100), Ok((3, 4)));
        assert_eq!(rule(30, share(1)).intervals(100), Ok((1, 4)));
        assert!(rule(30, share(0)).intervals(100).is_err());
        assert!(rule(30, share(101)).intervals(100).is_err());
        assert!(rule(30, Needed::Beats(5)).intervals(100).is_err());
        assert!(rule(30, Needed::Beats(0)).intervals(100).is_err());
        assert!(rule(0, Needed::Beats(1)).intervals(100).is_err());
    }

    #[test]
    fn what_is_wrong_is_refused_with_its_line() {
        let refusal = |log: &str| {
            let one = rule(100, Needed::Beats(1));
            ran(log, &one, &WINDOW).unwrap_err().to_string()
        };
        assert_eq!(refusal("1,1000"), "line 1: the header must be `key,time`");
        assert_eq!(
            refusal("key,time\n1,1000\n5,1000"),
            "line 3: key 5: epoch 3 has 1 to 4"
        );
        assert_eq!(
            refusal("key,time\n0,1000"),
            "line 2: key 0: epoch 3 has 1 to 4"
        );
        assert_eq!(refusal("key,time\nx,1000"), "line 2: key `x` is no number");
        assert_eq!(refusal("key,time\n\n"), "line 2: `` is not `key,time`");
        assert!(refusal("key,time\n1,noon").starts_with("line 2: time `noon` is neither"));
        // Another epoch may have more keys.
        let one = rule(100, Needed::Beats(1));
        assert!(ran("key,time\n9,2000", &one, &WINDOW).is_ok());
    }

    #[test]
    fn the_evidence_is_the_hash_of_the_epochs_lines() {
        let one = rule(100, Needed::Beats(1));
        let log = "key,time\r\n1,999\r\n2,1000\r\n3,1099\r\n4,1100\r\n";
        let found = ran(log, &one, &WINDOW).unwrap();
        let expected: [u8; 32] = Sha256::digest(b"2,1000\n3,1099\n").into();
        assert_eq!((found.evidence, found.rows), (expected, 2));
    }
}
