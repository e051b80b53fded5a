//! Bringing an account's stakes in from a file: what is missing, each once. Nothing is taken out.

use std::collections::BTreeSet;

use noderev_api::registry::{self, SupplyResponse};
use noderev_api::vault::{NodeStakesResponse, QueryMsg, MAX_BATCH};
use noderev_chain::{ChainError, Client, Message, Signer};
use noderev_components::KeyId;
use thiserror::Error;

use crate::batches::MESSAGES;
use crate::moment::ensure_qst;
use crate::nodes::{self, NodeError};
use crate::pool::{self, PoolError};
use crate::{send_once, Contracts, Hindrance, Moment};

/// Why stakes are not brought in, or not all.
#[derive(Debug, Error)]
pub enum StakeError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It can't now.
    #[error(transparent)]
    Hindrance(#[from] Hindrance),
    /// Nodes can't be staked.
    #[error(transparent)]
    Node(#[from] NodeError),
    /// Nothing can be put into the pool.
    #[error(transparent)]
    Pool(#[from] PoolError),
    /// Keys have been split.
    #[error("keys have been split: there are {factor} for each of before, and the file's are those of before")]
    Split {
        /// Keys for each of before, by all splits together.
        factor: u32,
    },
}

impl StakeError {
    /// Whether the chain or a contract refuses, or would.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            Self::Hindrance(error) => error.is_refusal(),
            Self::Node(error) => error.is_refusal(),
            Self::Pool(error) => error.is_refusal(),
            Self::Split { .. } => false,
        }
    }
}

/// What an account is to have staked from the next epoch on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stakes {
    /// Keys of its nodes.
    pub nodes: BTreeSet<KeyId>,
    /// Keys of nodes that are not to be staked any more.
    pub left: BTreeSet<KeyId>,
    /// In the pool, smallest units of QST.
    pub pool: u128,
}

/// What the chain has of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The account's nodes that are not staked from the next epoch on.
    pub missing: Vec<KeyId>,
    /// Its nodes that still are.
    pub left: Vec<KeyId>,
    /// Keys of nodes that are to be staked and that the account does not own: only their owner can.
    pub others: Vec<KeyId>,
    /// In the pool from the next epoch on, smallest units of QST.
    pub pool: u128,
    /// The stake of one node.
    pub each: u128,
}

/// Stakes of a file, and the account whose they are.
#[derive(Clone, Copy, Debug)]
pub struct StakeImport<'a> {
    /// The contracts.
    pub contracts: &'a Contracts,
    /// Whose.
    pub account: &'a str,
    /// What is to be staked.
    pub stakes: &'a Stakes,
}

impl Standing {
    /// What is missing in the pool, smallest units of QST.
    pub const fn missing_in_pool(&self, stakes: &Stakes) -> u128 {
        stakes.pool.saturating_sub(self.pool)
    }

    /// What all that is missing takes, smallest units of QST.
    pub fn need(&self, stakes: &Stakes) -> u128 {
        let nodes = u128::try_from(self.missing.len()).unwrap_or(u128::MAX);
        let nodes = nodes.saturating_mul(self.each);
        nodes.saturating_add(self.missing_in_pool(stakes))
    }
}

/// Refuses a file of stakes once keys have been split: by then a node takes another stake, and the file's
/// keys are those of before.
pub fn ensure_unsplit(contracts: &Contracts) -> Result<(), StakeError> {
    let query = registry::QueryMsg::Supply { epoch: None };
    let supply: SupplyResponse = contracts.ask_registry(&query)?;
    match supply.factor {
        1 => Ok(()),
        factor => Err(StakeError::Split { factor }),
    }
}

