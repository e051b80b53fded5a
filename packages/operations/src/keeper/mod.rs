//! The keeper: does what contracts say anybody may do, when it is due.
//!
//! It remembers nothing: what is due stands on chain, so it can be stopped at any moment and
//! started again. Each action names the epoch that it closes, so that what somebody else has done
//! is refused, not done twice.

mod look;
mod metrics;
mod serve;
mod task;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use cosmwasm_std::{Checksum, Timestamp};
use noderev_chain::{ChainError, Outcome, Result, Signer};

use crate::daemon::{Backoff, Stop};
use crate::{Contract, Contracts};

pub use look::{due, due_of, figures, Closing, Due, Figures};
pub use metrics::{Ending, Metrics};
pub use serve::serve;
pub use task::{Action, Task, UnknownAction};

/// Shortest sleep: what comes next is due with a block that is not there yet.
const SHORTEST: Duration = Duration::from_millis(500);
/// Each keeper acts at a moment of its own within this time, again and again.
const ROUND: Duration = Duration::from_secs(2);
/// How long an action rests that was refused in a block, which costs a fee.
const REST: Duration = Duration::from_secs(600);
/// How often an action is looked for again that somebody else has sent and that is in no block yet:
/// up to some 25 seconds, because what lies there may never get into one.
const WAITS: u32 = 10;
/// Most actions between two sleeps, whatever contracts say is due.
const MOST: u32 = 10_000;

/// How a keeper works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Longest time between two looks at the chain.
    pub interval: Duration,
    /// Leaves what is due to others for so long, seconds. 0 for the only keeper or the first; a few
    /// blocks more for each other one, so that they do not pay for the same action.
    pub wait: u64,
    /// Accounts whose keys are settled after each close.
    pub settle: Vec<String>,
    /// Whether the treasury is paid the market's fees, however small they are.
    pub claim_fees: bool,
}

impl Settings {
    /// Whether the keeper does this when it is due.
    fn takes(&self, action: &Action) -> bool {
        self.claim_fees || *action != Action::ClaimFees
    }
}

/// What a keeper tells as it goes.
#[derive(Debug)]
pub enum Event<'a> {
    /// An action is in a block.
    Done(&'a Task, &'a Outcome),
    /// Somebody else has sent it; it waits for a block.
    Waiting(&'a Task),
    /// Somebody else was faster: there is nothing to do.
    Lost(&'a Task, &'a ChainError),
    /// An action was refused and is still due; it is tried again at the next look, or after this
    /// pause if being refused has cost a fee.
    Failed(&'a Task, &'a ChainError, Option<Duration>),
    /// Something is due that this program does not know.
    Unknown(&'a UnknownAction),
    /// The chain could not be asked, or a transaction got lost; the next try is after this pause.
    Trouble(&'a ChainError, Duration),
    /// It does nothing until something is due, or until it looks again.
    Sleeps(Duration),
}

/// What came of doing what was due.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Actions done.
    pub done: u32,
    /// Actions that somebody else did.
    pub lost: u32,
    /// Actions that were refused and are still due.
    pub failed: u32,
    /// Actions that this program does not know.
    pub unknown: u32,
}

/// What follows when all is done.
struct Rest {
    /// How long to sleep.
    pause: Duration,
    /// Whether something is due that others may do first.
    waits: bool,
}

/// A keeper.
pub struct Keeper<'a> {
    contracts: &'a Contracts,
    signer: &'a mut Signer,
    settings: Settings,
    metrics: Arc<Metrics>,
    stop: Stop,
    tell: &'a mut dyn FnMut(Event<'_>),
    /// When actions without a time of their own were first seen, for `wait`.
    seen: BTreeMap<(Contract, Action), Timestamp>,
    resting: Resting,
    /// When within each [`ROUND`] of the clock it does what only one can do, so that the second one
    /// sees what the first has sent.
    moment: Duration,
}

