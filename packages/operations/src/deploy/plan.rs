//! What is missing on chain.

use std::collections::BTreeMap;

use cw20::{Cw20QueryMsg, TokenInfoResponse};
use noderev_api::common::Clock;
use noderev_api::registry;
use noderev_chain::{Client, Message};
use noderev_testing::Planned;

use super::migrate::code_of;
use super::order::{Order, Part};
use super::verify::{verify_fixed, Check};
use super::DeployError;
use crate::manifest::{Start, QST};
use crate::{Addresses, CodeState, ContractState, Deployment};

/// Pages of 100 codes of the chain's list, from its end, in which codes are looked for.
const PAGES: u32 = 50;

/// What is deployed and what is missing.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// The state that will be reached. Codes and contracts that are missing have no id and are not
    /// `created`.
    pub deployment: Deployment,
    /// Codes to store, by name.
    pub codes: Vec<String>,
    /// Contracts to create, in this order, by one transaction.
    pub contracts: Vec<String>,
}

impl Plan {
    /// Whether nothing is missing.
    pub fn is_done(&self) -> bool {
        self.codes.is_empty() && self.contracts.is_empty()
    }
}

/// Looks at the chain for what is missing; sends nothing. `known`: what the state file says.
///
/// # Errors
/// What a contract would refuse, as far as it can be known; a state file that was made by other
/// means than this order. What only keeps this account from doing it now is told by
/// [`super::hindrances`].
pub fn plan(
    client: &Client,
    order: &Order<'_>,
    known: Option<&Deployment>,
) -> Result<Plan, DeployError> {
    order.check(client.network())?;
    let mut deployment = expected(client, order, known)?;
    let codes = find_codes(client, &mut deployment, order.deployer)?;
    let contracts = find_contracts(client, order, &mut deployment)?;
    deployment.clock = clock(client, order, known, &deployment)?;
    match contracts.is_empty() {
        true => ensure_same(client, order, &deployment)?,
        false => rehearse(client, order, &deployment)?,
    }
    Ok(Plan {
        deployment,
        codes,
        contracts,
    })
}

/// Refuses what a contract would refuse: creates all of them on an embedded chain.
fn rehearse(
    client: &Client,
    order: &Order<'_>,
    deployment: &Deployment,
) -> Result<(), DeployError> {
    let mut creations = existing_qst(client, order, deployment)?;
    let mut names: Vec<String> = creations.iter().map(|_| QST.to_owned()).collect();
    for Part { name, code } in order.parts() {
        creations.push(Planned {
            code: code.to_owned(),
            address: deployment.address(&name)?.to_owned(),
            msg: order.message(&name, deployment)?,
        });
        names.push(name);
    }
    let prefix = Addresses::of(client.network()).prefix();
    let now = match ensure_running(client, deployment) {
        // While epoch 0 runs; that it doesn't run now is told apart.
        Err(DeployError::Clock(_)) => deployment.clock.start,
        running => running.and_then(|()| Ok(client.status()?.time))?,
    };
    let rehearsed = noderev_testing::rehearse(prefix, now, order.deployer, &creations);
    rehearsed.map_err(|(place, reason)| DeployError::Refused {
        name: names.get(place).cloned().unwrap_or_default(),
        reason,
    })
}

/// A QST that is there, as far as contracts ask it.
fn existing_qst(
    client: &Client,
    order: &Order<'_>,
    deployment: &Deployment,
) -> Result<Vec<Planned>, DeployError> {
    if order.manifest.tokens.qst.is_none() {
        return Ok(Vec::new());
    }
    let address = deployment.address(QST)?.to_owned();
    let token: TokenInfoResponse = client.smart(&address, &Cw20QueryMsg::TokenInfo {})?;
    Ok(vec![Planned {
        code: "cw20_base".to_owned(),
        address,
        msg: order.new_qst(token.decimals)?,
    }])
}

