//! Sends a plan's messages at their time and in their order.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::thread::sleep;
use std::time::Duration;

use cosmwasm_std::{Event, Timestamp};
use noderev_api::common::EpochStep;
use noderev_api::{delegation, distributor};
use noderev_chain::{ChainError, Client, Message, Outcome, Posted, Signer, Unsigned};
use noderev_components::{Epoch, EpochClock};

use super::costs::Used;
use super::plan::Step;
use super::PlayError;

/// Most transactions that are given to the node and not awaited.
const IN_FLIGHT: usize = 250;
/// Most gas of messages that share a transaction.
const SHARED_GAS: u64 = 20_000_000;
/// How often the chain's time is looked at.
const POLL: Duration = Duration::from_millis(100);

/// What became of a message.
#[derive(Clone, Debug)]
pub(super) struct Told {
    /// Its place in the journal.
    pub entry: usize,
    /// Height of its block.
    pub height: u64,
    /// What contracts announced.
    pub events: Vec<Event>,
    /// Contract and message, and what its transaction used, if it was alone in it.
    pub cost: Option<(String, Used)>,
}

/// Sends messages, each by its account.
pub(super) struct Player<'a> {
    client: &'a Client,
    clock: EpochClock,
    /// Epochs after which nothing has to be in time.
    epochs: u32,
    signers: BTreeMap<String, Signer>,
    /// Addresses of distributor and delegation contract.
    closers: (String, String),
    /// Transactions on their way, and whether each is its account's first one.
    waiting: VecDeque<(Posted, Vec<Step>, bool)>,
    /// Accounts that have sent something.
    active: BTreeSet<String>,
    told: Vec<Told>,
    /// Seconds that the busiest epoch took until everything of it was in a block.
    busiest: u64,
}

impl<'a> Player<'a> {
    pub fn new(
        client: &'a Client,
        clock: EpochClock,
        epochs: u32,
        signers: impl IntoIterator<Item = Signer>,
        closers: (String, String),
    ) -> Self {
        let signers = signers.into_iter();
        Self {
            client,
            clock,
            epochs,
            signers: signers
                .map(|signer| (signer.address().to_owned(), signer))
                .collect(),
            closers,
            waiting: VecDeque::new(),
            active: BTreeSet::new(),
            told: Vec::new(),
            busiest: 0,
        }
    }

    /// Sends all of them and waits until they are in blocks; with `timed` none before its time.
    pub fn send(
        &mut self,
        steps: &[Step],
        timed: bool,
        done: &mut impl FnMut(u64),
    ) -> Result<(), PlayError> {
        let mut reached = Timestamp::default();
        for shared in together(steps) {
            let Some(first) = shared.first() else {
                continue;
            };
            if timed && first.time > reached {
                self.settle()?;
                self.wait_until(first.time)?;
                reached = first.time;
            }
            if let Some((epoch, delegation)) = first.closes {
                self.settle()?;
                self.wait_until_due(epoch, delegation)?;
            }
            self.post(shared)?;
            done(u64::try_from(shared.len()).unwrap_or(0));
        }
        self.settle()
    }

    /// What became of all messages so far, and the seconds that the busiest epoch took until
    /// everything of it was in a block.
    pub fn told(self) -> (Vec<Told>, u64) {
        (self.told, self.busiest)
    }

    fn post(&mut self, steps: &[Step]) -> Result<(), PlayError> {
        let Some(first) = steps.first() else {
            return Ok(());
        };
        let signer = self.signers.get_mut(&first.sender);
        let signer = signer
            .ok_or_else(|| PlayError::Journal(format!("there is no key of {}", first.who)))?;
        let unsigned = Unsigned {
            messages: steps.iter().map(|step| step.message.clone()).collect(),
            memo: String::new(),
            gas: steps
                .iter()
                .map(|step| step.gas)
                .fold(0, u64::saturating_add),
        };
        match signer.post(self.client, &unsigned) {
            Ok(posted) => {
                let first = self.active.insert(first.sender.clone());
                self.waiting.push_back((posted, steps.to_vec(), first));
            }
            Err(reason) => return Err(self.refused(steps, reason)),
        }
        while self.waiting.len() > IN_FLIGHT {
            self.wait_for_oldest()?;
        }
        Ok(())
    }

