//! Doing what a plan says.

use std::path::Path;

use noderev_chain::{ChainError, Client, Message, Outcome, Signer};

use super::order::Order;
use super::plan::{creation, ensure_running, plan, Plan};
use super::DeployError;
use crate::{send_once, Deployment};

/// Gas that creating all contracts takes, and a bit more; measured, for the question whether the
/// deployer can pay.
const CREATION_GAS: u64 = 2_000_000;
/// Gas that storing one byte of code takes, and a bit more; measured.
const GAS_PER_BYTE: u64 = 20;

/// A step that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Done {
    /// A code is stored.
    Stored {
        /// Its name.
        name: String,
        /// Its number on chain.
        id: u64,
        /// Gas that it took; none if it was on its way already.
        gas: Option<u64>,
    },
    /// The contracts are created.
    Created {
        /// Their names.
        names: Vec<String>,
        /// Gas that it took; none if they were on their way already.
        gas: Option<u64>,
    },
    /// Contracts run other code.
    Migrated {
        /// Their names.
        names: Vec<String>,
        /// Gas that it took; none if it was on its way already.
        gas: Option<u64>,
    },
}

/// Refuses a plan that the account can't carry out.
pub fn ensure_possible(
    client: &Client,
    order: &Order<'_>,
    plan: &Plan,
    account: &str,
) -> Result<(), DeployError> {
    let found = hindrances(client, order, plan, account)?;
    found.into_iter().next().map_or(Ok(()), Err)
}

/// Everything that keeps the account from carrying out a plan.
///
/// # Errors
/// The chain can't be asked.
pub fn hindrances(
    client: &Client,
    order: &Order<'_>,
    plan: &Plan,
    account: &str,
) -> Result<Vec<DeployError>, DeployError> {
    let (network, account) = (client.network(), account.to_owned());
    let chain_id = network.chain_id.clone();
    let mut found = Vec::new();
    for name in &plan.codes {
        let bytes = order.artifacts.get(name)?.wasm.len();
        if u64::try_from(bytes).unwrap_or(u64::MAX) > network.max_code {
            found.push(DeployError::TooLong {
                name: name.clone(),
                bytes,
                chain_id: chain_id.clone(),
                max: network.max_code,
            });
        }
    }
    match ensure_running(client, &plan.deployment) {
        Err(error @ (DeployError::Clock(_) | DeployError::NoClock(_))) => found.push(error),
        running => running?,
    }
    if plan.is_done() {
        return Ok(found);
    }
    if !plan.codes.is_empty() && !client.may_store(&account)? {
        let account = account.clone();
        found.push(DeployError::MayNotStore { account, chain_id });
    }
    let need = network.fee(gas(order, plan)?);
    let have = client.balance(&account, &network.denom)?;
    if have < need {
        let denom = network.denom.clone();
        found.push(DeployError::NoMoney {
            account,
            have,
            need,
            denom,
        });
    }
    Ok(found)
}

/// Gas that a plan takes, at most about: measured, and a bit more.
pub fn gas(order: &Order<'_>, plan: &Plan) -> Result<u64, DeployError> {
    let mut gas = match plan.contracts.is_empty() {
        true => 0,
        false => CREATION_GAS,
    };
    for name in &plan.codes {
        let bytes = order.artifacts.get(name)?.wasm.len();
        let length = u64::try_from(bytes).unwrap_or(u64::MAX);
        gas = gas.saturating_add(length.saturating_mul(GAS_PER_BYTE));
    }
    Ok(gas)
}

/// Does what is missing, and writes the state file after each step. Run again after whatever stopped
/// it, it goes on from there.
pub fn apply(
    client: &Client,
    signer: &mut Signer,
    order: &Order<'_>,
    file: &Path,
    mut tell: impl FnMut(&Done),
) -> Result<Deployment, DeployError> {
    let known = Deployment::find(file, &client.network().chain_id)?;
    let todo = plan(client, order, known.as_ref())?;
    ensure_possible(client, order, &todo, order.deployer)?;
    let mut deployment = todo.deployment;
    write(&deployment, file, known.as_ref())?;
    for name in &todo.codes {
        let names = std::slice::from_ref(name);
        store_all(client, signer, order, names, &mut deployment, &mut tell)?;
        deployment.write(file)?;
    }
    if todo.contracts.is_empty() {
        return Ok(deployment);
    }
    // Storing takes time: epoch 0 may be over.
    let todo = plan(client, order, Some(&deployment))?;
    deployment = todo.deployment;
    ensure_running(client, &deployment)?;
    deployment.write(file)?;
    let outcome = create(client, signer, order, &deployment, &todo.contracts)?;
    for name in &todo.contracts {
        if let Some(contract) = deployment.contracts.get_mut(name) {
            contract.created = true;
        }
    }
    deployment.write(file)?;
    tell(&Done::Created {
        names: todo.contracts,
        gas: outcome.map(|outcome| outcome.gas_used),
    });
    Ok(deployment)
}

fn write(
    deployment: &Deployment,
    file: &Path,
    known: Option<&Deployment>,
) -> Result<(), DeployError> {
    match known == Some(deployment) {
        true => Ok(()),
        false => Ok(deployment.write(file)?),
    }
}

/// Stores codes, and notes their numbers.
pub(super) fn store_all(
    client: &Client,
    signer: &mut Signer,
    order: &Order<'_>,
    names: &[String],
    deployment: &mut Deployment,
    tell: &mut impl FnMut(&Done),
) -> Result<(), DeployError> {
    for name in names {
        let (id, outcome) = store(client, signer, order, name)?;
        if let Some(code) = deployment.codes.get_mut(name) {
            code.id = Some(id);
        }
        tell(&Done::Stored {
            name: name.clone(),
            id,
            gas: outcome.map(|outcome| outcome.gas_used),
        });
    }
    Ok(())
}

/// Stores a code; answers its number.
fn store(
    client: &Client,
    signer: &mut Signer,
    order: &Order<'_>,
    name: &str,
) -> Result<(u64, Option<Outcome>), DeployError> {
    let artifact = order.artifacts.get(name)?;
    let message = Message::Store {
        wasm: artifact.wasm.clone(),
    };
    let account = signer.address().to_owned();
    let id = || -> Result<Option<u64>, ChainError> {
        let mut newest = client.codes(&[artifact.checksum], 1)?.into_iter();
        let found = newest.find(|code| code.serves(&account));
        Ok(found.map(|code| code.id))
    };
    let outcome = send_once(client, signer, &[message], || Ok(id()?.is_some()))?;
    let id = id()?.ok_or_else(|| DeployError::Lost(name.to_owned()))?;
    Ok((id, outcome))
}

/// Creates contracts, all or none.
fn create(
    client: &Client,
    signer: &mut Signer,
    order: &Order<'_>,
    deployment: &Deployment,
    names: &[String],
) -> Result<Option<Outcome>, DeployError> {
    let messages = names.iter().map(|name| creation(order, deployment, name));
    let messages = messages.collect::<Result<Vec<_>, _>>()?;
    let Some(last) = names.last() else {
        return Ok(None);
    };
    let last = deployment.address(last)?;
    let done = || Ok(client.contract(last)?.is_some());
    Ok(send_once(client, signer, &messages, done)?)
}
