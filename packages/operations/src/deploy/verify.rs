//! Comparing what is on chain with the manifest and the artifacts.

use cosmwasm_std::Addr;
use cw20::{Cw20QueryMsg, MinterResponse, TokenInfoResponse};
use noderev_api::common::{Clock, ParamsAtResponse, QueuedParamsResponse, RolesResponse};
use noderev_api::delegation::CollectionsResponse;
use noderev_api::{delegation, distributor, registry, vault};
use noderev_chain::{ChainError, Client};
use noderev_components::{DenomInfo, Epoch};
use serde::de::DeserializeOwned;
use serde::Serialize;
use serde_json::{json, Map, Value};

use super::order::Order;
use super::DeployError;
use crate::audit::books::{books, Books, HOLDERS};
use crate::{Contracts, Deployment};

/// One thing that was compared.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// The contract or code.
    pub subject: String,
    /// What of it.
    pub what: String,
    /// What it should be.
    pub expected: String,
    /// What it is.
    pub found: String,
    /// Whether it is.
    pub right: bool,
}

impl Check {
    fn new(subject: &str, what: &str, expected: impl ToString, found: impl ToString) -> Self {
        let (expected, found) = (expected.to_string(), found.to_string());
        Self {
            subject: subject.to_owned(),
            what: what.to_owned(),
            right: expected == found,
            expected,
            found,
        }
    }
}

/// Compares everything: code, admins, wiring, roles, parameters now and waiting, books and balances.
pub fn verify(
    client: &Client,
    order: &Order<'_>,
    deployment: &Deployment,
) -> Result<Vec<Check>, DeployError> {
    let contracts = Contracts::new(client, deployment)?;
    let view = View {
        order,
        deployment,
        contracts: &contracts,
        client,
    };
    let mut checks = view.codes()?;
    checks.extend(view.creations()?);
    checks.extend(view.fixed()?);
    checks.extend(view.currencies()?);
    checks.extend(view.roles()?);
    checks.extend(view.params()?);
    checks.extend(view.collections()?);
    checks.extend(view.books()?);
    Ok(checks)
}

/// Compares only what can never change once the contracts are there.
pub(super) fn verify_fixed(
    client: &Client,
    order: &Order<'_>,
    deployment: &Deployment,
) -> Result<Vec<Check>, DeployError> {
    let contracts = Contracts::new(client, deployment)?;
    let view = View {
        order,
        deployment,
        contracts: &contracts,
        client,
    };
    view.fixed()
}

struct View<'a> {
    order: &'a Order<'a>,
    deployment: &'a Deployment,
    contracts: &'a Contracts,
    client: &'a Client,
}

type Checks = Result<Vec<Check>, DeployError>;

