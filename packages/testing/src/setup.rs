//! Setting a network up, contract by contract.

use cosmwasm_std::{instantiate2_address, to_json_binary, Addr, Api, Uint128, WasmMsg};
use cw20::{Cw20Coin, MinterResponse};
use cw_multi_test::{App, Executor};
use noderev_api::common::Clock;
use noderev_api::delegation::{self, Collection};
use noderev_api::{distributor, registry, vault};
use noderev_components::{Denom, DenomInfo, EpochClock, EvidenceRules};
use serde::Serialize;

use crate::builder::{evidence_rules, Builder, Currency};
use crate::contracts;
use crate::journal::{Act, Creation, Entry, Journal};
use crate::network::{
    account, Addresses, Attesters, Network, COLLECTION_MINTER, REWARD_FAUCET, REWARD_FAUCET_HAS,
};

/// A network while it is being set up.
pub(crate) struct Setup {
    app: App,
    builder: Builder,
    addresses: Addresses,
    codes: Codes,
    denoms: Vec<DenomInfo>,
    journal: Option<Journal>,
}

struct Codes {
    token: u64,
    registry: u64,
    vault: u64,
    distributor: u64,
    delegation: u64,
    reward_token: u64,
    collections: Vec<u64>,
}

impl Setup {
    pub(crate) fn new(mut app: App, builder: Builder) -> Self {
        let collections = builder.collections.iter();
        let codes = Codes {
            token: app.store_code(contracts::token()),
            registry: app.store_code(contracts::registry()),
            vault: app.store_code(contracts::vault()),
            distributor: app.store_code(contracts::distributor()),
            delegation: app.store_code(contracts::delegation()),
            reward_token: app.store_code((builder.reward_token.code)()),
            collections: collections
                .map(|one| app.store_code((one.code)()))
                .collect(),
        };
        let collections = codes.collections.iter().zip(&builder.collections);
        let addresses = Addresses {
            qst: foreseen(&app, codes.token, "qst"),
            registry: foreseen(&app, codes.registry, "registry"),
            vault: foreseen(&app, codes.vault, "vault"),
            distributor: foreseen(&app, codes.distributor, "distributor"),
            delegation: foreseen(&app, codes.delegation, "delegation"),
            reward_token: foreseen(&app, codes.reward_token, "reward-token"),
            collections: collections
                .map(|(code, one)| foreseen(&app, *code, &one.name))
                .collect(),
        };
        Self {
            journal: builder.journal.then(Journal::default),
            app,
            builder,
            addresses,
            codes,
            denoms: Vec::new(),
        }
    }

    pub(crate) fn deploy(&mut self) -> anyhow::Result<()> {
        self.deploy_token("qst", "QST", 6)?;
        self.denoms = self.deploy_currencies()?;
        self.create(
            ("node_registry", self.codes.registry),
            "registry",
            &self.registry(),
        )?;
        self.create(("staking_vault", self.codes.vault), "vault", &self.vault())?;
        self.create(
            ("revenue_distributor", self.codes.distributor),
            "distributor",
            &self.distributor(),
        )?;
        self.deploy_reward_token()?;
        self.deploy_collections()?;
        self.create(
            ("delegation", self.codes.delegation),
            "delegation",
            &self.delegation(),
        )
    }

    fn deploy_currencies(&mut self) -> anyhow::Result<Vec<DenomInfo>> {
        let currencies = self.builder.currencies.clone();
        currencies
            .into_iter()
            .map(|one| self.currency(one))
            .collect()
    }

    fn currency(&mut self, currency: Currency) -> anyhow::Result<DenomInfo> {
        let (denom, symbol, decimals) = match currency {
            Currency::Native {
                denom,
                symbol,
                decimals,
            } => (Denom::Native(denom), symbol, decimals),
            Currency::Qst => (
                Denom::Cw20(self.addresses.qst.to_string()),
                "QST".to_owned(),
                6,
            ),
            Currency::Token { symbol, decimals } => {
                let salt = format!("token-{symbol}");
                self.deploy_token(&salt, &symbol, decimals)?;
                let token = foreseen(&self.app, self.codes.token, &salt);
                (Denom::Cw20(token.into_string()), symbol, decimals)
            }
        };
        Ok(DenomInfo {
            denom,
            symbol,
            decimals,
        })
    }

    fn deploy_token(&mut self, salt: &str, symbol: &str, decimals: u8) -> anyhow::Result<()> {
        let msg = cw20_base::msg::InstantiateMsg {
            name: format!("{symbol} token"),
            symbol: symbol.into(),
            decimals,
            initial_balances: Vec::new(),
            mint: Some(MinterResponse {
                minter: self.name("token-minter"),
                cap: None,
            }),
            marketing: None,
        };
        self.create(("cw20_base", self.codes.token), salt, &msg)
    }

    fn deploy_reward_token(&mut self) -> anyhow::Result<()> {
        let token = self.builder.reward_token.clone();
        let cap = token.cap;
        let msg = cw20_base::msg::InstantiateMsg {
            name: format!("{} token", token.symbol),
            symbol: token.symbol,
            decimals: token.decimals,
            initial_balances: vec![Cw20Coin {
                address: self.name(REWARD_FAUCET),
                amount: Uint128::new(REWARD_FAUCET_HAS),
            }],
            mint: Some(MinterResponse {
                minter: self.addresses.delegation.to_string(),
                cap: cap.map(|cap| Uint128::new(REWARD_FAUCET_HAS.saturating_add(cap))),
            }),
            marketing: None,
        };
        self.create(("cw20_base", self.codes.reward_token), "reward-token", &msg)
    }

