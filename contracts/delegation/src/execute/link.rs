//! Links between accounts and clients of the Hub.

use cosmwasm_std::{Addr, Binary, DepsMut, Env, Response};
use noderev_api::delegation::link_bytes;
use noderev_components::{ensure_within, Account};
use sha2::{Digest, Sha256};

use super::done;
use crate::error::{ContractError, Refusal};
use crate::moment::Moment;
use crate::state::{load_links, save_links, Link};

const MAX_CLIENT_ID: u128 = 64;

/// A key and what it has signed.
pub struct Proof {
    pub public_key: Binary,
    pub signature: Binary,
}

/// Links the sender to the client whose key has signed it.
pub fn link_client(
    deps: DepsMut,
    env: &Env,
    moment: &Moment,
    sender: &Addr,
    client_id: String,
    proof: &Proof,
) -> Result<Response, Refusal> {
    let Proof {
        public_key,
        signature,
    } = proof;
    ensure_within(
        "client id length",
        client_id.len() as u128,
        1,
        MAX_CLIENT_ID,
    )?;
    ensure_within("public key length", public_key.len() as u128, 33, 33)?;
    ensure_within("signature length", signature.len() as u128, 64, 64)?;
    let account = Account::of(deps.api, sender)?;
    let mut links = load_links(deps.storage, &account)?;
    let contract = moment.contract.as_str();
    let chain = &env.block.chain_id;
    let bytes = link_bytes(chain, contract, sender.as_str(), &client_id, links.count);
    let hash = Sha256::digest(&bytes);
    let fits = deps.api.secp256k1_verify(&hash, signature, public_key);
    if !fits.unwrap_or(false) {
        return Err(ContractError::WrongSignature {
            client_id,
            links: links.count,
        }
        .into());
    }
    links.count = links.count.saturating_add(1);
    links.now = Some(Link {
        client_id: client_id.clone(),
        public_key: public_key.to_vec(),
        since: moment.now.seconds(),
    });
    save_links(deps.storage, &account, &links);
    let event = moment
        .event(deps.storage, "client_linked")?
        .add_attribute("account", sender)
        .add_attribute("client_id", client_id)
        .add_attribute("public_key", public_key.to_base64());
    Ok(done("link_client", event))
}

/// Ends the sender's link. Signatures for it stay used up.
pub fn unlink_client(deps: DepsMut, moment: &Moment, sender: &Addr) -> Result<Response, Refusal> {
    let account = Account::of(deps.api, sender)?;
    let mut links = load_links(deps.storage, &account)?;
    if links.now.take().is_none() {
        return Err(ContractError::NotLinked.into());
    }
    save_links(deps.storage, &account, &links);
    let event = moment
        .event(deps.storage, "client_unlinked")?
        .add_attribute("account", sender);
    Ok(done("unlink_client", event))
}
