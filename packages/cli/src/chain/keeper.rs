//! `keeper`: does what is due, for as long as it runs.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use clap::Args;
use noderev_operations::daemon::Stop;
use noderev_operations::keeper::{serve, Event, Keeper as Worker, Metrics, Settings, Tally, Task};
use serde_json::{json, Value};

use super::{CommandError, Connection, Sending};
use crate::answer::{Answer, Exit};
use crate::format::{rfc3339, thousands};

/// Close epochs and do whatever else anybody may do, when it is due.
///
/// Runs until SIGTERM or SIGINT and ends after the transaction under way. It remembers nothing: it
/// may be killed and started again at any moment, and the chain may be away for as long as it likes.
/// One line per action on standard error. Asks once before it begins, unless --yes.
///
/// With --once: exit code 0 if all that was due is done, 3 if nothing was due, 4 if it was refused,
/// 5 if a part is done.
#[derive(Debug, Args)]
pub struct Keeper {
    /// Do what is due and end.
    #[arg(long)]
    once: bool,
    /// Longest time between two looks at the chain, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
          value_parser = clap::value_parser!(u64).range(1..=86_400))]
    interval: u64,
    /// Serve /metrics for Prometheus and /health at this address, such as 127.0.0.1:9500.
    #[arg(long, value_name = "ADDR")]
    metrics: Option<SocketAddr>,
    /// /health answers 503 when the chain was not seen for so many seconds; three times the
    /// interval and 60 more unless given.
    #[arg(long, value_name = "SECONDS")]
    stale_after: Option<u64>,
    /// Leave what is due to others for so many seconds: 0 for the first keeper of a network, a few
    /// blocks more for each other one. Without it two may both pay a fee, if their nodes hear late of
    /// each other's transactions.
    #[arg(long, value_name = "SECONDS", default_value_t = 0)]
    wait: u64,
    /// Settle this account's keys after each close, so that its claims cost less. May be repeated.
    #[arg(long, value_name = "ACCOUNT")]
    settle: Vec<String>,
    /// Pay the treasury the market's fees whenever there are any, however small: they wait on chain
    /// for whoever claims them, and a claim may cost more than it pays.
    #[arg(long)]
    claim_fees: bool,
    #[command(flatten)]
    connection: Connection,
    #[command(flatten)]
    sending: Sending,
}

impl Keeper {
    pub(super) fn execute(self, json: bool) -> Result<Answer, CommandError> {
        self.sending.refuse_showing("a keeper")?;
        let mut session = self.connection.open_to_send(&self.sending, json)?;
        let contracts = session.contracts()?;
        let sender = session.signer()?.0.address().to_owned();
        let chain = &session.client().network().chain_id;
        let what = match self.once {
            true => "do once",
            false => "do from now on",
        };
        let question = format!("{what} what is due on {chain}, at the cost of {sender}?");
        session.ask(&question)?;
        let stop = stopped_by_signals()?;
        let metrics = Arc::new(Metrics::new(self.stale_after()));
        if let Some(address) = self.metrics {
            let bound = serve(&metrics, address)
                .map_err(|error| CommandError::Usage(format!("{address}: {error}")))?;
            log(
                json,
                json!({ "serving": bound.to_string() }),
                &format!("serving {bound}"),
            );
        }
        let (signer, _) = session.signer()?;
        let mut tell = |event: Event<'_>| told(&event, json);
        let settings = Settings {
            interval: Duration::from_secs(self.interval),
            wait: self.wait,
            settle: self.settle,
            claim_fees: self.claim_fees,
        };
        let mut worker = Worker::new(&contracts, signer, settings, metrics, stop, &mut tell);
        if !self.once {
            worker.run();
            return Ok(Answer::done(ended(json)));
        }
        match worker.once() {
            (tally, Ok(())) => Ok(answer(tally, json)),
            (tally, Err(error)) if tally.done > 0 => {
                log(
                    json,
                    json!({ "trouble": error.to_string() }),
                    &error.to_string(),
                );
                let text = answer(tally, json).text;
                let exit = Exit::PartlyDone;
                Ok(Answer { text, exit })
            }
            (_, Err(error)) => Err(error.into()),
        }
    }

    fn stale_after(&self) -> Duration {
        let usual = self.interval.saturating_mul(3).saturating_add(60);
        Duration::from_secs(self.stale_after.unwrap_or(usual))
    }
}

/// A wish to stop that SIGTERM, SIGINT and SIGHUP express.
pub(super) fn stopped_by_signals() -> Result<Stop, CommandError> {
    let stop = Stop::default();
    let asked = stop.clone();
    ctrlc::set_handler(move || asked.ask())
        .map_err(|error| CommandError::Usage(format!("signals: {error}")))?;
    Ok(stop)
}

