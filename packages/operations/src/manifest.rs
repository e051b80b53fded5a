//! The manifest: every parameter and role of a deployment, in one TOML file.

use cosmwasm_std::{StdError, Timestamp, Uint128};
use noderev_api::{delegation, distributor, registry, vault};
use noderev_components::{ClockError, Denom, DenomInfo, EpochClock, EvidenceError};
use serde::Deserialize;
use thiserror::Error;
use time::format_description::well_known::Rfc3339;
use time::OffsetDateTime;

use crate::{AddressError, Addresses};

/// The salt, unless the manifest names one.
const SALT: &str = "noderev";
/// In the place of a token's address: the deployment's own QST.
pub const QST: &str = "qst";
/// In the place of a token's address: a test token that is created.
pub const TEST: &str = "test";

/// Everything that a deployment is told.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Name of the collection of keys, 1 ..= 64 bytes.
    pub name: String,
    /// Its symbol, 1 ..= 16 bytes.
    pub symbol: String,
    /// Tells several deployments of one deployer on a chain apart; default "noderev". With the names
    /// of the contracts after it: at most 64 bytes.
    #[serde(default = "default_salt")]
    pub salt: String,
    /// The epochs.
    pub clock: ClockRule,
    /// Who may do what.
    #[serde(default)]
    pub roles: Roles,
    /// The QST token.
    #[serde(default)]
    pub tokens: Tokens,
    /// The token that the delegation contract mints; created with the deployment.
    pub reward_token: RewardToken,
    /// Currencies of revenue, 1 ..= 8, in the distributor's order.
    pub denominations: Vec<Denomination>,
    /// The registry's parameters.
    pub registry: registry::Params,
    /// The vault's parameters.
    pub vault: vault::Params,
    /// The distributor's parameters.
    pub distributor: distributor::Params,
    /// The delegation contract's parameters.
    pub delegation: delegation::Params,
    /// Collections of NFTs that can be staked from the beginning.
    #[serde(default)]
    pub collections: Vec<Collection>,
}

/// When epochs begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockRule {
    /// Start of epoch 0, which must be running when the contracts are created.
    pub start: Start,
    /// Length of an epoch in seconds, 10 ..= 2,678,400 (31 days).
    pub length: u64,
}

/// Start of epoch 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Start {
    /// "now": the second of the chain's latest block when the deployment begins.
    Now,
    /// An RFC 3339 time, whole seconds: here seconds since 1970.
    At(u64),
}

/// Addresses; who is missing is the deployer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Roles {
    /// Governance of all contracts.
    pub owner: Option<String>,
    /// Issues keys until issuance is sealed.
    pub minter: Option<String>,
    /// May pause; "" is nobody.
    pub guardian: Option<String>,
    /// Receives fees and what is not the network's share.
    pub treasury: Option<String>,
    /// Rules on appeals and challenges.
    pub arbiter: Option<String>,
    /// May migrate the code of all contracts; "" is nobody, for ever.
    pub admin: Option<String>,
}

/// Tokens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tokens {
    /// Address of the QST token, a cw20 with 6 decimals; missing: a test token is created, whose
    /// minter is the deployer.
    pub qst: Option<String>,
}

/// The token that the delegation contract mints.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RewardToken {
    /// 3 ..= 12 letters and hyphens.
    pub symbol: String,
    /// 0 ..= 18.
    pub decimals: u8,
    /// The most units there can ever be, in quotation marks; missing: no such limit.
    pub cap: Option<Uint128>,
}

/// A currency of revenue: native or cw20.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Denomination {
    /// A native coin, such as "uusdc" or "ibc/...".
    pub native: Option<String>,
    /// A token's address, "qst", or "test" for a test token that is created.
    pub cw20: Option<String>,
    /// Short name, 1 ..= 16 bytes; of a test token 3 ..= 12 letters and hyphens.
    pub symbol: String,
    /// 0 ..= 18.
    pub decimals: u8,
}

/// What NFTs of a collection weigh, as in the delegation contract's messages.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Collection {
    /// Its name in the deployment's file.
    pub name: String,
    /// The cw721 contract.
    pub address: String,
    /// Quintessence of an NFT in none of the classes, 0 ..= 10^12.
    pub weight: Uint128,
    /// Classes, at most 32; the first one that a token id fits counts.
    #[serde(default)]
    pub classes: Vec<delegation::Class>,
}

