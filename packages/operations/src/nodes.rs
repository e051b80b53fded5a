//! An account's keys and their nodes: what they are and earn, staking them, binding node software,
//! handing them on.

use std::collections::BTreeMap;

use cosmwasm_std::{Binary, HexBinary, Uint128, Uint64};
use noderev_api::distributor::{self, KeyInfo, KeysResponse, NetworkResponse};
use noderev_api::registry::{ExecuteMsg, KeyResponse, QueryMsg};
use noderev_api::vault::{
    self, NodeStakeResponse, NodeStakesResponse, PreviewStakeResponse, MAX_BATCH,
};
use noderev_chain::{ChainError, Message};
use noderev_components::{Amount, DenomInfo, Epoch, KeyId};
use serde::Serialize;
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::batches::in_messages;
use crate::contracts::pages;
use crate::moment::{ensure_qst, ensure_running};
use crate::pool::params_at;
use crate::{Addresses, Contract, Contracts, Hindrance, Moment};

/// Keys of a page, the most that the distributor answers.
const PAGE: u32 = 100;
/// Epochs that the distributor tells of a key.
const STRIP: u32 = 64;

/// Why nothing is done with a key.
#[derive(Debug, Error)]
pub enum NodeError {
    /// The chain refused, or could not be asked.
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// It can't now.
    #[error(transparent)]
    Hindrance(#[from] Hindrance),
    /// No such key.
    #[error("there is no key {key}")]
    NoKey {
        /// Its number.
        key: KeyId,
    },
    /// The key is somebody else's.
    #[error("key {key} belongs to {owner}, not to {account}")]
    NotOwner {
        /// The key.
        key: KeyId,
        /// Its owner.
        owner: String,
        /// Who is not.
        account: String,
    },
    /// The account neither owns the key nor runs it.
    #[error("key {key} belongs to {owner}, its operator is {operator}: {account} is neither")]
    NotOperator {
        /// The key.
        key: KeyId,
        /// Its owner.
        owner: String,
        /// Its operator, or that there is none.
        operator: String,
        /// Who is neither.
        account: String,
    },
    /// The vault would refuse to stake.
    #[error("these nodes can't be staked now: {0}")]
    Preview(String),
    /// The node is not staked.
    #[error("the node of key {key} is not staked in epoch {epoch}: there is nothing to take off")]
    NotStaked {
        /// Its key.
        key: KeyId,
        /// The next epoch.
        epoch: Epoch,
    },
    /// Neither of the two kinds of public keys, or no signature, by length.
    #[error("the {what} has {length} bytes: must be {must}")]
    Length {
        /// Public key or signature.
        what: &'static str,
        /// Its bytes.
        length: usize,
        /// How many there must be.
        must: &'static str,
    },
    /// The signature proves nothing.
    #[error("the signature is not this public key's over the SHA-256 of the text for key {key}: --challenge shows text and hash")]
    Signature {
        /// The key.
        key: KeyId,
    },
    /// The public key is in use.
    #[error("this public key is bound to key {key}: unbind it there first")]
    Taken {
        /// Where.
        key: KeyId,
    },
    /// No node is bound.
    #[error("key {key} has no bound node")]
    NotBound {
        /// The key.
        key: KeyId,
    },
    /// The new owner is the present one.
    #[error("key {key} is {owner}'s already")]
    SameOwner {
        /// The key.
        key: KeyId,
        /// Its owner.
        owner: String,
    },
}

impl NodeError {
    /// Whether the chain or a contract refuses, or would.
    pub const fn is_refusal(&self) -> bool {
        match self {
            Self::Chain(error) => error.is_refusal(),
            Self::Hindrance(error) => error.is_refusal(),
            Self::Length { .. } => false,
            _ => true,
        }
    }

