//! What programs that run for months need: a wish to stop, and patience.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Shortest pause after trouble.
const FIRST: Duration = Duration::from_secs(1);
/// Longest pause after trouble.
const LONGEST: Duration = Duration::from_secs(60);

/// Somebody's wish that a daemon ends. Clones share the wish.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    /// The daemon is to end, after what it is doing.
    pub fn ask(&self) {
        *self.wish() = true;
        self.0 .1.notify_all();
    }

    /// Whether it is to end.
    pub fn asked(&self) -> bool {
        *self.wish()
    }

    /// Sleeps so long, or until the daemon is to end.
    pub fn sleep(&self, time: Duration) {
        let wish = self.wish();
        let slept = self.0 .1.wait_timeout_while(wish, time, |asked| !*asked);
        drop(slept);
    }

    fn wish(&self) -> MutexGuard<'_, bool> {
        self.0 .0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Pauses after trouble: 1 s, twice as long each time, at most 60 s.
#[derive(Clone, Copy, Debug)]
pub struct Backoff {
    next: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { next: FIRST }
    }
}

impl Backoff {
    /// How long to wait now.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(LONGEST);
        pause
    }

    /// It went well: the next trouble begins with a short pause.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::thread;
    use std::time::Instant;

    #[test]
    fn pauses_double_up_to_a_minute_and_begin_anew() {
        let mut backoff = Backoff::default();
        let pauses: Vec<u64> = (0..8).map(|_| backoff.pause().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
        backoff.reset();
        assert_eq!(backoff.pause().as_secs(), 1);
    }

    #[test]
    fn whoever_sleeps_is_woken_to_end() {
        let stop = Stop::default();
        let begun = Instant::now();
        stop.sleep(Duration::from_millis(5));
        assert!(!stop.asked());
        let sleeper = thread::spawn({
            let stop = stop.clone();
            move || stop.sleep(Duration::from_secs(60))
        });
        stop.ask();
        sleeper.join().unwrap();
        assert!(stop.asked() && begun.elapsed() < Duration::from_secs(30));
    }
}