/// Why a manifest is refused.
#[derive(Debug, Error)]
pub enum ManifestError {
    /// It is no such TOML.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// A role, attester or token is no address.
    #[error("{what}: {error}")]
    Address {
        /// What it is for.
        what: String,
        /// Why it is none.
        error: AddressError,
    },
    /// The clock is refused.
    #[error("[clock] {0}")]
    Clock(#[from] ClockError),
    /// The rules of evidence are refused.
    #[error("[{section}.evidence] {error}")]
    Evidence {
        /// Where they stand.
        section: &'static str,
        /// Why.
        error: EvidenceError,
    },
    /// A token is refused.
    #[error("token {symbol}: {reason}")]
    Token {
        /// Its symbol.
        symbol: String,
        /// Why.
        reason: String,
    },
    /// Both or neither of native and cw20, or one twice.
    #[error("[[denominations]] {symbol}: {reason}")]
    Denomination {
        /// Its symbol.
        symbol: String,
        /// What is wrong.
        reason: &'static str,
    },
    /// A role that nobody can be left out of.
    #[error("[roles] {0}: somebody must hold it; without this line it is the deployer")]
    Nobody(&'static str),
    /// A test token is asked for and not allowed.
    #[error("{0} is a test token, which anybody may take for worthless: give its address, or say --with-test-token")]
    TestToken(String),
    /// The QST token is there and a test token is asked for.
    #[error("[tokens] qst is {0}: leave that line out, or --with-test-token")]
    TwoTokens(String),
}

impl TryFrom<String> for Start {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text == "now" {
            return Ok(Self::Now);
        }
        let wrong = |reason: String| {
            format!("`{text}` is neither \"now\" nor a time such as 2026-01-01T06:00:00Z: {reason}")
        };
        let time =
            OffsetDateTime::parse(&text, &Rfc3339).map_err(|error| wrong(error.to_string()))?;
        if time.nanosecond() > 0 {
            return Err(wrong("fractions of a second".to_owned()));
        }
        let seconds = u64::try_from(time.unix_timestamp());
        Ok(Self::At(
            seconds.map_err(|_| wrong("before 1970".to_owned()))?,
        ))
    }
}

impl Roles {
    /// Who holds a role.
    fn holder<'a>(role: &'a Option<String>, deployer: &'a str) -> &'a str {
        role.as_deref().unwrap_or(deployer)
    }

    /// Governance.
    pub fn owner<'a>(&'a self, deployer: &'a str) -> &'a str {
        Self::holder(&self.owner, deployer)
    }

    /// Issues keys.
    pub fn minter<'a>(&'a self, deployer: &'a str) -> &'a str {
        Self::holder(&self.minter, deployer)
    }

    /// Receives fees.
    pub fn treasury<'a>(&'a self, deployer: &'a str) -> &'a str {
        Self::holder(&self.treasury, deployer)
    }

    /// Rules on appeals.
    pub fn arbiter<'a>(&'a self, deployer: &'a str) -> &'a str {
        Self::holder(&self.arbiter, deployer)
    }

    /// May pause; none if nobody.
    pub fn guardian<'a>(&'a self, deployer: &'a str) -> Option<&'a str> {
        Some(Self::holder(&self.guardian, deployer)).filter(|name| !name.is_empty())
    }

    /// May migrate; none if nobody.
    pub fn admin<'a>(&'a self, deployer: &'a str) -> Option<&'a str> {
        Some(Self::holder(&self.admin, deployer)).filter(|name| !name.is_empty())
    }
}

impl Denomination {
    /// The currency as contracts name it. `qst` and `token`: addresses of QST and of the test token
    /// with this symbol.
    pub fn info(&self, qst: &str, token: &str) -> DenomInfo {
        let denom = match (&self.native, self.cw20.as_deref()) {
            (Some(native), _) => Denom::Native(native.clone()),
            (None, Some(QST) | None) => Denom::Cw20(qst.to_owned()),
            (None, Some(TEST)) => Denom::Cw20(token.to_owned()),
            (None, Some(address)) => Denom::Cw20(address.to_owned()),
        };
        DenomInfo {
            denom,
            symbol: self.symbol.clone(),
            decimals: self.decimals,
        }
    }

    /// Whether it is a test token that is created.
    pub fn is_created(&self) -> bool {
        self.cw20.as_deref() == Some(TEST)
    }

