//! What a network is like when it begins.

use cosmwasm_std::{
    instantiate2_address, to_json_binary, Addr, Api, BlockInfo, Timestamp, Uint128, WasmMsg,
};
use cw20::MinterResponse;
use cw_multi_test::{App, AppBuilder, Executor};
use noderev_api::common::Clock;
use noderev_api::{distributor, registry, vault};
use noderev_components::{Denom, DenomInfo, EpochClock};
use noderev_economics::{Bps, RemainderTo};
use serde::Serialize;

use crate::contracts;
use crate::network::{account, Addresses, Network, QST};

/// 2026-01-01T06:00:00Z.
const START: u64 = 1_767_247_200;
const HOUR: u64 = 3_600;
const DAY: u64 = 24 * HOUR;

/// A currency of revenue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Currency {
    /// A native coin.
    Native {
        /// Its bank denomination.
        denom: String,
        /// Short name.
        symbol: String,
        /// Decimals.
        decimals: u8,
    },
    /// QST.
    Qst,
    /// Another cw20 token, deployed with the network.
    Token {
        /// Short name: 3 to 12 letters and hyphens.
        symbol: String,
        /// Decimals.
        decimals: u8,
    },
}

impl Currency {
    /// A native coin with six decimals.
    pub fn native(denom: &str, symbol: &str) -> Self {
        Self::Native {
            denom: denom.into(),
            symbol: symbol.into(),
            decimals: 6,
        }
    }

    /// QST.
    pub const fn qst() -> Self {
        Self::Qst
    }
}

/// Builds a [`Network`]. All fields may be set; the defaults are the suite's own.
#[derive(Clone, Debug)]
pub struct Builder {
    /// Beginning of epoch 0 and of the chain's time, seconds since 1970.
    pub start: u64,
    /// Length of an epoch, seconds.
    pub epoch_length: u64,
    /// Who reports.
    pub attesters: Vec<String>,
    /// How many of them must agree.
    pub threshold: u32,
    /// Currencies of revenue, in the distributor's order.
    pub currencies: Vec<Currency>,
    /// Receives fees and what is not the network's share.
    pub treasury: String,
    /// The registry's parameters.
    pub registry: registry::Params,
    /// The vault's parameters.
    pub vault: vault::Params,
    /// The distributor's parameters; its attesters and threshold are those above.
    pub distributor: distributor::Params,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            start: START,
            epoch_length: DAY,
            attesters: (1..=3).map(|n| format!("attester-{n}")).collect(),
            threshold: 2,
            currencies: vec![Currency::native("uusdc", "USDC"), Currency::Qst],
            treasury: "treasury".into(),
            registry: registry::Params {
                market_fee: Bps::percent(2),
                split_notice: 30 * DAY,
                split_grace: 30,
            },
            vault: vault::Params {
                unbonding_period: 14 * DAY,
                minimum_lock: 0,
            },
            distributor: distributor_params(),
        }
    }
}

fn distributor_params() -> distributor::Params {
    distributor::Params {
        network_share: Bps::percent(60),
        unstaked_share: Bps::percent(30),
        remainder_to: RemainderTo::AllRunning,
        attesters: Vec::new(),
        threshold: 0,
        report_window: 6 * HOUR,
        appeal_window: 12 * HOUR,
        ruling_window: 3 * DAY,
        appeal_bond: Uint128::new(1_000 * QST),
        policy: distributor::Policy {
            uri: "https://example.org/policy".into(),
            hash: vec![1; 32].into(),
        },
    }
}

impl Builder {
    /// Begins the chain's time and epoch 0 at this second since 1970.
    pub fn start(mut self, seconds: u64) -> Self {
        self.start = seconds;
        self
    }

    /// Length of an epoch, seconds.
    pub fn epoch_length(mut self, seconds: u64) -> Self {
        self.epoch_length = seconds;
        self
    }

    /// Who reports, and how many of them must agree.
    pub fn attesters(mut self, names: &[&str], threshold: u32) -> Self {
        self.attesters = names.iter().map(|name| (*name).to_owned()).collect();
        self.threshold = threshold;
        self
    }

    /// Currencies of revenue, in the distributor's order.
    pub fn currencies(mut self, currencies: Vec<Currency>) -> Self {
        self.currencies = currencies;
        self
    }

