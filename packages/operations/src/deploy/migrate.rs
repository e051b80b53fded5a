//! Putting other code in place of what is deployed.

use std::path::Path;

use noderev_chain::{Client, Message, Signer};

use super::apply::{ensure_possible, store_all, Done};
use super::order::Order;
use super::plan::{find_codes, Plan};
use super::DeployError;
use crate::{send_once, CodeState, Deployment};

/// The message of every contract's migration: an empty object.
const MESSAGE: &[u8] = b"{}";

/// Which contracts run other code than that of the artifacts, and which code is to be stored; sends
/// nothing.
///
/// # Errors
/// `sender` is not the admin of such a contract.
pub fn plan_migration(
    client: &Client,
    order: &Order<'_>,
    known: &Deployment,
    sender: &str,
) -> Result<Plan, DeployError> {
    let mut deployment = known.clone();
    for (name, artifact) in order.artifacts.iter() {
        let checksum = artifact.checksum;
        let code = CodeState { checksum, id: None };
        let state = deployment.codes.entry(name.to_owned()).or_insert(code);
        if state.checksum != checksum {
            *state = CodeState { checksum, id: None };
        }
    }
    let mut contracts = Vec::new();
    for part in order.parts() {
        let address = deployment.address(&part.name)?;
        let Some(info) = client.contract(address)? else {
            return Err(DeployError::NotThere {
                what: part.name,
                address: address.to_owned(),
                reason: "no contract is at this address; `noderev deploy apply` creates it".into(),
            });
        };
        let wanted = order.artifacts.get(part.code)?.checksum;
        if client.code(info.code_id)? == Some(wanted) {
            continue;
        }
        if info.admin.as_deref() != Some(sender) {
            return Err(DeployError::NotAdmin {
                name: part.name,
                admin: info.admin.unwrap_or_else(|| "nobody".to_owned()),
                sender: sender.to_owned(),
            });
        }
        contracts.push(part.name);
    }
    let mut codes = find_codes(client, &mut deployment, sender)?;
    // Code that no contract will run need not be stored.
    codes.retain(|code| {
        let mut migrated = contracts
            .iter()
            .filter_map(|name| known.contracts.get(name));
        migrated.any(|contract| contract.code.as_ref() == Some(code))
    });
    Ok(Plan {
        deployment,
        codes,
        contracts,
    })
}

/// Stores code and migrates all contracts that run other code, by one transaction: all of them or
/// none. Run again after whatever stopped it, it goes on from there.
pub fn migrate(
    client: &Client,
    signer: &mut Signer,
    order: &Order<'_>,
    file: &Path,
    mut tell: impl FnMut(&Done),
) -> Result<Deployment, DeployError> {
    let known = Deployment::read(file, &client.network().chain_id)?;
    let plan = plan_migration(client, order, &known, signer.address())?;
    ensure_possible(client, order, &plan, signer.address())?;
    let mut deployment = plan.deployment;
    store_all(
        client,
        signer,
        order,
        &plan.codes,
        &mut deployment,
        &mut tell,
    )?;
    if let Some(last) = plan.contracts.last() {
        let messages = plan.contracts.iter().map(|name| message(&deployment, name));
        let messages = messages.collect::<Result<Vec<_>, _>>()?;
        let (address, id) = (deployment.address(last)?, code_of(&deployment, last)?);
        let done = || {
            Ok(client
                .contract(address)?
                .is_some_and(|info| info.code_id == id))
        };
        let outcome = send_once(client, signer, &messages, done)?;
        tell(&Done::Migrated {
            names: plan.contracts.clone(),
            gas: outcome.map(|outcome| outcome.gas_used),
        });
    }
    // Only now: until then the file says what is in place.
    deployment.write(file)?;
    Ok(deployment)
}

fn message(deployment: &Deployment, name: &str) -> Result<Message, DeployError> {
    Ok(Message::Migrate {
        contract: deployment.address(name)?.to_owned(),
        code_id: code_of(deployment, name)?,
        msg: MESSAGE.to_vec(),
    })
}

/// Number of a contract's code.
pub(super) fn code_of(deployment: &Deployment, name: &str) -> Result<u64, DeployError> {
    let contract = deployment.contracts.get(name);
    let code = contract.and_then(|contract| contract.code.as_ref());
    let code = code.and_then(|code| deployment.codes.get(code));
    let id = code.and_then(|code| code.id);
    id.ok_or_else(|| DeployError::Lost(name.to_owned()))
}
