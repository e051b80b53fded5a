//! Transactions: before they are signed, and what became of them.

use cosmrs::crypto::PublicKey;
use cosmrs::tx::{AuthInfo, Body, Fee, Raw, SignDoc, SignerInfo};
use cosmrs::Coin;
use cosmwasm_std::Event;
use serde_json::{json, Value};
use sha2::{Digest, Sha256};

use crate::key::Key;
use crate::{ChainError, Message, Network, Result};

/// A transaction that nobody has signed yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned {
    /// What it asks for, in this order; all of it happens or none.
    pub messages: Vec<Message>,
    /// Text that goes with it.
    pub memo: String,
    /// Gas that it may use.
    pub gas: u64,
}

/// What became of a transaction that is in a block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Hash: 64 hexadecimal digits, upper case.
    pub hash: String,
    /// Height of its block.
    pub height: u64,
    /// Gas that it was allowed.
    pub gas_wanted: u64,
    /// Gas that it used.
    pub gas_used: u64,
    /// What its messages announced.
    pub events: Vec<Event>,
}

/// Signature of nobody, for simulation: the chain counts its gas but does not check it.
const NO_SIGNATURE: [u8; 64] = [0; 64];

impl Unsigned {
    /// Transaction file of the chain's own program, for keys that this program does not have:
    /// several signers, hardware, a DAO.
    pub fn to_json(&self, sender: &str, network: &Network) -> Value {
        let messages = self.messages.iter().map(|message| message.to_json(sender));
        let fee = json!({ "denom": network.denom, "amount": network.fee(self.gas).to_string() });
        json!({
            "body": {
                "messages": messages.collect::<Vec<_>>(),
                "memo": self.memo,
                "timeout_height": "0",
                "extension_options": [],
                "non_critical_extension_options": [],
            },
            "auth_info": {
                "signer_infos": [],
                "fee": { "amount": [fee], "gas_limit": self.gas.to_string(), "payer": "", "granter": "" },
            },
            "signatures": [],
        })
    }

    /// Bytes of the transaction signed by the key, whose account has this number and sequence.
    pub(crate) fn sign(
        &self,
        key: &Key,
        number: u64,
        sequence: u64,
        network: &Network,
    ) -> Result<Vec<u8>> {
        let chain_id = network.chain_id.parse().map_err(wrong)?;
        let (body, info) = self.parts(key.address(), Some(key.public()), sequence, network)?;
        let document = SignDoc::new(&body, &info, &chain_id, number).map_err(wrong)?;
        let signed = document.sign(&key.signing).map_err(wrong)?;
        signed.to_bytes().map_err(wrong)
    }

    /// Bytes of the sender's transaction with an empty signature and no public key.
    pub(crate) fn unsigned_bytes(
        &self,
        sender: &str,
        sequence: u64,
        network: &Network,
    ) -> Result<Vec<u8>> {
        let (body, info) = self.parts(sender, None, sequence, network)?;
        let raw = cosmrs::proto::cosmos::tx::v1beta1::TxRaw {
            body_bytes: body.into_bytes().map_err(wrong)?,
            auth_info_bytes: info.into_bytes().map_err(wrong)?,
            signatures: vec![NO_SIGNATURE.to_vec()],
        };
        Raw::from(raw).to_bytes().map_err(wrong)
    }

    fn parts(
        &self,
        sender: &str,
        public: Option<PublicKey>,
        sequence: u64,
        network: &Network,
    ) -> Result<(Body, AuthInfo)> {
        let messages = self.messages.iter();
        let messages = messages.map(|message| message.encode(sender));
        let body = Body::new(messages, self.memo.clone(), 0_u8);
        let fee = Coin {
            denom: network.denom.parse().map_err(wrong)?,
            amount: network.fee(self.gas),
        };
        let fee = Fee::from_amount_and_gas(fee, self.gas);
        let signer = SignerInfo::single_direct(public, sequence);
        Ok((body, signer.auth_info(fee)))
    }
}

impl Outcome {
    /// The value of an event's field: the first of that name.
    pub fn field(&self, event: &str, field: &str) -> Option<&str> {
        let events = self.events.iter().filter(|one| one.ty == event);
        let mut fields = events.flat_map(|one| &one.attributes);
        let found = fields.find(|one| one.key == field);
        found.map(|one| one.value.as_str())
    }
}

/// The hash under which the chain knows these bytes.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    let hash = Sha256::digest(bytes);
    hash.iter().map(|byte| format!("{byte:02X}")).collect()
}

fn wrong(error: impl core::fmt::Display) -> ChainError {
    ChainError::Message(error.to_string())
}