    /// Whether the command makes no sense on any chain.
    pub const fn is_usage(&self) -> bool {
        match self {
            Self::Hindrance(error) => error.is_usage(),
            Self::Length { .. } => true,
            _ => false,
        }
    }
}

/// A key of an account.
#[derive(Clone, Debug, Serialize)]
pub struct Node {
    /// The key.
    pub key: KeyId,
    /// The identifier typed into the node software.
    pub node_id: String,
    /// The node's bound public key, hexadecimal.
    pub public_key: Option<HexBinary>,
    /// Who may bind a node and appeal beside the owner.
    pub operator: Option<String>,
    /// Whether it counts as staked in the running epoch.
    pub staked: bool,
    /// Whether it will in the next.
    pub staked_next: bool,
    /// Earned by its present owner in closed epochs and not settled.
    pub claimable: Vec<Amount>,
    /// At what price it is for sale, smallest units of QST.
    pub price: Option<Uint128>,
    /// The last closed epochs, oldest first: `#` ran, `.` did not run, `?` disputed.
    pub strip: String,
}

/// The keys of an account.
#[derive(Clone, Debug, Serialize)]
pub struct Nodes {
    /// Whose.
    pub account: String,
    /// The running epoch.
    pub epoch: Epoch,
    /// The last closed epoch, at the right end of the strips; none if none is closed.
    pub closed: Option<Epoch>,
    /// In the order of their numbers.
    pub nodes: Vec<Node>,
    /// The currencies of what they earn.
    #[serde(skip)]
    pub denoms: Vec<DenomInfo>,
    /// When this was true.
    #[serde(skip)]
    pub moment: Moment,
}

/// The keys of an account with their last closed epochs, at most 64 of them. `progress` is told how
/// many of how many keys are known.
pub fn list(
    contracts: &Contracts,
    account: &str,
    epochs: u32,
    mut progress: impl FnMut(usize, usize),
) -> Result<Nodes, NodeError> {
    let config: distributor::ConfigResponse =
        contracts.ask_distributor(&distributor::QueryMsg::Config {})?;
    let network: NetworkResponse = contracts.ask_distributor(&distributor::QueryMsg::Network {})?;
    let next_close = network.next_close;
    let infos = infos(contracts, account)?;
    let mut nodes = Vec::with_capacity(infos.len());
    for (done, info) in infos.iter().enumerate() {
        progress(done, infos.len());
        let key = key(contracts, info.key)?;
        let strip = strip(info, next_close, epochs.min(STRIP));
        nodes.push(node(info, key, strip));
    }
    Ok(Nodes {
        account: account.to_owned(),
        epoch: network.epoch,
        closed: next_close.prev(),
        nodes,
        denoms: config.denoms,
        moment: Moment::of(contracts)?,
    })
}

fn infos(contracts: &Contracts, account: &str) -> Result<Vec<KeyInfo>, ChainError> {
    pages(|last: Option<&KeyInfo>| {
        let page: KeysResponse = contracts.ask_distributor(&distributor::QueryMsg::Keys {
            ids: None,
            owner: Some(account.to_owned()),
            start_after: last.map(|info| info.key),
            limit: Some(PAGE),
        })?;
        Ok(page.keys)
    })
}

fn node(info: &KeyInfo, key: KeyResponse, strip: String) -> Node {
    Node {
        key: info.key,
        node_id: info.node_id.clone(),
        public_key: key.public_key.map(HexBinary::from),
        operator: key.operator.map(Into::into),
        staked: info.staked,
        staked_next: info.staked_next,
        claimable: info.claimable.clone(),
        price: key.listing.map(|listing| listing.price),
        strip,
    }
}

/// The last closed epochs of a key, at most so many, oldest first.
fn strip(info: &KeyInfo, next_close: Epoch, most: u32) -> String {
    let back = 1..=most.min(next_close.0);
    let epochs = back
        .rev()
        .map(|back| (back, next_close.0.saturating_sub(back)));
    let sign = |(back, epoch): (u32, u32)| {
        let disputed = info.disputes.contains(&Epoch(epoch));
        match (disputed, bit(info.ran, back.saturating_sub(1))) {
            (true, _) => '?',
            (false, true) => '#',
            (false, false) => '.',
        }
    };
    epochs.map(sign).collect()
}

const fn bit(bits: Uint64, at: u32) -> bool {
    match bits.u64().checked_shr(at) {
        Some(rest) => rest & 1 == 1,
        None => false,
    }
}

/// Everything about one key.
pub(crate) fn key(contracts: &Contracts, id: KeyId) -> Result<KeyResponse, ChainError> {
    contracts.ask_registry(&QueryMsg::Key { id })
}

/// One key, which must be the account's.
pub(crate) fn own_key(
    contracts: &Contracts,
    account: &str,
    id: KeyId,
) -> Result<KeyResponse, NodeError> {
    let found = key(contracts, id)?;
    ensure_owner(id, found.owner.as_str(), account)?;
    Ok(found)
}

fn ensure_owner(key: KeyId, owner: &str, account: &str) -> Result<(), NodeError> {
    match owner == account {
        true => Ok(()),
        false => Err(NodeError::NotOwner {
            key,
            owner: owner.to_owned(),
            account: account.to_owned(),
        }),
    }
}

/// Nodes that are staked.
#[derive(Clone, Debug)]
pub struct Staked {
    /// The stake of one, smallest units of QST.
    pub each: u128,
    /// The stake of all.
    pub amount: u128,
    /// Earliest release if unstaked as soon as possible, Unix seconds.
    pub earliest_release: u64,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Stakes the nodes of these keys.
pub fn stake(contracts: &Contracts, account: &str, keys: &[KeyId]) -> Result<Staked, NodeError> {
    ensure_running(&contracts.ask_vault(&vault::QueryMsg::Paused {})?)?;
    let (mut amount, mut earliest_release) = (0_u128, 0);
    let mut messages = Vec::new();
    for batch in in_messages("keys", keys, MAX_BATCH).map_err(Hindrance::from)? {
        let preview = preview_stake(contracts, account, &batch)?;
        let need = preview.amount.u128();
        let hook = vault::ReceiveMsg::StakeNodes { keys: batch };
        messages.push(contracts.send_tokens(&contracts.qst, Contract::Vault, need, &hook)?);
        amount = amount.saturating_add(need);
        earliest_release = preview.earliest_release.seconds();
    }
    ensure_qst(contracts, account, amount)?;
    Ok(Staked {
        each: requirement(contracts)?,
        amount,
        earliest_release,
        moment: Moment::of(contracts)?,
        messages,
    })
}

fn preview_stake(
    contracts: &Contracts,
    account: &str,
    keys: &[KeyId],
) -> Result<PreviewStakeResponse, NodeError> {
    let preview: PreviewStakeResponse = contracts.ask_vault(&vault::QueryMsg::PreviewStake {
        account: account.to_owned(),
        keys: keys.to_vec(),
    })?;
    match preview.refusal {
        Some(why) => Err(NodeError::Preview(why)),
        None => Ok(preview),
    }
}

/// The stake of a node now, smallest units of QST.
pub fn requirement(contracts: &Contracts) -> Result<u128, ChainError> {
    let config: vault::ConfigResponse = contracts.ask_vault(&vault::QueryMsg::Config {})?;
    Ok(config.requirement.u128())
}

/// Stakes that are taken off.
#[derive(Clone, Debug)]
pub struct Unstaked {
    /// The stake of one, smallest units of QST.
    pub each: u128,
    /// When each lot is released, Unix seconds.
    pub releases: BTreeMap<KeyId, u64>,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Takes the stakes off the nodes of these keys, one lot each.
pub fn unstake(
    contracts: &Contracts,
    account: &str,
    keys: &[KeyId],
) -> Result<Unstaked, NodeError> {
    let moment = Moment::of(contracts)?;
    let (mut releases, mut messages) = (BTreeMap::new(), Vec::new());
    for batch in in_messages("keys", keys, MAX_BATCH).map_err(Hindrance::from)? {
        ensure_owned(contracts, account, &batch, moment.epoch)?;
        releases.extend(self::releases(contracts, &moment, &batch)?);
        let message = vault::ExecuteMsg::UnstakeNodes { keys: batch };
        messages.push(Message::execute(&contracts.vault, &message, Vec::new())?);
    }
    Ok(Unstaked {
        each: requirement(contracts)?,
        releases,
        moment,
        messages,
    })
}

fn ensure_owned(
    contracts: &Contracts,
    account: &str,
    keys: &[KeyId],
    epoch: Epoch,
) -> Result<(), NodeError> {
    for (key, owner) in owners(contracts, keys, epoch)? {
        ensure_owner(key, &owner, account)?;
    }
    Ok(())
}

/// Who owned these keys at the end of an epoch, or owns them now if it runs.
pub(crate) fn owners(
    contracts: &Contracts,
    keys: &[KeyId],
    epoch: Epoch,
) -> Result<Vec<(KeyId, String)>, NodeError> {
    let owners = contracts.owners_at(keys.to_vec(), epoch)?;
    let owners = owners.into_iter().map(|it| match it.owner {
        Some(owner) => Ok((it.key, owner.into_string())),
        None => Err(NodeError::NoKey { key: it.key }),
    });
    owners.collect()
}

/// When the stakes of these nodes would be released if they were taken off now.
fn releases(
    contracts: &Contracts,
    moment: &Moment,
    keys: &[KeyId],
) -> Result<BTreeMap<KeyId, u64>, NodeError> {
    let keys = keys.to_vec();
    let query = vault::QueryMsg::NodeStakes { keys };
    let stakes: NodeStakesResponse = contracts.ask_vault(&query)?;
    let now = params_at(contracts, moment.epoch)?;
    let mut locks: BTreeMap<Epoch, u64> = BTreeMap::new();
    let mut releases = BTreeMap::new();
    for stake in &stakes.nodes {
        let from = counts_from(stake, moment)?;
        let agreed = match locks.get(&from) {
            Some(lock) => *lock,
            // What was in force when the stake was placed.
            None => params_at(contracts, from.prev().unwrap_or_default())?.minimum_lock,
        };
        locks.insert(from, agreed);
        let unbonded = moment.boundary().saturating_add(now.unbonding_period);
        let began = moment.clock.start_of(from);
        let locked = began.saturating_add(agreed.min(now.minimum_lock));
        releases.insert(stake.key, unbonded.max(locked));
    }
    Ok(releases)
}

fn counts_from(stake: &NodeStakeResponse, moment: &Moment) -> Result<Epoch, NodeError> {
    let (key, epoch) = (stake.key, moment.next());
    stake.counts_from.ok_or(NodeError::NotStaked { key, epoch })
}

/// What a node's own key must sign, so that it can be bound.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Challenge {
    /// The key.
    pub key: KeyId,
    /// Its owner, in whose name the node is bound.
    pub owner: String,
    /// The text.
    pub text: String,
    /// Its SHA-256, over which the signature is: secp256k1 signs it as the hash, ed25519 as the
    /// message.
    pub sha256: HexBinary,
}

impl Challenge {
    fn new(contracts: &Contracts, key: KeyId, owner: &str) -> Self {
        let chain = &contracts.client().network().chain_id;
        let registry = &contracts.registry;
        let text = format!("noderev bind node v1\n{chain}\n{registry}\n{key}\n{owner}");
        Self {
            key,
            owner: owner.to_owned(),
            sha256: HexBinary::from(<[u8; 32]>::from(Sha256::digest(&text))),
            text,
        }
    }
}

/// What the node of a key must sign.
pub fn challenge(contracts: &Contracts, id: KeyId) -> Result<Challenge, NodeError> {
    let key = key(contracts, id)?;
    Ok(Challenge::new(contracts, id, key.owner.as_str()))
}

/// A change of a key, and what the key was before.
#[derive(Clone, Debug)]
pub struct Changed {
    /// The key before it.
    pub before: KeyResponse,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Binds a node's public key, proven by its signature.
pub fn bind(
    contracts: &Contracts,
    account: &str,
    id: KeyId,
    public_key: &[u8],
    signature: &[u8],
) -> Result<Changed, NodeError> {
    ensure_lengths(public_key, signature)?;
    let before = key(contracts, id)?;
    ensure_operator(&before, account)?;
    let challenge = Challenge::new(contracts, id, before.owner.as_str());
    let addresses = Addresses::of(contracts.client().network());
    if !is_signed(&addresses, &challenge, public_key, signature) {
        return Err(NodeError::Signature { key: id });
    }
    let public_key = Binary::from(public_key);
    let bound: Option<KeyId> = contracts.ask_registry(&QueryMsg::BoundKey {
        public_key: public_key.clone(),
    })?;
    if let Some(key) = bound.filter(|bound| *bound != id) {
        return Err(NodeError::Taken { key });
    }
    let signature = Binary::from(signature);
    let message = ExecuteMsg::BindNode {
        key: id,
        public_key,
        signature,
    };
    changed(contracts, before, &message)
}

fn changed(
    contracts: &Contracts,
    before: KeyResponse,
    message: &ExecuteMsg,
) -> Result<Changed, NodeError> {
    let message = Message::execute(&contracts.registry, message, Vec::new())?;
    Ok(Changed {
        before,
        messages: vec![message],
    })
}

fn ensure_lengths(public_key: &[u8], signature: &[u8]) -> Result<(), NodeError> {
    let refuse = |what, length, must| Err(NodeError::Length { what, length, must });
    match (public_key.len(), signature.len()) {
        (32 | 33, 64) => Ok(()),
        (32 | 33, length) => refuse("signature", length, "64"),
        (length, _) => refuse(
            "public key",
            length,
            "33 (secp256k1, compressed) or 32 (ed25519)",
        ),
    }
}

fn ensure_operator(key: &KeyResponse, account: &str) -> Result<(), NodeError> {
    let operator = key.operator.as_ref().map(|operator| operator.as_str());
    match key.owner.as_str() == account || operator == Some(account) {
        true => Ok(()),
        false => Err(NodeError::NotOperator {
            key: key.id,
            owner: key.owner.to_string(),
            operator: operator.unwrap_or("nobody").to_owned(),
            account: account.to_owned(),
        }),
    }
}

/// By the very check that the registry makes.
fn is_signed(
    addresses: &Addresses,
    challenge: &Challenge,
    public_key: &[u8],
    signature: &[u8],
) -> bool {
    let digest = challenge.sha256.as_slice();
    let verified = match public_key.len() {
        33 => addresses
            .api()
            .secp256k1_verify(digest, signature, public_key),
        _ => addresses
            .api()
            .ed25519_verify(digest, signature, public_key),
    };
    matches!(verified, Ok(true))
}

/// Ends a key's binding.
pub fn unbind(contracts: &Contracts, account: &str, id: KeyId) -> Result<Changed, NodeError> {
    let before = own_key(contracts, account, id)?;
    match before.public_key {
        Some(_) => changed(contracts, before, &ExecuteMsg::UnbindNode { key: id }),
        None => Err(NodeError::NotBound { key: id }),
    }
}

/// Names who may bind a node and appeal for a key; none takes it back.
pub fn operator(
    contracts: &Contracts,
    account: &str,
    id: KeyId,
    operator: Option<&str>,
) -> Result<Changed, NodeError> {
    if let Some(operator) = operator {
        check_address(contracts, operator)?;
    }
    let before = own_key(contracts, account, id)?;
    let operator = operator.map(str::to_owned);
    let message = ExecuteMsg::SetOperator { key: id, operator };
    changed(contracts, before, &message)
}

pub(crate) fn check_address(contracts: &Contracts, text: &str) -> Result<(), Hindrance> {
    Ok(Addresses::of(contracts.client().network()).check(text)?)
}

/// A key for another owner.
#[derive(Clone, Debug)]
pub struct Transferred {
    /// Its present owner.
    pub owner: String,
    /// The stake that leaves it, smallest units of QST, and when that is released, Unix seconds;
    /// none if its node is not staked.
    pub stake: Option<(u128, u64)>,
    /// When this is.
    pub moment: Moment,
    /// The messages that do it.
    pub messages: Vec<Message>,
}

/// Gives a key to another account. Whether the sender may is the registry's to say: an owner can
/// let others move keys.
pub fn transfer(contracts: &Contracts, id: KeyId, to: &str) -> Result<Transferred, NodeError> {
    check_address(contracts, to)?;
    let key = key(contracts, id)?;
    let owner = key.owner.into_string();
    if owner == to {
        return Err(NodeError::SameOwner { key: id, owner });
    }
    let moment = Moment::of(contracts)?;
    let stake = match key.staked_next {
        true => leaving(contracts, &moment, id)?,
        false => None,
    };
    let message = ExecuteMsg::TransferNft {
        recipient: to.to_owned(),
        token_id: id.to_string(),
    };
    Ok(Transferred {
        owner,
        stake,
        moment,
        messages: vec![Message::execute(&contracts.registry, &message, Vec::new())?],
    })
}

/// What leaves a staked node that changes hands without its stake, and when it is released.
fn leaving(
    contracts: &Contracts,
    moment: &Moment,
    key: KeyId,
) -> Result<Option<(u128, u64)>, NodeError> {
    let releases = releases(contracts, moment, &[key])?;
    let amount = requirement(contracts)?;
    Ok(releases.get(&key).map(|release| (amount, *release)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use cosmwasm_std::Addr;
    use k256::ecdsa::signature::hazmat::PrehashSigner;
    use noderev_chain::Networks;

    fn info(ran: u64, disputes: &[u32]) -> KeyInfo {
        KeyInfo {
            key: KeyId(1),
            owner: Addr::unchecked("me"),
            node_id: "1".into(),
            staked: false,
            staked_next: false,
            claimable: vec![],
            ran: Uint64::new(ran),
            was_staked: Uint64::zero(),
            disputes: disputes.iter().copied().map(Epoch).collect(),
        }
    }

    #[test]
    fn a_strip_has_the_oldest_epoch_first() {
        // Epochs 0 to 4 are closed; in the last one the key did not run.
        let key = info(0b11010, &[]);
        assert_eq!(strip(&key, Epoch(5), 64), "##.#.");
        assert_eq!(strip(&key, Epoch(5), 2), "#.");
        assert_eq!(strip(&info(0b11010, &[4, 9]), Epoch(5), 64), "##.#?");
        assert_eq!(strip(&key, Epoch(0), 64), "");
        let always = strip(&info(u64::MAX, &[]), Epoch(100), 64);
        assert_eq!(always, "#".repeat(64));
    }

    /// Public key and signature of a node.
    fn secp256k1(seed: u8, digest: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let signer = k256::ecdsa::SigningKey::from_slice(&[seed; 32]).unwrap();
        let signature: k256::ecdsa::Signature = signer.sign_prehash(digest).unwrap();
        let public_key = signer.verifying_key().to_encoded_point(true);
        (public_key.as_bytes().to_vec(), signature.to_vec())
    }

    fn ed25519(seed: u8, digest: &[u8]) -> (Vec<u8>, Vec<u8>) {
        let signer = ed25519_zebra::SigningKey::from([seed; 32]);
        let signature: [u8; 64] = signer.sign(digest).into();
        let public_key: [u8; 32] = ed25519_zebra::VerificationKey::from(&signer).into();
        (public_key.to_vec(), signature.to_vec())
    }

    #[test]
    fn only_the_keys_own_signature_over_the_hash_proves_it() {
        let networks = Networks::built_in().unwrap();
        let addresses = Addresses::of(networks.get("local").unwrap());
        let text = "noderev bind node v1\nchain\nregistry\n7\nme".to_owned();
        let challenge = Challenge {
            key: KeyId(7),
            owner: "me".into(),
            sha256: HexBinary::from(<[u8; 32]>::from(Sha256::digest(&text))),
            text,
        };
        let digest = Sha256::digest(&challenge.text);
        for sign in [secp256k1, ed25519] {
            let (public_key, signature) = sign(7, &digest);
            assert!(is_signed(&addresses, &challenge, &public_key, &signature));
            let (_, other) = sign(7, &[1; 32]);
            assert!(!is_signed(&addresses, &challenge, &public_key, &other));
            let (other, _) = sign(8, &digest);
            assert!(!is_signed(&addresses, &challenge, &other, &signature));
        }
    }

    #[test]
    fn keys_and_signatures_have_their_lengths() {
        assert!(ensure_lengths(&[0; 33], &[0; 64]).is_ok());
        assert!(ensure_lengths(&[0; 32], &[0; 64]).is_ok());
        let refusal = |key: usize, signature: usize| {
            let refusal = ensure_lengths(&vec![0; key], &vec![0; signature]).unwrap_err();
            assert!(refusal.is_usage());
            refusal.to_string()
        };
        assert_eq!(refusal(33, 65), "the signature has 65 bytes: must be 64");
        let key = refusal(65, 64);
        assert!(key.starts_with("the public key has 65 bytes: "), "{key}");
    }
}