impl<'a> Keeper<'a> {
    /// A keeper that sends by this account.
    pub fn new(
        contracts: &'a Contracts,
        signer: &'a mut Signer,
        settings: Settings,
        metrics: Arc<Metrics>,
        stop: Stop,
        tell: &'a mut dyn FnMut(Event<'_>),
    ) -> Self {
        let moment = moment(signer.address());
        Self {
            contracts,
            signer,
            moment,
            settings,
            metrics,
            stop,
            tell,
            seen: BTreeMap::new(),
            resting: Resting::default(),
        }
    }

    /// Works until it is asked to stop. The chain may be away as long as it likes.
    pub fn run(&mut self) {
        let mut backoff = Backoff::default();
        while !self.stop.asked() {
            let mut tally = Tally::default();
            let pause = match self.pass(&mut tally) {
                Ok(rest) => {
                    backoff.reset();
                    (self.tell)(Event::Sleeps(rest.pause));
                    rest.pause
                }
                Err(error) => self.trouble(&error, &mut backoff),
            };
            self.stop.sleep(pause);
        }
    }

    /// Does what is due and ends, or tells what it did until the chain failed.
    pub fn once(&mut self) -> (Tally, Result<()>) {
        let mut tally = Tally::default();
        let result = loop {
            match self.pass(&mut tally) {
                Err(error) => {
                    self.metrics.failed(&error.to_string());
                    break Err(error);
                }
                // Others have their time first; then it is this one's turn.
                Ok(rest) if rest.waits && !self.stop.asked() => self.stop.sleep(rest.pause),
                Ok(_) => break Ok(()),
            }
        };
        (tally, result)
    }

    fn trouble(&mut self, error: &ChainError, backoff: &mut Backoff) -> Duration {
        self.metrics.failed(&error.to_string());
        let pause = backoff.pause();
        (self.tell)(Event::Trouble(error, pause));
        pause
    }

    /// Does what is due until nothing is.
    fn pass(&mut self, tally: &mut Tally) -> Result<Rest> {
        let mut given_up = Vec::new();
        let mut waits = BTreeMap::new();
        let mut is_moment = false;
        self.show()?;
        for round in 0..MOST {
            let due = self.look(tally, round == 0)?;
            let tasks = due.tasks.iter();
            let open: Vec<&Task> = tasks
                .filter(|task| !given_up.contains(&task.action))
                .filter(|task| !self.resting.contains(&task.action, Instant::now()))
                .collect();
            let mut turns = open.iter().filter(|task| self.is_turn(task, due.now));
            let Some(task) = turns.next().filter(|_| !self.stop.asked()) else {
                self.show()?;
                return Ok(Rest {
                    pause: self.pause(&due),
                    waits: !open.is_empty(),
                });
            };
            // Somebody else may have done it by then: another look.
            if task.action.epoch().is_some() && !is_moment {
                is_moment = true;
                self.stop.sleep(until(self.moment, clock()));
                continue;
            }
            is_moment = false;
            let waited: &mut u32 = waits.entry(task.action.clone()).or_default();
            let Some(ending) = self.attempt(task, *waited < WAITS)? else {
                if *waited == 0 {
                    (self.tell)(Event::Waiting(task));
                }
                *waited = waited.saturating_add(1);
                self.stop.sleep(SHORTEST);
                continue;
            };
            match ending {
                Ending::Done => {
                    tally.done = tally.done.saturating_add(1);
                    // Whoever says that it is due all the same is not paid for again at once.
                    if !task.action.goes_on() {
                        given_up.push(task.action.clone());
                    }
                }
                Ending::Lost => tally.lost = tally.lost.saturating_add(1),
                Ending::Failed => {
                    tally.failed = tally.failed.saturating_add(1);
                    given_up.push(task.action.clone());
                }
            }
        }
        Ok(Rest {
            pause: SHORTEST,
            waits: false,
        })
    }

    fn look(&mut self, tally: &mut Tally, tell_unknown: bool) -> Result<Due> {
        let mut due = due(self.contracts, &self.settings.settle)?;
        self.metrics.saw();
        self.metrics.due(&due);
        due.tasks.retain(|task| self.settings.takes(&task.action));
        tally.unknown = u32::try_from(due.unknown.len()).unwrap_or(u32::MAX);
        if tell_unknown {
            due.unknown
                .iter()
                .for_each(|unknown| (self.tell)(Event::Unknown(unknown)));
        }
        self.remember(&due);
        Ok(due)
    }

    /// When each action that waits for its turn was first due.
    fn remember(&mut self, due: &Due) {
        if self.settings.wait == 0 {
            return;
        }
        let old = core::mem::take(&mut self.seen);
        for task in &due.tasks {
            let key = (task.place, task.action.clone());
            let since = old.get(&key).copied().unwrap_or(task.since);
            self.seen.insert(key, since.min(task.since));
        }
    }

    /// Whether others have had their time.
    fn is_turn(&self, task: &Task, now: Timestamp) -> bool {
        let since = self.seen.get(&(task.place, task.action.clone()));
        let since = since.unwrap_or(&task.since).seconds();
        since.saturating_add(self.settings.wait) <= now.seconds()
    }

    /// Until something comes or is this keeper's turn, at most the interval.
    fn pause(&self, due: &Due) -> Duration {
        let mut pause = self.settings.interval;
        if let Some(seconds) = due.seconds_to_next() {
            pause = pause.min(Duration::from_secs(seconds));
        }
        for since in self.seen.values() {
            let turn = since.seconds().saturating_add(self.settings.wait);
            // Turns that have come were taken, or given up for now.
            if let Some(left) = turn.checked_sub(due.now.seconds()).filter(|left| *left > 0) {
                pause = pause.min(Duration::from_secs(left));
            }
        }
        pause.max(SHORTEST)
    }

    fn show(&self) -> Result<()> {
        let figures = figures(self.contracts, self.signer.address())?;
        let network = self.contracts.client().network();
        self.metrics.figures(&figures, network);
        Ok(())
    }

    /// Tries one action; none, if it is `polite`, where somebody else's waits for a block. Errors: the
    /// chain could not be asked, or the transaction got lost; the next look tells whether it was done.
    fn attempt(&mut self, task: &Task, polite: bool) -> Result<Option<Ending>> {
        let ending = match self.send(task, polite) {
            Ok(None) => return Ok(None),
            Ok(Some(outcome)) => {
                (self.tell)(Event::Done(task, &outcome));
                Ending::Done
            }
            Err(error) if error.is_refusal() => {
                if self.still_due(task)? {
                    let pause = in_a_block(&error).then_some(REST);
                    if pause.is_some() {
                        self.resting.add(&task.action, Instant::now());
                    }
                    (self.tell)(Event::Failed(task, &error, pause));
                    Ending::Failed
                } else {
                    (self.tell)(Event::Lost(task, &error));
                    Ending::Lost
                }
            }
            Err(error) => return Err(error),
        };
        self.metrics.ended(task.place, task.action.name(), ending);
        Ok(Some(ending))
    }

    /// Simulates, sends once, waits for the block; none and nothing sent if it is `polite` and somebody
    /// has sent the same. What is not sent or gets lost is not sent again without another look at what
    /// is due.
    fn send(&mut self, task: &Task, polite: bool) -> Result<Option<Outcome>> {
        let disputed = match task.action {
            Action::Resolve(epoch) => look::disputed(self.contracts, epoch)?,
            _ => Vec::new(),
        };
        let message = task.action.message(self.contracts, disputed)?;
        let mut client = self.contracts.client().clone();
        client.ask_price()?;
        // Whoever sends what somebody else has sent pays for being refused. What was in a block before
        // the simulation is refused by it; what has come since is seen after it.
        let is_waiting = || Ok(polite && client.is_waiting(&message)?);
        if is_waiting()? {
            return Ok(None);
        }
        let unsigned = self
            .signer
            .estimate(&client, std::slice::from_ref(&message))?;
        if is_waiting()? {
            return Ok(None);
        }
        let result = self.signer.post(&client, &unsigned)?.wait(&client);
        if result.as_ref().err().is_none_or(in_a_block) {
            self.metrics.paid(client.network().fee(unsigned.gas));
        }
        if let Ok(outcome) = &result {
            self.metrics.used(outcome.gas_used);
        }
        result.map(Some)
    }

    fn still_due(&self, task: &Task) -> Result<bool> {
        let due = due(self.contracts, &self.settings.settle)?;
        let same = |other: &Task| other.place == task.place && other.action == task.action;
        Ok(due.tasks.iter().any(same))
    }
}

