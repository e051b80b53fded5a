//! What an account asks the chain to do.

use cosmrs::proto::cosmos::bank::v1beta1::MsgSend;
use cosmrs::proto::cosmos::base::v1beta1::Coin as ProtoCoin;
use cosmrs::proto::cosmwasm::wasm::v1::{
    MsgExecuteContract, MsgMigrateContract, MsgStoreCode, MsgUpdateAdmin,
};
use cosmrs::Any;
use cosmwasm_std::Coin;
use serde::Serialize;
use serde_json::{json, Value};

use crate::{ChainError, Result};

/// What an account asks the chain to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Message {
    /// Stores a contract's code.
    Store {
        /// WebAssembly, optimised; may be gzipped.
        wasm: Vec<u8>,
    },
    /// Creates a contract at an address that is known beforehand.
    Instantiate2 {
        /// Who may migrate it.
        admin: Option<String>,
        /// Its code.
        code_id: u64,
        /// A name for people.
        label: String,
        /// The contract's message, JSON.
        msg: Vec<u8>,
        /// With the creator and the code's checksum it makes the address.
        salt: Vec<u8>,
    },
    /// A message to a contract.
    Execute {
        /// The contract.
        contract: String,
        /// The contract's message, JSON.
        msg: Vec<u8>,
        /// Coins that go with it, in alphabetical order.
        funds: Vec<Coin>,
    },
    /// Puts another code in a contract's place.
    Migrate {
        /// The contract.
        contract: String,
        /// The new code.
        code_id: u64,
        /// The contract's message, JSON.
        msg: Vec<u8>,
    },
    /// Changes who may migrate a contract.
    UpdateAdmin {
        /// The contract.
        contract: String,
        /// The new admin.
        admin: String,
    },
    /// Sends coins.
    Send {
        /// The recipient.
        to: String,
        /// The coins, in alphabetical order.
        amount: Vec<Coin>,
    },
}

impl Message {
    /// A message to a contract.
    pub fn execute(contract: &str, msg: &impl Serialize, funds: Vec<Coin>) -> Result<Self> {
        Ok(Self::Execute {
            contract: contract.to_owned(),
            msg: json_bytes(msg)?,
            funds,
        })
    }

    /// The message as the sender's transaction carries it.
    pub(crate) fn encode(&self, sender: &str) -> Any {
        let sender = sender.to_owned();
        match self {
            Self::Store { wasm } => any(
                "/cosmwasm.wasm.v1.MsgStoreCode",
                &MsgStoreCode {
                    sender,
                    wasm_byte_code: wasm.clone(),
                    instantiate_permission: None,
                },
            ),
            Self::Instantiate2 {
                admin,
                code_id,
                label,
                msg,
                salt,
            } => any(
                "/cosmwasm.wasm.v1.MsgInstantiateContract2",
                &MsgInstantiateContract2 {
                    sender,
                    admin: admin.clone().unwrap_or_default(),
                    code_id: *code_id,
                    label: label.clone(),
                    msg: msg.clone(),
                    funds: Vec::new(),
                    salt: salt.clone(),
                    fix_msg: false,
                },
            ),
            Self::Execute {
                contract,
                msg,
                funds,
            } => any(
                "/cosmwasm.wasm.v1.MsgExecuteContract",
                &MsgExecuteContract {
                    sender,
                    contract: contract.clone(),
                    msg: msg.clone(),
                    funds: coins(funds),
                },
            ),
            Self::Migrate {
                contract,
                code_id,
                msg,
            } => any(
                "/cosmwasm.wasm.v1.MsgMigrateContract",
                &MsgMigrateContract {
                    sender,
                    contract: contract.clone(),
                    code_id: *code_id,
                    msg: msg.clone(),
                },
            ),
            Self::UpdateAdmin { contract, admin } => any(
                "/cosmwasm.wasm.v1.MsgUpdateAdmin",
                &MsgUpdateAdmin {
                    sender,
                    new_admin: admin.clone(),
                    contract: contract.clone(),
                },
            ),
            Self::Send { to, amount } => any(
                "/cosmos.bank.v1beta1.MsgSend",
                &MsgSend {
                    from_address: sender,
                    to_address: to.clone(),
                    amount: coins(amount),
                },
            ),
        }
    }

