//! An account that sends transactions.

use crate::client::{is_sequence_mismatch, AccountInfo};
use crate::delivery::Accepted;
use crate::transaction::{Outcome, Unsigned};
use crate::{ChainError, Client, Key, Message, Result};

/// How often another transaction of the same account may be faster.
const ATTEMPTS: u32 = 6;

/// An account that sends transactions, one after another. What else sends for the same account
/// makes it repeat, not fail.
#[derive(Clone, Debug)]
pub struct Signer {
    key: Key,
    info: Option<AccountInfo>,
}

/// A transaction that a node has taken and that is in no block yet.
#[derive(Clone, Debug)]
pub struct Posted {
    bytes: Vec<u8>,
}

impl Signer {
    /// An account that sends with this key.
    pub const fn new(key: Key) -> Self {
        Self { key, info: None }
    }

    /// The account's address.
    pub fn address(&self) -> &str {
        self.key.address()
    }

    /// What the messages would cost, in gas allowed; an error if they would be refused.
    pub fn estimate(&mut self, client: &Client, messages: &[Message]) -> Result<Unsigned> {
        for _ in 0..ATTEMPTS {
            let info = self.info(client)?;
            match client.estimate_at(self.address(), info.sequence, messages) {
                Err(error) if is_sequence_mismatch(&error) => self.info = None,
                unsigned => return unsigned,
            }
        }
        Err(self.overtaken())
    }

    /// Sends the messages as one transaction and waits until it is in a block. The gas is what a
    /// simulation uses and a bit more.
    pub fn execute(&mut self, client: &Client, messages: &[Message]) -> Result<Outcome> {
        for _ in 0..ATTEMPTS {
            let unsigned = self.estimate(client, messages)?;
            if let Some(outcome) = self.deliver(client, &unsigned)? {
                return Ok(outcome);
            }
        }
        Err(self.overtaken())
    }

    /// As [`Self::execute`], with gas that is known.
    pub fn execute_with(&mut self, client: &Client, unsigned: &Unsigned) -> Result<Outcome> {
        for _ in 0..ATTEMPTS {
            if let Some(outcome) = self.deliver(client, unsigned)? {
                return Ok(outcome);
            }
        }
        Err(self.overtaken())
    }

    /// None if another transaction took the sequence number.
    fn deliver(&mut self, client: &Client, unsigned: &Unsigned) -> Result<Option<Outcome>> {
        let info = self.info(client)?;
        let bytes = unsigned.sign(&self.key, info.number, info.sequence, client.network())?;
        let outcome = client.deliver(&bytes);
        // Whatever came of it: refused transactions take a sequence number only in a block.
        self.info = match &outcome {
            Ok(Some(_)) => Some(next(info)),
            _ => None,
        };
        outcome
    }

    /// Gives the node a transaction without waiting for a block: the account's next one may follow
    /// at once. It must be this account's only sender meanwhile.
    pub fn post(&mut self, client: &Client, unsigned: &Unsigned) -> Result<Posted> {
        let info = self.info(client)?;
        let bytes = unsigned.sign(&self.key, info.number, info.sequence, client.network())?;
        match client.submit(&bytes)? {
            Accepted::Yes => {
                self.info = Some(next(info));
                Ok(Posted { bytes })
            }
            Accepted::WrongSequence => {
                self.info = None;
                Err(ChainError::Sequence {
                    account: self.address().to_owned(),
                    sequence: info.sequence,
                })
            }
        }
    }

    fn info(&mut self, client: &Client) -> Result<AccountInfo> {
        if let Some(info) = self.info {
            return Ok(info);
        }
        let info = client.existing_account(self.address())?;
        self.info = Some(info);
        Ok(info)
    }

    fn overtaken(&self) -> ChainError {
        ChainError::Sequence {
            account: self.address().to_owned(),
            sequence: self.info.map_or(0, |info| info.sequence),
        }
    }
}

impl Posted {
    /// Bytes of the transaction: the chain takes gas for each of them.
    pub fn size(&self) -> usize {
        self.bytes.len()
    }

    /// Waits until the transaction is in a block.
    pub fn wait(&self, client: &Client) -> Result<Outcome> {
        client.wait(&self.bytes)
    }
}

const fn next(info: AccountInfo) -> AccountInfo {
    AccountInfo {
        number: info.number,
        sequence: info.sequence.saturating_add(1),
    }
}
