//! Reporting each epoch by itself, as long as a log grows.

use std::time::Duration;

use noderev_chain::{Outcome, Signer};
use noderev_components::Epoch;

use super::{draft, ensure_may_report, AttestError, Draft, Finding, Target, Window};
use crate::daemon::{Backoff, Stop};
use crate::Contracts;

/// Shortest sleep.
const SHORTEST: Duration = Duration::from_millis(500);

/// How epochs are watched.
#[derive(Clone, Copy, Debug)]
pub struct Watch {
    /// To whom is reported.
    pub target: Target,
    /// Seconds that are waited after an epoch's end for the last lines of the log.
    pub after: u64,
    /// Longest time between two looks at the chain.
    pub interval: Duration,
}

/// What is told on the way.
#[derive(Debug)]
pub enum Told<'a> {
    /// A report is in a block.
    Reported(&'a Draft, &'a Outcome),
    /// There was a reason not to report; the next try is after this pause.
    Trouble(&'a AttestError, Duration),
    /// Nothing to do for so long.
    Sleeps(Duration),
}

/// Reports on every epoch that ends, until it is asked to stop. What is reported stands on chain, so
/// it may be stopped and started again. `read`: what the log says of an epoch.
pub fn watch(
    contracts: &Contracts,
    signer: &mut Signer,
    how: &Watch,
    stop: &Stop,
    read: &dyn Fn(&Window) -> Result<Finding, String>,
    tell: &mut dyn FnMut(Told<'_>),
) {
    let mut backoff = Backoff::default();
    while !stop.asked() {
        let pause = match look(contracts, signer, how, read, tell) {
            Ok(pause) => {
                backoff.reset();
                tell(Told::Sleeps(pause));
                pause
            }
            Err(error) => {
                let pause = backoff.pause();
                tell(Told::Trouble(&error, pause));
                pause
            }
        };
        stop.sleep(pause);
    }
}

/// Reports on the ended epochs that still take this account's report. Answers how long to sleep.
fn look(
    contracts: &Contracts,
    signer: &mut Signer,
    how: &Watch,
    read: &dyn Fn(&Window) -> Result<Finding, String>,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<Duration, AttestError> {
    let clock = how.target.clock(contracts)?;
    let (running, next) = how.target.epochs(contracts)?;
    let now = contracts.client().status()?.time.seconds();
    for epoch in (next.0..running.0).map(Epoch) {
        if now < clock.end_of(epoch).saturating_add(how.after) {
            break;
        }
        let window = (clock.start_of(epoch), clock.end_of(epoch));
        report(contracts, signer, how.target, epoch, window, read, tell)?;
    }
    // The running epoch, or the last one if the log still has time.
    let ended = running.prev().map(|epoch| clock.end_of(epoch));
    let ends = [ended, Some(clock.end_of(running))].into_iter().flatten();
    let looks = ends.map(|end| end.saturating_add(how.after));
    let next = looks.filter(|at| *at > now).min().unwrap_or(now);
    let pause = Duration::from_secs(next.saturating_sub(now));
    Ok(pause.clamp(SHORTEST, how.interval.max(SHORTEST)))
}

fn report(
    contracts: &Contracts,
    signer: &mut Signer,
    target: Target,
    epoch: Epoch,
    (start, end): (u64, u64),
    read: &dyn Fn(&Window) -> Result<Finding, String>,
    tell: &mut dyn FnMut(Told<'_>),
) -> Result<(), AttestError> {
    let evidence = target.evidence(contracts, epoch)?;
    let account = signer.address().to_owned();
    match ensure_may_report(&evidence, &account) {
        Ok(()) => {}
        Err(AttestError::NotReporting { .. }) => return Ok(()),
        Err(error) => return Err(error),
    }
    let mut reports = evidence.reports.iter();
    if reports.any(|it| it.attester.as_str() == account && it.bitmap.is_some()) {
        return Ok(());
    }
    let bits = target.bits(contracts, &evidence)?;
    let window = Window {
        epoch,
        start,
        end,
        highest: bits.highest,
    };
    let found = read(&window).map_err(AttestError::Source)?;
    let draft = draft(&evidence, &bits, &found, &account);
    let message = target.message(contracts, &draft)?;
    let client = contracts.client();
    let unsigned = signer.estimate(client, core::slice::from_ref(&message))?;
    let outcome = signer.post(client, &unsigned)?.wait(client)?;
    tell(Told::Reported(&draft, &outcome));
    Ok(())
}
