//! The wasm of the contracts, built by the `build` script of this folder.

use std::path::Path;

/// A contract's wasm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Artifact {
    /// Our node-registry.
    Registry,
    /// Our staking-vault.
    Vault,
    /// Our revenue-distributor.
    Distributor,
    /// Our delegation.
    Delegation,
    /// cw20-base.
    Token,
    /// cw721-base.
    Collection,
    /// The contract that does what it is told; no network has it.
    Puppet,
}

/// All that a network has.
pub const ARTIFACTS: [Artifact; 6] = [
    Artifact::Registry,
    Artifact::Vault,
    Artifact::Distributor,
    Artifact::Delegation,
    Artifact::Token,
    Artifact::Collection,
];

impl Artifact {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Registry => "node_registry",
            Self::Vault => "staking_vault",
            Self::Distributor => "revenue_distributor",
            Self::Delegation => "delegation",
            Self::Token => "vm_token",
            Self::Collection => "vm_collection",
            Self::Puppet => "vm_puppet",
        }
    }

    /// Its bytes; tells what to do if they are not there.
    pub fn wasm(self) -> Vec<u8> {
        wasm(self.name())
    }
}

/// The bytes of a contract by its name, also of one that no network has; tells what to do if they
/// are not there.
pub fn wasm(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    let file = folder.join(format!("{name}.wasm"));
    match std::fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{}: {error}: run tests/vm/build first", file.display()),
    }
}