impl View<'_> {
    fn codes(&self) -> Checks {
        let artifacts = self.order.artifacts.iter();
        let codes = artifacts.map(|(name, artifact)| {
            let state = self.deployment.codes.get(name);
            let there = match state.and_then(|state| state.id) {
                Some(id) => self.client.code(id)?,
                None => None,
            };
            let there = there.map(|checksum| checksum.to_hex());
            let expected = artifact.checksum;
            Ok(Check::new(name, "checksum", expected, or_none(there)))
        });
        codes.collect()
    }

    /// Code, creator and admin of every contract of ours.
    fn creations(&self) -> Checks {
        let mut checks = Vec::new();
        let admin = self.order.manifest.roles.admin(self.order.deployer);
        for (name, contract) in &self.deployment.contracts {
            let Some(code) = &contract.code else {
                continue;
            };
            let Some(info) = self.client.contract(&contract.address)? else {
                checks.push(Check::new(name, "contract", &contract.address, "none"));
                continue;
            };
            let checksum = self.client.code(info.code_id)?.map(|sum| sum.to_hex());
            let expected = self.order.artifacts.get(code)?.checksum;
            let deployer = &self.deployment.deployer;
            checks.extend([
                Check::new(name, "code", expected, or_none(checksum)),
                Check::new(name, "creator", deployer, info.creator),
                Check::new(name, "label", self.order.salt(name), info.label),
                Check::new(name, "admin", or_none(admin), or_none(info.admin)),
            ]);
        }
        Ok(checks)
    }

    /// Names, clock, addresses of each other, tokens.
    fn fixed(&self) -> Checks {
        let (manifest, all) = (self.order.manifest, self.contracts);
        let clock = show_clock(&self.deployment.clock);
        let manifests = manifest.clock(self.deployment.clock.start.seconds());
        let manifests = show_clock(&Clock::from(manifests));
        let r: registry::ConfigResponse = all.ask_registry(&registry::QueryMsg::Config {})?;
        let v: vault::ConfigResponse = all.ask_vault(&vault::QueryMsg::Config {})?;
        let d: distributor::ConfigResponse =
            all.ask_distributor(&distributor::QueryMsg::Config {})?;
        let g: delegation::ConfigResponse = all.ask_delegation(&delegation::QueryMsg::Config {})?;
        let reward = self.deployment.address("reward_token")?;
        let mut checks = vec![
            Check::new("registry", "name", &manifest.name, r.name),
            Check::new("registry", "symbol", &manifest.symbol, r.symbol),
            Check::new("registry", "clock of the manifest", manifests, &clock),
            Check::new("registry", "clock", &clock, show_clock(&r.clock)),
            Check::new("registry", "qst", &all.qst, r.qst),
            Check::new("registry", "vault", &all.vault, r.vault),
            Check::new("registry", "distributor", &all.distributor, r.distributor),
            Check::new("vault", "clock", &clock, show_clock(&v.clock)),
            Check::new("vault", "qst", &all.qst, v.qst),
            Check::new("vault", "registry", &all.registry, v.registry),
            Check::new("vault", "distributor", &all.distributor, v.distributor),
            Check::new("distributor", "clock", &clock, show_clock(&d.clock)),
            Check::new("distributor", "qst", &all.qst, d.qst),
            Check::new("distributor", "registry", &all.registry, d.registry),
            Check::new("distributor", "vault", &all.vault, d.vault),
            Check::new("delegation", "clock", &clock, show_clock(&g.clock)),
            Check::new("delegation", "token", reward, g.token),
        ];
        checks.extend(self.reward_token(reward)?);
        Ok(checks)
    }

    fn reward_token(&self, address: &str) -> Checks {
        let (name, token) = ("reward_token", &self.order.manifest.reward_token);
        let info: TokenInfoResponse = self.client.smart(address, &Cw20QueryMsg::TokenInfo {})?;
        let minter: Option<MinterResponse> =
            self.client.smart(address, &Cw20QueryMsg::Minter {})?;
        let (minter, cap) = minter.map(|it| (it.minter, it.cap)).unzip();
        let delegation = &self.contracts.delegation;
        Ok(vec![
            Check::new(name, "symbol", &token.symbol, info.symbol),
            Check::new(name, "decimals", token.decimals, info.decimals),
            Check::new(name, "minter", delegation, or_none(minter)),
            Check::new(name, "cap", or_none(token.cap), or_none(cap.flatten())),
        ])
    }

    fn currencies(&self) -> Checks {
        let config: distributor::ConfigResponse = self
            .contracts
            .ask_distributor(&distributor::QueryMsg::Config {})?;
        let list = |denoms: &[DenomInfo]| {
            let one = |it: &DenomInfo| format!("{} {} {}", it.denom, it.symbol, it.decimals);
            denoms.iter().map(one).collect::<Vec<_>>().join(", ")
        };
        let expected = self.order.denoms(self.deployment)?;
        let (expected, found) = (list(&expected), list(&config.denoms));
        Ok(vec![Check::new(
            "distributor",
            "currencies",
            expected,
            found,
        )])
    }

    fn roles(&self) -> Checks {
        let (roles, deployer) = (&self.order.manifest.roles, self.order.deployer);
        let owner = ("owner", Some(roles.owner(deployer)));
        let guardian = ("guardian", roles.guardian(deployer));
        let treasury = ("treasury", Some(roles.treasury(deployer)));
        let minter = ("minter", Some(roles.minter(deployer)));
        let arbiter = ("arbiter", Some(roles.arbiter(deployer)));
        let all = self.contracts;
        let registry = all.ask_registry(&registry::QueryMsg::Roles {})?;
        let vault = all.ask_vault(&vault::QueryMsg::Roles {})?;
        let distributor = all.ask_distributor(&distributor::QueryMsg::Roles {})?;
        let delegation = all.ask_delegation(&delegation::QueryMsg::Roles {})?;
        let arbiters = [arbiter, ("next_arbiter", None)];
        let mut checks = holders("registry", &registry, &[owner, guardian, treasury, minter]);
        checks.extend(holders("vault", &vault, &[owner, guardian]));
        checks.extend(holders(
            "distributor",
            &distributor,
            &[owner, guardian, treasury],
        ));
        checks.extend(holders("distributor", &distributor, &arbiters));
        checks.extend(holders("delegation", &delegation, &[owner, guardian]));
        let answers = [registry, vault, distributor, delegation];
        let names = ["registry", "vault", "distributor", "delegation"];
        checks.extend(names.iter().zip(answers).map(|(name, answer)| {
            Check::new(name, "pending owner", "none", or_none(answer.pending_owner))
        }));
        Ok(checks)
    }

    /// Parameters of the running epoch, and that no others wait.
    fn params(&self) -> Checks {
        let (manifest, all) = (self.order.manifest, self.contracts);
        let epoch = self.epoch()?;
        let mut checks = compared(
            "registry",
            &manifest.registry,
            all.ask_registry(&registry::QueryMsg::ParamsAt { epoch })?,
            all.ask_registry(&registry::QueryMsg::QueuedParams {})?,
        )?;
        checks.extend(compared(
            "vault",
            &manifest.vault,
            all.ask_vault(&vault::QueryMsg::ParamsAt { epoch })?,
            all.ask_vault(&vault::QueryMsg::QueuedParams {})?,
        )?);
        checks.extend(compared(
            "distributor",
            &manifest.distributor,
            all.ask_distributor(&distributor::QueryMsg::ParamsAt { epoch })?,
            all.ask_distributor(&distributor::QueryMsg::QueuedParams {})?,
        )?);
        checks.extend(compared(
            "delegation",
            &manifest.delegation,
            all.ask_delegation(&delegation::QueryMsg::ParamsAt { epoch })?,
            all.ask_delegation(&delegation::QueryMsg::QueuedParams {})?,
        )?);
        Ok(checks)
    }

    fn epoch(&self) -> Result<Epoch, DeployError> {
        let clock = self
            .deployment
            .clock
            .parse()
            .map_err(DeployError::NoClock)?;
        Ok(clock.epoch_at(self.client.status()?.time))
    }

    /// What NFTs weigh now, and that no change waits.
    fn collections(&self) -> Checks {
        let query = delegation::QueryMsg::Collections {};
        let answer: CollectionsResponse = self.contracts.ask_delegation(&query)?;
        let expected = self.order.collections();
        let found = answer.collections.iter();
        let found: Vec<_> = found.filter_map(|it| it.now.clone()).collect();
        let waiting = answer.collections.iter().filter(|it| it.next.is_some());
        Ok(vec![
            Check::new("delegation", "collections", json!(expected), json!(found)),
            Check::new("delegation", "collections waiting", 0, waiting.count()),
        ])
    }

    /// Every contract's books, beside what the chain itself says that it holds.
    fn books(&self) -> Checks {
        let mut checks = Vec::new();
        for contract in HOLDERS {
            let all = books(self.contracts, contract)?;
            checks.extend(all.iter().map(|books| solvent(contract.name(), books)));
        }
        Ok(checks)
    }
}