    /// The message as transaction files of the chain's own program hold it. Contracts' messages
    /// appear as JSON.
    pub fn to_json(&self, sender: &str) -> Value {
        match self {
            Self::Store { wasm } => json!({
                "@type": "/cosmwasm.wasm.v1.MsgStoreCode",
                "sender": sender,
                "wasm_byte_code": cosmwasm_std::Binary::from(wasm.as_slice()),
                "instantiate_permission": null,
            }),
            Self::Instantiate2 {
                admin,
                code_id,
                label,
                msg,
                salt,
            } => json!({
                "@type": "/cosmwasm.wasm.v1.MsgInstantiateContract2",
                "sender": sender,
                "admin": admin.clone().unwrap_or_default(),
                "code_id": code_id.to_string(),
                "label": label,
                "msg": inner(msg),
                "funds": [],
                "salt": cosmwasm_std::Binary::from(salt.as_slice()),
                "fix_msg": false,
            }),
            Self::Execute {
                contract,
                msg,
                funds,
            } => json!({
                "@type": "/cosmwasm.wasm.v1.MsgExecuteContract",
                "sender": sender,
                "contract": contract,
                "msg": inner(msg),
                "funds": funds,
            }),
            Self::Migrate {
                contract,
                code_id,
                msg,
            } => json!({
                "@type": "/cosmwasm.wasm.v1.MsgMigrateContract",
                "sender": sender,
                "contract": contract,
                "code_id": code_id.to_string(),
                "msg": inner(msg),
            }),
            Self::UpdateAdmin { contract, admin } => json!({
                "@type": "/cosmwasm.wasm.v1.MsgUpdateAdmin",
                "sender": sender,
                "new_admin": admin,
                "contract": contract,
            }),
            Self::Send { to, amount } => json!({
                "@type": "/cosmos.bank.v1beta1.MsgSend",
                "from_address": sender,
                "to_address": to,
                "amount": amount,
            }),
        }
    }
}

/// A value as JSON.
pub(crate) fn json_bytes(value: &impl Serialize) -> Result<Vec<u8>> {
    cosmwasm_std::to_json_vec(value).map_err(|error| ChainError::Message(error.to_string()))
}

fn any(kind: &str, message: &impl prost::Message) -> Any {
    Any {
        type_url: kind.to_owned(),
        value: message.encode_to_vec(),
    }
}

fn coins(coins: &[Coin]) -> Vec<ProtoCoin> {
    let coin = |coin: &Coin| ProtoCoin {
        denom: coin.denom.clone(),
        amount: coin.amount.to_string(),
    };
    coins.iter().map(coin).collect()
}

fn inner(msg: &[u8]) -> Value {
    serde_json::from_slice(msg).unwrap_or(Value::Null)
}

/// As wasmd defines it; the library lacks it.
#[derive(Clone, PartialEq, prost::Message)]
struct MsgInstantiateContract2 {
    #[prost(string, tag = "1")]
    sender: String,
    #[prost(string, tag = "2")]
    admin: String,
    #[prost(uint64, tag = "3")]
    code_id: u64,
    #[prost(string, tag = "4")]
    label: String,
    #[prost(bytes = "vec", tag = "5")]
    msg: Vec<u8>,
    #[prost(message, repeated, tag = "6")]
    funds: Vec<ProtoCoin>,
    #[prost(bytes = "vec", tag = "7")]
    salt: Vec<u8>,
    #[prost(bool, tag = "8")]
    fix_msg: bool,
}