impl StakeImport<'_> {
    /// Compares the file with the chain.
    pub fn standing(&self) -> Result<Standing, StakeError> {
        ensure_unsplit(self.contracts)?;
        Ok(self.found()?)
    }

    fn found(&self) -> Result<Standing, ChainError> {
        let owned = self.owned(&self.stakes.nodes)?;
        let staked = self.staked(&owned)?;
        let left = self.staked(&self.owned(&self.stakes.left)?)?;
        Ok(Standing {
            missing: owned.difference(&staked).copied().collect(),
            left: left.into_iter().collect(),
            others: self.stakes.nodes.difference(&owned).copied().collect(),
            pool: pool::next_stake(self.contracts, self.account)?,
            each: nodes::requirement(self.contracts)?,
        })
    }

    /// Which of these keys the account owns now.
    fn owned(&self, keys: &BTreeSet<KeyId>) -> Result<BTreeSet<KeyId>, ChainError> {
        let epoch = Moment::of(self.contracts)?.epoch;
        let keys: Vec<KeyId> = keys.iter().copied().collect();
        let mut owned = BTreeSet::new();
        for keys in keys.chunks(registry::MAX_BATCH) {
            let owners = self.contracts.owners_at(keys.to_vec(), epoch)?;
            let own = owners.iter().filter(|at| {
                let owner = at.owner.as_ref();
                owner.is_some_and(|owner| owner.as_str() == self.account)
            });
            owned.extend(own.map(|at| at.key));
        }
        Ok(owned)
    }

    /// Which of these nodes are staked from the next epoch on.
    fn staked(&self, keys: &BTreeSet<KeyId>) -> Result<BTreeSet<KeyId>, ChainError> {
        let keys: Vec<KeyId> = keys.iter().copied().collect();
        let mut staked = BTreeSet::new();
        for keys in keys.chunks(MAX_BATCH) {
            let keys = keys.to_vec();
            let answer: NodeStakesResponse =
                self.contracts.ask_vault(&QueryMsg::NodeStakes { keys })?;
            let nodes = answer.nodes.iter().filter(|node| node.staked_next);
            staked.extend(nodes.map(|node| node.key));
        }
        Ok(staked)
    }

    /// What is missing, unless it can't be brought in.
    pub fn ensure_possible(&self) -> Result<Standing, StakeError> {
        let standing = self.standing()?;
        ensure_qst(self.contracts, self.account, standing.need(self.stakes))?;
        self.next(&standing)?;
        Ok(standing)
    }

    /// Messages of the next transaction: nodes first, then the pool; none if nothing is missing.
    pub fn next(&self, standing: &Standing) -> Result<Vec<Message>, StakeError> {
        let most = MAX_BATCH.saturating_mul(MESSAGES);
        let keys = standing.missing.get(..most).unwrap_or(&standing.missing);
        let pool = standing.missing_in_pool(self.stakes);
        match (keys.is_empty(), pool) {
            (false, _) => Ok(nodes::stake(self.contracts, self.account, keys)?.messages),
            (true, 0) => Ok(Vec::new()),
            (true, pool) => Ok(pool::deposit(self.contracts, self.account, pool)?.messages),
        }
    }

    /// Stakes what is missing, one transaction after the other. `tell` is told after each what there is
    /// then.
    pub fn run(
        &self,
        client: &Client,
        signer: &mut Signer,
        mut tell: impl FnMut(&Standing),
    ) -> Result<Standing, StakeError> {
        let mut standing = self.ensure_possible()?;
        loop {
            let messages = self.next(&standing)?;
            if messages.is_empty() {
                return Ok(standing);
            }
            send_once(client, signer, &messages, || Ok(self.found()? != standing))?;
            standing = self.found()?;
            tell(&standing);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_has_a_price() {
        let stakes = Stakes {
            pool: 10,
            ..Stakes::default()
        };
        let standing = |missing: &[u32], pool| Standing {
            missing: missing.iter().copied().map(KeyId).collect(),
            left: Vec::new(),
            others: Vec::new(),
            pool,
            each: 100,
        };
        assert_eq!(standing(&[], 10).need(&stakes), 0);
        assert_eq!(standing(&[7, 9], 4).need(&stakes), 206);
        // More than the file has stays where it is.
        assert_eq!(standing(&[], 11).need(&stakes), 0);
    }
}
