//! Who runs a key's node, and the node's own key.

use cosmwasm_std::{Addr, Api, Response};
use noderev_components::{Account, KeyId};
use sha2::{Digest, Sha256};

use super::Ctx;
use crate::error::{ContractError, Refusal};
use crate::keys::{bound_key, bound_node, Held};
use crate::state::{remove_binding, save_binding, save_operator, Binding, Identity};

/// Names who may bind a node and appeal for a key.
pub fn set_operator(
    mut ctx: Ctx<'_>,
    key: KeyId,
    operator: Option<String>,
) -> Result<Response, Refusal> {
    let held = ctx.held(key)?;
    held.ensure_owner(&ctx.info.sender)?;
    let parsed = operator
        .as_deref()
        .map(|name| Account::parse(ctx.deps.api, name));
    save_operator(ctx.deps.storage, key, held.nonce, parsed.transpose()?);
    let event = ctx
        .event("operator_set")?
        .add_attribute("key", key.to_string())
        .add_attribute("owner", held.owner_addr)
        .add_attributes(operator.map(|operator| ("operator", operator)));
    Ok(Response::new()
        .add_attribute("action", "set_operator")
        .add_event(event))
}

/// Binds the node's public key, proven by its signature.
pub fn bind(
    mut ctx: Ctx<'_>,
    key: KeyId,
    public_key: &[u8],
    signature: &[u8],
) -> Result<Response, Refusal> {
    let held = ctx.held(key)?;
    held.ensure_operator(ctx.deps.storage, ctx.deps.api, &ctx.info.sender)?;
    let text = binding_text(&ctx, &held);
    if !is_signed(ctx.deps.api, &text, public_key, signature)? {
        return Err(ContractError::BadSignature { key, text }.into());
    }
    match bound_key(ctx.deps.storage, ctx.deps.api, &ctx.now, public_key)? {
        Some(other) if other != key => {
            return Err(ContractError::PublicKeyTaken { key: other }.into())
        }
        _ => {}
    }
    let binding = Binding {
        nonce: held.nonce,
        public_key: public_key.to_vec(),
    };
    save_binding(ctx.deps.storage, key, &binding)?;
    let event = ctx
        .event("node_bound")?
        .add_attribute("key", key.to_string())
        .add_attribute("owner", held.owner_addr)
        .add_attribute("public_key", hex(public_key));
    Ok(Response::new()
        .add_attribute("action", "bind_node")
        .add_event(event))
}

/// Ends the binding; the owner may, the operator may only bind.
pub fn unbind(mut ctx: Ctx<'_>, key: KeyId) -> Result<Response, Refusal> {
    let held = ctx.held(key)?;
    held.ensure_owner(&ctx.info.sender)?;
    let bound = bound_node(ctx.deps.storage, &held)?;
    let public_key = bound.ok_or(ContractError::NotBound { key })?;
    remove_binding(ctx.deps.storage, key)?;
    let event = ctx
        .event("node_unbound")?
        .add_attribute("key", key.to_string())
        .add_attribute("owner", held.owner_addr)
        .add_attribute("public_key", hex(&public_key));
    Ok(Response::new()
        .add_attribute("action", "unbind_node")
        .add_event(event))
}

/// What the node's key signs (its SHA-256).
fn binding_text(ctx: &Ctx<'_>, held: &Held) -> String {
    let (chain, registry) = (&ctx.env.block.chain_id, &ctx.env.contract.address);
    let (key, owner) = (held.id, &held.owner_addr);
    format!("noderev bind node v1\n{chain}\n{registry}\n{key}\n{owner}")
}

/// A malformed signature or public key proves nothing, like a wrong one.
fn is_signed(
    api: &dyn Api,
    text: &str,
    public_key: &[u8],
    signature: &[u8],
) -> Result<bool, Refusal> {
    let digest = Sha256::digest(text);
    let verified = match public_key.len() {
        33 => api.secp256k1_verify(&digest, signature, public_key),
        32 => api.ed25519_verify(&digest, signature, public_key),
        len => return Err(ContractError::PublicKeyLength { len }.into()),
    };
    Ok(matches!(verified, Ok(true)))
}

/// The identifier typed into the node software: 32 lower-case hexadecimal digits. It is made of
/// what never changes, so a chain that takes another id keeps its nodes.
pub fn node_id(identity: &Identity, registry: &Addr, key: KeyId) -> String {
    let chain = &identity.chain_id;
    let digest = Sha256::digest(format!("noderev node v1\n{chain}\n{registry}\n{key}"));
    hex(digest.get(..16).unwrap_or_default())
}

fn hex(bytes: &[u8]) -> String {
    cosmwasm_std::HexBinary::from(bytes).to_hex()
}
