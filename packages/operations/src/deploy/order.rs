//! What is asked for: a manifest, code, a deployer; and the messages that follow from them.

use cw20::MinterResponse;
use noderev_api::delegation::Collection;
use noderev_api::{delegation, distributor, registry, vault};
use noderev_chain::{ChainError, Network};
use noderev_components::DenomInfo;
use serde::Serialize;

use super::artifacts::Artifacts;
use super::DeployError;
use crate::manifest::QST;
use crate::{Addresses, Deployment, Manifest};

/// Decimals of a QST that is created; the contracts take no other.
const QST_DECIMALS: u8 = 6;
/// The name of QST's code, and of all tokens'.
const TOKEN: &str = "cw20_base";

/// What is to be deployed.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Parameters and roles.
    pub manifest: &'a Manifest,
    /// Code.
    pub artifacts: &'a Artifacts,
    /// Whether test tokens are created.
    pub test_token: bool,
    /// Who deploys.
    pub deployer: &'a str,
}

/// A contract that is created.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Its name in the state file.
    pub name: String,
    /// Name of its code.
    pub code: &'static str,
}

/// Name of a test token in the state file.
pub(super) fn token_name(symbol: &str) -> String {
    format!("token:{symbol}")
}

impl Order<'_> {
    /// Refuses what is known to be refused.
    pub(super) fn check(&self, network: &Network) -> Result<(), DeployError> {
        let addresses = Addresses::of(network);
        addresses.check(self.deployer)?;
        self.manifest.check(&addresses, self.test_token)?;
        Ok(())
    }

    /// Contracts in the order in which they are created: each finds those that it asks.
    pub(super) fn parts(&self) -> Vec<Part> {
        let part = |name: &str, code| Part {
            name: name.to_owned(),
            code,
        };
        let mut parts = Vec::new();
        if self.manifest.tokens.qst.is_none() {
            parts.push(part(QST, TOKEN));
        }
        let denominations = self.manifest.denominations.iter();
        let created = denominations.filter(|one| one.is_created());
        parts.extend(created.map(|one| part(&token_name(&one.symbol), TOKEN)));
        parts.extend([
            part("registry", "node_registry"),
            part("vault", "staking_vault"),
            part("distributor", "revenue_distributor"),
            part("reward_token", TOKEN),
            part("delegation", "delegation"),
        ]);
        parts
    }

    /// Contracts that must be there: name in the state file and address.
    pub(super) fn existing(&self) -> Vec<(String, String)> {
        let manifest = self.manifest;
        let qst = manifest.tokens.qst.iter();
        let qst = qst.map(|address| (QST.to_owned(), address.clone()));
        let tokens = manifest.denominations.iter().filter_map(|one| {
            let token = one.existing_token()?;
            Some((token_name(&one.symbol), token.to_owned()))
        });
        let collections = manifest.collections.iter();
        let collections =
            collections.map(|one| (format!("collection:{}", one.name), one.address.clone()));
        qst.chain(tokens).chain(collections).collect()
    }

    /// Label and salt of a contract.
    pub(super) fn salt(&self, name: &str) -> String {
        format!("{}/{name}", self.manifest.salt)
    }

    /// A contract's message, JSON, with the addresses and the clock of `plan`.
    pub(super) fn message(&self, name: &str, plan: &Deployment) -> Result<Vec<u8>, DeployError> {
        match name {
            "registry" => json(&self.registry(plan)?),
            "vault" => json(&self.vault(plan)?),
            "distributor" => json(&self.distributor(plan)?),
            "delegation" => json(&self.delegation(plan)?),
            "reward_token" => {
                let token = &self.manifest.reward_token;
                let mint = MinterResponse {
                    minter: plan.address("delegation")?.to_owned(),
                    cap: token.cap,
                };
                new_token(&token.symbol, token.decimals, mint)
            }
            QST => self.new_qst(QST_DECIMALS),
            token => {
                let denominations = self.manifest.denominations.iter();
                let mut created = denominations.filter(|one| one.is_created());
                let found = created.find(|one| token_name(&one.symbol) == token);
                let one = found.ok_or_else(|| DeployError::NoArtifact(token.to_owned()))?;
                new_token(&one.symbol, one.decimals, self.minted())
            }
        }
    }

    /// The message that creates a QST.
    pub(super) fn new_qst(&self, decimals: u8) -> Result<Vec<u8>, DeployError> {
        new_token("QST", decimals, self.minted())
    }

    /// Test tokens are minted by the deployer.
    fn minted(&self) -> MinterResponse {
        MinterResponse {
            minter: self.deployer.to_owned(),
            cap: None,
        }
    }

    fn owner(&self) -> String {
        self.manifest.roles.owner(self.deployer).to_owned()
    }

    fn guardian(&self) -> Option<String> {
        let guardian = self.manifest.roles.guardian(self.deployer);
        guardian.map(str::to_owned)
    }

    fn registry(&self, plan: &Deployment) -> Result<registry::InstantiateMsg, DeployError> {
        let roles = &self.manifest.roles;
        Ok(registry::InstantiateMsg {
            name: self.manifest.name.clone(),
            symbol: self.manifest.symbol.clone(),
            owner: self.owner(),
            minter: roles.minter(self.deployer).to_owned(),
            treasury: roles.treasury(self.deployer).to_owned(),
            guardian: self.guardian(),
            clock: plan.clock.clone(),
            qst: plan.address(QST)?.to_owned(),
            vault: plan.address("vault")?.to_owned(),
            distributor: plan.address("distributor")?.to_owned(),
            params: self.manifest.registry.clone(),
        })
    }

    fn vault(&self, plan: &Deployment) -> Result<vault::InstantiateMsg, DeployError> {
        Ok(vault::InstantiateMsg {
            owner: self.owner(),
            guardian: self.guardian(),
            registry: plan.address("registry")?.to_owned(),
            params: self.manifest.vault.clone(),
        })
    }

    fn distributor(&self, plan: &Deployment) -> Result<distributor::InstantiateMsg, DeployError> {
        let roles = &self.manifest.roles;
        Ok(distributor::InstantiateMsg {
            owner: self.owner(),
            guardian: self.guardian(),
            treasury: roles.treasury(self.deployer).to_owned(),
            arbiter: roles.arbiter(self.deployer).to_owned(),
            registry: plan.address("registry")?.to_owned(),
            vault: plan.address("vault")?.to_owned(),
            denoms: self.denoms(plan)?,
            params: self.manifest.distributor.clone(),
        })
    }

    fn delegation(&self, plan: &Deployment) -> Result<delegation::InstantiateMsg, DeployError> {
        Ok(delegation::InstantiateMsg {
            owner: self.owner(),
            guardian: self.guardian(),
            clock: plan.clock.clone(),
            token: plan.address("reward_token")?.to_owned(),
            collections: self.collections(),
            params: self.manifest.delegation.clone(),
        })
    }

    /// What NFTs weigh from the beginning.
    pub(super) fn collections(&self) -> Vec<Collection> {
        let collections = self.manifest.collections.iter().map(|one| Collection {
            collection: one.address.clone(),
            weight: one.weight,
            classes: one.classes.clone(),
        });
        collections.collect()
    }

    /// The currencies of revenue.
    pub(super) fn denoms(&self, plan: &Deployment) -> Result<Vec<DenomInfo>, DeployError> {
        let qst = plan.address(QST)?;
        let denominations = self.manifest.denominations.iter();
        let info = denominations.map(|one| {
            let token = match one.is_created() {
                true => plan.address(&token_name(&one.symbol))?,
                false => qst,
            };
            Ok(one.info(qst, token))
        });
        info.collect()
    }
}

