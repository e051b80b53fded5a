//! Typed queries of the deployed contracts.

use core::fmt;

use cosmwasm_std::{to_json_binary, Uint128};
use noderev_api::registry::OwnerAt;
use noderev_api::{delegation, distributor, registry, vault};
use noderev_chain::{ChainError, Client, Message, Result};
use noderev_components::{Denom, Epoch, EpochClock, KeyId};
use serde::de::DeserializeOwned;
use serde::Serialize;

use crate::{Deployment, DeploymentError};

/// One of the contracts of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Contract {
    /// The revenue distributor.
    Distributor,
    /// The delegation contract.
    Delegation,
    /// The node registry.
    Registry,
    /// The staking vault.
    Vault,
}

impl Contract {
    /// All of them; those that close epochs first.
    pub const ALL: [Self; 4] = [
        Self::Distributor,
        Self::Delegation,
        Self::Registry,
        Self::Vault,
    ];

    /// Its name in a deployment's file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Distributor => "distributor",
            Self::Delegation => "delegation",
            Self::Registry => "registry",
            Self::Vault => "vault",
        }
    }
}

/// As sentences call it.
impl fmt::Display for Contract {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Delegation => "delegation contract",
            other => other.name(),
        })
    }
}

/// The deployed contracts, to ask.
#[derive(Clone, Debug)]
pub struct Contracts {
    client: Client,
    /// The node registry's address.
    pub registry: String,
    /// The staking vault's address.
    pub vault: String,
    /// The revenue distributor's address.
    pub distributor: String,
    /// The delegation contract's address.
    pub delegation: String,
    /// The QST token's address.
    pub qst: String,
}

impl Contracts {
    /// The contracts of this deployment.
    pub fn new(
        client: &Client,
        deployment: &Deployment,
    ) -> core::result::Result<Self, DeploymentError> {
        let address = |name: &str| deployment.address(name).map(str::to_owned);
        Ok(Self {
            client: client.clone(),
            registry: address("registry")?,
            vault: address("vault")?,
            distributor: address("distributor")?,
            delegation: address("delegation")?,
            qst: address("qst")?,
        })
    }

    /// The chain that they are on.
    pub const fn client(&self) -> &Client {
        &self.client
    }

    /// A contract's address.
    pub fn address(&self, contract: Contract) -> &str {
        match contract {
            Contract::Registry => &self.registry,
            Contract::Vault => &self.vault,
            Contract::Distributor => &self.distributor,
            Contract::Delegation => &self.delegation,
        }
    }

    /// What an account holds of a currency, by the chain or the token.
    pub fn balance(&self, account: &str, denom: &Denom) -> Result<u128> {
        match denom {
            Denom::Native(denom) => self.client.balance(account, denom),
            Denom::Cw20(token) => {
                let query = cw20::Cw20QueryMsg::Balance {
                    address: account.to_owned(),
                };
                let held: cw20::BalanceResponse = self.client.smart(token, &query)?;
                Ok(held.balance.u128())
            }
        }
    }

    /// The clock of all contracts.
    pub fn clock(&self) -> Result<EpochClock> {
        let config: registry::ConfigResponse = self.ask_registry(&registry::QueryMsg::Config {})?;
        let clock = config.clock.parse();
        clock.map_err(|error| ChainError::answer("config", error))
    }

    /// A message that sends tokens to one of the contracts and says what they are for.
    pub fn send_tokens(
        &self,
        token: &str,
        to: Contract,
        amount: u128,
        hook: &impl Serialize,
    ) -> Result<Message> {
        let hook = to_json_binary(hook);
        let send = cw20::Cw20ExecuteMsg::Send {
            contract: self.address(to).to_owned(),
            amount: Uint128::new(amount),
            msg: hook.map_err(|error| ChainError::Message(error.to_string()))?,
        };
        Message::execute(token, &send, Vec::new())
    }

    /// Who owned keys, as many as one batch takes, at the end of an epoch, or owns them now if it runs.
    pub(crate) fn owners_at(&self, keys: Vec<KeyId>, epoch: Epoch) -> Result<Vec<OwnerAt>> {
        let query = registry::QueryMsg::OwnersAt { keys, epoch };
        let answer: registry::OwnersAtResponse = self.ask_registry(&query)?;
        Ok(answer.owners)
    }

    /// Asks the registry.
    pub fn ask_registry<T: DeserializeOwned>(&self, query: &registry::QueryMsg) -> Result<T> {
        self.client.smart(&self.registry, query)
    }

    /// Asks the vault.
    pub fn ask_vault<T: DeserializeOwned>(&self, query: &vault::QueryMsg) -> Result<T> {
        self.client.smart(&self.vault, query)
    }

    /// Asks the distributor.
    pub fn ask_distributor<T: DeserializeOwned>(&self, query: &distributor::QueryMsg) -> Result<T> {
        self.client.smart(&self.distributor, query)
    }

    /// Asks the delegation contract.
    pub fn ask_delegation<T: DeserializeOwned>(&self, query: &delegation::QueryMsg) -> Result<T> {
        self.client.smart(&self.delegation, query)
    }
}

/// All pages of a list that names where a page begins by its last entry.
pub(crate) fn pages<T>(mut page: impl FnMut(Option<&T>) -> Result<Vec<T>>) -> Result<Vec<T>> {
    let mut all: Vec<T> = Vec::new();
    loop {
        let next = page(all.last())?;
        let ended = next.is_empty();
        all.extend(next);
        if ended {
            return Ok(all);
        }
    }
}
