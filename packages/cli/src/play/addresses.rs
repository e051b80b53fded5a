//! Who and what is where: addresses of the embedded chain and those of the real one.

use std::collections::BTreeMap;

use bech32::{Bech32, Hrp};
use cosmwasm_std::{instantiate2_address, Binary, CanonicalAddr};
use noderev_chain::Key;
use noderev_testing::{Act, Entry};
use serde_json::Value;

use super::codes::Codes;
use super::PlayError;

/// Beginning of the embedded chain's addresses.
const EMBEDDED: &str = "cosmwasm1";
/// The longest address.
const LONGEST: usize = 90;

/// The real chain's addresses by those of the embedded one.
#[derive(Debug)]
pub(super) struct Addresses {
    found: BTreeMap<String, String>,
}

/// What is where before keys are known: contracts, and people in order of first use.
#[derive(Debug, Default)]
pub(super) struct Cast {
    /// Contracts of the embedded chain with code and salt.
    pub contracts: Vec<(String, &'static str, String)>,
    /// Who created them.
    pub creator: String,
    /// Everybody else.
    pub people: Vec<String>,
}

impl Cast {
    /// Everybody and everything in the journal.
    pub fn of(entries: &[Entry]) -> Result<Self, PlayError> {
        let mut cast = Self::default();
        for entry in entries {
            if let Act::Create(made) = &entry.act {
                cast.creator = made.creator.to_string();
                let contract = (made.address.to_string(), made.code, made.salt.clone());
                cast.contracts.push(contract);
            }
        }
        let mut known: std::collections::BTreeSet<String> = cast
            .contracts
            .iter()
            .map(|(address, ..)| address.clone())
            .chain([cast.creator.clone()])
            .collect();
        let mut add = |address: &str| {
            if known.insert(address.to_owned()) {
                cast.people.push(address.to_owned());
            }
        };
        for entry in entries {
            let msg = match &entry.act {
                Act::Create(made) => {
                    add(made.admin.as_str());
                    &made.msg
                }
                Act::Mint { to, .. } => {
                    add(to.as_str());
                    continue;
                }
                Act::Execute(sent) => {
                    add(sent.sender.as_str());
                    &sent.msg
                }
            };
            let mut value = parse(msg)?;
            texts(&mut value, &mut |text| {
                replace(text, |address| {
                    add(address);
                    None
                })
            })?;
        }
        Ok(cast)
    }
}

impl Addresses {
    /// Contracts made by this creator, with `salt` before the salt of each; everybody else has one
    /// of the keys, in order.
    pub fn new(
        cast: &Cast,
        creator: &Key,
        prefix: &str,
        salt: &str,
        codes: &Codes,
        keys: &[Key],
    ) -> Result<Self, PlayError> {
        let mut found = BTreeMap::new();
        found.insert(cast.creator.clone(), creator.address().to_owned());
        for (person, key) in cast.people.iter().zip(keys) {
            found.insert(person.clone(), key.address().to_owned());
        }
        let (_, bytes) = bech32::decode(creator.address()).map_err(wrong)?;
        let bytes = CanonicalAddr::from(bytes);
        let hrp = Hrp::parse(prefix).map_err(wrong)?;
        for (address, code, own) in &cast.contracts {
            let checksum = codes.get(code)?.checksum;
            let salt = format!("{salt}{own}");
            let real = instantiate2_address(checksum.as_slice(), &bytes, salt.as_bytes());
            let real = real.map_err(wrong)?;
            let real = bech32::encode::<Bech32>(hrp, real.as_slice()).map_err(wrong)?;
            found.insert(address.clone(), real);
        }
        Ok(Self { found })
    }

    /// Where somebody or something is on the real chain.
    pub fn of(&self, address: &str) -> Result<&str, PlayError> {
        let found = self.found.get(address);
        found
            .map(String::as_str)
            .ok_or_else(|| PlayError::Journal(format!("nobody knows {address}")))
    }

    /// A message with the real chain's addresses.
    pub fn message(&self, msg: &Binary) -> Result<Vec<u8>, PlayError> {
        let mut value = parse(msg)?;
        self.json(&mut value)?;
        Ok(value.to_string().into_bytes())
    }

    /// JSON with the real chain's addresses, in messages inside of messages too.
    pub fn json(&self, value: &mut Value) -> Result<(), PlayError> {
        texts(value, &mut |text| self.text(text))
    }

    /// A text with the real chain's addresses; those that nobody knows stay.
    pub fn text(&self, text: &str) -> String {
        replace(text, |address| self.found.get(address).cloned())
    }
}

/// Changes every text in JSON, in messages inside of messages too.
fn texts(value: &mut Value, change: &mut impl FnMut(&str) -> String) -> Result<(), PlayError> {
    match value {
        Value::String(text) => *text = change(text),
        Value::Array(list) => {
            for one in list {
                texts(one, change)?;
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                match inner(name, field) {
                    Some(mut inside) => {
                        texts(&mut inside, change)?;
                        let bytes = Binary::from(inside.to_string().into_bytes());
                        *field = Value::String(bytes.to_base64());
                    }
                    None => texts(field, change)?,
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
    Ok(())
}

/// The message inside of a message that tokens pass on.
pub(super) fn inner(name: &str, field: &Value) -> Option<Value> {
    let text = field.as_str().filter(|_| name == "msg")?;
    let bytes = Binary::from_base64(text).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// A text with other addresses in the place of the embedded chain's; those for which there is none
/// stay.
fn replace(text: &str, mut other: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(EMBEDDED) {
        let (before, from) = rest.split_at(at);
        let end = from.find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit());
        let (address, after) = from.split_at(end.unwrap_or(from.len()).min(LONGEST));
        out.push_str(before);
        out.push_str(other(address).as_deref().unwrap_or(address));
        rest = after;
    }
    out.push_str(rest);
    out
}

fn parse(msg: &Binary) -> Result<Value, PlayError> {
    serde_json::from_slice(msg).map_err(wrong)
}

fn wrong(error: impl core::fmt::Display) -> PlayError {
    PlayError::Journal(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn addresses() -> Addresses {
        let pair = |from: &str, to: &str| (from.to_owned(), to.to_owned());
        Addresses {
            found: [
                pair("cosmwasm1aa", "wasm1xx"),
                pair("cosmwasm1bb", "wasm1yyyy"),
            ]
            .into(),
        }
    }

    #[test]
    fn addresses_inside_of_texts_are_replaced_and_unknown_ones_stay() {
        let text = "nodes:cosmwasm1aa:5,cosmwasm1bb;cosmwasm1zz cosmwasm1aa";
        let expected = "nodes:wasm1xx:5,wasm1yyyy;cosmwasm1zz wasm1xx";
        assert_eq!(addresses().text(text), expected);
    }

    #[test]
    fn messages_inside_of_messages_are_changed_too() {
        let inside = Binary::from(br#"{"buy":{"for":"cosmwasm1bb","ids":[1]}}"#);
        let msg = json!({ "send": { "contract": "cosmwasm1aa", "amount": "7", "msg": inside } });
        let bytes = Binary::from(msg.to_string().into_bytes());
        let changed = addresses().message(&bytes).unwrap();
        let changed: Value = serde_json::from_slice(&changed).unwrap();
        assert_eq!(changed["send"]["contract"], "wasm1xx");
        let inside = inner("msg", &changed["send"]["msg"]).unwrap();
        assert_eq!(inside, json!({ "buy": { "for": "wasm1yyyy", "ids": [1] } }));
    }
}