    /// Waits until everything is in blocks, in time.
    fn settle(&mut self) -> Result<(), PlayError> {
        let mut last = None;
        while let Some((_, steps, _)) = self.waiting.front() {
            last = steps.last().map(|step| step.time).or(last);
            self.wait_for_oldest()?;
        }
        match last {
            Some(time) => self.check_time(time),
            None => Ok(()),
        }
    }

    fn wait_for_oldest(&mut self) -> Result<(), PlayError> {
        let Some((posted, steps, first)) = self.waiting.pop_front() else {
            return Ok(());
        };
        match posted.wait(self.client) {
            Ok(outcome) => {
                let bytes = u64::try_from(posted.size()).unwrap_or(u64::MAX);
                let used = Used {
                    gas: outcome.gas_used,
                    bytes,
                    allowed: outcome.gas_wanted,
                    first,
                };
                self.told.extend(read(&steps, &outcome, used));
                Ok(())
            }
            Err(reason) => Err(self.refused(&steps, reason)),
        }
    }

    /// A refusal, or that the clock was faster, which is why.
    fn refused(&mut self, steps: &[Step], reason: ChainError) -> PlayError {
        let Some(first) = steps.first() else {
            return reason.into();
        };
        if let Err(late @ PlayError::Late { .. }) = self.check_time(first.time) {
            return late;
        }
        let what: Vec<&str> = steps.iter().map(|step| step.what.as_str()).collect();
        PlayError::Refused {
            what: what.join(", "),
            who: first.who.clone(),
            epoch: self.clock.epoch_at(first.time).0,
            reason: Box::new(reason),
        }
    }

    /// Whether the epoch to which this time belongs still runs.
    fn check_time(&mut self, time: Timestamp) -> Result<(), PlayError> {
        let epoch = self.clock.epoch_at(time);
        if epoch.0 >= self.epochs {
            return Ok(());
        }
        let now = self.client.status()?.time.seconds();
        let taken = now.saturating_sub(self.clock.start_of(epoch));
        self.busiest = self.busiest.max(taken);
        match now.checked_sub(self.clock.end_of(epoch)) {
            None => Ok(()),
            Some(seconds) => Err(PlayError::Late {
                epoch: epoch.0,
                seconds,
            }),
        }
    }

    /// Waits until a block has this time.
    pub fn wait_until(&self, time: Timestamp) -> Result<(), PlayError> {
        while self.client.status()?.time < time {
            sleep(POLL);
        }
        Ok(())
    }

    fn wait_until_due(&self, epoch: u32, delegation: bool) -> Result<(), PlayError> {
        loop {
            let (contract, next, step) = self.step(delegation)?;
            let waits = matches!(
                step,
                EpochStep::Reporting { .. } | EpochStep::Appeals { .. }
            );
            match step {
                EpochStep::Due { .. } if next == Epoch(epoch) => return Ok(()),
                _ if next == Epoch(epoch) && waits => sleep(POLL),
                step => {
                    return Err(PlayError::Step {
                        contract,
                        expected: epoch,
                        found: next.0,
                        step: format!("{step:?}"),
                    })
                }
            }
        }
    }

    fn step(&self, delegation: bool) -> Result<(&'static str, Epoch, EpochStep), PlayError> {
        if delegation {
            let query = delegation::QueryMsg::Network {};
            let answer: delegation::NetworkResponse = self.client.smart(&self.closers.1, &query)?;
            return Ok(("delegation", answer.next_close, answer.step));
        }
        let query = distributor::QueryMsg::Network {};
        let answer: distributor::NetworkResponse = self.client.smart(&self.closers.0, &query)?;
        Ok(("distributor", answer.next_close, answer.step))
    }
}

