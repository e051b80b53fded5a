//! Giving a node a signed transaction until it is in a block.

use std::thread::sleep;
use std::time::{Duration, Instant};

use cosmwasm_std::Binary;
use serde::Deserialize;
use serde_json::json;

use crate::client::SDK;
use crate::transaction::{hash_of, Outcome};
use crate::{ChainError, Client, Result};

/// A transaction is given to the node again after this time: a node that was restarted has
/// forgotten it.
const AGAIN: Duration = Duration::from_secs(4);
/// How long a node may take to find a transaction of a block that it has.
const INDEXED: Duration = Duration::from_secs(2);
/// Pause before a transaction is asked for again: the first one and the longest.
const POLL: Duration = Duration::from_millis(100);
const SLOW_POLL: Duration = Duration::from_secs(1);
/// Codes of the chain's basic refusals.
const IN_CACHE: u32 = 19;
const WRONG_SEQUENCE: u32 = 32;

#[derive(Deserialize)]
struct Broadcast {
    code: u32,
    #[serde(default)]
    codespace: String,
    #[serde(default)]
    log: String,
}

/// What a node said of a transaction that it was given.
pub(crate) enum Accepted {
    /// It takes it, or has it already.
    Yes,
    /// The account's next transaction has another sequence number.
    WrongSequence,
}

/// A transaction on its way.
struct Delivery<'a> {
    client: &'a Client,
    bytes: &'a [u8],
    hash: String,
    begun: Instant,
    pause: Duration,
    /// Whether a node has taken it, or may have: then it may get into a block at any time, whatever
    /// nodes say later.
    given: bool,
}

impl Client {
    /// Gives the node a signed transaction.
    pub(crate) fn submit(&self, bytes: &[u8]) -> Result<Accepted> {
        self.submit_and_count(bytes).0
    }

    /// As [`Self::submit`]; also how often the node was asked and didn't answer.
    fn submit_and_count(&self, bytes: &[u8]) -> (Result<Accepted>, u32) {
        let params = json!({ "tx": Binary::from(bytes) });
        let (answer, in_vain) = self.rpc.call_and_count("broadcast_tx_sync", &params);
        let accepted = answer.and_then(|answer| match answer {
            Ok(answer) => accepted(answer),
            // Nodes answer so what they were given twice.
            Err(error) if error.to_string().contains("already exists in cache") => {
                Ok(Accepted::Yes)
            }
            Err(error) => Err(ChainError::answer("broadcast", error)),
        });
        (accepted, in_vain)
    }

    /// Waits until a signed transaction is in a block, and gives it to the node as often as need be.
    /// None if another transaction of the account was faster; never once the node has taken this
    /// one.
    pub(crate) fn deliver(&self, bytes: &[u8]) -> Result<Option<Outcome>> {
        Delivery::new(self, bytes, false).run()
    }

    /// As [`Self::deliver`], of a transaction that the node has taken.
    pub(crate) fn wait(&self, bytes: &[u8]) -> Result<Outcome> {
        let delivery = Delivery::new(self, bytes, true);
        let not_seen = delivery.not_seen();
        delivery.run()?.ok_or(not_seen)
    }
}

impl<'a> Delivery<'a> {
    fn new(client: &'a Client, bytes: &'a [u8], given: bool) -> Self {
        Self {
            client,
            bytes,
            hash: hash_of(bytes),
            begun: Instant::now(),
            pause: POLL,
            given,
        }
    }

    fn run(mut self) -> Result<Option<Outcome>> {
        while !self.left().is_zero() {
            let (accepted, in_vain) = self.client.submit_and_count(self.bytes);
            self.given |= in_vain > 0 && accepted.is_ok();
            let patience = match accepted {
                Ok(Accepted::Yes) => {
                    self.given = true;
                    AGAIN
                }
                Ok(Accepted::WrongSequence) => INDEXED,
                Err(_) if self.given => AGAIN,
                Err(error) => return Err(error),
            };
            let outcome = self.poll(patience)?;
            if outcome.is_some() || !self.given {
                return Ok(outcome);
            }
        }
        Err(self.not_seen())
    }

    fn poll(&mut self, patience: Duration) -> Result<Option<Outcome>> {
        let begun = Instant::now();
        let patience = patience.min(self.left());
        loop {
            match self.client.find(&self.hash) {
                Ok(Some(outcome)) => return Ok(Some(outcome)),
                Err(error) if !self.given || is_verdict(&error) => return Err(error),
                Ok(None) | Err(_) => (),
            }
            if begun.elapsed() > patience {
                return Ok(None);
            }
            sleep(self.pause);
            let slower = self.pause.saturating_mul(5).checked_div(4);
            self.pause = slower.unwrap_or(SLOW_POLL).min(SLOW_POLL);
        }
    }

    fn left(&self) -> Duration {
        self.client.in_a_block.saturating_sub(self.begun.elapsed())
    }

    fn not_seen(&self) -> ChainError {
        ChainError::NotSeen {
            hash: self.hash.clone(),
            seconds: self.client.in_a_block.as_secs(),
        }
    }
}