    /// Receives fees and what is not the network's share.
    pub fn treasury(mut self, name: &str) -> Self {
        self.treasury = name.to_owned();
        self
    }

    /// Changes the registry's parameters.
    pub fn registry(mut self, change: impl FnOnce(&mut registry::Params)) -> Self {
        change(&mut self.registry);
        self
    }

    /// Changes the vault's parameters.
    pub fn vault(mut self, change: impl FnOnce(&mut vault::Params)) -> Self {
        change(&mut self.vault);
        self
    }

    /// Changes the distributor's parameters.
    pub fn distributor(mut self, change: impl FnOnce(&mut distributor::Params)) -> Self {
        change(&mut self.distributor);
        self
    }

    /// Sets everything up; fails the test if a contract refuses.
    #[track_caller]
    pub fn build(self) -> Network {
        match self.try_build() {
            Ok(network) => network,
            Err(error) => panic!("the network cannot be set up: {error:#}"),
        }
    }

    /// Sets everything up: QST, registry, vault, distributor, in this order, each at an address
    /// that was known beforehand.
    pub fn try_build(self) -> anyhow::Result<Network> {
        let app = AppBuilder::new()
            .with_block(BlockInfo {
                height: 1,
                time: Timestamp::from_seconds(self.start),
                chain_id: "noderev-testing-1".into(),
            })
            .build(|_, _, _| {});
        let mut setup = Setup::new(app, self);
        setup.deploy()?;
        Ok(setup.finish())
    }
}

/// A network while it is being set up.
struct Setup {
    app: App,
    builder: Builder,
    addresses: Addresses,
    codes: Codes,
    denoms: Vec<DenomInfo>,
}

struct Codes {
    token: u64,
    registry: u64,
    vault: u64,
    distributor: u64,
}

impl Setup {
    fn new(mut app: App, builder: Builder) -> Self {
        let codes = Codes {
            token: app.store_code(contracts::token()),
            registry: app.store_code(contracts::registry()),
            vault: app.store_code(contracts::vault()),
            distributor: app.store_code(contracts::distributor()),
        };
        let addresses = Addresses {
            qst: foreseen(&app, codes.token, "qst"),
            registry: foreseen(&app, codes.registry, "registry"),
            vault: foreseen(&app, codes.vault, "vault"),
            distributor: foreseen(&app, codes.distributor, "distributor"),
        };
        Self {
            app,
            builder,
            addresses,
            codes,
            denoms: Vec::new(),
        }
    }

    fn deploy(&mut self) -> anyhow::Result<()> {
        self.deploy_token("qst", "QST", 6)?;
        self.denoms = self.deploy_currencies()?;
        self.create(self.codes.registry, "registry", &self.registry())?;
        self.create(self.codes.vault, "vault", &self.vault())?;
        self.create(self.codes.distributor, "distributor", &self.distributor())
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
        self.create(self.codes.token, salt, &msg)
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

    fn distributor(&self) -> distributor::InstantiateMsg {
        let attesters = self.builder.attesters.iter();
        distributor::InstantiateMsg {
            owner: self.name("owner"),
            guardian: Some(self.name("guardian")),
            treasury: self.name(&self.builder.treasury),
            arbiter: self.name("arbiter"),
            registry: self.addresses.registry.to_string(),
            vault: self.addresses.vault.to_string(),
            denoms: self.denoms.clone(),
            params: distributor::Params {
                attesters: attesters.map(|name| self.name(name)).collect(),
                threshold: self.builder.threshold,
                ..self.builder.distributor.clone()
            },
        }
    }

    fn create(&mut self, code_id: u64, salt: &str, msg: &impl Serialize) -> anyhow::Result<()> {
        let msg = WasmMsg::Instantiate2 {
            admin: Some(self.name("admin")),
            code_id,
            label: salt.to_owned(),
            msg: to_json_binary(msg)?,
            funds: Vec::new(),
            salt: salt.as_bytes().into(),
        };
        let deployer = account(&self.app, "deployer");
        self.app.execute(deployer, msg.into())?;
        Ok(())
    }

    fn finish(self) -> Network {
        let clock = self.clock();
        let names = self.builder.attesters;
        Network::new(self.app, self.addresses, clock, names, self.denoms)
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
