//! Which networks there are.

use std::collections::BTreeMap;

use cosmwasm_std::Decimal;
use serde::Deserialize;

use crate::{ChainError, FeeMarket, Result};

/// The file of networks that comes with the program.
const BUILT_IN: &str = include_str!("../networks.toml");

/// A chain and how to reach it.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// What its nodes say they are a node of.
    pub chain_id: String,
    /// Beginning of its addresses.
    pub prefix: String,
    /// Smallest unit of what fees are paid in.
    pub denom: String,
    /// Units of `denom` for one unit of gas; where there is a fee market, at least.
    pub gas_price: Decimal,
    /// The most that one unit of gas may cost where there is a fee market; no limit if left out.
    pub max_gas_price: Option<Decimal>,
    /// How the chain tells its present price, if it changes.
    pub fee_market: Option<FeeMarket>,
    /// Addresses of nodes' RPC, tried in this order.
    pub rpc: Vec<String>,
    /// The longest wasm that it takes, bytes.
    pub max_code: u64,
}

/// Networks by name.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(transparent)]
pub struct Networks(BTreeMap<String, Network>);

impl Networks {
    /// Those that come with the program.
    pub fn built_in() -> Result<Self> {
        Self::parse(BUILT_IN)
    }

    /// Reads a networks file: a table for each network.
    pub fn parse(text: &str) -> Result<Self> {
        let networks: Self =
            toml::from_str(text).map_err(|error| ChainError::Networks(error.to_string()))?;
        let unreachable = networks.0.iter().find(|(_, one)| one.rpc.is_empty());
        match unreachable {
            Some((name, _)) => Err(ChainError::Networks(format!("{name} has no rpc address"))),
            None => Ok(networks),
        }
    }

    /// The network of this name.
    pub fn get(&self, name: &str) -> Result<&Network> {
        self.0.get(name).ok_or_else(|| ChainError::UnknownNetwork {
            name: name.to_owned(),
            known: self.names().collect::<Vec<_>>().join(", "),
        })
    }

    /// Names, in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

impl Network {
    /// What so much gas costs, in units of `denom`, rounded up.
    pub fn fee(&self, gas: u64) -> u128 {
        let gas = cosmwasm_std::Uint128::from(gas);
        let fee = gas.checked_mul_ceil(self.gas_price);
        fee.map_or(u128::MAX, |fee| fee.u128())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = r#"
        [there]
        chain_id = "there-1"
        prefix = "there"
        denom = "uthere"
        gas_price = "0.0251"
        rpc = ["http://localhost:1"]
        max_code = 1000
    "#;

    #[test]
    fn networks_that_come_with_the_program_can_be_read() {
        let networks = Networks::built_in().unwrap();
        let names: Vec<_> = networks.names().collect();
        assert_eq!(names, ["juno", "local", "neutron", "osmosis", "xion"]);
        assert_eq!(networks.get("local").unwrap().prefix, "wasm");
    }

    #[test]
    fn an_unknown_network_is_refused_with_the_names_that_there_are() {
        let refusal = Networks::parse(ONE).unwrap().get("here").unwrap_err();
        let text = refusal.to_string();
        assert_eq!(text, "no network here in the networks file; it has: there");
    }

    #[test]
    fn unknown_fields_and_networks_without_nodes_are_refused() {
        let unknown = ONE.replace("max_code", "maximum");
        let refusal = Networks::parse(&unknown).unwrap_err().to_string();
        assert!(refusal.contains("maximum"), "{refusal}");
        let nowhere = ONE.replace("\"http://localhost:1\"", "");
        let refusal = Networks::parse(&nowhere).unwrap_err().to_string();
        assert_eq!(refusal, "networks file: there has no rpc address");
    }

    #[test]
    fn fees_are_rounded_up() {
        let networks = Networks::parse(ONE).unwrap();
        let there = networks.get("there").unwrap();
        assert_eq!(there.fee(0), 0);
        assert_eq!(there.fee(1), 1);
        assert_eq!(there.fee(10_000), 251);
        assert_eq!(there.fee(10_001), 252);
    }
}