/// Actions that were refused in a block, and when.
#[derive(Debug, Default)]
struct Resting(BTreeMap<Action, Instant>);

impl Resting {
    fn add(&mut self, action: &Action, now: Instant) {
        self.0
            .retain(|_, since| now.saturating_duration_since(*since) < REST);
        self.0.insert(action.clone(), now);
    }

    fn contains(&self, action: &Action, now: Instant) -> bool {
        let since = self.0.get(action);
        since.is_some_and(|since| now.saturating_duration_since(*since) < REST)
    }
}

/// Whether a refused transaction is in a block, and has paid its fee.
const fn in_a_block(error: &ChainError) -> bool {
    matches!(
        error,
        ChainError::Refused { hash: Some(_), .. } | ChainError::OutOfGas { .. }
    )
}

/// An account's moment within a [`ROUND`].
fn moment(address: &str) -> Duration {
    let hash = Checksum::generate(address.as_bytes());
    let [first, second] = [0, 1].map(|at| hash.as_slice().get(at).copied().unwrap_or(0));
    let share = u32::from(u16::from_be_bytes([first, second]));
    ROUND
        .saturating_mul(share)
        .checked_div(1 << u16::BITS)
        .unwrap_or_default()
}

/// This machine's clock: time since 1970.
fn clock() -> Duration {
    SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default()
}

