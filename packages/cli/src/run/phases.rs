//! How long things take, and how much memory.

use std::fs;
use std::time::{Duration, Instant};

use crate::results::Phase;

/// Time spent per part of the run, in order of first use.
#[derive(Default)]
pub(super) struct Phases(Vec<(&'static str, Duration)>);

impl Phases {
    /// Adds to a part.
    pub fn add(&mut self, name: &'static str, time: Duration) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum = sum.saturating_add(time),
            None => self.0.push((name, time)),
        }
    }

    /// Does a part and adds the time it takes.
    pub fn time<T>(&mut self, name: &'static str, part: impl FnOnce() -> T) -> T {
        let begun = Instant::now();
        let done = part();
        self.add(name, begun.elapsed());
        done
    }

    /// The parts in seconds.
    pub fn list(&self) -> Vec<Phase> {
        let phase = |(name, time): &(&str, Duration)| Phase {
            name: (*name).to_owned(),
            seconds: time.as_secs_f64(),
        };
        self.0.iter().map(phase).collect()
    }
}

/// Largest resident memory of this process in bytes, where the system tells.
pub(super) fn peak_memory() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1_024)
}