    fn deploy_collections(&mut self) -> anyhow::Result<()> {
        let collections = self.builder.collections.clone();
        let codes = self.codes.collections.clone();
        for (collection, code) in collections.iter().zip(codes) {
            let minter = self.name(COLLECTION_MINTER);
            let msg = collection_msg(&collection.name, minter);
            self.create(("cw721_base", code), &collection.name, &msg)?;
        }
        Ok(())
    }

    fn registry(&self) -> registry::InstantiateMsg {
        registry::InstantiateMsg {
            name: "QuStream node keys".into(),
            symbol: "QSK".into(),
            owner: self.name("owner"),
            minter: self.name("minter"),
            treasury: self.name(&self.builder.treasury),
            guardian: Some(self.name("guardian")),
            clock: Clock::from(self.clock()),
            qst: self.addresses.qst.to_string(),
            vault: self.addresses.vault.to_string(),
            distributor: self.addresses.distributor.to_string(),
            params: self.builder.registry.clone(),
        }
    }

    fn vault(&self) -> vault::InstantiateMsg {
        vault::InstantiateMsg {
            owner: self.name("owner"),
            guardian: Some(self.name("guardian")),
            registry: self.addresses.registry.to_string(),
            params: self.builder.vault.clone(),
        }
    }

    /// These rules with these attesters.
    fn evidence(&self, rules: &EvidenceRules, names: &[String], threshold: u32) -> EvidenceRules {
        EvidenceRules {
            attesters: names.iter().map(|name| self.name(name)).collect(),
            threshold,
            ..rules.clone()
        }
    }

    fn distributor(&self) -> distributor::InstantiateMsg {
        let mut params = self.builder.distributor.clone();
        let (names, threshold) = (&self.builder.attesters, self.builder.threshold);
        params.evidence = self.evidence(&params.evidence, names, threshold);
        distributor::InstantiateMsg {
            owner: self.name("owner"),
            guardian: Some(self.name("guardian")),
            treasury: self.name(&self.builder.treasury),
            arbiter: self.name("arbiter"),
            registry: self.addresses.registry.to_string(),
            vault: self.addresses.vault.to_string(),
            denoms: self.denoms.clone(),
            params,
        }
    }

    fn delegation(&self) -> delegation::InstantiateMsg {
        let mut params = self.builder.delegation.clone();
        let rules = match params.evidence == evidence_rules() {
            true => &self.builder.distributor.evidence,
            false => &params.evidence,
        };
        let (names, threshold) = self.builder.attesters_of_delegation();
        params.evidence = self.evidence(rules, names, threshold);
        let collections = self.builder.collections.iter();
        let collections = collections.zip(&self.addresses.collections);
        let listed = collections.filter(|(collection, _)| collection.listed);
        delegation::InstantiateMsg {
            owner: self.name("owner"),
            guardian: Some(self.name("guardian")),
            clock: Clock::from(self.clock()),
            token: self.addresses.reward_token.to_string(),
            collections: listed
                .map(|(collection, address)| Collection {
                    collection: address.to_string(),
                    weight: Uint128::new(collection.weight),
                    classes: collection.classes.clone(),
                })
                .collect(),
            params,
        }
    }

    /// Creates a contract of a code, by the code's name and number.
    fn create(
        &mut self,
        code: (&'static str, u64),
        salt: &str,
        msg: &impl Serialize,
    ) -> anyhow::Result<()> {
        let (admin, msg) = (self.name("admin"), to_json_binary(msg)?);
        let create = WasmMsg::Instantiate2 {
            admin: Some(admin.clone()),
            code_id: code.1,
            label: salt.to_owned(),
            msg: msg.clone(),
            funds: Vec::new(),
            salt: salt.as_bytes().into(),
        };
        let deployer = account(&self.app, "deployer");
        self.app.execute(deployer.clone(), create.into())?;
        if let Some(journal) = &mut self.journal {
            let block = self.app.block_info();
            journal.entries.push(Entry {
                time: block.time,
                height: block.height,
                act: Act::Create(Creation {
                    code: code.0,
                    salt: salt.to_owned(),
                    creator: deployer,
                    admin: Addr::unchecked(admin),
                    msg,
                    address: foreseen(&self.app, code.1, salt),
                }),
            });
        }
        Ok(())
    }

    pub(crate) fn finish(self) -> Network {
        let clock = self.clock();
        let attesters = Attesters {
            distributor: self.builder.attesters.clone(),
            delegation: self.builder.attesters_of_delegation().0.to_vec(),
        };
        let network = Network::new(self.app, self.addresses, clock, attesters, self.denoms);
        network.with_journal(self.journal)
    }

    fn clock(&self) -> EpochClock {
        EpochClock {
            start: self.builder.start,
            length: self.builder.epoch_length,
        }
    }

    fn name(&self, name: &str) -> String {
        account(&self.app, name).into_string()
    }
}

/// What creates a cw721-base collection.
pub(crate) fn collection_msg(name: &str, minter: String) -> cw721_base::msg::InstantiateMsg {
    cw721_base::msg::InstantiateMsg {
        name: name.to_owned(),
        symbol: "NFT".into(),
        collection_info_extension: None,
        minter: Some(minter),
        creator: None,
        withdraw_address: None,
    }
}

/// The address that the deployer's contract with this code and salt gets.
fn foreseen(app: &App, code: u64, salt: &str) -> Addr {
    let info = app.wrap().query_wasm_code_info(code);
    let checksum = info.expect("the code is stored").checksum;
    let deployer = account(app, "deployer");
    let creator = app.api().addr_canonicalize(deployer.as_str());
    let creator = creator.expect("the deployer's address is well formed");
    let address = instantiate2_address(checksum.as_slice(), &creator, salt.as_bytes());
    let address = address.expect("the salt is short");
    app.api()
        .addr_humanize(&address)
        .expect("a contract's address has a text form")
}
