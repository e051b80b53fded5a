//! What the chain's virtual machine can do for contracts.
//!
//! No query tells it. But storing code is refused if the code requires what the chain lacks, in a
//! simulation too; so storing a contract that does nothing is simulated for each capability.

use crate::{ChainError, Client, Message, Result};

/// Capabilities that CosmWasm knows.
pub const CAPABILITIES: [&str; 12] = [
    "iterator",
    "staking",
    "stargate",
    "cosmwasm_1_1",
    "cosmwasm_1_2",
    "cosmwasm_1_3",
    "cosmwasm_1_4",
    "cosmwasm_2_0",
    "cosmwasm_2_1",
    "cosmwasm_2_2",
    "cosmwasm_3_0",
    "ibc2",
];

/// What the machine says of code that requires something else.
const UNAVAILABLE: &str = "unavailable capabilities";

/// Sections of a wasm file.
mod section {
    pub const TYPES: u8 = 1;
    pub const FUNCTIONS: u8 = 3;
    pub const MEMORY: u8 = 5;
    pub const EXPORTS: u8 = 7;
    pub const CODE: u8 = 10;
}

impl Client {
    /// Those of [`CAPABILITIES`] that the chain has, asked for by an account that may store code; an
    /// error if it may not. Stores nothing.
    pub fn capabilities(&self, account: &str) -> Result<Vec<&'static str>> {
        let mut has = Vec::new();
        for name in CAPABILITIES {
            let wasm = requiring(name);
            match self.estimate(account, &[Message::Store { wasm }]) {
                Ok(_) => has.push(name),
                Err(ChainError::Refused { log, .. }) if log.contains(UNAVAILABLE) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(has)
    }
}

/// The code of a contract that does nothing and requires a capability.
fn requiring(capability: &str) -> Vec<u8> {
    let capability = format!("requires_{capability}");
    let names = ["allocate", "deallocate", "interface_version_8", &capability];
    // All of them are the same function.
    let exports = names.iter().map(|name| [&text(name)[..], &[0, 0]].concat());
    let exports: Vec<Vec<u8>> = exports.collect();
    let nothing_to_nothing = [0x60, 0, 0].to_vec();
    let first_type = [0].to_vec();
    let one_page = [0, 1].to_vec();
    // Two bytes: no locals, the end.
    let empty = [2, 0, 0x0b].to_vec();
    let mut wasm = b"\0asm\x01\0\0\0".to_vec();
    for (id, items) in [
        (section::TYPES, &[nothing_to_nothing][..]),
        (section::FUNCTIONS, &[first_type]),
        (section::MEMORY, &[one_page]),
        (section::EXPORTS, &exports),
        (section::CODE, &[empty]),
    ] {
        let content = [number(items.len()), items.concat()].concat();
        wasm.push(id);
        wasm.extend(number(content.len()));
        wasm.extend(content);
    }
    wasm
}

fn text(text: &str) -> Vec<u8> {
    [number(text.len()), text.as_bytes().to_vec()].concat()
}

/// Seven bits a byte, the low ones first, the top bit set while more follow.
fn number(number: usize) -> Vec<u8> {
    let (mut rest, mut bytes) = (number, Vec::new());
    loop {
        let [low, ..] = rest.to_le_bytes();
        rest >>= 7;
        if rest == 0 {
            bytes.push(low & 0x7f);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_that_does_nothing_is_a_wasm_file() {
        let wasm = requiring("iterator");
        assert_eq!(&wasm[..8], b"\0asm\x01\0\0\0");
        // Types: 4 bytes, one type, a function from nothing to nothing.
        assert_eq!(&wasm[8..14], [1, 4, 1, 0x60, 0, 0]);
        let has = |text: &[u8]| wasm.windows(text.len()).any(|window| window == text);
        assert!(has(b"\x11requires_iterator\0\0"));
        assert!(has(b"\x13interface_version_8\0\0"));
        assert_eq!(number(300), [0xac, 2]);
    }
}
