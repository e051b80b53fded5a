//! The contracts' wasm, from folders.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use cosmwasm_std::Checksum;
use noderev_chain::{Client, Message, Signer};

use super::PlayError;

/// Pages of the chain's newest codes that are looked through for ours.
const PAGES: u32 = 5;

/// Codes by name.
#[derive(Debug)]
pub(super) struct Codes(BTreeMap<&'static str, Code>);

/// A code.
#[derive(Debug)]
pub(super) struct Code {
    pub checksum: Checksum,
    wasm: Vec<u8>,
    /// Its number on chain; 0 as long as it is not stored.
    pub id: u64,
}

impl Codes {
    /// Reads `NAME.wasm` of each name out of the first folder that has it.
    pub fn read(names: &[&'static str], folders: &[PathBuf]) -> Result<Self, PlayError> {
        let mut codes = BTreeMap::new();
        for name in names {
            let file = format!("{name}.wasm");
            let found = folders
                .iter()
                .find_map(|dir| fs::read(dir.join(&file)).ok());
            let wasm = found.ok_or_else(|| PlayError::NoWasm {
                file,
                folders: folders.to_vec(),
            })?;
            let code = Code {
                checksum: Checksum::generate(&wasm),
                wasm,
                id: 0,
            };
            codes.insert(*name, code);
        }
        Ok(Self(codes))
    }

    /// A code by its name.
    pub fn get(&self, name: &str) -> Result<&Code, PlayError> {
        let code = self.0.get(name);
        code.ok_or_else(|| PlayError::Journal(format!("nobody knows the code {name}")))
    }

    /// All of them with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Code)> {
        self.0.iter().map(|(name, code)| (*name, code))
    }

    /// Stores what is not on chain yet.
    pub fn store(&mut self, client: &Client, signer: &mut Signer) -> Result<(), PlayError> {
        let checksums: Vec<Checksum> = self.0.values().map(|code| code.checksum).collect();
        let mut there = client.codes(&checksums, PAGES)?;
        there.retain(|code| code.serves(signer.address()));
        for code in self.0.values_mut() {
            if !there.iter().any(|one| one.checksum == code.checksum) {
                let wasm = code.wasm.clone();
                signer.execute(client, &[Message::Store { wasm }])?;
                there.extend(client.codes(&[code.checksum], 1)?);
            }
            let found = there.iter().find(|one| one.checksum == code.checksum);
            code.id = found.map_or(0, |one| one.id);
        }
        Ok(())
    }
}