/// Refuses another manifest than the one by which the contracts were created, as far as that can
/// never change. What governance changes is not refused.
fn ensure_same(
    client: &Client,
    order: &Order<'_>,
    deployment: &Deployment,
) -> Result<(), DeployError> {
    let checks = verify_fixed(client, order, deployment)?.into_iter();
    let wrong = checks.filter(|check| !check.right).map(|check| {
        let Check {
            subject,
            what,
            expected,
            found,
            ..
        } = check;
        format!("{subject} {what}: {expected} in the manifest, {found} on chain")
    });
    let wrong: Vec<_> = wrong.collect();
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(DeployError::OtherManifest(wrong)),
    }
}

/// What there will be, by the order, with what the state file knows of it.
fn expected(
    client: &Client,
    order: &Order<'_>,
    known: Option<&Deployment>,
) -> Result<Deployment, DeployError> {
    let network = client.network();
    if let Some(known) = known.filter(|known| known.deployer != order.deployer) {
        return Err(DeployError::OtherDeployer {
            found: known.deployer.clone(),
            expected: order.deployer.to_owned(),
        });
    }
    let start = Clock::from(order.manifest.clock(0));
    Ok(Deployment {
        chain_id: network.chain_id.clone(),
        deployer: order.deployer.to_owned(),
        clock: known.map_or(start, |known| known.clock.clone()),
        codes: expected_codes(order, known)?,
        contracts: expected_contracts(client, order, known)?,
        played: false,
    })
}

fn expected_codes(
    order: &Order<'_>,
    known: Option<&Deployment>,
) -> Result<BTreeMap<String, CodeState>, DeployError> {
    let codes = order.artifacts.iter().map(|(name, artifact)| {
        let found = artifact.checksum;
        let state = match known.and_then(|known| known.codes.get(name)) {
            Some(state) if state.checksum != found => {
                return Err(DeployError::OtherCode {
                    name: name.to_owned(),
                    found,
                    expected: state.checksum,
                });
            }
            Some(state) => state.clone(),
            None => CodeState {
                checksum: found,
                id: None,
            },
        };
        Ok((name.to_owned(), state))
    });
    codes.collect()
}

/// Contracts that are there keep their addresses: after a migration those no longer follow from
/// the code.
fn expected_contracts(
    client: &Client,
    order: &Order<'_>,
    known: Option<&Deployment>,
) -> Result<BTreeMap<String, ContractState>, DeployError> {
    let mut contracts = BTreeMap::new();
    let addresses = Addresses::of(client.network());
    for Part { name, code } in order.parts() {
        let checksum = order.artifacts.get(code)?.checksum;
        let mut address = addresses.foreseen(&checksum, order.deployer, &order.salt(&name))?;
        if let Some(state) = known.and_then(|known| known.contracts.get(&name)) {
            if state.address != address && !is_ours(client, order, &name, &state.address)? {
                return Err(DeployError::OtherAddress {
                    name,
                    expected: address,
                    found: state.address.clone(),
                });
            }
            address.clone_from(&state.address);
        }
        let code = Some(code.to_owned());
        let state = ContractState {
            address,
            code,
            created: false,
        };
        contracts.insert(name, state);
    }
    for (name, address) in order.existing() {
        let other = known.and_then(|known| known.contracts.get(&name));
        if let Some(other) = other.filter(|other| other.address != address) {
            return Err(DeployError::OtherAddress {
                name,
                expected: address,
                found: other.address.clone(),
            });
        }
        let state = ContractState {
            address,
            code: None,
            created: false,
        };
        contracts.insert(name, state);
    }
    Ok(contracts)
}

/// Whether the contract at this address was created by this deployer with this salt, which is its
/// label.
fn is_ours(
    client: &Client,
    order: &Order<'_>,
    name: &str,
    address: &str,
) -> Result<bool, DeployError> {
    let info = client.contract(address)?;
    let salt = order.salt(name);
    Ok(info.is_some_and(|info| info.creator == order.deployer && info.label == salt))
}

