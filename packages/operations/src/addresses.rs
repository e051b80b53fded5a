//! Addresses of a chain: whether a text is one, and where a contract will be.

use cosmwasm_std::testing::MockApi;
use cosmwasm_std::{instantiate2_address, Api, Checksum};
use noderev_chain::Network;
use thiserror::Error;

/// Longest salt of a contract, bytes.
pub const MAX_SALT: usize = 64;

/// Addresses of one network. The rules are those that contracts see.
pub struct Addresses {
    api: MockApi,
    prefix: String,
}

/// Why a text is no address, or a contract can have none.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum AddressError {
    /// It is no address of this network.
    #[error("`{text}` is no address of this network, they begin with {prefix}1: {reason}")]
    NoAddress {
        /// The text.
        text: String,
        /// Beginning of the network's addresses.
        prefix: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A contract's salt is too long.
    #[error("salt `{salt}`: {} bytes, at most {MAX_SALT}", salt.len())]
    Salt {
        /// The salt.
        salt: String,
    },
}

impl Addresses {
    /// Addresses of this network.
    pub fn of(network: &Network) -> Self {
        // The library takes a prefix that lives as long as the program.
        let prefix: &'static str = network.prefix.clone().leak();
        Self {
            api: MockApi::default().with_prefix(prefix),
            prefix: network.prefix.clone(),
        }
    }

    /// What the contracts' own checks ask.
    pub fn api(&self) -> &dyn Api {
        &self.api
    }

    /// Refuses what is no address of this network: another prefix, a wrong checksum, capitals.
    pub fn check(&self, text: &str) -> Result<(), AddressError> {
        let valid = self.api.addr_validate(text);
        valid.map(drop).map_err(|error| self.refuse(text, error))
    }

    /// Where a creator's contract with this code and salt will be.
    pub fn foreseen(
        &self,
        checksum: &Checksum,
        creator: &str,
        salt: &str,
    ) -> Result<String, AddressError> {
        let refuse = |error| self.refuse(creator, error);
        if salt.is_empty() || salt.len() > MAX_SALT {
            let salt = salt.to_owned();
            return Err(AddressError::Salt { salt });
        }
        let creator = self.api.addr_canonicalize(creator).map_err(refuse)?;
        let address = instantiate2_address(checksum.as_slice(), &creator, salt.as_bytes());
        let address = address.map_err(|_| AddressError::Salt {
            salt: salt.to_owned(),
        })?;
        let address = self.api.addr_humanize(&address).map_err(refuse)?;
        Ok(address.into_string())
    }

    fn refuse(&self, text: &str, error: cosmwasm_std::StdError) -> AddressError {
        AddressError::NoAddress {
            text: text.to_owned(),
            prefix: self.prefix.clone(),
            reason: match error {
                cosmwasm_std::StdError::GenericErr { msg, .. } => msg,
                other => other.to_string(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use noderev_chain::Networks;

    const DEPLOYER: &str = "wasm15yk64u7zc9g9k2yr2wmzeva5qgwxps6yvw76s4";

    fn addresses() -> Addresses {
        Addresses::of(Networks::built_in().unwrap().get("local").unwrap())
    }

    #[test]
    fn another_prefix_a_wrong_letter_and_capitals_are_refused() {
        let addresses = addresses();
        assert_eq!(addresses.check(DEPLOYER), Ok(()));
        let other = "osmo1cyyzpxplxdzkeea7kwsydadg87357qnahakaks";
        let typing = DEPLOYER.replace("5yk", "5yl");
        for wrong in [other, &typing, &DEPLOYER.to_uppercase(), "alice", ""] {
            let refusal = addresses.check(wrong).unwrap_err().to_string();
            assert!(refusal.contains("they begin with wasm1"), "{refusal}");
        }
    }

    #[test]
    fn a_salt_has_1_to_64_bytes() {
        let foreseen = |salt: &str| {
            let checksum = Checksum::generate(b"wasm");
            addresses().foreseen(&checksum, DEPLOYER, salt)
        };
        assert!(foreseen(&"x".repeat(64)).unwrap().starts_with("wasm1"));
        assert_ne!(foreseen("a"), foreseen("b"));
        for salt in [String::new(), "x".repeat(65)] {
            assert_eq!(foreseen(&salt), Err(AddressError::Salt { salt }));
        }
    }
}
