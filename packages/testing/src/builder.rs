//! What a network is like when it begins.

use core::fmt;

use cosmwasm_std::{BlockInfo, Timestamp, Uint128};
use cw_multi_test::AppBuilder;
use noderev_api::delegation::{self, Mint};
use noderev_api::{distributor, registry, vault};
use noderev_components::{Epoch, EvidenceRules, Policy};
use noderev_economics::{Bps, RemainderTo};

use crate::contracts::{self, Code};
use crate::network::{Network, QST, REWARD};
use crate::nfts::{default_collections, NftCollection};
use crate::setup::Setup;

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

/// The token that the delegation contract mints.
#[derive(Clone)]
pub struct RewardToken {
    /// Short name: 3 to 12 letters and hyphens.
    pub symbol: String,
    /// Decimals.
    pub decimals: u8,
    /// The most that can be minted by that contract, all in all.
    pub cap: Option<u128>,
    /// Its code, which gets the instantiation message of cw20-base.
    pub code: fn() -> Code,
}

impl fmt::Debug for RewardToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("RewardToken");
        shown
            .field("symbol", &self.symbol)
            .field("decimals", &self.decimals)
            .field("cap", &self.cap)
            .finish_non_exhaustive()
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
    /// The delegation contract's parameters. Rules of evidence that are the default's are replaced
    /// by the distributor's, with the attesters and the threshold above.
    pub delegation: delegation::Params,
    /// Who reports to the delegation contract, and how many of them must agree; none: as above.
    pub delegation_attesters: Option<(Vec<String>, u32)>,
    /// Collections of NFTs.
    pub collections: Vec<NftCollection>,
    /// The token that the delegation contract mints.
    pub reward_token: RewardToken,
    /// Whether the network keeps a [`Journal`](crate::Journal) of what is done to it.
    pub journal: bool,
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
            delegation: delegation_params(),
            delegation_attesters: None,
            collections: default_collections(),
            reward_token: RewardToken {
                symbol: "OURO".into(),
                decimals: 6,
                cap: None,
                code: contracts::token,
            },
            journal: false,
        }
    }
}

/// Without attesters, who are filled in later.
pub(crate) fn evidence_rules() -> EvidenceRules {
    EvidenceRules {
        attesters: Vec::new(),
        threshold: 0,
        report_window: 6 * HOUR,
        policy: Policy {
            uri: "https://example.org/policy".into(),
            hash: vec![1; 32].into(),
        },
    }
}

fn delegation_params() -> delegation::Params {
    delegation::Params {
        slot_size: Uint128::new(20_000),
        own_quintessence: Uint128::new(10_000),
        unbonding_period: 0,
        schedule: vec![Mint {
            from: Epoch(0),
            amount: Uint128::new(1_000 * REWARD),
        }],
        evidence: evidence_rules(),
    }
}

fn distributor_params() -> distributor::Params {
    distributor::Params {
        network_share: Bps::percent(60),
        unstaked_share: Bps::percent(30),
        remainder_to: RemainderTo::AllRunning,
        evidence: evidence_rules(),
        appeal_window: 12 * HOUR,
        ruling_window: 3 * DAY,
        appeal_bond: Uint128::new(1_000 * QST),
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

    /// Changes the delegation contract's parameters.
    pub fn delegation(mut self, change: impl FnOnce(&mut delegation::Params)) -> Self {
        change(&mut self.delegation);
        self
    }

    /// Who reports to the delegation contract, and how many of them must agree.
    pub fn delegation_attesters(mut self, names: &[&str], threshold: u32) -> Self {
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        self.delegation_attesters = Some((names, threshold));
        self
    }

    /// Changes the collections of NFTs.
    pub fn collections(mut self, change: impl FnOnce(&mut Vec<NftCollection>)) -> Self {
        change(&mut self.collections);
        self
    }

    /// The most reward tokens, in units, that can be minted by the delegation contract, all in all.
    pub fn reward_cap(mut self, units: u128) -> Self {
        self.reward_token.cap = Some(units);
        self
    }

    /// Another reward token, which gets the instantiation message of cw20-base.
    pub fn reward_code(mut self, code: fn() -> Code) -> Self {
        self.reward_token.code = code;
        self
    }

    /// Keeps a [`Journal`](crate::Journal) of what is done to the network, its setting up included.
    pub const fn journal(mut self) -> Self {
        self.journal = true;
        self
    }

    /// Who reports to the delegation contract, and how many of them must agree.
    pub(crate) fn attesters_of_delegation(&self) -> (&[String], u32) {
        match &self.delegation_attesters {
            Some((names, threshold)) => (names, *threshold),
            None => (&self.attesters, self.threshold),
        }
    }

    /// Sets everything up; fails the test if a contract refuses.
    #[track_caller]
    pub fn build(self) -> Network {
        match self.try_build() {
            Ok(network) => network,
            Err(error) => panic!("the network cannot be set up: {error:#}"),
        }
    }

    /// Sets everything up: QST, registry, vault, distributor, reward token, collections and
    /// delegation, in this order, each at an address that was known beforehand.
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