/// The message that creates a token.
fn new_token(symbol: &str, decimals: u8, mint: MinterResponse) -> Result<Vec<u8>, DeployError> {
    let msg = cw20_base::msg::InstantiateMsg {
        name: format!("{symbol} token"),
        symbol: symbol.to_owned(),
        decimals,
        initial_balances: Vec::new(),
        mint: Some(mint),
        marketing: None,
    };
    json(&msg)
}

fn json(msg: &impl Serialize) -> Result<Vec<u8>, DeployError> {
    let bytes = cosmwasm_std::to_json_vec(msg);
    Ok(bytes.map_err(|error| ChainError::Message(error.to_string()))?)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use cosmwasm_std::Timestamp;
    use noderev_api::common::Clock;
    use noderev_chain::Networks;
    use noderev_testing::{rehearse, Planned};

    use super::super::artifacts::CODES;
    use super::*;
    use crate::{CodeState, ContractState};

    const LOCAL: &str = include_str!("../../../../manifests/local.toml");
    const TESTNET: &str = include_str!("../../../../manifests/testnet.toml");
    const DEPLOYER: &str = "wasm15yk64u7zc9g9k2yr2wmzeva5qgwxps6yvw76s4";

    fn artifacts() -> Artifacts {
        let folder = tempfile::tempdir().unwrap();
        for name in CODES {
            fs::write(folder.path().join(format!("{name}.wasm")), name).unwrap();
        }
        Artifacts::read(folder.path(), false).unwrap()
    }

    /// Creates everything on an embedded chain at this time; the name of what is refused, and why.
    fn rehearsed(text: &str, now: u64) -> Result<(), (String, String)> {
        let manifest = Manifest::parse(text).unwrap();
        let artifacts = artifacts();
        let order = Order {
            manifest: &manifest,
            artifacts: &artifacts,
            test_token: true,
            deployer: DEPLOYER,
        };
        let addresses = Addresses::of(Networks::built_in().unwrap().get("local").unwrap());
        let mut plan = Deployment {
            chain_id: "noderev-local".into(),
            deployer: DEPLOYER.into(),
            clock: Clock::from(manifest.clock(now)),
            codes: std::collections::BTreeMap::<String, CodeState>::new(),
            contracts: std::collections::BTreeMap::new(),
            played: false,
        };
        let parts = order.parts();
        for Part { name, code } in &parts {
            let checksum = artifacts.get(code).unwrap().checksum;
            let address = addresses.foreseen(&checksum, DEPLOYER, &order.salt(name));
            let state = ContractState {
                address: address.unwrap(),
                code: Some((*code).to_owned()),
                created: false,
            };
            plan.contracts.insert(name.clone(), state);
        }
        let creations = parts.iter().map(|part| Planned {
            code: part.code.to_owned(),
            address: plan.address(&part.name).unwrap().to_owned(),
            msg: order.message(&part.name, &plan).unwrap(),
        });
        let creations: Vec<_> = creations.collect();
        let now = Timestamp::from_seconds(now);
        rehearse(addresses.prefix(), now, DEPLOYER, &creations)
            .map_err(|(place, why)| (parts[place].name.clone(), why))
    }

    #[test]
    fn the_manifests_create_contracts_that_work_together() {
        assert_eq!(rehearsed(LOCAL, 1_795_000_000), Ok(()));
        assert_eq!(rehearsed(TESTNET, 1_796_104_800), Ok(()));
        let token = LOCAL.replace("native = \"uusdc\"", "cw20 = \"test\"");
        assert_eq!(rehearsed(&token, 1_795_000_000), Ok(()));
    }

    #[test]
    fn what_a_contract_would_refuse_is_known_before() {
        let changes = [
            (
                "name = \"QuStream node keys\"",
                "name = \"\"",
                "registry",
                "name length is 0",
            ),
            (
                "market_fee = 200",
                "market_fee = 501",
                "registry",
                "market_fee is 501",
            ),
            (
                "unbonding_period = 120",
                "unbonding_period = 7776001",
                "vault",
                "unbonding_period",
            ),
            (
                "network_share = 6000",
                "network_share = 5999",
                "distributor",
                "network_share is 5999",
            ),
            (
                "symbol = \"USDC\"",
                "symbol = \"\"",
                "distributor",
                "symbol length is 0",
            ),
            (
                "symbol = \"OURO\"",
                "symbol = \"O\"",
                "reward_token",
                "Ticker symbol",
            ),
            (
                "slot_size = \"20000\"",
                "slot_size = \"0\"",
                "delegation",
                "slot_size is 0",
            ),
        ];
        for (from, to, name, why) in changes {
            assert!(LOCAL.contains(from), "{from}");
            let refusal = rehearsed(&LOCAL.replacen(from, to, 1), 1_795_000_000).unwrap_err();
            assert_eq!(refusal.0, name);
            assert!(refusal.1.contains(why), "{to}: {}", refusal.1);
        }
        let (name, why) = rehearsed(TESTNET, 1_796_104_799).unwrap_err();
        assert_eq!(name, "registry");
        assert!(why.contains("epoch 0 must be running now"), "{why}");
    }
}
