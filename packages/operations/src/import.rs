//! Issuing keys to their first owners, in the order of a file, each once.

use noderev_api::registry::{
    ExecuteMsg, IssueRow, OwnersAtResponse, QueryMsg, SupplyResponse, MAX_BATCH, MAX_ISSUE,
};
use noderev_chain::{ChainError, Client, Message, Signer};
use noderev_components::{Epoch, KeyId};
use thiserror::Error;

use crate::send_once;

/// Other owners that a refusal tells one by one.
const TOLD: usize = 10;

/// Why keys are not imported, or not all.
#[derive(Debug, Error)]
pub enum ImportError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The registry has keys that the file doesn't have.
    #[error("the registry has {issued} keys, the file has {file}: it is another network's file, or keys were issued otherwise")]
    MoreKeys {
        /// Keys on chain.
        issued: u32,
        /// Keys in the file.
        file: u32,
    },
    /// Keys are somebody else's.
    #[error("{} keys are not the file's owners': {}; if they were sold or sent on since: --moved-ok", .0.len(), told(.0))]
    OtherOwners(Vec<OtherOwner>),
    /// No more keys can be issued.
    #[error("issuance is sealed with {issued} of the file's {file} keys: no more can be issued")]
    Sealed {
        /// Keys on chain.
        issued: u32,
        /// Keys in the file.
        file: u32,
    },
    /// Keys have been split.
    #[error("keys have been split {factor} times: the file's keys are those of before")]
    Split {
        /// Product of all splits.
        factor: u32,
    },
}

/// A key whose owner isn't the file's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherOwner {
    /// The key.
    pub key: u32,
    /// Its owner by the file.
    pub file: String,
    /// Its owner on chain.
    pub chain: String,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Keys in the file.
    pub file: u32,
    /// Keys on chain.
    pub issued: u32,
    /// How many keys there can be.
    pub cap: u32,
    /// Whether issuance has ended.
    pub sealed: bool,
    /// Keys on chain that are somebody else's.
    pub others: Vec<OtherOwner>,
}

/// Something that was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Keys on chain after it.
    pub issued: u32,
    /// Rows in its message; none in the seal's.
    pub rows: usize,
    /// Gas that it took; none if it was on its way already.
    pub gas: Option<u64>,
}

/// The keys of a file, and the registry that they are for.
#[derive(Clone, Copy, Debug)]
pub struct KeyImport<'a> {
    /// The registry.
    pub registry: &'a str,
    /// Owner of key `i + 1`: an address of the chain.
    pub owners: &'a [String],
    /// Whether keys may be somebody else's by now: sold or sent on since they were issued.
    pub moved_ok: bool,
}

impl KeyImport<'_> {
    /// Compares the file with the chain. Asks for the present owners: keys that were sold since are
    /// somebody else's.
    pub fn standing(&self, client: &Client) -> Result<Standing, ImportError> {
        let supply = self.supply(client)?;
        if supply.factor != 1 {
            return Err(ImportError::Split {
                factor: supply.factor,
            });
        }
        let known = self.owners.get(..at(supply.issued)).unwrap_or(self.owners);
        let mut others = Vec::new();
        let mut key = 0_u32;
        for chunk in known.chunks(MAX_BATCH) {
            let keys: Vec<KeyId> = (key..).skip(1).take(chunk.len()).map(KeyId).collect();
            key = key.saturating_add(count(chunk.len()));
            let epoch = supply.epoch;
            for (owner, found) in chunk.iter().zip(self.owners_of(client, keys, epoch)?) {
                if found.1 != *owner {
                    others.push(OtherOwner {
                        key: found.0,
                        file: owner.clone(),
                        chain: found.1,
                    });
                }
            }
        }
        Ok(Standing {
            file: count(self.owners.len()),
            issued: supply.issued,
            cap: supply.cap,
            sealed: supply.sealed,
            others,
        })
    }

    /// Messages that issue what is missing, in order.
    pub fn messages(&self, issued: u32) -> Result<Vec<Message>, ImportError> {
        let missing = self.owners.get(at(issued)..).unwrap_or_default();
        let batches = batches(missing);
        batches.iter().map(|batch| self.issue(batch)).collect()
    }

    /// The message that ends issuance for ever.
    pub fn sealing(&self) -> Result<Message, ImportError> {
        let msg = ExecuteMsg::SealIssuance {};
        Ok(Message::execute(self.registry, &msg, vec![])?)
    }

    /// Issues what is missing, one transaction after the other, and ends issuance if it is to be
    /// sealed. `tell` is told after each.
    ///
    /// # Errors
    /// What is on chain is not what the file says, before anything is sent and before the seal.
    pub fn run(
        &self,
        client: &Client,
        signer: &mut Signer,
        seal: bool,
        mut tell: impl FnMut(Batch),
    ) -> Result<Standing, ImportError> {
        let mut issued = self.ensure_same(client)?.issued;
        while let Some(missing) = self.owners.get(at(issued)..).filter(|all| !all.is_empty()) {
            let batches = batches(missing);
            let Some(batch) = batches.first() else {
                break;
            };
            let message = self.issue(batch)?;
            let moved = || Ok(self.supply(client)?.issued != issued);
            let outcome = send_once(client, signer, &[message], moved)?;
            issued = self.supply(client)?.issued;
            tell(Batch {
                issued,
                rows: batch.len(),
                gas: outcome.map(|outcome| outcome.gas_used),
            });
        }
        let mut standing = self.ensure_same(client)?;
        if seal && !standing.sealed {
            let message = self.sealing()?;
            let sealed = || Ok(self.supply(client)?.sealed);
            let outcome = send_once(client, signer, &[message], sealed)?;
            standing.sealed = true;
            tell(Batch {
                issued,
                rows: 0,
                gas: outcome.map(|outcome| outcome.gas_used),
            });
        }
        Ok(standing)
    }

    /// How far it is; refuses what can't be a part of it.
    pub fn ensure_same(&self, client: &Client) -> Result<Standing, ImportError> {
        let standing = self.standing(client)?;
        let Standing { file, issued, .. } = standing;
        if issued > file {
            return Err(ImportError::MoreKeys { issued, file });
        }
        if !self.moved_ok && !standing.others.is_empty() {
            return Err(ImportError::OtherOwners(standing.others));
        }
        if standing.sealed && issued < file {
            return Err(ImportError::Sealed { issued, file });
        }
        Ok(standing)
    }

    fn supply(&self, client: &Client) -> Result<SupplyResponse, ChainError> {
        client.smart(self.registry, &QueryMsg::Supply { epoch: None })
    }

    /// Numbers and present owners of keys. The epoch may end between two questions; then it is asked
    /// for the one that was running.
    fn owners_of(
        &self,
        client: &Client,
        keys: Vec<KeyId>,
        epoch: Epoch,
    ) -> Result<Vec<(u32, String)>, ChainError> {
        let query = QueryMsg::OwnersAt { keys, epoch };
        let answer: OwnersAtResponse = client.smart(self.registry, &query)?;
        let owners = answer.owners.into_iter().map(|at| {
            let owner = at.owner.map(|owner| owner.into_string());
            (at.key.0, owner.unwrap_or_else(|| "nobody's".to_owned()))
        });
        Ok(owners.collect())
    }

    fn issue(&self, batch: &[(&str, u32)]) -> Result<Message, ImportError> {
        let rows = batch.iter().map(|(owner, count)| IssueRow {
            owner: (*owner).to_owned(),
            count: *count,
        });
        let msg = ExecuteMsg::Issue {
            rows: rows.collect(),
        };
        Ok(Message::execute(self.registry, &msg, vec![])?)
    }
}