    /// Address of a token that must be there.
    pub fn existing_token(&self) -> Option<&str> {
        let token = self.cw20.as_deref();
        token.filter(|token| ![QST, TEST].contains(token))
    }
}

impl Manifest {
    /// Reads a manifest.
    pub fn parse(text: &str) -> Result<Self, ManifestError> {
        Ok(toml::from_str(text)?)
    }

    /// Refuses what can be known to be refused by contracts of this network.
    pub fn check(&self, addresses: &Addresses, test_token: bool) -> Result<(), ManifestError> {
        self.check_roles(addresses)?;
        self.check_tokens(addresses, test_token)?;
        self.check_denominations()?;
        let address = |what: &str, text: &str| check_address(addresses, what, text);
        for one in &self.collections {
            address(&format!("collection {}", one.name), &one.address)?;
        }
        self.check_params(addresses)
    }

    fn check_roles(&self, addresses: &Addresses) -> Result<(), ManifestError> {
        let roles = &self.roles;
        let all = [
            ("owner", &roles.owner, false),
            ("minter", &roles.minter, false),
            ("guardian", &roles.guardian, true),
            ("treasury", &roles.treasury, false),
            ("arbiter", &roles.arbiter, false),
            ("admin", &roles.admin, true),
        ];
        for (name, role, may_be_nobody) in all {
            match role.as_deref() {
                Some("") if may_be_nobody => {}
                Some("") => return Err(ManifestError::Nobody(name)),
                Some(text) => check_address(addresses, &format!("[roles] {name}"), text)?,
                None => {}
            }
        }
        Ok(())
    }

    fn check_tokens(&self, addresses: &Addresses, test_token: bool) -> Result<(), ManifestError> {
        match &self.tokens.qst {
            Some(qst) if test_token => return Err(ManifestError::TwoTokens(qst.clone())),
            Some(qst) => check_address(addresses, "[tokens] qst", qst)?,
            None if test_token => {}
            None => return Err(ManifestError::TestToken("QST".to_owned())),
        }
        for one in &self.denominations {
            if one.is_created() && !test_token {
                return Err(ManifestError::TestToken(one.symbol.clone()));
            }
            if let Some(token) = one.existing_token() {
                check_address(addresses, &format!("denomination {}", one.symbol), token)?;
            }
        }
        Ok(())
    }

    fn check_denominations(&self) -> Result<(), ManifestError> {
        let mut seen = Vec::new();
        for one in &self.denominations {
            let refuse = |reason| ManifestError::Denomination {
                symbol: one.symbol.clone(),
                reason,
            };
            if one.native.is_some() == one.cw20.is_some() {
                return Err(refuse("say either native or cw20"));
            }
            let name = one.info(QST, &one.symbol).denom;
            if seen.contains(&name) {
                return Err(refuse("the same currency twice"));
            }
            seen.push(name);
        }
        Ok(())
    }

    fn check_params(&self, addresses: &Addresses) -> Result<(), ManifestError> {
        // Length alone; when epoch 0 runs is seen when the contracts are created.
        let clock = self.clock(0);
        clock.check(Timestamp::from_seconds(clock.start))?;
        let rules = [
            (
                "distributor",
                &self.distributor.evidence,
                self.distributor.appeal_window,
            ),
            ("delegation", &self.delegation.evidence, 0),
        ];
        for (section, rules, appeals) in rules {
            for attester in &rules.attesters {
                check_address(
                    addresses,
                    &format!("[{section}.evidence] attester"),
                    attester,
                )?;
            }
            let checked = rules.check(addresses.api(), &clock, appeals);
            checked.map_err(|error| ManifestError::Evidence { section, error })?;
        }
        Ok(())
    }

    /// The epochs' clock; `now` in seconds since 1970, if that is when it starts.
    pub const fn clock(&self, now: u64) -> EpochClock {
        EpochClock {
            start: match self.clock.start {
                Start::Now => now,
                Start::At(seconds) => seconds,
            },
            length: self.clock.length,
        }
    }
}

fn check_address(addresses: &Addresses, what: &str, text: &str) -> Result<(), ManifestError> {
    let checked = addresses.check(text);
    checked.map_err(|error| ManifestError::Address {
        what: what.to_owned(),
        error,
    })
}

/// What a library says of a token.
pub(crate) fn token_error(symbol: &str, error: StdError) -> ManifestError {
    ManifestError::Token {
        symbol: symbol.to_owned(),
        reason: match error {
            StdError::GenericErr { msg, .. } => msg,
            other => other.to_string(),
        },
    }
}

fn default_salt() -> String {
    SALT.to_owned()
}