/// Messages that follow each other, of one sender and one time, share a transaction.
fn together(steps: &[Step]) -> Vec<&[Step]> {
    let mut parts = Vec::new();
    let mut rest = steps;
    while let Some(first) = rest.first() {
        let mut gas = 0_u64;
        let fits = |step: &&Step| {
            gas = gas.saturating_add(step.gas);
            let alone = step.closes.is_some() && !core::ptr::eq(*step, first);
            let same = step.sender == first.sender && step.time == first.time;
            same && !alone && (gas <= SHARED_GAS || core::ptr::eq(*step, first))
        };
        let count = rest.iter().take_while(fits).count();
        let (part, after) = rest.split_at(count.max(1));
        parts.push(part);
        rest = after;
    }
    parts
}

/// What became of each of a transaction's messages.
fn read(steps: &[Step], outcome: &Outcome, used: Used) -> Vec<Told> {
    let alone = steps.len() == 1;
    let told = steps.iter().enumerate().map(|(index, step)| Told {
        entry: step.entry,
        height: outcome.height,
        events: of_message(&outcome.events, index),
        cost: alone.then(|| (step.what.clone(), used)),
    });
    told.collect()
}

/// What contracts announced in the message of this place.
fn of_message(events: &[Event], index: usize) -> Vec<Event> {
    const PLACE: &str = "msg_index";
    let index = index.to_string();
    let own = events.iter().filter(|event| {
        let mut fields = event.attributes.iter();
        event.ty.starts_with("wasm")
            && fields.any(|field| field.key == PLACE && field.value == index)
    });
    let without = |event: &Event| {
        let mut event = event.clone();
        event.attributes.retain(|field| field.key != PLACE);
        event
    };
    own.map(without).collect()
}

/// Sends coins to many accounts, many in one transaction.
pub(super) fn fund(
    client: &Client,
    signer: &mut Signer,
    coins: &BTreeMap<String, BTreeMap<String, u128>>,
) -> Result<(), PlayError> {
    const SENDS: usize = 250;
    let sends: Vec<Message> = coins
        .iter()
        .map(|(to, coins)| Message::Send {
            to: to.clone(),
            amount: coins
                .iter()
                .map(|(denom, amount)| cosmwasm_std::coin(*amount, denom))
                .collect(),
        })
        .collect();
    for some in sends.chunks(SENDS) {
        signer.execute(client, some)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(sender: &str, second: u64, gas: u64, closes: Option<(u32, bool)>) -> Step {
        Step {
            entry: 0,
            sender: sender.to_owned(),
            who: sender.to_owned(),
            what: String::new(),
            message: Message::Send {
                to: String::new(),
                amount: Vec::new(),
            },
            gas,
            time: Timestamp::from_seconds(second),
            closes,
        }
    }

    fn sizes(steps: &[Step]) -> Vec<usize> {
        together(steps).into_iter().map(<[Step]>::len).collect()
    }

    #[test]
    fn neighbours_of_one_sender_and_time_share_a_transaction() {
        let steps = [
            step("a", 1, 5, None),
            step("a", 1, 5, None),
            step("b", 1, 5, None),
            step("a", 1, 5, None),
            step("a", 2, 5, None),
        ];
        assert_eq!(sizes(&steps), [2, 1, 1, 1]);
    }

    #[test]
    fn a_transaction_has_so_much_gas_at_most_unless_one_message_needs_more() {
        let half = SHARED_GAS / 2;
        let steps = [half, half, 1, SHARED_GAS + 1, 1].map(|gas| step("a", 1, gas, None));
        assert_eq!(sizes(&steps), [2, 1, 1, 1]);
    }

    #[test]
    fn an_epoch_is_closed_when_it_is_due_and_not_with_what_came_before() {
        let steps = [
            step("keeper", 1, 5, None),
            step("keeper", 1, 5, Some((0, false))),
            step("keeper", 1, 5, None),
        ];
        assert_eq!(sizes(&steps), [1, 2]);
    }

    #[test]
    fn events_belong_to_the_message_whose_place_they_tell() {
        let event = |name: &str, place: &str| {
            Event::new(name).add_attributes([("amount", "5"), ("msg_index", place)])
        };
        let events = [
            event("wasm", "0"),
            event("transfer", "1"),
            event("wasm-x", "1"),
        ];
        let own = of_message(&events, 1);
        assert_eq!(own, [Event::new("wasm-x").add_attribute("amount", "5")]);
    }
}
