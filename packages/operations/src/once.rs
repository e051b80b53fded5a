//! Sending what must happen once, also by a program that was killed while it was sending.

use std::thread::sleep;
use std::time::Duration;

use noderev_chain::{ChainError, Client, Message, Outcome, Result, Signer};

/// How often another transaction of the account may be in the way.
const ATTEMPTS: u32 = 40;
/// How long one may take to get into a block or to be forgotten.
const PAUSE: Duration = Duration::from_millis(500);

/// Sends messages as one transaction unless what they do is done, and waits until they are in a
/// block; none if it was done already.
///
/// A transaction of a program that was killed may still be on its way. Therefore the account's
/// sequence number is read first, `is_done` is asked then, and the transaction is sent with that
/// number: if the other one gets into a block meanwhile, the chain refuses this one by its number,
/// and `is_done` is asked again.
pub fn send_once(
    client: &Client,
    signer: &mut Signer,
    messages: &[Message],
    is_done: impl Fn() -> Result<bool>,
) -> Result<Option<Outcome>> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        let unsigned = signer.estimate(client, messages);
        if is_done()? {
            return Ok(None);
        }
        let posted = match unsigned {
            Ok(unsigned) => signer.post(client, &unsigned),
            Err(error) => Err(error),
        };
        match posted.and_then(|posted| posted.wait(client)) {
            Ok(outcome) => return Ok(Some(outcome)),
            // Another transaction has this one's number.
            Err(error @ ChainError::Sequence { .. }) => {
                last = Some(error);
                sleep(PAUSE);
            }
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| ChainError::Message("nothing was sent".to_owned())))
}