fn ended(json: bool) -> String {
    match json {
        true => json!({ "ended": true }).to_string(),
        false => "ended".to_owned(),
    }
}

fn answer(tally: Tally, json: bool) -> Answer {
    let exit = match (tally.done, tally.failed, tally.unknown) {
        (0, 0, 0) => Exit::NothingDue,
        (_, 0, 0) => Exit::Done,
        (0, 0, _) => Exit::Failed,
        (0, _, _) => Exit::Refused,
        _ => Exit::PartlyDone,
    };
    let text = match json {
        true => json!({
            "done": tally.done,
            "lost": tally.lost,
            "failed": tally.failed,
            "unknown": tally.unknown,
        })
        .to_string(),
        false if exit == Exit::NothingDue => "nothing is due".to_owned(),
        false => format!(
            "{} done, {} done by others, {} refused, {} unknown",
            tally.done, tally.lost, tally.failed, tally.unknown
        ),
    };
    Answer { text, exit }
}

fn told(event: &Event<'_>, json: bool) {
    match event {
        Event::Done(task, outcome) => {
            let value = with_task(
                json!({
                    "hash": outcome.hash,
                    "height": outcome.height,
                    "gas_used": outcome.gas_used,
                }),
                "done",
                task,
            );
            let text = format!(
                "{task}: done, {} in block {}, {} gas",
                outcome.hash,
                outcome.height,
                thousands(outcome.gas_used.into())
            );
            log(json, value, &text);
        }
        Event::Waiting(task) => {
            let text = format!("{task}: somebody else has sent it, it waits for a block");
            log(json, with_task(json!({}), "waiting", task), &text);
        }
        Event::Lost(task, error) => {
            let value = with_task(json!({ "why": error.to_string() }), "lost", task);
            log(json, value, &format!("{task}: somebody else did it"));
        }
        Event::Failed(task, error, pause) => {
            let pause = pause.map(|pause| pause.as_secs());
            let why = json!({ "why": error.to_string(), "next_try_in": pause });
            let next = pause.map_or_else(String::new, |pause| {
                format!("; it has paid a fee: next try in {pause} s")
            });
            let text = format!("{task}: FAILED, {error}{next}");
            log(json, with_task(why, "failed", task), &text);
        }
        Event::Unknown(unknown) => {
            let value = json!({
                "event": "unknown",
                "contract": unknown.place.name(),
                "action": unknown.action,
                "epoch": unknown.epoch,
            });
            log(json, value, &format!("UNKNOWN: {unknown}"));
        }
        Event::Trouble(error, pause) => {
            let (why, seconds) = (error.to_string(), pause.as_secs());
            let value = json!({ "event": "trouble", "why": why, "next_try_in": seconds });
            log(json, value, &format!("{why}; next try in {seconds} s"));
        }
        Event::Sleeps(_) => {}
    }
}

fn with_task(mut value: Value, event: &str, task: &Task) -> Value {
    if let Some(fields) = value.as_object_mut() {
        fields.insert("event".to_owned(), event.into());
        fields.insert("contract".to_owned(), task.place.name().into());
        fields.insert("action".to_owned(), task.action.name().into());
        fields.insert("epoch".to_owned(), json!(task.action.epoch()));
    }
    value
}

/// One line on standard error, with the time before it.
pub(super) fn log(json: bool, mut value: Value, text: &str) {
    let now = SystemTime::UNIX_EPOCH.elapsed();
    let now = now.map_or(0, |now| now.as_secs());
    let time = rfc3339(now).unwrap_or_else(|| now.to_string());
    if !json {
        eprintln!("{time} {text}");
        return;
    }
    if let Some(fields) = value.as_object_mut() {
        fields.insert("time".to_owned(), time.into());
    }
    eprintln!("{value}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_exit_code_tells_what_became_of_it() {
        let exit = |done, lost, failed, unknown| {
            let tally = Tally {
                done,
                lost,
                failed,
                unknown,
            };
            answer(tally, false).exit
        };
        assert_eq!(exit(0, 0, 0, 0), Exit::NothingDue);
        assert_eq!(exit(0, 2, 0, 0), Exit::NothingDue);
        assert_eq!(exit(2, 1, 0, 0), Exit::Done);
        assert_eq!(exit(2, 0, 1, 0), Exit::PartlyDone);
        assert_eq!(exit(2, 0, 0, 1), Exit::PartlyDone);
        assert_eq!(exit(0, 0, 1, 0), Exit::Refused);
        assert_eq!(exit(0, 0, 0, 1), Exit::Failed);
    }
}