/// From now until a moment of a [`ROUND`] comes again.
fn until(moment: Duration, now: Duration) -> Duration {
    let ms = |time: Duration| time.as_millis();
    let gone = ms(now).checked_rem(ms(ROUND)).unwrap_or(0);
    let (moment, gone) = (
        moment,
        Duration::from_millis(u64::try_from(gone).unwrap_or(0)),
    );
    let left = moment.checked_sub(gone);
    left.unwrap_or_else(|| ROUND.saturating_add(moment).saturating_sub(gone))
}

#[cfg(test)]
mod tests {
    use super::*;
    use noderev_components::Epoch;

    #[test]
    fn what_was_refused_in_a_block_rests_for_ten_minutes() {
        let mut resting = Resting::default();
        let (first, second) = (Action::CloseEpoch(Epoch(1)), Action::Advance(Epoch(1)));
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        resting.add(&first, begun);
        assert!(resting.contains(&first, at(599)) && !resting.contains(&second, at(599)));
        assert!(!resting.contains(&first, at(600)));
        resting.add(&second, at(600));
        assert_eq!(resting.0.len(), 1);
    }

    #[test]
    fn fees_of_the_market_are_claimed_by_whoever_wants_to() {
        let mut settings = Settings {
            interval: REST,
            wait: 0,
            settle: Vec::new(),
            claim_fees: false,
        };
        assert!(!settings.takes(&Action::ClaimFees) && settings.takes(&Action::RetryMint));
        settings.claim_fees = true;
        assert!(settings.takes(&Action::ClaimFees));
    }

    #[test]
    fn a_keeper_acts_at_its_own_moment_of_the_clock() {
        let ms = Duration::from_millis;
        for (now, left) in [(0, 700), (699, 1), (700, 0), (701, 1_999), (1_999, 701)] {
            for round in [0, 2_000, 1_700_000_000_000] {
                assert_eq!(until(ms(700), ms(round + now)), ms(left), "{now}");
            }
        }
        let moments = ["one", "two", "three"].map(moment);
        assert!(moments.iter().all(|moment| *moment < ROUND), "{moments:?}");
        assert!(moments[0] != moments[1] && moments[1] != moments[2]);
    }

    #[test]
    fn a_refusal_costs_only_in_a_block() {
        let refused = |hash: Option<&str>| ChainError::Refused {
            hash: hash.map(str::to_owned),
            codespace: "wasm".into(),
            code: 5,
            log: "not due".into(),
        };
        assert!(in_a_block(&refused(Some("AB"))) && !in_a_block(&refused(None)));
        assert!(in_a_block(&ChainError::OutOfGas {
            hash: "AB".into(),
            wanted: 1,
            used: 2,
        }));
    }
}