/// Who holds these roles of a contract.
fn holders(contract: &str, answer: &RolesResponse, roles: &[(&str, Option<&str>)]) -> Vec<Check> {
    let roles = roles.iter().map(|(role, holder)| {
        let found = answer.roles.iter().find(|it| it.role == *role);
        let accounts = found.map(|it| joined(&it.accounts)).unwrap_or_default();
        let found = or_none(Some(accounts).filter(|it| !it.is_empty()));
        Check::new(contract, role, or_none(*holder), found)
    });
    roles.collect()
}

/// Books that are right: everything that came in is paid, owed or carried, and what is owed is there.
fn solvent(name: &str, books: &Books) -> Check {
    let (entry, held) = (&books.entry, books.liabilities());
    Check {
        subject: name.to_owned(),
        what: format!("books of {}", entry.denom),
        expected: format!(
            "received {} = paid {} + owed {held}",
            entry.received, entry.paid
        ),
        found: format!("holds {}, says {}", books.held, entry.balance),
        right: books.right(),
    }
}

/// Every parameter beside the manifest's, and what waits.
fn compared<T: Serialize + DeserializeOwned>(
    contract: &str,
    expected: &T,
    now: ParamsAtResponse<T>,
    queued: QueuedParamsResponse<T>,
) -> Checks {
    let mut checks = Vec::new();
    let found = fields(&now.params)?;
    for (field, value) in &fields(expected)? {
        let there = found.get(field).map(show);
        checks.push(Check::new(contract, field, show(value), or_none(there)));
    }
    let waiting = queued
        .from
        .map(|from| format!("others from epoch {from} on"));
    checks.push(Check::new(
        contract,
        "parameters waiting",
        "none",
        or_none(waiting),
    ));
    Ok(checks)
}

/// Fields of parameters, those of the rules of evidence among them.
fn fields(params: &impl Serialize) -> Result<Map<String, Value>, DeployError> {
    let text = cosmwasm_std::to_json_string(params);
    let text = text.map_err(|error| ChainError::Message(error.to_string()))?;
    let value = serde_json::from_str(&text);
    let value = value.map_err(|error| ChainError::Message(error.to_string()))?;
    let Value::Object(mut all) = value else {
        return Ok(Map::new());
    };
    if let Some(Value::Object(rules)) = all.remove("evidence") {
        all.extend(rules);
    }
    Ok(all)
}

fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn show_clock(clock: &Clock) -> String {
    format!("{} + {} s", clock.start.seconds(), clock.length)
}

fn joined(accounts: &[Addr]) -> String {
    let accounts: Vec<&str> = accounts.iter().map(Addr::as_str).collect();
    accounts.join(", ")
}

fn or_none(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "none".to_owned(), |value| value.to_string())
}