/// Rows of owner and number of keys in the keys' order, as many as one message takes.
pub fn batches(owners: &[String]) -> Vec<Vec<(&str, u32)>> {
    let mut batches: Vec<Vec<(&str, u32)>> = Vec::new();
    let mut room = MAX_ISSUE;
    for owner in owners {
        let batch = batches.last_mut().filter(|_| room > 0);
        match batch {
            Some(batch) if batch.last().is_some_and(|(last, _)| last == owner) => {
                if let Some((_, count)) = batch.last_mut() {
                    *count = count.saturating_add(1);
                }
            }
            Some(batch) if batch.len() < MAX_BATCH => batch.push((owner, 1)),
            _ => {
                batches.push(vec![(owner, 1)]);
                room = MAX_ISSUE;
            }
        }
        room = room.saturating_sub(1);
    }
    batches
}

impl core::fmt::Display for OtherOwner {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self { key, file, chain } = self;
        write!(f, "key {key}: the file says {file}, on chain it is {chain}")
    }
}

fn told(others: &[OtherOwner]) -> String {
    let told: Vec<String> = others
        .iter()
        .take(TOLD)
        .map(OtherOwner::to_string)
        .collect();
    told.join("; ")
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

fn at(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_issued_in_order_and_in_batches_that_one_message_takes() {
        let name = |i: u32| format!("op-{}", i / 3);
        let owners: Vec<String> = (0..4_732).map(name).collect();
        let batches = batches(&owners);
        let keys = |batch: &Vec<(&str, u32)>| batch.iter().map(|row| row.1).sum::<u32>();
        assert!(batches.iter().all(|batch| batch.len() <= MAX_BATCH));
        assert!(batches.iter().all(|batch| keys(batch) <= MAX_ISSUE));
        let rows = batches.iter().flatten();
        let issued: Vec<String> = rows
            .flat_map(|(owner, count)| (0..*count).map(|_| (*owner).to_owned()))
            .collect();
        assert_eq!(issued, owners);
    }

    #[test]
    fn one_owner_of_all_keys_takes_few_messages() {
        let owners = vec!["alice".to_owned(); 2_500];
        let counts: Vec<u32> = batches(&owners).iter().map(|batch| batch[0].1).collect();
        assert_eq!(counts, [1_000, 1_000, 500]);
    }

    #[test]
    fn what_is_issued_is_not_sent_again() {
        let owners: Vec<String> = (0..250).map(|i| format!("op-{i}")).collect();
        let import = KeyImport {
            registry: "registry",
            owners: &owners,
            moved_ok: false,
        };
        let messages = |issued| import.messages(issued).unwrap();
        assert_eq!(messages(0).len(), 3);
        assert_eq!(messages(100), messages(0)[1..]);
        assert_eq!(messages(250), []);
        let Message::Execute { msg, .. } = &messages(249)[0] else {
            unreachable!()
        };
        let text = String::from_utf8(msg.clone()).unwrap();
        assert_eq!(text, r#"{"issue":{"rows":[{"owner":"op-249","count":1}]}}"#);
    }
}