fn accepted(answer: Broadcast) -> Result<Accepted> {
    match (answer.codespace.as_str(), answer.code) {
        (_, 0) | (SDK, IN_CACHE) => Ok(Accepted::Yes),
        (SDK, WRONG_SEQUENCE) => Ok(Accepted::WrongSequence),
        _ => Err(ChainError::Refused {
            hash: None,
            codespace: answer.codespace,
            code: answer.code,
            log: answer.log,
        }),
    }
}

/// Whether it is what became of a transaction in a block.
const fn is_verdict(error: &ChainError) -> bool {
    matches!(
        error,
        ChainError::OutOfGas { .. } | ChainError::Refused { hash: Some(_), .. }
    )
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::Arc;

    use super::*;
    use crate::fake;

    const TAKEN: &str = r#"{"result":{"code":0}}"#;
    const OVERTAKEN: &str = r#"{"result":{"code":32,"codespace":"sdk","log":"sequence"}}"#;
    const POOR: &str = r#"{"result":{"code":5,"codespace":"sdk","log":"insufficient funds"}}"#;
    const NOWHERE: &str = r#"{"error":{"message":"tx not found"}}"#;
    const IN_BLOCK: &str = r#"{"result":{"hash":"AB","height":"7",
        "tx_result":{"gas_wanted":"9","gas_used":"8"}}}"#;
    const FAILED: &str = r#"{"result":{"hash":"AB","height":"7",
        "tx_result":{"code":5,"codespace":"wasm","log":"no","gas_wanted":"9","gas_used":"8"}}}"#;

    /// A client of a node that answers the n-th submission and the n-th question for the
    /// transaction so; and how often it was given the transaction.
    fn node(
        submitted: impl Fn(u32) -> (u16, &'static str) + Send + 'static,
        found: impl Fn(u32) -> (u16, &'static str) + Send + 'static,
    ) -> (Client, Arc<AtomicU32>) {
        let given = Arc::new(AtomicU32::new(0));
        let (count, asked) = (Arc::clone(&given), AtomicU32::new(0));
        let client = fake::client(move |method| match method {
            "broadcast_tx_sync" => submitted(count.fetch_add(1, Ordering::SeqCst)),
            "tx" => found(asked.fetch_add(1, Ordering::SeqCst)),
            _ => (200, fake::STATUS),
        });
        (client, given)
    }

    fn assert_not_seen(result: Result<Option<Outcome>>) {
        let error = result.unwrap_err();
        assert!(
            matches!(&error, ChainError::NotSeen { hash, .. } if *hash == hash_of(b"tx")),
            "{error}"
        );
    }

    #[test]
    fn who_asks_too_often_waits_and_asks_again() {
        let (client, _) = node(
            |n| {
                if n == 0 {
                    (429, "slowly")
                } else {
                    (200, TAKEN)
                }
            },
            |n| if n < 2 { (429, "{}") } else { (200, IN_BLOCK) },
        );
        assert_eq!(client.deliver(b"tx").unwrap().unwrap().height, 7);
    }

    #[test]
    fn nothing_that_was_overtaken_before_it_was_taken_is_waited_for() {
        let (client, given) = node(|_| (200, OVERTAKEN), |_| (200, NOWHERE));
        assert_eq!(client.deliver(b"tx").unwrap(), None);
        assert_eq!(given.load(Ordering::SeqCst), 1);
        let (client, _) = node(|_| (200, POOR), |_| (200, NOWHERE));
        let refusal = client.deliver(b"tx").unwrap_err();
        assert!(matches!(refusal, ChainError::Refused { hash: None, .. }));
    }

    #[test]
    fn what_was_taken_is_waited_for_whatever_the_node_says_later() {
        for later in [(200, OVERTAKEN), (200, POOR), (429, ""), (502, "gateway")] {
            let (client, _) = node(
                move |_| later,
                |n| match n {
                    0 => (429, ""),
                    1 => (502, "gateway"),
                    2 => (200, "no JSON"),
                    3..6 => (200, NOWHERE),
                    _ => (200, IN_BLOCK),
                },
            );
            assert_eq!(client.wait(b"tx").unwrap().height, 7);
            let (client, _) = node(move |_| later, |_| (200, NOWHERE));
            assert_not_seen(client.wait(b"tx").map(Some));
        }
    }

    #[test]
    fn what_was_taken_is_never_signed_anew() {
        let taken = |n| {
            if n == 0 {
                (200, TAKEN)
            } else {
                (200, OVERTAKEN)
            }
        };
        let (mut client, given) = node(taken, |_| (200, NOWHERE));
        client.in_a_block = AGAIN + Duration::from_secs(1);
        assert_not_seen(client.deliver(b"tx"));
        assert!(given.load(Ordering::SeqCst) > 1);
        // The first answer was lost, so nobody knows whether it was taken.
        let lost = |n| {
            if n == 0 {
                (502, "gateway")
            } else {
                (200, OVERTAKEN)
            }
        };
        let (client, _) = node(lost, |_| (200, NOWHERE));
        assert_not_seen(client.deliver(b"tx"));
    }

    #[test]
    fn a_refusal_in_a_block_is_told() {
        let (client, _) = node(|_| (200, TAKEN), |_| (200, FAILED));
        let refusal = client.deliver(b"tx").unwrap_err();
        assert!(matches!(refusal, ChainError::Refused { hash: Some(_), .. }));
    }
}