/// Looks codes up, by the known number first; answers those that are not on chain, or not for this
/// account.
pub(super) fn find_codes(
    client: &Client,
    deployment: &mut Deployment,
    account: &str,
) -> Result<Vec<String>, DeployError> {
    for state in deployment.codes.values_mut() {
        if let Some(id) = state.id {
            let there = client.code(id)?;
            state.id = Some(id).filter(|_| there == Some(state.checksum));
        }
    }
    let lacking = deployment.codes.values().filter(|state| state.id.is_none());
    let checksums: Vec<_> = lacking.map(|state| state.checksum).collect();
    if checksums.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = client.codes(&checksums, PAGES)?;
    found.retain(|code| code.serves(account));
    let mut missing = Vec::new();
    for (name, state) in &mut deployment.codes {
        let same = found.iter().find(|code| code.checksum == state.checksum);
        state.id = state.id.or_else(|| same.map(|code| code.id));
        if state.id.is_none() {
            missing.push(name.clone());
        }
    }
    Ok(missing)
}

/// Looks contracts up; answers those that are to be created, in order.
fn find_contracts(
    client: &Client,
    order: &Order<'_>,
    deployment: &mut Deployment,
) -> Result<Vec<String>, DeployError> {
    for (name, state) in &mut deployment.contracts {
        state.created = client.contract(&state.address)?.is_some();
        if !state.created && state.code.is_none() {
            return Err(DeployError::NotThere {
                what: name.clone(),
                address: state.address.clone(),
                reason: "no contract is at this address".to_owned(),
            });
        }
    }
    for one in &order.manifest.denominations {
        if let Some(token) = one.existing_token() {
            ensure_decimals(client, token, one.decimals)?;
        }
    }
    let missing = |part: &Part| {
        let state = deployment.contracts.get(&part.name);
        state.is_none_or(|state| !state.created)
    };
    let missing = order.parts().into_iter().filter(missing);
    Ok(missing.map(|part| part.name).collect())
}

fn ensure_decimals(client: &Client, address: &str, decimals: u8) -> Result<(), DeployError> {
    let token: TokenInfoResponse = client.smart(address, &Cw20QueryMsg::TokenInfo {})?;
    match token.decimals == decimals {
        true => Ok(()),
        false => Err(DeployError::NotThere {
            what: token.symbol,
            address: address.to_owned(),
            reason: format!(
                "it has {} decimals, the manifest says {decimals}",
                token.decimals
            ),
        }),
    }
}

/// The registry's clock if there is one; else the state file's as long as its epoch 0 runs; else the
/// manifest's. No contract has seen a clock before the registry.
fn clock(
    client: &Client,
    order: &Order<'_>,
    known: Option<&Deployment>,
    deployment: &Deployment,
) -> Result<Clock, DeployError> {
    let created = |name: &str| {
        let state = deployment.contracts.get(name);
        state.is_some_and(|state| state.created)
    };
    if created("registry") {
        let address = deployment.address("registry")?;
        let query = registry::QueryMsg::Config {};
        let config: registry::ConfigResponse = client.smart(address, &query)?;
        return Ok(config.clock);
    }
    let now = client.status()?.time;
    if let Some(known) = known {
        let clock = known.clock.parse().map_err(DeployError::NoClock)?;
        let same = clock.length == order.manifest.clock.length
            && [Start::Now, Start::At(clock.start)].contains(&order.manifest.clock.start);
        if same && clock.check(now).is_ok() {
            return Ok(known.clock.clone());
        }
    }
    Ok(Clock::from(order.manifest.clock(now.seconds())))
}

/// Refuses a registry that is to be created and whose epoch 0 does not run.
pub(super) fn ensure_running(client: &Client, deployment: &Deployment) -> Result<(), DeployError> {
    let registry = deployment.contracts.get("registry");
    if registry.is_none_or(|registry| registry.created) {
        return Ok(());
    }
    let clock = deployment.clock.parse().map_err(DeployError::NoClock)?;
    Ok(clock.check(client.status()?.time)?)
}

/// The message that creates a contract of the plan, whose code is stored.
pub(super) fn creation(
    order: &Order<'_>,
    deployment: &Deployment,
    name: &str,
) -> Result<Message, DeployError> {
    let admin = order.manifest.roles.admin(order.deployer);
    Ok(Message::Instantiate2 {
        admin: admin.map(str::to_owned),
        code_id: code_of(deployment, name)?,
        label: order.salt(name),
        msg: order.message(name, deployment)?,
        salt: order.salt(name).into_bytes(),
    })
}
