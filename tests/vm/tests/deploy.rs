//! All contracts created as wasm, one by one at addresses known beforehand: each stores the same
//! bytes as natively.

use cosmwasm_std::{Addr, Uint128};
use cw20::{Cw20Coin, MinterResponse};
use noderev_api::common::Clock;
use noderev_api::{delegation, distributor, registry, vault};
use noderev_components::EvidenceRules;
use noderev_testing::{Builder, Network};
use noderev_vm::artifacts::Artifact;
use noderev_vm::{twin, Chain};
use serde::Serialize;

/// Codes in the order in which the embedded network stores them.
const CODES: [Artifact; 9] = [
    Artifact::Token,
    Artifact::Registry,
    Artifact::Vault,
    Artifact::Distributor,
    Artifact::Delegation,
    Artifact::Token,
    Artifact::Collection,
    Artifact::Collection,
    Artifact::Collection,
];

struct Deployment {
    chain: Chain,
    network: Network,
    builder: Builder,
}

impl Deployment {
    fn new(builder: Builder) -> Self {
        let network = builder.clone().build();
        let mut chain = Chain::new(network.app().block_info());
        for (artifact, number) in CODES.into_iter().zip(1..) {
            let checksum = twin::made_up_checksum(number);
            let stored = chain.store_code_as(&artifact.wasm(), checksum);
            assert_eq!(stored.unwrap(), number, "{artifact:?}");
        }
        Self {
            chain,
            network,
            builder,
        }
    }

    fn name(&self, name: &str) -> String {
        self.network.account(name).into_string()
    }

    /// Creates a contract and compares what it has stored.
    fn create(&mut self, code: u64, salt: &str, at: &Addr, msg: &impl Serialize) {
        let deployer = self.network.account("deployer");
        let admin = self.network.account("admin");
        let made = self
            .chain
            .instantiate2(&deployer, code, msg, salt, Some(&admin));
        let (address, _) = made.unwrap_or_else(|failed| panic!("{salt}: {failed}"));
        assert_eq!(address, *at, "{salt}");
        let native = self.network.app().dump_wasm_raw(at);
        assert!(native.into_iter().eq(self.chain.dump(at)), "{salt}");
    }

    fn clock(&self) -> Clock {
        Clock::from(self.network.clock())
    }

    fn evidence(&self) -> EvidenceRules {
        let names = self.builder.attesters.iter();
        EvidenceRules {
            attesters: names.map(|name| self.name(name)).collect(),
            threshold: self.builder.threshold,
            ..self.builder.distributor.evidence.clone()
        }
    }

    fn token(&self, name: &str, symbol: &str, held: &[(&str, u128)], minter: String) -> Token {
        let held = held.iter().map(|(who, amount)| Cw20Coin {
            address: self.name(who),
            amount: Uint128::new(*amount),
        });
        Token {
            name: name.into(),
            symbol: symbol.into(),
            decimals: 6,
            initial_balances: held.collect(),
            mint: Some(MinterResponse { minter, cap: None }),
            marketing: None,
        }
    }

    fn registry(&self) -> registry::InstantiateMsg {
        let at = self.network.addresses();
        registry::InstantiateMsg {
            name: "QuStream node keys".into(),
            symbol: "QSK".into(),
            owner: self.name("owner"),
            minter: self.name("minter"),
            treasury: self.name("treasury"),
            guardian: Some(self.name("guardian")),
            clock: self.clock(),
            qst: at.qst.to_string(),
            vault: at.vault.to_string(),
            distributor: at.distributor.to_string(),
            params: self.builder.registry.clone(),
        }
    }

    fn vault(&self) -> vault::InstantiateMsg {
        vault::InstantiateMsg {
            owner: self.name("owner"),
            guardian: Some(self.name("guardian")),
            registry: self.network.addresses().registry.to_string(),
            params: self.builder.vault.clone(),
        }
    }

    fn distributor(&self) -> distributor::InstantiateMsg {
        let at = self.network.addresses();
        distributor::InstantiateMsg {
            owner: self.name("owner"),
            guardian: Some(self.name("guardian")),
            treasury: self.name("treasury"),
            arbiter: self.name("arbiter"),
            registry: at.registry.to_string(),
            vault: at.vault.to_string(),
            denoms: self.network.denoms().to_vec(),
            params: distributor::Params {
                evidence: self.evidence(),
                ..self.builder.distributor.clone()
            },
        }
    }

    fn delegation(&self) -> delegation::InstantiateMsg {
        let at = self.network.addresses();
        let collections = self.builder.collections.iter().zip(&at.collections);
        delegation::InstantiateMsg {
            owner: self.name("owner"),
            guardian: Some(self.name("guardian")),
            clock: self.clock(),
            token: at.reward_token.to_string(),
            collections: collections
                .map(|(collection, address)| delegation::Collection {
                    collection: address.to_string(),
                    weight: Uint128::new(collection.weight),
                    classes: collection.classes.clone(),
                })
                .collect(),
            params: delegation::Params {
                evidence: self.evidence(),
                ..self.builder.delegation.clone()
            },
        }
    }
}

type Token = cw20_base::msg::InstantiateMsg;

#[test]
fn every_contract_is_created_as_natively() {
    let mut it = Deployment::new(Network::builder());
    let at = it.network.addresses().clone();
    let qst = it.token("QST token", "QST", &[], it.name("token-minter"));
    it.create(1, "qst", &at.qst, &qst);
    it.create(2, "registry", &at.registry, &it.registry());
    it.create(3, "vault", &at.vault, &it.vault());
    it.create(4, "distributor", &at.distributor, &it.distributor());
    let faucet = ("reward-faucet", 1_000_000_000_000_000_000_000);
    let reward = it.token("OURO token", "OURO", &[faucet], at.delegation.to_string());
    it.create(6, "reward-token", &at.reward_token, &reward);
    for (place, code) in (0..3).zip(7..) {
        let name = it.builder.collections[place].name.clone();
        let msg = cw721_base::msg::InstantiateMsg {
            name: name.clone(),
            symbol: "NFT".into(),
            collection_info_extension: None,
            minter: Some(it.name("collection-minter")),
            creator: None,
            withdraw_address: None,
        };
        it.create(code, &name, &at.collections[place], &msg);
    }
    it.create(5, "delegation", &at.delegation, &it.delegation());
}

#[test]
fn a_contract_is_not_migrated_to_its_own_version() {
    let mut it = Deployment::new(Network::builder());
    let at = it.network.addresses().registry.clone();
    it.create(
        1,
        "qst",
        &it.network.addresses().qst.clone(),
        &it.token("QST token", "QST", &[], it.name("token-minter")),
    );
    it.create(2, "registry", &at, &it.registry());
    let admin = it.network.account("admin");
    let before = it.chain.dump(&at);
    let failed = it.chain.migrate(&admin, &at, 2, &registry::MigrateMsg {});
    assert!(failed.is_err());
    assert_eq!(it.chain.dump(&at), before);
}
